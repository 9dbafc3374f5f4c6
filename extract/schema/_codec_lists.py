# ruff: noqa: ARG002 - rules share one signature
"""How do lists and tuples travel? Rules as pairs: decode beside encode."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

from extract.schema._codec import Node, Ref, at

if TYPE_CHECKING:
    from typing_extensions import Self

    from extract.errors import Path
    from extract.schema._codec import Link, Log

__all__ = ["Items", "Places", "Tuple"]


@dataclass(slots=True)
class Items(Node):
    """A list whose items differ."""

    item: Node | None
    changes: ClassVar[bool] = False

    def children(self) -> list[tuple[Any, Any]]:
        return [("item", self.item)]

    def put(self, slot: Any, node: Node | None) -> None:
        self.item = node

    def decode(self, value: Any, path: Link, log: Log) -> Any:
        # Looked up once, not with every item.
        item = self.item.table[self.item.name] if isinstance(self.item, Ref) else self.item
        if not isinstance(value, list) or item is None:
            return value
        decode = item.decode
        return [decode(each, (path, i), log) for i, each in enumerate(value)]

    def encode(self, value: Any) -> Any:
        item = self.item
        return [item.encode(each) for each in value] if isinstance(value, list) and item else value

    def where(self, loc: Path, declared: Any) -> tuple[Path, Path, Node | None, Any]:
        return (loc[0],), loc[1:], self.item, at(declared, loc[0])


@dataclass(slots=True)
class Tuple(Node):
    """A list with places of their own, written as an object; ``core`` is the core schema it stands for, by identity."""

    names: tuple[str, ...]
    nodes: list[Node | None]
    rest: str | None = None
    rest_node: Node | None = None
    core: int = 0

    def clone(self) -> Self:
        return replace(self, nodes=list(self.nodes))

    def children(self) -> list[tuple[Any, Any]]:
        return [*enumerate(self.nodes), ("rest", self.rest_node)]

    def put(self, slot: Any, node: Node | None) -> None:
        if slot == "rest":
            self.rest_node = node
        else:
            self.nodes[slot] = node

    def decode(self, value: Any, path: Link, log: Log) -> Any:
        if not isinstance(value, dict):
            log.strayed = True
            return value
        try:
            out = [value[name] for name in self.names]
        except KeyError:
            return value
        if len(value) > len(out) + (self.rest is not None):
            log.strayed = True
        for i, node in enumerate(self.nodes):
            if node is not None:
                out[i] = node.decode(out[i], (path, self.names[i]), log)
        rest = value.get(self.rest) if self.rest is not None else None
        if isinstance(rest, list):
            node = self.rest_node
            at_rest = (path, str(self.rest))
            out.extend(each if node is None else node.decode(each, (at_rest, i), log) for i, each in enumerate(rest))
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

    def clone(self) -> Self:
        return replace(self, nodes=list(self.nodes))

    def children(self) -> list[tuple[Any, Any]]:
        return [*enumerate(self.nodes), (len(self.nodes), self.rest)]

    def put(self, slot: Any, node: Node | None) -> None:
        if slot < len(self.nodes):
            self.nodes[slot] = node
        else:
            self.rest = node

    def _at(self, index: int) -> Node | None:
        return self.nodes[index] if index < len(self.nodes) else self.rest

    def decode(self, value: Any, path: Link, log: Log) -> Any:
        if not isinstance(value, list):
            return value
        out = []
        for i, each in enumerate(value):
            node = self._at(i)
            out.append(each if node is None else node.decode(each, (path, i), log))
        return out

    def encode(self, value: Any) -> Any:
        if not isinstance(value, list):
            return value
        nodes = ((self._at(i), each) for i, each in enumerate(value))
        return [each if node is None else node.encode(each) for node, each in nodes]

    def where(self, loc: Path, declared: Any) -> tuple[Path, Path, Node | None, Any]:
        step = loc[0]
        return (step,), loc[1:], self._at(step) if isinstance(step, int) else None, at(declared, step)
