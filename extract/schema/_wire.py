"""How are the few shapes of a wire schema written? Small builders of JSON Schema."""

from __future__ import annotations

from typing import Any

__all__ = ["DECIMAL", "NULL", "Json", "closed", "constants", "kind_of", "listed", "nullable", "short"]

Json = dict[str, Any]
NULL: Json = {"type": "null"}
_SHORT = 60

DECIMAL = r"^-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?$"
"""The digits of a decimal number, as they are asked for."""


def closed(properties: Json) -> Json:
    """Write an object with exactly these properties."""
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def nullable(wire: Json, said: str = "") -> Json:
    """Let a wire schema also be null; its description moves outside."""
    text = wire.get("description", "")
    inner = {key: item for key, item in wire.items() if key != "description"}
    if inner.keys() == {"anyOf"}:
        parts = inner["anyOf"] if NULL in inner["anyOf"] else [*inner["anyOf"], NULL]
    else:
        parts = [inner, NULL]
    text = f"{text} ({said})" if text and said else text or said
    return {"anyOf": parts, "description": text} if text else {"anyOf": parts}


def short(value: Any) -> str:
    text = repr(value) if isinstance(value, (str, list, dict)) else str(value)
    return text if len(text) <= _SHORT else f"{text[: _SHORT - 3]}…"


def constants(schema: Json) -> list[Any]:
    return [schema["const"]] if "const" in schema else list(schema.get("enum", ()))


def kind_of(value: Any) -> str:
    if value is None:
        return "null"
    kinds = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}
    return kinds[type(value)]


def listed(kind: str, values: list[Any]) -> Json:
    if kind == "null":
        return dict(NULL)
    return {"type": kind, "const": values[0]} if len(values) == 1 else {"type": kind, "enum": values}
