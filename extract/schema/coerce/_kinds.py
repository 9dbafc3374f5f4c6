"""Which liberties may be taken with a value, and which are refused: every kind, its price and a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    from extract.typing import JSON

__all__ = ["LIBERTIES", "REFUSALS", "Fitted", "Liberty", "Outcome", "Refused", "Strictness"]

Strictness = Literal["exact", "careful", "lenient"]
"""How far a value may be coerced: not at all; where one reading is possible; to the best reading."""


@dataclass(frozen=True, slots=True)
class Liberty:
    """One kind of change.

    Args:
        cost: How far it strays; an ``anyOf`` takes the branch whose liberties cost least.
        sentence: What it does, for people.
        lenient: True where only ``strictness="lenient"`` takes it.
    """

    cost: int
    sentence: str
    lenient: bool = False


@dataclass(frozen=True, slots=True)
class Fitted:
    """A value that fits now, and the liberty that was taken."""

    value: JSON
    kind: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a value was left as it is: a kind of ``REFUSALS`` and what is expected instead."""

    kind: str
    message: str


Outcome: TypeAlias = "Fitted | Refused"

LIBERTIES: Mapping[str, Liberty] = MappingProxyType(
    {
        "trimmed": Liberty(1, "White space around a text was removed, because the text fits only without it."),
        "number-from-text": Liberty(1, "A text that is a number as JSON writes it became that number."),
        "integer-from-number": Liberty(1, "A number without a fraction (3.0) became that integer."),
        "number-from-document-text": Liberty(
            2, "A number as documents write it (grouping, decimal comma, currency, percent) became that number."
        ),
        "text-from-number": Liberty(2, "A number stands as its exact text, because a text is declared."),
        "text-from-boolean": Liberty(3, "true or false stands as that word, because a text is declared."),
        "decimal-text": Liberty(2, "A number as documents write it became plain decimal text, digit for digit."),
        "boolean-from-text": Liberty(2, "A word for yes or no became true or false."),
        "boolean-from-number": Liberty(2, "1 or 0 became true or false."),
        "null-from-text": Liberty(3, 'A word for "no value" became null, because null is allowed and the text is not.'),
        "null-for-absent": Liberty(2, "A null stood for an optional key that may not be null; the key was left out."),
        "enum-spelling": Liberty(1, "A member was found in another case, accent or word separation."),
        "enum-label": Liberty(2, "A member was found by the label that the schema gives it."),
        "enum-noted": Liberty(3, "A member was followed by a remark; the member was taken."),
        "enum-near": Liberty(4, "A member was found one typing slip away, and no other is as near."),
        "enum-within": Liberty(6, "Exactly one member occurs as a word of the text.", lenient=True),
        "date-from-text": Liberty(2, "A date or time as documents write it became its ISO form."),
        "midnight": Liberty(3, "A day alone became its first moment, because a date and time are declared."),
        "digits-cut": Liberty(3, "Digits below the microsecond were cut off, because the type holds none."),
        "duration-from-text": Liberty(
            2, "A duration as clocks or words write it (1 day, 2:03:04; 1 h 30 min) became its ISO form."
        ),
        "duration-guessed": Liberty(
            6, "A month was counted as 30 days, a year as 365, or 10:20 as hours and minutes.", lenient=True
        ),
        "date-guessed": Liberty(6, "An ambiguous date was read day first, or in the nearest century.", lenient=True),
        "date-cut": Liberty(6, "The time of day was cut off, because a date is declared.", lenient=True),
        "number-guessed": Liberty(6, "An ambiguous separator was read as the grouping of thousands.", lenient=True),
        "number-scaled": Liberty(6, "A number with a scale word (12k, 3 Mio) was multiplied out.", lenient=True),
        "unit-dropped": Liberty(6, "A unit that the schema does not mention was left out.", lenient=True),
        "key-spelling": Liberty(1, "A key was found in another case, accent or word separation, or by its title."),
        "key-near": Liberty(4, "A key was found one typing slip away, and no other is as near."),
        "extra-key": Liberty(2, "A key that the schema does not know was set aside; its value is kept on record."),
        "duplicate-key": Liberty(
            2, "A key stood twice, in two spellings with the same value or in JSON text; one was set aside."
        ),
        "unwrapped": Liberty(3, "A wrapper around the value was opened."),
        "wrapped": Liberty(3, "The value was put under the only key that the declared object has."),
        "labelled": Liberty(0, "The label that tells the alternatives apart was put on the one that fits."),
        "one-item-list": Liberty(3, "A list with one item stands for that item."),
        "list-from-single": Liberty(3, "A single value became a list with one item."),
        "list-from-text": Liberty(4, "A text with separators became a list, because each of its parts fits."),
        "by-position": Liberty(6, "A list stood for an object; each item fits the key at its place.", lenient=True),
        "list-from-numbered-keys": Liberty(4, "An object with the keys 0, 1, 2 … became a list."),
        "entry-from-key": Liberty(2, "A key that stood beside the free entries of its object became one of them."),
        "entries-from-object": Liberty(2, "An object became a list of key and value entries."),
        "json-in-text": Liberty(2, "A text that holds JSON was parsed."),
        "null-as-empty-list": Liberty(6, "null became the empty list.", lenient=True),
        "branch-guessed": Liberty(6, "Several alternatives fit equally well; the first was taken.", lenient=True),
    }
)

REFUSALS: Mapping[str, str] = MappingProxyType(
    {
        "wrong-type": "The value is of another type and cannot be read as the declared one.",
        "not-a-number": "The text is no number: a fraction, a range, an estimate or words.",
        "lossy-number": "The value would lose digits: 2.9 is not 3.",
        "unspelled-number": "A text is declared, and a number does not keep how it was written: 1.10 is 1.1.",
        "ambiguous-number": "The separator may group thousands or start the decimals.",
        "scaled-number": "The number carries a scale word (k, Mio …).",
        "unit-in-number": "The number carries a unit that the schema does not mention.",
        "other-unit": "The number is in another unit than the one that the schema names.",
        "not-a-date": "The text is no complete date or time.",
        "lossy-date": "A date is declared and the text also holds a time of day.",
        "ambiguous-date": "Day and month may be swapped, or the century is open.",
        "not-a-duration": "The text is no duration.",
        "ambiguous-duration": "Months and years differ in length; 10:20 may be minutes and seconds.",
        "not-a-member": "The text is none of the permitted values and near to none.",
        "ambiguous-member": "The text is equally near to several permitted values.",
        "ambiguous-key": "Several keys of the answer may be the same property.",
        "ambiguous-branch": "Several alternatives fit equally well.",
        "ambiguous-list": "The text may be one item or several.",
        "no-branch": "None of the alternatives fits.",
        "too-deep": "The value is nested too deeply to be looked at.",
    }
)
