"""Which number does a text of a document name? Text in, the possible readings out."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from math import isfinite
from typing import TYPE_CHECKING, Any

from extract.schema.coerce._kinds import Fitted, Outcome, Refused
from extract.schema.coerce._unit import CURRENCIES, PERCENT, Asked, asked_unit, units_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from extract.typing import JSON

__all__ = ["fit_decimal_text", "fit_number", "is_decimal_pattern"]

_PLAIN = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?\Z", re.ASCII)
_DRESSED = re.compile(
    r"(?P<open>\()?(?P<sign>[+-])?\s*(?P<before>[^\W\d_]{1,4}\.?\$?|[^\w\s\d.,'+\-()]{1,3})?\s*(?P<inner>[+-])?\s*"
    r"(?P<body>[.,]?\d[\d.,'_ ]*)(?P<after>[^\d(),+\-]*)(?P<trailing>-)?(?P<close>\))?\Z"
)
_SCALES = {
    "k": 3, "thousand": 3, "tsd": 3, "tsd.": 3, "tausend": 3, "mille": 3, "million": 6, "millions": 6, "mio": 6,
    "mio.": 6, "mn": 6, "mln": 6, "mln.": 6, "mill.": 6, "millionen": 6, "millones": 6, "milioni": 6, "milhões": 6,
    "млн": 6, "млн.": 6, "mil": 3, "tys": 3, "tys.": 3, "тыс": 3, "тыс.": 3, "mld": 9, "mld.": 9, "млрд": 9,
    "mrd": 9, "mrd.": 9, "milliarde": 9, "milliarden": 9, "milliard": 9,
}  # fmt: skip
# What stands behind a number and makes another one of it.
_CHANGING_WORDS = (
    "cr cr. dr dr. credit debit crore crores lakh lakhs lac lacs dozen dozens dutzend douzaine docena hundred hundert "
    "cent cents cien bn billion billions billionen tn trillion trillions trillionen score gross minus negative negativ "
    "approx approx. ca ca. circa or oder ou to bis less more plus half"
)
_CHANGING = frozenset(_CHANGING_WORDS.split())
# Million, billion, trillion, or a unit: not to be left out where the schema does not mention it.
_CAPITALS = frozenset("MBTGP")
_SPACES = re.compile(r"[\u00a0\u2000-\u200a\u202f\u205f]")
_SIGNS = str.maketrans(
    {
        "−": "-", "‒": "-", "–": "-", "﹣": "-", "－": "-", "’": "'", "‘": "'", "´": "'", "＇": "'",
        "．": ".", "，": ",", "％": "%", "＋": "+", "٫": ".", "٬": "'", "٪": "%",
    }
)  # fmt: skip
_GROUPED = r"\d{{1,3}}(?:{sep}\d{{3}})+"
_INDIAN = r"\d{1,2}(?:,\d{2})+,\d{3}"
_LONGEST = 80
_GROUP = 3
_FEW = 3
_PROBES = ("12", "1.5", "-3"), ("a", "12a", "1-1", "", "12:30")


@dataclass(frozen=True, slots=True)
class _Reading:
    """What a text may mean.

    Args:
        values: The possible numbers, best first.
        plain: The text is a JSON number; then the first value is what it says, fitting or not.
        scale: Power of ten named by a scale word.
        unit: What stands behind the number and is neither currency nor percent.
        separator: The separator used, where it may mean two things.
        percent: It was written with a percent sign.
        units: What it is in, as far as that is said in a word that is known; one of them.
    """

    values: tuple[Decimal, ...]
    plain: bool = False
    scale: int = 0
    unit: str = ""
    separator: str = ""
    percent: bool = False
    units: frozenset[str] = frozenset()


def fit_number(text: str, node: Mapping[str, Any], *, lenient: bool) -> Outcome:
    """Read a number as JSON or documents write it: grouped, decimal comma, currency, percent, brackets for minus.

    Refused: fractions, ranges, estimates, scale words, units that the schema does not mention, separators
    that may mean two things, and whatever would lose digits.
    """
    found = _read(text)
    if found is None:
        return Refused("not-a-number", f"Should be {_a(node)}, written as a number")
    kind = "number-from-text" if found.plain else "number-from-document-text"
    decided = _decide(found, node, kind, lenient=lenient)
    if isinstance(decided, Refused):
        return decided
    value, kind = decided
    number = _json_number(value, integer=node.get("type") == "integer")
    if number is None:
        return Refused("lossy-number", f"Should be {_a(node)}; rounding would lose digits")
    return Fitted(number, kind)


def fit_decimal_text(text: str, node: Mapping[str, Any], *, lenient: bool) -> Outcome:
    """Read a number where the schema declares decimal text: every digit stays, in plain notation."""
    found = _read(text)
    if found is None:
        return Refused("not-a-number", "Should be a decimal number")
    decided = _decide(found, node, "decimal-text", lenient=lenient)
    if isinstance(decided, Refused):
        return decided
    value, kind = decided
    return Fitted(format(value, "f"), kind)


def is_decimal_pattern(pattern: object) -> bool:
    """Say whether a schema's ``pattern`` stands for a decimal number written as text."""
    if not isinstance(pattern, str):
        return False
    try:
        test = re.compile(pattern)
    except re.error:
        return False
    yes, no = _PROBES
    return all(test.search(probe) for probe in yes[:2]) and not any(test.search(probe) for probe in no)


def _decide(found: _Reading, node: Mapping[str, Any], kind: str, *, lenient: bool) -> tuple[Decimal, str] | Refused:
    if found.scale and not lenient:
        return Refused("scaled-number", f"Should be {_a(node)} with all its digits, without a scale word")
    other = _other_unit(found, node)
    if other is not None:
        return other
    wanted = not found.unit or _mentions(node, found.unit) or not found.units.isdisjoint(asked_unit(node).own)
    if not wanted and not lenient:
        return Refused("unit-in-number", f"Should be {_a(node)} without a unit")
    first = found.values[0]
    if found.percent and node.get("maximum", node.get("exclusiveMaximum", 2)) <= 1 and _allowed(first, node):
        return Refused("ambiguous-number", f"Should be {_a(node)}: percent, or the hundredth part of it")
    if found.plain and len(found.values) > 1 and node.get("type") == "integer" and first == first.to_integral_value():
        # Nobody writes three decimals of a whole number: "1.000" may be a thousand.
        return (found.values[1], "number-guessed") if lenient else _two_readings(node)
    fitting = [value for value in found.values if _allowed(value, node)]
    if found.plain and not lenient:
        fitting = [value for value in found.values[:1] if value in fitting]
    point = _decimal_mark(node) if len(found.values) > 1 else None
    if point is not None:
        pick = min if point == found.separator else max
        fitting = [value for value in [pick(found.values, key=abs)] if _allowed(value, node)]
    if not fitting:
        # Bounds are the validator's business: the reading stands, and the validator says what is wrong with it.
        whole = node.get("type") != "integer" or first == first.to_integral_value()
        if len(found.values) == 1 and whole:
            return first, kind
        return Refused("lossy-number", f"Should be {_a(node)}; rounding would lose digits")
    if len(fitting) > 1 and not found.plain and not lenient:
        return _two_readings(node)
    if found.scale:
        return _shifted(fitting[0], found.scale), "number-scaled"
    if not wanted and found.unit in _CAPITALS:
        return Refused("scaled-number", f"Should be {_a(node)} with all its digits, without a scale word")
    if not wanted:
        return fitting[0], "unit-dropped"
    guessed = point is None and ((found.plain and fitting[0] != first) or (not found.plain and len(fitting) > 1))
    return fitting[0], "number-guessed" if guessed else kind


def _other_unit(found: _Reading, node: Mapping[str, Any]) -> Refused | None:
    """Refuse what is in another unit than the one that the schema names."""
    asked = asked_unit(node) if found.units else Asked()
    named = found.unit and _mentions(node, found.unit) and not found.units <= asked.others
    if named or not asked.contradicts(found.units):
        return None
    told = f" in {' or '.join(sorted(asked.own))}" if 0 < len(asked.own) <= _FEW else ""
    return Refused("other-unit", f"Should be {_a(node)}{told}; this one is in another unit")


def _two_readings(node: Mapping[str, Any]) -> Refused:
    return Refused("ambiguous-number", f"Should be {_a(node)}: the separator may group thousands or start decimals")


def _shifted(value: Decimal, places: int) -> Decimal:
    # Decimal's own arithmetic rounds to 28 digits.
    sign, digits, exponent = value.as_tuple()
    return Decimal((sign, digits, int(exponent) + places))


def _decimal_mark(node: Mapping[str, Any]) -> str | None:
    """The decimal mark that the schema's own words name."""
    told = f"{node.get('description', '')} {node.get('title', '')}".casefold()
    comma = re.search(r"decimal comma|comma as (?:the )?decimal|dezimalkomma", told) is not None
    point = re.search(r"decimal (?:point|dot)|(?:point|dot) as (?:the )?decimal|dezimalpunkt", told) is not None
    return None if comma == point else "," if comma else "."


def _read(text: str) -> _Reading | None:
    clean = _SPACES.sub(" ", text.translate(_SIGNS)).strip()
    clean = "".join(_ascii_digit(char) for char in clean) if not clean.isascii() else clean
    if not clean or len(clean) > _LONGEST:
        return None
    if _PLAIN.match(clean):
        values = [Decimal(clean)]
        values.extend(value for value in _bodies(clean.lstrip("+-")) if clean[0] not in "+-" and value not in values)
        return _Reading(tuple(values), plain=True, separator=".")
    return _undress(clean)


def _ascii_digit(char: str) -> str:
    # Only decimal digits: a superscript 2 is no digit of the number it stands beside.
    digit = unicodedata.decimal(char, None)
    return char if digit is None else str(digit)


def _undress(clean: str) -> _Reading | None:
    found = _DRESSED.match(clean)
    if not found or bool(found["open"]) != bool(found["close"]):
        return None
    body, trailing = found["body"].rstrip(" "), found["trailing"]
    if trailing and body[-1:] in ",.":
        # "12,-" is how amounts without cents are written.
        trailing = None
    signs = [sign for sign in (found["sign"], found["inner"], trailing, "-" if found["open"] else None) if sign]
    before, after = (found["before"] or "").casefold(), found["after"].strip().casefold()
    if len(signs) > 1 or (before and before not in CURRENCIES):
        return None
    if after not in PERCENT and (any(map(_is_part, after)) or not _CHANGING.isdisjoint(after.split())):
        return None
    values = tuple(value.copy_negate() if signs == ["-"] else value for value in _bodies(body))
    if not values:
        return None
    scale, unit = _SCALES.get(after, 0), ""
    head, _, tail = after.partition(" ")
    if tail in CURRENCIES and head in _SCALES:
        scale = _SCALES[head]
    elif not scale and after and after not in PERCENT and after not in CURRENCIES:
        unit = after
    units = _common(units_of(before), units_of(unit or tail or after))
    if units is None:
        return None
    if unit and not re.fullmatch(r"[^\W\d_][\w ./²³]{0,15}|°[cfk]?|[\"″′]", unit):
        return None
    separator = "," if "," in body else "."
    return _Reading(
        values,
        scale=scale,
        unit=found["after"].strip() if found["after"].strip() in _CAPITALS else unit,
        separator=separator,
        percent=after in PERCENT,
        units=units,
    )


def _is_part(char: str) -> bool:
    # "12½" is no 12 of the unit ½; a superscript belongs to its unit.
    return char not in "²³" and char.isnumeric() and not char.isdigit()


def _common(one: frozenset[str], other: frozenset[str]) -> frozenset[str] | None:
    """The units that two words may both mean; None where they contradict each other."""
    return (one & other or None) if one and other else one | other


def _bodies(body: str) -> Iterator[Decimal]:
    """Yield what digits with separators may mean, best first."""
    for sep in " '_":
        if sep in body:
            if re.fullmatch(_GROUPED.format(sep=sep) + r"(?:[.,]\d+)?", body):
                yield Decimal(body.replace(sep, "").replace(",", "."))
            return
    if "," in body and "." in body:
        group, point = (",", ".") if body.rindex(".") > body.rindex(",") else (".", ",")
        grouped = _GROUPED.format(sep=re.escape(group))
        if re.fullmatch(rf"(?:{grouped}|{_INDIAN if group == ',' else grouped}){re.escape(point)}\d*", body):
            yield Decimal(body.replace(group, "").replace(point, "."))
        return
    yield from _one_separator(body)


def _one_separator(body: str) -> Iterator[Decimal]:
    sep = "," if "," in body else "."
    left, found, right = body.partition(sep)
    if sep in right:
        if re.fullmatch(_GROUPED.format(sep=re.escape(sep)), body) or (sep == "," and re.fullmatch(_INDIAN, body)):
            yield Decimal(body.replace(sep, ""))
        return
    if found and len(right) == _GROUP and 1 <= len(left) <= _GROUP and left[0] != "0":
        yield Decimal(left + right)
    try:
        yield Decimal(f"{left or '0'}.{right}" if right else left)
    except InvalidOperation:
        return


def _allowed(value: Decimal, node: Mapping[str, Any]) -> bool:
    if node.get("type") == "integer" and value != value.to_integral_value():
        return False
    step = node.get("multipleOf")
    if step and Fraction(value) % Fraction(str(step)) != 0:
        return False
    return bool(node.get("minimum", value) <= value <= node.get("maximum", value))


def _json_number(value: Decimal, *, integer: bool) -> JSON:
    """The JSON number that is exactly this value, or None where there is none."""
    if integer:
        return int(value) if value == value.to_integral_value() else None
    number = float(value)
    if not isfinite(number) or Decimal(repr(number)) != value:
        return None
    exponent = value.as_tuple().exponent
    return int(value) if isinstance(exponent, int) and exponent >= 0 else number


def _mentions(node: Mapping[str, Any], unit: str) -> bool:
    told = f"{node.get('description', '')} {node.get('title', '')}".casefold()
    return re.search(rf"(?<!\w){re.escape(unit.casefold())}(?!\w)", told) is not None


def _a(node: Mapping[str, Any]) -> str:
    return "an integer" if node.get("type") == "integer" else "a number"
