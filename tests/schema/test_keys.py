"""A key that stands twice is seen: from the number of colons where that is enough, else by reading once more."""

from __future__ import annotations

import json
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from extract.schema import Schema


class Address(BaseModel):
    street: str
    zip: str


class Line(BaseModel):
    name: str
    qty: int


class Order(BaseModel):
    number: str
    buyer: Address
    lines: list[Line]


class Tree(BaseModel):
    name: str
    below: list[Tree]


class Mixed(BaseModel):
    kind: Literal["a"]
    one: Line | Address
    other: Address | None
    tags: dict[str, int]


WORDS = st.text(st.sampled_from(':{}"\\,ab '), max_size=4)
ADDRESSES = st.builds(Address, street=WORDS, zip=WORDS)
LINES = st.builds(Line, name=WORDS, qty=st.integers())
VALUES: dict[Any, Any] = {
    Address: ADDRESSES,
    Order: st.builds(Order, number=WORDS, buyer=ADDRESSES, lines=st.lists(LINES, max_size=3)),
    Tree: st.recursive(
        st.builds(Tree, name=WORDS, below=st.just([])), lambda t: st.builds(Tree, name=WORDS, below=st.lists(t)), max_leaves=4
    ),
    Mixed: st.builds(
        Mixed, kind=st.just("a"), one=LINES | ADDRESSES, other=st.none() | ADDRESSES,
        tags=st.dictionaries(WORDS, st.integers(), max_size=2),
    ),
}  # fmt: skip


def plainly_once(schema: Schema[Any], text: str) -> bool:
    """As the exchange does it: nothing but two counts."""
    keys = schema.keys
    return text.count(":") == keys.once + keys.each * (text.count("{") - keys.single)


def with_twin(wire: Any, which: int, name: int) -> str:
    """The text of a value in which one object names one key twice."""
    found = -1

    def write(value: Any) -> str:
        nonlocal found
        if isinstance(value, list):
            return f"[{','.join(map(write, value))}]"
        if not isinstance(value, dict) or not value:
            return json.dumps(value)
        found += 1
        mine = found
        members = [f"{json.dumps(key)}:{write(item)}" for key, item in value.items()]
        if which == mine:
            members.append(members[name % len(members)])
        return f"{{{','.join(members)}}}"

    return write(wire)


@pytest.mark.parametrize("declared", VALUES, ids=lambda declared: declared.__name__)
@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_only_a_key_that_stands_twice_is_seen(declared: Any, data: st.DataObject) -> None:
    """No text without such a key is taken for one, and none with such a key passes."""
    schema: Schema[Any] = Schema.of(declared)
    wire = schema.encode(data.draw(VALUES[declared]))
    text = json.dumps(wire, indent=data.draw(st.sampled_from([None, 2])))
    assert not schema.keys.twice(text)
    twin = with_twin(wire, data.draw(st.integers(0, _objects(wire) - 1)), data.draw(st.integers(0, 3)))
    assert schema.keys.twice(twin)
    words = json.dumps(_words(wire))
    if not set(words) & {":", "{"}:
        assert not plainly_once(schema, twin)


def test_ordinary_types_need_no_second_look() -> None:
    """Two counts tell it for objects that stand there once and one kind of row."""
    order = Order(number="A-17", buyer=Address(street="High Road 1", zip="E1"), lines=[Line(name="tea", qty=2)] * 3)
    for declared, value in ((Order, order), (Address, order.buyer), (list[Line], order.lines)):
        schema: Schema[Any] = Schema.of(declared)
        assert plainly_once(schema, json.dumps(schema.encode(value), indent=1))


def _objects(value: Any) -> int:
    if isinstance(value, list):
        return sum(map(_objects, value))
    return 1 + sum(map(_objects, value.values())) if isinstance(value, dict) and value else 0


def _words(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [word for item in value.values() for word in _words(item)]
    if isinstance(value, list):
        return [word for item in value for word in _words(item)]
    return [value] if isinstance(value, str) else []
