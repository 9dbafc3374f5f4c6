"""A reply in, Chat Completions out: the completion object, or its events in the shapes of the real stream."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from extract.testing._asked import Asked
    from extract.typing import Reply, Usage

FINGERPRINT = "fp_standin"
DONE = b"data: [DONE]\n\n"


@dataclass(frozen=True, slots=True)
class Identity:
    """What one answer is called: a number that makes its ids, and its second of birth."""

    number: int
    created: int
    model: str

    @property
    def suffix(self) -> str:
        """The number as the tail of an id."""
        return f"{self.number:029x}"


def body(asked: Asked, reply: Reply, identity: Identity) -> dict[str, Any]:
    """Write a ``chat.completion`` object; without ``usage`` when the reply has none."""
    message: dict[str, Any] = {"role": "assistant", "content": reply.text, "refusal": reply.refusal, "annotations": []}
    if reply.refusal is not None:
        message["content"] = None
    elif asked.function is not None:
        message["content"] = None
        message["tool_calls"] = [_tool_call(asked, identity, reply.text)]
    whole = {
        "id": f"chatcmpl-{identity.suffix}",
        "object": "chat.completion",
        "created": identity.created,
        "model": identity.model,
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": finish(asked, reply)}],
        "usage": None if reply.usage is None else usage_body(reply.usage),
        "service_tier": "default",
        "system_fingerprint": FINGERPRINT,
    }
    if reply.usage is None:
        del whole["usage"]
    return whole


def events(asked: Asked, reply: Reply, identity: Identity, piece: int) -> Iterator[bytes]:
    """Write the stream's events, each a ``data:`` line with its blank line.

    Args:
        asked: The request; ``stream_options`` decides about usage and obfuscation.
        reply: The whole answer.
        identity: The ids all chunks share.
        piece: Characters in each content delta.
    """
    before = (
        f'data: {{"id":"chatcmpl-{identity.suffix}","object":"chat.completion.chunk","created":{identity.created},'
        f'"model":{json.dumps(identity.model)},"service_tier":"default","system_fingerprint":"{FINGERPRINT}",'
    )
    counted = asked.options.get("include_usage") is True
    usage = ',"usage":null' if counted else ""
    padding = "" if asked.options.get("include_obfuscation") is False else ',"obfuscation":"0123456789"'

    def event(delta: str, reason: str = "null") -> bytes:
        choice = f'{{"index":0,"delta":{delta},"logprobs":null,"finish_reason":{reason}}}'
        return f'{before}"choices":[{choice}]{usage}{padding}}}\n\n'.encode()

    for delta in _deltas(asked, reply, identity, piece):
        yield event(delta)
    yield event("{}", f'"{finish(asked, reply)}"')
    if counted and reply.usage is not None:
        yield f'{before}"choices":[],"usage":{json.dumps(usage_body(reply.usage))}{padding}}}\n\n'.encode()
    yield DONE


def finish(asked: Asked, reply: Reply) -> str:
    """Name the finish reason; a function that was only required, not named, ends in ``tool_calls``."""
    called = asked.function is not None and asked.named_function is None and reply.refusal is None
    return "tool_calls" if called and reply.finish == "stop" else reply.finish


def usage_body(usage: Usage) -> dict[str, Any]:
    """Write usage with its details."""
    return {
        "prompt_tokens": usage.input_tokens or 0,
        "completion_tokens": usage.output_tokens or 0,
        "total_tokens": usage.total_tokens or 0,
        "prompt_tokens_details": {"cached_tokens": usage.cached_tokens or 0, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": usage.reasoning_tokens or 0,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }


def _tool_call(asked: Asked, identity: Identity, arguments: str) -> dict[str, Any]:
    name = (asked.function or {}).get("name")
    return {"id": f"call_{identity.suffix}", "type": "function", "function": {"name": name, "arguments": arguments}}


def _deltas(asked: Asked, reply: Reply, identity: Identity, piece: int) -> Iterator[str]:
    """Write the deltas as JSON text: this is the hot path of long streams."""
    if reply.refusal is not None:
        yield '{"role":"assistant","content":"","refusal":null}'
        text, before, after = reply.refusal, '{"refusal":', "}"
    elif asked.function is not None:
        call = json.dumps({"index": 0, **_tool_call(asked, identity, "")})
        yield f'{{"role":"assistant","content":null,"tool_calls":[{call}],"refusal":null}}'
        text, before, after = reply.text, '{"tool_calls":[{"index":0,"function":{"arguments":', "}}]}"
    else:
        yield '{"role":"assistant","content":"","refusal":null}'
        text, before, after = reply.text, '{"content":', "}"
    for start in range(0, len(text), piece):
        yield f"{before}{json.dumps(text[start : start + piece])}{after}"
