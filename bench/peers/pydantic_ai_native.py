"""pydantic-ai with ``NativeOutput``: the strict json_schema route."""

from __future__ import annotations

import openai
from pydantic_ai import Agent, NativeOutput
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider

from bench.answers import DOCUMENT, MODEL, PROMPT
from bench.declared import Invoice

__all__ = ["Adapter"]


class Adapter:
    def __init__(self, url: str) -> None:
        client = openai.AsyncOpenAI(api_key="sk-bench", base_url=url, max_retries=0)
        model = OpenAIChatModel(MODEL, provider=OpenAIProvider(openai_client=client))
        self.agent = Agent(model, output_type=NativeOutput(Invoice), system_prompt=PROMPT)

    def call(self):
        return self.agent.run_sync(DOCUMENT).output

    async def call_async(self):
        return (await self.agent.run(DOCUMENT)).output

    async def stream_async(self):
        async with self.agent.run_stream(DOCUMENT) as stream:
            async for partial in stream.stream_output():
                yield partial
