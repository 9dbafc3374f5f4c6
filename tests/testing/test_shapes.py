"""The stand-in's objects against recorded real traffic: the same keys, the same order of events."""

from __future__ import annotations

import gzip
import http.client
import json
import os
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from extract.testing import StandIn
from extract.typing import Reply

SHARED = Path(os.environ.get("EXTRACT_SHARED_DATA", Path(__file__).parents[2] / ".." / "shared" / "data"))
ASKED = {"model": "gpt-5.4-mini", "messages": [{"role": "user", "content": "hello"}]}
USAGE = {"stream": True, "stream_options": {"include_usage": True}}

# Only recordings of rare features carry these.
RARE = {"moderation", "tool_calls", "audio"}


@pytest.fixture(scope="module")
def recorded():
    path = SHARED / "openai_cassettes.jsonl.gz"
    if not path.exists():
        pytest.skip("the recorded traffic is not on this machine")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [
        row
        for row in rows
        if row["url"] == "/chat/completions"
        and row["request"].get("model", "").startswith(("gpt-4o", "gpt-4.1", "gpt-5"))
    ]


def ask(body, answer=None):
    """Return the stand-in's status and body text for one request."""
    with StandIn(answer=answer) as server:
        connection = http.client.HTTPConnection(urlsplit(server.base_url).netloc, timeout=60)
        headers = {"authorization": f"Bearer {server.api_key}"}
        connection.request("POST", "/v1/chat/completions", json.dumps({**ASKED, **body}), headers)
        reply = connection.getresponse()
        text = reply.read().decode()
        connection.close()
    return reply.status, text


def chunks(text):
    return [json.loads(line[6:]) for line in text.splitlines() if line.startswith("data: {")]


def keys(value, path="$"):
    """Yield the path of every key in a JSON value; list members share one path."""
    if isinstance(value, dict):
        for key, child in value.items():
            yield f"{path}.{key}"
            yield from keys(child, f"{path}.{key}")
    elif isinstance(value, list):
        for child in value:
            yield from keys(child, f"{path}[]")


def common(values):
    """Return the key paths every value has, and those any value has; rare features left out."""
    each = [{path for path in keys(value) if not RARE & set(path.split("."))} for value in values]
    return set.intersection(*each), set.union(*each)


def test_completions_have_the_keys_of_real_ones(recorded):
    """Every key that all real completions have is there, and none that no real one has."""
    real = [
        row["response"]
        for row in recorded
        if row["status"] == 200
        and isinstance(row["response"], dict)
        and row["response"]["choices"][0]["message"].get("content")
        and not row["response"]["choices"][0]["message"].get("annotations")
        and not row["response"]["choices"][0].get("logprobs")
    ]
    always, ever = common(real)
    ours = set(keys(json.loads(ask({})[1])))
    assert always <= ours <= ever
    assert len(real) > 20


def test_chunks_have_the_keys_of_real_ones(recorded):
    """Chunk by chunk: first, content, last and usage chunks have the keys of the real ones."""
    real = [
        chunks(row["response"])
        for row in recorded
        if row["status"] == 200 and row["request"].get("stream") and '"tool_calls"' not in str(row["response"])
    ]
    real = [stream for stream in real if stream and stream[-1].get("usage") and not stream[-1]["choices"]]
    ours = chunks(ask(USAGE)[1])
    for place in (0, 1, -2, -1):
        always, ever = common([stream[place] for stream in real if "moderation" not in stream[-1]])
        assert always <= set(keys(ours[place])) <= ever, place
    assert len(real) > 5


def test_called_functions_have_the_keys_of_real_ones(recorded):
    """A function call's message and its deltas look like recorded ones."""
    tool = {"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}}
    ours = json.loads(ask({"tools": [tool], "tool_choice": "required"})[1])["choices"][0]
    real = [
        row["response"]["choices"][0]
        for row in recorded
        if isinstance(row["response"], dict)
        and row["response"].get("choices", [{}])[0].get("finish_reason") == "tool_calls"
    ]
    assert set(keys(ours)) - {"$.logprobs"} == set(keys(real[0])) - {"$.logprobs"}
    streamed = chunks(ask({"tools": [tool], "tool_choice": "required", "stream": True})[1])
    streams = [
        chunks(row["response"])
        for row in recorded
        if row["request"].get("stream")
        and '"delta":{"role":"assistant","content":null,"tool_calls"' in str(row["response"])
    ]
    assert set(keys(streamed[0]["choices"])) == set(keys(streams[0][0]["choices"]))
    assert set(keys(streamed[1]["choices"])) == set(keys(streams[0][1]["choices"]))


def test_streams_end_as_real_ones_do(recorded):
    """The last line is the same, and so is the content type."""
    real = next(row for row in recorded if row["request"].get("stream") and row["status"] == 200)
    assert str(real["response"]).rstrip().endswith("data: [DONE]")
    assert ask(USAGE)[1].rstrip().endswith("data: [DONE]")


def test_errors_have_the_shape_of_real_ones(recorded):
    """Real 400s and 404s have the four keys, and an unknown model is told in the same words."""
    real = [row for row in recorded if row["status"] >= 400]
    status, text = ask({"model": "gpt-5.2-proo"})
    assert {frozenset(row["response"]["error"]) for row in real} == {frozenset(json.loads(text)["error"])}
    unknown = next(row for row in real if row["request"]["model"] == "gpt-5.2-proo")
    assert (status, json.loads(text)) == (unknown["status"], unknown["response"])


def test_refusals_have_the_documented_shape():
    """Content null beside a refusal; streamed, the refusal comes in deltas of its own."""
    refusal = Reply(text="", refusal="I can't help with that.")
    choice = json.loads(ask({}, refusal)[1])["choices"][0]
    assert (choice["message"]["content"], choice["message"]["refusal"]) == (None, "I can't help with that.")
    deltas = [chunk["choices"][0]["delta"] for chunk in chunks(ask({"stream": True}, refusal)[1])]
    assert deltas[0] == {"role": "assistant", "content": "", "refusal": None}
    assert "".join(delta["refusal"] for delta in deltas[1:-1]) == "I can't help with that."
    assert deltas[-1] == {}


@pytest.mark.parametrize("given", [None, True, False])
def test_obfuscation_can_be_turned_off(given):
    """Padding is on unless the request declines it."""
    options = {} if given is None else {"include_obfuscation": given}
    found = {"obfuscation" in chunk for chunk in chunks(ask({"stream": True, "stream_options": options})[1])}
    assert found == {given is not False}
