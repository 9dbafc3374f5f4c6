"""How was a number written? JSON text in; its value out, with numbers that know their spelling, and without."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing_extensions import Self

    from extract.typing import JSON

__all__ = ["Spelled", "spelled", "unspelled"]


class Spelled(float):
    """A number with a fraction or an exponent, and how it was written: 1.10 is no other number than 1.1."""

    __slots__ = ("text",)
    text: str

    def __new__(cls, text: str) -> Self:
        """Read a number."""
        made = super().__new__(cls, text)
        made.text = text
        return made


def spelled(text: str | bytes, otherwise: JSON) -> JSON:
    """Read a text of strict JSON; where Python's own reader refuses it, ``otherwise`` is what it says."""
    try:
        value: JSON = json.loads(text, parse_float=Spelled)
    except (ValueError, RecursionError):
        return otherwise
    return value


def unspelled(value: JSON) -> JSON:
    """The same value of plain numbers; the very object where there are no others."""
    if isinstance(value, Spelled):
        return float(value)
    if isinstance(value, dict):
        found: dict[str, JSON] = {key: unspelled(item) for key, item in value.items()}
        return found if any(found[key] is not item for key, item in value.items()) else value
    if isinstance(value, list):
        items = [unspelled(item) for item in value]
        return items if any(one is not other for one, other in zip(items, value, strict=True)) else value
    return value
