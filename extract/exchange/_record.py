"""What was done, kept whole: every attempt, and the one result on success and on failure."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeAlias, TypeVar

from extract.errors import ExtractError, ReplyError, show_path
from extract.models import cost
from extract.typing import Usage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from extract.errors import Issue
    from extract.schema import Checked, Quarantined
    from extract.typing import JSON, Repair, Reply, Request

__all__ = ["Attempt", "Extraction", "Kind", "Spent", "record"]

T = TypeVar("T")
Kind: TypeAlias = Literal["ask", "part", "retry", "correct", "reask", "mend", "continue", "widen"]
FORMAT = "extract.record/1"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request with its outcome.

    Args:
        kind: Why it was made: the first ``ask``; a further ``part`` of a type too large for one; a ``retry`` after a
            transport failure; ``correct`` after the gateway refused a parameter; a ``reask`` of the whole, or of the
            next model; a ``mend`` of the failing paths; ``continue`` for what is missing of a cut answer; ``widen``
            for the same with a higher output limit.
        request: What was asked.
        reply: What came back, when something did.
        error: What was wrong with it; ``None`` when it was taken.
        repairs: Liberties taken with the reply.
    """

    kind: Kind
    request: Request
    reply: Reply | None = None
    error: ExtractError | None = None
    repairs: tuple[Repair, ...] = ()

    def __repr__(self) -> str:
        error = type(self.error).__name__ if self.error else None
        counts = f"issues={len(self.issues)}, repairs={len(self.repairs)}, cost={_money(self.cost)}"
        return f"Attempt({self.kind!r}, model={self.model!r}, error={error}, {counts})"

    @property
    def usage(self) -> Usage | None:
        """Tokens, when the engine reported them; also for failed attempts."""
        if self.reply is not None:
            return self.reply.usage
        return getattr(self.error, "usage", None)

    @property
    def billed(self) -> bool:
        """Whether tokens were spent: for a reply, or for the beginning of one."""
        failure = getattr(self.error, "failure", None)
        return self.reply is not None or self.usage is not None or bool(failure and failure.partial)

    @property
    def model(self) -> str:
        """The model that answered, or the one that was asked."""
        return (self.reply.model if self.reply else "") or self.request.model

    @property
    def cost(self) -> Decimal | None:
        """US dollars at RunAPI's price; ``None`` when the model's price or the usage is unknown."""
        if self.reply is not None and self.reply.cost is not None:
            return self.reply.cost
        return cost(self.model, self.usage) if self.billed else Decimal(0)

    @property
    def seconds(self) -> float:
        """Wall time of this request."""
        if self.reply is not None:
            return self.reply.seconds
        failure = getattr(self.error, "failure", None)
        return failure.seconds if failure else 0.0

    @property
    def issues(self) -> tuple[Issue, ...]:
        """What was wrong with the reply, each at its path."""
        return self.error.issues if isinstance(self.error, ReplyError) else ()

    @property
    def dropped(self) -> tuple[str, ...]:
        """Parameters that were asked for and not sent."""
        return self.reply.dropped if self.reply else ()

    def to_dict(self, *, documents: bool = False) -> dict[str, Any]:
        """Describe the attempt as plain JSON values; the prompt's text only where ``documents`` is true."""
        usage = self.usage
        return {
            "kind": self.kind,
            "model": self.model,
            "seconds": round(self.seconds, 6),
            "request": _request_dict(self.request, documents=documents),
            "reply": _reply_dict(self.reply),
            "error": _error_dict(self.error),
            "issues": [_issue_dict(issue) for issue in self.issues],
            "repairs": [_repair_dict(repair) for repair in self.repairs],
            "dropped": list(self.dropped),
            "usage": _usage_dict(usage) if usage else None,
            "cost": _money(self.cost),
        }


@dataclass(slots=True)
class Spent:
    """What the conversation has cost so far, and how far up the ladder of models it is.

    ``floor`` is the lowest rung that is still served; what is asked anew begins there. ``asking`` says that a request
    is on its way, of which nobody knows yet what it costs.
    """

    attempts: list[Attempt] = field(default_factory=list)
    waited: float = 0.0
    reasks: int = 0
    continues: int = 0
    rung: int = 0
    floor: int = 0
    asking: bool = False

    @property
    def seconds(self) -> float:
        """Time of all attempts and waits together."""
        return self.waited + sum(attempt.seconds for attempt in self.attempts)


class Summary:
    """Sums over attempts, shared by the result and whatever else carries attempts."""

    __slots__ = ()
    attempts: tuple[Attempt, ...]

    @property
    def usage(self) -> Usage:
        """Tokens of all attempts together; ``None`` for a count that one of them does not tell."""
        return sum((a.usage or Usage() for a in self.attempts if a.billed), Usage(0, 0, 0, 0))

    @property
    def cost(self) -> Decimal | None:
        """US dollars of all attempts together; ``None`` when one of them is unknown."""
        costs = [attempt.cost for attempt in self.attempts]
        known = [c for c in costs if c is not None]
        return sum(known, Decimal(0)) if len(known) == len(costs) else None

    @property
    def seconds(self) -> float:
        """Wall time of all attempts together, without the waits between them."""
        return sum(attempt.seconds for attempt in self.attempts)


@dataclass(frozen=True, slots=True)
class Extraction(Summary, Generic[T]):
    """A typed value together with everything a careful person wants to know about it.

    Args:
        value: The declared type's value.
        attempts: Every request made for it, in order.
        repairs: Liberties taken with what became the value: text repairs, coercions, defaults taken.
        quarantined: Items that were left out because they are wrong, with their raw values and issues.
        issues: What is still wrong, when the policy returns partial results; else empty.
        checked: The schema's verdict that ``value`` comes from.
        notes: What the caller should know about the schema, such as that it could not be strict.
    """

    value: T
    attempts: tuple[Attempt, ...]
    repairs: tuple[Repair, ...] = ()
    quarantined: tuple[Quarantined, ...] = ()
    issues: tuple[Issue, ...] = ()
    checked: Checked[T] | None = field(default=None, repr=False)
    notes: tuple[str, ...] = ()

    # A value is what a document said: it and the replies stay out, for a repr ends up in logs.
    def __repr__(self) -> str:
        model = self.attempts[-1].model if self.attempts else None
        counts = ", ".join(f"{n}={len(getattr(self, n))}" for n in ("attempts", "repairs", "quarantined", "issues"))
        ended = f"complete={self.complete}, cost={_money(self.cost)}"
        return f"Extraction({type(self.value).__name__}, model={model!r}, {counts}, {ended})"

    @property
    def wire(self) -> JSON:
        """The wire value that ``value`` was made from."""
        return None if self.checked is None else self.checked.wire

    @property
    def model(self) -> str:
        """The model whose reply was taken last."""
        return self.attempts[-1].model

    @property
    def complete(self) -> bool:
        """Whether nothing was quarantined or left wrong."""
        return not self.quarantined and not self.issues

    def to_dict(self, *, documents: bool = False) -> dict[str, Any]:
        """Describe the result as plain JSON values, as ``schemas/records/extraction.json`` says.

        Args:
            documents: Also keep the prompts, which quote the document.
        """
        return record(self, documents=documents)


def record(outcome: Extraction[Any] | ExtractError, *, documents: bool = False) -> dict[str, Any]:
    """Describe a result or a failure as one stable record of plain JSON values.

    Args:
        outcome: What ``Client.run`` returned or raised.
        documents: Also keep the prompts, which quote the document.
    """
    done = outcome if isinstance(outcome, Extraction) else None
    attempts: Sequence[Attempt] = outcome.attempts
    summary = done or Extraction(value=None, attempts=tuple(attempts))
    error = None if isinstance(outcome, Extraction) else outcome
    return {
        "format": FORMAT,
        "ok": done is not None,
        "value": _plain(done.wire) if done else None,
        "model": attempts[-1].model if attempts else None,
        "usage": _usage_dict(summary.usage),
        "cost": _money(summary.cost),
        "seconds": round(summary.seconds, 6),
        "error": _error_dict(error),
        "issues": [_issue_dict(i) for i in (done.issues if done else getattr(error, "issues", ()))],
        "repairs": [_repair_dict(repair) for repair in summary.repairs],
        "quarantined": [
            {"path": show_path(q.path), "value": _plain(q.value), "issues": [_issue_dict(i) for i in q.issues]}
            for q in summary.quarantined
        ],
        "notes": list(summary.notes),
        "attempts": [attempt.to_dict(documents=documents) for attempt in attempts],
    }


ExtractError.recorder = staticmethod(record)


def _request_dict(request: Request, *, documents: bool) -> dict[str, Any]:
    digest = hashlib.sha256()
    for message in request.messages:
        digest.update(f"{message.role}\0{message.content}\0".encode("utf-8", "surrogatepass"))
    told = {"messages": [{"role": m.role, "content": m.content} for m in request.messages]} if documents else {}
    return {
        "model": request.model,
        "schema": request.format.name if request.format else None,
        "strict": request.format.strict if request.format else None,
        "digest": digest.hexdigest(),
        "characters": sum(len(message.content) for message in request.messages),
        **told,
    }


def _reply_dict(reply: Reply | None) -> dict[str, Any] | None:
    if reply is None:
        return None
    return {"text": reply.text, "finish": reply.finish, "refusal": reply.refusal, "request_id": reply.request_id}


def _error_dict(error: ExtractError | None) -> dict[str, Any] | None:
    if error is None:
        return None
    failure = getattr(error, "failure", None)
    return {
        "type": type(error).__name__,
        "message": error.message,
        "advice": error.advice,
        "status": failure.status if failure else None,
        "code": failure.code if failure else None,
    }


def _issue_dict(issue: Issue) -> dict[str, Any]:
    return {"path": show_path(issue.path), "kind": issue.kind, "message": issue.message}


def _repair_dict(repair: Repair) -> dict[str, Any]:
    where = None if repair.path is None else show_path(repair.path)
    plain = {"before": _plain(repair.before), "after": _plain(repair.after)}
    return {"kind": repair.kind, "path": where, "offset": repair.offset, **plain}


def _plain(value: Any) -> Any:
    """The value as JSON knows it: what it does not know, infinities among it, as text."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    return value if isinstance(value, (str, int, type(None))) else str(value)


def _usage_dict(usage: Usage) -> dict[str, int | None]:
    return {
        "input_tokens": usage.input_tokens,
        "output_tokens": usage.output_tokens,
        "cached_tokens": usage.cached_tokens,
        "reasoning_tokens": usage.reasoning_tokens,
    }


def _money(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:f}"
