"""The openai SDK's bare ``create`` with a ready schema, validated by hand; streamed without any partials."""

from __future__ import annotations

import openai

from bench.answers import DOCUMENT, MODEL, PROMPT
from bench.declared import Invoice

__all__ = ["Adapter"]


class Adapter:
    def __init__(self, url: str) -> None:
        said = {"api_key": "sk-bench", "base_url": url, "max_retries": 0}
        self.client, self.aclient = openai.OpenAI(**said), openai.AsyncOpenAI(**said)
        schema = {"name": "Invoice", "strict": True, "schema": Invoice.model_json_schema()}
        self.asked = {
            "model": MODEL,
            "messages": [{"role": "system", "content": PROMPT}, {"role": "user", "content": DOCUMENT}],
            "response_format": {"type": "json_schema", "json_schema": schema},
        }

    def call(self):
        completion = self.client.chat.completions.create(**self.asked)
        return Invoice.model_validate_json(completion.choices[0].message.content)

    async def call_async(self):
        completion = await self.aclient.chat.completions.create(**self.asked)
        return Invoice.model_validate_json(completion.choices[0].message.content)

    def stream(self):
        count = 0
        for chunk in self.client.chat.completions.create(**self.asked, stream=True):
            if chunk.choices:
                count += len(chunk.choices[0].delta.content or "")
            yield count

    async def stream_async(self):
        count = 0
        async for chunk in await self.aclient.chat.completions.create(**self.asked, stream=True):
            if chunk.choices:
                count += len(chunk.choices[0].delta.content or "")
            yield count

    async def aclose(self) -> None:
        await self.aclient.close()
