"""A wire schema in, the same one as a grammar can hold it out: dates, times and amounts become patterns."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["AMOUNT", "ISO", "SIGNED", "WRITTEN", "Place", "spelled", "written"]

_DECIMAL_COMMA = re.compile(r"(?<![\d,])\d{1,3}(?:[. ']\d{3})*,\d{2}(?![\d,])|(?<![\d.,])\d{4,},\d{2}(?![\d,])")
_DECIMAL_TEXT = r"^-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?$"

_FIGURES = re.compile(r"(?<![\d-])\d{1,2}[-/.] ?\d{1,2}[-/.] ?\d{2,4}")
_IN_FIGURES = r"|[0-9]{1,2}[-/.] ?[0-9]{1,2}[-/.] ?([0-9]{4}|[0-9]{2})"
_MONTHS = (
    "jan jän ene gen feb fév fev mar mär maa apr avr abr may mai mei mag jun jui giu jul lug aug aoû ago sep set oct "
    "okt ott out nov dec déc dez dic"
)
_BEGINNINGS = "|".join(each for name in _MONTHS.split() for each in (name, name.capitalize(), name.upper()))
_MONTH_NAME = rf"({_BEGINNINGS})[A-ZÀ-Ýa-zß-ÿ]{{0,7}}\.?"
_WRITTEN_DATE = (
    r"([0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}|[0-9]{8}|[0-9]{1,2}[-/.] ?[0-9]{1,2}[-/.] ?([0-9]{4}|[0-9]{2})"
    r"|[0-9]{4}年[0-9]{1,2}月[0-9]{1,2}日"
    rf"|([A-Za-zß-ÿ]{{2,10}}\.?,? )?([0-9]{{1,2}}(\.|st|nd|rd|th|er)?( of | de |[ -])?{_MONTH_NAME}( de |,? |-)"
    rf"|{_MONTH_NAME} [0-9]{{1,2}}(st|nd|rd|th)?,? )([0-9]{{4}}|[0-9]{{2}}))"
)
_WRITTEN_TIME = (
    r"([0-9]{1,2}:[0-9]{2}(:[0-9]{2})?( ?([AaPp]\.?[Mm]\.?|Uhr|h))?|[0-9]{1,2} ?([AaPp]\.?[Mm]\.?|Uhr|h)"
    r"|[0-9]{1,2}(\.[0-9]{2} ?(Uhr|h|[AaPp]\.?[Mm]\.?)|h[0-9]{2}))"
)
_ISO_DATE = r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_ISO_TIME = r"([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?"
_ZONE = r"(Z|[+-][0-9]{2}:[0-9]{2})?"

# The server's own rules for the last two demand a zone, and a model then makes one up.
ISO: Mapping[str, str] = {
    "date": _ISO_DATE,
    "time": _ISO_TIME + _ZONE,
    "date-time": f"{_ISO_DATE}T{_ISO_TIME}{_ZONE}",
}
"""Forms that the check takes as they are."""

WRITTEN: Mapping[str, str] = {
    "date": _WRITTEN_DATE,
    "time": _WRITTEN_TIME,
    "date-time": f"{_WRITTEN_DATE}((T|,? | at | um ){_WRITTEN_TIME}{_ZONE})?",
}
"""Forms that documents use and the check reads, on record. A date ends before the time that follows it."""


AMOUNT: Mapping[str, str] = {"number": r"-?([0-9]{1,3}([. '][0-9]{3}){1,3}|[0-9]{1,12})([,.][0-9]{1,4})?-?"}
"""For documents that write 1.234,56: forced to write JSON numbers, small models lose the comma and run on in digits."""

SIGNED: Mapping[str, str] = {"decimal": r"[€£$]?-?([0-9]{1,3}(,[0-9]{3}){1,3}|[0-9]{1,12})(\.[0-9]{1,4})?"}
"""For documents that write £1,234.56: where the sign may not be written, small models say null instead.

Decimals only: other numbers, such as a rating, come without a sign, and better as JSON numbers."""

_SIGNED = re.compile(r"[€£$]\d")


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a schema something is asked for: the name and the description around it, and whether null will do."""

    name: str = ""
    told: str = ""
    optional: bool = False


_ANYWHERE = Place()
_WORDS_OF_PLAIN_TEXT = frozenset({"type", "description", "title", "default"})


def written(documents: str) -> Mapping[str, str]:
    """Choose the forms for documents: amounts with signs or commas, and days in bare figures, only where they stand.

    Where a document writes 2026-07-10 or 10 July 2026, a small model otherwise makes 10/07/2026 of it.
    """
    forms = WRITTEN
    if not _FIGURES.search(documents):
        forms = {form: pattern.replace(_IN_FIGURES, "") for form, pattern in WRITTEN.items()}
    if _DECIMAL_COMMA.search(documents):
        return {**forms, **AMOUNT}
    return {**forms, **SIGNED} if _SIGNED.search(documents) else forms


def spelled(schema: Any, forms_of: Callable[[Place], Mapping[str, str]], place: Place = _ANYWHERE) -> Any:
    """Replace every ``format``, and number, that has a pattern by text of that pattern, anywhere in a schema.

    Args:
        schema: Any part of a wire schema.
        forms_of: The patterns by the name of the form, for a place; ``text`` is the one of plain text, and empty where
            the documents have nothing that could stand there.
        place: What is known about the place around.
    """
    if isinstance(schema, list):
        return [spelled(each, forms_of, place) for each in schema]
    if not isinstance(schema, Mapping):
        return schema
    place = _within(schema, place)
    found = {
        key: {name: spelled(each, forms_of, Place(name, place.told)) for name, each in value.items()}
        if key == "properties"
        else spelled(value, forms_of, place)
        for key, value in schema.items()
    }
    if found.get("type") == "string" and not found.keys() - _WORDS_OF_PLAIN_TEXT:
        return _plain_text(found, forms_of(place), place)
    if found.get("type") != "number" and not {"format", "pattern"} & found.keys():
        return found
    forms = forms_of(place)
    if "decimal" in forms and found.get("pattern") == _DECIMAL_TEXT:
        return {"type": "string", "pattern": f"^{forms['decimal']}$"}
    if "number" in forms and (found.get("type") == "number" or found.get("pattern") == _DECIMAL_TEXT):
        return {"type": "string", "pattern": f"^{forms['number']}$"}
    form = found.get("format")
    if isinstance(form, str) and form in forms:
        del found["format"]
        found["pattern"] = f"^{forms[form]}$"
    return found


def _within(schema: Mapping[str, Any], place: Place) -> Place:
    told = schema["description"] if isinstance(schema.get("description"), str) else place.told
    optional = place.optional or any(branch == {"type": "null"} for branch in schema.get("anyOf", ()))
    return Place(place.name, told, optional)


def _plain_text(schema: dict[str, Any], forms: Mapping[str, str], place: Place) -> dict[str, Any]:
    pattern = forms.get("text")
    if pattern:
        return {**schema, "pattern": f"^{pattern}$"}
    return {"type": "null"} if pattern == "" and place.optional else schema
