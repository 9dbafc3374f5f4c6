"""Dialects are data: each has a meta-schema, and what is fitted to it obeys that."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import jsonschema
import pytest
from pydantic import BaseModel, Field, Json
from typing_extensions import NotRequired, TypedDict

import extract
from extract.errors import SchemaError, ValidationError
from extract.schema import DIALECTS, Dialect, Schema

META = Path(extract.__file__).parent / "schemas" / "dialects"


class Line(BaseModel):
    """One line."""

    name: Annotated[str, Field(min_length=1, max_length=9, pattern="a+")]
    qty: Annotated[int, Field(gt=0, multiple_of=2)] = 2
    tags: set[str] = set()
    more: dict[str, int] = {}
    pair: tuple[int, date] | None = None
    kids: list[Line] = []
    free: Any = None


def line() -> Line:
    """A value with something in every place."""
    return Line(
        name="aa", qty=4, tags={"x"}, more={"k": 1}, pair=(1, date(2024, 1, 2)), kids=[Line(name="a")], free=[1]
    )


@pytest.mark.parametrize("name", DIALECTS)
def test_what_is_fitted_obeys_the_dialects_meta_schema(name):
    """The wire schema is an instance of the dialect's meta-schema."""
    meta = json.loads((META / f"{name}.json").read_text())
    judge = jsonschema.Draft202012Validator(meta)
    assert [error.message for error in judge.iter_errors(Schema.of(Line, dialect=name).wire)] == []


@pytest.mark.parametrize("name", DIALECTS)
def test_values_come_back_in_every_dialect(name, round_trip):
    """Encode and decode are inverse whatever the dialect."""
    round_trip(Schema.of(Line, dialect=name), line(), Line(name="a"))


def test_plain_json_schema_keeps_dictionaries_and_is_not_strict():
    """The natural dialect writes what JSON Schema can say."""
    schema = Schema.of(Line, dialect="json-schema-2020-12")
    assert not schema.strict
    assert not schema.format.strict
    assert schema.encode(Line(name="a", more={"k": 1}))["more"] == {"k": 1}


def test_lengths_travel_where_the_dialect_takes_them():
    """Otherwise they are told in the description."""
    here = Schema.of(Line, dialect="llama-grammar").wire["properties"]["name"]
    there = Schema.of(Line).wire["properties"]["name"]
    assert here["minLength"] == 1
    assert "minLength" not in there
    assert "at least 1 characters" in there["description"]


def test_a_dialect_of_ones_own_is_a_value():
    """Adding a dialect needs no code."""
    own = Dialect("own", keywords=frozenset({"maxLength"}))
    assert Schema.of(Line, dialect=own).wire["properties"]["name"]["maxLength"] == 9


def test_an_unknown_dialect_is_refused_by_name():
    """The message lists the known ones."""
    with pytest.raises(SchemaError, match="nope"):
        Schema.of(Line, dialect="nope")


def test_notes_for_other_readers_do_not_hide_the_type(round_trip):
    """``json_schema_extra`` may hold anything; a type that JSON has not is none."""

    class Noted(BaseModel):
        mark: Annotated[str, Field(json_schema_extra={"type": "Attribute", "name": "Mark"})]

    schema = Schema.of(Noted)
    assert schema.wire["properties"]["mark"]["type"] == "string"
    round_trip(schema, Noted(mark="x"))


class Part(TypedDict):
    """One key need not be there; null is a value of the other."""

    given: NotRequired[int | None]
    name: str


class Loose(BaseModel, extra="allow"):
    """Takes keys that it does not declare."""

    name: str = "a"


NATURAL = [
    (Part, {"name": "a"}, {"name": "a"}),
    (Part, {"name": "a", "given": None}, {"name": "a", "given": None}),
    (Loose, Loose(name="b", other=[1]), {"name": "b", "other": [1]}),
    (list[Loose], [Loose(other=1)], [{"name": "a", "other": 1}]),
    (dict[int, str], {1: "a"}, {"1": "a"}),
    (dict[Annotated[int, Field(ge=1)], str], {1: "a"}, {"1": "a"}),
    (dict, {"a": [1]}, {"a": [1]}),
    (Json[dict] | int, {"a": 1}, {"a": 1}),
    (Json[tuple[int, str]] | int, (1, "a"), [1, "a"]),
    (Annotated[bytes, Field(max_length=2)], b"\xff", "data:;base64,/w=="),
]


@pytest.mark.parametrize(("declared", "value", "wire"), NATURAL)
def test_plain_json_schema_says_values_as_they_are(declared, value, wire, round_trip):
    """What is not given is left out, free entries stand among the properties, number keys are texts."""
    schema = Schema.of(declared, dialect="json-schema-2020-12")
    assert schema.encode(value) == wire
    round_trip(schema, value)


@pytest.mark.parametrize("name", DIALECTS)
def test_the_length_of_bytes_is_told_in_bytes(name):
    """A bound on the characters that stand for them would refuse what the type takes; the type still enforces it."""
    schema = Schema.of(Annotated[bytes, Field(min_length=1, max_length=2)], dialect=name)
    assert "maxLength" not in json.dumps(schema.wire)
    assert "at most 2 bytes" in json.dumps(schema.wire)
    with pytest.raises(ValidationError):
        schema.decode("abc" if schema.dialect.natural else {"value": "abc"})
