"""Run by hand: ``python tests/fuzz/decode.py -max_total_time=60``; needs ``atheris``. pytest does not collect it.

Whatever the text: decode() gives a value or one of our errors; the parser comes to the same value however the text is
cut; checking against a type gives a value or an outcome with issues.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import sys
from datetime import date
from decimal import Decimal
from typing import Any, Literal

import atheris
from pydantic import BaseModel

with atheris.instrument_imports(include=["extract"]):
    from extract.decode import Parser, decode
    from extract.errors import DecodeError, ExtractError
    from extract.schema import Schema

LONGEST = 4_000
UNITS = "{}[]()\"'`:,;\\/#-.0123eE \n\ttrufalsn<>$*|&=“”’é😀\ufeff\ud800"
WORDS = (
    '{"',
    '":',
    '",',
    "```json\n",
    "```",
    "<think>",
    "</think>",
    "null",
    "true",
    "None",
    "/*",
    "*/",
    "//",
    "...",
    "\\u00",
)


class Line(BaseModel):
    """A row."""

    name: str
    due: date | None = None
    price: Decimal = Decimal(0)


class Zoo(BaseModel):
    """One of each kind."""

    number: str
    kind: Literal["a", "b"]
    pair: tuple[int, float]
    tags: dict[str, int]
    either: int | str | Line
    lines: list[Line]


SCHEMA: Schema[Any] = Schema.of(Zoo)


def once(data: bytes) -> None:
    """Try one input."""
    provider = atheris.FuzzedDataProvider(data)
    text = _text(provider)
    try:
        found: Any = decode(text)
    except DecodeError:
        found = None
    cuts = sorted(provider.ConsumeIntInRange(0, len(text)) for _ in range(provider.ConsumeIntInRange(0, 6)))
    _cut(text, [0, *cuts, len(text)], found)
    with contextlib.suppress(ExtractError):
        SCHEMA.check_json(text)


def _text(provider: Any) -> str:
    if provider.ConsumeBool():
        return str(provider.ConsumeUnicode(LONGEST))
    parts = []
    while provider.remaining_bytes() > 16 and len(parts) < LONGEST:
        choice = provider.ConsumeIntInRange(0, len(UNITS) + len(WORDS) - 1)
        parts.append(UNITS[choice] if choice < len(UNITS) else WORDS[choice - len(UNITS)])
    return "".join(parts)


def _cut(text: str, cuts: list[int], found: Any) -> None:
    whole, parser = Parser(), Parser()
    told = list(whole.feed(text))
    heard = [event for start, end in itertools.pairwise(cuts) for event in parser.feed(text[start:end])]
    assert (parser.done, parser.text) == (whole.done, text)
    if whole.done:
        assert _same(parser.value, whole.value), "another value"
        assert len(heard) <= len(text), "more values than characters"
        assert {repr(path) for path, _ in heard} == {repr(path) for path, _ in told}, "other paths"
    try:
        ended: Any = parser.finish()
    except DecodeError:
        ended = None
    assert repr(ended) == repr(found), "finish() and decode() differ"


def _same(one: Any, other: Any) -> bool:
    return json.dumps(one) == json.dumps(other)


if __name__ == "__main__":
    atheris.Setup([*sys.argv, "-timeout=10"], once)
    atheris.Fuzz()
