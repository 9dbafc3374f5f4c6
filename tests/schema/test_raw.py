"""JSON Schema that no one declared as a type: fitted where it can be, enforced in full, refused in bounded time."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from extract.errors import SchemaError, ValidationError
from extract.schema import Schema
from extract.schema._formats import FORMATS

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
    "draft 3": {"$schema": "http://json-schema.org/draft-03/schema#", "type": "object"},
    "nothing": {"not": {}},
    "a pattern that cannot be run": {"type": "string", "pattern": "(?<=a+)b"},
    "never": {"type": "object", "properties": {"a": False}, "required": ["a"]},
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_hostile_schema_is_refused_in_a_bounded_number_of_steps(name, steps):
    """A typed error, and soon: what unfolds to 2^40 is not unfolded."""
    with pytest.raises(SchemaError):
        Schema.of(REFUSED[name])
    assert steps(lambda: Schema.of(REFUSED[name])) < 2_000_000


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


def test_a_value_without_a_place_is_refused_by_name():
    """Rather than written without that part."""
    schema: Schema[Any] = Schema.of({"type": "object", "properties": {"a": {"type": "string"}}})
    with pytest.raises(ValidationError) as caught:
        schema.encode({"a": "x", "more": 1})
    assert [issue.path for issue in caught.value.issues] == [("more",)]
    assert "not name" in " ".join(schema.notes)


def test_files_are_found_by_the_id_they_give_themselves(tmp_path, round_trip):
    """Also where the schemas say that they are published elsewhere."""
    line = {"$id": "https://example.com/parts/line.json", "type": "integer"}
    (tmp_path / "another-name.json").write_text(json.dumps(line))
    (tmp_path / "near.json").write_text('{"type": "string"}')
    whole = {"$id": "https://example.com/whole.json", "type": "object", "required": ["a", "b"]}
    whole["properties"] = {"a": {"$ref": "parts/line.json"}, "b": {"$ref": "near.json"}}
    path = tmp_path / "whole.json"
    path.write_text(json.dumps(whole))
    round_trip(Schema.of(path), {"a": 1, "b": "x"})


@pytest.mark.parametrize(("text", "accepts"), [("true", True), ("false", False), ("[]", False)])
def test_a_file_may_hold_a_truth_value(tmp_path, text, accepts):
    """True takes anything; false, and what is no schema, is refused."""
    path = tmp_path / "x.json"
    path.write_text(text)
    if accepts:
        assert Schema.of(path).decode({"value": "[1]"}) == [1]
    else:
        with pytest.raises(SchemaError):
            Schema.of(path)


def test_parts_that_are_shared_do_not_multiply():
    """What stands in many places is written once."""
    part: dict[str, Any] = {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "integer"}}}
    for _ in range(12):
        part = {"type": "object", "properties": {"x": part, "y": part}}
    assert len(Schema.of(part).format.encoded) < 20_000


def test_encoding_a_value_does_not_judge_the_schema_again(steps):
    """A large schema is held to its meta-schema when it is compiled, and what was made of it never."""
    properties = {f"p{i}": {"type": "object", "properties": {"a": {"type": "string"}}} for i in range(400)}
    # Two of them, for the count is taken of the second call: what is made on first use is what matters here.
    schemas = iter([Schema.of({"type": "object", "title": name, "properties": properties}) for name in ("one", "two")])
    assert steps(lambda: next(schemas).encode({"p1": {"a": "x"}})) < 400_000


def test_what_no_question_can_hold_is_not_strict():
    """A list whose items alone exceed a limit travels as a hint, and says which limit."""
    item = {"type": "object", "properties": {f"p{i}": {"type": "string"} for i in range(5_001)}}
    schema: Schema[Any] = Schema.of({"type": "array", "items": item})
    assert not schema.strict
    assert "properties" in schema.notes[0]


def test_issues_of_patterns_and_keys_are_told():
    """By the judge's own rules too."""
    schema: Schema[Any] = Schema.of(
        {"type": "object", "patternProperties": {"^x": {"type": "integer"}}, "additionalProperties": False}
    )
    found = schema.check({"value": [{"key": "x", "value": "a"}, {"key": "y", "value": 1}]}, strictness="exact").issues
    assert sorted(issue.kind for issue in found) == ["additionalProperties", "type"]


FORMAT_CASES = {
    "date-time": (("2024-02-29T23:59:60Z", "2024-01-01t00:00:00+01:00"), ("2023-02-29T00:00:00Z", "2024-01-01")),
    "duration": (("P1DT2H", "P3W"), ("P", "PT1D")),
    "email": (("a.b@example.com", '"a b"@[127.0.0.1]'), ("a..b@example.com", "a@-x", "@")),
    "hostname": (("a-b.example",), ("-a", "a" * 64, "a..b")),
    "uri": (("https://a:1/b?c#d", "urn:a"), ("/a", "https://a b")),
    "uri-reference": (("a/b", "#x", "//h/p", ""), ("a b", "//h:x")),
    "json-pointer": (("", "/a~0b"), ("a", "/a~2")),
    "uuid": (("12345678-1234-1234-1234-123456789abc",), ("1234",)),
    "regex": ((r"^\p{L}+$",), ("(",)),
}


@pytest.mark.parametrize("name", FORMAT_CASES)
def test_formats_are_checked_whatever_is_installed(name):
    """Each by a predicate of our own."""
    good, bad = FORMAT_CASES[name]
    assert [text for text in good if not FORMATS[name](text)] == []
    assert [text for text in bad if FORMATS[name](text)] == []


DEVIATING = {
    "format.json", "vocabulary.json", "optional/content.json", "optional/dependencies-compatibility.json",
    "optional/format/ecmascript-regex.json", "optional/format/idn-hostname.json",
}  # fmt: skip
"""Formats are enforced by choice; the others are named in docs/schemas.md."""
DRAFTS = {
    "draft2020-12": "https://json-schema.org/draft/2020-12/schema",
    "draft7": "http://json-schema.org/draft-07/schema#",
}


@pytest.mark.parametrize("dialect", ["openai-strict", "json-schema-2020-12"])
def test_the_official_suite_is_agreed_with(shared_data, dialect):
    """What is accepted is valid, what is valid comes back equal; what has no place on a strict wire is refused."""
    with gzip.open(shared_data / "json_schema_test_suite.jsonl.gz", "rt", encoding="utf-8") as lines:
        cases = [json.loads(line) for line in lines]
    other, right, unsaid = [], 0, 0
    for case in cases:
        if case["file"] in DEVIATING or isinstance(case["schema"], bool):
            continue
        try:
            schema: Schema[Any] = Schema.of({"$schema": DRAFTS[case["draft"]], **case["schema"]}, dialect=dialect)
        except SchemaError:
            continue
        for test in case["tests"]:
            try:
                wire = schema.encode(test["data"]) if schema.strict else test["data"]
            except ValidationError:
                unsaid += test["valid"]
                right += not test["valid"]
                continue
            checked = schema.check(wire, strictness="exact")
            right += 1
            if checked.ok is not test["valid"] or (checked.ok and checked.value != test["data"]):
                other.append((case["file"], case["description"], test["description"]))
    assert other == []
    assert right > 2_500
    assert unsaid < 100


ENDLESS = ["NaN", "Infinity", "-Infinity", "1e999", "-1e999"]


@pytest.mark.parametrize("number", ENDLESS)
@pytest.mark.parametrize("strictness", ["exact", "careful", "lenient"])
@pytest.mark.parametrize("place", ["named", "free", "told"])
def test_a_number_that_json_does_not_know_is_none(number, strictness, place):
    """Not where a number is declared, not where anything is permitted, not inside a text that holds JSON."""
    schema = Schema.of({"type": "object", "properties": {"named": {"type": "number"}, "free": {}}})
    text = {
        "named": f'{{"named": {number}, "free": "1"}}',
        "free": f'{{"named": 1, "free": {number}}}',
        "told": f'{{"named": 1, "free": "[{number}]"}}',
    }[place]
    checked = schema.check_json(text, strictness=strictness)
    assert not checked.ok
    assert {issue.path[:1] for issue in checked.issues} == {("named" if place == "named" else "free",)}


@pytest.mark.parametrize(
    ("form", "value"), [("duration", "P1Y2M"), ("date-time", "1985-04-12T00:59:59.999999999999999Z")]
)
@pytest.mark.parametrize("dialect", ["openai-strict", "json-schema-2020-12"])
def test_a_text_of_a_form_is_a_text(form, value, dialect):
    """Nothing reads a month or the digits of a second in it, so nothing can be lost."""
    schema = Schema.of({"type": "object", "properties": {"at": {"type": "string", "format": form}}}, dialect=dialect)
    assert schema.decode(schema.encode({"at": value})) == {"at": value}
    assert schema.check_json(json.dumps({"at": value})).repairs == ()
