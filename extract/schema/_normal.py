"""What does a JSON Schema of any draft say in one plain form? A schema in; the form that :mod:`_fit` takes out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urljoin, urlparse
from urllib.request import url2pathname

from extract.errors import SchemaError

if TYPE_CHECKING:
    from pathlib import Path as FilePath

    from extract.errors import Path

__all__ = ["Normal", "Unfit"]

Json = dict[str, Any]
MAX_STEPS = 20_000
_PLAIN = (
    "type", "description", "examples", "default", "format", "minLength", "maxLength", "pattern", "minimum", "maximum",
    "multipleOf", "minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties", "enum", "const", "title",
)  # fmt: skip
_LOCAL = (
    "not", "if", "dependentRequired", "dependentSchemas", "dependencies", "propertyNames", "contains", "minContains",
    "maxContains", "unevaluatedProperties", "unevaluatedItems",
)  # fmt: skip
_SAME = ("not", "if", "then", "else")
_FREE = ("$dynamicRef", "$recursiveRef")


class Unfit(Exception):
    """The schema cannot be written in a strict dialect without losing what it means."""


class Normal:
    """One walk over one schema; definitions are gathered as they are met."""

    def __init__(self, schema: Json, base: FilePath | None = None) -> None:
        self.schema = schema
        self.base = base
        self.root_uri = base.resolve().as_uri() if base is not None else ""
        self.definitions: dict[str, Json] = {}
        self.notes: list[str] = []
        self._documents: dict[str, Any] = {self.root_uri: schema}
        self._ids: dict[str, Any] = {}
        self._steps = 0
        _gather_ids(schema, self.root_uri, self._ids)

    def run(self) -> Json:
        """Bring the whole schema into the plain form.

        Raises:
            Unfit: It cannot be strict.
            SchemaError: A reference leads nowhere, or the schema unfolds beyond all bounds.
        """
        self._unfold(self.schema, self.root_uri, {}, ())
        return self.plain(self.schema, self.root_uri, ())

    def _unfold(self, schema: Any, uri: str, known: dict[int, int], path: Path) -> int:
        """Count the schemas one value is held to; whoever judges an answer must visit them all."""
        if not isinstance(schema, dict):
            return 1
        if id(schema) in known:
            if known[id(schema)] < 0:
                raise SchemaError("A reference that leads to itself", path=path)
            return known[id(schema)]
        known[id(schema)] = -1
        uri = urljoin(uri, schema["$id"]) if isinstance(schema.get("$id"), str) else uri
        inner: list[tuple[Any, str]] = [(schema[key], uri) for key in _SAME if key in schema]
        inner.extend((each, uri) for key in ("allOf", "anyOf", "oneOf") for each in schema.get(key, ()))
        if isinstance(schema.get("$ref"), str):
            inner.append(self._find(_join(uri, schema["$ref"]), path))
        count = 1 + sum(self._unfold(each, base, known, path) for each, base in inner)
        known[id(schema)] = count
        if count > MAX_STEPS:
            raise SchemaError("The schema unfolds beyond all bounds", path=path, advice="use fewer nested references")
        for key in ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas"):
            for name, each in schema.get(key, {}).items():
                self._unfold_below(each, uri, known, (*path, name))
        for key in ("items", "additionalProperties", "contains", "prefixItems"):
            for each in schema[key] if isinstance(schema.get(key), list) else [schema.get(key)]:
                self._unfold_below(each, uri, known, path)
        return count

    def _unfold_below(self, schema: Any, uri: str, known: dict[int, int], path: Path) -> None:
        # A value one level down is another value: meeting a schema under way again is recursion, not a circle.
        if isinstance(schema, dict) and id(schema) not in known:
            self._unfold(schema, uri, known, path)

    def resource(self, uri: str) -> Any:
        """Find a local document for the judge (nothing is fetched)."""
        from referencing.jsonschema import DRAFT202012  # noqa: PLC0415 - only schemas without a type need it

        document = self._document(uri)
        return None if document is None else DRAFT202012.create_resource(document)

    def plain(self, schema: Any, uri: str, path: Path) -> Json:
        """Bring one schema into the plain form."""
        self._steps += 1
        if self._steps > MAX_STEPS:
            raise SchemaError("The schema unfolds beyond all bounds", path=path, advice="use fewer nested references")
        if schema is True or schema == {}:
            return {"x-kind": "any"}
        if schema is False:
            return {"x-refused": "false admits no value"}
        if not isinstance(schema, dict):
            raise SchemaError("A schema must be an object or a truth value", path=path)
        if schema.keys() & set(_FREE):
            raise Unfit("it uses dynamic references")
        uri = urljoin(uri, schema["$id"]) if isinstance(schema.get("$id"), str) else uri
        if "allOf" in schema:
            schema = self._merged(schema, uri, path)
        if "$ref" in schema:
            return self._ref(schema, uri, path)
        return self._here(schema, uri, path)

    def _here(self, schema: Json, uri: str, path: Path) -> Json:
        for key in _LOCAL:
            if key in schema:
                self.notes.append(f"{_show(path)}: {key} is enforced on the answer, not by the gateway")
        out = {key: schema[key] for key in _PLAIN if key in schema}
        for bound in ("Minimum", "Maximum"):
            exclusive = schema.get(f"exclusive{bound}")
            if exclusive is True:
                out[f"exclusive{bound}"] = out.pop(bound.lower(), None)
            elif exclusive not in (None, False):
                out[f"exclusive{bound}"] = exclusive
        branches = schema.get("anyOf") or schema.get("oneOf")
        if branches:
            return self._branches(schema, out, branches, uri, path)
        if out.get("enum") == [] or ("enum" not in out and "const" not in out and self._shapeless(schema)):
            return {**_said(out), "x-kind": "any"}
        return self._nulled(schema, self._structure(schema, out, uri, path))

    def _shapeless(self, schema: Json) -> bool:
        return "type" not in schema and not schema.keys() & {
            "properties",
            "items",
            "prefixItems",
            "patternProperties",
            "additionalProperties",
            "required",
        }

    def _structure(self, schema: Json, out: Json, uri: str, path: Path) -> Json:
        kind = schema.get("type")
        if "enum" in out or "const" in out:
            return {key: out[key] for key in ("enum", "const", "description") if key in out}
        if isinstance(kind, list):
            if len(kind) == 1:
                return self._structure({**schema, "type": kind[0]}, {**out, "type": kind[0]}, uri, path)
            said = _said(out)
            rest = {key: each for key, each in schema.items() if key not in {"description", "examples", "type"}}
            return {**said, "anyOf": [self.plain({**rest, "type": each}, uri, path) for each in kind]}
        if kind == "array" or (kind is None and schema.keys() & {"items", "prefixItems"}):
            return self._array(schema, {**out, "type": "array"}, uri, path)
        if kind == "object" or kind is None:
            return self._object(schema, {**out, "type": "object"}, uri, path)
        return out

    def _nulled(self, schema: Json, out: Json) -> Json:
        return {"anyOf": [out, {"type": "null"}]} if schema.get("nullable") is True else out

    # -- parts -----------------------------------------------------------------------------------------------

    def _branches(self, schema: Json, out: Json, branches: list[Any], uri: str, path: Path) -> Json:
        shared = {key: each for key, each in schema.items() if key in {"type", "properties", "required", "items"}}
        parts = []
        for each in branches:
            whole = each
            if shared and isinstance(each, dict):
                whole = {"allOf": [shared, each]}
            part = self.plain(whole, uri, path)
            if "x-refused" not in part and part not in parts:
                parts.append(part)
        if not parts:
            return {"x-refused": "no branch admits a value"}
        said = _said(out)
        return {**said, "anyOf": parts, "x-open": True} if len(parts) > 1 else {**parts[0], **said}

    def _object(self, schema: Json, out: Json, uri: str, path: Path) -> Json:
        properties = dict(schema.get("properties", {}))
        for key in ("then", "else"):
            part = schema.get(key)
            if isinstance(part, dict) and "if" in schema:
                for name, each in part.get("properties", {}).items():
                    properties.setdefault(name, each)
        out["properties"] = {key: self.plain(each, uri, (*path, key)) for key, each in properties.items()}
        required = schema.get("required", [])
        out["required"] = [key for key in required if key in properties] if isinstance(required, list) else []
        unknown = [key for key in required if key not in properties] if isinstance(required, list) else []
        for key in unknown:
            out["properties"][key] = {"x-kind": "any"}
            out["required"].append(key)
        out["properties"] = {
            key: each for key, each in out["properties"].items() if "x-refused" not in each or key in out["required"]
        }
        more = self._more(schema, uri, path)
        if more is not None:
            out["additionalProperties"] = more
        if not out["properties"] and more is None and schema.get("additionalProperties") is not False:
            more = {"x-kind": "any"}
        if not out["properties"] and more is not None:
            return {**out, "x-keys": {"type": "string"}, "x-values": more, "x-core": 0}
        return out

    def _more(self, schema: Json, uri: str, path: Path) -> Json | None:
        parts = [self.plain(each, uri, path) for each in schema.get("patternProperties", {}).values()]
        more = schema.get("additionalProperties")
        if isinstance(more, dict) or (more is True and (parts or schema.get("properties"))):
            parts.append(self.plain(more, uri, path))
        if schema.get("patternProperties"):
            self.notes.append(f"{_show(path)}: the keys' patterns are enforced on the answer, not by the gateway")
        parts = [part for i, part in enumerate(parts) if part not in parts[:i] and "x-refused" not in part]
        if any(part.get("x-kind") == "any" for part in parts):
            return {"x-kind": "any"}
        return None if not parts else parts[0] if len(parts) == 1 else {"anyOf": parts, "x-open": True}

    def _array(self, schema: Json, out: Json, uri: str, path: Path) -> Json:
        items = schema.get("items", True)
        prefix = schema.get("prefixItems", items if isinstance(items, list) else None)
        rest = schema.get("additionalItems", True) if isinstance(items, list) else items
        if prefix is None:
            out["items"] = self.plain(rest, uri, (*path, "[]"))
            if "x-refused" in out["items"]:
                return {"type": "array", "items": {"type": "null"}, "maxItems": 0}
            return out
        places = [self.plain(each, uri, (*path, i)) for i, each in enumerate(prefix)]
        if schema.get("minItems", 0) >= len(places) and rest is False:
            return {"prefixItems": places, "description": out.get("description")}
        more = self.plain(rest, uri, (*path, "[]"))
        parts = [each for i, each in enumerate((*places, more)) if "x-refused" not in each and each not in places[:i]]
        self.notes.append(f"{_show(path)}: the places of the list are enforced on the answer, not by the gateway")
        free = any(part.get("x-kind") == "any" for part in parts)
        out["items"] = {"x-kind": "any"} if free or not parts else parts[0] if len(parts) == 1 else {"anyOf": parts}
        if "anyOf" in out["items"]:
            out["items"] = {**out["items"], "x-open": True}
        return out

    # -- references and merges -------------------------------------------------------------------------------

    def _ref(self, schema: Json, uri: str, path: Path) -> Json:
        target_uri = _join(uri, schema["$ref"])
        key = target_uri or "#"
        if key not in self.definitions:
            target, base = self._find(target_uri, path)
            self.definitions[key] = {}
            plain = self.plain(target, base, path)
            if plain.get("$ref") == key:
                raise SchemaError("A reference that leads to itself", path=path)
            name = target_uri.rsplit("/", 1)[-1].rsplit("#", 1)[-1]
            self.definitions[key] = {"title": unquote(name) or "Root", **plain}
        out: Json = {"$ref": key}
        if "description" in schema:
            out["description"] = schema["description"]
        return out

    def _find(self, uri: str, path: Path) -> tuple[Any, str]:
        if uri in self._ids:
            return self._ids[uri], uri
        base, _, fragment = uri.partition("#")
        document = self._ids.get(base) if base in self._ids else self._document(base)
        if document is None:
            raise SchemaError(
                f"{uri!r} is not at hand, and nothing is fetched",
                path=path,
                advice="put it beside the schema, or inline it",
            )
        here: Any = document
        for raw in fragment.split("/")[1:] if fragment.startswith("/") else []:
            step = unquote(raw).replace("~1", "/").replace("~0", "~")
            try:
                here = here[int(step)] if isinstance(here, list) else here[step]
            except (KeyError, IndexError, ValueError, TypeError) as error:
                raise SchemaError(f"The reference {uri!r} leads nowhere", path=path) from error
        if fragment and not fragment.startswith("/"):
            raise SchemaError(f"The reference {uri!r} leads nowhere", path=path)
        return here, base

    def _document(self, uri: str) -> Any:
        uri = uri.partition("#")[0]
        if uri in self._documents:
            return self._documents[uri]
        parsed = urlparse(uri)
        if self.base is None or parsed.scheme != "file":
            return None
        folder = self.base.resolve().parent
        path = folder.__class__(url2pathname(parsed.path)).resolve()
        # Only files beside the schema: a schema is not to read the rest of the disk.
        if not path.is_relative_to(folder) or not path.is_file():
            return None
        document = json.loads(path.read_bytes())
        self._documents[uri] = document
        _gather_ids(document, uri, self._ids)
        return document

    def _merged(self, schema: Json, uri: str, path: Path) -> Json:
        """Fold allOf into one schema; where two say different things of one keyword, the first is asked for."""
        out = {key: each for key, each in schema.items() if key != "allOf"}
        for each in schema["allOf"]:
            part: Any = each
            depth = 0
            while isinstance(part, dict) and "$ref" in part and depth < 50:  # noqa: PLR2004 - then it is a circle
                target, _ = self._find(_join(uri, part["$ref"]), path)
                rest = {key: item for key, item in part.items() if key != "$ref"}
                part = {**target, **rest} if isinstance(target, dict) else target
                depth += 1
                self._steps += 1
            if depth >= 50:  # noqa: PLR2004
                raise SchemaError("A reference that leads to itself", path=path)
            if isinstance(part, dict) and "allOf" in part:
                self._steps += 1
                if self._steps > MAX_STEPS:
                    raise SchemaError("The schema unfolds beyond all bounds", path=path)
                part = self._merged(part, uri, path)
            if isinstance(part, dict):
                _fold(out, part, self.notes, path)
        return out


def _join(uri: str, ref: str) -> str:
    return uri.partition("#")[0] + ref if ref.startswith("#") else urljoin(uri, ref)


def _said(out: Json) -> Json:
    return {key: out[key] for key in ("description", "examples") if key in out}


def _fold(out: Json, part: Json, notes: list[str], path: Path) -> None:
    for key, each in part.items():
        if key not in out:
            out[key] = each
        elif key == "properties":
            merged = dict(out[key])
            for name, inner in each.items():
                merged[name] = {"allOf": [merged[name], inner]} if name in merged and merged[name] != inner else inner
            out[key] = merged
        elif key == "required":
            out[key] = [*out[key], *(name for name in each if name not in out[key])]
        elif key in {"minimum", "minLength", "minItems"}:
            out[key] = max(out[key], each)
        elif key in {"maximum", "maxLength", "maxItems"}:
            out[key] = min(out[key], each)
        elif key == "additionalProperties" and out[key] is True:
            out[key] = each
        elif out[key] != each and key not in {
            "description",
            "title",
            "$id",
            "$schema",
            "$comment",
            "$defs",
            "definitions",
        }:
            notes.append(f"{_show(path)}: a second {key} is enforced on the answer, not by the gateway")


def _gather_ids(schema: Any, uri: str, out: dict[str, Any]) -> None:
    work = [(schema, uri)]
    while work:
        node, base = work.pop()
        if isinstance(node, list):
            work.extend((each, base) for each in node)
        if not isinstance(node, dict):
            continue
        for key in ("$id", "id"):
            if isinstance(node.get(key), str):
                found = urljoin(base, node[key])
                out[found] = out[found.rstrip("#")] = node
                base = found.partition("#")[0] if not node[key].startswith("#") else base
        for key in ("$anchor", "$dynamicAnchor"):
            if isinstance(node.get(key), str):
                out[f"{base}#{node[key]}"] = node
        work.extend((each, base) for key, each in node.items() if key not in {"enum", "const", "default", "examples"})


def _show(path: Path) -> str:
    return "$" + "".join(str(step) if step == "[]" else f".{step}" for step in path)
