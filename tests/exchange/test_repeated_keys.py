"""A key that stands in an object twice: the last value is taken, and the one before is on record."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel

import extract
from extract.testing import ScriptedEngine


class Line(BaseModel):
    name: str
    qty: int


class Order(BaseModel):
    total: float
    lines: list[Line] = []
    note: str | None = None


CASES = {
    "root": ('{"total":1.0,"total":9.0,"lines":[],"note":null}', {("total",): 1.0}),
    "row": (
        '{"total":9,"lines":[{"name":"tea","qty":1,"qty":2},{"name":"milk","qty":1}],"note":"at 10:30"}',
        {("lines", 0, "qty"): 1},
    ),
    "coerced": ('{"total":"9,50","lines":[],"note":"a","note":null}', {("note",): "a"}),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_dropped_is_on_record(run: Any, case: str) -> None:
    """In strict JSON too, which every fast reader takes without a word."""
    text, dropped = CASES[case]
    extraction = run(ScriptedEngine([text]), Order, "text")
    twins = {repair.path: repair.before for repair in extraction.repairs if repair.kind == "duplicate-key"}
    assert twins == dropped
    assert {repair.path for repair in extraction.attempts[0].repairs if repair.kind == "duplicate-key"} == set(dropped)


def test_so_it_is_while_an_answer_grows(watch: Any) -> None:
    """Streams end with the same record."""
    text, dropped = CASES["row"]
    _, extraction = watch(ScriptedEngine([text]), "stream", Order)
    assert {repair.path for repair in extraction.repairs} >= set(dropped)
    _, extraction = watch(ScriptedEngine(['[{"name":"tea","qty":1,"qty":2}]']), "stream_items", Line)
    assert "duplicate-key" in {repair.kind for repair in extraction.repairs}


def test_it_is_on_record_where_the_rest_does_not_fit(run: Any) -> None:
    """The attempt of an answer that is refused tells it as well."""
    text = '{"total":1.0,"total":9.0,"lines":[{"name":"tea","qty":"two and more"}],"note":null}'
    with pytest.raises(extract.Exhausted) as caught:
        run(ScriptedEngine([text]), Order, "text", policy=extract.Policy(reasks=0))
    [attempt] = caught.value.attempts
    assert ("total",) in {repair.path for repair in attempt.repairs if repair.kind == "duplicate-key"}
