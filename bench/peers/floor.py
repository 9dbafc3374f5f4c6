"""The floor: the same bytes over a bare socket (sync) or asyncio streams (async), validated by pydantic-core.

Not HTTP for production: no timeouts, no TLS, no pool.
"""

from __future__ import annotations

import asyncio
import json
import socket
from urllib.parse import urlsplit

from pydantic import BaseModel

from bench.answers import DOCUMENT, MODEL, PROMPT
from bench.declared import Invoice

__all__ = ["Adapter"]


class Message(BaseModel):
    content: str


class Choice(BaseModel):
    message: Message


class Completion(BaseModel):
    choices: list[Choice]


class Adapter:
    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.address = (parts.hostname, parts.port)
        messages = [{"role": "system", "content": PROMPT}, {"role": "user", "content": DOCUMENT}]
        schema = {"name": "Invoice", "strict": True, "schema": Invoice.model_json_schema()}
        body = {
            "model": MODEL,
            "messages": messages,
            "response_format": {"type": "json_schema", "json_schema": schema},
        }
        self.head = (
            f"POST {parts.path}/chat/completions HTTP/1.1\r\nhost: {parts.netloc}\r\n"
            "authorization: Bearer sk-bench\r\ncontent-type: application/json\r\ncontent-length: "
        )
        self.requests = {stream: self.render({**body, "stream": True} if stream else body) for stream in (False, True)}
        self.socket: socket.socket | None = None
        self.idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    def render(self, body) -> bytes:
        data = json.dumps(body).encode()
        return f"{self.head}{len(data)}\r\n\r\n".encode() + data

    def call(self):
        if self.socket is None:
            self.socket = socket.create_connection(self.address)
        self.socket.sendall(self.requests[False])
        data = bytearray(self.socket.recv(65536))
        start = data.index(b"\r\n\r\n") + 4
        whole = start + _length(data, start)
        while len(data) < whole:
            data += self.socket.recv(262144)
        return _invoice(bytes(data[start:whole]))

    async def call_async(self):
        reader, writer = self.idle.pop() if self.idle else await asyncio.open_connection(*self.address)
        writer.write(self.requests[False])
        head = await reader.readuntil(b"\r\n\r\n")
        data = await reader.readexactly(_length(head, len(head)))
        self.idle.append((reader, writer))
        return _invoice(data)

    def stream(self):
        """Characters of content so far, at every read: no partials."""
        with socket.create_connection(self.address) as connection:
            connection.sendall(self.requests[True])
            rest, count, begun = b"", 0, False
            while True:
                rest += connection.recv(262144)
                if not begun:
                    rest, begun = rest.partition(b"\r\n\r\n")[2], True
                *events, rest = rest.split(b"\n\n")
                for event in events:
                    data = event.partition(b"data: ")[2]
                    if data == b"[DONE]":
                        yield count
                        return
                    for choice in json.loads(data)["choices"]:
                        count += len(choice["delta"].get("content") or "")
                yield count


def _length(data: bytes | bytearray, end: int) -> int:
    start = data.index(b"content-length: ", 0, end) + 16
    return int(data[start : data.index(b"\r\n", start)])


def _invoice(body: bytes) -> Invoice:
    return Invoice.model_validate_json(Completion.model_validate_json(body).choices[0].message.content)
