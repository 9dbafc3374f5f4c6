"""Command line in, a running stand-in out: ``python -m extract.testing``."""

from __future__ import annotations

import argparse
import sys
import threading
from pathlib import Path

from extract.errors import ExtractError
from extract.testing import StandIn


def main(arguments: list[str] | None = None) -> int:
    """Run the stand-in until interrupted; print how to reach it."""
    options = _parser().parse_args(arguments)
    settings = {name: value for name, value in vars(options).items() if value is not None}
    faults = {kind: share for one in settings.pop("faults", []) for kind, share in one.items()}
    try:
        if "answer" in settings:
            settings["answer"] = settings["answer"].read_text(encoding="utf-8")
        with StandIn(**settings, faults=faults) as server:
            sys.stdout.write(f"RUNAPI_BASE_URL={server.base_url}\nRUNAPI_API_KEY={server.api_key}\n")
            sys.stdout.flush()
            threading.Event().wait()
    except KeyboardInterrupt:
        return 0
    except (ExtractError, OSError, UnicodeError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m extract.testing", description="A RunAPI stand-in on loopback.")
    parser.add_argument("--port", type=int, help="0, the default, takes a free one")
    parser.add_argument("--key", help="the key it accepts; a new one by default")
    parser.add_argument("--seed", type=int, help="decides made-up answers and where faults strike")
    parser.add_argument("--latency", type=_milliseconds, metavar="MS", help="before each answer")
    parser.add_argument("--pace", type=_milliseconds, metavar="MS", help="between a stream's events")
    parser.add_argument("--piece", type=int, metavar="N", help="characters in a stream's deltas")
    parser.add_argument("--answer", type=Path, metavar="FILE", help="answer every request with this text")
    parser.add_argument("--models", nargs="+", metavar="NAME", help="further models it knows")
    parser.add_argument(
        "--faults", type=_faults, action="append", metavar="RATE:KIND[,KIND…]", help="e.g. 0.1:429,500; may be repeated"
    )
    return parser


def _milliseconds(text: str) -> float:
    return float(text) / 1000


def _faults(text: str) -> dict[str, float]:
    rate, _, kinds = text.partition(":")
    names = [kind for kind in kinds.split(",") if kind]
    if not names:
        raise argparse.ArgumentTypeError(f"{text!r} is not RATE:KIND")
    return {kind: float(rate) / len(names) for kind in names}


if __name__ == "__main__":
    raise SystemExit(main())
