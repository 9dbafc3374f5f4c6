"""langchain-openai with ``with_structured_output(method="json_schema")``."""

from __future__ import annotations

from langchain_openai import ChatOpenAI

from bench.answers import DOCUMENT, MODEL, PROMPT
from bench.declared import Invoice

__all__ = ["Adapter"]


class Adapter:
    def __init__(self, url: str) -> None:
        model = ChatOpenAI(model=MODEL, api_key="sk-bench", base_url=url, max_retries=0, use_responses_api=False)
        self.chain = model.with_structured_output(Invoice, method="json_schema")
        self.messages = [("system", PROMPT), ("user", DOCUMENT)]

    def call(self):
        return self.chain.invoke(self.messages)

    async def call_async(self):
        return await self.chain.ainvoke(self.messages)

    def stream(self):
        return self.chain.stream(self.messages)

    def stream_async(self):
        return self.chain.astream(self.messages)
