"""A reply with several values: another one of them is a free second try when the first does not fit."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import BaseModel

import extract
from extract.testing import ScriptedEngine


class Line(BaseModel):
    name: str
    qty: int


class Order(BaseModel):
    number: str
    lines: list[Line]


GOOD = {"number": "A-17", "lines": [{"name": "tea", "qty": 2}]}
LIKE = {"number": "B-18", "lines": [{"name": "milk", "qty": 1}]}
OTHER = {
    "steps": ["read the order", "look for its number", "write the lines down", "be very careful"],
    "confidence": 0.9,
    "why": "it says so",
}


def told(*values: Any) -> str:
    return "\n".join(f"Here is something:\n```json\n{json.dumps(value)}\n```\n" for value in values)


@pytest.mark.parametrize("values", [(OTHER, GOOD), (GOOD, OTHER)], ids=["last", "first"])
def test_the_only_value_that_fits_is_taken(run: Any, values: Any) -> None:
    """Wherever it stands; nothing more is asked, and what was passed over is on record."""
    extraction = run(ScriptedEngine([told(*values)]), Order, "text")
    assert extraction.wire == GOOD
    assert [a.kind for a in extraction.attempts] == ["ask"]
    assert "other-candidate" in {repair.kind for repair in extraction.repairs}


def test_of_two_that_fit_none_is_guessed(run: Any) -> None:
    """Careful asks again; lenient takes the better one; exact takes no other at all; equal ones are one."""
    text = told(OTHER, GOOD, LIKE)
    engine = ScriptedEngine([text, GOOD])
    assert [a.kind for a in run(engine, Order, "text").attempts] == ["ask", "reask"]
    lenient = run(ScriptedEngine([text]), Order, "text", policy=extract.Policy(strictness="lenient"))
    assert lenient.wire in (GOOD, LIKE)
    assert "other-candidate" in {repair.kind for repair in lenient.repairs}
    with pytest.raises(extract.Exhausted):
        run(ScriptedEngine([told(OTHER, GOOD)]), Order, "text", policy=extract.Policy(strictness="exact", reasks=0))
    assert run(ScriptedEngine([told(OTHER, GOOD, GOOD)]), Order, "text").wire == GOOD


def test_an_empty_value_fits_nothing(run: Any) -> None:
    """``{}`` beside a wrong answer is no answer, even where every field has a default."""

    class Optional(BaseModel):
        a: int | None = None
        b: int | None = None

    engine = ScriptedEngine([told({"a": "many", "b": 2}, {}), {"a": 1}])
    extraction = run(engine, Optional, "text")
    assert (extraction.value.a, extraction.value.b) == (1, 2)


def test_a_mend_may_stand_among_other_values(run: Any) -> None:
    """The same holds for an answer that is only a part."""
    bad = {"number": "A-17", "lines": [{"name": f"item {i}", "qty": i} for i in range(9)]}
    bad["lines"][4]["qty"] = "many"  # type: ignore[index]
    engine = ScriptedEngine([bad, told(OTHER, {"lines_4_qty": 4})])
    extraction = run(engine, Order, "text")
    assert [line.qty for line in extraction.value.lines] == list(range(9))
    assert [a.kind for a in extraction.attempts] == ["ask", "mend"]
