"""This library: ``Client.run`` and ``Client.stream`` as a user calls them."""

from __future__ import annotations

import extract
from bench.answers import DOCUMENT, PROMPT
from bench.declared import Invoice
from bench.worker import Unsupported

__all__ = ["Adapter"]


class Adapter:
    def __init__(self, url: str) -> None:
        said = {"api_key": "sk-bench", "base_url": url, "instructions": PROMPT}
        self.client = extract.Client(**said)
        self.aclient = extract.AsyncClient(**said)

    def call(self):
        return self.client.run(Invoice, DOCUMENT).value

    async def call_async(self):
        return (await self.aclient.run(Invoice, DOCUMENT)).value

    def stream(self):
        if not hasattr(self.client, "stream"):
            raise Unsupported("not there yet")
        stream = self.client.stream(Invoice, DOCUMENT)
        for partial in stream:
            yield partial
        yield _value(stream, partial)

    async def stream_async(self):
        if not hasattr(self.aclient, "stream"):
            raise Unsupported("not there yet")
        stream = self.aclient.stream(Invoice, DOCUMENT)
        async for partial in stream:
            yield partial
        yield _value(stream, partial)

    async def aclose(self) -> None:
        await self.aclient.aclose()


def _value(stream, last):
    """The whole value, wherever it is kept: on the last partial or on the stream."""
    for holder in (last, stream):
        for name in ("value", "extraction"):
            value = getattr(holder, name, None)
            value = getattr(value, "value", value)
            if isinstance(value, Invoice):
                return value
    return getattr(last, "wire", last)
