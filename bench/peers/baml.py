"""BAML: HTTP and parsing in Rust, called through the client generated from ``baml_src``."""

from __future__ import annotations

import sys

sys.path.insert(0, f"{sys.prefix}/generated")

import baml_py
from baml_client.async_client import b as async_b
from baml_client.sync_client import b

from bench.answers import DOCUMENT, MODEL

__all__ = ["Adapter"]


class Adapter:
    def __init__(self, url: str) -> None:
        registry = baml_py.ClientRegistry()
        registry.add_llm_client("Gateway", "openai", {"model": MODEL, "base_url": url, "api_key": "sk-bench"})
        registry.set_primary("Gateway")
        self.b = b.with_options(client_registry=registry)
        self.async_b = async_b.with_options(client_registry=registry)

    def call(self):
        return self.b.ExtractInvoice(DOCUMENT)

    async def call_async(self):
        return await self.async_b.ExtractInvoice(DOCUMENT)

    def stream(self):
        stream = self.b.stream.ExtractInvoice(DOCUMENT)
        yield from stream
        yield stream.get_final_response()

    async def stream_async(self):
        stream = self.async_b.stream.ExtractInvoice(DOCUMENT)
        async for partial in stream:
            yield partial
        yield await stream.get_final_response()
