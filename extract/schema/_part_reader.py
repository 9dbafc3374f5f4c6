"""What is a finished part of an answer that is still growing? Read with the liberties that the whole is read with."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from extract.errors import Issue, ValidationError
from extract.schema._codec import DUPLICATE_ITEM
from extract.schema._hearing import without
from extract.schema.coerce import Coercer, explained

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from extract.errors import Path
    from extract.schema._outline import Outline
    from extract.schema.coerce import Strictness
    from extract.typing import JSON

__all__ = ["PartReader"]


class PartReader:
    """Reads the finished parts of one answer.

    Args:
        schema: The wire schema of the whole.
        outline: The declared type, part by part.
        obeys: Says whether a value is as the wire schema asks at a path.
        context: Handed to the author's validators.
        strictness: How far a part that does not fit may be coerced.
        authored: Functions of the author's see what the model wrote.
    """

    def __init__(
        self,
        schema: Mapping[str, Any],
        outline: Outline,
        obeys: Callable[[JSON, Path], bool],
        context: Any,
        strictness: Strictness,
        *,
        authored: bool,
    ) -> None:
        self.outline = outline
        self._schema = schema
        self._obeys = obeys
        self._authored = authored
        self._context = context
        self._strictness: Strictness = strictness

    @cached_property
    def _coercer(self) -> Coercer:
        # Most answers never need one: it is made for the first part that does not fit.
        return Coercer(self._schema, typed=True)

    def read(self, part: Outline, path: Path, wire: JSON) -> Any:
        """Turn a finished part into its declared value.

        The liberties that this takes are put on record when the whole has come, for they are taken again then.

        Args:
            part: What stands there.
            path: Where it stands on the wire.
            wire: The value as the model wrote it.

        Raises:
            ValidationError: With paths that begin at the part.
        """
        value: Any = None
        found: tuple[Issue, ...] = ()
        obeys = self._obeys(wire, path)
        if not obeys and self._strictness == "exact":
            raise ValidationError.of([Issue((), "Should be just as the schema asks for it", "not-exact", wire)])
        try:
            value = part.read(wire, self._context)
            if obeys:
                return value
        except ValidationError as error:
            found = error.issues
            twice = frozenset(each.path for each in found if each.kind == DUPLICATE_ITEM)
            if twice and self._strictness != "exact":
                return self.read(part, path, without(wire, twice))
        coerced = self._coercer.coerce(wire, strictness=self._strictness, at=path)
        if coerced.repairs:
            try:
                value, found = part.read(coerced.value, self._context), ()
            except ValidationError as error:
                # A coercion that does not help is no liberty to take.
                found = min(error.issues, found, key=len) if found else ()
        issues = explained(found, coerced.issues, authored=self._authored)
        if issues:
            raise ValidationError.of(issues)
        return value

    def fitted(self, path: Path, wire: JSON) -> JSON:
        """A finished part as the schema asks for it, however the model spelled it; as it is where nothing helps."""
        if self._strictness == "exact" or self._obeys(wire, path):
            return wire
        return self._coercer.coerce(wire, strictness=self._strictness, at=path).value
