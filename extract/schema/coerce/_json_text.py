"""What JSON does a text hold? A text in; the list or object out, and the keys that stood there twice."""

from __future__ import annotations

import ast
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from extract.errors import Path
    from extract.typing import JSON

__all__ = ["Twin", "innermost", "is_broken", "parsed", "twins"]

_LONGEST_PYTHON = 20_000
_MOST_LEVELS = 4
_FENCE = re.compile(r"`{3,}\w*\s*\n(.*)\n\s*`{3,}", re.DOTALL)
_QUOTED = re.compile(r"\"(?:\s|\\[nrt\\])*(?:[\[{]|\\+\")")
_BEGINS = re.compile(r"\s*(?:\[\s*(?:[\"{\[]|\{)|\{\s*\"[^\"\n]*\"\s*:)")


@dataclass(frozen=True, slots=True)
class Twin:
    """A key that stood twice: where, the value that was lost and the one that stands."""

    path: Path
    before: JSON
    after: JSON


def parsed(text: str) -> JSON:
    """The list or object that a text holds as strict JSON or as Python writes it, None where it holds none."""
    bare = innermost(text)
    if bare[:1] not in ("{", "["):
        return None
    try:
        inner: JSON = json.loads(bare)
    except (ValueError, RecursionError):
        return _python(bare) if len(bare) <= _LONGEST_PYTHON else None
    return inner


def innermost(text: str) -> str:
    """A text without a fence around it, and without the quotes of JSON texts that hold JSON texts."""
    for _ in range(_MOST_LEVELS):
        text = text.strip()
        fence = _FENCE.fullmatch(text)
        if fence:
            text = fence[1]
        elif _QUOTED.match(text):
            try:
                text = json.loads(text)
            except ValueError:
                break
        else:
            break
    return text.strip()


def is_broken(text: str) -> bool:
    """Say whether a text looks like JSON that was cut off or is amiss: it is no plain text."""
    return _BEGINS.match(text) is not None


def twins(text: str) -> list[Twin]:
    """Find the keys that stand twice in an object of a text of strict JSON; readers of JSON take the last of them."""
    text = innermost(text)
    if text.count(":") < 2:  # noqa: PLR2004 - two keys need as many
        return []
    lost: dict[int, list[tuple[str, JSON]]] = {}
    met: list[dict[str, JSON]] = []

    def pairs(items: list[tuple[str, JSON]]) -> dict[str, JSON]:
        value = dict(items)
        if len(value) < len(items):
            last = {key: i for i, (key, _) in enumerate(items)}
            lost[id(value)] = [item for i, item in enumerate(items) if last[item[0]] != i]
            met.append(value)
        return value

    try:
        whole = json.loads(text, object_pairs_hook=pairs)
    except (ValueError, RecursionError):
        return []
    return list(_found((), whole, lost)) if lost else []


def _found(path: Path, value: JSON, lost: dict[int, list[tuple[str, JSON]]]) -> Iterator[Twin]:
    if isinstance(value, dict):
        for key, before in lost.get(id(value), ()):
            yield Twin((*path, key), before, value[key])
        for key, item in value.items():
            yield from _found((*path, key), item, lost)
    elif isinstance(value, list):
        for i, item in enumerate(value):
            yield from _found((*path, i), item, lost)


def _python(text: str) -> JSON:
    try:
        # The syntax alone decides: a literal runs nothing.
        tree = ast.parse(text, mode="eval")
        inner = None if _has_twins(tree) else ast.literal_eval(tree)
        again: JSON = json.loads(json.dumps(inner, allow_nan=False))
    except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
        return None
    # Keys that are no texts and tuples would not come back as they were.
    return again if again == inner else None


def _has_twins(tree: Any) -> bool:
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict):
            keys = [repr(key.value) for key in node.keys if isinstance(key, ast.Constant)]
            if len(set(keys)) < len(keys):
                return True
    return False
