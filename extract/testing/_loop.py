"""A handler in, a listening port out: an event loop in a thread of its own."""

from __future__ import annotations

import asyncio
import threading

from extract.errors import ConfigError
from extract.testing._http import Connection, Handler


class Loop:
    """A running server; listening when the constructor returns.

    Raises:
        ConfigError: When the port cannot be had.
    """

    def __init__(self, handle: Handler, *, port: int, max_body: int) -> None:
        self._handle = handle
        self._max_body = max_body
        self._live: set[Connection] = set()
        self._loop = asyncio.new_event_loop()
        try:
            self._server = self._loop.run_until_complete(self._loop.create_server(self._connect, "127.0.0.1", port))
        except (OSError, OverflowError) as error:
            self._loop.close()
            raise ConfigError(
                f"cannot listen on port {port}: {error}", advice="choose another; 0 takes a free one"
            ) from error
        self.port: int = self._server.sockets[0].getsockname()[1]
        self._thread = threading.Thread(target=self._loop.run_forever, name="stand-in", daemon=True)
        self._thread.start()

    @property
    def connections(self) -> int:
        """How many connections are open now."""
        return len(self._live)

    def stop(self) -> None:
        """Break off every connection, stop listening, end the thread."""
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _connect(self) -> Connection:
        return Connection(self._handle, max_body=self._max_body, live=self._live)

    async def _stop(self) -> None:
        self._server.close()
        for connection in list(self._live):
            connection.drop()
        # Aborting takes effect in the loop's next rounds; tasks that were waiting end with it.
        others = asyncio.all_tasks() - {asyncio.current_task()}
        await asyncio.sleep(0)
        await asyncio.gather(*others, return_exceptions=True)
