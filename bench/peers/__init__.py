"""Who is measured, as data: one adapter module and one environment each.

An adapter module has a class ``Adapter(url, **options)`` with any of ``call()``, ``call_async()``, ``stream()`` and
``stream_async()``. The first two return the invoice (``bench.declared.Invoice`` or the like); the others yield partials,
the last of which is whole, or, where they only read, the number of characters. ``aclose()`` is called if it is there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

__all__ = ["ENVIRONMENTS", "PEERS", "Environment", "Peer"]


@dataclass(frozen=True)
class Environment:
    """What is installed together.

    Args:
        packages: Arguments of ``pip install``; ``{root}`` is the repository.
        prepare: A command run after it, whose first word is looked up in the environment's ``bin``.
    """

    packages: tuple[str, ...]
    prepare: tuple[str, ...] = ()


@dataclass(frozen=True)
class Peer:
    """One way to get the invoice.

    Args:
        environment: Its name in ``ENVIRONMENTS``.
        adapter: The module in ``bench/peers``.
        options: Arguments of its ``Adapter``.
        import_line: What a program that uses it imports.
    """

    environment: str
    adapter: str
    options: dict[str, Any] = field(default_factory=dict)
    import_line: str = ""


ENVIRONMENTS = {
    "ours": Environment(("-e", "{root}[fast]")),
    "floor": Environment(("pydantic>=2.14", "aiohttp>=3.10")),
    "openai": Environment(("openai[aiohttp]>=3.54,<4",)),
    "instructor": Environment(("instructor>=1.17",)),
    "baml": Environment(
        ("baml-py>=0.226", "pydantic>=2.14", "typing-extensions"),
        ("baml-cli", "generate", "--from", "{root}/bench/peers/baml_src"),
    ),
    "pydantic_ai": Environment(("pydantic-ai-slim[openai]>=2.60",)),
    "langchain": Environment(("langchain-openai>=1.7",)),
    "real_models": Environment(
        (
            "fhir.resources==8.3.0",
            "githubkit==0.16.1",
            "hishel<2",
            "kubex==0.1.0b3",
            "openapi-pydantic==0.6.0",
            "mcp==2.3.0",
            "anthropic==2.12.0",
            "openai==3.54.0",
            "pydantic-ai-slim==2.68.0",
            "docling-core==2.104.0",
            "stac-pydantic==3.7.1",
            "scim2-models==0.12.3",
            "ome-types==0.7.0",
            "dbt-artifacts-parser==0.15.0",
            "langchain-core==1.7.2",
            "jsonschema>=4.26",
            "typing-extensions",
        )
    ),
}

PEERS = {
    "ours": Peer("ours", "ours", import_line="import extract"),
    "ours-values": Peer("ours", "ours", {"values": True}),
    "floor": Peer("floor", "floor", import_line="from pydantic import BaseModel"),
    "reading": Peer("openai", "reading"),
    "reading-events": Peer("openai", "reading", {"events": True}),
    "openai-create": Peer("openai", "openai_create", import_line="from openai import OpenAI"),
    "openai-parse": Peer("openai", "openai_parse"),
    "instructor-json": Peer(
        "instructor", "instructor", {"mode": "JSON_SCHEMA"}, import_line="import instructor; instructor.from_openai"
    ),
    "instructor-tools": Peer("instructor", "instructor", {"mode": "TOOLS"}),
    "baml": Peer("baml", "baml", import_line="from baml_client.sync_client import b"),
    "pydantic-ai": Peer(
        "pydantic_ai",
        "pydantic_ai_native",
        import_line="from pydantic_ai import Agent; from pydantic_ai.models.openai import OpenAIChatModel",
    ),
    "langchain": Peer("langchain", "langchain_json", import_line="from langchain_openai import ChatOpenAI"),
}
