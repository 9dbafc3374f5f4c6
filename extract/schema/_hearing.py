"""What comes of a wire value that may not be as it was asked for? A value in; a verdict with every liberty out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from extract.errors import Issue
from extract.schema._alike import alike
from extract.schema._checked import Checked
from extract.schema._codec import DEFAULT_TAKEN, DUPLICATE_ITEM, Log, flat
from extract.schema._wire_words import exactly, in_wire_words
from extract.schema.coerce import ABSENT, Coerced, Matcher, coerce, endless, explained, value_at
from extract.typing import Repair

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from extract.schema._codec import Node
    from extract.schema.coerce import Strictness

__all__ = ["Hearing", "Judge", "without"]


class Judge(Protocol):
    """Reads a wire value; ``strict`` lets the declared type coerce nothing."""

    def __call__(self, wire: Any, *, strict: bool) -> Checked[Any]:
        """Read it."""
        ...


@dataclass(frozen=True, slots=True)
class Hearing:
    """One value's way to a verdict.

    Args:
        schema: The wire schema.
        codec: The way from the wire to the declared form, with every place in it.
        judge: Reads a wire value as the declared type.
        obeys: Says whether a wire value is as the wire schema asks.
        strictness: How far it may be coerced.
        rooted: The schema's object is only the cover that a root needs.
        authored: Functions of the author's see what the model wrote, and may read it in their own way.
    """

    schema: Mapping[str, Any]
    codec: Node | None
    judge: Judge
    obeys: Callable[[Any], bool]
    strictness: Strictness
    rooted: bool
    authored: bool

    def verdict(self, wire: Any, text: str | bytes | None = None) -> Checked[Any]:
        """Read a value that is not plainly right; the text it was read from knows how numbers were written."""
        checked = self._heard(wire, text)
        if checked.ok:
            told = {each.path for each in checked.repairs}
            left_out = (path for path in self._left_out(checked.wire) if path not in told)
            return _with(checked, [Repair(DEFAULT_TAKEN, path) for path in left_out])
        issues = in_wire_words(checked.issues, self.schema, checked.wire)
        return Checked(None, False, issues, checked.repairs, checked.wire)

    def _heard(self, wire: Any, text: str | bytes | None) -> Checked[Any]:
        checked = self.judge(wire, strict=False)
        exact = self.strictness == "exact"
        if checked.ok and self.obeys(wire):
            # The type may hold NaN and infinities; JSON does not, and what is too large for a number becomes one.
            return _with(checked, [Repair("not-finite", path, before=value_at(wire, path)) for path in endless(wire)])
        if exact and not checked.ok:
            return checked
        twice = [each.path for each in checked.issues if each.kind == DUPLICATE_ITEM]
        if twice:
            return self._once(checked, twice)
        strictness = "careful" if exact else self.strictness
        coerced = coerce(wire, self.schema, strictness=strictness, typed=True, rooted=self.rooted, text=text)
        if checked.ok:
            return self._disobeyed(checked, coerced) if exact else self._taken(checked, coerced)
        return self._coerced(checked, coerced)

    def _once(self, checked: Checked[Any], twice: list[Any]) -> Checked[Any]:
        """Leave out what stands twice in a set: nothing is lost but the count, and that is on record."""
        wire = checked.wire
        repairs = [Repair(DUPLICATE_ITEM, path, before=value_at(wire, path)) for path in twice]
        wire = without(wire, frozenset(twice))
        return _with(self.verdict(wire), repairs)

    def _disobeyed(self, checked: Checked[Any], coerced: Coerced) -> Checked[Any]:
        """Refuse what the type would take although the wire schema does not."""
        issues = [Issue(path, "Should be there, if only as null", "missing") for path in self._left_out(checked.wire)]
        told = {each.path: each for each in coerced.issues}
        if not issues or coerced.repairs or coerced.issues:
            matcher = Matcher(self.schema, typed=True, formats=False)
            for path in _places(coerced):
                said = exactly(matcher, checked.wire, path)
                issues.append(told.get(path) or Issue(path, said, "not-exact"))
        return Checked(None, False, tuple(issues), checked.repairs, checked.wire)

    def _taken(self, checked: Checked[Any], coerced: Coerced) -> Checked[Any]:
        """Tell which liberties the type took by itself."""
        lost = explained((), coerced.issues, authored=self.authored)
        if lost:
            return Checked(None, False, lost, checked.repairs, checked.wire)
        if coerced.repairs and not coerced.issues:
            again = self.judge(coerced.value, strict=False)
            if again.ok and (not self.authored or alike(again.value, checked.value)):
                return _with(again, coerced.repairs)
        if self._left_out(checked.wire) and not (coerced.repairs or coerced.issues):
            return checked
        return _with(checked, _by_type(_places(coerced), checked.wire))

    def _left_out(self, wire: Any) -> list[Any]:
        """Find the places at which a key is missing for which something stands in."""
        log = Log()
        if self.codec is not None:
            self.codec.decode(wire, (), log)
        return [path for path in map(flat, log.taken) if value_at(wire, path) is ABSENT]

    def _coerced(self, checked: Checked[Any], coerced: Coerced) -> Checked[Any]:
        if coerced.repairs:
            again = self.judge(coerced.value, strict=False)
            # A coercion that does not help is no liberty to take.
            if again.ok or len(again.issues) <= len(checked.issues):
                checked = _with(again, coerced.repairs)
        issues = explained(checked.issues, coerced.issues)
        if issues:
            return Checked(None, False, issues, checked.repairs, checked.wire)
        return _with(checked, _by_type([each.path for each in coerced.issues], checked.wire))


def _with(checked: Checked[Any], repairs: Iterable[Repair]) -> Checked[Any]:
    found = (*repairs, *checked.repairs)
    return Checked(checked.value, checked.ok, checked.issues, found, checked.wire)


def _places(coerced: Coerced) -> list[Any]:
    """Where a value is not as it was asked for; the whole where the coercion found no place."""
    found = [each.path for each in coerced.repairs] + [each.path for each in coerced.issues]
    return list(dict.fromkeys(found)) or [()]


def _by_type(places: Iterable[Any], wire: Any) -> list[Repair]:
    found = ((path, value_at(wire, path)) for path in places)
    return [Repair("read-by-type", path, before=None if value is ABSENT else value) for path, value in found]


def without(value: Any, places: frozenset[Any], path: tuple[Any, ...] = ()) -> Any:
    """A copy of a value without the items of lists at these places."""
    if isinstance(value, dict):
        return {key: without(item, places, (*path, key)) for key, item in value.items()}
    if isinstance(value, list):
        kept = ((i, item) for i, item in enumerate(value) if (*path, i) not in places)
        return [without(item, places, (*path, i)) for i, item in kept]
    return value
