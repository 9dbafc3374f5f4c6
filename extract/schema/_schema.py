"""A declared type in, a compiled :class:`Schema` out: the one object that knows both sides of a type."""

from __future__ import annotations

import hashlib
import inspect
import json
import re
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

import pydantic
from pydantic import TypeAdapter
from pydantic.errors import PydanticSchemaGenerationError, PydanticUndefinedAnnotation, PydanticUserError
from pydantic_core import from_json, to_json

from extract.errors import Issue, SchemaError, ValidationError
from extract.schema._checked import Checked
from extract.schema._codec import Log
from extract.schema._coerce import coerce
from extract.schema._dialect import dialect as _dialect
from extract.schema._explain import Explanation
from extract.schema._fit import fit
from extract.schema._limits import measure, settle
from extract.schema._locate import issues_of
from extract.schema._mark import mark
from extract.schema._outline import Outline
from extract.schema._parts import join, split
from extract.schema._patch import Patcher
from extract.typing import WireFormat

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path as FilePath

    from pydantic_core import SchemaSerializer, SchemaValidator
    from typing_extensions import TypeForm

    from extract.schema._checked import Strictness, WireForm
    from extract.schema._dialect import Dialect
    from extract.typing import JSON, Repair

__all__ = ["Schema"]

T = TypeVar("T")
_CACHE: dict[Any, Any] = {}
_CACHE_SIZE = 1_024


class Schema(Generic[T]):
    """A declared type, compiled: its wire schema, and the way there and back.

    Immutable once made and safe to use from several threads. Made by :meth:`of`.

    Attributes:
        name: Fits the gateway's rule ``[A-Za-z0-9_-]{1,64}``.
        description: What the author said about the type.
        wire: The wire schema.
        format: The same, ready to travel.
        dialect: The dialect it was fitted to.
        strict: False where the schema travels as a hint only.
        guidance: What the model must be told in words then; else empty.
        outline: The type part by part, for reading answers that are still growing.
        notes: What a careful reader should know: parts never asked for, why a schema is not strict.
        parts: The questions to ask; one, unless the type exceeds a limit. :meth:`join` splices their answers.
    """

    __slots__ = (
        "_adapter", "_declared", "_encoders", "_fitted", "_patcher", "_validator", "description", "dialect", "format",
        "guidance", "name", "notes", "outline", "parts", "strict", "wire",
    )  # fmt: skip

    def __init__(self, declared: Any, adapter: TypeAdapter[T], dialect: Dialect, name: str, forms: Any) -> None:
        core = adapter.core_schema
        marked = mark(core, forms)
        fitted = fit(marked, dialect)
        fitted.rewrites.extend(settle(fitted.wire, dialect.limits))
        self._declared = declared
        self._adapter = adapter
        self._fitted = fitted
        self._patcher = Patcher(core, _core_config(adapter), marked, fitted)
        self._validator: SchemaValidator = (
            self._patcher.validator() if self._patcher.reading else cast("SchemaValidator", adapter.validator)
        )
        self._encoders: dict[bool, SchemaSerializer] = {}
        self.dialect = dialect
        self.wire: dict[str, Any] = fitted.wire
        self.name = name
        self.outline = Outline.of(self._patcher, fitted.node)
        self.description = str(fitted.wire.get("description", ""))
        self.strict = dialect.strict
        self.notes = tuple(fitted.notes)
        encoded = json.dumps(fitted.wire, ensure_ascii=False, separators=(",", ":")).encode()
        self.format = WireFormat(name, fitted.wire, encoded, self.strict)
        # Said in words where the wire schema does not bind the model.
        self.guidance = "" if self.strict else _HINT + encoded.decode()
        # Refused here, not at the first call, when even several questions would not do.
        self.parts = split(fitted.wire, name, dialect.limits)
        if len(self.parts) > 1:
            self.notes += (f"asked in {len(self.parts)} questions, for the type exceeds a limit: {self.parts[0].why}",)

    @classmethod
    def of(
        cls,
        declared: TypeForm[T] | TypeAdapter[T] | Mapping[str, Any] | FilePath,
        *,
        dialect: Dialect | str = "openai-strict",
        name: str | None = None,
        forms: Mapping[type, WireForm] | None = None,
    ) -> Schema[T]:
        """Compile a type; the same type is compiled once.

        Args:
            declared: Any type pydantic can validate, a ``TypeAdapter``, or a JSON Schema (a mapping or a file).
            dialect: The subset of JSON Schema to fit it to.
            name: The name that travels; derived from the type by default.
            forms: Wire forms of types that pydantic cannot write, or of those you want written otherwise.

        Raises:
            SchemaError: The type cannot be expressed; names the path and the way out.
        """
        try:
            key = (declared, dialect, name)
            if forms is None:
                return cast("Schema[T]", _CACHE[type(declared), key])
        except (KeyError, TypeError):
            pass
        made: Schema[T] = _compile(declared, dialect, name, forms)
        if forms is None:
            try:
                if len(_CACHE) >= _CACHE_SIZE:
                    _CACHE.pop(next(iter(_CACHE)), None)
                _CACHE[type(declared), key] = made
            except TypeError:
                pass
        return made

    def __repr__(self) -> str:
        return f"Schema({self.name}, {self.dialect.name})"

    def explain(self) -> Explanation:
        """Tell what was rewritten and why, what cannot be enforced, and how much of each limit is used."""
        use = measure(self.wire, long_enum=self.dialect.limits.long_enum)
        size = len(self.format.encoded)
        rewrites = tuple(self._fitted.rewrites)
        return Explanation(self.name, self.dialect, self.strict, rewrites, use, self.parts, size, self.notes)

    def join(self, values: Sequence[JSON]) -> JSON:
        """Splice the answers to ``parts``, in their order, into one wire value."""
        return join(self.parts, values)

    # -- there and back --------------------------------------------------------------------------------------

    def encode(self, value: T) -> JSON:
        """Turn a declared value into the wire value that stands for it."""
        first = self._encode(value, own=False)
        if self._round(first, value):
            return cast("JSON", first)
        second = self._encode(value, own=True)
        return cast("JSON", second) if self._round(second, value) else self._settle(first, second, value)

    def _encode(self, value: T, *, own: bool) -> Any:
        serializer = self._encoders.get(own)
        if serializer is None:
            serializer = self._encoders[own] = self._patcher.serializer(own=own)
        try:
            dumped = serializer.to_python(value, mode="json", by_alias=True, round_trip=True, warnings=False)
        except Exception:  # noqa: BLE001 - an author's serializer may raise anything; the other way is tried then
            return _NOTHING
        node = self._fitted.node
        return dumped if node is None else node.encode(dumped)

    def _round(self, wire: Any, value: T) -> bool:
        if wire is _NOTHING:
            return False
        try:
            return bool(self.check(wire, strictness="exact").value == value)
        except Exception:  # noqa: BLE001 - an author's validator may want a context that only a reply has
            return False

    def _settle(self, first: Any, second: Any, value: T) -> JSON:
        for each in (first, second):
            if each is not _NOTHING:
                return cast("JSON", each)
        raise ValidationError.of([Issue((), f"A {type(value).__name__} cannot be written as {self.name}")])

    def decode(self, wire: JSON, *, context: Any = None) -> T:
        """Turn a wire value into the declared value.

        Raises:
            ValidationError: With one issue per failing path of the wire value.
        """
        checked = self.check(wire, context=context, strictness="exact")
        if not checked.ok:
            raise ValidationError.of(checked.issues, repairs=checked.repairs)
        return cast("T", checked.value)

    def check(self, wire: JSON, *, context: Any = None, strictness: Strictness = "careful") -> Checked[T]:
        """Check a wire value; never raises for a bad one.

        Args:
            wire: The value as the model wrote it.
            context: Handed to the author's validators.
            strictness: How far a value that does not fit may be coerced.
        """
        return self._check(wire, context, strictness)

    def check_json(self, text: str | bytes, *, context: Any = None, strictness: Strictness = "careful") -> Checked[T]:
        """Check a reply's text; a text that is not strict JSON gives one issue of kind ``json_invalid``."""
        if self._fitted.node is None:
            try:
                value = self._validator.validate_json(text, context=context)
            except (pydantic.ValidationError, TypeError):
                pass
            else:
                return Checked(value, ok=True, text=text)
        try:
            wire = from_json(text)
        except (ValueError, TypeError) as error:  # a lone surrogate is no text to pydantic: TypeError
            return Checked(None, ok=False, issues=(Issue((), f"Should be JSON: {error}", kind="json_invalid"),))
        return self._check(wire, context, strictness)

    def _check(self, wire: Any, context: Any, strictness: Strictness) -> Checked[T]:
        checked = self._judge(wire, (), context, exact=strictness == "exact")
        if checked.ok or strictness == "exact":
            return checked
        coerced = coerce(wire, self.wire, strictness=strictness)
        if not coerced.repairs:
            return checked
        again = self._judge(coerced.value, coerced.repairs, context, exact=False)
        # A coercion that does not help is no liberty to take.
        return again if again.ok or len(again.issues) <= len(checked.issues) else checked

    def _judge(self, wire: Any, repairs: tuple[Repair, ...], context: Any, *, exact: bool) -> Checked[T]:
        log = Log(exact)
        node = self._fitted.node
        try:
            declared = wire if node is None else node.decode(wire, (), log)
            value = self._validator.validate_json(to_json(declared, inf_nan_mode="constants"), context=context)
        except pydantic.ValidationError as error:
            found = (*log.issues, *issues_of(error, node, declared))
            return Checked(None, ok=False, issues=found, repairs=(*repairs, *log.repairs), wire=wire)
        except RecursionError:
            issue = Issue((), "Should be nested less deeply", kind="recursion")
            return Checked(None, ok=False, issues=(issue,), repairs=repairs, wire=wire)
        except ValueError as error:
            issue = Issue((), f"Cannot be read as JSON: {type(error).__name__}", kind="json_invalid")
            return Checked(None, ok=False, issues=(issue,), repairs=repairs, wire=wire)
        ok = not log.issues
        return Checked(
            value if ok else None, ok=ok, issues=tuple(log.issues), repairs=(*repairs, *log.repairs), wire=wire
        )


_NOTHING: Any = object()
_HINT = "Answer with one JSON value that obeys this JSON Schema:\n"


def _compile(declared: Any, dialect: Any, name: str | None, forms: Any) -> Any:
    named = _dialect(dialect)
    adapter = declared if isinstance(declared, TypeAdapter) else _adapt(declared, forms)
    try:
        return Schema(declared, adapter, named, _name(declared, adapter, name), forms)
    except (PydanticUserError, PydanticUndefinedAnnotation) as error:
        raise SchemaError(
            str(error).split("\n", 1)[0], advice="define every name the type refers to before compiling it"
        ) from error
    except RecursionError as error:
        raise SchemaError("The type is nested too deeply", advice="name the inner types (models, aliases)") from error


def _adapt(declared: Any, forms: Any) -> TypeAdapter[Any]:
    try:
        return TypeAdapter(declared)
    except PydanticSchemaGenerationError as error:
        if forms:
            return TypeAdapter(declared, config={"arbitrary_types_allowed": True})
        raise SchemaError(
            str(error).split("\n", 1)[0], advice="declare its wire form: Schema.of(T, forms={TYPE: WireForm(...)})"
        ) from error
    except (PydanticUserError, PydanticUndefinedAnnotation, NameError, TypeError) as error:
        raise SchemaError(str(error).split("\n", 1)[0], advice="pydantic must be able to validate the type") from error
    except RecursionError as error:
        raise SchemaError("The type is nested too deeply", advice="name the inner types (models, aliases)") from error


def _name(declared: Any, adapter: TypeAdapter[Any], given: str | None) -> str:
    raw = given or _spoken(declared, adapter)
    name = re.sub(r"[^A-Za-z0-9_-]+", "_", raw).strip("_") or "answer"
    if len(name) > 64:  # noqa: PLR2004 - the gateway's rule
        digest = hashlib.sha256(raw.encode()).hexdigest()[:8]
        name = f"{name[:55]}_{digest}"
    return name


def _spoken(declared: Any, adapter: TypeAdapter[Any]) -> str:
    if isinstance(declared, TypeAdapter):
        declared = adapter._type  # noqa: SLF001 - the only place the adapter keeps it
    if inspect.isclass(declared) and not getattr(declared, "__origin__", None):
        return declared.__name__
    return re.sub(r"\b(?:[A-Za-z_]\w*\.)+", "", str(declared))


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
