"""From opening to closing: cancelling, breaking off, closing twice, threads and event loops; nothing leaks."""

from __future__ import annotations

import asyncio
import gc
import json
import threading
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from pydantic import BaseModel

import extract
from extract.testing import Fault, ScriptedEngine, StandIn

if TYPE_CHECKING:
    from collections.abc import Iterator


class Line(BaseModel):
    name: str
    qty: int


class Order(BaseModel):
    number: str
    lines: list[Line]


ANSWER = {"number": "A-17", "lines": [{"name": f"item {i}", "qty": i} for i in range(60)]}
ITEMS = {"value": ANSWER["lines"]}
PATIENT = extract.Policy(backoff=30, retries=2)


@pytest.fixture
def server() -> Iterator[StandIn]:
    """A stand-in; after each test nothing may be left open, here or there."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ResourceWarning)
        with StandIn(answer=ANSWER, piece=40, retry_after=0.0) as running:
            yield running
        gc.collect()
    assert [str(each.message) for each in caught if issubclass(each.category, ResourceWarning)] == []


def open_connections(server: StandIn, expected: int = 0) -> int:
    """How many connections the stand-in has, after giving them a moment to come to ``expected``."""
    deadline = time.monotonic() + 60
    while server.connections != expected and time.monotonic() < deadline:
        time.sleep(0.01)
    return server.connections


def keys(server: StandIn) -> dict[str, Any]:
    return {"base_url": server.base_url, "api_key": server.api_key}


def _asked(server: StandIn) -> None:
    while not server.requests:
        time.sleep(0.01)


@pytest.mark.parametrize("moment", ["sending", "waiting", "streaming"])
def test_cancelling_a_task_closes_its_connection(server: StandIn, moment: str) -> None:
    """Whatever it was doing; others go on with the same client."""

    async def work(client: extract.AsyncClient) -> None:
        if moment == "streaming":
            async with client.stream(Order, "text") as stream:
                async for _ in stream:
                    pass
        else:
            await client.run(Order, "text", policy=PATIENT)

    async def main() -> None:
        async with extract.AsyncClient(**keys(server)) as client:
            server.script(
                [{"sending": Fault("hang"), "waiting": Fault("500"), "streaming": Fault("stall")}[moment], ANSWER]
            )
            task = asyncio.create_task(work(client))
            await asyncio.to_thread(_asked, server)
            await asyncio.sleep(0.1)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert task.cancelled()
            if moment != "waiting":
                assert await asyncio.to_thread(open_connections, server) == 0
            server.clear()
            assert (await client.run(Order, "text")).value.number == "A-17"
        assert await asyncio.to_thread(open_connections, server) == 0

    asyncio.run(main())


async def _limited(how: str, client: extract.AsyncClient) -> None:
    if how == "asyncio":
        await asyncio.wait_for(client.run(Order, "text"), 0.3)
    with anyio.fail_after(0.3):
        await client.run(Order, "text")


@pytest.mark.parametrize("how", ["asyncio", "anyio"])
def test_a_timeout_of_the_callers_own_closes_the_connection(server: StandIn, how: str) -> None:
    """The caller's clock wins; it is his error, not ours."""

    async def main() -> None:
        async with extract.AsyncClient(**keys(server)) as client:
            server.script([Fault("hang")])
            # Before Python 3.11 asyncio had a TimeoutError of its own.
            with pytest.raises((TimeoutError, asyncio.TimeoutError)):
                await _limited(how, client)
            assert await asyncio.to_thread(open_connections, server) == 0

    asyncio.run(main())


def test_a_stream_that_is_left_early_closes_its_connection(server: StandIn) -> None:
    """By break, by the consumer's exception, by being forgotten: sync."""
    server.pace = 0.005
    with extract.Client(**keys(server)) as client:
        with client.stream(Order, "text") as stream:
            for _ in stream:
                break
        assert open_connections(server) == 0
        with pytest.raises(KeyError), client.stream(Order, "text") as stream:
            raise KeyError(next(stream).complete)
        assert open_connections(server) == 0
        forgotten = client.stream(Order, "text")
        next(forgotten)
        del forgotten
        gc.collect()
        assert open_connections(server) == 0
        with pytest.raises(extract.ConfigError):
            _ = stream.extraction
        assert client.run(Order, "text").value.number == "A-17"


def test_an_async_stream_that_is_left_early_closes_its_connection(server: StandIn) -> None:
    """The same, awaited."""
    server.pace = 0.005

    async def main() -> None:
        async with extract.AsyncClient(**keys(server)) as client:
            async with client.stream(Order, "text") as stream:
                async for _ in stream:
                    break
            assert await asyncio.to_thread(open_connections, server) == 0
            with pytest.raises(KeyError):
                await _fail_while_reading(client)
            assert await asyncio.to_thread(open_connections, server) == 0
            forgotten = client.stream(Order, "text")
            await forgotten.__anext__()
            del forgotten
            gc.collect()
            await asyncio.sleep(0.05)
            assert await asyncio.to_thread(open_connections, server) == 0

    asyncio.run(main())


async def _fail_while_reading(client: extract.AsyncClient) -> None:
    async with client.stream(Order, "text") as stream:
        async for partial in stream:
            raise KeyError(partial.complete)


def test_a_stream_never_begun_opens_nothing(server: StandIn) -> None:
    """Nothing is asked before the first partial is asked for; closing it is fine, twice too."""
    with extract.Client(**keys(server)) as client:
        stream = client.stream(Order, "text")
        stream.close()
        stream.close()
        assert list(stream) == []
    assert server.requests == ()


def test_a_closed_client_says_so(server: StandIn) -> None:
    """Closing twice is fine; using it then is one typed error, and opens nothing."""
    client = extract.Client(**keys(server))
    assert client.extract(Order, "text").number == "A-17"
    client.close()
    client.close()
    for use in (client.run, client.extract, client.stream, client.stream_items):
        with pytest.raises(extract.ConfigError, match="closed"):
            use(Order, "text")
    assert open_connections(server) == 0

    async def main() -> None:
        async with extract.AsyncClient(**keys(server)) as client:
            await client.run(Order, "text")
        await client.aclose()
        with pytest.raises(extract.ConfigError, match="closed"):
            await client.run(Order, "text")
        with pytest.raises(extract.ConfigError, match="closed"):
            client.stream(Order, "text")

    asyncio.run(main())
    assert open_connections(server) == 0


def test_one_client_in_two_event_loops(server: StandIn) -> None:
    """One after the other: each has its own connections, and none of the first loop's is used in the second."""
    client = extract.AsyncClient(**keys(server))
    for number in (1, 2):
        extraction = asyncio.run(client.run(Order, "text"))
        assert extraction.value.number == "A-17"
        assert len(server.requests) == number
    asyncio.run(client.aclose())
    gc.collect()
    assert open_connections(server) == 0


def test_threads_share_a_client(server: StandIn) -> None:
    """Each gets its own answer."""

    def answer(body: dict[str, Any]) -> str:
        return json.dumps({"number": body["messages"][-1]["content"], "lines": []})

    server.script([answer] * 40)
    with extract.Client(**keys(server)) as client, ThreadPoolExecutor(8) as pool:
        numbers = [f"N-{i}" for i in range(40)]
        assert [order.number for order in pool.map(lambda text: client.extract(Order, text), numbers)] == numbers
    assert open_connections(server) == 0


def test_tasks_share_a_client(server: StandIn) -> None:
    """Forty at once; one of them cancelled harms no other."""

    def answer(body: dict[str, Any]) -> str:
        return json.dumps({"number": body["messages"][-1]["content"], "lines": []})

    async def main() -> None:
        server.script([answer] * 40)
        async with extract.AsyncClient(**keys(server)) as client:
            tasks = [asyncio.create_task(client.extract(Order, f"N-{i}")) for i in range(40)]
            tasks[7].cancel()
            found = await asyncio.gather(*tasks, return_exceptions=True)
        assert isinstance(found[7], asyncio.CancelledError)
        assert [each.number for each in found if isinstance(each, Order)] == [f"N-{i}" for i in range(40) if i != 7]

    asyncio.run(main())
    assert open_connections(server) == 0


def test_a_conversation_that_is_dropped_leaves_no_thread() -> None:
    """No thread and no task outlives the call."""
    before = threading.active_count()
    with extract.Client(engine=ScriptedEngine([ANSWER])) as client:
        client.run(Order, "text")
    assert threading.active_count() == before
