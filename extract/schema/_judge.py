"""Does a value obey a JSON Schema? jsonschema's judge, with the patterns and formats that JSON Schema means."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from extract.errors import SchemaError
from extract.schema._ecma import compiled
from extract.schema._formats import format_checker

if TYPE_CHECKING:
    from collections.abc import Iterator

    from extract.schema._refs import References

__all__ = ["judge", "wire_judge"]


def judge(schema: dict[str, Any], references: References) -> Any:
    """Make the judge of a schema.

    Raises:
        SchemaError: It is not a valid schema.
    """
    import jsonschema  # noqa: PLC0415 - it costs 100 ms, and only schemas without a type need it
    from referencing.exceptions import Unresolvable  # noqa: PLC0415

    kind = references.kind
    try:
        kind.check_schema(schema, format_checker=format_checker("regex"))
    except jsonschema.SchemaError as error:
        raise SchemaError(f"Not a valid JSON Schema: {_why(error)}", path=tuple(error.absolute_path)) from error
    except (RecursionError, Unresolvable) as error:
        raise SchemaError("Not a valid JSON Schema: it cannot be walked") from error
    return _kind(kind)(references.schema, registry=references.registry, format_checker=format_checker())


def wire_judge(schema: dict[str, Any]) -> Any:
    """Make the judge of a schema that was written here: to hold a large one to its meta-schema takes seconds."""
    import jsonschema  # noqa: PLC0415 - see above

    return _kind(jsonschema.Draft202012Validator)(schema, format_checker=format_checker())


def _why(error: Any) -> str:
    if error.validator == "format":
        return f"{error.instance!r} is no {error.validator_value} that can be read here"
    return f"{error.validator} does not hold"


@cache
def _kind(kind: Any) -> Any:
    from jsonschema.validators import extend  # noqa: PLC0415 - see above

    return extend(  # type: ignore[no-untyped-call]
        kind, {"pattern": _pattern, "patternProperties": _pattern_properties, "additionalProperties": _additional}
    )


def _pattern(validator: Any, pattern: str, instance: Any, schema: Any) -> Iterator[Any]:  # noqa: ARG001
    if validator.is_type(instance, "string") and not compiled(pattern).search(instance):
        yield _error("does not match the pattern")


def _pattern_properties(validator: Any, patterns: Any, instance: Any, schema: Any) -> Iterator[Any]:  # noqa: ARG001
    if not validator.is_type(instance, "object"):
        return
    for pattern, inner in patterns.items():
        for key, value in instance.items():
            if compiled(pattern).search(key):
                yield from validator.descend(value, inner, path=key, schema_path=pattern)


def _additional(validator: Any, more: Any, instance: Any, schema: Any) -> Iterator[Any]:
    if not validator.is_type(instance, "object"):
        return
    patterns = [compiled(each) for each in schema.get("patternProperties", ())]
    known = schema.get("properties", {})
    for key in instance:
        if key in known or any(each.search(key) for each in patterns):
            continue
        if more is False:
            yield _error("has a key that is not allowed")
            return
        yield from validator.descend(instance[key], more, path=key)


def _error(message: str) -> Any:
    from jsonschema import ValidationError  # noqa: PLC0415 - see above

    return ValidationError(message)
