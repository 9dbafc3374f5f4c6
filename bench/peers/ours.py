"""This library: ``Client.run`` and ``Client.stream`` as a user calls them."""

from __future__ import annotations

import extract
from bench.answers import DOCUMENT, PROMPT
from bench.declared import Invoice
from bench.worker import Unsupported

__all__ = ["Adapter"]


class Adapter:
    """``values=True`` also reads every partial's value, which is put together only when somebody asks."""

    def __init__(self, url: str, *, values: bool = False) -> None:
        said = {"api_key": "sk-bench", "base_url": url, "instructions": PROMPT}
        self.client = extract.Client(**said)
        self.aclient = extract.AsyncClient(**said)
        self.values = values

    def call(self):
        return self.client.run(Invoice, DOCUMENT).value

    async def call_async(self):
        return (await self.aclient.run(Invoice, DOCUMENT)).value

    def stream(self):
        if not hasattr(self.client, "stream"):
            raise Unsupported("client.stream is not there yet")
        stream = self.client.stream(Invoice, DOCUMENT)
        if self.values:
            return (partial.value for partial in stream)
        return stream

    def stream_async(self):
        if not hasattr(self.aclient, "stream"):
            raise Unsupported("client.stream is not there yet")
        stream = self.aclient.stream(Invoice, DOCUMENT)
        if self.values:
            return (partial.value async for partial in stream)
        return stream

    async def aclose(self) -> None:
        await self.aclient.aclose()
