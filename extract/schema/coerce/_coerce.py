"""How does a JSON value come to fit its wire schema? A value and a schema in; the value, liberties and issues out."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from extract.errors import Issue
from extract.schema.coerce._match import Matcher
from extract.schema.coerce._object import fit_root
from extract.schema.coerce._place import place_at
from extract.schema.coerce._spelled import spelled, unspelled
from extract.schema.coerce._walk import Walk

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from extract.errors import Path
    from extract.schema.coerce._kinds import Strictness
    from extract.typing import JSON, Repair

__all__ = ["MAX_DEPTH", "Coerced", "Coercer", "coerce", "explained"]

MAX_DEPTH = 100
"""Levels of lists and objects that are looked at; a value nested deeper is left alone, with an issue."""


@dataclass(frozen=True, slots=True)
class Coerced:
    """What became of a value.

    Args:
        value: The fitted value; the very object that was given where it matched already.
        repairs: Every liberty taken, with its path in ``value``; the kinds are those of ``LIBERTIES``.
        issues: Where a reading was refused, with its path in ``value``; the kinds are those of ``REFUSALS``.
            Bounds, patterns and missing keys are left for the validator to tell.
    """

    value: JSON = field(repr=False)
    repairs: tuple[Repair, ...] = ()
    issues: tuple[Issue, ...] = ()


def coerce(
    value: JSON,
    schema: Mapping[str, Any],
    *,
    strictness: Strictness = "careful",
    typed: bool = False,
    rooted: bool = False,
    text: str | bytes | None = None,
) -> Coerced:
    """Fit a JSON value to a wire schema; nothing is invented and nothing is lost.

    Args:
        value: Any JSON value; it is not changed.
        schema: A wire schema (ordinary JSON Schema is understood as far as it tells structure).
        strictness: ``exact`` changes nothing; ``careful`` takes a liberty only where one reading is possible;
            ``lenient`` also takes the single best reading where careful leaves an issue.
        typed: The schema was made from a declared type, which tells integers from whole numbers.
        rooted: The schema's object is only the cover that a root needs: a value without that cover is what
            belongs under its one key.
        text: The strict JSON that the value was read from: it knows how numbers were written.

    Returns:
        A value that is returned as it came where it matches; a value that no longer stands anywhere else
        (an extra key's, a wrapper's sibling) is kept in the repair's ``before``.
    """
    coercer = Coercer(schema, typed=typed)
    if text is None:
        return coercer.coerce(value, strictness=strictness, rooted=rooted)
    done = coercer.coerce(spelled(text, value), strictness=strictness, rooted=rooted)
    repairs = (replace(each, before=unspelled(each.before), after=unspelled(each.after)) for each in done.repairs)
    issues = (replace(each, found=unspelled(each.found)) for each in done.issues)
    return Coerced(unspelled(done.value), tuple(repairs), tuple(issues))


class Coercer:
    """A wire schema ready to fit many values; the schema must not be changed afterwards."""

    __slots__ = ("_matcher",)

    def __init__(self, schema: Mapping[str, Any], *, typed: bool = False) -> None:
        self._matcher = Matcher(schema, typed=typed)

    def coerce(
        self, value: JSON, *, strictness: Strictness = "careful", rooted: bool = False, at: Path = ()
    ) -> Coerced:
        """Fit one value, or the part of one that stands ``at`` a path; see :func:`coerce`. Paths begin at the part."""
        if strictness == "exact":
            return Coerced(value)
        if _is_deep(value):
            return Coerced(value, issues=(_too_deep(),))
        self._matcher.forget()
        try:
            schema = place_at(self._matcher, at)
            if schema is None:
                return Coerced(value)
            if self._matcher.matches(value, schema):
                return Coerced(value)
            walk = Walk(self._matcher, lenient=strictness == "lenient")
            fitted = fit_root(walk, value, schema) if rooted else walk.fit(value, schema, ())
        except RecursionError:
            # The caller may stand deep in the stack himself, and a schema may refer to nothing but itself.
            return Coerced(value, issues=(_too_deep(),))
        finally:
            self._matcher.forget()
        return Coerced(fitted, tuple(walk.repairs), tuple(walk.issues))


def explained(found: Iterable[Issue], refused: Iterable[Issue], *, authored: bool = True) -> tuple[Issue, ...]:
    """Let the refusals of a coercion speak where the validator found the same place wrong.

    Args:
        found: The validator's issues; what it accepts is accepted.
        refused: The coercion's issues, which know more: that a date may be read in two ways, not just that it is none.
        authored: What was read may have been read by a function of the author's.

    Returns:
        One issue for each that was found; what may mean two things or has lost digits is an issue even where a
        default would let the validator pass over it, or the validator would take it.
    """
    better = {issue.path: issue for issue in refused if issue.kind not in _SAID_BETTER}
    said = [better.pop(issue.path, issue) for issue in found]
    return (*said, *(issue for issue in better.values() if issue.kind in _NEVER_TAKEN[authored]))


_UNSURE = frozenset({"ambiguous-key", "ambiguous-number", "ambiguous-duration", "lossy-number"})
_NEVER_TAKEN = {True: _UNSURE, False: _UNSURE | {"not-a-date"}}
"""Refusals that stand although the type takes the value: pydantic counts seconds where it finds digits alone."""
_SAID_BETTER = frozenset({"wrong-type", "no-branch", "not-a-member"})
"""Refusals of which the validator knows more: the bound that is passed, the members that are permitted."""


def _is_deep(value: JSON) -> bool:
    level: list[JSON] = [value]
    for _ in range(MAX_DEPTH + 1):
        below: list[JSON] = []
        for each in level:
            if isinstance(each, dict):
                below.extend(item for item in each.values() if isinstance(item, (dict, list)))
            elif isinstance(each, list):
                below.extend(item for item in each if isinstance(item, (dict, list)))
        if not below:
            return False
        level = below
    return True


def _too_deep() -> Issue:
    return Issue((), f"Should be nested no deeper than {MAX_DEPTH} levels", kind="too-deep")
