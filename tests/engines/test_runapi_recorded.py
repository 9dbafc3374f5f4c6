"""Recorded traffic of the real API, replayed through the readers: nobody here wrote these bodies."""

from __future__ import annotations

import gzip
import json
import os
import random
from pathlib import Path
from typing import Any

import pytest

from extract.engines._chat import Call, parse
from extract.engines._errors import Answer, rejected
from extract.engines._sse import Incoming
from extract.errors import ModelRetired, RequestRejected

DATA = Path(os.environ.get("EXTRACT_SHARED_DATA", Path(__file__).parents[2] / "../shared/data"))
FILE = DATA / "openai_cassettes.jsonl.gz"
NOTHING = Call(b"", {})
LIMIT = 1 << 20


@pytest.fixture(scope="module")
def recorded() -> list[dict[str, Any]]:
    """Every recorded exchange of Chat Completions."""
    if not FILE.exists():
        pytest.skip(f"no recorded traffic: {FILE.name} is not in EXTRACT_SHARED_DATA")
    with gzip.open(FILE, "rt", encoding="utf-8") as lines:
        return [record for record in map(json.loads, lines) if record["url"].endswith("/chat/completions")]


def arguments(calls: Any) -> str:
    return calls[0].get("function", {}).get("arguments", "") if calls else ""


def test_whole_replies(recorded: list[dict[str, Any]]) -> None:
    """Every one of them is read, with its text, its finish, its model and its usage."""
    bodies = [
        record["response"] for record in recorded if record["status"] == 200 and isinstance(record["response"], dict)
    ]
    assert len(bodies) > 100
    for body in bodies:
        reply = parse(json.dumps(body).encode(), call=NOTHING, request_id="r", seconds=1.0)
        choice = body["choices"][0]
        message = choice["message"]
        assert reply.text == (message.get("content") or arguments(message.get("tool_calls")))
        assert (reply.finish, reply.model) == (choice["finish_reason"], body["model"])
        assert reply.usage is not None
        assert reply.usage.total_tokens == body["usage"]["total_tokens"]


def test_streams(recorded: list[dict[str, Any]]) -> None:
    """Cut at random, each gives the text that its events spell out."""
    chance = random.Random(7)  # noqa: S311 - the cuts are the same every time
    bodies = [record["response"].encode() for record in recorded if isinstance(record["response"], str)]
    assert len(bodies) > 40
    for body in bodies:
        incoming = Incoming(NOTHING, {"content-type": "text/event-stream; charset=utf-8"}, LIMIT)
        pieces, start = [], 0
        while start < len(body):
            end = start + chance.randint(1, 400)
            pieces.append(incoming.take(body[start:end]))
            start = end
        last, reply = incoming.finish(1.0)
        chunks = [json.loads(line[6:]) for line in body.splitlines() if line.startswith(b"data: {")]
        deltas = [choice["delta"] for chunk in chunks for choice in chunk["choices"]]
        spoken = "".join(delta.get("content") or "" for delta in deltas)
        called = "".join(
            call["function"].get("arguments", "")
            for delta in deltas
            for call in delta.get("tool_calls") or ()
            if call["index"] == 0
        )
        assert "".join(pieces) + last == reply.text == (spoken or called)
        totals = [chunk["usage"]["total_tokens"] for chunk in chunks if chunk.get("usage")]
        assert [reply.usage.total_tokens if reply.usage else 0] == (totals or [0])[-1:]


def test_rejections(recorded: list[dict[str, Any]]) -> None:
    """Each 4xx is typed, and keeps its code."""
    records = [record for record in recorded if record["status"] >= 400]
    assert records
    for record in records:
        answer = Answer(record["status"], {}, json.dumps(record["response"]).encode())
        error = rejected(answer, model=record["request"]["model"], secrets=())
        assert type(error) is (ModelRetired if record["status"] == 404 else RequestRejected)
        assert error.code == record["response"]["error"]["code"]
