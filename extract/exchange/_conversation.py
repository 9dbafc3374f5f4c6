"""The conversation as a generator: yields Send, Wait or Done; is sent replies and thrown engine errors.

No I/O, no clock, no randomness: whoever drives it does the sending and the waiting and says how long they took.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar

from extract.errors import BudgetExceeded, EngineError, Exhausted, ExtractError, Failure, ModelRetired, TimedOut
from extract.exchange._abbreviated import short
from extract.exchange._filler import SIGNS
from extract.exchange._judge import Verdict, judge, salvaged
from extract.exchange._prompt import first_request
from extract.exchange._record import Attempt, Extraction, Spent
from extract.exchange._turns import Turn, climb, first_part, next_turn, rescue
from extract.models import cost
from extract.typing import Reply, Request, Usage

if TYPE_CHECKING:
    from extract.exchange._prompt import Task

__all__ = ["Conversation", "Done", "Send", "Step", "Wait", "exchange"]

T = TypeVar("T")
CHARACTERS_A_TOKEN = 4
"""For estimating a request's price before it is sent; English text has about four."""
CORRECTIONS = 8
"""Parameters that may be dropped, one a request, before we give up."""


@dataclass(frozen=True, slots=True)
class Send:
    """Send this request; answer with its Reply, or throw its EngineError.

    ``whole`` says whether the answer will be the whole value (worth watching as it grows) or only a part of it.
    """

    request: Request
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Wait:
    """Wait this many seconds, plus up to ``jitter`` times as many; answer with the seconds waited."""

    seconds: float
    jitter: float = 0.0


@dataclass(frozen=True, slots=True)
class Done(Generic[T]):
    """The conversation is over."""

    extraction: Extraction[T]


Step: TypeAlias = "Send | Wait | Done[T]"
Conversation: TypeAlias = Generator["Send | Wait | Done[T]", "Reply | float | None", None]


def exchange(task: Task[T], spent: Spent | None = None) -> Conversation[T]:
    """Hold the conversation about one document.

    Args:
        task: What is asked, of whom, and how hard to try.
        spent: Where the attempts are written down, for who wants to see them before it is over.

    Yields:
        ``Send`` (to be answered with a Reply or an EngineError thrown in), ``Wait`` (to be answered with the seconds
        waited), at last ``Done``.

    Raises:
        Refused, Filtered, Truncated: The model's answer, as such, after what the policy permits.
        EngineError: One that trying again cannot help.
        Exhausted: Every permitted attempt failed.
        BudgetExceeded: A limit of the policy was reached.
        All carry the attempts made so far.
    """
    spent = spent or Spent()
    turn = Turn("ask", first_request(task), task) if len(task.schema.parts) == 1 else first_part(task)
    verdict: Verdict[T] | None = None
    try:
        while True:
            reply = yield from _transport(turn, spent)
            checked = None
            if turn.whole is None and reply.refusal is None and reply.finish != "content_filter":
                # The way of nearly every reply: strict JSON of the declared type, straight from the text.
                checked = task.schema.check_json(reply.text, context=task.context, strictness=task.policy.strictness)
                text, keys = reply.text, task.schema.keys
                colons = keys.once + keys.each * (text.count("{") - keys.single)
                if (not checked.ok or text.count(":") != colons) and keys.twice(text):
                    checked = None  # a key stands there twice: it is read again, with a record of what is dropped
            if (
                checked is not None
                and checked.ok
                and not (
                    task.checks or task.schema.checked or checked.repairs or any(map(reply.text.__contains__, SIGNS))
                )
            ):
                verdict = Verdict(reply, checked.value, None, checked.repairs, checked=checked)
            else:
                verdict = judge(task, turn, reply, checked)
            spent.attempts.append(Attempt(turn.kind, turn.request, reply, verdict.error, verdict.repairs))
            if verdict.error is not None and task.policy.bad_items == "return":
                verdict = salvaged(task, verdict)
            if verdict.error is None and turn.last:
                yield Done(_extraction(task, verdict, spent))
                return
            turn = next_turn(turn, verdict, spent)
    except ExtractError as error:
        error.attempts = tuple(spent.attempts)
        if isinstance(error, (Exhausted, BudgetExceeded)) and verdict is not None:
            # Where nothing came of mending, what was to be mended is as it was.
            kept = turn.origin if turn.origin is not None and verdict.wire is None else verdict
            good = salvaged(task, kept, short=True)
            if good.error is None:
                error.partial = replace(_extraction(task, good, spent), issues=short(kept.error))
        raise


def _extraction(task: Task[T], verdict: Verdict[T], spent: Spent) -> Extraction[T]:
    # What earlier replies were repaired in still stands in a value of which only parts were asked for again.
    repairs = verdict.all_repairs if verdict.earlier else verdict.repairs
    value: T = verdict.value  # type: ignore[assignment]  # an accepted verdict holds the declared value
    return Extraction(
        value, tuple(spent.attempts), repairs, verdict.quarantined, (), verdict.checked, task.schema.notes
    )


def _transport(turn: Turn[Any], spent: Spent) -> Generator[Send | Wait, Reply | float | None, Reply]:
    """Send one request until a reply comes back: retries with waits, and corrections the engine has learned."""
    policy, kind = turn.task.policy, turn.kind
    retries = corrections = 0
    while True:
        request = _within_limits(turn, spent) if policy.limited else turn.request
        turn.request, turn.kind = request, kind
        spent.asking = True
        try:
            answer = yield Send(request, turn.whole is None)
        except GeneratorExit:
            spent.asking = False
            spent.attempts.append(Attempt(kind, request, None, _left()))
            raise
        except EngineError as error:
            spent.asking = False
            rescued = rescue(turn, error)
            if rescued is not None:
                return rescued
            spent.attempts.append(Attempt(kind, request, None, error))
            if error.failure.correction and corrections < CORRECTIONS:
                corrections += 1
                kind = "correct"
                continue
            if isinstance(error, ModelRetired) and climb(turn, spent):
                spent.floor, kind = spent.rung, turn.kind
                continue
            if not error.retryable:
                raise
            if retries >= policy.retries:
                raise _gave_up(error, retries) from error
            yield from _wait(turn, spent, error, retries)
            retries += 1
            kind = "retry"
        else:
            spent.asking = False
            if not isinstance(answer, Reply):
                message = f"the driver answered Send with {type(answer).__name__}, not with a Reply"
                raise TypeError(message)
            return answer


def _left() -> EngineError:
    # What had come until then is paid for, and nobody says how much it was.
    return EngineError("the answer was not waited for", failure=Failure(usage=Usage()))


def _wait(turn: Turn[Any], spent: Spent, error: EngineError, retry: int) -> Generator[Wait, Any, None]:
    policy = turn.task.policy
    asked = error.retry_after
    seconds = policy.wait(retry) if asked is None else asked
    if policy.seconds is not None and spent.seconds + seconds >= policy.seconds:
        message = f"{error.message}; waiting {seconds:.1f} s before the next try would pass the limit"
        raise BudgetExceeded(
            f"{message} of {policy.seconds} s", limit="seconds", advice=_or(error, "raise Policy(seconds=…)")
        ) from error
    # A gateway that names a wait means at least that long; our own guess is spread more widely.
    waited = yield Wait(seconds, jitter=0.5 if asked is None else 0.1)
    spent.waited += seconds if waited is None else waited


def _gave_up(error: EngineError, retries: int) -> Exhausted:
    return Exhausted(
        f"no usable reply after {retries + 1} tries; the last: {error.message}",
        last=error,
        advice=error.advice or "try later, or raise Policy(retries=…)",
    )


def _within_limits(turn: Turn[Any], spent: Spent) -> Request:
    """Refuse to send what the policy no longer permits; shorten the timeout to the time that is left."""
    policy, request = turn.task.policy, turn.request
    if policy.attempts is not None and len(spent.attempts) >= policy.attempts:
        raise _exceeded("attempts", f"{len(spent.attempts)} attempts were made", policy.attempts, spent)
    if policy.tokens is not None:
        _within_tokens(spent, policy.tokens)
    if policy.money is not None and not turn.task.free:
        _affordable(request, spent, float(policy.money))
    if policy.seconds is not None:
        left = policy.seconds - spent.seconds
        if left <= 0:
            raise _exceeded("seconds", f"{spent.seconds:.1f} s have passed", policy.seconds, spent)
        timeout = request.parameters.timeout
        parameters = replace(request.parameters, timeout=left if timeout is None else min(left, timeout))
        request = replace(request, parameters=parameters)
    return request


def _within_tokens(spent: Spent, limit: int) -> None:
    """Count what was used; where a reply came without its bill, estimate, so that the limit holds all the same."""
    used = estimated = 0
    for attempt in spent.attempts:
        told = attempt.usage.total_tokens if attempt.usage else None
        if told is None and attempt.billed:
            told = (_asked(attempt.request) + len(_came(attempt))) // CHARACTERS_A_TOKEN
            estimated += told
        used += told or 0
    if used >= limit:
        about = f", {estimated} of them estimated for want of a bill" if estimated else ""
        raise _exceeded("tokens", f"{used} tokens were used{about},", limit, spent)


def _came(attempt: Attempt) -> str:
    if attempt.reply is not None:
        return attempt.reply.text
    return attempt.error.failure.partial if isinstance(attempt.error, EngineError) else ""


def _asked(request: Request) -> int:
    """Characters of a request."""
    schema = len(request.format.encoded) if request.format else 0
    return schema + sum(len(message.content) for message in request.messages)


def _affordable(request: Request, spent: Spent, limit: float) -> None:
    asking = cost(request.model, Usage(_asked(request) // CHARACTERS_A_TOKEN, 0))
    costs = [attempt.cost for attempt in spent.attempts]
    if asking is None or None in costs:
        what = f"the price of {request.model} is unknown" if asking is None else "an attempt came without its bill"
        raise BudgetExceeded(
            f"{what}, so a limit on money cannot be kept",
            limit="money",
            advice="limit tokens instead, or name a model with a known price",
        )
    paid = float(sum(c for c in costs if c is not None))
    if paid + float(asking) > limit:
        raise _exceeded("money", f"${paid:.6f} spent, and asking costs about ${float(asking):.6f} more", limit, spent)


def _exceeded(limit: str, what: str, allowed: float, spent: Spent) -> BudgetExceeded:
    """Say which limit was reached, and what was wrong before, which the limit would hide."""
    cause = spent.attempts[-1].error if spent.attempts else None
    before = f"; the last attempt: {cause.message}" if cause else ""
    exceeded = BudgetExceeded(
        f"stopped: {what} and the policy allows {limit}={allowed:g}{before}",
        limit=limit,
        advice=_or(cause, f"raise Policy({limit}=…) to go on"),
    )
    exceeded.__cause__ = cause
    return exceeded


def _or(cause: ExtractError | None, advice: str) -> str:
    """What may be done about the cause comes first; where the time ran out, more of it is what there is to do."""
    first = cause.advice if isinstance(cause, EngineError) and not isinstance(cause, TimedOut) else ""
    return f"{first}; or {advice}" if first else advice
