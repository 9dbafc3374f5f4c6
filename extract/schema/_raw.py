"""How is a JSON Schema that no one declared as a type read and written? A schema in, its wire side and its judge out.

What cannot be fitted is asked for as it stands, and said so; the original is enforced on every answer either way.
"""

from __future__ import annotations

import json
from functools import cached_property
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any

from extract.errors import Issue, SchemaError, ValidationError
from extract.schema._codec import Log
from extract.schema._fit import Fitted, fit
from extract.schema._judge import judge, wire_judge
from extract.schema._limits import settle
from extract.schema._locate import wire_path
from extract.schema._mark import Marked
from extract.schema._merge import Unfit
from extract.schema._normal import Normal
from extract.schema._parts import split
from extract.schema._patch import Patcher
from extract.schema._refs import References
from extract.schema._unfold import bound
from extract.schema.coerce import endless, value_at
from extract.typing import WireFormat

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from extract.errors import Path
    from extract.schema._dialect import Dialect

__all__ = ["Raw"]

MAX_BYTES = 4_000_000
MAX_NODES = 200_000
MAX_ISSUES = 100
_NOTHING: Any = object()


class Raw:
    """The declared side of a JSON Schema: values are plain JSON."""

    authored = False

    def __init__(self, declared: Mapping[str, Any] | FilePath, dialect: Dialect) -> None:
        schema, base = _load(declared)
        self.name = str(schema.get("title") or (base.stem.split(".")[0] if base else "") or "answer")
        references = References(schema, base)
        self._judge = judge(schema, references)
        try:
            bound(references)
            self.fitted = _fitted(schema, references, dialect)
        except (TypeError, AttributeError, KeyError, ValueError) as error:
            # The judge does not know every keyword's shape (drafts differ); the walk over it does.
            raise SchemaError(f"Not a valid JSON Schema ({type(error).__name__} while it was read)") from error
        self.patcher = Patcher({"type": "any"}, None, Marked({}, {}), self.fitted)

    def read_text(self, text: str | bytes, *, context: Any = None) -> Any:  # noqa: ARG002
        """Read a text whose wire form equals the declared form."""
        value = json.loads(text)
        if endless(value) or not self._judge.is_valid(value):
            raise ValueError("the schema does not hold")
        return value

    def wire_reader(self) -> None:
        """Make nothing: the codec reads every answer."""

    @property
    def read_whole(self) -> Callable[..., Any]:
        """The same: a JSON Schema takes no defaults."""
        return self.read_text

    def read(self, declared: Any, context: Any, *, strict: bool) -> tuple[Any, tuple[Issue, ...]]:  # noqa: ARG002
        """Hold a value to the original schema; issues carry wire paths."""
        issues: list[Issue] = []
        # Python reads more numbers than JSON has: NaN, and those too large for it.
        for place in endless(declared)[:MAX_ISSUES]:
            path = wire_path(place, self.fitted.full, declared, "missing")
            issues.append(Issue(path, "Should be a finite number", "finite_number", value_at(declared, place)))
        for error in self._judge.iter_errors(declared):
            if len(issues) >= MAX_ISSUES:
                break
            path = wire_path(tuple(error.absolute_path), self.fitted.full, declared, "missing")
            issues.append(Issue(path, _message(error), str(error.validator), error.instance))
        return declared, tuple(issues)

    def write(self, value: Any) -> Iterator[Any]:
        """A value is its own JSON form.

        Raises:
            ValidationError: The wire schema has no place for a part of it.
        """
        node = self.fitted.node
        if node is not None:
            wire = node.encode(value)
            lost = _difference(value, node.decode(wire, (), Log(exact=True)), ())
            if lost is None:
                lost = next((tuple(error.absolute_path) for error in self._wire_judge.iter_errors(wire)), None)
            if lost is not None:
                raise ValidationError.of([Issue(lost, "The wire schema has no place for this", "unsayable")])
        yield value

    @cached_property
    def _wire_judge(self) -> Any:
        return wire_judge(self.fitted.wire)


def _difference(one: Any, other: Any, path: Path) -> Path | None:
    """Find the first place where two JSON values differ."""
    if type(one) is not type(other):
        return path
    if isinstance(one, dict):
        keys = [*one, *(key for key in other if key not in one)]
        pairs = [(key, one.get(key, _NOTHING), other.get(key, _NOTHING)) for key in keys]
    elif isinstance(one, list):
        if len(one) != len(other):
            return path
        pairs = [(i, a, b) for i, (a, b) in enumerate(zip(one, other, strict=True))]
    else:
        return None if one == other else path
    found = (_difference(a, b, (*path, step)) for step, a, b in pairs)
    return next((each for each in found if each is not None), None)


def _message(error: Any) -> str:
    said = json.dumps(error.validator_value, ensure_ascii=False, default=str)
    if error.validator == "required":
        missing = [key for key in error.validator_value if key not in error.instance]
        return f"Should have {', '.join(missing)}"
    return f"Should obey {error.validator}: {said if len(said) <= 120 else said[:117] + '…'}"  # noqa: PLR2004


def _load(declared: Mapping[str, Any] | FilePath) -> tuple[dict[str, Any], FilePath | None]:
    base = declared if isinstance(declared, FilePath) else None
    if isinstance(declared, FilePath):
        try:
            if declared.stat().st_size > MAX_BYTES:
                raise _too_large()
            schema = json.loads(declared.read_bytes())
        except (OSError, ValueError) as error:
            raise SchemaError(
                f"{declared.name} holds no JSON Schema ({type(error).__name__})", advice="give a file of JSON"
            ) from error
        except RecursionError as error:
            raise SchemaError("The schema is nested too deeply", advice="give a smaller schema") from error
    else:
        schema = declared
    if isinstance(schema, bool):
        schema = {} if schema else {"not": {}}
    if not isinstance(schema, dict):
        if not hasattr(schema, "keys"):
            raise SchemaError("A schema must be an object or a truth value", advice="give a JSON Schema")
        schema = dict(schema)
    _bound(schema)
    return schema, base


def _bound(schema: Any) -> None:
    nodes = size = 0
    work = [(schema, 0)]
    while work:
        each, depth = work.pop()
        nodes += 1
        if depth > 200:  # noqa: PLR2004 - far beyond any schema people write, well before the stack ends
            raise SchemaError("The schema is nested too deeply", advice="give a smaller schema")
        if isinstance(each, dict):
            size += sum(len(key) for key in each if isinstance(key, str))
            work.extend((item, depth + 1) for item in each.values())
        elif isinstance(each, list):
            work.extend((item, depth + 1) for item in each)
        elif isinstance(each, str):
            size += len(each)
        if nodes > MAX_NODES or size > MAX_BYTES:
            raise _too_large()


def _too_large() -> SchemaError:
    return SchemaError(
        f"The schema has more than {MAX_NODES:,} nodes or {MAX_BYTES:,} characters",
        advice="cut the part out that the documents speak of",
    )


def _fitted(schema: dict[str, Any], references: References, dialect: Dialect) -> Fitted:
    if dialect.natural:
        return Fitted(dict(schema), None, None, [], {}, set(), strict=False)
    try:
        normal = Normal(references)
        fitted = fit(Marked(normal.run(), normal.definitions), dialect)
        _within(fitted, dialect)
    except Unfit as error:
        why = f"not strict: {error}"
        return Fitted(dict(schema), None, None, [], {}, set(), [why], strict=False)
    fitted.notes.extend(normal.notes)
    return fitted


def _within(fitted: Fitted, dialect: Dialect) -> None:
    """Bring a wire schema within the limits, if several questions will do."""
    fitted.rewrites.extend(settle(fitted.wire, dialect.limits))
    try:
        split(WireFormat("answer", fitted.wire, b""), dialect.limits)
    except SchemaError as error:
        raise Unfit(error.args[0] if error.args else str(error)) from error
