"""Which codecs change anything? A tree of nodes in, the lean tree out (``None`` where both sides are the same)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from extract.schema._codec import Node, Ref
from extract.schema._codec_objects import Named, Object, Single

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["prune", "prune_all"]


def prune_all(table: dict[str, Node | None]) -> dict[str, Node | None]:
    """Keep the codecs of definitions that change something, themselves or through others."""
    owns: set[str] = set()
    uses: dict[str, set[str]] = {}
    for name, node in table.items():
        refs: set[str] = set()
        if _scan(node, refs):
            owns.add(name)
        uses[name] = refs
    grown = True
    while grown:
        more = {name for name, refs in uses.items() if name not in owns and refs & owns}
        grown = bool(more)
        owns |= more
    lean: dict[str, Node | None] = {}
    for name in owns:
        lean[name] = None
    for name in owns:
        lean[name] = prune(table[name], owns, lean)
    return lean


def _scan(node: Node | None, refs: set[str]) -> bool:
    if node is None:
        return False
    if isinstance(node, Ref):
        refs.add(node.name)
        return False
    found = node.changes
    for _, child in node.children():
        found = _scan(child, refs) or found
    return found


def prune(node: Node | None, active: Collection[str], lean: dict[str, Node | None]) -> Node | None:
    if node is None or (isinstance(node, Ref) and node.name not in active):
        return None
    if isinstance(node, Ref):
        return Ref(node.name, lean)
    kept = node.changes
    out = node.clone()
    for slot, child in node.children():
        pruned = prune(child, active, lean)
        out.put(slot, pruned)
        kept = kept or pruned is not None
    if isinstance(out, Object):
        out.seal()
    if isinstance(out, (Single, Named)):
        out.inner.seal()
    return out if kept else None
