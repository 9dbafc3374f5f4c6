"""A script in, an engine out: it answers each request with the script's next item and keeps what it was asked."""

from __future__ import annotations

import json
import threading
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from extract.errors import ConfigError, EngineError
from extract.typing import Reply, Request, Usage

if TYPE_CHECKING:
    from collections.abc import Sequence

Plain: TypeAlias = "str | Mapping[str, Any] | Sequence[Any] | Reply | Exception | Broken"
Item: TypeAlias = "Plain | Callable[[Request], Plain]"

CHARACTERS_PER_TOKEN = 4


class ScriptEnded(ConfigError, AssertionError):
    """More requests came than the script has items.

    An ``AssertionError`` so that test runners show it as a failed expectation, and a ``ConfigError`` so that
    no retry or reask takes it for an engine's failure.
    """


@dataclass(frozen=True, slots=True)
class Broken:
    """A script item that breaks off: ``text`` is streamed, then ``error`` is raised. A plain send only raises."""

    text: str
    error: EngineError


class ScriptedEngine:
    """An engine that answers from a script, sync, async and streamed alike; safe to share between threads.

    Each item is the reply's text; a dict or list, sent as JSON; a ``Reply``; an exception (an ``EngineError``, as a
    rule), which is raised; a :class:`Broken`; or a function of the request that returns one of these.
    Items are used up in the order in which requests arrive.

    Args:
        script: The items, or one function that answers every request for ever.
        model: What ``Reply.model`` says and what ``default_model`` is.
        usage: What replies report that do not bring their own: ``"estimated"`` counts a token for every four
            characters, ``None`` reports nothing.
        piece: Characters in each piece of a stream.
        dialect: The schema dialect clients compile for.

    Raises:
        ScriptEnded: On the first request beyond the script's end.
    """

    def __init__(
        self,
        script: Iterable[Item] | Callable[[Request], Plain],
        *,
        model: str = "scripted",
        usage: Usage | Literal["estimated"] | None = "estimated",
        piece: int = 7,
        dialect: str = "openai-strict",
    ) -> None:
        if isinstance(script, (str, Mapping)):
            raise ConfigError("script is one item, not a list of items", advice="write ScriptedEngine([...])")
        if piece < 1:
            raise ConfigError(f"piece is {piece}, expected at least 1 character")
        self._answer_all = script if callable(script) else None
        self._items: list[Item] = [] if callable(script) else list(script)
        self._requests: list[Request] = []
        self._lock = threading.Lock()
        self._usage = usage
        self._piece = piece
        self.default_model = model
        self.dialect = dialect

    def send(self, request: Request) -> Reply:
        """Answer one request with the next item."""
        return self._reply(self._next(request), request)

    async def send_async(self, request: Request) -> Reply:
        """Answer one request with the next item."""
        return self.send(request)

    def stream(self, request: Request) -> Iterator[str | Reply]:
        """Yield the next item's text in pieces, then the whole Reply."""
        item = self._next(request)
        if isinstance(item, Broken):
            yield from self._pieces(item.text)
            raise item.error
        reply = self._reply(item, request)
        yield from self._pieces(reply.text)
        yield reply

    async def stream_async(self, request: Request) -> AsyncIterator[str | Reply]:
        """Yield the next item's text in pieces, then the whole Reply."""
        for piece in self.stream(request):
            yield piece

    def close(self) -> None:
        """Do nothing: there is nothing to close."""

    async def aclose(self) -> None:
        """Do nothing: there is nothing to close."""

    @property
    def requests(self) -> tuple[Request, ...]:
        """The requests so far, in the order of their arrival."""
        with self._lock:
            return tuple(self._requests)

    @property
    def remaining(self) -> int | None:
        """Items not used yet; ``None`` when one function answers everything."""
        with self._lock:
            return None if self._answer_all else max(0, len(self._items) - len(self._requests))

    def __repr__(self) -> str:
        return f"ScriptedEngine({len(self.requests)} requests seen, {self.remaining} items remaining)"

    def _next(self, request: Request) -> Plain:
        with self._lock:
            index = len(self._requests)
            self._requests.append(request)
            item = self._answer_all or (self._items[index] if index < len(self._items) else None)
        if item is None:
            raise ScriptEnded(
                f"the script has {len(self._items)} item(s) and request number {index + 1} came",
                advice="add an item, or allow fewer retries and reasks",
            )
        return item(request) if callable(item) else item

    def _pieces(self, text: str) -> Iterator[str]:
        return (text[start : start + self._piece] for start in range(0, len(text), self._piece))

    def _reply(self, item: Plain, request: Request) -> Reply:
        if isinstance(item, Exception):
            raise item
        if isinstance(item, Reply):
            return item
        if isinstance(item, Broken):
            raise item.error
        text = item if isinstance(item, str) else json.dumps(item, ensure_ascii=False)
        usage = estimated_usage(request, text) if isinstance(self._usage, str) else self._usage
        return Reply(text=text, usage=usage, model=request.model or self.default_model)


def estimated_usage(request: Request, text: str) -> Usage:
    """Count a token for every four characters, rounded up: messages and schema in, text out."""
    characters = sum(len(message.content) for message in request.messages)
    if request.format is not None:
        characters += len(request.format.encoded)
    return Usage(tokens(characters), tokens(len(text)))


def tokens(characters: int) -> int:
    """Count a token for every four characters, rounded up."""
    return -(-characters // CHARACTERS_PER_TOKEN)
