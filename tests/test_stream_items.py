"""Items that were given stay given: an answer that begins anew loses none, doubles none and leaves none stale unsaid."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, Field

import extract
from extract.errors import ConnectionFailed, ExtractError, Failure
from extract.schema import Quarantined, unique
from extract.testing import Broken, ScriptedEngine
from extract.typing import Reply


class Row(BaseModel):
    name: str
    amount: Decimal


def rows(said: str) -> list[dict[str, str]]:
    """``a1 b2`` → two rows."""
    return [{"name": each[:1], "amount": each[1:]} for each in said.split()]


def told(seen: list[Any]) -> str:
    """What was given, in order; what was taken back with a minus before it."""
    return " ".join(_told(each) for each in seen)


def _told(each: Any) -> str:
    if isinstance(each, Quarantined):
        sign = "-" if each.issues[0].kind == "withdrawn" else "!"
        return f"{sign}{each.value['name']}{each.value['amount']}"  # type: ignore[index,call-overload]
    return f"{each.name}{each.amount}"


def short(said: str) -> str:
    """An answer that leaves items out after these."""
    return json.dumps({"value": [*rows(said), "..."]})


def dead(said: str) -> Broken:
    """A stream that breaks off in the midst of something that cannot be gone on with."""
    text = json.dumps({"value": rows(said)})[:-2] + ', {"name" "x"'
    return Broken(text, ConnectionFailed("the stream broke off", failure=Failure(partial=text)))


ANEW = [
    ("same order", "a1 b2", "a1 b2 c3", "a1 b2 c3"),
    ("another order", "b2 a1", "a1 b2 c3", "b2 a1 c3"),
    ("one left out at first", "a1 c3", "a1 b2 c3", "a1 c3 b2"),
    ("one corrected", "a1 b2", "a1 b7 c3", "a1 b2 b7 c3 -b2"),
    ("one gone", "a1 x9 b2", "a1 b2", "a1 x9 b2 -x9"),
    ("twins", "a1 a1", "a1 a1 a1 b2", "a1 a1 a1 b2"),
    ("fewer twins", "a1 a1", "a1 b2", "a1 a1 b2 -a1"),
    ("written otherwise", "a1.50", "b2 a1.50", "a1.50 b2"),
    ("nothing alike", "a1 b2", "c3 d4", "a1 b2 c3 d4 -a1 -b2"),
]


@pytest.mark.parametrize(("first", "second", "expected"), [each[1:] for each in ANEW], ids=[each[0] for each in ANEW])
def test_an_answer_that_begins_anew_gives_what_is_new(watch: Any, first: str, second: str, expected: str) -> None:
    """Wherever it stands in it; what the result does not have is told at the end."""
    seen, extraction = watch(ScriptedEngine([short(first), {"value": rows(second)}], piece=7), "stream_items", Row)
    assert told(seen) == expected
    assert told(extraction.value) == second


def test_an_item_written_in_two_ways_is_one_item(watch: Any) -> None:
    """As far as the declared type does not tell them apart."""
    loose = json.dumps({"value": [{"Name": "b", "amount": 2}, {"name": "a", "amount": "1,50"}, "..."]})
    right = {"value": rows("a1.50 b2 c3")}
    seen, _ = watch(ScriptedEngine([loose, right], piece=9), "stream_items", Row)
    assert told(seen) == "b2 a1.50 c3"


def test_a_draft_before_the_answer_is_taken_back(watch: Any) -> None:
    """Where one reply holds two answers, the last is the result, and what differs is told."""
    draft, final = ({"value": rows(said)} for said in ("a1 b2", "b2 a1 c3 "))
    final["value"][1]["amount"] = "7"
    text = "First:\n```json\n" + json.dumps(draft) + "\n```\nFinal answer:\n```json\n" + json.dumps(final) + "\n```"
    seen, extraction = watch(ScriptedEngine([text], piece=7), "stream_items", Row)
    stays = Counter(told([each for each in seen if not isinstance(each, Quarantined)]).split())
    stays.subtract(each[1:] for each in told([each for each in seen if isinstance(each, Quarantined)]).split())
    assert +stays == Counter(told(extraction.value).split())


def test_a_list_that_stands_there_twice(watch: Any) -> None:
    """The key written again is another answer."""
    text = f'{{"value": {json.dumps(rows("a1 b2"))}, "value": {json.dumps(rows("b2 c3"))}}}'
    seen, extraction = watch(ScriptedEngine([text], piece=11), "stream_items", Row)
    assert told(extraction.value) in ("b2 c3", "a1 b2")
    assert told(seen) == ("a1 b2 c3 -a1" if told(extraction.value) == "b2 c3" else "a1 b2 c3 -c3")


def test_a_mended_item_is_given_and_the_old_one_taken_back(watch: Any) -> None:
    """A rule across items sees them only when all are there."""

    def mend(request: Any) -> Any:
        return {key: "c" if key.endswith("2_name") else "a" for key in request.format.schema["properties"]}

    engine = ScriptedEngine([{"value": rows("a1 b9 a3")}, mend])
    rule = unique("[].name")
    policy = extract.Policy(bad_items="reask")
    seen, extraction = watch(engine, "stream_items", Row, checks=[rule], policy=policy)
    assert told(extraction.value) == "a1 b9 c3"
    assert told(seen) == "a1 b9 a3 c3 -a3"


def test_a_list_without_its_object_is_given_once(watch: Any) -> None:
    """Also where its key stands in it twice, so that it is read again."""
    text = json.dumps(rows("a1 b2"))
    for said in (text, text.replace('"name": "b"', '"name": "x", "name": "b"')):
        seen, extraction = watch(ScriptedEngine([said], piece=5), "stream_items", Row)
        assert told(seen) == told(extraction.value) == "a1 b2"


@dataclass(eq=False)
class Odd:
    """Two of these are never equal."""

    name: str
    amount: Decimal


class Rude(BaseModel):
    """Two of these cannot even be compared."""

    name: str
    amount: float

    def __eq__(self, other: object) -> bool:
        raise TypeError("no")

    __hash__ = None


@pytest.mark.parametrize("declared", [Odd, Rude])
def test_items_of_a_class_that_does_not_compare_are_given_once(watch: Any, declared: Any) -> None:
    """They are known by what the model wrote."""
    engine = ScriptedEngine([short("b2 a1"), {"value": rows("a1 b2 c3")}], piece=5)
    seen, _ = watch(engine, "stream_items", declared)
    assert [each.name for each in seen] == ["b", "a", "c"]
    seen, _ = watch(ScriptedEngine([{"value": rows("a1 b2 c3")}], piece=5), "stream_items", declared)
    assert [each.name for each in seen] == ["a", "b", "c"]


ROW = st.sampled_from(["a1", "a1", "b2", "b3", "c4", "d-1", "e5"])
ANSWER = st.lists(ROW, max_size=7).map(" ".join)
MANNER = st.sampled_from(["short", "dead", "cut", "wrong", "twice", "draft"])


class Checked(BaseModel):
    name: str
    amount: Annotated[Decimal, Field(ge=0)]


def written(manner: str, said: str, then: str) -> Any:
    """An answer that is not the last."""
    whole = json.dumps({"value": rows(said)})
    return {
        "short": short(said),
        "dead": dead(said) if said else short(said),
        "cut": Reply(text=whole[: len(whole) * 2 // 3], finish="length"),
        "wrong": whole[:-1] + ', "value": 5}',
        "twice": whole[:-1] + f', "value": {json.dumps(rows(then))}}}',
        "draft": f"```json\n{whole}\n```\nBetter:\n```json\n{json.dumps({'value': rows(then)})}\n```",
    }[manner]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(MANNER, ANSWER, ANSWER), max_size=3), ANSWER, st.sampled_from(["return", "reask"]))
def test_what_was_given_and_not_taken_back_is_the_result(
    before: list[tuple[str, str, str]], last: str, bad_items: Any
) -> None:
    """Whatever comes before the answer that is taken: good items as often as the result has them, bad ones too."""
    engine = ScriptedEngine([*(written(*each) for each in before), *[{"value": rows(last)}] * 9], piece=13)
    policy = extract.Policy(bad_items=bad_items, backoff=0, reasks=4)
    stream = extract.Client(engine=engine).stream_items(Checked, "document", policy=policy)
    seen = []
    try:
        seen.extend(stream)
    except ExtractError:
        return
    stays = Counter(_told(each) for each in seen if not isinstance(each, Quarantined))
    stays.subtract(_told(each)[1:] for each in seen if isinstance(each, Quarantined) and _told(each)[0] == "-")
    assert stays == Counter(_told(each) for each in stream.extraction.value)
    aside = Counter(_told(each) for each in seen if isinstance(each, Quarantined) and _told(each)[0] == "!")
    assert not Counter(map(_told, stream.extraction.quarantined)) - aside
