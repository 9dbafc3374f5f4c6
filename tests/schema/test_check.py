"""Checking tells what is wrong, where on the wire, and what was taken."""

from __future__ import annotations

import threading
from datetime import date
from typing import Annotated, Any, Literal

import pytest
from pydantic import AfterValidator, AliasPath, BaseModel, ConfigDict, Field, Json

from extract.errors import SchemaError, ValidationError
from extract.schema import Checked, Schema, WireForm


class Line(BaseModel):
    """One line."""

    name: str
    qty: Annotated[int, Field(ge=1)] = 1


class Cat(BaseModel):
    """A cat."""

    kind: Literal["cat"]
    lives: int


class Dog(BaseModel):
    """A dog."""

    kind: Literal["dog"]
    tags: dict[str, int]


class Whole(BaseModel):
    """One of each."""

    lines: list[Line]
    by: dict[int, Line]
    pair: tuple[int, Line]
    pet: Cat | Dog
    when: date | str
    maybe: int | None = 5
    city: str = Field(validation_alias=AliasPath("address", "city"))
    text: Json[list[int]] = []


def whole() -> dict[str, Any]:
    """A wire value with nothing wrong."""
    return {
        "lines": [{"name": "a", "qty": 2}],
        "by": [{"key": 7, "value": {"name": "b", "qty": 1}}],
        "pair": {"item_1": 1, "item_2": {"name": "c", "qty": 3}},
        "pet": {"kind": "dog", "tags": [{"key": "x", "value": 1}]},
        "when": {"date": "2024-01-02"},
        "maybe": {"value": None},
        "city": "X",
        "text": [1],
    }


SPOILT = [
    (("lines", 0, "qty"), 0),
    (("lines", 0, "name"), None),
    (("by", 0, "value", "qty"), -1),
    (("by", 0, "key"), "z"),
    (("pair", "item_1"), "z"),
    (("pair", "item_2", "qty"), 0),
    (("pet", "tags", 0, "value"), "z"),
    (("when", "date"), "z"),
    (("maybe", "value"), "z"),
    (("city",), 5),
    (("text", 0), "z"),
    (("lines",), "z"),
]


@pytest.mark.parametrize(("path", "value"), SPOILT, ids=str)
def test_an_issue_stands_at_its_place_on_the_wire(path, value):
    """Whatever the codecs moved, the path is the one the model wrote."""
    schema = Schema.of(Whole)
    wire = whole()
    assert schema.check(wire).ok
    here: Any = wire
    for step in path[:-1]:
        here = here[step]
    here[path[-1]] = value
    checked = schema.check(wire, strictness="exact")
    assert not checked.ok
    assert checked.value is None
    assert [issue.path for issue in checked.issues] == [path]


def test_a_missing_key_is_named():
    """The path ends in the key that should be there."""
    wire = whole()
    del wire["lines"][0]["name"]
    assert [issue.path for issue in Schema.of(Whole).check(wire, strictness="exact").issues] == [("lines", 0, "name")]


def test_null_takes_the_default_and_says_so():
    """A default is a liberty on record, at its path."""
    wire = whole()
    wire["lines"][0]["qty"] = None
    wire["maybe"] = None
    checked = Schema.of(Whole).check(wire)
    assert checked.ok
    assert checked.value.lines[0].qty == 1
    assert checked.value.maybe == 5
    assert {(each.kind, each.path) for each in checked.repairs} == {
        ("default-taken", ("lines", 0, "qty")),
        ("default-taken", ("maybe",)),
    }


def test_a_key_that_stands_twice_is_an_issue():
    """No entry is dropped in silence."""
    schema = Schema.of(dict[str, int])
    wire = {"value": [{"key": "a", "value": 1}, {"key": "a", "value": 2}]}
    assert [(issue.kind, issue.path) for issue in schema.check(wire).issues] == [("duplicate-key", ("value", 1, "key"))]


def test_text_where_json_text_is_asked_for():
    """Taken as it stands and recorded, unless exactness is asked for."""
    schema = Schema.of(Any)
    checked = schema.check({"value": "not json"})
    assert checked.value == "not json"
    assert [each.kind for each in checked.repairs] == ["text-for-json"]
    assert not schema.check({"value": "not json"}, strictness="exact").ok


def test_the_fast_path_and_the_slow_path_agree():
    """check_json and check give the same verdict."""
    schema = Schema.of(Line)
    assert schema.check_json(b'{"name": "a", "qty": 2}').value == Line(name="a", qty=2)
    slow = schema.check_json('{"name": "a", "qty": 0}')
    assert [issue.path for issue in slow.issues] == [("qty",)]
    assert slow.wire == {"name": "a", "qty": 0}
    plain = Schema.of(list[int])
    assert plain.check_json('{"value": [1]}').wire == {"value": [1]}


def test_a_text_that_is_no_json_gives_one_issue():
    """The exchange then takes the decoder that mends texts."""
    checked = Schema.of(Line).check_json("{'name': 1}")
    assert [issue.kind for issue in checked.issues] == ["json_invalid"]


def test_the_wire_value_is_read_when_asked_for():
    """An ordinary answer is not parsed twice."""
    checked = Schema.of(Cat).check_json('{"kind": "cat", "lives": 9}')
    assert checked.wire == {"kind": "cat", "lives": 9}
    assert checked.wire is checked.wire


def test_a_validator_that_breaks_is_an_issue_not_a_crash():
    """Check never raises for a bad value."""

    def broken(value: int) -> int:
        raise KeyError(value)

    checked = Schema.of(Annotated[int, AfterValidator(broken)]).check({"value": 1})
    assert [issue.kind for issue in checked.issues] == ["validator-failed"]


@pytest.mark.parametrize(
    "wire", [None, [], "x", {"lines": None}, {"value": 1}, {"lines": {}}, 5, {"when": {"date": []}}]
)
def test_no_wire_value_makes_check_raise(wire):
    """Whatever came back, the answer is a verdict."""
    assert isinstance(Schema.of(Whole).check(wire), Checked)


def test_decode_raises_with_issues():
    """The same facts as an error."""
    with pytest.raises(ValidationError) as caught:
        Schema.of(Line).decode({"name": "a", "qty": 0})
    assert [issue.path for issue in caught.value.issues] == [("qty",)]


def test_context_reaches_the_validators():
    """Validators may depend on the caller."""

    def upper(value: str, info: Any) -> str:
        return value.upper() if info.context else value

    schema = Schema.of(Annotated[str, AfterValidator(upper)])
    assert schema.decode({"value": "a"}, context=True) == "A"


def test_a_compiled_schema_is_found_again():
    """The same object, so that its bytes are made once."""
    assert Schema.of(Line) is Schema.of(Line)
    noted = Annotated[int, Field(gt=1)]
    assert Schema.of(noted) is Schema.of(noted)
    assert Schema.of(Line) is not Schema.of(Line, dialect="llama-grammar")


def test_schemas_may_be_used_from_several_threads():
    """Lazy parts are built once or twice, never wrongly."""
    schema = Schema.of(list[date | str | dict[str, date | str]])
    values: list[Any] = [[date(2024, 1, 2), "x", {"a": date(2024, 1, 3)}]]
    seen: list[Any] = []

    def work() -> None:
        seen.extend(schema.decode(schema.encode(value)) == value for value in values * 5)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [True] * 40


class Money:
    """A class pydantic knows nothing of."""

    def __init__(self, cents: int) -> None:
        self.cents = cents

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Money) and other.cents == self.cents

    def __hash__(self) -> int:
        return hash(self.cents)


class Bill(BaseModel):
    """Holds one."""

    model_config = ConfigDict(arbitrary_types_allowed=True)
    total: Money
    tips: list[Money] = []


FORM = WireForm({"type": "integer", "description": "cents"}, Money, lambda money: money.cents)


def test_a_wire_form_can_be_declared_for_a_type(round_trip):
    """The hook for what pydantic has no JSON form for."""
    round_trip(Schema.of(Bill, forms={Money: FORM}), Bill(total=Money(5), tips=[Money(1)]))
    round_trip(Schema.of(Money, forms={Money: FORM}), Money(5))


def test_what_has_no_json_form_is_refused_with_its_path():
    """Before any call, by name."""
    with pytest.raises(SchemaError) as caught:
        Schema.of(Bill)
    assert caught.value.path == ("total",)
    assert "forms" in caught.value.advice


@pytest.mark.parametrize("name", ["x" * 80, "Page[Item]", "é", "", "a b"])
def test_names_fit_the_gateways_rule(name):
    """Sixty-four characters of a small alphabet."""
    made = Schema.of(Line, name=name).name
    assert 1 <= len(made) <= 64
    assert made.replace("_", "").replace("-", "").isalnum()
    assert made.isascii()
