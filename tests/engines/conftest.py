"""A loopback server that answers with bytes as given, for the replies a decent server would never send."""

from __future__ import annotations

import json
import socket
import socketserver
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@dataclass
class Seen:
    """One request as it arrived."""

    line: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Gateway:
    """What to answer, and what was asked.

    A reply is a list of byte strings, sent one by one with a moment in between; a float is a pause in seconds.
    After a reply whose last item is ``None`` the connection is cut.
    """

    base_url: str
    replies: deque[list[Any]] = field(default_factory=deque)
    seen: list[Seen] = field(default_factory=list)
    connections: int = 0
    closed: threading.Event = field(default_factory=threading.Event)

    def answer(
        self, body: Any, status: int = 200, headers: Mapping[str, str] | None = None, *, kind: str = "application/json"
    ) -> None:
        """Queue a whole reply; a body that is no bytes is written as JSON."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        sent = {"content-type": kind, "content-length": str(len(data)), "x-request-id": "req_17", **(headers or {})}
        head = "".join(f"{name}: {value}\r\n" for name, value in sent.items())
        self.replies.append([f"HTTP/1.1 {status} Whatever\r\n{head}\r\n".encode() + data])

    def answer_raw(self, *pieces: Any) -> None:
        """Queue bytes to be sent as they are."""
        self.replies.append(list(pieces))

    def answer_stream(self, *pieces: Any, end: bool = True) -> None:
        """Queue an event stream, one HTTP chunk a piece."""
        head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\nx-request-id: req_17\r\n\r\n"
        chunks = [b"%x\r\n%b\r\n" % (len(piece), piece) if isinstance(piece, bytes) else piece for piece in pieces]
        self.replies.append([head, *chunks, b"0\r\n\r\n" if end else None])

    def answer_text(self, text: str | None, **changes: Any) -> None:
        """Queue an ordinary reply of the model."""
        self.answer(completion(text, **changes))


def completion(text: str | None, **changes: Any) -> dict[str, Any]:
    """Write a chat completion as the gateway does; ``changes`` go into its choice and message."""
    message = {"role": "assistant", "content": text, "refusal": None, "annotations": []}
    choice: dict[str, Any] = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
    for name, value in changes.items():
        (message if name in {"refusal", "content", "tool_calls"} else choice)[name] = value
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1783375763,
        "model": "gpt-5.4-mini-2026-03-01",
        "choices": [choice],
        "usage": {
            "prompt_tokens": 48,
            "completion_tokens": 14,
            "total_tokens": 62,
            "prompt_tokens_details": {"cached_tokens": 8, "audio_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 5, "audio_tokens": 0},
        },
    }


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    """A server on loopback that plays what the test queued, in order, over as many connections as it takes."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            state.connections += 1
            while (request := _read(self.rfile)) is not None:
                state.seen.append(request)
                pieces = state.replies.popleft() if len(state.replies) > 1 else state.replies[0]
                try:
                    for piece in pieces:
                        if isinstance(piece, bytes):
                            self.connection.sendall(piece)
                        elif isinstance(piece, float):
                            time.sleep(piece)
                except OSError:
                    state.closed.set()
                    return
                if pieces[-1] is None:
                    self.connection.shutdown(socket.SHUT_RDWR)
                    return

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True

    with Server(("127.0.0.1", 0), Handler) as server:
        state = Gateway(f"http://127.0.0.1:{server.server_address[1]}/v1")
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield state
        server.shutdown()


def _read(stream: Any) -> Seen | None:
    try:
        line = stream.readline().decode()
        headers = {}
        while (text := stream.readline().decode().strip()) != "":
            name, _, value = text.partition(":")
            headers[name.lower()] = value.strip()
        return Seen(line.strip(), headers, stream.read(int(headers.get("content-length", 0)))) if line else None
    except OSError:
        return None
