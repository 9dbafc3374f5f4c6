"""How does a value become the declared list? Single values, texts with separators, numbered keys and entries."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from extract.schema.coerce._entries import as_entry, is_entry
from extract.schema.coerce._json_text import is_broken, parsed
from extract.schema.coerce._keys import pair_keys
from extract.schema.coerce._kinds import LIBERTIES
from extract.schema.coerce._word import is_null_word

if TYPE_CHECKING:
    from collections.abc import Mapping

    from extract.errors import Path
    from extract.schema.coerce._match import Node
    from extract.schema.coerce._walk import Walk
    from extract.typing import JSON

__all__ = ["fit_array"]

_SEPARATORS = ("\n", ";", "|", ", ", ",")
_BULLET = re.compile(r"\s*(?:[-*•‣·–]|\d{1,3}[.)])\s+(\S.*)")
_GROUPED = re.compile(r"\s*[+-]?\d{1,3}(?=,)(?:,[1-9]\d\d)*(,0\d\d)?(?:,\d{3})*(?:\.\d+)?\s*")
_CHEAP = LIBERTIES["number-from-document-text"].cost


def fit_array(walk: Walk, value: JSON, node: Mapping[str, Any], path: Path) -> JSON:
    """Fit a value to a place that declares a list."""
    if isinstance(value, list):
        return [_item(walk, item, _place(node, i), (*path, i)) for i, item in enumerate(value)]
    if isinstance(value, str):
        inner = parsed(value)
        if inner is None and is_broken(value):
            return walk.refuse(value, path, "wrong-type", "Should be a list, not text that looks like a part of one")
        if isinstance(inner, list) or (inner is not None and not walk.matcher.matches(value, _place(node, 0))):
            return walk.reread("json-in-text", value, inner, node, path)
        if not _says_nothing(walk, value, _place(node, 0)):
            return _from_text(walk, value, node, path)
    if isinstance(value, dict):
        return _from_object(walk, value, node, path)
    if value is None or isinstance(value, str):
        if not walk.lenient:
            return walk.refuse(value, path, "wrong-type", "Should be a list")
        walk.record("null-as-empty-list", path, value, [])
        return []
    return _single(walk, value, node, path)


def _says_nothing(walk: Walk, value: str, item: Node) -> bool:
    """Say whether a text stands for no item: "N/A" is none, unless the items are words of which it is one."""
    chosen = walk.matcher.matches(value, item) and not walk.matcher.takes_any_words(item)
    return is_null_word(value) and not chosen


def _item(walk: Walk, item: JSON, place: Node, path: Path) -> JSON:
    # One bad cell among hundreds of rows: the good rows are seen to be good at a glance.
    return item if isinstance(item, dict) and walk.matcher.matches(item, place) else walk.fit(item, place, path)


def _place(node: Mapping[str, Any], index: int) -> Node:
    first = node.get("prefixItems", ())
    return first[index] if index < len(first) else node.get("items", True)


def _single(walk: Walk, value: JSON, node: Mapping[str, Any], path: Path) -> JSON:
    trial = walk.attempt(value, _place(node, 0), (*path, 0))
    if trial.issues:
        here = [issue for issue in trial.issues if issue.path == (*path, 0)]
        kind = here[0].kind if here else "wrong-type"
        if here or not isinstance(value, dict):
            return walk.refuse(
                value, path, kind, f"Should be a list; as a single item: {here[0].message}" if here else ""
            )
    walk.record("list-from-single", path, value)
    return [walk.take(trial)]


def _from_text(walk: Walk, value: str, node: Mapping[str, Any], path: Path) -> JSON:
    item = _place(node, 0)
    marked = _marked(value)
    if len(marked) > 1:
        walk.record("list-from-text", path, value, list(marked))
        return [walk.fit(part, _place(node, i), (*path, i)) for i, part in enumerate(marked)]
    single = walk.attempt(value, item, (*path, 0))
    # Any text is a text: only items of another kind can show that the separators mean several of them.
    bare, grouped = _unquoted(value), _GROUPED.fullmatch(value)
    if grouped and (walk.lenient or grouped[1]):
        # One number: nobody writes 000 as an item.
        return _single(walk, value, node, path)
    if not walk.matcher.matches(value, item):
        for separator in _SEPARATORS:
            parts = [part.strip() for part in bare.split(separator) if part.strip()]
            trials = [walk.attempt(part, _place(node, i), (*path, i)) for i, part in enumerate(parts)]
            if len(parts) > 1 and all(trial.matches for trial in trials):
                if single.matches and single.cost <= _CHEAP and not walk.lenient:
                    return walk.refuse(value, path, "ambiguous-list")
                walk.record("list-from-text", path, value, list(parts))
                return [walk.take(trial) for trial in trials]
    return _single(walk, value, node, path)


def _marked(text: str) -> list[str]:
    """The items of a text that is plainly a list: in brackets without quotes, or with a bullet on each line."""
    bare = _unquoted(text)
    if bare.startswith("[") and bare.endswith("]") and not re.search(r"[\[\]{}\"']", bare[1:-1]):
        return [part.strip() for part in bare[1:-1].split(",")]
    if bare.startswith('"'):
        quoted = parsed(f"[{bare}]")
        if isinstance(quoted, list) and all(isinstance(each, str) for each in quoted):
            return [str(each) for each in quoted]
    bullets = [_BULLET.match(line) for line in bare.splitlines() if line.strip()]
    return [found[1].strip() for found in bullets if found] if all(bullets) else []


def _unquoted(text: str) -> str:
    """A text without the quote marks of Markdown, where they stand before each of its lines."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if lines and all(line.startswith(">") for line in lines):
        return "\n".join(line.lstrip("> ") for line in lines)
    return text.strip()


def _from_object(walk: Walk, value: dict[str, JSON], node: Mapping[str, Any], path: Path) -> JSON:
    place = walk.matcher.resolve(_place(node, 0))
    properties = place.get("properties", {}) if isinstance(place, dict) else {}
    numbered = [str(i) for i in range(len(value))], [str(i) for i in range(1, len(value) + 1)]
    inside: JSON = list(value.values())
    entries = is_entry(place)
    if value and list(value) in numbered and (not entries or _are_entries(inside, properties)):
        return walk.reread("list-from-numbered-keys", dict(value), inside, node, path)
    if not pair_keys(value, properties).taken:
        lists = [key for key, item in value.items() if isinstance(item, list)]
        items: JSON = [as_entry(key, item, properties.get("value"), told=True) for key, item in value.items()]
        wrapped = len(lists) == 1 and _are_entries(value[lists[0]], properties)
        # Where the key may be an entry's own, it is one: that changes least.
        if entries and not (wrapped and walk.attempt(items, node, path).issues):
            return walk.reread("entries-from-object", dict(value), items, node, path)
        if len(lists) == 1 and not walk.matcher.matches(value, place):
            walk.record("unwrapped", path, lists[0])
            for key, item in value.items():
                if key != lists[0]:
                    walk.record("extra-key", (*path, key), item)
            return walk.fit(value[lists[0]], node, path)
    return _single(walk, value, node, path)


def _are_entries(items: JSON, properties: Mapping[str, Any]) -> bool:
    """Say whether a list already holds entries, so that the object around it is only a wrapper."""
    return isinstance(items, list) and all(
        isinstance(item, dict) and pair_keys(item, properties).taken for item in items
    )
