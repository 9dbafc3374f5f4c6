"""What does a declared type look like from the wire, part by part? For reading the finished parts of an answer.

A part is a field of a model, dataclass or typed dictionary, or an item of a list. Whatever has another form on the wire
(a dictionary, a tuple) or is chosen only when it is whole (a union) is read as one part.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pydantic
from pydantic_core import to_json

from extract.errors import Issue, Path, ValidationError
from extract.schema._checks import checks_of, run_checks
from extract.schema._codec import Link, Log, Node, Ref, Root
from extract.schema._codec_extra import Single
from extract.schema._codec_lists import Items
from extract.schema._codec_objects import Object, Property
from extract.schema._codec_unions import Nullable
from extract.schema._locate import issues_of
from extract.schema._unfinished import unfinished

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic_core import SchemaValidator

    from extract.schema._fit import Fitted
    from extract.schema._patch import Patcher
    from extract.typing import JSON

__all__ = ["Outline"]

_CLEAR = ("function-after", "nullable", "default", "definitions", "model-field", "typed-dict-field", "dataclass-field")
"""Core schemas whose input has the shape of what they wrap."""
_ABSENT: Any = object()


class Outline:
    """One part of a declared type.

    Args:
        patcher: Knows how the type is read.
        core: The part's core schema.
        node: Its codec; ``None`` where the wire form is the declared form.
        full: The same with every place in it, for saying where something is wrong.
        place: How it stands in the object around it.
        prefix: For a root: where the declared value begins on the wire.
    """

    def __init__(
        self,
        patcher: Patcher,
        core: Any,
        node: Node | None,
        full: Node | None,
        *,
        place: Property | None = None,
        prefix: Path = (),
    ) -> None:
        self._patcher = patcher
        self._core = core
        self._node = node
        self._full = full
        self._place = place
        self.prefix = prefix

    @classmethod
    def of(cls, patcher: Patcher, fitted: Fitted) -> Outline:
        """Outline a whole type."""
        node, full = fitted.node, fitted.full
        if not isinstance(full, Root):
            return cls(patcher, patcher.core, node, full)
        return cls(patcher, patcher.core, node.inner if isinstance(node, Root) else node, full.inner, prefix=("value",))

    @cached_property
    def fields(self) -> dict[str, tuple[str, Outline]]:
        """The parts of an object: key on the wire → (attribute, part); empty where it is read as one."""
        kind, inner = self._shape
        node, full = _plain(self._node), _plain(self._full)
        if kind not in _FIELDS or not isinstance(full, Object) or not (node is None or isinstance(node, Object)):
            return {}
        parts = {}
        for name, each in _FIELDS[kind](inner):
            key = self._patcher.marked.keys.get(id(each), "")
            whole = full.properties.get(key)
            if whole is None or len(whole.place) > 1:
                continue
            place = node.properties.get(key) if node is not None else None
            below = place.node if place is not None else None
            parts[key] = (name, Outline(self._patcher, each["schema"], below, whole.node, place=whole))
        return parts

    @cached_property
    def items(self) -> Outline | None:
        """The part that every item of a list is; ``None`` for anything else."""
        kind, inner = self._shape
        node, full = _plain(self._node), _plain(self._full)
        if kind != "list" or not (node is None or isinstance(node, Items)) or self._is_wrapped:
            return None
        below = full.item if isinstance(full, Items) else None
        return Outline(self._patcher, inner.get("items_schema") or {"type": "any"}, node.item if node else None, below)

    def read(self, wire: JSON, context: Any = None) -> Any:
        """Turn a finished part of the wire value into its declared value.

        Raises:
            ValidationError: With paths that begin at the part.
        """
        try:
            return self._read(wire, context)
        except ValidationError:
            raise
        except Exception as error:  # noqa: BLE001 - the author's validators may raise anything
            failed = Issue((), f"A validator failed with {type(error).__name__}", kind="validator-failed")
        raise ValidationError.of([failed])

    def failures(self, wire: JSON, context: Any = None, path: Path = ()) -> Iterator[Issue]:
        """Find the smallest parts of a value that cannot be read by themselves, where a validator crashes on the whole.

        Args:
            wire: The value, or the part of it that stands at ``path``.
            context: Handed to the author's validators.
            path: Where the part stands in the value.
        """
        for step in self.prefix:
            if isinstance(wire, dict) and step in wire:
                wire, path = wire[str(step)], (*path, step)
        try:
            self._read(wire, context)
        except ValidationError as error:
            yield from (issue.below(path) for issue in error.issues)
        except Exception as error:  # noqa: BLE001 - the author's validators may raise anything
            found = [
                each for at, part, item in self._parts(wire) for each in part.failures(item, context, (*path, *at))
            ]
            yield from found or [Issue(path, f"A validator failed with {type(error).__name__}", "validator-failed")]

    def _parts(self, wire: JSON) -> Iterator[tuple[Path, Outline, JSON]]:
        core = self._shape[1]
        if core.get("root_model"):
            yield (), Outline(self._patcher, core["schema"], self._node, self._full), wire
        elif isinstance(wire, list) and self.items is not None:
            yield from (((i,), self.items, item) for i, item in enumerate(wire))
        elif isinstance(wire, dict):
            yield from (((key,), part, wire[key]) for key, (_, part) in self.fields.items() if key in wire)

    def _read(self, wire: JSON, context: Any) -> Any:
        path: Link = ()
        if self._place is not None and self._place.null != "keep" and wire is None:
            found = self._validator.get_default_value()
            return None if found is None else found.value
        if self._is_wrapped and isinstance(wire, dict) and wire.keys() == {"value"}:
            wire, path = wire["value"], ((), "value")
        log = Log()
        declared = wire if self._node is None else self._node.decode(wire, path, log)
        try:
            value = self._validator.validate_json(to_json(declared, inf_nan_mode="constants"), context=context)
        except pydantic.ValidationError as error:
            raise ValidationError.of([*log.issues, *issues_of(error, self._full, declared)]) from None
        issues = [*log.issues, *(self._broken_rules(value, 1 if path else 0) if self.has_checks else ())]
        if issues:
            raise ValidationError.of(issues)
        return value

    def wire_path(self, path: Path) -> Path:
        """Find the place of a declared attribute path on the wire; what is read as one stands for all inside it."""
        steps: list[str | int] = list(self.prefix)
        part: Outline = self
        for step in path:
            if isinstance(step, int) and part.items is not None:
                steps.append(step)
                part = part.items
                continue
            found = next(((key, inner) for key, (name, inner) in part.fields.items() if name == step), None)
            if found is None:
                break
            steps.extend((found[0], "value") if found[1]._is_wrapped else found[:1])  # noqa: SLF001 - another part
            part = found[1]
        return tuple(steps)

    def _broken_rules(self, value: Any, wrapped: int) -> Iterator[Issue]:
        """The rules across fields that a finished part breaks, told from the part."""
        around, skipped = ("value",) * wrapped, len(self.prefix)
        for issue in run_checks(value):
            paths = [(*around, *self.wire_path(each)[skipped:]) for each in (issue.path, *issue.paths)]
            yield replace(issue, path=paths[0], paths=tuple(paths[1:]))

    @cached_property
    def has_checks(self) -> bool:
        """Whether a class anywhere in the type declares rules across its fields."""
        work, seen = [self._core], set()
        while work:
            each = work.pop()
            if isinstance(each, dict):
                if id(each) in seen:
                    continue
                seen.add(id(each))
                cls = each.get("cls")
                if isinstance(cls, type) and checks_of(cls):
                    return True
                if each.get("type") == "definition-ref":
                    work.append(self._definition(each))
                work.extend(each.values())
            elif isinstance(each, (list, tuple)):
                work.extend(each)
        return False

    def make(self, fields: dict[str, Any]) -> Any:
        """Build an object that has only these fields: the others are absent, not defaulted."""
        kind, inner = self._shape
        if kind == "typed-dict":
            return fields
        return unfinished(inner["cls"], fields)

    @property
    def _is_wrapped(self) -> bool:
        return self._place is not None and self._place.null == "wrap"

    @cached_property
    def _validator(self) -> SchemaValidator:
        return self._patcher.part(self._core)

    @cached_property
    def _shape(self) -> tuple[str, Any]:
        """The kind of the part and the core schema that says so, once what wraps it is taken off."""
        core = self._core
        while True:
            if core["type"] == "definition-ref":
                core = self._definition(core)
            elif core["type"] in _CLEAR:
                core = core["schema"]
            else:
                return ("", core) if self._is_wrapped else (core["type"], core)

    def _definition(self, reference: Any) -> Any:
        return next(each for each in self._patcher.definitions if each.get("ref") == reference["schema_ref"])


def _plain(node: Node | None) -> Node | None:
    """Look through what only stands around a codec."""
    while True:
        if isinstance(node, Ref):
            node = node.table[node.name]
        elif isinstance(node, (Nullable, Single)):
            node = node.inner
        else:
            return node


def _of_model(core: Any) -> Iterator[tuple[str, Any]]:
    inner = core["schema"]
    while inner["type"] == "function-after":
        inner = inner["schema"]
    return iter(inner["fields"].items() if inner["type"] == "model-fields" else ())


def _of_dataclass(core: Any) -> Iterator[tuple[str, Any]]:
    inner = core["schema"]
    while inner["type"] == "function-after":
        inner = inner["schema"]
    return ((each["name"], each) for each in (inner["fields"] if inner["type"] == "dataclass-args" else ()))


_FIELDS: dict[str, Any] = {
    "model": _of_model,
    "dataclass": _of_dataclass,
    "typed-dict": lambda core: iter(core["fields"].items()),
}
