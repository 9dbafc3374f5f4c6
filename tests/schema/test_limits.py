"""Limits: what exceeds one is cut, freed or asked in parts, and the report says so."""

from __future__ import annotations

import enum
from typing import Any

import jsonschema
import pytest
from pydantic import BaseModel, create_model

from extract.errors import SchemaError
from extract.schema import Schema


def wide(name: str, count: int) -> Any:
    """A model of many fields."""
    return create_model(name, **{f"field_{i}": (int, ...) for i in range(count)})


def test_deep_nesting_is_cut_into_definitions(round_trip):
    """Ten levels a definition, as many definitions as it takes."""
    declared: Any = int
    value: Any = 1
    for _ in range(14):
        declared, value = dict[str, declared], {"a": value}
    schema = Schema.of(declared)
    round_trip(schema, value)
    assert schema.explain().use.depth <= 10
    assert any("deep subtree" in each.what for each in schema.explain().rewrites)


def test_a_huge_enum_is_a_string_checked_here(round_trip):
    """The gateway takes a thousand values; the others are ours to check."""
    huge = enum.Enum("Huge", {f"K{i}": f"value number {i}" for i in range(1500)})
    small = enum.Enum("Small", {"A": "a", "B": "b"})
    schema = Schema.of(create_model("Both", huge=(huge, ...), small=(small, ...)))
    round_trip(schema, schema.decode({"huge": "value number 7", "small": "a"}))
    assert [issue.path for issue in schema.check({"huge": "value number 7000", "small": "a"}).issues] == [("huge",)]
    assert schema.wire["$defs"]["Small"]["enum"] == ["a", "b"]
    assert schema.explain().unenforced


def test_a_wide_type_is_asked_in_parts(referee):
    """Five thousand properties a question; the answers make one value."""
    schema = Schema.of(create_model("Wide", a=(wide("A", 3000), ...), b=(wide("B", 3000), ...), c=(str, ...)))
    assert len(schema.parts) == 2
    for part in schema.parts:
        if referee is not None:
            assert referee(part.format.schema, part.format.name)[0] == []
    whole = {"a": {f"field_{i}": i for i in range(3000)}, "b": {f"field_{i}": -i for i in range(3000)}, "c": "x"}
    value = schema.decode(whole)
    wire = schema.encode(value)
    answers = [{key: wire[key] for key in part.keys} for part in schema.parts]
    for part, answer in zip(schema.parts, answers, strict=True):
        jsonschema.validate(answer, part.format.schema)
    assert schema.decode(schema.join(answers)) == value
    assert "questions" in str(schema.explain())


def test_one_object_too_wide_is_split_within():
    """A property that exceeds the limit alone is dealt out in turn."""
    schema = Schema.of(create_model("Outer", inner=(wide("Inner", 6000), ...), n=(int, ...)))
    assert [part.path for part in schema.parts] == [("inner",), ("inner",), ()]
    answers = [dict.fromkeys(part.keys, 1) for part in schema.parts]
    assert schema.check(schema.join(answers)).ok


def test_what_cannot_be_split_is_refused():
    """A list's items are one thing; the path is named."""
    with pytest.raises(SchemaError) as caught:
        Schema.of(create_model("Rows", rows=(list[wide("Row", 6000)], ...)))
    assert caught.value.path == ("rows",)


class Small(BaseModel):
    """A small thing."""

    n: int = 1


def test_an_explanation_tells_tokens_limits_and_rewrites():
    """What a careful person reads before paying."""
    explained = Schema.of(Small).explain()
    assert explained.tokens > 10
    assert explained.use.properties == 1
    assert "$.n: null on the wire means: not given" in str(explained)


def test_a_small_type_is_one_part():
    """The part is the format itself."""
    schema = Schema.of(Small)
    assert schema.parts[0].format is schema.format
    assert schema.join([{"n": 1}]) == {"n": 1}
