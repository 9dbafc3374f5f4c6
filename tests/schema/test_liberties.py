"""What a type takes although it was not asked for so is on record, and nothing vanishes from sets and dictionaries."""

from __future__ import annotations

import datetime as dt
import enum
import json
import sys
import uuid
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Annotated, Any, Literal, NamedTuple

import pytest
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    IPvAnyAddress,
    StringConstraints,
    model_validator,
)
from typing_extensions import NotRequired, TypedDict

from extract.errors import ValidationError
from extract.schema import Schema

LAX: list[tuple[Any, Any, Any, str]] = [
    (int, "3", 3, "number-from-text"),
    (int, 3.0, 3, "integer-from-number"),
    (int, True, 1, "read-by-type"),
    (bool, 1, True, "boolean-from-number"),
    (bool, "yes", True, "boolean-from-text"),
    (float, "1.5", 1.5, "number-from-text"),
    (float, True, 1.0, "read-by-type"),
    (dt.datetime, 20240101, dt.datetime(2024, 1, 1), "midnight"),  # noqa: DTZ001 - none was written
    (dt.timedelta, 60, dt.timedelta(minutes=1), "read-by-type"),
    (Annotated[int, BeforeValidator(lambda value: value)], "3", 3, "number-from-text"),
    (Annotated[int, AfterValidator(lambda value: value)], "4", 4, "number-from-text"),
]


@pytest.mark.parametrize(("declared", "given", "taken", "kind"), LAX, ids=[str(i) for i in range(len(LAX))])
def test_what_a_type_coerces_is_on_record(declared, given, taken, kind):
    """At its path, in the text way and in the value way; decode refuses it."""
    schema: Schema[Any] = Schema.of(list[declared])
    wire = {"value": [given]}
    for checked in (schema.check(wire), schema.check_json(json.dumps(wire))):
        assert checked.value == [taken]
        assert type(checked.value[0]) is type(taken)
        assert [(each.kind, each.path) for each in checked.repairs] == [(kind, ("value", 0))]
    with pytest.raises(ValidationError) as caught:
        schema.decode(wire)
    assert [issue.path for issue in caught.value.issues] == [("value", 0)]


class Shade(enum.Enum):
    """Ordinary values."""

    DARK = "dark"


class Right(BaseModel):
    """Kinds that a strict reading might take for wrong."""

    day: dt.date
    at: dt.datetime
    id: uuid.UUID
    price: Decimal
    shade: Shade
    pair: tuple[int, float]
    tags: set[str]
    by: dict[int, dt.date]
    either: Literal["a", 1] | None
    raw: bytes


class Watched(Right):
    """The same, seen by the author before it is read."""

    @model_validator(mode="before")
    @classmethod
    def see(cls, data: Any) -> Any:
        """Make of it what Python has."""
        return dict(data)


@pytest.mark.parametrize("declared", [Right, Watched])
def test_a_right_answer_is_no_liberty(declared):
    """A whole number where any number is asked for, an ISO text where a date is."""
    schema: Schema[Any] = Schema.of(declared)
    value = declared(
        day=dt.date(2024, 1, 2),
        at=dt.datetime(2024, 1, 2, tzinfo=dt.timezone.utc),
        id=uuid.UUID(int=1),
        price=Decimal("1.50"),
        shade=Shade.DARK,
        pair=(1, 2),
        tags={"x"},
        by={1: dt.date(2024, 1, 2)},
        either=1,
        raw=b"\xff",
    )
    checked = schema.check_json(json.dumps(schema.encode(value)))
    assert checked.value == value
    assert checked.repairs == ()


@pytest.mark.parametrize("kind", [set, frozenset])
def test_an_item_that_stands_twice_in_a_set_is_on_record(kind):
    """However it is spelled: sets compare values."""
    schema: Schema[Any] = Schema.of(kind[Decimal])
    checked = schema.check({"value": ["1.0", "2", "1.00", "1.0"]})
    assert checked.value == kind([Decimal(1), Decimal(2)])
    assert [(each.kind, each.path, each.before) for each in checked.repairs] == [
        ("duplicate-item", ("value", 2), "1.00"),
        ("duplicate-item", ("value", 3), "1.0"),
    ]
    assert checked.wire == {"value": ["1.0", "2"]}
    with pytest.raises(ValidationError) as caught:
        schema.decode({"value": ["1", "1"]})
    assert [(issue.kind, issue.path) for issue in caught.value.issues] == [("duplicate-item", ("value", 1))]


def test_what_is_left_out_of_a_set_counts_no_more():
    """The bound is held to the set, not to the list."""
    checked = Schema.of(Annotated[set[int], AfterValidator(lambda value: value)]).check_json('{"value": [1, 1]}')
    assert checked.value == {1}
    assert [each.kind for each in checked.repairs] == ["duplicate-item"]


TWICE: list[tuple[Any, Any, Any]] = [
    (dt.date, "2024-01-02", "2024-01-02T00:00:00"),
    (float, 1, 1.0),
    (Decimal, "1.0", "1.00"),
    (uuid.UUID, str(uuid.UUID(int=10)), str(uuid.UUID(int=10)).upper()),
    (Annotated[str, StringConstraints(to_lower=True)], "a", "A"),
    (bytes, "a", "data:;base64,YQ=="),
]


@pytest.mark.parametrize(("key", "one", "other"), TWICE, ids=[str(i) for i in range(len(TWICE))])
def test_two_spellings_of_one_key_are_an_issue(key, one, other):
    """No entry is dropped in silence."""
    schema: Schema[Any] = Schema.of(dict[key, int])
    wire: Any = {"value": [{"key": one, "value": 1}, {"key": other, "value": 2}]}
    checked = schema.check(wire)
    assert [(issue.kind, issue.path) for issue in checked.issues] == [("duplicate-key", ("value", 1, "key"))]


STRAYED: list[tuple[Any, Any, Any]] = [(dict[str, int], {"a": 1}, {"a": 1}), (tuple[int, int], [1, 2], (1, 2))]


@pytest.mark.parametrize(("declared", "given", "taken"), STRAYED, ids=["dict", "tuple"])
def test_another_shape_than_was_asked_for_is_on_record(declared, given, taken):
    """Also where the declared type would take it as it stands."""
    schema: Schema[Any] = Schema.of(list[declared])
    checked = schema.check_json(json.dumps({"value": [given]}))
    assert checked.value == [taken]
    assert checked.repairs


class Row(BaseModel):
    a: int
    b: int = 2
    c: str | None = None


class Sheet(BaseModel):
    number: str
    tags: dict[str, int] = {}
    note: str | None = None
    rows: list[Row] = []


LEFT_OUT: list[tuple[str, set[str]]] = [
    ('{"number":"A","tags":[],"note":"x","rows":[]}', set()),
    ('{"number":"A","tags":null,"note":null,"rows":null}', {"$.tags", "$.rows"}),
    ('{"number":"A"}', {"$.tags", "$.note", "$.rows"}),
    ('{"number":"A","tags":[],"rows":[]}', {"$.note"}),
    ('{"number":"A","tags":[],"note":"x","rows":[{"a":1,"b":1,"c":"d"},{"a":1}]}', {"$.rows[1].b", "$.rows[1].c"}),
    ('{"number":"A","tags":[],"note":null,"rows":[{"a":1,"b":3}]}', {"$.rows[0].c"}),
]


@pytest.mark.parametrize(("text", "taken"), LEFT_OUT, ids=[str(i) for i in range(len(LEFT_OUT))])
def test_a_key_that_is_left_out_takes_its_default_on_record(text: str, taken: set[str]) -> None:
    """Whether it is null or not there at all; decode takes only what is there."""
    schema = Schema.of(Sheet)
    for checked in (schema.check_json(text), schema.check(json.loads(text))):
        assert checked.ok
        assert {str(each) for each in checked.repairs} == {f"default-taken @ {path}" for path in taken}
    if {key for key in Sheet.model_fields if key not in json.loads(text)}:
        with pytest.raises(ValidationError, match="if only as null"):
            schema.decode(json.loads(text))


def test_so_it_does_where_something_else_was_coerced() -> None:
    """One liberty hides no other."""
    checked = Schema.of(Sheet).check({"number": "A", "tags": [], "rows": [{"a": "1"}]})
    assert {str(each) for each in checked.repairs} == {
        "number-from-text @ $.rows[0].a",
        *(f"default-taken @ $.{path}" for path in ("note", "rows[0].b", "rows[0].c")),
    }


def test_threads_do_not_disturb_each_other() -> None:
    """One schema, eight threads, right and wrong answers: each gets its own verdict."""
    schema = Schema.of(Sheet)
    texts = [(text, {f"default-taken @ {path}" for path in taken}) for text, taken in LEFT_OUT] * 40

    def told(text: str) -> set[str]:
        return {str(each) for each in schema.check_json(text).repairs}

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(told, [text for text, _ in texts]))
    finally:
        sys.setswitchinterval(interval)
    assert found == [expected for _, expected in texts]


def test_a_type_may_not_choose_between_two_readings() -> None:
    """Pydantic takes "1.000" for 1, which may be a thousand: it is asked again."""
    schema = Schema.of(list[int])
    checked = schema.check({"value": ["1.000"]})
    assert [(issue.kind, issue.path) for issue in checked.issues] == [("ambiguous-number", ("value", 0))]
    assert schema.check({"value": ["1.0"]}).value == [1]


class Priced(BaseModel):
    price: Decimal
    share: Annotated[Decimal, Field(ge=0, decimal_places=2)] = Decimal(0)
    counts: dict[str, Decimal] = {}
    turn: complex = 0j
    code: Decimal | str = "none"


FULL = {
    "price": "1.50",
    "share": "0.25",
    "counts": [{"key": "a", "value": "2"}],
    "turn": "1+2j",
    "code": {"decimal": "7"},
}


@pytest.mark.parametrize("as_text", [True, False])
@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"price": 1.5}, ("price",)),
        ({"price": 3}, ("price",)),
        ({"share": 0.25}, ("share",)),
        ({"price": 1.5, "share": None}, ("price",)),
        ({"counts": [{"key": "a", "value": 2}]}, ("counts", 0, "value")),
        ({"turn": 2}, ("turn",)),
    ],
)
def test_a_number_where_its_digits_were_asked_for_is_on_record(change: Any, path: Any, as_text: Any) -> None:
    """However it is read: as text, or as a value that has been decoded already; read exactly, it is refused."""
    schema = Schema.of(Priced)
    wire = {**FULL, **change}
    check = (lambda v, **said: schema.check_json(json.dumps(v), **said)) if as_text else schema.check
    checked = check(wire)
    assert checked.ok
    assert [(each.kind, each.path) for each in checked.repairs if each.kind != "default-taken"] == [
        ("text-from-number", path)
    ]
    exact = check(wire, strictness="exact")
    assert ("not-exact", path) in [(issue.kind, issue.path) for issue in exact.issues]
    assert check(FULL, strictness="exact").ok


@pytest.mark.parametrize("number", ["12345678901234567890.123", "0.1234567890123456789", "1234567890.1234567"])
def test_a_number_that_lost_digits_is_asked_for_again(number: str) -> None:
    """A float holds fifteen digits for sure; a decimal must not be made of what is left of more."""
    schema = Schema.of(Priced)
    text = json.dumps({**FULL, "price": None}).replace("null", number)
    [issue] = schema.check(json.loads(text)).issues
    assert (issue.kind, issue.path) == ("lossy-number", ("price",))


@pytest.mark.parametrize("number", ["12345678901234567890.123", "0.10", "1e3"])
def test_a_number_is_spelled_as_the_text_has_it(number: str) -> None:
    """While the text is there, no digit is lost; a text from a number is on record."""

    class Item(BaseModel):
        price: Decimal
        code: str
        share: float

    schema = Schema.of(Item)
    text = '{"price": %s, "code": %s, "share": 0.50}' % (number, number)  # noqa: UP031 - braces
    checked = schema.check_json(text)
    assert checked.value == Item(price=Decimal(number), code=number, share=0.5)
    assert [(each.kind, each.path, type(each.before)) for each in checked.repairs] == [
        ("text-from-number", ("price",), float), ("text-from-number", ("code",), float)
    ]  # fmt: skip
    assert type(checked.wire["share"]) is float
    alone = schema.check(json.loads(text))
    assert ("unspelled-number", ("code",)) in [(issue.kind, issue.path) for issue in alone.issues]


@pytest.mark.parametrize("number", ["0.1", "1e-7", "123456789012.345", "-0.00012345", "12345678901234567890"])
def test_a_number_that_lost_none_is_taken(number: str) -> None:
    """Whole numbers lose none at all."""
    checked = Schema.of(Priced).check_json(json.dumps({**FULL, "price": None}).replace("null", number))
    assert checked.value is not None
    assert checked.value.price == Decimal(number)


@pytest.mark.parametrize("declared", [dt.datetime, dt.time, list[dt.datetime], dict[str, dt.time], dt.datetime | None])
@pytest.mark.parametrize("text", ["2024", "1030", "1735603200", "12.5", "+5"])
@pytest.mark.parametrize("as_text", [True, False])
def test_digits_alone_are_no_moment(declared: Any, text: str, as_text: Any) -> None:
    """To pydantic they count seconds since 1970, or midnight: nobody wrote that."""
    schema = Schema.of(declared)
    place: Any = {list[dt.datetime]: [text], dict[str, dt.time]: [{"key": "a", "value": text}]}.get(declared, text)
    wire = {"value": place}
    for strictness in ("exact", "careful", "lenient"):
        said: Any = {"strictness": strictness}
        checked = schema.check_json(json.dumps(wire), **said) if as_text else schema.check(wire, **said)
        assert not checked.ok


def test_digits_that_are_a_day_are_read_as_one() -> None:
    """On record."""
    checked = Schema.of(dt.datetime).check_json(json.dumps({"value": "20241231"}))
    assert checked.value == dt.datetime(2024, 12, 31)  # noqa: DTZ001 - none was written
    assert [(each.kind, each.path) for each in checked.repairs] == [("midnight", ("value",))]


def test_an_author_may_read_digits_in_his_own_way() -> None:
    """Whatever his function makes of them."""
    year = BeforeValidator(lambda text: f"{text}-01-01T00:00:00" if len(text) == 4 else text)
    checked = Schema.of(Annotated[dt.datetime, year]).check({"value": "2024"})
    assert checked.value == dt.datetime(2024, 1, 1)  # noqa: DTZ001 - none was written


class Open(BaseModel):
    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, int] = Field(init=False)
    n: int


class Anything(BaseModel):
    model_config = ConfigDict(extra="allow")
    n: int


class Held(BaseModel):
    pair: tuple[int, str]
    day: dt.date | None = None
    share: float = 0.0


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int = 9


class Dog(BaseModel):
    kind: Literal["dog"]
    age: float | None = None


class Zoo(BaseModel):
    pets: list[Annotated[Cat | Dog, Field(discriminator="kind")]]
    star: Cat | Dog | None = None


class Beside(BaseModel):
    """An object that takes any key, beside one that takes none."""

    open: Anything
    closed: Dog


class Handed(BaseModel):
    lives: int = 9
    name: str

    def __init__(self, **data: Any) -> None:
        super().__init__(**data)


class Holds(BaseModel):
    cat: Handed
    dog: Dog

    def __init__(self, **data: Any) -> None:
        super().__init__(**data)


class Pair(NamedTuple):
    one: int = 1
    other: str = "a"


class Wrapped(BaseModel):
    name: str | None = "nobody"


OPEN = {"n": 1, "additional_properties": []}
HELD = {"pair": {"item_1": 1, "item_2": "a"}, "day": "2024-02-29", "share": 0.5}
TAKEN: list[tuple[Any, Any, Any]] = [
    (Held, {**HELD, "pair": {"item_1": 1, "item_2": "a", "item_3": "more"}}, ("extra-key", ("pair", "item_3"))),
    (Held, {**HELD, "share": float("nan")}, ("not-finite", ("share",))),
    (Held, {**HELD, "share": float("inf")}, ("not-finite", ("share",))),
    (Held, {**HELD, "day": 20240229}, ("date-from-text", ("day",))),
    (dict[str, int], {"value": [{"key": True, "value": 1}]}, ("text-from-boolean", ("value", 0, "key"))),
    (dict[int, str], {"value": {"1": "a", "2": "b"}}, ("entries-from-object", ("value",))),
    (Literal[1, 2], {"value": True}, ("read-by-type", ("value",))),
    # A class that takes part in a union whose value is null elsewhere in the answer.
    (Zoo, {"pets": [{"kind": "dog"}], "star": None}, ("default-taken", ("pets", 0, "age"))),
    (Zoo, {"pets": [{"kind": "dog", "years": 3}], "star": None}, ("default-taken", ("pets", 0, "age"))),
    (Beside, {"open": OPEN, "closed": {"kind": "dog", "age": 3, "name": "Rex"}}, ("extra-key", ("closed", "name"))),
    (
        Beside,
        {"open": {"n": 1}, "closed": {"kind": "dog", "age": 3}},
        ("default-taken", ("open", "additional_properties")),
    ),
    (Beside, {"open": OPEN, "closed": {"kind": "dog", "age": None, "x": None}}, ("extra-key", ("closed", "x"))),
    (Handed, {"lives": None, "name": "Tom", "age": 3}, ("extra-key", ("age",))),
    (Handed, {"lives": "7", "name": "Tom"}, ("number-from-text", ("lives",))),
    (
        Holds,
        {"cat": {"lives": 9, "name": "Tom", "x": 1}, "dog": {"kind": "dog", "age": 3}},
        ("extra-key", ("cat", "x")),
    ),
    (
        Holds,
        {"cat": {"lives": 9, "name": "Tom"}, "dog": {"kind": "dog", "age": 3, "x": 1}},
        ("extra-key", ("dog", "x")),
    ),
    (dict[str, Any], {"value": [{"key": "a", "value": [1]}]}, ("json-for-text", ("value", 0, "value"))),
    (Pair, [], ("read-by-type", ())),
    (Wrapped, {"name": "Tom"}, ("read-by-type", ("name",))),
    (int | dt.timedelta, {"value": "1"}, ("number-from-text", ("value",))),
    (Literal[True], {"value": 1}, ("read-by-type", ("value",))),
    (Literal["a", 1], {"value": True}, ("read-by-type", ("value",))),
    (Literal[1] | None, {"value": True}, ("read-by-type", ("value",))),
    (Literal[True, "a"], {"value": 1.0}, ("read-by-type", ("value",))),
    (IPvAnyAddress, {"value": 16909060}, ("read-by-type", ("value",))),
]
REFUSED: list[tuple[Any, Any, Any]] = [
    (Anything, {"n": 1, "additional_properties": [{"key": "a", "value": "1"}, {"key": "b"}]}, ("additional_properties",)),
    (Anything, {"n": 1, "additional_properties": [{"key": "a", "value": "1"}, None]}, ("additional_properties",)),
    (Open, {"n": 1, "additional_properties": [{"key": "a", "value": "x"}, {"key": "c", "value": 2}]},
     ("additional_properties", 0, "value")),
    (dict[str, int], {"value": [{"key": None, "value": 1}]}, ("value", 0, "key")),
    *((Held, {**HELD, "day": given}, ("day",)) for given in ("0", "86400", "1704153600", 0, 1704153600, 86400.0)),
    *((dt.datetime, {"value": given}, ("value",)) for given in (2024, 1704067200, 1.5)),
    (dt.time, {"value": 1030}, ("value",)),
    (dict[dt.date, int], {"value": [{"key": "86400", "value": 1}]}, ("value", 0, "key")),
    (int, {"value": 9007199254740992.0}, ("value",)),
]  # fmt: skip


@pytest.mark.parametrize(("declared", "wire", "told"), TAKEN, ids=[str(i) for i in range(len(TAKEN))])
def test_what_nothing_else_is_wrong_with_is_on_record(declared, wire, told):
    """Also where the plain way could have read it all."""
    for checked in (Schema.of(declared).check_json(json.dumps(wire)), Schema.of(declared).check(wire)):
        assert checked.ok
        assert told in [(each.kind, each.path) for each in checked.repairs]


@pytest.mark.parametrize(("declared", "wire", "path"), REFUSED, ids=[str(i) for i in range(len(REFUSED))])
def test_what_nobody_wrote_is_never_taken(declared, wire, path):
    """Not a day in 1970, not an object without its broken entries, not a key that is none."""
    for strictness in ("exact", "careful", "lenient"):
        said: Any = {"strictness": strictness}
        for checked in (
            Schema.of(declared).check_json(json.dumps(wire), **said),
            Schema.of(declared).check(wire, **said),
        ):
            assert [issue.path for issue in checked.issues] == [path]


class Number(enum.IntEnum):
    """Values that true and 1.0 are equal to."""

    ONE = 1
    TWO = 2


class Moments(BaseModel):
    at: dt.datetime = dt.datetime(2024, 1, 1)  # noqa: DTZ001 - as documents write them
    clock: dt.time = dt.time(1)
    lasts: dt.timedelta = dt.timedelta(0)
    either: dt.datetime | int = 0
    day: dt.date = dt.date(2024, 1, 1)
    which: Number = Number.ONE
    one: Literal[1, 2] = 1


PLAIN = {
    "at": "2024-05-01T10:00:00.5Z", "clock": "10:00:00", "lasts": "P1DT2H", "either": "2024-05-01 10:00", "which": 1, "day": "2024-05-01",
    "one": 1,
}  # fmt: skip
MOMENTS: list[tuple[dict[str, Any], str, Any]] = [
    ({"at": "2024-05-01"}, "midnight", dt.datetime(2024, 5, 1)),  # noqa: DTZ001
    ({"either": "2024-05-01"}, "midnight", dt.datetime(2024, 5, 1)),  # noqa: DTZ001
    ({"at": "2024-05-01T10:00:00.123456789"}, "digits-cut", dt.datetime(2024, 5, 1, 10, 0, 0, 123456)),  # noqa: DTZ001
    ({"clock": "10:00:00.1234567"}, "digits-cut", dt.time(10, 0, 0, 123456)),
    ({"lasts": "PT1.1234567S"}, "digits-cut", dt.timedelta(seconds=1, microseconds=123456)),
    ({"lasts": "1 day, 2:03:04"}, "duration-from-text", dt.timedelta(days=1, hours=2, minutes=3, seconds=4)),
    ({"day": "20240501"}, "date-from-text", dt.date(2024, 5, 1)),
    ({"day": "2024-05-01T00:00:00Z"}, "date-from-text", dt.date(2024, 5, 1)),
    ({"which": True}, "read-by-type", Number.ONE),
    ({"which": 1.0}, "integer-from-number", Number.ONE),
    ({"one": 1.0}, "integer-from-number", 1),
]


@pytest.mark.parametrize(("change", "kind", "taken"), MOMENTS, ids=[str(i) for i in range(len(MOMENTS))])
@pytest.mark.parametrize("as_text", [True, False])
def test_what_a_moment_gains_or_loses_is_on_record(change: Any, kind: Any, taken: Any, as_text: Any) -> None:
    """Midnight where a day stood, digits below the microsecond; read exactly, it is asked again."""
    schema = Schema.of(Moments)
    check = (lambda v, **said: schema.check_json(json.dumps(v), **said)) if as_text else schema.check
    assert check(PLAIN).repairs == ()
    assert check(PLAIN, strictness="exact").ok
    checked = check({**PLAIN, **change})
    [(key, _)] = change.items()
    assert getattr(checked.value, key) == taken
    assert [(each.kind, each.path) for each in checked.repairs] == [(kind, (key,))]
    exact = check({**PLAIN, **change}, strictness="exact")
    assert [issue.path for issue in exact.issues] == [(key,)]


@pytest.mark.parametrize(("text", "days"), [("P1M", 30), ("P1Y", 365), ("P1Y2M3D", 428)])
def test_months_are_no_certain_duration(text: str, days: int) -> None:
    """Pydantic counts 30 days: only a lenient reader may, on record."""
    schema = Schema.of(Moments)
    wire = json.dumps({**PLAIN, "lasts": text})
    for strictness in ("exact", "careful"):
        said: Any = {"strictness": strictness}
        assert [issue.path for issue in schema.check_json(wire, **said).issues] == [("lasts",)]
    checked = schema.check_json(wire, strictness="lenient")
    assert checked.value is not None
    assert checked.value.lasts == dt.timedelta(days=days)
    assert [(each.kind, each.path) for each in checked.repairs] == [("duration-guessed", ("lasts",))]


def test_a_long_duration_is_written_without_years() -> None:
    """It comes back under exact."""
    schema = Schema.of(dt.timedelta)
    for each in (dt.timedelta(days=400, microseconds=1), dt.timedelta(days=-1, hours=1), dt.timedelta(0)):
        assert schema.decode(schema.encode(each)) == each
    assert schema.encode(dt.timedelta(days=400, hours=1)) == {"value": "P400DT1H"}


JSON_TEXT = r"{\"b\": [{\"a\": 1, \"a\": {\"c\": 2}}, \"a: a: \"]}"
HOLDERS: list[tuple[Any, str, Any]] = [
    (Any, '{"value": "%s"}', ("value",)),
    (list[Any], '{"value": ["1", "%s"]}', ("value", 1)),
]


class Nested(BaseModel):
    b: list[dict[str, int]]


@pytest.mark.parametrize(("declared", "form", "path"), HOLDERS, ids=["any", "list"])
def test_a_key_that_stands_twice_in_json_text_is_on_record(declared: Any, form: str, path: Any) -> None:
    """As it is in the answer itself; read exactly, it is refused."""
    schema = Schema.of(declared)
    text = form % JSON_TEXT
    for checked in (schema.check_json(text), schema.check(json.loads(text))):
        assert [(each.kind, each.path, each.before, each.after) for each in checked.repairs] == [
            ("duplicate-key", (*path, "b", 0, "a"), 1, {"c": 2})
        ]
        assert checked.ok
    assert [issue.path for issue in schema.check_json(text, strictness="exact").issues] == [(*path, "b", 0, "a")]
    assert schema.check_json(text.replace(r"\"a\": 1, ", "")).repairs == ()


@pytest.mark.parametrize("text", ['{"b": [{"a": 1, "a": 2}]}', "{'b': [{'a': 1, 'a': 2}]}"])
def test_so_it_is_in_an_object_that_came_as_text(text: str) -> None:
    """Python's way of writing it is not read at all."""
    checked = Schema.of(list[Nested]).check({"value": [text]})
    if "'" in text:
        assert not checked.ok
    else:
        assert ("duplicate-key", ("value", 0, "b", 0, "a"), 1) in [
            (each.kind, each.path, each.before) for each in checked.repairs
        ]


class Remark(TypedDict):
    """A text, and perhaps who said it."""

    text: str
    by: NotRequired[str]


def test_null_for_what_need_not_be_there_is_no_liberty() -> None:
    """It is how the wire says so; a key that is missing itself was asked for."""
    schema = Schema.of(Remark)
    assert schema.encode({"text": "fine"}) == {"text": "fine", "by": None}
    assert schema.check({"text": "fine", "by": None}).repairs == ()
    assert [str(each) for each in schema.check({"text": "fine"}).repairs] == ["default-taken @ $.by"]
