"""``python -m bench QUESTION [--rounds N] [--peers a,b]``: a question in, a table and the targets' verdicts out."""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import runpy
import sys
from pathlib import Path

from bench.peers import PEERS

QUESTIONS = Path(__file__).parent / "questions"


def main() -> int:
    """Ask the question named first; one without ``ask`` is a program of its own and gets the remaining arguments."""
    if len(sys.argv) < 2 or sys.argv[1] in ("-h", "--help"):
        _list()
        return 0 if len(sys.argv) > 1 else 2
    name, rest = sys.argv[1], sys.argv[2:]
    if not (QUESTIONS / f"{name}.py").exists():
        print(f"no question {name!r}", file=sys.stderr)
        _list()
        return 2
    if "\ndef ask(" not in (QUESTIONS / f"{name}.py").read_text():
        sys.argv = [name, *rest]
        runpy.run_module(f"bench.questions.{name}", run_name="__main__", alter_sys=True)
        return 0
    parser = argparse.ArgumentParser(prog=f"python -m bench {name}")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--peers", default="", help=f"comma-separated, of {', '.join(PEERS)}")
    said = parser.parse_args(rest)
    peers = [peer for peer in said.peers.split(",") if peer]
    if unknown := set(peers) - PEERS.keys():
        parser.error(f"no peer {', '.join(sorted(unknown))}")
    question = importlib.import_module(f"bench.questions.{name}")
    print(question.ask(peers or question.PEERS, said.rounds))
    return 0


def _list() -> None:
    print("python -m bench QUESTION [--rounds N] [--peers a,b]\n\nquestions:")
    for path in sorted(QUESTIONS.glob("[a-z]*.py")):
        lines = path.read_text().splitlines()
        print(f"  {path.stem:14} {lines[0].strip(chr(34)) if lines else ''}")


if __name__ == "__main__":
    sys.exit(main())
