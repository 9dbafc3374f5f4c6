"""A declared type in, its wire schema, the explanation of it, or a verdict for CI on stdout."""

from __future__ import annotations

import json
import sys
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from extract.cli._exit import DONE, FAILED
from extract.cli._types import compiled
from extract.errors import SchemaError, show_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from extract.schema import Explanation, Schema

__all__ = ["show_schema"]

_LIMITS = ("depth", "properties", "characters", "enum_values", "long_enum_characters")


def show_schema(declared: Any, *, dialect: str, explain: bool, check: bool) -> int:
    """Print what the model is held to; with ``check``, whether it will be held to it.

    Returns:
        The exit code: 1 when ``check`` found something.

    Raises:
        SchemaError: When the type cannot be expressed and nobody asked whether it can.
        ConfigError: When there is no such dialect.
    """
    try:
        schema = compiled(declared, dialect)
    except SchemaError as error:
        if not check:
            raise
        _say(f"✗ {error.message}")
        if error.advice:
            _say(f"    → {error.advice}")
        return FAILED
    if explain:
        _say(str(schema.explain()))
    elif not check:
        _say(json.dumps(schema.wire, indent=2, ensure_ascii=False))
    return _verdict(schema) if check else DONE


def _verdict(schema: Schema[Any]) -> int:
    explanation = schema.explain()
    found = list(_findings(schema, explanation))
    for finding in found:
        _say(f"✗ {schema.name}: {finding}")
    if not found:
        held = "strict" if schema.strict else "a hint only, as always with this dialect"
        _say(f"✓ {schema.name} fits {schema.dialect.name}: {held}; {_use(explanation)}")
    for rewrite in explanation.unenforced:
        _say(f"  note: {show_path(rewrite.path)}: {rewrite.what}")
    return FAILED if found else DONE


def _findings(schema: Schema[Any], explanation: Explanation) -> Iterator[str]:
    if schema.dialect.strict and not schema.strict:
        yield "; ".join(schema.notes) or "not strict"  # the first note says why
    limits = schema.dialect.limits
    for name in explanation.use.over(limits) if schema.strict else ():
        asked = f", so it is asked in {len(schema.parts)} questions" if len(schema.parts) > 1 else ""
        use, limit = getattr(explanation.use, name), getattr(limits, name)
        yield f"{name.replace('_', ' ')} {use:,} exceeds the limit of {limit:,}{asked}"
    if schema.strict or not schema.dialect.strict:
        yield from _illegal(schema)


def _illegal(schema: Schema[Any]) -> Iterator[str]:
    """Say where a wire schema breaks the rules of its dialect; a mistake of ours, found here and not by the gateway."""
    from jsonschema import Draft202012Validator  # noqa: PLC0415 — only to check

    text = files("extract.schemas").joinpath("dialects", f"{schema.dialect.name}.json").read_text(encoding="utf-8")
    judge = Draft202012Validator(json.loads(text))
    for part in schema.parts:
        for error in judge.iter_errors(part.format.schema):
            yield f"the wire schema breaks a rule of {schema.dialect.name} @ {error.json_path} ({error.validator})"


def _use(explanation: Explanation) -> str:
    limits = explanation.dialect.limits
    return ", ".join(
        f"{name.replace('_', ' ')} {getattr(explanation.use, name):,}"
        + ("" if getattr(limits, name) is None else f" of {getattr(limits, name):,}")
        for name in _LIMITS
    )


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
