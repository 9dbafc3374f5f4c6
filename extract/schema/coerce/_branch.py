"""Which alternative of an ``anyOf`` does a value mean? The one that fits with the fewest liberties, or an issue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from extract.schema.coerce._keys import pair_keys
from extract.schema.coerce._word import fold, is_null_word

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from extract.errors import Path
    from extract.schema.coerce._match import Matcher, Node
    from extract.schema.coerce._walk import Walk
    from extract.typing import JSON

__all__ = ["choose", "constants"]


def choose(walk: Walk, value: JSON, branches: Sequence[Node], path: Path) -> JSON:
    """Fit a value to one of several alternatives: discriminating constants first, then the cheapest liberties."""
    if any(walk.matcher.matches(value, branch) for branch in branches):
        return value
    labels = _labels(walk.matcher, branches)
    if labels and not (isinstance(value, dict) and len(value) == 1 and pair_keys(value, labels).taken):
        return _labelled(walk, value, labels, path)
    trials = [walk.attempt(value, branch, path) for branch in _open_to(walk.matcher, value, branches)]
    if not trials:
        return walk.refuse(value, path, "wrong-type")
    ranks = [(trial.misfit(path), trial.cost) for trial in trials]
    best = min(ranks)
    leaders = [trial for trial, rank in zip(trials, ranks, strict=True) if rank == best]
    if all(trial.value == leaders[0].value and not best[0] for trial in leaders) or len(leaders) == 1:
        return walk.take(leaders[0])
    if best[0]:
        kinds = {issue.kind for trial in leaders for issue in trial.issues if issue.path == path}
        return walk.refuse(value, path, kinds.pop() if len(kinds) == 1 else "no-branch")
    # A text that names several members is no reading of one of them.
    named = any(repair.kind == "enum-within" for trial in leaders for repair in trial.repairs)
    if walk.lenient and not named:
        walk.record("branch-guessed", path, value, leaders[0].value)
        return walk.take(leaders[0])
    return walk.refuse(value, path, "ambiguous-branch")


def _labels(matcher: Matcher, branches: Sequence[Node]) -> dict[str, Node]:
    """The places under the labels of alternatives that each stand under one; empty where some stand without."""
    labels: dict[str, Node] = {}
    count = 0
    for branch in branches:
        node = matcher.resolve(branch)
        if _is_null(node):
            continue
        properties = node.get("properties", {}) if isinstance(node, dict) else {}
        if len(properties) != 1 or not isinstance(node, dict) or node.get("additionalProperties") is not False:
            return {}
        labels.update(properties)
        count += 1
    return labels if len(labels) == count > 1 else {}


def _labelled(walk: Walk, value: JSON, labels: Mapping[str, Node], path: Path) -> JSON:
    """Put a value that came without its label under the label of the alternative that it fits best."""
    trials = {name: walk.attempt(value, place, (*path, name)) for name, place in labels.items()}
    ranks = {name: (trial.misfit((*path, name)), trial.cost) for name, trial in trials.items()}
    best = min(ranks.values())
    leaders = [name for name, rank in ranks.items() if rank == best]
    if isinstance(value, float):
        # 1.0 is an integer to JSON Schema, but nobody writes the point for nothing.
        leaders.sort(key=lambda name: walk.matcher.kind(walk.matcher.resolve(labels[name])) != "number")
    plain = not isinstance(value, (dict, list))
    if best[0] and (plain or len(leaders) > 1):
        return walk.refuse(value, path, "no-branch")
    if len(leaders) > 1 and not (plain and all(trials[name].value == value for name in leaders)):
        if not walk.lenient:
            return walk.refuse(value, path, "ambiguous-branch")
        walk.record("branch-guessed", path, value, leaders[0])
    walk.record("labelled", path, None, leaders[0])
    return {leaders[0]: walk.take(trials[leaders[0]])}


def _open_to(matcher: Matcher, value: JSON, branches: Sequence[Node]) -> list[Node]:
    """The branches worth trying: null only for a word that says so, objects by their constants."""
    nulls = [branch for branch in branches if _is_null(matcher.resolve(branch))]
    others = [branch for branch in branches if not _is_null(matcher.resolve(branch))]
    if isinstance(value, dict):
        told = [(branch, constants(matcher, value, branch)) for branch in others]
        best = max((score for _, score in told), default=0)
        kept = [branch for branch, score in told if score == best and score >= 0]
        others = kept if best > 0 else [branch for branch, score in told if score >= 0] or others
    return [*others, *(nulls if isinstance(value, str) and is_null_word(value) else ())]


def _is_null(node: Node) -> bool:
    return isinstance(node, dict) and (node.get("type") == "null" or ("const" in node and node["const"] is None))


def constants(matcher: Matcher, value: Mapping[str, JSON], branch: Node) -> int:
    """1 or more where the value's constants are the branch's, -1 where one contradicts, 0 where it has none."""
    node = matcher.resolve(branch)
    properties = node.get("properties", {}) if isinstance(node, dict) else {}
    score = 0
    for name, part in properties.items():
        place = matcher.resolve(part)
        if not isinstance(place, dict) or ("const" not in place and len(place.get("enum", ())) != 1):
            continue
        constant = place["const"] if "const" in place else place["enum"][0]
        said = value.get(name, next((item for key, item in value.items() if fold(key) == fold(name)), None))
        if said == constant:
            score += 2
        elif isinstance(said, str) and isinstance(constant, str) and fold(said) == fold(constant):
            score += 1
        elif said is not None:
            return -1
    return score
