"""What holds for every reply, whatever it is: the readers end in a Reply or in one of their own errors."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extract.engines._chat import Call, ErrorBody, parse
from extract.engines._errors import Answer, clean, rejected
from extract.engines._sse import Events, Incoming
from extract.errors import ConnectionFailed, EngineError, ServerFailed
from extract.typing import Reply

LIMIT = 1 << 20
NOTHING = Call(b"", {})
KEYS = ["choices", "message", "delta", "content", "refusal", "tool_calls", "function", "arguments", "usage", "error"]
KEYS += [
    "finish_reason",
    "prompt_tokens",
    "completion_tokens",
    "prompt_tokens_details",
    "model",
    "code",
    "param",
    "index",
]
JSON: Any = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.sampled_from(["", "stop", "length", "x"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5),
    max_leaves=20,
)
few = settings(max_examples=60, deadline=None)


@few
@given(JSON)
def test_any_json_is_a_reply_or_a_typed_error(value: Any) -> None:
    """Never a KeyError out of the depths."""
    for body in (value, {"choices": [value]}, {"choices": [{"message": value}], "usage": value}):
        try:
            reply = parse(json.dumps(body).encode(), call=NOTHING, request_id=None, seconds=0.0)
        except (ServerFailed, ErrorBody):
            continue
        assert isinstance(reply.text, str)
        assert reply.finish in {"stop", "length", "content_filter", "tool_calls"}


@few
@given(st.lists(JSON, max_size=4))
def test_any_event_is_text_or_a_typed_error(values: list[Any]) -> None:
    """Alone, and between others."""
    events = [*values, {"choices": [{"delta": value} for value in values]}, {"choices": values}]
    incoming = Incoming(NOTHING, {"content-type": "text/event-stream"}, LIMIT)
    try:
        texts = [incoming.take(b"data: %b\n\n" % json.dumps(event).encode()) for event in events]
        last, reply = incoming.finish(0.0)
    except (ServerFailed, ErrorBody, ConnectionFailed):
        return
    assert isinstance(reply, Reply)
    assert "".join(texts) + last == reply.text


@few
@given(
    st.integers(100, 599),
    st.binary(max_size=80) | JSON.map(lambda value: json.dumps(value).encode()),
    st.text(max_size=20),
)
def test_any_failure_is_one_typed_error(status: int, body: bytes, wait: str) -> None:
    """Any status with any body and any Retry-After."""
    error = rejected(Answer(status, {"retry-after": wait}, body), model="gpt-5.5", secrets=())
    assert isinstance(error, EngineError)
    assert error.status == status
    assert error.retry_after is None or error.retry_after >= 0


@few
@given(
    st.lists(st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), min_size=1), max_size=5),
    st.data(),
)
def test_events_do_not_depend_on_the_cuts(texts: list[str], data: st.DataObject) -> None:
    """Any cuts, either end of line."""
    end = data.draw(st.sampled_from(["\n", "\r\n"]))
    stream = "".join(f": note{end}data: {text}{end}{end}" for text in texts).encode()
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    reader = Events(LIMIT)
    pieces = [stream[start:stop] for start, stop in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    events = [event for piece in pieces for event in reader.feed(piece)] + reader.end()
    assert [event.decode() for event in events] == texts


@few
@given(st.text(max_size=60), st.text("abc ", min_size=30, max_size=200), st.data())
def test_no_long_run_of_a_secret_is_quoted(before: str, secret: str, data: st.DataObject) -> None:
    """Wherever it stands, and whichever part of it."""
    start = data.draw(st.integers(0, len(secret) - 25))
    shown = clean(before + secret[start:] + before, (secret,))
    assert not any(shown[i : i + 24] in secret for i in range(len(shown) - 23))


def test_a_line_without_end_is_given_up() -> None:
    """In linear time, at the limit."""
    reader = Events(1000)
    for _ in range(1000):
        assert reader.feed(b"x") == []
    with pytest.raises(ServerFailed, match="line"):
        reader.feed(b"x")
