"""The Chat Completions protocol, without I/O: a Request in, a body out; a reply's bytes in, a Reply out."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pydantic_core import PydanticSerializationError, from_json, to_json

from extract import models
from extract.engines._errors import Lesson, clean, said
from extract.errors import ConfigError, Failure, ServerFailed
from extract.typing import Finish, Reply, Usage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from extract.typing import Parameters, Request, WireFormat

__all__ = ["Body", "Call", "Envelope", "ErrorBody", "compose", "envelope", "finish_of", "parse", "usage_of"]

_SAMPLING = ("temperature", "top_p")
_ESSENTIAL = frozenset({"model", "messages", "response_format", "stream"})
_FINISHES: Mapping[str, Finish] = {
    "length": "length",
    "content_filter": "content_filter",
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
}
_HTML = "an HTML page"
_A_PAGE = "check the gateway's address: a page is there and no API; RunAPI's ends in /v1"
_MOST_TOKENS = 100_000_000
_BILLED = 2
"""Of the counts in a bill, those without which it is none: of input and output."""
_OUR_NAMES = {"max_completion_tokens": "max_output_tokens", "max_tokens": "max_output_tokens"}


class ErrorBody(Exception):
    """An error came in place of a reply; ``body`` holds it, ``failure`` what is known beside it."""

    def __init__(self, body: dict[str, Any], failure: Failure) -> None:
        super().__init__()
        self.body = body
        self.failure = failure


class Body(bytes):
    """Bytes that hold a document: the SDK's debug log would write them out whole, so their repr says only how many."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<{len(self)} bytes>"


@dataclass(frozen=True, slots=True)
class Call:
    """One request as it travels.

    Args:
        body: The JSON body.
        optional: Its members that may be left out.
        dropped: What was asked for and is not sent, in our names.
    """

    body: Body
    optional: Mapping[str, Any] = field(repr=False)
    dropped: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Envelope:
    """What of a request's body stays the same from document to document, written once.

    Args:
        opening: The body up to its messages.
        closing: The body after them.
        messages: The caller's own, in place of the request's.
        optional: Members that may be left out.
        dropped: What was asked for and is not sent, in our names.
    """

    opening: bytes = field(repr=False)
    closing: bytes = field(repr=False)
    messages: bytes | None = field(repr=False)
    optional: Mapping[str, Any] = field(repr=False)
    dropped: tuple[str, ...]


def compose(request: Request, around: Envelope) -> Call:
    """Write the body of a request."""
    encoded = around.messages
    if encoded is None:
        try:
            encoded = to_json(request.messages)
        except (PydanticSerializationError, UnicodeEncodeError):
            encoded = _encoded([{"role": message.role, "content": message.content} for message in request.messages])
    return Call(Body(b"%b%b%b" % (around.opening, encoded, around.closing)), around.optional, around.dropped)


def envelope(
    request: Request, *, extras: Mapping[str, Any], learned: Mapping[str, Lesson], stream: bool = False
) -> Envelope:
    """Write what stands around the messages of a request.

    Args:
        request: What to ask; its messages are not looked at.
        extras: Members of every body, from the settings.
        learned: Parameters this model has refused before.
        stream: Ask for the answer piece by piece, with its usage at the end.

    Raises:
        ConfigError: When ``extra_body`` cannot be written as JSON.
    """
    parameters = request.parameters
    optional, dropped = _translated(request.model, parameters, {**extras, **parameters.extra_body})
    if stream:
        optional.setdefault("stream_options", {"include_usage": True})
    if learned:
        dropped += _without_refused(optional, learned)
    members = {"model": request.model, **optional}
    if stream:
        members["stream"] = True
    messages = _encoded(members.pop("messages")) if "messages" in members else None
    model = _encoded({"model": members.pop("model")})
    rest = _encoded(members)[1:-1]
    written = [rest] if rest else []
    if request.format is not None and "response_format" not in optional:
        written.append(_response_format(request.format))
    return Envelope(
        opening=b'%b,"messages":' % model[:-1],
        closing=b"".join(b",%b" % each for each in written) + b"}",
        messages=messages,
        optional={name: optional[name] for name in optional if name not in _ESSENTIAL},
        dropped=tuple(dropped),
    )


def parse(body: bytes, *, call: Call, request_id: str | None, seconds: float) -> Reply:
    """Read a reply of status 200.

    Returns:
        The reply; a refusal, a filtered or a truncated answer is one too, with its usage.

    Raises:
        ErrorBody: When the body is an error.
        ServerFailed: When the body is no reply: empty, HTML, JSON of another shape, no choices.
    """
    usage: Usage | None = None
    value: Any = None
    try:
        value = from_json(body)
        usage = usage_of(value.get("usage"))
        choice = value["choices"][0]
        message, reason, model = choice["message"], choice.get("finish_reason"), value.get("model")
        text, refusal = message.get("content"), message.get("refusal")
        if refusal is not None or not isinstance(text, str):
            text, refusal = _content(message)
        return Reply(
            text=text,
            finish="stop" if reason == "stop" else finish_of(reason),
            refusal=refusal,
            usage=usage,
            model=model if isinstance(model, str) else "",
            request_id=request_id,
            seconds=seconds,
            dropped=call.dropped,
        )
    except (ValueError, TypeError, KeyError, IndexError, AttributeError):
        failure = Failure(status=200, request_id=request_id, usage=usage, seconds=seconds)
        if isinstance(value, dict) and value.get("error"):
            raise ErrorBody(value, failure) from None
        described = _described(body, value)
        advice = _A_PAGE if described.startswith(_HTML) else ""
        raise ServerFailed(f"the gateway answered 200 with {described}", advice=advice, failure=failure) from None


def finish_of(reason: Any) -> Finish:
    """Translate ``finish_reason``; what is unknown counts as a plain stop."""
    return _FINISHES.get(reason, "stop") if isinstance(reason, str) else "stop"


def usage_of(value: Any) -> Usage | None:
    """Read ``usage``; None where there is none or it makes no sense."""
    if not isinstance(value, dict):
        return None
    details, further = value.get("prompt_tokens_details"), value.get("completion_tokens_details")
    counts: list[Any] = [
        value.get("prompt_tokens"),
        value.get("completion_tokens"),
        details.get("cached_tokens") if isinstance(details, dict) else None,
        further.get("reasoning_tokens") if isinstance(further, dict) else None,
    ]
    for place, count in enumerate(counts):
        # A bill that is none must not enter ours.
        if not isinstance(count, int) or not 0 <= count <= _MOST_TOKENS:
            if place < _BILLED:
                return None
            counts[place] = None
    return Usage(*counts)


def _translated(model: str, parameters: Parameters, extra: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Put our parameters into the gateway's words; what the model is known to refuse is dropped. ``extra`` wins."""
    body: dict[str, Any] = {}
    dropped: list[str] = []
    card = models.card(model)
    effort = parameters.reasoning_effort
    if effort is not None:
        if card.efforts == ():
            dropped.append("reasoning_effort")
        else:
            body["reasoning_effort"] = effort
    sampling = card.accepts_sampling(extra.get("reasoning_effort", effort))
    for name in _SAMPLING:
        value = getattr(parameters, name)
        if value is not None:
            if sampling:
                body[name] = value
            elif name not in extra:
                dropped.append(name)
    if parameters.seed is not None:
        body["seed"] = parameters.seed
    if parameters.max_output_tokens is not None and "max_tokens" not in extra:
        body["max_completion_tokens"] = parameters.max_output_tokens
    body.update(extra)
    return body, dropped


def _without_refused(optional: dict[str, Any], learned: Mapping[str, Lesson]) -> list[str]:
    """Take out or rename what the model has refused; say what is gone."""
    gone = []
    for name, lesson in learned.items():
        if name not in optional or (lesson.values is not None and optional[name] not in lesson.values):
            continue
        value = optional.pop(name)
        if lesson.instead:
            optional.setdefault(lesson.instead, value)
        else:
            gone.append(_OUR_NAMES.get(name, name))
    return gone


def _encoded(body: Any) -> bytes:
    try:
        return to_json(body)
    except (PydanticSerializationError, UnicodeEncodeError):
        pass
    try:
        # Half a surrogate pair is no UTF-8, but it can be written as an escape.
        return json.dumps(body, separators=(",", ":")).encode()
    except (TypeError, ValueError) as error:
        raise ConfigError(
            f"the request cannot be written as JSON: {type(error).__name__}", advice="put plain JSON into extra_body"
        ) from None


def _response_format(wire: WireFormat) -> bytes:
    strict = b"true" if wire.strict else b"false"
    return b'"response_format":{"type":"json_schema","json_schema":{"name":"%b","strict":%b,"schema":%b}}' % (
        wire.name.encode(),
        strict,
        wire.encoded,
    )


def _content(message: dict[str, Any]) -> tuple[str, str | None]:
    content, refusal = message.get("content"), message.get("refusal")
    refusal = refusal if isinstance(refusal, str) and refusal else None
    if isinstance(content, str):
        return content, refusal
    if isinstance(content, list):
        parts = [part for part in content if isinstance(part, dict)]
        declined = "".join(_text(part.get("refusal")) for part in parts)
        return "".join(_text(part.get("text")) for part in parts), refusal or declined or None
    calls = message.get("tool_calls")
    if content is None and calls:
        # A strict tool is another way to ask for JSON: the arguments of the first call stand for the text.
        return _text(calls[0].get("function", {}).get("arguments")), refusal
    if content is not None:
        raise TypeError
    return "", refusal


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _described(body: bytes, value: Any) -> str:
    if isinstance(value, dict):
        return "no choices" if value.get("choices") == [] else "JSON that is no reply"
    if value is not None or body.strip() == b"null":
        return "JSON that is no reply"
    if not body.strip():
        return "an empty body"
    told = said(body).message
    return clean(told, ()) if told.startswith(_HTML) else "a body that is not JSON"
