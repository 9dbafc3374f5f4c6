"""How are only the failing places asked for again? Issues in; a small strict schema, its context and the splice out."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from extract.errors import Issue, Path, ValidationError, show_path
from extract.schema.coerce import ABSENT, Matcher, place_at, put_at, value_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from extract.schema.coerce import Node
    from extract.typing import JSON

__all__ = ["Asked", "Subset", "ask_for", "name_places", "size", "subset"]

_MOST = 200
_LARGEST_SHARE, _LARGEST_PART = 0.6, 0.9
_LONGEST_TOLD = 240
_LONGEST_KEY = 48
_LONGEST_TEXT = 160
_WORTH_SHARING = 60
_REF = "$ref"
_WHY = "Only the places that were wrong; each description names the place in the whole answer."


@dataclass(frozen=True, slots=True)
class Asked:
    """One place that is asked for again: where, under which key, and what was wrong there."""

    path: Path
    key: str
    message: str


@dataclass(frozen=True, slots=True)
class Subset:
    """The failing places of a value as a schema of their own.

    Args:
        schema: A root object with one required property for each place; strict where the whole schema is.
        asked: The places, in the order of the properties.
    """

    schema: Mapping[str, Any] = field(repr=False)
    asked: tuple[Asked, ...]

    def current(self, value: JSON) -> JSON:
        """What stands at the places now, shaped as an answer; missing ones are left out."""
        found = {each.key: value_at(value, each.path) for each in self.asked}
        return {key: item for key, item in found.items() if item is not ABSENT}

    def splice(self, value: JSON, answer: JSON) -> JSON:
        """Put an answer's values in their places.

        Args:
            value: The whole value; it is not changed, and what is not asked for is shared with the result.
            answer: An object of ``schema``; a key that it lacks leaves the old value in place.

        Returns:
            The new whole, to be validated again.

        Raises:
            ValidationError: When the answer is no object, or a place is not in the value.
        """
        if not isinstance(answer, dict):
            raise ValidationError.of([Issue((), "Should be an object with the places asked for", found=answer)])
        for each in self.asked:
            if each.key in answer:
                value = put_at(value, each.path, answer[each.key])
        return value

    def context(self, value: JSON) -> JSON:
        """The surroundings of the places, for the prompt: each one's row (or object), trimmed.

        Keys are paths; long texts are cut and nested lists and objects left out, for the row is there to be
        recognised in the document.
        """
        shown: dict[str, JSON] = {}
        for each in self.asked:
            row = _row(value, each.path)
            if show_path(row) not in shown:
                shown[show_path(row)] = _trimmed(value_at(value, row), each.path[len(row) :])
        return shown


def subset(schema: Mapping[str, Any], wrong: Iterable[Issue | Path], value: JSON = ABSENT) -> Subset | None:
    """Make the smallest schema that asks for what is wrong.

    Args:
        schema: The whole wire schema.
        wrong: Issues (all their paths are asked for, with the message) or bare paths; missing keys have paths too.
        value: The whole wire value; it tells which alternative is meant and how much of it is asked for.

    Returns:
        None where asking again for the whole is the better way: the root itself is wrong, a place is not in
        the schema, or most of the value would be asked for.
    """
    matcher = Matcher(schema)
    told: dict[Path, list[str]] = {}
    for path, message in _told(matcher, wrong, value):
        place = _askable(matcher, path, value)
        if not place:
            return None
        told.setdefault(place, []).append(message)
    covering = [path for path in told if not any(path[:end] in told for end in range(len(path)))]
    if not covering or len(covering) > _MOST or _is_most(matcher, value, covering):
        return None
    covering.sort(key=lambda path: [(isinstance(step, str), step) for step in path])
    messages = {path: [m for other in told if other[: len(path)] == path for m in told[other]] for path in covering}
    keys = name_places(covering, {}, matcher)
    asked = tuple(Asked(path, keys[path], "; ".join(dict.fromkeys(messages[path]))) for path in covering)
    nodes = {each.key: place_at(matcher, each.path, value) for each in asked}
    made = ask_for(matcher, asked, nodes, _WHY)
    return None if made is None else Subset(made, asked)


def _told(matcher: Matcher, wrong: Iterable[Issue | Path], value: JSON) -> Iterator[tuple[Path, str]]:
    for each in wrong:
        if not isinstance(each, Issue):
            yield each, "is wrong"
            continue
        # A check across fields names them; the object that they are in need not be written anew.
        further = each.paths and all(path[: len(each.path)] == each.path != path for path in each.paths)
        named = each.paths if further else (each.path, *each.paths)
        known = [path for path in named if _askable(matcher, path, value) == path]
        if each.kind == "duplicate-key" and each.path[-1:] == ("key",):
            # Which of two entries is right, or what the other's key should be, they tell only together.
            known = [each.path[:-2]]
        for path in known or [each.path]:
            yield path, each.message


def _askable(matcher: Matcher, path: Path, value: JSON) -> Path:
    """The path itself, or the nearest one above that the schema has and a splice can reach."""
    for end in range(len(path), 0, -1):
        here = path[:end]
        if value is not ABSENT and not _reachable(value, here):
            continue
        node = matcher.resolve(place_at(matcher, here, value))
        if isinstance(node, dict) and node.keys() & {"type", "anyOf", "enum", "const", "oneOf", "properties", "items"}:
            return here
    return ()


def _reachable(value: JSON, path: Path) -> bool:
    parent, step = value_at(value, path[:-1]), path[-1]
    if isinstance(parent, list):
        return isinstance(step, int) and 0 <= step < len(parent)
    return isinstance(parent, dict) and isinstance(step, str)


def _is_most(matcher: Matcher, value: JSON, paths: list[Path]) -> bool:
    """Say whether little would be saved: every property of the root, or most of the value's text."""
    root = matcher.resolve(matcher.root)
    if {(key,) for key in root.get("properties", {})} <= set(paths):
        return True
    if value is ABSENT:
        return False
    asked = sum(size(value_at(value, path)) for path in paths)
    return asked > (_LARGEST_SHARE if len(paths) > 1 else _LARGEST_PART) * size(value)


def size(value: Any) -> int:
    """About how many characters a value takes, without recursion."""
    total, todo = 0, [] if value is ABSENT else [value]
    while todo:
        each = todo.pop()
        if isinstance(each, dict):
            total += sum(len(key) + 4 for key in each) + 2
            todo.extend(each.values())
        elif isinstance(each, list):
            total += len(each) + 2
            todo.extend(each)
        else:
            total += len(each) + 2 if isinstance(each, str) else len(str(each))
    return total


def name_places(paths: Iterable[Path], keys: dict[Path, str], matcher: Matcher) -> dict[Path, str]:
    """Readable property names, each once: ``("lines", 12, "qty")`` → ``lines_12_qty``; those given are kept.

    A property of the whole answer gives its name to no other place: who answers with the whole all the same must not
    be taken to speak of that place.
    """
    taken = set(keys.values())
    others = matcher.resolve(matcher.root).get("properties", {}).keys()
    for path in paths:
        if path in keys:
            continue
        plain = unicodedata.normalize("NFKD", "_".join(str(step) for step in path)).encode("ascii", "ignore").decode()
        stem = re.sub(r"\W+", "_", plain, flags=re.ASCII).strip("_")[-_LONGEST_KEY:].strip("_") or "place"
        key, number = stem, 2
        while key in taken or (key in others and path != (key,)):
            key, number = f"{stem}_{number}", number + 1
        taken.add(key)
        keys[path] = key
    return keys


def ask_for(matcher: Matcher, asked: Iterable[Asked], nodes: Mapping[str, Node], why: str) -> dict[str, Any] | None:
    """Make a root object of places of a schema, with the definitions they need; ``None`` where one lies elsewhere."""
    shared = _shared(nodes.values())
    properties = {each.key: _described(nodes[each.key], each, shared) for each in asked}
    known = {**_definitions(matcher.root), **dict(shared.values())}
    whole = {key: part for key, part in matcher.root.items() if key not in ("$defs", "definitions")}
    defs = _needed(properties, {**known, "Whole": whole} if "Whole" not in known else known)
    if defs is None:
        return None
    schema: dict[str, Any] = {
        "type": "object",
        "description": why,
        "properties": _rehomed(properties),
        "required": list(properties),
        "additionalProperties": False,
    }
    return {**schema, "$defs": _rehomed(defs)} if defs else schema


def _shared(nodes: Iterable[Node]) -> dict[int, tuple[str, Node]]:
    """Nodes asked for several times and long enough to be written once."""
    counts: dict[int, int] = {}
    kept: dict[int, Node] = {}
    for node in nodes:
        counts[id(node)] = counts.get(id(node), 0) + 1
        kept[id(node)] = node
    often = [key for key, count in counts.items() if count > 1 and isinstance(kept[key], dict)]
    worth = [key for key in often if _REF not in kept[key] and size(kept[key]) > _WORTH_SHARING]
    return {key: (f"Asked{number}", kept[key]) for number, key in enumerate(worth, 1)}


def _described(node: Node, each: Asked, shared: Mapping[int, tuple[str, Node]]) -> Node:
    """The place's node, with a description that says where it stands and what was wrong."""
    said = f"{show_path(each.path)}: {each.message}"[:_LONGEST_TOLD]
    if id(node) in shared:
        return {"anyOf": [{_REF: f"#/$defs/{shared[id(node)][0]}"}], "description": said}
    if _REF in node:
        # A strict schema allows nothing beside a reference.
        return {"anyOf": [{_REF: node[_REF]}], "description": said}
    own = node.get("description")
    return {**node, "description": f"{own} ({said})" if own else said}


def _definitions(root: Mapping[str, Any]) -> dict[str, Node]:
    return {**root.get("definitions", {}), **root.get("$defs", {})}


def _needed(node: Any, known: Mapping[str, Node]) -> dict[str, Node] | None:
    """The definitions that a node leads to; None where a reference leads elsewhere."""
    found: dict[str, Node] = {}
    todo = list(_refs(node))
    while todo:
        name = _name(todo.pop())
        if name not in known:
            return None
        if name not in found:
            found[name] = known[name]
            todo.extend(_refs(known[name]))
    return {name: found[name] for name in known if name in found}


def _name(ref: str) -> str:
    return "Whole" if ref == "#" else re.sub(r"\A#/(?:\$defs|definitions)/", "", ref)


def _refs(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get(_REF), str):
            yield node[_REF]
        for part in node.values():
            yield from _refs(part)
    elif isinstance(node, list):
        for part in node:
            yield from _refs(part)


def _rehomed(node: Any) -> Any:
    """The same node with every reference leading to ``$defs``."""
    if isinstance(node, dict):
        moved = {key: _rehomed(part) for key, part in node.items()}
        if isinstance(moved.get(_REF), str):
            moved[_REF] = f"#/$defs/{_name(moved[_REF])}"
        return moved
    return [_rehomed(part) for part in node] if isinstance(node, list) else node


def _row(value: JSON, path: Path) -> Path:
    """The object around a place; the row itself where the place is one."""
    here = value_at(value, path)
    if isinstance(here, dict):
        return path
    return next(
        (path[:end] for end in range(len(path) - 1, -1, -1) if isinstance(value_at(value, path[:end]), dict)), ()
    )


def _trimmed(value: Any, way: Path) -> JSON:
    if not isinstance(value, dict):
        return None
    return {
        key: item if not isinstance(item, (dict, list, str)) else _cut(item, deep=key in way)
        for key, item in value.items()
    }


def _cut(item: JSON, *, deep: bool) -> JSON:
    if isinstance(item, str):
        return item if len(item) <= _LONGEST_TEXT else f"{item[:_LONGEST_TEXT]}…"
    text = json.dumps(item, ensure_ascii=False) if deep and size(item) <= 4 * _LONGEST_TEXT else ""
    if text:
        return item
    return f"… {len(item)} items" if isinstance(item, (list, dict)) else item
