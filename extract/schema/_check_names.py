"""Are the names of a rule fields of the declared class? A class and names in; SchemaError where one is not."""

from __future__ import annotations

import dataclasses
import types
import typing
from typing import TYPE_CHECKING, Annotated, Any, Union, get_args, get_origin

from extract.errors import SchemaError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = ["reachable", "verify"]

_EACH = "[]"


def verify(cls: Any, names: Iterable[str]) -> None:
    """Follow each name through the annotations, as far as these can be resolved by now.

    Raises:
        SchemaError: When a field is not there, when ``[]`` stands behind something that is no list, or when the
            class has no fields that can be looked up.
    """
    if _fields(cls) is None:
        raise SchemaError(
            f"{getattr(cls, '__name__', cls)} has no fields that a check can name",
            advice="Declare checks on a pydantic model or a dataclass; for other types pass checks= with the call.",
        )
    for name in names:
        here: list[Any] = [cls]
        for step in name.replace(_EACH, f".{_EACH}").split("."):
            here = [found for each in here for found in _follow(each, step, cls, name)]


def reachable(declared: Any) -> Iterator[type]:
    """Yield every class with fields that a type leads to, as far as annotations can be resolved by now."""
    # By identity: a class whose instances cannot be hashed has no __hash__ to ask for, and annotations may not either.
    seen: dict[int, Any] = {}
    todo: list[Any] = [declared]
    while todo:
        for each in _plain(todo.pop()):
            if id(each) in seen:
                continue
            seen[id(each)] = each
            fields = _fields(each)
            if fields is not None:
                origin = get_origin(each) or each
                # A class declared with its values may stand for each of those that inherit from it.
                todo.extend(origin.__subclasses__())
                yield origin
            todo.extend(fields.values() if fields is not None else get_args(each))


def _follow(annotation: Any, step: str, cls: Any, name: str) -> list[Any]:
    """The types that a step may lead to; none where that cannot be known yet."""
    known = [each for each in _plain(annotation) if each is not type(None)]
    if any(each is Any or isinstance(each, (str, typing.ForwardRef, typing.TypeVar)) for each in known):
        return []
    found: list[Any] = []
    for each in known:
        if step == _EACH:
            found.extend(_item(each))
        else:
            fields = _fields(each)
            found.extend([fields[step]] if fields and step in fields else [Any] if get_origin(each) is dict else [])
    if not found:
        what = "is no list" if step == _EACH else f"has no field {step!r}"
        raise SchemaError(
            f"The check on {cls.__name__} names {name!r}: {_named(known)} {what}",
            advice="Write fields as they are declared: 'total', 'lines[].amount'.",
        )
    return found


def _named(known: list[Any]) -> str:
    return " | ".join(getattr(each, "__name__", str(each)) for each in known) or "it"


def _plain(annotation: Any) -> list[Any]:
    """The types a value may have: without Annotated, each member of a union."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _plain(get_args(annotation)[0])
    if origin is Union or origin is types.UnionType:
        return [plain for part in get_args(annotation) for plain in _plain(part)]
    return [annotation]


def _item(annotation: Any) -> list[Any]:
    origin, parts = get_origin(annotation) or annotation, get_args(annotation)
    if isinstance(origin, type) and issubclass(origin, dict):
        return [parts[1]] if len(parts) > 1 else [Any]
    if not isinstance(origin, type) or issubclass(origin, (str, bytes)) or not hasattr(origin, "__iter__"):
        return []
    if _fields(annotation) is not None:
        return []
    return [part for part in parts if part is not Ellipsis] or [Any]


def _fields(cls: Any) -> Mapping[str, Any] | None:
    """Field names with their annotations; None for a type without fields."""
    cls = get_origin(cls) if isinstance(get_origin(cls), type) else cls
    if not isinstance(cls, type):
        return None
    models = getattr(cls, "model_fields", None)
    if isinstance(models, dict):
        computed = getattr(cls, "model_computed_fields", {})
        return {**{name: each.annotation for name, each in models.items()}, **dict.fromkeys(computed, Any)}
    if dataclasses.is_dataclass(cls):
        hints = _hints(cls)
        return {each.name: hints.get(each.name, Any) for each in dataclasses.fields(cls)}
    return None


def _hints(cls: type) -> Mapping[str, Any]:
    try:
        return typing.get_type_hints(cls, include_extras=True)
    except (NameError, TypeError):
        # A type that is declared further down; the names below it cannot be followed yet.
        return {}
