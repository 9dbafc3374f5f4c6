# ruff: noqa: ARG002 - overrides keep the signatures of pydantic's generator
"""What does pydantic know about a type that its JSON Schema forgets? A core schema in, a marked JSON Schema out.

Marks are keys that begin with ``x-``; they never travel, :mod:`_fit` turns them into wire schemas and codecs.
"""

from __future__ import annotations

import re
import warnings
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Flag
from typing import Any

from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import PydanticOmit, to_jsonable_python

from extract.schema._core_nodes import choice_type, function_name, hidden, is_alike, is_pydantics, renamed

__all__ = ["Marked", "mark"]

Json = dict[str, Any]
_STOCK_DOCS = ("An enumeration.", "Enum where", "str(", "int(", "Create a collection")
_WATCHING = frozenset({"function-before", "function-wrap"})
"""Core types at which an author's function sees the value before it is read: it expects the declared form."""
_FLAGS = {"a": re.ASCII, "i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL, "x": re.VERBOSE}
_ANY_DECIMAL = r"^(-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?|NaN|-?Infinity)$"
_KINDS = frozenset({"object", "array", "string", "number", "integer", "boolean", "null"})
_EXTRA = ("pydantic_js_extra", "pydantic_js_updates")


@dataclass(slots=True)
class Marked:
    """A marked JSON Schema with what is needed to come back to the core schema it was made from.

    ``watched`` says that a function of the author sees values before they are read, ``handed`` that instances are made
    by an ``__init__`` of the author's.
    """

    schema: Json
    definitions: dict[str, Json]
    unions: dict[int, Json] = field(default_factory=dict)
    keys: dict[int, str] = field(default_factory=dict)
    patches: dict[int, tuple[str, Any]] = field(default_factory=dict)
    refs: dict[str, Json] = field(default_factory=dict)
    partial: dict[int, list[int]] = field(default_factory=dict)
    sets: set[int] = field(default_factory=set)
    watched: bool = False
    handed: bool = False


def mark(core: Any, forms: Any = None) -> Marked:
    """Generate the marked JSON Schema of a core schema (validation mode).

    Args:
        core: A pydantic core schema.
        forms: Wire forms declared for types: ``type -> WireForm``.

    Returns:
        The schema and its definitions; references are ``#/$defs/NAME`` with NAME a key of the definitions.
    """
    generator = _Marker(by_alias=True, ref_template="{model}")
    generator.forms = forms or {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        schema = generator.generate_inner(core)
    out = generator.marked
    out.schema = schema
    out.definitions = {str(name): each for name, each in generator.definitions.items()}
    return out


class _Marker(GenerateJsonSchema):
    """Pydantic's own generator, with marks where its JSON Schema loses something."""

    def __init__(self, by_alias: bool = True, ref_template: str = "{model}", **more: Any) -> None:  # noqa: FBT001, FBT002 - pydantic's signature
        super().__init__(by_alias=by_alias, ref_template=ref_template, **more)
        self.marked = Marked({}, {})
        self.forms: Any = {}
        self._watched = 0

    def generate_inner(self, schema: Any) -> Json:
        """Let a declared wire form win over everything pydantic knows."""
        if self.forms:
            form = self.forms.get(schema.get("cls"))
            if form is not None:
                self.marked.patches[id(schema)] = ("form", form)
                return dict(form.schema)
        ref = schema.get("ref")
        if ref is not None:
            # A type may stand in the core schema several times; only the first copy is walked.
            self.marked.refs.setdefault(ref, schema)
        if function_name(schema) == "pattern_bytes_validator":
            self.marked.patches[id(schema)] = ("pattern-bytes", None)
        inner = hidden(schema)
        if inner is not None:
            # Secrets write their JSON Schema themselves; what is hidden may still need to be read in our way.
            self.generate_inner(inner)
        watched = schema["type"] in _WATCHING and not is_pydantics(schema["function"]["function"])
        self._watched += watched
        self.marked.watched |= watched
        self.marked.handed |= bool(schema.get("custom_init"))
        try:
            out = super().generate_inner(schema)
            if "metadata" in schema and not _is_kind(out.get("type")):
                # What an author keeps in json_schema_extra for other readers may hide the type.
                kept = {key: each for key, each in schema["metadata"].items() if key not in _EXTRA}
                plain: Any = {**schema, "metadata": kept}
                out = super().generate_inner(plain)
            return self._hoisted(out)
        finally:
            self._watched -= watched

    def _hoisted(self, out: Json) -> Json:
        """Move definitions that an author put into a schema of his own to the others."""
        own = out.get("$defs")
        if not isinstance(own, dict):
            return out
        names = {f"#/$defs/{name}": f"{name}-{len(self.definitions)}" for name in own}
        moved = {names[f"#/$defs/{name}"]: renamed(each, names) for name, each in own.items()}
        self.definitions.update(moved)  # type: ignore[arg-type]
        return dict(renamed({key: item for key, item in out.items() if key != "$defs"}, names))

    def handle_invalid_for_json_schema(self, schema: Any, error_info: str) -> Json:
        """Mark what has no JSON form; whether that matters is decided where its place is known."""
        return {"x-refused": error_info}

    def field_title_should_be_set(self, schema: Any) -> bool:
        """Leave out titles that only repeat the field's name."""
        return False

    def get_title_from_name(self, name: str) -> str:
        """Leave out titles that only repeat the field's name."""
        return name

    def emit_warning(self, kind: Any, detail: str) -> None:
        """Stay silent: what is lost is told by ``explain()``."""

    # -- objects ---------------------------------------------------------------------------------------------

    def _named_required_fields_schema(self, named_required_fields: Any) -> Json:
        properties: Json = {}
        required: list[str] = []
        places: Json = {}
        for name, is_required, each in named_required_fields:
            if each.get("init") is False:
                continue
            key, place = self._place(each, name)
            try:
                properties[key] = dict(self.generate_inner(each))
            except PydanticOmit:
                continue
            self.marked.keys[id(each)] = key
            if place != (key,):
                places[key] = place
            if is_required:
                required.append(key)
        out: Json = {"type": "object", "properties": properties, "required": required}
        if places:
            out["x-places"] = places
        return out

    def _place(self, each: Any, name: str) -> tuple[str, tuple[str | int, ...]]:
        """Find the key the model sees and the path at which pydantic looks for the value."""
        config = self._config.config_dict
        alias = each.get("validation_alias")
        if alias is None or config.get("validate_by_alias") is False:
            return name, (name,)
        if isinstance(alias, str):
            return alias, (alias,)
        paths = [alias] if alias and not isinstance(alias[0], list) else alias
        for path in paths:
            if len(path) == 1:
                return path[0], (path[0],)
        if config.get("populate_by_name") or config.get("validate_by_name"):
            return name, (name,)
        return name, tuple(paths[0])

    def named_tuple_schema(self, schema: Any) -> Json:
        """Keep the names of a named tuple."""
        out: Json = super().named_tuple_schema(schema)  # pyright: ignore[reportAttributeAccessIssue]
        out["x-names"] = [each["name"] for each in schema["fields"]]
        return out

    def p_arguments_schema(self, arguments: Any, var_args_schema: Any) -> Json:
        """Keep the names of a named tuple (older pydantic builds it as a call)."""
        out = super().p_arguments_schema(arguments, var_args_schema)
        out["x-names"] = [each["name"] for each in arguments]
        return out

    # -- dictionaries ----------------------------------------------------------------------------------------

    def _common_dict_schema(self, schema: Any) -> Json:
        keys = self.generate_inner(schema["keys_schema"]) if "keys_schema" in schema else {"type": "string"}
        values = self.generate_inner(schema["values_schema"]) if "values_schema" in schema else {}
        if schema["type"] == "counter":
            values = {"type": "integer"}
        out: Json = {"type": "object", "x-keys": dict(keys), "x-values": dict(values), "x-core": id(schema)}
        if not (self._watched or self._keeps_texts(schema.get("keys_schema", {"type": "str"}))):
            # Two spellings may stand for one key: seen only when the entries are read one by one.
            out["x-spelled"] = True
        self.marked.unions[id(schema)] = schema
        self.update_with_validations(out, schema, self.ValidationsMapping.object)
        return out

    def _keeps_texts(self, keys: Any) -> bool:
        changing = ("strip_whitespace", "to_lower", "to_upper")
        config = self._config.config_dict
        return keys["type"] == "str" and not any(keys.get(each) or config.get(f"str_{each}") for each in changing)

    def dict_schema(self, schema: Any) -> Json:
        """Keep the schema of the keys."""
        return self._common_dict_schema(schema)

    # -- tuples ---------------------------------------------------------------------------------------------

    def tuple_schema(self, schema: Any) -> Json:
        """Remember which core schema has places of their own."""
        out: Json = super().tuple_schema(schema)
        if "variadic_item_index" not in schema:
            out["x-places-of"] = id(schema)
        return out

    # -- sets ------------------------------------------------------------------------------------------------

    def set_schema(self, schema: Any) -> Json:
        """Remember sets: an item that stands there twice must not vanish."""
        self.marked.sets.add(id(schema))
        return super().set_schema(schema)

    def frozenset_schema(self, schema: Any) -> Json:
        """Remember sets: an item that stands there twice must not vanish."""
        self.marked.sets.add(id(schema))
        return super().frozenset_schema(schema)

    # -- unions ----------------------------------------------------------------------------------------------

    def union_schema(self, schema: Any) -> Json:
        """Keep every branch as it is, and which core schema it came from."""
        choices = [each[0] if isinstance(each, tuple) else each for each in schema["choices"]]
        labels = [each[1] if isinstance(each, tuple) else None for each in schema["choices"]]
        return self._branches(schema, choices, labels)

    def tagged_union_schema(self, schema: Any) -> Json:
        """The same for discriminated unions."""
        choices = schema["choices"]
        out = self._branches(schema, list(choices.values()), [str(getattr(key, "value", key)) for key in choices])
        if not all(type(key) in (str, int) for key in choices):
            # Pydantic compares what stands in the text with the tag itself.
            out["x-apart"] = False
        elif not callable(schema["discriminator"]):
            out["x-tagged"] = True
        return out

    def _branches(self, schema: Any, choices: list[Any], labels: list[str | None]) -> Json:
        branches: list[Json] = []
        refused: list[str] = []
        for index, (choice, label) in enumerate(zip(choices, labels, strict=True)):
            try:
                branch = dict(self.generate_inner(choice))
            except PydanticOmit:
                continue
            if "x-refused" in branch:
                refused.append(branch["x-refused"])
                continue
            branch["x-branch"] = (index, label, is_alike(choice))
            branches.append(branch)
        if not branches:
            return {"x-refused": "; ".join(refused) or "a union without branches"}
        self.marked.unions[id(schema)] = schema
        if len(branches) < len(choices):
            self.marked.partial[id(schema)] = [branch["x-branch"][0] for branch in branches]
        out: Json = {"anyOf": branches, "x-core": id(schema)}
        if refused:
            out["x-skipped"] = refused
        return out

    def nullable_schema(self, schema: Any) -> Json:
        """Write a nullable value as a union with null, whatever is inside."""
        inner = self.generate_inner(schema["schema"])
        return inner if inner == {"type": "null"} or "x-refused" in inner else {"anyOf": [inner, {"type": "null"}]}

    def lax_or_strict_schema(self, schema: Any) -> Json:
        """Take the form that is alike in both; a lax union only says what else Python may hand in."""
        inner = schema["lax_schema"]
        return self.generate_inner(schema["strict_schema"] if inner["type"] == "union" else inner)

    # -- values ----------------------------------------------------------------------------------------------

    def default_schema(self, schema: Any) -> Json:
        """Tell a default of None, any other default and a factory apart."""
        out = dict(self.generate_inner(schema["schema"]))
        if "default" not in schema:
            return {**out, "x-default": "factory"} if "default_factory" in schema else out
        if schema["default"] is None:
            return {**out, "x-default": "none"}
        out["x-default"] = "value"
        # It is only shown; an author's type may fail in any way while it is written.
        with suppress(Exception):
            out["default"] = self.encode_default(schema["default"])
        return out

    def decimal_schema(self, schema: Any) -> Json:
        """Write decimals as strings, so that no digit is lost."""
        out: Json = {"type": "string", "x-kind": "decimal"}
        bounds = {"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum", "lt": "exclusiveMaximum"}
        for key, keyword in {**bounds, "multiple_of": "multipleOf", "max_digits": "x-digits"}.items():
            if schema.get(key) is not None:
                out[keyword] = str(schema[key])
        if schema.get("allow_inf_nan"):
            out["pattern"] = _ANY_DECIMAL
        if schema.get("decimal_places") is not None:
            out["x-places-after"] = schema["decimal_places"]
        return out

    def timedelta_schema(self, schema: Any) -> Json:
        """Write durations as ISO texts: every setting can read them."""
        self.marked.patches[id(schema)] = ("duration", None)
        return {"type": "string", "format": "duration"}

    def str_schema(self, schema: Any) -> Json:
        """Keep the flags of a pattern."""
        out = super().str_schema(schema)
        pattern = schema.get("pattern")
        if isinstance(pattern, re.Pattern) and pattern.flags & ~re.UNICODE:
            letters = "".join(letter for letter, flag in _FLAGS.items() if pattern.flags & flag)
            out["pattern"] = f"(?{letters}){pattern.pattern}" if letters else pattern.pattern
        return out

    def json_or_python_schema(self, schema: Any) -> Json:
        """Remember types that are a mere text when read from JSON, and an instance when read from Python."""
        inner = schema["python_schema"]
        kinds = {choice_type(each) for each in inner["choices"]} if inner["type"] == "union" else set()
        if schema["json_schema"]["type"] == "str" and "is-instance" in kinds:
            self.marked.patches[id(schema)] = ("instance", None)
        return super().json_or_python_schema(schema)

    def bytes_schema(self, schema: Any) -> Json:
        """Write bytes as the text they hold, or as the configured encoding."""
        config = self._config.config_dict
        reads, writes = config.get("val_json_bytes", "utf8"), config.get("ser_json_bytes", "utf8")
        # Bytes are counted, not the characters that stand for them.
        bounds = {"min_length": "x-least-bytes", "max_length": "x-most-bytes"}
        out: Json = {"type": "string", **{said: schema[key] for key, said in bounds.items() if key in schema}}
        if reads == writes and reads != "utf8":
            self.marked.patches[id(schema)] = (f"bytes-{reads}", None)
            return {**out, "x-kind": f"bytes-{reads}"}
        self.marked.patches[id(schema)] = ("bytes", None)
        return {**out, "x-kind": "bytes"}

    def literal_schema(self, schema: Any) -> Json:
        """Keep every value with its own type."""
        values = schema["expected"]
        if all(type(each) in (str, int, bool, type(None)) for each in values):
            return {"enum": list(values)}
        return self._names(schema, values)

    def enum_schema(self, schema: Any) -> Json:
        """Write an Enum by its values where JSON has them, by its names where it has not."""
        members = schema["members"]
        if issubclass(schema["cls"], Flag):
            self.marked.patches[id(schema)] = ("flags", schema["cls"])
            names = [str(each.name) for each in members]
            return {"type": "array", "items": {"enum": names}} if names else {"x-refused": "a Flag without members"}
        if all(isinstance(each.value, (str, int)) for each in members):
            out: Json = {"enum": [to_jsonable_python(each.value) for each in members]}
        else:
            out = self._names(schema, members)
        doc = (schema["cls"].__doc__ or "").strip()
        if doc and not doc.startswith(_STOCK_DOCS) and "__doc__" in vars(schema["cls"]):
            out["description"] = doc
        return out

    def _names(self, schema: Any, members: list[Any]) -> Json:
        names: Json = {}
        for each in members:
            value = getattr(each, "value", each)
            name = value if isinstance(value, str) and value not in names else str(getattr(each, "name", None) or each)
            while name in names:
                name += "_"
            names[name] = each
        self.marked.patches[id(schema)] = ("names", names)
        return {"enum": list(names), "type": "string"}

    def any_schema(self, schema: Any) -> Json:
        """Mark a value of any kind."""
        return {"x-kind": "any"}

    def json_schema(self, schema: Any) -> Json:
        """Mark JSON text that holds a typed value."""
        return {"x-kind": "json", "x-inner": self.generate_inner(schema.get("schema") or {"type": "any"})}


def _is_kind(kind: Any) -> bool:
    return kind is None or (kind in _KINDS if isinstance(kind, str) else isinstance(kind, list))
