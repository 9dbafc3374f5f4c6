"""The HTTP clients the openai SDK is given: well-kept wires behind its public seam, without what a POST does not need.

The SDK takes an ``http_client``; its own spends half of a call on merging defaults, redirects, cookies and pool scans.
These keep the SDK's requests and replies and go straight to the wire: httpx's transport when synchronous, aiohttp when
asynchronous (where installed). Where the environment names a proxy, the plain client does the work.
"""

from __future__ import annotations

import functools
import importlib
import urllib.request
from typing import TYPE_CHECKING, Any

from extract.errors import ServerFailed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from types import ModuleType

    import aiohttp

__all__ = ["LIMIT", "async_client", "httpx_library", "sync_client"]

LIMIT = 32 * 1024 * 1024
"""The most bytes of one reply that are read: many times what any model writes."""

_CONNECTIONS = 1000


@functools.cache
def httpx_library() -> ModuleType:
    """Find the HTTP library the installed openai rides on: httpx up to 2.x, httpx2 from 3.0 on."""
    import openai  # noqa: PLC0415 - a second of imports

    names = [base.__module__.partition(".")[0] for base in openai.DefaultHttpxClient.__mro__]
    return importlib.import_module(next(name for name in names if name.startswith("httpx")))


def sync_client(timeout: float) -> Any:
    """Make an ``http_client`` for ``openai.OpenAI``."""
    httpx: Any = httpx_library()
    if urllib.request.getproxies():
        return _made("Client", _Capped)(timeout=timeout, follow_redirects=False)
    wire = httpx.HTTPTransport(verify=_tls(), limits=_limits())
    client = _made("Client", _Lean, _Capped)(timeout=timeout, transport=wire, follow_redirects=False)
    client.wire = wire
    return client


def async_client(timeout: float) -> Any:
    """Make an ``http_client`` for ``openai.AsyncOpenAI``; it belongs to the event loop it is first used in."""
    options: dict[str, Any] = {"timeout": timeout, "follow_redirects": False}
    if urllib.request.getproxies():
        return _made("AsyncClient", _CappedAsync)(**options)
    try:
        import aiohttp  # noqa: F401, PLC0415 - an extra
    except ImportError:
        return _made("AsyncClient", _CappedAsync)(**options, limits=_limits())
    return _made("AsyncClient", _OverAiohttp)(**options)


@functools.cache
def _made(base: str, *mixins: type[Any]) -> type[Any]:
    httpx = httpx_library()
    return type(f"Lean{base}", (*mixins, getattr(httpx, base)), {"httpx": httpx, "plain": getattr(httpx, base)})


def _limits() -> Any:
    return httpx_library().Limits(max_connections=_CONNECTIONS, max_keepalive_connections=100)


@functools.cache
def _tls() -> Any:
    # 20 ms, so once a process.
    return httpx_library().create_ssl_context()


class _Capped:
    """httpx's client, which reads a reply of reasonable size only."""

    httpx: Any
    plain: Any

    def send(self, request: Any, *, stream: bool = False, **options: Any) -> Any:
        response = self.fetch(request, **options)
        if stream:
            return response
        try:
            size = 0
            pieces = []
            for piece in response.iter_bytes():
                size = _sized(size, piece)
                pieces.append(piece)
        finally:
            response.close()
        return _whole(self.httpx, response, b"".join(pieces))

    def fetch(self, request: Any, **options: Any) -> Any:
        return self.plain.send(self, request, stream=True, **options)


class _Lean:
    """Straight to httpx's transport: no merging, redirects, cookies or hooks."""

    httpx: Any
    plain: Any
    wire: Any

    def build_request(self, method: str, url: Any, **parts: Any) -> Any:
        return _request(self, method, url, parts)

    def fetch(self, request: Any, **_: Any) -> Any:
        response = self.wire.handle_request(request)
        response.request = request
        return response


class _CappedAsync:
    """httpx's asynchronous client, which reads a reply of reasonable size only."""

    httpx: Any
    plain: Any

    async def send(self, request: Any, *, stream: bool = False, **options: Any) -> Any:
        response = await self.plain.send(self, request, stream=True, **options)
        if stream:
            return response
        try:
            size = 0
            pieces = []
            async for piece in response.aiter_bytes():
                size = _sized(size, piece)
                pieces.append(piece)
        finally:
            await response.aclose()
        return _whole(self.httpx, response, b"".join(pieces))


class _OverAiohttp:
    """httpx's face over an aiohttp session: its pool stays flat with hundreds of requests in flight."""

    httpx: Any
    plain: Any
    session: aiohttp.ClientSession | None = None

    def build_request(self, method: str, url: Any, **parts: Any) -> Any:
        return _request(self, method, url, parts)

    async def send(self, request: Any, *, stream: bool = False, **_: Any) -> Any:
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
            if stream:
                body = _made("AsyncByteStream", _AiohttpBody)()
                body.reply = reply
                return self.httpx.Response(reply.status, headers=_headers(reply), stream=body, request=request)
            pieces = await _pieces(reply)
        except (OSError, aiohttp.ClientError) as error:
            raise _translated(self.httpx, error) from error
        except BaseException:
            if reply is not None:
                reply.close()
            raise
        return self.httpx.Response(reply.status, headers=_headers(reply), content=pieces, request=request)

    def opened(self) -> aiohttp.ClientSession:
        if self.session is None:
            import aiohttp  # noqa: PLC0415 - an extra; loaded already

            connector = aiohttp.TCPConnector(limit=_CONNECTIONS, ssl=_tls())
            self.session = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())
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
        import aiohttp  # noqa: PLC0415 - an extra; loaded already

        try:
            async for piece in self.reply.content.iter_any():
                yield piece
        except (OSError, aiohttp.ClientError) as error:
            raise _translated(self.httpx, error) from error

    async def aclose(self) -> None:
        self.reply.close()


def _request(client: Any, method: str, url: Any, parts: Mapping[str, Any]) -> Any:
    """Build the SDK's request as it is; its headers are complete, so nothing is merged."""
    timeout = parts.get("timeout")
    if not isinstance(timeout, client.httpx.Timeout) or parts.get("params") or parts.get("files"):
        return client.plain.build_request(client, method, url, **parts)
    return client.httpx.Request(
        method,
        url,
        content=parts.get("content"),
        headers=parts.get("headers"),
        extensions={"timeout": timeout.as_dict(), **(parts.get("extensions") or {})},
    )


def _sized(size: int, piece: bytes) -> int:
    size += len(piece)
    if size > LIMIT:
        raise ServerFailed(
            f"the reply is larger than {LIMIT >> 20} MiB", advice="set a lower max_output_tokens", retryable=False
        )
    return size


def _whole(httpx: Any, response: Any, body: bytes) -> Any:
    headers = [pair for pair in response.headers.raw if pair[0].lower() != b"content-encoding"]
    return httpx.Response(response.status_code, headers=headers, content=body, request=response.request)


async def _pieces(reply: aiohttp.ClientResponse) -> bytes:
    size = 0
    pieces = []
    async for piece in reply.content.iter_any():
        size = _sized(size, piece)
        pieces.append(piece)
    return b"".join(pieces)


def _headers(reply: aiohttp.ClientResponse) -> list[tuple[bytes, bytes]]:
    # aiohttp has undone the encoding already.
    return [pair for pair in reply.raw_headers if pair[0].lower() != b"content-encoding"]


@functools.lru_cache(maxsize=16)
def _address(url: str) -> Any:
    import yarl  # noqa: PLC0415 - comes with aiohttp

    return yarl.URL(url, encoded=True)


def _translated(httpx: Any, error: Exception) -> Exception:
    if isinstance(error, TimeoutError) or type(error).__name__ == "TimeoutError":
        return httpx.ReadTimeout(type(error).__name__)  # type: ignore[no-any-return]
    return httpx.NetworkError(f"{type(error).__name__}: {error}")  # type: ignore[no-any-return]
