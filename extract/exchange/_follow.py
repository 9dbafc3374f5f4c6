"""Pieces of an answer in, what its reader wants to see of it out: typed partials."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from pydantic_core import to_json

from extract.decode import Parser
from extract.exchange._sketch import ABSENT, Sketch
from extract.typing import Reply

if TYPE_CHECKING:
    from collections.abc import Sequence

    from extract.errors import Issue, Path
    from extract.exchange._record import Extraction
    from extract.schema import PartReader

__all__ = ["Follower", "Partial", "PartialFollower", "Watcher"]

T = TypeVar("T")
_JOINED = ("mend", "continue")
"""What is asked only for a part of the value."""
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
        attempt: Which answer this is part of: 0 for the first, 1 after one that was asked for again, or that its
            writer took back (a draft, a key written twice) …
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


class Watcher:
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


class PartialFollower(Watcher, Generic[T]):
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
        """Give the whole value; as another answer's, where what was shown is not part of it."""
        shown_otherwise = any(repair.kind == "duplicate-key" for repair in extraction.repairs)
        is_plain = not extraction.repairs and not any(each.kind in _JOINED for each in extraction.attempts)
        if not is_plain and (shown_otherwise or not self._sketch.stands_in(extraction.value)):
            self.restart()
            self._sketch.add(self._parser.feed(to_json(extraction.wire).decode()))
        return (Partial(self._sketch, self._attempt, finished=True, value=extraction.value),)
