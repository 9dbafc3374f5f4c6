"""The HTTP clients the openai SDK is given: well-kept wires behind its public seam, without what a POST does not need.

The SDK takes an ``http_client``; its own spends half of a call on merging defaults, redirects, cookies and pool scans.
These keep the SDK's requests and replies and go straight to the wire: httpx's transport when synchronous, aiohttp when
asynchronous (where installed). Where the environment names a proxy, the plain client does the work.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import time
import weakref
from typing import TYPE_CHECKING, Any

from extract.errors import ServerFailed

if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncIterator, Iterator
    from types import ModuleType

    import aiohttp

__all__ = ["LIMIT", "async_client", "httpx_library", "pieces", "sync_client"]

LIMIT = 32 * 1024 * 1024
"""The most bytes of one reply that are read: many times what any model writes."""

_CONNECTIONS = 1000
_CONNECT = 10.0


@functools.cache
def httpx_library() -> ModuleType:
    """Find the HTTP library the installed openai rides on: httpx up to 2.x, httpx2 from 3.0 on."""
    import openai  # noqa: PLC0415 - a second of imports

    names = [base.__module__.partition(".")[0] for base in openai.DefaultHttpxClient.__mro__]
    return importlib.import_module(next(name for name in names if name.startswith("httpx")))


def sync_client(timeout: float, *, direct: bool = False) -> Any:
    """Make an ``http_client`` for ``openai.OpenAI``; a direct one looks at no proxy."""
    if not direct and _proxied():
        return _made("Client", _Sync)(timeout=timeout, verify=_tls())
    return _over_transport("Client", "HTTPTransport", timeout, _Straight, _Sync)


def async_client(timeout: float, *, direct: bool = False) -> Any:
    """Make an ``http_client`` for ``openai.AsyncOpenAI``; it belongs to the event loop it is first used in."""
    if not direct and _proxied():
        return _made("AsyncClient", _Async)(timeout=timeout, verify=_tls())
    try:
        importlib.import_module("aiohttp")  # an extra
    except ImportError:
        return _over_transport("AsyncClient", "AsyncHTTPTransport", timeout, _StraightAsync, _Async)
    # A transport that is never used: httpx would make one, with 40 ms for its TLS settings.
    unused = httpx_library().AsyncBaseTransport()
    return _made("AsyncClient", _OverAiohttp, _Ready)(timeout=timeout, transport=unused)


def _proxied() -> bool:
    from urllib.request import getproxies  # noqa: PLC0415 - 20 ms of imports

    return bool(getproxies().keys() - {"no"})


def pieces(response: Any) -> Any:
    """Give the body of a reply as it comes, decoded: an iterable, or an asynchronous one."""
    if "content-encoding" not in response.headers:
        return response.stream
    synchronous = isinstance(response.stream, httpx_library().SyncByteStream)
    return response.iter_bytes() if synchronous else response.aiter_bytes()


def _over_transport(base: str, transport: str, timeout: float, *mixins: Any) -> Any:
    httpx: Any = httpx_library()
    limits = httpx.Limits(max_connections=_CONNECTIONS, max_keepalive_connections=100)
    wire = getattr(httpx, transport)(verify=_tls(), limits=limits)
    client = _made(base, *mixins, _Ready)(timeout=timeout, transport=wire)
    client.wire = wire
    return client


@functools.cache
def _made(base: str, *mixins: Any) -> type[Any]:
    httpx = httpx_library()
    parent = getattr(httpx, base)
    return type(f"Lean{base}", (*mixins, parent), {"httpx": httpx, "plain": parent})


@functools.cache
def _tls() -> Any:
    # 20 ms, so once a process.
    return httpx_library().create_ssl_context()


class _Ready:
    """The SDK's request as it is: its headers are complete, so nothing is merged."""

    httpx: Any
    plain: Any

    def build_request(self, method: str, url: Any, **parts: Any) -> Any:
        timeout = parts.get("timeout")
        if not isinstance(timeout, (int, float)) or parts.get("params") or parts.get("files"):
            return self.plain.build_request(self, method, url, **parts)
        limits = {"connect": min(timeout, _CONNECT), "read": timeout, "write": timeout, "pool": timeout}
        return self.httpx.Request(
            method,
            _url(str(url)),
            content=parts.get("content"),
            headers=parts.get("headers"),
            extensions={"timeout": limits, **(parts.get("extensions") or {})},
        )


class _Sync:
    """httpx's client, which reads a reply of reasonable size within the time allowed only."""

    httpx: Any
    plain: Any

    def send(self, request: Any, *, stream: bool = False, **options: Any) -> Any:
        bound = _Bound(self.httpx, request)
        response = self.fetch(request, **options)
        if stream and _good(response.status_code):
            return response
        try:
            if "content-encoding" in response.headers:
                pieces = [bound.passed(piece) for piece in response.iter_bytes()]
                return _decoded(self.httpx, response, b"".join(pieces))
            body = _made("SyncByteStream", _BoundBody)()
            body.source, body.bound = response.stream, bound
            response.stream = body
            response.read()
        except BaseException:
            response.close()
            raise
        return response

    def fetch(self, request: Any, **options: Any) -> Any:
        return self.plain.send(self, request, stream=True, **options)


class _Async:
    """The same, asynchronously."""

    httpx: Any
    plain: Any

    async def send(self, request: Any, *, stream: bool = False, **options: Any) -> Any:
        bound = _Bound(self.httpx, request)
        response = await self.fetch(request, **options)
        if stream and _good(response.status_code):
            return response
        try:
            pieces = [bound.passed(piece) async for piece in response.aiter_bytes()]
        finally:
            await response.aclose()
        return _decoded(self.httpx, response, b"".join(pieces))

    async def fetch(self, request: Any, **options: Any) -> Any:
        return await self.plain.send(self, request, stream=True, **options)


class _Straight:
    """Straight to httpx's transport: no redirects, cookies or hooks."""

    wire: Any

    def fetch(self, request: Any, **_: Any) -> Any:
        response = self.wire.handle_request(request)
        response.request = request
        return response


class _StraightAsync:
    """The same, asynchronously."""

    wire: Any

    async def fetch(self, request: Any, **_: Any) -> Any:
        response = await self.wire.handle_async_request(request)
        response.request = request
        return response


class _Bound:
    """How much may be read, and until when. httpx's own limit is for each read: a trickle would never end."""

    __slots__ = ("_ends", "_httpx", "_size")

    def __init__(self, httpx: Any, request: Any) -> None:
        self._httpx = httpx
        self._size = 0
        self._ends = time.monotonic() + (request.extensions["timeout"]["read"] or 1e9)

    def passed(self, piece: bytes) -> bytes:
        self._size += len(piece)
        if self._size > LIMIT:
            raise ServerFailed(
                f"the reply is larger than {LIMIT >> 20} MiB", advice="set a lower max_output_tokens", retryable=False
            )
        if time.monotonic() > self._ends:
            raise self._httpx.ReadTimeout("the whole reply took too long")
        return piece


class _BoundBody:
    """A body that is read within bounds."""

    source: Any
    bound: _Bound

    def __iter__(self) -> Iterator[bytes]:
        return map(self.bound.passed, self.source)

    def close(self) -> None:
        self.source.close()


class _OverAiohttp:
    """httpx's face over an aiohttp session: its pool stays flat with hundreds of requests in flight."""

    httpx: Any
    plain: Any
    session: aiohttp.ClientSession | None = None

    async def send(self, request: Any, *, stream: bool = False, **_: Any) -> Any:
        import asyncio  # noqa: PLC0415 - not for synchronous callers

        import aiohttp  # noqa: PLC0415 - an extra; loaded already

        reply: aiohttp.ClientResponse | None = None
        timeout = request.extensions["timeout"]
        try:
            reply = await self.opened().request(
                request.method,
                _address(str(request.url)),
                data=request.content,
                headers=request.headers.multi_items(),
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(
                    total=None if stream else timeout["read"],
                    sock_connect=timeout["connect"],
                    sock_read=timeout["read"],
                ),
            )
            if stream and _good(reply.status):
                body = _made("AsyncByteStream", _AiohttpBody)()
                body.reply = reply
                return self.httpx.Response(reply.status, headers=_headers(reply), stream=body, request=request)
            bound = _Bound(self.httpx, request)
            content = b"".join([bound.passed(piece) async for piece in reply.content.iter_any()])
        except BaseException as error:
            if reply is not None:
                reply.close()
            # asyncio's own timeout is no OSError before Python 3.11.
            if isinstance(error, (OSError, asyncio.TimeoutError, aiohttp.ClientError)):
                raise _translated(self.httpx, error) from error
            raise
        return self.httpx.Response(reply.status, headers=_headers(reply), content=content, request=request)

    def opened(self) -> aiohttp.ClientSession:
        if self.session is None:
            import asyncio  # noqa: PLC0415 - not for synchronous callers

            import aiohttp  # noqa: PLC0415 - an extra; loaded already

            connector = aiohttp.TCPConnector(limit=_CONNECTIONS, ssl=_tls())
            self.session = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())
            weakref.finalize(self, _abandon, self.session, asyncio.get_running_loop())
        return self.session

    async def aclose(self) -> None:
        await self.plain.aclose(self)
        if self.session is not None:
            await self.session.close()


class _AiohttpBody:
    """The body of an aiohttp reply, as it comes."""

    httpx: Any
    reply: aiohttp.ClientResponse

    async def __aiter__(self) -> AsyncIterator[bytes]:
        import asyncio  # noqa: PLC0415 - not for synchronous callers

        import aiohttp  # noqa: PLC0415 - an extra; loaded already

        try:
            async for piece in self.reply.content.iter_any():
                yield piece
        except (OSError, asyncio.TimeoutError, aiohttp.ClientError) as error:
            raise _translated(self.httpx, error) from error

    async def aclose(self) -> None:
        # Keeps the connection when the body has been read to its end, and drops it otherwise.
        self.reply.release()


def _abandon(session: aiohttp.ClientSession, loop: asyncio.AbstractEventLoop) -> None:
    """Close what nobody closed, without aiohttp's complaints on stderr: ``asyncio.run(…)`` leaves no other chance."""
    connector = session.connector
    if connector is None or session.closed:
        return
    session.detach()
    # Its first step does all that can be done; the rest would wait for the other side.
    first_step = functools.partial(next, connector.close().__await__(), None)
    if loop.is_running():
        loop.call_soon_threadsafe(first_step)
    else:
        with contextlib.suppress(RuntimeError):
            first_step()


def _good(status: int) -> bool:
    """Tell what may be streamed: an error's body is read here, within bounds."""
    return 200 <= status < 300  # noqa: PLR2004 - the class of HTTP's successes


def _decoded(httpx: Any, response: Any, body: bytes) -> Any:
    headers = [pair for pair in response.headers.raw if pair[0].lower() != b"content-encoding"]
    return httpx.Response(response.status_code, headers=headers, content=body, request=response.request)


def _headers(reply: aiohttp.ClientResponse) -> list[tuple[bytes, bytes]]:
    # aiohttp has undone the encoding already.
    return [pair for pair in reply.raw_headers if pair[0].lower() != b"content-encoding"]


@functools.lru_cache(maxsize=16)
def _url(url: str) -> Any:
    return httpx_library().URL(url)


@functools.lru_cache(maxsize=16)
def _address(url: str) -> Any:
    import yarl  # noqa: PLC0415 - comes with aiohttp

    return yarl.URL(url, encoded=True)


def _translated(httpx: Any, error: Exception) -> Exception:
    if "Timeout" in type(error).__name__:
        return httpx.ReadTimeout(type(error).__name__)  # type: ignore[no-any-return]
    return httpx.NetworkError(f"{type(error).__name__}: {error}")  # type: ignore[no-any-return]
