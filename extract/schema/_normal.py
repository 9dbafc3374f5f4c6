"""What does a JSON Schema of any draft say in one plain form? A schema in; the form that :mod:`_fit` takes out."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

from extract.errors import SchemaError
from extract.schema._merge import Merger, Unfit

if TYPE_CHECKING:
    from extract.errors import Path
    from extract.schema._refs import References

__all__ = ["Normal"]

Json = dict[str, Any]
MAX_STEPS = 150_000
MAX_CHOICES = 24
"""Branches that two or more choices may make together, before only their union is asked for."""
_PLAIN = (
    "type", "description", "examples", "default", "format", "minLength", "maxLength", "pattern", "minimum", "maximum",
    "multipleOf", "minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties", "enum", "const", "title",
)  # fmt: skip
_LOCAL = (
    "not", "if", "dependentRequired", "dependentSchemas", "dependencies", "propertyNames", "contains", "minContains",
    "maxContains", "unevaluatedProperties", "unevaluatedItems",
)  # fmt: skip
_SHAPED = frozenset({"properties", "items", "prefixItems", "patternProperties", "additionalProperties", "required"})
_SHARED = (*_SHAPED, "type", "additionalItems", "x-further", "x-tested")
_SAYING = (*_SHARED, "enum", "const", "anyOf", "oneOf", "allOf", "then", "else", "dependentSchemas")
_ONLY_JUDGED = frozenset(
    {"required", "not", "description", "title", "$comment", "if", "minProperties", "maxProperties"}
)
_LARGE = frozenset({"properties", "anyOf", "items", "prefixItems", "x-keys"})
_REFUSED: Json = {"x-refused": "false admits no value"}


class Normal:
    """One walk over one schema; definitions are gathered as they are met."""

    def __init__(self, references: References) -> None:
        self.references = references
        self.definitions: dict[str, Json] = {}
        self.notes: dict[str, None] = {}
        self.merger = Merger(references, self._note)
        self._steps = 0
        self._keys: dict[int, str] = {}
        self._inline: dict[str, Json] = {}

    def run(self) -> Json:
        """Bring the whole schema into the plain form.

        Raises:
            Unfit: It cannot be strict.
            SchemaError: A reference leads nowhere.
        """
        return self.plain(self.references.schema, self.references.root, ())

    def plain(self, schema: Any, resolver: Any, path: Path) -> Json:
        """Bring one schema into the plain form."""
        self._step()
        if schema is True or schema == {}:
            return {"x-kind": "any"}
        if schema is False:
            return dict(_REFUSED)
        if not isinstance(schema, dict):
            raise SchemaError("A schema must be an object or a truth value", path=path)
        resolver = self.merger.home(schema, resolver)
        if schema.get("not") in (True, {}):
            return dict(_REFUSED)
        if self._only_refers(schema):
            return self._ref(schema, resolver, path)
        if id(schema) in self._keys:
            return self._again(schema)
        key = self._keys[id(schema)] = f"Part-{len(self._keys)}"
        self.definitions[key] = {}
        out = self._whole(schema, resolver, path)
        named = {"title": str(path[-1]) if path else "Root", **out}
        if self.definitions[key]:
            # Met again below itself: it is a definition.
            self.definitions[key] = named
            return {"$ref": key}
        if not out.keys() & _LARGE:
            del self._keys[id(schema)]
        self._inline[key] = out
        return out

    def _again(self, schema: Json) -> Json:
        """Refer to a part that stands elsewhere too, so that parts do not multiply."""
        key = self._keys[id(schema)]
        out = self._inline.pop(key, None)
        if out is None:
            self.definitions[key] = self.definitions[key] or {"x-kind": "any"}
        else:
            self.definitions[key] = {"title": key, **out}
            out.clear()
            out["$ref"] = key
        return {"$ref": key}

    def _step(self) -> None:
        self._steps += 1
        if self._steps > MAX_STEPS:
            raise Unfit(f"its branches multiply beyond {MAX_STEPS:,} parts")

    def _note(self, path: Path, what: str) -> None:
        self.notes[f"{_show(path)}: {what}"] = None

    def _only_refers(self, schema: Json) -> bool:
        if not isinstance(schema.get("$ref"), str):
            return False
        return self.references.is_alone or not any(key in schema for key in _SAYING)

    def _whole(self, schema: Json, resolver: Any, path: Path) -> Json:
        merged = self.merger.merge(schema, resolver, path)
        if "x-refused" in merged:
            return {"x-refused": merged["x-refused"]}
        return self._here(merged, resolver, path)

    # -- the merged schema -----------------------------------------------------------------------------------

    def _here(self, schema: Json, resolver: Any, path: Path) -> Json:
        for key in (*_LOCAL, "x-further"):
            if key in schema:
                name = "what holds only under a condition" if key == "x-further" else key
                self._note(path, f"{name} is enforced on the answer, not by the gateway")
        out = {key: schema[key] for key in _PLAIN if key in schema}
        for bound in ("Minimum", "Maximum"):
            exclusive = schema.get(f"exclusive{bound}")
            if exclusive is True:
                out[f"exclusive{bound}"] = out.pop(bound.lower(), None)
            elif exclusive not in (None, False):
                out[f"exclusive{bound}"] = exclusive
        if "enum" in out:
            return self._nulled(schema, self._constants(out))
        branches = self._choices(schema, path)
        if branches is not None:
            return self._branches(schema, out, branches, resolver, path)
        shaped = any(schema.get(key) not in (None, True, {}, []) for key in _SHAPED)
        if "type" not in schema and not shaped and not self._further(schema, resolver, path, ()):
            return {**_said(out), "x-kind": "any"}
        return self._nulled(schema, self._structure(schema, out, resolver, path))

    def _constants(self, out: Json) -> Json:
        values = out["enum"]
        if "type" in out:
            values = [each for each in values if _is_of(each, out["type"])]
        if not values:
            return {"x-refused": "no value of the enum is of the type"}
        said: Json = {key: out[key] for key in ("description", "title") if key in out}
        return {**said, "const": values[0]} if len(values) == 1 else {**said, "enum": values}

    def _structure(self, schema: Json, out: Json, resolver: Any, path: Path) -> Json:
        kind = schema.get("type")
        if isinstance(kind, list):
            if len(kind) == 1:
                return self._structure({**schema, "type": kind[0]}, {**out, "type": kind[0]}, resolver, path)
            said = _said(out)
            rest = {key: each for key, each in out.items() if key not in {"description", "examples", "type", "title"}}
            parts = [self._structure({**schema, "type": each}, {**rest, "type": each}, resolver, path) for each in kind]
            return {**said, "anyOf": parts, "x-open": True}
        if kind == "array" or (kind is None and schema.keys() & {"items", "prefixItems"}):
            return self._array(schema, {**out, "type": "array"}, resolver, path)
        if kind == "object" or kind is None:
            return self._object(schema, {**out, "type": "object"}, resolver, path)
        if kind == "any":
            return {**_said(out), "x-kind": "any"}
        return out

    def _nulled(self, schema: Json, out: Json) -> Json:
        return {"anyOf": [out, {"type": "null"}]} if schema.get("nullable") is True else out

    # -- branches --------------------------------------------------------------------------------------------

    def _choices(self, schema: Json, path: Path) -> list[Any] | None:
        """List the branches a value has; several choices at once make one of their combinations."""
        choices = [each for each in schema.get("x-choices", ()) if not self._is_only_judged(each, schema, path)]
        if not choices:
            return None
        if len(choices) == 1:
            return list(choices[0])
        count = 1
        for each in choices:
            count *= len(each)
        if count > MAX_CHOICES:
            raise Unfit(f"{_show(path)} has {len(choices)} choices at once, which make {count:,} branches")
        return [self.merger.both(*each) for each in product(*choices)]

    def _is_only_judged(self, branches: list[Any], schema: Json, path: Path) -> bool:
        """Say whether branches add no value to what is asked for, and so need not be asked for one by one."""
        if not schema.keys() & {"properties", "type"}:
            return False
        known = schema.get("properties", {})
        for each in branches:
            if isinstance(each, bool):
                continue
            if each.keys() - _ONLY_JUDGED - {"properties"} or each.get("properties", {}).keys() - known.keys():
                return False
            if any(_is_telling(inner) for inner in each.get("properties", {}).values()):
                return False
            if set(each.get("required", ())) - known.keys():
                return False
        self._note(path, "which keys go together is enforced on the answer, not by the gateway")
        return True

    def _branches(self, schema: Json, out: Json, branches: list[Any], resolver: Any, path: Path) -> Json:
        shared = self._shared(schema)
        parts: list[Json] = []
        for each in branches:
            part = self.plain(self._with(shared, each, resolver, path), resolver, path)
            if "x-refused" not in part and part not in parts:
                parts.append(part)
        if not parts:
            return {"x-refused": "no branch admits a value"}
        said = _said(out)
        if len(parts) == 1:
            return {**parts[0], **said}
        if all(part.keys() & {"enum", "const"} for part in parts):
            return {**_listed(parts), **said}
        if any(part.get("x-kind") == "any" for part in parts):
            return {**said, "x-kind": "any"}
        return {**said, "anyOf": parts, "x-open": True}

    def _shared(self, schema: Json) -> Json:
        # Kept with what it is made of, so that it is the same one each time.
        shared: Json = schema.setdefault("x-shared", {key: schema[key] for key in _SHARED if key in schema})
        return shared

    def _with(self, shared: Json, branch: Any, resolver: Any, path: Path) -> Any:
        if not shared or not isinstance(branch, dict):
            return branch if shared == {} or branch is False else shared
        if shared.keys() == {"type"}:
            target, base = branch, self.merger.home(branch, resolver)
            while isinstance(target, dict) and isinstance(target.get("$ref"), str):
                target, base = self.references.follow(target["$ref"], base, path)
            if isinstance(target, dict) and target.get("type", shared["type"]) == shared["type"] and "type" in target:
                return branch
        return self.merger.both(shared, branch)

    # -- objects and lists -----------------------------------------------------------------------------------

    def _object(self, schema: Json, out: Json, resolver: Any, path: Path) -> Json:
        properties = dict(schema.get("properties", {}))
        properties.update(self._further(schema, resolver, path, properties.keys()))
        required = [key for key in schema.get("required", ()) if isinstance(key, str)]
        out["properties"] = {key: self.plain(each, resolver, (*path, key)) for key, each in properties.items()}
        more = self._more(schema, resolver, path)
        for key in required:
            out["properties"].setdefault(key, more or {"x-kind": "any"})
        out["required"] = required
        out["properties"] = {
            key: each for key, each in out["properties"].items() if "x-refused" not in each or key in required
        }
        if any("x-refused" in each for each in out["properties"].values()):
            return {"x-refused": "a key that must be there admits no value"}
        if more is not None:
            out["additionalProperties"] = more
        elif not out["properties"] and schema.get("additionalProperties") is not False:
            more = {"x-kind": "any"}
        if not out["properties"] and more is not None:
            return {**out, "x-keys": {"type": "string"}, "x-values": more, "x-core": 0}
        if more is None and schema.get("additionalProperties") is not False:
            self._note((), "keys that the schema does not name are not asked for")
        return out

    def _further(self, schema: Json, resolver: Any, path: Path, known: Any) -> dict[str, Any]:
        """Find the properties that may be there under a condition."""
        found: dict[str, list[Any]] = {}
        work = [(each, resolver) for each in schema.get("x-further", ())]
        seen: set[int] = set()
        while work:
            each, base = work.pop(0)
            if not isinstance(each, dict) or id(each) in seen:
                continue
            seen.add(id(each))
            base = self.merger.home(each, base)
            if isinstance(each.get("$ref"), str):
                work.append(self.references.follow(each["$ref"], base, path))
            for key in ("allOf", "anyOf", "oneOf"):
                work.extend((one, base) for one in each.get(key, ()))
            work.extend((each[key], base) for key in ("then", "else") if key in each)
            self.merger.settle({"properties": each.get("properties", {})}, base)
            for name, inner in each.get("properties", {}).items():
                if name not in known and inner is not False:
                    found.setdefault(name, []).append(inner)
        for name in schema.get("x-tested", ()):
            if name not in known:
                found.setdefault(name, [True])
        return {name: each[0] if len(each) == 1 else self.merger.either(each) for name, each in found.items()}

    def _more(self, schema: Json, resolver: Any, path: Path) -> Json | None:
        patterns = schema.get("patternProperties") or {}
        parts = [self.plain(each, resolver, (*path, "*")) for each in patterns.values()]
        more = schema.get("additionalProperties")
        if isinstance(more, dict) or (more is True and (parts or schema.get("properties"))):
            parts.append(self.plain(more, resolver, (*path, "*")))
        if patterns:
            self._note(path, "the keys' patterns are enforced on the answer, not by the gateway")
        parts = [part for i, part in enumerate(parts) if part not in parts[:i] and "x-refused" not in part]
        if any(part.get("x-kind") == "any" for part in parts):
            return {"x-kind": "any"}
        return None if not parts else parts[0] if len(parts) == 1 else {"anyOf": parts, "x-open": True}

    def _array(self, schema: Json, out: Json, resolver: Any, path: Path) -> Json:
        items = schema.get("items", True)
        prefix = schema.get("prefixItems", items if isinstance(items, list) else None)
        rest = schema.get("additionalItems", True) if isinstance(items, list) else items
        if prefix is None:
            out["items"] = self.plain(rest, resolver, (*path, "[]"))
            if "x-refused" in out["items"]:
                return {"type": "array", "items": {"type": "null"}, "maxItems": 0}
            return out
        places = [self.plain(each, resolver, (*path, i)) for i, each in enumerate(prefix)]
        refused = any("x-refused" in each for each in places)
        if schema.get("minItems", 0) >= len(places) and rest is False and not refused:
            return {"prefixItems": places, "description": out.get("description")}
        more = self.plain(rest, resolver, (*path, "[]"))
        parts = [each for i, each in enumerate((*places, more)) if "x-refused" not in each and each not in places[:i]]
        self._note(path, "the places of the list are enforced on the answer, not by the gateway")
        free = any(part.get("x-kind") == "any" for part in parts)
        out["items"] = {"x-kind": "any"} if free or not parts else parts[0] if len(parts) == 1 else {"anyOf": parts}
        if "anyOf" in out["items"]:
            out["items"] = {**out["items"], "x-open": True}
        return out

    # -- references ------------------------------------------------------------------------------------------

    def _ref(self, schema: Json, resolver: Any, path: Path) -> Json:
        target, base = self.references.follow(schema["$ref"], resolver, path)
        if not isinstance(target, dict):
            return self.plain(target, base, path)
        key = f"@{id(target)}"
        if key not in self.definitions:
            self.definitions[key] = {}
            plain = self.plain(target, base, path)
            name = schema["$ref"].rstrip("/#").rsplit("/", 1)[-1].rsplit("#", 1)[-1]
            self.definitions[key] = {"title": name or "Root", **plain}
        if "x-refused" in self.definitions[key]:
            return {"x-refused": self.definitions[key]["x-refused"]}
        out: Json = {"$ref": key}
        if "description" in schema:
            out["description"] = schema["description"]
        return out


def _said(out: Json) -> Json:
    return {key: out[key] for key in ("description", "examples") if key in out}


def _listed(parts: list[Json]) -> Json:
    """Write branches that are only values as one list of them; what is said of each moves with it."""
    values: list[Any] = []
    told: list[str] = []
    for part in parts:
        own = part.get("enum", [part.get("const")])
        values.extend(each for each in own if not any(each is one or _is_same(each, one) for one in values))
        if "description" in part and len(own) == 1:
            told.append(f"{own[0]}: {part['description']}")
    return {"enum": values, **({"description": "; ".join(told)} if told else {})}


def _is_same(one: Any, other: Any) -> bool:
    return bool(one == other) and isinstance(one, bool) is isinstance(other, bool)


def _is_telling(schema: Any) -> bool:
    """Whether a branch's property tells the branches apart, and so is worth asking for."""
    return isinstance(schema, dict) and bool(schema.keys() & {"const", "enum", "$ref", "properties", "anyOf", "oneOf"})


def _is_of(value: Any, kinds: Any) -> bool:
    kinds = {kinds} if isinstance(kinds, str) else set(kinds)
    if isinstance(value, bool) or value is None:
        return ("null" if value is None else "boolean") in kinds
    if isinstance(value, (int, float)):
        return "number" in kinds or ("integer" in kinds and value == int(value))
    return ("string" if isinstance(value, str) else "array" if isinstance(value, list) else "object") in kinds


def _show(path: Path) -> str:
    return "$" + "".join(str(step) if step == "[]" else f".{step}" for step in path)
