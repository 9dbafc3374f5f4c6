"""Bytes from a socket in, calls out; plans in, bytes to the socket out: HTTP/1.1 for the stand-in, with keep-alive."""

from __future__ import annotations

import asyncio
import contextlib
import enum
import json
import socket
import struct
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MAX_HEAD = 64 * 1024
_HANDSHAKE = b"\x16"
"""How TLS begins, and no request: whoever writes https:// must not wait for ever."""


@dataclass(frozen=True, slots=True)
class Call:
    """One HTTP request; header names are lower case."""

    method: str
    target: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]


class End(enum.Enum):
    """How a plan may end other than by keeping the connection."""

    CLOSE = "close"
    RESET = "reset"
    HANG = "hang"


Step: TypeAlias = "bytes | float | End"
Plan: TypeAlias = "tuple[Step, ...]"
"""What to do with a call: bytes are written, numbers are seconds to wait, an End is the last step."""

Handler: TypeAlias = "Callable[[Call], Plan]"


def message(
    status: int, body: bytes, *, kind: str = "application/json", headers: Mapping[str, str] | None = None
) -> bytes:
    """Write a whole HTTP message: status line, headers, body."""
    return head(status, {"content-type": kind, "content-length": str(len(body)), **(headers or {})}) + body


def json_message(status: int, value: Any, headers: Mapping[str, str] | None = None) -> bytes:
    """Write a whole HTTP message with a JSON body."""
    return message(status, json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"), headers=headers)


def head(status: int, headers: Mapping[str, str]) -> bytes:
    """Write the status line and the headers."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {status} {_phrase(status)}\r\n{lines}\r\n".encode("latin-1")


def chunk(data: bytes) -> bytes:
    """Frame data for ``transfer-encoding: chunked``; empty data ends the body."""
    return b"%x\r\n%s\r\n" % (len(data), data)


class Connection(asyncio.Protocol):
    """One client's connection; calls are answered in order, each before the next is read.

    Args:
        handle: Makes the plan for a call; runs in the loop's thread.
        max_body: Bytes a request's body may have; more is answered 413.
        live: The server's open connections; this one adds and removes itself.
    """

    def __init__(self, handle: Handler, *, max_body: int, live: set[Connection]) -> None:
        self._handle = handle
        self._max_body = max_body
        self._live = live
        self._buffer = bytearray()
        self._head: tuple[str, str, dict[str, str], int] | None = None
        self._task: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember the transport."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - asyncio's promise for TCP servers
        self._transport = transport
        self._live.add(self)
        with contextlib.suppress(OSError):
            transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """Stop whatever was still being answered."""
        self._live.discard(self)
        if self._task is not None:
            self._task.cancel()

    def data_received(self, data: bytes) -> None:
        """Take bytes; answer every call that is complete."""
        self._buffer += data
        if self._task is None:
            self._pump()

    def drop(self) -> None:
        """Break the connection off at once."""
        self._transport.abort()

    def _pump(self) -> None:
        while not self._transport.is_closing():
            try:
                call = self._take()
            except _Malformed as error:
                self._transport.write(json_message(error.status, _error(str(error)), {"connection": "close"}))
                self._transport.close()
                return
            if call is None:
                return
            closing = call.headers.get("connection", "").lower() == "close"
            plan = self._handle(call)
            if len(plan) == 1 and isinstance(plan[0], bytes):
                self._transport.write(plan[0])
                if closing:
                    self._transport.close()
                continue
            self._task = asyncio.get_running_loop().create_task(self._play(plan, closing=closing))
            return

    async def _play(self, plan: Plan, *, closing: bool) -> None:
        for step in plan:
            if isinstance(step, bytes):
                self._transport.write(step)
            elif isinstance(step, End):
                await self._end(step)
                return
            elif step > 0:
                await asyncio.sleep(step)
        self._task = None
        if closing:
            self._transport.close()
        else:
            self._pump()

    async def _end(self, end: End) -> None:
        if end is End.HANG:
            await asyncio.Event().wait()
        if end is End.RESET:
            # Zero linger turns the close into a reset, which is what a crashed peer looks like.
            with contextlib.suppress(OSError):
                linger = struct.pack("ii", 1, 0)
                self._transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self._transport.abort()
        self._transport.close()

    def _take(self) -> Call | None:
        if self._head is None and not self._take_head():
            return None
        assert self._head is not None  # noqa: S101 - set by _take_head
        method, target, headers, length = self._head
        if length < 0:
            body, used = _dechunk(self._buffer, self._max_body)
        else:
            body, used = (bytes(self._buffer[:length]), length) if len(self._buffer) >= length else (b"", -1)
        if used < 0:
            return None
        del self._buffer[:used]
        self._head = None
        return Call(method, target, headers, body)

    def _take_head(self) -> bool:
        end = self._buffer.find(b"\r\n\r\n")
        if self._buffer[:1] == _HANDSHAKE:
            raise _Malformed(HTTPStatus.BAD_REQUEST, "This port speaks HTTP, not HTTPS")
        if end < 0:
            if len(self._buffer) > MAX_HEAD:
                raise _Malformed(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "Request headers too large")
            return False
        first, *lines = bytes(self._buffer[:end]).decode("latin-1").split("\r\n")
        del self._buffer[: end + 4]
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        words = first.split(" ")
        if len(words) != 3 or not words[2].startswith("HTTP/1."):  # noqa: PLR2004 - method, target, version
            raise _Malformed(HTTPStatus.BAD_REQUEST, "Bad request line")
        self._head = (words[0], words[1], headers, self._length(headers))
        if headers.get("expect", "").lower() == "100-continue":
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        return True

    def _length(self, headers: Mapping[str, str]) -> int:
        if headers.get("transfer-encoding", "").lower() == "chunked":
            return -1
        text = headers.get("content-length", "0")
        if not (text.isascii() and text.isdigit()):
            raise _Malformed(HTTPStatus.BAD_REQUEST, "Bad content-length")
        if int(text) > self._max_body:
            raise _Malformed(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "Payload too large")
        return int(text)


class _Malformed(Exception):
    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = int(status)


def _dechunk(buffer: bytearray, limit: int) -> tuple[bytes, int]:
    """Return the body and the bytes it took; -1 when it is not complete yet."""
    parts: list[bytes] = []
    at = total = 0
    while (line := buffer.find(b"\r\n", at)) >= 0:
        try:
            size = int(bytes(buffer[at:line]).partition(b";")[0], 16)
        except ValueError:
            raise _Malformed(HTTPStatus.BAD_REQUEST, "Bad chunk size") from None
        total += size
        if total > limit:
            raise _Malformed(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "Payload too large")
        start = line + 2
        if len(buffer) < start + size + 2:
            break
        if size == 0:
            return b"".join(parts), start + 2
        parts.append(bytes(buffer[start : start + size]))
        at = start + size + 2
    return b"", -1


def _error(text: str) -> dict[str, Any]:
    return {"error": {"message": text, "type": "invalid_request_error", "param": None, "code": None}}


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"
