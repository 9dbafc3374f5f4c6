"""A reply's text in, the reading of it that fits the declared type out, where the first one does not."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Generic, TypeVar

from pydantic_core import to_json

from extract.decode import decode
from extract.errors import DecodeError
from extract.typing import Repair

if TYPE_CHECKING:
    from collections.abc import Sequence

    from extract.decode import Decoded
    from extract.exchange._prompt import Task
    from extract.schema import Checked
    from extract.typing import JSON

__all__ = ["Reading", "fitting", "in_words"]

T = TypeVar("T")
_MOST_OTHERS = 20
# A text that opens a quote and never closes it was cut off.
_HALF_QUOTED = re.compile(r"""\s*(["'“„])(?:(?!["”]|\1).)*\Z""", re.DOTALL)
# A type that takes this takes any words, a refusal too.
_ANY_WORDS = "\N{REFERENCE MARK} no words of any answer \N{REFERENCE MARK}"


@dataclass(frozen=True, slots=True)
class Reading(Generic[T]):
    """What a text was taken to say, what the schema says of that, and the liberties it took."""

    checked: Checked[T]
    repairs: tuple[Repair, ...] = ()


def fitting(task: Task[T], text: str, decoded: Decoded, checked: Checked[T]) -> Reading[T]:
    """Choose among the values of a text.

    Several values that stand apart are the items of a declared list. Where the value that looks most like
    the answer does not fit, another may: careful takes it when it is the only one, lenient the last of them.

    Args:
        task: What was asked.
        text: The reply.
        decoded: Its values; the first choice and the others.
        checked: What the schema says of the first choice.
    """
    first = Reading(checked, decoded.repairs)
    others = _said_aloud(decoded) if decoded.complete else ()
    together = _together(task, (decoded, *others)) if others else None
    if together is not None:
        return together
    if checked.ok or task.policy.strictness == "exact":
        return first
    once = _once(task, decoded)
    if once is not None:
        return once
    # An empty value is no answer, even where every field has a default.
    told = (other for other in others[:_MOST_OTHERS] if other.complete and other.value not in ({}, []))
    read = [_other(task, text, decoded, other) for other in sorted(told, key=lambda other: other.start)]
    good = [reading for reading in read if reading.checked.ok]
    if good and (
        task.policy.strictness == "lenient" or all(each.checked.wire == good[-1].checked.wire for each in good)
    ):
        return good[-1]
    return in_words(task, text) or first


def in_words(task: Task[T], text: str) -> Reading[T] | None:
    """Take a text without JSON for the value itself, where one of few words was asked for; None where it is not.

    Any text at all is taken for a declared text only by a lenient reader: it may be a refusal.
    """
    if task.policy.strictness == "exact":
        return None
    try:
        decoded = decode(text, bare_text=True)
    except DecodeError:
        return None
    if _HALF_QUOTED.match(text):
        return None
    words: JSON = decoded.value if any(repair.kind == "bare-text" for repair in decoded.repairs) else text.strip()
    checked = _check(task, words)
    if not checked.ok:
        return None
    if _check(task, _ANY_WORDS).ok and not (task.policy.strictness == "lenient" and _is_said_so(checked)):
        return None
    return Reading(checked, (Repair("bare-text", (), 0, text, words),))


def _is_said_so(checked: Checked[T]) -> bool:
    """Whether the words are a declared text themselves, or plainly a list of them, and not a text somewhere inside."""
    return isinstance(checked.value, str) or any(repair.kind == "list-from-text" for repair in checked.repairs)


def _said_aloud(decoded: Decoded) -> tuple[Decoded, ...]:
    """The further values that are no thought on the way to the answer."""
    thoughts = [repair.before for repair in decoded.repairs if repair.kind == "thinking"]
    said_from = len(thoughts[0]) if thoughts else 0
    return tuple(other for other in decoded.others if other.start >= said_from)


def _together(task: Task[T], values: Sequence[Decoded]) -> Reading[T] | None:
    """Read values that stand apart, none of them a list, as the items of a declared list."""
    every = sorted(values, key=lambda one: one.start)
    if any(isinstance(one.value, list) or not one.complete for one in every):
        return None
    items: JSON = [one.value for one in every]
    checked = _check(task, items)
    apart = Repair("concatenated", (), every[0].start)
    return Reading(checked, (*_around(values[0]), apart)) if checked.ok else None


def _once(task: Task[T], decoded: Decoded) -> Reading[T] | None:
    """Read an answer that was written several times, one right after the other, as one."""
    values = decoded.value
    if not isinstance(values, list) or all(repair.kind != "concatenated" for repair in decoded.repairs):
        return None
    first, *others = map(to_json, values)
    if not others or any(other != first for other in others):
        return None
    checked = _check(task, values[0])
    own = (repair for repair in decoded.repairs if repair.kind != "concatenated")
    repairs = (replace(repair, path=repair.path[1:]) if repair.path else repair for repair in own if _is_first(repair))
    again = Repair("other-candidate", None, None, values[-1])
    return Reading(checked, (*repairs, again)) if checked.ok else None


def _is_first(repair: Repair) -> bool:
    return not repair.path or repair.path[0] == 0


def _other(task: Task[T], text: str, decoded: Decoded, other: Decoded) -> Reading[T]:
    passed_over = Repair("other-candidate", None, decoded.start, text[decoded.start : decoded.end])
    return Reading(_check(task, other.value), (*_around(decoded), passed_over, *other.repairs))


def _around(decoded: Decoded) -> tuple[Repair, ...]:
    return tuple(repair for repair in decoded.repairs if repair.path is None and repair.kind != "other-candidate")


def _check(task: Task[T], value: JSON) -> Checked[T]:
    return task.schema.check(value, context=task.context, strictness=task.policy.strictness)
