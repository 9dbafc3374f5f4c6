"""How is a union written so that its branches cannot be confused? The part of the fitting that unions take."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from extract.schema._codec_unions import Branches, Choice, Nullable
from extract.schema._describe import describe
from extract.schema._shape import Shape
from extract.schema._wire import NULL, Json, closed, constants, nullable

if TYPE_CHECKING:
    from extract.errors import Path
    from extract.schema._codec import Node
    from extract.schema._dialect import Dialect

__all__ = ["Pair", "Unions"]

Pair = tuple[Json, "Node | None"]
_CHAIN = 50


class Unions:
    """What the fitter knows of unions; the rest of it is :mod:`_fit`."""

    def __init__(self, definitions: dict[str, Json], dialect: Dialect, forced: set[int]) -> None:
        self.dialect = dialect
        self.forced = forced
        self.defs: dict[str, Json] = {}
        self.shape = Shape(definitions, forced, natural=dialect.natural)
        self.notes: list[str] = []
        self.labelled: dict[int, dict[int, str]] = {}
        self.plain: list[tuple[int, list[Json]]] = []
        self.leads: list[tuple[Json, str]] = []

    def fit(self, schema: Json, path: Path) -> Pair:
        """Fit one marked schema."""
        raise NotImplementedError

    def note(self, path: Path, what: str, why: str = "") -> None:
        """Record a rewrite."""
        raise NotImplementedError

    def union_(self, schema: Json, path: Path) -> Pair:
        branches = schema.get("anyOf") or schema["oneOf"]
        for each in schema.get("x-skipped", ()):
            self.notes.append(f"{'.'.join(map(str, path)) or 'the root'}: one branch is never asked for ({each})")
        core = id(schema) if "x-open" in schema else schema.get("x-core")
        if len(branches) == len((None, NULL)) and core is None and NULL in branches:
            inner = branches[1 - branches.index(NULL)]
            wire, node = self.fit(inner, path)
            return self._said(nullable(wire), schema), Nullable(node)
        alone = len(branches) == 1
        if core is not None and not alone and self.shape.labels({**schema, "x-core": core}, branches):
            return self._labelled(schema, branches, path)
        fitted = [self.fit(each, path) for each in branches]
        if alone:
            return self._said(fitted[0][0], schema), fitted[0][1]
        if core is not None:
            self.plain.append((core, [wire for wire, _ in fitted]))
            self._leads(branches, [wire for wire, _ in fitted])
        parts: list[Json] = []
        for wire, _ in fitted:
            parts.extend(wire["anyOf"] if wire.keys() == {"anyOf"} else [wire])
        parts = [each for i, each in enumerate(parts) if each not in parts[:i]]
        told = [self.shape.branch(each, node) for each, (_, node) in zip(branches, fitted, strict=True)]
        decided = "x-tagged" in schema
        tags = tuple(str(each["x-branch"][1]) for each in branches) if decided else ()
        out = self._said({"anyOf": parts} if len(parts) > 1 else parts[0], schema)
        return out, Branches(told, [node for _, node in fitted], (), tags, decided)

    def _labelled(self, schema: Json, branches: list[Json], path: Path) -> Pair:
        labels: list[str] = []
        for each in branches:
            said = each["x-branch"][1] if "x-branch" in each else None
            label = re.sub(r"[^A-Za-z0-9_-]+", "_", str(said or self.shape.label(each))).strip("_")
            stem, n = (label or "value")[:56], 1
            label = stem
            while label in labels:
                n += 1
                label = f"{stem}_{n}"
            labels.append(label)
        if "x-open" not in schema:
            self.labelled[schema["x-core"]] = {
                each["x-branch"][0]: label for each, label in zip(branches, labels, strict=True)
            }
        self.note(path, f"each branch stands under its label: {', '.join(labels)}", "the branches could be confused")
        fitted = [self.fit(each, path) for each in branches]
        parts = [closed({label: wire}) for label, (wire, _) in zip(labels, fitted, strict=True)]
        nodes = [node for _, node in fitted]
        node: Node = Branches([], nodes, tuple(labels))
        if "x-open" in schema:
            node = Choice(tuple(labels), nodes, [wire for wire, _ in fitted], self.defs)
        return self._said({"anyOf": parts}, schema), node

    def _said(self, wire: Json, schema: Json) -> Json:
        text = describe(schema, {})
        if not text or wire.get("description") == text:
            return wire
        return {"anyOf": [wire], "description": text} if "$ref" in wire else {**wire, "description": text}

    def _leads(self, branches: list[Json], wires: list[Json]) -> None:
        key = self.shape.discriminator(branches)
        if key is not None:
            self.leads.extend((wire, key) for wire in wires)

    def _target(self, wire: Json) -> Json:
        seen = 0
        while "$ref" in wire and seen < _CHAIN:
            wire, seen = self.defs[wire["$ref"].rsplit("/", 1)[-1]], seen + 1
        return wire

    def _lead(self, wire: Json, key: str) -> None:
        if wire.keys() == {"anyOf", "description"} and len(wire["anyOf"]) == 1:
            wire = wire["anyOf"][0]
        properties = self._target(wire).get("properties", {})
        if key in properties and next(iter(properties)) != key:
            ordered = {key: properties.pop(key), **properties}
            properties.clear()
            properties.update(ordered)
            required = self._target(wire)["required"]
            required.remove(key)
            required.insert(0, key)

    def clashes(self) -> set[int]:
        """Find unions whose branches would begin with the same key."""
        if self.dialect.natural:
            return set()
        return {core for core, wires in self.plain if self._clash(wires)}

    def _clash(self, wires: list[Json]) -> bool:
        seen: dict[str, set[Any]] = {}
        for wire in self._flat(wires):
            properties = self._target(wire).get("properties")
            if not properties:
                continue
            key = next(iter(properties))
            fixed = {each for each in constants(properties[key]) if each is not None}
            if key in seen and (not fixed or not seen[key] or fixed & seen[key]):
                return True
            seen[key] = fixed | seen.get(key, set())
        return False

    def _flat(self, wires: list[Json]) -> list[Json]:
        out: list[Json] = []
        for wire in wires:
            target = self._target(wire)
            out.extend(self._flat(target["anyOf"]) if "anyOf" in target else [target])
        return out
