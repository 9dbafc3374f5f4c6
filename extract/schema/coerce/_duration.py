"""How long does a text of a document last? Text in; an ISO duration of days and seconds, or a refusal, out."""

from __future__ import annotations

import re
from fractions import Fraction

from extract.schema.coerce._kinds import Fitted, Outcome, Refused

__all__ = ["fit_duration", "is_certain", "iso_duration"]

_N = r"(\d+(?:[.,]\d+)?)"
_ISO = re.compile(
    rf"([+-])?P(?:{_N}Y)?(?:{_N}M)?(?:{_N}W)?(?:{_N}D)?(?:T(?=\d)(?:{_N}H)?(?:{_N}M)?(?:{_N}S)?)?(?<=[YMWDHS])\Z",
    re.IGNORECASE,
)
_CLOCK = re.compile(
    r"([+-])?(?:(\d+)\s*d(?:ays?)?,?\s*)?(?:(\d+):([0-5]\d)(?::([0-5]\d(?:[.,]\d+)?))?)?\Z", re.IGNORECASE
)
_UNITS = (
    "years?|yrs?|y|jahre?",
    "months?|mos?|monate?",
    "weeks?|wks?|w|wochen?",
    "days?|d|tage?",
    "hours?|hrs?|h|stunden?|std",
    "minutes?|mins?|minuten?|m",
    "seconds?|secs?|s|sekunden?|sek",
)
_THEN = r"(?:\s*(?:,|and|und)?\s*)"
# "1 hour and 30 minutes", "1h 30m".
_WORDS = re.compile(
    "([+-])?" + "".join(rf"(?:{_N}\s?(?:{unit})(?![^\W\d_])\.?{_THEN})?" for unit in _UNITS) + r"\Z", re.IGNORECASE
)
_LONE_M = re.compile(r"[+-]?[\d.,]+\s?m\Z", re.IGNORECASE)
_DAY, _HOUR, _MINUTE = 86_400, 3_600, 60
_SECONDS = (365 * _DAY, 30 * _DAY, 7 * _DAY, _DAY, _HOUR, _MINUTE, 1)
_MICRO = 10**6


def is_certain(text: str) -> bool:
    """Say whether a text is an ISO duration without months and years, and with nothing below the microsecond."""
    found = _ISO.match(text)
    if not found or _number(found[2]) or _number(found[3]):
        return False
    return (_seconds(found) * _MICRO).denominator == 1


def fit_duration(text: str, *, lenient: bool) -> Outcome:
    """Read a duration as ISO, a clock or words write it.

    Args:
        text: What stands in the answer.
        lenient: Count 30 days for a month and 365 for a year, and take 10:20 for hours and minutes.
    """
    clean = text.strip()
    iso, clock = _ISO.match(clean), _CLOCK.match(clean) if clean else None
    spelled = iso or (_WORDS.match(clean) if clean[-1:].isalpha() or clean[-1:] == "." else None)
    if spelled and not _LONE_M.match(clean):
        certain, seconds = not (_number(spelled[2]) or _number(spelled[3])), _seconds(spelled)
        kind = "trimmed" if iso else "duration-from-text"
    elif clock and (clock[2] or clock[3]):
        certain, seconds, kind = clock[3] is None or clock[5] is not None, _told(clock), "duration-from-text"
    else:
        return Refused("not-a-duration", "Should be an ISO duration of days, hours, minutes and seconds")
    if not certain and not lenient:
        what = "months and years differ in length" if spelled else "hours and minutes, or minutes and seconds"
        return Refused("ambiguous-duration", f"Should be an ISO duration of days, hours, minutes and seconds: {what}")
    micros = seconds * _MICRO
    if micros.denominator != 1:
        kind = "digits-cut"
    written = clean if kind == "trimmed" and certain else iso_duration(int(micros))
    return Fitted(written, kind if certain else "duration-guessed")


def iso_duration(micros: int) -> str:
    """Write microseconds as an ISO duration of days, hours, minutes and seconds."""
    rest, part = divmod(abs(micros), _MICRO)
    days, rest = divmod(rest, _DAY)
    hours, rest = divmod(rest, _HOUR)
    minutes, seconds = divmod(rest, _MINUTE)
    second = f"{seconds}.{part:06}".rstrip("0") if part else str(seconds)
    clock = "".join(f"{n}{unit}" for n, unit in ((hours, "H"), (minutes, "M"), (second, "S")) if n not in (0, "0"))
    day = f"{days}D" if days else ""
    return f"{'-' if micros < 0 else ''}P{day}{'T' + clock if clock else ''}" if day or clock else "PT0S"


def _seconds(found: re.Match[str]) -> Fraction:
    total = sum((_number(each) * unit for each, unit in zip(found.groups()[1:], _SECONDS, strict=True)), Fraction(0))
    return -total if found[1] == "-" else total


def _told(found: re.Match[str]) -> Fraction:
    units = zip(found.groups()[1:], _SECONDS[3:], strict=True)
    total = sum((_number(each) * unit for each, unit in units), Fraction(0))
    return -total if found[1] == "-" else total


def _number(text: str | None) -> Fraction:
    return Fraction(text.replace(",", ".")) if text else Fraction(0)
