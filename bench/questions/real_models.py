"""Do models that no one here wrote compile cleanly and come back whole? Ours beside openai's and pydantic-ai's transformers.

Needs an environment of its own; `python bench/questions/real_models.py --make` builds it in bench/.envs with
fhir.resources, githubkit, kubex, openapi-pydantic, mcp, anthropic, pydantic-ai-slim, openai and jsonschema.

Columns, in models: `clean` the strict subset takes the schema, `round` a drawn value obeys it and comes back equal,
`refused` by name before any call, `wrong` accepted, and yet a value cannot be said or comes back changed,
`undrawn` no valid value was found to try.
"""

from __future__ import annotations

import importlib
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
NEEDS = (
    "fhir.resources", "githubkit", "hishel<2", "kubex", "openapi-pydantic", "mcp", "anthropic", "pydantic-ai-slim", "openai",
    "jsonschema", "typing-extensions",
)  # fmt: skip
PACKAGES = {
    "fhir.resources": "fhir.resources",
    "githubkit": "githubkit.versions.latest.models",
    "kubex": "kubex_core.models,kubex.k8s,kubex.core.models",
    "openapi-pydantic": "openapi_pydantic",
    "mcp": "mcp.types",
    "anthropic": "anthropic.types",
}
SAMPLE = int(os.environ.get("SAMPLE", "60"))


def models(names: str) -> list[Any]:
    """Collect the public models of a package, a stable sample of them."""
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
                ):
                    found[f"{value.__module__}.{value.__name__}"] = value
    names_ = sorted(found)
    random.Random(7).shuffle(names_)
    return [found[each] for each in names_[:SAMPLE]]


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


def drawn(schema: Any, turns: int = 12) -> Any:
    """Find a valid value of the type, going by what the check complains about."""
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
    value = drawn(schema)
    if value is None:
        return "undrawn", None, ""
    wire = schema.encode(value)
    if not jsonschema.Draft202012Validator(schema.wire).is_valid(wire):
        return "wrong", value, "encoded value does not obey the wire schema"
    return ("round" if schema.decode(wire) == value else "wrong"), value, "comes back changed"


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
    wire = json.loads(value.model_dump_json(by_alias=True, exclude_unset=False))
    said = jsonschema.Draft202012Validator(schema).is_valid(wire)
    try:
        back = model.model_validate_json(json.dumps(wire)) == value
    except Exception:
        back = False
    return tidy, "round" if said and back else "wrong"


def transforms() -> dict[str, Any]:
    """Name the rivals' transformers."""
    from openai.lib._pydantic import to_strict_json_schema
    from pydantic_ai.profiles.openai import OpenAIJsonSchemaTransformer

    def pydantic_ai(model: Any) -> Any:
        return OpenAIJsonSchemaTransformer(model.model_json_schema(), strict=True).walk()

    return {"openai": to_strict_json_schema, "pydantic-ai": pydantic_ai}


def main() -> None:
    """Print one row a package and library."""
    warnings.simplefilter("ignore")
    sys.path.insert(0, str(HERE))
    clean, rivals = referee(), transforms()
    print(
        f"{'package':>18} {'library':>12} {'models':>6} {'clean':>6} {'round':>6} {'refused':>8} {'wrong':>6} {'undrawn':>8}"
    )
    for package, names in PACKAGES.items():
        rows: dict[str, Counter[str]] = {name: Counter() for name in ("ours", *rivals)}
        found = models(names)
        for model in found:
            verdict, value, why = judge_ours(model, clean)
            rows["ours"][verdict] += 1
            rows["ours"]["clean"] += verdict in {"round", "undrawn"} or (verdict == "wrong" and why != "not clean")
            if verdict in {"wrong", "refused"}:
                print(f"  {model.__module__}.{model.__name__}: {verdict}: {why}")
            for name, transform in rivals.items():
                tidy, theirs = judge_theirs(transform, model, value, clean)
                rows[name][theirs] += 1
                rows[name]["clean"] += tidy
        for name, row in rows.items():
            cells = " ".join(f"{row[key]:>{size}}" for key, size in zip(_COLUMNS, (6, 6, 8, 6, 8), strict=True))
            print(f"{package:>18} {name:>12} {len(found):>6} {cells}", flush=True)


_COLUMNS = ("clean", "round", "refused", "wrong", "undrawn")


def make() -> None:
    """Build the environment and run in it."""
    env = HERE / "bench" / ".envs" / "real_models"
    if not env.exists():
        subprocess.run([sys.executable, "-m", "venv", str(env)], check=True)
        subprocess.run([str(env / "bin" / "pip"), "install", "-q", *NEEDS], check=True)
    subprocess.run([str(env / "bin" / "python"), __file__], check=True)


if __name__ == "__main__":
    make() if "--make" in sys.argv else main()
