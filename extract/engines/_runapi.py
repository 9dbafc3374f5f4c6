"""The RunAPI engine: a Request in, a Reply out, over the openai SDK's Chat Completions. Closes the SDK's holes."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any, NoReturn

from extract.config import Settings, resolve
from extract.engines import _chat, _errors, _transport
from extract.errors import ConnectionFailed, EngineError, Failure, RequestRejected, TimedOut

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from typing_extensions import Self

    from extract.typing import Reply, Request

__all__ = ["RunAPI"]

DEFAULT_MODEL = "gpt-5.4-mini"
_PATH = "/chat/completions"


class RunAPI:
    """Whoever answers at RunAPI, or at any gateway that speaks Chat Completions.

    One object serves threads and event loops alike. It never retries: every attempt is its caller's, and on record.
    """

    dialect = "openai-strict"

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
        self._learned: dict[str, dict[str, str | None]] = {}
        self._lock = threading.Lock()
        self._sync: Any = None
        self._async: dict[Any, Any] = {}

    def __repr__(self) -> str:
        return f"RunAPI(base_url={self.settings.base_url!r}, default_model={self.default_model!r})"

    def send(self, request: Request) -> Reply:
        """Answer one request.

        Raises:
            EngineError: When no usable reply came back.
        """
        call = self._compose(request)
        started = time.perf_counter()
        try:
            response = self._client().post(
                _PATH, cast_to=_transport.httpx_library().Response, content=call.body, options=_options(request)
            )
        except Exception as error:  # noqa: BLE001 - whatever the SDK raises becomes one of ours
            self._fail(error, request, call, time.perf_counter() - started)
        return _reply(response, call, started)

    async def send_async(self, request: Request) -> Reply:
        """Answer one request.

        Raises:
            EngineError: When no usable reply came back.
        """
        call = self._compose(request)
        started = time.perf_counter()
        try:
            response = await self._async_client().post(
                _PATH, cast_to=_transport.httpx_library().Response, content=call.body, options=_options(request)
            )
        except Exception as error:  # noqa: BLE001 - whatever the SDK raises becomes one of ours
            self._fail(error, request, call, time.perf_counter() - started)
        return _reply(response, call, started)

    def close(self) -> None:
        """Close the synchronous connections; the next request opens new ones."""
        with self._lock:
            client, self._sync = self._sync, None
        if client is not None:
            client.close()

    async def aclose(self) -> None:
        """Close the connections of this event loop, and the synchronous ones."""
        import asyncio  # noqa: PLC0415 - not for synchronous callers

        client = self._async.pop(asyncio.get_running_loop(), None)
        if client is not None:
            await client.close()
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
                        http_client=_transport.sync_client(self._timeout), **_sdk_options(self.settings, self._timeout)
                    )
        return self._sync

    def _async_client(self) -> Any:
        import asyncio  # noqa: PLC0415 - not for synchronous callers

        loop = asyncio.get_running_loop()
        client = self._async.get(loop)
        if client is None:
            import openai  # noqa: PLC0415 - a second of imports

            # A connection belongs to its loop; those of closed loops are gone.
            for stale in [known for known in self._async if known.is_closed()]:
                del self._async[stale]
            client = self._async[loop] = openai.AsyncOpenAI(
                http_client=_transport.async_client(self._timeout), **_sdk_options(self.settings, self._timeout)
            )
        return client

    def _compose(self, request: Request, *, stream: bool = False) -> _chat.Call:
        learned = self._learned.get(request.model) or {}
        return _chat.compose(request, extras=self.settings.body, learned=learned, stream=stream)

    def _fail(self, error: Exception, request: Request, call: _chat.Call, seconds: float) -> NoReturn:
        # None of the SDK's errors is chained: their texts quote bodies whole.
        failed = _engine_error(error, request, call, self.settings.api_key, seconds)
        if isinstance(failed, RequestRejected) and failed.failure.correction:
            words = failed.failure.correction.split()
            instead = words[-1] if words[0] == "rename" else None
            self._learned.setdefault(request.model, {})[words[1]] = instead
        raise failed from None


def _options(request: Request) -> dict[str, Any]:
    options: dict[str, Any] = {}
    if request.parameters.extra_headers:
        options["headers"] = dict(request.parameters.extra_headers)
    if request.parameters.timeout is not None:
        options["timeout"] = request.parameters.timeout
    return options


def _sdk_options(settings: Settings, timeout: float) -> dict[str, Any]:
    import openai  # noqa: PLC0415 - a second of imports

    # The SDK would take these two from OpenAI's own variables; they are none of the gateway's business.
    unset: Mapping[str, Any] = {"OpenAI-Organization": openai.Omit(), "OpenAI-Project": openai.Omit()}
    return {
        "api_key": settings.api_key,
        "base_url": settings.base_url,
        "timeout": timeout,
        "max_retries": 0,
        "default_headers": {**unset, **settings.headers},
    }


def _reply(response: Any, call: _chat.Call, started: float) -> Reply:
    seconds = time.perf_counter() - started
    return _chat.parse(response.content, call=call, request_id=response.headers.get("x-request-id"), seconds=seconds)


def _engine_error(error: Exception, request: Request, call: _chat.Call, key: str, seconds: float) -> EngineError:
    import openai  # noqa: PLC0415 - loaded already

    if isinstance(error, EngineError):
        return error
    secrets = (key, *(message.content for message in request.messages))
    if isinstance(error, openai.APIStatusError):
        response = error.response
        answer = _errors.Answer(response.status_code, response.headers, response.content, seconds)
        return _errors.rejected(answer, model=request.model, sent=call.optional, secrets=secrets)
    failure = Failure(seconds=seconds)
    if isinstance(error, openai.APITimeoutError):
        return TimedOut(f"no reply within {seconds:.1f} s", advice="allow more time: timeout=", failure=failure)
    cause = error.__cause__ or error
    if isinstance(cause, EngineError):
        return cause
    told = _errors.clean(f"{type(cause).__name__} {cause}".strip(), secrets)
    return ConnectionFailed(f"the connection failed ({told})", advice="check base_url and the network", failure=failure)
