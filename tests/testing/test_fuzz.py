"""Bodies nobody would send: the stand-in answers each with a JSON reply of the contract and lives on."""

from __future__ import annotations

import http.client
import json
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extract.testing import StandIn
from extract.testing._strict import refusal

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=5), children, max_size=3),
    max_leaves=6,
)
FIELDS = {
    "chat": ("model", "messages", "response_format", "tools", "tool_choice", "stream", "stream_options", "temperature",
             "top_p", "max_completion_tokens", "max_tokens", "reasoning_effort", "logprobs", "json_schema"),
    "responses": ("model", "input", "instructions", "text", "tools", "tool_choice", "stream", "reasoning", "store",
                  "max_output_tokens", "metadata", "temperature", "include"),
}  # fmt: skip
KNOWN = st.sampled_from(
    [
        {"type": "json_schema", "json_schema": None},
        {"type": [], "json_schema": {}},
        {"type": "json_schema", "json_schema": {"name": "x", "strict": True, "schema": None}},
        {"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": [[]], "enum": {"a": 1}}}},
        {"type": "json_schema", "json_schema": {"name": "x", "schema": {"$ref": "#/nowhere", "anyOf": [3]}}},
        {"format": {"type": "json_schema", "name": [], "schema": {}}},
        {"effort": []},
        "\ud800",
        [{"role": "user", "content": "\ud800"}],
        [{"role": "\ud800", "content": "x"}],
        {"type": "function", "function": {"name": ["f"]}},
        [{"type": "function", "function": {"name": "f", "strict": True}}],
        [{"type": "function", "function": []}, 5],
        [{"role": [], "content": "x"}],
        [{"role": "user", "content": [None, {"text": 5}]}],
        "required",
    ]
)


@pytest.fixture(scope="module")
def connection():
    with StandIn() as server:
        made = http.client.HTTPConnection(urlsplit(server.base_url).netloc, timeout=60)
        made.key = server.api_key
        yield made
        made.close()


@settings(deadline=None, max_examples=100)
@given(data=st.data())
@pytest.mark.parametrize("endpoint", FIELDS)
def test_any_body_gets_a_reply_of_the_contract(connection, endpoint, data):
    """Whatever a field holds, the reply is JSON or a stream, and its status is one a caller can expect."""
    good = {"model": "gpt-5.4-mini", "messages": [{"role": "user", "content": "x"}], "input": "x"}
    names = data.draw(st.lists(st.sampled_from(FIELDS[endpoint]), max_size=3))
    body = {**good, **{name: data.draw(KNOWN | VALUES) for name in names}}
    path = "/v1/chat/completions" if endpoint == "chat" else "/v1/responses"
    connection.request("POST", path, json.dumps(body), {"authorization": f"Bearer {connection.key}"})
    reply = connection.getresponse()
    text = reply.read()
    assert reply.status in {200, 400, 404, 409, 410}
    if reply.status != 200:
        error = json.loads(text)["error"]
        assert error["message"]
        assert error["code"] != "answer_failed" or "no answer can be made up" in error["message"]
    elif body.get("stream") is not True:
        assert json.loads(text)["object"] in {"chat.completion", "response"}


@settings(deadline=None, max_examples=200)
@given(
    VALUES
    | st.dictionaries(
        st.sampled_from(
            ["type", "properties", "required", "anyOf", "enum", "$ref", "$defs", "items", "const", "pattern", "format"]
        ),
        VALUES,
    )
)
def test_any_value_can_be_judged_as_a_schema(value):
    """The strict rules never fail on what is no schema."""
    assert refusal(value) is None or refusal(value).message
