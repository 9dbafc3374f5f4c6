"""A JSON value in, the value that its wire schema asks for out; every liberty and every refusal on record."""

from __future__ import annotations

from extract.schema.coerce._coerce import MAX_DEPTH, Coerced, Coercer, coerce, explained
from extract.schema.coerce._date import fit_date, possible_dates
from extract.schema.coerce._duration import iso_duration
from extract.schema.coerce._entries import FREE, JSON_TEXT
from extract.schema.coerce._json_text import twins
from extract.schema.coerce._kinds import LIBERTIES, REFUSALS, Refused, Strictness
from extract.schema.coerce._match import Matcher, Node
from extract.schema.coerce._place import ABSENT, endless, place_at, plain_nodes, put_at, step_into, value_at

__all__ = [
    "ABSENT",
    "FREE",
    "JSON_TEXT",
    "LIBERTIES",
    "MAX_DEPTH",
    "REFUSALS",
    "Coerced",
    "Coercer",
    "Matcher",
    "Node",
    "Refused",
    "Strictness",
    "coerce",
    "endless",
    "explained",
    "fit_date",
    "iso_duration",
    "place_at",
    "plain_nodes",
    "possible_dates",
    "put_at",
    "step_into",
    "twins",
    "value_at",
]
