"""Streams from the RunAPI engine: pieces, the Reply at their end, and every way a stream can go wrong."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from extract.engines import RunAPI
from extract.errors import (
    ConnectionFailed,
    EngineError,
    InsufficientCredits,
    RateLimited,
    RequestRejected,
    ServerFailed,
    TimedOut,
)
from extract.typing import AsyncStreamingEngine, Message, Parameters, Reply, Request, StreamingEngine, Usage

USAGE = {"prompt_tokens": 48, "completion_tokens": 14, "total_tokens": 62}
DONE = b"data: [DONE]\n\n"

Collect = Callable[[RunAPI, Request], "tuple[list[str], Reply]"]


def event(delta: dict[str, Any] | None = None, finish: str | None = None, **members: Any) -> bytes:
    choices = [] if delta is None else [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}]
    chunk = {
        "id": "c",
        "object": "chat.completion.chunk",
        "model": "gpt-5.4-mini-2026-03-01",
        "choices": choices,
        "usage": None,
    }
    return b"data: " + json.dumps({**chunk, **members}).encode() + b"\n\n"


def content(text: str) -> bytes:
    return event({"content": text}, obfuscation="xyz")


START = event({"role": "assistant", "content": "", "refusal": None})
STOP = event({}, "stop")
COUNTED = event(None, usage=USAGE)
WHOLE = (START, content('{"a"'), content(':"ö"'), content("}"), STOP, COUNTED, DONE)


def request(**parameters: Any) -> Request:
    return Request(model="gpt-5.4-mini", messages=(Message("user", "Extract."),), parameters=Parameters(**parameters))


def split(items: list[Any]) -> tuple[list[str], Reply]:
    *texts, reply = items
    assert isinstance(reply, Reply)
    assert all(isinstance(text, str) and text for text in texts)
    return texts, reply


def collect_sync(engine: RunAPI, asked: Request) -> tuple[list[str], Reply]:
    return split(list(engine.stream(asked)))


def collect_async(engine: RunAPI, asked: Request) -> tuple[list[str], Reply]:
    async def run() -> list[Any]:
        async with engine:
            return [item async for item in engine.stream_async(asked)]

    return split(asyncio.run(run()))


@pytest.fixture(params=[collect_sync, collect_async])
def collect(request: pytest.FixtureRequest) -> Collect:
    """Stream through either driver."""
    return request.param


@pytest.fixture
def engine(gateway: Any) -> Any:
    """The engine, pointed at the server on loopback."""
    with RunAPI(api_key="key", base_url=gateway.base_url) as made:
        yield made


def test_pieces_then_the_reply(gateway: Any, engine: RunAPI, collect: Collect) -> None:
    """The pieces joined are the text; usage, model and request id are the stream's."""
    gateway.answer_stream(*WHOLE)
    texts, reply = collect(engine, request())
    assert "".join(texts) == reply.text == '{"a":"ö"}'
    assert (reply.finish, reply.usage, reply.model) == ("stop", Usage(48, 14), "gpt-5.4-mini-2026-03-01")
    assert reply.request_id == "req_17"
    assert gateway.seen[0].json["stream"] is True
    assert gateway.seen[0].json["stream_options"] == {"include_usage": True}


def test_the_engine_keeps_the_protocols() -> None:
    """Both of them, with one object."""
    engine = RunAPI(api_key="key")
    assert isinstance(engine, StreamingEngine)
    assert isinstance(engine, AsyncStreamingEngine)


def test_pieces_come_while_the_answer_is_written(gateway: Any, engine: RunAPI) -> None:
    """The first is here before the last was sent."""
    gateway.answer_stream(START, content("first"), 1.5, content("last"), STOP, DONE)
    stream = engine.stream(request())
    assert next(stream) == "first"
    assert engine.settings.base_url == gateway.base_url
    stream.close()


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64])
def test_any_cut_gives_the_same(gateway: Any, engine: RunAPI, collect: Collect, size: int) -> None:
    """Wherever the network cuts it, inside a letter of two bytes included."""
    whole = b"".join(WHOLE).replace("ö".encode(), "ö€😀".encode())
    gateway.answer_stream(*[whole[i : i + size] for i in range(0, len(whole), size)])
    texts, reply = collect(engine, request())
    assert "".join(texts) == reply.text
    assert reply.usage == Usage(48, 14)


@pytest.mark.parametrize(
    "pieces",
    [
        [piece.replace(b"\n", b"\r\n") for piece in WHOLE],
        [b": keep-alive\n\n", *WHOLE],
        [b"\xef\xbb\xbf", *WHOLE[1:]],
        [b"event: chunk\nid: 7\n" + piece for piece in WHOLE],
        [piece.replace(b"data: ", b"data:") for piece in WHOLE],
        [b"".join(WHOLE)],
        [*WHOLE[:-1]],
        [*WHOLE[:-1], b"data: [DONE]"],
        [*WHOLE, b"data: nonsense\n\n"],
        [piece.replace(b', "choices"', b',\ndata: "choices"') for piece in WHOLE],
    ],
    ids=[
        "crlf",
        "comment",
        "bom",
        "event-and-id",
        "no-space",
        "one-piece",
        "no-done",
        "no-last-line",
        "after",
        "lines",
    ],
)
def test_shapes_of_a_stream(gateway: Any, engine: RunAPI, collect: Collect, pieces: list[bytes]) -> None:
    """All that the standard allows, and what gateways make of it."""
    gateway.answer_stream(*pieces)
    _, reply = collect(engine, request())
    assert (reply.text, reply.usage) == ('{"a":"ö"}', Usage(48, 14))


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([event({"refusal": "I "}), event({"refusal": "cannot."}), STOP], ("", "stop", "I cannot.")),
        ([content("{"), event({}, "length")], ("{", "length", None)),
        ([event({"content": "{"}, "content_filter")], ("{", "content_filter", None)),
        (
            [
                event({"tool_calls": [{"index": 0, "function": {"name": "f", "arguments": ""}}]}),
                event({"tool_calls": [{"index": 0, "function": {"arguments": '{"a"'}}]}),
                event({"tool_calls": [{"index": 1, "function": {"arguments": "other"}}]}),
                event({"tool_calls": [{"index": 0, "function": {"arguments": ":1}"}}]}),
                event({}, "tool_calls"),
            ],
            ('{"a":1}', "tool_calls", None),
        ),
    ],
    ids=["refusal", "length", "filter", "tools"],
)
def test_odd_ends_are_replies(
    gateway: Any, engine: RunAPI, collect: Collect, events: list[bytes], expected: tuple[str, str, str | None]
) -> None:
    """With their usage."""
    gateway.answer_stream(START, *events, COUNTED, DONE)
    _, reply = collect(engine, request())
    assert (reply.text, reply.finish, reply.refusal) == expected
    assert reply.usage == Usage(48, 14)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"error": {"message": "slow down", "type": "rate_limit_error", "code": "rate_limit_exceeded"}}, RateLimited),
        ({"error": {"message": "gone", "type": "insufficient_quota"}}, InsufficientCredits),
        ({"error": {"message": "upstream", "code": None}}, ServerFailed),
        ({"error": "plain"}, ServerFailed),
    ],
)
def test_an_error_in_mid_stream(gateway: Any, engine: RunAPI, collect: Collect, body: Any, kind: type) -> None:
    """Typed by its word; what had come is kept, out of the message."""
    gateway.answer_stream(START, content("half of it"), b"data: " + json.dumps(body).encode() + b"\n\n")
    with pytest.raises(EngineError) as caught:
        collect(engine, request())
    assert type(caught.value) is kind
    assert caught.value.failure.partial == "half of it"
    assert "half" not in str(caught.value) + repr(caught.value.failure)


@pytest.mark.parametrize("end", [True, False])
def test_a_stream_that_breaks_off(gateway: Any, engine: RunAPI, collect: Collect, end: bool) -> None:  # noqa: FBT001
    """With or without HTTP's own end: half an answer never passes for a whole one."""
    gateway.answer_stream(START, content("half of it"), COUNTED, end=end)
    with pytest.raises(ConnectionFailed) as caught:
        collect(engine, request())
    assert caught.value.failure.partial == "half of it"
    assert caught.value.usage == Usage(48, 14)
    assert caught.value.retryable


@pytest.mark.parametrize(
    "data", [b"nonsense", b"{", b"[]", b"7", b'{"choices": 7}', b'{"choices": [{"delta": 7}]}', b'{"id": "x"}']
)
def test_an_event_of_no_known_shape(gateway: Any, engine: RunAPI, collect: Collect, data: bytes) -> None:
    """One typed error, alone in its piece or between good ones."""
    gateway.answer_stream(START, content("a") + b"data: " + data + b"\n\n" + content("b"))
    with pytest.raises(ServerFailed):
        collect(engine, request())


@pytest.mark.parametrize("status", [401, 429, 500])
def test_a_status_before_the_stream(gateway: Any, engine: RunAPI, collect: Collect, status: int) -> None:
    """As without streaming."""
    gateway.answer({"error": {"message": "no", "code": "x"}}, status)
    with pytest.raises(EngineError) as caught:
        collect(engine, request())
    assert (caught.value.status, caught.value.code) == (status, "x")


def test_an_error_without_end_before_the_stream(gateway: Any, engine: RunAPI, collect: Collect) -> None:
    """Its body is read within the same bounds as any other."""
    gateway.answer_raw(b"HTTP/1.1 500 Whatever\r\ncontent-length: 99999999\r\n\r\n" + b" " * 33_600_000)
    with pytest.raises(ServerFailed, match="larger than 32 MiB"):
        collect(engine, request())


def test_a_refused_parameter_is_learned(gateway: Any, engine: RunAPI) -> None:
    """As without streaming."""
    error = {"message": "Unsupported parameter: 'seed' is not supported with this model.", "param": "seed"}
    gateway.answer({"error": error}, 400)
    gateway.answer_stream(*WHOLE)
    with pytest.raises(RequestRejected) as caught:
        list(engine.stream(request(seed=1)))
    assert caught.value.failure.correction == "drop seed"
    assert split(list(engine.stream(request(seed=1))))[1].dropped == ("seed",)


def test_a_gateway_that_does_not_stream(gateway: Any, engine: RunAPI, collect: Collect) -> None:
    """A whole reply comes as one piece."""
    gateway.answer_text('{"a":1}')
    texts, reply = collect(engine, request())
    assert (texts, reply.text, reply.usage) == (['{"a":1}'], '{"a":1}', Usage(48, 14, 8, 5))


@pytest.mark.parametrize("body", [b"", b"<html><title>Sign in</title>", b"{}", b"null"])
def test_neither_stream_nor_reply(gateway: Any, engine: RunAPI, collect: Collect, body: bytes) -> None:
    """The same error as without streaming."""
    gateway.answer(body)
    with pytest.raises(ServerFailed, match="the gateway answered 200 with"):
        collect(engine, request())


def test_the_whole_stream_has_a_limit_of_time(gateway: Any, engine: RunAPI, collect: Collect) -> None:
    """A trickle that keeps every single read alive ends all the same."""
    gateway.answer_stream(START, *[item for _ in range(40) for item in (content("x"), 0.05)], STOP, DONE)
    with pytest.raises(TimedOut) as caught:
        collect(engine, request(timeout=0.5))
    assert set(caught.value.failure.partial) == {"x"}


def test_closing_the_iterator_closes_the_connection(gateway: Any, engine: RunAPI) -> None:
    """The server notices while it still writes."""
    gateway.answer_stream(START, *[item for _ in range(200) for item in (content("x" * 1000), 0.02)], STOP, DONE)
    stream = engine.stream(request())
    next(stream)
    stream.close()
    assert gateway.closed.wait(60)


def test_closing_the_asynchronous_iterator_closes_the_connection(gateway: Any, engine: RunAPI) -> None:
    """The server notices while it still writes."""
    gateway.answer_stream(START, *[item for _ in range(200) for item in (content("x" * 1000), 0.02)], STOP, DONE)

    async def run() -> None:
        async with engine:
            stream = engine.stream_async(request())
            await anext(stream)
            await stream.aclose()
            assert await asyncio.to_thread(gateway.closed.wait, 5)

    asyncio.run(run())
