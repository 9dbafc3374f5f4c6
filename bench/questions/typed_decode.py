"""How many replies become the right value of their declared type, without asking the model again?

    python -m bench typed_decode [--cases FILE] [--show]

Reads a suite kept outside of the repository (EXTRACT_TYPED_CASES or ``--cases``), one case a line: ``name``;
``declared``, Python source that ends in ``DECLARED = <type>``; ``text``, the reply; ``expected`` or ``"error": true``;
``partial`` where the text is cut off and as much as there is of it is expected. Each reply goes through a client and
an engine that has nothing else to say; beside it json_repair, its value validated by pydantic.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pydantic

if TYPE_CHECKING:
    from collections.abc import Sequence

from bench.reasons import CASES as KNOWN
from bench.reasons import mark, told
from bench.typed import built, plain
from extract import Client, Policy
from extract.decode import decode
from extract.errors import ExtractError
from extract.schema import Schema
from extract.testing import ScriptedEngine

ROOT = Path(__file__).parents[2]
CASES = os.environ.get("EXTRACT_TYPED_CASES", "")
PEER = ("json-repair==0.64.6", "pydantic==2.14.3")
PEER_PROGRAM = """
import json, sys, types
import json_repair, pydantic
sys.path.insert(0, sys.argv[1])
from bench.typed import built, plain
for line in sys.stdin:
    case = json.loads(line)
    try:
        declared = built(case["declared"])
        out = {"value": plain(pydantic.TypeAdapter(declared).validate_python(json_repair.loads(case["text"])))}
        json.dumps(out)
    except Exception as error:
        out = {"error": type(error).__name__}
    print(json.dumps(out), flush=True)
"""


@dataclass
class Said:
    """What one reader made of one case."""

    value: object = None
    error: str = ""


def ours(case: dict[str, Any], strictness: str) -> Said:
    declared = built(case["declared"])
    try:
        if case.get("partial"):
            return Said(as_far_as_it_goes(case["text"], declared, strictness, items=case["partial"] == "items"))
        policy = Policy(reasks=0, continues=0, strictness=strictness)
        client = Client(engine=ScriptedEngine([case["text"]]), policy=policy)
        return Said(plain(client.extract(declared, "document")))
    except ExtractError as error:
        return Said(error=f"{type(error).__name__}: {error.message}")


def as_far_as_it_goes(text: str, declared: Any, strictness: str, *, items: bool) -> Any:
    """What there is of a text that was cut off; only its whole items where ``partial`` is ``items``."""
    schema = Schema.of(declared)
    decoded = decode(text, cut_text="drop" if items else "keep")
    value = whole_items(decoded.value, decoded.cut or ()) if items else decoded.value
    checked = schema.check(value, strictness=strictness)
    return plain(checked.value) if checked.ok else by_name(checked.wire)


def whole_items(value: Any, cut: Sequence[str | int]) -> Any:
    """Leave out the outermost list item that the text's end cut in two."""
    here = value
    for step in cut:
        if isinstance(step, int):
            del here[step:]
            break
        if step not in here:
            break
        here = here[step]
    return value


def by_name(wire: Any) -> Any:
    """Undo what the wire adds to a value that is not whole: aliases, labels, entries, the root's cover."""
    renamed = {
        field.alias: name
        for model in sys.modules["declared"].__dict__.values()
        if isinstance(model, type) and issubclass(model, pydantic.BaseModel)
        for name, field in model.model_fields.items()
        if field.alias
    }
    if isinstance(wire, dict):
        if len(wire) == 1 and (next(iter(wire)) == "value" or next(iter(wire)) in sys.modules["declared"].__dict__):
            return by_name(next(iter(wire.values())))
        return {renamed.get(key, key): by_name(item) for key, item in wire.items()}
    if (
        isinstance(wire, list)
        and wire
        and all(isinstance(one, dict) and one.keys() == {"key", "value"} for one in wire)
    ):
        return {one["key"]: by_name(one["value"]) for one in wire}
    return [by_name(item) for item in wire] if isinstance(wire, list) else wire


def json_repair(cases: list[dict[str, Any]]) -> list[Said]:
    home = ROOT / "bench" / ".envs" / "json-repair-pydantic"
    python = home / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "-q", *PEER], check=True)
    lines = "".join(json.dumps(case) + "\n" for case in cases)
    program = [str(python), "-c", PEER_PROGRAM, str(ROOT)]
    done = subprocess.run(program, input=lines, capture_output=True, text=True, check=True)
    return [Said(**answer) for answer in map(json.loads, done.stdout.splitlines())]


def passes(case: dict[str, Any], said: Said) -> bool:
    if case.get("error"):
        return bool(said.error)
    if said.error:
        return False
    if case.get("partial"):
        return same(given(case["expected"]), given(said.value))
    return same(case["expected"], said.value)


def given(value: Any) -> Any:
    """A value without what stands for nothing: in a partial value null, the empty list and the missing key are one."""
    if isinstance(value, dict):
        kept = {key: given(item) for key, item in value.items()}
        return {key: item for key, item in kept.items() if item is not None and item not in ([], {})}
    return [one for one in map(given, value) if one not in ({}, [])] if isinstance(value, list) else value


def same(one: Any, other: Any) -> bool:
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--cases", default=CASES, help="the suite, one JSON object a line")
    arguments.add_argument("--show", action="store_true", help="list the cases that differ")
    chosen = arguments.parse_args()
    if not chosen.cases or not Path(chosen.cases).is_file():
        sys.exit("no suite of typed cases: name its file in EXTRACT_TYPED_CASES or with --cases")
    cases = [json.loads(line) for line in Path(chosen.cases).read_text(encoding="utf-8").splitlines()]
    print(f"| reader, of {len(cases)} cases | as expected | otherwise on purpose | left |\n|---|---|---|---|")
    reasons: Counter[str] = Counter()
    for strictness in ("careful", "lenient"):
        answers = [ours(case, strictness) for case in cases]
        missed = [(case, said) for case, said in zip(cases, answers, strict=True) if not passes(case, said)]
        reasons = Counter(KNOWN.get(mark(case["name"], case["text"]), "") for case, _ in missed)
        left = reasons.pop("", 0)
        print(f"| extract, {strictness} | {len(cases) - len(missed)} | {reasons.total()} | {left} |")
        if chosen.show:
            show(strictness, missed)
    rival = sum(passes(case, said) for case, said in zip(cases, json_repair(cases), strict=True))
    print(f"| json_repair and pydantic | {rival} | | |\n\n{told(reasons)}")


def show(strictness: str, missed: list[tuple[dict[str, Any], Said]]) -> None:
    for case, said in missed:
        expected = json.dumps(case.get("expected", "an error"), ensure_ascii=False)
        got = said.error or json.dumps(said.value, ensure_ascii=False)
        print(
            f"  {strictness} {KNOWN.get(mark(case['name'], case['text']), 'LEFT')} {case['name']} {case['text'][:150]!r}"
        )
        print(f"     expected {expected[:300]}\n     got      {got[:300]}")


if __name__ == "__main__":
    main()
