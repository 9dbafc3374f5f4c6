"""A JSON Schema in, a value that fits it out: the same value for the same schema and seed."""

from __future__ import annotations

import math
import random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

SHALLOW = 4
"""Nesting from which on the shortest choice is taken, so that recursive schemas end."""
DEEPEST = 40

_FORMATS: dict[str, Callable[[int], str]] = {
    "date-time": lambda n: f"2026-{n % 12 + 1:02}-{n % 28 + 1:02}T09:30:00Z",
    "date": lambda n: f"2026-{n % 12 + 1:02}-{n % 28 + 1:02}",
    "time": lambda n: f"{n % 24:02}:30:00Z",
    "duration": lambda n: f"P{n % 28 + 1}D",
    "email": lambda n: f"person{n}@example.com",
    "hostname": lambda n: f"host{n}.example.com",
    "ipv4": lambda n: f"192.0.2.{n % 254 + 1}",
    "ipv6": lambda n: f"2001:db8::{n:x}",
    "uuid": lambda n: f"00000000-0000-4000-8000-{n:012x}",
    "uri": lambda n: f"https://example.com/{n}",
}


def answer(schema: Mapping[str, Any], seed: int = 0) -> Any:
    """Make a value that fits a schema.

    Args:
        schema: A JSON Schema; ``$ref`` is followed inside it.
        seed: Another seed, another value.

    Returns:
        A JSON value. Keywords outside strict mode's subset are obeyed where that is simple (``oneOf``, ``allOf``).
    """
    return _Maker(schema, random.Random(seed)).value(schema, "value", 0)  # noqa: S311 - reproducible, not secret


class _Maker:
    def __init__(self, root: Mapping[str, Any], dice: random.Random) -> None:
        self._root = root
        self._dice = dice

    def value(self, node: Any, name: str, level: int) -> Any:
        """Make a value for one subschema; ``name`` is what its strings are made of."""
        if not isinstance(node, dict) or level > DEEPEST:
            return None
        if "$ref" in node:
            return self.value(self._target(str(node["$ref"])), name, level + 1)
        if "const" in node:
            return node["const"]
        if node.get("enum"):
            return self._dice.choice(node["enum"])
        branches = node.get("anyOf") or node.get("oneOf")
        if branches:
            return self.value(self._branch(branches, level), name, level + 1)
        for part in node.get("allOf") or ():
            target = self._target(str(part["$ref"])) if "$ref" in part else part
            node = {**target, **node, "properties": {**target.get("properties", {}), **node.get("properties", {})}}
        kind = self._kind(node, level)
        maker = getattr(self, f"_{kind}", None)
        return maker(node, name, level) if maker else None

    def _target(self, reference: str) -> Any:
        node: Any = self._root
        for step in reference.lstrip("#").split("/")[1:]:
            node = node.get(step.replace("~1", "/").replace("~0", "~")) if isinstance(node, dict) else None
        return node

    def _branch(self, branches: list[Any], level: int) -> Any:
        if level >= SHALLOW:
            return min(branches, key=self._weight)
        return self._dice.choice([b for b in branches if self._weight(b) > 0] or branches)

    def _weight(self, node: Any) -> int:
        if not isinstance(node, dict) or node.get("type") == "null":
            return 0
        return 2 if "$ref" in node or node.get("type") in ("object", "array") else 1

    def _kind(self, node: Mapping[str, Any], level: int) -> str:
        kinds = node.get("type", "object" if node.get("properties") else "string")
        if isinstance(kinds, str):
            return kinds
        real = [kind for kind in kinds if kind != "null"]
        return "null" if not real or (level >= SHALLOW and "null" in kinds) else real[0]

    def _object(self, node: Mapping[str, Any], _name: str, level: int) -> dict[str, Any]:
        return {key: self.value(child, key, level + 1) for key, child in (node.get("properties") or {}).items()}

    def _array(self, node: Mapping[str, Any], name: str, level: int) -> list[Any]:
        if "prefixItems" in node:
            return [self.value(child, name, level + 1) for child in node["prefixItems"]]
        least = node.get("minItems", 0)
        most = node.get("maxItems", max(least, 3))
        count = least if level >= SHALLOW else max(least, min(most, self._dice.randint(1, 3)))
        return [self.value(node.get("items", {}), name, level + 1) for _ in range(count)]

    def _boolean(self, _node: Mapping[str, Any], _name: str, _level: int) -> bool:
        return self._dice.random() < 0.5  # noqa: PLR2004 - a fair coin

    def _integer(self, node: Mapping[str, Any], _name: str, _level: int) -> int:
        least, most = _bounds(node, 1)
        step = max(1, int(node.get("multipleOf", 1)))
        first, last = math.ceil(least / step), math.floor(most / step)
        return self._dice.randint(first, max(first, last)) * step

    def _number(self, node: Mapping[str, Any], name: str, level: int) -> float:
        step: float | None = node.get("multipleOf")
        if step and step >= 1:
            return float(self._integer(node, name, level))
        least, most = _bounds(node, 0.0)
        if step:
            return round(round(self._dice.uniform(least, most) / step) * step, 10)
        rounded: float = round(self._dice.uniform(least, most), 2)
        fits = least <= rounded <= most and rounded not in (node.get("exclusiveMinimum"), node.get("exclusiveMaximum"))
        return rounded if fits else (least + most) / 2

    def _string(self, node: Mapping[str, Any], name: str, _level: int) -> str:
        number = self._dice.randint(1, 999)
        if node.get("format") in _FORMATS:
            return _FORMATS[node["format"]](number)
        if isinstance(node.get("pattern"), str):
            return self._matching(node["pattern"])
        text = f"{name.replace('_', ' ')} {number}"
        text = text.ljust(node.get("minLength", 0), ".")
        return text[: node["maxLength"]] if "maxLength" in node else text

    def _matching(self, pattern: str) -> str:
        from extract.testing._patterns import sample  # noqa: PLC0415 - the regex parser is rarely needed

        return sample(pattern, self._dice)


def _bounds(node: Mapping[str, Any], gap: float) -> tuple[float, float]:
    """Return the least and greatest value; ``gap`` is what an exclusive bound keeps clear."""
    least = node.get("minimum", -math.inf)
    most = node.get("maximum", math.inf)
    least = max(least, node.get("exclusiveMinimum", -math.inf) + gap)
    most = min(most, node.get("exclusiveMaximum", math.inf) - gap)
    if math.isinf(least):
        least = 1 if most >= 1 else most - 100
    return least, least + 100 if math.isinf(most) else most
