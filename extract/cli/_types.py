"""TYPE, as typed on the command line, in; the declared type out."""

from __future__ import annotations

import contextlib
import difflib
import importlib
import importlib.util
import inspect
import json
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

from extract.errors import ConfigError, ExtractError
from extract.schemas import ROOTS, load

if TYPE_CHECKING:
    from types import ModuleType

    from extract.schema import Schema

__all__ = ["compiled", "declaring", "find_type"]


def find_type(text: str) -> Any:
    """Find a declared type.

    Args:
        text: A ready-made name, ``FILE.py:Name``, ``package.module:Name``, or a JSON Schema file's path.

    Raises:
        ConfigError: When it cannot be found; says what was looked for and what there is.
    """
    place, colon, name = text.rpartition(":")
    if colon and not (place and name):
        raise ConfigError(f"{text!r} names no type", advice="write it as FILE.py:Name or package.module:Name")
    if colon and place.endswith(".py"):
        return _member(_from_file(Path(place)), name, text)
    if colon and not Path(text).exists():
        return _member(_from_package(place), name, text)
    if text.endswith(".json"):
        return _json_schema(Path(text))
    if text.endswith(".py"):
        found = ", ".join(f"{text}:{name}" for name in _models(_from_file(Path(text)))) or "no model in it"
        raise ConfigError(f"{text} is a file; which type in it?", advice=f"say one of: {found}")
    try:
        return load(text)
    except ConfigError:
        near = difflib.get_close_matches(text.lower(), ROOTS, n=1)
        meant = f"did you mean {near[0]}? Else " if near else ""
        raise ConfigError(
            f"no type is named {text!r}",
            advice=f"{meant}give FILE.py:Name, package.module:Name, a .json schema, or one of {', '.join(ROOTS)}",
        ) from None


def declaring(text: str, declared: Any) -> list[str]:
    """Name the files that a type which was found by its text comes from."""
    place = text.rpartition(":")[0] or text
    modules = (sys.modules.get(name) for name in (place, getattr(declared, "__module__", "")) if isinstance(name, str))
    files = (getattr(module, "__file__", None) for module in modules)
    return [place, text, *(file for file in files if file)]


def compiled(declared: Any, dialect: str) -> Schema[Any]:
    """Compile a declared type; a ``Schema`` that somebody made is taken as it is.

    Raises:
        SchemaError: When the type cannot be expressed.
        ConfigError: When there is no such dialect, or the schema was made for another.
    """
    from extract.schema import DIALECTS, Schema  # noqa: PLC0415 — pydantic, only to work

    if dialect not in DIALECTS:
        raise ConfigError(f"no dialect is called {dialect!r}", advice=f"there are {', '.join(DIALECTS)}")
    if not isinstance(declared, Schema):
        return Schema.of(declared, dialect=dialect)
    if declared.dialect.name != dialect:
        raise ConfigError(
            f"{declared.name} is compiled for the dialect {declared.dialect.name}, and {dialect} is needed",
            advice="name the declared type instead",
        )
    return declared


def _from_file(path: Path) -> ModuleType:
    if not path.is_file():
        raise ConfigError(f"{path} is not a file", advice="check the path to the left of the colon")
    # A name no one else has: the file's own may be taken by an installed package.
    spec = importlib.util.spec_from_file_location(f"_extract_type_{path.stem}", path.resolve())
    if spec is None or spec.loader is None:
        raise ConfigError(f"{path} cannot be loaded as Python")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    loader = spec.loader
    with _neighbours(path.resolve().parent):
        _execute(lambda: loader.exec_module(module), str(path))
    return module


def _from_package(name: str) -> ModuleType:
    with _neighbours(Path.cwd()):
        module: ModuleType = _execute(lambda: importlib.import_module(name), name)
        return module


class _neighbours:  # noqa: N801 — reads as a clause
    """Let the imported code import what lies beside it."""

    def __init__(self, folder: Path) -> None:
        self.folder = str(folder)

    def __enter__(self) -> None:
        sys.path.insert(0, self.folder)

    def __exit__(self, *_: object) -> None:
        sys.path.remove(self.folder)


def _execute(load_it: Any, what: str) -> Any:
    try:
        # What the code prints is no result.
        with contextlib.redirect_stdout(sys.stderr):
            return load_it()
    except ExtractError:
        raise
    except (Exception, SystemExit) as error:  # a script that was never meant to be imported may leave
        file = Path(what).resolve()
        where = [each.lineno for each in traceback.extract_tb(error.__traceback__) if Path(each.filename) == file]
        line = f", line {where[-1]}" if where else ""
        raise ConfigError(
            f"importing {what} failed{line}: {type(error).__name__}: {error}", advice="mend it, or check the name"
        ) from error


def _member(module: ModuleType, name: str, text: str) -> Any:
    found: Any = module
    for step in name.split("."):
        if not hasattr(found, step):
            there = ", ".join(_models(module)) or "no models"
            raise ConfigError(f"{text}: there is no {name!r}", advice=f"there: {there}")
        found = getattr(found, step)
    if inspect.ismodule(found) or inspect.isroutine(found) or isinstance(found, _VALUES):
        there = ", ".join(_models(module)) or "no models"
        raise ConfigError(f"{text} is no type: found a value of type {type(found).__name__}", advice=f"there: {there}")
    return found


_VALUES = (bool, int, float, str, bytes, list, tuple, set, frozenset)


def _models(module: ModuleType) -> list[str]:
    from pydantic import BaseModel  # noqa: PLC0415 — only for the words of an error

    return [
        name
        for name, value in vars(module).items()
        if isinstance(value, type) and issubclass(value, BaseModel) and value.__module__ == module.__name__
    ]


def _json_schema(path: Path) -> Path:
    try:
        schema = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise ConfigError(f"{path} does not exist", advice="check the path") from None
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}", advice="check its permissions") from error
    except (ValueError, RecursionError):
        raise ConfigError(f"{path} is not JSON", advice="give a JSON Schema file") from None
    if not isinstance(schema, dict):
        raise ConfigError(f"{path} holds no JSON object", advice="give a JSON Schema, which is an object")
    return path  # not what it holds: references to its neighbours go by where it lies
