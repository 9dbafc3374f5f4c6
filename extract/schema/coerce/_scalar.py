"""How does a scalar become the declared scalar? One value and its place in, a fitted value or a refusal out."""

from __future__ import annotations

from decimal import Decimal
from math import isfinite
from typing import TYPE_CHECKING, Any

from extract.schema.coerce._date import MOMENTS, fit_date
from extract.schema.coerce._duration import fit_duration
from extract.schema.coerce._kinds import Fitted, Outcome, Refused
from extract.schema.coerce._number import fit_decimal_text, fit_number, is_decimal_pattern
from extract.schema.coerce._spelled import Spelled
from extract.schema.coerce._word import EXACT, fit_boolean, fit_member, is_null_word

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from extract.typing import JSON

__all__ = ["fit_scalar"]

_SURE_DIGITS = 15
"""Digits of a decimal number that come back from a float as they were written (IEEE 754's DBL_DIG)."""


def fit_scalar(value: JSON, node: Mapping[str, Any], kind: str | None, *, lenient: bool) -> Outcome:
    """Fit one scalar (or a misplaced container) to a place that declares a scalar.

    Args:
        value: What stands in the answer; it does not match as it is.
        node: The resolved place.
        kind: Its declared type, None where only ``enum`` or ``const`` is given.
        lenient: Take the single best reading where careful asks.
    """
    if "enum" in node or "const" in node:
        return fit_member(value, node, lenient=lenient)
    fit = _FITTERS.get(kind or "")
    return fit(value, node, lenient) if fit else _wrong(kind or "another value")


def _fit_integer(value: JSON, node: Mapping[str, Any], lenient: bool) -> Outcome:  # noqa: FBT001 - one shape for a table
    if isinstance(value, float):
        if value.is_integer() and abs(value) < EXACT:
            return Fitted(int(value), "integer-from-number")
        return Refused("lossy-number", "Should be an integer; rounding would lose digits")
    return _fit_number(value, node, lenient)


def _fit_number(value: JSON, node: Mapping[str, Any], lenient: bool) -> Outcome:  # noqa: FBT001
    if isinstance(value, str):
        return fit_number(value, node, lenient=lenient)
    return _wrong("an integer" if node.get("type") == "integer" else "a number")


def _fit_boolean(value: JSON, _: Mapping[str, Any], lenient: bool) -> Outcome:  # noqa: ARG001, FBT001
    return fit_boolean(value) if isinstance(value, (str, int, float)) else _wrong("true or false")


def _fit_null(value: JSON, _: Mapping[str, Any], lenient: bool) -> Outcome:  # noqa: ARG001, FBT001
    if isinstance(value, str) and is_null_word(value):
        return Fitted(None, "null-from-text")
    return _wrong("null")


def _fit_string(value: JSON, node: Mapping[str, Any], lenient: bool) -> Outcome:  # noqa: FBT001
    if isinstance(value, bool):
        return Fitted("true" if value else "false", "text-from-boolean")
    if isinstance(value, (int, float)):
        if isinstance(value, float) and not isfinite(value):
            # What was too large for a float has lost what it was.
            return _wrong("a text")
        text = value.text if isinstance(value, Spelled) else str(value)
        plain = isinstance(value, float) and not isinstance(value, Spelled)
        if is_decimal_pattern(node.get("pattern")):
            if plain and len(text.partition("e")[0].strip("-0").replace(".", "")) > _SURE_DIGITS:
                return Refused("lossy-number", "Should be text with all its digits; a number may have lost some")
            return Fitted(format(Decimal(text), "f"), "text-from-number")
        form = node.get("format")
        if form in MOMENTS:
            # 20240229 is a day; any other number would count seconds, which nobody wrote.
            return fit_date(text, form, node, lenient=False)
        if plain and not lenient:
            return Refused("unspelled-number", "Should be text in quotes; a number does not keep how it is written")
        return Fitted(text, "text-from-number")
    if isinstance(value, str):
        return _fit_text(value, node, lenient)
    return _wrong("a text")


def _fit_text(value: str, node: Mapping[str, Any], lenient: bool) -> Outcome:  # noqa: FBT001
    form = node.get("format")
    if form in MOMENTS:
        return fit_date(value, form, node, lenient=lenient)
    if form == "duration":
        return fit_duration(value, lenient=lenient)
    if is_decimal_pattern(node.get("pattern")):
        return fit_decimal_text(value, node, lenient=lenient)
    # A pattern or length that is not met is the validator's to tell.
    return Fitted(value, "")


def _wrong(expected: str) -> Refused:
    return Refused("wrong-type", f"Should be {expected}")


_FITTERS: dict[str, Callable[[JSON, Mapping[str, Any], bool], Outcome]] = {
    "integer": _fit_integer,
    "number": _fit_number,
    "boolean": _fit_boolean,
    "null": _fit_null,
    "string": _fit_string,
}
