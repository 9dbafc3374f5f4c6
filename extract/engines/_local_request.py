"""A request for any model in, the same request as the embedded model needs it out: grammar, outline, limits."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

from pydantic_core import to_json

from extract.engines._local_candidates import narrowed, order_of
from extract.engines._local_labels import dates_of
from extract.engines._local_spelling import ISO, Place, spelled, written
from extract.engines._local_texts import Things, kind_of
from extract.typing import Message, WireFormat

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from extract.engines._weights import Weights
    from extract.typing import Request

__all__ = ["MAX_TOKENS", "adapted", "outline"]

MAX_TOKENS = 2048
"""Limit on an answer that names none: a small model in a loop would write until its context is full."""

DEPTH = 8
"""Levels an outline goes down; a recursive schema has no end."""

_COMPACT = (
    b'%llguidance {}\nstart: %json {"x-guidance":'
    b'{"lenient":true,"whitespace_flexible":false,"item_separator":", ","key_separator":": "},'
)


def adapted(request: Request, weights: Weights | None) -> Request:
    """Write a request the way the model behind the server does best.

    Args:
        request: What to ask. What it says itself wins over what is filled in here.
        weights: What is known about the model; None for the user's own file.
    """
    parameters = request.parameters
    extra = dict(parameters.extra_body)
    wire = None if request.format is None else _spelled(request, request.format, weights)
    if wire is not None and weights is not None and weights.grammar == "compact" and "grammar" not in extra:
        extra["grammar"] = _grammar(wire)
        wire = None
    messages = request.messages
    if request.format is not None and weights is not None and weights.outline:
        messages = _outlined(messages, request.format)
    return replace(
        request,
        messages=messages,
        format=None if "grammar" in extra else wire,
        parameters=replace(
            parameters,
            # Greedy, so that the same document gives the same answer.
            temperature=0.0 if parameters.temperature is None and parameters.top_p is None else parameters.temperature,
            seed=0 if parameters.seed is None else parameters.seed,
            max_output_tokens=parameters.max_output_tokens or MAX_TOKENS,
            reasoning_effort=None,
            extra_body=extra,
        ),
    )


def outline(schema: Mapping[str, Any]) -> str:
    """Write a schema the way people jot it down: ``{number, total: number, lines: [{name}]}``."""
    return _shape(schema, schema, 0)


def _spelled(request: Request, wire: WireFormat, weights: Weights | None) -> WireFormat:
    schema = spelled(wire.schema, _forms_of(request, weights))
    return wire if schema == wire.schema else WireFormat(wire.name, schema, to_json(schema), wire.strict)


def _forms_of(request: Request, weights: Weights | None) -> Callable[[Place], Mapping[str, str]]:
    """Say, by the name and description of a place, in which forms dates, times, amounts and names are written there."""
    if weights is None or not weights.copies:
        return lambda _: ISO
    documents = "\n".join(message.content for message in request.messages if message.role == "user")
    forms, things = written(documents), Things(documents)
    fields = dates_of(request.format.schema) if request.format else {}
    by_order = cache(lambda order, name: narrowed(documents, forms, order, name, fields))

    def forms_of(place: Place) -> Mapping[str, str]:
        found = by_order(order_of(place.told), place.name if place.name in fields else "")
        kind = kind_of(place.name, place.told)
        pattern = things.pattern(kind, place.name) if kind else None
        return found if pattern is None else {**found, "text": pattern}

    return forms_of


def _grammar(wire: WireFormat) -> str:
    return (_COMPACT + wire.encoded.lstrip()[1:]).decode()


def _outlined(messages: tuple[Message, ...], wire: WireFormat) -> tuple[Message, ...]:
    line = f"Answer in JSON: {outline(wire.schema)}"
    if messages and messages[0].role == "system":
        return (Message("system", f"{messages[0].content}\n{line}"), *messages[1:])
    return (Message("system", line), *messages)


def _shape(schema: Any, root: Mapping[str, Any], depth: int) -> str:
    if not isinstance(schema, dict) or depth > DEPTH:
        return "…"
    if "$ref" in schema:
        return _shape(_target(schema["$ref"], root), root, depth + 1)
    if "enum" in schema:
        return "|".join(str(value) for value in schema["enum"][:12])
    branches = schema.get("anyOf") or schema.get("oneOf")
    if branches:
        return "|".join(_shape(branch, root, depth + 1) for branch in branches)
    if schema.get("type") == "array" or "items" in schema:
        return f"[{_shape(schema.get('items'), root, depth + 1)}]"
    if "properties" in schema:
        members = (f"{name}: {_shape(part, root, depth + 1)}" for name, part in schema["properties"].items())
        return "{" + ", ".join(members) + "}"
    kind = schema.get("format") or schema.get("type", "any")
    return "|".join(kind) if isinstance(kind, list) else str(kind)


def _target(reference: str, root: Mapping[str, Any]) -> Any:
    found: Any = root
    for step in reference.removeprefix("#").strip("/").split("/"):
        if step and isinstance(found, dict):
            found = found.get(step.replace("~1", "/").replace("~0", "~"))
    return found
