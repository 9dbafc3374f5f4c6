"""What is open in a cut value: told by the schema, strict, and joined with its answer at a seam that is checked."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import BaseModel

from extract.decode import decode
from extract.errors import ValidationError
from extract.schema import Rest, Schema, rest


class Line(BaseModel):
    name: str
    tags: list[str]


class Order(BaseModel):
    number: str
    lines: list[Line]
    note: str | None


ORDER = {"number": "A-17", "lines": [{"name": f"i{n}", "tags": ["a", "b", "c"]} for n in range(4)], "note": None}
WIRE = Schema.of(Order).wire


def left(text: str, schema: Any = WIRE) -> Rest | None:
    found = decode(text)
    assert found.cut is not None
    return rest(schema, found.value, found.cut)


def before(mark: str) -> str:
    text = json.dumps(ORDER)
    return text[: text.index(mark)]


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        (before('"lines"'), {"lines": None, "note": None}),
        (before('"i0"'), {"lines": None, "note": None}),
        (before('"i2"'), {"lines": 2, "note": None}),
        (before('], "note"'), {"lines": 4, "note": None}),
        (before('"note"'), {"note": None}),
        (before('"c"]}, {"name": "i1"'), {"lines_0_tags": 2, "lines": 1, "note": None}),
        (json.dumps(ORDER)[:-1], {}),
    ],
)
def test_open_places_are_told_innermost_first(text: str, asked: dict[str, int | None]) -> None:
    """A list that goes on says how many items are complete; a member that had not come is asked for as a whole."""
    found = left(text)
    assert found is not None
    assert {place.key: place.kept for place in found.places} == asked
    assert found.schema["required"] == list(found.schema["properties"]) == list(asked)
    text = json.dumps(found.schema)
    assert all(f'"#/$defs/{name}"' in text for name in found.schema.get("$defs", {}))


@pytest.mark.parametrize("text", ["{", '{"num', '{"number": "A-1', '{"other": [1', "[[1, 2"])
def test_nothing_complete_is_nothing_to_go_on_with(text: str) -> None:
    """The whole has to be asked for then."""
    assert left(text) is None


@pytest.mark.parametrize("end", range(2, len(json.dumps(ORDER))))
def test_base_and_rest_are_the_whole(end: int) -> None:
    """Wherever it was cut: the right answer to what is asked gives the value, and no item twice."""
    found = left(json.dumps(ORDER)[:end])
    if found is None:
        return
    answer: dict[str, Any] = {}
    for place in found.places:
        here: Any = ORDER
        for step in place.path:
            here = here[step]
        start = 0 if place.kept is None else place.kept - len(place.seam)
        answer[place.key] = here[start:] if start else here
    assert found.join(answer).value == ORDER


@pytest.mark.parametrize(
    ("items", "kind"),
    [
        ([ORDER["lines"][3]], "seam"),  # type: ignore[index]
        ([], "seam"),
        ("none", "seam"),
        (None, "seam"),
    ],
)
def test_a_seam_that_does_not_fit_is_an_issue(items: Any, kind: str) -> None:
    """Never joined: something would be lost or doubled."""
    found = left(before('"i2"'))
    assert found is not None
    with pytest.raises(ValidationError) as caught:
        found.join({"note": None} if items is None else {"lines": items, "note": None})
    assert [issue.kind for issue in caught.value.issues] == [kind]
    with pytest.raises(ValidationError):
        found.join("nonsense")
