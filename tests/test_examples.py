"""Every example runs, says what it should, and stays an example: short, one idea."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"
SAID = {
    "01_invoice": ["HB-2026-0418: 162.60 GBP, due 2026-04-13", "86.00  Rye flour, 25 kg sack"],
    "02_async": ["Studio Nordlicht", "Fernhill Garden Care", "353.00 USD"],
    "03_reask": ["ask: Value error, the lines add up to 7.00, not to the total", "reask: taken", "Decimal('7.50')"],
    "04_local_model": ["Dr. Elsa Lindqvist", "tokens in"],
}


def run(name: str) -> str:
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / f"{name}.py")],
        capture_output=True,
        text=True,
        check=False,
        cwd=EXAMPLES.parent,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(EXAMPLES.parent), "HOME": str(Path.home())},
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("name", [name for name in SAID if name != "04_local_model"])
def test_examples_say_what_they_should(name: str) -> None:
    """Each offline example ends well and prints the facts it is about."""
    said = run(name)
    assert [words for words in SAID[name] if words not in said] == []


@pytest.mark.slow
def test_the_local_example_runs_with_a_real_model() -> None:
    """The embedded model reads a business card."""
    from extract.engines import installed

    if not installed():
        pytest.skip("no weights here; extract model pull")
    said = run("04_local_model")
    assert [words for words in SAID["04_local_model"] if words not in said] == []


def test_every_example_is_listed_and_short() -> None:
    """Numbered, at most 60 lines, and none forgotten here."""
    files = sorted(EXAMPLES.glob("*.py"))
    assert [path.stem for path in files] == sorted(SAID)
    assert [path.name for path in files if len(path.read_text(encoding="utf-8").splitlines()) > 60] == []
