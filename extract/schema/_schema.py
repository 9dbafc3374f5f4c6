"""A declared type in, a compiled :class:`Schema` out: the one object that knows both sides of a type."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar, cast

from pydantic.errors import PydanticUndefinedAnnotation, PydanticUserError
from pydantic_core import from_json, to_json

from extract.errors import Issue, SchemaError, ValidationError
from extract.schema._alike import alike, same
from extract.schema._checked import Checked
from extract.schema._checks import COMPILED, DECLARING, run_checks
from extract.schema._codec import Log, Root
from extract.schema._dialect import dialect as find_dialect
from extract.schema._explain import Explanation
from extract.schema._hearing import Hearing
from extract.schema._keys import KeyCount
from extract.schema._limits import measure, settle
from extract.schema._outline import Outline
from extract.schema._part_reader import PartReader
from extract.schema._parts import Part, join, split
from extract.schema._patch_wire import keeps_null
from extract.schema._raw import Raw
from extract.schema._typed import Typed, adapt, fitting_name, spoken_name
from extract.schema.coerce import Matcher, coerce, place_at
from extract.typing import WireFormat

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from pydantic import TypeAdapter
    from typing_extensions import TypeForm

    from extract.errors import Path
    from extract.schema._checked import WireForm
    from extract.schema._checks import Check
    from extract.schema._dialect import Dialect
    from extract.schema._fit import Fitted
    from extract.schema._patch import Patcher
    from extract.schema.coerce import Strictness
    from extract.typing import JSON

__all__ = ["Schema"]

T = TypeVar("T")
D = TypeVar("D")
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
        checked: Whether rules across fields are declared somewhere in the type.
        keys: How many keys an answer holds when none stands there twice.
        outline: The type part by part, for reading answers that are still growing.
        notes: What a careful reader should know: parts never asked for, why a schema is not strict.
        parts: The questions to ask; one, unless the type exceeds a limit. :meth:`join` splices their answers.
    """

    __slots__ = (
        "_filled", "_matchers", "_node", "_null_is_null", "_read_text", "_read_whole", "_read_wire", "_rewrites",
        "_side", "checked", "description", "dialect", "format", "guidance", "keys", "name", "notes", "outline", "parts",
        "strict", "wire",
    )  # fmt: skip

    def __init__(self, side: Side, dialect: Dialect, name: str) -> None:
        fitted = side.fitted
        if fitted.strict:
            fitted.rewrites.extend(settle(fitted.wire, dialect.limits))
        self._side = side
        self._node = fitted.node
        self._filled = fitted.filled
        self._null_is_null = keeps_null(fitted.node)
        self._read_text = side.read_text
        self._read_whole = side.read_whole
        self._read_wire: Callable[..., Any] | None = _UNKNOWN
        self._matchers: list[Matcher] = []
        self._rewrites = tuple(fitted.rewrites)
        self.dialect = dialect
        self.wire: dict[str, Any] = fitted.wire
        self.name = name
        self.description = str(fitted.wire.get("description", ""))
        self.strict = dialect.strict and fitted.strict
        self.notes = tuple(fitted.notes)
        encoded = json.dumps(fitted.wire, ensure_ascii=False, separators=(",", ":")).encode()
        self.format = WireFormat(name, fitted.wire, encoded, self.strict)
        self.guidance = "" if self.strict else _HINT + encoded.decode()
        self.keys = KeyCount.of(fitted.wire) if fitted.strict else KeyCount()
        self.outline = Outline.of(side.patcher, fitted)
        self.checked = bool(DECLARING) and self.outline.has_checks
        # Refused here, not at the first call, when even several questions would not do.
        self.parts = split(self.format, dialect.limits) if self.strict else (Part(self.format),)
        if len(self.parts) > 1:
            self.notes += (f"asked in {len(self.parts)} questions, for the type exceeds a limit: {self.parts[0].why}",)

    @classmethod
    def of(
        cls,
        declared: TypeForm[D] | TypeAdapter[D] | Mapping[str, Any] | FilePath,
        *,
        dialect: Dialect | str = "openai-strict",
        name: str | None = None,
        forms: Mapping[type, WireForm] | None = None,
    ) -> Schema[D]:
        """Compile a type; the same type is compiled once.

        Args:
            declared: Any type pydantic can validate, a ``TypeAdapter``, or a JSON Schema (a mapping or a file).
            dialect: The subset of JSON Schema to fit it to.
            name: The name that travels; derived from the type by default.
            forms: Wire forms of types that pydantic cannot write, or of those you want written otherwise.

        Raises:
            SchemaError: The type cannot be expressed; names the path and the way out.
        """
        if forms is not None or isinstance(declared, (dict, FilePath)):
            return cast("Schema[D]", _compile(declared, dialect, name, forms))
        key: tuple[Any, ...] = (type(declared), declared, dialect, name)
        try:
            found = COMPILED.get(key)
        except TypeError:
            # Not hashable: known by identity, and the entry keeps that identity from being given to another.
            key = ("id", id(declared), dialect, name)
            found = COMPILED.get(key)
        if found is not None:
            return cast("Schema[D]", found[0])
        made: Schema[D] = _compile(declared, dialect, name, None)
        if len(COMPILED) >= _CACHE_SIZE:
            COMPILED.pop(next(iter(COMPILED)), None)
        COMPILED[key] = (made, declared)
        return made

    def __repr__(self) -> str:
        return f"Schema({self.name}, {self.dialect.name})"

    def explain(self) -> Explanation:
        """Tell what was rewritten and why, what cannot be enforced, and how much of each limit is used."""
        use = measure(self.wire, long_enum=self.dialect.limits.long_enum)
        size = len(self.format.encoded)
        return Explanation(self.name, self.dialect, self.strict, self._rewrites, use, self.parts, size, self.notes)

    def join(self, values: Sequence[JSON]) -> JSON:
        """Splice the answers to ``parts``, in their order, into one wire value."""
        return join(self.parts, values)

    # -- there and back --------------------------------------------------------------------------------------

    def encode(self, value: T) -> JSON:
        """Turn a declared value into the wire value that stands for it, and see that it comes back.

        The author's own validators are not asked: what they say may depend on the context of a call.

        Raises:
            ValidationError: The value is not of the type, or nothing that could be written would come back as it.
        """
        wrong: tuple[Issue, ...] = ()
        nearly: Any = None
        for written in self._side.write(value):
            wire, fits = self._fitting(written)
            checked = self.check(wire, strictness="exact")
            if checked.ok and fits and same(checked.value, value):
                return cast("JSON", wire)
            near = alike(checked.value, value) if checked.ok else all(each.kind in _AUTHORS for each in checked.issues)
            if near and fits and (nearly is None or checked.ok > nearly[0]):
                nearly = (checked.ok, wire)
            wrong = wrong or checked.issues or _NOT_ALIKE
        if nearly is not None:
            return cast("JSON", nearly[1])
        said = f"A {type(value).__name__} cannot be written as {self.name}"
        raise ValidationError.of(wrong or [Issue((), said, kind="not-written")])

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
        # Read strictly, nothing is coerced: an answer that passes took no liberty that would have to be told.
        checked = self._judge(wire, context, exact=strictness == "exact", strict=True)
        return checked if checked.ok else self._hearing(context, strictness).verdict(wire)

    def check_json(self, text: str | bytes, *, context: Any = None, strictness: Strictness = "careful") -> Checked[T]:
        """Check a reply's text; a text that is not strict JSON gives one issue of kind ``json_invalid``.

        Of a key that stands in an object twice the last is taken, as pydantic does; ``keys`` tells whether one does.
        """
        node = self._node
        whole: Callable[..., Any] | None = self._read_whole
        if node is not None:
            # Where no null is written no default is taken, and most codecs have nothing to do.
            if self._null_is_null or not (b"null" in text if isinstance(text, bytes) else "null" in text):
                node = self._filled
            if node is not None:
                whole = self._wire_reader() if node is self._filled else None
        if whole is not None:
            try:
                value = whole(text) if context is None else whole(text, context=context)
                return Checked(value, True, (), (), None, text)
            except Exception:  # noqa: BLE001, S110 - whatever it is, the slow way tells it with its path
                pass
        if node is not None:
            try:
                log, wire = Log(strictness == "exact", owned=True), from_json(text, cache_strings="keys")
                declared = to_json(node.decode(wire, (), log), inf_nan_mode="constants")
                read = self._read_text if node is self._node else self._read_whole
                value = read(declared) if context is None else read(declared, context=context)
                if not log.issues and not log.strayed:
                    return Checked.logged(value, text, log)
            except Exception:  # noqa: BLE001, S110 - likewise
                pass
        try:
            wire = from_json(text)
        except (ValueError, TypeError) as error:  # a lone surrogate is no text to pydantic: TypeError
            return Checked(None, ok=False, issues=(Issue((), f"Should be JSON: {error}", kind="json_invalid"),))
        return self._hearing(context, strictness).verdict(wire, text)

    def _wire_reader(self) -> Callable[..., Any] | None:
        """Find what reads the wire without the codec, where that can be: it is made when first needed."""
        if self._read_wire is _UNKNOWN:
            self._read_wire = self._side.wire_reader()
        return self._read_wire

    def part_reader(self, context: Any = None, strictness: Strictness = "careful") -> PartReader:
        """Get ready to read one answer part by part, while it is growing; arguments as for :meth:`check`."""
        authored = self._side.authored
        return PartReader(self.wire, self.outline, self._obeys, context, strictness, authored=authored)

    def run_checks(self, value: T, further: Iterable[Check] = ()) -> tuple[Issue, ...]:
        """Run the rules declared in the type, and further ones on the value itself; issues carry wire paths."""
        at = self.outline.wire_path
        return tuple(
            replace(issue, path=at(issue.path), paths=tuple(at(path) for path in issue.paths))
            for issue in run_checks(value, further)
        )

    def _fitting(self, written: Any) -> tuple[Any, bool]:
        """Give what the wire schema takes: the written value, else what stands for it there; and whether it does."""
        wire = written if self._node is None else self._node.encode(written)
        if self._obeys(wire):
            return wire, True
        coerced = coerce(wire, self.wire, typed=True)
        fits = not coerced.issues and self._obeys(coerced.value)
        return (coerced.value if fits else wire), fits

    def _obeys(self, wire: Any, at: Path = ()) -> bool:
        # A matcher remembers what it sees while it looks: whoever needs one takes it off the shelf.
        try:
            matcher = self._matchers.pop()
        except IndexError:
            # How dates are written is the type's own matter: its author may read them in his own way.
            matcher = Matcher(self.wire, typed=True, formats=None if isinstance(self._side, Raw) else False)
        try:
            place = place_at(matcher, at)
            return place is None or matcher.matches(wire, place)
        except RecursionError:
            return False
        finally:
            matcher.forget()
            self._matchers.append(matcher)

    def _hearing(self, context: Any, strictness: Strictness) -> Hearing:
        judge = partial(self._judge, context=context, exact=strictness == "exact")
        rooted = isinstance(self._node, Root)
        full = self._side.fitted.full
        return Hearing(self.wire, full, judge, self._obeys, strictness, rooted=rooted, authored=self._side.authored)

    def _judge(self, wire: Any, context: Any, *, exact: bool, strict: bool) -> Checked[T]:
        log, node = Log(exact), self._node
        value = None
        try:
            declared = wire if node is None else node.decode(wire, (), log)
            value, issues = self._side.read(declared, context, strict=strict)
        except RecursionError:
            issues = (Issue((), "Should be nested less deeply", kind="recursion"),)
        except UnicodeError:
            issues = (Issue((), "Should be text of valid characters", kind="json_invalid"),)
        except Exception as error:  # noqa: BLE001 - the author's validators may raise anything
            issues = (Issue((), f"A validator failed with {type(error).__name__}", kind="validator-failed"),)
            if not strict:
                issues = tuple(self.outline.failures(wire, context)) or issues
        if not issues and not log.issues and not (strict and log.strayed):
            return Checked(value, True, (), log.told(), wire)
        return Checked(None, False, (*log.issues, *issues), log.told(), wire)


_UNKNOWN: Any = object()
"""Stands for a reader that was not looked for yet."""
_AUTHORS = frozenset({"value_error", "assertion_error", "validator-failed"})
_NOT_ALIKE = (Issue((), "The value would come back as another", kind="not-alike"),)
_HINT = "Answer with one JSON value that obeys this JSON Schema:\n"


class Side(Protocol):
    """The declared side of a schema: what reads and writes the declared JSON form."""

    @property
    def fitted(self) -> Fitted:
        """The wire side."""
        ...

    @property
    def patcher(self) -> Patcher:
        """Who reads single parts."""
        ...

    @property
    def authored(self) -> bool:
        """Whether functions of the author's see what the model wrote, and may read it in their own way."""
        ...

    @property
    def read_text(self) -> Callable[..., Any]:
        """Validates a text whose wire form equals the declared form, and ``context=``; raises when it does not fit."""
        ...

    @property
    def read_whole(self) -> Callable[..., Any]:
        """The same, but refuses a text that leaves a key out for whose field there is a default."""
        ...

    def wire_reader(self) -> Callable[..., Any] | None:
        """Make what reads the text of an answer without any null; ``None`` where only a codec can."""
        ...

    def read(self, declared: Any, context: Any, *, strict: bool) -> tuple[Any, tuple[Issue, ...]]:
        """Validate the declared JSON form; issues carry wire paths. ``strict``: nothing is coerced."""
        ...

    def write(self, value: Any) -> Iterable[Any]:
        """Dump a value, in each way that may be read back."""
        ...


def _compile(declared: Any, dialect: Any, name: str | None, forms: Any) -> Any:
    named = find_dialect(dialect)
    try:
        if isinstance(declared, (Mapping, FilePath)):
            raw = Raw(declared, named)
            return Schema(raw, named, fitting_name(name or raw.name))
        return Schema(Typed(adapt(declared, forms), named, forms), named, fitting_name(name or spoken_name(declared)))
    except (PydanticUserError, PydanticUndefinedAnnotation) as error:
        raise SchemaError(
            str(error).split("\n", 1)[0], advice="define every name the type refers to before compiling it"
        ) from error
    except RecursionError as error:
        raise SchemaError("The type is nested too deeply", advice="name the inner types (models, aliases)") from error
