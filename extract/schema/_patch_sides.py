"""Which branch of a union writes a value, and how? A value and the branches in; the branch and its JSON form out."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from pydantic_core import to_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from extract.schema._patch import Patcher

__all__ = ["Side", "tried", "writing"]

Core = Any


class Side:
    """One branch of a union, or one side of an entry; built when first needed, for types may be recursive."""

    def __init__(self, patcher: Patcher, node: Core, label: str, way: str) -> None:
        self.label = label
        self.cls = patcher.class_of(node)
        self._patcher = patcher
        self._node = node
        self._way = way
        self._test: Any = None
        self._writer: Any = None
        self._reader: Any = None

    def takes(self, value: Any, *, lax: bool) -> bool:
        """Say whether a Python value belongs to this branch."""
        if self._test is None:
            self._test = self._patcher.test(self._node)
        try:
            got = self._test.validate_python(value, strict=None if lax else True)
        except Exception:  # noqa: BLE001 - the author's validators may raise anything; then it is another branch
            return False
        if isinstance(value, Mapping) and isinstance(got, Mapping) and len(got) < len(value):
            return False  # a key was passed over
        return lax or type(got) is type(value)

    def write(self, value: Any) -> Any:
        """Dump a Python value of this branch."""
        if self._writer is None:
            self._writer = self._patcher.writer(self._node, self._way)
        return self._writer.to_python(value, **writing(self._way))

    def returned(self, value: Any) -> Any:
        """Dump a value that the branch gives back as it was; else raise."""
        written = self.write(value)
        if self._reader is None:
            self._reader = self._patcher.part(self._node)
        back = self._reader.validate_json(to_json(written, inf_nan_mode="constants"))
        if type(back) is not type(value) or back != value:
            raise ValueError
        return written


def writing(way: str) -> dict[str, Any]:
    """Say how a serializer is called."""
    more: dict[str, Any] = {"fallback": str} if way == "words" else {}
    return {"mode": "json", "by_alias": True, "round_trip": True, "warnings": False, **more}


def tried(sides: list[Side], value: Any, *, words: bool) -> Iterator[tuple[Side, Any]]:
    """Write a value by each branch that takes it, the nearest first."""
    near = sorted(sides, key=lambda each: each.cls is not type(value))
    for lax in (False, True):
        for each in near:
            if each.takes(value, lax=lax):
                yield each, each.write(value)
    for each in near:
        # Some types take only what stands for them in JSON, not their own instances.
        with suppress(Exception):
            yield each, each.returned(value)
    if words:
        for each in near:
            if each.takes(str(value), lax=False):
                yield each, str(value)
