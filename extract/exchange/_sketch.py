"""Finished parts of an answer in, the typed value as far as it goes out, at any earlier moment too.

Everything is only ever added to, each addition with a number. A moment is such a number, so holding one costs nothing
and stays true while the value grows on; what it looked like is read and put together when somebody asks.
"""

from __future__ import annotations

from bisect import bisect_right
from copy import copy
from typing import TYPE_CHECKING, Any

from extract.errors import ValidationError
from extract.schema import same

if TYPE_CHECKING:
    from collections.abc import Sequence

    from extract.errors import Issue, Path
    from extract.schema import Outline, PartReader
    from extract.typing import JSON

__all__ = ["ABSENT", "Sketch"]

ABSENT: Any = object()
"""What stands for a value of which nothing is there yet."""


class Sketch:
    """A typed value in the making.

    Args:
        reader: Reads finished parts.

    Attributes:
        now: How many finished parts there are.
    """

    def __init__(self, reader: PartReader) -> None:
        self._reader = reader
        self._root = _Part(reader.outline, 0)
        self._prefix = reader.outline.prefix
        # Finished parts that nobody has asked about yet, and how many there were before them.
        self._unread: list[tuple[Path, JSON]] = []
        self._read = 0
        self._complete: list[Path] = []
        self._complete_at: list[int] = []
        self._issues: list[Issue] = []
        self._issues_at: list[int] = []
        self.now = 0

    def add(self, parts: Sequence[tuple[Path, JSON]]) -> None:
        """Take parts that are finished; parts inside what is read as one (a date, a union) wait for the whole."""
        self._unread.extend(parts)
        self.now += len(parts)

    def at(self, moment: int) -> Any:
        """Put together what was there at a moment: finished parts typed, unfinished ones absent."""
        self._catch_up()
        return self._root.at(moment)

    def complete_at(self, moment: int) -> tuple[Path, ...]:
        """The paths that were finished and valid at a moment, in the order in which they came."""
        self._catch_up()
        return tuple(self._complete[: bisect_right(self._complete_at, moment)])

    def issues_at(self, moment: int) -> tuple[Issue, ...]:
        """What was known to be wrong at a moment."""
        self._catch_up()
        return tuple(self._issues[: bisect_right(self._issues_at, moment)])

    def stands_in(self, whole: Any) -> bool:
        """Whether everything that was finished and valid is what the whole value has in its place."""
        self._catch_up()
        return self._root.stands_in(whole)

    def _catch_up(self) -> None:
        unread, self._unread = self._unread, []
        for path, value in unread:
            self._read += 1
            self._place(path, value, self._read)

    def _place(self, path: Path, value: JSON, stamp: int) -> None:
        part = self._root
        prefix = self._prefix
        if path[: len(prefix)] != prefix:
            return
        for step in path[len(prefix) :]:
            child = part.child(step, stamp)
            if child is None:
                return
            part = child
        try:
            part.close(self._reader.read(part.outline, path, value), stamp)
        except ValidationError as error:
            part.close(ABSENT, stamp)
            self._issues.extend(issue.below(path) for issue in error.issues)
            self._issues_at.extend([stamp] * len(error.issues))
            return
        self._complete.append(path)
        self._complete_at.append(stamp)


class _Part:
    """One place of the value: open until its whole is there."""

    __slots__ = (
        "_before", "_closed", "_closed_at", "_ends", "_fields", "_items", "_opened", "_stamps", "_values", "outline",
    )  # fmt: skip

    def __init__(self, outline: Outline, opened: int) -> None:
        self.outline = outline
        self._open(opened)

    def _open(self, opened: int) -> None:
        self._opened = opened
        self._closed: Any = ABSENT
        self._closed_at: int | None = None
        # What stood here until the same key came once more.
        self._before: _Part | None = None
        # Most parts are leaves: what holds parts below is made when the first of them comes.
        self._fields: dict[str, _Part] | None = None
        self._items: list[_Part] | None = None

    def child(self, step: str | int, stamp: int) -> _Part | None:
        """Find or open the part below; ``None`` where the value is only read as a whole."""
        if self._closed_at is not None:
            self._begin_anew(stamp)
        if isinstance(step, int):
            inside = self.outline.items
            if inside is None:
                return None
            if self._items is None:
                self._items = []
                self._values: list[Any] = []
                self._stamps: list[int] = []
                self._ends: list[int] = []
            while len(self._items) <= step:
                self._settle()
                self._items.append(_Part(inside, stamp))
            return self._items[step]
        found = None if self._fields is None else self._fields.get(step)
        if found is None:
            field = self.outline.fields.get(step)
            if field is None:
                return None
            found = _Part(field[1], stamp)
            self._fields = self._fields or {}
            self._fields[step] = found
        return found

    def close(self, value: Any, stamp: int) -> None:
        """Set the whole; ``ABSENT`` where it cannot be taken."""
        if self._closed_at is not None:
            self._begin_anew(stamp)
        self._closed, self._closed_at = value, stamp

    def at(self, moment: int) -> Any:
        """The value at a moment, or ``ABSENT``."""
        if self._closed_at is not None and self._closed_at <= moment:
            return self._closed
        if self._opened > moment:
            return ABSENT if self._before is None else self._before.at(moment)
        if self._items is not None:
            return self._list_at(moment, self._items)
        if self._fields is None:
            return ABSENT
        parts = {self.outline.fields[key][0]: part.at(moment) for key, part in self._fields.items()}
        return self.outline.make({name: value for name, value in parts.items() if value is not ABSENT})

    def _begin_anew(self, stamp: int) -> None:
        before = copy(self)
        self._open(stamp)
        self._before = before

    def stands_in(self, whole: Any) -> bool:
        """Whether what is finished of it is what stands in a whole, where bad items are mended or left out."""
        if self._closed is not ABSENT and same(self._closed, whole):
            return True
        if self._items is not None:
            items = iter(whole if isinstance(whole, (list, tuple)) else ())
            return all(any(part.stands_in(item) for item in items) for part in self._items if part.is_finished)
        if self._fields is not None:
            attributes = whole if isinstance(whole, dict) else getattr(whole, "__dict__", {})
            parts = ((self.outline.fields[key][0], part) for key, part in self._fields.items())
            return all(part.stands_in(attributes.get(name, ABSENT)) for name, part in parts)
        return self._closed is ABSENT

    @property
    def is_finished(self) -> bool:
        """Whether all of it came, and was valid."""
        return self._closed is not ABSENT

    def _settle(self) -> None:
        """The last item is closed for good once another one begins: from here on it is copied, not looked at."""
        if self._items:
            value, closed_at = self._items[-1].closed
            self._ends.append(closed_at)
            if value is not ABSENT:
                self._values.append(value)
                self._stamps.append(closed_at)

    @property
    def closed(self) -> tuple[Any, int]:
        """The whole, and when it came; ``ABSENT`` where it could not be taken."""
        return self._closed, self._closed_at or 0

    def _list_at(self, moment: int, items: list[_Part]) -> list[Any]:
        values = self._values[: bisect_right(self._stamps, moment)]
        current = bisect_right(self._ends, moment)
        if current < len(items):
            last = items[current].at(moment)
            if last is not ABSENT:
                values.append(last)
        return values
