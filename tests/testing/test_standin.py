"""The stand-in through the real SDK and raw HTTP: answers, streams, usage, its script, its log, its life."""

from __future__ import annotations

import asyncio
import http.client
import json
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import openai
import pytest
from pydantic import BaseModel

from extract.errors import ConfigError
from extract.testing import Fault, Raw, StandIn
from extract.typing import Reply, Usage


class Line(BaseModel):
    name: str
    quantity: int


class Order(BaseModel):
    number: str
    total: float
    lines: list[Line]


MESSAGES = [{"role": "user", "content": "Order 17, two apples"}]
ASKED = {"model": "gpt-5.4-mini", "messages": MESSAGES}
TOOL = {
    "type": "function",
    "function": {
        "name": "Line",
        "strict": True,
        "parameters": {
            "type": "object",
            "properties": {"name": {"type": "string"}, "quantity": {"type": "integer"}},
            "required": ["name", "quantity"],
            "additionalProperties": False,
        },
    },
}


@pytest.fixture
def server():
    with StandIn(retry_after=0.0) as running:
        yield running


@pytest.fixture
def client(server):
    with openai.OpenAI(base_url=server.base_url, api_key=server.api_key, max_retries=0, timeout=60) as made:
        yield made


def raw(server, body, path="/v1/chat/completions"):
    connection = http.client.HTTPConnection(urlsplit(server.base_url).netloc, timeout=60)
    try:
        connection.request("POST", path, json.dumps(body), {"authorization": f"Bearer {server.api_key}"})
        reply = connection.getresponse()
        return reply.status, reply.read().decode()
    finally:
        connection.close()


def test_answers_are_made_up_to_fit_the_schema(client):
    """Without a script the SDK's parse gets a valid object, the same one every time."""
    first = client.chat.completions.parse(**ASKED, response_format=Order).choices[0].message.parsed
    second = client.chat.completions.parse(**ASKED, response_format=Order).choices[0].message.parsed
    assert isinstance(first, Order)
    assert first == second


def test_another_seed_makes_up_another_answer():
    """The seed decides what is made up."""
    found = set()
    for seed in range(3):
        with StandIn(seed=seed) as server, openai.OpenAI(base_url=server.base_url, api_key=server.api_key) as client:
            found.add(client.chat.completions.parse(**ASKED, response_format=Order).choices[0].message.content)
    assert len(found) == 3


def test_scripted_answers_come_in_order(server, client):
    """Texts, values and functions of the body are answered one by one."""
    server.script(["plain", {"a": "ä"}, [1], lambda body: {"model": body["model"]}])
    texts = [client.chat.completions.create(**ASKED).choices[0].message.content for _ in range(4)]
    assert texts == ["plain", '{"a": "ä"}', "[1]", '{"model": "gpt-5.4-mini"}']
    assert server.remaining == 0


def test_a_rejected_request_uses_up_no_answer(server, client):
    """The script waits for a request that keeps to the contract."""
    server.script(["mine"])
    with pytest.raises(openai.BadRequestError):
        client.chat.completions.create(**ASKED, max_tokens=5)
    assert client.chat.completions.create(**ASKED).choices[0].message.content == "mine"


def test_a_function_can_answer_everything():
    """``answer`` stands in where no script is left; its mistakes become an error no client retries."""
    with (
        StandIn(answer=lambda body: body["messages"][0]["content"].upper()) as server,
        openai.OpenAI(base_url=server.base_url, api_key=server.api_key) as client,
    ):
        assert client.chat.completions.create(**ASKED).choices[0].message.content == "ORDER 17, TWO APPLES"
        server.script([lambda body: body["missing"]])
        with pytest.raises(openai.BadRequestError, match="KeyError"):
            client.chat.completions.create(**ASKED)


def test_a_reply_decides_finish_refusal_and_usage(server, client):
    """A Reply in the script is what the client sees."""
    server.script(
        [
            Reply(text="", refusal="No."),
            Reply(text='{"a"', finish="content_filter"),
            Reply(text="x", usage=Usage(100, 50, 20, 10)),
        ]
    )
    refused, filtered, counted = (client.chat.completions.create(**ASKED) for _ in range(3))
    message = refused.choices[0].message
    assert (message.content, message.refusal, refused.choices[0].finish_reason) == (None, "No.", "stop")
    assert filtered.choices[0].finish_reason == "content_filter"
    usage = counted.usage
    assert (usage.prompt_tokens, usage.completion_tokens, usage.total_tokens) == (100, 50, 150)
    assert usage.prompt_tokens_details.cached_tokens == 20
    assert usage.completion_tokens_details.reasoning_tokens == 10


def test_the_token_limit_cuts_the_answer(server, client):
    """At max_completion_tokens the text ends, and says so."""
    server.script(["0123456789" * 10])
    reply = client.chat.completions.create(**ASKED, max_completion_tokens=5)
    assert reply.choices[0].message.content == "0123456789" * 2
    assert (reply.choices[0].finish_reason, reply.usage.completion_tokens) == ("length", 5)


def test_reasoning_counts_as_output_and_can_use_up_the_limit(server, client):
    """A thinking model spends tokens first; a small limit leaves nothing for the answer."""
    server.script(["abcd", "abcd"])
    free = client.chat.completions.create(model="gpt-5.5", messages=MESSAGES)
    assert (free.usage.completion_tokens, free.usage.completion_tokens_details.reasoning_tokens) == (65, 64)
    tight = client.chat.completions.create(model="gpt-5.5", messages=MESSAGES, max_completion_tokens=32)
    assert (tight.choices[0].message.content, tight.choices[0].finish_reason) == ("", "length")
    assert (tight.usage.completion_tokens, tight.usage.completion_tokens_details.reasoning_tokens) == (32, 32)


def test_long_beginnings_are_cached_from_the_second_time_on(client):
    """Prompts of 1,024 tokens and more report cached input once their beginning is known."""
    long = {"model": "gpt-5.4-mini", "messages": [{"role": "user", "content": "word " * 1000}]}
    found = [client.chat.completions.create(**long).usage.prompt_tokens_details.cached_tokens for _ in range(2)]
    assert found == [0, 1152]


@pytest.mark.parametrize(("choice", "finish"), [("required", "tool_calls"), ("named", "stop")])
def test_required_functions_are_called(server, client, choice, finish):
    """A required or named function gets the answer as its arguments, plain and streamed."""
    server.script([{"name": "apple", "quantity": 2}] * 2)
    given = {"type": "function", "function": {"name": "Line"}} if choice == "named" else choice
    reply = client.chat.completions.create(**ASKED, tools=[TOOL], tool_choice=given)
    call = reply.choices[0].message.tool_calls[0].function
    assert (call.name, json.loads(call.arguments)) == ("Line", {"name": "apple", "quantity": 2})
    assert (reply.choices[0].message.content, reply.choices[0].finish_reason) == (None, finish)
    with client.chat.completions.stream(**ASKED, tools=[TOOL], tool_choice=given) as stream:
        final = stream.get_final_completion()
    assert json.loads(final.choices[0].message.tool_calls[0].function.arguments) == {"name": "apple", "quantity": 2}
    assert final.choices[0].finish_reason == finish


def test_streams_have_the_real_order_of_chunks(server, client):
    """Role first, then content, then the finish; usage last and only when asked for."""
    server.script(["abcdefghij"] * 2)
    chunks = list(client.chat.completions.create(**ASKED, stream=True, stream_options={"include_usage": True}))
    deltas = [chunk.choices[0].delta for chunk in chunks if chunk.choices]
    assert (deltas[0].role, deltas[0].content) == ("assistant", "")
    assert [delta.content for delta in deltas[1:]] == ["abcdefgh", "ij", None]
    assert [chunk.choices[0].finish_reason for chunk in chunks[:-1]] == [None, None, None, "stop"]
    assert chunks[-1].choices == []
    assert chunks[-1].usage.completion_tokens == 3
    assert len({chunk.id for chunk in chunks}) == 1
    without = list(client.chat.completions.create(**ASKED, stream=True))
    assert [chunk.usage for chunk in without] == [None] * 4


def test_streamed_refusals_and_helpers_work(server, client):
    """The SDK's stream helper assembles refusals and parsed objects."""
    server.script([Reply(text="", refusal="I can't help with that.")])
    with client.chat.completions.stream(**ASKED, response_format=Order) as stream:
        message = stream.get_final_completion().choices[0].message
    assert (message.refusal, message.parsed) == ("I can't help with that.", None)
    with client.chat.completions.stream(**ASKED, response_format=Order) as stream:
        assert isinstance(stream.get_final_completion().choices[0].message.parsed, Order)


def test_paced_streams_arrive_piece_by_piece():
    """With a pace the first piece comes long before the last."""
    with (
        StandIn(pace=0.4, piece=1, answer="abcd") as server,
        openai.OpenAI(base_url=server.base_url, api_key=server.api_key) as client,
    ):
        started = time.monotonic()
        stream = client.chat.completions.create(**ASKED, stream=True)
        next(iter(stream))
        first = time.monotonic() - started
        list(stream)
        assert time.monotonic() - started > first + 0.15


def test_latency_is_kept():
    """Every answer waits; the list of models does not."""
    with StandIn(latency=0.1) as server:
        started = time.monotonic()
        assert raw(server, ASKED)[0] == 200
        assert time.monotonic() - started >= 0.1


def test_async_clients_are_served_side_by_side():
    """Thirty-two requests of a second take nothing like half a minute together, even on a busy machine."""

    async def gather(server):
        async with openai.AsyncOpenAI(base_url=server.base_url, api_key=server.api_key, max_retries=0) as client:
            replies = await asyncio.gather(*(client.chat.completions.create(**ASKED) for _ in range(32)))
        return {reply.id for reply in replies}

    with StandIn(latency=1.0) as server:
        started = time.monotonic()
        assert len(asyncio.run(gather(server))) == 32
        assert time.monotonic() - started < 20


def test_scripted_answers_are_used_once_each_by_concurrent_clients(server):
    """Threads share the script without losing or doubling an answer."""
    server.script([str(n) for n in range(100)])
    with ThreadPoolExecutor(8) as pool:
        bodies = list(pool.map(lambda _: json.loads(raw(server, ASKED)[1]), range(100)))
    assert sorted(int(body["choices"][0]["message"]["content"]) for body in bodies) == list(range(100))


def test_connections_are_kept_alive(server):
    """Many calls go through one connection, chunked bodies and pauses included."""
    connection = http.client.HTTPConnection(urlsplit(server.base_url).netloc, timeout=60)
    headers = {"authorization": f"Bearer {server.api_key}"}
    connection.connect()
    first = connection.sock.getsockname()
    for stream in (False, True, False):
        body = iter(
            [
                json.dumps({**ASKED, "stream": stream}).encode()[:20],
                json.dumps({**ASKED, "stream": stream}).encode()[20:],
            ]
        )
        connection.request("POST", "/v1/chat/completions", body, headers, encode_chunked=True)
        reply = connection.getresponse()
        assert reply.status == 200
        reply.read()
    assert connection.sock.getsockname() == first
    connection.close()


def test_pipelined_and_split_requests_are_answered_in_order(server):
    """Two calls in one packet, and one call in single bytes, are read right."""
    host, port = urlsplit(server.base_url).hostname, urlsplit(server.base_url).port
    call = b"GET /v1/models/gpt-5.5 HTTP/1.1\r\nhost: x\r\n\r\n"
    with socket.create_connection((host, port), timeout=60) as wire:
        wire.sendall(call * 2)
        for byte in call.replace(b"\r\n\r\n", b"\r\nconnection: close\r\n\r\n"):
            wire.sendall(bytes([byte]))
        answers = b""
        while data := wire.recv(65536):
            answers += data
    assert answers.count(b"HTTP/1.1 200 OK") == 3


@pytest.mark.parametrize(
    "junk", [b"\r\n\r\n", b"hello\r\n\r\n", b"GET / SPDY/9\r\n\r\n", b"POST / HTTP/1.1\r\ncontent-length: x\r\n\r\n",
             b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n", b"x" * 100_000],
)  # fmt: skip
def test_junk_is_refused_and_the_stand_in_lives_on(server, junk):
    """Bytes that are no HTTP get a 4xx and a closed connection; the next client is served."""
    parts = urlsplit(server.base_url)
    with socket.create_connection((parts.hostname, parts.port), timeout=60) as wire:
        wire.sendall(junk)
        answer = wire.recv(65536)
    assert answer.startswith(b"HTTP/1.1 4")
    assert raw(server, ASKED)[0] == 200


def test_the_log_keeps_requests_without_secrets(server, client):
    """Method, path, body, status and fault are kept; keys are not, anywhere."""
    server.script([Fault("500")])
    with pytest.raises(openai.InternalServerError):
        client.chat.completions.create(**ASKED, extra_headers={"x-api-key": "second", "X-Mine": "1"})
    (seen,) = server.requests
    assert (seen.method, seen.path, seen.status, seen.fault) == ("POST", "/v1/chat/completions", 500, "500")
    assert seen.body["messages"] == MESSAGES
    assert seen.headers["x-mine"] == "1"
    assert seen.headers["authorization"] == seen.headers["x-api-key"] == "<redacted>"
    shown = repr(server) + repr(seen)
    assert server.api_key not in shown + json.dumps(dict(seen.headers))
    assert "apples" not in shown


def test_the_log_is_bounded_and_can_be_cleared():
    """Only the last ``keep`` requests stay; clear forgets script and log."""
    with StandIn(keep=2) as server:
        server.script(["x"] * 5)
        for _ in range(3):
            raw(server, ASKED)
        assert len(server.requests) == 2
        server.clear()
        assert (server.requests, server.remaining) == ((), 0)


def test_raw_replies_are_sent_as_they_are(server):
    """Whatever a gateway might send can be scripted."""
    server.script([Raw(status=418, body="short and stout", kind="text/plain", headers={"x-pot": "tea"})])
    assert raw(server, ASKED) == (418, "short and stout")


def test_it_can_be_stopped_and_started_again():
    """Stopping breaks off what is under way; a second life works like the first."""
    server = StandIn(latency=300)
    with pytest.raises(ConfigError, match="not running"):
        _ = server.base_url
    server.start()
    with ThreadPoolExecutor(1) as pool:
        pending = pool.submit(raw, server, ASKED)
        deadline = time.monotonic() + 60
        while not server.requests and time.monotonic() < deadline:
            time.sleep(0.01)
        server.stop()
        with pytest.raises((ConnectionError, http.client.HTTPException)):
            pending.result(timeout=60)
    server.latency = 0
    with server:
        assert raw(server, ASKED)[0] == 200
    server.stop()


def test_a_port_in_use_is_told():
    """A taken port is a ConfigError that names it."""
    with StandIn() as first, pytest.raises(ConfigError, match=str(urlsplit(first.base_url).port)):
        StandIn(port=urlsplit(first.base_url).port).start()


@pytest.mark.parametrize("answers", ["one text", {"one": "value"}])
def test_a_single_answer_in_place_of_a_list_is_refused(server, answers):
    """A forgotten pair of brackets is told at once."""
    with pytest.raises(ConfigError, match="list"):
        server.script(answers)
