"""Whoever answers, and the drivers that hold a conversation with them; the only place that imports an SDK."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from extract.engines._choice import AnyEngine, choose
from extract.engines._drivers import drive, drive_async
from extract.engines._errors import unreachable
from extract.engines._runapi import RunAPI
from extract.engines._streams import AsyncStream, Stream
from extract.engines._weights import MODELS, Weights, installed, remove

if TYPE_CHECKING:
    from extract.engines._local import LocalEngine
    from extract.engines._local_pull import pull

__all__ = [
    "MODELS",
    "AnyEngine",
    "AsyncStream",
    "LocalEngine",
    "RunAPI",
    "Stream",
    "Weights",
    "choose",
    "drive",
    "drive_async",
    "installed",
    "pull",
    "remove",
    "unreachable",
]


def __getattr__(name: str) -> Any:
    # Child processes and downloads are none of the gateway's users' business, nor their imports.
    if name == "LocalEngine":
        from extract.engines._local import LocalEngine  # noqa: PLC0415

        return LocalEngine
    if name == "pull":
        from extract.engines._local_pull import pull  # noqa: PLC0415

        return pull
    message = f"module 'extract.engines' has no attribute {name!r}"
    raise AttributeError(message)
