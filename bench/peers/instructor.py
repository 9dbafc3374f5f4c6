"""instructor: ``create`` and ``create_partial`` over the openai SDK."""

from __future__ import annotations

import instructor
import openai

from bench.answers import DOCUMENT, MODEL, PROMPT
from bench.declared import Invoice

__all__ = ["Adapter"]


class Adapter:
    def __init__(self, url: str, *, mode: str) -> None:
        said = {"api_key": "sk-bench", "base_url": url, "max_retries": 0}
        chosen = instructor.Mode[mode]
        self.client = instructor.from_openai(openai.OpenAI(**said), mode=chosen)
        self.aclient = instructor.from_openai(openai.AsyncOpenAI(**said), mode=chosen)
        self.asked = {
            "model": MODEL,
            "messages": [{"role": "system", "content": PROMPT}, {"role": "user", "content": DOCUMENT}],
            "response_model": Invoice,
        }

    def call(self):
        return self.client.create(**self.asked)

    async def call_async(self):
        return await self.aclient.create(**self.asked)

    def stream(self):
        return self.client.create_partial(**self.asked)

    def stream_async(self):
        return self.aclient.create_partial(**self.asked)
