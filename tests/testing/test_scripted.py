"""ScriptedEngine: what it answers, what it remembers, how it ends."""

from __future__ import annotations

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from extract.errors import ConfigError, RateLimited, ServerFailed
from extract.testing import Broken, ScriptedEngine, ScriptEnded
from extract.typing import (
    AsyncEngine,
    AsyncStreamingEngine,
    Engine,
    Message,
    Reply,
    Request,
    StreamingEngine,
    Usage,
    WireFormat,
)

REQUEST = Request(model="gpt-5.5", messages=(Message("user", "Invoice A-17"),))


def send(engine, request=REQUEST):
    return engine.send(request)


def send_async(engine, request=REQUEST):
    return asyncio.run(engine.send_async(request))


def stream(engine, request=REQUEST):
    *pieces, reply = engine.stream(request)
    assert "".join(pieces) == reply.text
    return reply


def stream_async(engine, request=REQUEST):
    async def collect():
        return [piece async for piece in engine.stream_async(request)]

    *pieces, reply = asyncio.run(collect())
    assert "".join(pieces) == reply.text
    return reply


WAYS = pytest.mark.parametrize("way", [send, send_async, stream, stream_async])


@WAYS
def test_text_is_answered_as_it_is(way):
    """A string is the reply's text, odd characters included."""
    assert way(ScriptedEngine(['{"a": "ä\\n€"}'])).text == '{"a": "ä\\n€"}'


@WAYS
@pytest.mark.parametrize("value", [{"number": "A-17", "total": 1.5}, [1, None], {}, []])
def test_values_are_answered_as_json(way, value):
    """A dict or list travels as JSON text."""
    assert json.loads(way(ScriptedEngine([value])).text) == value


@WAYS
def test_replies_are_answered_unchanged(way):
    """A Reply keeps its finish, refusal and usage."""
    reply = Reply(text="", refusal="no", finish="stop", usage=Usage(1, 2))
    assert way(ScriptedEngine([reply])) is reply


@WAYS
def test_errors_are_raised_and_use_up_their_item(way):
    """An error is raised once; the next request gets the next item."""
    engine = ScriptedEngine([RateLimited("slow down"), "ok"])
    with pytest.raises(RateLimited, match="slow down"):
        way(engine)
    assert way(engine).text == "ok"
    assert engine.remaining == 0


@WAYS
def test_functions_see_the_request(way):
    """A function item computes the answer from the request, errors included."""
    engine = ScriptedEngine([lambda request: {"model": request.model}, lambda request: ServerFailed("down")])
    assert json.loads(way(engine).text) == {"model": "gpt-5.5"}
    with pytest.raises(ServerFailed):
        way(engine)


@WAYS
def test_the_scripts_end_is_a_failed_expectation_that_nothing_retries(way):
    """Beyond the last item comes an error that counts the requests; it is no EngineError."""
    engine = ScriptedEngine(["one"])
    way(engine)
    with pytest.raises(ScriptEnded, match=r"1 item.*request number 2") as caught:
        way(engine)
    assert isinstance(caught.value, AssertionError)
    assert isinstance(caught.value, ConfigError)
    assert len(engine.requests) == 2


@WAYS
def test_a_function_as_script_answers_for_ever(way):
    """One function in place of a list never runs out."""
    engine = ScriptedEngine(lambda request: "{}")
    assert [way(engine).text for _ in range(3)] == ["{}"] * 3
    assert engine.remaining is None


def test_requests_are_kept_in_order():
    """The engine remembers every request it saw."""
    engine = ScriptedEngine(["1", "2"])
    other = Request(model="gpt-5.2", messages=())
    send(engine)
    send(engine, other)
    assert engine.requests == (REQUEST, other)


def test_usage_is_estimated_from_characters():
    """Four characters make a token; the schema counts as input."""
    assert send(ScriptedEngine(["12345"])).usage == Usage(3, 2)
    wire = WireFormat(name="x", schema={}, encoded=b"{}  " * 10)
    asked = Request(model="m", messages=(Message("user", "1234"),), format=wire)
    assert send(ScriptedEngine(["1234"]), asked).usage == Usage(11, 1)


def test_usage_can_be_fixed_or_withheld():
    """A given Usage is reported as it is; None reports nothing."""
    assert send(ScriptedEngine(["x"], usage=Usage(7, 8))).usage == Usage(7, 8)
    assert send(ScriptedEngine(["x"], usage=None)).usage is None


def test_streams_come_in_pieces_of_the_size_asked_for():
    """The piece size is the user's choice."""
    *pieces, reply = ScriptedEngine(["abcdefgh"], piece=3).stream(REQUEST)
    assert pieces == ["abc", "def", "gh"]
    assert isinstance(reply, Reply)


def test_a_broken_item_streams_then_raises():
    """Text arrives, then the stream dies; a plain send only sees the error."""
    item = Broken('{"a": 1', ServerFailed("cut off"))
    engine = ScriptedEngine([item, item], piece=4)
    pieces = engine.stream(REQUEST)
    assert [next(pieces), next(pieces)] == ['{"a"', ": 1"]
    with pytest.raises(ServerFailed):
        next(pieces)
    with pytest.raises(ServerFailed):
        engine.send(REQUEST)


def test_items_are_used_once_each_across_threads():
    """Concurrent requests never share or lose an item."""
    engine = ScriptedEngine([str(n) for n in range(400)])
    with ThreadPoolExecutor(8) as pool:
        texts = list(pool.map(lambda _: engine.send(REQUEST).text, range(400)))
    assert sorted(map(int, texts)) == list(range(400))


def test_it_satisfies_every_engine_protocol():
    """Sync, async and both streaming protocols hold."""
    engine = ScriptedEngine([])
    assert isinstance(engine, Engine)
    assert isinstance(engine, AsyncEngine)
    assert isinstance(engine, StreamingEngine)
    assert isinstance(engine, AsyncStreamingEngine)
    assert (engine.dialect, engine.default_model) == ("openai-strict", "scripted")


@pytest.mark.parametrize("script", ["one text", {"one": "value"}])
def test_a_single_item_in_place_of_a_list_is_refused(script):
    """A forgotten pair of brackets is told at once, not letter by letter."""
    with pytest.raises(ConfigError, match="list of items"):
        ScriptedEngine(script)


def test_the_repr_shows_counts_only():
    """Neither documents nor answers appear in the repr."""
    engine = ScriptedEngine(["secret"])
    send(engine)
    assert repr(engine) == "ScriptedEngine(1 requests seen, 0 items remaining)"
