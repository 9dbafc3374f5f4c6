"""What of a value is good? A value and its issues in; the good part, the quarantined items and the counts out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from extract.errors import show_path
from extract.schema.coerce import ABSENT, Matcher, place_at, value_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from extract.errors import Issue, Path
    from extract.typing import JSON

__all__ = ["Quarantined", "Salvaged", "salvage"]


@dataclass(frozen=True, slots=True)
class Quarantined:
    """One item that was set aside.

    Args:
        path: Where it stood in the value that was given.
        value: The item as it came.
        issues: What is wrong with it, with paths in the value that was given.
    """

    path: Path
    value: JSON = field(repr=False)
    issues: tuple[Issue, ...]

    def __repr__(self) -> str:
        return f"Quarantined({show_path(self.path)!r}, issues={[issue.kind for issue in self.issues]})"


@dataclass(frozen=True, slots=True)
class Salvaged:
    """The good part of a value; ``kept + len(quarantined) == seen``.

    Args:
        value: The value without the quarantined items; the very object given where nothing was set aside.
        quarantined: The items set aside, in the order in which they stood.
        kept: List items and map entries that are still there, at any depth.
        seen: Those that were there; what lies inside a quarantined item counts as part of it.
        remaining: Issues that no item can be blamed for; the caller must deal with them.
    """

    value: JSON = field(repr=False)
    quarantined: tuple[Quarantined, ...] = ()
    kept: int = 0
    seen: int = 0
    remaining: tuple[Issue, ...] = ()

    def new_path(self, path: Path) -> Path | None:
        """Where something stands now; None for what was quarantined."""
        steps: list[str | int] = []
        for i, step in enumerate(path):
            gone = self._gone(path[:i])
            if step in gone:
                return None
            steps.append(step - sum(index < step for index in gone) if isinstance(step, int) else step)
        return tuple(steps)

    def old_path(self, path: Path) -> Path:
        """Where something stood in the value that was given."""
        steps: list[str | int] = []
        for step in path:
            if isinstance(step, int):
                for index in self._gone(tuple(steps)):
                    step += index <= step  # noqa: PLW2901 - each gap before it moves it one further
            steps.append(step)
        return tuple(steps)

    def _gone(self, parent: Path) -> list[Any]:
        return [item.path[-1] for item in self.quarantined if item.path[:-1] == parent]


def salvage(value: JSON, issues: Iterable[Issue], schema: Mapping[str, Any]) -> Salvaged:
    """Set aside each item that an issue is about and keep the rest.

    The smallest list item (or map entry) that holds everything an issue names is set aside; a larger one where
    the list may not get shorter: ``minItems`` would break, or the items stand for the places of a tuple.

    Args:
        value: The wire value; it is not changed.
        issues: What is wrong with it.
        schema: Its wire schema.

    Returns:
        The rest, to be validated again by the caller.
    """
    matcher = Matcher(schema)
    blamed: dict[Path, list[Issue]] = {}
    remaining: list[Issue] = []
    for issue in issues:
        item = _item(matcher, value, _common(issue))
        if item:
            blamed.setdefault(item, []).append(issue)
        else:
            remaining.append(issue)
    remaining.extend(_settle(matcher, value, blamed))
    gone = frozenset(blamed)
    ways = frozenset(path[:end] for path in gone for end in range(len(path)))
    left = _without(value, (), gone, ways)
    kept = _count(matcher, left, frozenset(), frozenset())
    out = tuple(Quarantined(path, value_at(value, path), tuple(blamed[path])) for path in sorted(gone, key=_rank))
    return Salvaged(left, out, kept, _count(matcher, value, gone, ways), tuple(remaining))


def _rank(path: Path) -> tuple[tuple[int, str], ...]:
    return tuple((step, "") if isinstance(step, int) else (-1, step) for step in path)


def _common(issue: Issue) -> Path:
    """The path that covers everything an issue names."""
    paths = (issue.path, *issue.paths)
    length = 0
    while all(len(path) > length and path[length] == issue.path[length] for path in paths):
        length += 1
    return issue.path[:length]


def _item(matcher: Matcher, value: JSON, path: Path) -> Path:
    """The smallest item at or above a path, ``()`` where there is none."""
    for end in range(len(path), 0, -1):
        parent, step = value_at(value, path[: end - 1]), path[end - 1]
        if value_at(value, path[:end]) is not ABSENT and _is_item(matcher, value, parent, (*path[: end - 1], step)):
            return path[:end]
    return ()


def _is_item(matcher: Matcher, whole: JSON, parent: Any, path: Path) -> bool:
    node = _list_node(matcher, whole, path[:-1])
    step = path[-1]
    if isinstance(parent, list) and isinstance(step, int):
        return step >= len(node.get("prefixItems", ()))
    is_map = isinstance(node.get("additionalProperties"), dict)
    return isinstance(parent, dict) and is_map and step not in node.get("properties", {})


def _list_node(matcher: Matcher, whole: JSON, path: Path) -> Mapping[str, Any]:
    """The list or map that stands at a path, as the schema declares it; empty where that is not clear."""
    node = matcher.resolve(place_at(matcher, path, whole))
    kinds = [matcher.resolve(branch) for branch in matcher.branches(node)] or [node]
    fitting = [each for each in kinds if matcher.kind(each) in ("array", "object")]
    return fitting[0] if len(fitting) == 1 and isinstance(fitting[0], dict) else {}


def _settle(matcher: Matcher, value: JSON, blamed: dict[Path, list[Issue]]) -> list[Issue]:
    """Blame a larger item where a list would get too short, and leave out items inside blamed ones."""
    remaining: list[Issue] = []
    while True:
        _merge(blamed)
        short = [parent for parent in {path[:-1] for path in blamed} if _too_short(matcher, value, parent, blamed)]
        if not short:
            return remaining
        for parent in short:
            for path in [path for path in blamed if path[:-1] == parent]:
                issues = blamed.pop(path)
                larger = _item(matcher, value, parent)
                if larger:
                    blamed.setdefault(larger, []).extend(issues)
                else:
                    remaining.extend(issues)


def _merge(blamed: dict[Path, list[Issue]]) -> None:
    for path in list(blamed):
        above = next((path[:end] for end in range(1, len(path)) if path[:end] in blamed), None)
        if above is not None:
            blamed[above].extend(blamed.pop(path))


def _too_short(matcher: Matcher, value: JSON, parent: Path, blamed: Mapping[Path, Sequence[Issue]]) -> bool:
    node = _list_node(matcher, value, parent)
    least = node.get("minItems", 0) or node.get("minProperties", 0)
    held = value_at(value, parent)
    gone = sum(path[:-1] == parent for path in blamed)
    return bool(len(held) - gone < least <= len(held))


def _without(value: JSON, path: Path, gone: frozenset[Path], ways: frozenset[Path]) -> JSON:
    """Copy what lies on the way to a gone item; the rest is shared with the value that was given."""
    if path not in ways:
        return value
    if isinstance(value, list):
        pairs = [((*path, i), item) for i, item in enumerate(value)]
        return [_without(item, here, gone, ways) for here, item in pairs if here not in gone]
    if isinstance(value, dict):
        return {
            key: _without(item, (*path, key), gone, ways) for key, item in value.items() if (*path, key) not in gone
        }
    return value


def _count(matcher: Matcher, value: JSON, gone: frozenset[Path], ways: frozenset[Path]) -> int:
    """Count list items and map entries, a quarantined one as one whatever it holds."""
    mapped = _has_maps(matcher.root)
    seen = 0
    # Without recursion, for the value may be nested deeply; a path is kept only where it can matter.
    todo: list[tuple[JSON, Path | None]] = [(value, ())]
    while todo:
        here, path = todo.pop()
        if not isinstance(here, (list, dict)):
            continue
        for step, item in enumerate(here) if isinstance(here, list) else here.items():
            below = (*path, step) if path is not None else None
            if isinstance(here, list):
                seen += 1
            elif mapped and below is not None:
                seen += _is_item(matcher, value, here, below)
            if below is None or below not in gone:
                todo.append((item, below if mapped or below in ways else None))
    return seen


def _has_maps(node: Any) -> bool:
    if isinstance(node, dict):
        return isinstance(node.get("additionalProperties"), dict) or any(_has_maps(part) for part in node.values())
    return isinstance(node, list) and any(_has_maps(part) for part in node)
