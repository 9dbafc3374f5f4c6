"""Validators that crash with an error of their own: told as an issue of the smallest part, like any other."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, RootModel, field_validator, model_validator

import extract
from extract.testing import ScriptedEngine


class Line(BaseModel):
    name: str
    qty: int

    @field_validator("qty")
    @classmethod
    def halved(cls, qty: int) -> int:
        return 10 // qty


class Priced(BaseModel):
    name: str
    price: float

    @model_validator(mode="after")
    def looked_up(self) -> Priced:
        {"tea": 1, "milk": 2}[self.name]
        return self


class Order(BaseModel):
    number: int
    lines: list[Line] = []
    priced: list[Priced] = []


class Lines(RootModel[list[Line]]):
    pass


LINES = [{"name": "tea", "qty": 5}, {"name": "milk", "qty": 0}, {"name": "salt", "qty": 2}]
PRICED = [{"name": "tea", "price": 5}, {"name": "gold", "price": 9}]
SET_ASIDE = extract.Policy(bad_items="return", reasks=0)


def test_the_item_is_set_aside_and_the_others_are_kept(run: Any) -> None:
    """The crash is told where it happened: at the field, or at the object whose validator it is."""
    answer = {"number": 1, "lines": LINES, "priced": PRICED}
    extraction = run(ScriptedEngine([answer]), Order, "text", policy=SET_ASIDE)
    assert [line.name for line in extraction.value.lines] == ["tea", "salt"]
    assert [line.name for line in extraction.value.priced] == ["tea"]
    where = {item.path: [issue.path for issue in item.issues] for item in extraction.quarantined}
    assert where == {("lines", 1): [("lines", 1, "qty")], ("priced", 1): [("priced", 1)]}
    assert all("milk" not in str(issue) for item in extraction.quarantined for issue in item.issues)


def test_so_it_is_in_a_list_that_is_the_whole(run: Any) -> None:
    """Paths are those of the wire."""
    for declared in (list[Line], Lines):
        extraction = run(ScriptedEngine([{"value": LINES}]), declared, "text", policy=SET_ASIDE)
        assert [item.path for item in extraction.quarantined] == [("value", 1)]


def test_only_the_part_is_asked_for_again(run: Any) -> None:
    """What else is wrong is asked for in the same breath."""
    answer = {"number": "many", "lines": LINES, "priced": []}

    def mend(request: Any) -> Any:
        properties = request.format.schema["properties"]
        assert len(properties) == 2
        return {key: 7 if "number" in key else 5 for key in properties}

    extraction = run(ScriptedEngine([answer, mend]), Order, "text")
    assert [attempt.kind for attempt in extraction.attempts] == ["ask", "mend"]
    assert (extraction.value.number, extraction.value.lines[1].qty) == (7, 2)
