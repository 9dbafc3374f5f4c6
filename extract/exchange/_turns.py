"""Verdict in, next turn out: mend the failing paths, go on where a list was cut off, or ask again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar

from extract.decode import decode
from extract.errors import DecodeError, Exhausted, Issue, ReplyError, Truncated, ValidationError
from extract.exchange._prompt import continue_request, first_request, mend_request, part_request, reask_request
from extract.models import card
from extract.schema import subset
from extract.typing import JSON, Repair, Reply, Request

if TYPE_CHECKING:
    from extract.errors import EngineError, Path
    from extract.exchange._judge import Verdict
    from extract.exchange._prompt import Task
    from extract.exchange._record import Kind, Spent

__all__ = ["Turn", "first_part", "next_turn", "rescue"]

T = TypeVar("T")
Whole: TypeAlias = Callable[[JSON], "tuple[JSON, tuple[Repair, ...]]"]
DEFAULT_OUTPUT = 4_096
"""Tokens to begin with when an answer was cut off by a limit that nobody named."""


@dataclass(slots=True)
class Turn(Generic[T]):
    """One question and how its answer becomes the whole wire value (``None``: it is the whole).

    ``last`` is false for a part with others to come.
    """

    kind: Kind
    request: Request
    task: Task[T]
    whole: Whole | None = None
    part: int | None = None
    gathered: tuple[JSON, ...] = ()
    last: bool = True


def first_part(task: Task[T]) -> Turn[T]:
    """Ask for the first part of a type that one wire schema cannot hold."""
    return _part(task, 0, ())


def next_turn(turn: Turn[T], verdict: Verdict[T], spent: Spent) -> Turn[T]:
    """Decide what to ask next.

    Raises:
        Refused, Filtered, Truncated: When the model will not do better.
        Exhausted: When the policy permits no further reask.
    """
    error = verdict.error
    if error is None:
        return _part(turn.task, (turn.part or 0) + 1, (*turn.gathered, verdict.wire))
    if isinstance(error, Truncated):
        return _after_truncation(turn, verdict, error, spent)
    if not isinstance(error, (DecodeError, ValidationError)):
        raise error
    policy = turn.task.policy
    if (policy.bad_items == "raise" and _has_bad_item(error)) or spent.reasks >= policy.rungs:
        raise Exhausted(
            f"no valid answer after {len(spent.attempts)} attempt(s); the last: {error.message}",
            last=error,
            advice="see .attempts for every request and reply, .partial for what could be kept",
        )
    spent.reasks += 1
    mend = _mend(turn.task, verdict, error, spent.reasks)
    if mend is not None:
        return mend
    if turn.part is not None:
        return _part(turn.task, *((0, ()) if verdict.spliced else (turn.part, turn.gathered)), kind="reask")
    request = reask_request(turn.task, verdict.reply, error.issues or (_unreadable(error),), spent.reasks)
    return Turn("reask", request, turn.task)


def _part(task: Task[T], part: int, gathered: tuple[JSON, ...], kind: Kind = "part") -> Turn[T]:
    def whole(answer: JSON) -> tuple[JSON, tuple[Repair, ...]]:
        return task.schema.join((*gathered, answer)), ()

    kind = "ask" if not part and kind == "part" else kind
    last = part == len(task.schema.parts) - 1
    return Turn(kind, part_request(task, part), task, whole, part, gathered, last)


def _has_bad_item(error: ReplyError) -> bool:
    """Whether something is wrong inside a list item, which is what ``bad_items`` speaks of."""
    return any(isinstance(step, int) for issue in error.issues for step in issue.path)


def _unreadable(error: ReplyError) -> Issue:
    return Issue((), f"not valid JSON: {error.message}", "json_invalid")


def rescue(turn: Turn[Any], error: EngineError) -> Reply | None:
    """Take what a dead stream had brought as a truncated reply, when complete items are in it."""
    text = error.failure.partial
    if not text or turn.whole is not None:
        return None
    try:
        decoded = decode(text)
    except DecodeError:
        return None
    _, kept = _cut_list(decoded.value, decoded.cut or ())
    if not kept:
        return None
    return Reply(text=text, finish="length", usage=error.usage, seconds=error.failure.seconds)


def _mend(task: Task[T], verdict: Verdict[T], error: ReplyError, reask: int) -> Turn[T] | None:
    if verdict.wire is None or not error.issues:
        return None
    part = subset(task.schema.wire, error.issues, verdict.wire)
    if part is None:
        return None
    base = verdict.wire

    def whole(answer: JSON) -> tuple[JSON, tuple[Repair, ...]]:
        return part.splice(base, answer), ()

    return Turn("mend", mend_request(task, part, base, reask), task, whole)


def _after_truncation(turn: Turn[T], verdict: Verdict[T], error: Truncated, spent: Spent) -> Turn[T]:
    """Go on after the last complete item where a list was cut off; otherwise ask again with a higher limit."""
    if spent.continues >= turn.task.policy.continues:
        raise error
    spent.continues += 1
    path, kept = _cut_list(verdict.wire, verdict.cut or ())
    if kept and turn.part is None:
        # The item that was cut in two is none: only complete ones are kept.
        base = _with(verdict.wire, path, kept)
        request = continue_request(turn.task, path, kept, spent.reasks)
        return Turn("continue", request, turn.task, lambda answer: _joined(base, path, answer))
    task = _wider(turn, verdict)
    if task is None:
        raise error
    if turn.part is not None:
        return _part(task, turn.part, turn.gathered, kind="widen")
    return Turn("widen", first_request(task), task)


def _cut_list(wire: JSON, cut: Path) -> tuple[Path, list[Any]]:
    """The outermost list that the cut runs through, and its complete items."""
    for depth, step in enumerate(cut):
        if isinstance(step, int):
            items = _at(wire, cut[:depth])
            return cut[:depth], items[:step] if isinstance(items, list) else []
    items = _at(wire, cut)
    return (cut, items) if isinstance(items, list) else ((), [])


def _wider(turn: Turn[T], verdict: Verdict[T]) -> Task[T] | None:
    task, limit = turn.task, card(turn.request.model).max_output_tokens
    used = verdict.reply.usage.output_tokens if verdict.reply.usage else 0
    before = task.parameters.max_output_tokens or max(used, DEFAULT_OUTPUT // 2)
    after = before * 2 if limit is None else min(before * 2, limit)
    if after <= before:
        return None
    return replace(task, parameters=replace(task.parameters, max_output_tokens=after))


def _joined(base: JSON, path: Path, answer: JSON) -> tuple[JSON, tuple[Repair, ...]]:
    """Join a cut list with its continuation, whose first item must be the last complete one, repeated."""
    kept, rest = _at(base, path), _at(answer, path)
    if not isinstance(kept, list) or not isinstance(rest, list) or not rest:
        raise _seam(path, "the continuation has no items there")
    from_start, from_last = rest[: len(kept)] == kept, rest[0] == kept[-1]
    if from_start and from_last and len(kept) > 1:
        # Items that are all alike: the list from its start, or going on as asked? Guessing would lose or double some.
        raise _seam(path, "the continuation can be read in two ways")
    if from_start:
        joined = rest
    elif from_last:
        joined = kept + rest[1:]
    else:
        raise _seam(path, "the continuation does not begin with the last complete item")
    record = Repair("continued", path, before=len(kept), after=len(joined))
    return _with(_filled(base, answer), path, joined), (record,)


def _seam(path: Path, what: str) -> ValidationError:
    return ValidationError.of([Issue(path, what, "seam")])


def _filled(base: JSON, answer: JSON) -> JSON:
    """What the cut answer already held wins; the continuation adds the members that came after the cut."""
    if isinstance(base, dict) and isinstance(answer, dict):
        both = {key: _filled(base[key], answer[key]) if key in answer else base[key] for key in base}
        return {**both, **{key: value for key, value in answer.items() if key not in base}}
    return base


def _at(value: JSON, path: Path) -> Any:
    for step in path:
        if isinstance(value, dict) and isinstance(step, str):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return None
    return value


def _with(value: Any, path: Path, new: JSON) -> JSON:
    if not path:
        return new
    copy: Any = value.copy()
    copy[path[0]] = _with(copy[path[0]], path[1:], new)
    changed: JSON = copy
    return changed
