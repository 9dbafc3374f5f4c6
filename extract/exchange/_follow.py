"""Pieces of an answer in, what its reader wants to see of it out: typed partials, or the items of a list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from extract.decode import Parser
from extract.errors import ValidationError
from extract.exchange._abbreviated import stands_for_more
from extract.exchange._sketch import ABSENT, Sketch
from extract.schema import Quarantined
from extract.typing import Reply

if TYPE_CHECKING:
    from collections.abc import Sequence

    from extract.errors import Issue, Path
    from extract.exchange._filler import Fillers
    from extract.exchange._record import Extraction
    from extract.schema import Outline, PartReader
    from extract.typing import JSON

__all__ = ["Follower", "ItemFollower", "Partial", "PartialFollower"]

T = TypeVar("T")
Y_co = TypeVar("Y_co", covariant=True)


class Follower(Protocol[T, Y_co]):
    """Whoever watches an answer grow."""

    @property
    def runaway(self) -> bool:
        """Whether the answer has run into white space or repetition and should be cut off."""
        ...

    def restart(self) -> None:
        """Forget the answer: another one begins."""
        ...

    def feed(self, piece: str) -> Sequence[Y_co]:
        """Take the next piece of text; give what has come of it."""
        ...

    def cut_off(self) -> Reply:
        """The reply as far as it came."""
        ...

    def finish(self, extraction: Extraction[T]) -> Sequence[Y_co]:
        """Take the result; give what is left to be seen."""
        ...


class Partial(Generic[T]):
    """An answer as far as it goes: always valid to hold, whatever comes later.

    Attributes:
        attempt: Which answer this is part of: 0 for the first, 1 after it had to be asked for again …
        finished: Whether ``value`` is the whole, validated value.
    """

    __slots__ = ("_moment", "_sketch", "_value", "attempt", "finished")

    def __init__(self, sketch: Sketch, attempt: int, *, finished: bool = False, value: Any = ABSENT) -> None:
        self._sketch = sketch
        self._moment = sketch.now
        self._value = value
        self.attempt = attempt
        self.finished = finished

    @property
    def value(self) -> T | None:
        """The value so far; ``None`` while nothing of it is there.

        Finished fields are typed and validated (dates, Decimals, nested models), unfinished ones are absent: reading
        one of a model raises AttributeError. Lists hold their finished items, and the one in the making.
        """
        if self._value is ABSENT:
            self._value = self._sketch.at(self._moment)
        return None if self._value is ABSENT else self._value

    @property
    def complete(self) -> tuple[Path, ...]:
        """The wire paths that are finished and valid, in the order in which they came."""
        return self._sketch.complete_at(self._moment)

    @property
    def issues(self) -> tuple[Issue, ...]:
        """What is wrong with finished parts; they are left out of ``value`` until they are mended."""
        return self._sketch.issues_at(self._moment)

    def __repr__(self) -> str:
        state = "finished" if self.finished else f"{len(self.complete)} paths complete"
        return f"Partial({state})"


class _Watcher:
    """What all followers share: the parser, started anew with each answer."""

    _follows: Path | None = None

    def __init__(self) -> None:
        self._attempt = -1
        self._parser = self._new_parser()

    @property
    def runaway(self) -> bool:
        """Whether the answer has run into white space or repetition."""
        return bool(self._parser.runaway)

    def restart(self) -> None:
        """Forget the answer: another one begins."""
        self._attempt += 1
        self._parser = self._new_parser()

    def cut_off(self) -> Reply:
        """The reply as far as it came."""
        return Reply(text=self._parser.text, finish="length")

    def _new_parser(self) -> Parser:
        return Parser(follow=self._follows, keep=self._follows is None)


class PartialFollower(_Watcher, Generic[T]):
    """Give a :class:`Partial` whenever something has been finished."""

    def __init__(self, reader: PartReader) -> None:
        super().__init__()
        self._reader = reader
        self._sketch = Sketch(reader)

    def restart(self) -> None:
        """Forget the answer: another one begins."""
        super().restart()
        self._sketch = Sketch(self._reader)

    def feed(self, piece: str) -> Sequence[Partial[T]]:
        """Take the next piece; give one partial when it finished anything."""
        completed = self._parser.feed(piece)
        if not completed:
            return ()
        self._sketch.add(completed)
        return (Partial(self._sketch, self._attempt),)

    def finish(self, extraction: Extraction[T]) -> Sequence[Partial[T]]:
        """Give the whole value."""
        return (Partial(self._sketch, self._attempt, finished=True, value=extraction.value),)


class ItemFollower(_Watcher, Generic[T]):
    """Give each item of a list the moment its last character is there; bad ones as :class:`Quarantined`."""

    def __init__(self, reader: PartReader, item: Outline, fillers: Fillers) -> None:
        self._path = self._follows = reader.outline.prefix
        super().__init__()
        self._reader = reader
        self._item = item
        self._fillers = fillers
        self._given = 0
        self._held: set[int] = set()
        # Nobody knows where the items belong that come after words for others.
        self._short = False

    def restart(self) -> None:
        """Forget the answer: another one begins."""
        super().restart()
        self._short = False

    def feed(self, piece: str) -> Sequence[T | Quarantined]:
        """Take the next piece; give the items it finished.

        An answer that had to be begun anew passes over what was given before.
        """
        completed = self._parser.feed(piece)
        if not completed or self._short:
            return ()
        depth = len(self._path)
        found: list[T | Quarantined] = []
        for path, value in completed:
            if path[depth] == self._given:
                read = self._read(path, value)
                if not read:
                    self._short = True
                    break
                self._given += 1
                found += read
        return found

    def finish(self, extraction: Extraction[list[T]]) -> Sequence[T | Quarantined]:
        """Give what was not seen while streaming: what was continued, and bad items that have been mended."""
        depth = len(self._path)
        # What was set aside inside an item is not the item: that one is in the value, without its bad part.
        bad = {q.path[depth]: q for q in extraction.quarantined if len(q.path) == depth + 1}
        aside = (q for q in extraction.quarantined if len(q.path) > depth)
        good = iter(extraction.value)
        total = len(extraction.value) + len(bad)
        indexed = {index: next(good) for index in range(total) if index not in bad}
        late = [q for q in aside if int(q.path[depth]) >= self._given]
        return [*(value for index, value in indexed.items() if index >= self._given or index in self._held), *late]

    def _read(self, path: Path, value: JSON) -> tuple[T | Quarantined, ...]:
        """Read one item; give nothing where it stands for others."""
        if isinstance(value, dict) and len(value) == 1 and stands_for_more(next(iter(value))):
            return ()
        try:
            read: T = self._reader.read(self._item, path, value)
        except ValidationError as error:
            if stands_for_more(value):
                return ()
            self._held.add(self._given)
            return (Quarantined(path, value, tuple(issue.below(path) for issue in error.issues)),)
        return () if self._fillers.item(value) else (read,)
