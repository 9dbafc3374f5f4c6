"""Do the fields of an object agree with each other? Declared rules in; an object in; issues naming every field out."""

from __future__ import annotations

import dataclasses
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import reduce
from itertools import pairwise
from operator import mul
from typing import Any, TypeAlias, TypeVar
from weakref import WeakSet

from extract.errors import Issue, Path, SchemaError
from extract.schema._check_names import reachable, verify
from extract.schema._checksums import KINDS, holds

__all__ = [
    "COMPILED", "DECLARING", "Check", "check", "checks_of", "checksum", "declares_checks", "one_of", "ordered",
    "product", "rule", "run_checks", "total", "unique",
]  # fmt: skip

_T = TypeVar("_T")
_STORED = "__extract_checks__"
DECLARING: WeakSet[type] = WeakSet()
"""Classes that declare rules: where there are none, no value is looked through for them."""
COMPILED: dict[Any, Any] = {}
"""Schemas made so far. Each knows whether its classes have rules, so a rule declared later makes them be made anew."""
_EACH = "[]"

_Place: TypeAlias = "tuple[Path, Any]"
_Judge: TypeAlias = "Callable[[list[list[_Place]]], Iterable[list[_Place]]]"


@dataclass(frozen=True, slots=True)
class Check:
    """One rule across fields.

    Args:
        kind: The issues' machine word, ``check-total`` and the like.
        names: The fields it is about, as ``total`` or ``lines[].amount``.
        message: What should be so; no values of the document.
        anchor: The part of the names that each run is about; fields below the same list item belong together.
        judge: The places of each name in; the groups of places that break the rule out.
    """

    kind: str
    names: tuple[str, ...]
    message: str
    anchor: str = ""
    judge: _Judge = field(default=lambda _: (), repr=False, compare=False)

    def run(self, value: Any) -> tuple[Issue, ...]:
        """Look at one declared object (model, dataclass or mapping).

        Returns:
            One issue for each way the rule is broken; its ``path`` and ``paths`` name all fields concerned.
            A field that is None or not there leaves the rule without a verdict.
        """
        issues: list[Issue] = []
        anchor = _steps(self.anchor)
        for path, _ in _places(value, anchor, (), anchor):
            found = [list(_places(value, _steps(name), path, anchor)) for name in self.names]
            for group in self.judge(found):
                paths = tuple(dict.fromkeys(where for where, _ in group))
                issues.append(Issue(paths[0], self.message, kind=self.kind, found=group[0][1], paths=paths[1:]))
        return tuple(issues)


def check(*checks: Check) -> Callable[[type[_T]], type[_T]]:
    """Declare rules on a class: ``@check(total("total", of="lines[].amount"))`` above a model or dataclass.

    They hold wherever an object of the class occurs, also in subclasses.

    Raises:
        SchemaError: When a name is no field of the class, at the time of declaration.
    """

    def declare(cls: type[_T]) -> type[_T]:
        for each in checks:
            verify(cls, each.names)
        DECLARING.add(cls)
        COMPILED.clear()
        setattr(cls, _STORED, (*cls.__dict__.get(_STORED, ()), *checks))
        return cls

    return declare


def checks_of(cls: type) -> tuple[Check, ...]:
    """The rules declared on a class and on those it inherits from."""
    return tuple(each for base in reversed(cls.__mro__) for each in base.__dict__.get(_STORED, ()))


def declares_checks(declared: Any) -> bool:
    """Say whether any class within a type has rules, so that one without need not be walked through."""
    return any(checks_of(cls) for cls in reachable(declared))


def run_checks(value: Any, checks: Iterable[Check] = ()) -> tuple[Issue, ...]:
    """Run the rules declared on every object within a value, and further ones on the value itself.

    Args:
        value: A declared object, or lists and mappings of such.
        checks: Rules for this value alone, beside the declared ones.

    Returns:
        The issues, with paths from the value's root; a field with an alias goes by it, as in pydantic's errors.
    """
    issues = [issue for each in checks for issue in each.run(value)]
    seen: set[int] = set()
    todo: deque[_Place] = deque([((), value)])
    while todo:
        path, here = todo.popleft()
        members = _members(here)
        if members is None or id(here) in seen:
            continue
        seen.add(id(here))
        for each in checks_of(type(here)):
            issues.extend(issue.below(path) for issue in each.run(here))
        todo.extend(((*path, step), item) for step, item in members)
    return tuple(issues)


def total(
    name: str, *, of: str, tolerance: str | Decimal = "0.01", plus: Sequence[str] = (), minus: Sequence[str] = ()
) -> Check:
    """A field is the sum of others: ``total("total", of="lines[].amount", plus=("tax",))``.

    Args:
        name: The field that holds the sum.
        of: The fields that are added up.
        tolerance: How far they may be apart, for documents round.
        plus: Further fields to add; None counts as nothing there.
        minus: Fields to take away, such as a discount.
    """
    allowed = Decimal(tolerance)

    def judge(found: list[list[_Place]]) -> Iterable[list[_Place]]:
        whole, parts, *rest = found
        added, taken = rest[: len(plus)], rest[len(plus) :]
        numbers = [_number(item) for _, item in parts]
        whole_number = _number(whole[0][1]) if whole else None
        if whole_number is None or not numbers or None in numbers:
            return
        amount = sum((number for number in numbers if number is not None), Decimal(0))
        amount += sum((_number(item) or 0 for places in added for _, item in places), Decimal(0))
        amount -= sum((_number(item) or 0 for places in taken for _, item in places), Decimal(0))
        if abs(amount - whole_number) > allowed:
            yield [*whole, *parts, *(place for places in rest for place in places if place[1] is not None)]

    names = (name, of, *plus, *minus)
    more = "".join([*(f" plus {each}" for each in plus), *(f" minus {each}" for each in minus)])
    return Check("check-total", names, f"{name} should be the sum of {of}{more}", name, judge)


def product(name: str, *, of: Sequence[str], tolerance: str | Decimal = "0.01") -> Check:
    """A field is the product of others: ``product("lines[].amount", of=("lines[].qty", "lines[].price"))``."""
    allowed = Decimal(tolerance)

    def judge(found: list[list[_Place]]) -> Iterable[list[_Place]]:
        numbers = [_number(places[0][1]) if places else None for places in found]
        whole, *factors = numbers
        known = [number for number in factors if number is not None]
        if whole is not None and len(known) == len(factors) and abs(reduce(mul, known) - whole) > allowed:
            yield [places[0] for places in found]

    return Check("check-product", (name, *of), f"{name} should be {' times '.join(of)}", name, judge)


def ordered(*names: str, strictly: bool = False) -> Check:
    """Fields do not go down: ``ordered("start", "end")``; dates, times, numbers or texts of one kind."""

    def judge(found: list[list[_Place]]) -> Iterable[list[_Place]]:
        present = [places[0] for places in found if places and places[0][1] is not None]
        for one, other in pairwise(present):
            rising = _rising(one[1], other[1], strictly=strictly)
            if rising is False:
                yield [one, other]

    word = " < " if strictly else " ≤ "
    return Check("check-ordered", names, f"Should be in order: {word.join(names)}", names[0] if names else "", judge)


def checksum(name: str, kind: str) -> Check:
    """A field's check digit holds: ``checksum("iban", "iban")``; kinds are ``ean gtin iban isbn lei luhn vat``.

    Raises:
        SchemaError: When the kind is none of these.
    """
    if kind not in KINDS:
        raise SchemaError(f"There is no checksum {kind!r}", advice=f"Use one of {', '.join(sorted(KINDS))}.")

    def judge(found: list[list[_Place]]) -> Iterable[list[_Place]]:
        for place in found[0]:
            if (
                isinstance(place[1], (str, int))
                and not isinstance(place[1], bool)
                and holds(kind, str(place[1])) is False
            ):
                yield [place]

    return Check(
        "check-checksum",
        (name,),
        f"{name} should be a valid {kind.upper()}: of its form, with check digits that hold",
        name,
        judge,
    )


def unique(name: str) -> Check:
    """No two list items have the same: ``unique("lines[].sku")``, within the innermost list."""

    def judge(found: list[list[_Place]]) -> Iterable[list[_Place]]:
        groups: dict[Any, list[_Place]] = {}
        for path, item in found[0]:
            if item is not None:
                groups.setdefault(item if item.__hash__ else repr(item), []).append((path, item))
        yield from (group for group in groups.values() if len(group) > 1)

    return Check("check-unique", (name,), f"{name} should be unique", name.rpartition(_EACH)[0], judge)


def one_of(*names: str, least: int = 1, most: int = 1) -> Check:
    """Of several fields, so many are filled: exactly one unless said otherwise."""

    def judge(found: list[list[_Place]]) -> Iterable[list[_Place]]:
        filled = sum(bool(places) and places[0][1] is not None for places in found)
        if not least <= filled <= most:
            yield [places[0] for places in found if places]

    count = str(least) if least == most else f"{least} to {most}"
    anchor = names[0].rpartition(_EACH)[0] + _EACH if names and _EACH in names[0] else ""
    return Check("check-one-of", names, f"{count} of {', '.join(names)} should be filled", anchor, judge)


def rule(*names: str, test: Callable[..., bool], message: str) -> Check:
    """Any other rule: ``rule("net", "gross", test=lambda net, gross: net <= gross, message="net exceeds gross")``.

    Args:
        names: The fields handed to ``test``, in this order; a name with ``[]`` hands over a list unless the
            first name shares that list.
        test: True where the fields agree; not asked while one of them is None.
        message: What should be so; it travels to the model, so it should not quote the document.
    """
    lists = [name.count(_EACH) > _shared(name, names[0]) for name in names]

    def judge(found: list[list[_Place]]) -> Iterable[list[_Place]]:
        items = [[item for _, item in places] for places in found]
        if any(item is None for each in items for item in each) or not all(items):
            return
        if not test(*(each if many else each[0] for each, many in zip(items, lists, strict=True))):
            yield [place for places in found for place in places]

    return Check("check-rule", names, message, names[0] if names else "", judge)


def _shared(name: str, anchor: str) -> int:
    """How many lists a name goes through together with the anchor."""
    equal = 0
    for one, other in zip(_steps(name), _steps(anchor), strict=False):
        if one != other:
            break
        equal += one == _EACH
    return equal


def _steps(name: str) -> tuple[str, ...]:
    return tuple(step for part in name.split(".") if part for step in _cut(part))


def _cut(part: str) -> Iterator[str]:
    name, *each = part.split(_EACH)
    if name:
        yield name
    yield from [_EACH] * len(each)


def _places(value: Any, steps: tuple[str, ...], bound: Path, anchor: tuple[str, ...]) -> Iterator[_Place]:
    """Yield each place a name leads to; a list that the anchor went through is entered at the same item."""
    todo: list[_Place] = [((), value)]
    for i, step in enumerate(steps):
        below: list[_Place] = []
        together = steps[: i + 1] == anchor[: i + 1] and i < len(bound)
        for path, here in todo:
            if step != _EACH:
                below.append(((*path, _alias(type(here), step)), _get(here, step)))
            elif together:
                below.extend(((*path, key), item) for key, item in _items(here) if key == bound[i])
            else:
                below.extend(((*path, key), item) for key, item in _items(here))
        todo = below
    yield from todo


def _get(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, Mapping) else getattr(value, name, None)


def _alias(cls: type, name: str) -> str:
    """The name a model's field has outside, as pydantic's own errors say it."""
    told = getattr(getattr(cls, "model_fields", {}).get(name), "validation_alias", None)
    choices = getattr(told, "choices", [told])
    return next((each for each in choices if isinstance(each, str)), name)


def _items(value: Any) -> Iterable[tuple[str | int, Any]]:
    if isinstance(value, Mapping):
        return value.items()
    return enumerate(value) if isinstance(value, (list, tuple)) else ()


def _members(value: Any) -> Iterable[tuple[str | int, Any]] | None:
    """What an object, list or mapping holds; None for a scalar."""
    if isinstance(value, (list, tuple, Mapping)):
        return _items(value)
    fields = getattr(type(value), "model_fields", None)
    if isinstance(fields, Mapping):
        return [(_alias(type(value), name), getattr(value, name, None)) for name in fields]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return [(each.name, getattr(value, each.name, None)) for each in dataclasses.fields(value)]
    return None


def _number(value: Any) -> Decimal | None:
    """The number a field holds, exactly as it is written; None where it holds none."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str, Decimal)):
        return None
    try:
        number = value if isinstance(value, Decimal) else Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _rising(one: Any, other: Any, *, strictly: bool) -> bool | None:
    if isinstance(one, datetime) != isinstance(other, datetime) and isinstance(one, date) and isinstance(other, date):
        # A day and a moment are compared by the day.
        one, other = (each.date() if isinstance(each, datetime) else each for each in (one, other))
    try:
        return bool(one < other if strictly else one <= other)
    except TypeError:
        return None
