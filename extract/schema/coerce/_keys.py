"""Which property does each key of an answer mean? An object's keys in, the pairing out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from extract.schema.coerce._word import fold, one_slip, words_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from extract.typing import JSON

__all__ = ["Pairing", "pair_keys"]


@dataclass(frozen=True, slots=True)
class Pairing:
    """Keys of an answer beside the properties they mean.

    Args:
        taken: Key → (property, kind of liberty or "" where they are equal).
        spare: Key → property that another key with the same value already fills.
        contested: Property → the keys that may all be meant by it.
        unknown: Keys that belong to no property.
    """

    taken: Mapping[str, tuple[str, str]]
    spare: Mapping[str, str] = field(default_factory=dict)
    contested: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()


def pair_keys(value: Mapping[str, JSON], properties: Mapping[str, Any]) -> Pairing:
    """Pair keys with properties: equal ones first, then other spellings and titles, then one typing slip.

    A key never takes a property that stands under its own name, and two different values never compete in
    silence: they are ``contested``.
    """
    taken = {key: (key, "") for key in value if key in properties}
    if len(taken) == len(value):
        return Pairing(taken)
    spare: dict[str, str] = {}
    contested: dict[str, tuple[str, ...]] = {}
    for kind, find in (("key-spelling", _same_spelling), ("key-near", _one_slip_away)):
        filled = {name for name, _ in taken.values()} | contested.keys()
        loose = [key for key in value if key not in taken and key not in spare]
        found = find(loose, [name for name in properties if name not in filled], properties)
        for name, keys in _by_property(found).items():
            if len(keys) == 1 or all(_very_same(value[key], value[keys[0]]) for key in keys):
                taken[keys[0]] = (name, kind)
                spare.update(dict.fromkeys(keys[1:], name))
            else:
                contested[name] = tuple(keys)
    _pair_spare(value, taken, spare)
    busy = {*taken, *spare, *(key for keys in contested.values() for key in keys)}
    return Pairing(taken, spare, contested, tuple(key for key in value if key not in busy))


def _pair_spare(value: Mapping[str, JSON], taken: Mapping[str, tuple[str, str]], spare: dict[str, str]) -> None:
    """Set aside other spellings of a filled property where the value is the very same."""
    filled = {fold(name): (key, name) for key, (name, _) in taken.items()}
    for key in value:
        if key not in taken and key not in spare:
            first, name = filled.get(fold(key), ("", ""))
            if first and _very_same(value[first], value[key]):
                spare[key] = name


def _very_same(one: JSON, other: JSON) -> bool:
    # To Python false is 0 and 1 is 1.0: what is set aside for being the same must be written the same.
    return one == other and repr(one) == repr(other)


def _same_spelling(loose: list[str], free: list[str], properties: Mapping[str, Any]) -> dict[str, list[str]]:
    spellings: dict[str, list[str]] = {}
    for name in free:
        node = properties[name]
        title = node.get("title") if isinstance(node, dict) else None
        for spelling in {fold(name), fold(title) if isinstance(title, str) else ""} - {""}:
            spellings.setdefault(spelling, []).append(name)
    return {key: spellings.get(fold(key), []) for key in loose}


def _one_slip_away(loose: list[str], free: list[str], _: Mapping[str, Any]) -> dict[str, list[str]]:
    words = {name: words_of(name) for name in free}
    return {key: [name for name in free if one_slip(words_of(key), words[name])] for key in loose}


def _by_property(found: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """Turn key → candidates around, leaving out keys that may mean several properties."""
    keys: dict[str, list[str]] = {}
    for key, names in found.items():
        if len(names) == 1:
            keys.setdefault(names[0], []).append(key)
    return keys
