"""The RunAPI engine against a server on loopback: what it sends, what it makes of what comes back."""

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
    ModelRetired,
    RateLimited,
    RequestRejected,
    ServerFailed,
    TimedOut,
    Unauthorized,
)
from extract.typing import Engine, Message, Parameters, Reply, Request, Usage, WireFormat

KEY = "runapi_verysecretkey0123456789"
PROMPT = "Confidential: Ms Example of 17 Rose Street owes 1,234.56 EUR for the month of May."
SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"], "additionalProperties": False}
FORMAT = WireFormat("Invoice", SCHEMA, json.dumps(SCHEMA, separators=(",", ":")).encode())

Send = Callable[[RunAPI, Request], Reply]


def request(model: str = "gpt-5.4-mini", **parameters: Any) -> Request:
    messages = (Message("system", "Extract."), Message("user", PROMPT))
    return Request(model=model, messages=messages, format=FORMAT, parameters=Parameters(**parameters))


def send_sync(engine: RunAPI, asked: Request) -> Reply:
    return engine.send(asked)


def send_async(engine: RunAPI, asked: Request) -> Reply:
    async def run() -> Reply:
        async with engine:
            return await engine.send_async(asked)

    return asyncio.run(run())


@pytest.fixture(params=[send_sync, send_async])
def send(request: pytest.FixtureRequest) -> Send:
    """Send through either driver."""
    return request.param


@pytest.fixture
def engine(gateway: Any) -> Any:
    """The engine, pointed at the server on loopback."""
    with RunAPI(api_key=KEY, base_url=gateway.base_url) as made:
        yield made


def test_reply_is_read_whole(gateway: Any, engine: RunAPI, send: Send) -> None:
    """Text, finish, usage, the answering model and the request's id."""
    gateway.answer_text('{"a":"ö"}')
    reply = send(engine, request())
    assert reply.seconds > 0
    assert (reply.text, reply.finish, reply.refusal, reply.dropped) == ('{"a":"ö"}', "stop", None, ())
    assert reply.usage == Usage(48, 14, 8, 5)
    assert (reply.model, reply.request_id) == ("gpt-5.4-mini-2026-03-01", "req_17")


def test_request_on_the_wire(gateway: Any, engine: RunAPI, send: Send) -> None:
    """The body is strict json_schema with our messages; the key travels in its header alone."""
    gateway.answer_text("{}")
    send(engine, request(max_output_tokens=900, seed=7, extra_headers={"X-Client-Request-Id": "mine"}))
    seen = gateway.seen[0]
    assert seen.line == "POST /v1/chat/completions HTTP/1.1"
    assert seen.headers["authorization"] == f"Bearer {KEY}"
    assert (seen.headers["content-type"], seen.headers["x-client-request-id"]) == ("application/json", "mine")
    assert seen.json == {
        "model": "gpt-5.4-mini",
        "messages": [{"role": "system", "content": "Extract."}, {"role": "user", "content": PROMPT}],
        "max_completion_tokens": 900,
        "seed": 7,
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "Invoice", "strict": True, "schema": SCHEMA},
        },
    }


def test_the_engine_keeps_the_protocol() -> None:
    """It is an Engine, needs no network to be made, and its repr has no key."""
    engine = RunAPI(api_key=KEY)
    assert isinstance(engine, Engine)
    assert (engine.dialect, engine.default_model) == ("openai-strict", "gpt-5.4-mini")
    assert KEY not in repr(engine) + repr(engine.settings)


ERRORS: list[tuple[str, int, Any, dict[str, str], type[EngineError], bool]] = [
    ("openai-shape", 401, {"error": {"message": "Bad key", "code": "invalid_api_key"}}, {}, Unauthorized, False),
    ("forbidden", 403, {"detail": "no"}, {}, Unauthorized, False),
    ("no credits", 402, {"error": {"message": "Insufficient credits"}}, {}, InsufficientCredits, False),
    ("quota", 429, {"error": {"message": "x", "code": "insufficient_quota"}}, {}, InsufficientCredits, False),
    ("quota by type", 429, {"error": {"message": "x", "type": "insufficient_quota"}}, {}, InsufficientCredits, False),
    ("no such model", 404, {"error": {"message": "x", "code": "model_not_found"}}, {}, ModelRetired, False),
    ("retired", 410, {"error": {"message": "x", "code": "model_retired"}}, {}, ModelRetired, False),
    ("retired, empty", 410, b"", {}, ModelRetired, False),
    ("no such page", 404, b"<html><title>404 Not Found</title>", {}, RequestRejected, False),
    ("timeout", 408, {"message": "Request timeout"}, {}, TimedOut, True),
    ("conflict", 409, {"error": {"message": "x", "code": "request_conflict"}}, {}, RequestRejected, False),
    ("too large", 413, {"error": "Payload too large"}, {}, RequestRejected, False),
    ("media type", 415, {"msg": "Unsupported media type"}, {}, RequestRejected, False),
    ("fields", 422, {"error": "Validation failed", "errors": {"prompt": ["too long"]}}, {}, RequestRejected, False),
    ("rate", 429, {"error": {"message": "x", "code": "rate_limited"}}, {"retry-after": "1.5"}, RateLimited, True),
    ("server", 500, {"errorMessage": "oops"}, {}, ServerFailed, True),
    ("not implemented", 501, b"", {}, ServerFailed, False),
    ("html", 502, b"<!DOCTYPE html><html><h1>Bad gateway</h1>" + b"x" * 9999, {}, ServerFailed, True),
    ("overloaded", 503, b"upstream connect error", {"retry-after": "2"}, ServerFailed, True),
    ("told not to retry", 503, b"", {"x-should-retry": "false"}, ServerFailed, False),
    ("gateway timeout", 504, b"", {}, ServerFailed, True),
    ("redirect", 307, b"", {"location": "https://elsewhere.example/v1"}, RequestRejected, False),
    ("teapot", 418, [1, 2], {}, RequestRejected, False),
]


@pytest.mark.parametrize("case", ERRORS, ids=[case[0] for case in ERRORS])
def test_every_status_is_one_typed_error(gateway: Any, engine: RunAPI, send: Send, case: tuple[Any, ...]) -> None:
    """The class says who is at fault; status and request id are kept; the message is short."""
    _, status, body, headers, kind, retryable = case
    gateway.answer(body, status, headers)
    with pytest.raises(EngineError) as caught:
        send(engine, request())
    error = caught.value
    assert type(error) is kind
    assert (error.status, error.failure.request_id, error.retryable) == (status, "req_17", retryable)
    assert len(str(error)) < 600
    assert len(gateway.seen) == 1


def test_waiting_is_read_from_the_headers(gateway: Any, engine: RunAPI, send: Send) -> None:
    """Seconds, milliseconds, a date long past, and nonsense."""
    waits = []
    for headers in (
        {"retry-after": "1.5"},
        {"retry-after-ms": "250", "retry-after": "9"},
        {"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"},
        {"retry-after": "soon"},
        {"retry-after": "nan"},
    ):
        gateway.replies.clear()
        gateway.answer({}, 429, headers)
        with pytest.raises(RateLimited) as caught:
            send(engine, request())
        waits.append(caught.value.retry_after)
    assert waits == [1.5, 0.25, 0.0, None, None]


def test_errors_quote_neither_key_nor_prompt(gateway: Any, engine: RunAPI, send: Send) -> None:
    """A gateway that echoes what it got makes our message shorter, not longer."""
    gateway.answer({"error": {"message": f"Cannot do {PROMPT} with {KEY}, sorry", "code": "odd"}}, 400)
    with pytest.raises(RequestRejected) as caught:
        send(engine, request())
    assert PROMPT[:20] not in str(caught.value)
    assert KEY not in str(caught.value)
    assert caught.value.message == "the gateway answered 400 odd: Cannot do […] with […], sorry"


HOLES: list[tuple[str, bytes]] = [
    ("html", b"<!doctype html><html><head><title>Sign in</title></head></html>"),
    ("empty", b""),
    ("white space", b" \n"),
    ("text", b"Internal error"),
    ("broken json", b'{"choices": [{'),
    ("null", b"null"),
    ("a list", b"[]"),
    ("a string", b'"ok"'),
    ("no choices", b'{"choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": 1}}'),
    ("choices null", b'{"choices": null}'),
    ("no message", b'{"choices": [{"index": 0}]}'),
    ("content is a number", b'{"choices": [{"message": {"content": 7}}]}'),
    ("an error", b'{"error": {"message": "upstream failed"}}'),
    ("nested deep", b"[" * 10_000 + b"]" * 10_000),
]


@pytest.mark.parametrize("body", [hole[1] for hole in HOLES], ids=[hole[0] for hole in HOLES])
def test_200_without_a_reply_is_a_server_failure(gateway: Any, engine: RunAPI, send: Send, body: bytes) -> None:
    """Never a str, never a bare JSONDecodeError, never None."""
    gateway.answer(body)
    with pytest.raises(ServerFailed) as caught:
        send(engine, request())
    assert (caught.value.status, caught.value.retryable) == (200, True)
    assert caught.value.failure.request_id == "req_17"


def test_usage_survives_a_reply_without_choices(gateway: Any, engine: RunAPI, send: Send) -> None:
    """What was spent is on the error."""
    gateway.answer(HOLES[8][1])
    with pytest.raises(ServerFailed) as caught:
        send(engine, request())
    assert caught.value.usage == Usage(9, 1)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"finish_reason": "length"}, ("{", "length", None)),
        ({"finish_reason": "content_filter"}, ("{", "content_filter", None)),
        ({"finish_reason": "stop", "content": None, "refusal": "I cannot."}, ("", "stop", "I cannot.")),
        ({"content": None}, ("", "stop", None)),
        ({"content": [{"type": "text", "text": "{"}, {"type": "text", "text": "}"}]}, ("{}", "stop", None)),
        ({"content": [{"type": "refusal", "refusal": "No."}]}, ("", "stop", "No.")),
        ({"finish_reason": None}, ("{", "stop", None)),
        ({"finish_reason": "novel"}, ("{", "stop", None)),
        (
            {"content": None, "finish_reason": "tool_calls", "tool_calls": [{"function": {"arguments": '{"a":1}'}}]},
            ('{"a":1}', "tool_calls", None),
        ),
    ],
    ids=str,
)
def test_odd_replies_are_replies_with_usage(
    gateway: Any, engine: RunAPI, send: Send, changes: dict[str, Any], expected: tuple[str, str, str | None]
) -> None:
    """Truncated, filtered and refused answers come back as such, and what they cost with them."""
    gateway.answer_text("{", **changes)
    reply = send(engine, request())
    assert (reply.text, reply.finish, reply.refusal) == expected
    assert reply.usage == Usage(48, 14, 8, 5)


def test_ten_megabytes_are_read(gateway: Any, engine: RunAPI, send: Send) -> None:
    """Large is not wrong."""
    gateway.answer_text("x" * 10_000_000)
    assert len(send(engine, request()).text) == 10_000_000


def test_a_connection_cut_in_the_body(gateway: Any, engine: RunAPI, send: Send) -> None:
    """Half a reply is none."""
    gateway.answer_raw(b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{", None)
    with pytest.raises(ConnectionFailed) as caught:
        send(engine, request())
    assert caught.value.retryable


def test_nobody_listens(send: Send) -> None:
    """Said with the reason, not the SDK's 'Connection error.'."""
    engine = RunAPI(api_key=KEY, base_url="http://127.0.0.1:9")
    with pytest.raises(ConnectionFailed, match="the connection failed"):
        send(engine, request())


def test_the_limit_of_time_is_kept(gateway: Any, engine: RunAPI, send: Send) -> None:
    """A request may name its own."""
    gateway.answer_raw(0.6, b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
    with pytest.raises(TimedOut):
        send(engine, request(timeout=0.1))


def test_a_refused_parameter_is_learned_once(gateway: Any, engine: RunAPI) -> None:
    """The first request fails with a correction; the same request sent again leaves the parameter out and says so."""
    gateway.answer(
        {
            "error": {
                "message": "Unsupported value: 'temperature' does not support 0.2 with this model.",
                "type": "invalid_request_error",
                "param": "temperature",
                "code": "unsupported_value",
            }
        },
        400,
    )
    gateway.answer_text("{}")
    asked = request(model="house-model", temperature=0.2)
    with pytest.raises(RequestRejected) as caught:
        engine.send(asked)
    assert caught.value.failure.correction == "drop temperature"
    assert engine.send(asked).dropped == ("temperature",)
    assert [("temperature" in seen.json) for seen in gateway.seen] == [True, False]
    assert engine.send(request(model="other-model", temperature=0.2)).dropped == ()
