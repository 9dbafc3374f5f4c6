"""Documents in, whose a date is out: one that stands behind the words of another field is not asked for here."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["dates_of", "unclaimed", "words_of"]

STEM = 3
"""Letters that words with a common beginning share at least: pay and payable."""

LONGEST = 100
"""Letters before a date that are looked at."""

_WORD = re.compile(r"[A-Z]+(?![a-z])|[^\W\d_][^\W\d_A-Z]*")
_NOTHING_SAID = (
    "a an and any as at be by date day dated days for from give given has have if in is it last first no not null of "
    "on one or the this time to until was were what when which who whom with yyyy"
)
_SILENT = frozenset(_NOTHING_SAID.split())
_DATES = ("date", "date-time")


def words_of(text: str) -> frozenset[str]:
    """Take the words that tell one date from another, out of a field's name, a description or a label."""
    return frozenset(word.lower() for word in _WORD.findall(text) if len(word) >= STEM) - _SILENT


def dates_of(schema: Any) -> Mapping[str, frozenset[str]]:
    """Every date that a schema asks for outside of lists, and the words that stand for it."""
    return {name: words_of(f"{name} {told}") for name, told in _dates(schema)}


def unclaimed(
    documents: str, ends: Mapping[int, str], name: str, fields: Mapping[str, frozenset[str]]
) -> Sequence[int]:
    """Leave out the dates whose label has more words of another field; all stay where none would be left.

    Args:
        documents: Where the dates stand.
        ends: Where each of them ends, and its text.
        name: The field that is asked for.
        fields: The words of every field that asks for a date.
    """
    own = fields.get(name)
    others = [words for other, words in fields.items() if other != name]
    if own is None or not others:
        return list(ends)
    kept = []
    for end, text in ends.items():
        label = words_of(_label(documents, end - len(text)))
        if max(_alike(words - own, label) for words in others) <= _alike(own, label):
            kept.append(end)
    return kept or list(ends)


def _label(documents: str, start: int) -> str:
    """What stands before a date on its line, up to the gap before that; numbers end it."""
    line = documents[max(0, start - LONGEST) : start].rpartition("\n")[2]
    cells = [cell for cell in re.split(r" {2,}|\t|\||(?<=[.;!?]) ", line) if cell.strip(" :.,-")]
    return re.split(r"\d", cells[-1])[-1] if cells else ""


def _alike(words: frozenset[str], label: frozenset[str]) -> int:
    return sum(any(_same(word, other) for other in label) for word in words)


def _same(one: str, other: str) -> bool:
    """Whether two words have a beginning in common, all but an ending of the shorter."""
    short = min(len(one), len(other))
    stem = short if short <= STEM + 1 else max(STEM + 1, short - 2)
    return one[:stem] == other[:stem]


def _dates(schema: Any, name: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(schema, list):
        for each in schema:
            yield from _dates(each, name)
    elif isinstance(schema, dict):
        told = schema.get("description")
        branches = (schema, *(branch for branch in schema.get("anyOf", ()) if isinstance(branch, dict)))
        if name and any(branch.get("format") in _DATES for branch in branches):
            yield name, told if isinstance(told, str) else ""
            return
        for key, part in schema.items():
            if key == "properties":
                for each, member in part.items():
                    yield from _dates(member, each)
            elif key != "items":
                yield from _dates(part, "")
