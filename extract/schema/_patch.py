"""How does pydantic read and write the few places that its own JSON form loses? Core schemas in, rebuilt ones out.

Most types need none of this to be read: their own validator is used untouched. Writing always goes through a rebuilt
serializer, for a user's serializers (exclusions, masked secrets, formats of his own) are not made to be read back.
"""

from __future__ import annotations

import base64
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from pydantic_core import PydanticCustomError, SchemaSerializer, SchemaValidator, core_schema

from extract.schema._codec_objects import NOT_GIVEN

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Patcher"]

Core = Any
_CHILDREN = frozenset({
    "schema", "items_schema", "keys_schema", "values_schema", "extras_schema", "extras_keys_schema", "json_schema",
    "python_schema", "lax_schema", "strict_schema", "steps", "definitions", "fields", "choices", "arguments_schema",
    "var_args_schema", "var_kwargs_schema",
})  # fmt: skip
_NATIVE = frozenset({
    "any", "none", "bool", "int", "float", "decimal", "str", "bytes", "date", "time", "datetime", "timedelta",
    "literal", "enum", "list", "tuple", "set", "frozenset", "dict", "nullable", "union", "tagged-union", "model",
    "model-fields", "typed-dict", "dataclass", "dataclass-args", "uuid", "url", "multi-host-url", "default",
    "definitions", "definition-ref", "model-field", "typed-dict-field", "dataclass-field", "named-tuple", "complex",
    "function-before", "function-after", "function-wrap",
})  # fmt: skip
"""Core types that pydantic writes in a form it can read, when no serializer is in the way."""
_WRITING = ("ser_json_timedelta", "ser_json_temporal", "ser_json_bytes", "ser_json_inf_nan")
_ESCAPE = "data:;base64,"
_ANY: Core = {"type": "any"}


class Patcher:
    """Rebuilds one type's core schema for reading and for writing."""

    def __init__(self, core: Core, config: Any, marked: Any, fitted: Any) -> None:
        self.core = core
        self.config = config
        self.marked = marked
        self.fitted = fitted
        self._sides: dict[tuple[int, bool], _Side] = {}
        self.definitions: list[Core] = core.get("definitions", []) if core["type"] == "definitions" else []

    @property
    def reading(self) -> bool:
        """Whether the type's own validator will not do."""
        patched = any(kind in _READERS for kind, _ in self.marked.patches.values())
        return patched or bool(self.fitted.labelled or self.fitted.native)

    def validator(self) -> SchemaValidator:
        """Build the validator that reads patched places."""
        built: SchemaValidator = _build(SchemaValidator, self._rebuild(self.core, self._read), self.config)
        return built

    def part(self, node: Core) -> SchemaValidator:
        """Build the validator of one part alone."""
        built: SchemaValidator = _build(SchemaValidator, self._alone(node, self._read), self.config)
        return built

    def serializer(self, *, own: bool = False) -> SchemaSerializer:
        """Build the serializer that writes what the validator reads.

        Args:
            own: Keep the author's serializers (they may be the inverse of his validators).
        """
        config = {key: item for key, item in (self.config or {}).items() if key not in _WRITING}
        core = self._rebuild(self.core, lambda node: self._write(node, own=own))
        built: SchemaSerializer = _build(SchemaSerializer, core, config)
        return built

    # -- the walk --------------------------------------------------------------------------------------------

    def _rebuild(self, node: Core, rule: Callable[[Core], Core | None]) -> Core:
        known = self.marked.refs.get(node.get("ref"))
        if known is not None and known["type"] == node["type"]:
            node = known
        done: Core = rule(node)
        if done is not None:
            return done
        return self._below(node, rule)

    def _below(self, node: Core, rule: Callable[[Core], Core | None]) -> Core:
        out = dict(node)
        for key in _CHILDREN & node.keys():
            out[key] = self._child(node[key], rule)
        return out

    def _child(self, child: Any, rule: Callable[[Core], Core | None]) -> Any:
        if isinstance(child, dict):
            if isinstance(child.get("type"), str):
                return self._rebuild(child, rule)
            return {key: self._child(each, rule) for key, each in child.items()}
        if isinstance(child, list):
            return [self._child(each, rule) for each in child]
        if isinstance(child, tuple):
            return tuple(self._child(each, rule) for each in child)
        return child

    def _alone(self, node: Core, rule: Callable[[Core], Core | None]) -> Core:
        """Rebuild one node so that it stands alone, with the definitions it may refer to."""
        inner = self._rebuild(node, rule)
        if not self.definitions:
            return inner
        ref = node.get("ref")
        others = [self._rebuild(each, rule) for each in self.definitions if each.get("ref") != ref]
        if ref is not None and any(each.get("ref") == ref for each in self.definitions):
            others.append(inner)
            inner = core_schema.definition_reference_schema(ref)
        return core_schema.definitions_schema(inner, others)

    # -- reading ---------------------------------------------------------------------------------------------

    def _read(self, node: Core) -> Core | None:
        key = id(node)
        if key in self.fitted.labelled:
            return self._read_labelled(node, self.fitted.labelled[key])
        if key in self.fitted.native:
            return self._read_entries(node)
        patch = self.marked.patches.get(key)
        reader = _READERS.get(patch[0]) if patch is not None else None
        return None if patch is None or reader is None else reader(node, patch[1])

    def _read_labelled(self, node: Core, labels: dict[int, str]) -> Core:
        choices: dict[Any, Core] = {}
        for index, choice in _choices(node):
            if index in labels:
                label = labels[index]
                inner = core_schema.typed_dict_schema(
                    {label: core_schema.typed_dict_field(self._rebuild(choice, self._read), required=True)},
                    extra_behavior="forbid",
                )
                choices[label] = core_schema.no_info_after_validator_function(_only_value, inner)
        out = core_schema.tagged_union_schema(choices, _label_of)
        return _with_ref(out, node)

    def _read_entries(self, node: Core) -> Core:
        side = {"keys_schema": "key", "values_schema": "value"}
        fields = {
            name: core_schema.typed_dict_field(self._rebuild(node[key], self._read) if key in node else {"type": "any"})
            for key, name in side.items()
        }
        entry = core_schema.typed_dict_schema(fields, extra_behavior="forbid")
        bounds = {key: node[key] for key in ("min_length", "max_length") if key in node}
        inner = core_schema.list_schema(entry, **bounds)
        return _with_ref(core_schema.no_info_after_validator_function(_to_dict, inner), node)

    # -- writing ---------------------------------------------------------------------------------------------

    def _write(self, node: Core, *, own: bool) -> Core | None:
        def rule(each: Core) -> Core | None:
            return self._write(each, own=own)

        key = id(node)
        if key in self.fitted.labelled:
            return _with_ref(self._write_labelled(node, self.fitted.labelled[key], own), node)
        if key in self.marked.partial or (node["type"] == "union" and not _is_scalar(node)):
            # Pydantic guesses the branch from the outside; which one takes the value is known exactly.
            kept = self.marked.partial.get(key) or range(len(node["choices"]))
            return _with_ref(self._write_labelled(node, dict.fromkeys(kept, ""), own), node)
        if key in self.fitted.native:
            return _with_ref(self._write_entries(node, own), node)
        patch = self.marked.patches.get(key)
        if patch is not None:
            return _with_ref(_plain(_WRITERS[patch[0]](patch[1])), node)
        return self._written(self._below(node, rule), key, own=own)

    def _written(self, out: Core, key: int, *, own: bool) -> Core:
        for each in ("serialization_exclude", "serialization_exclude_if"):
            out.pop(each, None)
        if key in self.marked.keys:
            out["serialization_alias"] = self.marked.keys[key]
        if "computed_fields" in out:
            out["computed_fields"] = []
        if "config" in out:
            out["config"] = {name: item for name, item in out["config"].items() if name not in _WRITING}
        serialization = out.get("serialization")
        if serialization is None:
            return out
        if "secret" in getattr(serialization.get("function"), "__name__", ""):
            out["serialization"] = core_schema.plain_serializer_function_ser_schema(_secret)
        elif not own and out["type"] in _NATIVE and not _foreign(serialization):
            del out["serialization"]
        return out

    def _write_labelled(self, node: Core, labels: dict[int, str], own: bool) -> Core:  # noqa: FBT001
        tests = [self._side(choice, labels[i], own) for i, choice in _choices(node) if i in labels]

        def write(value: Any) -> Any:
            for lax in (False, True):
                for each in tests:
                    if each.takes(value, lax=lax):
                        written = each.write(value)
                        return {each.label: written} if each.label else written
            # A branch that has no JSON form: a default that says "not given".
            return NOT_GIVEN if id(node) in self.marked.partial else value

        return _plain(write)

    def _write_entries(self, node: Core, own: bool) -> Core:  # noqa: FBT001 - passed through
        key, item = (self._side(node.get(side, _ANY), "", own) for side in ("keys_schema", "values_schema"))

        def write(value: Any) -> Any:
            return [{"key": key.write(k), "value": item.write(v)} for k, v in value.items()]

        return _plain(write)

    def _side(self, node: Core, label: str, own: bool) -> _Side:  # noqa: FBT001 - passed through
        known = self._sides.get((id(node), own))
        if known is None:
            known = self._sides[id(node), own] = _Side(self, node, label, own)
        return known

    def built(self, node: Core, *, own: bool | None) -> Any:
        """Build a validator (``own`` is None) or serializer of one node alone."""
        if own is None:
            return _build(SchemaValidator, self._alone(node, lambda _: None), self.config)
        return _build(SchemaSerializer, self._alone(node, lambda each: self._write(each, own=own)), self.config)


class _Side:
    """One branch of a labelled union, or one side of an entry; built when first needed, for types may be recursive."""

    def __init__(self, patcher: Patcher, node: Core, label: str, own: bool) -> None:  # noqa: FBT001
        self.label = label
        self._patcher = patcher
        self._node = node
        self._own = own
        self._test: Any = None
        self._writer: Any = None

    def takes(self, value: Any, *, lax: bool) -> bool:
        """Say whether a Python value belongs to this branch."""
        if self._test is None:
            self._test = self._patcher.built(self._node, own=None)
        try:
            got = self._test.validate_python(value, strict=None if lax else True)
        except Exception:  # noqa: BLE001 - the author's validators may raise anything; then it is another branch
            return False
        return lax or type(got) is type(value)

    def write(self, value: Any) -> Any:
        """Dump a Python value of this branch."""
        if self._writer is None:
            self._writer = self._patcher.built(self._node, own=self._own)
        return self._writer.to_python(value, mode="json", by_alias=True, round_trip=True, warnings=False)


def _build(kind: Any, core: Core, config: Any) -> Any:
    # Ready-made validators of the classes inside would bypass the rebuilt schema.
    return kind(core, config, _use_prebuilt=False)


def _choices(node: Core) -> list[tuple[int, Core]]:
    choices = node["choices"]
    if isinstance(choices, dict):
        return list(enumerate(choices.values()))
    return [(i, each[0] if isinstance(each, tuple) else each) for i, each in enumerate(choices)]


def _is_scalar(node: Core) -> bool:
    return all(choice["type"] in {"str", "int", "float", "bool", "none", "literal"} for _, choice in _choices(node))


def _plain(write: Callable[[Any], Any]) -> Core:
    return core_schema.any_schema(serialization=core_schema.plain_serializer_function_ser_schema(write))


def _with_ref(out: Core, node: Core) -> Core:
    return {**out, "ref": node["ref"]} if "ref" in node else out


def _foreign(serialization: Core) -> bool:
    """Say whether a serializer belongs to a type that pydantic cannot write by itself (a path, an address …)."""
    module = getattr(serialization.get("function"), "__module__", "") or ""
    return serialization["type"] == "to-string" or module.startswith("pydantic.")


def _secret(value: Any) -> Any:
    return value.get_secret_value() if hasattr(value, "get_secret_value") else value


def _label_of(value: Any) -> Any:
    return next(iter(value)) if isinstance(value, dict) and len(value) == 1 else None


def _only_value(value: dict[str, Any]) -> Any:
    return next(iter(value.values()))


def _to_dict(entries: list[Any]) -> dict[Any, Any]:
    out: dict[Any, Any] = {}
    for each in entries:
        if each["key"] in out:
            raise PydanticCustomError("duplicate_key", "No key may stand here twice")
        out[each["key"]] = each["value"]
    return out


def _read_names(node: Core, names: dict[str, Any]) -> Core:
    inner = core_schema.literal_schema(list(names))
    return _with_ref(core_schema.no_info_after_validator_function(names.__getitem__, inner), node)


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

    def join(found: list[str]) -> Any:
        return reduce(or_, (cls[name] for name in found), cls(0))

    return _with_ref(core_schema.no_info_after_validator_function(join, core_schema.list_schema(names)), node)


def _write_flags(cls: Any) -> Callable[[Any], Any]:
    def write(value: Any) -> Any:
        return [each.name for each in cls if value & each]

    return write


def _read_bytes(node: Core, _: Any) -> Core:
    decode = core_schema.no_info_plain_validator_function(_bytes_of)
    rest: Core = {key: item for key, item in node.items() if key != "ref"}
    return _with_ref(core_schema.chain_schema([decode, rest]), node)


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


def _read_form(node: Core, form: Any) -> Core:
    return _with_ref(core_schema.no_info_plain_validator_function(form.decode), node)


_READERS: dict[str, Callable[[Core, Any], Core]] = {
    "names": _read_names,
    "flags": _read_flags,
    "bytes": _read_bytes,
    "form": _read_form,
}
_WRITERS: dict[str, Callable[[Any], Callable[[Any], Any]]] = {
    "names": _write_names,
    "flags": _write_flags,
    "bytes": _write_bytes,
    "bytes-base64": lambda _: lambda value: base64.urlsafe_b64encode(value).decode(),
    "bytes-hex": lambda _: bytes.hex,
    "form": lambda form: form.encode,
}
