"""How is a type asked for that one wire schema cannot hold? A wire schema in, several out, and one value again."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from extract.errors import SchemaError
from extract.schema._limits import Use, measure
from extract.typing import WireFormat

if TYPE_CHECKING:
    from collections.abc import Sequence

    from extract.errors import Path
    from extract.schema._dialect import Limits
    from extract.typing import JSON

__all__ = ["Part", "join", "split"]

Json = dict[str, Any]
_DEEPEST = 50
"""References or levels followed; a longer chain is a circle."""


@dataclass(frozen=True, slots=True)
class Part:
    """One question of several over the same document.

    Args:
        format: What is asked for.
        path: The object whose properties these are, in the whole wire value; ``()`` is the root.
        why: Which limit made it a question of its own.
    """

    format: WireFormat
    path: Path = ()
    why: str = ""
    keys: tuple[str, ...] = field(default=(), repr=False)


def split(whole: WireFormat, limits: Limits) -> tuple[Part, ...]:
    """Split a wire schema that is too large; a schema within its limits is one part.

    The root's properties are dealt out in order; a property too large on its own is split in turn when it is an
    object that must be there.

    Raises:
        SchemaError: One property alone exceeds a limit and cannot be split further.
    """
    wire, name = dict(whole.schema), whole.name
    over = measure(wire, long_enum=limits.long_enum).over(limits)
    if not over:
        return (Part(whole),)
    why = ", ".join(over)
    parts = _deal(wire, wire.get("$defs", {}), (), limits, why)
    return tuple(
        Part(_format(f"{name[:58]}_{i + 1}", schema), path, why, tuple(schema["properties"]))
        for i, (schema, path) in enumerate(parts)
    )


def _deal(wire: Json, defs: Json, path: Path, limits: Limits, why: str) -> list[tuple[Json, Path]]:
    out: list[tuple[Json, Path]] = []
    load = _Load(defs, limits)
    for key, node in wire["properties"].items():
        if load.takes(key, node):
            continue
        if load.taken:
            out.append((_object(load.taken, wire, defs), path))
            load = _Load(defs, limits)
            if load.takes(key, node):
                continue
        inner = _resolved(node, defs)
        if inner.get("type") != "object" or len(inner["properties"]) <= 1 or len(path) > _DEEPEST:
            raise SchemaError(
                f"This part alone exceeds a limit ({why})", path=(*path, key), advice="declare a smaller type for it"
            )
        out.extend(_deal(inner, defs, (*path, key), limits, why))
    if load.taken:
        out.append((_object(load.taken, wire, defs), path))
    return out


class _Load:
    """The properties of one part, with a running count of what they use."""

    def __init__(self, defs: Json, limits: Limits) -> None:
        self.taken: Json = {}
        self._defs = defs
        self._limits = limits
        self._used: set[str] = set()
        self._sum = (0, 0, 0)

    def takes(self, key: str, node: Json) -> bool:
        """Take one more property, unless that would exceed a limit."""
        fresh = _used(node, self._defs) - self._used
        counts = [_counts(closed, name) for name, closed in ((key, node), *((n, self._defs[n]) for n in fresh))]
        total = tuple(map(sum, zip(self._sum, *counts, strict=True)))
        use = Use(0, total[0] + 1, total[1], total[2], 0)
        if use.over(self._limits):
            return False
        self.taken[key] = node
        self._used |= fresh
        self._sum = (total[0] + 1, total[1], total[2])
        return True


def _counts(node: Json, name: str) -> tuple[int, int, int]:
    use = measure(node)
    return use.properties, use.characters + len(name), use.enum_values


def _resolved(node: Json, defs: Json) -> Json:
    seen = 0
    while "$ref" in node and seen < _DEEPEST:
        node, seen = defs[node["$ref"].rsplit("/", 1)[-1]], seen + 1
    return node


def _object(properties: Json, wire: Json, defs: Json) -> Json:
    out: Json = {"type": "object", "properties": dict(properties), "required": list(properties)}
    out["additionalProperties"] = False
    if "description" in wire:
        out["description"] = wire["description"]
    used = _used(properties, defs)
    if used:
        out["$defs"] = {name: node for name, node in defs.items() if name in used}
    return out


def _used(node: Any, defs: Json) -> set[str]:
    seen: set[str] = set()
    work = [node]
    while work:
        each = work.pop()
        if isinstance(each, dict):
            ref = each.get("$ref")
            if isinstance(ref, str):
                name = ref.rsplit("/", 1)[-1]
                if name in defs and name not in seen:
                    seen.add(name)
                    work.append(defs[name])
            work.extend(each.values())
        elif isinstance(each, list):
            work.extend(each)
    return seen


def _format(name: str, wire: Json) -> WireFormat:
    return WireFormat(name, wire, json.dumps(wire, ensure_ascii=False, separators=(",", ":")).encode())


def join(parts: Sequence[Part], values: Sequence[JSON]) -> JSON:
    """Splice the parts' wire values into the one wire value of the whole.

    Raises:
        ValueError: There are not as many values as parts.
    """
    if len(parts) == 1:
        return values[0]
    whole: Json = {}
    for part, value in zip(parts, values, strict=True):
        here: Any = whole
        for step in part.path:
            here = here.setdefault(step, {})
        if isinstance(value, dict):
            here.update(value)
    return whole
