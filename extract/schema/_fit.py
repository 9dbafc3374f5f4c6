"""How is a type written so that a dialect accepts it? A marked JSON Schema in; a wire schema and its codecs out."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from extract.errors import SchemaError
from extract.schema._codec import JsonInside, JsonText, Node, Ref, Root
from extract.schema._codec_extra import Single
from extract.schema._codec_lists import Items, Places, Tuple
from extract.schema._codec_objects import Entries, KeyText, Named, Object, Property, Values
from extract.schema._describe import Rewrite, constrain, describe
from extract.schema._fit_unions import Pair, Unions
from extract.schema._prune import prune
from extract.schema._wire import DECIMAL, Json, closed, kind_of, listed, nullable, short
from extract.schema.coerce import FREE, JSON_TEXT

if TYPE_CHECKING:
    from extract.errors import Path
    from extract.schema._dialect import Dialect
    from extract.schema._mark import Marked

__all__ = ["Fitted", "fit"]


@dataclass(slots=True)
class Fitted:
    """A wire schema with what comes of it.

    ``labelled`` and ``native`` name (by identity) the core schemas whose declared form takes the wire's shape:
    unions that are written under labels, dictionaries that stay lists of entries. ``node`` holds only what changes,
    ``filled`` only what changes an answer without any null, ``full`` the whole tree, for finding the place of an error.
    """

    wire: Json
    node: Node | None
    full: Node | None
    rewrites: list[Rewrite]
    labelled: dict[int, dict[int, str]]
    native: set[int]
    notes: list[str] = field(default_factory=list)
    strict: bool = True
    filled: Node | None = None


def fit(marked: Marked, dialect: Dialect) -> Fitted:
    """Fit a marked schema to a dialect.

    Raises:
        SchemaError: A part of the type has no JSON form; names its path.
    """
    forced: set[int] = set()
    while True:
        fitter = _Fitter(marked, dialect, forced)
        fitted = fitter.run()
        clashes = fitter.clashes() - forced
        if not clashes:
            return fitted
        forced |= clashes


class _Fitter(Unions):
    """One run over one type."""

    def __init__(self, marked: Marked, dialect: Dialect, forced: set[int]) -> None:
        super().__init__(marked.definitions, dialect, forced)
        self.marked = marked
        self.names: dict[str, str] = {}
        self.table: dict[str, Node | None] = {}
        self.rewrites: list[Rewrite] = []
        self.native: set[int] = set()
        self.uses: dict[str, int] = {}

    def run(self) -> Fitted:
        wire, node = self.fit(self.marked.schema, ())
        wire, node = self._root(wire, node)
        for branch, key in self.leads:
            self._lead(branch, key)
        if self.defs:
            wire["$defs"] = self.defs
        lean, filled = prune(node, self.table), prune(node, self.table, filled=True)
        return Fitted(wire, lean, node, self.rewrites, self.labelled, self.native, self.notes, filled=filled)

    def note(self, path: Path, what: str, why: str = "") -> None:
        self.rewrites.append(Rewrite(path, what, why))

    def _root(self, wire: Json, node: Node | None) -> Pair:
        if wire.keys() == {"$ref"}:
            name = wire["$ref"].rsplit("/", 1)[-1]
            target = self.defs[name]
            if target.get("type") == "object":
                if self.uses[name] == 1:
                    del self.defs[name]
                return dict(target), node
        if wire.get("type") == "object" and "anyOf" not in wire:
            return wire, node
        if self.dialect.natural:
            return wire, node
        self.note((), "stands in an object under the key 'value'", "the root must be an object")
        return closed({"value": wire}), Root(node)

    # -- any node --------------------------------------------------------------------------------------------

    def fit(self, schema: Json, path: Path) -> Pair:
        """Fit one marked schema."""
        if "x-refused" in schema:
            raise SchemaError(
                f"This type has no JSON form ({schema['x-refused']})",
                path=path,
                advice="declare its wire form (forms={TYPE: WireForm(...)}), or leave the field out",
            )
        for key, rule in _RULES:
            if key in schema:
                return rule(self, schema, path)
        return self._by_type(schema, path)

    def _by_type(self, schema: Json, path: Path) -> Pair:
        kind = schema.get("type")
        if isinstance(kind, list):
            return self.union_({**schema, "anyOf": [{"type": each} for each in kind], "type": None}, path)
        if kind == "object":
            return self._object(schema, path)
        if kind == "array":
            return self._array(schema, path)
        if kind is None:
            return self._any(schema, path)
        return constrain({"type": kind}, schema, self.dialect, self.note, path), None

    def ref_(self, schema: Json, path: Path) -> Pair:
        key = schema["$ref"]
        name = self.names.get(key)
        if name is None:
            name = self._define(key, path)
        self.uses[name] = self.uses.get(name, 0) + 1
        wire: Json = {"$ref": f"#/$defs/{name}"}
        text = describe(schema, {})
        if text:
            wire = {"anyOf": [wire], "description": text}
        return wire, Ref(name, self.table)

    def _define(self, key: str, path: Path) -> str:
        definition = self.shape.definition(key)
        stem = re.sub(
            r"[^A-Za-z0-9_-]+", "_", str(definition.get("title") or key.split("-", maxsplit=1)[0].rsplit("__", 1)[-1])
        )
        stem = stem.strip("_")[:56] or "Part"
        name, n = stem, 1
        while name in self.defs:
            n += 1
            name = f"{stem}_{n}"
        self.names[key] = name
        self.defs[name] = {}
        self.table[name] = None
        self.defs[name], self.table[name] = self.fit(definition, path)
        return name

    # -- values ----------------------------------------------------------------------------------------------

    def kind_(self, schema: Json, path: Path) -> Pair:
        kind = schema["x-kind"]
        if kind == "any":
            return self._any(schema, path)
        if kind == "json":
            wire, node = self.fit(schema["x-inner"], path)
            self.note(path, "the value itself is asked for, not JSON text", "a schema can say what is inside")
            return wire, JsonInside(node)
        wire = constrain({"type": "string"}, {**schema, "x-says": _SAYS[kind]}, self.dialect, self.note, path)
        if kind == "decimal" and "pattern" not in wire and "pattern" in self.dialect.keywords:
            wire["pattern"] = DECIMAL
        return wire, None

    def _any(self, schema: Json, path: Path) -> Pair:
        if self.dialect.natural:
            return {key: item for key, item in schema.items() if not key.startswith("x-") and key != "title"}, None
        self.note(path, "any value: asked for as JSON text", "a strict schema must name a type")
        wire: Json = {"type": "string"}
        said = {**schema, "x-says": JSON_TEXT}
        return constrain(wire, said, self.dialect, self.note, path), JsonText()

    def enum_(self, schema: Json, path: Path) -> Pair:
        values = schema["enum"] if "enum" in schema else [schema["const"]]
        groups: dict[str, list[Any]] = {}
        for each in values:
            groups.setdefault(kind_of(each), []).append(each)
        if groups.keys() & {"object", "array"}:
            return self._any(schema, path)
        parts = [listed(kind, group) for kind, group in groups.items()]
        if len(parts) == 1:
            return constrain(parts[0], schema, self.dialect, self.note, path), None
        self.note(path, "values of several types stand in branches", "an enum must be of one type")
        return constrain({"anyOf": parts}, schema, self.dialect, self.note, path), None

    # -- lists -----------------------------------------------------------------------------------------------

    def _array(self, schema: Json, path: Path) -> Pair:
        items = schema.get("items", {})
        wire, node = self.fit(items if isinstance(items, dict) else {}, (*path, "[]"))
        out = constrain({"type": "array", "items": wire}, schema, self.dialect, self.note, path)
        return out, Items(node)

    def tuple_(self, schema: Json, path: Path) -> Pair:
        prefix = schema["prefixItems"]
        if "x-names" in schema and len(schema["x-names"]) == len(prefix):
            return self._named(schema, path)
        rest = schema.get("items")
        parts = [self.fit(each, (*path, i)) for i, each in enumerate(prefix)]
        more = self.fit(rest, (*path, "[]")) if isinstance(rest, dict) else None
        if self.dialect.natural:
            out: Json = {"type": "array", "prefixItems": [wire for wire, _ in parts], "minItems": len(parts)}
            out.update({"items": more[0]} if more else {"maxItems": len(parts)})
            return out, Places([each for _, each in parts], more[1] if more else None)
        self.note(path, "a tuple is asked for as an object", "a strict schema has no places in lists")
        names = tuple(f"item_{i + 1}" for i in range(len(parts)))
        properties = {name: wire for name, (wire, _) in zip(names, parts, strict=True)}
        if more is not None:
            least = max(0, schema.get("minItems", 0) - len(parts))
            items: Json = {"type": "array", "items": more[0]}
            properties["rest"] = {**items, "minItems": least} if least else items
        nodes, rest = [each for _, each in parts], more[1] if more else None
        node = Tuple(names, nodes, "rest" if more else None, rest, core=schema.get("x-places-of", 0))
        return self._closed(properties, schema), node

    def _named(self, schema: Json, path: Path) -> Pair:
        names = schema["x-names"]
        least = schema.get("minItems", 0)
        as_object = {
            "type": "object",
            "properties": dict(zip(names, schema["prefixItems"], strict=True)),
            "required": [name for i, name in enumerate(names) if i < least],
            "description": schema.get("description"),
        }
        wire, node = self._object(as_object, path)
        if not isinstance(node, Object):
            raise SchemaError("A named tuple cannot hold free entries", path=path)
        return wire, Named(tuple(names), node)

    # -- dictionaries ----------------------------------------------------------------------------------------

    def dict_(self, schema: Json, path: Path) -> Pair:
        keys, values = schema["x-keys"], schema["x-values"]
        key, key_node = self.fit(keys, (*path, "key"))
        value, value_node = self.fit(values, (*path, "value"))
        kinds = self.shape.of(keys).wire
        native = (
            not kinds <= {"string", "integer", "number"}
            or bool(self.shape.numbers_in_enum(keys))
            or (len(kinds) > 1 or key_node is not None or "x-core" in keys)
            or ("x-spelled" in schema and not self.dialect.natural)
        )
        if self.dialect.natural and (not native or self.shape.is_any(keys)):
            said: Json = {"type": "object", "additionalProperties": value}
            if kinds == _TEXT and keys.keys() - {"type", "x-branch"}:
                # Names are texts: a judge would find no number among them.
                said["propertyNames"] = key
            return constrain(said, schema, self.dialect, self.note, path), Values(value_node)
        if native:
            self.native.add(schema["x-core"])
        elif kinds != _TEXT:
            key_node = KeyText()
        self.note(path, "a dictionary is asked for as a list of entries", "a strict object has fixed keys")
        entry = closed({"key": key, "value": value})
        renamed = {_ENTRY.get(name, name): item for name, item in schema.items() if name != "x-kind"}
        said = {**renamed, "x-says": "entries, no key twice"}
        out = constrain({"type": "array", "items": entry}, said, self.dialect, self.note, path)
        return out, Entries(key_node, value_node, native, schema["x-core"])

    # -- objects ---------------------------------------------------------------------------------------------

    def _object(self, schema: Json, path: Path) -> Pair:
        properties = schema.get("properties", {})
        more = schema.get("additionalProperties")
        if not properties and more not in (None, False) and "required" not in schema:
            core = {"x-keys": {"type": "string"}, "x-values": more if isinstance(more, dict) else {"x-kind": "any"}}
            return self.dict_({**schema, **core, "x-core": 0}, path)
        places = schema.get("x-places", {})
        required = set(schema.get("required", ()))
        wires: Json = {}
        kept: dict[str, Property] = {}
        optional: list[str] = []
        for key, each in properties.items():
            here = (*path, key)
            fixed = len(each.get("enum", ())) == 1 and each.get("default") == each["enum"][0]
            if "x-refused" in each and key not in required:
                self.notes.append(f"{'.'.join(map(str, here))} is never asked for: it has no JSON form")
                continue
            wire, node = self.fit(each, here)
            null = "keep"
            if key not in required and not fixed:
                optional.append(key)
                wire, null = self._optional(each, wire, here)
            wires[key] = wire
            # Where a key may be left out by the wire schema too, nothing is taken for one that has no default.
            default = not each.keys().isdisjoint(_DEFAULTS)
            preset = key not in required and (default or not self.dialect.natural)
            kept[key] = Property(key, tuple(places.get(key, (key,))), node, null, preset, default)
        if self.dialect.natural:
            is_open = schema.get("additionalProperties") not in (None, False)
            return self._natural(schema, wires, optional), Object(kept, open=is_open, missing=True)
        return self._with_extra(schema, wires, kept, path)

    def _with_extra(self, schema: Json, wires: Json, kept: dict[str, Property], path: Path) -> Pair:
        more = schema.get("additionalProperties")
        if more in (None, False):
            return self._closed(wires, schema), Object(kept)
        key = FREE
        while key in wires:
            key += "_"
        values = more if isinstance(more, dict) else {"x-kind": "any"}
        entries = {
            "x-keys": {"type": "string"},
            "x-values": values,
            "x-core": 0,
            "description": "Anything else, by name",
        }
        wires[key], node = self.dict_(entries, (*path, key))
        assert node is not None  # noqa: S101 - entries always have a codec
        return self._closed(wires, schema), Single(Object(kept, key), node)

    def _optional(self, schema: Json, wire: Json, path: Path) -> tuple[Json, str]:
        """Write a property that need not be given: null stands for that."""
        if self.dialect.natural:
            return wire, "keep"
        default = schema.get("x-default")
        free = wire.get("type") == "string" and self.shape.is_any(schema)
        if not self.shape.takes_null(schema) or free:
            said = f"null takes the default, {short(schema['default'])}" if "default" in schema else "null: not given"
            self.note(path, "null on the wire means: not given", "every property must be required")
            return nullable(wire, said if default != "none" else ""), "text" if free else "drop"
        if default == "none":
            return wire, "keep"
        self.note(path, "a value stands in an object, null means: not given", "null is a value of its own here")
        said = f"null takes the default, {short(schema['default'])}" if "default" in schema else "null: not given"
        return nullable(closed({"value": wire}), said), "wrap"

    def _natural(self, schema: Json, wires: Json, optional: list[str]) -> Json:
        out: Json = {"type": "object", "properties": wires, "required": [key for key in wires if key not in optional]}
        more = schema.get("additionalProperties")
        if more is False:
            out["additionalProperties"] = False
        text = describe(schema, {})
        return {**out, "description": text} if text else out

    def _closed(self, properties: Json, schema: Json) -> Json:
        out = closed(properties)
        text = describe(schema, {})
        return {"description": text, **out} if text else out


_RULES = (
    ("$ref", _Fitter.ref_),
    ("x-kind", _Fitter.kind_),
    ("anyOf", _Fitter.union_),
    ("oneOf", _Fitter.union_),
    ("x-keys", _Fitter.dict_),
    ("prefixItems", _Fitter.tuple_),
    ("enum", _Fitter.enum_),
    ("const", _Fitter.enum_),
)
_TEXT = frozenset({"string"})
_DEFAULTS = frozenset({"default", "x-default"})
_ENTRY = {"minProperties": "minItems", "maxProperties": "maxItems"}
_SAYS = {
    "decimal": "a decimal number, written with all its digits",
    "bytes": "text; bytes that are no text as data:;base64,…",
    "bytes-base64": "bytes in URL-safe base64",
    "bytes-hex": "bytes in hexadecimal",
}
