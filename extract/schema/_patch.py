"""How does pydantic read and write the few places that its own JSON form loses? Core schemas in, rebuilt ones out.

Most types need none of this to be read: their own validator is used untouched. Writing always goes through a rebuilt
serializer, for a user's serializers (exclusions, masked secrets, formats of his own) are not made to be read back.
"""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic_core import SchemaSerializer, SchemaValidator, core_schema

from extract.schema._codec_objects import NOT_GIVEN
from extract.schema._core_nodes import AROUND, choices_of, hidden, is_foreign, is_pydantics, is_scalar, keeps_null
from extract.schema._patch_configs import CHILDREN, OBJECTS, OF_OBJECTS, TAKING_KEYS, configs_of
from extract.schema._patch_init import fields_of, made_by_author
from extract.schema._patch_sides import Side, tried
from extract.schema._patch_values import MOMENTS, READERS, WRITERS, WRITTEN, by_label, plain, to_dict, to_set, with_ref

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Patcher", "build"]

Core = Any
V = TypeVar("V", SchemaValidator, SchemaSerializer)
_NATIVE = frozenset({
    "any", "none", "bool", "int", "float", "decimal", "str", "bytes", "date", "time", "datetime", "timedelta",
    "literal", "enum", "list", "tuple", "set", "frozenset", "dict", "nullable", "union", "tagged-union", "model",
    "model-fields", "typed-dict", "dataclass", "dataclass-args", "uuid", "url", "multi-host-url", "default",
    "definitions", "definition-ref", "model-field", "typed-dict-field", "dataclass-field", "named-tuple", "complex",
    "function-before", "function-after", "function-wrap",
})  # fmt: skip
"""Core types that pydantic writes in a form it can read, when no serializer is in the way."""
_WRITING = ("ser_json_timedelta", "ser_json_temporal", "ser_json_bytes", "ser_json_inf_nan")
_ANY: Core = {"type": "any"}
_FIELDS = frozenset({"model-field", "dataclass-field", "typed-dict-field"})
_SETS = {"set": set, "frozenset": frozenset}
_HOPS = 50
_SEEING = frozenset({"function-before", "function-wrap"})


class Patcher:
    """Rebuilds one type's core schema for reading and for writing.

    ``closing``: an object that would pass over a key that it does not know refuses it.
    """

    def __init__(self, core: Core, config: Any, marked: Any, fitted: Any, *, closing: bool = False) -> None:
        self.core = core
        self._closing = closing
        self.config = config
        self.marked = marked
        self.fitted = fitted
        self._demands: int | None = None
        self._defaults = False
        self._guessed = False
        self._sides: dict[tuple[int, str], Side] = {}
        self._configs: dict[int, Any] = {}
        self.definitions: list[Core] = core.get("definitions", []) if core["type"] == "definitions" else []

    @property
    def reading(self) -> bool:
        """Whether the type's own validator will not do."""
        patched = any(kind in READERS for kind, _ in self.marked.patches.values())
        return patched or self._closing or bool(self.fitted.labelled or self.fitted.native or self.marked.sets)

    def validator(self) -> SchemaValidator:
        """Build the validator that reads patched places."""
        return build(SchemaValidator, self._rebuild(self.core, self._read), self.config)

    def demanding(self, *, defaults: bool = True) -> SchemaValidator | None:
        """Build the validator that takes no liberty by itself; ``None`` where only further keys would be one.

        Such as a default for a field left out (where ``defaults`` count), a number where a text was asked for.
        """
        self._demands, self._defaults = 0, defaults
        core = self._rebuild(self.core, self._read)
        demands = self._demands
        self._demands, self._defaults = None, False
        return build(SchemaValidator, core, self.config) if demands else None

    def part(self, node: Core) -> SchemaValidator:
        """Build the validator of one part alone."""
        return build(SchemaValidator, self._alone(node, self._read), self._config_at(node))

    def serializer(self, way: str) -> SchemaSerializer:
        """Build the serializer that writes, in one of the ways, what the validator reads."""
        config = {key: item for key, item in (self.config or {}).items() if key not in _WRITING}
        core = self._rebuild(self.core, lambda node: self._write(node, way))
        return build(SchemaSerializer, core, config)

    # -- the walk --------------------------------------------------------------------------------------------

    def _rebuild(self, node: Core, rule: Callable[[Core], Core | None]) -> Core:
        node = self._known(node)
        done: Core = rule(node)
        if done is not None:
            return done
        return self._below(node, rule)

    def _known(self, node: Core) -> Core:
        """Find the copy of a type that was marked: it may stand in the core schema several times."""
        known = self.marked.refs.get(node.get("ref"))
        return known if known is not None and known["type"] == node.get("type") else node

    def _below(self, node: Core, rule: Callable[[Core], Core | None]) -> Core:
        out = dict(node)
        for key in CHILDREN & node.keys():
            out[key] = self._child(node[key], rule)
        # Where no object takes any key they are all alike, and nothing has to be looked up.
        alike = self._demands is not None and not self._closing
        if node["type"] in TAKING_KEYS and (alike or (self._closing and self._extra_at(node) == "ignore")):
            out["extra_behavior"] = "forbid"
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
        if not self.definitions or node["type"] == "definitions":
            # A whole type brings its definitions along.
            return inner
        ref = node.get("ref")
        others = [self._rebuild(each, rule) for each in self.definitions if each.get("ref") != ref]
        if ref is not None and any(each.get("ref") == ref for each in self.definitions):
            others.append(inner)
            inner = core_schema.definition_reference_schema(ref)
        return core_schema.definitions_schema(inner, others)

    # -- reading ---------------------------------------------------------------------------------------------

    def _read(self, node: Core) -> Core | None:
        demanded = self._demanded(node) if self._demands is not None and node["type"] in _FIELDS else None
        if demanded is not None:
            return demanded
        key = id(node)
        fields = fields_of(node)
        if fields is not None and (
            self._closing or self._demands is not None or self._is_touched(list(fields.values()))
        ):
            return self._read_made(node)
        if key in self.fitted.labelled:
            return self._read_labelled(node, self.fitted.labelled[key])
        if key in self.fitted.native:
            return self._read_entries(node)
        if key in self.marked.sets:
            return self._read_set(node)
        if node["type"] == "lax-or-strict" and self._is_touched(node["lax_schema"]):
            # JSON has one form for both; only the lax one was looked through.
            return with_ref(self._rebuild(node["lax_schema"], self._read), node)
        if node["type"] in _SEEING and self._labelled_below(node) is not None:
            return self._read_labelled(node, self.fitted.labelled[id(self._labelled_below(node))])
        patch = self.marked.patches.get(key)
        reader = READERS.get(patch[0]) if patch is not None else None
        if patch is not None and reader is not None:
            return reader(node, patch[1])
        return None if self._demands is None else self._demanding(node)

    def _demanding(self, node: Core) -> Core | None:
        """Read what was asked for as it was asked for, but in branches that are chosen by how well they fit."""
        kind = node["type"]
        # Of a union that is guessed one branch at most reads texts, or they would stand under labels: a decimal too.
        if kind in WRITTEN and (kind == "decimal" or kind in MOMENTS or not self._guessed):
            written = WRITTEN[kind](node)
            self._demands = (self._demands or 0) + (written is not None)
            return written
        if kind != "union" and kind not in OBJECTS:
            return None
        was, self._guessed = self._guessed, kind == "union"
        out = self._below(node, self._read)
        self._guessed = was
        return out

    def _read_made(self, node: Core) -> Core:
        if self._demands is not None:
            self._demands += 1
        was, self._guessed = self._guessed, False
        out = made_by_author(node, self._read_beforehand, self._is_demanded)
        self._guessed = was
        return out

    def _read_beforehand(self, node: Core) -> Core:
        # Where nothing may be coerced it is read here: what is handed to an author is read with all liberties.
        return self._rebuild(node, self._bare) if self._demands is not None or self._is_touched(node) else _ANY

    def _bare(self, node: Core) -> Core | None:
        """Read without the author's functions, up to the next model: they are still to come, and come once."""
        if node["type"] in AROUND and not is_pydantics(node["function"]["function"]):
            return with_ref(self._rebuild(node["schema"], self._bare), node)
        if node["type"] in {"model", "dataclass"}:
            return self._read(node) or self._below(node, self._read)
        return self._read(node)

    def _demanded(self, node: Core) -> Core | None:
        inner, required = node["schema"], {}
        if inner["type"] == "default" and inner.get("on_error", "raise") == "raise" and node.get("init") is not False:
            if not self._is_demanded(inner):
                return None
            inner = inner["schema"]
        elif not self._defaults or node["type"] != "typed-dict-field" or node.get("required", True):
            return None
        if node["type"] == "typed-dict-field":
            required = {"required": True}
        self._demands = (self._demands or 0) + 1
        return {**node, **required, "schema": self._rebuild(inner, self._read)}

    def _is_demanded(self, default: Core) -> bool:
        # A key whose null means that it is not given is seen to by its codec.
        return self._demands is not None and (self._defaults or keeps_null(default))

    def _read_labelled(self, node: Core, labels: dict[int, str]) -> Core:
        choices: dict[Any, Core] = {}
        for index, choice in choices_of(self._labelled_below(node)):
            if index in labels:
                label = labels[index]
                field = core_schema.typed_dict_field(self._seen(node, choice), required=True)
                choices[label] = self._object(node, {label: field})
        return with_ref(by_label(choices), node)

    def _labelled_below(self, node: Core) -> Core | None:
        """Find the labelled union that an author's functions stand around."""
        for _ in range(_HOPS):
            if id(node) in self.fitted.labelled:
                return node
            if node["type"] not in AROUND:
                break
            node = node["schema"]
        return None

    def _seen(self, node: Core, choice: Core) -> Core:
        """Put the author's functions around a branch, so that they see no label."""
        if id(node) in self.fitted.labelled:
            return self._rebuild(choice, self._read)
        if node["type"] == "function-wrap":
            # It may hand on something else than it was given, so every branch stays open to it.
            others = [each for _, each in choices_of(self._labelled_below(node)) if each is not choice]
            kept = [self._rebuild(each, self._read) for each in (choice, *others)]
            return {**node, "schema": core_schema.union_schema(kept, mode="left_to_right")}
        return {**node, "schema": self._seen(node["schema"], choice)}

    def _read_entries(self, node: Core) -> Core:
        side = {"keys_schema": "key", "values_schema": "value"}
        fields = {
            name: core_schema.typed_dict_field(self._rebuild(node[key], self._read) if key in node else {"type": "any"})
            for key, name in side.items()
        }
        entry = self._object(node, fields)
        bounds = {key: node[key] for key in ("min_length", "max_length") if key in node}
        inner = core_schema.list_schema(entry, **bounds)
        return with_ref(core_schema.no_info_after_validator_function(to_dict(node["type"]), inner), node)

    def _object(self, node: Core, fields: dict[str, Core]) -> Core:
        """Write an object that stands where a node stood: what its model says of texts and numbers goes on inside."""
        config = {key: item for key, item in (self._config_at(node) or {}).items() if key not in OF_OBJECTS}
        return core_schema.typed_dict_schema(fields, extra_behavior="forbid", config=config)  # type: ignore[arg-type]

    def _config_at(self, node: Core) -> Any:
        if not self._configs:
            self._configs = configs_of(self.core, self.config)
        return self._configs.get(id(node), self.config)

    def _extra_at(self, node: Core) -> str:
        return str(node.get("extra_behavior") or (self._config_at(node) or {}).get("extra_fields_behavior") or "ignore")

    def _read_set(self, node: Core) -> Core:
        items = self._rebuild(node["items_schema"], self._read) if "items_schema" in node else None
        bounds = {key: node[key] for key in ("min_length", "max_length", "fail_fast") if key in node}
        make = to_set(_SETS[node["type"]])
        return with_ref(
            core_schema.no_info_after_validator_function(make, core_schema.list_schema(items, **bounds)), node
        )

    def _is_touched(self, node: Any) -> bool:
        """Say whether something in a core schema is read otherwise than pydantic reads it."""
        if not isinstance(node, dict):
            return isinstance(node, (list, tuple)) and any(map(self._is_touched, node))
        if not isinstance(node.get("type"), str):
            # Fields or choices, by name.
            return any(map(self._is_touched, node.values()))
        node = self._known(node)
        key, kind, marked, fitted = id(node), node["type"], self.marked, self.fitted
        if key in marked.patches or key in marked.sets or key in fitted.labelled or key in fitted.native:
            return True
        if kind == "definition-ref" or (kind in WRITTEN and self._demands is not None):
            return True
        if self._closing and kind in TAKING_KEYS:
            return True
        return any(self._is_touched(node[each]) for each in CHILDREN & node.keys())

    # -- writing ---------------------------------------------------------------------------------------------

    def _write(self, node: Core, way: str) -> Core | None:
        key = id(node)
        if key in self.fitted.labelled:
            return with_ref(self._write_union(node, self.fitted.labelled[key], way), node)
        if key in self.marked.partial or (node["type"] == "union" and not is_scalar(node)):
            # Pydantic guesses the branch from the outside; which one takes the value is known exactly.
            kept = self.marked.partial.get(key) or range(len(node["choices"]))
            return with_ref(self._write_union(node, dict.fromkeys(kept, ""), way), node)
        if key in self.fitted.native:
            return with_ref(self._write_entries(node, way), node)
        inner = hidden(node)
        if inner is not None:
            side = self._side(inner, "", way)
            return with_ref(plain(lambda value: side.write(_revealed(value))), node)
        patch = self.marked.patches.get(key) or self.marked.patches.get(id(self._enum_by_value(node)))
        if patch is not None and patch[0] in WRITERS:
            return with_ref(plain(WRITERS[patch[0]](patch[1])), node)
        return self._written(self._below(node, lambda each: self._write(each, way)), key, way)

    def _enum_by_value(self, node: Core) -> Core | None:
        """Find the Enum of which only the values are kept."""
        function = node["function"].get("function") if node["type"] == "function-after" else None
        inner = node["schema"] if isinstance(function, attrgetter) else {}
        return self.marked.refs.get(inner.get("ref") or inner.get("schema_ref"), inner)

    def _written(self, out: Core, key: int, way: str) -> Core:
        for each in ("serialization_exclude", "serialization_exclude_if"):
            out.pop(each, None)
        if key in self.marked.keys:
            out["serialization_alias"] = self.marked.keys[key]
        if "computed_fields" in out:
            out["computed_fields"] = []
        if "config" in out:
            out["config"] = {name: item for name, item in out["config"].items() if name not in _WRITING}
        serialization = out.get("serialization")
        if serialization and way == "ours" and out["type"] in _NATIVE and not is_foreign(serialization):
            del out["serialization"]
        return out

    def _write_union(self, node: Core, labels: dict[int, str], way: str) -> Core:
        sides = [self._side(choice, labels[i], way) for i, choice in choices_of(node) if i in labels]

        def write(value: Any) -> Any:
            for each, written in tried(sides, value, words=way == "words"):
                return {each.label: written} if each.label else written
            # A branch that has no JSON form: a default that says "not given".
            return NOT_GIVEN if id(node) in self.marked.partial else value

        return plain(write)

    def _write_entries(self, node: Core, way: str) -> Core:
        key, item = (self._side(node.get(side, _ANY), "", way) for side in ("keys_schema", "values_schema"))

        def write(value: Any) -> Any:
            return [{"key": key.write(k), "value": item.write(v)} for k, v in value.items()]

        return plain(write)

    def _side(self, node: Core, label: str, way: str) -> Side:
        known = self._sides.get((id(node), way))
        if known is None:
            known = self._sides[id(node), way] = Side(self, node, label, way)
        return known

    def test(self, node: Core) -> SchemaValidator:
        """Build the validator of one node alone, as pydantic has it."""
        return build(SchemaValidator, self._alone(node, lambda _: None), self._config_at(node))

    def writer(self, node: Core, way: str) -> SchemaSerializer:
        """Build the serializer of one node alone."""
        core = self._alone(node, lambda each: self._write(each, way))
        return build(SchemaSerializer, core, self._config_at(node))

    def class_of(self, node: Core) -> Any:
        """Find the class whose instances a node makes, if it is said."""
        for _ in range(_HOPS):
            if "cls" in node:
                return node["cls"]
            below = node.get("schema")
            if node["type"] == "definition-ref":
                below = self.marked.refs.get(node["schema_ref"])
            if not isinstance(below, dict):
                break
            node = below
        return None


def build(kind: type[V], core: Core, config: Any) -> V:
    """Build a validator or serializer of a rebuilt core schema, and of nothing else."""
    # Ready-made validators of the classes inside would bypass the rebuilt schema.
    return kind(core, config, _use_prebuilt=False)


def _revealed(value: Any) -> Any:
    return value.get_secret_value() if hasattr(value, "get_secret_value") else value
