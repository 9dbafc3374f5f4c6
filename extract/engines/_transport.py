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
    from collections.abc import AsyncIterator
    from types import ModuleType

    import aiohttp

__all__ = ["LIMIT", "async_client", "httpx_library", "pieces", "sync_client"]

LIMIT = 32 * 1024 * 1024
"""The most bytes of one reply that are read: many times what any model writes."""

_CONNECTIONS = 1000
_CONNECT = 10.0
_FOREVER = 1e9


@functools.cache
def httpx_library() -> ModuleType:
    """Find the HTTP library the installed openai rides on: httpx up to 2.x, httpx2 from 3.0 on."""
    import openai  # noqa: PLC0415 - a second of imports

    names = [base.__module__.partition(".")[0] for base in openai.DefaultHttpxClient.__mro__]
    return importlib.import_module(next(name for name in names if name.startswith("httpx")))


def sync_client(timeout: float, *, direct: bool = False) -> Any:
    """Make an ``http_client`` for ``openai.OpenAI``; a direct one looks at no proxy."""
    if not direct and _proxied():
        return _over_proxy("Client", timeout, _Sync)
    return _over_transport("Client", "HTTPTransport", timeout, _Sync)


def async_client(timeout: float, *, direct: bool = False) -> Any:
    """Make an ``http_client`` for ``openai.AsyncOpenAI``; it belongs to the event loop it is first used in."""
    if not direct and _proxied():
        return _over_proxy("AsyncClient", timeout, _Async)
    try:
        importlib.import_module("aiohttp")  # an extra
    except ImportError:
        return _over_transport("AsyncClient", "AsyncHTTPTransport", timeout, _Async)
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


def _over_transport(base: str, transport: str, timeout: float, kind: Any) -> Any:
    httpx: Any = httpx_library()
    limits = httpx.Limits(max_connections=_CONNECTIONS, max_keepalive_connections=100)
    wire = getattr(httpx, transport)(verify=_tls(), limits=limits)
    client = _made(base, kind, _Ready)(timeout=timeout, transport=wire)
    # No redirects, cookies or hooks.
    client.fetch = getattr(wire, "handle_async_request" if base.startswith("Async") else "handle_request")
    return client


def _over_proxy(base: str, timeout: float, kind: Any) -> Any:
    client = _made(base, kind)(timeout=timeout, verify=_tls())
    client.fetch = functools.partial(client.plain.send, client, stream=True)
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
    """httpx's client, which reads a reply of reasonable size within the time allowed only.

    httpx's own limit is for each read: a trickle would never end.
    """

    httpx: Any
    fetch: Any

    def send(self, request: Any, *, stream: bool = False, **_: Any) -> Any:
        ends = time.monotonic() + (request.extensions["timeout"]["read"] or _FOREVER)
        response = self.fetch(request)
        response.request = request
        if stream and 200 <= response.status_code < 300:  # noqa: PLR2004 - an error's body is read here, within bounds
            return response
        encoded = "content-encoding" in response.headers
        body = response.iter_bytes() if encoded else response.stream
        pieces, size = [], 0
        try:
            for piece in body:
                size += len(piece)
                if size > LIMIT or time.monotonic() > ends:
                    raise _beyond(self.httpx, size)
                pieces.append(piece)
        finally:
            body.close()
        if encoded:
            return _decoded(self.httpx, response, b"".join(pieces))
        response.stream = self.httpx.ByteStream(b"".join(pieces))
        response.read()
        return response


class _Async:
    """The same, asynchronously."""

    httpx: Any
    fetch: Any

    async def send(self, request: Any, *, stream: bool = False, **_: Any) -> Any:
        ends = time.monotonic() + (request.extensions["timeout"]["read"] or _FOREVER)
        response = await self.fetch(request)
        response.request = request
        if stream and 200 <= response.status_code < 300:  # noqa: PLR2004 - as above
            return response
        pieces, size = [], 0
        try:
            async for piece in response.aiter_bytes():
                size += len(piece)
                if size > LIMIT or time.monotonic() > ends:
                    raise _beyond(self.httpx, size)
                pieces.append(piece)
        finally:
            await response.aclose()
        return _decoded(self.httpx, response, b"".join(pieces))


class _OverAiohttp:
    """httpx's face over an aiohttp session: its pool stays flat with hundreds of requests in flight."""

    httpx: Any
    plain: Any
    session: aiohttp.ClientSession | None = None

    async def send(self, request: Any, *, stream: bool = False, **_: Any) -> Any:
        import asyncio  # noqa: PLC0415 - not for synchronous callers

        import aiohttp  # noqa: PLC0415 - an extra; loaded already

        reply: aiohttp.ClientResponse | None = None
        limits = request.extensions["timeout"]
        try:
            reply = await (self.session or self.opened()).request(
                request.method,
                _address(str(request.url)),
                data=request.content,
                headers=request.headers.multi_items(),
                allow_redirects=False,
                timeout=_timeout(None if stream else limits["read"], limits["connect"], limits["read"]),
            )
            if stream and 200 <= reply.status < 300:  # noqa: PLR2004 - as above
                body = _made("AsyncByteStream", _AiohttpBody)()
                body.reply = reply
                return self.httpx.Response(reply.status, headers=_headers(reply), stream=body, request=request)
            # The time for all of it is in aiohttp's hands.
            pieces, size = [], 0
            async for piece in reply.content.iter_any():
                size += len(piece)
                if size > LIMIT:
                    raise _beyond(self.httpx, size)  # noqa: TRY301 - closes the connection, as every failure here
                pieces.append(piece)
        except BaseException as error:
            if reply is not None:
                reply.close()
            # asyncio's own timeout is no OSError before Python 3.11.
            if isinstance(error, (OSError, asyncio.TimeoutError, aiohttp.ClientError)):
                raise _translated(self.httpx, error) from error
            raise
        headers = _headers(reply) if "content-encoding" in reply.headers else reply.raw_headers
        return self.httpx.Response(reply.status, headers=headers, content=b"".join(pieces), request=request)

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


def _beyond(httpx: Any, size: int) -> Exception:
    if size > LIMIT:
        return ServerFailed(
            f"the reply is larger than {LIMIT >> 20} MiB", advice="set a lower max_output_tokens", retryable=False
        )
    return httpx.ReadTimeout("the whole reply took too long")  # type: ignore[no-any-return]


def _decoded(httpx: Any, response: Any, body: bytes) -> Any:
    headers = [pair for pair in response.headers.raw if pair[0].lower() != b"content-encoding"]
    return httpx.Response(response.status_code, headers=headers, content=body, request=response.request)


@functools.lru_cache(maxsize=16)
def _timeout(total: float | None, connect: float, read: float) -> aiohttp.ClientTimeout:
    import aiohttp  # noqa: PLC0415 - an extra; loaded already

    return aiohttp.ClientTimeout(total=total, sock_connect=connect, sock_read=read)


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
    if type(error).__name__ == "ConnectionTimeoutError":
        return httpx.ConnectTimeout(type(error).__name__)  # type: ignore[no-any-return]
    if "Timeout" in type(error).__name__:
        return httpx.ReadTimeout(type(error).__name__)  # type: ignore[no-any-return]
    return httpx.NetworkError(f"{type(error).__name__}: {error}")  # type: ignore[no-any-return]
