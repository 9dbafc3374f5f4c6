"""What the incremental parser promises: every value once, at its last byte, at a cost linear in the text."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extract.decode import Parser, decode

Steps = Callable[[Callable[[], Any]], int]

keys = st.text(st.sampled_from('ab "\\{}[]:,\n/`é😀'), max_size=6)
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | keys
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4), max_leaves=12
)
containers = st.lists(values, max_size=4) | st.dictionaries(keys, values, max_size=4)
rows = st.lists(st.dictionaries(keys, scalars, max_size=4) | scalars, min_size=3, max_size=9)
sizes = st.integers(1, 9) | st.sampled_from([50, 100, 200, 10_000])
modest = settings(deadline=None, max_examples=120)


def fed(text: str, size: int = 1, **options: Any) -> tuple[Parser, list[tuple[Any, Any]]]:
    parser = Parser(**options)
    events: list[tuple[Any, Any]] = []
    for at in range(0, len(text), size):
        events += parser.feed(text[at : at + size])
    return parser, events


def at_path(value: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        value = value[step]
    return value


@modest
@given(containers | rows | st.dictionaries(keys, rows, max_size=3), sizes, st.sampled_from([None, 1]))
def test_every_value_is_reported_once(value: Any, size: int, indent: int | None) -> None:
    """However the text is cut into pieces, the value is whole and each path comes exactly once."""
    text = json.dumps(value, indent=indent, ensure_ascii=size % 2 == 0)
    parser, events = fed(text, size)
    assert (parser.done, parser.broken) == (True, False)
    assert json.dumps(value) == json.dumps(parser.value)
    paths = [path for path, _ in events]
    assert sorted(map(repr, paths)) == sorted(map(repr, parser.complete_paths()))
    assert all(json.dumps(at_path(value, path)) == json.dumps(item) for path, item in events)
    assert parser.finish() == decode(text)


BEFORE = {
    "a sentence": "Sure! Here {it} is:\n",
    "a fence": "Here it is [1]:\n```json\n",
    "a fence at once": "```\n",
    "a thought": '<think>maybe {"a": 1} or [2]</think>\n',
    "a thought and a fence": '<think>maybe {"a": 1}</think>\n\n```json\n',
    "a byte order mark": "\ufeff",
    "white space": "\n\n  ",
}


@pytest.mark.parametrize("before", BEFORE.values(), ids=BEFORE)
@pytest.mark.parametrize("size", [1, 3, 1000])
def test_what_comes_before_the_value_is_skipped(before: str, size: int) -> None:
    """Prose, fences and thoughts report nothing."""
    value = {"rows": [{"a": 1.5, "b": None}], "t": "x"}
    parser, events = fed(before + json.dumps(value) + ("\n```" if "`" in before else ""), size)
    assert value == parser.value
    assert [path for path, _ in events] == [("rows", 0, "a"), ("rows", 0, "b"), ("rows", 0), ("rows",), ("t",), ()]
    assert value == parser.finish().value


def test_a_value_is_reported_at_its_last_byte() -> None:
    """Strings at their quote, literals at their last letter, numbers when something follows, containers at their bracket."""
    expected = {
        '{"a": "x"': [(("a",), "x")],
        ', "b": true': [(("b",), True)],
        ', "c": 12': [],
        ".5": [],
        ", ": [(("c",), 12.5)],
        '"d": [1': [],
        "]": [(("d", 0), 1), (("d",), [1])],
        "}": [((), {"a": "x", "b": True, "c": 12.5, "d": [1]})],
    }
    parser = Parser()
    assert list(expected.items()) == [(piece, list(parser.feed(piece))) for piece in expected]


def test_a_snapshot_leaves_out_what_is_unfinished() -> None:
    """Open containers are there, half scalars are not; the half string can be asked for."""
    parser, _ = fed('{"a": [1, {"b": "New \\u00e4 Yo')
    assert parser.value == {"a": [1, {}]}
    assert parser.open_paths == ((), ("a",), ("a", 1))
    assert list(parser.complete_paths()) == [("a", 0)]
    assert parser.partial == (("a", 1, "b"), "New ä Yo")
    assert parser.finish().cut == ("a", 1, "b")


def test_items_of_a_list_can_be_followed_without_keeping_them() -> None:
    """Each item is reported at its bracket and forgotten; nothing else is reported."""
    rows = [{"n": n, "t": ["x"]} for n in range(5)]
    text = json.dumps({"title": "t", "rows": rows, "end": [9]})
    parser, events = fed(text, 4, follow=("rows",), keep=False)
    assert [(("rows", n), row) for n, row in enumerate(rows)] == events
    assert parser.value == {"title": "t", "rows": [], "end": [9]}
    assert rows == fed(text, 4, follow=("rows",))[0].value["rows"]  # type: ignore[index,call-overload]


@pytest.mark.parametrize(
    "text", ["{'a': 1}", '{"a": 1,, "b": 2}', '{"a": tru, "b": 2}', '{"a" 1}', '{"a": 1]', "[" * 500]
)
def test_where_it_is_no_json_the_parser_stops_and_finish_repairs(text: str) -> None:
    """What was complete stays, later pieces cost nothing, the end is decode's."""
    parser, _ = fed(text)
    assert parser.broken
    assert list(parser.feed('"more"')) == []
    if "[[" not in text:
        assert fed(text)[0].finish() == decode(text)


@modest
@given(st.lists(st.sampled_from([*'{}[]":,\\ntrue1.-e \n`<>', "<think>", "```json\n", '{"a":', "\ud83d"]), max_size=40))
def test_no_stream_makes_the_parser_fail(pieces: list[str]) -> None:
    """Any pieces in any order are taken."""
    parser = Parser()
    for piece in pieces:
        parser.feed(piece)
    assert "".join(pieces) == parser.text


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ('{"a": [' + '{"b": 1}, ' * 2000, "repetition"),
        ('{"a": "' + "na " * 5000, "repetition"),
        ('{"a": "' + "\\n" * 6000, "repetition"),
        ('{"a": 1,' + " " * 3000, "whitespace"),
        ('{"a": "x' + "\n" * 3000, "whitespace"),
        (json.dumps([{"id": n, "t": "same text"} for n in range(900)], indent=8), None),
        ('{"a": "' + "x" * 100, None),
    ],
)
def test_a_model_that_runs_on_is_noticed(text: str, verdict: str | None) -> None:
    """Blank space and the same words again and again are reported while streaming, rows that differ are not."""
    assert verdict == fed(text, 4)[0].runaway


def cost(text: str, steps: Steps) -> int:
    parser = Parser()
    pieces = [text[at : at + 4] for at in range(0, len(text), 4)]
    return steps(lambda: [parser.feed(piece) for piece in pieces])


@pytest.mark.parametrize("row", ['{"n": 12, "t": "some words"}', '"a long \\"string\\" of words "', "123456", "[[[]]]"])
def test_the_cost_is_linear_in_the_text(row: str, steps: Steps) -> None:
    """Twice the text takes about twice the steps, in pieces of four characters."""
    small, large = ("[" + ", ".join([row] * count) + "]" for count in (6_000 // len(row), 12_000 // len(row)))
    assert cost(large, steps) < 2.1 * cost(small, steps)


def test_one_long_string_costs_no_more_than_its_length(steps: Steps) -> None:
    """One string full of escapes, four characters at a time."""
    small, large = ('{"a": "' + 'x\\"y' * count + '"}' for count in (3_000, 6_000))
    assert cost(large, steps) < 2.1 * cost(small, steps)
