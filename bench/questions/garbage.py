"""What does garbage cost? Seconds of CPU for ten megabytes of each kind, and how they grow with the length."""

from __future__ import annotations

import argparse
import random
import time
from contextlib import suppress

from bench.tables import judge, markdown
from extract.decode import decode
from extract.errors import DecodeError

BOUND = 2.0
GROWTH = 2.3
FLOOR = 0.1
UNITS = (
    *("{", "[", "(", "}", "]", '"', "'", "`", "\\", "/", "#", "<", ":", ",", ".", "-", "0", "\t", "\u00e9", "\ufeff"),
    *("abc def ", '{"a":', "[]", "{}", "```", "```json\n", "<think>", "</think>", "/*", "//", "<!--", '"a" x ', '\\"'),
    *("see [1] and {a: 2} ", '{"a":"b "c" d"},', " \n", "[{", "{[", "{'a':", "a: 1\n", "- a\n", "| a | b |\n", "# a\n"),
    *(
        "def f(x):\n",
        "lambda: ",
        "None, ",
        "'''",
        '"""',
        '"a" + ',
        "\\u0041",
        "\\ud83d",
        "1e",
        "-1.5,",
        "...",
        "**a** ",
    ),
    *('"a":', '"a",', "(1,", "str(", "&quot;", "[&#34;", "{{", "}}", "[1](a) ", "{\\n", '[\\"', "x=1;"),
)
OPENINGS = ("", "[", '{"k":', '{"k":"', "```json\n")


def main() -> None:
    """Print the dearest kinds, and every one beyond a bound."""
    parser = argparse.ArgumentParser(prog="python -m bench garbage")
    parser.add_argument("--megabytes", type=float, default=10)
    parser.add_argument("--openings", action="store_true", help="try every unit behind each opening")
    parser.add_argument("--mixtures", type=int, default=10, help="random mixtures of the units")
    parser.add_argument("--show", type=int, default=20)
    said = parser.parse_args()
    size = int(said.megabytes * 1e6)
    chance = random.Random(1)
    mixed = ["".join(chance.choices(UNITS, k=chance.randrange(2, 400))) for _ in range(said.mixtures)]
    found = []
    for opening in OPENINGS if said.openings else OPENINGS[:1]:
        for unit in (*UNITS, *mixed):
            whole = seconds(opening + unit * (size // len(unit)))
            half = seconds(opening + unit * (size // len(unit) // 2))
            # What takes next to no time says nothing about growth.
            found.append((whole, whole / half if half > FLOOR else 1.0, opening, unit))
    found.sort(reverse=True)
    rows = [["garbage", f"s for {said.megabytes:g} MB, ≤ {BOUND:g}", f"twice the length, ≤ {GROWTH:g}", "verdict"]]
    for number, (cost, growth, opening, unit) in enumerate(found):
        bad = cost > BOUND or growth > GROWTH
        if bad or number < said.show:
            name = repr(opening + unit)[:40]
            rows.append([name, f"{cost:.2f}", f"{growth:.2f}", judge(max(cost / BOUND, growth / GROWTH), 1)])
    print(markdown(rows))


def seconds(text: str) -> float:
    """CPU seconds of one call."""
    begin = time.process_time()
    with suppress(DecodeError):
        decode(text)
    return time.process_time() - begin


if __name__ == "__main__":
    main()
