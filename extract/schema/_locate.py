"""Where in the wire value is pydantic's complaint? Its errors and the codecs in, issues with wire paths out."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, Any

from extract.errors import Issue
from extract.schema._codec import Root, at
from extract.schema._codec_unions import Branches

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

    from extract.errors import Path
    from extract.schema._codec import Node

__all__ = ["issues_of", "wire_path"]

_DEEP = 200
_LONG, _NEAREST = 400, 5
_CHOICES = frozenset({"literal_error", "enum", "union_tag_invalid"})
_QUOTED = re.compile(r"'((?:[^'\\]|\\.)*)'")
_MISSING = frozenset({"missing", "extra_forbidden", "missing_argument", "unexpected_keyword_argument"})


def issues_of(error: ValidationError, node: Node | None, declared: Any) -> tuple[Issue, ...]:
    """Turn pydantic's errors into issues.

    Messages that would quote a value are pydantic's own, without the input.
    """
    found = error.errors(include_url=False, include_context=False)
    kept = _relevant([tuple(each["loc"]) for each in found], node, declared)
    out = []
    for each in (found[i] for i in kept):
        path = wire_path(tuple(each["loc"]), node, declared, each["type"])
        out.append(Issue(path, _said(each), each["type"], each.get("input")))
    return tuple(out)


def _said(each: ErrorDetails) -> str:
    """Pydantic's message; where it would list a long choice, only the values nearest to what was given."""
    message = each["msg"]
    if each["type"] not in _CHOICES or len(message) <= _LONG:
        return message
    values = _QUOTED.findall(message)
    given = str(each.get("input"))[:_LONG]
    near = difflib.get_close_matches(given, values, n=_NEAREST, cutoff=0.4)
    return f"Input should be one of {len(values)} values" + (
        f"; the nearest are {', '.join(map(repr, near))}" if near else ""
    )


def _relevant(locs: list[Path], node: Node | None, declared: Any) -> list[int]:
    """Leave out what pydantic says of branches that the value does not belong to."""
    if len(locs) < 2:  # noqa: PLR2004 - one complaint is never about another branch
        return list(range(len(locs)))
    return sorted(_among([(i, loc) for i, loc in enumerate(locs)], node, declared, _DEEP))


def _among(found: list[tuple[int, Path]], node: Node | None, declared: Any, depth: int) -> list[int]:
    if node is None or depth == 0 or len(found) < 2:  # noqa: PLR2004 - see above
        return [i for i, _ in found]
    if isinstance(node, Branches):
        chosen = node.chosen(list(dict.fromkeys(loc[0] for _, loc in found if loc)), declared)
        if chosen is not None:
            mine = [(i, loc[1:]) for i, loc in found if loc and loc[0] == chosen]
            return _among(mine, node.branch_of(declared), declared, depth - 1)
    out: list[int] = []
    groups: dict[Any, list[tuple[int, Path]]] = {}
    below: dict[Any, tuple[Node | None, Any]] = {}
    for i, loc in found:
        if not loc:
            out.append(i)
            continue
        steps, rest, child, inner = node.where(loc, declared)
        groups.setdefault(steps, []).append((i, rest))
        below[steps] = (child, inner)
    for steps, group in groups.items():
        out.extend(_among(group, *below[steps], depth - 1))
    return out


def wire_path(loc: Path, node: Node | None, declared: Any, kind: str) -> Path:
    """Follow a location in the declared form through the codecs to the wire value."""
    path: Path = ()
    for _ in range(_DEEP):
        # Of a root that is no object the whole, too, stands below a key.
        if not loc and not isinstance(node, Root):
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
