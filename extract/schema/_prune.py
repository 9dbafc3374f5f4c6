"""Which codecs change anything? A tree of nodes in, the lean tree out (``None`` where both sides are the same).

With ``filled`` only what changes an answer without any null: there are no defaults to take in one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from extract.schema._codec import Node, Ref
from extract.schema._codec_extra import Single
from extract.schema._codec_objects import Named, Object

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["prune"]


def prune(node: Node | None, table: dict[str, Node | None], *, filled: bool = False) -> Node | None:
    """Keep what changes something.

    Args:
        node: The whole tree.
        table: The trees of the definitions it refers to.
        filled: Keep only what changes something in an answer without any null.
    """
    lean = _definitions(table, filled=filled)
    pruned = _pruned(node, lean.keys(), lean, filled=filled)
    while isinstance(pruned, Ref):
        pruned = lean[pruned.name]
    return pruned


def _definitions(table: dict[str, Node | None], *, filled: bool) -> dict[str, Node | None]:
    """Keep the codecs of definitions that change something, themselves or through others."""
    owns: set[str] = set()
    uses: dict[str, set[str]] = {}
    for name, node in table.items():
        refs: set[str] = set()
        if _scan(node, refs, filled=filled):
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
        lean[name] = _pruned(table[name], owns, lean, filled=filled)
    return lean


def _scan(node: Node | None, refs: set[str], *, filled: bool) -> bool:
    if node is None:
        return False
    if isinstance(node, Ref):
        refs.add(node.name)
        return False
    found = node.changes_filled if filled else node.changes
    for _, child in node.children():
        found = _scan(child, refs, filled=filled) or found
    return found


def _pruned(node: Node | None, active: Collection[str], lean: dict[str, Node | None], *, filled: bool) -> Node | None:
    if node is None or (isinstance(node, Ref) and node.name not in active):
        return None
    if isinstance(node, Ref):
        return Ref(node.name, lean)
    kept = node.changes_filled if filled else node.changes
    out = node.clone()
    for slot, child in node.children():
        pruned = _pruned(child, active, lean, filled=filled)
        out.put(slot, pruned)
        kept = kept or pruned is not None
    if isinstance(out, Object):
        out.seal()
    if isinstance(out, (Single, Named)):
        out.inner.seal()
    return out if kept else None
