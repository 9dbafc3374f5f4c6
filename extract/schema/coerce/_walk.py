"""Where in a value are liberties needed? Value and schema walked side by side; repairs and issues collected."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from extract.errors import Issue, Path
from extract.schema.coerce._array import fit_array
from extract.schema.coerce._branch import choose
from extract.schema.coerce._json_text import twins
from extract.schema.coerce._kinds import LIBERTIES, REFUSALS, Fitted
from extract.schema.coerce._object import fit_object
from extract.schema.coerce._scalar import fit_scalar
from extract.typing import JSON, Repair

if TYPE_CHECKING:
    from collections.abc import Mapping

    from extract.schema.coerce._match import Matcher, Node

__all__ = ["Trial", "Walk"]

# Keys under which models put a single value when they want to say more about it.
_WRAPPERS = frozenset({"value", "text", "content", "answer", "result", "data", "output"})
_HERE = 100


@dataclass(frozen=True, slots=True)
class Trial:
    """One way to read a value, tried out apart from the walk."""

    value: JSON
    repairs: tuple[Repair, ...]
    issues: tuple[Issue, ...]
    missing: int
    matches: bool

    @property
    def cost(self) -> int:
        """What its liberties cost together."""
        return sum(LIBERTIES[repair.kind].cost for repair in self.repairs)

    def moved(self, depth: int, path: Path) -> Trial:
        """The same, told of a place at ``path`` in exchange for the first ``depth`` steps of its own paths."""
        repairs = tuple(replace(each, path=(*path, *(each.path or ())[depth:])) for each in self.repairs)
        issues = tuple(
            replace(
                each, path=(*path, *each.path[depth:]), paths=tuple((*path, *other[depth:]) for other in each.paths)
            )
            for each in self.issues
        )
        return replace(self, repairs=repairs, issues=issues)

    def misfit(self, path: Path) -> int:
        """How far from fitting: a mismatch of the value itself outweighs many below it."""
        here = sum(_HERE for issue in self.issues if issue.path == path)
        aside = 0 if self.matches else sum(_is_set_aside(repair, path) for repair in self.repairs)
        return here + len(self.issues) + self.missing + (not self.matches) + 2 * aside


def _is_set_aside(repair: Repair, path: Path) -> bool:
    return repair.kind == "extra-key" and repair.path is not None and repair.path[:-1] == path


class Walk:
    """One pass over one value; ``repairs`` and ``issues`` grow while it goes.

    Args:
        matcher: The schema.
        lenient: Take the single best reading where careful asks.
        parent: The walk that tries something out with this one.
    """

    __slots__ = ("active", "issues", "keep", "lenient", "matcher", "memo", "missing", "repairs")

    def __init__(self, matcher: Matcher, *, lenient: bool, parent: Walk | None = None) -> None:
        self.matcher = matcher
        self.lenient = lenient
        self.repairs: list[Repair] = []
        self.issues: list[Issue] = []
        self.missing = 0
        # Alternatives inside alternatives are met again and again, and covers that are thought of put the same part
        # at ever other paths; each is tried once.
        self.memo: dict[tuple[int, int, bool, frozenset[int]], tuple[Path, Trial]] = parent.memo if parent else {}
        self.keep: list[Any] = parent.keep if parent else []
        self.active: dict[int, frozenset[int]] = parent.active if parent else {}

    def fit(self, value: JSON, node: Node, path: Path) -> JSON:
        """Fit a value to a place and return what stands there now."""
        node = self.matcher.resolve(node)
        if not isinstance(node, dict):
            return self.refuse(value, path, "wrong-type", "Should not be there") if node is False else value
        branches = self.matcher.branches(node)
        if branches:
            return choose(self, value, branches, path)
        for part in node.get("allOf", ()):
            value = self.fit(value, part, path)
        if "type" not in node and self.matcher.matches(value, node):
            return value
        kind = self.matcher.kind(node)
        if kind == "object":
            return fit_object(self, value, node, path)
        if kind == "array":
            return fit_array(self, value, node, path)
        if kind is None and "enum" not in node and "const" not in node:
            return value
        return self._scalar(value, node, kind, path)

    def record(self, kind: str, path: Path, before: Any, after: Any = None) -> None:
        """Put a liberty on record."""
        self.repairs.append(Repair(kind, path=path, before=before, after=after))

    def refuse(self, value: JSON, path: Path, kind: str, message: str = "") -> JSON:
        """Put an issue on record and leave the value as it is."""
        self.issues.append(Issue(path, message or REFUSALS[kind], kind=kind, found=value))
        return value

    def reread(self, kind: str, before: JSON, inner: JSON, node: Node, path: Path) -> JSON:
        """Open a cover (a list of one, a wrapper, JSON in a text) and fit what is inside."""
        self.record(kind, path, before, inner)
        for twin in twins(before) if isinstance(before, str) else ():
            self.record("duplicate-key", (*path, *twin.path), twin.before, twin.after)
        return self.fit(inner, node, path)

    def attempt(self, value: JSON, node: Node, path: Path) -> Trial:
        """Try a reading without taking it."""
        active = self.active.get(id(value), frozenset())
        if id(node) in active:
            # A type that holds itself would take the value for its own only item, and that again, for ever.
            return Trial(value, (), (Issue(path, REFUSALS["wrong-type"], kind="wrong-type"),), 0, matches=False)
        key = (id(value), id(node), not path, active)
        if key in self.memo:
            tried, trial = self.memo[key]
            return trial if tried == path else trial.moved(len(tried), path)
        self.active[id(value)] = active | {id(node)}
        walk = Walk(self.matcher, lenient=self.lenient, parent=self)
        fitted = walk.fit(value, node, path)
        matches = not walk.issues and self.matcher.matches(fitted, node)
        trial = Trial(fitted, tuple(walk.repairs), tuple(walk.issues), walk.missing, matches)
        self.active[id(value)] = active
        self.memo[key] = (path, trial)
        self.keep.append((value, node))
        return trial

    def take(self, trial: Trial) -> JSON:
        """Take a reading that was tried, with all its liberties and issues."""
        self.repairs.extend(trial.repairs)
        self.issues.extend(trial.issues)
        self.missing += trial.missing
        return trial.value

    def _scalar(self, value: JSON, node: Mapping[str, Any], kind: str | None, path: Path) -> JSON:
        if self.matcher.matches(value, node):
            return value
        if isinstance(value, str):
            bare = value.strip()
            if bare != value and self.matcher.matches(bare, node):
                self.record("trimmed", path, value, bare)
                return bare
        if isinstance(value, list) and len(value) == 1 and value[0] is not None:
            return self.reread("one-item-list", value, value[0], node, path)
        if isinstance(value, dict) and len(value) == 1:
            key, inner = next(iter(value.items()))
            if key.casefold() in _WRAPPERS and inner is not None:
                return self.reread("unwrapped", value, inner, node, path)
        outcome = fit_scalar(value, node, kind, lenient=self.lenient)
        if not isinstance(outcome, Fitted):
            return self.refuse(value, path, outcome.kind, outcome.message)
        if outcome.kind:
            self.record(outcome.kind, path, value, outcome.value)
        return outcome.value
