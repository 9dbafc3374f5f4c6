"""A model that writes "..." for the rest of a list is asked for the list; a short list is never a result."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Literal, TypeAlias

import pytest
from pydantic import BaseModel

from extract import Client, Policy
from extract.errors import Exhausted, ReplyError
from extract.schema import Strictness
from extract.testing import ScriptedEngine
from extract.typing import Reply

Ask: TypeAlias = Callable[[Client], object]


class Item(BaseModel):
    """A line."""

    n: int | None = None


class Bill(BaseModel):
    """Some lines."""

    items: list[Item]


class Year(BaseModel):
    """Bills, and what is remarked of them."""

    bills: list[Bill]
    remarks: str = ""


class Names(BaseModel):
    """A list of texts."""

    names: list[str]


def bill(items: str) -> str:
    return f'{{"items": [{items}]}}'


WHOLE = json.dumps({"items": [{"n": 1}, {"n": 2}, {"n": 3}]})
SHORT = {
    "dots at the end": bill('{"n": 1}, {"n": 2}, ...'),
    "dots in the middle": bill('{"n": 1}, ..., {"n": 3}'),
    "a comment": bill('{"n": 1}, // ... 2 more items\n'),
    "a comment in the middle": bill('{"n": 1}, /* and 1 more */ {"n": 3}'),
    "words": bill('{"n": 1}, {"n": 2}, and so on'),
    "a text of dots": bill('{"n": 1}, "..."'),
    "a text of dots in the middle": bill('{"n": 1}, "…", {"n": 3}'),
    "a text that counts": bill('{"n": 1}, "... 47 more items", {"n": 3}'),
    "an object of dots": bill('{"n": 1}, {"...": "..."}'),
    "an object of bare dots": bill('{"n": 1}, {...}'),
    "a list of dots": '{"items": "..."}',
    "words behind the answer": bill('{"n": 1}, {"n": 2}') + "\n... and 47 more items",
}
POLICIES = {
    "careful": Policy(reasks=0),
    "lenient": Policy(reasks=0, strictness="lenient"),
    "exact": Policy(reasks=0, strictness="exact"),
    "good items only": Policy(reasks=0, bad_items="return"),
}


def run_bill(client: Client) -> object:
    return client.run(Bill, "document").value


def stream(client: Client) -> object:
    with client.stream(Bill, "document") as partials:
        *_, last = partials
    assert last.finished
    return last.value


def stream_items(client: Client) -> object:
    with client.stream_items(Item, "document") as items:
        given = [each for each in items if isinstance(each, Item)]
    return Bill(items=given)


WAYS = {"run": (run_bill, "items"), "stream": (stream, "items"), "stream_items": (stream_items, "value")}
ways = pytest.mark.parametrize(("ask", "key"), WAYS.values(), ids=WAYS)


@ways
@pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES)
@pytest.mark.parametrize("text", SHORT.values(), ids=SHORT)
def test_a_short_list_is_never_a_result(text: str, policy: Policy, ask: Ask, key: str) -> None:
    """However the model says that there is more, and however much the policy lets pass, the call fails."""
    with pytest.raises(Exhausted):
        ask(Client(engine=ScriptedEngine([text.replace("items", key, 1)]), policy=policy))


@ways
@pytest.mark.parametrize("text", SHORT.values(), ids=SHORT)
def test_the_list_is_asked_for_again(text: str, ask: Ask, key: str) -> None:
    """The next answer gives every item, each once."""
    engine = ScriptedEngine([reply.replace("items", key, 1) for reply in (text, WHOLE)])
    assert Bill.model_validate_json(WHOLE) == ask(Client(engine=engine))
    assert len(engine.requests) == 2


OTHERS = {
    "numbers or nothing": (list[int | None], '[1, "...", 9]'),
    "objects or nothing": (list[Item | None], '[{"n": 1}, "..."]'),
    "a set": (set[int], '{"value": [1, 2, "..."]}'),
    "entries of a map": (dict[str, int], '{"a": 1, "...": "..."}'),
    "one text for a list": (Names, '{"names": "Ann, Ben, etc."}'),
    "a key of dots beside the list": (Bill, '{"items": [{"n": 1}], "...": "..."}'),
    "a comment under a key of its own": (Bill, '{"items": [{"n": 1}], "_comment": "47 more items omitted"}'),
    "a blank row": (Bill, '{"items": [{"n": 1}, {"n": "..."}]}'),
    "a short list in a part of JSON Lines": (list[Item], '{"n": 1}\n...\n{"n": 9}'),
    "words behind JSON Lines": (list[Item], '{"n": 1}\n{"n": 2}\n... and 47 more'),
}


@pytest.mark.parametrize("strictness", ["careful", "lenient"])
@pytest.mark.parametrize(("declared", "text"), OTHERS.values(), ids=OTHERS)
def test_no_liberty_hides_that_a_list_is_short(declared: Any, text: str, strictness: Strictness) -> None:
    """What would otherwise be made to fit (a null, an extra key, one text for a list) tells that there is more."""
    policy = Policy(reasks=0, strictness=strictness, bad_items="return")
    with pytest.raises(Exhausted):
        Client(engine=ScriptedEngine([text]), policy=policy).run(declared, "document")


def test_an_item_that_holds_a_short_list_is_a_bad_item() -> None:
    """Where good items are to be kept, the one whose own list is short is quarantined as a whole."""
    text = f'{{"bills": [{WHOLE}, {{"items": [{{"n": 1}}, ...]}}]}}'
    done = Client(engine=ScriptedEngine([text]), policy=Policy(bad_items="return")).run(Year, "document")
    assert [Bill.model_validate_json(WHOLE)] == done.value.bills
    assert [bad.path for bad in done.quarantined] == [("bills", 1)]


WHOLE_ONES = {
    "a null": (list[int | None], "[1, null, 9]", [1, None, 9]),
    "a word for nothing": (list[int | None], '[1, "n/a", 9]', [1, None, 9]),
    "a text that ends in dots": (Names, '{"names": ["and then..."]}', Names(names=["and then..."])),
    "a single text": (Names, '{"names": "Ann"}', Names(names=["Ann"])),
    "an extra key": (Bill, '{"items": [], "note": "no more items on page 2"}', Bill(items=[])),
    "a closing sentence": (Bill, '{"items": []}\nThe rest of the page holds no items.', Bill(items=[])),
}


@pytest.mark.parametrize(("declared", "text", "expected"), WHOLE_ONES.values(), ids=WHOLE_ONES)
def test_what_only_looks_like_it_is_no_short_list(declared: Any, text: str, expected: object) -> None:
    """The first answer is taken."""
    assert Client(engine=ScriptedEngine([text])).extract(declared, "document") == expected


def test_only_the_short_list_is_asked_for() -> None:
    """A short list among others is mended; what is complete stays."""
    short, remarks = bill('{"n": 1}, ...'), "as agreed " * 20
    text = f'{{"bills": [{WHOLE}, {short}], "remarks": "{remarks}"}}'
    engine = ScriptedEngine([text, '{"bills_1_items": [{"n": 1}, {"n": 7}]}'])
    year = Client(engine=engine).extract(Year, "document")
    assert [[item.n for item in each.items] for each in year.bills] == [[1, 2, 3], [1, 7]]


@pytest.mark.parametrize("item", ["...", '"..."', "{...}", "/* 47 more */"])
def test_the_error_carries_the_items_that_are_there(item: str) -> None:
    """What is complete is in `.partial`, and the issue names the list."""
    text = bill(f'{{"n": 1}}, {item}, {{"n": 3}}')
    with pytest.raises(Exhausted) as caught:
        Client(engine=ScriptedEngine([text]), policy=Policy(reasks=0)).run(Bill, "document")
    assert caught.value.partial is not None
    assert Bill(items=[Item(n=1), Item(n=3)]) == caught.value.partial.value
    assert isinstance(caught.value.last, ReplyError)
    assert [issue.path for issue in caught.value.last.issues] == [("items",)]


def test_dots_before_a_cut_are_not_forgotten_by_what_goes_on() -> None:
    """An answer that is short and cut is asked for anew, not continued after its last item."""
    engine = ScriptedEngine([Reply(text=bill('{"n": 1}, ..., {"n": 3}, {"n"')[:-2], finish="length"), WHOLE])
    done = Client(engine=engine).run(Bill, "document")
    assert Bill.model_validate_json(WHOLE) == done.value
    assert [attempt.kind for attempt in done.attempts] == ["ask", "widen"]


def test_a_continuation_may_not_abbreviate_either() -> None:
    """Dots in what goes on after a cut make the list short."""
    cut = Reply(text=bill('{"n": 1}, {"n": 2}, {"n"')[:-2], finish="length")
    engine = ScriptedEngine([cut, bill('{"n": 2}, ...')])
    with pytest.raises(Exhausted):
        Client(engine=engine, policy=Policy(reasks=0)).run(Bill, "document")


def test_dots_are_a_text_where_the_document_has_them() -> None:
    """Nobody else would put them among names; without quotes they stand for others at any rate."""
    said = Client(engine=ScriptedEngine(['{"names": ["Ann", "..."]}'])).extract(Names, "Present: Ann, ...")
    assert said.names == ["Ann", "..."]
    with pytest.raises(Exhausted):
        Client(engine=ScriptedEngine(['{"names": ["Ann", ...]}']), policy=Policy(reasks=0)).run(Names, "Ann, ...")


class Row(BaseModel):
    """A line that may be filled with anything."""

    name: str
    count: int = 0
    tags: list[str] = []


class Stock(BaseModel):
    rows: list[Row]


class Price(BaseModel):
    name: str
    price: Decimal


class Prices(BaseModel):
    rows: list[Price]


FILLED = [
    (Names, '{"names": ["Ann", "Bob", "..."]}'),
    (Names, '{"names": ["Ann", "Bob", "\\u2026"]}'),
    (Names, '{"names": ["Ann", "Bob", "and 45 more"]}'),
    (Names, '{"names": ["Ann", "… and 45 others"]}'),
    (Names, '{"names": ["Ann", "(43 more items omitted)"]}'),
    (Names, "{'names': ['Ann', '47 more items']}"),
    (Stock, '{"rows": [{"name": "tea", "count": 2, "tags": []}, {"name": "...", "count": 0, "tags": []}]}'),
    (Stock, '{"rows": [{"name": "…", "count": null, "tags": null}, {"name": "tea", "count": 2, "tags": []}]}'),
    (Stock, '{"rows": [{"name": "tea", "count": 2, "tags": []}, {"name": "and 45 more", "count": 0, "tags": []}]}'),
    (Prices, '{"rows": [{"name": "tea", "price": "2.50"}, {"name": "...", "price": "0.00"}]}'),
]


@pytest.mark.parametrize(("declared", "text"), FILLED, ids=[str(i) for i in range(len(FILLED))])
def test_a_row_that_only_fills_in_for_others_is_no_row(run: Any, declared: Any, text: str) -> None:
    """Although it is of the right type: the answer is asked for again, and the error has what is there."""
    with pytest.raises(Exhausted) as caught:
        run(ScriptedEngine([text]), declared, "document", policy=Policy(reasks=0, bad_items="return"))
    assert {issue.kind for issue in caught.value.issues} == {"abbreviated"}
    partial = caught.value.partial
    assert partial is not None
    assert not partial.complete
    assert [issue.kind for issue in partial.issues] == ["abbreviated"]


def test_rows_with_dots_in_them_are_rows() -> None:
    """Where anything else is told of one."""
    text = '{"rows": [{"name": "...", "count": 2, "tags": []}]}'
    assert Client(engine=ScriptedEngine([text])).extract(Stock, "document").rows[0].count == 2


VALUES = (
    "3 additional days off",
    "5 more years of service",
    "2 other dependants",
    "Remaining items must be returned within 5 days",
    "Repeat tests for all items",
    "Continue monitoring of all members",
    "Lines omitted from the offer are not binding",
    "3 records not shown on statement",
    "Some fields omitted",
    "Truncated",
    "Page cut off",
    "Same structure as 2023",
    "Read more",
    "Thomas More",
    "the others",
    "et al.",
    "To be continued...",
    "...and they lived happily",
    "C:\\...",
    "45 more",
)


@pytest.mark.parametrize("beside", ["tea", "A fine job...", "Learn more", "Some others", "…"])
@pytest.mark.parametrize("value", VALUES)
def test_a_text_that_goes_on_is_a_value_whatever_stands_beside_it(run: Any, value: str, beside: str) -> None:
    """What is said of one item does not depend on another field, nor on a repair elsewhere."""
    wire = {"rows": [{"name": beside, "count": 1, "tags": [value]}]}
    for text in (json.dumps(wire), json.dumps(wire, ensure_ascii=False), "```json\n" + json.dumps(wire) + "\n```"):
        done = run(ScriptedEngine([text]), Stock, "document")
        assert [row.tags for row in done.value.rows] == [[value]]
        assert len(done.attempts) == 1


SAID = [
    (["Ann", "And 3 others"], "Present: Ann, and 3 others."),
    (["Ann", "and 3 others"], "Present: Ann, and\n3 others"),
    (["Ann", "and 3 others"], "Present: Ann, and\u00a03 others"),
    (["Ann", "and 3 others"], "Ann **and 3** others"),
    (["Ann", "and 3 others"], "<p>Ann <b>and 3</b>&nbsp;others</p>"),
    (["Ann", "and 3 others"], "Ann & 3 others"),
    (["Ann", "and 3 others"], "Anwesend: Ann und drei weitere Personen"),
    (["Ann", "and 45 more"], "Ann et 45 autres"),
    (["Ann", "and 20 more"], "Present: Ann and twenty more"),
    (["Ann", "and 3 other members"], "Anwesend: Ann, drei weitere Personen"),
    (["Ann", "and 3 others"], "出席者:Ann ほか3名"),
    (["Ann", "and 5 more"], "Ann ve 5 kişi daha"),
    (["Ann", "and 2 others"], "Ann и ещё двое; Ann и две другие"),
    (["Ann", "and others"], "Ann et al., 2021"),
    (["Ann", "and others"], "Ann u. a."),
    (["Ann", "and others"], "Ann und andere"),
    (["Ann", "and others"], "Ann y otros"),
    (["Ann", "and others"], "Анна и другие"),
    (["Ann", "and others"], "Ann m.fl."),
    (["Ann", "and others"], "Ann等"),
    (["Hi", "…", "ok"], "A: Hi\nB: ...\nA: ok"),
    (["Hi", "...", "ok"], "A: Hi\nB: …\nA: ok"),
    (["Python", "and more"], "Skills: Python, and more"),
    ([".", "..", "....", "....."], "E I H 5"),
]


@pytest.mark.parametrize(("names", "document"), SAID, ids=[str(i) for i in range(len(SAID))])
def test_what_the_document_says_fills_in_for_nothing(run: Any, names: list[str], document: str) -> None:
    """However it is spelled there: in other case, with marks between, in another language."""
    done = run(ScriptedEngine([json.dumps({"names": names})]), Names, document)
    assert done.value.names == names
    assert len(done.attempts) == 1


def test_other_words_of_the_document_do_not_excuse_a_filler(run: Any) -> None:
    """Dots that leave off a sentence, and other numbers."""
    for text, document in (
        ('{"names": ["Ann", "..."]}', "Ann, Bob, Cid. Read more..."),
        ('{"names": ["Ann", "and 45 more"]}', "45 people came, Ann and 12 others among them"),
        ('{"names": ["Ann", "and 45 more"]}', "45 people came, Ann and twelve others among them"),
        ('{"names": ["Ann", "and 3 others"]}', "Ann and Bob and two others"),
        ('{"names": ["Ann", "and others"]}', "Ann, Bob, and Cid"),
    ):
        with pytest.raises(Exhausted):
            run(ScriptedEngine([text]), Names, document, policy=Policy(reasks=0))


def test_blank_rows_of_a_form_are_rows(run: Any) -> None:
    """Dots stand for blanks on paper."""
    text = '{"rows": [{"name": "......", "count": 0, "tags": []}, {"name": "...", "count": 0, "tags": []}]}'
    done = run(ScriptedEngine([text]), Stock, "1. Name: ........ Count: 0\n2. Name: ........")
    assert len(done.value.rows) == 2


def test_what_the_type_names_fills_in_for_nothing(run: Any) -> None:
    """A literal is a value."""
    done = run(ScriptedEngine(['{"value": ["...", "and more"]}']), list[Literal["...", "and more"]], "document")
    assert done.value == ["...", "and more"]


def test_a_stream_of_items_gives_no_row_that_fills_in() -> None:
    """And the whole list is asked for again."""
    rows = [{"name": "tea", "count": 2, "tags": []}, {"name": "milk", "count": 1, "tags": []}]
    short = json.dumps({"value": [rows[0], {"name": "...", "count": 0, "tags": []}]})
    engine = ScriptedEngine([short, json.dumps({"value": rows})])
    with Client(engine=engine).stream_items(Row, "document") as stream:
        assert [row.name for row in stream] == ["tea", "milk"]
