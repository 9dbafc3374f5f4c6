"""Which configuration holds at a place of a type? A core schema in; a configuration for each of its nodes out."""

from __future__ import annotations

from typing import Any

__all__ = ["CHILDREN", "OBJECTS", "OF_OBJECTS", "TAKING_KEYS", "configs_of"]

CHILDREN = frozenset({
    "schema", "items_schema", "keys_schema", "values_schema", "extras_schema", "extras_keys_schema", "json_schema",
    "python_schema", "lax_schema", "strict_schema", "steps", "definitions", "fields", "choices", "arguments_schema",
    "var_args_schema", "var_kwargs_schema",
})  # fmt: skip
"""Keys under which core schemas stand in a core schema."""
OBJECTS = frozenset({"model", "dataclass", "typed-dict"})
"""Core types inside which only their own configuration counts."""
TAKING_KEYS = frozenset({"model-fields", "dataclass-args", "typed-dict"})
"""Core types that say what becomes of a key that they do not know."""
OF_OBJECTS = frozenset({
    "title", "extra_fields_behavior", "validate_by_name", "validate_by_alias", "loc_by_alias", "from_attributes",
    "validate_default", "revalidate_instances",
})  # fmt: skip
"""What a configuration says of the objects themselves, and not of the texts and numbers in them."""


def configs_of(core: Any, config: Any) -> dict[int, Any]:
    """Find the configuration at each node, by the node's identity; that of the whole is given."""
    found: dict[int, Any] = {}
    _place(core, config, found)
    return found


def _place(node: Any, config: Any, found: dict[int, Any]) -> None:
    if isinstance(node, dict):
        # Among an object's fields one may be called "type".
        if not isinstance(node.get("type"), str):
            found[id(node)] = config
            for below in node.values():
                _place(below, config, found)
            return
        if node["type"] in OBJECTS:
            config = node.get("config")
        found[id(node)] = config
        for each in CHILDREN & node.keys():
            _place(node[each], config, found)
    elif isinstance(node, (list, tuple)):
        for below in node:
            _place(below, config, found)
