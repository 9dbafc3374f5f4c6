"""The stand-in's Responses endpoint: objects, events, refusals by the contract, through the real SDK."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path

import openai
import pytest
from pydantic import BaseModel

from extract.testing import Fault, StandIn
from extract.typing import Reply

SHARED = Path(os.environ.get("EXTRACT_SHARED_DATA", Path(__file__).parents[2] / ".." / "shared" / "data"))
ASKED = {"model": "gpt-5.4-mini", "input": "Order 17, two apples"}


class Order(BaseModel):
    number: str
    total: float


TOOL = {
    "type": "function",
    "name": "Order",
    "strict": True,
    "parameters": {
        "type": "object",
        "properties": {"number": {"type": "string"}},
        "required": ["number"],
        "additionalProperties": False,
    },
}


@pytest.fixture(scope="module")
def server():
    with StandIn() as running:
        yield running


@pytest.fixture(scope="module")
def client(server):
    with openai.OpenAI(base_url=server.base_url, api_key=server.api_key, max_retries=0, timeout=60) as made:
        yield made


def test_objects_are_parsed_by_the_sdk(client):
    """responses.parse gets a typed object, its usage beside it."""
    reply = client.responses.parse(**ASKED, text_format=Order)
    assert isinstance(reply.output_parsed, Order)
    assert (reply.status, reply.usage.input_tokens > 0, reply.usage.output_tokens > 0) == ("completed", True, True)


def test_streams_come_in_the_real_order(server, client):
    """From created to completed, numbered without a gap, deltas making up the text."""
    server.script(["abcdefghij"])
    events = list(client.responses.create(**ASKED, stream=True))
    assert [event.type.removeprefix("response.") for event in events] == [
        "created", "in_progress", "output_item.added", "content_part.added", "output_text.delta", "output_text.delta",
        "output_text.done", "content_part.done", "output_item.done", "completed",
    ]  # fmt: skip
    assert [event.sequence_number for event in events] == list(range(10))
    assert events[-1].response.output_text == "abcdefghij"
    assert events[-1].response.usage.output_tokens == 3


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply(text='{"a"', finish="length"), "max_output_tokens"),
        (Reply(text="", finish="content_filter"), "content_filter"),
    ],
)
def test_unfinished_answers_say_why(server, client, reply, reason):
    """Status incomplete with its reason, plain and as the stream's last event."""
    server.script([reply, reply])
    plain = client.responses.create(**ASKED)
    assert (plain.status, plain.incomplete_details.reason) == ("incomplete", reason)
    last = list(client.responses.create(**ASKED, stream=True))[-1]
    assert (last.type, last.response.incomplete_details.reason) == ("response.incomplete", reason)


def test_refusals_are_parts_of_their_own(server, client):
    """A refusal is a content part, streamed in refusal deltas."""
    server.script([Reply(text="", refusal="I can't help.")] * 2)
    assert client.responses.create(**ASKED).output[0].content[0].refusal == "I can't help."
    deltas = [e.delta for e in client.responses.create(**ASKED, stream=True) if e.type == "response.refusal.delta"]
    assert "".join(deltas) == "I can't help."


def test_functions_are_called(client):
    """A required function comes as a function_call item with valid arguments, plain and streamed."""
    asked = {**ASKED, "tools": [TOOL], "tool_choice": {"type": "function", "name": "Order"}}
    call = client.responses.create(**asked).output[0]
    assert (call.type, call.name, list(json.loads(call.arguments))) == ("function_call", "Order", ["number"])
    with client.responses.stream(**asked) as stream:
        final = stream.get_final_response()
    assert list(json.loads(final.output[0].arguments)) == ["number"]


@pytest.mark.parametrize(
    ("body", "status", "code", "words"),
    [
        ({"model": "gpt-5.2"}, 404, None, "not supported on /v1/responses. Use /v1/chat/completions instead"),
        ({"input": None}, 400, "missing_required_parameter", "Missing required parameter: 'input'."),
        ({"max_output_tokens": 8}, 400, "integer_below_min_value", "Expected a value >= 16, but got 8 instead."),
        ({"reasoning": {"effort": "minimal"}}, 400, "unsupported_value", "'minimal' is not supported"),
        ({"model": "gpt-5.5", "temperature": 0.1}, 400, "unsupported_value", "'temperature' does not support 0.1"),
        ({"model": "gpt-5.6-sol", "previous_response_id": "resp_1"}, 409, "request_conflict", "previous_response_id"),
        (
            {"text": {"format": {"type": "json_schema", "name": "a b", "schema": {}, "strict": True}}},
            400, "invalid_value", "Invalid 'text.format.name': string does not match pattern.",
        ),
        (
            {"text": {"format": {"type": "json_schema", "name": "x", "schema": {"type": "array"}, "strict": True}}},
            400, "invalid_json_schema", "Invalid schema for response_format 'x': schema must be a JSON Schema of",
        ),
    ],
)  # fmt: skip
def test_bodies_are_judged_as_published(client, body, status, code, words):
    """The same rules as for chat, in this endpoint's names."""
    with pytest.raises(openai.APIStatusError) as caught:
        client.post("/responses", body={**ASKED, **body}, cast_to=object)
    assert (caught.value.status_code, caught.value.code) == (status, code)
    assert words in caught.value.body["message"]


def test_models_of_this_endpoint_only_are_answered(client):
    """gpt-5-pro lives here, and the highest effort too."""
    assert client.responses.create(**{**ASKED, "model": "gpt-5-pro"}).status == "completed"
    assert (
        client.responses.create(**{**ASKED, "model": "gpt-5.6-sol"}, reasoning={"effort": "max"}).status == "completed"
    )


def test_streams_can_fail_in_the_middle(server, client):
    """The stream ends in an error event; no completed event follows."""
    server.script([Fault("stream-error"), "abcdefghijklmnop" * 5])
    kinds = [event.type for event in client.responses.create(**ASKED, stream=True)]
    assert kinds[-1] == "error"
    assert "response.completed" not in kinds


def recordings():
    path = SHARED / "openai_cassettes.jsonl.gz"
    if not path.exists():
        pytest.skip("the recorded traffic is not on this machine")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [row for row in rows if row["url"] == "/responses" and row["status"] == 200]


def test_objects_have_the_keys_of_real_ones(server, client):
    """Every key that all real responses have is there, and none that no real one has; items likewise."""
    real = [row["response"] for row in recordings() if isinstance(row["response"], dict)]
    server.script(["x"])
    ours = json.loads(client.responses.with_raw_response.create(**ASKED).text)
    assert set.intersection(*map(set, real)) <= set(ours) <= set.union(*map(set, real))
    items = [item for response in real for item in response["output"] if item["type"] == "message"]
    assert set.intersection(*map(set, items)) <= set(ours["output"][0]) <= set.union(*map(set, items))
    parts = [part for item in items for part in item["content"] if part["type"] == "output_text"]
    assert set.intersection(*map(set, parts)) <= set(ours["output"][0]["content"][0]) <= set.union(*map(set, parts))
    assert set(ours["usage"]) == set(real[0]["usage"])


def test_events_have_the_keys_of_real_ones(server, client):
    """For each kind of event: no key is missing, none is invented."""
    real = {}
    for row in recordings():
        for line in str(row["response"]).splitlines() if isinstance(row["response"], str) else ():
            if line.startswith("data: {"):
                event = json.loads(line[6:])
                real.setdefault(event["type"], []).append(set(event))
    server.script(["text"])
    with client.responses.with_streaming_response.create(**ASKED, stream=True) as stream:
        ours = [json.loads(line[6:]) for line in stream.iter_lines() if line.startswith("data: {")]
    for event in ours:
        assert set.intersection(*real[event["type"]]) - {"obfuscation"} <= set(event), event["type"]
        assert set(event) <= set.union(*real[event["type"]]), event["type"]
