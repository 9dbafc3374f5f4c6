"""Command line in, a running stand-in out: ``python -m extract.testing``."""

from __future__ import annotations

import argparse
import contextlib
import math
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from extract.errors import ConfigError, ExtractError
from extract.testing import FAULTS, StandIn

if TYPE_CHECKING:
    from collections.abc import Callable

N = TypeVar("N", int, float)


def main(arguments: list[str] | None = None) -> int:
    """Run the stand-in until interrupted; print how to reach it."""
    options = _parser().parse_args(arguments)
    settings = {name: value for name, value in vars(options).items() if value is not None}
    faults = {kind: share for one in settings.pop("faults", []) for kind, share in one.items()}
    try:
        if "answer" in settings:
            settings["answer"] = _answer(settings["answer"])
        with StandIn(**settings, faults=faults) as server:
            sys.stdout.write(f"RUNAPI_BASE_URL={server.base_url}\nRUNAPI_API_KEY={server.api_key}\n")
            sys.stdout.flush()
            threading.Event().wait()
    except KeyboardInterrupt:
        return 0
    except ExtractError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


def _answer(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "not UTF-8"
        raise ConfigError(
            f"--answer {path} cannot be read: {why}", advice="name a file with the text to answer"
        ) from None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m extract.testing", description="A RunAPI stand-in on loopback.")
    parser.add_argument("--port", type=_port, help="0, the default, takes a free one")
    parser.add_argument("--key", help="the key it accepts; a new one by default")
    parser.add_argument("--seed", type=_whole, help="decides made-up answers and where faults strike")
    parser.add_argument("--latency", type=_milliseconds, metavar="MS", help="before each answer")
    parser.add_argument("--pace", type=_milliseconds, metavar="MS", help="between a stream's events")
    parser.add_argument("--piece", type=_piece, metavar="N", help="characters in a stream's deltas")
    parser.add_argument("--answer", type=Path, metavar="FILE", help="answer every request with this text")
    parser.add_argument("--models", nargs="+", metavar="NAME", help="further models it knows")
    parser.add_argument(
        "--faults", type=_faults, action="append", metavar="RATE:KIND[,KIND…]", help="e.g. 0.1:429,500; may be repeated"
    )
    return parser


def _milliseconds(text: str) -> float:
    return _number(text, float, lambda value: 0 <= value < math.inf, "milliseconds, 0 or more, such as 200") / 1000


def _port(text: str) -> int:
    return _number(text, int, lambda value: 0 <= value <= _LAST_PORT, "a port from 0 to 65535, such as 8080")


def _piece(text: str) -> int:
    return _number(text, int, lambda value: value >= 1, "a whole number, 1 or more, such as 8")


def _whole(text: str) -> int:
    return _number(text, int, lambda _: True, "a whole number, such as 7")


def _faults(text: str) -> dict[str, float]:
    rate, _, kinds = text.partition(":")
    names = [kind for kind in kinds.split(",") if kind]
    if not names:
        raise argparse.ArgumentTypeError(f"{text!r} is not RATE:KIND, such as 0.1:429,500")
    unknown = next((kind for kind in names if kind not in FAULTS), None)
    if unknown is not None:
        raise argparse.ArgumentTypeError(f"no fault is called {unknown!r}; there are {', '.join(FAULTS)}")
    share = _number(rate, float, lambda value: 0 <= value <= 1, "RATE:KIND with a share from 0 to 1, such as 0.1:429")
    return {kind: share / len(names) for kind in names}


def _number(text: str, kind: Callable[[str], N], right: Callable[[N], bool], expected: str) -> N:
    with contextlib.suppress(ValueError):
        if right(number := kind(text)):
            return number
    raise argparse.ArgumentTypeError(f"found {text!r}, expected {expected}")


_LAST_PORT = 65_535


if __name__ == "__main__":
    raise SystemExit(main())
