"""A kind of fault in, what happens on the wire out: every error body of the contract, broken replies, broken wires."""

from __future__ import annotations

import json
import math
import time
from dataclasses import dataclass, field, replace
from email.utils import formatdate
from typing import TYPE_CHECKING, Any

from extract.errors import ConfigError
from extract.testing._http import End, Plan, chunk, message
from extract.typing import Reply, Usage

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault for the stand-in's script.

    Args:
        kind: One of :data:`KINDS`.
        retry_after: What Retry-After says, in seconds; ``None`` takes the stand-in's own.

    Raises:
        ConfigError: For a kind that does not exist.
    """

    kind: str
    retry_after: float | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ConfigError(f"no fault is called {self.kind!r}", advice=f"choose from: {', '.join(KINDS)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Raw:
    """A whole HTTP reply for the stand-in's script, sent as it is."""

    status: int = 200
    body: bytes | str = field(default=b"", repr=False)
    kind: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)

    def plan(self, headers: Mapping[str, str]) -> Plan:
        """Write it; ``headers`` are the stand-in's own, which this one's override."""
        body = self.body.encode() if isinstance(self.body, str) else self.body
        return (message(self.status, body, kind=self.kind, headers={**headers, **self.headers}),)


def error_plan(fault: Fault, headers: Mapping[str, str], retry_after: float) -> Plan | None:
    """Return what an error fault sends; ``None`` for faults that need an answer to break."""
    if fault.kind in _ENDS:
        return _ENDS[fault.kind]
    if fault.kind not in _ERRORS:
        return None
    error = _ERRORS[fault.kind]
    seconds = retry_after if fault.retry_after is None else fault.retry_after
    waits = {"retry-after": _WAITS[error.wait](seconds)} if error.wait else {}
    body = error.body if isinstance(error.body, str) else json.dumps(error.body)
    return (message(error.status, body.encode(), kind=error.kind, headers={**headers, **waits}),)


def broken_reply(fault: Fault, reply: Reply) -> Reply:
    """Return the reply a fault makes of a good one; the same for faults of the wire."""
    return _REPLIES[fault.kind](reply) if fault.kind in _REPLIES else reply


def broken_message(fault: Fault, whole: bytes) -> Plan:
    """Break the wire under a plain reply."""
    if fault.kind == "slow":
        return (whole[:-1], SLOW, whole[-1:])
    end = _CUTS.get(fault.kind)
    return (whole,) if end is None else (whole[: -max(1, (len(whole) - whole.find(b"\r\n\r\n")) // 2)], 0.02, end)


def broken_events(fault: Fault, events: list[bytes], *, chat: bool) -> tuple[list[bytes], End | None]:
    """Break a stream: return the events that are still sent, and how the connection ends early."""
    half = events[: max(2, len(events) // 2)]
    if fault.kind == "stream-no-done":
        return events[:-1], None
    if fault.kind == "stream-error" and not chat:
        return [*half, _ERROR_EVENT], None
    if fault.kind in _MID_STREAM:
        return [*half, _MID_STREAM[fault.kind]], None
    end = _CUTS.get(fault.kind)
    return (events, None) if end is None else (half, end)


def framed(events: list[bytes], end: End | None, pace: float) -> Plan:
    """Frame events as chunks, ``pace`` seconds apart; together in one write where there is no pace."""
    closing: Plan = (chunk(b""),) if end is None else (0.02, end)
    if not pace:
        return (b"".join(map(chunk, events)), *closing)
    paced: list[bytes | float | End] = []
    for event in events:
        paced += [chunk(event), pace]
    return (*paced, *closing)


SLOW = 1.0
HUGE = 10_000_000
DEEP = 10_000


@dataclass(frozen=True, slots=True)
class _Error:
    status: int
    body: Any
    kind: str = "application/json"
    wait: str = ""


def _error(text: str, code: str | None = None, kind: str = "invalid_request_error") -> dict[str, Any]:
    return {"error": {"message": text, "type": kind, "param": None, "code": code}}


def _page(title: str) -> str:
    head = f"<head><title>{title}</title></head>"
    return f"<html>\r\n{head}\r\n<body><center><h1>{title}</h1></center></body>\r\n</html>\r\n"


_LIMIT = _error("Rate limit reached. Please try again later.", "rate_limited", "requests")
_QUOTA = _error(
    "You exceeded your current quota, please check your plan and billing details.",
    "insufficient_quota",
    "insufficient_quota",
)
_SORRY = _error("The server had an error while processing your request. Sorry about that!", None, "server_error")
_BUSY = _error("The engine is currently overloaded, please try again later", None, "server_error")
_HTML = "text/html; charset=utf-8"

_ERRORS: dict[str, _Error] = {
    "400": _Error(400, _error("Bad request", "invalid_request")),
    "401": _Error(401, _error("Incorrect API key provided.", "invalid_api_key")),
    "402": _Error(402, _error("Insufficient credits", "insufficient_credits")),
    "403": _Error(403, _error("You are not allowed to use this model", "model_not_allowed")),
    "404": _Error(404, _error("Not found")),
    "408": _Error(408, _error("Request timeout")),
    "409": _Error(409, _error("Conflict", "request_conflict")),
    "410": _Error(410, _error("The model was retired. Use `gpt-5.6-sol` instead.", "model_retired")),
    "413": _Error(413, {"error": "Payload too large"}),
    "415": _Error(415, _error("Unsupported media type")),
    "422": _Error(422, _error("Validation failed", "continuation_not_supported")),
    "429": _Error(429, _LIMIT, wait="seconds"),
    "429-float": _Error(429, _LIMIT, wait="float"),
    "429-date": _Error(429, _LIMIT, wait="date"),
    "429-plain": _Error(429, _LIMIT),
    "insufficient_quota": _Error(429, _QUOTA),
    "500": _Error(500, _SORRY),
    "502-html": _Error(502, _page("502 Bad Gateway"), _HTML),
    "503": _Error(503, _BUSY, wait="seconds"),
    "504-html": _Error(504, _page("504 Gateway Time-out"), _HTML),
    "error-as-text": _Error(422, {"error": "Something is wrong with this request"}),
    "errors-dict": _Error(422, {"error": "Validation failed", "errors": {"messages": ["too long"]}}),
    "message": _Error(400, {"message": "Bad request"}),
    "detail": _Error(400, {"detail": "Bad request"}),
    "errorMessage": _Error(400, {"errorMessage": "Bad request"}),
    "msg": _Error(400, {"msg": "Bad request"}),
    "error-text": _Error(500, "upstream connect error", "text/plain"),
    "error-empty": _Error(500, ""),
    "200-html": _Error(200, _page("Just a moment..."), _HTML),
    "200-empty": _Error(200, ""),
    "200-garbage": _Error(200, '{"id": "chatcmpl-1", "choices": [{"ind'),
    "200-list": _Error(200, []),
    "200-null": _Error(200, None),
    "200-error": _Error(200, _SORRY),
    "200-no-choices": _Error(200, {"id": "chatcmpl-1", "object": "chat.completion", "choices": []}),
}

_WAITS: dict[str, Callable[[float], str]] = {
    "seconds": lambda seconds: str(math.ceil(seconds)),
    "float": lambda seconds: f"{seconds:.3f}",
    "date": lambda seconds: formatdate(time.time() + seconds, usegmt=True),
}

_ENDS: dict[str, Plan] = {
    "hang": (End.HANG,),
    "timeout": (End.HANG,),
    "reset": (End.RESET,),
    "close": (End.CLOSE,),
}

_CUTS: dict[str, End] = {
    "reset-mid-body": End.RESET,
    "cut": End.CLOSE,
    "stall": End.HANG,
}

_MID_STREAM: dict[str, bytes] = {
    "stream-error": b"data: " + json.dumps(_SORRY).encode() + b"\n\n",
    "stream-garbage": b'data: {"id": "chatcmpl-1", "cho\n\n',
}

_FAILED = {"type": "error", "code": "server_error", "message": _SORRY["error"]["message"], "param": None}
_ERROR_EVENT = b"event: error\ndata: " + json.dumps({**_FAILED, "sequence_number": 99}).encode() + b"\n\n"

_REPLIES: dict[str, Callable[[Reply], Reply]] = {
    "refusal": lambda reply: replace(reply, refusal="I'm sorry, I can't help with that."),
    "length": lambda reply: replace(reply, text=reply.text[: len(reply.text) // 2], finish="length"),
    "content_filter": lambda reply: replace(reply, text=reply.text[: len(reply.text) // 2], finish="content_filter"),
    "fenced": lambda reply: replace(reply, text=f"```json\n{reply.text}\n```"),
    "prose": lambda reply: replace(reply, text=f"Here is the result:\n\n{reply.text}\n\nIs there anything else?"),
    "no-json": lambda reply: replace(reply, text="I could not find anything."),
    "empty": lambda reply: replace(reply, text=""),
    "half": lambda reply: replace(reply, text=reply.text[: len(reply.text) // 2]),
    "deep": lambda reply: replace(reply, text="[" * DEEP + "]" * DEEP),
    "huge": lambda reply: replace(reply, text='{"a": "' + "x" * HUGE + '"}'),
    "no-usage": lambda reply: replace(reply, usage=None),
    "wrong-usage": lambda reply: replace(reply, usage=Usage(-1, 10**12, 10**9, 10**15)),
}

KINDS: tuple[str, ...] = (*_ERRORS, *_ENDS, *_CUTS, "slow", "stream-no-done", *_MID_STREAM, *_REPLIES)
"""Every kind of fault, as scripts, rates and the request header ``X-StandIn-Fault`` name them."""
