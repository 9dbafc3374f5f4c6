"""Reply in, verdict out: is it the declared type, and if not, what is wrong where?"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from extract.decode import decode
from extract.errors import DecodeError, Filtered, Issue, Refused, ReplyError, Truncated, ValidationError
from extract.schema import Checked, salvage

if TYPE_CHECKING:
    from extract.errors import Path
    from extract.exchange._prompt import Task
    from extract.exchange._turns import Turn
    from extract.schema import Quarantined
    from extract.typing import JSON, Repair, Reply

__all__ = ["Verdict", "judge", "salvaged"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Verdict(Generic[T]):
    """What became of one reply.

    Args:
        reply: The reply judged.
        error: Why it cannot be taken; ``None`` when ``value`` is the declared value.
        raw: The wire value of a reply that was not checked.
        cut: Where a truncated answer ended.
        spliced: Whether ``wire`` also holds parts of earlier replies.
        quarantined: Items that were left out of ``value``.
        checked: The checked value, which reads its wire value only when it is asked for.
    """

    reply: Reply
    value: T | None = None
    error: ReplyError | None = None
    repairs: tuple[Repair, ...] = ()
    raw: JSON = field(default=None, repr=False)
    cut: Path | None = None
    spliced: bool = False
    quarantined: tuple[Quarantined, ...] = ()
    checked: Checked[T] | None = field(default=None, repr=False)

    @property
    def wire(self) -> JSON:
        """The whole wire value as far as it is known, mended parts spliced in; ``None`` when there is none."""
        return self.raw if self.checked is None else self.checked.wire


def judge(task: Task[T], turn: Turn[T], reply: Reply, checked: Checked[T] | None) -> Verdict[T]:
    """Decode, complete and check one reply; never raises for a bad one.

    Args:
        task: What was asked.
        turn: How the answer becomes the whole.
        reply: The reply.
        checked: What the schema says of the text as it stands; ``None`` where it is not the whole value.
    """
    if checked is not None and not any(issue.kind == "json_invalid" for issue in checked.issues):
        return _checked(task, reply, checked)
    try:
        return _read(task, turn, reply)
    except ReplyError as error:
        error.reply = reply
        return Verdict(reply, error=error, repairs=error.repairs)


def salvaged(task: Task[T], verdict: Verdict[T]) -> Verdict[T]:
    """Take the good items of a reply and quarantine the bad ones; the verdict as it was when that does not help."""
    if not isinstance(verdict.error, ValidationError) or verdict.wire is None:
        return verdict
    kept = salvage(verdict.wire, verdict.error.issues, task.schema.wire)
    if not kept.quarantined or kept.remaining:
        return verdict
    checked = task.schema.check(kept.value, context=task.context, strictness=task.policy.strictness)
    judged = _checked(task, verdict.reply, checked) if checked.ok else None
    if judged is None or judged.error is not None:
        return verdict
    return Verdict(
        verdict.reply,
        judged.value,
        repairs=tuple(dict.fromkeys((*verdict.repairs, *judged.repairs))),
        checked=judged.checked,
        spliced=verdict.spliced,
        quarantined=kept.quarantined,
    )


def _read(task: Task[T], turn: Turn[T], reply: Reply) -> Verdict[T]:
    if reply.refusal is not None:
        raise Refused("the model refused to answer", advice="see .reply.refusal; rephrase, or try another model")
    if reply.finish == "content_filter":
        raise Filtered(
            "the content filter cut the answer off", advice="the document or the answer was blocked upstream"
        )
    try:
        decoded = decode(reply.text)
    except DecodeError as error:
        if reply.finish == "length":
            raise _truncated() from error
        raise
    whole, repairs = (decoded.value, decoded.repairs)
    if not turn.last and decoded.cut is None:
        return Verdict(reply, None, None, repairs, whole)
    if turn.whole is not None:
        whole, spliced = turn.whole(decoded.value)
        repairs = (*repairs, *spliced)
    if decoded.cut is not None:
        cut = _moved(decoded.cut, decoded.value, whole)
        return Verdict(reply, None, _truncated(), repairs, whole, cut, turn.whole is not None)
    checked = task.schema.check(whole, context=task.context, strictness=task.policy.strictness)
    if decoded.missing:
        left_out = tuple(Issue(path, "the answer leaves this out", "left-out") for path in decoded.missing)
        checked = Checked(None, False, (*checked.issues, *left_out), checked.repairs, checked.wire)
    return _checked(task, reply, checked, repairs, spliced=turn.whole is not None)


def _moved(cut: Path, answer: Any, whole: Any) -> Path:
    """Where a cut stands once a continuation is joined: its list has the earlier items before it."""
    for depth, step in enumerate(cut):
        if isinstance(step, int):
            return (*cut[:depth], step + len(whole) - len(answer), *cut[depth + 1 :])
        if step not in answer or step not in whole:
            return cut
        answer, whole = answer[step], whole[step]
    return cut


def _truncated() -> Truncated:
    return Truncated(
        "the answer was cut off before it was complete",
        advice="raise max_output_tokens or Policy(continues=…), or split the document",
    )


def _checked(
    task: Task[T], reply: Reply, checked: Checked[T], repairs: tuple[Repair, ...] = (), *, spliced: bool = False
) -> Verdict[T]:
    repairs = (*repairs, *checked.repairs) if repairs else checked.repairs
    issues = checked.issues
    if checked.ok and (task.checks or task.schema.checked):
        value: T = checked.value  # type: ignore[assignment]  # what is ok has the declared value
        issues = task.schema.run_checks(value, task.checks)
    error = ValidationError.of(issues, repairs=repairs) if issues else None
    if error is not None:
        error.reply = reply
    return Verdict(reply, checked.value, error, repairs, None, None, spliced, checked=checked)
