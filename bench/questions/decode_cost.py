"""What does checking an answer cost? Ours beside pydantic's `validate_json` on the same values, medians and ratios."""

from __future__ import annotations

import json
import statistics
import time
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from pydantic import BaseModel, TypeAdapter

from extract.schema import Schema


class Line(BaseModel):
    """Same on both sides."""

    name: str
    qty: int
    price: float


class Plain(BaseModel):
    """No codec anywhere."""

    number: str
    day: date
    buyer: str | None = None
    lines: list[Line]


class Entry(BaseModel):
    """A default to take."""

    name: str
    qty: int = 1
    price: Decimal = Decimal(0)


class Rewritten(BaseModel):
    """Dictionaries, tuples and defaults."""

    number: str
    day: date
    tags: dict[str, str]
    size: tuple[int, int]
    lines: list[Entry]


def plain(rows: int) -> Plain:
    lines = [Line(name=f"thing {i}", qty=i, price=i * 1.5) for i in range(rows)]
    return Plain(number="A-1", day=date(2024, 1, 2), lines=lines)


def rewritten(rows: int) -> Rewritten:
    lines = [Entry(name=f"thing {i}", qty=i, price=Decimal("1.50")) for i in range(rows)]
    tags = {f"key{i}": f"value {i}" for i in range(5)}
    return Rewritten(number="A-1", day=date(2024, 1, 2), tags=tags, size=(1, 2), lines=lines)


def defaulted(rows: int) -> Rewritten:
    """Half of the fields are left to their defaults: null on the wire."""
    lines = [Entry(name=f"thing {i}") for i in range(rows)]
    return Rewritten(number="A-1", day=date(2024, 1, 2), tags={"a": "b"}, size=(1, 2), lines=lines)


def side_by_side(theirs: Any, ours: Any, rounds: int = 400) -> tuple[float, float]:
    """Interleave both, so that a busy machine disturbs them alike."""
    spent: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for call, out in ((theirs, spent[0]), (ours, spent[1])):
            start = time.perf_counter()
            call()
            out.append(time.perf_counter() - start)
    return statistics.median(spent[0]) * 1e6, statistics.median(spent[1]) * 1e6


def main() -> None:
    """Print one row a model and size."""
    print(f"{'model':>10} {'rows':>5} {'pydantic µs':>12} {'ours µs':>9} {'ratio':>6} {'limit':>6}")
    for make, limit in ((plain, 1.15), (rewritten, 2.5), (defaulted, 2.5)):
        for rows in (3, 30, 300):
            value = make(rows)
            schema: Schema[Any] = Schema.of(type(value))
            adapter = TypeAdapter(type(value))
            declared = adapter.dump_json(value)
            # Written as pydantic writes: what is the same on both sides is the same bytes.
            written = schema.encode(value)
            if make is defaulted:
                written["lines"] = [{**line, "qty": None, "price": None} for line in written["lines"]]
            wire = json.dumps(written, separators=(",", ":"), ensure_ascii=False).encode()
            assert schema.check_json(wire).value == value
            theirs, ours = side_by_side(partial(adapter.validate_json, declared), partial(schema.check_json, wire))
            print(f"{make.__name__:>10} {rows:>5} {theirs:>12.1f} {ours:>9.1f} {ours / theirs:>6.2f} {limit:>6}")


if __name__ == "__main__":
    main()
