"""Reply in, verdict out: is it the declared type, and if not, what is wrong where?"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Generic, TypeVar

from extract.decode import decode
from extract.errors import DecodeError, Filtered, Issue, Refused, ReplyError, Truncated, ValidationError
from extract.exchange._abbreviated import given_up, left_out, short_of
from extract.exchange._filler import may_fill_in
from extract.exchange._reading import fitting, in_words
from extract.schema import Answered, Checked, answered, rest, salvage
from extract.typing import Repair

if TYPE_CHECKING:
    from extract.decode import Decoded
    from extract.exchange._prompt import Task
    from extract.exchange._turns import Turn
    from extract.schema import Quarantined, Rest
    from extract.typing import JSON, Reply

__all__ = ["Verdict", "judge", "salvaged"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Verdict(Generic[T]):
    """What became of one reply.

    Args:
        reply: The reply judged.
        error: Why it cannot be taken; ``None`` when ``value`` is the declared value.
        raw: The wire value of a reply that was not checked.
        rest: What is complete of a truncated answer, and what is still open.
        spliced: Whether ``wire`` also holds parts of earlier replies.
        quarantined: Items that were left out of ``value``.
        checked: The checked value, which reads its wire value only when it is asked for.
        earlier: Liberties taken with the earlier replies that are part of ``wire``.
    """

    reply: Reply
    value: T | None = None
    error: ReplyError | None = None
    repairs: tuple[Repair, ...] = ()
    raw: JSON = field(default=None, repr=False)
    rest: Rest | None = field(default=None, repr=False)
    spliced: bool = False
    quarantined: tuple[Quarantined, ...] = ()
    checked: Checked[T] | None = field(default=None, repr=False)
    earlier: tuple[Repair, ...] = ()

    @property
    def all_repairs(self) -> tuple[Repair, ...]:
        """What was repaired in every reply that the value is made of."""
        return tuple(dict.fromkeys((*self.earlier, *self.repairs))) if self.earlier else self.repairs

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
        verdict = _read(task, turn, reply)
    except ReplyError as error:
        error.reply = reply
        return Verdict(reply, error=error, repairs=error.repairs)
    return replace(verdict, spliced=True, earlier=turn.repairs) if turn.whole is not None else verdict


def salvaged(task: Task[T], verdict: Verdict[T], *, short: bool = False) -> Verdict[T]:
    """Take the good items of a reply and quarantine the bad ones; the verdict as it was when that does not help.

    Args:
        task: What was asked.
        verdict: What became of the reply.
        short: Take a list that the model abbreviated too; for what an error carries, never for a result.
    """
    if not isinstance(verdict.error, ValidationError) or verdict.wire is None:
        return verdict
    issues = given_up(verdict.error.issues, verdict.wire, task.fillers) if short else verdict.error.issues
    kept = salvage(verdict.wire, issues, task.schema.wire)
    if kept.remaining or (issues and not kept.quarantined):
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
        earlier=verdict.earlier,
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
        words = in_words(task, reply.text) if turn.plain else None
        if words is None:
            raise
        return _checked(task, reply, words.checked, words.repairs)
    verdict = _judged(task, turn, reply, decoded)
    if isinstance(verdict.error, ValidationError) and not turn.plain and task.policy.strictness != "exact":
        return _other(task, turn, reply, decoded) or verdict
    return verdict


def _judged(task: Task[T], turn: Turn[T], reply: Reply, decoded: Decoded) -> Verdict[T]:
    """Complete one value that the reply holds, and check it."""
    value, cut, repairs = decoded.value, decoded.cut, decoded.repairs
    exact = task.policy.strictness == "exact"
    if turn.rest is not None:
        with suppress(ValidationError):  # the seam tells what is wrong with it
            given = answered(turn.rest, value, exact=exact) if cut is None else Answered(value)
            value, repairs = given.values, (*repairs, *given.repairs)
        joined = turn.rest.join(value, cut)
        value, cut, repairs = joined.value, joined.cut, (*repairs, *joined.repairs)
    if cut is not None and turn.origin is not None:
        return _cut_mend(task, turn, reply, decoded)
    if turn.asked is not None:
        try:
            given = answered(turn.asked, value, exact=exact)
        except ValidationError as error:
            return Verdict(reply, None, error, repairs)
        value, repairs = given.values, (*repairs, *given.repairs)
    # A place that was left out on the way would be forgotten in what goes on from here.
    left = None if cut is None or decoded.missing else rest(turn.schema, value, cut)
    # Where nothing but closing brackets was cut off, everything is there.
    if cut is not None and (left is None or left.places):
        return Verdict(reply, None, _truncated(), repairs, value, left)
    missing = left_out(decoded.missing)
    if not turn.last:
        return Verdict(reply, None, ValidationError.of(missing, repairs=repairs) if missing else None, repairs, value)
    whole = value if turn.whole is None else turn.whole(value)
    checked = task.schema.check(whole, context=task.context, strictness=task.policy.strictness)
    if turn.plain:
        reading = fitting(task, reply.text, decoded, checked)
        checked, repairs = reading.checked, reading.repairs
    if missing:
        if any(each.kind == "wrapped" and not each.path for each in checked.repairs):
            # The text came without the object that a root needs.
            missing = tuple(each.below(("value",)) for each in missing)
        checked = Checked(None, False, (*checked.issues, *missing), checked.repairs, checked.wire)
    return _checked(task, reply, checked, repairs)


def _cut_mend(task: Task[T], turn: Turn[T], reply: Reply, decoded: Decoded) -> Verdict[T]:
    """Take what is complete of a mend that was cut off; what is still wrong then is the rest of it."""
    answer, cut = decoded.value, decoded.cut
    if isinstance(answer, dict) and cut:
        answer = {key: item for key, item in answer.items() if key != cut[0]}
    whole = turn.whole(answer) if turn.whole else answer
    checked = task.schema.check(whole, context=task.context, strictness=task.policy.strictness)
    verdict = _checked(task, reply, checked, decoded.repairs)
    if verdict.error is None:
        return verdict
    return replace(verdict, error=_truncated(verdict.error.issues))


def _other(task: Task[T], turn: Turn[T], reply: Reply, decoded: Decoded) -> Verdict[T] | None:
    """Take another value of a reply about a part: the only one that fits; of several the best, where permitted."""
    fitting: list[tuple[Decoded, Verdict[T]]] = []
    for each in decoded.others:
        if each.value in ({}, []) or not each.complete:
            continue
        try:
            verdict = _judged(task, turn, reply, each)
        except ReplyError:
            continue
        if verdict.error is None and all(verdict.wire != other.wire for _, other in fitting):
            fitting.append((each, verdict))
    if not fitting or (len(fitting) > 1 and task.policy.strictness != "lenient"):
        return None
    _, verdict = fitting[0]
    passed_over = Repair("other-candidate", None, decoded.start, reply.text[decoded.start : decoded.end])
    return replace(verdict, repairs=(passed_over, *verdict.repairs))


def _truncated(issues: tuple[Issue, ...] = ()) -> Truncated:
    return Truncated(
        "the answer was cut off before it was complete",
        issues=issues,
        advice="raise max_output_tokens or Policy(continues=…), or split the document",
    )


def _checked(task: Task[T], reply: Reply, checked: Checked[T], repairs: tuple[Repair, ...] = ()) -> Verdict[T]:
    repairs = (*repairs, *checked.repairs) if repairs else checked.repairs
    issues = checked.issues
    if checked.ok and (task.checks or task.schema.checked):
        value: T = checked.value  # type: ignore[assignment]  # what is ok has the declared value
        issues = task.schema.run_checks(value, task.checks)
    if issues or repairs or may_fill_in(reply.text):
        issues = short_of(checked, issues, task.fillers)
    error = ValidationError.of(issues, repairs=repairs) if issues else None
    if error is not None:
        error.reply = reply
    return Verdict(reply, checked.value, error, repairs, checked=checked)
