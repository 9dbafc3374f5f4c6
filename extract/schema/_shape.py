"""Can two branches of a union be told apart? Marked schemas in; kinds, constants and keys out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from extract.errors import SchemaError
from extract.schema._codec_unions import Branch

if TYPE_CHECKING:
    from collections.abc import Collection

    from extract.schema._codec import Node

__all__ = ["Form", "Shape", "apart"]

Json = dict[str, Any]
_OBJECT = frozenset({"object"})
_ALL = frozenset({"object", "array", "string", "boolean", "integer", "number", "null"})


@dataclass(frozen=True, slots=True)
class Form:
    """What is known about one schema: its JSON kinds on both sides and, for objects, constants and keys."""

    wire: frozenset[str]
    declared: frozenset[str]
    constants: dict[str, frozenset[Any]]
    required: frozenset[str]
    keys: frozenset[str] | None = None


class Shape:
    """Answers about marked schemas; definitions are looked through."""

    def __init__(self, definitions: dict[str, Json], forced: Collection[int] = (), *, natural: bool = False) -> None:
        self.definitions = definitions
        self.forced = forced
        self.natural = natural
        self._asked: set[int] = set()

    def resolve(self, schema: Json) -> Json:
        """Follow references."""
        for _ in range(50):
            if "$ref" not in schema:
                return schema
            schema = self.definition(schema["$ref"])
        return {}

    def definition(self, name: str) -> Json:
        """Look a definition up.

        Raises:
            SchemaError: There is none; a schema that an author wrote refers to nothing.
        """
        found = self.definitions.get(name)
        if found is None:
            raise SchemaError(f"A JSON Schema refers to {name}, which is not there", advice="define it under $defs")
        return found

    def of(self, schema: Json) -> Form:
        """Describe one schema."""
        schema = self.resolve(schema)
        if "anyOf" in schema or "oneOf" in schema:
            branches = schema.get("anyOf") or schema["oneOf"]
            if self.labels(schema, branches):
                return Form(_OBJECT, _OBJECT, {}, frozenset())
            parts = [self.of(each) for each in branches]
            wire = frozenset().union(*(each.wire for each in parts))
            declared = frozenset().union(*(each.declared for each in parts))
            return Form(wire, declared, {}, frozenset())
        if "x-keys" in schema:
            return self._rewritten("array", frozenset({"object", "array"}))
        if "prefixItems" in schema:
            return self._rewritten("object", frozenset({"array", "object"}))
        if "enum" in schema or "const" in schema:
            values = schema.get("enum", [schema.get("const")])
            kinds = frozenset(_kind(each) for each in values)
            return Form(kinds, kinds, {}, frozenset())
        return self._by_kind(schema)

    def labels(self, schema: Json, branches: list[Json]) -> bool:
        """Say whether each branch of a union must stand under a label."""
        core = schema.get("x-core")
        if core is None or len(branches) == 1 or id(branches) in self._asked:
            return False
        self._asked.add(id(branches))
        try:
            return "x-apart" in schema or core in self.forced or not apart(self, branches)
        finally:
            self._asked.remove(id(branches))

    def _rewritten(self, wire: str, declared: frozenset[str]) -> Form:
        """Describe what only a strict dialect writes in another form."""
        return Form(declared if self.natural else frozenset({wire}), declared, {}, frozenset())

    def _by_kind(self, schema: Json) -> Form:
        kind = schema.get("x-kind", schema.get("type"))
        if kind == "any" or kind is None:
            return self._rewritten("string", _ALL)
        if kind == "json":
            return Form(self.of(schema["x-inner"]).wire, frozenset({"string"}), {}, frozenset())
        if isinstance(kind, list):
            return Form(frozenset(kind), frozenset(kind), {}, frozenset())
        if kind == "object":
            return self._object(schema)
        kinds = frozenset({"string" if "x-kind" in schema else str(kind)})
        return Form(kinds, kinds, {}, frozenset())

    def _object(self, schema: Json) -> Form:
        properties = schema.get("properties", {})
        if not properties and schema.get("additionalProperties") not in (None, False) and "required" not in schema:
            return self._rewritten("array", _OBJECT)
        constants: dict[str, frozenset[Any]] = {}
        required = set(schema.get("required", ()))
        for key, each in properties.items():
            target = self.resolve(each)
            values = target.get("enum", [target["const"]] if "const" in target else [])
            fixed = len(values) == 1 and each.get("default") == values[0]
            if values and (key in required or fixed) and all(isinstance(v, (str, int)) for v in values):
                constants[key] = frozenset(values)
                required.add(key)
        kinds = frozenset({"object"})
        keys = None if schema.get("additionalProperties") not in (None, False) else frozenset(properties)
        return Form(kinds, kinds, constants, frozenset(required), keys)

    def takes_null(self, schema: Json) -> bool:
        """Say whether null is a value of this schema."""
        if "anyOf" in schema or "oneOf" in schema:
            return any(self.takes_null(each) for each in schema.get("anyOf") or schema["oneOf"])
        return "null" in self.of(schema).declared

    def is_any(self, schema: Json) -> bool:
        """Say whether any JSON value at all fits."""
        schema = self.resolve(schema)
        return schema.get("x-kind") == "any" or not schema.keys() & {
            "type",
            "x-kind",
            "enum",
            "const",
            "anyOf",
            "oneOf",
            "x-keys",
            "prefixItems",
            "properties",
        }

    def numbers_in_enum(self, schema: Json) -> list[Any]:
        """List values of an enum that are no texts."""
        schema = self.resolve(schema)
        return [each for each in schema.get("enum", ()) if not isinstance(each, str)]

    def label(self, schema: Json) -> str:
        """Name a branch for the model."""
        target = self.resolve(schema)
        for key in ("title", "format", "x-kind", "type"):
            if isinstance(target.get(key), str):
                return "list" if target[key] == "array" else str(target[key])
        return "object" if "x-keys" in target else "tuple" if "prefixItems" in target else "value"

    def branch(self, schema: Json, node: Node | None) -> tuple[Branch, Branch]:
        """Build the tests that pick this branch for a (wire, declared) value."""
        form = self.of(schema)
        wire = Branch(form.wire, form.constants, form.required, form.keys, node)
        return wire, Branch(form.declared, form.constants, form.required, form.keys, node)

    def discriminator(self, branches: list[Json]) -> str | None:
        """Find a property that tells all object branches apart by its constants."""
        forms = [form for form in map(self.of, branches) if form.constants]
        if len(forms) < 2:  # noqa: PLR2004
            return None
        for key in forms[0].constants:
            if all(key in form.constants for form in forms):
                values = [each for form in forms for each in form.constants[key]]
                if len(set(values)) == len(values):
                    return key
        return None


def apart(shape: Shape, branches: list[Json]) -> bool:
    """Say whether no value of one branch can be mistaken for a value of another."""
    forms = [shape.of(each) for each in branches]
    alike = [each.get("x-branch", (0, None, ""))[2] for each in branches]
    for i, one in enumerate(forms):
        for j in range(i):
            if alike[i] and alike[j]:
                continue
            if not _distinct(one, forms[j]):
                return False
    return True


def _distinct(one: Form, other: Form) -> bool:
    if not _meet(one.wire, other.wire) and not _meet(one.declared, other.declared):
        return True
    if any(kinds != _OBJECT for kinds in (one.wire, other.wire, one.declared, other.declared)):
        return False
    shared = one.constants.keys() & other.constants.keys()
    if any(not (one.constants[key] & other.constants[key]) for key in shared):
        return True
    if one.keys is None or other.keys is None:
        return False
    return bool(one.required - other.keys) and bool(other.required - one.keys)


def _meet(one: frozenset[str], other: frozenset[str]) -> bool:
    if one & other:
        return True
    return ("integer" in one and "number" in other) or ("number" in one and "integer" in other)


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    return {int: "integer", float: "number", str: "string", list: "array", dict: "object"}.get(type(value), "string")
