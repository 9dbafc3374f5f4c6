"""What is handed back when a wire value is checked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pydantic_core import from_json

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from extract.errors import Issue
    from extract.schema._codec import Log
    from extract.typing import JSON, Repair

__all__ = ["Checked", "WireForm"]

T = TypeVar("T")


@dataclass(slots=True, eq=False)
class Checked(Generic[T]):
    """A wire value, checked; not to be changed.

    Attributes:
        value: The declared value when ``ok``.
        ok: The wire value is of the declared type.
        issues: What is wrong, each at its path in ``wire``.
        repairs: Liberties taken: coercions, defaults.
    """

    value: T | None = field(repr=False)
    ok: bool
    issues: tuple[Issue, ...] = ()
    repairs: tuple[Repair, ...] = ()
    _given: JSON = field(default=None, repr=False)
    # In place of the wire value: the reply's text that ``value`` was read from.
    _text: str | bytes | None = field(default=None, repr=False)
    _log: Log | None = field(default=None, repr=False)

    @classmethod
    def logged(cls, value: T, text: str | bytes, log: Log) -> Checked[T]:
        """What was read from a reply's text: the log lists its liberties when they are first asked for."""
        checked = cls(value, True, (), (), None, text, log)
        del checked.repairs
        return checked

    def __getattr__(self, name: str) -> Any:
        if name != "repairs" or self._log is None:
            raise AttributeError(name)
        self.repairs, self._log = self._log.told(), None
        return self.repairs

    @property
    def wire(self) -> JSON:
        """The wire value after coercion, or as given; read from the reply's text when first asked for."""
        if self._text is not None:
            self._given, self._text = from_json(self._text), None
        return self._given


@dataclass(frozen=True, slots=True)
class WireForm:
    """How a type travels that pydantic has no JSON form for, or not the one that is wanted.

    Args:
        schema: JSON Schema of the wire value.
        decode: Wire value → instance; may raise ValueError.
        encode: Instance → wire value.
    """

    schema: Mapping[str, Any]
    decode: Callable[[Any], Any]
    encode: Callable[[Any], Any]
