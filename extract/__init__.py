"""Typed objects out of documents: declare a type, get it back filled, checked and on record.

    client = extract.Client()
    invoice = client.extract(Invoice, "Invoice A-17, total 12.50 EUR")

Names load when they are first used, so that importing this package costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from extract.client import AsyncClient, Client
    from extract.documents import Document
    from extract.errors import (
        BudgetExceeded,
        ConfigError,
        ConnectionFailed,
        DecodeError,
        DocumentError,
        EngineError,
        Exhausted,
        ExtractError,
        Filtered,
        InsufficientCredits,
        Issue,
        ModelRetired,
        RateLimited,
        Refused,
        ReplyError,
        RequestRejected,
        SchemaError,
        ServerFailed,
        TimedOut,
        Truncated,
        Unauthorized,
        ValidationError,
    )
    from extract.exchange import Attempt, Extraction, Policy
    from extract.schema import Schema
    from extract.typing import Repair, Reply, Request, Usage

__all__ = [
    "AsyncClient",
    "Attempt",
    "BudgetExceeded",
    "Client",
    "ConfigError",
    "ConnectionFailed",
    "DecodeError",
    "Document",
    "DocumentError",
    "EngineError",
    "Exhausted",
    "ExtractError",
    "Extraction",
    "Filtered",
    "InsufficientCredits",
    "Issue",
    "ModelRetired",
    "Policy",
    "RateLimited",
    "Refused",
    "Repair",
    "Reply",
    "ReplyError",
    "Request",
    "RequestRejected",
    "Schema",
    "SchemaError",
    "ServerFailed",
    "TimedOut",
    "Truncated",
    "Unauthorized",
    "Usage",
    "ValidationError",
]

# Whatever is named nowhere else is an error.
_MODULE_OF = dict.fromkeys(__all__, "errors") | {
    "AsyncClient": "client",
    "Attempt": "exchange",
    "Client": "client",
    "Document": "documents",
    "Extraction": "exchange",
    "Policy": "exchange",
    "Repair": "typing",
    "Reply": "typing",
    "Request": "typing",
    "Schema": "schema",
    "Usage": "typing",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        message = f"module 'extract' has no attribute {name!r}"
        raise AttributeError(message)
    value = getattr(import_module(f"extract.{_MODULE_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
