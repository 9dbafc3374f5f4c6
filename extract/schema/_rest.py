"""Where does a cut answer go on? A cut value in; what of it is complete, a schema of what is open, and the join out."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from extract.errors import Issue, Path, ValidationError, show_path
from extract.schema._mend import Asked, ask_for, name_places, size
from extract.schema.coerce import Matcher, plain_nodes, put_at, step_into, value_at
from extract.typing import Repair

if TYPE_CHECKING:
    from collections.abc import Mapping

    from extract.schema.coerce import Node
    from extract.typing import JSON

__all__ = ["Joined", "Open", "Rest", "rest"]

_WHY = "Only what is still missing of an answer that was cut off; each description names the place in the whole answer."
_BOUNDS = ("minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties")


@dataclass(frozen=True, slots=True)
class Open:
    """One place of a cut value that is not complete.

    Args:
        path: Where.
        key: Under which key an answer gives it.
        kept: Complete items of a list (or entries of a map) that goes on; ``None`` where the whole place is missing.
        seam: The last complete item, with which the answer begins again so that the seam can be checked; none where
            that item is itself still being completed.
        last: The index (or key) of the last item kept.
        required: Whether an answer must give it.
        begun: Whether a further item had begun.
    """

    path: Path
    key: str
    kept: int | None = None
    seam: tuple[JSON, ...] = field(default=(), repr=False)
    last: str | int = 0
    required: bool = True
    begun: bool = False

    @property
    def told(self) -> str:
        """What an answer must give here."""
        if self.kept is None:
            return "is still missing"
        if not self.seam:
            return f"only what comes after {show_path((*self.path, self.last))}; empty when nothing does"
        return f"goes on after {self.kept} complete items; begins with the last of them, repeated"


@dataclass(frozen=True, slots=True)
class Joined:
    """A cut value with a continuation: where that one was cut in turn (``None``: it was not), and what was done."""

    value: JSON = field(repr=False)
    cut: Path | None = None
    repairs: tuple[Repair, ...] = ()


@dataclass(frozen=True, slots=True)
class Rest:
    """What is open in a cut value.

    Args:
        schema: A root object with a property for each open place, in the order in which they stand in an answer.
        base: The complete part of the value.
        places: The open places, in the same order; none where nothing but closing brackets were cut off.
    """

    schema: Mapping[str, Any] = field(repr=False)
    base: JSON = field(repr=False)
    places: tuple[Open, ...]

    @property
    def asked(self) -> tuple[Asked, ...]:
        """The places as they are asked for."""
        return tuple(Asked(place.path, place.key, place.told) for place in self.places)

    @property
    def size(self) -> int:
        """About how many characters are complete."""
        return size(self.base)

    @property
    def items(self) -> int:
        """Complete items of the lists that go on."""
        return sum(place.kept or 0 for place in self.places)

    def join(self, answer: JSON, cut: Path | None = None) -> Joined:
        """Complete the value with an answer.

        Args:
            answer: An object of ``schema``.
            cut: Where the answer ended, when it was cut off too.

        Raises:
            ValidationError: With an issue of kind ``seam`` where the answer does not begin where the value ended,
                ``seam-unclear`` where that can be read in two ways.
        """
        if isinstance(answer, list) and len(self.places) == 1 and not self.places[0].path:
            # A list at the root has no name of its own.
            answer, cut = {self.places[0].key: answer}, cut if cut is None else (self.places[0].key, *cut)
        if not isinstance(answer, dict):
            raise _seam((), "the continuation is no object")
        value, where = self.base, None if cut is None else self._first_left(answer)
        repairs: list[Repair] = []
        for place in self.places:
            inside = cut[1:] if cut and cut[0] == place.key else None
            if place.key not in answer:
                if cut is None and place.kept is not None:
                    raise _seam(place.path, "the continuation has nothing there")
            elif place.kept is None:
                value = put_at(value, place.path, answer[place.key])
                where = where if inside is None else (*place.path, *inside)
            else:
                more = _go_on(value_at(value, place.path), place, answer[place.key], inside)
                value = put_at(value, place.path, more.value)
                where = where if inside is None else (*place.path, *(more.cut or ()))
                repairs.extend(more.repairs)
        return Joined(value, where, tuple(repairs))

    def _first_left(self, answer: Mapping[str, JSON]) -> Path:
        """Where a value is cut whose continuation ended between two places."""
        left = next((place for place in self.places if place.key not in answer), None)
        if left is None:
            return ()
        return left.path if left.kept is not None else left.path[:-1]


def rest(schema: Mapping[str, Any], value: JSON, cut: Path) -> Rest | None:
    """Tell what of a cut value is complete and ask for the rest of it.

    Complete items of lists and complete members of objects are kept. An item that was cut in two is dropped, unless it
    holds a list with complete items of its own: then that one goes on, before the outer list does.

    Args:
        schema: The whole wire schema.
        value: The wire value as far as it goes.
        cut: Where it ends.

    Returns:
        None where nothing is complete.
    """
    matcher = Matcher(schema)
    levels = _reached(_levels(matcher, value, cut))
    if not levels:
        return None
    base = _trimmed(value, levels[-1])
    if base in ({}, []):
        return None
    found = [each for level in reversed(levels) for each in _open(level, base, last=level is levels[-1])]
    own: dict[Path, str] = {place.path: str(place.path[-1]) for place, _ in found if len(place.path) == 1}
    names = name_places([place.path for place, _ in found], own, matcher)
    places = tuple(replace(place, key=names[place.path]) for place, _ in found)
    asked = [Asked(place.path, place.key, place.told) for place in places]
    made = ask_for(matcher, asked, {names[place.path]: node for place, node in found}, _WHY)
    if made is None:
        return None
    return Rest({**made, "required": [place.key for place in places if place.required]}, base, places)


@dataclass(frozen=True, slots=True)
class _Level:
    """One container on the way to the cut: where, its node, what is there, and the step that leads on (or None)."""

    path: Path
    node: Mapping[str, Any]
    here: Any
    step: str | int | None

    @property
    def grows(self) -> bool:
        """Whether nobody can tell from the schema what is still to come: a list, or a map."""
        return isinstance(self.here, list) or not self.node.get("properties")

    @property
    def kept(self) -> int:
        """How many complete items it has."""
        if isinstance(self.here, list):
            return len(self.here) if self.step is None else int(self.step)
        return len(self.here) - (self.step in self.here)


def _levels(matcher: Matcher, value: JSON, cut: Path) -> list[_Level]:
    """The containers on the way to the cut, as far as the schema says clearly what they are."""
    levels: list[_Level] = []
    node: Node = matcher.root
    for depth in range(len(cut) + 1):
        here = value_at(value, cut[:depth])
        step = cut[depth] if depth < len(cut) else None
        kind = "array" if isinstance(here, list) else "object" if isinstance(here, dict) else None
        fitting = [each for each in plain_nodes(matcher, node, here) if kind and matcher.kind(each) == kind]
        if len(fitting) != 1 or not _is_plain(fitting[0]):
            break
        levels.append(_Level(cut[:depth], fitting[0], here, step))
        node = None if step is None else step_into(matcher, fitting[0], step)
        if node is None:
            break
    return levels


def _is_plain(node: Mapping[str, Any]) -> bool:
    """Whether what is missing can be told: no tuple, and no object that is a map beside its properties."""
    mixed = isinstance(node.get("additionalProperties"), dict) and node.get("properties")
    return not (mixed or "prefixItems" in node or "patternProperties" in node)


def _reached(levels: list[_Level]) -> list[_Level]:
    """How deep to go on: an item that was cut in two is gone into only where it holds lists with items."""
    end = len(levels)
    for index, level in enumerate(levels):
        if level.grows and level.step is not None and not _has_items(value_at(level.here, (level.step,))):
            end = index + 1
            break
    while end and levels[end - 1].grows and not levels[end - 1].kept:
        end -= 1
    return levels[:end]


def _has_items(value: Any) -> bool:
    todo = [value]
    while todo:
        each = todo.pop()
        if isinstance(each, list) and each:
            return True
        if isinstance(each, dict):
            todo.extend(each.values())
    return False


def _trimmed(value: JSON, last: _Level) -> JSON:
    """The value without what was cut in two below the last level."""
    if last.step is None:
        return value
    if isinstance(last.here, list):
        return put_at(value, last.path, last.here[: last.kept])
    return put_at(value, last.path, {key: item for key, item in last.here.items() if key != last.step})


def _open(level: _Level, base: JSON, *, last: bool) -> list[tuple[Open, Node]]:
    """The open places of one level, each with the node to ask by."""
    here, node = value_at(base, level.path), level.node
    if not level.grows:
        required = node.get("required", ())
        missing = [(key, below) for key, below in node["properties"].items() if key not in here]
        return [(Open((*level.path, key), "", required=key in required), below) for key, below in missing]
    node = {key: part for key, part in node.items() if key not in _BOUNDS}
    end = list(here)[-1] if isinstance(here, dict) else len(here) - 1
    seam: tuple[Any, ...] = () if not last else ({end: here[end]},) if isinstance(here, dict) else (here[end],)
    return [(Open(level.path, "", len(here), seam, end, begun=last and level.step is not None), node)]


def _go_on(here: Any, place: Open, given: Any, inside: Path | None) -> Joined:
    """Add a list's (or map's) further items; ``cut`` says where it ends now, seen from the list."""
    if type(given) is not type(here):
        raise _seam(place.path, "the continuation has no items there")
    kept, more = _items(here), _items(given)
    at = len(more)
    if inside:
        at = inside[0] if isinstance(inside[0], int) else list(given).index(inside[0]) if inside[0] in given else at
    complete, partial = more[:at], more[at:]
    overlap = _overlap(place, kept, complete, partial if inside is not None else None)
    # An item that was cut in two right after what is complete goes on; any other cannot be placed.
    partial = partial if len(complete) >= overlap else []
    joined = [*kept, *complete[overlap:], *partial]
    cut: Path | None = None if inside is None else ()
    if inside and partial:
        cut = (inside[0] if isinstance(here, dict) else len(joined) - 1, *inside[1:])
    added = max(0, len(complete) - overlap)
    if place.begun and not added and inside is None:
        raise _seam(place.path, "the continuation leaves out the item that had begun")
    record = (Repair("continued", place.path, before=len(kept), after=len(kept) + added),) if added else ()
    return Joined(dict(joined) if isinstance(here, dict) else joined, cut, record)


def _overlap(place: Open, kept: list[Any], complete: list[Any], partial: list[Any] | None) -> int:
    """How many of a continuation's items stand in the value already; ``partial`` is None where it was not cut."""
    if not place.seam:
        return _overlap_after(place, kept, complete, partial)
    if not complete:
        if partial is None:
            raise _seam(place.path, "the continuation has no items there")
        return 1
    short = partial is not None and len(complete) < len(kept)
    from_start = complete[: len(kept)] == (kept[: len(complete)] if short else kept)
    from_last = complete[0] == kept[-1]
    if from_start and from_last and len(kept) > 1 and not short:
        # Items that are all alike: from the start, or going on as asked? Guessing would lose or double some.
        raise _seam(place.path, "the continuation can be read in two ways", "seam-unclear")
    if not (from_start or from_last):
        raise _seam(place.path, "the continuation does not begin with the last complete item")
    return len(kept) if from_start else 1


def _overlap_after(place: Open, kept: list[Any], complete: list[Any], partial: list[Any] | None) -> int:
    """The same where only what comes after the last item was asked for, which is itself still being completed."""
    if len(kept) > 1 and complete[: len(kept)] == kept:
        return len(kept)
    if complete:
        # What begins as the last item does is that one, or one like it.
        first = complete[0]
        alike = first == kept[0] or (first and (_begins(kept[-1], first) or _begins(first, kept[-1])))
    elif partial and _begins(partial[0], kept[-1]):
        return 1
    else:
        alike = partial and _begins(partial[0], kept[0])
    if alike:
        raise _seam(place.path, "the continuation repeats an item or has another one like it", "seam-unclear")
    return 0


def _begins(part: Any, whole: Any) -> bool:
    """Whether a value may be the beginning of another."""
    if isinstance(part, dict) and isinstance(whole, dict):
        return all(key in whole and _begins(item, whole[key]) for key, item in part.items())
    if isinstance(part, list) and isinstance(whole, list):
        return len(part) <= len(whole) and all(map(_begins, part, whole))
    if isinstance(part, tuple) and isinstance(whole, tuple):
        # An entry of a map is known by its key.
        return bool(part[:1] == whole[:1])
    return bool(part == whole)


def _items(value: Any) -> list[Any]:
    return list(value.items()) if isinstance(value, dict) else value


def _seam(path: Path, what: str, kind: str = "seam") -> ValidationError:
    return ValidationError.of([Issue(path, what, kind)])
