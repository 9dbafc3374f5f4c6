"""Do models that no one here wrote compile cleanly and come back whole? Ours beside openai's and pydantic-ai's transformers.

Asked in an environment of its own, ``real_models`` in bench/peers, made on first use. SAMPLE (60) bounds the models a
package, SEED (7) picks them, SECONDS (30) is the time for one. Arguments are names of packages.

Columns, in models: `clean` the strict subset takes the schema, `round` drawn values obey it and come back equal,
`refused` by name before any call, `wrong` accepted, and yet a value cannot be said or comes back changed,
`undrawn` no valid value was found to try. Values are drawn from pydantic's own JSON Schema of the model, mended by what
its validator says; the last resort is our wire schema.
"""

from __future__ import annotations

import importlib
import inspect
import json
import os
import pkgutil
import random
import subprocess
import sys
import warnings
from collections import Counter
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parents[2]
PACKAGES = {
    "fhir.resources": "fhir.resources",
    "githubkit": "githubkit.versions.latest.models",
    "kubex": "kubex_core.models,kubex.k8s,kubex.core.models",
    "openapi-pydantic": "openapi_pydantic",
    "mcp": "mcp.types",
    "anthropic": "anthropic.types",
    "openai": "openai.types,openai.types.chat,openai.types.responses,openai.types.beta,openai.types.realtime",
    "docling-core": "docling_core.types.doc,docling_core.types.io",
    "stac-pydantic": "stac_pydantic,stac_pydantic.api",
    "scim2-models": "scim2_models",
    "ome-types": "ome_types.model",
    "dbt-artifacts-parser": "dbt_artifacts_parser.parsers.manifest.manifest_v12,dbt_artifacts_parser.parsers.catalog.catalog_v1",
    "langchain-core": "langchain_core.messages,langchain_core.documents,langchain_core.outputs,langchain_core.prompts",
}
SAMPLE = int(os.environ.get("SAMPLE", "60"))
SEED = int(os.environ.get("SEED", "7"))
SECONDS = int(os.environ.get("SECONDS", "30"))


def models(names: str) -> tuple[int, list[Any]]:
    """Collect the public models of a package that have instances: how many there are, and a stable sample of them."""
    from pydantic import BaseModel

    found: dict[str, Any] = {}
    for name in names.split(","):
        try:
            top = importlib.import_module(name)
        except ImportError:
            continue
        modules = [top]
        for each in pkgutil.iter_modules(getattr(top, "__path__", [])):
            if not each.name.startswith(("test", "_")):
                try:
                    modules.append(importlib.import_module(f"{name}.{each.name}"))
                except Exception:
                    continue
        for module in modules:
            for key in dir(module):
                try:
                    value = getattr(module, key)
                except Exception:
                    continue
                if (
                    isinstance(value, type)
                    and issubclass(value, BaseModel)
                    and value is not BaseModel
                    and key[0] != "_"
                    and not inspect.isabstract(value)
                ):
                    found[f"{value.__module__}.{value.__name__}"] = value
    names_ = sorted(found)
    random.Random(SEED).shuffle(names_)
    return len(names_), [found[each] for each in names_[:SAMPLE]]


TEXTS = {
    "date": "2024-02-29", "date-time": "2024-02-29T12:00:00Z", "time": "12:00:00", "duration": "P1D",
    "uuid": "12345678-1234-5678-1234-567812345678", "ipv4": "1.2.3.4", "ipv6": "::1", "email": "a@example.com",
    "hostname": "example.com",
}  # fmt: skip


def draw(node: Any, defs: Any, rng: random.Random, depth: int = 0) -> Any:
    """Draw a value that obeys a wire schema, as small as its depth asks for."""
    while "$ref" in node:
        node = defs[node["$ref"].rsplit("/", 1)[-1]]
    if "const" in node:
        return node["const"]
    if "enum" in node:
        return rng.choice(node["enum"])
    if "anyOf" in node:
        branches = node["anyOf"]
        nulls = [each for each in branches if each.get("type") == "null"]
        if nulls and (depth > 3 or rng.random() < 0.4):
            return None
        return draw(rng.choice([each for each in branches if each not in nulls] or nulls), defs, rng, depth)
    kind = node.get("type")
    if kind == "object":
        return {key: draw(each, defs, rng, depth + 1) for key, each in node["properties"].items()}
    if kind == "array":
        least = node.get("minItems", 0)
        size = least if depth > 3 else max(least, rng.randint(0, 2))
        return [draw(node["items"], defs, rng, depth + 1) for _ in range(size)]
    if kind == "integer":
        return max(int(node.get("minimum", 1)), 1)
    if kind == "number":
        return 1.5
    if kind == "boolean":
        return rng.random() < 0.5
    if kind == "null":
        return None
    if "JSON text" in node.get("description", ""):
        return '{"a": [1]}'
    if "decimal" in node.get("description", ""):
        return "1.50"
    return TEXTS.get(node.get("format", ""), "https://example.com" if "uri" in node.get("description", "") else "abc")


def drawn(model: Any, schema: Any) -> list[Any]:
    """Find valid values of the model: from pydantic's JSON Schema, else from the wire schema."""
    from pydantic import TypeAdapter, ValidationError

    from bench.drawing import draws, places

    adapter: Any = TypeAdapter(model)

    def complaints(value: Any) -> Any:
        try:
            if not comes_back(adapter, adapter.validate_json(json.dumps(value))):
                yield (), True
        except ValidationError as error:
            for each in error.errors(include_url=False, include_context=False)[:20]:
                missing = each["type"].endswith("missing")
                yield places(value, each["loc"], missing=missing), each["type"] == "extra_forbidden"
        except Exception:
            yield (), True

    try:
        declared = model.model_json_schema()
    except Exception:
        declared = None
    raw = [] if declared is None else draws(declared, complaints, turns=60)
    values = [adapter.validate_json(json.dumps(each)) for each in raw]
    return values or [each for each in (by_wire(schema),) if each is not None]


def comes_back(adapter: Any, value: Any) -> bool:
    """Say whether pydantic itself brings a value back through its JSON; a default may be invalid, or a dump lossy."""
    try:
        return same(adapter.validate_json(adapter.dump_json(value, by_alias=True)), value)
    except Exception:
        return False


def by_wire(schema: Any, turns: int = 12) -> Any:
    """Find a valid value of the wire schema, going by what the check complains about."""
    for turn in range(turns):
        rng = random.Random(turn)
        wire = draw(schema.wire, schema.wire.get("$defs", {}), rng, depth=turn // 4)
        for _ in range(6):
            checked = schema.check(wire, strictness="exact")
            if checked.ok:
                return checked.value
            for issue in checked.issues:
                blank(wire, issue.path)
    return None


def blank(wire: Any, path: tuple[Any, ...]) -> None:
    """Put null where the check complained."""
    here = wire
    for step in path[:-1]:
        try:
            here = here[step]
        except (KeyError, IndexError, TypeError):  # noqa: PERF203
            return
    if path and isinstance(here, dict):
        here[path[-1]] = None


def referee() -> Any:
    """Use the outside checker of the strict subset where it is at hand, else the dialect's meta-schema."""
    import jsonschema

    tools = os.environ.get("STRICT_SUBSET")
    if tools:
        sys.path.insert(0, tools)
        from strict_subset import violations

        return lambda wire: not violations(wire)[0]
    meta = jsonschema.Draft202012Validator(json.loads((HERE / "schemas/dialects/openai-strict.json").read_text()))
    return meta.is_valid


def judge_ours(model: Any, clean: Any) -> tuple[str, Any, str]:
    """Compile, draw, encode, validate, decode."""
    import jsonschema

    from extract.errors import SchemaError
    from extract.schema import Schema

    try:
        schema: Any = Schema.of(model)
    except SchemaError as error:
        return "refused", None, str(error).splitlines()[0]
    if not all(clean(part.format.schema) for part in schema.parts):
        return "wrong", None, "not clean"
    values = drawn(model, schema)
    judge = jsonschema.Draft202012Validator(schema.wire)
    for value in values:
        wire = schema.encode(value)
        if not judge.is_valid(wire):
            return "wrong", value, "encoded value does not obey the wire schema"
        checked = schema.check(wire, strictness="exact")
        if not checked.ok:
            return "wrong", value, f"a valid value is refused: {checked.issues[0]}"[:200]
        if not same(checked.value, value):
            return "wrong", value, "comes back changed"
    return ("round" if values else "undrawn"), values[0] if values else None, "no valid value was found"


def same(one: Any, other: Any) -> bool:
    """Compare two models; those whose own equality fails are compared by what they hold."""
    if one == other:
        return True
    return type(one) is type(other) and one != one.model_copy(deep=True) and repr(one) == repr(other)


def judge_theirs(transform: Any, model: Any, value: Any, clean: Any) -> tuple[bool, str]:
    """Say whether their schema is clean, and whether it can carry the value."""
    import jsonschema

    try:
        schema = transform(model)
    except Exception:
        return False, "refused"
    tidy = clean(schema)
    if value is None:
        return tidy, "undrawn"
    try:
        wire = json.loads(value.model_dump_json(by_alias=True, exclude_unset=False))
    except Exception:
        return tidy, "undrawn"
    try:
        said = jsonschema.Draft202012Validator(schema).is_valid(wire)
        back = model.model_validate_json(json.dumps(wire)) == value
    except Exception:  # an author's words in the schema may be no JSON Schema
        said = back = False
    return tidy, "round" if said and back else "wrong"


def transforms() -> dict[str, Any]:
    """Name the rivals' transformers."""
    from openai.lib._pydantic import to_strict_json_schema
    from pydantic_ai.profiles.openai import OpenAIJsonSchemaTransformer

    def pydantic_ai(model: Any) -> Any:
        return OpenAIJsonSchemaTransformer(model.model_json_schema(), strict=True).walk()

    return {"openai": to_strict_json_schema, "pydantic-ai": pydantic_ai}


def main() -> None:
    """Print a row a package and library, and the sums."""
    from bench.environments import interpreter

    python = interpreter("real_models")
    if Path(sys.prefix).resolve() != python.parent.parent.resolve():
        command = [str(python), "-m", "bench.questions.real_models", *sys.argv[1:]]
        subprocess.run(command, env={**os.environ, "PYTHONPATH": str(HERE)}, check=True, cwd=HERE)
        return
    warnings.simplefilter("ignore")
    clean, rivals = referee(), transforms()
    total: dict[str, Counter[str]] = {}
    print(
        f"{'package':>21} {'library':>12} {'there':>6} {'models':>6} {'clean':>6} {'round':>6} {'refused':>8} {'wrong':>6} {'undrawn':>8}"
    )
    for package, names in PACKAGES.items():
        if sys.argv[1:] and package not in sys.argv[1:]:
            continue
        there, found = models(names)
        for name, row in tried(found, clean, rivals).items():
            row.update(there=there, models=len(found))
            show(package, name, row)
            total.setdefault(name, Counter()).update(row)
    for name, row in total.items():
        show("all", name, row)


def tried(found: list[Any], clean: Any, rivals: dict[str, Any]) -> dict[str, Counter[str]]:
    """Try the models of one package."""
    from bench.questions.schema_files import TooSlow, bounded

    rows: dict[str, Counter[str]] = {name: Counter() for name in ("ours", *rivals)}
    for model in found:
        try:
            with bounded(SECONDS):
                verdict, value, why = judge_ours(model, clean)
        except TooSlow:
            verdict, value, why = "wrong", None, f"more than {SECONDS} s"
        except Exception as error:
            verdict, value, why = "wrong", None, f"{type(error).__name__}: {str(error)[:150]}"
        rows["ours"][verdict] += 1
        rows["ours"]["clean"] += verdict in {"round", "undrawn"} or (verdict == "wrong" and why != "not clean")
        if verdict != "round":
            print(f"    {model.__module__}.{model.__name__}: {verdict}: {why}", flush=True)
        for name, transform in rivals.items():
            tidy, theirs = judge_theirs(transform, model, value, clean)
            rows[name][theirs] += 1
            rows[name]["clean"] += tidy
    return rows


def show(package: str, library: str, row: Counter[str]) -> None:
    """Print a row."""
    cells = " ".join(f"{row[key]:>{size}}" for key, size in zip(_COLUMNS, (6, 6, 6, 6, 8, 6, 8), strict=True))
    print(f"{package:>21} {library:>12} {cells}", flush=True)


_COLUMNS = ("there", "models", "clean", "round", "refused", "wrong", "undrawn")


if __name__ == "__main__":
    main()
