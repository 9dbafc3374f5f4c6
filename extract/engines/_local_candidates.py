"""Documents in, the patterns of their own dates and times out: what a small model may write where a date is asked for.

A small model that writes a date letter by letter may write one that stands nowhere. Where every date of a document
is found, the answer is held to those, as they stand; where anything else looks like part of one, nothing is.
"""

from __future__ import annotations

import re
import sys
from types import MappingProxyType
from typing import TYPE_CHECKING

from extract.engines._local_labels import unclaimed
from extract.schema import possible_dates

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["DAY", "narrowed", "order_of"]

MOST = 60
"""More alternatives than this are no help to a model, and a burden to the grammar."""

NEAR = 40
"""A date with a time this many characters behind it, or fewer, does not go without one."""

EARLIEST, LATEST = "1930", "2070"
"""Where a document writes two digits of a year, it means one between these, if either is."""

MONTHS = 12

_YEAR = r"(?:(?:19|20)[0-9]{2})"
_WORD = r"[^\W\d_]{3,10}\.?"
_ORDINAL = r"(?:\.|st|nd|rd|th|er|º)?"
DAY = re.compile(
    r"(?<![\w/.-])(?:"
    rf"{_YEAR}[-/.][0-9]{{1,2}}[-/.][0-9]{{1,2}}|{_YEAR}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
    rf"|[0-9]{{1,2}}[-/.] ?[0-9]{{1,2}}[-/.] ?(?:{_YEAR}|[0-9]{{2}})|{_YEAR}年[0-9]{{1,2}}月[0-9]{{1,2}}日"
    rf"|[0-9]{{1,2}}{_ORDINAL}(?: of | de |[ -])?{_WORD}(?: de | of |,? |-)(?:{_YEAR}|[0-9]{{2}}(?![:.,][0-9]))"
    rf"|{_WORD} [0-9]{{1,2}}(?:st|nd|rd|th)?,? {_YEAR})(?:(?=T[0-9])|(?![\w/-]|\.[0-9]))"
)
# What may belong to a date that was not found whole: figures, the beginning of a span, or a word that needs a calendar.
_DAY_LEFT = re.compile(
    r"(?<![0-9/.-])[0-3]?[0-9]/[0-3]?[0-9](?![0-9/])|(?<![0-9.])[0-3]?[0-9]\.[01]?[0-9]\.(?![0-9])|[年月日]"
    rf"|(?<![0-9])[0-9]{{1,2}}{_ORDINAL} ?(?:[-–—/&]|to|bis|and|und|until|till|au|al) ?\0"
    r"|\b(?:today|tomorrow|yesterday|heute|gestern|aujourd'hui|demain|hier|hoy|mañana|oggi|domani)\b",
    re.IGNORECASE,
)
_BESIDE = re.compile(
    rf"(?<!\d)[0-9]{{1,2}}{_ORDINAL} ?(?:(?:of|de) )?([^\W\d_]{{3,10}})|(?<![^\W\d_])([^\W\d_]{{3,10}})\.?(?= [0-9])"
)
_CLOCK = re.compile(
    r"(?<![\d:.,+-])(?<![^\W\dT])(?:(?:[01]?[0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9])?(?: ?(?:[ap]\.?m\b\.?|Uhr\b|h\b))?"
    r"|[0-9]{1,2} ?(?:[ap]\.?m\b\.?|Uhr\b)"
    r"|[0-9]{1,2}(?:\.[0-9]{2} ?(?:Uhr\b|h\b|[ap]\.?m\b\.?)|h[0-9]{2}))(?![\d:])(?![^\W\dZz])",
    re.IGNORECASE,
)
_CLOCK_LEFT = re.compile(
    r"[0-9] ?(?:[-–—]|to|bis|and|und|until|till) ?\x01|o'clock"
    r"|\b(?:noon|midnight|half past|quarter|mittag|mitternacht)\b"
    r"|\b(?:at|um|from|von|ab|à|om|alle) [0-9]{1,2}\b(?![:.,/])|\b[0-9]{1,2} ?(?:h|hrs)\b|[0-9]:[0-9]",
    re.IGNORECASE,
)
_OFFSET = re.compile(r"(?<=:[0-9]{2})(?: ?(?:UTC|GMT)\b|Z\b|[+-][0-9]{2}:?[0-9]{2}\b)")
_HALF = re.compile(r"[ap]\.?m", re.IGNORECASE)
_SPECIAL = re.compile(r"[.^$*+?()\[\]{}|\\]")
_BETWEEN = "(T|,? | at )"
_ZONE = "(Z|[+-][0-9]{2}:[0-9]{2})?"


def narrowed(
    documents: str,
    forms: Mapping[str, str],
    order: str = "",
    name: str = "",
    fields: Mapping[str, frozenset[str]] = MappingProxyType({}),
) -> Mapping[str, str]:
    """Hold dates and times to those that stand in documents; what leaves anything open stays as it is.

    A date whose day and month may be swapped, or whose century is open, is followed by the day in ISO form, once for
    each reading; where the field's description or the document's other dates tell the order, in that reading only.

    Args:
        documents: What the answer is taken from.
        forms: Patterns by the name of the form.
        order: What :func:`order_of` makes of the field's description.
        name: The field.
        fields: What :func:`dates_of` makes of the schema: a date behind the words of another field is not meant.
    """
    # Days taken out, because 2026-05-06 is no time, and 14.30 in 12.14.30 neither.
    rest = DAY.sub(lambda spot: "\0" * len(spot[0]), documents)
    days = _days(documents, rest, order)
    clocks = _clocks(rest)
    found = dict(forms)
    if days:
        spots = {spot.end(): spot[0] for spot in DAY.finditer(documents) if spot.end() in days}
        meant = {end: days[end] for end in unclaimed(documents, spots, name, fields)}
        found["date"] = _either(text for texts in meant.values() for text in texts)
        found["date-time"] = _moments(days, meant, clocks, forms["time"], _ZONE if _OFFSET.search(rest) else "")
    if clocks:
        found["time"] = _either(clocks.values())
    return found


def order_of(told: str) -> str:
    """Say which comes first in a date of bare figures, by the words of a description; else nothing."""
    days = possible_dates("01/02/2003", told)
    return "" if len(days) != 1 else "DD/MM" if days == ("2003-02-01",) else "MM/DD"


def _days(documents: str, rest: str, order: str) -> dict[int, tuple[str, ...]]:
    """Where each date ends, and what may be written for it; empty where a date may have been missed."""
    spots = {spot.end(): spot[0] for spot in DAY.finditer(documents)}
    read = {end: text for end, text in spots.items() if possible_dates(text)}
    unread = set(spots.values()) - set(read.values())
    if any(re.search(rf"[^\W\d_].*{_YEAR}|{_YEAR}.*[^\W\d_]", text) for text in unread) or _missed(rest):
        return {}
    orders = {_order(text) for text in read.values()} - {""}
    order = order or (orders.pop() if len(orders) == 1 else "")
    offered = {end: _offered(text, order) for end, text in read.items()}
    return offered if len(set(offered.values())) <= MOST else {}


def _offered(text: str, order: str) -> tuple[str, ...]:
    """What may be written for a date: as it stands, and behind it the day that is meant, where it may mean several.

    Another spelling of the same day does no harm. A model that copies must go on copying first: made to write the day
    that is meant at once, it takes another date of the document instead.
    """
    days = possible_dates(text)
    if len(days) == 1:
        # Held to the very letters, a model that begins 02 March with 2 goes on to 21 March.
        other = text[1:] if re.match("0[1-9] ", text) else f"0{text}" if re.match("[1-9] ", text) else text
        return tuple(dict.fromkeys((text, other, days[0])))
    days = possible_dates(text, order)
    return tuple(f"{text} ({day})" for day in [day for day in days if EARLIEST <= day < LATEST] or days)


def _missed(rest: str) -> bool:
    words = {found[1] or found[2] for found in _BESIDE.finditer(rest)}
    return _DAY_LEFT.search(rest) is not None or any(possible_dates(f"1 {word} 2000") for word in words)


def _order(text: str) -> str:
    """Which comes first in a date of bare figures, where its days allow one reading only; else nothing."""
    figures = re.fullmatch(r"([0-9]{1,2})[-/] ?([0-9]{1,2})[-/] ?[0-9]{2,4}", text)
    if not figures or not possible_dates(text):
        return ""
    first, second = int(figures[1]), int(figures[2])
    return "DD/MM" if first > MONTHS else "MM/DD" if second > MONTHS else ""


def _clocks(rest: str) -> dict[int, str] | None:
    """Where each time of day begins, and its text; None where one may have been missed."""
    rest = _OFFSET.sub(lambda spot: " " * len(spot[0]), rest)
    found = {spot.start(): spot[0] for spot in _CLOCK.finditer(rest)}
    left = _CLOCK.sub("\1", rest)
    # In 7:30 - 9 pm the first is in the evening too.
    mixed = len({bool(_HALF.search(text)) for text in found.values()}) > 1
    return None if mixed or len(found) > MOST or _CLOCK_LEFT.search(left) else found


def _moments(
    days: Iterable[int],
    meant: Mapping[int, tuple[str, ...]],
    clocks: Mapping[int, str] | None,
    time: str,
    zone: str,
) -> str:
    """Join each day with the times that follow it up to the next; a day without may have any of them, or none."""
    pairs: dict[str, set[str]] = {text: set() for texts in meant.values() for text in texts}
    for end, texts in meant.items():
        following = min((other for other in days if other > end), default=sys.maxsize)
        times = {at: clock for at, clock in (clocks or {}).items() if end <= at < following}
        if min(times, default=sys.maxsize) < end + NEAR:
            for text in texts:
                pairs[text] |= set(times.values())
    ways = [f"{_plain(text)}{_BETWEEN}{_either(sorted(near))}{zone}" for text, near in pairs.items() if near]
    alone = [text for text, near in pairs.items() if not near]
    if alone:
        any_time = f"({time})" if clocks is None else _either(clocks.values())
        ways.append(_either(alone) + (f"({_BETWEEN}{any_time}{zone})?" if clocks or clocks is None else ""))
    return f"({'|'.join(ways)})"


def _either(texts: Iterable[str]) -> str:
    return f"({'|'.join(_plain(text) for text in dict.fromkeys(texts))})"


def _plain(text: str) -> str:
    return _SPECIAL.sub(r"\\\g<0>", text)
