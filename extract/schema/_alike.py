"""Did a value come back as it went? Two declared values in, yes or no out; ``==`` alone misses some that did."""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

__all__ = ["alike", "same"]

_DEEPEST = 100


def alike(one: Any, other: Any, depth: int = _DEEPEST) -> bool:
    """Say whether two values hold the same.

    Beyond ``==``: NaN is as good as NaN, a tuple as the list that stands for it where any sequence will do, and
    objects that do not compare are looked into.
    """
    if same(one, other):
        return True
    if depth == 0:
        return False
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        return len(one) == len(other) and all(alike(a, b, depth - 1) for a, b in zip(one, other, strict=True))
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return len(one) == len(other) and all(key in other and alike(one[key], other[key], depth - 1) for key in one)
    if type(one) is not type(other):
        return False
    if isinstance(one, (float, Decimal)):
        return math.isnan(one) and math.isnan(other)
    held = _held(one)
    return bool(held) and alike(held, _held(other), depth - 1)


def same(one: Any, other: Any) -> bool:
    """Say whether two values are equal, as their author says it."""
    try:
        return one is other or bool(one == other)
    except Exception:  # noqa: BLE001 - an author's comparison may raise anything
        return False


def _held(value: Any) -> dict[str, Any]:
    """What an instance holds; private state is made anew for each instance."""
    slots = (slot for cls in type(value).__mro__ for slot in _listed(vars(cls).get("__slots__", ())))
    held = {slot: getattr(value, slot, None) for slot in slots if not slot.startswith("__")}
    held.update(getattr(value, "__dict__", {}))
    held.update(getattr(value, "__pydantic_extra__", None) or {})
    return held


def _listed(slots: Any) -> tuple[str, ...]:
    return (slots,) if isinstance(slots, str) else tuple(slots)
