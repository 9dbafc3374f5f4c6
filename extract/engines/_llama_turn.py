"""Whose turn it is: one request at a time, first come first served, for threads and event loops alike."""

from __future__ import annotations

import collections
import threading
from concurrent.futures import Future
from concurrent.futures import TimeoutError as Late
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

from extract.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator

__all__ = ["Turn"]


class Turn:
    """A lock that may be waited for in a thread or in an event loop, in order of arrival."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken = False
        self._holder: object = None
        self._waiting: collections.deque[Future[None]] = collections.deque()

    @contextmanager
    def taken(self, timeout: float | None = None) -> Generator[None]:
        """Hold the turn.

        Args:
            timeout: Seconds to wait for it; None waits for as long as it takes.

        Raises:
            TimeoutError: When it did not come in time.
            ConfigError: When this thread holds it already: it would wait for itself.
        """
        asking = threading.get_ident()
        ticket = self._ask(asking)
        try:
            ticket.result(timeout)
        except BaseException as error:  # noqa: BLE001 - an interrupt gives up the turn too
            self._give_up(ticket)
            raise (TimeoutError() if isinstance(error, Late) else error) from None
        self._holder = asking
        try:
            yield
        finally:
            self._pass_on()

    @asynccontextmanager
    async def taken_async(self, timeout: float | None = None) -> AsyncGenerator[None]:
        """Hold the turn; see :meth:`taken`."""
        import asyncio  # noqa: PLC0415 - not for synchronous callers

        asking = asyncio.current_task()
        ticket = self._ask(asking)
        try:
            await asyncio.wait_for(asyncio.wrap_future(ticket), timeout)
        except BaseException as error:  # noqa: BLE001 - an interrupt gives up the turn too
            self._give_up(ticket)
            raise (TimeoutError() if isinstance(error, asyncio.TimeoutError) else error) from None
        self._holder = asking
        try:
            yield
        finally:
            self._pass_on()

    def _ask(self, asking: object) -> Future[None]:
        ticket: Future[None] = Future()
        with self._lock:
            if self._taken and self._holder == asking:
                raise ConfigError(
                    "the embedded model is still answering a stream that was opened here and not closed",
                    advice="read the stream to its end, or close it: `with client.stream(…) as stream:`",
                )
            if self._taken:
                self._waiting.append(ticket)
            else:
                self._taken = True
                ticket.set_running_or_notify_cancel()
                ticket.set_result(None)
        return ticket

    def _give_up(self, ticket: Future[None]) -> None:
        # A ticket that cannot be cancelled has been called already: the turn is ours, and goes to the next.
        if not ticket.cancel():
            self._pass_on()

    def _pass_on(self) -> None:
        with self._lock:
            self._holder = None
            while self._waiting:
                ticket = self._waiting.popleft()
                if ticket.set_running_or_notify_cancel():
                    break
            else:
                self._taken = False
                return
        ticket.set_result(None)
