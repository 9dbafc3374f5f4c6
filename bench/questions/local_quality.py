"""How many fields of everyday documents does an embedded model get right, in one shot?

    python -m bench local_quality [MODEL] [--set everyday,described,fresh,unseen,abroad,blind] [--receipts N] [--invoices N] [--show]

The sets are our own documents (tests/cases/local_*.json), declared in bench/local_types.py, local_unseen.py, local_abroad.py and local_blind.py. Receipts and invoices
are real ones, OCR and text of PDFs, found through EXTRACT_SHARED_DATA or beside the repository.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import re
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import extract
from bench.local_abroad import ABROAD
from bench.local_blind import BLIND
from bench.local_types import DESCRIBED, EVERYDAY, FRESH, PaperInvoice, PaperReceipt
from bench.local_unseen import UNSEEN
from extract.engines import LocalEngine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import BaseModel

DEFAULT = "qwen2.5-coder-0.5b"
ROOT = Path(__file__).resolve().parents[2]
CASES = ROOT / "tests" / "cases"
SHARED = Path(os.environ.get("EXTRACT_SHARED_DATA", ROOT.parent / "shared" / "data"))
SETS = {
    "everyday": (EVERYDAY, "local_tasks.json"),
    "described": (DESCRIBED, "local_described.json"),
    "fresh": (FRESH, "local_fresh.json"),
    "unseen": (UNSEEN, "local_unseen.json"),
    "abroad": (ABROAD, "local_abroad.json"),
    "blind": (BLIND, "local_blind.json"),
}


@dataclass(frozen=True)
class Asked:
    """One document, what is asked of it, and what is right."""

    name: str
    kind: type[BaseModel]
    document: str
    gold: dict[str, Any]


def everyday(name: str) -> Iterator[Asked]:
    """The documents of one of our own sets."""
    kinds, file = SETS[name]
    for case in json.loads((CASES / file).read_text(encoding="utf-8")):
        yield Asked(case["task"], kinds[case["task"]], case["document"], case["gold"])


def receipts(count: int) -> Iterator[Asked]:
    """Real receipts, as OCR read them."""
    for row in _rows("receipts.jsonl.gz", count):
        gold = row["gold"]
        day = re.sub(r"[-.]", "/", gold["date"])
        for form in ("%d/%m/%Y", "%d/%m/%y", "%Y/%m/%d", "%d %b %Y", "%d/%b/%Y"):
            with suppress(ValueError):
                gold["date"] = datetime.strptime(day, form).date().isoformat()  # noqa: DTZ007 - a day has no zone
                break
        gold["total"] = float(re.sub(r"[^\d.]", "", gold["total"]))
        yield Asked(str(row["id"]), PaperReceipt, row["text"], gold)


def invoices(count: int) -> Iterator[Asked]:
    """Real invoices, as they stand in a PDF; what is right comes from the XML inside."""
    for row in _rows("invoices.jsonl.gz", count):
        gold = {key: value for key, value in row["gold"].items() if key in PaperInvoice.model_fields}
        day = gold["issue_date"]
        gold["issue_date"] = f"{day[:4]}-{day[4:6]}-{day[6:]}"
        yield Asked(str(row["id"]), PaperInvoice, row["text"], gold)


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
        same = _plain(gold) == _plain(found, number=isinstance(gold, int | float) and not isinstance(gold, bool))
        return int(same), 1, [] if same else [f"{at}: {found!r}, not {gold!r}"]
    return sum(p[0] for p in parts), sum(p[1] for p in parts), [wrong for p in parts for wrong in p[2]]


def answer(client: extract.Client, asked: Asked) -> tuple[Any, float, str]:
    """One document, one answer: the value as JSON, seconds, and what went wrong if something did."""
    started = time.perf_counter()
    try:
        value = client.extract(asked.kind, asked.document, policy=extract.Policy(reasks=0))
        return value.model_dump(mode="json"), time.perf_counter() - started, ""
    except extract.ExtractError as error:
        return None, time.perf_counter() - started, f"{type(error).__name__}: {str(error).splitlines()[0]}"


def measure(engine: LocalEngine, name: str = "everyday", *, count: int = 0, show: bool = False) -> float:
    """Print a line a document and the total; return the share of fields that are right."""
    right = every = 0
    seconds, documents = 0.0, 0
    outside = {"receipts": receipts, "invoices": invoices}
    with extract.Client(engine=engine) as client:
        for asked in outside[name](count) if name in outside else everyday(name):
            found, took, trouble = answer(client, asked)
            good, most, wrong = score(asked.gold, found)
            right, every, seconds, documents = right + good, every + most, seconds + took, documents + 1
            print(f"{asked.name[:18]:18} {good:3}/{most:<3} {took:6.1f} s  {trouble}", flush=True)
            for line in wrong if show else ():
                print(f"    {line}")
    share = right / max(every, 1)
    pace = seconds / max(documents, 1)
    print(f"{engine.default_model}, {name}: {right}/{every} = {share:.1%}, {pace:.1f} s an answer", flush=True)
    return share


def main() -> None:
    """Measure one model."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("model", nargs="?", default=DEFAULT)
    words.add_argument("--set", default="everyday", help=f"comma-separated, of {', '.join(SETS)}; or none")
    words.add_argument("--receipts", type=int, default=0, help="how many real receipts")
    words.add_argument("--invoices", type=int, default=0, help="how many real invoices")
    words.add_argument("--show", action="store_true", help="list what is wrong")
    said = words.parse_args()
    engine = LocalEngine(said.model)
    for name in said.set.split(","):
        if name in SETS:
            measure(engine, name, show=said.show)
    for name in ("receipts", "invoices"):
        if getattr(said, name):
            measure(engine, name, count=getattr(said, name), show=said.show)


def _plain(value: Any, *, number: bool = False) -> Any:
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | float):
        return float(value)
    if number:
        with suppress(ValueError):
            return float(value)
    return " ".join(value.split()).casefold() if isinstance(value, str) else value


def _rows(name: str, count: int) -> list[dict[str, Any]]:
    path = SHARED / name
    if not path.exists():
        sys.exit(f"{name} is not here: set EXTRACT_SHARED_DATA")
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file][:count]


if __name__ == "__main__":
    main()
