"""How does a wire value become what pydantic reads, and back? One small class a rule, decode beside encode.

Where the wire form equals the declared form there is no node at all (``None``), so nothing is spent there.
A value that does not have the expected shape passes through as it is: pydantic says what is wrong with it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic_core import from_json, to_json

from extract.errors import Issue
from extract.typing import Repair

if TYPE_CHECKING:
    from collections.abc import Mapping

    from extract.errors import Path

__all__ = [
    "Branch",
    "Branches",
    "Entries",
    "Items",
    "JsonInside",
    "JsonText",
    "KeyText",
    "Log",
    "Named",
    "Node",
    "Nullable",
    "Object",
    "Places",
    "Property",
    "Ref",
    "Root",
    "Single",
    "Tuple",
    "Values",
    "text_of",
]


@dataclass(slots=True)
class Log:
    """What happened while a wire value was decoded."""

    exact: bool = False
    repairs: list[Repair] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)


class Node:
    """A place where the wire form differs from the declared one, or has such a place below it."""

    __slots__ = ()
    changes: ClassVar[bool] = True

    def children(self) -> list[tuple[Any, Any]]:
        """List the slots below as (slot, node)."""
        return []

    def put(self, slot: Any, node: Node | None) -> None:
        """Replace the node in a slot."""

    def decode(self, value: Any, path: Path, log: Log) -> Any:
        """Turn a wire value into the declared JSON form."""
        raise NotImplementedError

    def encode(self, value: Any) -> Any:
        """Turn the declared JSON form into a wire value."""
        raise NotImplementedError

    def where(self, loc: Path, declared: Any) -> tuple[Path, Path, Node | None, Any]:
        """Take the first steps of pydantic's location: (wire steps, rest, node there, declared value there)."""
        raise NotImplementedError


def at(value: Any, step: Any) -> Any:
    """Look one step into a JSON value; None where there is nothing."""
    if (isinstance(value, dict) and isinstance(step, str)) or (isinstance(value, list) and isinstance(step, int)):
        try:
            return value[step]
        except (KeyError, IndexError):
            return None
    return None


@dataclass(slots=True)
class Ref(Node):
    """The codec of a definition; looked up when used, so that types may be recursive."""

    name: str
    table: dict[str, Node | None] = field(repr=False)
    changes: ClassVar[bool] = False

    def decode(self, value: Any, path: Path, log: Log) -> Any:
        node = self.table[self.name]
        return value if node is None else node.decode(value, path, log)

    def encode(self, value: Any) -> Any:
        node = self.table[self.name]
        return value if node is None else node.encode(value)

    def where(self, loc: Path, declared: Any) -> tuple[Path, Path, Node | None, Any]:
        return (), loc, self.table[self.name], declared


@dataclass(slots=True)
class Items(Node):
    """A list whose items differ."""

    item: Node | None
    changes: ClassVar[bool] = False

    def children(self) -> list[tuple[Any, Any]]:
        return [("item", self.item)]

    def put(self, slot: Any, node: Node | None) -> None:
        self.item = node

    def decode(self, value: Any, path: Path, log: Log) -> Any:
        item = self.item
        if not isinstance(value, list) or item is None:
            return value
        return [item.decode(each, (*path, i), log) for i, each in enumerate(value)]

    def encode(self, value: Any) -> Any:
        item = self.item
        return [item.encode(each) for each in value] if isinstance(value, list) and item else value

    def where(self, loc: Path, declared: Any) -> tuple[Path, Path, Node | None, Any]:
        return (loc[0],), loc[1:], self.item, at(declared, loc[0])


@dataclass(slots=True)
class Nullable(Node):
    """A value or null."""

    inner: Node | None
    changes: ClassVar[bool] = False

    def children(self) -> list[tuple[Any, Any]]:
        return [("inner", self.inner)]

    def put(self, slot: Any, node: Node | None) -> None:
        self.inner = node

    def decode(self, value: Any, path: Path, log: Log) -> Any:
        return value if value is None or self.inner is None else self.inner.decode(value, path, log)

    def encode(self, value: Any) -> Any:
        return value if value is None or self.inner is None else self.inner.encode(value)

    def where(self, loc: Path, declared: Any) -> tuple[Path, Path, Node | None, Any]:
        return (), loc, self.inner, declared


@dataclass(slots=True)
class Property:
    """One property: its key on the wire, its path in the declared form, and what null means.

    ``null`` is ``keep`` (null is a value), ``drop`` (null means: not given), ``text`` (the same, and a null that is
    meant stands as JSON text) or ``wrap`` (the same, and every value stands in an object of its own).
    """

    key: str
    place: Path
    node: Node | None
    null: str = "keep"

    @property
    def changes(self) -> bool:
        """Whether the property needs work of its own."""
        return self.place != (self.key,) or self.null != "keep"


@dataclass(slots=True)
class Object(Node):
    """An object: defaults taken, keys moved, free entries collected."""

    properties: dict[str, Property]
    extra: str | None = None
    work: tuple[Property, ...] = ()

    @property
    def changes(self) -> bool:  # type: ignore[override]
        return self.extra is not None or any(each.changes for each in self.properties.values())

    def children(self) -> list[tuple[Any, Any]]:
        return [(key, each.node) for key, each in self.properties.items()]

    def put(self, slot: Any, node: Node | None) -> None:
        self.properties[slot].node = node

    def seal(self) -> None:
        """Keep only the properties that need work."""
        self.work = tuple(each for each in self.properties.values() if each.changes or each.node is not None)

    def decode(self, value: Any, path: Path, log: Log) -> Any:
        if not isinstance(value, dict):
            return value
        out = dict(value)
        extra = out.pop(self.extra, None) if self.extra is not None else None
        for each in self.work:
            key = each.key
            if key not in out:
                continue
            found = out[key]
            if each.null != "keep":
                if found is None:
                    del out[key]
                    log.repairs.append(Repair("default-taken", (*path, key)))
                    continue
                if each.null == "wrap" and isinstance(found, dict) and len(found) == 1 and "value" in found:
                    found = found["value"]
            if each.node is not None:
                found = each.node.decode(found, (*path, key, *(("value",) if each.null == "wrap" else ())), log)
            if len(each.place) == 1:
                out[key] = found
            else:
                del out[key]
                _place(out, each.place, found)
        if isinstance(extra, dict):
            _merge(out, extra, (*path, str(self.extra)), log)
        return out

    def encode(self, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        known = self.properties
        out: dict[str, Any] = {}
        for key, each in known.items():
            if key not in value:
                out[key] = None
                continue
            found = value[key]
            inner = found if each.node is None or (found is None and each.null == "drop") else each.node.encode(found)
            out[key] = {"value": inner} if each.null == "wrap" else inner
        if self.extra is not None:
            rest = {key: item for key, item in value.items() if key not in known}
            out[self.extra] = rest
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
    for step, after in zip(place, place[1:], strict=False):
        fresh: Any = [] if isinstance(after, int) else {}
        if isinstance(step, int):
            here.extend([None] * (step + 1 - len(here)))
            if here[step] is None:
                here[step] = fresh
            here = here[step]
        else:
            here = here.setdefault(step, fresh)
    last: Any = place[-1]
    if isinstance(last, int):
        here.extend([None] * (last + 1 - len(here)))
    here[last] = value


def _merge(out: dict[str, Any], extra: dict[str, Any], path: Path, log: Log) -> None:
    for key, item in extra.items():
        if key in out:
            log.issues.append(Issue(path, f"The key {key!r} is a property already", kind="duplicate-key"))
        else:
            out[key] = item


@dataclass(slots=True)
class Single(Node):
    """One property of an object decodes on its own (used for extra entries)."""

    inner: Object
    entries: Node

    def children(self) -> list[tuple[Any, Any]]:
        return [("inner", self.inner), ("entries", self.entries)]

    def decode(self, value: Any, path: Path, log: Log) -> Any:
        key = str(self.inner.extra)
        if isinstance(value, dict) and key in value:
            value = {**value, key: self.entries.decode(value[key], (*path, key), log)}
        return self.inner.decode(value, path, log)

    def encode(self, value: Any) -> Any:
        out = self.inner.encode(value)
        key = str(self.inner.extra)
        if isinstance(out, dict) and key in out:
            out[key] = self.entries.encode(out[key])
        return out

    def where(self, loc: Path, declared: Any) -> tuple[Path, Path, Node | None, Any]:
        if loc and loc[0] not in {each.place[0] for each in self.inner.properties.values()}:
            return (str(self.inner.extra),), loc, self.entries, declared
        return self.inner.where(loc, declared)


@dataclass(slots=True)
class Entries(Node):
    """A dictionary, written as a list of ``{"key": …, "value": …}``.

    ``native`` says that the declared side reads the entries itself (keys that JSON has no text for).
    """

    key: Node | None
    value: Node | None
    native: bool = False

    def children(self) -> list[tuple[Any, Any]]:
        return [("key", self.key), ("value", self.value)]

    def put(self, slot: Any, node: Node | None) -> None:
        setattr(self, slot, node)

    def decode(self, value: Any, path: Path, log: Log) -> Any:
        if not isinstance(value, list) or not all(
            isinstance(each, dict) and each.keys() == {"key", "value"} for each in value
        ):
            return value
        pairs = []
        for i, each in enumerate(value):
            key, item = each["key"], each["value"]
            if self.key is not None:
                key = self.key.decode(key, (*path, i, "key"), log)
            if self.value is not None:
                item = self.value.decode(item, (*path, i, "value"), log)
            pairs.append((key, item))
        if self.native:
            return [{"key": key, "value": item} for key, item in pairs]
        out: dict[str, Any] = {}
        for i, (key, item) in enumerate(pairs):
            text = text_of(key)
            if text in out:
                log.issues.append(
                    Issue((*path, i, "key"), "The key stands here twice", kind="duplicate-key", found=key)
                )
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

    def decode(self, value: Any, path: Path, log: Log) -> Any:
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
class Tuple(Node):
    """A list with places of their own, written as an object."""

    names: tuple[str, ...]
    nodes: list[Node | None]
    rest: str | None = None
    rest_node: Node | None = None

    def children(self) -> list[tuple[Any, Any]]:
        return [*enumerate(self.nodes), ("rest", self.rest_node)]

    def put(self, slot: Any, node: Node | None) -> None:
        if slot == "rest":
            self.rest_node = node
        else:
            self.nodes[slot] = node

    def decode(self, value: Any, path: Path, log: Log) -> Any:
        if not isinstance(value, dict) or not all(name in value for name in self.names):
            return value
        out = []
        for name, node in zip(self.names, self.nodes, strict=True):
            out.append(value[name] if node is None else node.decode(value[name], (*path, name), log))
        rest = value.get(self.rest) if self.rest is not None else None
        if isinstance(rest, list):
            node = self.rest_node
            at_rest = (*path, str(self.rest))
            out.extend(each if node is None else node.decode(each, (*at_rest, i), log) for i, each in enumerate(rest))
        return out

    def encode(self, value: Any) -> Any:
        if not isinstance(value, list):
            return value
        out: dict[str, Any] = {}
        for name, node, each in zip(self.names, self.nodes, value, strict=False):
            out[name] = each if node is None else node.encode(each)
        if self.rest is not None:
            node = self.rest_node
            out[self.rest] = [each if node is None else node.encode(each) for each in value[len(self.names) :]]
        return out

    def where(self, loc: Path, declared: Any) -> tuple[Path, Path, Node | None, Any]:
        step = loc[0]
        if not isinstance(step, int):
            return (step,), loc[1:], None, at(declared, step)
        if step < len(self.names):
            return (self.names[step],), loc[1:], self.nodes[step], at(declared, step)
        if self.rest is None:
            return (), loc[1:], None, None
        return (self.rest, step - len(self.names)), loc[1:], self.rest_node, at(declared, step)


@dataclass(slots=True)
class Places(Node):
    """A list with places of their own, written as one."""

    nodes: list[Node | None]
    rest: Node | None
    changes: ClassVar[bool] = False

    def children(self) -> list[tuple[Any, Any]]:
        return [*enumerate(self.nodes), (len(self.nodes), self.rest)]

    def put(self, slot: Any, node: Node | None) -> None:
        if slot < len(self.nodes):
            self.nodes[slot] = node
        else:
            self.rest = node

    def _at(self, index: int) -> Node | None:
        return self.nodes[index] if index < len(self.nodes) else self.rest

    def decode(self, value: Any, path: Path, log: Log) -> Any:
        if not isinstance(value, list):
            return value
        out = []
        for i, each in enumerate(value):
            node = self._at(i)
            out.append(each if node is None else node.decode(each, (*path, i), log))
        return out

    def encode(self, value: Any) -> Any:
        if not isinstance(value, list):
            return value
        nodes = ((self._at(i), each) for i, each in enumerate(value))
        return [each if node is None else node.encode(each) for node, each in nodes]

    def where(self, loc: Path, declared: Any) -> tuple[Path, Path, Node | None, Any]:
        step = loc[0]
        return (step,), loc[1:], self._at(step) if isinstance(step, int) else None, at(declared, step)


@dataclass(slots=True)
class Values(Node):
    """A natural dictionary whose values differ."""

    value: Node | None
    changes: ClassVar[bool] = False

    def children(self) -> list[tuple[Any, Any]]:
        return [("value", self.value)]

    def put(self, slot: Any, node: Node | None) -> None:
        self.value = node

    def decode(self, value: Any, path: Path, log: Log) -> Any:
        if not isinstance(value, dict) or self.value is None:
            return value
        return {key: self.value.decode(item, (*path, key), log) for key, item in value.items()}

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

    def children(self) -> list[tuple[Any, Any]]:
        return self.inner.children()

    def put(self, slot: Any, node: Node | None) -> None:
        self.inner.put(slot, node)

    def decode(self, value: Any, path: Path, log: Log) -> Any:
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


@dataclass(frozen=True, slots=True)
class Branch:
    """What tells one branch of a union from the others, on either side."""

    kinds: frozenset[str]
    constants: Mapping[str, frozenset[Any]]
    required: frozenset[str]
    keys: frozenset[str] | None
    node: Node | None
    label: str | None = None

    def fits(self, value: Any, *, wire: bool) -> bool:
        """Say whether a JSON value can belong to this branch."""
        kind = _kind(value)
        if kind not in self.kinds and not (kind == "integer" and "number" in self.kinds):
            return False
        if kind != "object" or self.keys is None:
            return True
        if any(key in value and not _among(value[key], allowed) for key, allowed in self.constants.items()):
            return False
        return self.required <= value.keys() and (not wire or value.keys() <= self.keys)


def _among(value: Any, allowed: frozenset[Any]) -> bool:
    try:
        return value in allowed
    except TypeError:
        return False


_KINDS = {dict: "object", list: "array", str: "string", bool: "boolean", int: "integer", float: "number"}


def _kind(value: Any) -> str:
    return _KINDS.get(type(value), "null" if value is None else "any")


@dataclass(slots=True)
class Branches(Node):
    """A union; ``labelled`` unions write each branch under its own label, on both sides."""

    branches: list[tuple[Branch, Branch]]
    nodes: list[Node | None]
    labels: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    changes: ClassVar[bool] = False

    def children(self) -> list[tuple[Any, Any]]:
        return list(enumerate(self.nodes))

    def put(self, slot: Any, node: Node | None) -> None:
        self.nodes[slot] = node

    def _index(self, value: Any, side: int) -> int | None:
        if self.labels:
            if isinstance(value, dict) and len(value) == 1:
                label = next(iter(value))
                return self.labels.index(label) if label in self.labels else None
            return None
        for i, pair in enumerate(self.branches):
            if pair[side].fits(value, wire=side == 0):
                return i
        return None

    def decode(self, value: Any, path: Path, log: Log) -> Any:
        index = self._index(value, 0)
        node = None if index is None else self.nodes[index]
        if node is None or index is None:
            return value
        if self.labels:
            label = self.labels[index]
            return {label: node.decode(value[label], (*path, label), log)}
        return node.decode(value, path, log)

    def encode(self, value: Any) -> Any:
        index = self._index(value, 1)
        node = None if index is None else self.nodes[index]
        if node is None or index is None:
            return value
        if self.labels:
            label = self.labels[index]
            return {label: node.encode(value[label])}
        return node.encode(value)

    def where(self, loc: Path, declared: Any) -> tuple[Path, Path, Node | None, Any]:
        if self.labels:
            # Pydantic names the branch, then the key that holds it.
            if loc[0] in self.labels:
                rest = loc[2:] if loc[1:2] == loc[:1] else loc[1:]
                return (loc[0],), rest, self.nodes[self.labels.index(str(loc[0]))], at(declared, loc[0])
            return (), loc[1:], None, declared
        index = self._index(declared, 1)
        node = None if index is None else self.nodes[index]
        if loc[0] in self.tags:
            return (), loc[1:], self.nodes[self.tags.index(str(loc[0]))], declared
        if _kind(declared) in {"object", "array"} and at(declared, loc[0]) is None and len(loc) > 1:
            return (), loc[1:], node, declared
        return (), loc, node, declared


@dataclass(slots=True)
class JsonText(Node):
    """A value of any kind, written as JSON text."""

    def decode(self, value: Any, path: Path, log: Log) -> Any:
        if not isinstance(value, str):
            return value
        try:
            return from_json(value)
        except ValueError:
            if log.exact:
                log.issues.append(Issue(path, "Should be JSON text", kind="json_invalid", found=value))
            else:
                log.repairs.append(Repair("text-for-json", path, before=value, after=value))
            return value

    def encode(self, value: Any) -> Any:
        return to_json(value, inf_nan_mode="constants").decode()

    def where(self, loc: Path, declared: Any) -> tuple[Path, Path, Node | None, Any]:
        return (), (), None, None


@dataclass(slots=True)
class JsonInside(Node):
    """A typed value on the wire that the declared type wants as JSON text."""

    inner: Node | None

    def children(self) -> list[tuple[Any, Any]]:
        return [("inner", self.inner)]

    def put(self, slot: Any, node: Node | None) -> None:
        self.inner = node

    def decode(self, value: Any, path: Path, log: Log) -> Any:
        inner = value if self.inner is None else self.inner.decode(value, path, log)
        return to_json(inner, inf_nan_mode="constants").decode()

    def encode(self, value: Any) -> Any:
        value = from_json(value) if isinstance(value, str) else value
        return value if self.inner is None else self.inner.encode(value)

    def where(self, loc: Path, declared: Any) -> tuple[Path, Path, Node | None, Any]:
        try:
            return (), loc, self.inner, from_json(declared)
        except (TypeError, ValueError):
            return (), loc, self.inner, None


@dataclass(slots=True)
class Root(Node):
    """A root that is no object stands in one."""

    inner: Node | None

    def children(self) -> list[tuple[Any, Any]]:
        return [("inner", self.inner)]

    def put(self, slot: Any, node: Node | None) -> None:
        self.inner = node

    def decode(self, value: Any, path: Path, log: Log) -> Any:
        if isinstance(value, dict) and value.keys() == {"value"}:
            inner = value["value"]
            return inner if self.inner is None else self.inner.decode(inner, (*path, "value"), log)
        return value

    def encode(self, value: Any) -> Any:
        return {"value": value if self.inner is None else self.inner.encode(value)}

    def where(self, loc: Path, declared: Any) -> tuple[Path, Path, Node | None, Any]:
        return ("value",), loc, self.inner, declared
