"""The openai SDK's ``parse`` with a pydantic class, and its ``.stream()`` helper."""

from __future__ import annotations

import openai

from bench.answers import DOCUMENT, MODEL, PROMPT
from bench.declared import Invoice

__all__ = ["Adapter"]


class Adapter:
    def __init__(self, url: str) -> None:
        said = {"api_key": "sk-bench", "base_url": url, "max_retries": 0}
        self.client, self.aclient = openai.OpenAI(**said), openai.AsyncOpenAI(**said)
        self.asked = {
            "model": MODEL,
            "messages": [{"role": "system", "content": PROMPT}, {"role": "user", "content": DOCUMENT}],
            "response_format": Invoice,
        }

    def call(self):
        return self.client.chat.completions.parse(**self.asked).choices[0].message.parsed

    async def call_async(self):
        return (await self.aclient.chat.completions.parse(**self.asked)).choices[0].message.parsed

    def stream(self):
        with self.client.chat.completions.stream(**self.asked) as stream:
            for event in stream:
                if event.type == "content.delta":
                    yield event.parsed
            yield stream.get_final_completion().choices[0].message.parsed

    async def stream_async(self):
        async with self.aclient.chat.completions.stream(**self.asked) as stream:
            async for event in stream:
                if event.type == "content.delta":
                    yield event.parsed
            yield (await stream.get_final_completion()).choices[0].message.parsed

    async def aclose(self) -> None:
        await self.aclient.close()
