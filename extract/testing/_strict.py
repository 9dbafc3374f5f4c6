"""A JSON Schema in, the first reason why strict mode refuses it out, in the gateway's own words.

The rules are the documented subset (developers.openai.com, Structured Outputs, as of 2026-09) and the refusals that
callers have reported since. Each rule looks at one spot and is one entry of ``RULES``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

FORMATS = frozenset({"date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"})
# minLength and the keywords after it are undocumented; callers report them as let through.
# fmt: off
KEYWORDS = frozenset((
    "type", "properties", "required", "additionalProperties", "items", "anyOf", "enum", "const", "$ref", "$defs",
    "definitions", "description", "title", "pattern", "format", "minimum", "maximum", "exclusiveMinimum",
    "exclusiveMaximum", "multipleOf", "minItems", "maxItems",
    "minLength", "maxLength", "examples", "$comment", "$schema", "$id",
))
# fmt: on
MAX_DEPTH, MAX_PROPERTIES, MAX_CHARACTERS = 10, 5000, 120_000
# Arrays and anyOf do not count as levels; this only keeps the walk from running away.
MAX_STEPS = 500
MAX_ENUM, LONG_ENUM, MAX_LONG_ENUM_CHARACTERS = 1000, 250, 15_000

_TYPED = ("type", "$ref", "anyOf", "enum", "const")
_LOOKAROUND = re.compile(r"\(\?<?[=!]")
_REFERENCE = re.compile(r"#(/(\$defs|definitions)/[^/]+)?")


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a schema is refused. ``code`` is set where the gateway names one whatever the endpoint."""

    message: str
    code: str | None = None


@dataclass(frozen=True, slots=True)
class _Spot:
    """One subschema: where it is, how many objects it is inside of, and the definitions in reach."""

    node: Any
    context: tuple[str, ...]
    depth: int
    defs: Mapping[str, Any]


@dataclass(slots=True)
class _Totals:
    depth: int = 0
    properties: int = 0
    enum: int = 0
    characters: int = 0
    long_enum: int = 0


def refusal(schema: Any) -> Refusal | None:
    """Return the first thing strict mode refuses in a schema; ``None`` when it is accepted."""
    if not isinstance(schema, dict):
        return Refusal("schema must be a JSON Schema of 'type: \"object\"'.")
    totals = _Totals()
    for spot in _walk(schema):
        for rule in RULES:
            if found := rule(spot):
                return found
        _count(spot, totals)
    return _over_limits(totals)


def _walk(schema: dict[str, Any]) -> Iterator[_Spot]:
    defs = {key: value for word in ("definitions", "$defs") for key, value in _members(schema.get(word))}
    roots = [_Spot(schema, (), _depth_of(schema, 0), defs)]
    for word in ("definitions", "$defs"):
        roots.extend(_Spot(v, (word, k), _depth_of(v, 0), defs) for k, v in _members(schema.get(word)))
    # A stack of our own: a schema may be nested deeper than Python's.
    waiting = roots[::-1]
    while waiting:
        spot = waiting.pop()
        yield spot
        waiting.extend(reversed(list(_children(spot))))


def _children(spot: _Spot) -> Iterator[_Spot]:
    node = spot.node
    steps: list[tuple[tuple[str, ...], Any]] = [(("properties", k), v) for k, v in _members(node.get("properties"))]
    if "items" in node:
        steps.append((("items",), node["items"]))
    branches = node.get("anyOf")
    if isinstance(branches, list):
        steps.extend((("anyOf", str(i)), branch) for i, branch in enumerate(branches))
    for step, child in steps:
        yield _Spot(child, spot.context + step, _depth_of(child, spot.depth), spot.defs)


def _members(value: Any) -> list[tuple[str, Any]]:
    return list(value.items()) if isinstance(value, dict) else []


def _depth_of(node: Any, depth: int) -> int:
    return depth + 1 if isinstance(node, dict) and _is_object(node) else depth


def _is_object(node: dict[str, Any]) -> bool:
    return "object" in _types(node) or "properties" in node


def _types(node: dict[str, Any]) -> list[Any]:
    kind = node.get("type")
    return kind if isinstance(kind, list) else [kind]


# -- rules, each on one spot --


def _schema(spot: _Spot) -> Refusal | None:
    if len(spot.context) > MAX_STEPS:
        return Refusal(f"{MAX_STEPS} levels of nesting exceeds limit of {MAX_DEPTH}.")
    return None if isinstance(spot.node, dict) else _in(spot, "schema must be a JSON Schema object.")


def _root(spot: _Spot) -> Refusal | None:
    if spot.context:
        return None
    kind = spot.node.get("type")
    if kind != "object":
        shown = f"'type: \"{kind}\"'" if isinstance(kind, str) else f"'type: {kind}'"
        return Refusal(f"schema must be a JSON Schema of 'type: \"object\"', got {shown}.")
    return _in(spot, "'anyOf' is not permitted.") if "anyOf" in spot.node else None


def _keywords(spot: _Spot) -> Refusal | None:
    for key in spot.node:
        if key not in KEYWORDS or (spot.context and key in {"$defs", "definitions"}):
            return _in(spot, f"{key!r} is not permitted.")
    return None


def _typed(spot: _Spot) -> Refusal | None:
    return None if any(key in spot.node for key in _TYPED) else _in(spot, "schema must have a 'type' key.")


def _reference(spot: _Spot) -> Refusal | None:
    if "$ref" not in spot.node:
        return None
    extra = [key for key in spot.node if key not in {"$ref", "$defs"}]
    if extra:
        return _in(spot, f"$ref cannot have keywords {{{', '.join(map(repr, extra))}}}.")
    target = str(spot.node["$ref"])
    if not _REFERENCE.fullmatch(target):
        return _in(spot, "reference can only point to definitions defined at the top level of the schema.")
    if target != "#" and _key(target) not in spot.defs:
        return _in(spot, f"reference to component {target!r} which was not found in the schema.")
    return None


def _format(spot: _Spot) -> Refusal | None:
    word = spot.node.get("format")
    if "format" not in spot.node or (isinstance(word, str) and word in FORMATS):
        return None
    return _in(spot, f"{word!r} is not a valid format.")


def _pattern(spot: _Spot) -> Refusal | None:
    pattern = spot.node.get("pattern")
    if not (isinstance(pattern, str) and _LOOKAROUND.search(pattern)):
        return None
    place = ".".join(("$", *spot.context, "pattern"))
    return Refusal(f"regex lookaround is not supported. Found at {place}.", code="invalid_json_schema")


def _enum(spot: _Spot) -> Refusal | None:
    if "enum" not in spot.node:
        return None
    values = spot.node["enum"]
    if not isinstance(values, list) or not values:
        return _in(spot, "enum must be a non-empty array.")
    kinds = {_kind(value) for value in values if value is not None}
    return _in(spot, "enum values must be of the same type.") if len(kinds) > 1 else None


def _object(spot: _Spot) -> Refusal | None:
    node = spot.node
    if not _is_object(node):
        return None
    properties = node.get("properties")
    if not isinstance(properties, dict):
        return _in(spot, "object schema missing properties.")
    if node.get("additionalProperties") is not False:
        return _in(spot, "'additionalProperties' is required to be supplied and to be false.")
    required = node.get("required")
    names = required if isinstance(required, list) else []
    for key in properties:
        if key not in names:
            return _in(spot, f"{_REQUIRED} Missing {key!r}.")
    if not isinstance(required, list):
        return _in(spot, _REQUIRED)
    spare = next((key for key in names if key not in properties), None)
    return None if spare is None else _in(spot, f"'required' is invalid. Extra required key {spare!r} supplied.")


_REQUIRED = "'required' is required to be supplied and to be an array including every key in properties."


def _array(spot: _Spot) -> Refusal | None:
    lacking = "array" in _types(spot.node) and "items" not in spot.node
    return _in(spot, "array schema missing items.") if lacking else None


def _branches(spot: _Spot) -> Refusal | None:
    if "anyOf" not in spot.node:
        return None
    branches = spot.node["anyOf"]
    if not isinstance(branches, list) or not branches:
        return _in(spot, "anyOf must be a non-empty array.")
    seen: dict[str, list[Any]] = {}
    for branch in branches:
        if (first := _first_key(branch, spot.defs)) is None:
            continue
        key, fixed = first
        if key in seen and not (fixed and seen[key] and not any(value in seen[key] for value in fixed)):
            return _in(spot, _SAME_FIRST_KEY)
        seen[key] = fixed
    return None


_SAME_FIRST_KEY = (
    "Objects provided via 'anyOf' must not share identical first keys. Consider adding a discriminator key or "
    "rearranging the properties to ensure the first key is unique."
)


def _first_key(node: Any, defs: Mapping[str, Any]) -> tuple[str, list[Any]] | None:
    """Return an object's first key and the constants it is fixed to, references followed."""
    seen: set[str] = set()
    while isinstance(node, dict) and "$ref" in node:
        name = _key(str(node["$ref"]))
        if name in seen or name not in defs:
            return None
        seen.add(name)
        node = defs[name]
    properties = node.get("properties") if isinstance(node, dict) else None
    if not isinstance(properties, dict) or not properties:
        return None
    key, value = next(iter(properties.items()))
    if not isinstance(value, dict):
        return key, []
    return key, [fixed for fixed in (value.get("const"), *(value.get("enum") or ())) if fixed is not None]


def _key(reference: str) -> str:
    return reference.rsplit("/", 1)[-1]


def _kind(value: Any) -> str:
    return "number" if isinstance(value, (int, float)) and not isinstance(value, bool) else type(value).__name__


def _in(spot: _Spot, text: str) -> Refusal:
    return Refusal(f"In context={spot.context!r}, {text}")


Rule = Callable[[_Spot], "Refusal | None"]
RULES: tuple[Rule, ...] = (
    _schema, _root, _keywords, _typed, _reference, _format, _pattern, _enum, _object, _array, _branches,
)  # fmt: skip


# -- limits over the whole schema --


def _count(spot: _Spot, totals: _Totals) -> None:
    node = spot.node
    totals.depth = max(totals.depth, spot.depth)
    properties = node.get("properties") or {}
    totals.properties += len(properties)
    totals.characters += sum(map(len, properties))
    values = node.get("enum") or ()
    length = sum(len(value) for value in values if isinstance(value, str))
    totals.enum += len(values)
    totals.characters += length
    if len(values) > LONG_ENUM:
        totals.long_enum = max(totals.long_enum, length)
    if isinstance(node.get("const"), str):
        totals.characters += len(node["const"])
    if not spot.context:
        totals.characters += sum(map(len, spot.defs))


def _over_limits(totals: _Totals) -> Refusal | None:
    if totals.depth > MAX_DEPTH:
        return Refusal(f"{totals.depth} levels of nesting exceeds limit of {MAX_DEPTH}.")
    if totals.properties > MAX_PROPERTIES:
        return Refusal(f"{totals.properties} parameters exceeds limit of {MAX_PROPERTIES}.")
    if totals.enum > MAX_ENUM:
        return Refusal(
            f"Expected at most {MAX_ENUM} enum values in total within a single schema when using structured outputs, "
            f"but received {totals.enum}. Consider reducing the number of enums, or use 'strict: false' to opt out of "
            "structured outputs."
        )
    if totals.long_enum > MAX_LONG_ENUM_CHARACTERS:
        return Refusal(
            f"Expected at most {MAX_LONG_ENUM_CHARACTERS} total characters across enum values when there are more than "
            f"{LONG_ENUM} enum values, but received {totals.long_enum}."
        )
    if totals.characters > MAX_CHARACTERS:
        return Refusal(f"Expected at most {MAX_CHARACTERS} characters of names and constants, got {totals.characters}.")
    return None
