"""docs/testing.md: its code runs, its table of faults is complete."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from extract import testing
from extract.testing import FAULTS
from extract.testing.__main__ import _parser

PAGE = (Path(__file__).parents[2] / "docs" / "testing.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))
def test_every_block_runs(block):
    """Each block is a whole program whose assertions hold."""
    exec(compile(block, "docs/testing.md", "exec"), {"__name__": "__docs__"})  # noqa: S102 - our own page


def test_every_fault_is_in_the_table():
    """The page lists exactly the kinds there are."""
    rows = [line.split("|")[1] for line in PAGE.splitlines() if line.startswith("| `") and "--" not in line]
    listed = {kind for row in rows for kind in re.findall(r"`([^`]+)`", row)}
    assert listed == set(FAULTS)


def test_every_name_of_the_face_is_on_the_page():
    """What can be imported is described, and exists."""
    assert [name for name in testing.__all__ if not hasattr(testing, name)] == []
    assert [name for name in testing.__all__ if f"`{name}" not in PAGE and f".{name}`" not in PAGE] == []


def test_the_commands_options_are_in_their_table():
    """Exactly those that it knows."""
    rows = [line.split("|")[1] for line in PAGE.splitlines() if line.startswith("| `--")]
    listed = {option for row in rows for option in re.findall(r"--[a-z]+", row)}
    known = {option for action in _parser()._actions for option in action.option_strings if option.startswith("--")}
    assert listed == known - {"--help"}
