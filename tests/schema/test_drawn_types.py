"""The contract as a property: types are drawn, three levels deep, and values of them come back in every dialect."""

from __future__ import annotations

import collections
import copy
import dataclasses
import datetime as dt
import enum
import ipaddress
import json
import os
import pathlib
import string
import uuid
from decimal import Decimal
from typing import Annotated, Any, Literal, NamedTuple, Optional, Union

import annotated_types
import jsonschema
import pydantic
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from pydantic import (
    AliasChoices,
    AliasPath,
    BaseModel,
    ConfigDict,
    Field,
    Json,
    PydanticUserError,
    RootModel,
    TypeAdapter,
    create_model,
)
from typing_extensions import NotRequired, TypedDict

from extract.errors import ValidationError
from extract.schema import Schema

ALL_WRITTEN = tuple(map(int, pydantic.VERSION.split(".")[:2])) >= (2, 14)
EXAMPLES = int(os.environ.get("EXTRACT_DRAWN_TYPES", "60"))
"""How many types are drawn a dialect; set it to thousands to look for what nobody thought of.

Unless it is set they are the same each time: what thousands still find is known, and no news of a change.
"""
DRAWN = settings(
    deadline=None,
    max_examples=EXAMPLES,
    derandomize="EXTRACT_DRAWN_TYPES" not in os.environ,
    suppress_health_check=list(HealthCheck),
)


@dataclasses.dataclass(frozen=True)
class Kind:
    """A type and its values; ``hashable`` values can stand in sets and for keys."""

    declared: Any
    values: st.SearchStrategy[Any]
    hashable: bool = True
    nullable: bool = False


class Shade(enum.Enum):
    """Ordinary values."""

    DARK = "dark"
    LIGHT = "light"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


class Odd(enum.Enum):
    """Values that JSON has no form for."""

    PAIR = (1, 2)
    NONE = None
    TEXT = "PAIR"
    HALF = 0.5


class Mark(str, enum.Enum):
    ONE = "1"
    TRUE = "true"


class Rights(enum.Flag):
    READ = 1
    WRITE = 2


TEXT = st.text(st.characters(codec="utf-8"), max_size=6)
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXT, inner, max_size=2),
    max_leaves=4,
)
ZONES = st.sampled_from([dt.timezone.utc, dt.timezone(dt.timedelta(hours=5, minutes=30)), None])


def decimals(**bounds: Any) -> Any:
    return st.decimals(allow_nan=False, allow_infinity=False, **bounds)


def sampled(cls: Any) -> Kind:
    return Kind(cls, st.sampled_from(list(cls)))


def literal(*values: Any) -> Kind:
    return Kind(Literal[values], st.sampled_from(values), nullable=None in values)


LEAVES = [
    Kind(str, TEXT),
    Kind(int, st.integers(-(10**18), 10**18)),
    Kind(float, st.floats(allow_nan=False, allow_infinity=False)),
    Kind(bool, st.booleans()),
    Kind(dt.date, st.dates(dt.date(1, 1, 1))),
    Kind(dt.time, st.times()),
    Kind(dt.datetime, st.datetimes(timezones=ZONES)),
    Kind(dt.timedelta, st.timedeltas(dt.timedelta(days=-999), dt.timedelta(days=999))),
    Kind(uuid.UUID, st.uuids()),
    Kind(Decimal, decimals(places=3, min_value=-(10**6), max_value=10**6)),
    Kind(bytes, st.binary(max_size=6)),
    Kind(complex, st.complex_numbers(allow_nan=False, allow_infinity=False)),
    Kind(pathlib.PurePosixPath, TEXT.filter(lambda text: "\0" not in text).map(pathlib.PurePosixPath)),
    Kind(ipaddress.IPv4Address, st.ip_addresses(v=4)),
    Kind(pydantic.SecretStr, TEXT.map(pydantic.SecretStr)),
    Kind(type(None), st.none(), nullable=True),
    Kind(Any, PLAIN, hashable=False, nullable=True),
    Kind(dict, st.dictionaries(TEXT, PLAIN, max_size=2), hashable=False),
    sampled(Shade),
    sampled(Level),
    sampled(Odd),
    sampled(Mark),
    sampled(Rights),
    literal("a", "b"),
    literal("a", 1, True, None),
    literal("1", 1),
    literal(Shade.DARK, "dark", b"dark"),
    Kind(Annotated[int, Field(ge=0, lt=100)], st.integers(0, 99)),
    Kind(Annotated[int, Field(gt=-50), annotated_types.MultipleOf(5)], st.integers(-9, 99).map(lambda n: 5 * n)),
    Kind(Annotated[str, Field(pattern="^[a-c]+$", max_length=4)], st.text("abc", min_size=1, max_size=4)),
    Kind(Annotated[str, Field(min_length=2)], st.text(string.printable, min_size=2, max_size=5)),
    Kind(Annotated[float, Field(ge=-1, le=1)], st.floats(-1, 1)),
    Kind(Annotated[Decimal, Field(max_digits=5, decimal_places=2)], decimals(places=2, min_value=0, max_value=999)),
    Kind(Annotated[bytes, Field(max_length=3)], st.binary(max_size=3)),
    Kind(pydantic.StrictInt, st.integers(-9, 9)),
    Kind(pydantic.AwareDatetime, st.datetimes(timezones=st.just(dt.timezone.utc))),
]  # fmt: skip


# -- containers --------------------------------------------------------------------------------------------------


def listed(inner: Kind, least: int, deque: bool) -> Kind:  # noqa: FBT001
    kind = collections.deque if deque else list
    values = st.lists(inner.values, min_size=least, max_size=3).map(kind)
    return Kind(Annotated[kind[inner.declared], Field(min_length=least, max_length=4)], values, hashable=False)  # type: ignore[valid-type]


def keyed(key: Kind, inner: Kind) -> Kind:
    return Kind(dict[key.declared, inner.declared], st.dictionaries(key.values, inner.values, max_size=3), False)  # type: ignore[name-defined]


def gathered(inner: Kind, frozen: bool) -> Kind:  # noqa: FBT001
    made = st.frozensets(inner.values, max_size=3)
    return Kind(frozenset[inner.declared], made) if frozen else Kind(set[inner.declared], made.map(set), False)  # type: ignore[name-defined]


def paired(inner: list[Kind]) -> Kind:
    values = st.tuples(*(each.values for each in inner))
    return Kind(tuple[tuple(each.declared for each in inner)], values, all(each.hashable for each in inner))  # type: ignore[misc]


def repeated(inner: Kind) -> Kind:
    return Kind(tuple[inner.declared, ...], st.lists(inner.values, max_size=3).map(tuple), inner.hashable)  # type: ignore[name-defined]


def optional(inner: Kind) -> Kind:
    return Kind(Optional[inner.declared], st.none() | inner.values, inner.hashable, nullable=True)  # noqa: UP045 - a literal has no |


def either(inner: list[Kind]) -> Kind:
    if len(inner) > 1:
        # Among others it would take what is theirs.
        inner = [each for each in inner if each.declared is not Any] or inner[:1]
    values = st.one_of(*(each.values for each in inner))
    hashable, nullable = all(each.hashable for each in inner), any(each.nullable for each in inner)
    return Kind(Union[tuple(each.declared for each in inner)], values, hashable, nullable)  # noqa: UP007 - of a tuple


def as_json(inner: Kind) -> Kind:
    return Kind(Json[inner.declared], inner.values, inner.hashable, inner.nullable)  # type: ignore[name-defined]


# -- objects -----------------------------------------------------------------------------------------------------

NAMES = st.lists(
    st.sampled_from(["one", "two", "value", "key", "item_1", "type_"]), min_size=1, max_size=3, unique=True
)
ALIASES = {
    "none": lambda _: {},
    "alias": lambda name: {"alias": f"{name} No."},
    "choices": lambda name: {"validation_alias": AliasChoices(f"{name}!", name)},
    "path": lambda name: {"validation_alias": AliasPath("deep", name)},
}
DEFAULTS = ("none", "none", "value", "factory", "null")


def fields(draw: Any, inner: Any) -> dict[str, tuple[Kind, Any]]:
    """Draw names with a type and a default, or ``...`` where one must be preset."""
    found = {}
    for name in draw(NAMES):
        kind, how = draw(inner), draw(st.sampled_from(DEFAULTS))
        if how == "null" and draw(st.booleans()):
            kind = optional(kind)
        found[name] = kind, ... if how == "none" else None if how == "null" else draw(kind.values)
    return found


def default(value: Any) -> dict[str, Any]:
    if value is ...:
        return {}
    return {"default": value} if type(value).__hash__ else {"default_factory": lambda: value}


@st.composite
def modelled(draw: Any, inner: Any) -> Kind:
    found = fields(draw, inner)
    open_ = draw(st.booleans())
    config = ConfigDict(extra="allow" if open_ else draw(st.sampled_from(["ignore", "forbid"])), frozen=False)
    told: Any = {}
    by_name = {}
    for name, (kind, preset) in found.items():
        more = ALIASES[draw(st.sampled_from(list(ALIASES)))](name)
        told[name] = kind.declared, Field(**default(preset), **more)
        by_name[name] = kind.values if preset is ... else kind.values | st.just(preset)
    made = create_model("Drawn", __config__={**config, "validate_by_name": True, "validate_by_alias": True}, **told)
    keys = st.sampled_from(["x", "additional_properties"])
    more = st.dictionaries(keys, PLAIN, max_size=2) if open_ else st.just({})
    return Kind(made, built(made, by_name, more), hashable=False)


class Handed(BaseModel):
    """Its instances are made by an ``__init__`` of its author's."""

    def __init__(self, **data: Any) -> None:
        super().__init__(**data)


@st.composite
def handed(draw: Any, inner: Any) -> Kind:
    # What is read before it is handed to an author is no JSON text any more, which is what his own field asks for.
    found = fields(draw, inner.filter(lambda kind: "Json" not in str(kind.declared)))
    made = create_model(
        "Own",
        __base__=Handed,
        **{name: (kind.declared, Field(**default(preset))) for name, (kind, preset) in found.items()},
    )  # type: ignore[call-overload]
    by_name = {name: kind.values for name, (kind, _) in found.items()}
    return Kind(made, built(made, by_name), hashable=False)


FUNCTIONS = [
    pydantic.BeforeValidator(lambda value: value),
    pydantic.AfterValidator(lambda value: value),
    pydantic.WrapValidator(lambda value, handler: handler(value)),
]


def seen(inner: Kind, function: Any) -> Kind:
    return dataclasses.replace(inner, declared=Annotated[inner.declared, function])


def tag_of(value: Any) -> str:
    """Tell two models apart by a key that only one of them has, from JSON and from an instance."""
    return "first" if (hasattr(value, "only") or (isinstance(value, dict) and "only" in value)) else "second"


@st.composite
def tagged(draw: Any, inner: Any) -> Kind:
    first, second = draw(inner), draw(inner)
    one = create_model("TaggedFirst", value=(first.declared, ...), only=(int, ...))
    other = create_model("TaggedSecond", value=(second.declared, ...))
    values = built(one, {"value": first.values, "only": st.integers(0, 9)}) | built(other, {"value": second.values})
    choices = Union[Annotated[one, pydantic.Tag("first")], Annotated[other, pydantic.Tag("second")]]  # noqa: UP007
    return Kind(Annotated[choices, pydantic.Discriminator(tag_of)], values, hashable=False)


def built(made: Any, by_name: dict[str, Any], more: Any = None) -> Any:
    """Make instances as they are: a validator would read some values anew."""
    values = st.fixed_dictionaries(by_name)
    return st.builds(
        lambda one, rest: made.model_construct(**one, **rest), values, st.just({}) if more is None else more
    )


@st.composite
def rooted(draw: Any, inner: Any) -> Kind:
    kind = draw(inner.filter(lambda kind: not kind.nullable))
    made: Any = type("Rooted", (RootModel[kind.declared],), {"__module__": __name__})  # type: ignore[name-defined]
    return Kind(made, kind.values.map(made.model_construct), hashable=False, nullable=kind.nullable)


@st.composite
def classed(draw: Any, inner: Any) -> Kind:
    found = sorted(fields(draw, inner).items(), key=lambda each: each[1][1] is not ...)
    told = [
        (name, kind.declared, dataclasses.field(**default(preset))) for name, (kind, preset) in found
    ]  # fmt: skip
    plain: Any = dataclasses.make_dataclass("Classed", told)
    made = pydantic.dataclasses.dataclass(plain) if draw(st.booleans()) else plain

    def make(each: Any) -> Any:
        one = object.__new__(made)
        vars(one).update(each)
        return one

    return Kind(made, st.fixed_dictionaries({name: kind.values for name, (kind, _) in found}).map(make), hashable=False)


@st.composite
def typed(draw: Any, inner: Any) -> Kind:
    found = fields(draw, inner)
    told = {
        name: kind.declared if preset is ... else NotRequired[kind.declared] for name, (kind, preset) in found.items()
    }  # type: ignore[name-defined]
    made = TypedDict("Typed", told)  # type: ignore[operator]
    needed = {name: kind.values for name, (kind, preset) in found.items() if preset is ...}
    others = {name: kind.values for name, (kind, preset) in found.items() if preset is not ...}
    return Kind(made, st.fixed_dictionaries(needed, optional=others), hashable=False)


@st.composite
def named(draw: Any, inner: Any) -> Kind:
    found = sorted(fields(draw, inner).items(), key=lambda each: each[1][1] is not ...)
    made: Any = NamedTuple("Named", [(name, kind.declared) for name, (kind, _) in found])  # type: ignore[misc]
    made.__new__.__defaults__ = tuple(preset for _, (_, preset) in found if preset is not ...)
    made._field_defaults = {name: preset for name, (_, preset) in found if preset is not ...}
    hashable = all(kind.hashable for _, (kind, _) in found)
    return Kind(made, st.builds(made, **{name: kind.values for name, (kind, _) in found}), hashable)


@st.composite
def told_apart(draw: Any, inner: Any) -> Kind:
    first, second = draw(inner), draw(inner)
    one = create_model("First", value=(first.declared, ...), kind=(Literal["first", "1"], ...))
    other = create_model("Second", kind=(Literal["second"], "second"), value=(second.declared, ...))
    values = built(one, {"value": first.values, "kind": st.sampled_from(["first", "1"])})
    values |= built(other, {"kind": st.just("second"), "value": second.values})
    return Kind(Annotated[one | other, Field(discriminator="kind")], values, hashable=False)


@st.composite
def recursive(draw: Any, inner: Any) -> Kind:
    kind = draw(inner)
    made: Any = create_model("Tree", value=(kind.declared, ...), below=("list[Tree]", []), next=("Tree | None", None))
    made.model_rebuild(_types_namespace={"Tree": made})
    leaf = built(made, {"value": kind.values, "below": st.just([]), "next": st.none()})
    whole = {"value": kind.values, "below": st.lists(leaf, max_size=2), "next": st.none() | leaf}
    return Kind(made, built(made, whole), hashable=False)


def grown(inner: Any) -> Any:
    hashed, several = inner.filter(lambda kind: kind.hashable), st.lists(inner, min_size=1, max_size=3)
    return st.one_of(
        st.builds(listed, inner, st.integers(0, 1), st.booleans()),
        st.builds(keyed, hashed, inner),
        st.builds(gathered, hashed, st.booleans()),
        st.builds(paired, several),
        st.builds(repeated, inner),
        st.builds(optional, inner),
        st.builds(either, several),
        st.builds(as_json, inner),
        modelled(inner),
        rooted(inner),
        classed(inner),
        typed(inner),
        named(inner),
        told_apart(inner),
        recursive(inner),
        handed(inner),
        tagged(inner),
        st.builds(seen, inner, st.sampled_from(FUNCTIONS)),
    )


KINDS = st.recursive(st.sampled_from(LEAVES), grown, max_leaves=5)


def exactly(one: Any, other: Any) -> bool:
    """Say whether two values are equal and of the same types all through."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return _typed(one) == _typed(other) and all(exactly(each, other[key]) for key, each in one.items())
    if isinstance(one, (set, frozenset)):
        return _typed(one) == _typed(other)
    if isinstance(one, (list, tuple, collections.deque)):
        return len(one) == len(other) and all(map(exactly, one, other))
    if isinstance(one, BaseModel) or dataclasses.is_dataclass(one):
        extra = getattr(one, "__pydantic_extra__", None), getattr(other, "__pydantic_extra__", None)
        return one == other and exactly(vars(one), vars(other)) and exactly(*extra)
    return bool(one == other)


def _typed(several: Any) -> Any:
    return {(type(each), each) for each in several}


def adapter(declared: Any) -> TypeAdapter[Any] | None:
    """Hand a type to pydantic; None where pydantic itself cannot validate it."""
    try:
        return TypeAdapter(declared)
    except (PydanticUserError, TypeError):
        return None


@pytest.mark.parametrize("dialect", ["openai-strict", "json-schema-2020-12"])
@DRAWN
@given(st.data())
def test_a_drawn_value_of_a_drawn_type_comes_back_as_it_was(referee, dialect, data):
    """The wire is clean, encode obeys it, decode gives the value again, of the same types all through."""
    kind = data.draw(KINDS)
    declared = adapter(kind.declared)
    if declared is None:
        return
    value = data.draw(kind.values)
    schema: Schema[Any] = Schema.of(declared, dialect=dialect)
    if referee is not None and schema.strict:
        hard, _ = referee(schema.wire, schema.name)
        assert hard == []
    jsonschema.Draft202012Validator.check_schema(schema.wire)
    try:
        wire = schema.encode(value)
    except (ValidationError, ValueError):
        # Before 2.14 pydantic makes named tuples and deques by a call, and writes what stands in them in its own way (a
        # secret as stars): that is refused by name.
        assume(ALL_WRITTEN)
        raise
    assert [error.message for error in jsonschema.Draft202012Validator(schema.wire).iter_errors(wire)] == []
    back = schema.decode(wire)
    assert exactly(back, value)


# -- what is not as it was asked for -----------------------------------------------------------------------------

OTHERS = [None, "", 0, 1, -1, True, False, "null", "1", 2.5, "a", [], {}, [1], ["a"], {"value": 1}, [None], "x y"]


def places(wire: Any, path: tuple[Any, ...] = ()) -> Any:
    """List every place of a JSON value, the whole first."""
    yield path
    if isinstance(wire, (dict, list)):
        for step, item in wire.items() if isinstance(wire, dict) else enumerate(wire):
            yield from places(item, (*path, step))


def at(wire: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        wire = wire[step]
    return wire


@st.composite
def altered(draw: Any, wire: Any) -> Any:
    """Change a JSON value at one place: another value, a key less, a key more, an item less or twice."""
    wire = copy.deepcopy(wire)
    path = draw(st.sampled_from(list(places(wire))))
    here = at(wire, path)
    if isinstance(here, dict) and draw(st.booleans()):
        key = draw(st.sampled_from([*here, "x"]))
        if here.pop(key, None) is None or draw(st.booleans()):
            here[draw(st.sampled_from(["x", "note"]))] = draw(st.sampled_from(OTHERS))
    elif isinstance(here, list) and here and draw(st.booleans()):
        index = draw(st.integers(0, len(here) - 1))
        here[index : index + 1] = draw(st.sampled_from([[], [here[index], copy.deepcopy(here[index])]]))
    elif path:
        at(wire, path[:-1])[path[-1]] = draw(st.sampled_from(OTHERS))
    else:
        wire = draw(st.sampled_from(OTHERS))
    return wire


def differences(one: Any, other: Any, path: tuple[Any, ...] = ()) -> Any:
    """List the places at which two JSON values are not the same."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in one.keys() | other.keys():
            yield from differences(one.get(key, ...), other.get(key, ...), (*path, key))
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        if sorted(map(json.dumps, one)) != sorted(map(json.dumps, other)):  # sets have no order
            for index, pair in enumerate(zip(one, other, strict=True)):
                yield from differences(*pair, (*path, index))
    elif not same_scalar(one, other):
        yield path, one, other


def same_scalar(one: Any, other: Any) -> bool:
    """Say whether two values are one; texts may differ in spelling (a path, a UUID, JSON inside), 1 and 1.0 too."""
    if isinstance(one, str) and isinstance(other, str):
        return True
    return one == other and isinstance(one, bool) == isinstance(other, bool)


@pytest.mark.parametrize("dialect", ["openai-strict", "json-schema-2020-12"])
@DRAWN
@given(st.data())
def test_what_is_taken_although_it_is_not_as_asked_for_is_on_record(dialect, data):
    """What comes of an answer says the same as the answer, but where a repair says what was done."""
    kind = data.draw(KINDS)
    declared = adapter(kind.declared)
    assume(declared is not None)
    schema: Schema[Any] = Schema.of(declared, dialect=dialect)
    try:
        right = schema.encode(data.draw(kind.values))
    except (ValidationError, ValueError):
        assume(ALL_WRITTEN)
        raise
    wire = data.draw(altered(right))
    strictness = data.draw(st.sampled_from(["exact", "careful", "lenient"]))
    checked = schema.check_json(json.dumps(wire), strictness=strictness)
    assume(checked.ok)
    try:
        back = schema.encode(checked.value)
    except ValidationError:
        assume(False)
    told = [repair.path or () for repair in checked.repairs]
    silent = [each for each in differences(wire, back) if not any(are_related(each[0], path) for path in told)]
    assert silent == []


def are_related(one: tuple[Any, ...], other: tuple[Any, ...]) -> bool:
    """Say whether one path is the other, or leads to it."""
    return all(a == b for a, b in zip(one, other, strict=False))
