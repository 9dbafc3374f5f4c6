"""The loopback gateway: canned chat completions, so cheap to serve that no peer ever waits for it.

The address says what is served: ``/SIZE/DELAY_MS/PACE_MS/v1/chat/completions``. A request with ``"stream": true`` gets
server-sent events of four characters each, each in an HTTP chunk of its own as gateways send them; one with ``tools``
gets a call of its first tool. ``GET /timings`` tells when each piece of the last paced stream was handed to the socket.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time
from functools import cache

from bench.answers import MODEL, answer

__all__ = ["serve"]

DELTA = 4
TOOL = re.compile(rb'"function"\s*:\s*\{[^{}]*?"name"\s*:\s*"([^"]+)"')
STREAM = re.compile(rb'"stream"\s*:\s*true')
TOOLS = re.compile(rb'"tools"\s*:\s*\[')
USAGE = {"prompt_tokens": 210, "completion_tokens": 140, "total_tokens": 350}
timings: list[tuple[int, float]] = []


class Gateway(asyncio.Protocol):
    """One connection: requests are taken from a buffer by their Content-Length and answered in order."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: asyncio.Transport = transport  # type: ignore[assignment]
        self.buffer = bytearray()
        self.paced: asyncio.Task[None] | None = None

    def connection_lost(self, _: Exception | None) -> None:
        if self.paced:
            self.paced.cancel()

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while (end := self.buffer.find(b"\r\n\r\n")) >= 0:
            head = bytes(self.buffer[:end])
            length = re.search(rb"(?i)content-length:\s*(\d+)", head)
            whole = end + 4 + (int(length[1]) if length else 0)
            if len(self.buffer) < whole:
                return
            body = bytes(self.buffer[end + 4 : whole])
            del self.buffer[:whole]
            self.answer(head.split(b" ", 2)[1].decode(), body)

    def answer(self, path: str, body: bytes) -> None:
        if path == "/timings":
            self.transport.write(_http(json.dumps(timings).encode()))
            return
        size, delay, pace = (int(part) for part in path.split("/")[1:4])
        tool = TOOL.search(body) if TOOLS.search(body) else None
        name = tool[1].decode() if tool else None
        if STREAM.search(body) and pace:
            self.paced = asyncio.get_running_loop().create_task(self.trickle(size, pace / 1000, name))
        elif STREAM.search(body):
            self.after(delay, _STREAM_HEAD + b"".join(_events(size, name)))
        else:
            self.after(delay, _completion(size, name))

    def after(self, milliseconds: int, data: bytes) -> None:
        if milliseconds:
            asyncio.get_running_loop().call_later(milliseconds / 1000, self.transport.write, data)
        else:
            self.transport.write(data)

    async def trickle(self, size: int, pace: float, tool: str | None) -> None:
        timings.clear()
        self.transport.write(_STREAM_HEAD)
        begin = time.monotonic()
        for number, event in enumerate(_events(size, tool)):
            await asyncio.sleep(max(0.0, begin + number * pace - time.monotonic()))
            # The first event carries the role only.
            timings.append((number * DELTA, time.monotonic()))
            self.transport.write(event)


_STREAM_HEAD = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\n"
    b"transfer-encoding: chunked\r\nx-request-id: req_1\r\n\r\n"
)


def _http(body: bytes) -> bytes:
    head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-request-id: req_1\r\ncontent-length: "
    return f"{head}{len(body)}\r\n\r\n".encode() + body


@cache
def _completion(size: int, tool: str | None) -> bytes:
    message: dict[str, object] = {"role": "assistant", "content": answer(size), "refusal": None, "annotations": []}
    if tool:
        call = {"id": "call_1", "type": "function", "function": {"name": tool, "arguments": answer(size)}}
        message |= {"content": None, "tool_calls": [call]}
    finish = "tool_calls" if tool else "stop"
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": finish}
    return _http(json.dumps({**_envelope("chat.completion"), "choices": [choice], "usage": USAGE}).encode())


@cache
def _events(size: int, tool: str | None) -> list[bytes]:
    text = answer(size)
    first: dict[str, object] = {"role": "assistant", "content": "", "refusal": None}
    if tool:
        call = {"index": 0, "id": "call_1", "type": "function", "function": {"name": tool, "arguments": ""}}
        first = {"role": "assistant", "content": None, "tool_calls": [call]}
    events = [_event(first)]
    for start in range(0, len(text), DELTA):
        piece = text[start : start + DELTA]
        call = {"index": 0, "function": {"arguments": piece}}
        events.append(_event({"tool_calls": [call]} if tool else {"content": piece}))
    events.append(_event({}, finish="tool_calls" if tool else "stop"))
    usage = {**_envelope("chat.completion.chunk"), "choices": [], "usage": USAGE}
    events.append(_chunk(json.dumps(usage)) + _chunk("[DONE]") + b"0\r\n\r\n")
    return events


def _event(delta: dict[str, object], finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
    return _chunk(json.dumps({**_envelope("chat.completion.chunk"), "choices": [choice]}, separators=(",", ":")))


def _chunk(data: str) -> bytes:
    event = f"data: {data}\n\n".encode()
    return b"%x\r\n%b\r\n" % (len(event), event)


def _envelope(kind: str) -> dict[str, object]:
    return {
        "id": "chatcmpl-1",
        "object": kind,
        "created": 1_760_000_000,
        "model": MODEL,
        "service_tier": "default",
        "system_fingerprint": "fp_1",
    }


async def serve() -> None:
    """Listen on a free port, print it, and serve until the parent closes our standard input."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Gateway, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(serve())
