"""How does pydantic read the wire form at one go? A core schema and its codec in; a validator, or nothing, out.

Where a codec only gathers entries and places, pydantic can do so itself, in the same pass in which it validates. What
is not plainly right for such a validator is read with the codec, which tells what is wrong and where.
"""

from __future__ import annotations

from dataclasses import dataclass
from operator import itemgetter
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pydantic_core import SchemaValidator, core_schema

from extract.schema._codec import Ref, Root, tree
from extract.schema._codec_lists import Items, Tuple
from extract.schema._codec_objects import Entries, KeyText, Object
from extract.schema._codec_unions import Nullable
from extract.schema._patch import Patcher, build
from extract.schema._patch_values import with_ref

if TYPE_CHECKING:
    from collections.abc import Mapping

    from extract.schema._codec import Node

__all__ = ["WirePatcher", "Wired", "keeps_null", "wired"]

Core = Any
_CARRIERS = (Items, Nullable, KeyText, Ref)
"""Codecs that leave a value as it is, but for what lies below."""


@dataclass(frozen=True, slots=True)
class Wired:
    """Where the wire form differs.

    Args:
        places: The codecs of dictionaries and tuples, by the identity of the core schema that each stands for.
        rooted: Whether the value stands in an object that only covers it.
    """

    places: Mapping[int, Entries | Tuple]
    rooted: bool


def wired(node: Node | None) -> Wired | None:
    """List what a codec changes; ``None`` where it changes anything that pydantic could not read by itself."""
    rooted = isinstance(node, Root)
    places: dict[int, Entries | Tuple] = {}
    for here in tree(node.inner if isinstance(node, Root) else node):
        if isinstance(here, (Entries, Tuple)) and here.core:
            places[here.core] = here
        elif isinstance(here, Object):
            if here.extra is not None or here.moved:
                return None
        elif not isinstance(here, _CARRIERS):
            return None
    return Wired(places, rooted)


def keeps_null(node: Node | None) -> bool:
    """Tell whether null is a value wherever it may stand, and never says that there is none."""
    return not any(isinstance(here, Object) and here.drops for here in tree(node))


class WirePatcher(Patcher):
    """Rebuilds one type's core schema for reading the wire form, where no null stands for a default."""

    _places: Mapping[int, Entries | Tuple] = MappingProxyType({})

    def wire_validator(self, wire: Wired) -> SchemaValidator | None:
        """Build the validator; ``None`` where some place is out of reach."""
        self._places, self._reached = wire.places, set[int]()
        self._demands, self._defaults = 0, True
        core = self._rebuild(self.core, self._read)
        if self._reached != wire.places.keys():
            return None
        if wire.rooted:
            core = {**core, "schema": _root(core["schema"])} if core["type"] == "definitions" else _root(core)
        return build(SchemaValidator, core, self.config)

    def _read(self, node: Core) -> Core | None:
        key = id(node)
        codec = self._places.get(key)
        if codec is None:
            return super()._read(node)
        self._reached.add(key)
        return self._read_places(node, codec.names) if isinstance(codec, Tuple) else self._read_entries(node)

    def _is_touched(self, node: Any) -> bool:
        return (isinstance(node, dict) and id(self._known(node)) in self._places) or super()._is_touched(node)

    def _read_places(self, node: Core, names: tuple[str, ...]) -> Core:
        fields = {
            name: core_schema.typed_dict_field(self._rebuild(each, self._read), required=True)
            for name, each in zip(names, node["items_schema"], strict=True)
        }
        return with_ref(core_schema.no_info_after_validator_function(_places, self._object(node, fields)), node)


def _places(found: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(found.values())


def _root(core: Core) -> Core:
    cover = core_schema.typed_dict_schema({"value": core_schema.typed_dict_field(core, required=True)})
    return core_schema.no_info_after_validator_function(itemgetter("value"), {**cover, "extra_behavior": "forbid"})
