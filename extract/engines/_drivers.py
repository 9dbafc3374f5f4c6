"""Drive a conversation: do the sending and the waiting it asks for. One driver per way of waiting."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING, TypeVar

from extract.errors import EngineError
from extract.exchange import Done, Send

if TYPE_CHECKING:
    from extract.exchange import Conversation, Extraction, Wait
    from extract.typing import AsyncEngine, Engine

__all__ = ["drive", "drive_async", "spread"]

T = TypeVar("T")


def drive(conversation: Conversation[T], engine: Engine) -> Extraction[T]:
    """Run a conversation to its end, synchronously.

    Raises:
        ExtractError: As the conversation ends.
    """
    step = next(conversation)
    while not isinstance(step, Done):
        if isinstance(step, Send):
            try:
                reply = engine.send(step.request)
            except EngineError as error:
                step = conversation.throw(error)
                continue
            step = conversation.send(reply)
        else:
            seconds = spread(step)
            time.sleep(seconds)
            step = conversation.send(seconds)
    return step.extraction


async def drive_async(conversation: Conversation[T], engine: AsyncEngine) -> Extraction[T]:
    """Run a conversation to its end, asynchronously.

    Raises:
        ExtractError: As the conversation ends.
    """
    step = next(conversation)
    while not isinstance(step, Done):
        if isinstance(step, Send):
            try:
                reply = await engine.send_async(step.request)
            except EngineError as error:
                step = conversation.throw(error)
                continue
            step = conversation.send(reply)
        else:
            import asyncio  # noqa: PLC0415 - 40 ms that a synchronous caller does not pay

            seconds = spread(step)
            await asyncio.sleep(seconds)
            step = conversation.send(seconds)
    return step.extraction


def spread(wait: Wait) -> float:
    """Many clients that failed together must not come back together."""
    return wait.seconds * (1 + wait.jitter * random.random())  # noqa: S311 - not a secret
