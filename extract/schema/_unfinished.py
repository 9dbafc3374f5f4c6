"""What is an object of which some fields are not there yet? One of its class that says so wherever it is looked at."""

from __future__ import annotations

import dataclasses
import inspect
from abc import ABCMeta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["unfinished"]


def unfinished(cls: type, fields: dict[str, Any]) -> Any:
    """Build an object that has only these fields: the others are absent, not defaulted.

    Args:
        cls: A model or a dataclass.
        fields: What is there: attribute → value.

    Returns:
        An instance of a subclass of ``cls``; reading what is absent raises AttributeError, and its repr leaves that
        out, computed fields included.
    """
    made = object.__new__(_subclass(cls))
    if issubclass(cls, BaseModel):
        object.__setattr__(made, "__dict__", fields)
        object.__setattr__(made, "__pydantic_fields_set__", set(fields))
        object.__setattr__(made, "__pydantic_extra__", None)
        object.__setattr__(made, "__pydantic_private__", None)
    else:
        for name, value in fields.items():
            object.__setattr__(made, name, value)
    return made


class _Unfinished:
    __slots__ = ()

    def __init_subclass__(cls) -> None:
        """Leave what a class does with its subclasses undone: this is none that its author wrote."""

    def __repr__(self) -> str:
        shown = [f"{name}={value!r}" for name, value in self.__repr_args__()]
        return f"{type(self).__name__}({', '.join([*shown, '…'])})"

    def __str__(self) -> str:
        return repr(self)

    def __repr_args__(self) -> Iterator[tuple[str, Any]]:
        fields = _fields(type(self))
        return ((name, value) for name, value in _there(self).items() if fields[name].repr)

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and _there(self) == _there(other)

    # It is not what its class hashes by.
    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> Any:
        return unfinished, (type(self).__mro__[2], _there(self))


class _Absent:
    """Stands where the class keeps a field's default, which is not what the answer says."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, instance: Any, owner: Any) -> Any:
        raise AttributeError(f"{self.name} is not there yet")


@lru_cache(maxsize=256)
def _subclass(cls: Any) -> Any:
    said = {"__slots__": (), "__module__": cls.__module__, "__qualname__": cls.__qualname__, "__doc__": cls.__doc__}
    # A default that is kept in the class shows through; one in a slot does not.
    shown = (name for name in _fields(cls) if not inspect.isdatadescriptor(inspect.getattr_static(cls, name, None)))
    said |= {name: _Absent(name) for name in shown}
    bases = (_Unfinished, cls)
    # Past pydantic's own metaclass: it would make a model of this, with a schema.
    metaclass = type(cls)
    new = ABCMeta.__new__ if issubclass(metaclass, ABCMeta) else type.__new__
    return new(metaclass, cls.__name__, bases, said)


def _there(made: Any) -> dict[str, Any]:
    return {name: getattr(made, name) for name in _fields(type(made)) if hasattr(made, name)}


def _fields(cls: Any) -> dict[str, Any]:
    """What the class says of each field: pydantic and dataclasses both name what a repr leaves out ``repr``."""
    if issubclass(cls, BaseModel):
        return dict(cls.__pydantic_fields__)
    return {each.name: each for each in dataclasses.fields(cls)}
