"""A reply in, Responses out: the response object, or its events in the order and the shapes of the real stream."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from extract.testing._chat import DONE, Identity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from extract.testing._asked import Asked
    from extract.typing import Reply, Usage

_REASONS = {"length": "max_output_tokens", "content_filter": "content_filter"}


def body(asked: Asked, reply: Reply, identity: Identity) -> dict[str, Any]:
    """Write a finished ``response`` object; without ``usage`` when the reply has none."""
    reason = _REASONS.get(reply.finish)
    done = {
        **_begun(asked, identity),
        "status": "completed" if reason is None else "incomplete",
        "completed_at": identity.created if reason is None else None,
        "incomplete_details": None if reason is None else {"reason": reason},
        "output": [_item(asked, reply, identity)],
        "usage": None if reply.usage is None else usage_body(reply.usage),
        "service_tier": "default",
    }
    if reply.usage is None:
        del done["usage"]
    return done


def events(asked: Asked, reply: Reply, identity: Identity, piece: int) -> Iterator[bytes]:
    """Write the stream's events, each an ``event:`` and a ``data:`` line with the blank line.

    The last one is ``response.completed`` or ``response.incomplete``; this gateway adds a ``[DONE]``.
    """
    done = body(asked, reply, identity)
    for number, (kind, fields) in enumerate(_sequence(_begun(asked, identity), done, piece)):
        data = json.dumps({"type": kind, **fields, "sequence_number": number})
        yield f"event: {kind}\ndata: {data}\n\n".encode()
    yield DONE


def usage_body(usage: Usage) -> dict[str, Any]:
    """Write usage with its details."""
    return {
        "input_tokens": usage.input_tokens or 0,
        "input_tokens_details": {"cached_tokens": usage.cached_tokens or 0},
        "output_tokens": usage.output_tokens or 0,
        "output_tokens_details": {"reasoning_tokens": usage.reasoning_tokens or 0},
        "total_tokens": usage.total_tokens or 0,
    }


def _begun(asked: Asked, identity: Identity) -> dict[str, Any]:
    given = asked.body
    return {
        "id": f"resp_{identity.suffix}",
        "object": "response",
        "created_at": identity.created,
        "status": "in_progress",
        "background": False,
        "completed_at": None,
        "error": None,
        "incomplete_details": None,
        "instructions": given.get("instructions"),
        "max_output_tokens": given.get("max_output_tokens"),
        "model": identity.model,
        "output": [],
        "parallel_tool_calls": given.get("parallel_tool_calls", True),
        "previous_response_id": None,
        "reasoning": {"effort": asked.effort, "summary": None},
        "service_tier": "auto",
        "store": given.get("store", True),
        "temperature": given.get("temperature", 1.0),
        "text": {"format": {"type": "text"}, "verbosity": "medium", **asked.text},
        "tool_choice": given.get("tool_choice", "auto"),
        "tools": given.get("tools", []),
        "top_p": given.get("top_p", 1.0),
        "truncation": "disabled",
        "usage": None,
        "user": None,
        "metadata": given.get("metadata") or {},
    }


def _item(asked: Asked, reply: Reply, identity: Identity) -> dict[str, Any]:
    status = "incomplete" if reply.finish in _REASONS else "completed"
    if asked.function is not None and reply.refusal is None:
        names = {"call_id": f"call_{identity.suffix}", "name": asked.function.get("name")}
        return {
            "id": f"fc_{identity.suffix}",
            "type": "function_call",
            "status": status,
            "arguments": reply.text,
            **names,
        }
    content = [_part(reply)]
    return {
        "id": f"msg_{identity.suffix}",
        "type": "message",
        "status": status,
        "content": content,
        "role": "assistant",
    }


def _part(reply: Reply) -> dict[str, Any]:
    if reply.refusal is not None:
        return {"type": "refusal", "refusal": reply.refusal}
    return {"type": "output_text", "annotations": [], "logprobs": [], "text": reply.text}


def _sequence(begun: dict[str, Any], done: dict[str, Any], piece: int) -> Iterator[tuple[str, dict[str, Any]]]:
    yield "response.created", {"response": begun}
    yield "response.in_progress", {"response": begun}
    (item,) = done["output"]
    empty: dict[str, Any] = {"arguments": ""} if item["type"] == "function_call" else {"content": []}
    yield "response.output_item.added", {"item": {**item, "status": "in_progress", **empty}, "output_index": 0}
    yield from _item_events(item, piece)
    yield "response.output_item.done", {"item": item, "output_index": 0}
    yield f"response.{done['status']}", {"response": done}


def _item_events(item: dict[str, Any], piece: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Write what happens inside one output item: a call's arguments, or a message's one part."""
    place: dict[str, Any] = {"item_id": item["id"], "output_index": 0}
    if item["type"] == "function_call":
        for delta in _pieces(item["arguments"], piece):
            yield "response.function_call_arguments.delta", {**place, "delta": delta}
        yield "response.function_call_arguments.done", {**place, "name": item["name"], "arguments": item["arguments"]}
        return
    (part,) = item["content"]
    place["content_index"] = 0
    word, kind = ("refusal", "refusal") if part["type"] == "refusal" else ("text", "output_text")
    extra: dict[str, Any] = {} if word == "refusal" else {"logprobs": []}
    yield "response.content_part.added", {**place, "part": {**part, word: ""}}
    for delta in _pieces(part[word], piece):
        yield f"response.{kind}.delta", {**place, "delta": delta, **extra}
    yield f"response.{kind}.done", {**place, word: part[word], **extra}
    yield "response.content_part.done", {**place, "part": part}


def _pieces(text: str, piece: int) -> Iterator[str]:
    return (text[start : start + piece] for start in range(0, len(text), piece))
