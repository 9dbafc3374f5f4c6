"""What do several schemas say together? Schemas that all hold in, one that asks for no less out.

What is asked for may be wider than what they say together, for the original is enforced on the answer; never narrower.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from extract.errors import Path
    from extract.schema._refs import References

    Json = dict[str, Any]
    Both = Callable[[Any, Any], Any]

__all__ = ["Merger", "Unfit"]

_APART = frozenset(
    {"description", "title", "$id", "id", "$schema", "$comment", "$defs", "definitions", "$anchor", "$dynamicAnchor",
     "default", "examples", "deprecated", "readOnly", "writeOnly", "not", "contains", "minContains", "maxContains",
     "propertyNames", "unevaluatedProperties", "unevaluatedItems", "dependentRequired", "nullable"}
)  # fmt: skip
"""Where two of them do not matter: they say nothing, or only the judge hears them."""


_FREE = frozenset({"$dynamicRef", "$recursiveRef"})


class Unfit(Exception):
    """The schema cannot be written in a strict dialect without losing what it means."""


@dataclass(slots=True)
class _Gathered:
    """One schema made of several: what they say together, and which are in it."""

    out: Json
    home: Any
    seen: set[int] = field(default_factory=set)


class Merger:
    """Makes one schema of several, and always the same one of the same ones, so that recursion is seen."""

    def __init__(self, references: References, note: Callable[[Path, str], None]) -> None:
        self.references = references
        self.note = note
        self._homes: dict[int, Any] = {}
        self._together: dict[tuple[int, ...], Json] = {}
        self._parts: dict[int, tuple[Any, ...]] = {}
        self._merged: dict[int, Json] = {}

    def home(self, schema: Json, resolver: Any) -> Any:
        """Tell what resolves the references in a schema."""
        return self.references.inside(schema, self._homes.get(id(schema), resolver))

    def merge(self, schema: Json, resolver: Any, path: Path) -> Json:
        """Fold a schema, what it refers to and all of its allOf into one.

        Raises:
            Unfit: What it refers to depends on where it is met.
        """
        if id(schema) not in self._merged:
            gathered = _Gathered({}, resolver)
            possible = self._gather(schema, resolver, path, gathered)
            refused = {"x-refused": "what it demands together admits no value"}
            self._merged[id(schema)] = gathered.out if possible else refused
        return self._merged[id(schema)]

    def _gather(self, schema: Any, resolver: Any, path: Path, gathered: _Gathered) -> bool:
        if not isinstance(schema, dict):
            return schema is not False
        if id(schema) in gathered.seen:
            return True
        gathered.seen.add(id(schema))
        resolver = self.home(schema, resolver)
        if schema.keys() & _FREE:
            raise Unfit("it uses dynamic references")
        own = {key: each for key, each in schema.items() if key not in {"allOf", "$ref"}}
        if resolver is not gathered.home:
            self.settle(own, resolver)
        refers = isinstance(schema.get("$ref"), str)
        alone = refers and self.references.is_alone
        possible = alone or fold(gathered.out, own, self.both, lambda key: self._second(key, path))
        if refers:
            target, base = self.references.follow(schema["$ref"], resolver, path)
            possible = self._gather(target, base, path, gathered) and possible
        for each in () if alone else schema.get("allOf", ()):
            possible = self._gather(each, resolver, path, gathered) and possible
        return possible

    def _second(self, key: str, path: Path) -> None:
        self.note(path, f"a second {key} is enforced on the answer, not by the gateway")

    def settle(self, schema: Json, resolver: Any) -> None:
        """Remember where the schemas inside come from, for they are about to stand elsewhere."""
        for each in schema.values():
            if isinstance(each, dict):
                self._homes.setdefault(id(each), resolver)
            for inner in each.values() if isinstance(each, dict) else each if isinstance(each, list) else ():
                if isinstance(inner, dict):
                    self._homes.setdefault(id(inner), resolver)

    def both(self, *schemas: Any) -> Any:
        """Make the schema that all of these hold in."""
        parts: dict[int, Any] = {}
        for each in schemas:
            for one in self._parts.get(id(each), (each,)):
                if one is False:
                    return False
                if one is not True:
                    parts.setdefault(id(one), one)
        if len(parts) < 2:  # noqa: PLR2004
            return next(iter(parts.values()), True)
        key = tuple(sorted(parts))
        if key not in self._together:
            made = self._together[key] = {"allOf": list(parts.values())}
            self._parts[id(made)] = tuple(parts.values())
        return self._together[key]

    def either(self, schemas: list[Any]) -> Any:
        """Make the schema that one of these holds in."""
        return self._together.setdefault((0, *map(id, schemas)), {"anyOf": schemas})


def fold(out: Json, part: Json, both: Both, note: Callable[[str], None]) -> bool:
    """Add to ``out`` what another schema demands of the same value.

    Args:
        out: What is gathered so far; changed in place.
        part: The schema that is added.
        both: Makes one schema of two for a value below.
        note: Is told a keyword of which only the first is asked for.

    Returns:
        Whether any value can obey them together.
    """
    possible = True
    for key, each in part.items():
        if key in {"anyOf", "oneOf"}:
            if not any(each is one for one in out.get("x-choices", ())):
                out["x-choices"] = [*out.get("x-choices", ()), each]
        elif key in {"then", "else", "dependentSchemas", "dependencies"}:
            more = (
                list(each.values()) if key in {"dependentSchemas", "dependencies"} else [each] if "if" in part else []
            )
            out["x-further"] = [*out.get("x-further", ()), *(one for one in more if isinstance(one, dict))]
        elif key == "if" and isinstance(each, dict):
            out["x-tested"] = [*out.get("x-tested", ()), *each.get("properties", ())]
            out.setdefault(key, each)
        elif key in {"enum", "const"}:
            values = each if key == "enum" else [each]
            out["enum"] = [one for one in out["enum"] if _among(one, values)] if "enum" in out else list(values)
            possible = possible and bool(out["enum"])
        elif key not in out:
            out[key] = each
        elif key == "type":
            out[key] = _kinds(out[key], each)
            possible = possible and bool(out[key])
        elif key in _RULES:
            out[key] = _RULES[key](out[key], each, both)
        elif out[key] != each and key not in _APART:
            note(key)
    return possible


def _among(value: Any, values: list[Any]) -> bool:
    return any(value == each and isinstance(value, bool) is isinstance(each, bool) for each in values)


def _kinds(one: Any, other: Any) -> Any:
    here, there = ({each} if isinstance(each, str) else set(each) for each in (one, other))
    shared = here & there
    if ("integer" in here and "number" in there) or ("number" in here and "integer" in there):
        shared.add("integer")
    if {"integer", "number"} <= shared:
        shared.discard("integer")
    kinds = sorted(shared)
    return kinds[0] if len(kinds) == 1 else kinds


def _named(one: Json, other: Json, both: Both) -> Json:
    out = dict(one)
    for name, each in other.items():
        out[name] = both(out[name], each) if name in out and out[name] != each else each
    return out


def _items(one: Any, other: Any, both: Both) -> Any:
    if not isinstance(one, list) and not isinstance(other, list):
        return both(one, other)
    if isinstance(one, list) and isinstance(other, list):
        return [both(a, b) for a, b in zip_longest(one, other, fillvalue=True)]
    return one


def _largest(one: Any, other: Any, both: Both) -> Any:  # noqa: ARG001 - one signature
    return max(one, other)


def _smallest(one: Any, other: Any, both: Both) -> Any:  # noqa: ARG001 - one signature
    return min(one, other)


_RULES: dict[str, Callable[[Any, Any, Any], Any]] = {
    "properties": _named,
    "patternProperties": _named,
    "required": lambda one, other, _: [*one, *(name for name in other if name not in one)],
    "x-further": lambda one, other, _: [*one, *other],
    "x-tested": lambda one, other, _: [*one, *other],
    "items": _items,
    "prefixItems": _items,
    "additionalProperties": lambda one, other, both: both(one, other),
    "additionalItems": lambda one, other, both: both(one, other),
    **dict.fromkeys(("minimum", "minLength", "minItems", "minProperties", "exclusiveMinimum"), _largest),
    **dict.fromkeys(("maximum", "maxLength", "maxItems", "maxProperties", "exclusiveMaximum"), _smallest),
}
