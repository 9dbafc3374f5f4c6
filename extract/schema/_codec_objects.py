# ruff: noqa: ARG002 - rules share one signature
"""How do objects with defaults, aliases, free entries and dictionaries travel? Rules as pairs: decode beside encode."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import pairwise
from operator import itemgetter
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic_core import from_json, to_json

from extract.schema._codec import DUPLICATE_ITEM, Node, at

if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import Self

    from extract.errors import Path
    from extract.schema._codec import Link, Log

__all__ = ["ENTRY", "Entries", "KeyText", "Named", "Object", "Property", "Values", "text_of"]


NOT_GIVEN = "\x00not given"
"""Stands in dumped values where a field holds a marker that JSON has no form for."""


@dataclass(slots=True)
class Property:
    """One property: its key on the wire, its path in the declared form, and what null means.

    ``null`` is ``keep`` (null is a value), ``drop`` (null means: not given), ``text`` (the same, and a null that is
    meant stands as JSON text) or ``wrap`` (the same, and every value stands in an object of its own). ``preset`` says
    that something stands for it where the key itself is left out, ``default`` that a default stands for null.
    """

    key: str
    place: Path
    node: Node | None
    null: str = "keep"
    preset: bool = False
    default: bool = True

    @property
    def moves(self) -> bool:
        """Whether a value, too, needs work of its own."""
        return self.place != (self.key,) or self.null == "wrap"


@dataclass(slots=True)
class Object(Node):
    """An object: defaults taken, keys moved, free entries collected.

    ``extra`` names the property in which free entries stand; ``open`` says that they stand among the properties, and
    ``missing`` that what is not given is left out.
    """

    properties: dict[str, Property]
    extra: str | None = None
    open: bool = False
    missing: bool = False
    drops: tuple[str, ...] = field(init=False)
    absent: frozenset[str] = field(init=False)
    presets: tuple[str, ...] = field(init=False)
    inside: tuple[tuple[str, Callable[[Any, Link, Log], Any]], ...] = field(init=False)
    moved: tuple[Property, ...] = field(init=False)
    size: int = field(init=False)

    def __post_init__(self) -> None:
        self.seal()

    @property
    def changes(self) -> bool:  # type: ignore[override]
        return self.changes_filled or any(each.null != "keep" for each in self.properties.values())

    @property
    def changes_filled(self) -> bool:
        return self.extra is not None or any(each.moves for each in self.properties.values())

    def clone(self) -> Self:
        return replace(self, properties={key: replace(each) for key, each in self.properties.items()})

    def children(self) -> list[tuple[Any, Any]]:
        return [(key, each.node) for key, each in self.properties.items()]

    def put(self, slot: Any, node: Node | None) -> None:
        self.properties[slot].node = node

    def seal(self) -> None:
        """Sort the properties by the work they need."""
        self.drops = tuple(key for key, each in self.properties.items() if each.null != "keep")
        # Null is how the wire says that there is none: nothing is taken for it.
        self.absent = frozenset(key for key in self.drops if not self.properties[key].default)
        more = () if self.extra is None else (self.extra,)
        given = (key for key, each in self.properties.items() if each.preset and each.null == "keep")
        self.presets = (*given, *more)
        still = [each for each in self.properties.values() if not each.moves]
        self.inside = tuple((each.key, each.node.decode) for each in still if each.node is not None)
        self.moved = tuple(each for each in self.properties.values() if each.moves)
        self.size = len(self.properties) + (self.extra is not None)

    def decode(self, value: Any, path: Link, log: Log) -> Any:
        if not isinstance(value, dict):
            return value
        out = value
        if len(value) != self.size or self.open:
            log.strayed = log.strayed or len(value) < self.size or (self.extra is not None and len(value) > self.size)
            for key in self.presets:
                if key not in value:
                    log.taken.append((path, key))
        if not log.owned:
            out = dict(value)
        for key in self.drops:
            if key not in out:
                log.taken.append((path, key))
            elif out[key] is None:
                del out[key]
                if key not in self.absent:
                    log.taken.append((path, key))
        for key, decode in self.inside:
            if key in out:
                out[key] = decode(out[key], (path, key), log)
        if self.moved or self.extra is not None:
            self._move(out, path, log)
        return out

    def _move(self, out: dict[str, Any], path: Link, log: Log) -> None:
        extra = out.pop(self.extra, None) if self.extra is not None else None
        for each in self.moved:
            key = each.key
            if key not in out:
                continue
            found = out[key]
            here: Link = (path, key)
            if each.null == "wrap":
                if isinstance(found, dict) and found.keys() == {"value"}:
                    found, here = found["value"], (here, "value")
                else:
                    log.strayed = True
            if each.node is not None:
                found = each.node.decode(found, here, log)
            del out[key]
            _place(out, each.place, found)
        if isinstance(extra, dict):
            _merge(out, extra, (path, str(self.extra)), log)
        elif extra is not None:
            log.refused("Should be a list of entries, each a key and a value", (path, str(self.extra)), "not-entries")

    def encode(self, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        known = self.properties
        out: dict[str, Any] = {}
        for key, each in known.items():
            found = value.get(key, NOT_GIVEN)
            if found == NOT_GIVEN and (key not in value or self.missing or each.null != "keep"):
                if not self.missing:
                    out[key] = None
                continue
            inner = found if each.node is None or (found is None and each.null == "drop") else each.node.encode(found)
            out[key] = {"value": inner} if each.null == "wrap" else inner
        if self.extra is not None:
            out[self.extra] = {key: item for key, item in value.items() if key not in known}
        elif self.open:
            out.update((key, item) for key, item in value.items() if key not in known)
        return out

    def where(self, loc: Path, declared: Any) -> tuple[Path, Path, Node | None, Any]:
        for each in self.properties.values():
            if loc[: len(each.place)] == each.place:
                for step in each.place:
                    declared = at(declared, step)
                inner = ("value",) if each.null == "wrap" else ()
                return (each.key, *inner), loc[len(each.place) :], each.node, declared
        if isinstance(declared, dict) and loc[0] in declared:
            return (loc[0],), loc[1:], None, at(declared, loc[0])
        return (), loc[1:], self, declared


def _place(out: dict[str, Any], place: Path, value: Any) -> None:
    here: Any = out
    for step, after in pairwise(place):
        fresh: Any = [] if isinstance(after, int) else {}
        if isinstance(step, int):
            here.extend([None] * (max(step + 1, -step) - len(here)))
            if here[step] is None:
                here[step] = fresh
            here = here[step]
        else:
            here = here.setdefault(step, fresh)
    last: Any = place[-1]
    if isinstance(last, int):
        here.extend([None] * (max(last + 1, -last) - len(here)))
    here[last] = value


def _merge(out: dict[str, Any], extra: dict[str, Any], path: Link, log: Log) -> None:
    for key, item in extra.items():
        if key in out:
            log.refused("A key here is a property already", path, "duplicate-key", key)
        else:
            out[key] = item


_SIDES = ("key", "value")
ENTRY = itemgetter(*_SIDES)
"""Takes key and value out of an entry."""


@dataclass(slots=True)
class Entries(Node):
    """A dictionary, written as a list of ``{"key": …, "value": …}``.

    ``native`` says that the declared side reads the entries itself (keys that JSON has no text for). ``core`` is the
    core schema that they stand for, by identity.
    """

    key: Node | None
    value: Node | None
    native: bool = False
    core: int = 0

    def children(self) -> list[tuple[Any, Any]]:
        return [("key", self.key), ("value", self.value)]

    def put(self, slot: Any, node: Node | None) -> None:
        setattr(self, slot, node)

    def decode(self, value: Any, path: Link, log: Log) -> Any:
        if not isinstance(value, list):
            log.strayed = True
            return value
        key_node, item_node = self.key, self.value
        if key_node is item_node is None and not self.native and (plain := _entries(value)) is not None:
            return plain
        pairs: list[tuple[Any, Any]] = []
        for i, each in enumerate(value):
            if not isinstance(each, dict) or len(each) != len(_SIDES) or "key" not in each or "value" not in each:
                log.strayed = True
                return value
            key, item = each["key"], each["value"]
            if key_node is not None:
                key = key_node.decode(key, ((path, i), "key"), log)
            if item_node is not None:
                item = item_node.decode(item, ((path, i), "value"), log)
            pairs.append((key, item))
        if self.native:
            return [{"key": key, "value": item} for key, item in pairs]
        out: dict[str, Any] = {}
        for i, (key, item) in enumerate(pairs):
            text = key
            if not isinstance(key, str):
                text, log.strayed = text_of(key), True
                if key is None or isinstance(key, (dict, list)):
                    log.refused("Should be a text", ((path, i), "key"), "string_type", key)
            if text in out:
                _refuse_twin(log, (path, i), value[i], is_same=to_json(item) == to_json(out[text]))
            else:
                out[text] = item
        return out

    def encode(self, value: Any) -> Any:
        if isinstance(value, dict):
            pairs = list(value.items())
        elif self.native and isinstance(value, list):
            pairs = [(each["key"], each["value"]) for each in value]
        else:
            return value
        return [
            {
                "key": self.key.encode(key) if self.key is not None else key,
                "value": self.value.encode(item) if self.value is not None else item,
            }
            for key, item in pairs
        ]

    def where(self, loc: Path, declared: Any) -> tuple[Path, Path, Node | None, Any]:
        step = loc[0]
        if self.native:
            side = loc[1] if len(loc) > 1 else None
            found = at(at(declared, step), side)
            node = self.key if side == "key" else self.value if side == "value" else None
            return tuple(loc[:2]), loc[2:], node, found
        if not isinstance(declared, dict):
            return (step,), loc[1:], None, at(declared, step)
        index = next((i for i, key in enumerate(declared) if key == step or key == str(step)), None)
        if index is None:
            return (), loc[1:], None, None
        if loc[1:2] == ("[key]",):
            return (index, "key"), (), None, None
        return (index, "value"), loc[1:], self.value, list(declared.values())[index]


def _refuse_twin(log: Log, path: Link, entry: Any, *, is_same: bool) -> None:
    if is_same:
        log.refused("The entry stands here twice", path, DUPLICATE_ITEM, entry)
    else:
        log.refused("The key stands here twice", (path, "key"), "duplicate-key", entry["key"])


def _entries(value: list[Any]) -> dict[str, Any] | None:
    """Take the usual case at one go: entries as they should be, with texts for keys, each once."""
    try:
        out = dict(map(ENTRY, value))
        exact = len(out) == len(value) and sum(map(len, value)) == len(_SIDES) * len(value)
    except (TypeError, KeyError, IndexError):
        return None
    return out if exact and {str}.issuperset(map(type, out)) else None


def text_of(key: Any) -> str:
    """Write a key the way JSON texts write keys."""
    if isinstance(key, str):
        return key
    if isinstance(key, bool):
        return "true" if key else "false"
    return to_json(key, inf_nan_mode="constants").decode()


@dataclass(slots=True)
class KeyText(Node):
    """A key that is a number or a truth value on the wire, text in the declared form."""

    def decode(self, value: Any, path: Link, log: Log) -> Any:
        return value

    def encode(self, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        lowered = value.lower()
        if lowered in {"true", "false"}:
            return lowered == "true"
        try:
            return from_json(value)
        except ValueError:
            return value

    def where(self, loc: Path, declared: Any) -> tuple[Path, Path, Node | None, Any]:
        return (), (), None, None


@dataclass(slots=True)
class Values(Node):
    """A natural dictionary whose values differ."""

    value: Node | None
    changes: ClassVar[bool] = False

    def children(self) -> list[tuple[Any, Any]]:
        return [("value", self.value)]

    def put(self, slot: Any, node: Node | None) -> None:
        self.value = node

    def decode(self, value: Any, path: Link, log: Log) -> Any:
        if not isinstance(value, dict) or self.value is None:
            return value
        return {key: self.value.decode(item, (path, key), log) for key, item in value.items()}

    def encode(self, value: Any) -> Any:
        if not isinstance(value, dict) or self.value is None:
            return value
        return {key: self.value.encode(item) for key, item in value.items()}

    def where(self, loc: Path, declared: Any) -> tuple[Path, Path, Node | None, Any]:
        return (loc[0],), loc[1:], self.value, declared.get(loc[0]) if isinstance(declared, dict) else None


@dataclass(slots=True)
class Named(Node):
    """A named tuple: a list in the dumped form, an object on the wire and for the validator."""

    names: tuple[str, ...]
    inner: Object

    def clone(self) -> Self:
        return replace(self, inner=self.inner.clone())

    def children(self) -> list[tuple[Any, Any]]:
        return self.inner.children()

    def put(self, slot: Any, node: Node | None) -> None:
        self.inner.put(slot, node)

    def decode(self, value: Any, path: Link, log: Log) -> Any:
        log.strayed = log.strayed or not isinstance(value, dict)
        return self.inner.decode(value, path, log)

    def encode(self, value: Any) -> Any:
        if isinstance(value, list):
            value = dict(zip(self.names, value, strict=False))
        return self.inner.encode(value)

    def where(self, loc: Path, declared: Any) -> tuple[Path, Path, Node | None, Any]:
        step = loc[0]
        if isinstance(step, int) and step < len(self.names):
            loc = (self.names[step], *loc[1:])
        return self.inner.where(loc, declared)
