"""The stand-in's strict subset: its words, its limits, and its agreement with an independent referee."""

from __future__ import annotations

import copy
import gzip
import importlib.util
import json
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extract.testing._strict import refusal

SHARED = Path(os.environ.get("EXTRACT_SHARED_DATA", Path(__file__).parents[2] / ".." / "shared" / "data"))
REFEREE = SHARED.parent / "tools" / "strict_subset.py"


def root(**properties):
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def nested(depth):
    node = {"type": "string"}
    for _ in range(depth):
        node = root(a=node)
    return node


TEXT = {"type": "string"}
NUMBER = {"type": "number"}

WORDS = [
    ({"type": "array", "items": TEXT}, "schema must be a JSON Schema of 'type: \"object\"', got 'type: \"array\"'."),
    ({}, "schema must be a JSON Schema of 'type: \"object\"', got 'type: None'."),
    ({**root(a=TEXT), "anyOf": [root(a=TEXT)]}, "In context=(), 'anyOf' is not permitted."),
    (root(a={"oneOf": [TEXT]}), "In context=('properties', 'a'), 'oneOf' is not permitted."),
    (root(a={"type": "string", "default": ""}), "In context=('properties', 'a'), 'default' is not permitted."),
    (root(a={}), "In context=('properties', 'a'), schema must have a 'type' key."),
    (root(a={"type": "string", "format": "uri"}), "In context=('properties', 'a'), 'uri' is not a valid format."),
    (
        root(a={"type": "string", "pattern": "^(?=a)"}),
        "regex lookaround is not supported. Found at $.properties.a.pattern.",
    ),
    (root(a={"type": "array"}), "In context=('properties', 'a'), array schema missing items."),
    (root(a={"type": "object"}), "In context=('properties', 'a'), object schema missing properties."),
    (
        root(a={"type": "object", "properties": {}}),
        "In context=('properties', 'a'), 'additionalProperties' is required to be supplied and to be false.",
    ),
    (
        {**root(a=TEXT, b=TEXT), "required": ["a"]},
        (
            "In context=(), 'required' is required to be supplied and to be an array including every key in properties. "
            "Missing 'b'."
        ),
    ),
    (
        {**root(a=TEXT), "required": ["a", "b"]},
        "In context=(), 'required' is invalid. Extra required key 'b' supplied.",
    ),
    (
        {**root(a={"$ref": "#/$defs/B", "description": "x"}), "$defs": {"B": root()}},
        "In context=('properties', 'a'), $ref cannot have keywords {'description'}.",
    ),
    (
        root(a={"$ref": "#/properties/b"}, b=TEXT),
        "In context=('properties', 'a'), reference can only point to definitions defined at the top level of the schema.",
    ),
    (root(a={"enum": ["x", 1]}), "In context=('properties', 'a'), enum values must be of the same type."),
    (
        root(a={"type": "array", "items": {"anyOf": [root(k=TEXT), root(k=NUMBER)]}}),
        (
            "In context=('properties', 'a', 'items'), Objects provided via 'anyOf' must not share identical first keys. "
            "Consider adding a discriminator key or rearranging the properties to ensure the first key is unique."
        ),
    ),
    (nested(14), "14 levels of nesting exceeds limit of 10."),
    (root(**{f"p{n}": TEXT for n in range(5001)}), "5001 parameters exceeds limit of 5000."),
    (
        root(a={"enum": [f"v{n}" for n in range(1208)]}),
        (
            "Expected at most 1000 enum values in total within a single schema when using structured outputs, "
            "but received 1208."
        ),
    ),
    (
        root(a={"enum": ["x" * 60 + str(n) for n in range(251)]}),
        (
            "Expected at most 15000 total characters across enum values when there are more than 250 enum values, "
            "but received 15703."
        ),
    ),
]


@pytest.mark.parametrize(("schema", "words"), WORDS, ids=[words[-60:] for _, words in WORDS])
def test_refusals_use_the_gateways_words(schema, words):
    """Each broken rule is told in the words that callers of the gateway report."""
    assert refusal(schema).message.startswith(words)


@pytest.mark.parametrize(
    "schema",
    [
        root(),
        nested(10),
        root(a={"type": ["string", "null"]}, b={"anyOf": [TEXT, {"type": "null"}]}, c={"const": 1}),
        {**root(a={"$ref": "#"}, b={"$ref": "#/$defs/B"}), "$defs": {"B": root(c={"$ref": "#/$defs/B"})}},
        root(a={"anyOf": [root(k={"const": "x"}, v=TEXT), root(k={"const": "y"}, v=NUMBER)]}),
        root(a={"enum": ["x", None, "y"]}, b={"enum": [1, 2.5]}),
        root(a={"type": "string", "format": "date-time", "minLength": 1, "description": "x", "title": "y"}),
    ],
)
def test_the_documented_subset_is_accepted(schema):
    """What the guide allows is let through."""
    assert refusal(schema) is None


def test_definitions_count_their_own_levels():
    """Each definition starts at its own first level; references are not followed."""
    assert refusal({**root(a={"$ref": "#/$defs/B"}), "$defs": {"B": nested(10)}}) is None
    assert refusal({**root(a={"$ref": "#/$defs/B"}), "$defs": {"B": nested(11)}}).message.startswith("11 levels")


def test_schemas_deeper_than_pythons_stack_are_refused():
    """Ten thousand arrays inside each other end in a refusal."""
    node = TEXT
    for _ in range(10_000):
        node = {"type": "array", "items": node}
    assert "levels of nesting" in refusal(root(a=node)).message


@pytest.mark.parametrize(
    "schema", [None, True, [], "x", root(a=True), root(a=None), {**root(a=TEXT), "properties": []}]
)
def test_what_is_no_schema_is_refused(schema):
    """Values that are no schema objects are refused, wherever they stand."""
    assert refusal(schema) is not None


def strict_fixtures():
    path = SHARED / "openai_strict_fixtures.jsonl.gz"
    if not path.exists():
        pytest.skip("the shared strict fixtures are not on this machine")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def test_recorded_verdicts_are_reproduced():
    """Schemas known to be accepted or rejected get the same verdict here."""
    fixtures = strict_fixtures()
    assert [(f["name"], refusal(f["schema"]) is None) for f in fixtures] == [(f["name"], f["valid"]) for f in fixtures]


@pytest.fixture(scope="module")
def referee():
    if not REFEREE.exists():
        pytest.skip("the independent referee is not on this machine")
    spec = importlib.util.spec_from_file_location("referee", REFEREE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.violations


NAMES = st.sampled_from(["a", "b", "kind", "name", "zeta"])
LEAVES = st.sampled_from(
    [
        TEXT,
        NUMBER,
        {"type": "boolean"},
        {"type": "null"},
        {"type": ["string", "null"]},
        {"type": "string", "format": "date"},
        {"type": "string", "pattern": "^[A-Z]{3}$"},
        {"enum": ["x", "y"]},
        {"const": "x"},
        {"const": "y"},
        {"const": 1},
        {"$ref": "#"},
        {"$ref": "#/$defs/A"},
        {"$ref": "#/$defs/B"},
    ]
)


def objects(children):
    return st.dictionaries(NAMES, children, max_size=3).map(lambda properties: root(**properties))


NODES = st.recursive(
    LEAVES,
    lambda children: (
        objects(children)
        | st.lists(children, min_size=1, max_size=3).map(lambda branches: {"anyOf": branches})
        | children.map(lambda items: {"type": "array", "items": items})
    ),
    max_leaves=8,
)

SPOILERS = st.sampled_from(
    [
        ("additionalProperties", True),
        ("additionalProperties", None),
        ("required", None),
        ("required", []),
        ("required", ["a", "missing"]),
        ("properties", None),
        ("items", None),
        ("items", True),
        ("type", None),
        ("type", "object"),
        ("type", "array"),
        ("type", ["object", "null"]),
        ("anyOf", []),
        ("anyOf", [root(a=TEXT), root(a=TEXT)]),
        ("anyOf", [root(a={"const": 1}), root(a={"enum": [2, 3]}), root(b=TEXT)]),
        ("anyOf", [{"$ref": "#/$defs/A"}, {"$ref": "#/$defs/B"}]),
        ("anyOf", [{"$ref": "#/$defs/A"}, {"$ref": "#/$defs/A"}]),
        ("oneOf", [TEXT]),
        ("allOf", [TEXT]),
        ("not", TEXT),
        ("if", TEXT),
        ("default", 1),
        ("uniqueItems", True),
        ("prefixItems", [TEXT]),
        ("patternProperties", {}),
        ("x-mine", 1),
        ("format", "uri"),
        ("format", "ipv4"),
        ("pattern", "(?<!a)b"),
        ("pattern", "(?:a|b)"),
        ("enum", []),
        ("enum", ["x", 1]),
        ("enum", [1, True]),
        ("enum", ["x", None]),
        ("enum", [f"value {n}" for n in range(600)]),
        ("enum", ["x" * 70 + str(n) for n in range(260)]),
        ("minLength", 1),
        ("examples", []),
        ("description", "words"),
        ("$ref", "#/$defs/A"),
        ("$ref", "#/$defs/missing"),
        ("$ref", "#/properties/a"),
        ("$ref", "https://example.com/schema"),
        ("$defs", {}),
        ("definitions", {"C": TEXT}),
        ("const", "c"),
        ("properties", {f"p{n}": TEXT for n in range(10)}),
    ]
)


def spots(node):
    """Yield every subschema that can be spoiled."""
    if not isinstance(node, dict):
        return
    yield node
    for child in (*(node.get("properties") or {}).values(), node.get("items"), *(node.get("anyOf") or ())):
        yield from spots(child)
    for child in (node.get("$defs") or {}).values():
        yield from spots(child)


@settings(deadline=None, max_examples=300)
@given(data=st.data())
def test_it_refuses_what_the_referee_refuses_and_nothing_else(referee, data):
    """Over generated schemas and spoiled ones, both judges come to the same verdict."""
    properties = data.draw(st.dictionaries(NAMES, NODES, max_size=3))
    definitions = data.draw(st.fixed_dictionaries({"A": objects(LEAVES), "B": NODES}))
    schema = copy.deepcopy({**root(**properties), "$defs": definitions})
    for _ in range(data.draw(st.integers(0, 2))):
        spot = data.draw(st.sampled_from(list(spots(schema))))
        key, value = data.draw(SPOILERS)
        if value is None:
            spot.pop(key, None)
        else:
            spot[key] = copy.deepcopy(value)
    hard, _ = referee(schema)
    found = refusal(schema)
    assert (found is not None) == bool(hard), (found, hard)


@pytest.mark.parametrize(("depth", "width"), [(9, 1), (10, 1), (11, 1), (2, 2400), (2, 2600)])
def test_it_draws_the_limits_where_the_referee_does(referee, depth, width):
    """At the limits of nesting and of properties both judges agree."""
    schema = nested(depth)
    schema["properties"].update({f"p{n}": copy.deepcopy(root(b=TEXT)) for n in range(width)})
    schema["required"] = list(schema["properties"])
    assert (refusal(schema) is not None) == bool(referee(schema)[0])
