"""How is a value read and written where pydantic's own JSON form loses something? One reader or writer a name."""

from __future__ import annotations

import base64
import re
from collections import Counter, OrderedDict
from datetime import date, timedelta
from decimal import Decimal
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from pydantic_core import PydanticCustomError, SchemaValidator, ValidationError, core_schema

from extract.schema._codec import DUPLICATE_ITEM
from extract.schema._codec_objects import ENTRY
from extract.schema._wire import DECIMAL
from extract.schema.coerce import iso_duration

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = [
    "MOMENTS", "READERS", "WRITERS", "WRITTEN", "by_label", "plain", "to_dict", "to_set", "with_ref",
]  # fmt: skip

Core = Any
_ESCAPE = "data:;base64,"


def plain(write: Callable[[Any], Any]) -> Core:
    """Write a value with a function alone."""
    return core_schema.any_schema(serialization=core_schema.plain_serializer_function_ser_schema(write))


def with_ref(out: Core, node: Core) -> Core:
    """Let a rebuilt node be referred to like the one it stands for."""
    return {**out, "ref": node["ref"]} if "ref" in node else out


def by_label(choices: dict[Any, Core]) -> Core:
    """Read a union whose branches stand under their labels: objects in, each of one key; what stands there out."""
    taken: dict[Any, Core] = {
        label: core_schema.no_info_after_validator_function(_only_value, each) for label, each in choices.items()
    }
    return core_schema.tagged_union_schema(taken, _label_of)


def _label_of(value: Any) -> Any:
    return next(iter(value)) if isinstance(value, dict) and len(value) == 1 else None


def _only_value(value: dict[str, Any]) -> Any:
    return next(iter(value.values()))


def to_dict(kind: str) -> Callable[[list[Any]], Any]:
    """Make a dictionary (or a counter) of entries; no key may stand there twice, however it is spelled."""
    finish = _DICTS.get(kind)

    def make(entries: list[Any]) -> Any:
        out: dict[Any, Any] = dict(map(ENTRY, entries))
        if len(out) < len(entries):
            again = _again(each["key"] for each in entries)
            first = dict(map(ENTRY, reversed(entries)))
            # A count that stands there twice may be meant as two counts.
            if kind != "counter" and all(entries[i]["value"] == first[entries[i]["key"]] for i in again):
                _refuse([(i,) for i in again], DUPLICATE_ITEM, "The entry stands here twice")
            _refuse([(i, "key") for i in again], "duplicate-key", "The key stands here twice")
        return finish(out) if finish else out

    return make


_DICTS: dict[str, Callable[[Any], Any]] = {"counter": Counter, "ordered-dict": OrderedDict}


def to_set(kind: Callable[[Any], Any]) -> Callable[[list[Any]], Any]:
    """Make a set of items; none may stand there twice, however it is spelled."""

    def make(items: list[Any]) -> Any:
        out = kind(items)
        if len(out) < len(items):
            _refuse([(i,) for i in _again(items)], DUPLICATE_ITEM, "The item stands here twice")
        return out

    return make


def _again(several: Iterable[Any]) -> list[int]:
    """Say at which places something stands that stood before."""
    seen: set[Any] = set()
    found = []
    for i, each in enumerate(several):
        if each in seen:
            found.append(i)
        seen.add(each)
    return found


def _refuse(places: list[Any], kind: Any, message: Any) -> None:
    if places:
        error = PydanticCustomError(kind, message)
        raise ValidationError.from_exception_data(kind, [{"type": error, "loc": loc, "input": None} for loc in places])


def _read_names(node: Core, names: dict[str, Any]) -> Core:
    inner = core_schema.literal_schema(list(names))
    return with_ref(core_schema.no_info_after_validator_function(names.__getitem__, inner), node)


def _write_names(names: dict[str, Any]) -> Callable[[Any], Any]:
    def write(value: Any) -> Any:
        for name, member in names.items():
            if member is value:
                return name
        for name, member in names.items():
            if type(member) is type(value) and member == value:
                return name
        return next((name for name, member in names.items() if getattr(member, "value", member) == value), value)

    return write


def _read_flags(node: Core, cls: Any) -> Core:
    names = core_schema.literal_schema([each.name for each in node["members"]])

    distinct = to_set(set)

    def join(found: list[str]) -> Any:
        return reduce(or_, (cls[name] for name in distinct(found)), cls(0))

    return with_ref(core_schema.no_info_after_validator_function(join, core_schema.list_schema(names)), node)


def _write_flags(cls: Any) -> Callable[[Any], Any]:
    def write(value: Any) -> Any:
        return [each.name for each in cls if value & each]

    return write


def _read_bytes(node: Core, _: Any) -> Core:
    decode = core_schema.no_info_plain_validator_function(_bytes_of)
    rest: Core = {key: item for key, item in node.items() if key != "ref"}
    return with_ref(core_schema.chain_schema([decode, rest]), node)


def _bytes_of(text: Any) -> Any:
    if isinstance(text, str) and text.startswith(_ESCAPE):
        try:
            return base64.b64decode(text[len(_ESCAPE) :], validate=True)
        except ValueError as error:
            raise PydanticCustomError("bytes_base64", "Should be base64 after the comma") from error
    return text.encode() if isinstance(text, str) else text


def _write_bytes(_: Any) -> Callable[[Any], Any]:
    def write(value: bytes) -> str:
        try:
            text = value.decode()
        except UnicodeDecodeError:
            return _ESCAPE + base64.b64encode(value).decode()
        return _ESCAPE + base64.b64encode(value).decode() if text.startswith(_ESCAPE) else text

    return write


def _read_pattern(node: Core, _: Any) -> Core:
    def read(text: Any) -> Any:
        if not isinstance(text, str):
            raise PydanticCustomError("pattern_type", "Should be a regular expression")
        try:
            return re.compile(text.encode())
        except re.error as error:
            raise PydanticCustomError("pattern_regex", "Should be a regular expression") from error

    return with_ref(core_schema.no_info_plain_validator_function(read), node)


def _read_instance(node: Core, _: Any) -> Core:
    """Make of the text what Python would: some types forget that when they are read from JSON."""
    whole = SchemaValidator(node["python_schema"])
    return with_ref(core_schema.no_info_after_validator_function(whole.validate_python, node["json_schema"]), node)


def _read_form(node: Core, form: Any) -> Core:
    return with_ref(core_schema.no_info_plain_validator_function(form.decode), node)


def _decimal_digits(node: Core) -> Core | None:
    """Read a decimal from its digits; ``None`` where it may be no number, which has none."""
    if node.get("allow_inf_nan"):
        return None
    read: Core = core_schema.no_info_after_validator_function(Decimal, core_schema.str_schema(pattern=DECIMAL))
    rest: Core = {key: item for key, item in node.items() if key != "ref"}
    return with_ref(core_schema.chain_schema([read, rest]) if _BOUNDS & node.keys() else read, node)


def _complex_digits(node: Core) -> Core:
    return with_ref(core_schema.no_info_after_validator_function(complex, core_schema.str_schema()), node)


def _written(pattern: str) -> Callable[[Core], Core]:
    """Read a moment from a text that looks like one only: pydantic counts seconds where it finds digits alone."""

    def read(node: Core) -> Core:
        rest: Core = {key: item for key, item in node.items() if key not in ("ref", "serialization")}
        # Digits that the type does not hold are cut off by the slow way, which tells it.
        more = {"microseconds_precision": "error"} if node["type"] in _CLOCKED else {}
        precise: Core = {**rest, **more}
        whole = SchemaValidator(precise).validate_python
        return with_ref(
            core_schema.no_info_after_validator_function(whole, core_schema.str_schema(pattern=pattern)), node
        )

    return read


_ISO_DAY = r"^[0-9]{4}-[0-9][0-9]-[0-9][0-9]$"


def _day(node: Core) -> Core:
    if node.keys() - {"type", "ref", "serialization", "metadata"}:
        return _written(_ISO_DAY)(node)
    # Python's own reading costs least; newer ones take weeks (2024-W05-1) and digits alone as well.
    plain = core_schema.str_schema(pattern=_ISO_DAY)
    return with_ref(core_schema.no_info_after_validator_function(date.fromisoformat, plain), node)


def _finite(node: Core) -> Core | None:
    return None if node.get("allow_inf_nan") is False else {**node, "allow_inf_nan": False}


def _numbers(node: Core) -> Core | None:
    """Tell true from 1, and 1 from 1.0, where whole numbers or truth values may be chosen."""
    kinds = frozenset(map(type, node["expected"]))
    if kinds.isdisjoint((int, bool)):
        return None
    rest: Core = {key: item for key, item in node.items() if key != "ref"}
    if kinds == {int}:
        return with_ref(core_schema.chain_schema([core_schema.int_schema(), rest]), node)

    def of_a_kind(value: Any) -> Any:
        if type(value) not in kinds:
            raise ValueError
        return value

    return with_ref(core_schema.no_info_before_validator_function(of_a_kind, rest), node)


def _addresses(node: Core) -> Core | None:
    """Read an address from a text only: from a number pydantic would count addresses."""
    function = node["function"].get("function")
    origin, name = getattr(function, "__module__", ""), getattr(function, "__name__", "")
    if origin != "pydantic.networks" and not (origin.startswith("pydantic._internal") and name.startswith("ip_")):
        return None
    rest: Core = {key: item for key, item in node.items() if key not in ("ref", "serialization")}
    return with_ref(core_schema.chain_schema([core_schema.str_schema(), rest]), node)


def _by_number(node: Core) -> Core | None:
    """Tell true from 1 where the values of an Enum are whole numbers."""
    if {type(each.value) for each in node["members"]} != {int}:
        return None
    return with_ref(core_schema.no_info_after_validator_function(node["cls"], core_schema.int_schema()), node)


def _write_duration(_: Any) -> Callable[[Any], Any]:
    # Pydantic counts days by years, which nobody else may read as 365 of them.
    def write(value: Any) -> Any:
        return iso_duration(value // _MICROSECOND) if isinstance(value, timedelta) else value

    return write


_MICROSECOND = timedelta(microseconds=1)
_CLOCKED = frozenset({"datetime", "time"})
_BOUNDS = frozenset({"le", "ge", "lt", "gt", "multiple_of", "max_digits", "decimal_places"})
WRITTEN: dict[str, Callable[[Core], Core | None]] = {
    "decimal": _decimal_digits,
    "complex": _complex_digits,
    "float": _finite,
    "literal": _numbers,
    "enum": _by_number,
    "function-plain": _addresses,
    "date": _day,
    "datetime": _written(r"^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d"),
    "time": _written(r"^\d\d:\d\d"),
    "timedelta": _written(r"^-?P(?:\d+W)?(?:\d+D)?(?:T(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d{1,6})?S)?)?$"),
}
"""What is asked for as a certain text, and what pydantic takes for it from a number or another text too."""
MOMENTS = frozenset({"date", "datetime", "time", "timedelta"})
"""Those of them that are moments or durations."""
READERS: dict[str, Callable[[Core, Any], Core]] = {
    "names": _read_names,
    "flags": _read_flags,
    "bytes": _read_bytes,
    "pattern-bytes": _read_pattern,
    "instance": _read_instance,
    "form": _read_form,
}
WRITERS: dict[str, Callable[[Any], Callable[[Any], Any]]] = {
    "names": _write_names,
    "flags": _write_flags,
    "bytes": _write_bytes,
    "pattern-bytes": lambda _: lambda value: value.pattern.decode(),
    "bytes-base64": lambda _: lambda value: base64.urlsafe_b64encode(value).decode(),
    "duration": _write_duration,
    "bytes-hex": lambda _: bytes.hex,
    "form": lambda form: form.encode,
}
