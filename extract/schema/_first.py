"""A first compiler: ordinary pydantic types to a strict wire schema and back."""

from __future__ import annotations

import functools
import json
import re
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter
from pydantic import ValidationError as PydanticError
from pydantic.errors import PydanticInvalidForJsonSchema, PydanticSchemaGenerationError

from extract.errors import Issue, Path, SchemaError, ValidationError
from extract.typing import JSON, Repair, WireFormat

T = TypeVar("T")
DROPPED = ("title", "minLength", "maxLength", "uniqueItems", "discriminator")
FORMATS = ("date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid")


@dataclass(frozen=True, slots=True)
class Checked(Generic[T]):
    """A wire value held against the declared type."""

    value: T | None
    ok: bool
    issues: tuple[Issue, ...] = ()
    repairs: tuple[Repair, ...] = ()
    wire: JSON = None


@dataclass(frozen=True, slots=True)
class Quarantined:
    """An item that was left out, with what was wrong with it."""

    path: Path
    value: JSON
    issues: tuple[Issue, ...]


class Check:
    """A declared check across fields."""


class Schema(Generic[T]):
    """A compiled declared type: what the model sees, and the way back."""

    notes: tuple[str, ...] = ()
    guidance = ""
    checked = False
    strict = True

    def __init__(self, declared: Any, name: str | None) -> None:
        try:
            self._adapter: TypeAdapter[T] = declared if isinstance(declared, TypeAdapter) else TypeAdapter(declared)
            plain = self._adapter.json_schema()
        except (PydanticSchemaGenerationError, PydanticInvalidForJsonSchema) as error:
            raise SchemaError(f"{getattr(declared, '__name__', declared)} cannot be expressed: {error}") from error
        defs = plain.pop("$defs", {})
        self._defaults: dict[Path, Any] = {}
        self._wrapped = plain.get("type") != "object" or "properties" not in plain
        root = {"type": "object", "properties": {"value": plain}} if self._wrapped else plain
        self.wire: dict[str, Any] = _fit(root)
        if defs:
            self.wire["$defs"] = {key: _fit(value) for key, value in defs.items()}
        self._identity = not self._wrapped and '"default"' not in json.dumps([plain, defs], default=str)
        self.name = re.sub(r"[^A-Za-z0-9_-]+", "_", name or getattr(declared, "__name__", "Value"))[:64]
        self.format = WireFormat(self.name, self.wire, json.dumps(self.wire, separators=(",", ":")).encode())

    @classmethod
    def of(cls, declared: Any, *, dialect: str = "openai-strict", name: str | None = None) -> Schema[Any]:
        """Compile once per type; cached."""
        return _compiled(declared, dialect, name)

    def encode(self, value: T) -> JSON:
        """Declared value in, wire value out."""
        plain = self._adapter.dump_python(value, mode="json")
        return {"value": plain} if self._wrapped else plain

    def decode(self, wire: JSON, *, context: Any = None) -> T:
        """Wire value in, declared value out."""
        checked = self.check(wire, context=context)
        if not checked.ok:
            raise ValidationError.of(checked.issues)
        return checked.value  # type: ignore[return-value]

    def check_json(self, text: str | bytes, *, context: Any = None, strictness: str = "careful") -> Checked[T]:
        """Hold a JSON text against the type."""
        try:
            return self.check(json.loads(text), context=context, strictness=strictness)
        except (ValueError, RecursionError) as error:
            return Checked(None, False, (Issue((), f"not JSON: {type(error).__name__}", "json_invalid"),))

    def check(self, wire: JSON, *, context: Any = None, strictness: str = "careful") -> Checked[T]:  # noqa: ARG002
        """Hold a wire value against the type."""
        repairs: list[Repair] = []
        plain = wire
        if self._wrapped:
            plain = wire.get("value") if isinstance(wire, dict) else wire
        plain = self._undo(plain, self._adapter.json_schema(), (), repairs)
        try:
            return Checked(self._adapter.validate_python(plain, context=context), True, (), tuple(repairs), wire)
        except PydanticError as error:
            found = error.errors(include_url=False)
            return Checked(
                None, False, tuple(Issue(e["loc"], e["msg"], e["type"], e["input"]) for e in found), (), wire
            )

    def _undo(self, value: Any, schema: Any, path: Path, repairs: list[Repair]) -> Any:
        defs = self._adapter.json_schema().get("$defs", {})
        schema = defs.get(schema["$ref"].rsplit("/", 1)[-1], {}) if "$ref" in schema else schema
        if isinstance(value, list) and "items" in schema:
            return [self._undo(v, schema["items"], (*path, i), repairs) for i, v in enumerate(value)]
        if not isinstance(value, dict) or "properties" not in schema:
            return value
        out = {}
        for key, item in value.items():
            node = schema["properties"].get(key, {})
            if item is None and "default" in node:
                repairs.append(Repair("default-taken", (*path, key), after=node["default"]))
            else:
                out[key] = self._undo(item, node, (*path, key), repairs)
        return out


@functools.cache
def _compiled(declared: Any, dialect: str, name: str | None) -> Schema[Any]:  # noqa: ARG001
    return Schema(declared, name)


def _fit(node: Any) -> Any:
    if not isinstance(node, dict):
        return node
    out: dict[str, Any] = {k: v for k, v in node.items() if k not in DROPPED and k != "default"}
    if "format" in out and out["format"] not in FORMATS:
        del out["format"]
    if "oneOf" in out:
        out["anyOf"] = out.pop("oneOf")
    if "pattern" in out and "(?" in out["pattern"]:
        del out["pattern"]
    for key in ("items",):
        if key in out:
            out[key] = _fit(out[key])
    if "anyOf" in out:
        out["anyOf"] = [_fit(branch) for branch in out["anyOf"]]
    if out.get("type") == "object":
        if "properties" not in out:
            raise SchemaError("a mapping with free keys is not supported yet")
        properties = {key: _nullable(_fit(value), value) for key, value in out["properties"].items()}
        out |= {"properties": properties, "required": list(properties), "additionalProperties": False}
    if "$ref" in out and len(out) > 1:
        ref = out.pop("$ref")
        out = {"anyOf": [{"$ref": ref}], **out}
    return out


def _nullable(fitted: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    if "default" not in node or any(branch.get("type") == "null" for branch in fitted.get("anyOf", ())):
        return fitted
    return {"anyOf": [*fitted.get("anyOf", [fitted]), {"type": "null"}]}


@dataclass(frozen=True, slots=True)
class Salvaged:
    """The good part of a value, and what was left out."""

    value: JSON
    quarantined: tuple[Quarantined, ...]
    remaining: tuple[Issue, ...]


class Subset:
    """A part of a schema to be asked for by itself."""


def salvage(value: JSON, issues: tuple[Issue, ...], schema: Any) -> Salvaged:  # noqa: ARG001
    """Keep everything: nothing can be set apart yet."""
    return Salvaged(value, (), issues)


def subset(schema: Any, value: JSON, issues: tuple[Issue, ...]) -> None:  # noqa: ARG001
    """Ask for the whole: parts cannot be asked for yet."""
    return
