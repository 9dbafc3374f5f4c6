"""Drive a conversation while its answers are still being written: what a follower makes of them comes out at once."""

from __future__ import annotations

import time
from contextlib import aclosing, closing
from typing import TYPE_CHECKING, Generic, TypeVar

from typing_extensions import Self

from extract.engines._drivers import spread
from extract.errors import ConfigError, EngineError
from extract.exchange import Done, Send, Spent, Summary, exchange
from extract.typing import Reply, Usage

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterator
    from decimal import Decimal

    from extract.exchange import Attempt, Extraction, Follower, Step, Task
    from extract.typing import AsyncStreamingEngine, Request, StreamingEngine

__all__ = ["AsyncStream", "Stream"]

LOOK = 16
"""Pieces between two looks at whether the answer runs away."""

T = TypeVar("T")
Y = TypeVar("Y")


class _Outcome(Summary, Generic[T]):
    """What both streams know: how far it has come, and at last the result."""

    _extraction: Extraction[T] | None = None
    _spent: Spent

    @property
    def attempts(self) -> tuple[Attempt, ...]:  # type: ignore[override]
        """Every request so far with what came of it, also where the stream was left or has failed."""
        return tuple(self._spent.attempts)

    @property
    def usage(self) -> Usage:
        """Tokens until now; ``None`` for the counts while a request is on its way."""
        return super().usage + Usage() if self._spent.asking else super().usage

    @property
    def cost(self) -> Decimal | None:
        """US dollars until now; ``None`` while a request is on its way, or when the cost of one is unknown."""
        return None if self._spent.asking else super().cost

    @property
    def extraction(self) -> Extraction[T]:
        """The result with its whole record, once the stream has ended.

        Raises:
            ConfigError: While it has not.
        """
        if self._extraction is None:
            advice = (
                "iterate to the end; .attempts and .cost tell what was asked until now, also of a stream that is left"
            )
            raise ConfigError("the stream has not ended", advice=advice)
        return self._extraction


class Stream(_Outcome[T], Generic[T, Y]):
    """Iterate over what is already there of an answer; then ``extraction`` holds the result.

    Closing it, or leaving its ``with`` block, closes the connection.

    Raises:
        ExtractError: While iterating, as ``Client.run`` would.
    """

    def __init__(self, task: Task[T], engine: StreamingEngine, follower: Follower[T, Y]) -> None:
        self._spent = Spent()
        self._conversation = exchange(task, self._spent)
        self._engine = engine
        self._follower = follower
        self._steps = self._run()

    def __iter__(self) -> Iterator[Y]:
        return self._steps

    def __next__(self) -> Y:
        return next(self._steps)

    def close(self) -> None:
        """Stop listening and close the connection."""
        self._steps.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _run(self) -> Generator[Y, None, None]:
        with closing(self._conversation):
            step: Step[T] = next(self._conversation)
            while not isinstance(step, Done):
                if isinstance(step, Send):
                    try:
                        reply = yield from self._listen(step.request, whole=step.whole)
                    except EngineError as error:
                        step = self._conversation.throw(error)
                        continue
                    step = self._conversation.send(reply)
                else:
                    seconds = spread(step)
                    time.sleep(seconds)
                    step = self._conversation.send(seconds)
            self._extraction = step.extraction
            yield from self._follower.finish(step.extraction)

    def _listen(self, request: Request, *, whole: bool) -> Generator[Y, None, Reply]:
        pieces = self._engine.stream(request)
        follower = self._follower if whole else None
        if follower is not None:
            follower.restart()
        try:
            for heard, piece in enumerate(pieces, 1):
                if isinstance(piece, Reply):
                    return piece
                if follower is not None:
                    found = follower.feed(piece)
                    if found:
                        yield from found
                    if not heard % LOOK and follower.runaway:
                        return follower.cut_off()
        finally:
            close = getattr(pieces, "close", None)
            if close is not None:
                close()
        raise _no_reply()


class AsyncStream(_Outcome[T], Generic[T, Y]):
    """The same, asynchronously: ``async for``, ``async with``, ``await stream.aclose()``."""

    def __init__(self, task: Task[T], engine: AsyncStreamingEngine, follower: Follower[T, Y]) -> None:
        self._spent = Spent()
        self._conversation = exchange(task, self._spent)
        self._engine = engine
        self._follower = follower
        self._steps = self._run()

    def __aiter__(self) -> AsyncIterator[Y]:
        return self._steps

    async def __anext__(self) -> Y:
        return await self._steps.__anext__()

    async def aclose(self) -> None:
        """Stop listening and close the connection."""
        await self._steps.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def _run(self) -> AsyncGenerator[Y, None]:
        with closing(self._conversation):
            step: Step[T] = next(self._conversation)
            while not isinstance(step, Done):
                if isinstance(step, Send):
                    heard: list[Reply] = []
                    try:
                        # Who leaves early leaves this generator only: the one it listens to must not wait to be
                        # collected.
                        async with aclosing(self._listen(step.request, heard, whole=step.whole)) as listening:
                            async for each in listening:
                                yield each
                    except EngineError as error:
                        step = self._conversation.throw(error)
                        continue
                    step = self._conversation.send(heard[0])
                else:
                    import asyncio  # noqa: PLC0415 - 40 ms that a synchronous caller does not pay

                    seconds = spread(step)
                    await asyncio.sleep(seconds)
                    step = self._conversation.send(seconds)
            self._extraction = step.extraction
            for last in self._follower.finish(step.extraction):
                yield last

    async def _listen(self, request: Request, heard: list[Reply], *, whole: bool) -> AsyncGenerator[Y, None]:
        pieces = self._engine.stream_async(request)
        follower = self._follower if whole else None
        count = 0
        if follower is not None:
            follower.restart()
        try:
            async for piece in pieces:
                if isinstance(piece, Reply):
                    heard.append(piece)
                    return
                if follower is not None:
                    for each in follower.feed(piece):
                        yield each
                    count += 1
                    if not count % LOOK and follower.runaway:
                        heard.append(follower.cut_off())
                        return
        finally:
            close = getattr(pieces, "aclose", None)
            if close is not None:
                await close()
        raise _no_reply()


def _no_reply() -> EngineError:
    return EngineError("the stream ended without a reply", retryable=True, advice="the engine must end with a Reply")
