"""What an answer leaves out in, issues that no salvage can pass over out: a short list is no success."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from extract.decode import leaves_out
from extract.errors import Issue, ReplyError
from extract.schema import value_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from extract.errors import ExtractError, Path
    from extract.exchange._filler import Fillers
    from extract.schema import Checked
    from extract.typing import JSON, Repair

__all__ = ["given_up", "left_out", "short", "short_of", "stands_for_more"]


_SHORT: Final = "the list is abbreviated; every item of it is wanted"
_GONE: Final = "the answer leaves this out"
# What is wrong with a text where a text is wanted.
_TEXT_KINDS: Final = frozenset(
    (
        "string_too_short",
        "string_too_long",
        "string_pattern_mismatch",
        "value_error",
        "minLength",
        "maxLength",
        "pattern",
    )
)


def left_out(missing: Iterable[Path]) -> tuple[Issue, ...]:
    """Say what is wrong where a text names or stands dots for what it does not give.

    Of a list it is the list that is short, and not the item that stands at the place now.
    """
    return _each_once(map(_wanted, missing))


def short_of(checked: Checked[Any], issues: Sequence[Issue], fillers: Fillers) -> tuple[Issue, ...]:
    """Find where a value says in words of its own that there is more, as ``"..."`` does among objects.

    Where the type does not take such words, where they had to be made to fit, or where nobody wrote them in the
    document, the list that they stand in is short.

    Args:
        checked: What the schema says of the value.
        issues: What is wrong with it.
        fillers: Tells which items fill in for others.
    """
    found = [_short(checked.wire, issue, fillers) for issue in issues]
    fitted = (_made_to_fit(checked.wire, repair, fillers) for repair in checked.repairs)
    filled = (_wanted(path) for path, item in _items(checked.wire) if fillers.item(item))
    return _each_once((*found, *(issue for issue in fitted if issue is not None), *filled))


def short(error: ExtractError | None) -> tuple[Issue, ...]:
    """Say what is short in what can be kept of an answer."""
    issues = error.issues if isinstance(error, ReplyError) else ()
    return tuple(issue for issue in issues if issue.kind in ("abbreviated", "left-out"))


def given_up(issues: Iterable[Issue], wire: JSON, fillers: Fillers) -> tuple[Issue, ...]:
    """Say what is wrong with what is there, although it is not all: words that stand for items count as bad items."""
    told: list[Issue] = []
    for issue in issues:
        if issue.kind != "abbreviated":
            told.append(issue)
            continue
        items = value_at(wire, issue.path)
        standing = enumerate(items) if isinstance(items, list) else ()
        told += [
            replace(issue, path=(*issue.path, at))
            for at, item in standing
            if fillers.item(item) or (issue.found is not None and stands_for_more(item))
        ]
    return tuple(told)


def stands_for_more(item: Any) -> bool:
    """Tell whether an item of a list stands for others: ``"..."``, ``"47 more items"``, ``{"...": "..."}``."""
    if isinstance(item, dict):
        return bool(item) and (all(map(_is_dots, item)) or all(map(_is_dots, item.values())))
    return isinstance(item, str) and leaves_out(item, "item")


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


def _short(wire: JSON, issue: Issue, fillers: Fillers) -> Issue:
    for depth, step in enumerate(issue.path, 1):
        item = value_at(wire, issue.path[:depth]) if isinstance(step, int) else None
        # A text where texts are wanted, only not this one, may speak of anything.
        if isinstance(item, str) and issue.kind in _TEXT_KINDS:
            return _wanted(issue.path[:depth]) if fillers.item(item) else issue
        if stands_for_more(item):
            return replace(_wanted(issue.path[:depth]), found=item)
    return issue


def _made_to_fit(wire: JSON, repair: Repair, fillers: Fillers) -> Issue | None:
    """See whether what had to be made to fit were words for more: a key, a single text, a null in a list."""
    path, said = repair.path or (), repair.before
    if repair.kind == "extra-key" and path:
        return _wanted(path[:-1]) if _is_dots(path[-1]) or fillers.text(said) else None
    if repair.kind in ("list-from-single", "null-as-empty-list") and isinstance(said, str):
        return Issue(path, _SHORT, "abbreviated") if fillers.ends_open(said) else None
    if repair.kind != "null-from-text" or not fillers.dots(said):
        return None
    # A field may well be blank, dotted on the paper too; an item is not.
    item = path if path and isinstance(path[-1], int) else path[:-1]
    here = value_at(wire, item)
    blank = not (isinstance(here, dict) and any(value is not None for value in here.values()))
    return _wanted(item) if blank and item and isinstance(item[-1], int) else None


def _is_dots(key: Any) -> bool:
    return isinstance(key, str) and leaves_out(key, "value")
