"""Which day or time does a text of a document name? Text in, ISO form or a refusal out."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from extract.schema.coerce._kinds import Fitted, Outcome, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["MOMENTS", "fit_date", "is_iso", "is_told", "possible_dates"]

_ZONE = r"(?:[Zz]|[+-]\d{2}:?\d{2})"
# Python holds microseconds: of further digits only zeros are nothing.
_CLOCK = r"(?:[01]\d|2[0-4]):[0-5]\d(?::[0-6]\d(?:[.,]\d{1,6}0*)?)?"
_ISO = {
    "date": re.compile(r"\d{4}-\d{2}-\d{2}\Z"),
    "date-time": re.compile(rf"\d{{4}}-\d{{2}}-\d{{2}}[Tt ]{_CLOCK}{_ZONE}?\Z"),
    "time": re.compile(rf"{_CLOCK}{_ZONE}?\Z"),
}

# Twelve rows of month names as documents write them; a name also counts by any prefix of three letters or more
# that belongs to one month only.
_MONTHS = (
    "january januar jänner janvier enero gennaio januari janeiro",
    "february februar feber février febrero febbraio februari fevereiro",
    "march märz mars marzo maart março",
    "april avril abril aprile",
    "may mai mayo maggio mei maio",
    "june juni juin junio giugno junho",
    "july juli juillet julio luglio julho",
    "august août agosto augustus",
    "september septembre septiembre settembre setembro",
    "october oktober octobre octubre ottobre outubro",
    "november novembre noviembre novembro",
    "december dezember décembre diciembre dicembre dezembro",
)
_WEEKDAYS = (
    "monday tuesday wednesday thursday friday saturday sunday montag dienstag mittwoch donnerstag freitag samstag "
    "sonnabend sonntag lundi mardi mercredi jeudi vendredi samedi dimanche lunes martes miércoles "
    "jueves viernes sábado "
    "domingo "
    "lunedì martedì mercoledì giovedì venerdì sabato domenica maandag dinsdag woensdag donderdag vrijdag zaterdag "
    "zondag "
    "mon tue tues wed thu thur thurs fri sat sun mo di mi do fr sa so"
)
_FILLERS = "the of le de del den der am on du das dia día el il"

_NUMERIC = re.compile(r"(\d{1,4})([-/.])\s?(\d{1,2})\2\s?(\d{1,4})\.?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_CJK = re.compile(r"(\d{4})\s?[年년]\s?(\d{1,2})\s?[月월]\s?(\d{1,2})\s?[日일]")
# A date as it stands and the day that is meant: 01/09/2025 (2025-09-01).
_TOLD = re.compile(r"([^()]+) \((\d{4}-\d{2}-\d{2})\)")
_TIME = re.compile(
    r"(?P<hour>\d{1,2})(?:(?:[:h]|(?P<dot>\.))(?P<minute>\d{2})(?::(?P<second>\d{2})(?P<part>[.,]\d{1,30})?)?)?\s*"
    rf"(?P<half>[ap]\.?\s?m\.?)?\s*(?P<clock>uhr|h)?\s*(?P<zone>utc|gmt|{_ZONE})?\Z",
    re.IGNORECASE,
)
_DAY_FIRST = re.compile(r"\bdd?\s?[/.\-]\s?mm?\b|\bday[\s-]first\b|\beuropean\b|\bday[/ ]month\b", re.IGNORECASE)
_MONTH_FIRST = re.compile(
    r"\bmm?\s?[/.\-]\s?dd?\b|\bmonth[\s-]first\b|\bu\.?s\.?[\s-](?:date|format|style|order)"
    r"|\bamerican\b|\bmonth[/ ]day\b",
    re.IGNORECASE,
)
_CENTURY_PIVOT = 70
_LONGEST = 60
_NOON = 12
_YEAR_DIGITS = 4


@dataclass(frozen=True, slots=True)
class _Days:
    """The days a text may mean, best first."""

    readings: tuple[date, ...] = ()
    short_year: bool = False


def is_iso(text: str, form: str) -> bool:
    """Say whether a text is a date, date-time or time in ISO form that exists in the calendar."""
    if not _ISO[form].match(text):
        return False
    if form == "time":
        return True
    return _day(int(text[:4]), int(text[5:7]), int(text[8:10])) is not None


def is_told(text: str, form: str) -> bool:
    """Say whether a text, if a type reads it as such a moment, says just what is read: no count, no other clock."""
    if _COUNT.fullmatch(text) or _LOST_DIGITS.search(text):
        return False
    less = {"date-time": _BARE_DAY.fullmatch, "date": _DAY_WITH_CLOCK.match}.get(form)
    return less is None or less(text) is None


_COUNT = re.compile(r"\s*[+-]?\d+(?:\.\d*)?\s*")
"""What pydantic takes for seconds since 1970, or since midnight."""
_LOST_DIGITS = re.compile(r":\d\d[.,]\d{6}\d*[1-9]")
_DAY_WITH_CLOCK = re.compile(r"\s*\d{4}-\d{2}-\d{2}[Tt _]\d")
_BARE_DAY = re.compile(r"\s*\d{4}-\d{2}-\d{2}\s*")


def fit_date(text: str, form: str, node: Mapping[str, Any], *, lenient: bool) -> Outcome:
    """Read a date, date-time or time as documents write it.

    Args:
        text: What stands in the answer.
        form: ``date``, ``date-time`` or ``time``.
        node: The schema's place; its description may say which comes first, day or month.
        lenient: Take day first and the nearest century where the text leaves it open.
    """
    clean = " ".join(unicodedata.normalize("NFC", text).replace("\u202f", " ").split())
    nothing = Refused("not-a-date", f"Should be a complete {form}, written {_SPELLINGS[form]}")
    if not clean or len(clean) > _LONGEST:
        return nothing
    if form == "time":
        moment = _time(clean)
        held = _held(moment) if moment else ""
        return Fitted(held, "date-from-text" if held == moment else "digits-cut") if held else nothing
    for day_part, time_part in _splits(clean):
        days = _days(day_part, _order(node))
        moment = _time(time_part) if time_part else ""
        if days.readings and moment is not None:
            return _decide(days, moment, form, lenient=lenient)
    return nothing


def possible_dates(text: str, told: str = "") -> tuple[str, ...]:
    """List the days, in ISO form, that a text may mean: likelier first, none where it is no date.

    Args:
        text: A date as documents write it.
        told: Words that may say which comes first, day or month, such as a field's description.
    """
    clean = " ".join(unicodedata.normalize("NFC", text).split())
    days = _days(clean, _order({"description": told})) if len(clean) <= _LONGEST else _Days()
    return tuple(dict.fromkeys(_iso_readings(days)))


def _iso_readings(days: _Days) -> Iterator[str]:
    yield from (day.isoformat() for day in days.readings)
    if days.short_year:
        for day in days.readings:
            other = _day(day.year + (100 if day.year < 2000 else -100), day.month, day.day)  # noqa: PLR2004 - a century
            if other:
                yield other.isoformat()


# The form, never an example: a small model that is asked again copies examples.
_SPELLINGS = {"date": "YYYY-MM-DD", "date-time": "YYYY-MM-DDTHH:MM:SS", "time": "HH:MM:SS"}
MOMENTS = frozenset(_SPELLINGS)
"""The formats of JSON Schema that are read here."""


def _decide(days: _Days, moment: str, form: str, *, lenient: bool) -> Outcome:
    open_ended = len(set(days.readings)) > 1 or days.short_year
    if open_ended and not lenient:
        what = "the century is open" if days.short_year else "day and month may be swapped"
        offered = " or ".join(dict.fromkeys(_iso_readings(days)))
        return Refused("ambiguous-date", f"Should be an ISO {form}, {offered}: {what}")
    day = days.readings[0].isoformat()
    kind = "date-guessed" if open_ended else "date-from-text"
    if form == "date-time":
        held = _held(moment or "00:00:00")
        less = "" if held == moment else "digits-cut" if moment else "midnight"
        return Fitted(f"{day}T{held}", less or kind if kind == "date-from-text" else kind)
    if moment and not re.match(r"00:00(?::00)?(?:[.,]0+)?(?:Z|\+00:00)?\Z", moment):
        if not lenient:
            return Refused("lossy-date", "Should be a date without a time of day")
        kind = "date-cut"
    return Fitted(day, kind)


def _splits(text: str) -> Iterator[tuple[str, str]]:
    """Yield the ways to cut a text into a day and a time: no time first, then each gap from the left."""
    yield text, ""
    for gap in re.finditer(r",?\s+(?:(?:um|at|à|a las|alle)\s+)?|(?<=\d)[Tt](?=\d)|\s*[,;]\s*", text):
        if gap.start() > 0 and gap.end() < len(text):
            yield text[: gap.start()], text[gap.end() :]


def _time(text: str) -> str | None:
    found = _TIME.match(text)
    if not found or (found["minute"] is None and not found["half"] and not found["clock"]):
        return None
    if found["dot"] and not (found["clock"] or found["half"]):
        return None
    hour, minute = int(found["hour"]), int(found["minute"] or 0)
    if found["half"]:
        if not 1 <= hour <= _NOON:
            return None
        hour = hour % _NOON + (_NOON if found["half"][0] in "pP" else 0)
    if hour > 23 or minute > 59 or int(found["second"] or 0) > 59:  # noqa: PLR2004 - the clock
        return None
    part = (found["part"] or "").replace(",", ".")
    seconds = f":{found['second']}{part}" if found["second"] else ":00"
    zone = found["zone"] or ""
    if zone.upper() in ("Z", "UTC", "GMT"):
        zone = "Z"
    elif zone and ":" not in zone:
        zone = f"{zone[:3]}:{zone[3:]}"
    return f"{hour:02}:{minute:02}{seconds}{zone}"


def _held(moment: str) -> str:
    """As much of a time as a type can hold."""
    return re.sub(r"(\.\d{6})\d*[1-9]\d*", r"\1", moment)


def _days(text: str, order: str) -> _Days:
    plain = text.strip(" ,.")
    told = _TOLD.fullmatch(plain)
    if told:
        named = date.fromisoformat(told[2]) if is_iso(told[2], "date") else None
        return _Days((named,)) if named and told[2] in possible_dates(told[1]) else _Days()
    found = _CJK.fullmatch(plain) or _COMPACT.fullmatch(plain)
    if found:
        day = _day(*(int(part) for part in found.groups()))
        return _Days((day,)) if day else _Days()
    words = _words(plain)
    found = _NUMERIC.fullmatch(" ".join(words))
    if found:
        return _numeric(found[1], found[3], found[4], dotted=found[2] == ".", order=order)
    return _named(words)


def _numeric(first: str, second: str, third: str, *, dotted: bool, order: str) -> _Days:
    if len(first) == _YEAR_DIGITS:
        day = _day(int(first), int(second), int(third)) if len(third) <= 2 else None  # noqa: PLR2004 - digits of a day
        return _Days((day,)) if day else _Days()
    if len(first) > 2 or len(third) not in (2, 4):  # noqa: PLR2004 - digits of a day, of a year
        return _Days()
    year = _year(third)
    day_first, month_first = _day(year, int(second), int(first)), _day(year, int(first), int(second))
    # Dots are written where the day comes first; with slashes and dashes only the schema can tell.
    wanted = (
        (day_first,) if dotted or order == "day" else (month_first,) if order == "month" else (day_first, month_first)
    )
    return _Days(tuple(day for day in wanted if day), short_year=len(third) == 2)  # noqa: PLR2004 - digits of a year


def _named(words: list[str]) -> _Days:
    parts = [
        part for word in words for part in re.findall(r"\d+|[^\W\d_]+|'", word) if part.casefold() not in _ORDINALS
    ]
    months = [month for month in (_month(part) for part in parts) if month]
    numbers = [part for part in parts if part.isdigit()]
    if len(months) != 1 or len(numbers) != 2 or len(parts) - parts.count("'") != 3:  # noqa: PLR2004 - day and year
        return _Days()
    if len(numbers[0]) == _YEAR_DIGITS:
        numbers.reverse()
    if len(numbers[0]) > 2 or len(numbers[1]) not in (2, 4):  # noqa: PLR2004 - digits of a day, of a year
        return _Days()
    day = _day(_year(numbers[1]), months[0], int(numbers[0]))
    return _Days((day,), short_year=len(numbers[1]) == 2) if day else _Days()  # noqa: PLR2004 - digits of a year


_ORDINALS = frozenset({"st", "nd", "rd", "th", "er", "ère", "º", "ª", "e"})


def _words(text: str) -> list[str]:
    return [word for word in text.split() if _bare(word) not in _SKIPPED]


def _bare(text: str) -> str:
    parts = unicodedata.normalize("NFKD", text.casefold().strip(".,"))
    return "".join(char for char in parts if not unicodedata.combining(char))


_SKIPPED = frozenset(_bare(word) for word in f"{_WEEKDAYS} {_FILLERS}".split())
_MONTH_NAMES = {_bare(name): number for number, row in enumerate(_MONTHS, 1) for name in row.split()}


def _month(text: str) -> int | None:
    name = _bare(text)
    if name in _MONTH_NAMES:
        return _MONTH_NAMES[name]
    if len(name) < 3:  # noqa: PLR2004 - the shortest abbreviation in use
        return None
    hits = {number for full, number in _MONTH_NAMES.items() if full.startswith(name)}
    return hits.pop() if len(hits) == 1 else None


def _order(node: Mapping[str, Any]) -> str:
    told = f"{node.get('description', '')} {node.get('title', '')}"
    day, month = bool(_DAY_FIRST.search(told)), bool(_MONTH_FIRST.search(told))
    return "" if day == month else "day" if day else "month"


def _year(digits: str) -> int:
    year = int(digits)
    if len(digits) == _YEAR_DIGITS:
        return year
    return year + (2000 if year < _CENTURY_PIVOT else 1900)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
