"""Which place of a schema does a path lead to? A value's path in, the schema's node out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from extract.schema._coerce_branch import constants

if TYPE_CHECKING:
    from extract.errors import Path
    from extract.schema._coerce_match import Matcher, Node
    from extract.typing import JSON

__all__ = ["ABSENT", "place_at", "value_at"]

ABSENT: Any = object()
"""Stands for "nothing is there": None is a JSON value."""


def value_at(value: Any, path: Path) -> Any:
    """What stands at a path, ``ABSENT`` where nothing does."""
    for step in path:
        if (isinstance(value, dict) and isinstance(step, str) and step in value) or (
            isinstance(value, list) and isinstance(step, int) and 0 <= step < len(value)
        ):
            value = value[step]  # type: ignore[index]
        else:
            return ABSENT
    return value


def place_at(matcher: Matcher, path: Path, value: JSON = ABSENT) -> Node | None:
    """The schema's node for a path, unresolved; None where the schema has no single such place.

    Args:
        matcher: The schema.
        path: Where, in a value of that schema.
        value: The whole value; it tells which alternative of an ``anyOf`` is meant.
    """
    node: Node = matcher.root
    for step in path:
        found: list[Node] = []
        for branch in _plain(matcher, node, value):
            below = _step(matcher, branch, step)
            if below is not None and below not in found:
                found.append(below)
        if len(found) != 1:
            return None
        node = found[0]
        value = value_at(value, (step,)) if value is not ABSENT else ABSENT
    return node


def _plain(matcher: Matcher, node: Node, value: JSON) -> list[Node]:
    """The nodes without alternatives that a node stands for; those whose constants the value has come alone."""
    node = matcher.resolve(node)
    branches = matcher.branches(node)
    if not branches:
        return [node, *(matcher.resolve(part) for part in node.get("allOf", ()))] if isinstance(node, dict) else []
    if isinstance(value, dict):
        scores = [constants(matcher, value, branch) for branch in branches]
        if max(scores) > 0:
            branches = tuple(b for b, score in zip(branches, scores, strict=True) if score == max(scores))
    return [plain for branch in branches for plain in _plain(matcher, branch, value)]


def _step(matcher: Matcher, node: Node, step: str | int) -> Node | None:
    if not isinstance(node, dict):
        return None
    if isinstance(step, int):
        first = node.get("prefixItems", ())
        return first[step] if step < len(first) else node.get("items") if matcher.kind(node) == "array" else None
    below = node.get("properties", {}).get(step)
    rest = node.get("additionalProperties")
    return below if below is not None else rest if isinstance(rest, dict) and rest else None
