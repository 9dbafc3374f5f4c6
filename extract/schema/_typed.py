"""How does pydantic read and write a declared type? A type in; its name, its wire schema and both directions out."""

from __future__ import annotations

import hashlib
import inspect
import re
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import pydantic
from pydantic import TypeAdapter
from pydantic.errors import PydanticSchemaGenerationError, PydanticUndefinedAnnotation, PydanticUserError
from pydantic_core import SchemaValidator, to_json

from extract.errors import Issue, SchemaError
from extract.schema._codec import tree
from extract.schema._codec_objects import Object
from extract.schema._fit import fit
from extract.schema._locate import issues_of
from extract.schema._mark import mark
from extract.schema._patch import Patcher
from extract.schema._patch_sides import writing
from extract.schema._patch_wire import WirePatcher, wired

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pydantic_core import SchemaSerializer

    from extract.schema._dialect import Dialect
    from extract.schema._fit import Fitted

FORBID: dict[str, Any] = {"extra": "forbid"}
"""How pydantic is told not to pass over keys that it does not know, per call."""

__all__ = ["Typed", "adapt", "fitting_name", "spoken_name"]


class Typed:
    """The declared side of a type that pydantic validates."""

    __slots__ = ("_lax", "_serializers", "_wiring", "authored", "fitted", "patcher", "read_text", "read_whole")

    def __init__(self, adapter: TypeAdapter[Any], dialect: Dialect, forms: Any) -> None:
        core = adapter.core_schema
        marked = mark(core, forms)
        self.fitted: Fitted = fit(marked, dialect)
        # A key that the type does not know must not vanish: it is told, and set aside on record. Said for a call it
        # holds for every object; where one takes any key, each of the others is told by itself.
        is_open = _is_open(self.fitted)
        said = {} if is_open else FORBID
        given, closing = (core, _core_config(adapter), marked, self.fitted), is_open or marked.handed
        patcher = partial(Patcher, *given, closing=closing)
        self.patcher = patcher()
        validator = self.patcher.validator() if self.patcher.reading else cast("SchemaValidator", adapter.validator)
        self.authored = bool(marked.watched)
        self._lax: Callable[..., Any] = partial(validator.validate_json, **said)
        strictly: Callable[..., Any] = partial(validator.validate_json, strict=True, **said)
        demanding = None if marked.watched else self.patcher.demanding()
        self.read_text: Callable[..., Any] = strictly
        self.read_whole: Callable[..., Any] = strictly
        if marked.watched:
            self.read_text = self.read_whole = _unread
        elif demanding is not None:
            self.read_whole = partial(demanding.validate_json, strict=True)
            self.read_text = self.read_whole
        if demanding is not None and not dialect.natural:
            # Made by a patcher of its own: it remembers what it is at, and several threads may read.
            self.read_text = _later(lambda: patcher().demanding(defaults=False), strictly)
        by_author = marked.watched or marked.handed
        self._wiring = None if by_author or dialect.natural else partial(WirePatcher, *given, closing=closing)
        self._serializers: dict[str, SchemaSerializer] = {}

    def wire_reader(self) -> Callable[..., Any] | None:
        """Make what reads the text of an answer without any null; ``None`` where only a codec can."""
        if self._wiring is None:
            return None
        places = wired(self.fitted.filled)
        validator = None if places is None else self._wiring().wire_validator(places)
        return None if validator is None else partial(validator.validate_json, strict=True)

    def read(self, declared: Any, context: Any, *, strict: bool) -> tuple[Any, tuple[Issue, ...]]:
        """Validate the declared JSON form; issues carry wire paths. ``strict``: nothing is coerced."""
        if strict and self.authored:
            # What the author hands on is no JSON any more, and a strict reading would take it for something else.
            return None, _UNREAD
        try:
            text = to_json(declared, inf_nan_mode="constants")
            return (self.read_text if strict else self._lax)(text, context=context), ()
        except pydantic.ValidationError as error:
            return None, issues_of(error, self.fitted.full, declared)

    def write(self, value: Any) -> Iterator[Any]:
        """Dump a value in the ways that may be read back, the likeliest first."""
        for way, known in _WRITING:
            serializer = self._serializers.get(way)
            if serializer is None:
                serializer = self._serializers[way] = self.patcher.serializer(way)
            try:
                yield serializer.to_python(value, exclude_defaults=not known, **writing(way))
            except Exception:  # noqa: BLE001, S112 - an author's serializer may raise anything; the next way is tried
                continue


def _later(build: Callable[[], SchemaValidator | None], otherwise: Callable[..., Any]) -> Callable[..., Any]:
    """Read strictly, but for defaults; the reader is made when it is first needed, which is seldom."""
    made: Callable[..., Any] | None = None

    def read(text: str | bytes, **context: Any) -> Any:
        nonlocal made
        if made is None:
            demanding = build()
            made = otherwise if demanding is None else partial(demanding.validate_json, strict=True)
        return made(text, **context)

    return read


def _unread(text: str | bytes, *, context: Any = None) -> Any:  # noqa: ARG001 - as the other readers
    """Read nothing: the slow way knows better."""
    raise ValueError


_UNREAD = (Issue((), "Not read", kind="unread"),)
_WRITING = (("ours", True), ("author", True), ("ours", False), ("words", True))
"""How a value is written, and whether defaults are: some come back only as the default that they are."""


def _is_open(fitted: Fitted) -> bool:
    """Whether an object somewhere takes keys that it does not declare."""
    objects = (node for node in tree(fitted.full) if isinstance(node, Object))
    return any(node.extra is not None or node.open for node in objects)


def adapt(declared: Any, forms: Any = None) -> TypeAdapter[Any]:
    """Hand a type to pydantic.

    Raises:
        SchemaError: Pydantic cannot validate it.
    """
    try:
        adapter: TypeAdapter[Any] = declared if isinstance(declared, TypeAdapter) else TypeAdapter(declared)
        if not adapter.pydantic_complete:
            adapter.rebuild(raise_errors=True)
    except PydanticSchemaGenerationError as error:
        if forms:
            loose: Any = declared
            return TypeAdapter(loose, config={"arbitrary_types_allowed": True})
        raise SchemaError(
            str(error).split("\n", 1)[0], advice="declare its wire form: Schema.of(T, forms={TYPE: WireForm(...)})"
        ) from error
    except (PydanticUserError, PydanticUndefinedAnnotation, NameError, TypeError) as error:
        raise SchemaError(str(error).split("\n", 1)[0], advice="pydantic must be able to validate the type") from error
    except RecursionError as error:
        raise SchemaError("The type is nested too deeply", advice="name the inner types (models, aliases)") from error
    return adapter


def spoken_name(declared: Any) -> str:
    """Say a type the way its author would."""
    if isinstance(declared, TypeAdapter):
        declared = declared._type  # noqa: SLF001 - the only place the adapter keeps it
    if inspect.isclass(declared) and not getattr(declared, "__origin__", None):
        return declared.__name__
    return re.sub(r"\b(?:[A-Za-z_]\w*\.)+", "", str(declared))


def fitting_name(raw: str) -> str:
    """Make a name fit the gateway's rule ``[A-Za-z0-9_-]{1,64}``; long names keep a digest of what is cut."""
    name = re.sub(r"[^A-Za-z0-9_-]+", "_", raw).strip("_") or "answer"
    if len(name) > _LONGEST:
        digest = hashlib.sha256(raw.encode()).hexdigest()[:8]
        name = f"{name[: _LONGEST - 9]}_{digest}"
    return name


_LONGEST = 64


def _core_config(adapter: TypeAdapter[Any]) -> Any:
    config: Any = getattr(adapter, "_config", None) or {}
    renamed = {"extra": "extra_fields_behavior", "populate_by_name": "validate_by_name"}
    known = {
        "strict", "extra", "populate_by_name", "validate_by_name", "validate_by_alias", "from_attributes",
        "loc_by_alias", "validate_default", "str_max_length", "str_min_length", "str_strip_whitespace", "str_to_lower",
        "str_to_upper", "allow_inf_nan", "ser_json_timedelta", "ser_json_bytes", "ser_json_inf_nan", "val_json_bytes",
        "hide_input_in_errors", "coerce_numbers_to_str", "regex_engine", "cache_strings",
    }  # fmt: skip
    return {renamed.get(key, key): item for key, item in config.items() if key in known} or None
