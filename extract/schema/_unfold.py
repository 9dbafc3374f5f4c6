"""How many schemas is one value held to? A schema in; a typed error where references multiply or go in a circle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from extract.errors import SchemaError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from extract.errors import Path
    from extract.schema._refs import References

__all__ = ["bound"]

MAX_STEPS = 20_000
_SAME = ("not", "if", "then", "else")
_LISTS = ("allOf", "anyOf", "oneOf")
_NAMED = ("properties", "patternProperties", "$defs", "definitions")
_BELOW = ("items", "additionalProperties", "additionalItems", "contains", "prefixItems", "propertyNames")
_APPLIED = ("dependentSchemas", "dependencies")


def bound(references: References) -> None:
    """Visit every schema once; whoever judges an answer must visit all that one value is held to.

    Raises:
        SchemaError: A reference leads nowhere or in a circle, or one value is held to more than can be visited.
    """
    walk = _Walk(references)
    while walk.work:
        schema, resolver, path = walk.work.pop()
        walk.count(schema, resolver, path)


class _Walk:
    def __init__(self, references: References) -> None:
        self.references = references
        self.known: dict[int, int] = {}
        self.work: list[tuple[Any, Any, Path]] = [(references.schema, references.root, ())]

    def count(self, schema: Any, resolver: Any, path: Path) -> int:
        """Count the schemas that the same value is held to; a value one level down is another value, met later."""
        if not isinstance(schema, dict):
            return 1
        known = self.known.get(id(schema))
        if known is not None:
            if known < 0:
                raise SchemaError("A reference that leads to itself", path=path)
            return known
        self.known[id(schema)] = -1
        resolver = self.references.inside(schema, resolver)
        total = 1
        for each, base in self._applied(schema, resolver, path):
            total += self.count(each, base, path)
            if total > MAX_STEPS:
                raise SchemaError(
                    "The schema unfolds beyond all bounds", path=path, advice="use fewer nested references"
                )
        self.known[id(schema)] = total
        self._below(schema, resolver, path)
        return total

    def _applied(self, schema: Any, resolver: Any, path: Path) -> Iterator[tuple[Any, Any]]:
        if isinstance(schema.get("$ref"), str):
            yield self.references.follow(schema["$ref"], resolver, path)
            if self.references.is_alone:
                return
        for key in _SAME:
            if key in schema:
                yield schema[key], resolver
        for key in _LISTS:
            for each in schema.get(key, ()):
                yield each, resolver
        for key in _APPLIED:
            for each in schema.get(key, {}).values():
                yield each, resolver

    def _below(self, schema: Any, resolver: Any, path: Path) -> None:
        for key in _NAMED:
            for name, each in schema.get(key, {}).items():
                self.work.append((each, resolver, (*path, name)))
        for key in _BELOW:
            each = schema.get(key)
            self.work.extend((one, resolver, path) for one in (each if isinstance(each, list) else (each,)))
