"""Drawn values come back: the contract as a property, over types that are drawn as well."""

from __future__ import annotations

import datetime as dt
import enum
import uuid
from decimal import Decimal
from typing import Any

import jsonschema
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import create_model

from extract.schema import Schema


class Shade(enum.Enum):
    """Ordinary values."""

    DARK = "dark"
    LIGHT = "light"


def finite() -> Any:
    return st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-(10**6), max_value=10**6)


LEAVES: list[tuple[Any, Any]] = [
    (str, st.text(st.characters(codec="utf-8"), max_size=8)),
    (int, st.integers(-(10**12), 10**12)),
    (float, st.floats(allow_nan=False, allow_infinity=False)),
    (bool, st.booleans()),
    (dt.date, st.dates(dt.date(1900, 1, 1))),
    (dt.time, st.times()),
    (dt.timedelta, st.timedeltas(dt.timedelta(days=-999), dt.timedelta(days=999))),
    (uuid.UUID, st.uuids()),
    (Decimal, finite()),
    (bytes, st.binary(max_size=6)),
    (Shade, st.sampled_from(Shade)),
    (
        Any,
        st.recursive(
            st.none() | st.integers() | st.text(st.characters(codec="utf-8"), max_size=4), st.lists, max_leaves=4
        ),
    ),
]
KEYS = [each for each in LEAVES if each[0] not in (float, Any, dt.time)]


def listed(inner: tuple[Any, Any]) -> tuple[Any, Any]:
    return list[inner[0]], st.lists(inner[1], max_size=3)  # type: ignore[valid-type]


def keyed(key: tuple[Any, Any], inner: tuple[Any, Any]) -> tuple[Any, Any]:
    return dict[key[0], inner[0]], st.dictionaries(key[1], inner[1], max_size=3)  # type: ignore[valid-type]


def paired(one: tuple[Any, Any], other: tuple[Any, Any]) -> tuple[Any, Any]:
    return tuple[one[0], other[0]], st.tuples(one[1], other[1])  # type: ignore[valid-type]


def optional(inner: tuple[Any, Any]) -> tuple[Any, Any]:
    return inner[0] | None if inner[0] is not Any else Any, st.none() | inner[1]


def modelled(one: tuple[Any, Any], other: tuple[Any, Any]) -> tuple[Any, Any]:
    made = create_model("Drawn", one=(one[0], ...), other=(optional(other)[0], 5 if other[0] is int else None))
    return made, st.builds(made, one=one[1], other=optional(other)[1])


def grown(inner: Any) -> Any:
    return st.one_of(
        st.builds(listed, inner),
        st.builds(optional, inner),
        st.builds(keyed, st.sampled_from(KEYS), inner),
        st.builds(paired, inner, inner),
        st.builds(modelled, inner, inner),
    )


TYPES = st.recursive(st.sampled_from(LEAVES), grown, max_leaves=5)


@settings(deadline=None, max_examples=120, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_a_drawn_value_of_a_drawn_type_comes_back(data):
    """Encode obeys the wire schema, decode gives the value again."""
    declared, values = data.draw(TYPES)
    value = data.draw(values)
    schema: Schema[Any] = Schema.of(declared)
    wire = schema.encode(value)
    jsonschema.Draft202012Validator(schema.wire).validate(wire)
    assert schema.decode(wire) == value


@settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_a_drawn_value_of_a_union_comes_back_as_its_own_type(data):
    """No branch is taken for another."""
    (one, these), (other, those) = data.draw(st.sampled_from(LEAVES[:-1])), data.draw(st.sampled_from(LEAVES[:-1]))
    value = data.draw(these | those)
    schema: Schema[Any] = Schema.of(one | other)
    back = schema.decode(schema.encode(value))
    assert back == value
    assert type(back) is type(value)
