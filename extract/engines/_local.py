"""The embedded model: a Request in, a Reply out, from a llama.cpp server of our own. No key, no network, no cost."""

from __future__ import annotations

import os
import threading
import time
import weakref
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from extract.config import Settings
from extract.engines import _llama_process, _weights
from extract.engines._local_request import adapted
from extract.engines._runapi import RunAPI
from extract.errors import ConnectionFailed, EngineError, Failure, TimedOut

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterator
    from pathlib import Path

    from typing_extensions import Self

    from extract.engines._llama_process import Running, Shared
    from extract.typing import Reply, Request

__all__ = ["LocalEngine"]


class LocalEngine:
    """A small language model on this machine, constrained to the schema; one object serves threads and event loops.

    The server starts with the first request, is shared by every engine of this process that uses the same model, and
    ends with the last of them, or with the process. It answers one request at a time; the others wait their turn.
    """

    dialect = "llama-grammar"
    free = True

    def __init__(self, model: str = _weights.DEFAULT, *, context_tokens: int = 8192, timeout: float = 600.0) -> None:
        """Find the model's file; nothing is started yet.

        Args:
            model: A name of the table of models, or the path of any GGUF file.
            context_tokens: Room for the document and the answer together; takes memory.
            timeout: Seconds one answer may take, for requests that name no limit. Waiting for the turn does not count
                here; a request's own ``timeout`` counts from the moment it is sent.

        Raises:
            ConfigError: When the extra ``local``, the model or its file is missing. With ``EXTRACT_PULL=1`` a missing
                model is downloaded instead.
        """
        _llama_process.require_extra()
        path = _found(model)
        self.default_model = model if model in _weights.MODELS else path.stem
        self._paths = {self.default_model: path}
        self._context = context_tokens
        self._timeout = timeout
        self._lock = threading.Lock()
        self._hosts: dict[str, _Host] = {}
        self._leave = weakref.finalize(self, _leave_all, self._hosts)

    def __repr__(self) -> str:
        return f"LocalEngine({self.default_model!r})"

    def send(self, request: Request) -> Reply:
        """Answer one request.

        Raises:
            ConfigError: When the server does not start, or the request names a model that is not here.
            EngineError: When no usable reply came back.
        """
        with self._asked(request) as (chat, ready):
            return _named(chat.send(ready), request)

    async def send_async(self, request: Request) -> Reply:
        """Answer one request; raises as :meth:`send` does."""
        async with self._asked_async(request) as (chat, ready):
            return _named(await chat.send_async(ready), request)

    def stream(self, request: Request) -> Iterator[str | Reply]:
        """Yield pieces of text, then exactly one Reply; raises as :meth:`send` does."""
        with self._asked(request) as (chat, ready):
            for piece in chat.stream(ready):
                yield piece if isinstance(piece, str) else _named(piece, request)

    async def stream_async(self, request: Request) -> AsyncIterator[str | Reply]:
        """The same, asynchronously."""
        async with self._asked_async(request) as (chat, ready):
            async for piece in chat.stream_async(ready):
                yield piece if isinstance(piece, str) else _named(piece, request)

    def close(self) -> None:
        """Leave the servers; whoever is the last ends them. The next request starts anew."""
        with self._lock:
            hosts = list(self._hosts.values())
            self._hosts.clear()
        for host in hosts:
            host.leave()

    async def aclose(self) -> None:
        """The same, with the connections of this event loop."""
        import asyncio  # noqa: PLC0415 - not for synchronous callers

        for host in list(self._hosts.values()):
            await host.aclose()
        await asyncio.to_thread(self.close)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    @contextmanager
    def _asked(self, request: Request) -> Generator[tuple[RunAPI, Request]]:
        limit, started = request.parameters.timeout, time.monotonic()
        host = self._host(request)
        try:
            with host.shared.turn.taken(limit):
                running = host.shared.running()
                try:
                    yield host.chat(running), self._ready(host, request, started)
                except EngineError as error:
                    raise _explained(error, running, host) from None
        except TimeoutError:
            raise _no_turn(time.monotonic() - started) from None

    @asynccontextmanager
    async def _asked_async(self, request: Request) -> AsyncGenerator[tuple[RunAPI, Request]]:
        import asyncio  # noqa: PLC0415 - not for synchronous callers

        limit, started = request.parameters.timeout, time.monotonic()
        host = self._host(request)
        try:
            async with host.shared.turn.taken_async(limit):
                running = await asyncio.to_thread(host.shared.running)
                try:
                    yield host.chat(running), self._ready(host, request, started)
                except EngineError as error:
                    raise _explained(error, running, host) from None
        except TimeoutError:
            raise _no_turn(time.monotonic() - started) from None

    def _host(self, request: Request) -> _Host:
        name = request.model or self.default_model
        with self._lock:
            host = self._hosts.get(name)
            if host is None:
                path = self._paths.get(name) or _found(name)
                launch = _llama_process.Launch(path, name, self._context)
                host = self._hosts[name] = _Host(_llama_process.borrow(launch), self._timeout)
            return host

    def _ready(self, host: _Host, request: Request, started: float) -> Request:
        asked = adapted(request, _weights.MODELS.get(host.shared.launch.name))
        limit = request.parameters.timeout
        if limit is None:
            return asked
        left = limit - (time.monotonic() - started)
        if left <= 0:
            raise TimedOut(
                f"the server of {host.shared.launch.name} took {limit - left:.1f} s to start, and timeout is {limit} s",
                advice="it has started now: ask again, or allow more time: timeout=",
                failure=Failure(seconds=limit - left),
            )
        return replace(asked, parameters=replace(asked.parameters, timeout=left))


class _Neighbour(RunAPI):
    """Chat Completions with a process of ours: a proxy of the environment's is not asked for the way."""

    _direct = True


class _Host:
    """One engine's part in a shared server: its connections."""

    def __init__(self, shared: Shared, timeout: float) -> None:
        self.shared = shared
        self._timeout = timeout
        self._running: Running | None = None
        self._chat: RunAPI | None = None

    def chat(self, running: Running) -> RunAPI:
        if self._chat is None or self._running is not running:
            settings = Settings(base_url=f"{running.address}/v1", api_key=running.key)
            self._running, self._chat = running, _Neighbour(settings, timeout=self._timeout)
        return self._chat

    def leave(self) -> None:
        chat, self._chat = self._chat, None
        if chat is not None:
            chat.close()
        _llama_process.give_back(self.shared)

    async def aclose(self) -> None:
        if self._chat is not None:
            await self._chat.aclose()


def _found(model: str) -> Path:
    if model in _weights.MODELS and os.environ.get("EXTRACT_PULL") == "1":
        from extract.engines._local_pull import pull  # noqa: PLC0415 - seldom needed

        return pull(model)
    return _weights.locate(model)


def _leave_all(hosts: dict[str, _Host]) -> None:
    while hosts:
        hosts.popitem()[1].leave()


def _named(reply: Reply, request: Request) -> Reply:
    """Put on record what an embedded model has no use for."""
    unsent = request.parameters.reasoning_effort is not None
    return replace(reply, dropped=(*reply.dropped, "reasoning_effort")) if unsent else reply


def _explained(error: EngineError, running: Running, host: _Host) -> EngineError:
    """Say what a failure means when the other side is a process of ours."""
    name = host.shared.launch.name
    code = running.died(wait=1.0) if isinstance(error, ConnectionFailed) else running.died()
    if code is not None:
        return ConnectionFailed(
            f"the server of {name} ended in the middle of an answer (exit code {code})",
            advice="the next request starts it again; if memory is short, take a smaller model or fewer context_tokens",
            failure=error.failure,
        )
    if error.code == "exceed_context_size_error" or "context size" in error.message:
        return type(error)(
            f"document and answer do not fit into the {host.shared.launch.context_tokens:,} tokens of context",
            advice="send a shorter document, or give the engine more context_tokens",
            failure=error.failure,
        )
    return error


def _no_turn(seconds: float) -> Any:
    return TimedOut(
        f"the embedded model was busy with other requests for {seconds:.1f} s",
        advice="allow more time: timeout=; it answers one request at a time",
        failure=Failure(seconds=seconds),
    )
