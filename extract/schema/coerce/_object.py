"""How does a value become the declared object? Covers opened, keys paired, members fitted, the rest set aside."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from extract.errors import Issue, Path
from extract.schema.coerce._entries import as_entry, free_entries
from extract.schema.coerce._json_text import parsed
from extract.schema.coerce._keys import Pairing, pair_keys

if TYPE_CHECKING:
    from collections.abc import Mapping

    from extract.schema.coerce._match import Node
    from extract.schema.coerce._walk import Walk
    from extract.typing import JSON

__all__ = ["fit_object", "fit_root"]

_WRAPPER_DEPTH = 4


def fit_object(walk: Walk, value: JSON, node: Mapping[str, Any], path: Path) -> JSON:
    """Fit a value to a place that declares an object."""
    properties = node.get("properties", {})
    if isinstance(value, str):
        inner = parsed(value)
        if inner is not None:
            return walk.reread("json-in-text", value, inner, node, path)
    if not isinstance(value, dict):
        return _from_other(walk, value, node, path)
    pairing = pair_keys(value, properties)
    if value and properties and not pairing.taken and not pairing.contested and not walk.matcher.matches(value, node):
        key = _wrapper(value, properties, _WRAPPER_DEPTH)
        if key is not None:
            return _unwrap(walk, value, key, node, path)
        if _fits_only_key(walk, value, properties, path):
            return _wrap(walk, value, properties, path)
    return _members(walk, value, node, pairing, path)


def fit_root(walk: Walk, value: JSON, node: Mapping[str, Any]) -> JSON:
    """Fit a value to an object that only covers it: without its cover it belongs under the one key."""
    properties = node["properties"]
    if isinstance(value, dict) and pair_keys(value, properties).taken:
        return walk.fit(value, node, ())
    if isinstance(value, dict) and len(value) == 1:
        key, inner = next(iter(value.items()))
        name, place = next(iter(properties.items()))
        whole = walk.attempt(value, place, (name,))
        # Where any words would do, the key may say that they are none: {"error": "…"}.
        choosy = inner is not None and not walk.matcher.takes_any_words(place)
        if choosy and not whole.matches and walk.attempt(inner, place, (name,)).matches:
            walk.record("unwrapped", (), key)
            return _wrap(walk, inner, properties, ())
    return _wrap(walk, value, properties, ())


def _from_other(walk: Walk, value: JSON, node: Mapping[str, Any], path: Path) -> JSON:
    properties = node.get("properties", {})
    if _fits_only_key(walk, value, properties, path):
        return _wrap(walk, value, properties, path)
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], (dict, list, str)):
        return walk.reread("one-item-list", value, value[0], node, path)
    if walk.lenient and isinstance(value, list) and len(value) == len(properties):
        named = dict(zip(properties, value, strict=True))
        if walk.matcher.matches(named, node):
            walk.record("by-position", path, value, named)
            return named
    return walk.refuse(value, path, "wrong-type", "Should be an object")


def _fits_only_key(walk: Walk, value: JSON, properties: Mapping[str, Any], path: Path) -> bool:
    """Say whether the object has one key only and the value fits under it."""
    if len(properties) != 1 or value is None:
        return False
    name, place = next(iter(properties.items()))
    place = walk.matcher.resolve(place)
    if not isinstance(place, dict) or not place.keys() & {"type", "anyOf", "enum", "const", "properties", "items"}:
        return False
    if isinstance(value, list) and walk.matcher.kind(place) == "array":
        return True
    trial = walk.attempt(value, place, (*path, name))
    # A lone text may stand for the whole answer, but not for an object somewhere inside.
    return trial.matches and (isinstance(value, (list, dict)) or (not path and not trial.repairs))


def _wrap(walk: Walk, value: JSON, properties: Mapping[str, Any], path: Path) -> JSON:
    name, place = next(iter(properties.items()))
    walk.record("wrapped", path, None, name)
    return {name: walk.fit(value, place, (*path, name))}


def _wrapper(value: JSON, properties: Mapping[str, Any], depth: int) -> str | None:
    """The key that leads to the declared object, where exactly one does."""
    if depth == 0 or not isinstance(value, dict):
        return None
    leading = [key for key, item in value.items() if _leads(item, properties, depth)]
    return leading[0] if len(leading) == 1 else None


def _leads(item: JSON, properties: Mapping[str, Any], depth: int) -> bool:
    if isinstance(item, list) and len(item) == 1:
        item = item[0]
    if isinstance(item, str):
        item = parsed(item)
    if not isinstance(item, dict):
        return False
    return bool(pair_keys(item, properties).taken) or _wrapper(item, properties, depth - 1) is not None


def _unwrap(walk: Walk, value: Mapping[str, JSON], key: str, node: Node, path: Path) -> JSON:
    walk.record("unwrapped", path, key)
    for other, item in value.items():
        if other != key:
            walk.record("extra-key", (*path, other), item)
    return walk.fit(value[key], node, path)


def _members(walk: Walk, value: Mapping[str, JSON], node: Mapping[str, Any], pairing: Pairing, path: Path) -> JSON:
    properties, required = node.get("properties", {}), node.get("required", ())
    value, pairing = _gathered(walk, value, node, pairing, path)
    out: dict[str, JSON] = {}
    for key, item in value.items():
        if key in pairing.taken:
            name, kind = pairing.taken[key]
            if kind:
                walk.record(kind, (*path, name), key, name)
            if item is None and name not in required and not walk.matcher.matches(None, properties[name]):
                walk.record("null-for-absent", (*path, name), None)
                continue
            out[name] = walk.fit(item, properties[name], (*path, name))
        elif key in pairing.spare:
            walk.record("duplicate-key", (*path, pairing.spare[key]), key)
        elif key in pairing.unknown:
            _unknown(walk, out, (key, item), node, path)
        else:
            out[key] = item
    for name, keys in pairing.contested.items():
        places = tuple((*path, key) for key in keys)
        message = f"Should be one key {name!r}; several keys may be meant by it"
        walk.issues.append(Issue((*path, name), message, kind="ambiguous-key", paths=places))
    # A key that may be null counts for nothing: the validator knows its default.
    walk.missing += sum(name not in out and not walk.matcher.matches(None, properties.get(name)) for name in required)
    return out


def _gathered(
    walk: Walk, value: Mapping[str, JSON], node: Mapping[str, Any], pairing: Pairing, path: Path
) -> tuple[Mapping[str, JSON], Pairing]:
    """Put what stands under keys of its own among the free entries, where an object takes such."""
    free = free_entries(node, walk.matcher) if pairing.unknown else None
    there = next((key for key, (name, _) in pairing.taken.items() if name == free), free)
    if free is None or there is None:
        return value, pairing
    entry: Any = walk.matcher.resolve(node["properties"][free])
    place = walk.matcher.resolve(entry["items"])["properties"]["value"]
    given = value.get(there)
    entries = [as_entry(*each, place, told=True) for each in given.items()] if isinstance(given, dict) else given
    if entries is not None and not isinstance(entries, list):
        return value, pairing
    if isinstance(given, dict):
        walk.record("entries-from-object", (*path, free), given, entries)
    known = {str(each.get("key")) for each in entries or () if isinstance(each, dict)}
    moved = [key for key in value if key in pairing.unknown and key not in known]
    for key in moved:
        walk.record("entry-from-key", (*path, key), value[key])
    held = {key: item for key, item in value.items() if key not in moved}
    held[there] = [*(entries or ()), *(as_entry(key, value[key], place) for key in moved)]
    return held, pair_keys(held, node.get("properties", {}))


def _unknown(walk: Walk, out: dict[str, JSON], member: tuple[str, JSON], node: Mapping[str, Any], path: Path) -> None:
    """Fit or set aside a key that belongs to no property."""
    key, item = member
    places = [part for pattern, part in node.get("patternProperties", {}).items() if _search(pattern, key)]
    rest = node.get("additionalProperties", True)
    if not places and rest is False:
        walk.record("extra-key", (*path, key), item)
        return
    for place in places or [rest]:
        item = walk.fit(item, place, (*path, key))
    out[key] = item


def _search(pattern: str, key: str) -> bool:
    try:
        return re.search(pattern, key) is not None
    except re.error:
        return False
