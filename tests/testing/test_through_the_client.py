"""The main job over real HTTP: every fault ends in its one typed error or in the value, sync and async."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from pydantic import BaseModel

from extract import AsyncClient, Client, Policy
from extract.engines import RunAPI
from extract.errors import EngineError, Exhausted, ExtractError, RateLimited, ServerFailed
from extract.testing import FAULTS, Fault, StandIn
from extract.typing import Message, Parameters, Reply, Request

EXPECTED = json.loads((Path(__file__).parents[1] / "cases" / "standin_faults.json").read_text(encoding="utf-8"))
ONCE = Policy(retries=0, reasks=0)


class Invoice(BaseModel):
    number: str
    total: float


ANSWER = {"number": "A-17", "total": 12.5}


@pytest.fixture(scope="module")
def server():
    with StandIn(answer=ANSWER, retry_after=0.0) as running:
        yield running


def run(server, **options):
    with Client(base_url=server.base_url, api_key=server.api_key) as client:
        return client.run(Invoice, "Invoice A-17, total 12.50", **options)


def run_async(server, **options):
    async def once():
        async with AsyncClient(base_url=server.base_url, api_key=server.api_key) as client:
            return await client.run(Invoice, "Invoice A-17, total 12.50", **options)

    return asyncio.run(once())


@pytest.mark.parametrize("way", [run, run_async])
@pytest.mark.parametrize("kind", FAULTS)
def test_every_fault_ends_in_its_typed_error_or_in_the_value(server, kind, way):
    """What struck is told by the error's class, at once or as the last of the attempts; keys are in no error."""
    wait = 0.4 if EXPECTED[kind] == "TimedOut" else 10
    struck = {"policy": ONCE, "timeout": wait, "extra_headers": {"X-StandIn-Fault": kind}}
    if EXPECTED[kind] is None:
        assert way(server, **struck).value == Invoice(**ANSWER)
        return
    with pytest.raises(ExtractError) as caught:
        way(server, **struck)
    error = caught.value.last if isinstance(caught.value, Exhausted) else caught.value
    assert type(error).__name__ == EXPECTED[kind]
    assert caught.value.attempts
    assert server.api_key not in str(caught.value) + repr(caught.value.attempts)


# Replies that are only unusable as a value arrive whole all the same; faults of the events are streams' own.
ENGINE = ("ConnectionFailed", "TimedOut", "RateLimited", "ServerFailed", "Unauthorized", "InsufficientCredits",
          "ModelRetired", "RequestRejected")  # fmt: skip
STREAMED = {**EXPECTED, "stream-error": "ServerFailed", "stream-garbage": "ServerFailed"}


@pytest.mark.parametrize("kind", FAULTS)
def test_every_fault_ends_a_stream_in_its_typed_error_or_in_a_reply(server, kind):
    """The engine's stream raises what struck, or ends in one Reply made of the pieces that came."""
    wait = 0.4 if STREAMED[kind] == "TimedOut" else 10
    parameters = Parameters(timeout=wait, extra_headers={"X-StandIn-Fault": kind})
    engine = RunAPI(base_url=server.base_url, api_key=server.api_key)
    asked = Request(model="gpt-5.4-mini", messages=(Message("user", "Invoice A-17"),), parameters=parameters)
    pieces = []
    try:
        if STREAMED[kind] in ENGINE:
            with pytest.raises(EngineError) as caught:
                pieces.extend(engine.stream(asked))
            assert type(caught.value).__name__ == STREAMED[kind]
        else:
            *pieces, reply = engine.stream(asked)
            assert isinstance(reply, Reply)
            assert "".join(pieces) == reply.text
    finally:
        engine.close()


@pytest.mark.parametrize("way", [run, run_async])
def test_a_gateway_in_trouble_is_waited_out(way):
    """With two fifths of all requests struck by passing faults, retries bring every value home."""
    passing = ("429", "429-float", "503", "reset")
    with StandIn(answer=ANSWER, faults=dict.fromkeys(passing, 1 / 10), seed=3, retry_after=0.0) as server:
        values = [way(server, policy=Policy(retries=8)).value for _ in range(8)]
        struck = [seen for seen in server.requests if seen.fault]
    assert values == [Invoice(**ANSWER)] * 8
    assert struck


def test_what_was_struck_is_on_record():
    """Each failed attempt stands in the extraction beside the one that succeeded."""
    with StandIn(answer=ANSWER, retry_after=0.0) as own:
        own.script([Fault("429"), Fault("503"), ANSWER])
        extraction = run(own)
    assert [type(attempt.error) for attempt in extraction.attempts] == [RateLimited, ServerFailed, type(None)]
