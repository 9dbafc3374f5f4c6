"""Only reading the stream's bytes through the SDK's cheapest public route, without any partials.

``events=True`` also splits the events and takes the text out of each, which whoever wants to use them has to do.
"""

from __future__ import annotations

import json

import openai

from bench.answers import DOCUMENT, MODEL, PROMPT
from bench.declared import Invoice

__all__ = ["Adapter"]


class Adapter:
    def __init__(self, url: str, *, events: bool = False) -> None:
        said = {"api_key": "sk-bench", "base_url": url, "max_retries": 0}
        self.client = openai.OpenAI(**said)
        self.aclient = openai.AsyncOpenAI(**said, http_client=openai.DefaultAioHttpClient())
        messages = [{"role": "system", "content": PROMPT}, {"role": "user", "content": DOCUMENT}]
        schema = {"name": "Invoice", "strict": True, "schema": Invoice.model_json_schema()}
        body = {
            "model": MODEL,
            "messages": messages,
            "stream": True,
            "stream_options": {"include_usage": True},
            "response_format": {"type": "json_schema", "json_schema": schema},
        }
        headers = {"content-type": "application/json"}
        self.sent = {
            "cast_to": object,
            "content": json.dumps(body).encode(),
            "options": {"headers": headers},
            "stream": True,
        }
        self.count = _Events if events else _Bytes

    def stream(self):
        stream = self.client.post("/chat/completions", **self.sent, stream_cls=openai.Stream[object])
        counter = self.count()
        for piece in stream.response.iter_bytes():
            yield counter.feed(piece)
        yield counter.result()

    async def stream_async(self):
        stream = await self.aclient.post("/chat/completions", **self.sent, stream_cls=openai.AsyncStream[object])
        counter = self.count()
        async for piece in stream.response.aiter_bytes():
            yield counter.feed(piece)
        yield counter.result()

    async def aclose(self) -> None:
        await self.aclient.close()


class _Bytes:
    """Keeps what was read, and looks at nothing."""

    def __init__(self) -> None:
        self.whole = bytearray()

    def feed(self, piece: bytes) -> None:
        self.whole += piece

    def result(self) -> bytearray:
        return self.whole


class _Events:
    """Splits the events and counts the characters of their text."""

    def __init__(self) -> None:
        self.rest, self.count = b"", 0

    def feed(self, piece: bytes) -> int:
        *events, self.rest = (self.rest + piece).split(b"\n\n")
        for event in events:
            if event.startswith(b"data: {"):
                for choice in json.loads(event[6:])["choices"]:
                    self.count += len(choice["delta"].get("content") or "")
        return self.count

    def result(self) -> int:
        return self.count
