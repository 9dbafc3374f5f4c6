"""What does an answer give of the places that were asked for? However it is wrapped; an answer in, the values out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from extract.errors import Issue, ValidationError
from extract.schema.coerce import ABSENT, Matcher, value_at
from extract.typing import Repair

if TYPE_CHECKING:
    from collections.abc import Iterator

    from extract.schema._mend import Subset
    from extract.schema._rest import Rest
    from extract.typing import JSON

__all__ = ["Answered", "answered"]

_LAYERS = 2
"""Objects with one key, and lists with one item, that may stand around an answer."""
_ANY_NAME = ("answer", "value", "result", "correction", "corrected")
"""Keys that say nothing of the value under them; under others ("error") may stand something else."""


@dataclass(frozen=True, slots=True)
class Answered:
    """The values of the places that an answer gives, an object by their keys, and the liberties that this took."""

    values: JSON = field(repr=False)
    repairs: tuple[Repair, ...] = ()


def answered(part: Subset | Rest, answer: JSON, *, exact: bool = False) -> Answered:
    """Find the places in an answer.

    A model may put its answer into something else, give the places as they are nested in the whole (or the whole
    itself, of which only the places are taken), or, where there is but one place, its bare value.

    Args:
        part: What was asked.
        answer: What came.
        exact: Take it only as it was asked for.

    Raises:
        ValidationError: The answer gives none of the places.
    """
    keys = [each.key for each in part.asked]
    plainly = {key: answer[key] for key in keys if key in answer} if isinstance(answer, dict) else {}
    if len(plainly) < len(keys) and not exact:
        # The whole all the same has some of the keys, if one of the places is a field of it.
        values, kind = max(_readings(part, answer, keys), key=lambda reading: len(reading[0]), default=(plainly, ""))
        if len(values) > len(plainly):
            return Answered(values, (Repair(kind, None, before=answer),))
    if isinstance(answer, dict) and plainly:
        # Of no place: the key may be that of another one in the whole.
        unasked = ((key, item) for key, item in answer.items() if key not in keys)
        return Answered(plainly, tuple(Repair("extra-key", None, before={key: item}) for key, item in unasked))
    message = "Should be an object with the places asked for"
    raise ValidationError.of([Issue((), message, "not-answered", answer)])


def _readings(part: Subset | Rest, answer: JSON, keys: list[str]) -> Iterator[tuple[dict[str, JSON], str]]:
    layers = list(_layers(answer))
    for inner in layers[1:]:
        if isinstance(inner, dict):
            yield {key: inner[key] for key in keys if key in inner}, "unwrapped"
    for inner in layers:
        found = {each.key: value_at(inner, each.path) for each in part.asked}
        yield {key: item for key, item in found.items() if item is not ABSENT}, "unwrapped"
    if len(keys) == 1:
        matcher = Matcher(part.schema)
        node = part.schema["properties"][keys[0]]
        named = next((step for step in reversed(part.asked[0].path) if isinstance(step, str)), "")
        for bare in _layers(answer, frozenset((*_ANY_NAME, named.casefold()))):
            if isinstance(bare, str) and not isinstance(answer, dict) and matcher.takes_any_words(node):
                continue  # it may as well say that there is no answer
            if matcher.matches(bare, node) or not (bare is None or isinstance(bare, (dict, list))):
                yield {keys[0]: bare}, "wrapped"


def _layers(answer: Any, names: frozenset[str] | None = None) -> Iterator[Any]:
    """The answer, and what it is wrapped around: under any key, or under one of these only."""
    yield answer
    for _ in range(_LAYERS):
        if not isinstance(answer, (dict, list)) or len(answer) != 1:
            return
        if isinstance(answer, list):
            answer = answer[0]
        else:
            ((key, answer),) = answer.items()
            if names is not None and key.casefold() not in names:
                return
        yield answer
