"""How large is a wire schema, and how does it keep a dialect's limits? A wire schema in, its use of each out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from extract.schema._describe import Rewrite

if TYPE_CHECKING:
    from collections.abc import Iterator

    from extract.errors import Path
    from extract.schema._dialect import Limits

__all__ = ["Use", "measure", "settle"]

Json = dict[str, Any]
CHARACTERS_PER_TOKEN = 3.6
"""Compact JSON Schema, measured on English property names; an estimate for prompts, not a bill."""


@dataclass(frozen=True, slots=True)
class Use:
    """How much of each limit a wire schema uses."""

    depth: int
    properties: int
    characters: int
    enum_values: int
    long_enum_characters: int

    def over(self, limits: Limits) -> tuple[str, ...]:
        """Name the limits that are exceeded."""
        names = ("depth", "properties", "characters", "enum_values", "long_enum_characters")
        return tuple(
            name for name in names if getattr(limits, name) is not None and getattr(self, name) > getattr(limits, name)
        )


def measure(wire: Json, *, long_enum: int = 250) -> Use:
    """Count what a gateway counts: depth per definition, properties, names and constants, enum values."""
    depth = properties = characters = values = longest = 0
    for _, root in _roots(wire):
        for node, level in _nodes(root):
            keys = node.get("properties")
            if keys is not None:
                depth = max(depth, level)
                properties += len(keys)
                characters += sum(map(len, keys))
            enum = node.get("enum")
            if enum is not None:
                size = _size(enum)
                values += len(enum)
                characters += size
                if len(enum) > long_enum:
                    longest = max(longest, size)
            if isinstance(node.get("const"), str):
                characters += len(node["const"])
    characters += sum(map(len, wire.get("$defs", ())))
    return Use(depth, properties, characters, values, longest)


def _roots(wire: Json) -> Iterator[tuple[str, Json]]:
    yield "", wire
    yield from wire.get("$defs", {}).items()


def _nodes(root: Json) -> Iterator[tuple[Json, int]]:
    stack = [(root, 0)]
    while stack:
        node, level = stack.pop()
        level += "properties" in node
        yield node, level
        stack.extend((child, level) for child in _below(node))


def _below(node: Json) -> list[Json]:
    out = list(node.get("properties", {}).values())
    out.extend(node.get("anyOf", ()))
    out.extend(node.get("prefixItems", ()))
    out.extend(node.get(key) for key in ("items", "additionalProperties"))
    return [each for each in out if isinstance(each, dict)]


def settle(wire: Json, limits: Limits) -> list[Rewrite]:
    """Bring a fresh wire schema within the limits that need no second question; changes it in place.

    Deep nesting is cut at a subtree, which becomes a definition (each is counted on its own); the largest enums
    become plain strings, whose values are checked here.
    """
    told: list[Rewrite] = []
    use = measure(wire, long_enum=limits.long_enum)
    over = use.over(limits)
    if "depth" in over and limits.depth is not None:
        _hoist(wire, limits.depth, told)
    if {"enum_values", "long_enum_characters", "characters"} & set(over):
        _free_enums(wire, limits, told)
    return told


def _hoist(wire: Json, depth: int, told: list[Rewrite]) -> None:
    defs = wire.setdefault("$defs", {})
    work = [wire, *defs.values()]
    while work:
        root = work.pop()
        for parent, level in _nodes(root):
            if level < depth:
                continue
            for key, child in list(parent.get("properties", {}).items()):
                if _is_deep(child):
                    name = _free_name(defs, key)
                    defs[name] = dict(child)
                    child.clear()
                    child["$ref"] = f"#/$defs/{name}"
                    work.append(defs[name])
                    told.append(Rewrite((name,), "a deep subtree became a definition", f"limit of {depth} levels"))


def _is_deep(node: Json) -> bool:
    return any("properties" in each for each, _ in _nodes(node))


def _free_name(defs: Json, key: str) -> str:
    stem = "".join(each if each.isascii() and each.isalnum() else "_" for each in key)[:50] or "part"
    name, n = stem, 1
    while name in defs:
        n += 1
        name = f"{stem}_{n}"
    return name


def _free_enums(wire: Json, limits: Limits, told: list[Rewrite]) -> None:
    found = [(node, path) for name, root in _roots(wire) for node, path in _enums(root, (name,) if name else ())]
    found.sort(key=lambda each: -len(each[0]["enum"]))
    use = measure(wire, long_enum=limits.long_enum)
    for i, (node, path) in enumerate(found):
        if not {"enum_values", "long_enum_characters", "characters"} & set(use.over(limits)):
            return
        values = node.pop("enum")
        # Counted down, not anew: a schema may have thousands of enums.
        use = replace(
            use,
            characters=use.characters - _size(values),
            enum_values=use.enum_values - len(values),
            long_enum_characters=max(
                (_size(each["enum"]) for each, _ in found[i + 1 :] if len(each["enum"]) > limits.long_enum), default=0
            ),
        )
        said = f"one of {len(values)} known values, such as {', '.join(map(str, values[:3]))}"
        node["description"] = f"{node['description']}. {said}" if "description" in node else said
        told.append(
            Rewrite(path, f"any {node['type']} is accepted; {len(values)} values are checked here", "enum limits")
        )


def _size(values: list[Any]) -> int:
    return sum(len(each) for each in values if isinstance(each, str))


def _enums(root: Json, path: Path) -> Iterator[tuple[Json, Path]]:
    stack: list[tuple[Json, Path]] = [(root, path)]
    while stack:
        node, here = stack.pop()
        if len(node.get("enum", ())) > 1:
            yield node, here
        stack.extend((child, (*here, key)) for key, child in node.get("properties", {}).items())
        rest = [each for each in _below(node) if not any(each is own for own in node.get("properties", {}).values())]
        stack.extend((child, here) for child in rest)
