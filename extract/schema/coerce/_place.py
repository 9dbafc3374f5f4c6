"""Which place of a schema does a path lead to? A value's path in, the schema's node out."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Any

from extract.errors import Issue, ValidationError
from extract.schema.coerce._branch import constants

if TYPE_CHECKING:
    from extract.errors import Path
    from extract.schema.coerce._match import Matcher, Node
    from extract.typing import JSON

__all__ = ["ABSENT", "endless", "place_at", "plain_nodes", "put_at", "step_into", "value_at"]

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


def endless(value: JSON) -> list[Path]:
    """Find the numbers that JSON does not know: NaN, infinities, and what is too large to be another."""
    found: list[Path] = []
    # Without recursion, for the value may be nested deeply.
    work: list[tuple[Path, Any]] = [((), value)]
    while work:
        path, each = work.pop()
        if isinstance(each, dict):
            work.extend(((*path, key), item) for key, item in each.items() if isinstance(item, _WORTH_A_LOOK))
        elif isinstance(each, list):
            work.extend(((*path, i), item) for i, item in enumerate(each) if isinstance(item, _WORTH_A_LOOK))
        elif isinstance(each, float) and not isfinite(each):
            found.append(path)
    return found


_WORTH_A_LOOK = (dict, list, float)


def put_at(value: JSON, path: Path, new: JSON) -> JSON:
    """A copy of a value with something else at a path; what the path does not lead through is shared.

    Raises:
        ValidationError: When the path is not in the value; only its last key may be new.
    """
    if not path:
        return new
    # What lies on the way, outermost first; without recursion, for the value may be nested deeply.
    way: list[Any] = [value]
    for at, step in enumerate(path):
        here, last = way[-1], at == len(path) - 1
        if isinstance(here, dict) and isinstance(step, str) and (last or step in here):
            way.append(here.get(step))
        elif isinstance(here, list) and isinstance(step, int) and 0 <= step < len(here):
            way.append(here[step])
        else:
            raise ValidationError.of([Issue(path, "Should be a place of the value", kind="missing")])
    for step, here in zip(reversed(path), reversed(way[:-1]), strict=True):
        copy: Any = here.copy()
        copy[step] = new
        new = copy
    return new


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
        for branch in plain_nodes(matcher, node, value):
            below = step_into(matcher, branch, step)
            if below is not None and below not in found:
                found.append(below)
        if len(found) != 1:
            return None
        node = found[0]
        value = value_at(value, (step,)) if value is not ABSENT else ABSENT
    return node


def plain_nodes(matcher: Matcher, node: Node, value: JSON) -> list[Node]:
    """The nodes without alternatives that a node stands for; those whose constants the value has come alone."""
    node = matcher.resolve(node)
    branches = matcher.branches(node)
    if not branches:
        return [node, *(matcher.resolve(part) for part in node.get("allOf", ()))] if isinstance(node, dict) else []
    if isinstance(value, dict):
        scores = [constants(matcher, value, branch) for branch in branches]
        if max(scores) > 0:
            branches = tuple(b for b, score in zip(branches, scores, strict=True) if score == max(scores))
    return [found for branch in branches for found in plain_nodes(matcher, branch, value)]


def step_into(matcher: Matcher, node: Node, step: str | int) -> Node | None:
    if not isinstance(node, dict):
        return None
    if isinstance(step, int):
        first = node.get("prefixItems", ())
        return first[step] if step < len(first) else node.get("items") if matcher.kind(node) == "array" else None
    below = node.get("properties", {}).get(step)
    rest = node.get("additionalProperties")
    return below if below is not None else rest if isinstance(rest, dict) and rest else None
