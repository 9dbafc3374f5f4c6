"""Do JSON Schemas that no one here wrote compile, and do their values come back whole? Ours beside two transformers.

The schemas are those that packages of PyPI and npm ship; they are unpacked into bench/.envs on first use, and the question
is asked in the environment ``real_models``. SAMPLE (40) bounds the schemas a package, SECONDS (60) the time for one.

Columns, in schemas: `strict` fitted, `parts` of these asked in several questions, `loose` travelling as a hint and said to
be, `refused` by name before any call, `broken` ones that jsonschema cannot use either (invalid, or they refer to what is not
shipped), `unsaid` strict, but some valid value is refused by encode by name (it has keys the schema does not name, or
is of a kind it leaves open), `wrong` a value comes back changed, disobeys the wire schema, or an invalid one is let through,
`undrawn` no valid value was found to try, `slowest` in seconds. The judge is stock jsonschema on the original schema.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import tarfile
import time
import warnings
from collections import Counter
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parents[2]
HOME = HERE / "bench" / ".envs" / "schema_files"
SAMPLE = int(os.environ.get("SAMPLE", "40"))
SECONDS = int(os.environ.get("SECONDS", "60"))
PYPI = (
    "altair==6.3.0", "ansible-lint==26.10.1", "cffconvert==2.0.0", "cfn-lint==1.58.0", "check-jsonschema==0.39.0",
    "cyclonedx-python-lib==11.12.0", "frictionless==5.21.0", "jsonschema-specifications==2025.9.1", "jupyterlab==4.6.6",
    "nbformat==5.11.1", "openapi-spec-validator==0.9.0", "validate-pyproject==0.27",
    "validate-pyproject-schema-store==2026.10.23",
)  # fmt: skip
NPM = (
    "@0x/json-schemas@6.4.6", "@angular/cli@21.2.28", "@asyncapi/specs@6.11.1", "@biomejs/biome@2.6.8",
    "@camunda/zeebe-element-templates-json-schema@0.46.0", "@cspell/cspell-types@9.8.0",
    "@octokit/webhooks-schemas@7.6.1", "geojson-schema@1.0.5", "har-schema@2.0.0", "nx@24.0.6",
    "renovate@39.264.1", "resume-schema@1.0.1", "turbo@2.11.11", "vega@6.4.0", "vega-lite@6.4.3", "webpack@5.112.2",
    "wrangler@4.86.0",
)  # fmt: skip
_COLUMNS = {"strict": 7, "parts": 6, "loose": 6, "refused": 8, "broken": 7, "values": 7, "round": 6, "unsaid": 7, "wrong": 6, "undrawn": 8}  # fmt: skip


def unpacked() -> dict[str, Path]:
    """Unpack the packages, and say where each is; one that cannot be had is named and left out."""
    found = {}
    for named in (*PYPI, *NPM):
        name = named.split("==")[0] if "==" in named else named.rpartition("@")[0]
        home = HOME / named.replace("/", "_")
        if not (home / "ready").exists():
            home.mkdir(parents=True, exist_ok=True)
            (_pip if "==" in named else _npm)(named, home)
        if (home / "ready").exists():
            found[name] = home
        else:
            print(f"{named} cannot be had here", file=sys.stderr)
    return found


def _pip(named: str, home: Path) -> None:
    command = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-compile", "--target", str(home), named]
    if subprocess.run(command, capture_output=True, check=False).returncode == 0:
        (home / "ready").touch()


def _npm(named: str, home: Path) -> None:
    with contextlib.suppress(OSError, IndexError):
        done = subprocess.run(["npm", "pack", "--silent", named], cwd=home, capture_output=True, text=True, check=False)
        archive = home / done.stdout.strip().splitlines()[-1]
        with tarfile.open(archive) as tar:
            tar.extractall(home, filter="data")
        archive.unlink()
        (home / "ready").touch()


def files(home: Path) -> list[Path]:
    """Find the JSON Schemas of a package, a stable sample of them; files of the same content count once."""
    found: dict[bytes, Path] = {}
    for path in sorted(home.rglob("*.json")):
        with contextlib.suppress(ValueError, OSError, RecursionError):
            data = path.read_bytes()
            if path.name != "package.json" and _is_schema(json.loads(data)):
                found.setdefault(data, path)
    paths = sorted(found.values())
    random.Random(7).shuffle(paths)
    return paths[:SAMPLE]


def _is_schema(value: Any) -> bool:
    if not isinstance(value, dict) or not value.keys() & {
        "properties", "$ref", "definitions", "$defs", "anyOf", "oneOf", "allOf", "items", "patternProperties",
    }:  # fmt: skip
        return False
    return "json-schema.org" in str(value.get("$schema")) or (
        value.get("type") == "object" and isinstance(value.get("properties"), dict)
    )


class TooSlow(BaseException):
    """A schema took more than its time."""


@contextlib.contextmanager
def bounded(seconds: int) -> Any:
    """Stop whatever runs after so many seconds."""

    def stop(*_: Any) -> None:
        raise TooSlow

    signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)


def stock(path: Path, document: Any) -> Any:
    """Make jsonschema's stock judge of a schema; formats are those we check, and references those that are at hand."""
    from extract.schema._formats import format_checker
    from extract.schema._refs import References

    references = References(document, path)
    return references.kind(references.schema, registry=references.registry, format_checker=format_checker())


def judge_ours(path: Path, document: Any, row: Counter[str], told: list[str]) -> list[Any]:
    """Compile, draw, encode, validate, decode."""
    from extract.errors import SchemaError
    from extract.schema import Schema

    judge = None
    try:
        judge = stock(path, document)
        schema: Any = Schema.of(path)
    except SchemaError as error:
        kind = "broken" if judge is None or broken(judge, document) else "refused"
        row[kind] += 1
        told.append(f"{kind}: {str(error).splitlines()[0][:150]}")
        return []
    row["strict" if schema.strict else "loose"] += 1
    row["parts"] += len(schema.parts) > 1
    if not schema.strict:
        told.append(schema.notes[0])
    values = drawn(document, judge)
    row["values"] += len(values)
    verdicts = [come_back(schema, value, told) for value in values]
    worst = next((each for each in ("wrong", "unsaid", "round") if each in verdicts), "undrawn")
    row[worst] += 1
    if lets_through(schema, judge, document):
        row["wrong"] += 1
        told.append("wrong: an invalid value is let through")
    return values


def broken(judge: Any, document: Any) -> bool:
    """Say whether jsonschema cannot use a schema either: it is invalid, or refers to what is not there."""
    import jsonschema
    from referencing.exceptions import Unresolvable

    try:
        type(judge).check_schema(document, format_checker=None)
    except jsonschema.SchemaError:
        return True
    references: list[tuple[Any, Any]] = [(document, judge._resolver)]
    while references:
        node, resolver = references.pop()
        if isinstance(node, dict):
            if isinstance(node.get("$ref"), str):
                try:
                    resolver.lookup(node["$ref"])
                except (Unresolvable, ValueError):
                    return True
            references.extend((each, resolver) for each in node.values())
        elif isinstance(node, list):
            references.extend((each, resolver) for each in node)
    return False


def drawn(document: Any, judge: Any) -> list[Any]:
    """Draw valid values of the original schema."""
    from bench.drawing import draws

    def complaints(value: Any) -> Any:
        found = []
        for error in judge.iter_errors(value):
            inner = [each for each in _leaves(error) if each.absolute_path]
            found.extend((tuple(each.absolute_path), each.validator in _GOING) for each in (inner or [error])[:3])
            if error.validator in ("additionalProperties", "unevaluatedProperties"):
                found.extend(
                    ((*error.absolute_path, key), True) for key in error.instance if repr(key) in error.message
                )
            if len(found) > 20:
                break
        return found

    return draws(document, complaints)


_GOING = ("additionalProperties", "not", "required", "oneOf", "anyOf", "unevaluatedProperties")


def _leaves(error: Any) -> list[Any]:
    out: list[Any] = []
    work = [error]
    while work and len(out) < 20:
        each = work.pop()
        out.append(each)
        work.extend(each.context or ())
    return out[1:]


def come_back(schema: Any, value: Any, told: list[str]) -> str:
    """Send a value there and back."""
    import jsonschema

    from extract.errors import ValidationError

    try:
        wire = schema.encode(value)
    except ValidationError as error:
        told.append(f"unsaid: {str(error.issues[0])[:140]}")
        return "unsaid"
    # The gateway's reading of patterns is not jsonschema's; what our own check says of them is held below.
    if schema.strict and not jsonschema.Draft202012Validator(schema.wire).is_valid(wire):
        told.append("wrong: the encoded value does not obey the wire schema")
        return "wrong"
    checked = schema.check(wire, strictness="exact")
    if not checked.ok:
        told.append(f"wrong: a valid value is refused: {str(checked.issues[0])[:120]}")
        return "wrong"
    if checked.value != value:
        told.append("wrong: a value comes back changed")
        return "wrong"
    return "round"


def lets_through(schema: Any, judge: Any, document: Any) -> bool:
    """Say whether a raw value that the original refuses is accepted."""
    from bench.drawing import draws

    probes = draws(document, lambda _: (), wanted=6, turns=6)
    node = schema._node
    for value in (*probes, {}, [], "abc", 1, None, {"a": 1}):
        with contextlib.suppress(Exception):
            wire = value if node is None else node.encode(value)
            checked = schema.check(wire, strictness="exact")
            if checked.ok and not judge.is_valid(checked.value):
                return True
    return False


def transforms() -> dict[str, Any]:
    """Name the rivals' transformers of a JSON Schema."""
    from openai.lib._pydantic import _ensure_strict_json_schema
    from pydantic_ai.profiles.openai import OpenAIJsonSchemaTransformer

    def openai(schema: Any) -> Any:
        schema = json.loads(json.dumps(schema))
        return _ensure_strict_json_schema(schema, path=(), root=schema)

    return {
        "openai": openai,
        "pydantic-ai": lambda s: OpenAIJsonSchemaTransformer(json.loads(json.dumps(s)), strict=True).walk(),
    }


def judge_theirs(transform: Any, document: Any, values: list[Any], clean: Any, row: Counter[str]) -> None:
    """Say whether their schema is clean, and whether it can carry the values as they are."""
    import jsonschema

    try:
        with bounded(SECONDS):
            schema = transform(document)
    except TooSlow:
        row["wrong"] += 1
        return
    except Exception:
        row["refused"] += 1
        return
    row["strict"] += clean(schema)
    if not values:
        row["undrawn"] += 1
        return
    try:
        said = all(jsonschema.Draft202012Validator(schema).is_valid(each) for each in values)
    except Exception:
        said = False
    row["values"] += len(values)
    row["round" if said else "wrong"] += 1


def tried(package: str, home: Path, clean: Any, total: dict[str, Counter[str]]) -> None:
    """Print one package's rows."""
    rivals = transforms()
    rows: dict[str, Counter[str]] = {name: Counter() for name in ("ours", *rivals)}
    paths, slowest = files(home), 0.0
    for path in paths:
        document, told, values = json.loads(path.read_bytes()), [], []
        start = time.perf_counter()
        try:
            with bounded(SECONDS):
                values = judge_ours(path, document, rows["ours"], told)
        except TooSlow:
            rows["ours"]["wrong"] += 1
            told.append(f"wrong: more than {SECONDS} s")
        except Exception as error:
            rows["ours"]["wrong"] += 1
            told.append(f"wrong: {type(error).__name__}: {str(error)[:150]}")
        slowest = max(slowest, time.perf_counter() - start)
        for line in dict.fromkeys(told):
            print(f"    {path.name}: {line}", flush=True)
        for name, transform in rivals.items():
            judge_theirs(transform, document, values, clean, rows[name])
    for name, row in rows.items():
        row["schemas"] = len(paths)
        show(package, name, row, slowest if name == "ours" else None)
        total.setdefault(name, Counter()).update(row)


def show(package: str, library: str, row: Counter[str], slowest: float | None = None) -> None:
    """Print a row."""
    cells = " ".join(f"{row[key]:>{size}}" for key, size in _COLUMNS.items())
    print(
        f"{package:>32} {library:>11} {row['schemas']:>7} {cells} {'' if slowest is None else f'{slowest:8.1f}'}",
        flush=True,
    )


def main() -> None:
    """Print a row a package and library, and the sums."""
    from bench.environments import interpreter
    from bench.questions.real_models import referee

    python = interpreter("real_models")
    if Path(sys.prefix).resolve() != python.parent.parent.resolve():
        paths = {"PYTHONPATH": str(HERE)}
        subprocess.run(
            [str(python), "-m", "bench.questions.schema_files", *sys.argv[1:]],
            env={**os.environ, **paths},
            check=True,
            cwd=HERE,
        )
        return
    warnings.simplefilter("ignore")
    wanted = sys.argv[1:]
    total: dict[str, Counter[str]] = {}
    print(
        f"{'package':>32} {'library':>11} {'schemas':>7} {' '.join(f'{key:>{size}}' for key, size in _COLUMNS.items())}  slowest"
    )
    for package, home in unpacked().items():
        if not wanted or package in wanted:
            tried(package, home, referee(), total)
    for library, row in total.items():
        show("all", library, row)


if __name__ == "__main__":
    main()
