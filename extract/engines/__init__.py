"""Whoever answers, and the drivers that hold a conversation with them; the only place that imports an SDK."""

from extract.engines._choice import AnyEngine, choose
from extract.engines._drivers import drive, drive_async
from extract.engines._runapi import RunAPI
from extract.engines._streams import AsyncStream, Stream

__all__ = ["AnyEngine", "AsyncStream", "RunAPI", "Stream", "choose", "drive", "drive_async"]
