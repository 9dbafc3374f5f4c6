"""Where in the wire value is pydantic's complaint? Its errors and the codecs in, issues with wire paths out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from extract.errors import Issue
from extract.schema._codec import at

if TYPE_CHECKING:
    from pydantic import ValidationError

    from extract.errors import Path
    from extract.schema._codec import Node

__all__ = ["issues_of", "wire_path"]

_DEEP = 200
_MISSING = frozenset({"missing", "extra_forbidden", "missing_argument", "unexpected_keyword_argument"})


def issues_of(error: ValidationError, node: Node | None, declared: Any) -> tuple[Issue, ...]:
    """Turn pydantic's errors into issues.

    Messages that would quote a value are pydantic's own, without the input.
    """
    out: list[Issue] = []
    for each in error.errors(include_url=False, include_context=False):
        path = wire_path(tuple(each["loc"]), node, declared, each["type"])
        out.append(Issue(path, each["msg"], each["type"], each.get("input")))
    return tuple(out)


def wire_path(loc: Path, node: Node | None, declared: Any, kind: str) -> Path:
    """Follow a location in the declared form through the codecs to the wire value."""
    path: Path = ()
    for _ in range(_DEEP):
        if not loc:
            break
        if node is None:
            return (*path, *_plain(loc, declared, kind))
        steps, loc, node, declared = node.where(loc, declared)
        path = (*path, *steps)
    return path


def _plain(loc: Path, declared: Any, kind: str) -> Path:
    """Follow a location through a value that is the same on both sides, leaving out names of branches."""
    path: Path = ()
    for i, step in enumerate(loc):
        last = i == len(loc) - 1
        if isinstance(declared, dict) and step in declared:
            path, declared = (*path, step), declared[step]
        elif isinstance(declared, list) and isinstance(step, int) and step < len(declared):
            path, declared = (*path, step), at(declared, step)
        elif last and kind in _MISSING:
            path = (*path, step)
    return path
