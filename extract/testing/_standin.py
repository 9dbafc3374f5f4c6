"""Calls in, plans out: the RunAPI stand-in, an HTTP server on loopback that enforces the published contract."""

from __future__ import annotations

import json
import random
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from extract.errors import ConfigError
from extract.kinds import hold, number, text, whole
from extract.testing import _chat, _responses
from extract.testing._catalog import CHAT, MINI, MODELS, RESPONSES
from extract.testing._contract import Contract, Rejection
from extract.testing._faults import KINDS, Fault, Raw, broken_events, broken_message, broken_reply, error_plan, framed
from extract.testing._http import Call, Plan, head, json_message
from extract.testing._loop import Loop
from extract.testing._settling import Plain, Settling

if TYPE_CHECKING:
    from typing_extensions import Self

    from extract.testing._asked import Asked

Answer: TypeAlias = "Plain | Fault | Raw | Callable[[dict[str, Any]], Plain | Fault | Raw]"

SECRET_HEADERS = frozenset({"authorization", "x-api-key", "x-goog-api-key", "proxy-authorization", "cookie"})
REDACTED = "<redacted>"
# Beyond this length a stream takes larger pieces: a million events would hold up every other connection.
LONG, LONG_PIECE = 1_000_000, 10_000
MODEL_LIST = "/v1/models"
LAST_PORT = 65_535
FAULT_HEADER = "x-standin-fault"
NOT_JSON = (
    "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP library "
    "correctly.)"
)


@dataclass(frozen=True, slots=True)
class Seen:
    """One request in the stand-in's log; secrets are redacted, the body stays out of reprs.

    ``status`` is what it was answered with, ``None`` when nothing was; ``fault`` is what struck it.
    """

    method: str
    path: str
    headers: Mapping[str, str] = field(repr=False)
    body: Any = field(repr=False)
    request_id: str
    status: int | None = None
    fault: str | None = None


@dataclass(kw_only=True)
class StandIn:
    """A RunAPI stand-in on loopback; use it as a context manager, or ``start()`` and ``stop()`` it.

    It knows the gateway's models, endpoints and parameter rules, refuses schemas outside strict mode's subset in the
    gateway's own words, streams in the real chunk shapes, counts usage, and fails on demand. Answers come from
    :meth:`script`; beyond its end from ``answer``, or are made up to fit the request's schema.

    Args:
        answer: What to answer when no script is left: one answer, or a function of the request's body.
        key: The key it accepts; a new one by default.
        models: Further model names it knows.
        faults: Kind → share of requests it strikes, from 0 to 1; see ``FAULTS``.
        seed: Decides made-up answers and which requests a fault strikes.
        latency: Seconds before each answer.
        pace: Seconds between a stream's events.
        piece: Characters in a stream's deltas.
        retry_after: Seconds that Retry-After names.
        port: 0 takes a free one.
        max_body: Bytes a request may have; more is 413.
        keep: Requests kept in the log; the oldest go first.
    """

    answer: Answer | None = field(default=None, repr=False)
    key: str = field(default_factory=lambda: f"runapi_{secrets.token_hex(12)}", repr=False)
    models: Iterable[str] = ()
    faults: Mapping[str, float] = field(default_factory=dict)
    seed: int = 0
    latency: float = 0.0
    pace: float = 0.0
    piece: int = 8
    retry_after: float = 1.0
    port: int = 0
    max_body: int = 64_000_000
    keep: int = 10_000

    def __post_init__(self) -> None:
        for name, value in hold({name: getattr(self, name) for name in _KINDS}, _KINDS).items():
            setattr(self, name, value)
        unknown = [kind for kind in self.faults if kind not in KINDS]
        if unknown:
            raise ConfigError(f"no fault is called {unknown[0]!r}", advice=f"choose from: {', '.join(KINDS)}")
        if not (all(share >= 0 for share in self.faults.values()) and sum(self.faults.values()) <= 1):
            raise ConfigError(
                "the faults' shares are below 0 or sum up to more than 1",
                advice='write for example faults={"429": 0.1}',
            )
        self._known = {**MODELS, **dict.fromkeys(self.models, MINI)}
        self._contract = Contract(self._known)
        self._dice = random.Random(self.seed)  # noqa: S311 - reproducible, not secret
        self._script: deque[Answer] = deque()
        self._log: deque[Seen] = deque(maxlen=self.keep)
        self._lock = threading.Lock()
        self._number = 0
        self._settling = Settling(self.seed)
        self._loop: Loop | None = None

    # -- its life --

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *exc: object) -> None:
        self.stop()

    def start(self) -> Self:
        """Listen; return the stand-in itself.

        Raises:
            ConfigError: When the port cannot be had.
        """
        if self._loop is None:
            self._loop = Loop(self._handle, port=self.port, max_body=self.max_body)
        return self

    def stop(self) -> None:
        """Break off every connection and stop listening."""
        if self._loop is not None:
            self._loop.stop()
            self._loop = None

    @property
    def connections(self) -> int:
        """How many connections are open now."""
        return 0 if self._loop is None else self._loop.connections

    @property
    def base_url(self) -> str:
        """What to give a client as its base URL."""
        if self._loop is None:
            raise ConfigError("the stand-in is not running", advice="use it in a with statement, or call start()")
        return f"http://127.0.0.1:{self._loop.port}/v1"

    @property
    def api_key(self) -> str:
        """The key it accepts."""
        return self.key

    # -- its script and its memory --

    def script(self, answers: Iterable[Answer]) -> None:
        """Queue answers; each is used by one request that keeps to the contract.

        An answer is a text; a dict or list, sent as JSON; a ``Reply`` (finish, refusal, usage); a :class:`Raw` HTTP
        reply; a function of the request's body; or a :class:`Fault`. A fault that only breaks an answer
        (``"fenced"``, ``"cut"`` …) breaks the next one.
        """
        if isinstance(answers, (str, Mapping)):
            raise ConfigError("answers is one answer, not a list of them", advice="write script([...])")
        with self._lock:
            self._script.extend(answers)

    @property
    def remaining(self) -> int:
        """Scripted answers not used yet."""
        with self._lock:
            return len(self._script)

    @property
    def requests(self) -> tuple[Seen, ...]:
        """The requests so far, the oldest first."""
        with self._lock:
            return tuple(self._log)

    def clear(self) -> None:
        """Forget the script and the log."""
        with self._lock:
            self._script.clear()
            self._log.clear()

    # -- one call --

    def _handle(self, call: Call) -> Plan:
        self._number += 1
        headers = {"x-request-id": f"req_{self._number:032x}"}
        if echoed := call.headers.get("x-client-request-id"):
            headers["x-client-request-id"] = echoed
        body = _parsed(call.body)
        plan = self._plan(call, body, headers)
        self._remember(call, body, headers, plan)
        return (self.latency, *plan) if self.latency and call.method == "POST" else plan

    def _plan(self, call: Call, body: Any, headers: dict[str, str]) -> Plan:
        if (rejected := self._gate(call)) is not None:
            return (json_message(rejected.status, rejected.body, headers),)
        fault = self._fault(call)
        if fault is not None and (plan := self._strike(fault, headers)) is not None:
            return plan
        if _about_models(call.path):
            whole = self._models_message(call.path, headers)
            return (whole,) if fault is None else broken_message(fault, whole)
        unreadable = body is _UNREADABLE
        rejected = Rejection(NOT_JSON) if unreadable else self._contract.objection(call.path, body)
        if rejected is not None:
            return (json_message(rejected.status, rejected.body, headers),)
        return self._scripted(self._contract.asked(call.path, body), headers, fault)

    def _scripted(self, asked: Asked, headers: dict[str, str], fault: Fault | None) -> Plan:
        """Answer with the script's next item; a fault in the script breaks the item after it."""
        try:
            item = self._next(asked)
            while isinstance(item, Fault):
                if (plan := self._strike(item, headers)) is not None:
                    return plan
                fault, item = item, self._next(asked, broken=True)
            return item.plan(headers) if isinstance(item, Raw) else self._answer(asked, item, headers, fault)
        except Exception as error:  # noqa: BLE001 - the user's function; 400, because no client retries that
            rejected = Rejection(f"the stand-in's answer failed: {type(error).__name__}: {error}", code="answer_failed")
            return (json_message(rejected.status, rejected.body, headers),)

    def _strike(self, fault: Fault, headers: dict[str, str]) -> Plan | None:
        """Return what an error fault sends, ``None`` for one that breaks an answer; mark the reply with it."""
        headers[FAULT_HEADER] = fault.kind
        return error_plan(fault, headers, self.retry_after)

    def _gate(self, call: Call) -> Rejection | None:
        models = _about_models(call.path)
        if call.path not in (CHAT, RESPONSES) and not models:
            return Rejection(f"Invalid URL ({call.method} {call.path})", status=404)
        if call.method != ("GET" if models else "POST"):
            text = f"Not allowed to {call.method} on {call.path}."
            return Rejection(text, code="method_not_supported", status=405)
        scheme, _, token = call.headers.get("authorization", "").partition(" ")
        given = token.strip() if scheme.lower() == "bearer" else call.headers.get("x-api-key", "")
        if secrets.compare_digest(given.encode(), self.key.encode()):
            return None
        if models and not given:  # the list is open to all, as published
            return None
        if given:
            return Rejection("Incorrect API key provided.", code="invalid_api_key", status=401)
        text = (
            "You didn't provide an API key. Provide it in an Authorization header using Bearer auth, or in x-api-key."
        )
        return Rejection(text, status=401)

    def _models_message(self, path: str, headers: dict[str, str]) -> bytes:
        cards = [
            {"id": name, "object": "model", "created": 1_780_000_000, "owned_by": "openai"} for name in self._known
        ]
        name = path.removeprefix(MODEL_LIST).strip("/")
        if not name:
            return json_message(200, {"object": "list", "data": cards}, headers)
        if name in self._known:
            return json_message(200, next(card for card in cards if card["id"] == name), headers)
        rejected = Rejection(f"The model '{name}' does not exist", "model", "model_not_found", 404)
        return json_message(404, rejected.body, headers)

    def _answer(self, asked: Asked, item: Plain, headers: dict[str, str], fault: Fault | None) -> Plan:
        reply = self._settling.settled(asked, item)
        if fault is not None:
            reply = broken_reply(fault, reply)
        identity = _chat.Identity(self._number, int(time.time()), str(asked.body["model"]))
        shape = _chat if asked.chat else _responses
        if not asked.stream:
            whole = json_message(200, shape.body(asked, reply, identity), headers)
            return (whole,) if fault is None else broken_message(fault, whole)
        piece = self.piece if len(reply.text) <= LONG else max(self.piece, LONG_PIECE)
        events = list(shape.events(asked, reply, identity, piece))
        events, end = (events, None) if fault is None else broken_events(fault, events, chat=asked.chat)
        kinds = {"content-type": "text/event-stream; charset=utf-8", "transfer-encoding": "chunked"}
        plan = framed(events, end, self.pace)
        start = head(200, {**kinds, "cache-control": "no-cache", **headers})
        return (start + plan[0], *plan[1:]) if isinstance(plan[0], bytes) else (start, *plan)

    # -- what is answered --

    def _fault(self, call: Call) -> Fault | None:
        """Choose a fault: by the request's header, else by lot."""
        kind = call.headers.get(FAULT_HEADER)
        if kind in KINDS:
            return Fault(str(kind))
        if not self.faults:
            return None
        lot = self._dice.random()
        for kind, share in self.faults.items():
            if lot < share:
                return Fault(kind)
            lot -= share
        return None

    def _next(self, asked: Asked, *, broken: bool = False) -> Plain | Fault | Raw:
        """Take the next answer; ``broken`` when a fault already waits to break it, and no other may."""
        with self._lock:
            scripted = bool(self._script)
            item = self._script.popleft() if scripted else self.answer
        if callable(item):
            item = item(dict(asked.body))
        if item is None or (broken and not scripted and isinstance(item, Fault)):
            return self._settling.made_up(asked)
        return item

    def _remember(self, call: Call, body: Any, headers: Mapping[str, str], plan: Plan) -> None:
        shown = {name: REDACTED if name in SECRET_HEADERS else value for name, value in call.headers.items()}
        first = plan[0]
        seen = Seen(
            method=call.method,
            path=call.target.replace(self.key, REDACTED),
            headers=shown,
            body=None if body is _UNREADABLE else body,
            request_id=headers["x-request-id"],
            status=int(first[9:12]) if isinstance(first, bytes) else None,
            fault=headers.get(FAULT_HEADER),
        )
        with self._lock:
            self._log.append(seen)


_SECONDS = number("a number of seconds, 0 or more", "0.2", lambda value: value >= 0, optional=False)
_KINDS = {
    "key": text("runapi_test", private=True, optional=False),
    "latency": _SECONDS,
    "pace": _SECONDS,
    "retry_after": _SECONDS,
    "piece": whole("a whole number, 1 or more", "8", lambda value: value >= 1, optional=False),
    "port": whole("a port from 0 to 65535", "8080", lambda value: 0 <= value <= LAST_PORT, optional=False),
    "seed": whole("a whole number", "7", optional=False),
}
_UNREADABLE = object()


def _about_models(path: str) -> bool:
    return path.rstrip("/") == MODEL_LIST or path.startswith(f"{MODEL_LIST}/")


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return _UNREADABLE
