"""Words that say that something was left out, and words that sound like it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from extract.decode import decode, leaves_out

CASES = json.loads((Path(__file__).parents[1] / "cases" / "words_left_out.json").read_text(encoding="utf-8"))
WHERE: Any = {"around an answer": "around", "a comment": "comment"}
TOLD = [
    pytest.param(where, words, said == "left out", id=f"{where}: {words}")
    for where, groups in CASES.items()
    for said, every in groups.items()
    for words in every
]


@pytest.mark.parametrize(("where", "words", "expected"), TOLD)
def test_words_are_told_apart(where: str, words: str, *, expected: bool) -> None:
    """The table of sentences."""
    assert leaves_out(words, WHERE[where]) is expected


@pytest.mark.parametrize(("where", "words", "expected"), TOLD)
def test_so_they_are_in_a_text(where: str, words: str, *, expected: bool) -> None:
    """Behind an answer with a list, or behind a member of a row in it."""
    if where == "a comment":
        mark = words if words.endswith("*/") else f"{words}\n"
        text = f'{{"rows": [{{"name": "tea", "qty": 1 {mark} }}, {{"name": "milk", "qty": 2}}]}}'
    else:
        text = f'{{"rows": [{{"name": "tea", "qty": 1}}, {{"name": "milk", "qty": 2}}]}}\n{words}'
    assert bool(decode(text).missing) is expected
