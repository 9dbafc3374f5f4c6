"""The pages keep their word: code blocks run, links lead somewhere, commands and options exist."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from extract.testing import StandIn

ROOT = Path(__file__).parents[1]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")])
NOT_RUN = re.compile(r"<!-- not run: [^>]+-->\s*\Z")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]+\]\(([^)#\s]+)(#[^)]*)?\)")


def blocks(page: Path, language: str) -> list[str]:
    """A page's blocks in one language, without those under a visible ``<!-- not run: reason -->``."""
    text = page.read_text(encoding="utf-8")
    return [m[2] for m in BLOCK.finditer(text) if m[1] == language and not NOT_RUN.search(text[: m.start()])]


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_python_blocks_run_in_order(page: Path) -> None:
    """One page is one session: its blocks run one after another, with a stand-in for the gateway."""
    code = blocks(page, "python")
    if not code:
        pytest.skip("no Python on this page")
    with StandIn() as gateway:
        env = {"RUNAPI_API_KEY": gateway.api_key, "RUNAPI_BASE_URL": gateway.base_url, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(
            [sys.executable, "-c", "\n".join(code)],
            capture_output=True,
            text=True,
            check=False,
            cwd=ROOT,
            env={**os.environ, **env},
            timeout=120,
        )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_links_lead_somewhere(page: Path) -> None:
    """A relative link names a file of the repository."""
    targets = [match[1] for match in LINK.finditer(page.read_text(encoding="utf-8"))]
    missing = [t for t in targets if "://" not in t and not (page.parent / t).exists()]
    assert missing == []


def test_the_readme_begins_with_two_commands_that_are_there() -> None:
    """What is to be copied is one line each, and a script of the repository."""
    first, second = blocks(ROOT / "README.md", "sh")[:2]
    for command in (first, second):
        shell, script = command.split()
        assert shell == "sh"
        subprocess.run(["/bin/sh", "-n", str(ROOT / script)], check=True)


@pytest.mark.parametrize("command", ["run", "schema", "doctor"])
def test_options_named_on_the_page_exist(command: str) -> None:
    """Each section of the command line's page names only options that its ``--help`` knows, and all of them."""
    help_text = subprocess.run(
        [sys.executable, "-m", "extract", command, "--help"],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "200"},
    ).stdout
    page = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    section = page.split(f"## extract {command}\n")[1].split("\n## ")[0]
    named = set(re.findall(r"--[a-z][a-z-]+", section))
    known = set(re.findall(r"--[a-z][a-z-]+", help_text)) - {"--help", "--output"}
    assert named == known
