"""Which constraints travel as keywords, which as words? A wire node and a marked schema in, the told node out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from extract.errors import Path
    from extract.schema._dialect import Dialect

__all__ = ["Rewrite", "constrain", "describe"]

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Rewrite:
    """One place where the wire form differs from the declared one, and why."""

    path: Path
    what: str
    why: str = ""


_WORDS: dict[str, tuple[str, ...]] = {
    "minLength": ("string",),
    "maxLength": ("string",),
    "pattern": ("string",),
    "format": ("string",),
    "minimum": ("integer", "number"),
    "maximum": ("integer", "number"),
    "exclusiveMinimum": ("integer", "number"),
    "exclusiveMaximum": ("integer", "number"),
    "multipleOf": ("integer", "number"),
    "minItems": ("array",),
    "maxItems": ("array",),
    "uniqueItems": ("array",),
    "minProperties": ("object",),
    "maxProperties": ("object",),
}
"""Constraints, and the types on which they may stand as keywords."""

_SAID = {
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "pattern": "matching the regular expression {}",
    "format": "format: {}",
    "minimum": "at least {}",
    "maximum": "at most {}",
    "exclusiveMinimum": "more than {}",
    "exclusiveMaximum": "less than {}",
    "multipleOf": "a multiple of {}",
    "minItems": "at least {} items",
    "maxItems": "at most {} items",
    "uniqueItems": "no item twice",
    "minProperties": "at least {} entries",
    "maxProperties": "at most {} entries",
    "x-least-bytes": "at least {} bytes",
    "x-most-bytes": "at most {} bytes",
    "x-digits": "at most {} digits",
    "x-places-after": "at most {} digits after the point",
}


def constrain(wire: Json, schema: Json, dialect: Dialect, note: Callable[[Path, str, str], None], path: Path) -> Json:
    """Put each constraint where the dialect takes it, and the others into the description."""
    words: Json = {}
    out = dict(wire)
    for key in schema.keys() & _SAID.keys():
        value = schema[key]
        if value is None or value is False:
            continue
        if out.get("type") in _WORDS.get(key, ()) and _accepted(key, value, dialect):
            out[key] = value
        else:
            words[key] = value
            note(path, f"{key} is told in the description and enforced here", "the dialect does not carry it")
    if len(out) > len(wire) or words:
        out = {key: out[key] for key in (*wire, *(each for each in _SAID if each in out and each not in wire))}
    text = describe(schema, words)
    if text:
        out["description"] = text
    return out


def describe(schema: Json, words: Json) -> str:
    """Write the description: what the author said, examples, and the constraints that do not travel."""
    said = str(schema.get("description") or schema.get("x-says") or "").strip()
    if schema.get("description") and schema.get("x-says"):
        said = f"{said} ({schema['x-says']})"
    if not words and "examples" not in schema:
        return said
    told = [_SAID[key].format(words[key]) for key in _SAID if key in words]
    parts = [said] if said else []
    if told:
        parts.append("; ".join(told))
    examples = schema.get("examples")
    if isinstance(examples, list) and examples:
        parts.append("e.g. " + ", ".join(_short(each) for each in examples[:3]))
    return ". ".join(part.rstrip(".") if i < len(parts) - 1 else part for i, part in enumerate(parts))


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= _SHORT else f"{text[: _SHORT - 3]}…"


_SHORT = 80
_LOOKAROUND = re.compile(r"\(\?(=|!|<=|<!)")
_DIALECTAL = re.compile(r"\(\?P|\(\?[aiLmsux]|\\[AZzpP]|\(\?>|[*+?}]\+")


def _accepted(key: str, value: Any, dialect: Dialect) -> bool:
    if key not in dialect.keywords:
        return False
    if key == "format":
        return dialect.formats is None or value in dialect.formats
    if key == "pattern":
        return _plain_pattern(str(value), dialect)
    if isinstance(value, float):
        return value == value and abs(value) != float("inf")  # noqa: PLR0124 - NaN
    return True


def _plain_pattern(pattern: str, dialect: Dialect) -> bool:
    if not dialect.lookaround and _LOOKAROUND.search(pattern):
        return False
    if dialect.anchored and not (pattern.startswith("^") and pattern.endswith("$")):
        return False
    if _DIALECTAL.search(pattern):
        return False
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True
