"""Pieces of an answer in, the items of its list out: each the moment it ends, and once."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from extract.errors import Issue, ValidationError
from extract.exchange._abbreviated import stands_for_more
from extract.exchange._follow import Watcher
from extract.schema import Quarantined, salvage, same, value_at

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator, Sequence

    from extract.errors import Path
    from extract.exchange._prompt import Task
    from extract.exchange._record import Extraction
    from extract.schema import Outline, PartReader
    from extract.typing import JSON

__all__ = ["ItemFollower"]

T = TypeVar("T")
_WITHDRAWN = Issue((), "Was given before the answer was begun anew or mended; the result has no such item", "withdrawn")


@dataclass(frozen=True, slots=True, eq=False)
class _Given(Generic[T]):
    """What was given of an item: the item as it was read, or what was set aside of it.

    Args:
        path: Where it stood.
        wire: As the model wrote it, without what was set aside inside it.
    """

    path: Path
    wire: JSON = field(repr=False)
    read: T | Quarantined


class ItemFollower(Watcher, Generic[T]):
    """Give each item of a list the moment its last character is there; bad ones as :class:`Quarantined`.

    An answer may begin anew, in another order and with other items. What was given stays given, so each item is
    looked for among what earlier answers gave, wherever it stood there; and what the result does not hold after all
    is told at the end.

    Args:
        task: What is asked.
        item: The declared item.
    """

    def __init__(self, task: Task[list[T]], item: Outline) -> None:
        self._reader = task.part_reader()
        self._path = self._follows = self._reader.outline.prefix
        super().__init__()
        self._schema = task.schema.wire
        self._salvages = task.policy.bad_items == "return"
        self._fillers = task.fillers
        self._item = item
        self._given: list[_Given[T]] = []
        self._earlier = _Pool[T](self._reader)
        # What was given of each item of this answer.
        self._here: list[tuple[_Given[T], ...]] = []
        # Nobody knows where the items belong that come after words for others.
        self._short = False

    def restart(self) -> None:
        """Forget the answer: another one begins."""
        super().restart()
        self._short = False
        self._begin()

    def feed(self, piece: str) -> Sequence[T | Quarantined]:
        """Take the next piece; give the items it finished that no earlier answer gave."""
        completed = self._parser.feed(piece)
        if not completed or self._short:
            return ()
        depth = len(self._path)
        found: list[T | Quarantined] = []
        for path, wire in completed:
            if path[depth] == 0 and self._here:
                self._begin()  # the list stands there twice
            read = self._read(path, wire)
            if not read:
                self._short = True
                break
            known = [self._earlier.take(each) for each in read]
            self._here.append(tuple(old or new for old, new in zip(known, read, strict=True)))
            fresh = [new for old, new in zip(known, read, strict=True) if old is None]
            self._given += fresh
            found += [each.read for each in fresh]
        return found

    def finish(self, extraction: Extraction[list[T]]) -> Sequence[T | Quarantined]:
        """Give what was not seen while streaming, then say which items that were given are not in the result."""
        depth = len(self._path)
        late: list[T | Quarantined] = []
        left = {id(each): each for each in self._given}
        unseen: list[_Given[T]] = []
        for each in _result(extraction, self._path):
            index = int(each.path[depth])
            here = self._here[index] if index < len(self._here) else ()
            told = next((old for old in here if id(old) in left and self._is_same(old, each)), None)
            if told is None:
                unseen.append(each)
            else:
                del left[id(told)]
        pool = _Pool(self._reader, left.values() if unseen else ())
        for each in unseen:
            told = pool.take(each)
            if told is None:
                late.append(each.read)
            else:
                del left[id(told)]
        stale = (each for each in left.values() if not isinstance(each.read, Quarantined))
        return [*late, *(Quarantined(each.path, each.wire, (_WITHDRAWN.below(each.path),)) for each in stale)]

    def _begin(self) -> None:
        self._here = []
        self._earlier = _Pool(self._reader, self._given)

    def _is_same(self, given: _Given[T], result: _Given[T]) -> bool:
        if isinstance(given.read, Quarantined) or isinstance(result.read, Quarantined):
            return given.path == result.path and type(given.read) is type(result.read)
        return same(given.read, result.read) or _key(given, self._reader) == _key(result, self._reader)

    def _read(self, path: Path, wire: JSON) -> tuple[_Given[T], ...]:
        """Read one item; give nothing where it stands for others."""
        if isinstance(wire, dict) and len(wire) == 1 and stands_for_more(next(iter(wire))):
            return ()
        try:
            read: T = self._reader.read(self._item, path, wire)
        except ValidationError as error:
            if stands_for_more(wire):
                return ()
            issues = tuple(issue.below(path) for issue in error.issues)
            kept = self._salvaged(path, wire, error) if self._salvages else ()
            return kept or (_Given(path, wire, Quarantined(path, wire, issues)),)
        return () if self._fillers.item(wire) else (_Given(path, wire, read),)

    def _salvaged(self, path: Path, wire: JSON, error: ValidationError) -> tuple[_Given[T], ...]:
        """Set aside what is bad inside an item, as the result will; nothing where the whole item is."""
        alone = (*self._path, 0)
        whole: JSON = [wire]
        for step in reversed(self._path):
            whole = {str(step): whole}
        kept = salvage(whole, [issue.below(alone) for issue in error.issues], self._schema)
        good = value_at(kept.value, alone)
        if kept.remaining or any(each.path == alone for each in kept.quarantined):
            return ()
        try:
            read: T = self._reader.read(self._item, path, good)
        except ValidationError:
            return ()
        aside = (_moved(each, path) for each in kept.quarantined)
        return (_Given(path, good, read), *(_Given(each.path, each.value, each) for each in aside))


class _Pool(Generic[T]):
    """What was given, to be found by what it is; each once."""

    def __init__(self, reader: PartReader, given: Iterable[_Given[T]] = ()) -> None:
        self._reader = reader
        self._by_key: dict[Hashable, list[_Given[T]]] = {}
        for each in given:
            self._by_key.setdefault(_key(each, reader), []).append(each)

    def take(self, wanted: _Given[T]) -> _Given[T] | None:
        """Find what is the same and take it out."""
        if not self._by_key:
            return None
        known = self._by_key.get(_key(wanted, self._reader))
        return known.pop(0) if known else None


def _key(each: _Given[Any], reader: PartReader) -> Hashable:
    """What an item is known by, however the model spelled it."""
    if isinstance(each.read, Quarantined):
        return ("aside", each.path[len(reader.outline.prefix) + 1 :], _frozen(each.wire))
    return _frozen(reader.fitted(each.path, each.wire))


def _frozen(wire: JSON) -> Hashable:
    """A JSON value that can be looked up: 1.0 is 1, and true is neither."""
    if isinstance(wire, dict):
        return frozenset((key, _frozen(item)) for key, item in wire.items())
    if isinstance(wire, list):
        return tuple(map(_frozen, wire))
    return ("", wire) if isinstance(wire, bool) else wire


def _result(extraction: Extraction[list[T]], prefix: Path) -> Iterator[_Given[T]]:
    """The items of a result where they stood in the answer, and what was set aside; in their order."""
    depth = len(prefix)
    # What was set aside inside an item is not the item: that one is in the value, without its bad part.
    aside = [each for each in extraction.quarantined if len(each.path) > depth]
    gone = {each.path[depth] for each in aside if len(each.path) == depth + 1}
    inside: dict[int, list[Quarantined]] = {}
    for each in aside:
        inside.setdefault(int(each.path[depth]), []).append(each)
    # A list that came without the object around it is taken as it is.
    wires = iter(extraction.wire if isinstance(extraction.wire, list) else value_at(extraction.wire, prefix))
    good = iter(extraction.value)
    for index in range(len(extraction.value) + len(gone)):
        if index not in gone:
            yield _Given((*prefix, index), next(wires), next(good))
        yield from (_Given(each.path, each.value, each) for each in inside.get(index, ()))


def _moved(each: Quarantined, path: Path) -> Quarantined:
    """The same where the item really stood."""
    end = len(path)

    def moved(other: Path) -> Path:
        return (*path, *other[end:])

    issues = tuple(
        replace(issue, path=moved(issue.path), paths=tuple(map(moved, issue.paths))) for issue in each.issues
    )
    return Quarantined(moved(each.path), each.value, issues)
