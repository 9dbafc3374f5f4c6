"""JSON Schema that no one declared as a type: fitted where it can be, enforced in full, refused in bounded time."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from extract.errors import SchemaError
from extract.schema import Schema

CASES = json.loads((Path(__file__).parents[1] / "cases" / "schema_raw.json").read_text())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_values_of_a_schema_come_back(case, round_trip):
    """Strict where meaning can be kept; the value is plain JSON."""
    schema: Schema[Any] = Schema.of(case["schema"])
    assert schema.strict is case.get("strict", True)
    round_trip(schema, *case["valid"])


@pytest.mark.parametrize("case", [each for each in CASES if "invalid" in each], ids=lambda case: case["name"])
def test_the_original_is_enforced_in_full(case):
    """Also what the wire cannot carry."""
    schema: Schema[Any] = Schema.of(case["schema"])
    for wire in case["invalid"]:
        assert not schema.check(wire, strictness="exact").ok


def bomb(applicator: str) -> dict[str, Any]:
    """A schema that unfolds to 2^40."""
    defs: dict[str, Any] = {
        f"a{i}": {applicator: [{"$ref": f"#/$defs/a{i + 1}"}, {"$ref": f"#/$defs/a{i + 1}"}]} for i in range(40)
    }
    return {"$ref": "#/$defs/a0", "$defs": {**defs, "a40": {"type": "string"}}}


def nested(levels: int) -> dict[str, Any]:
    """Deeper than any stack."""
    out: dict[str, Any] = {}
    for _ in range(levels):
        out = {"properties": {"a": out}}
    return out


REFUSED = {
    "circle": {"$ref": "#"},
    "long circle": {"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}},
    "dangling": {"$ref": "#/$defs/nothing"},
    "network": {"$ref": "http://example.com/schema.json"},
    "wrong type": {"type": "text"},
    "wrong bound": {"type": "string", "minLength": "x"},
    "bomb of anyOf": bomb("anyOf"),
    "bomb of allOf": bomb("allOf"),
    "too deep": nested(5000),
    "too large": {"type": "object", "properties": {f"p{i}": {"description": "x" * 200} for i in range(30_000)}},
    "never": {"type": "object", "properties": {"a": False}, "required": ["a"]},
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_hostile_schema_is_refused_in_bounded_time(name):
    """A typed error, and soon."""
    start = time.monotonic()
    with pytest.raises(SchemaError):
        Schema.of(REFUSED[name])
    assert time.monotonic() - start < 10


def test_what_cannot_be_strict_says_so():
    """Never in silence."""
    schema: Schema[Any] = Schema.of({"$dynamicRef": "#meta", "$dynamicAnchor": "meta"})
    assert not schema.strict
    assert not schema.format.strict
    assert "not strict" in str(schema.explain())


def test_files_may_refer_to_files_beside_them(tmp_path, round_trip):
    """Local references, nothing fetched, nothing outside the folder."""
    (tmp_path / "line.json").write_text(
        '{"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}'
    )
    whole = tmp_path / "whole.schema.json"
    whole.write_text('{"type": "object", "properties": {"line": {"$ref": "line.json"}}, "required": ["line"]}')
    schema: Schema[Any] = Schema.of(whole)
    assert schema.name == "whole"
    round_trip(schema, {"line": {"n": 1}})
    assert not schema.check({"line": {"n": "x"}}).ok
    whole.write_text('{"$ref": "../outside.json"}')
    with pytest.raises(SchemaError):
        Schema.of(whole)


def test_a_file_that_is_no_json_is_refused(tmp_path):
    """And one that is not there."""
    path = tmp_path / "x.json"
    with pytest.raises(SchemaError):
        Schema.of(path)
    path.write_text("{")
    with pytest.raises(SchemaError):
        Schema.of(path)


def test_issues_of_a_raw_schema_stand_on_the_wire():
    """Through entries and labels too."""
    schema: Schema[Any] = Schema.of({"type": "object", "additionalProperties": {"type": "integer", "minimum": 1}})
    checked = schema.check({"value": [{"key": "a", "value": 0}]})
    assert [issue.path for issue in checked.issues] == [("value", 0, "value")]
