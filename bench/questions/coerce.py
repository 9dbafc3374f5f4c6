"""How much of what models write comes to fit its schema, what is invented or lost on the way, and what does it cost?

    python -m bench coerce

Scores our own cases (tests/cases/coerce_*.json), the schema-guided cases of a repairer's own tests (outside data,
found through EXTRACT_SHARED_DATA or beside the repository), and measures time and the cost of mending.
"""

from __future__ import annotations

import gzip
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from extract.errors import Issue  # noqa: E402
from extract.schema._mend import subset  # noqa: E402
from extract.schema._salvage import salvage  # noqa: E402
from extract.schema.coerce import (  # noqa: E402
    Coercer,
    Matcher,
    coerce,
)

SHARED = Path(os.environ.get("EXTRACT_SHARED_DATA", ROOT.parent / "shared" / "data"))
ROWS = 300


def main() -> None:
    own_cases()
    repairer_cases()
    speed()
    mending()


def own_cases() -> None:
    print(f"{'our cases':34}{'cases':>7}{'pass':>7}{'json_repair':>13}{'invented':>10}{'lost':>6}")
    for path in sorted((ROOT / "tests" / "cases").glob("coerce_*.json")):
        cases = json.loads(path.read_text(encoding="utf-8"))
        passed = rival = 0
        invented = lost = 0
        for case in cases:
            done = coerce(case["value"], case["schema"], strictness=case.get("strictness", "careful"))
            passed += done.value == case["gives"] and [i.kind for i in done.issues] == case["issues"]
            rival += _rival(case)
            more, less = _unaccounted(case["value"], done)
            invented, lost = invented + more, lost + less
        shown = rival if _json_repair() else "—"
        print(f"{path.stem:34}{len(cases):>7}{passed:>7}{shown:>13}{invented:>10}{lost:>6}")


def _json_repair() -> Any:
    try:
        import json_repair
    except ImportError:
        return None
    return json_repair


def _rival(case: dict[str, Any]) -> bool:
    """Whether json_repair, told the schema, gives the same value, or refuses where we do."""
    module = _json_repair()
    if module is None:
        return False
    try:
        given = json.dumps(case["value"])
        value = module.repair_json(given, schema=case["schema"], schema_repair_mode="salvage", return_objects=True)
    except Exception:
        return bool(case["issues"])
    return not case["issues"] and json.dumps(value) == json.dumps(case["gives"])


def _unaccounted(value: Any, done: Any) -> tuple[int, int]:
    """Scalars of the result that no input or repair accounts for; scalars of the input found nowhere."""
    known = {repr(s) for s in _scalars(value)} | {repr(s) for r in done.repairs for s in _scalars(r.after)}
    kept = {repr(s) for s in _scalars(done.value)} | {repr(s) for r in done.repairs for s in _scalars(r.before)}
    return (
        sum(repr(s) not in known for s in _scalars(done.value)),
        sum(repr(s) not in kept for s in _scalars(value)),
    )


def _scalars(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [s for item in value.values() for s in _scalars(item)]
    if isinstance(value, list):
        return [s for item in value for s in _scalars(item)]
    return [value]


def repairer_cases() -> None:
    """Cases whose input is JSON already, so that only the fit to the schema counts."""
    file = SHARED / "json_repair_schema_cases.jsonl.gz"
    if not file.is_file():
        print(f"\nno outside cases at {file}")
        return
    same = refused = seen = 0
    other: list[str] = []
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        for line in lines:
            case = json.loads(line)
            schema = case["kwargs"].get("schema")
            try:
                value = json.loads(case["input"])
            except ValueError:
                continue
            if not isinstance(schema, dict) or not schema:
                continue
            seen += 1
            verdict = _against(case, schema, value)
            same += verdict == "same"
            refused += verdict == "both refuse"
            if verdict not in ("same", "both refuse"):
                other.append(f"  {case['test'].rpartition('::')[2]}: {verdict}")
    print(
        f"\njson_repair's own schema cases with JSON input: {seen}; same {same}, both refuse {refused}, otherwise {len(other)}"
    )
    print("\n".join(sorted(other)))


def _against(case: dict[str, Any], schema: dict[str, Any], value: Any) -> str:
    done = coerce(value, schema, strictness="lenient")
    left = salvage(done.value, done.issues, schema)
    fits = not left.remaining and Matcher(schema).matches(left.value, schema)
    if "raises" in case:
        return "we accept, it refuses" if fits else "both refuse"
    expected = case["output"][0] if case["kwargs"].get("logging") else case["output"]
    if left.value == expected or json.dumps(left.value) == expected:
        return "same"
    return "another value" if fits else "we refuse, it fills in"


TEXT = {"type": "string"}
LINE = {
    "sku": {**TEXT, "pattern": "^[A-Z]{2}-[0-9]+$"}, "name": TEXT, "qty": {"type": "integer", "minimum": 0},
    "price": {"type": "number"}, "taxed": {"type": "boolean"},
    "due": {"anyOf": [{**TEXT, "format": "date"}, {"type": "null"}]}, "state": {**TEXT, "enum": ["open", "paid"]}, "note": TEXT,
}  # fmt: skip
ITEM = {"type": "object", "properties": LINE, "required": list(LINE), "additionalProperties": False}
TABLE = {
    "type": "object",
    "properties": {"number": TEXT, "lines": {"type": "array", "items": ITEM}},
    "required": ["number", "lines"],
    "additionalProperties": False,
}


def _table(rows: int, **bad: Any) -> dict[str, Any]:
    line = {
        "name": "a thing of some kind",
        "qty": 3,
        "price": 1.5,
        "taxed": True,
        "due": "2024-12-31",
        "state": "paid",
        "note": "n",
    }
    return {"number": "A-17", "lines": [{"sku": f"AB-{i}", **line, **bad} for i in range(rows)]}


def _ms(call: Any, times: int = 7) -> float:
    best = float("inf")
    for _ in range(times):
        start = time.perf_counter()
        call()
        best = min(best, time.perf_counter() - start)
    return best * 1000


def speed() -> None:
    coercer = Coercer(TABLE)
    good, bad = _table(ROWS), {"due": "31.12.2024", "price": "1.234,56 €", "taxed": "yes"}
    print(f"\n{ROWS} rows of {len(LINE)} fields                                     ms")
    print(f"matches already                        {_ms(lambda: coercer.coerce(good)):>18.2f}")
    print(f"the same, schema read anew             {_ms(lambda: coerce(good, TABLE)):>18.2f}")
    for rows in (ROWS, 2 * ROWS, 4 * ROWS):
        value = _table(rows, **bad)
        print(f"three liberties a row, {rows:>5} rows      {_ms(lambda v=value: coercer.coerce(v), 3):>18.2f}")
    print(
        f"one bad cell                           {_ms(lambda: coercer.coerce({**good, 'lines': [*good['lines'][:-1], {**good['lines'][-1], 'qty': '3'}]})):>18.2f}"
    )


def mending() -> None:
    print(f"\nmending {ROWS} rows: share of asking for the whole again (characters)   answer  request")
    value = _table(ROWS)
    whole, ask = len(json.dumps(value)), len(json.dumps(TABLE)) + len(json.dumps(value))
    for bad in (1, 5, 20):
        issues = [Issue(("lines", i * 13, "qty"), "Should be an integer") for i in range(bad)]
        made = subset(TABLE, issues, value)
        assert made is not None
        answer, request = (
            len(json.dumps(made.current(value))),
            len(json.dumps(made.schema)) + len(json.dumps(made.context(value))),
        )
        print(f"{bad:>3} bad cells in as many rows {answer / whole:>46.2%} {request / ask:>8.2%}")


if __name__ == "__main__":
    main()
