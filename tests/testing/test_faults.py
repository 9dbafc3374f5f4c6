"""Faults on demand: what each kind looks like to the real SDK and on the wire, plain and streamed."""

from __future__ import annotations

import http.client
import json
import math
import time
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import openai
import pytest

from extract.errors import ConfigError
from extract.testing import FAULTS, Fault, StandIn

ASKED = {"model": "gpt-5.4-mini", "messages": [{"role": "user", "content": "hello"}]}
GOOD = {"a": "x" * 40}


@pytest.fixture(scope="module")
def server():
    with StandIn(answer=GOOD, retry_after=1.5) as running:
        yield running


@pytest.fixture(scope="module")
def client(server):
    with openai.OpenAI(base_url=server.base_url, api_key=server.api_key, max_retries=0, timeout=60) as made:
        yield made


def ask(client, kind, **more):
    return client.chat.completions.create(**ASKED, extra_headers={"X-StandIn-Fault": kind}, **more)


def raw(server, kind, *, stream=False):
    """Return status, headers and body; the body as far as it came."""
    connection = http.client.HTTPConnection(urlsplit(server.base_url).netloc, timeout=60)
    headers = {"authorization": f"Bearer {server.api_key}", "x-standin-fault": kind}
    try:
        connection.request("POST", "/v1/chat/completions", json.dumps({**ASKED, "stream": stream}), headers)
        reply = connection.getresponse()
        try:
            body = reply.read()
        except http.client.IncompleteRead as error:
            body = error.partial
        return reply.status, {name.lower(): value for name, value in reply.getheaders()}, body
    finally:
        connection.close()


STATUSES = [
    ("400", openai.BadRequestError, "invalid_request"),
    ("401", openai.AuthenticationError, "invalid_api_key"),
    ("402", openai.APIStatusError, "insufficient_credits"),
    ("403", openai.PermissionDeniedError, "model_not_allowed"),
    ("404", openai.NotFoundError, None),
    ("408", openai.APIStatusError, None),
    ("409", openai.ConflictError, "request_conflict"),
    ("410", openai.APIStatusError, "model_retired"),
    ("413", openai.APIStatusError, None),
    ("415", openai.APIStatusError, None),
    ("422", openai.UnprocessableEntityError, "continuation_not_supported"),
    ("429", openai.RateLimitError, "rate_limited"),
    ("insufficient_quota", openai.RateLimitError, "insufficient_quota"),
    ("500", openai.InternalServerError, None),
    ("502-html", openai.InternalServerError, None),
    ("503", openai.InternalServerError, None),
    ("504-html", openai.InternalServerError, None),
]


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(("kind", "error", "code"), STATUSES, ids=[kind for kind, _, _ in STATUSES])
def test_statuses_reach_the_sdk_as_its_own_errors(client, kind, error, code, stream):
    """Each status comes as the SDK's error for it, with code and request id, streamed or not."""
    with pytest.raises(error) as caught:
        ask(client, kind, stream=stream)
    assert caught.value.code == code
    assert caught.value.request_id.startswith("req_")
    if kind.isdigit():
        assert caught.value.status_code == int(kind)


@pytest.mark.parametrize(
    ("kind", "status", "body"),
    [
        ("error-as-text", 422, {"error": "Something is wrong with this request"}),
        ("errors-dict", 422, {"error": "Validation failed", "errors": {"messages": ["too long"]}}),
        ("message", 400, {"message": "Bad request"}),
        ("detail", 400, {"detail": "Bad request"}),
        ("errorMessage", 400, {"errorMessage": "Bad request"}),
        ("msg", 400, {"msg": "Bad request"}),
        ("413", 413, {"error": "Payload too large"}),
        ("200-list", 200, []),
        ("200-null", 200, None),
    ],
)
def test_every_published_body_shape_can_be_had(server, kind, status, body):
    """The shapes an error body may have are all there, byte for byte."""
    found, headers, text = raw(server, kind)
    assert (found, json.loads(text)) == (status, body)
    assert headers["x-standin-fault"] == kind


def test_bodies_that_are_no_json_can_be_had(server):
    """HTML pages, plain text, nothing and half an object, also under a 200."""
    assert b"<title>502 Bad Gateway</title>" in raw(server, "502-html")[2]
    assert raw(server, "200-html")[1]["content-type"].startswith("text/html")
    assert raw(server, "error-text")[2] == b"upstream connect error"
    assert (raw(server, "error-empty")[0], raw(server, "error-empty")[2]) == (500, b"")
    assert (raw(server, "200-empty")[0], raw(server, "200-empty")[2]) == (200, b"")
    with pytest.raises(json.JSONDecodeError):
        json.loads(raw(server, "200-garbage")[2])


def test_retry_after_comes_in_each_published_form(server):
    """Whole seconds, fractions, a date, or nothing."""
    assert raw(server, "429")[1]["retry-after"] == "2"
    assert raw(server, "429-float")[1]["retry-after"] == "1.500"
    before = time.time()
    date = parsedate_to_datetime(raw(server, "429-date")[1]["retry-after"])
    assert before <= date.timestamp() <= time.time() + 3
    assert "retry-after" not in raw(server, "429-plain")[1]


def test_a_scripted_fault_names_its_own_wait(server, client):
    """Fault(retry_after=…) wins over the stand-in's."""
    server.script([Fault("429-float", retry_after=0.25)])
    with pytest.raises(openai.RateLimitError) as caught:
        client.chat.completions.create(**ASKED)
    assert caught.value.response.headers["retry-after"] == "0.250"


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("kind", ["reset", "close"])
def test_connections_can_break_before_the_reply(client, kind, stream):
    """The SDK sees a connection error."""
    with pytest.raises(openai.APIConnectionError):
        ask(client, kind, stream=stream)


@pytest.mark.parametrize("kind", ["reset-mid-body", "cut"])
def test_replies_can_break_in_the_middle(client, kind):
    """A plain reply that ends early is a connection error."""
    with pytest.raises(openai.APIConnectionError):
        ask(client, kind)


@pytest.mark.parametrize("kind", ["hang", "timeout", "stall"])
def test_replies_can_fail_to_come(client, kind):
    """A hanging stand-in runs into the client's timeout."""
    with pytest.raises(openai.APITimeoutError):
        ask(client.with_options(timeout=0.3), kind)


def test_slow_replies_arrive_whole(client):
    """The slow fault delays the end of an answer that is otherwise good."""
    started = time.monotonic()
    assert json.loads(ask(client, "slow").choices[0].message.content) == GOOD
    assert time.monotonic() - started > 0.9


@pytest.mark.parametrize("kind", ["cut", "reset-mid-body", "stream-error", "stream-garbage", "stall"])
def test_streams_can_break_in_the_middle(client, kind):
    """Some text arrives, then the stream fails, in one way or another."""
    pieces = []
    with pytest.raises(Exception) as caught:  # noqa: PT011, PT012 - the SDK lets many kinds through here
        for chunk in ask(client.with_options(timeout=0.5), kind, stream=True):
            pieces.extend(choice.delta.content or "" for choice in chunk.choices)
    assert 0 < len("".join(pieces)) < len(json.dumps(GOOD))
    if kind == "stream-error":
        assert isinstance(caught.value, openai.APIError)


def test_streams_can_end_without_their_last_line(server):
    """stream-no-done leaves out [DONE] and nothing else."""
    body = raw(server, "stream-no-done", stream=True)[2]
    assert b'"finish_reason":"stop"' in body
    assert b"[DONE]" not in body


def content(client, kind, *, stream):
    """Return text, refusal and finish of a struck answer."""
    if not stream:
        choice = ask(client, kind).choices[0]
        return choice.message.content or "", choice.message.refusal, choice.finish_reason
    chunks = [chunk.choices[0] for chunk in ask(client, kind, stream=True)]
    refusal = "".join(choice.delta.refusal or "" for choice in chunks) or None
    return "".join(choice.delta.content or "" for choice in chunks), refusal, chunks[-1].finish_reason


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("refusal", ("", "I'm sorry, I can't help with that.", "stop")),
        ("length", (json.dumps(GOOD)[:24], None, "length")),
        ("content_filter", (json.dumps(GOOD)[:24], None, "content_filter")),
        ("half", (json.dumps(GOOD)[:24], None, "stop")),
        ("fenced", (f"```json\n{json.dumps(GOOD)}\n```", None, "stop")),
        ("prose", (f"Here is the result:\n\n{json.dumps(GOOD)}\n\nIs there anything else?", None, "stop")),
        ("no-json", ("I could not find anything.", None, "stop")),
        ("empty", ("", None, "stop")),
        ("deep", ("[" * 10_000 + "]" * 10_000, None, "stop")),
    ],
)
def test_answers_can_be_spoiled(client, kind, expected, stream):
    """The reply is a good one in form; its text, refusal or finish is not what was hoped for."""
    assert content(client, kind, stream=stream) == expected


def test_answers_can_be_huge(server):
    """Ten megabytes come through, plain and streamed."""
    assert len(raw(server, "huge")[2]) > 10_000_000
    assert len(raw(server, "huge", stream=True)[2]) > 10_000_000


def test_usage_can_be_missing_or_wrong(client):
    """no-usage leaves it out, wrong-usage makes nonsense of it, streamed or not."""
    asked = {"stream": True, "stream_options": {"include_usage": True}}
    assert ask(client, "no-usage").usage is None
    assert ask(client, "wrong-usage").usage.prompt_tokens == -1
    assert [chunk.usage for chunk in ask(client, "no-usage", **asked) if chunk.usage] == []
    assert [chunk.usage.prompt_tokens for chunk in ask(client, "wrong-usage", **asked) if chunk.usage] == [-1]


@pytest.mark.parametrize("kind", FAULTS)
@pytest.mark.parametrize("stream", [False, True])
def test_the_stand_in_outlives_every_fault(server, client, kind, stream):
    """Whatever one request suffers, the next one is answered."""
    try:
        reply = ask(client.with_options(timeout=0.2), kind, stream=stream)
        for _ in reply if stream and not isinstance(reply, str) else ():
            pass
    except Exception:  # noqa: BLE001, S110 - what it looks like is the other tests' business
        pass
    assert json.loads(client.chat.completions.create(**ASKED).choices[0].message.content) == GOOD
    assert server.requests[-2].fault == kind


def test_scripted_faults_strike_in_their_turn(server, client):
    """An error fault takes a turn of its own; a fault that spoils answers strikes the next one."""
    server.script(["A", Fault("500"), Fault("fenced"), "B", "C"])
    ask_next = lambda: client.chat.completions.create(**ASKED).choices[0].message.content  # noqa: E731
    assert ask_next() == "A"
    with pytest.raises(openai.InternalServerError):
        ask_next()
    assert [ask_next(), ask_next()] == ["```json\nB\n```", "C"]


def strikes(seed, faults, count=200):
    with StandIn(faults=faults, seed=seed) as server:
        return [raw(server, "")[0] for _ in range(count)]


def test_rates_strike_by_seed():
    """The same seed strikes the same requests; the share is about what was asked for."""
    faults = {"429": 0.2, "500": 0.1}
    first = strikes(7, faults)
    assert first == strikes(7, faults)
    assert first != strikes(8, faults)
    assert 20 <= first.count(429) <= 60
    assert 5 <= first.count(500) <= 40


def test_a_default_answer_may_be_a_fault():
    """answer=Fault(...) breaks every request."""
    with StandIn(answer=Fault("fenced")) as server:
        body = json.loads(raw(server, "")[2])
    assert body["choices"][0]["message"]["content"].startswith("```json")


@pytest.mark.parametrize("kind", FAULTS)
def test_faults_strike_the_list_of_models_too(server, kind):
    """By header or by lot; one that only spoils answers finds none to spoil."""
    connection = http.client.HTTPConnection(urlsplit(server.base_url).netloc, timeout=0.5)
    told = None
    try:
        connection.request("GET", "/v1/models", headers={"x-standin-fault": kind})
        reply = connection.getresponse()
        told = reply.status, reply.read()
    except (OSError, http.client.HTTPException):
        pass
    finally:
        connection.close()
    wired = {"hang", "timeout", "reset", "close", "reset-mid-body", "cut", "stall", "slow"}
    assert (told is None) == (kind in wired)
    if told is not None:
        listed = told[0] == 200 and b'"object": "list"' in told[1]
        assert listed == (not kind[0].isdigit() and kind not in ERRORS_BY_NAME)


ERRORS_BY_NAME = {
    "insufficient_quota", "error-as-text", "errors-dict", "message", "detail", "errorMessage", "msg", "error-text",
    "error-empty",
}  # fmt: skip


def test_shares_strike_the_list_of_models():
    """As they strike every other route."""
    with StandIn(faults={"503": 1}) as server:
        connection = http.client.HTTPConnection(urlsplit(server.base_url).netloc, timeout=60)
        connection.request("GET", "/v1/models")
        assert connection.getresponse().status == 503
        connection.close()


def test_unknown_kinds_are_told():
    """A misspelt fault lists the ones there are."""
    with pytest.raises(ConfigError, match="no fault is called '42'"):
        Fault("42")
    with pytest.raises(ConfigError, match="502-html"):
        StandIn(faults={"502": 0.5})


@pytest.mark.parametrize(
    ("name", "value"),
    [("latency", -1), ("pace", "1"), ("piece", 0), ("port", 99_999), ("seed", None), ("retry_after", True), ("key", 5)],
)
def test_settings_that_make_no_sense_are_told(name, value):
    """Which one, what was found, what was expected."""
    with pytest.raises(ConfigError, match=f"{name}: found .*, expected"):
        StandIn(**{name: value})


@pytest.mark.parametrize("faults", [{"500": math.nan}, {"500": 1.5}, {"500": -0.1}, {"500": 0.6, "429": 0.6}])
def test_shares_that_make_no_sense_are_told(faults):
    """Shares are between 0 and 1, and so is their sum."""
    with pytest.raises(ConfigError, match="share"):
        StandIn(faults=faults)
