# ruff: noqa: ARG002 - rules share one signature
"""How does a wire value become what pydantic reads, and back? One small class a rule, decode beside encode.

Where the wire form equals the declared form there is no node at all (``None``), so nothing is spent there.
A value that does not have the expected shape passes through as it is: pydantic says what is wrong with it.
"""

from __future__ import annotations

from contextlib import suppress
from copy import copy
from dataclasses import dataclass, field
from functools import partial, reduce
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

import jiter
from pydantic_core import from_json, to_json

from extract.errors import Issue
from extract.schema.coerce import twins
from extract.typing import Repair

if TYPE_CHECKING:
    from collections.abc import Iterator

    from typing_extensions import Self

    from extract.errors import Path

__all__ = [
    "DEFAULT_TAKEN",
    "DUPLICATE_ITEM",
    "Around",
    "JsonInside",
    "JsonText",
    "Link",
    "Log",
    "Node",
    "Ref",
    "Root",
    "at",
    "flat",
    "tree",
]

DEFAULT_TAKEN = "default-taken"
DUPLICATE_ITEM = "duplicate-item"
"""The kind of issue (and repair) for what stands twice in a set, or in a dictionary with the same value."""


_look = partial(jiter.from_json, catch_duplicate_keys=True)

Link: TypeAlias = "tuple[()] | tuple[Link, str | int]"
"""A path as (path so far, last step): one small tuple a step, made whole only where something is recorded."""


@dataclass(slots=True)
class Log:
    """What happened while a wire value was decoded.

    Args:
        exact: No liberty may be taken.
        owned: The value was read for this alone: it may be changed in its place.
        taken: Where a default stands in for a value. There may be very many, so they are told only when asked for.
        strayed: A value was passed on as it is, for it has not the shape that was asked for.
    """

    exact: bool = False
    owned: bool = False
    repairs: list[Repair] = field(default_factory=list)
    taken: list[Link] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    strayed: bool = False

    def told(self) -> tuple[Repair, ...]:
        """List every liberty."""
        return (*self.repairs, *(Repair(DEFAULT_TAKEN, flat(path)) for path in self.taken))

    def repaired(self, kind: str, path: Link, *, before: Any = None, after: Any = None) -> None:
        """Record a liberty."""
        self.repairs.append(Repair(kind, flat(path), before=before, after=after))

    def refused(self, message: str, path: Link, kind: str, found: Any = None) -> None:
        """Record what is wrong."""
        self.issues.append(Issue(flat(path), message, kind, found))


def flat(path: Link) -> Path:
    """Write a linked path as a plain one."""
    steps: list[str | int] = []
    here: Any = path
    while here:
        here, step = here
        steps.append(step)
    return tuple(reversed(steps))


class Node:
    """A place where the wire form differs from the declared one, or has such a place below it."""

    __slots__ = ()
    changes: ClassVar[bool] = True

    @property
    def changes_filled(self) -> bool:
        """Whether there is anything to do here in an answer without any null."""
        return self.changes

    def children(self) -> list[tuple[Any, Any]]:
        """List the slots below as (slot, node)."""
        return []

    def put(self, slot: Any, node: Node | None) -> None:
        """Replace the node in a slot."""

    def clone(self) -> Self:
        """Copy the node, so that slots can be replaced in the copy."""
        return copy(self)

    def decode(self, value: Any, path: Link, log: Log) -> Any:
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
    if isinstance(value, dict):
        return value.get(step)
    if isinstance(value, list) and isinstance(step, int) and 0 <= step < len(value):
        return value[step]
    return None


@dataclass(slots=True)
class Ref(Node):
    """The codec of a definition; looked up when used, so that types may be recursive."""

    name: str
    table: dict[str, Node | None] = field(repr=False)
    changes: ClassVar[bool] = False

    def decode(self, value: Any, path: Link, log: Log) -> Any:
        node = self.table[self.name]
        return value if node is None else node.decode(value, path, log)

    def encode(self, value: Any) -> Any:
        node = self.table[self.name]
        return value if node is None else node.encode(value)

    def where(self, loc: Path, declared: Any) -> tuple[Path, Path, Node | None, Any]:
        return (), loc, self.table[self.name], declared


def tree(node: Node | None) -> Iterator[Node]:
    """List a node and all below it, those of each definition once."""
    work: list[Node | None] = [node]
    seen: set[str] = set()
    while work:
        here = work.pop()
        if here is None:
            continue
        yield here
        work.extend(below for _, below in here.children())
        if isinstance(here, Ref) and here.name not in seen:
            seen.add(here.name)
            work.append(here.table[here.name])


@dataclass(slots=True)
class Around(Node):
    """What stands around one other place."""

    inner: Node | None

    def children(self) -> list[tuple[Any, Any]]:
        return [("inner", self.inner)]

    def put(self, slot: Any, node: Node | None) -> None:
        self.inner = node


@dataclass(slots=True)
class JsonText(Node):
    """A value of any kind, written as JSON text."""

    def decode(self, value: Any, path: Link, log: Log) -> Any:
        kind = "json-for-text"
        if isinstance(value, str):
            with suppress(ValueError):
                return _look(value.encode())
            kind = "text-for-json"
            with suppress(ValueError):
                return _told(value, from_json(value), path, log)
        if log.exact:
            log.refused("Should be JSON text", path, "json_invalid", value)
        else:
            log.repaired(kind, path, before=value, after=value)
        return value

    def encode(self, value: Any) -> Any:
        return to_json(value, inf_nan_mode="constants").decode()

    def where(self, loc: Path, declared: Any) -> tuple[Path, Path, Node | None, Any]:
        return (), (), None, None


def _told(text: str, inner: Any, path: Link, log: Log) -> Any:
    """Tell of keys that stand twice inside JSON text."""
    for twin in twins(text):
        here = reduce(lambda link, step: (link, step), twin.path, path)
        if log.exact:
            log.refused("The key stands here twice", here, "duplicate-key", twin.before)
        else:
            log.repaired("duplicate-key", here, before=twin.before, after=twin.after)
    return inner


@dataclass(slots=True)
class JsonInside(Around):
    """A typed value on the wire that the declared type wants as JSON text."""

    def decode(self, value: Any, path: Link, log: Log) -> Any:
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
class Root(Around):
    """A root that is no object stands in one."""

    def decode(self, value: Any, path: Link, log: Log) -> Any:
        if isinstance(value, dict) and value.keys() == {"value"}:
            inner = value["value"]
            return inner if self.inner is None else self.inner.decode(inner, (path, "value"), log)
        # It came without what it should stand in: what is meant is plain, and on record.
        log.repaired("wrapped", path, after="value")
        return value

    def encode(self, value: Any) -> Any:
        return {"value": value if self.inner is None else self.inner.encode(value)}

    def where(self, loc: Path, declared: Any) -> tuple[Path, Path, Node | None, Any]:
        return ("value",), loc, self.inner, declared
