"""The values that travel between stages, and the one-method protocols users may implement."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Literal, Protocol, TypeAlias, runtime_checkable

from extract.errors import Path, show_path

__all__ = [
    "JSON",
    "AsyncEngine",
    "AsyncStreamingEngine",
    "Engine",
    "Finish",
    "Message",
    "Parameters",
    "Repair",
    "Reply",
    "Request",
    "StreamingEngine",
    "Usage",
    "WireFormat",
]

JSON: TypeAlias = "bool | int | float | str | list[JSON] | dict[str, JSON] | None"
Finish: TypeAlias = Literal["stop", "length", "content_filter", "tool_calls"]
Role: TypeAlias = Literal["system", "developer", "user", "assistant"]

_EMPTY: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one or more requests; ``None`` where nobody said, which is not nothing.

    Args:
        input_tokens: What was asked, the cached ones included.
        output_tokens: What was answered, the reasoning ones included.
        cached_tokens: How many of the input had been cached.
        reasoning_tokens: How many of the output were reasoning.
    """

    input_tokens: int | None = None
    output_tokens: int | None = None
    cached_tokens: int | None = None
    reasoning_tokens: int | None = None

    @property
    def total_tokens(self) -> int | None:
        """Input plus output."""
        return _sum(self.input_tokens, self.output_tokens)

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            _sum(self.input_tokens, other.input_tokens),
            _sum(self.output_tokens, other.output_tokens),
            _sum(self.cached_tokens, other.cached_tokens),
            _sum(self.reasoning_tokens, other.reasoning_tokens),
        )


def _sum(one: int | None, other: int | None) -> int | None:
    """What is unknown stays so: a sum that leaves it out would look like a bill."""
    return None if one is None or other is None else one + other


@dataclass(frozen=True, slots=True)
class Repair:
    """One liberty taken with a reply, on record.

    Args:
        kind: A stable word: ``unquoted-key``, ``fence``, ``number-from-text``, ``default-taken`` …
        path: Where in the value, when known.
        offset: Where in the reply's text (characters from its start), when known.
        before: What was there; left out of reprs, for it may quote the document.
        after: What stands there now; left out of reprs likewise.
    """

    kind: str
    path: Path | None = None
    offset: int | None = None
    before: Any = field(default=None, repr=False, hash=False)
    after: Any = field(default=None, repr=False, hash=False)

    def __str__(self) -> str:
        if self.path is None and self.offset is None:
            return self.kind
        where = show_path(self.path) if self.path is not None else f"character {self.offset}"
        return f"{self.kind} @ {where}"


@dataclass(frozen=True, slots=True)
class Message:
    """One message of the conversation; its content stays out of reprs."""

    role: Role
    content: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """What one request asks of the model beside its messages. ``None`` means: not sent.

    Args:
        max_output_tokens: Limit on the answer, in tokens.
        reasoning_effort: ``none``, ``low``, ``medium``, ``high``, ``xhigh`` … as the model knows them.
        timeout: Seconds until the request is given up.
        extra_headers: HTTP headers added to the request.
        extra_body: Members added to the request's JSON body; they win over ours.
    """

    temperature: float | None = None
    top_p: float | None = None
    seed: int | None = None
    max_output_tokens: int | None = None
    reasoning_effort: str | None = None
    timeout: float | None = None
    extra_headers: Mapping[str, str] = field(default_factory=lambda: _EMPTY, repr=False, hash=False)
    extra_body: Mapping[str, Any] = field(default_factory=lambda: _EMPTY, repr=False, hash=False)


@dataclass(frozen=True, slots=True, eq=False)
class WireFormat:
    """A wire schema ready to travel; made once per compiled schema, compared by identity.

    Args:
        name: Fits the gateway's rule ``[A-Za-z0-9_-]{1,64}``.
        schema: The wire schema.
        encoded: The same as compact UTF-8 JSON, so that an engine need not serialise it again.
        strict: False where the schema could not be fitted and travels as a hint only.
    """

    name: str
    schema: Mapping[str, Any] = field(repr=False)
    encoded: bytes = field(repr=False)
    strict: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What we ask an engine, once."""

    model: str
    messages: tuple[Message, ...] = field(repr=False)
    format: WireFormat | None = None
    parameters: Parameters = Parameters()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What an engine answered, once.

    Args:
        text: The answer's text; stays out of reprs.
        finish: Why the model stopped.
        refusal: The model's words when it declined.
        usage: Tokens, when the engine reported them.
        model: The model that answered, as the gateway names it.
        seconds: Wall time from sending to the last byte.
        cost: US dollars, when the engine knows it itself (an embedded model is free).
        dropped: Parameters that were asked for and not sent, because the model refuses them.
    """

    text: str = field(repr=False)
    finish: Finish = "stop"
    refusal: str | None = field(default=None, repr=False)
    usage: Usage | None = None
    model: str = ""
    request_id: str | None = None
    seconds: float = 0.0
    cost: Decimal | None = None
    dropped: tuple[str, ...] = ()


@runtime_checkable
class Engine(Protocol):
    """Whoever answers, synchronously.

    Raises:
        EngineError: When no usable reply came back.
    """

    def send(self, request: Request) -> Reply:
        """Answer one request."""
        ...


@runtime_checkable
class AsyncEngine(Protocol):
    """Whoever answers, asynchronously. One object may be both."""

    async def send_async(self, request: Request) -> Reply:
        """Answer one request."""
        ...


@runtime_checkable
class StreamingEngine(Protocol):
    """An engine that can hand over the answer while it is written."""

    def stream(self, request: Request) -> Iterator[str | Reply]:
        """Yield pieces of text, then exactly one Reply; closing the iterator closes the connection."""
        ...


@runtime_checkable
class AsyncStreamingEngine(Protocol):
    """The same, asynchronously."""

    def stream_async(self, request: Request) -> AsyncIterator[str | Reply]:
        """Yield pieces of text, then exactly one Reply; closing the iterator closes the connection."""
        ...
