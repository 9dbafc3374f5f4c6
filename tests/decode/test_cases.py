"""Replies as models write them, with what they say and every liberty it takes to read them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from extract.decode import REPAIRS, decode
from extract.errors import DecodeError

CASES = Path(__file__).parents[1] / "cases"


def cases(name: str) -> list[Any]:
    rows = json.loads((CASES / f"decode_{name}.json").read_text(encoding="utf-8"))
    return [pytest.param(row, id=row["name"]) for row in rows]


def same(one: object, other: object) -> bool:
    """Whether two JSON values are equal with their types (1 is not true, 2.0 is not 2)."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


@pytest.mark.parametrize("case", [*cases("repairs"), *cases("around"), *cases("omissions")])
def test_a_faulty_reply_is_read_and_every_liberty_is_on_record(case: dict[str, Any]) -> None:
    """The value is the one written down, the kinds of repair are exactly those."""
    decoded = decode(case["text"])
    assert same(case["value"], decoded.value)
    assert case["repairs"] == sorted({repair.kind for repair in decoded.repairs})
    missing = [tuple(path) for path in case.get("missing", [])]
    assert (missing, missing == []) == (list(decoded.missing), decoded.complete)


@pytest.mark.parametrize("case", cases("cut"))
def test_a_reply_that_was_cut_off_keeps_what_is_complete_and_says_where(case: dict[str, Any]) -> None:
    """No half string, number or literal is taken for a value; the path of the cut is told."""
    decoded = decode(case["text"])
    assert same(case["value"], decoded.value)
    assert (False, tuple(case["cut"])) == (decoded.complete, decoded.cut)
    assert case["repairs"] == sorted({repair.kind for repair in decoded.repairs})


@pytest.mark.parametrize("case", cases("none"))
def test_a_reply_without_json_is_an_error_with_advice(case: dict[str, Any]) -> None:
    """There is nothing to read, and the error says what to do without quoting the reply."""
    with pytest.raises(DecodeError) as caught:
        decode(case["text"])
    assert caught.value.advice
    words = [word for word in case["text"].split() if len(word) > 6]
    assert [word for word in words if word in str(caught.value)] == []


def test_every_kind_of_repair_has_a_case() -> None:
    """The table of repairs and the cases name the same kinds; two need an option or a value JSON cannot hold."""
    rows = [case.values[0] for name in ("repairs", "around", "cut") for case in cases(name)]
    shown = {kind for row in rows for kind in row["repairs"]}
    assert set(REPAIRS) - {"bare-text", "not-finite"} == shown
