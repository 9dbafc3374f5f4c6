"""What does one node of a core schema say? Small questions about pydantic's own description of types."""

from __future__ import annotations

from typing import Any

__all__ = [
    "AROUND",
    "choice_type",
    "choices_of",
    "function_name",
    "hidden",
    "is_alike",
    "is_foreign",
    "is_pydantics",
    "is_scalar",
    "keeps_null",
    "renamed",
]

AROUND = frozenset({"function-before", "function-wrap", "function-after"})
"""Core types in which a function stands around another core schema."""
_ALIKE = {"str": str, "int": int, "float": float, "bool": bool, "none": type(None), "any": object}
"""Core types whose value is the same in Python and in JSON: no branch of a union can be mistaken there."""


def function_name(node: Any) -> str:
    """Name the function of a core schema that has one."""
    function = node.get("function")
    return str(getattr(function.get("function"), "__name__", "")) if isinstance(function, dict) else ""


def hidden(node: Any) -> Any:
    """Find the core schema of the value that a secret hides."""
    if node["type"] == "lax-or-strict":
        return hidden(node["lax_schema"])
    name = str(getattr(node.get("serialization", {}).get("function"), "__name__", ""))
    return node.get("json_schema", {}).get("schema") if name.startswith("_serialize_secret") else None


def is_pydantics(function: Any) -> bool:
    return str(getattr(getattr(function, "func", function), "__module__", "")).startswith("pydantic.")


def choice_type(choice: Any) -> str:
    return str((choice[0] if isinstance(choice, tuple) else choice)["type"])


def renamed(node: Any, names: dict[str, str]) -> Any:
    if isinstance(node, dict):
        moved = {key: renamed(each, names) for key, each in node.items()}
        ref = moved.get("$ref")
        return {**moved, "$ref": names.get(ref, ref)} if isinstance(ref, str) else moved
    return [renamed(each, names) for each in node] if isinstance(node, list) else node


def is_alike(choice: Any) -> str:
    """Name the Python kind of a branch whose JSON is the same value, or nothing."""
    kind = choice.get("type")
    if kind == "literal" and all(type(each) in (str, int, bool, type(None)) for each in choice["expected"]):
        return "literal"
    return kind if kind in _ALIKE else ""


def keeps_null(default: Any) -> bool:
    """Say whether a field with a default may be one that takes no null on the wire for a sign that it is not given.

    That is one whose default is null, if its type has a null of its own, and one that has a single value.
    """
    inner = default["schema"]
    while inner["type"] in AROUND:
        inner = inner["schema"]
    if len(inner.get("expected", inner.get("members", ()))) == 1:
        return True
    return default.get("default", ...) is None and inner["type"] not in _NEVER_NULL


_NEVER_NULL = frozenset(
    {"any", "str", "int", "float", "bool", "decimal", "date", "datetime", "time", "list", "dict", "model"}
)
"""Core types that have no null of their own (``any`` writes it as text); of others it need not be known."""


def choices_of(node: Any) -> list[tuple[int, Any]]:
    choices = node["choices"]
    if isinstance(choices, dict):
        return list(enumerate(choices.values()))
    return [(i, each[0] if isinstance(each, tuple) else each) for i, each in enumerate(choices)]


def is_scalar(node: Any) -> bool:
    return all(choice["type"] in {"str", "int", "float", "bool", "none", "literal"} for _, choice in choices_of(node))


def is_foreign(serialization: Any) -> bool:
    """Say whether a serializer belongs to a type that pydantic cannot write by itself (a path, an address …)."""
    module = getattr(serialization.get("function"), "__module__", "") or ""
    return serialization["type"] == "to-string" or module.startswith("pydantic.")
