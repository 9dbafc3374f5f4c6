"""The RunAPI engine: a Request in, a Reply out, over the openai SDK's Chat Completions. Closes the SDK's holes."""

from __future__ import annotations

import contextlib
import functools
import threading
import time
from typing import TYPE_CHECKING, Any, NoReturn

from extract.config import Settings, resolve
from extract.engines import _chat, _errors, _sse, _transport
from extract.errors import ConnectionFailed, EngineError, Failure, RequestRejected, TimedOut

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping
    from types import TracebackType

    from typing_extensions import Self

    from extract.typing import Reply, Request

__all__ = ["RunAPI"]

DEFAULT_MODEL = "gpt-5.4-mini"

# The first two the SDK would take from OpenAI's own variables, the rest describe this machine: none of the gateway's
# business, and each costs time at every layer it passes.
_UNSENT = (
    "OpenAI-Organization",
    "OpenAI-Project",
    "X-Stainless-Lang",
    "X-Stainless-Package-Version",
    "X-Stainless-OS",
    "X-Stainless-Arch",
    "X-Stainless-Runtime",
    "X-Stainless-Runtime-Version",
    "X-Stainless-Async",
)
_ENVELOPES = 1_024
"""Kept before all are made anew: far more than a process asks for in turn."""
_UNSENT_EACH = ("X-Stainless-Retry-Count", "X-Stainless-Read-Timeout")


class _Unlogged(str):
    """A header's value that does not show in the SDK's log: it may be a key."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "<unlogged>"


class RunAPI:
    """Whoever answers at RunAPI, or at any gateway that speaks Chat Completions.

    One object serves threads and event loops alike. It never retries: every attempt is its caller's, and on record.
    """

    dialect = "openai-strict"
    _direct = False

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        api_key: str | None = None,
        base_url: str | None = None,
        provider: str | None = None,
        timeout: float = 600.0,
    ) -> None:
        """Find key and address; nothing is sent and no SDK is loaded before the first request.

        Args:
            settings: Ready settings; the next three are not looked at then.
            api_key: See :func:`extract.config.resolve`.
            base_url: Likewise.
            provider: Likewise.
            timeout: Seconds until a request is given up that names no limit of its own.

        Raises:
            Unauthorized: When no key is found.
            ConfigError: When settings make no sense.
        """
        self.settings = settings or resolve(api_key=api_key, base_url=base_url, provider=provider)
        self.default_model = self.settings.model or DEFAULT_MODEL
        self._timeout = timeout
        self._url = f"{self.settings.base_url}/chat/completions"
        self._envelopes: dict[Any, _chat.Envelope] = {}
        self._learned: dict[str, dict[str, _errors.Lesson]] = {}
        self._lock = threading.Lock()
        self._sync: Any = None
        self._async: dict[Any, Any] = {}
        self._keepers: dict[Any, Any] = {}

    def __repr__(self) -> str:
        return f"RunAPI(base_url={self.settings.base_url!r}, default_model={self.default_model!r})"

    def send(self, request: Request) -> Reply:
        """Answer one request.

        Raises:
            EngineError: When no usable reply came back.
        """
        said = request.parameters
        around = self._envelopes.get((request.model, request.format, said, False))
        call = _chat.compose(request, around or self._envelope(request))
        started = time.perf_counter()
        try:
            response = (self._sync or self._client()).post(
                self._url,
                cast_to=_transport.httpx_library().Response,
                content=call.body,
                options=self._options(request) if said.timeout is not None or said.extra_headers else _plain_options(),
            )
            seconds, request_id = time.perf_counter() - started, response.headers.get("x-request-id")
            return _chat.parse(response.content, call=call, request_id=request_id, seconds=seconds)
        except Exception as error:  # noqa: BLE001 - whatever the SDK raises becomes one of ours
            self._fail(error, request, call, _facts(started))

    async def send_async(self, request: Request) -> Reply:
        """Answer one request.

        Raises:
            EngineError: When no usable reply came back.
        """
        import asyncio  # noqa: PLC0415 - not for synchronous callers

        said = request.parameters
        around = self._envelopes.get((request.model, request.format, said, False))
        call = _chat.compose(request, around or self._envelope(request))
        started = time.perf_counter()
        try:
            response = await (self._async.get(asyncio.get_running_loop()) or self._async_client()).post(
                self._url,
                cast_to=_transport.httpx_library().Response,
                content=call.body,
                options=self._options(request) if said.timeout is not None or said.extra_headers else _plain_options(),
            )
            seconds, request_id = time.perf_counter() - started, response.headers.get("x-request-id")
            return _chat.parse(response.content, call=call, request_id=request_id, seconds=seconds)
        except Exception as error:  # noqa: BLE001 - whatever the SDK raises becomes one of ours
            self._fail(error, request, call, _facts(started))

    def stream(self, request: Request) -> Iterator[str | Reply]:
        """Hand over the answer while it is written: pieces of its text, then exactly one Reply.

        The pieces, joined, are the Reply's text. Closing the iterator closes the connection.

        Raises:
            EngineError: When no usable reply came back; what had come by then is ``failure.partial``.
        """
        call = self._streamed(request)
        started = time.perf_counter()
        response = incoming = None
        try:
            response = self._client().post(self._url, content=call.body, **self._stream_options(request, "Stream"))
            incoming = _sse.Incoming(call, response.headers, _transport.LIMIT)
            answer, ends = incoming.answer, started + self._limit(request)
            for piece in _transport.pieces(response):
                if text := incoming.take(piece):
                    yield text
                if answer.ended:
                    break
                if time.perf_counter() > ends:
                    raise _late(ends - started)  # noqa: TRY301 - a failure like the others
            text, reply = incoming.finish(time.perf_counter() - started)
            if text:
                yield text
        except Exception as error:  # noqa: BLE001 - whatever the SDK raises becomes one of ours
            self._fail(error, request, call, _facts(started, incoming))
        finally:
            if response is not None:
                response.close()
        yield reply

    async def stream_async(self, request: Request) -> AsyncIterator[str | Reply]:
        """Hand over the answer while it is written: pieces of its text, then exactly one Reply.

        The pieces, joined, are the Reply's text. Closing the iterator closes the connection.

        Raises:
            EngineError: When no usable reply came back; what had come by then is ``failure.partial``.
        """
        call = self._streamed(request)
        started = time.perf_counter()
        response = incoming = None
        try:
            options = self._stream_options(request, "AsyncStream")
            response = await self._async_client().post(self._url, content=call.body, **options)
            incoming = _sse.Incoming(call, response.headers, _transport.LIMIT)
            answer, ends = incoming.answer, started + self._limit(request)
            async for piece in _transport.pieces(response):
                if text := incoming.take(piece):
                    yield text
                if answer.ended:
                    break
                if time.perf_counter() > ends:
                    raise _late(ends - started)  # noqa: TRY301 - a failure like the others
            text, reply = incoming.finish(time.perf_counter() - started)
            if text:
                yield text
        except Exception as error:  # noqa: BLE001 - whatever the SDK raises becomes one of ours
            self._fail(error, request, call, _facts(started, incoming))
        finally:
            if response is not None:
                await response.aclose()
        yield reply

    def close(self) -> None:
        """Close the synchronous connections; the next request opens new ones."""
        with self._lock:
            client, self._sync = self._sync, None
        if client is not None:
            client.close()

    async def aclose(self) -> None:
        """Close the connections of this event loop, and the synchronous ones."""
        import asyncio  # noqa: PLC0415 - not for synchronous callers

        keeper = self._keepers.pop(asyncio.get_running_loop(), None)
        if keeper is not None:
            await keeper.aclose()
        self.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self.aclose()

    def _client(self) -> Any:
        if self._sync is None:
            import openai  # noqa: PLC0415 - a second of imports

            with self._lock:
                if self._sync is None:
                    self._sync = openai.OpenAI(
                        http_client=_transport.sync_client(self._timeout, direct=self._direct),
                        **_sdk_options(self.settings, self._timeout),
                    )
        return self._sync

    def _async_client(self) -> Any:
        import asyncio  # noqa: PLC0415 - not for synchronous callers

        loop = asyncio.get_running_loop()
        client = self._async.get(loop)
        if client is None:
            import openai  # noqa: PLC0415 - a second of imports

            client = openai.AsyncOpenAI(
                http_client=_transport.async_client(self._timeout, direct=self._direct),
                **_sdk_options(self.settings, self._timeout),
            )
            with self._lock:
                # A connection belongs to its loop; those of closed loops are gone.
                for stale in [known for known in self._async if known.is_closed()]:
                    del self._async[stale]
                    self._keepers.pop(stale, None)
                self._async[loop] = client
                self._keepers[loop] = keeper = self._until_the_end(loop, client)
            with contextlib.suppress(StopIteration):
                keeper.__anext__().send(None)
        return client

    async def _until_the_end(self, loop: Any, client: Any) -> AsyncGenerator[None, None]:
        """Close the client with its loop, whose last act is to close such generators: nobody else has the chance."""
        try:
            yield
        finally:
            self._async.pop(loop, None)
            self._keepers.pop(loop, None)
            await client.close()

    def _envelope(self, request: Request, *, stream: bool = False) -> _chat.Envelope:
        learned = self._learned.get(request.model) or {}
        made = _chat.envelope(request, extras=self.settings.body, learned=learned, stream=stream)
        if not request.parameters.extra_body:
            # What the caller holds in hand may change under way; all else is frozen.
            if len(self._envelopes) >= _ENVELOPES:
                self._envelopes.clear()
            self._envelopes[request.model, request.format, request.parameters, stream] = made
        return made

    def _streamed(self, request: Request) -> _chat.Call:
        around = self._envelopes.get((request.model, request.format, request.parameters, True))
        return _chat.compose(request, around or self._envelope(request, stream=True))

    def _options(self, request: Request) -> dict[str, Any]:
        headers = {name: _Unlogged(value) for name, value in request.parameters.extra_headers.items()}
        options: dict[str, Any] = {"headers": {**_plain_options()["headers"], **headers}}
        if request.parameters.timeout is not None:
            options["timeout"] = request.parameters.timeout
        return options

    def _stream_options(self, request: Request, stream: str) -> dict[str, Any]:
        import openai  # noqa: PLC0415 - loaded already

        return {
            "cast_to": _transport.httpx_library().Response,
            "options": self._options(request),
            "stream": True,
            "stream_cls": getattr(openai, stream)[object],
        }

    def _limit(self, request: Request) -> float:
        limit = request.parameters.timeout
        return self._timeout if limit is None else limit

    def _fail(self, error: Exception, request: Request, call: _chat.Call, facts: Failure) -> NoReturn:
        import openai  # noqa: PLC0415 - loaded already

        secrets = (self.settings.api_key, *(message.content for message in request.messages))
        if isinstance(error, openai.APIStatusError):
            response = error.response
            answer = _errors.Answer(response.status_code, response.headers, response.content, facts.seconds)
            lesson = _errors.lesson(answer, call.optional)
            if lesson:
                self._learned.setdefault(request.model, {})[lesson.name] = lesson
                self._envelopes.clear()
            failed = _errors.rejected(answer, model=request.model, secrets=secrets, correction=lesson)
        else:
            failed = _engine_error(error, request.model, facts, secrets, self.settings.base_url)
        # None of the SDK's errors is chained: their texts quote bodies whole.
        raise failed from None


def _late(limit: float) -> TimedOut:
    return TimedOut(f"the answer was not complete within {limit:g} s", advice="allow more time: timeout=")


def _facts(started: float, incoming: _sse.Incoming | None = None) -> Failure:
    seconds = time.perf_counter() - started
    return incoming.failure(seconds) if incoming else Failure(seconds=seconds)


@functools.cache
def _plain_options() -> dict[str, Any]:
    import openai  # noqa: PLC0415 - loaded already

    return {"headers": dict.fromkeys(_UNSENT_EACH, openai.Omit())}


def _sdk_options(settings: Settings, timeout: float) -> dict[str, Any]:
    import openai  # noqa: PLC0415 - a second of imports

    unset: Mapping[str, Any] = dict.fromkeys(_UNSENT, openai.Omit())
    return {
        "api_key": settings.api_key,
        "base_url": settings.base_url,
        "timeout": timeout,
        "max_retries": 0,
        "default_headers": {"Accept-Encoding": "identity", **unset, **settings.headers},
    }


def _engine_error(error: Exception, model: str, facts: Failure, secrets: tuple[str, ...], url: str) -> EngineError:
    import openai  # noqa: PLC0415 - loaded already

    httpx: Any = _transport.httpx_library()
    if isinstance(error, _chat.ErrorBody):
        return _errors.inside(error.body, facts if facts.status else error.failure, model=model, secrets=secrets)
    cause = (error.__cause__ if isinstance(error, openai.APIConnectionError) else None) or error
    if isinstance(cause, httpx.ConnectTimeout):
        told = f"no connection within {facts.seconds:.1f} s"
        return ConnectionFailed(told, advice=_errors.unreachable(told, url), failure=facts)
    if isinstance(error, (openai.APITimeoutError, httpx.TimeoutException)):
        return TimedOut(f"no reply within {facts.seconds:.1f} s", advice="allow more time: timeout=", failure=facts)
    if isinstance(cause, EngineError):
        if cause.failure == Failure():
            cause.failure = facts
        return cause
    raw = f"{type(cause).__name__} {cause}".strip()
    told = _errors.clean(raw, secrets)
    if isinstance(cause, (ValueError, TypeError, httpx.LocalProtocolError)):
        return RequestRejected(f"the request cannot be sent ({told})", advice="check extra_headers", failure=facts)
    return ConnectionFailed(f"the connection failed ({told})", advice=_errors.unreachable(raw, url), failure=facts)
