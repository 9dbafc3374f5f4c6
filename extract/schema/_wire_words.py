"""What is wrong, in the words of what the model wrote? Issues about declared shapes in, about wire shapes out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from extract.errors import Issue
from extract.schema.coerce import Matcher, place_at, plain_nodes, value_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from extract.errors import Path
    from extract.schema.coerce import Node

__all__ = ["exactly", "in_wire_words"]

_SHAPES = frozenset({
    "tuple_type", "dict_type", "list_type", "set_type", "frozen_set_type", "union_tag_not_found", "union_tag_invalid",
    "too_long", "too_short",
})  # fmt: skip
"""Kinds of issue that speak of the declared type: a tuple, a dictionary, a label."""
_WIRE_KINDS = {"dict_type": "array", "tuple_type": "object"}
_ENTRY = ["key", "value"]
_MOST_KEYS = 12


def in_wire_words(issues: Iterable[Issue], schema: Mapping[str, Any], wire: Any) -> tuple[Issue, ...]:
    """Say of each issue about a shape which part of the wire value is missing, too much or of another shape.

    Args:
        issues: What is wrong, with paths in the wire value.
        schema: The wire schema.
        wire: The wire value.

    Returns:
        The issues; those that the wire schema knows nothing better about as they were.
    """
    matcher = Matcher(schema, typed=True, formats=False)
    out: dict[tuple[Path, str], Issue] = {}
    for issue in issues:
        for each in _said(matcher, issue, wire):
            out.setdefault((each.path, each.message), each)
    return tuple(out.values())


def exactly(matcher: Matcher, wire: Any, path: Path) -> str:
    """Say what a place asks for where something else stands that could only be turned into it."""
    value = value_at(wire, path)
    found = "true or false" if isinstance(value, bool) else _FOUND.get(type(value), "null")
    nodes = plain_nodes(matcher, place_at(matcher, path, wire), value)
    wanted = dict.fromkeys(
        "one of the permitted values" if each.keys() & {"enum", "const"} else _ASKED.get(matcher.kind(each) or "", "")
        for each in nodes
    )
    asked = " or ".join(each for each in wanted if each) or "what the schema asks"
    return f"Should be {asked}, just as the schema asks for it; here stands {found}"


_FOUND = {str: "a text", int: "a number", float: "a number", list: "a list", dict: "an object"}
_ASKED = {
    "string": "a text",
    "integer": "an integer",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "null",
}


def _said(matcher: Matcher, issue: Issue, wire: Any) -> list[Issue]:
    path = _first_wrong(issue.path, wire)
    if path is None and issue.kind not in _SHAPES:
        return [issue]
    path = issue.path if path is None else path
    node = place_at(matcher, path, wire)
    return list(_misfits(matcher, node, value_at(wire, path), path, _WIRE_KINDS.get(issue.kind))) or [issue]


def _first_wrong(path: Path, wire: Any) -> Path | None:
    """Where a path leads into a list by a key or into an object by a place."""
    for end, step in enumerate(path):
        if isinstance(wire, list if isinstance(step, str) else dict):
            return path[:end]
        wire = value_at(wire, (step,))
    return None


def _misfits(matcher: Matcher, node: Node, value: Any, path: Path, wanted: str | None) -> Iterator[Issue]:
    nodes = [each for each in plain_nodes(matcher, node, value) if each.get("type") != "null"] if node else []
    labels = [key for each in nodes for key in each.get("properties", ())]
    if len(nodes) > 1 and len(labels) == len(nodes) and not (isinstance(value, dict) and value.keys() & set(labels)):
        yield Issue(path, f"Should be an object with just one of the keys {_listed(labels)}", "no-branch", value)
    if len(nodes) > 1:
        nodes = [each for each in nodes if matcher.kind(each) == wanted]
    if len(nodes) != 1:
        return
    kind = matcher.kind(nodes[0])
    if kind == "object":
        yield from _in_object(nodes[0], value, path)
    elif kind == "array":
        yield from _in_list(matcher, nodes[0].get("items", {}), value, path)


def _in_object(node: Mapping[str, Any], value: Any, path: Path) -> Iterator[Issue]:
    keys = list(node.get("properties", ()))
    if not isinstance(value, dict):
        more = f" with the keys {_listed(keys)}" if keys else ""
        yield Issue(path, f"Should be an object{more}", "wrong-type", value)
        return
    for key in node.get("required", ()):
        if key not in value:
            yield Issue((*path, key), "Should be there", "missing")
    if node.get("additionalProperties") is False:
        for key in (each for each in value if each not in keys):
            yield Issue((*path, key), "Should not be there", "extra_forbidden", value[key])


def _in_list(matcher: Matcher, item: Node, value: Any, path: Path) -> Iterator[Issue]:
    place = matcher.resolve(item)
    entries = isinstance(place, dict) and list(place.get("properties", ())) == _ENTRY
    if not isinstance(value, list):
        more = " of entries, each an object with the keys key and value" if entries else ""
        yield Issue(path, f"Should be a list{more}", "wrong-type", value)
    elif entries:
        for i, each in enumerate(value):
            yield from _in_object(place, each, (*path, i))


def _listed(keys: list[str]) -> str:
    more = ", …" if len(keys) > _MOST_KEYS else ""
    return ", ".join(map(repr, keys[:_MOST_KEYS])) + more
