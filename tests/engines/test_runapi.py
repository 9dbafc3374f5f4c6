"""The RunAPI engine against a server on loopback: what it sends, what it makes of what comes back."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from extract.config import Settings
from extract.engines import RunAPI
from extract.errors import (
    ConfigError,
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

BASE = {"model", "messages", "response_format"}

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


REFUSALS: list[tuple[dict[str, Any], dict[str, Any], str, dict[str, Any], tuple[str, ...]]] = [
    (
        {"temperature": 0.2},
        {
            "message": "Unsupported value: 'temperature' does not support 0.2 with this model. "
            "Only the default (1) value is supported.",
            "type": "invalid_request_error",
            "param": "temperature",
            "code": "unsupported_value",
        },
        "drop temperature",
        {},
        ("temperature",),
    ),
    (
        {"extra_body": {"max_tokens": 1024}},
        {
            "message": "Unsupported parameter: 'max_tokens' is not supported with this model. "
            "Use 'max_completion_tokens' instead."
        },
        "rename max_tokens to max_completion_tokens",
        {"max_completion_tokens": 1024},
        (),
    ),
    (
        {"reasoning_effort": "minimal"},
        {
            "message": "Unsupported value: 'minimal' is not supported with the 'house-model' model. "
            "Supported values are: 'none', 'low', 'medium', and 'high'."
        },
        "drop reasoning_effort",
        {},
        ("reasoning_effort",),
    ),
    (
        {"max_output_tokens": 5},
        {"message": "x", "param": "max_completion_tokens", "code": "unsupported_parameter"},
        "drop max_completion_tokens",
        {},
        ("max_output_tokens",),
    ),
    (
        {"extra_body": {"verbosity": "low"}},
        {"message": "Unrecognized request argument supplied: verbosity"},
        "drop verbosity",
        {},
        ("verbosity",),
    ),
]


@pytest.mark.parametrize("case", REFUSALS, ids=[case[2] for case in REFUSALS])
def test_a_refused_parameter_is_learned(gateway: Any, engine: RunAPI, case: tuple[Any, ...]) -> None:
    """The first request fails with a correction; the same one sent again is corrected, and the reply says so."""
    parameters, error, correction, corrected, dropped = case
    gateway.answer({"error": error}, 400)
    gateway.answer_text("{}")
    asked = request(model="house-model", **parameters)
    with pytest.raises(RequestRejected) as caught:
        engine.send(asked)
    assert caught.value.failure.correction == correction
    assert correction in str(caught.value)
    assert engine.send(asked).dropped == dropped
    sent = {name: value for name, value in gateway.seen[1].json.items() if name not in BASE}
    assert sent == corrected


def test_what_one_model_refuses_is_sent_to_another(gateway: Any, engine: RunAPI) -> None:
    """And a value that is refused leaves the other values alone."""
    gateway.answer({"error": REFUSALS[2][1]}, 400)
    gateway.answer_text("{}")
    with pytest.raises(RequestRejected):
        engine.send(request(model="house-model", reasoning_effort="minimal"))
    for model, effort in (("house-model", "minimal"), ("house-model", "low"), ("other-model", "minimal")):
        engine.send(request(model=model, reasoning_effort=effort))
    assert [seen.json.get("reasoning_effort") for seen in gateway.seen[1:]] == [None, "low", "minimal"]


@pytest.mark.parametrize(
    "error",
    [
        {"message": "Unsupported value: 'messages[0].role' does not support 'system'", "code": "unsupported_value"},
        {"message": "x", "param": "response_format", "code": "unsupported_parameter"},
        {"message": "x", "param": "model", "code": "unsupported_value"},
        {"message": "x", "param": "seed", "code": "unsupported_parameter"},
        {"message": "temperature is wrong", "param": "temperature", "code": "invalid_value"},
    ],
    ids=str,
)
def test_what_cannot_be_left_out_is_not(gateway: Any, engine: RunAPI, error: dict[str, Any]) -> None:
    """No correction where the request would no longer be the same, or would be sent unchanged."""
    gateway.answer({"error": error}, 400)
    with pytest.raises(RequestRejected) as caught:
        engine.send(request(model="house-model", temperature=0.2))
    assert caught.value.failure.correction is None


TRANSLATIONS: list[tuple[str, dict[str, Any], dict[str, Any], tuple[str, ...]]] = [
    ("gpt-5.5", {"temperature": 0.3, "max_output_tokens": 9}, {"max_completion_tokens": 9}, ("temperature",)),
    (
        "gpt-5.5",
        {"temperature": 0.3, "reasoning_effort": "none"},
        {"temperature": 0.3, "reasoning_effort": "none"},
        (),
    ),
    ("gpt-5.4-mini", {"temperature": 0.3, "top_p": 0.5}, {"temperature": 0.3, "top_p": 0.5}, ()),
    ("gpt-5.4-mini", {"top_p": 0.5, "reasoning_effort": "low"}, {"reasoning_effort": "low"}, ("top_p",)),
    (
        "gpt-5.4-mini-2026-03-01",
        {"top_p": 1, "extra_body": {"reasoning_effort": "low"}},
        {"reasoning_effort": "low"},
        ("top_p",),
    ),
    ("gpt-4o-mini", {"reasoning_effort": "low"}, {}, ("reasoning_effort",)),
    (
        "house-model",
        {"temperature": 1, "reasoning_effort": "low"},
        {"temperature": 1, "reasoning_effort": "low"},
        (),
    ),
    ("gpt-5.5", {"temperature": 0.3, "extra_body": {"temperature": 1}}, {"temperature": 1}, ()),
    ("gpt-5.5", {"max_output_tokens": 9, "extra_body": {"max_tokens": 8}}, {"max_tokens": 8}, ()),
    ("gpt-5.5", {"extra_body": {"metadata": {"a": "b"}}}, {"metadata": {"a": "b"}}, ()),
]


@pytest.mark.parametrize("case", TRANSLATIONS, ids=str)
def test_parameters_follow_the_models_card(gateway: Any, engine: RunAPI, case: tuple[Any, ...]) -> None:
    """What a model is known to refuse is not sent, and the reply says so; ``extra_body`` always wins."""
    model, parameters, sent, dropped = case
    gateway.answer_text("{}")
    reply = engine.send(request(model=model, **parameters))
    body = gateway.seen[0].json
    assert ({name: body[name] for name in body if name not in BASE}, reply.dropped) == (sent, dropped)


def test_extra_body_may_replace_the_format(gateway: Any, engine: RunAPI) -> None:
    """Even that."""
    gateway.answer_text("{}")
    engine.send(request(extra_body={"response_format": {"type": "json_object"}}))
    assert gateway.seen[0].json["response_format"] == {"type": "json_object"}


def test_settings_add_to_every_request(gateway: Any) -> None:
    """Headers and body members of a provider's configuration; the request's own win."""
    settings = Settings(
        gateway.base_url, "key", "gpt-5.5", headers={"X-A": "1", "X-B": "1"}, body={"seed": 1, "user": "u"}
    )
    gateway.answer_text("{}")
    with RunAPI(settings) as engine:
        assert engine.default_model == "gpt-5.5"
        engine.send(request(extra_headers={"X-B": "2"}, extra_body={"seed": 2}))
    seen = gateway.seen[0]
    assert (seen.headers["x-a"], seen.headers["x-b"]) == ("1", "2")
    assert (seen.json["seed"], seen.json["user"]) == (2, "u")


def test_half_a_surrogate_pair_travels(gateway: Any, engine: RunAPI, send: Send) -> None:
    """A document decoded with surrogateescape is no reason to fail."""
    gateway.answer_text("{}")
    send(engine, Request(model="m", messages=(Message("user", "a\udc80b"),)))
    assert gateway.seen[0].json["messages"][0]["content"] == "a\udc80b"


def test_a_body_that_is_no_json(engine: RunAPI) -> None:
    """Said at once, whose fault it is included."""
    with pytest.raises(ConfigError, match="extra_body"):
        engine.send(request(extra_body={"a": object()}))


@pytest.mark.parametrize(
    ("model", "status", "advice"),
    [
        ("gpt-5.3-codex", 410, "gpt-5.6-sol"),
        ("gpt-5.5-pro", 404, "gpt-5.5"),
        ("gpt-5.5", 410, "/v1/models"),
        ("gpt-5-pro", 400, "responses only"),
    ],
)
def test_advice_knows_the_model(gateway: Any, engine: RunAPI, model: str, status: int, advice: str) -> None:
    """A successor where one is named, the right endpoint where it is the wrong one."""
    gateway.answer({"error": {"message": "no", "code": "model_not_found" if status == 404 else None}}, status)
    with pytest.raises(EngineError) as caught:
        engine.send(request(model=model))
    assert advice in caught.value.advice


@pytest.mark.parametrize(
    "error",
    [
        {
            "message": "Invalid schema for response_format 'Invoice': In context=(), 'oneOf' is not permitted.",
            "code": None,
        },
        {"message": "Invalid JSON schema: regex lookaround is not supported.", "code": "invalid_json_schema"},
    ],
)
def test_a_refused_schema_has_its_own_advice(gateway: Any, engine: RunAPI, send: Send, error: dict[str, Any]) -> None:
    """In both of the shapes that have been seen."""
    gateway.answer({"error": {**error, "param": "response_format"}}, 400)
    with pytest.raises(RequestRejected, match="wire schema"):
        send(engine, request())


@pytest.mark.parametrize(
    ("status", "body", "advice"),
    [
        (400, {"error": {"message": "Bad request"}}, "model and the options"),
        (415, {"error": {"message": "Unsupported media type"}}, "takes no JSON"),
        (418, {"error": {"message": "I am a teapot"}}, "model and the options"),
        (422, {"error": "Something is wrong with this request"}, "model and the options"),
        (400, "<html><title>400 The plain HTTP request was sent to HTTPS port</title></html>", "https://"),
        (307, "", "redirects"),
    ],
)
def test_every_refusal_comes_with_advice(
    gateway: Any, engine: RunAPI, send: Send, status: int, body: Any, advice: str
) -> None:
    """Also where nothing is known but the status."""
    gateway.answer(body.encode() if isinstance(body, str) else body, status)
    with pytest.raises(RequestRejected) as caught:
        send(engine, request())
    assert advice in caught.value.advice


def test_a_page_in_place_of_a_reply_points_at_the_address(gateway: Any, engine: RunAPI, send: Send) -> None:
    """Later the same page will be there."""
    gateway.answer(b"<!doctype html><html><title>Welcome</title></html>")
    with pytest.raises(ServerFailed, match="an HTML page") as caught:
        send(engine, request())
    assert "address" in caught.value.advice


def test_an_error_inside_a_whole_reply(gateway: Any, engine: RunAPI, send: Send) -> None:
    """Typed by its word, with what was spent."""
    usage = {"prompt_tokens": 9, "completion_tokens": 1}
    gateway.answer({"error": {"message": "slow down", "code": "rate_limited"}, "usage": usage})
    with pytest.raises(RateLimited) as caught:
        send(engine, request())
    assert caught.value.usage == Usage(9, 1)


@pytest.mark.parametrize("tokens", [-1, 10**12, "many", None, True])
def test_a_bill_that_is_none_is_unknown(tokens):
    """Impossible counts of tokens are no usage at all, rather than a wrong sum."""
    from extract.engines._chat import usage_of
    from extract.typing import Usage

    assert usage_of({"prompt_tokens": 5, "completion_tokens": tokens}) in (None, Usage(5, 1))
    assert usage_of({"prompt_tokens": -5, "completion_tokens": 3}) is None
