"""What does compiling a type cost? Ours beside openai's `type_to_response_format_param`, medians and ratios."""

from __future__ import annotations

import statistics
import time
from typing import Any

from openai.lib._parsing import type_to_response_format_param
from pydantic import BaseModel, Field, create_model

from extract.schema import Schema, _checks

ROUNDS = {5: 200, 50: 60, 500: 11}


def model(fields: int, turn: int) -> type[BaseModel]:
    """Make a fresh model; half of it nested, so that definitions are in play."""
    kinds: list[Any] = [str, int, float, bool, list[str]]
    inner = create_model(f"Inner{turn}", **{f"n{i}": (kinds[i % 5], ...) for i in range(fields // 2)})
    outer = {f"f{i}": (kinds[i % 5], Field(description=f"field {i}")) for i in range(fields - fields // 2)}
    return create_model(f"Outer{turn}", inner=(inner, ...), **outer)


def median(make: Any, types: list[type[BaseModel]]) -> float:
    """Time one call per type."""
    spent = []
    for each in types:
        start = time.perf_counter()
        make(each)
        spent.append(time.perf_counter() - start)
    return statistics.median(spent) * 1e6


def main() -> None:
    """Print one row a size, then the price of a cached look-up."""
    print(f"{'fields':>7} {'openai µs':>10} {'ours µs':>10} {'ratio':>6}")
    for fields, rounds in ROUNDS.items():
        types = [model(fields, i) for i in range(rounds)]
        median(type_to_response_format_param, types[:2])
        median(Schema.of, types[:2])
        theirs = median(type_to_response_format_param, types)
        _checks.COMPILED.clear()
        ours = median(Schema.of, types)
        print(f"{fields:>7} {theirs:>10.0f} {ours:>10.0f} {ours / theirs:>6.2f}")
    known = types[-1]
    start = time.perf_counter()
    for _ in range(100_000):
        Schema.of(known)
    print(f"cached look-up: {(time.perf_counter() - start) * 10:.2f} µs (limit 2)")


if __name__ == "__main__":
    main()
