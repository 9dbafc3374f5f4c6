"""How many broken replies are read as their suites expect, and how many values are invented or lost on the way?

Run ``python -m bench.questions.decode [--show SUITE]``. json_repair runs in an environment of its own under
``bench/.envs``. The suites come from the folder named by EXTRACT_SHARED_DATA.
"""

from __future__ import annotations

import argparse
import base64
import gzip
import json
import math
import os
import re
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from bench.reasons import CASES, mark, told
from extract.decode import decode
from extract.errors import DecodeError

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("EXTRACT_SHARED_DATA", ROOT.parent / "shared" / "data"))
PEER = "json-repair==0.64.6"
PEER_PROGRAM = """
import json, sys, time
import json_repair
spent = 0.0
for line in sys.stdin:
    text = json.loads(line)
    started = time.process_time()
    try:
        out = {"value": json_repair.loads(text)}
    except RecursionError:
        out = {"error": "RecursionError"}
    except Exception as error:
        out = {"error": type(error).__name__}
    spent += time.process_time() - started
    print(json.dumps(out), flush=True)
print(json.dumps({"seconds": spent}))
"""
# What each suite takes for granted: jsonrepair reads any text at all as a string.
BARE = frozenset(("jsonrepair",))


@dataclass
class Said:
    """What one reader made of one text; ``record`` is what it says it left out of the value."""

    value: object = None
    error: str = ""
    record: str = ""
    kinds: list[str] = field(default_factory=list)


def rows(name: str) -> list[dict]:
    with gzip.open(DATA / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def ours(texts: list[str], *, bare: bool = False, cut_text: str = "keep") -> tuple[list[Said], float]:
    answers = []
    started = time.process_time()
    for text in texts:
        try:
            decoded = decode(text, cut_text=cut_text, bare_text=bare)
        except DecodeError as error:
            answers.append(Said(error=error.message))
            continue
        record = [repair.before for repair in decoded.repairs] + [other.value for other in decoded.others]
        record += [*decoded.missing, decoded.cut]
        answers.append(
            Said(
                decoded.value,
                record=json.dumps(record, ensure_ascii=False, default=str),
                kinds=[repair.kind for repair in decoded.repairs],
            )
        )
    return answers, time.process_time() - started


def json_repair(texts: list[str]) -> tuple[list[Said], float]:
    home = ROOT / "bench" / ".envs" / "json-repair"
    if not (home / "bin" / "python").exists():
        subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
        subprocess.run([str(home / "bin" / "python"), "-m", "pip", "install", "-q", PEER], check=True)
    program = [str(home / "bin" / "python"), "-c", PEER_PROGRAM]
    lines = "".join(json.dumps(text) + "\n" for text in texts)
    done = subprocess.run(program, input=lines, capture_output=True, text=True, check=True)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    seconds = answers.pop()["seconds"]
    return [Said(answer.get("value"), answer.get("error", "")) for answer in answers], seconds


# -- the independent checker: words and numbers, no grammar -----------------------------------------------------------

WORD = re.compile(r"[^\W_]+")
NUMBER = re.compile(r"0[xX][0-9a-fA-F]+|[+-]?(?:\d[\d_]*\.?[\d_]*|\.\d+)(?:[eE][+-]?\d+)?")
WHOLE_STRING = re.compile(r'(?<=[{\[,:(])\s*"((?:[^"\\\n]|\\.)*)"(?=\s*[,:}\])])')
WHOLE_NUMBER = re.compile(r"(?<=[\[,:(])\s*(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)(?=\s*[,}\]])")
COMMENT = re.compile(r"/\*[\s\S]*?(?:\*/|\Z)|//[^\n]*|#[^\n]*|<think>[\s\S]*?</think>")
SAYS = {True: ("true",), False: ("false",), None: ("null", "none", "undefined", "nil")}


def scalars(value: object) -> list[object]:
    if isinstance(value, dict):
        return [one for key, item in value.items() for one in (key, *scalars(item))]
    if isinstance(value, list):
        return [one for item in value for one in scalars(item)]
    return [value]


def plain(text: str) -> str:
    """The text with its escapes read, whatever they are."""
    text = re.sub(r"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), text)
    text = re.sub(r"\\x([0-9a-fA-F]{2})", lambda found: chr(int(found[1], 16)), text)
    return re.sub(r"\\+([\s\S])", lambda found: {"n": "\n", "t": "\t", "r": "\r"}.get(found[1], found[1]), text)


def invented(text: str, value: object) -> list[object]:
    """Scalars of the value whose words or digits are not in the text."""
    there = plain(text)
    words = set(WORD.findall(there)) | set(WORD.findall(text))
    lower = {word.lower() for word in words}
    joined = re.sub(r"[^\w]+", "", there) + re.sub(r"[^\w]+", "", text)
    numbers = {number_of(found[0]) for found in NUMBER.finditer(text) if not is_cut(text, found)}
    odd = []
    for one in scalars(value):
        if one is None or isinstance(one, bool):
            found = any(word in lower for word in SAYS[one])
        elif isinstance(one, (int, float)):
            found = (math.isnan(one) and "nan" in lower) or math.isinf(one) or float(one) in numbers
        elif not str(one).strip():
            found = (
                not str(one) and re.search(r"""["'“”‘’`„]\\*["'“”‘’`„]|["'“`](?:\\\w{0,5})?\s*\Z""", text) is not None
            ) or bool(one)
        else:
            found = all(word in words or word in joined for word in WORD.findall(str(one).replace("\ufffd", " ")))
        if not found:
            odd.append(one)
    return odd


def number_of(token: str) -> float:
    try:
        return float(int(token, 16)) if token[1:2] in "xX" and len(token) > 1 else float(token.replace("_", ""))
    except (ValueError, OverflowError):
        return math.nan


def is_cut(text: str, found: re.Match[str]) -> bool:
    """A number at the end of a text may go on where brackets are open, and does where its last sign promises more."""
    rest, within = text[found.end() :], text.lstrip()[:1] in ("{", "[")
    return (not rest and (within or found[0].endswith("."))) or re.fullmatch(r"[eE][+-]?", rest) is not None


def lost(text: str, said: Said) -> list[str]:
    """Whole strings and numbers of the text that are neither in the value nor on the reader's record."""
    body = COMMENT.sub(" ", text)
    kept = json.dumps(said.value, ensure_ascii=False) + said.record
    words = set(WORD.findall(plain(kept))) | set(WORD.findall(kept))
    joined = re.sub(r"[^\w]+", "", plain(kept))
    numbers = {number_of(found[0]) for found in NUMBER.finditer(kept)}
    odd = [
        found[1]
        for found in WHOLE_STRING.finditer(body)
        if not all(word in words or word in joined for word in WORD.findall(plain(found[1])))
    ]
    odd += [found[1] for found in WHOLE_NUMBER.finditer(body) if number_of(found[1]) not in numbers | {math.inf}]
    return odd


def trimmed(text: str, value: object) -> bool:
    """Whether a string of the value goes on in the text, with white space, before its quote."""
    return any(
        isinstance(one, str) and one and re.search(re.escape(one) + r"\s*\n\"?\s*\"", text) is not None
        for one in scalars(value)
    )


# -- the tables --------------------------------------------------------------------------------------------------------


def same(one: object, other: object) -> bool:
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True) or (
        one == other and not isinstance(one, bool)
    )


def passes(row: dict, said: Said) -> bool:
    return bool(said.error) if row.get("refused") else not said.error and same(row["expected"], said.value)


def repair_suites(show: str) -> None:
    by_suite: dict[str, list[dict]] = {}
    verdicts: dict[str, Counter[str]] = {}
    for row in rows("repair_cases"):
        by_suite.setdefault(row["suite"], []).append(row)
    print(
        "| suite | cases | reader | as expected | … of those whose expectation keeps to the text | invented | lost | ms |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for suite, cases in by_suite.items():
        texts = [case["input"] for case in cases]
        faulty = {
            index
            for index, case in enumerate(cases)
            if case.get("refused")
            or invented(case["input"], case["expected"])
            or lost(case["input"], Said(case["expected"]))
            or trimmed(case["input"], case["expected"])
        }
        for name, (answers, seconds) in (
            ("extract", ours(texts, bare=suite in BARE)),
            ("json_repair", json_repair(texts)),
        ):
            good = [passes(case, said) for case, said in zip(cases, answers, strict=True)]
            fair = [ok for index, ok in enumerate(good) if index not in faulty]
            pairs = [(case["input"], said) for case, said in zip(cases, answers, strict=True) if not said.error]
            made = sum(bool(invented(text, said.value)) for text, said in pairs)
            gone = sum(bool(lost(text, said)) for text, said in pairs)
            print(
                f"| {suite} | {len(cases)} | {name} | {sum(good)} ({sum(good) / len(good):.0%}) "
                f"| {sum(fair)} of {len(fair)} ({sum(fair) / len(fair):.0%}) | {made} | {gone} | {seconds * 1e3:.0f} |"
            )
            if name == "extract":
                verdicts[suite] = _verdicts(suite, cases, good, faulty)
            if show == suite and name == "extract":
                _show(cases, answers, good, faulty)
    for suite, counts in verdicts.items():
        left = counts.pop("")
        print(f"\n{suite}, our differences: {sum(counts.values())} on purpose, {left} left\n{told(counts)}")


def _verdicts(suite: str, cases: list[dict], good: list[bool], faulty: set[int]) -> Counter[str]:
    """Why we differ, case by case; nothing stands for what is left to do."""
    counts: Counter[str] = Counter({"": 0})
    for index, (case, ok) in enumerate(zip(cases, good, strict=True)):
        if not ok:
            known = "refuses" if case.get("refused") else "invents-or-loses" if index in faulty else ""
            counts[CASES.get(mark(suite, case["input"]), known)] += 1
    return counts


def _show(cases: list[dict], answers: list[Said], good: list[bool], faulty: set[int]) -> None:
    for index, (case, said, ok) in enumerate(zip(cases, answers, good, strict=True)):
        odd = [] if said.error else invented(case["input"], said.value) + lost(case["input"], said)
        if ok and not odd:
            continue
        note = (
            "INVENTED OR LOST " + repr(odd) if odd else "expectation invents or loses" if index in faulty else "differs"
        )
        print(f"  {note}: {case['input'][:160]!r}\n    expected {json.dumps(case.get('expected', 'refusal'))[:160]}")
        print(f"    got      {said.error or json.dumps(said.value)[:160]} {sorted(set(said.kinds))}")


def parser_suite() -> None:
    count: Counter[str] = Counter()
    for row in rows("json_test_suite"):
        try:
            text = base64.b64decode(row["b64"]).decode()
        except UnicodeDecodeError:
            continue
        kind = row["name"][0]
        count[kind] += 1
        try:
            strict = json.loads(text, parse_constant=refuse)
            valid = kind != "n"
        except (ValueError, RecursionError):
            strict, valid = None, False
        (said,), _ = ours([text])
        if kind == "y":
            noted = set(said.kinds) <= {"duplicate-key"}
            count["y read, unchanged"] += not said.error and noted and same(strict, said.value)
        elif kind == "n":
            count["n refused or on record"] += bool(said.error or said.kinds)
        else:
            count["i unchanged, refused or on record"] += bool(
                said.error or said.kinds or (valid and same(strict, said.value))
            )
    print(
        "\njson_test_suite (files that are UTF-8):",
        ", ".join(f"{key}: {value}" for key, value in sorted(count.items())),
    )


def refuse(word: str) -> float:
    raise ValueError(word)


def naughty() -> None:
    texts = [row["s"] for row in rows("naughty_strings")]
    whole = [{"before": "x", text: [text, {"k": text}], "after": 1} for text in texts]
    strict = sum(
        same(value, said.value) for value, said in zip(whole, ours(list(map(json.dumps, whole)))[0], strict=True)
    )
    broken = [json.dumps(value, ensure_ascii=False)[:-1] + ",}" for value in whole]
    mended = sum(same(value, said.value) for value, said in zip(whole, ours(broken)[0], strict=True))
    python = sum(same(value, said.value) for value, said in zip(whole, ours(list(map(repr, whole)))[0], strict=True))
    print(
        f"naughty_strings, {len(texts)} round trips: {strict} as JSON, {mended} with a comma too many, {python} as Python prints them"
    )
    bare = sum(not said.error or bool(said.error) for said in ours(texts, bare=True)[0])
    print(f"naughty_strings read on their own without an accident: {bare}")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--show", default="", help="list a suite's cases that differ")
    show = arguments.parse_args().show
    if not (DATA / "repair_cases.jsonl.gz").exists():
        sys.exit(f"no suites in {DATA.name}; set EXTRACT_SHARED_DATA")
    repair_suites(show)
    parser_suite()
    naughty()


if __name__ == "__main__":
    main()
