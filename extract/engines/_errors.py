"""What a failed exchange over HTTP means: status, headers and body in, one typed error out."""

from __future__ import annotations

import math
import re
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from pydantic_core import from_json

from extract import models
from extract.errors import (
    EngineError,
    Failure,
    InsufficientCredits,
    ModelRetired,
    RateLimited,
    RequestRejected,
    ServerFailed,
    TimedOut,
    Unauthorized,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Answer", "Lesson", "Said", "clean", "inside", "lesson", "rejected", "said", "unreachable"]

_SHOWN = 300
_ECHO = 24
_LEAST = 4
"""Characters that a text must have to be told from chance: one letter stands in every message."""
_REFUSED_CODES = frozenset({"unsupported_parameter", "unsupported_value"})
_REFUSED_TEXT = re.compile(
    r"^(?:Unsupported (?:parameter|value)|Unrecognized request arguments? supplied|Unknown parameter): "
    r"'?(?P<name>[\w.]+)"
)
_OTHER_VALUES = "Supported values are"
_INSTEAD = re.compile(r"Use '(\w+)' instead")
_SCHEMA_TEXT = ("Invalid schema for", "Invalid JSON schema")
_TITLE = re.compile(r"<(title|h1)[^>]*>(.*?)</\1>", re.IGNORECASE | re.DOTALL)
_TO_TLS = "HTTP request was sent to HTTPS port"
_MARKUP = re.compile(r"\s*<(?:!doctype|html|head|body|\?xml)", re.IGNORECASE)

_TOP_UP = (InsufficientCredits, "top up the account; sending again does not help")
_SHORTER = (RequestRejected, "send a shorter document, or split it")
_ADDRESS = (RequestRejected, "check the gateway's address: it ends in /v1 at RunAPI")
_NOT_JSON = (RequestRejected, "check the gateway's address: what answers there takes no JSON")
_OPTIONS = (
    RequestRejected,
    "the gateway refuses the request itself: check the model and the options (temperature, extra_body, …)",
)
_NO_TLS = (RequestRejected, "check the gateway's address: this port wants https://")
_MODEL = (ModelRetired, "choose another model; /v1/models lists what the key may use")

# A status with a word of the body's (its code or its type) says more than a status alone.
_BY_WORD: Mapping[tuple[int, str | None], tuple[type[EngineError], str]] = {
    (400, "context_length_exceeded"): _SHORTER,
    (400, "invalid_json_schema"): (
        RequestRejected,
        "the gateway refuses the wire schema; `extract schema TYPE` prints it",
    ),
    (400, "model_not_found"): _MODEL,
    (404, "model_not_found"): _MODEL,
    (429, "insufficient_quota"): _TOP_UP,
    (429, "insufficient_credits"): _TOP_UP,
    (429, "billing_hard_limit_reached"): _TOP_UP,
}
_BY_STATUS: Mapping[int, tuple[type[EngineError], str]] = {
    401: (Unauthorized, "check the key: api_key=, RUNAPI_API_KEY, or the file it comes from"),
    402: _TOP_UP,
    403: (Unauthorized, "this key may not use this model or endpoint"),
    404: _ADDRESS,
    405: _ADDRESS,
    408: (TimedOut, ""),
    409: (RequestRejected, "the gateway does not serve this combination of parameters; leave the unusual ones out"),
    410: _MODEL,
    413: _SHORTER,
    415: _NOT_JSON,
    429: (RateLimited, ""),
}
# An error inside a reply of status 200 has its word only.
_MEANT: Mapping[str | None, int] = {
    "rate_limited": 429,
    "rate_limit_exceeded": 429,
    "insufficient_quota": 429,
    "insufficient_credits": 402,
    "invalid_api_key": 401,
    "model_not_found": 404,
    "model_retired": 410,
    "context_length_exceeded": 400,
    "invalid_json_schema": 400,
    "invalid_request_error": 400,
    "invalid_prompt": 400,
    "timeout": 408,
}
_BY_CLASS: Mapping[int, tuple[type[EngineError], str]] = {
    3: (RequestRejected, "the address redirects; give the one it leads to"),
    4: _OPTIONS,
    5: (ServerFailed, ""),
}
# What the connection's error says, whatever the wire and the system, and what it means for the address.
_UNREACHABLE = (
    (
        ("CERTIFICATE_VERIFY_FAILED",),
        "the certificate at {url} is not trusted: check the address; SSL_CERT_FILE may name an authority of your own",
    ),
    (("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE"), "no TLS is spoken at {url}: write http://, or another port"),
    (
        ("not known", "name resolution", "getaddrinfo", "nodename", "No address associated", "DNSError"),
        "no host is known by the name in {url}: check its spelling, and the network",
    ),
    (
        ("refused", "Connect call failed", "All connection attempts failed"),
        "nothing listens at {url}: check its host and port",
    ),
)


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply of HTTP, as far as errors are concerned."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Said:
    """What an error's body says, whichever of the known shapes it has."""

    message: str = ""
    code: str | None = None
    kind: str | None = None
    param: str | None = None


@dataclass(frozen=True, slots=True)
class Lesson:
    """A parameter that a model refuses.

    Args:
        name: In the gateway's words.
        instead: The name to use instead, where the gateway gave one.
        values: The values that are refused; None means every one.
    """

    name: str
    instead: str | None = None
    values: tuple[Any, ...] | None = field(default=None, repr=False)

    def __str__(self) -> str:
        return f"rename {self.name} to {self.instead}" if self.instead else f"drop {self.name}"


def lesson(answer: Answer, sent: Mapping[str, Any]) -> Lesson | None:
    """Read out of a rejection which of the members that were sent the model refuses; None where it says no such thing.

    Args:
        answer: What came back.
        sent: The members of the request's body that may be left out or renamed.
    """
    body = said(answer.body)
    named = _REFUSED_TEXT.match(body.message)
    if answer.status not in {400, 422} or not (named or body.code in _REFUSED_CODES):
        return None
    told = (body.param or (named["name"] if named else "")).split(".")[0]
    # Where the parameter is not named, the value is: "Unsupported value: 'minimal' is not supported …".
    name = told if told in sent else next((key for key, value in sent.items() if value == told), None)
    if name is None:
        return None
    instead = _INSTEAD.search(body.message)
    if instead and instead[1] not in sent:
        return Lesson(name, instead[1])
    return Lesson(name, values=(sent[name],) if _OTHER_VALUES in body.message else None)


def rejected(answer: Answer, *, model: str, secrets: Sequence[str], correction: Lesson | None = None) -> EngineError:
    """Say what a status other than 200 means.

    Args:
        answer: What came back.
        model: The model that was asked, for the advice.
        secrets: Texts that must not be quoted: the key, the prompt's messages.
        correction: What will be done differently when the same request is sent again.
    """
    body = said(answer.body)
    kind, advice = _kind(answer.status, body, model)
    if correction:
        advice = f"send it again: {correction}"
    shown = clean(body.message, secrets)
    failure = Failure(
        status=answer.status,
        code=body.code,
        param=body.param,
        request_id=answer.headers.get("x-request-id"),
        retry_after=_retry_after(answer.headers),
        correction=str(correction) if correction else None,
        seconds=answer.seconds,
    )
    code = clean(body.code or "", secrets)
    return kind(
        f"the gateway answered {answer.status}{' ' if code else ''}{code}{': ' if shown else ''}{shown}",
        advice=advice,
        retryable=_retryable(answer),
        failure=failure,
    )


def inside(body: dict[str, Any], failure: Failure, *, model: str, secrets: Sequence[str]) -> EngineError:
    """Say what an error means that came inside a reply of status 200.

    Args:
        body: The reply, or the event of a stream.
        failure: What is known beside it.
        model: The model that was asked, for the advice.
        secrets: Texts that must not be quoted.
    """
    told = said(body)
    status = next((_MEANT[word] for word in (told.code, told.kind) if word in _MEANT), 500)
    kind, advice = _kind(status, told, model)
    shown = clean(told.message, secrets)
    return kind(
        f"the gateway broke off with an error{': ' if shown else ''}{shown}",
        advice=advice,
        failure=replace(failure, code=told.code, param=told.param),
    )


def unreachable(told: str, url: str) -> str:
    """Advise on a connection that failed.

    Args:
        told: What its error says.
        url: The gateway's address.
    """
    for marks, advice in _UNREACHABLE:
        if any(mark in told for mark in marks):
            return advice.format(url=url)
    other = "wants TLS, write https://" if url.startswith("http://") else "speaks no TLS, write http://"
    return f"check the gateway's address {url} (host, port; where it {other}) and the network"


def said(body: bytes | str | dict[str, Any]) -> Said:
    """Read an error's body: OpenAI's and RunAPI's shapes, plain text, HTML; nothing is too strange for it."""
    if isinstance(body, (bytes, str)):
        try:
            value = from_json(body)
        except ValueError:
            return Said(_plain(body if isinstance(body, str) else body[:100_000].decode("utf-8", "replace")))
    else:
        value = body
    if not isinstance(value, dict):
        return Said(value if isinstance(value, str) else "")
    error = value.get("error")
    inner: dict[str, Any] = error if isinstance(error, dict) else {}
    spoken = (inner.get("message"), error, *(value.get(key) for key in ("message", "detail", "errorMessage", "msg")))
    message = next((text for text in spoken if isinstance(text, str) and text), "")
    return Said(
        message + _fields(value.get("errors")),
        _word(inner.get("code")),
        _word(inner.get("type")),
        _word(inner.get("param")),
    )


def clean(text: str, secrets: Sequence[str]) -> str:
    """Shorten a text from outside to one line and take out whatever it quotes of the secrets."""
    text = " ".join(text[: 4 * _SHOWN].split())
    for secret in secrets:
        # A long run that stands in the prompt too is an echo of it; a short one is chance.
        run = min(_ECHO, len(secret)) if len(secret) >= _LEAST else 0
        position = 0
        while run and position + run <= len(text):
            if text[position : position + run] in secret:
                end = position + run
                while end < len(text) and text[position : end + 1] in secret:
                    end += 1
                text = f"{text[:position]}[…]{text[end:]}"
                position += len("[…]")
            else:
                position += 1
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]} […]"


def _kind(status: int, body: Said, model: str) -> tuple[type[EngineError], str]:
    word = "invalid_json_schema" if body.message.startswith(_SCHEMA_TEXT) else body.code
    word = "model_not_found" if body.param == "model" and not word else word
    card = models.card(model)
    found = _BY_WORD.get((status, word)) or _BY_WORD.get((status, body.kind))
    kind, advice = found or _BY_STATUS.get(status) or _BY_CLASS.get(status // 100) or _OPTIONS
    if _TO_TLS in body.message:
        return _NO_TLS
    if kind is ModelRetired and card.retired:
        return kind, f"use {card.retired.successor}, which the gateway names instead of {model}"
    if kind in {RequestRejected, ModelRetired} and "chat" not in card.endpoints:
        return kind, f"{model} is served on {' and '.join(card.endpoints)} only"
    return kind, advice


def _retryable(answer: Answer) -> bool | None:
    told = answer.headers.get("x-should-retry")
    if answer.status in {501, 505} or told == "false":
        return False
    return None


def _retry_after(headers: Mapping[str, str]) -> float | None:
    for name, scale in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        told = headers.get(name)
        if told is None:
            continue
        try:
            seconds = float(told) * scale
        except ValueError:
            seconds = _until(told)
        if math.isfinite(seconds):
            return max(0.0, seconds)
    return None


def _until(date: str) -> float:
    from email.utils import parsedate_to_datetime  # noqa: PLC0415 - 10 ms of imports, for a rare header

    try:
        return parsedate_to_datetime(date).timestamp() - time.time()
    except (ValueError, TypeError, OverflowError):
        return math.nan


def _plain(text: str) -> str:
    if not _MARKUP.match(text):
        return text
    title = _TITLE.search(text)
    words = re.sub(r"<[^>]*>", "", title[2]).strip() if title else ""
    return f"an HTML page, not a reply{f' ({words})' if words else ''}"


def _fields(errors: Any) -> str:
    if not isinstance(errors, dict):
        return ""
    told = [
        f"{name}: {', '.join(map(str, texts)) if isinstance(texts, list) else texts}" for name, texts in errors.items()
    ]
    return f" ({'; '.join(told)})" if told else ""


def _word(value: Any) -> str | None:
    return value[:100] if isinstance(value, str) and value else None
