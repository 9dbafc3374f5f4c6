"""Verdict in, next turn out: mend the failing paths, go on where an answer was cut off, or ask again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar

from extract.decode import decode
from extract.errors import DecodeError, Exhausted, Filtered, Issue, Refused, ReplyError, Truncated, ValidationError
from extract.exchange._prompt import continue_request, first_request, mend_request, part_request, reask_request
from extract.models import card
from extract.schema import Rest, rest, subset
from extract.typing import JSON, Repair, Reply, Request

if TYPE_CHECKING:
    from collections.abc import Mapping

    from extract.errors import EngineError
    from extract.exchange._judge import Verdict
    from extract.exchange._prompt import Task
    from extract.exchange._record import Kind, Spent
    from extract.schema import Subset

__all__ = ["Turn", "climb", "first_part", "next_turn", "rescue"]

T = TypeVar("T")
Whole: TypeAlias = Callable[[JSON], JSON]
DEFAULT_OUTPUT = 4_096
"""Tokens to begin with when an answer was cut off by a limit that nobody named."""
ENOUGH = 4
"""A cut answer of which less than one part in so many was of use gets more room, not just another try."""


@dataclass(slots=True)
class Turn(Generic[T]):
    """One question and how its answer becomes the whole wire value (``None``: it is the whole).

    Args:
        kind: Why it is asked.
        request: The question.
        task: What it is about.
        whole: What makes the whole of the answer.
        part: Which part of a type that is too large for one question, with the answers to those before it.
        last: False for a part with others to come.
        rest: What the answer completes, where an earlier one was cut off.
        origin: What the answer mends.
        asked: The places that it mends.
        repairs: Liberties taken with the earlier replies that the answer is joined with.
        seams: How often a continuation did not fit.
    """

    kind: Kind
    request: Request
    task: Task[T]
    whole: Whole | None = None
    part: int | None = None
    gathered: tuple[JSON, ...] = ()
    last: bool = True
    rest: Rest | None = None
    origin: Verdict[T] | None = None
    asked: Subset | None = None
    repairs: tuple[Repair, ...] = ()
    seams: int = 0

    @property
    def plain(self) -> bool:
        """Whether the answer is the whole value by itself."""
        return self.whole is None and self.rest is None and self.part is None

    @property
    def schema(self) -> Mapping[str, Any]:
        """The wire schema of the value that the answer belongs to."""
        schema = self.task.schema
        return schema.wire if self.part is None else schema.parts[self.part].format.schema


def first_part(task: Task[T]) -> Turn[T]:
    """Ask for the first part of a type that one wire schema cannot hold."""
    return _part(task, 0, (), "ask")


def next_turn(turn: Turn[T], verdict: Verdict[T], spent: Spent) -> Turn[T]:
    """Decide what to ask next.

    Raises:
        Refused, Filtered, Truncated: When the model will not do better.
        Exhausted: When the policy permits no further reask.
    """
    error = verdict.error
    if error is None:
        spent.rung = spent.floor
        following = _part(turn.task, (turn.part or 0) + 1, (*turn.gathered, verdict.wire), rung=spent.rung)
        return replace(following, repairs=verdict.all_repairs)
    if isinstance(error, Truncated):
        return _after_truncation(turn, verdict, error, spent)
    if isinstance(error, (Refused, Filtered)):
        if climb(turn, spent):
            return turn
        if turn.origin is None:
            raise error
    policy = turn.task.policy
    if (policy.bad_items == "raise" and _has_bad_item(error)) or spent.reasks >= policy.rungs:
        raise Exhausted(
            f"no valid answer after {len(spent.attempts)} attempt(s); the last: {error.message}",
            last=error,
            advice="see .attempts for every request and reply, .partial for what could be kept",
        )
    spent.reasks += 1
    spent.rung += 1
    return _again(turn, verdict, error, spent)


def climb(turn: Turn[Any], spent: Spent) -> bool:
    """Put the same question to the next model of the ladder; false where there is none."""
    models = turn.task.policy.models
    if spent.rung + 1 >= len(models):
        return False
    spent.rung += 1
    turn.kind, turn.request = "reask", replace(turn.request, model=models[spent.rung])
    return True


def rescue(turn: Turn[Any], error: EngineError) -> Reply | None:
    """Take what a dead stream had brought as a reply, when all of it is there or complete items are in it."""
    text = error.failure.partial
    if not text or turn.origin is not None:
        return None
    try:
        decoded = decode(text)
        value, cut = decoded.value, decoded.cut
        if turn.rest is not None:
            joined = turn.rest.join(value, cut)
            value, cut = joined.value, joined.cut
    except (DecodeError, ValidationError):
        return None
    reply = Reply(text=text, finish="length", usage=error.usage, seconds=error.failure.seconds)
    if cut is None:
        # The text ended as JSON does: only the stream's own end is missing.
        return None if decoded.repairs else replace(reply, finish="stop")
    kept = rest(turn.schema, value, cut)
    return reply if kept is not None and kept.items > (turn.rest.items if turn.rest else 0) else None


def _again(turn: Turn[T], verdict: Verdict[T], error: ReplyError, spent: Spent) -> Turn[T]:
    """Ask about a wrong answer: for as little as will do."""
    if turn.rest is not None and not turn.seams and any(issue.kind == "seam" for issue in error.issues):
        # What is complete stays so; the continuation is asked for once more.
        return replace(_continue(turn, turn.task, turn.rest, "continue", spent), seams=1)
    if turn.origin is not None and verdict.wire is None:
        # Nothing came of mending: what was to be mended is as it was. Who answers something else even when it is
        # asked for the last time is asked for the whole.
        astray = spent.reasks >= turn.task.policy.rungs and any(each.kind == "not-answered" for each in error.issues)
        if not isinstance(error, (Refused, Filtered)) and not astray:
            return replace(turn, kind="mend", request=replace(turn.request, model=_model(turn.task, spent.rung)))
        verdict, error = turn.origin, turn.origin.error or error
        mend = None
    else:
        mend = _mend(turn.task, verdict, error, spent.rung)
    if mend is not None:
        return mend
    if turn.part is not None:
        part, gathered = (0, ()) if verdict.spliced else (turn.part, turn.gathered)
        return _part(turn.task, part, gathered, "reask", spent.rung)
    request = reask_request(turn.task, verdict.reply, error.issues or (_unreadable(error),), spent.rung)
    return Turn("reask", request, turn.task)


def _part(task: Task[T], part: int, gathered: tuple[JSON, ...], kind: Kind = "part", rung: int = 0) -> Turn[T]:
    def whole(answer: JSON) -> JSON:
        return task.schema.join((*gathered, answer))

    last = part == len(task.schema.parts) - 1
    return Turn(kind, part_request(task, part, rung), task, whole, part, gathered, last)


def _model(task: Task[Any], rung: int) -> str:
    return task.policy.model(rung, task.model)


def _has_bad_item(error: ReplyError) -> bool:
    """Whether something is wrong inside a list item, which is what ``bad_items`` speaks of."""
    return any(isinstance(step, int) for issue in error.issues for step in issue.path)


def _unreadable(error: ReplyError) -> Issue:
    return Issue((), f"not valid JSON: {error.message}", "json_invalid")


def _mend(task: Task[T], verdict: Verdict[T], error: ReplyError, rung: int) -> Turn[T] | None:
    if verdict.wire is None or not error.issues:
        return None
    part = subset(task.schema.wire, error.issues, verdict.wire)
    if part is None:
        return None
    base = verdict.wire

    def whole(answer: JSON) -> JSON:
        return part.splice(base, answer)

    # What was repaired in a value that is asked for again is no part of the answer any more.
    again = [each.path for each in part.asked]
    repairs = tuple(
        repair
        for repair in verdict.all_repairs
        if repair.path is None or not any(repair.path[: len(path)] == path for path in again)
    )
    request = mend_request(task, part, base, rung)
    return Turn("mend", request, task, whole, origin=verdict, asked=part, repairs=repairs)


def _after_truncation(turn: Turn[T], verdict: Verdict[T], error: Truncated, spent: Spent) -> Turn[T]:
    """Ask for what is missing; with a higher limit where little or nothing of use came; bounded by the policy."""
    if spent.continues >= turn.task.policy.continues:
        raise error
    spent.continues += 1
    if turn.origin is not None:
        # Where nothing of it came, what was to be mended is as it was.
        known, wrong = (turn.origin, turn.origin.error or error) if verdict.wire is None else (verdict, error)
        mend = _mend(_wider(turn, verdict) or turn.task, known, wrong, spent.rung)
        if mend is None:
            raise error
        return mend
    left = verdict.rest or turn.rest
    gain = left.size - (turn.rest.size if turn.rest else 0) if left else 0
    task, kind = turn.task, "continue"
    if gain <= 0 or gain * ENOUGH < len(verdict.reply.text):
        wider = _wider(turn, verdict)
        if wider is None and gain <= 0 and not climb(turn, spent):
            raise error
        task = wider or task
        kind = "continue" if gain > 0 else "widen"
    if left is not None:
        repairs = verdict.all_repairs if verdict.rest else turn.repairs
        return replace(_continue(turn, task, left, kind, spent), repairs=repairs)
    if turn.part is not None:
        return _part(task, turn.part, turn.gathered, "widen", spent.rung)
    return Turn("widen", replace(first_request(task), model=_model(task, spent.rung)), task)


def _continue(turn: Turn[T], task: Task[T], left: Rest, kind: Any, spent: Spent) -> Turn[T]:
    request = continue_request(task, left, spent.rung)
    return replace(turn, kind=kind, request=request, task=task, whole=turn.whole or _as_it_is, rest=left)


def _as_it_is(answer: JSON) -> JSON:
    return answer


def _wider(turn: Turn[T], verdict: Verdict[T]) -> Task[T] | None:
    task, limit = turn.task, card(turn.request.model).max_output_tokens
    used = (verdict.reply.usage.output_tokens if verdict.reply.usage else None) or 0
    before = task.parameters.max_output_tokens or max(used, DEFAULT_OUTPUT // 2)
    after = before * 2 if limit is None else min(before * 2, limit)
    if after <= before:
        return None
    return replace(task, parameters=replace(task.parameters, max_output_tokens=after))
