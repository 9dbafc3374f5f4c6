"""How do free entries of an object travel whose values differ on the wire? Decode beside encode."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from extract.schema._codec import Node
from extract.schema._codec_objects import Object

if TYPE_CHECKING:
    from typing_extensions import Self

    from extract.errors import Path
    from extract.schema._codec import Link, Log

__all__ = ["Single"]


@dataclass(slots=True)
class Single(Node):
    """One property of an object decodes on its own (used for extra entries)."""

    inner: Object
    entries: Node

    def clone(self) -> Self:
        return replace(self, inner=self.inner.clone())

    def children(self) -> list[tuple[Any, Any]]:
        return [("inner", self.inner), ("entries", self.entries)]

    def put(self, slot: Any, node: Node | None) -> None:
        # Both stay: the object always changes, and so do its entries.
        if slot == "inner" and isinstance(node, Object):
            self.inner = node
        elif node is not None:
            self.entries = node

    def decode(self, value: Any, path: Link, log: Log) -> Any:
        key = str(self.inner.extra)
        if isinstance(value, dict) and key in value:
            value = {**value, key: self.entries.decode(value[key], (path, key), log)}
        return self.inner.decode(value, path, log)

    def encode(self, value: Any) -> Any:
        out = self.inner.encode(value)
        key = str(self.inner.extra)
        if isinstance(out, dict) and key in out:
            out[key] = self.entries.encode(out[key])
        return out

    def where(self, loc: Path, declared: Any) -> tuple[Path, Path, Node | None, Any]:
        known = {each.place[0] for each in self.inner.properties.values()}
        if loc and loc[0] not in known:
            if isinstance(declared, dict):
                declared = {key: item for key, item in declared.items() if key not in known}
            return (str(self.inner.extra),), loc, self.entries, declared
        return self.inner.where(loc, declared)
