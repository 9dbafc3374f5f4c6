"""How is a JSON Schema that no one declared as a type read and written? A schema in, its wire side and its judge out.

What cannot be fitted is asked for as it stands, and said so; the original is enforced on every answer either way.
"""

from __future__ import annotations

import json
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any

from extract.errors import Issue, SchemaError
from extract.schema._fit import Fitted, fit
from extract.schema._locate import wire_path
from extract.schema._mark import Marked
from extract.schema._normal import Normal, Unfit
from extract.schema._patch import Patcher

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from extract.schema._dialect import Dialect

__all__ = ["Raw"]

MAX_BYTES = 2_000_000
MAX_NODES = 50_000
MAX_ISSUES = 100


class Raw:
    """The declared side of a JSON Schema: values are plain JSON."""

    __slots__ = ("_judge", "fitted", "name", "patcher")

    def __init__(self, declared: Mapping[str, Any] | FilePath, dialect: Dialect) -> None:
        schema, base = _load(declared)
        self.name = str(schema.get("title") or (base.stem.split(".")[0] if base else "") or "answer")
        normal = Normal(schema, base)
        self._judge = _judge(schema, normal)
        try:
            self.fitted = _fitted(schema, normal, dialect)
        except (TypeError, AttributeError, KeyError) as error:
            # The judge does not know every keyword's shape (drafts differ); the walk over it does.
            raise SchemaError(f"Not a valid JSON Schema ({type(error).__name__} while it was read)") from error
        self.patcher = Patcher({"type": "any"}, None, Marked({}, {}), self.fitted)

    def read_text(self, text: str | bytes, *, context: Any = None) -> Any:  # noqa: ARG002
        """Read a text whose wire form equals the declared form."""
        value = json.loads(text)
        if not self._judge.is_valid(value):
            raise ValueError("the schema does not hold")
        return value

    def read(self, declared: Any, context: Any, *, strict: bool) -> tuple[Any, tuple[Issue, ...]]:  # noqa: ARG002
        """Hold a value to the original schema; issues carry wire paths."""
        issues: list[Issue] = []
        for error in self._judge.iter_errors(declared):
            if len(issues) >= MAX_ISSUES:
                break
            path = wire_path(tuple(error.absolute_path), self.fitted.full, declared, "missing")
            issues.append(Issue(path, _message(error), str(error.validator), error.instance))
        return declared, tuple(issues)

    def write(self, value: Any) -> Iterator[Any]:
        """A value is its own JSON form."""
        yield value


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
    if not isinstance(schema, dict):
        schema = dict(schema) if hasattr(schema, "keys") else {"const": schema}
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


def _judge(schema: dict[str, Any], normal: Normal) -> Any:
    # Imported here: it costs 100 ms, and only schemas without a type need it.
    import jsonschema  # noqa: PLC0415
    from jsonschema.validators import validator_for  # noqa: PLC0415
    from referencing import Registry  # noqa: PLC0415
    from referencing.exceptions import NoSuchResource, Unresolvable  # noqa: PLC0415

    def local(uri: str) -> Any:
        found = normal.resource(uri)
        if found is None:
            raise NoSuchResource(ref=uri)  # type: ignore[call-arg]
        return found

    kind: Any = validator_for(schema, default=jsonschema.Draft202012Validator)
    try:
        kind.check_schema(schema)
    except jsonschema.SchemaError as error:
        raise SchemaError(
            f"Not a valid JSON Schema: {error.validator} does not hold", path=tuple(error.absolute_path)
        ) from error
    except (RecursionError, Unresolvable) as error:
        raise SchemaError("Not a valid JSON Schema: it cannot be walked") from error
    registry: Any = Registry(retrieve=local)  # type: ignore[call-arg]
    if normal.base is not None and "$id" not in schema:
        schema = {**schema, "$id": normal.base.resolve().as_uri()}
    return kind(schema, registry=registry, format_checker=kind.FORMAT_CHECKER)


def _fitted(schema: dict[str, Any], normal: Normal, dialect: Dialect) -> Fitted:
    if dialect.natural:
        normal.run()
        return Fitted(dict(schema), None, None, [], {}, set())
    try:
        marked = Marked(normal.run(), normal.definitions)
        fitted = fit(marked, dialect)
    except Unfit as error:
        why = f"not strict: {error}"
        return Fitted(dict(schema), None, None, [], {}, set(), [why], strict=False)
    fitted.notes.extend(normal.notes)
    return fitted
