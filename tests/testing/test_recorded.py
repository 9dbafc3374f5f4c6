"""Recorder and Replayer: what was answered once is answered again, and nothing private is written."""

from __future__ import annotations

import asyncio
import json
import stat

import pytest

from extract.errors import ConfigError, Failure, RateLimited, ServerFailed
from extract.testing import Broken, Recorder, Replayer, ScriptedEngine, UnknownRequest
from extract.typing import Message, Parameters, Reply, Request, Usage, WireFormat

FORMAT = WireFormat(name="Invoice", schema={"type": "object"}, encoded=b'{"type":"object"}')


def request(text="Invoice A-17 for Mrs Secret", **parameters):
    return Request(
        model="gpt-5.5",
        messages=(Message("system", "Extract."), Message("user", text)),
        format=FORMAT,
        parameters=Parameters(**parameters),
    )


def send(engine, asked):
    return engine.send(asked)


def send_async(engine, asked):
    return asyncio.run(engine.send_async(asked))


def stream(engine, asked):
    return list(engine.stream(asked))[-1]


def stream_async(engine, asked):
    async def collect():
        return [piece async for piece in engine.stream_async(asked)]

    return asyncio.run(collect())[-1]


WAYS = pytest.mark.parametrize("way", [send, send_async, stream, stream_async])
REPLY = Reply(
    text='{"number": "A-17 ü"}',
    refusal=None,
    usage=Usage(10, 5, 3, 2),
    model="gpt-5.5-2026",
    request_id="req_1",
    seconds=0.5,
    dropped=("temperature",),
)
FAILURE = Failure(status=429, code="rate_limited", retry_after=1.5, request_id="req_2", usage=Usage(1, 0))


@WAYS
def test_replies_and_errors_are_replayed_as_they_were(tmp_path, way):
    """A reply comes back equal; an error comes back with its facts."""
    path = tmp_path / "tape.jsonl"
    recorder = Recorder(ScriptedEngine([REPLY, RateLimited("slow", advice="wait", failure=FAILURE)]), path)
    assert way(recorder, request()) == REPLY
    with pytest.raises(RateLimited):
        way(recorder, request())
    replayer = Replayer(path)
    assert way(replayer, request()) == REPLY
    with pytest.raises(RateLimited, match="slow") as caught:
        way(replayer, request())
    assert (caught.value.failure, caught.value.advice, caught.value.retryable) == (FAILURE, "wait", True)
    assert replayer.remaining == 0


def test_requests_are_answered_by_what_they_ask_not_by_their_turn(tmp_path):
    """Another order of requests gets the same answers; equal requests get theirs in order."""
    path = tmp_path / "tape.jsonl"
    recorder = Recorder(ScriptedEngine(["1", "2", "3"]), path)
    for text in ("a", "b", "a"):
        send(recorder, request(text))
    replayer = Replayer(path)
    assert [send(replayer, request(text)).text for text in ("b", "a", "a")] == ["2", "1", "3"]


@pytest.mark.parametrize("documents", [False, True])
def test_documents_are_written_only_when_asked_for_and_secrets_never(tmp_path, documents):
    """By default the file holds digests and replies; headers are never in it."""
    path = tmp_path / "tape.jsonl"
    recorder = Recorder(ScriptedEngine(["{}"]), path, documents=documents)
    send(recorder, request(extra_headers={"Authorization": "Bearer k-123"}, extra_body={"user": "u-1"}))
    text = path.read_text(encoding="utf-8")
    assert ("Mrs Secret" in text) is documents
    assert "k-123" not in text
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert send(Replayer(path), request(extra_body={"user": "u-1"})).text == "{}"


def test_a_stream_that_broke_off_breaks_off_again(tmp_path):
    """The part that came is streamed, then the error is raised."""
    path = tmp_path / "tape.jsonl"
    recorder = Recorder(ScriptedEngine([Broken('{"a": 1', ServerFailed("cut"))]), path)
    with pytest.raises(ServerFailed):
        stream(recorder, request())
    pieces = Replayer(path, piece=3).stream(request())
    assert [next(pieces) for _ in range(3)] == ['{"a', '": ', "1"]
    with pytest.raises(ServerFailed, match="cut"):
        next(pieces)


def test_a_stream_closed_early_is_not_written(tmp_path):
    """What nobody waited for is no recording."""
    path = tmp_path / "tape.jsonl"
    pieces = Recorder(ScriptedEngine(["a long answer"]), path).stream(request())
    next(pieces)
    pieces.close()
    assert path.read_text(encoding="utf-8") == ""


def test_recording_goes_on_in_a_file_that_exists(tmp_path):
    """A second recorder adds to the first one's file."""
    path = tmp_path / "tape.jsonl"
    for text in ("a", "b"):
        send(Recorder(ScriptedEngine([text]), path), request(text))
    assert Replayer(path).remaining == 2


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (request("another"), "differs in: messages$"),
        (request(temperature=0.5), "differs in: parameters$"),
        (Request(model="gpt-5.2", messages=request().messages, format=FORMAT), "differs in: model$"),
        (Request(model="gpt-5.5", messages=request().messages), "differs in: format$"),
    ],
)
def test_a_request_that_was_not_recorded_is_told_apart(tmp_path, asked, words):
    """The error says which part differs, without quoting it, and counts as a failed expectation."""
    path = tmp_path / "tape.jsonl"
    send(Recorder(ScriptedEngine(["1"]), path), request())
    with pytest.raises(UnknownRequest) as caught:
        send(Replayer(path), asked)
    assert isinstance(caught.value, (AssertionError, ConfigError))
    assert words.rstrip("$") in caught.value.message
    assert "Secret" not in str(caught.value)


def test_a_request_that_comes_too_often_is_told(tmp_path):
    """Recordings are used once each."""
    path = tmp_path / "tape.jsonl"
    send(Recorder(ScriptedEngine(["1"]), path), request())
    replayer = Replayer(path)
    send(replayer, request(timeout=5.0))
    with pytest.raises(UnknownRequest, match="more often than it was recorded"):
        send(replayer, request())


@pytest.mark.parametrize("line", ["", "{", "[]", "{}", json.dumps({"request": {}}), '{"request": {"model": 1}}'])
def test_a_file_that_is_no_recording_is_told(tmp_path, line):
    """The error names the line."""
    path = tmp_path / "tape.jsonl"
    path.write_text(line + "\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="line 1: not a recording"):
        Replayer(path)


def test_a_missing_file_is_told(tmp_path):
    """No file, no silent empty replay."""
    with pytest.raises(ConfigError, match="cannot read the recording"):
        Replayer(tmp_path / "missing.jsonl")


def test_the_recorder_passes_the_engines_face_on(tmp_path):
    """Dialect and default model are the engine's; closing closes it; the repr names no secrets."""
    engine = ScriptedEngine([], model="m", dialect="llama-grammar")
    recorder = Recorder(engine, tmp_path / "tape.jsonl")
    assert (recorder.dialect, recorder.default_model) == ("llama-grammar", "m")
    recorder.close()
    asyncio.run(recorder.aclose())
    assert repr(recorder).startswith("Recorder(ScriptedEngine, ")
