"""How is a model read whose author wrote its ``__init__``? Its fields in, a core schema that hands them over read out.

Pydantic hands such an ``__init__`` what stands in the JSON, and from there the model's own validator reads on: it
knows nothing of the places that are read in our way, so these are read beforehand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic_core import core_schema

from extract.schema._core_nodes import AROUND
from extract.schema._patch_values import with_ref

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["fields_of", "made_by_author"]

Core = Any


def fields_of(node: Core) -> dict[str, Core] | None:
    """List the fields of a model whose author makes its instances; ``None`` for any other core schema."""
    if node["type"] != "model" or not node.get("custom_init"):
        return None
    inner = node["schema"]
    while inner["type"] in AROUND:
        inner = inner["schema"]
    return inner["fields"] if inner["type"] == "model-fields" else None


def made_by_author(node: Core, read: Callable[[Core], Core], demanded: Callable[[Core], bool]) -> Core:
    """Rebuild a model with an ``__init__`` of its author's.

    Args:
        node: The model's core schema.
        read: Rebuilds what stands in a field.
        demanded: Says of a default whether its field must be given all the same.
    """
    config = node.get("config", {})
    fields: dict[str, Core] = {}
    keys: dict[str, str] = {}
    for name, each in (fields_of(node) or {}).items():
        inner = each["schema"]
        has_default = inner["type"] == "default"
        more = {"validation_alias": each["validation_alias"]} if "validation_alias" in each else {}
        # A default is the author's to take; what is missing is his to tell.
        read_as = read(inner["schema"] if has_default else inner)
        fields[name] = core_schema.typed_dict_field(read_as, required=has_default and demanded(inner), **more)
        keys[name] = _key(name, each.get("validation_alias"), config)

    def make(found: dict[str, Any]) -> Any:
        return node["cls"](**{keys.get(name, name): item for name, item in found.items()})

    # What he has no field for must not vanish; where more is welcome, he is handed it.
    extra: Any = "allow" if config.get("extra_fields_behavior") == "allow" else "forbid"
    taken = core_schema.typed_dict_schema(fields, extra_behavior=extra, config=config)
    return with_ref(core_schema.no_info_after_validator_function(make, taken), node)


def _key(name: str, alias: Any, config: Any) -> str:
    """Say by which name a field is handed to ``__init__``."""
    by_name = config.get("validate_by_name") or config.get("populate_by_name")
    if alias is None or by_name or config.get("validate_by_alias") is False:
        return name
    if isinstance(alias, str):
        return alias
    paths = [alias] if not isinstance(alias[0], list) else alias
    return next((str(path[0]) for path in paths if len(path) == 1), name)
