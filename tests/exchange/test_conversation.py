"""The conversation, stepped by hand: no clock, no network, no double of our own code."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from pydantic import BaseModel, Field

from extract.errors import (
    BudgetExceeded,
    ConnectionFailed,
    DecodeError,
    Exhausted,
    Failure,
    Filtered,
    RateLimited,
    Refused,
    RequestRejected,
    ServerFailed,
    TimedOut,
    Truncated,
    Unauthorized,
    ValidationError,
)
from extract.exchange import Done, Policy, Send, Task, Wait, exchange
from extract.schema import Schema
from extract.typing import Parameters, Reply, Usage


class Line(BaseModel):
    name: str
    qty: int = Field(ge=1)


class Order(BaseModel):
    number: str
    lines: list[Line]


GOOD = {"number": "A-17", "lines": [{"name": "tea", "qty": 2}]}


def task(**said: Any) -> Task[Order]:
    return Task(**{"schema": Schema.of(Order), "document": "Order A-17: 2 tea", "model": "gpt-5.4-mini", **said})


def reply(value: Any, **said: Any) -> Reply:
    text = value if isinstance(value, str) else json.dumps(value)
    return Reply(**{"text": text, "usage": Usage(100, 20), "seconds": 0.5, "model": "gpt-5.4-mini", **said})


def test_a_good_reply_ends_the_conversation() -> None:
    """One request, one reply, one typed value with its account."""
    steps = exchange(task())
    asked = next(steps)
    assert isinstance(asked, Send)
    assert asked.request.messages[-1].content == "Order A-17: 2 tea"
    done = steps.send(reply(GOOD))
    assert isinstance(done, Done)
    extraction = done.extraction
    assert extraction.value == Order.model_validate(GOOD)
    assert extraction.usage == Usage(100, 20)
    assert extraction.cost == Decimal("0.0000825")  # (100 × 0.75 + 20 × 4.5) / 1e6 / 2
    assert [a.kind for a in extraction.attempts] == ["ask"]
    assert extraction.repairs == ()


def test_a_transport_failure_is_waited_out_and_retried() -> None:
    """Backoff doubles; a named wait wins; every failure stays on record."""
    steps = exchange(task(policy=Policy(backoff=1.0)))
    next(steps)
    assert steps.throw(ServerFailed("502", failure=Failure(status=502, seconds=0.25))) == Wait(1.0, 0.5)
    assert isinstance(steps.send(1.2), Send)
    assert steps.throw(RateLimited("429", failure=Failure(status=429, retry_after=7.5))) == Wait(7.5, 0.1)
    assert isinstance(steps.send(7.6), Send)
    done = steps.send(reply(GOOD))
    assert [a.kind for a in done.extraction.attempts] == ["ask", "retry", "retry"]
    assert [type(a.error).__name__ for a in done.extraction.attempts] == ["ServerFailed", "RateLimited", "NoneType"]
    assert done.extraction.seconds == 0.75


def test_retries_run_out() -> None:
    """The last transport failure is the cause; all attempts are carried."""
    steps = exchange(task(policy=Policy(retries=1)))
    next(steps)
    assert isinstance(steps.throw(ServerFailed("502")), Wait)
    steps.send(None)
    with pytest.raises(Exhausted) as caught:
        steps.throw(ServerFailed("502 again"))
    assert isinstance(caught.value.last, ServerFailed)
    assert len(caught.value.attempts) == 2


def test_a_fatal_error_is_raised_as_itself() -> None:
    """What trying again cannot help is not tried again."""
    steps = exchange(task())
    next(steps)
    with pytest.raises(Unauthorized) as caught:
        steps.throw(Unauthorized("no such key"))
    assert len(caught.value.attempts) == 1


def test_a_dropped_parameter_is_sent_again_once_and_said() -> None:
    """The engine has learned to drop it; the same request goes out again without a wait."""
    steps = exchange(task(parameters=Parameters(temperature=0.3)))
    first = next(steps)
    again = steps.throw(RequestRejected("no temperature", failure=Failure(status=400, correction="temperature")))
    assert again == first
    done = steps.send(reply(GOOD, dropped=("temperature",)))
    assert [a.kind for a in done.extraction.attempts] == ["ask", "correct"]
    assert done.extraction.attempts[-1].dropped == ("temperature",)


def test_a_reask_tells_paths_and_messages() -> None:
    """An unreadable reply is asked for again as a whole, with the reason."""
    steps = exchange(task())
    next(steps)
    again = steps.send(reply("I could not find an order here."))
    assert isinstance(again, Send)
    assert "not valid JSON" in again.request.messages[-1].content
    assert again.request.format is Schema.of(Order).format
    done = steps.send(reply(GOOD))
    assert [a.kind for a in done.extraction.attempts] == ["ask", "reask"]
    assert isinstance(done.extraction.attempts[0].error, DecodeError)
    assert done.extraction.usage == Usage(200, 40)


def test_a_bad_cell_is_mended_by_itself() -> None:
    """Only the failing path is asked for again; the answer is spliced and the whole revalidated."""
    lines = [{"name": f"item {i}", "qty": i + 1} for i in range(50)]
    lines[31]["qty"] = 0
    steps = exchange(task())
    next(steps)
    again = steps.send(reply({"number": "A-17", "lines": lines}))
    assert isinstance(again, Send)
    assert again.request.format is not Schema.of(Order).format
    said = again.request.messages[-1].content
    assert "$.lines[31].qty" in said
    assert "greater than or equal to 1" in said
    assert "item 31" in said
    assert "item 30" not in said
    (key,) = again.request.format.schema["properties"]
    done = steps.send(reply({key: 32}))
    assert isinstance(done, Done)
    assert [line.qty for line in done.extraction.value.lines] == list(range(1, 51))
    assert [a.kind for a in done.extraction.attempts] == ["ask", "mend"]


def test_reasks_run_out() -> None:
    """The failure carries every attempt, the last issues and what was good."""
    bad = {"number": "A-17", "lines": [{"name": "tea", "qty": 2}, {"name": "milk", "qty": 0}]}
    steps = exchange(task(policy=Policy(reasks=0)))
    next(steps)
    with pytest.raises(Exhausted) as caught:
        steps.send(reply(bad))
    error = caught.value
    assert [issue.path for issue in error.issues] == [("lines", 1, "qty")]
    assert isinstance(error.last, ValidationError)
    assert error.partial is not None
    assert [line.name for line in error.partial.value.lines] == ["tea"]
    assert [q.path for q in error.partial.quarantined] == [("lines", 1)]


def test_bad_items_can_be_quarantined_at_once() -> None:
    """``bad_items="return"`` keeps the good ones and says what was left out."""
    bad = {"number": "A-17", "lines": [{"name": "tea", "qty": 2}, {"name": "milk", "qty": 0}]}
    steps = exchange(task(policy=Policy(bad_items="return")))
    next(steps)
    done = steps.send(reply(bad))
    assert [line.name for line in done.extraction.value.lines] == ["tea"]
    assert [q.value for q in done.extraction.quarantined] == [{"name": "milk", "qty": 0}]
    assert not done.extraction.complete


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ({"text": "", "refusal": "I will not."}, Refused),
        ({"text": '{"numb', "finish": "content_filter"}, Filtered),
    ],
)
def test_refusals_and_filters_are_errors_of_their_own(said: dict[str, Any], error: type[Exception]) -> None:
    """They are raised at once, with the attempt and its usage."""
    steps = exchange(task())
    next(steps)
    with pytest.raises(error) as caught:
        steps.send(Reply(usage=Usage(5, 6), **said))
    assert caught.value.attempts[0].usage == Usage(5, 6)
    assert "I will not" not in str(caught.value)


def test_a_cut_list_is_continued_after_its_last_complete_item() -> None:
    """Complete items are kept, the rest is asked for, and the seam is checked."""
    lines = [{"name": f"item {i}", "qty": 1} for i in range(6)]
    cut = json.dumps({"number": "A-17", "lines": lines})[:-60]
    steps = exchange(task())
    next(steps)
    again = steps.send(reply(cut, finish="length"))
    assert isinstance(again, Send)
    assert "item 3" in again.request.messages[-1].content
    done = steps.send(reply({"number": "A-17", "lines": lines[3:]}))
    assert [line.name for line in done.extraction.value.lines] == [f"item {i}" for i in range(6)]
    assert [a.kind for a in done.extraction.attempts] == ["ask", "continue"]
    assert isinstance(done.extraction.attempts[0].error, Truncated)


def test_an_item_cut_in_two_is_none() -> None:
    """Only complete items are kept; a continuation may be cut off in turn, and items may be alike."""
    lines = [{"name": "same", "qty": 1}] * 3 + [{"name": f"item {i}", "qty": 1} for i in range(4)]
    text = json.dumps({"number": "A-17", "lines": lines})
    steps = exchange(task())
    next(steps)
    steps.send(reply(text[: text.index('"item 0"') + 8], finish="length"))
    second = json.dumps({"number": "A-17", "lines": lines[2:6]})
    again = steps.send(reply(second[: second.index('"item 2"') + 12], finish="length"))
    assert "item 1" in again.request.messages[-1].content
    done = steps.send(reply({"number": "A-17", "lines": lines[4:]}))
    assert [line.name for line in done.extraction.value.lines] == [line["name"] for line in lines]
    assert [a.kind for a in done.extraction.attempts] == ["ask", "continue", "continue"]


def test_a_seam_that_does_not_fit_is_not_joined() -> None:
    """A continuation that begins somewhere else is wrong, not silently short."""
    lines = [{"name": f"item {i}", "qty": 1} for i in range(6)]
    cut = json.dumps({"number": "A-17", "lines": lines})[:-60]
    steps = exchange(task(policy=Policy(reasks=0)))
    next(steps)
    steps.send(reply(cut, finish="length"))
    with pytest.raises(Exhausted) as caught:
        steps.send(reply({"number": "A-17", "lines": lines[5:]}))
    assert [issue.kind for issue in caught.value.issues] == ["seam"]


def test_a_cut_without_items_gets_a_higher_limit() -> None:
    """Nothing to continue after: the same question with twice the room, then the error as itself."""
    steps = exchange(task(parameters=Parameters(max_output_tokens=16), policy=Policy(continues=1)))
    next(steps)
    again = steps.send(reply('{"number": "A-1', finish="length"))
    assert again.request.parameters.max_output_tokens == 32
    with pytest.raises(Truncated) as caught:
        steps.send(reply('{"number": "A-1', finish="length"))
    assert [a.kind for a in caught.value.attempts] == ["ask", "widen"]


@pytest.mark.parametrize(
    ("policy", "limit"),
    [
        (Policy(attempts=1), "attempts"),
        (Policy(tokens=120), "tokens"),
        (Policy(money=0.0001), "money"),
        (Policy(seconds=0.4), "seconds"),
    ],
)
def test_limits_stop_before_the_next_request(policy: Policy, limit: str) -> None:
    """The budget is looked at before money is spent, and what was made is carried."""
    steps = exchange(task(policy=policy))
    next(steps)
    with pytest.raises(BudgetExceeded) as caught:
        steps.send(reply("nonsense"))
    assert caught.value.limit == limit
    assert len(caught.value.attempts) == 1
    assert caught.value.__cause__ is caught.value.attempts[0].error
    assert str(caught.value.attempts[0].error.message) in caught.value.message


@pytest.mark.parametrize("waited", [None, 2.0], ids=["before the wait", "after it"])
def test_a_limit_hides_no_cause(waited: float | None) -> None:
    """Where the time runs out while the gateway fails, both are named, and what may be done about either."""
    steps = exchange(task(policy=Policy(seconds=1 if waited else 0.6)))
    next(steps)
    then = [lambda: steps.send(waited)] if waited else []
    refused = ConnectionFailed("nobody answers", advice="check the port", failure=Failure(seconds=0.25))
    with pytest.raises(BudgetExceeded, match="nobody answers") as caught:
        _ = [steps.throw(refused), *(each() for each in then)]
    assert caught.value.limit == "seconds"
    assert caught.value.__cause__ is refused
    assert caught.value.advice.startswith("check the port; or raise Policy(seconds=")
    slow = exchange(task(policy=Policy(seconds=0.6)))
    next(slow)
    with pytest.raises(BudgetExceeded) as caught:
        slow.throw(TimedOut("no reply", advice="allow more time", failure=Failure(seconds=0.6)))
    assert caught.value.advice.startswith("raise Policy(seconds=")


def test_a_limit_on_money_needs_a_known_price() -> None:
    """A model of unknown price is not asked when money is limited."""
    steps = exchange(task(model="who-knows", policy=Policy(money=1)))
    with pytest.raises(BudgetExceeded, match="unknown"):
        next(steps)


def test_the_time_left_shortens_the_timeout() -> None:
    """A request may not take longer than what is left of the policy's seconds."""
    steps = exchange(task(policy=Policy(seconds=10)))
    assert next(steps).request.parameters.timeout == 10
    again = steps.send(reply("nonsense", seconds=4))
    assert again.request.parameters.timeout == 6


def test_reasks_climb_the_ladder_of_models() -> None:
    """Each reask moves one rung up."""
    policy = Policy(models=("gpt-5.4-nano", "gpt-5.4-mini", "gpt-5.5"), reasks=0)
    steps = exchange(task(policy=policy))
    asked = [next(steps).request.model]
    asked += [steps.send(reply("nonsense")).request.model for _ in range(2)]
    assert asked == ["gpt-5.4-nano", "gpt-5.4-mini", "gpt-5.5"]
    with pytest.raises(Exhausted):
        steps.send(reply("nonsense"))


def test_a_value_left_out_is_asked_for_by_itself() -> None:
    """``"number": ,`` is no zero and no cut: the place is an issue like any other."""
    steps = exchange(task())
    next(steps)
    again = steps.send(reply('{"number": , "lines": [{"name": "tea", "qty": 2}]}'))
    assert isinstance(again, Send)
    done = steps.send(reply(dict.fromkeys(again.request.format.schema["properties"], "A-17")))
    assert done.extraction.value == Order.model_validate(GOOD)
    assert [a.kind for a in done.extraction.attempts] == ["ask", "mend"]


def test_a_continuation_that_can_be_read_in_two_ways_is_not_guessed() -> None:
    """Identical items: the list from its start, or one more of them? Asked again rather than one lost."""
    same = {"name": "same", "qty": 1}
    text = json.dumps({"number": "A-17", "lines": [same, same, same]})
    steps = exchange(task())
    next(steps)
    steps.send(reply(text[: text.rindex("{")], finish="length"))
    again = steps.send(reply({"number": "A-17", "lines": [same, same]}))
    assert isinstance(again, Send)
    done = steps.send(reply({"number": "A-17", "lines": [same, same, same]}))
    assert len(done.extraction.value.lines) == 3
    assert [a.kind for a in done.extraction.attempts] == ["ask", "continue", "reask"]


def test_a_limit_on_tokens_holds_without_a_bill() -> None:
    """Replies that report no usage are estimated, not taken for free."""
    steps = exchange(task(document="order " * 100, policy=Policy(tokens=50, reasks=5)))
    next(steps)
    with pytest.raises(BudgetExceeded) as caught:
        steps.send(reply("nonsense", usage=None))
    assert caught.value.limit == "tokens"


def test_bad_items_speaks_of_items_only() -> None:
    """With ``bad_items="raise"`` a reply that is no JSON, or a wrong field of its own, is still asked about again."""
    policy = Policy(bad_items="raise")
    steps = exchange(task(policy=policy))
    next(steps)
    assert isinstance(steps.send(reply("not json")), Send)
    with pytest.raises(Exhausted):
        steps.send(reply({"number": "A-17", "lines": [{"name": "tea", "qty": 0}]}))
