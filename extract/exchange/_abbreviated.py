"""What an answer leaves out in, issues that no salvage can pass over out: a short list is no success."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from extract.decode import leaves_out
from extract.errors import Issue, ReplyError
from extract.schema import value_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from extract.errors import ExtractError, Path
    from extract.schema import Checked
    from extract.typing import JSON, Repair

__all__ = ["MORE", "fills_in", "given_up", "left_out", "short", "short_of", "stands_for_more"]

MORE: Final = ('..."', '…"', ' more"', ' others"')
"""With one of these ends a text that stands for more; an answer without any is not looked through."""

_SHORT: Final = "the list is abbreviated; every item of it is wanted"
_GONE: Final = "the answer leaves this out"


def left_out(missing: Iterable[Path]) -> tuple[Issue, ...]:
    """Say what is wrong where a text names or stands dots for what it does not give.

    Of a list it is the list that is short, and not the item that stands at the place now.
    """
    return _each_once(map(_wanted, missing))


def short_of(checked: Checked[Any], issues: Sequence[Issue], document: str) -> tuple[Issue, ...]:
    """Find where a value says in words of its own that there is more, as ``"..."`` does among objects.

    Where the type does not take such words, where they had to be made to fit, or where nobody wrote them in the
    document, the list that they stand in is short.

    Args:
        checked: What the schema says of the value.
        issues: What is wrong with it.
        document: What the value was read from.
    """
    found = [_short(checked.wire, issue) for issue in issues]
    fitted = (_made_to_fit(checked.wire, repair) for repair in checked.repairs)
    filled = (_wanted(path) for path, item in _items(checked.wire) if fills_in(item, document))
    return _each_once((*found, *(issue for issue in fitted if issue is not None), *filled))


def short(error: ExtractError | None) -> tuple[Issue, ...]:
    """Say what is short in what can be kept of an answer."""
    issues = error.issues if isinstance(error, ReplyError) else ()
    return tuple(issue for issue in issues if issue.kind in ("abbreviated", "left-out"))


def given_up(issues: Iterable[Issue], wire: JSON) -> tuple[Issue, ...]:
    """Say what is wrong with what is there, although it is not all: words that stand for items count as bad items."""
    told: list[Issue] = []
    for issue in issues:
        if issue.kind != "abbreviated":
            told.append(issue)
            continue
        items = value_at(wire, issue.path)
        standing = enumerate(items) if isinstance(items, list) else ()
        told += [
            replace(issue, path=(*issue.path, at)) for at, item in standing if stands_for_more(item) or fills_in(item)
        ]
    return tuple(told)


def stands_for_more(item: Any) -> bool:
    """Tell whether an item of a list stands for others: ``"..."``, ``"47 more items"``, ``{"...": "..."}``."""
    if isinstance(item, dict):
        return bool(item) and (all(map(_is_dots, item)) or all(map(_is_dots, item.values())))
    return isinstance(item, str) and leaves_out(item, "item")


def fills_in(item: Any, document: str = "") -> bool:
    """Tell whether an item that is of the right type stands for others all the same.

    That is a row of nothing but dots and blanks (``{"name": "...", "count": 0}``), or words for more ("and 45 more")
    that do not stand in the document.
    """
    if isinstance(item, str):
        return item not in document and stands_for_more(item)
    return isinstance(item, dict) and any(map(_is_dots, item.values())) and all(map(_is_blank, item.values()))


def _is_blank(value: Any) -> bool:
    return not value or _is_dots(value)


def _items(wire: Any) -> Iterator[tuple[Path, Any]]:
    """List every item of every list."""
    # Without recursion, for the value may be nested deeply.
    work: list[tuple[Path, Any]] = [((), wire)]
    while work:
        path, here = work.pop()
        if isinstance(here, dict):
            work.extend(((*path, key), item) for key, item in here.items())
        elif isinstance(here, list):
            for index, item in enumerate(here):
                yield (*path, index), item
                work.append(((*path, index), item))


def _wanted(path: Path) -> Issue:
    in_list = bool(path) and isinstance(path[-1], int)
    return Issue(path[:-1], _SHORT, "abbreviated") if in_list else Issue(path, _GONE, "left-out")


def _each_once(issues: Iterable[Issue]) -> tuple[Issue, ...]:
    """Tell a short list once, however many dots stand in it."""
    told: dict[object, Issue] = {}
    for issue in issues:
        told.setdefault((issue.kind, issue.path) if issue.kind == "abbreviated" else id(issue), issue)
    return tuple(told.values())


def _short(wire: JSON, issue: Issue) -> Issue:
    for depth, step in enumerate(issue.path, 1):
        item = value_at(wire, issue.path[:depth]) if isinstance(step, int) else None
        if stands_for_more(item):
            return replace(_wanted(issue.path[:depth]), found=item)
    return issue


def _made_to_fit(wire: JSON, repair: Repair) -> Issue | None:
    """See whether what had to be made to fit were words for more: a key, a single text, a null in a list."""
    path, said = repair.path or (), repair.before
    if repair.kind == "extra-key" and path:
        told = _is_dots(path[-1]) or (isinstance(said, str) and leaves_out(said, "comment"))
        return _wanted(path[:-1]) if told else None
    if repair.kind in ("list-from-single", "null-as-empty-list") and isinstance(said, str):
        last = _LAST.sub("", said).strip(" []()<>")
        return Issue(path, _SHORT, "abbreviated") if leaves_out(last, "item") else None
    if repair.kind != "null-from-text" or not _is_dots(said):
        return None
    # A field may well be blank, dotted on the paper too; an item is not.
    item = path if path and isinstance(path[-1], int) else path[:-1]
    here = value_at(wire, item)
    blank = not (isinstance(here, dict) and any(value is not None for value in here.values()))
    return _wanted(item) if blank and item and isinstance(item[-1], int) else None


def _is_dots(key: Any) -> bool:
    return isinstance(key, str) and leaves_out(key, "value")


# What stands before the last of several in one text.
_LAST = re.compile(r"\A.*[,;\n]", re.DOTALL)
