"""What the declared type makes of a reply that is not just the one value asked for, by strictness."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from extract import Client, Policy
from extract.decode import REPAIRS
from extract.errors import Exhausted, ReplyError
from extract.schema import Schema
from extract.testing import ScriptedEngine

CASES = [
    pytest.param(case, strictness, id=f"{case['name']}-{strictness}")
    for case in json.loads((Path(__file__).parents[1] / "cases" / "typed_replies.json").read_text(encoding="utf-8"))
    for strictness in ("exact", "careful", "lenient")
]


@pytest.mark.parametrize(("case", "strictness"), CASES)
def test_a_reply_becomes_the_declared_type(case: dict[str, Any], strictness: str) -> None:
    """Each reply gives its value with the liberties on record, or is refused, without asking again."""
    policy = Policy(reasks=0, continues=0, strictness=strictness)  # type: ignore[arg-type]
    client = Client(engine=ScriptedEngine([case["text"]]), policy=policy)
    expected = case[strictness]
    if "value" not in expected:
        with pytest.raises((Exhausted, ReplyError)):
            client.run(Schema.of(case["type"]), "a document")
        return
    result = client.run(Schema.of(case["type"]), "a document")
    assert json.dumps(expected["value"]) == json.dumps(result.value)
    assert expected["repairs"] == sorted({repair.kind for repair in result.repairs})


def test_a_value_passed_over_is_on_record() -> None:
    """What was not taken can be read in the repair, word for word."""
    text = 'Draft: {"total": "unknown", "a": 1, "b": 2}\nAnd now: {"n": 5}'
    client = Client(engine=ScriptedEngine([text]), policy=Policy(reasks=0))
    declared = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
    result = client.run(Schema.of(declared), "a document")
    assert result.value == {"n": 5}
    assert "other-candidate" in REPAIRS
    assert [r.before for r in result.repairs if r.kind == "other-candidate"] == ['{"total": "unknown", "a": 1, "b": 2}']


@pytest.mark.parametrize("between", ["", " ", "\n", ", ", "\n\n"])
def test_an_answer_said_twice_is_one_answer(run: Any, between: str) -> None:
    """Where no list was asked for; what was said once more is on record."""
    declared = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
    text = between.join(['{"n": 5}'] * 3)
    result = run(ScriptedEngine([text]), Schema.of(declared), "a document")
    assert result.value == {"n": 5}
    assert len(result.attempts) == 1
    assert [r.before for r in result.repairs if r.kind == "other-candidate"] == [{"n": 5}]
    listed = run(ScriptedEngine([text]), list[dict[str, int]], "a document")
    assert listed.value == [{"n": 5}] * 3


def test_answers_that_differ_are_not_one(run: Any) -> None:
    """Nobody knows which of them is meant; true is not one either."""
    declared = {"type": "object", "properties": {"n": {}}, "required": ["n"]}
    for text in ('{"n": 5}{"n": 6}', '{"n": 1}{"n": true}'):
        with pytest.raises(Exhausted):
            run(ScriptedEngine([text]), Schema.of(declared), "a document", policy=Policy(reasks=0))
