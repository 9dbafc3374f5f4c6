"""How do values of several types travel? Which branch a value belongs to, and its rule."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar

from extract.schema._codec import Around, Log, Node, at

if TYPE_CHECKING:
    from collections.abc import Mapping

    from typing_extensions import Self

    from extract.errors import Path
    from extract.schema._codec import Link

__all__ = ["Branch", "Branches", "Nullable"]


@dataclass(slots=True)
class Nullable(Around):
    """A value or null."""

    changes: ClassVar[bool] = False

    def decode(self, value: Any, path: Link, log: Log) -> Any:
        return value if value is None or self.inner is None else self.inner.decode(value, path, log)

    def encode(self, value: Any) -> Any:
        return value if value is None or self.inner is None else self.inner.encode(value)

    def where(self, loc: Path, declared: Any) -> tuple[Path, Path, Node | None, Any]:
        return (), loc, self.inner, declared


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
        if kind != "object":
            return True
        if any(key in value and not _among(value[key], allowed) for key, allowed in self.constants.items()):
            return False
        return self.required <= value.keys() and (not wire or self.keys is None or value.keys() <= self.keys)


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
    tags_decide: bool = False
    changes: ClassVar[bool] = False

    def clone(self) -> Self:
        return replace(self, nodes=list(self.nodes))

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

    def decode(self, value: Any, path: Link, log: Log) -> Any:
        index = self._index(value, 0)
        node = None if index is None else self.nodes[index]
        if node is None or index is None:
            return value
        if self.labels:
            label = self.labels[index]
            return {label: node.decode(value[label], (path, label), log)}
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
        node = self.branch_of(declared)
        if loc[0] in self.tags:
            return (), loc[1:], self.nodes[self.tags.index(str(loc[0]))], declared
        if _kind(declared) in {"object", "array"} and at(declared, loc[0]) is None and len(loc) > 1:
            return (), loc[1:], node, declared
        return (), loc, node, declared

    def branch_of(self, declared: Any) -> Node | None:
        """Find the codec of the branch a declared value belongs to."""
        index = self._index(declared, 1)
        return None if index is None else self.nodes[index]

    def chosen(self, labels: list[Any], declared: Any) -> Any:
        """Say which of pydantic's names, one a branch and in order, is the branch the value belongs to."""
        index = None if self.labels or self.tags_decide else self._index(declared, 1)
        return labels[index] if index is not None and len(labels) == len(self.branches) else None


@dataclass(slots=True)
class Choice(Node):
    """A union of plain JSON whose branches look alike: labelled on the wire only."""

    labels: tuple[str, ...]
    nodes: list[Node | None]
    wires: list[dict[str, Any]]
    defs: dict[str, Any]
    judges: dict[int, Any] = field(default_factory=dict, repr=False, compare=False)

    def clone(self) -> Self:
        return replace(self, nodes=list(self.nodes))

    def children(self) -> list[tuple[Any, Any]]:
        return list(enumerate(self.nodes))

    def put(self, slot: Any, node: Node | None) -> None:
        self.nodes[slot] = node

    def decode(self, value: Any, path: Link, log: Log) -> Any:
        if not isinstance(value, dict) or len(value) != 1:
            return value
        label = next(iter(value))
        if label not in self.labels:
            return value
        node = self.nodes[self.labels.index(label)]
        return value[label] if node is None else node.decode(value[label], (path, label), log)

    def _written(self, value: Any) -> tuple[int, Any] | None:
        for i, node in enumerate(self.nodes):
            found = value if node is None else node.encode(value)
            # A branch that has no place for a part of the value would write it without that part.
            if node is not None and node.decode(found, (), Log(exact=True)) != value:
                continue
            if self._judge(i).is_valid(found):
                return i, found
        return None

    def _judge(self, index: int) -> Any:
        if index not in self.judges:
            # Imported here: it costs 100 ms, and only schemas without a type need it.
            import jsonschema  # noqa: PLC0415

            whole: Any = {"$defs": self.defs, "allOf": [self.wires[index]]}
            self.judges[index] = jsonschema.Draft202012Validator(whole)
        return self.judges[index]

    def encode(self, value: Any) -> Any:
        written = self._written(value)
        return value if written is None else {self.labels[written[0]]: written[1]}

    def where(self, loc: Path, declared: Any) -> tuple[Path, Path, Node | None, Any]:
        written = self._written(declared)
        if written is None:
            return (), (), None, None
        return (self.labels[written[0]],), loc, self.nodes[written[0]], declared
