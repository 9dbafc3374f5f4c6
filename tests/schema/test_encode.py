"""What is encoded comes back as it was, or a typed error says why it would not."""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated, Any

import pytest
from pydantic import AfterValidator, BaseModel, BeforeValidator, Field

from extract.errors import ValidationError
from extract.schema import Schema


class Line(BaseModel):
    """One line."""

    name: str
    qty: Annotated[int, Field(ge=1)] = 1


WRONG: list[tuple[Any, Any, Any]] = [
    (int, "x", ()),
    (int, None, ()),
    (Line, 5, ()),
    (Line, Line.model_construct(name="a", qty=0), ("qty",)),
    (Line, Line.model_construct(qty=2), ("name",)),
    (list[Line], [Line(name="a"), 3], ("value", 1)),
    (dt.date, "soon", ()),
    (set[int], [1, 1], ("value",)),
]


@pytest.mark.parametrize(("declared", "value", "path"), WRONG, ids=[str(i) for i in range(len(WRONG))])
def test_a_value_of_another_type_is_refused(declared, value, path):
    """With the issues of the first way to write it, at paths of the wire."""
    with pytest.raises(ValidationError) as caught:
        Schema.of(declared).encode(value)
    assert all(issue.path[: len(path)] == path for issue in caught.value.issues)


def test_what_would_come_back_as_another_is_refused():
    """The wire has no place for the flags of a pattern."""
    schema = Schema.of(re.Pattern[str])
    assert schema.decode(schema.encode(re.compile("a"))) == re.compile("a")
    with pytest.raises(ValidationError) as caught:
        schema.encode(re.compile("a", re.IGNORECASE))
    assert [issue.kind for issue in caught.value.issues] == ["not-alike"]


def test_nan_comes_back_although_it_equals_nothing():
    """What does not compare is looked into."""
    schema = Schema.of(list[float])
    (back,) = schema.decode(schema.encode([float("nan")]))
    assert back != back  # noqa: PLR0124 - NaN


def test_the_authors_validators_do_not_refuse_examples():
    """They may depend on the context of a call."""

    def known(value: str, info: Any) -> str:
        if value not in info.context:
            message = "is not known"
            raise ValueError(message)
        return value

    assert Schema.of(Annotated[str, AfterValidator(known)]).encode("a") == {"value": "a"}


def test_an_input_type_that_the_author_declares_is_what_travels():
    """A value is written as that type where one reading is possible, and refused where none is."""
    number: Any = Annotated[int, BeforeValidator(int, json_schema_input_type=str)]
    assert Schema.of(number).encode(5) == {"value": "5"}
    words: Any = Annotated[list[str], BeforeValidator(str.split, json_schema_input_type=str)]
    assert Schema.of(words).decode({"value": "a b"}) == ["a", "b"]
    with pytest.raises(ValidationError):
        Schema.of(words).encode(["a", "b"])
