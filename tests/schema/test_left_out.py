"""What has no JSON form is left out where it need not be given, and refused by name where it must be."""

from __future__ import annotations

import pytest
from pydantic import BaseModel

from extract.errors import SchemaError, ValidationError
from extract.schema import Schema


class Handle:
    """No type of pydantic's."""


class Job(BaseModel, arbitrary_types_allowed=True):
    """A handle need not be given."""

    name: str
    handle: Handle | None = None


class Task(BaseModel, arbitrary_types_allowed=True):
    """A handle must be given."""

    handle: Handle | None


def test_an_optional_field_without_a_json_form_is_never_asked_for(round_trip):
    """Its default stands; the notes say so."""
    schema = Schema.of(Job)
    assert list(schema.wire["properties"]) == ["name"]
    assert schema.notes == ("handle is never asked for: it has no JSON form",)
    round_trip(schema, Job(name="a"))


def test_a_value_of_such_a_field_cannot_be_written():
    """It would come back without it."""
    with pytest.raises(ValidationError):
        Schema.of(Job).encode(Job(name="a", handle=Handle()))


def test_a_required_field_without_a_json_form_is_refused_by_name():
    """Null alone is not what its author asked for."""
    with pytest.raises(SchemaError) as caught:
        Schema.of(Task)
    assert caught.value.path == ("handle",)
