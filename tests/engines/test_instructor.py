"""Other providers through instructor: the real library and the real openai SDK against a server on loopback."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from extract.engines._instructor import InstructorEngine
from extract.errors import ConfigError, ConnectionFailed, EngineError, RateLimited, ServerFailed, TimedOut, Unauthorized
from extract.typing import Message, Parameters, Reply, Request, Usage, WireFormat

SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"], "additionalProperties": False}
FORMAT = WireFormat("Invoice", SCHEMA, json.dumps(SCHEMA).encode())
SECRET = "Confidential: Ms Example of 17 Rose Street owes 1,234.56 EUR."


def request(**parameters: Any) -> Request:
    messages = (Message("system", "Extract."), Message("user", SECRET))
    return Request(model="gpt-5.4-mini", messages=messages, format=FORMAT, parameters=Parameters(**parameters))


@pytest.fixture(params=["TOOLS", "JSON_SCHEMA"])
def mode(request: pytest.FixtureRequest) -> Any:
    """Two of instructor's modes."""
    instructor = pytest.importorskip("instructor", reason="instructor is not installed here")
    return instructor.Mode[request.param]


@pytest.fixture(params=["sync", "async"])
def send(request: pytest.FixtureRequest, gateway: Any, mode: Any) -> Iterator[Any]:
    """Send through either client."""
    options = {"api_key": "runapi_verysecret", "base_url": gateway.base_url}
    engine = InstructorEngine("openai/gpt-5.4-mini", mode=mode, options=options)

    async def send_async(asked: Any) -> Any:
        try:
            return await engine.send_async(asked)
        finally:
            await engine.aclose()

    yield engine.send if request.param == "sync" else lambda asked: asyncio.run(send_async(asked))
    engine.close()


def answer(gateway: Any, mode: Any, text: str, finish: str = "stop") -> None:
    if mode.name == "TOOLS":
        call = {"id": "c", "type": "function", "function": {"name": "Invoice", "arguments": text}}
        gateway.answer_text(None, tool_calls=[call], finish_reason="tool_calls" if finish == "stop" else finish)
    else:
        gateway.answer_text(text, finish_reason=finish)


def test_a_reply_as_from_any_engine(gateway: Any, mode: Any, send: Any) -> None:
    """Text, usage and model; the wire schema is what the model sees."""
    answer(gateway, mode, '{"a": "x"}')
    reply: Reply = send(request(temperature=0.0))
    assert json.loads(reply.text) == {"a": "x"}
    assert (reply.finish, reply.usage, reply.model) == ("stop", Usage(48, 14, 8, 5), "gpt-5.4-mini-2026-03-01")
    sent = gateway.seen[0].json
    wire = (
        sent["response_format"]["json_schema"]["schema"]
        if mode.name == "JSON_SCHEMA"
        else sent["tools"][0]["function"]["parameters"]
    )
    assert wire["properties"] == SCHEMA["properties"]
    assert sent["temperature"] == 0.0


def test_judging_the_answer_is_ours(gateway: Any, mode: Any, send: Any) -> None:
    """A value of the wrong type comes back as it is, asked for once."""
    answer(gateway, mode, '{"a": 7, "b": null}')
    assert json.loads(send(request()).text) == {"a": 7, "b": None}
    assert len(gateway.seen) == 1


def test_a_truncated_answer_is_a_reply(gateway: Any, mode: Any, send: Any) -> None:
    """With what had been written, and what it cost."""
    answer(gateway, mode, '{"a": "x', "length")
    reply = send(request())
    assert (reply.text, reply.finish, reply.usage) == ('{"a": "x', "length", Usage(48, 14, 8, 5))


@pytest.mark.parametrize(
    ("status", "kind"), [(401, Unauthorized), (429, RateLimited), (500, ServerFailed)], ids=["401", "429", "500"]
)
def test_errors_are_typed_and_quote_nothing(gateway: Any, send: Any, status: int, kind: type) -> None:
    """As with RunAPI, and tried once."""
    gateway.answer({"error": {"message": f"cannot do {SECRET}"}}, status, {"retry-after": "2"})
    with pytest.raises(EngineError) as caught:
        send(request())
    assert type(caught.value) is kind
    assert (caught.value.status, caught.value.retry_after) == (status, 2.0)
    assert "Rose Street" not in str(caught.value)
    assert len(gateway.seen) == 1


def test_no_time_and_no_connection(gateway: Any, send: Any) -> None:
    """Each its own error."""
    gateway.answer_raw(0.6, b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
    with pytest.raises(TimedOut):
        send(request(timeout=0.1))
    gateway.replies.clear()
    gateway.answer_raw(None)
    with pytest.raises(ConnectionFailed):
        send(request())


def test_closing_closes_the_providers_client(gateway: Any, mode: Any) -> None:
    """No connection is left to the garbage collector."""
    options = {"api_key": "runapi_verysecret", "base_url": gateway.base_url}
    engine = InstructorEngine("openai/gpt-5.4-mini", mode=mode, options=options)
    answer(gateway, mode, '{"a": "x"}')
    engine.send(request())
    sync = engine._clients[False].client

    async def once() -> Any:
        await engine.send_async(request())
        client = engine._clients[True].client
        await engine.aclose()
        return client

    client = asyncio.run(once())
    assert (sync.is_closed(), client.is_closed()) == (True, True)
    engine.close()


@pytest.mark.parametrize("name", ["", "openai", "openai/", "/gpt"])
def test_a_name_that_is_none(name: str) -> None:
    """Said at once."""
    with pytest.raises(ConfigError, match="provider and model"):
        InstructorEngine(name)


def test_a_provider_nobody_knows() -> None:
    """Its own words, as one of our errors."""
    pytest.importorskip("instructor", reason="instructor is not installed here")
    with pytest.raises(ConfigError, match="cannot use 'nobody/model'"):
        InstructorEngine("nobody/model").send(request())


def test_instructor_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Said with what to install."""
    monkeypatch.setitem(sys.modules, "instructor", None)
    with pytest.raises(ConfigError, match="pip install"):
        InstructorEngine("openai/gpt-5.4-mini").send(request())
