"""How many fields of twelve everyday documents does an embedded model get right, in one shot?

python -m bench.questions.local_quality [MODEL] [--show]
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import extract
from bench.local_types import DESCRIBED, EVERYDAY
from extract.engines import LocalEngine

DEFAULT = "qwen2.5-coder-0.5b"
CASES = Path(__file__).parents[2] / "tests" / "cases"
SETS = {"everyday": (EVERYDAY, "local_tasks.json"), "described": (DESCRIBED, "local_described.json")}


def score(gold: Any, found: Any, at: str = "$") -> tuple[int, int, list[str]]:
    """Compare field by field: (right, all, what is wrong). Text counts without case and runs of space."""
    if isinstance(gold, dict):
        parts = [
            score(value, found.get(key) if isinstance(found, dict) else None, f"{at}.{key}")
            for key, value in gold.items()
        ]
    elif isinstance(gold, list):
        rows = found if isinstance(found, list) else []
        parts = [score(value, rows[i] if i < len(rows) else None, f"{at}[{i}]") for i, value in enumerate(gold)]
        if len(rows) > len(gold):
            parts.append((-min(1, len(gold)), 0, [f"{at} has {len(rows) - len(gold)} too many"]))
    else:
        same = _plain(gold) == _plain(found)
        return int(same), 1, [] if same else [f"{at}: {found!r}, not {gold!r}"]
    return sum(p[0] for p in parts), sum(p[1] for p in parts), [wrong for p in parts for wrong in p[2]]


def _plain(value: Any) -> Any:
    if isinstance(value, bool) or value is None:
        return value
    return " ".join(value.split()).casefold() if isinstance(value, str) else float(value)


def ask(client: extract.Client, case: dict[str, Any]) -> tuple[Any, float, str]:
    """One document, one answer: the value as JSON, seconds, and what went wrong if something did."""
    started = time.perf_counter()
    try:
        found = client.extract(TASKS[case["task"]], case["document"], policy=extract.Policy(reasks=0)).model_dump(
            mode="json"
        )
        return found, time.perf_counter() - started, ""
    except extract.ExtractError as error:
        return None, time.perf_counter() - started, type(error).__name__


def measure(engine: LocalEngine, *, show: bool = False) -> float:
    """Print a line a task and the total; return the share of fields that are right."""
    right = every = 0
    seconds = 0.0
    with extract.Client(engine=engine) as client:
        for case in json.loads(CASES.read_text(encoding="utf-8")):
            found, took, trouble = ask(client, case)
            good, count, wrong = score(case["gold"], found)
            right, every, seconds = right + good, every + count, seconds + took
            print(f"{case['task']:15} {good:3}/{count:<3} {took:6.1f} s  {trouble}", flush=True)
            for line in wrong if show else ():
                print(f"    {line}")
    print(f"{engine.default_model}: {right}/{every} = {right / every:.1%}, {seconds / len(TASKS):.1f} s an answer")
    return right / every


def main() -> None:
    """Measure one model."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("model", nargs="?", default=DEFAULT)
    words.add_argument("--show", action="store_true", help="list what is wrong")
    said = words.parse_args()
    measure(LocalEngine(said.model), show=said.show)


if __name__ == "__main__":
    main()
