"""What is handed back when a wire value is checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

from pydantic_core import from_json

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from extract.errors import Issue
    from extract.typing import JSON, Repair

__all__ = ["Checked", "Strictness", "WireForm"]

T = TypeVar("T")
Strictness = Literal["exact", "careful", "lenient"]
"""How far a value may be coerced: not at all; where one reading is possible; to the best reading."""


class Checked(Generic[T]):
    """A wire value, checked; not to be changed.

    Attributes:
        value: The declared value when ``ok``.
        ok: The wire value is of the declared type.
        issues: What is wrong, each at its path in ``wire``.
        repairs: Liberties taken: coercions, defaults.
    """

    __slots__ = ("_text", "_wire", "issues", "ok", "repairs", "value")

    def __init__(
        self,
        value: T | None,
        ok: bool,  # noqa: FBT001 - the verdict
        issues: tuple[Issue, ...] = (),
        repairs: tuple[Repair, ...] = (),
        wire: JSON = None,
        *,
        text: str | bytes | None = None,
    ) -> None:
        self.value = value
        self.ok = ok
        self.issues = issues
        self.repairs = repairs
        self._wire = wire
        self._text = text

    @property
    def wire(self) -> JSON:
        """The wire value after coercion, or as given; read from the reply's text when first asked for."""
        if self._text is not None:
            self._wire, self._text = from_json(self._text), None
        return self._wire

    def __repr__(self) -> str:
        return f"Checked(ok={self.ok}, issues={self.issues!r}, repairs={self.repairs!r})"


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
