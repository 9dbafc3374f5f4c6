"""Which JSON Schema does a gateway accept? Dialects, as data."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from extract.errors import SchemaError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["DIALECTS", "Dialect", "Limits", "dialect"]


@dataclass(frozen=True, slots=True)
class Limits:
    """What one wire schema may hold; ``None`` means no limit is known."""

    depth: int | None = 10
    properties: int | None = 5_000
    characters: int | None = 120_000
    enum_values: int | None = 1_000
    long_enum_characters: int | None = 15_000
    long_enum: int = 250


@dataclass(frozen=True, slots=True)
class Dialect:
    """A subset of JSON Schema.

    Args:
        name: What users write; also names the meta-schema ``schemas/dialects/NAME.json``.
        strict: The gateway guarantees that the reply obeys the schema.
        natural: Dictionaries, tuples, missing keys and free values are written as JSON Schema writes them.
        keywords: Constraints the gateway accepts beside the structural ones; all others go into descriptions.
        formats: Values of ``format`` it accepts; ``None`` means all.
        lookaround: Patterns may look around.
        anchored: Only patterns anchored at both ends are accepted.
        limits: How large a schema may be.
    """

    name: str
    strict: bool = True
    natural: bool = False
    keywords: frozenset[str] = field(default=frozenset(), repr=False)
    formats: frozenset[str] | None = field(default=frozenset(), repr=False)
    lookaround: bool = False
    anchored: bool = False
    limits: Limits = Limits()


_RANGES = frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"})
_LENGTHS = frozenset({"minLength", "maxLength"})
_ITEMS = frozenset({"minItems", "maxItems"})
_OPENAI = Dialect(
    "openai-strict",
    keywords=_RANGES | _ITEMS | {"pattern", "format"},
    formats=frozenset({"date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"}),
)
_NO_LIMITS = Limits(None, None, None, None, None)

DIALECTS: Mapping[str, Dialect] = {
    each.name: each
    for each in (
        _OPENAI,
        replace(_OPENAI, name="openai-strict-tools"),
        replace(_OPENAI, name="openai-strict-responses"),
        Dialect(
            "json-schema-2020-12",
            strict=False,
            natural=True,
            keywords=_RANGES
            | _LENGTHS
            | _ITEMS
            | {"pattern", "format", "uniqueItems", "minProperties", "maxProperties"},
            formats=None,
            lookaround=True,
            limits=_NO_LIMITS,
        ),
        Dialect(
            "llama-grammar",
            keywords=_LENGTHS | _ITEMS | {"minimum", "maximum", "pattern", "format"},
            formats=frozenset({"date", "time", "date-time", "uuid"}),
            anchored=True,
            limits=_NO_LIMITS,
        ),
    )
}


def dialect(named: Dialect | str) -> Dialect:
    """Look a dialect up; a :class:`Dialect` passes through.

    Raises:
        SchemaError: No dialect has that name.
    """
    if isinstance(named, Dialect):
        return named
    found = DIALECTS.get(named)
    if found is None:
        raise SchemaError(f"No dialect is called {named!r}", advice=f"known: {', '.join(DIALECTS)}")
    return found
