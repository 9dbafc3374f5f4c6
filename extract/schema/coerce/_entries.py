"""What stands under a key of its own in, the same as one of the entries that a list of free entries holds out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from extract.schema.coerce._match import Matcher
    from extract.typing import JSON

__all__ = ["FREE", "JSON_TEXT", "as_entry", "free_entries", "is_entry"]

JSON_TEXT: Final = "any JSON value, written as JSON text"
"""What a description says of a text that holds JSON."""
FREE: Final = "additional_properties"
"""How the property is called that holds what an object has beside its own; with ``_`` behind where it has that too."""


def is_entry(place: Any) -> bool:
    """Tell whether a schema is that of an entry."""
    return isinstance(place, dict) and tuple(place.get("properties", ())) == ("key", "value")


def free_entries(node: Mapping[str, Any], matcher: Matcher) -> str | None:
    """Name the property of an object in which its free entries stand; None where it takes none."""
    if node.get("additionalProperties") is not False:
        return None
    name, place = next(reversed(node.get("properties", {}).items()), ("", None))
    if name.rstrip("_") != FREE:
        return None
    place = matcher.resolve(place)
    items = matcher.resolve(place.get("items")) if isinstance(place, dict) else None
    return name if is_entry(items) else None


def as_entry(key: str, item: JSON, place: Any, *, told: bool = False) -> JSON:
    """Write a key and its value as an entry.

    Args:
        key: The key.
        item: What stood under it.
        place: The schema of an entry's value.
        told: Whether the value may be JSON text already, because the model was told to write it so.
    """
    if not (isinstance(place, dict) and JSON_TEXT in str(place.get("description", ""))):
        return {"key": key, "value": item}
    if told and isinstance(item, str) and item.lstrip()[:1] in ("{", "[", '"') and _is_json(item):
        return {"key": key, "value": item}
    return {"key": key, "value": json.dumps(item, ensure_ascii=False)}


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
