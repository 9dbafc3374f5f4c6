"""A wire schema in; whether a text of it can name a key twice out. Readers of JSON take the last one without a word."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import jiter

__all__ = ["KeyCount"]

_MOST = 2_000
"""Places of a schema that are looked at, for every schema is counted when it is compiled."""
_SCALARS = frozenset({"string", "number", "integer", "boolean", "null"})
_look = partial(jiter.from_json, catch_duplicate_keys=True, cache_mode="keys")


@dataclass(frozen=True, slots=True)
class KeyCount:
    """How many keys a text of a wire schema holds, when none stands there twice.

    A text has at least as many colons as keys. So where it has just as many colons as its objects have keys, none
    stands there twice, and it need not be read once more: ``once + each * (braces - single)`` is the number to be.

    Args:
        once: The keys of all objects that stand in every answer just once; -1 where the count is not known.
        single: How many such objects there are.
        each: The keys of any other object.
    """

    once: int = -1
    single: int = 0
    each: int = 0

    @classmethod
    def of(cls, wire: dict[str, Any]) -> KeyCount:
        """Count what a wire schema declares; objects that may have further keys make it unknown."""
        once: list[int] = []
        each: set[int] = set()
        seen: set[str] = set()
        work: list[tuple[Any, bool]] = [(wire, True)]
        for _ in range(_MOST):
            if not work:
                return cls(sum(once), len(once), *each) if len(each) < 2 else cls()  # noqa: PLR2004
            node, alone = work.pop()
            below = _below(node, wire, seen, alone=alone)
            if below is None:
                break
            if "properties" in node:
                size = len(node["properties"])
                (once.append if alone else each.add)(size)
            work.extend(below)
        return cls()

    @staticmethod
    def twice(text: str) -> bool:
        """Whether some object of a JSON text names a key twice."""
        try:
            _look(text.encode())
        except ValueError:
            return True
        return False


def _below(node: Any, wire: dict[str, Any], seen: set[str], *, alone: bool) -> list[tuple[Any, bool]] | None:
    """The parts of a place, each with whether it stands in every answer once; None where anything may stand there."""
    if not isinstance(node, dict):
        return None
    if "$ref" in node:
        name = str(node["$ref"]).rpartition("/")[2]
        if not alone:
            if name in seen:
                return []
            seen.add(name)
        return [(wire.get("$defs", {}).get(name, wire if node["$ref"] == "#" else None), alone)]
    if "anyOf" in node:
        return [(branch, False) for branch in node["anyOf"]]
    if "enum" in node or "const" in node:
        fixed = [node.get("const"), *node.get("enum", ())]
        return None if any(isinstance(each, (dict, list)) for each in fixed) else []
    kind = node.get("type")
    if kind == "array":
        return [(node.get("items"), False)]
    if kind == "object":
        properties = node.get("properties", {})
        closed = node.get("additionalProperties") is False and len(node.get("required", ())) == len(properties)
        return [(part, alone) for part in properties.values()] if closed else None
    return [] if kind in _SCALARS or (isinstance(kind, list) and _SCALARS.issuperset(kind)) else None
