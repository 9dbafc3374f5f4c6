"""What can go wrong, as values: who is at fault, where, what was found and what to do about it.

The tree is small on purpose; the branch says who is at fault::

    ExtractError
    ├─ ConfigError           settings, keys or extras are missing or contradict each other
    ├─ SchemaError           the declared type cannot be expressed; raised before any money is spent
    ├─ DocumentError         a source cannot be read
    ├─ EngineError           no usable reply came back            → retry if .retryable
    │   ├─ ConnectionFailed · TimedOut · RateLimited · ServerFailed
    │   └─ Unauthorized · InsufficientCredits · ModelRetired · RequestRejected
    ├─ ReplyError            a reply came back and is unusable    → reask (.issues)
    │   └─ Refused · Filtered · Truncated · DecodeError · ValidationError
    ├─ BudgetExceeded        stopping was our choice
    └─ Exhausted             every permitted attempt failed
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from extract.exchange import Attempt, Extraction
    from extract.typing import Repair, Reply, Usage

__all__ = [
    "BudgetExceeded",
    "ConfigError",
    "ConnectionFailed",
    "DecodeError",
    "DocumentError",
    "EngineError",
    "Exhausted",
    "ExtractError",
    "Filtered",
    "InsufficientCredits",
    "Issue",
    "ModelRetired",
    "Path",
    "RateLimited",
    "Refused",
    "ReplyError",
    "RequestRejected",
    "SchemaError",
    "ServerFailed",
    "TimedOut",
    "Truncated",
    "Unauthorized",
    "ValidationError",
    "show_path",
]

SHOWN = 5
"""Issues quoted in an error's message; all of them are in ``.issues``."""

Path: TypeAlias = "tuple[str | int, ...]"
"""Where a value sits: keys and indices from the root. ``()`` is the root itself."""


def show_path(path: Path) -> str:
    """Write a path the way people read it: ``("lines", 0, "qty")`` → ``$.lines[0].qty``."""
    parts = ["$"]
    for step in path:
        if isinstance(step, int):
            parts.append(f"[{step}]")
        elif step.isidentifier():
            parts.append(f".{step}")
        else:
            parts.append(f"[{step!r}]")
    return "".join(parts)


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing wrong at one path.

    Args:
        path: Where, in the wire value the model wrote.
        message: What is wrong. A validator of your own may quote the value here; ``str(issue)`` leaves the quote out.
        kind: A stable machine word (pydantic's error type where there is one).
        found: The offending value; kept for the record, left out of every repr.
        paths: Further paths the same issue is about (a check across fields names all of them).
    """

    path: Path
    message: str
    kind: str = "invalid"
    found: Any = field(default=None, repr=False)
    paths: tuple[Path, ...] = ()

    def below(self, path: Path) -> Issue:
        """The same, told from a value in which the part that it is about stands at ``path``."""
        return replace(self, path=(*path, *self.path), paths=tuple((*path, *each) for each in self.paths))

    def __repr__(self) -> str:
        return f"Issue({show_path(self.path)!r}, {self.kind!r})"

    def __str__(self) -> str:
        return f"{_unquoted(self)} @ {show_path(self.path)}"


def _unquoted(issue: Issue) -> str:
    """What is wrong, without the value: what the message repeats of it is left out."""
    least = 1 if issue.kind in _AUTHORS else _SHORTEST_QUOTE
    work, quoted = [issue.found], set()
    for _ in range(_MOST_LEAVES):
        if not work:
            break
        each = work.pop()
        if isinstance(each, dict):
            work += each.values()
        elif isinstance(each, (list, tuple)):
            work += each
        elif each is not None and not isinstance(each, bool) and (isinstance(each, str) or least == 1):
            quoted.add(str(each).strip())
    else:
        return f"Should be otherwise ({issue.kind})"
    said = issue.message
    for text in sorted(quoted, key=len, reverse=True):
        if len(text) >= least and text.casefold() in said.casefold():
            said = re.sub(rf"(?<!\w){re.escape(text)}(?!\w)", "…", said, flags=re.IGNORECASE)
    return said


_AUTHORS = frozenset({"value_error", "assertion_error"})
"""Kinds of issues whose words are those of the author's own validators."""
_SHORTEST_QUOTE = 3
_MOST_LEAVES = 20_000


class ExtractError(Exception):
    """Root of every error this library raises on purpose.

    Args:
        message: What happened and where.
        advice: What the reader can do about it; shown on a line of its own.

    Attributes:
        attempts: Every request made before this error, with its outcome, usage and cost.
    """

    # Attempts are the exchange's: it says here how they are recorded, for this module is below it.
    recorder: ClassVar[Callable[..., dict[str, Any]]]

    def __init__(self, message: str, *, advice: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice
        self.attempts: tuple[Attempt, ...] = ()

    def __str__(self) -> str:
        return f"{self.message}\n  → {self.advice}" if self.advice else self.message

    def to_dict(self, *, documents: bool = False) -> dict[str, Any]:
        """Describe the failure with its attempts as plain JSON values: the record that ``Extraction.to_dict`` gives.

        Args:
            documents: Also keep the prompts, which quote the document.
        """
        return self.recorder(self, documents=documents)


class ConfigError(ExtractError):
    """Settings, keys, extras or files of ours are missing or contradict each other."""


class SchemaError(ExtractError):
    """The declared type cannot be expressed; raised at compile time, before money is spent."""

    def __init__(self, message: str, *, path: Path = (), advice: str = "") -> None:
        super().__init__(f"{message} @ {show_path(path)}", advice=advice)
        self.path = path


class DocumentError(ExtractError):
    """A source cannot be read; ``limit`` names the one of ``Limits`` that it exceeds, if that is why."""

    def __init__(self, message: str, *, source: str = "", limit: str = "", advice: str = "") -> None:
        super().__init__(f"{source}: {message}" if source else message, advice=advice)
        self.source = source
        self.limit = limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """What the other side said when it failed: the facts behind an :class:`EngineError`.

    ``correction`` names what the engine will do differently if the same request is sent again
    (a parameter it has learned to drop); the exchange then sends it once more. ``partial`` is the text that
    had come when a stream broke off; it stays out of reprs.
    """

    status: int | None = None
    code: str | None = None
    param: str | None = None
    request_id: str | None = None
    retry_after: float | None = None
    usage: Usage | None = None
    correction: str | None = None
    partial: str = field(default="", repr=False)
    seconds: float = 0.0


class EngineError(ExtractError):
    """No usable reply came back. Retried when ``retryable``; ``retry_after`` is in seconds."""

    default_retryable: ClassVar[bool] = False

    def __init__(
        self,
        message: str,
        *,
        advice: str = "",
        retryable: bool | None = None,
        failure: Failure | None = None,
    ) -> None:
        super().__init__(message, advice=advice)
        self.failure = failure or Failure()
        self.retryable = self.default_retryable if retryable is None else retryable

    @property
    def status(self) -> int | None:
        """HTTP status, when there was one."""
        return self.failure.status

    @property
    def code(self) -> str | None:
        """The gateway's machine word for the error (``rate_limited``, ``model_retired`` …)."""
        return self.failure.code

    @property
    def retry_after(self) -> float | None:
        """Seconds the other side asked us to wait."""
        return self.failure.retry_after

    @property
    def usage(self) -> Usage | None:
        """Tokens that were spent all the same."""
        return self.failure.usage


class ConnectionFailed(EngineError):
    """The connection could not be made, or broke before the reply was complete."""

    default_retryable = True


class TimedOut(EngineError):
    """No complete reply within the time allowed."""

    default_retryable = True


class RateLimited(EngineError):
    """429: too many requests; ``retry_after`` when the gateway named a wait."""

    default_retryable = True


class ServerFailed(EngineError):
    """5xx, or a 200 whose body is not a reply (an HTML page, an empty body)."""

    default_retryable = True


class Unauthorized(EngineError):
    """401/403, or no key was found at all."""


class InsufficientCredits(EngineError):
    """402, or a 429 that says the quota is spent: waiting does not help."""


class ModelRetired(EngineError):
    """410, or a model the gateway does not know."""


class RequestRejected(EngineError):
    """Any other 4xx: the request itself is at fault."""


class ReplyError(ExtractError):
    """A reply came back and is unusable.

    Attributes:
        issues: What is wrong, each at its path.
        reply: The reply as it came; left out of the message, for it may hold the document.
        repairs: Liberties taken before giving up.
    """

    def __init__(
        self,
        message: str,
        *,
        issues: Sequence[Issue] = (),
        reply: Reply | None = None,
        repairs: Sequence[Repair] = (),
        advice: str = "",
    ) -> None:
        super().__init__(message, advice=advice)
        self.issues = tuple(issues)
        self.reply = reply
        self.repairs = tuple(repairs)


class Refused(ReplyError):
    """The model declined to answer; ``str(error)`` does not quote it, ``.reply.refusal`` does."""


class Filtered(ReplyError):
    """The gateway's content filter cut the answer off."""


class Truncated(ReplyError):
    """The answer ran into its token limit before it was complete."""


class DecodeError(ReplyError):
    """The reply's text holds no JSON value, even after every permitted repair."""


class ValidationError(ReplyError):
    """The value is JSON but not the declared type; one issue per failing path."""

    @classmethod
    def of(cls, issues: Sequence[Issue], *, repairs: Sequence[Repair] = ()) -> ValidationError:
        """Build from issues; the message lists the first few."""
        shown = "; ".join(str(issue) for issue in issues[:SHOWN])
        more = f"; and {len(issues) - SHOWN} more" if len(issues) > SHOWN else ""
        return cls(f"{len(issues)} issue(s): {shown}{more}", issues=issues, repairs=repairs)


class BudgetExceeded(ExtractError):
    """Stopping was our choice: a limit of the policy was reached. ``limit`` names it.

    Attributes:
        partial: An ``Extraction`` of the good items, when the last reply had some; else ``None``.
    """

    def __init__(self, message: str, *, limit: str, advice: str = "") -> None:
        super().__init__(message, advice=advice)
        self.limit = limit
        self.partial: Extraction[Any] | None = None


class Exhausted(ExtractError):
    """Every permitted attempt failed; ``last`` is the error of the last one.

    Attributes:
        last: The last attempt's error (also ``__cause__``).
        issues: What was still wrong.
        partial: An ``Extraction`` of the good items, when the last reply had some; else ``None``.
    """

    def __init__(self, message: str, *, last: ExtractError, advice: str = "") -> None:
        super().__init__(message, advice=advice)
        self.last = last
        self.partial: Extraction[Any] | None = None
        self.__cause__ = last

    @property
    def issues(self) -> tuple[Issue, ...]:
        """The last reply's issues; empty when no reply came back."""
        return self.last.issues if isinstance(self.last, ReplyError) else ()
