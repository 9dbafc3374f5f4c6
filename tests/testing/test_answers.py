"""Made-up answers: they fit their schema, whatever the schema, and come out the same for the same seed."""

from __future__ import annotations

import random
import re

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extract.testing._answers import answer
from extract.testing._patterns import sample


def root(**properties):
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def fits(schema, seed=0):
    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    jsonschema.Draft202012Validator(schema, format_checker=checker).validate(answer(schema, seed))
    return True


SCHEMAS = {
    "every type": root(
        a={"type": "string"},
        b={"type": "number"},
        c={"type": "integer"},
        d={"type": "boolean"},
        e={"type": "null"},
        f={"type": "array", "items": {"type": "string"}},
        g={"type": ["string", "null"]},
    ),
    "bounds": root(
        a={"type": "integer", "minimum": 5, "maximum": 7},
        b={"type": "integer", "exclusiveMinimum": 5, "exclusiveMaximum": 7},
        c={"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 0.001},
        d={"type": "integer", "multipleOf": 7, "minimum": 1},
        e={"type": "number", "multipleOf": 0.5, "minimum": 0, "maximum": 3},
        f={"type": "number", "maximum": -3},
        g={"type": "number", "minimum": 1e9},
        h={"type": "number", "minimum": 2, "maximum": 2},
    ),
    "lengths": root(
        a={"type": "array", "items": {"type": "integer"}, "minItems": 4, "maxItems": 5},
        b={"type": "array", "items": {"type": "integer"}, "maxItems": 0},
        c={"type": "string", "minLength": 30},
        d={"type": "string", "maxLength": 2},
    ),
    "enums": root(a={"enum": ["x", "y"]}, b={"const": 3}, c={"enum": [None]}),
    "formats": root(
        **{
            name: {"type": "string", "format": name}
            for name in ("date-time", "date", "time", "duration", "email", "hostname", "ipv4", "ipv6", "uuid")
        }
    ),
    "unions": root(a={"anyOf": [root(k={"const": "x"}), {"type": "null"}]}, b={"oneOf": [{"type": "integer"}]}),
    "recursive": {
        **root(tree={"$ref": "#/$defs/Tree"}),
        "$defs": {
            "Tree": root(
                name={"type": "string"},
                left={"anyOf": [{"$ref": "#/$defs/Tree"}, {"type": "null"}]},
                rest={"type": "array", "items": {"$ref": "#/$defs/Tree"}},
            )
        },
    },
    "recursive root": root(next={"anyOf": [{"$ref": "#"}, {"type": "null"}]}),
    "outside the subset": {
        "allOf": [{"$ref": "#/$defs/A"}],
        "type": "object",
        "properties": {"b": {"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}]}},
        "$defs": {"A": {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}},
    },
}


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("name", SCHEMAS)
def test_answers_fit_their_schema(name, seed):
    """An independent validator finds nothing wrong."""
    assert fits(SCHEMAS[name], seed)


LEAVES = st.sampled_from(
    [
        {"type": "string"},
        {"type": "integer", "minimum": 3},
        {"type": "number", "maximum": 1},
        {"type": ["boolean", "null"]},
        {"enum": [1, 2]},
        {"const": "x"},
        {"type": "string", "format": "uuid"},
        {"type": "string", "pattern": "^[A-Z]{2}-[0-9]{4}$"},
        {"anyOf": [{"$ref": "#"}, {"type": "null"}]},
    ]
)
NODES = st.recursive(
    LEAVES,
    lambda children: (
        st.dictionaries(st.sampled_from("abc"), children).map(lambda properties: root(**properties))
        | children.map(lambda items: {"type": "array", "items": items})
        | st.lists(children, min_size=1, max_size=3).map(lambda branches: {"anyOf": branches})
    ),
    max_leaves=10,
)


@settings(deadline=None, max_examples=150)
@given(properties=st.dictionaries(st.sampled_from("abcd"), NODES), seed=st.integers(0, 9))
def test_any_strict_schema_can_be_answered(properties, seed):
    """Generated schemas are answered validly, and the same way twice."""
    schema = root(**properties)
    assert fits(schema, seed)
    assert answer(schema, seed) == answer(schema, seed)


def test_schemas_that_cannot_end_are_cut_off():
    """An object that must contain itself for ever yields a finite answer instead of a crash."""
    assert answer(root(me={"$ref": "#"}))["me"]["me"]


def dice(seed):
    return random.Random(seed)  # noqa: S311 - reproducible, not secret


PATTERNS = [
    r"^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$",
    r"^\+?[0-9 ()-]{6,20}$",
    r"^(EUR|USD|GBP)$",
    r"^\d{4}-\d{2}-\d{2}$",
    r"[a-z]+@[a-z]+\.(com|org)",
    r"^(?:0|[1-9]\d*)(\.\d{1,2})?$",
    r"^[^\s@]+$",
    r"\w+\s\W\S\D",
    r".{3,}",
    r"^a{0}b*?c+$",
    r"[^x]y",
]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_patterns_are_matched(pattern):
    """Texts made for a pattern match it, with any dice."""
    assert all(re.search(pattern, sample(pattern, dice(seed))) for seed in range(30))


@pytest.mark.parametrize("pattern", ["(", "(?<n>a)(?P=n", "[z-a]", r"\p{L}"])
def test_patterns_that_python_cannot_read_do_no_harm(pattern):
    """An unreadable pattern yields some text."""
    assert sample(pattern, dice(0)) == ""
