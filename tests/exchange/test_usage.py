"""Unknown is not zero: counts of tokens that nobody reported stay unknown in sums, prices, limits and records."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from pydantic import BaseModel

import extract
from extract.errors import BudgetExceeded, ConnectionFailed, Failure, ServerFailed
from extract.models import cost
from extract.testing import Broken, ScriptedEngine
from extract.typing import Reply, Usage


class Name(BaseModel):
    name: str


GOOD = Reply(text='{"name": "x"}', usage=Usage(100, 20, 10, 5))
BAD = Reply(text="nonsense", usage=Usage(100, 20, 10, 5))
NO_BILL = Reply(text="nonsense")
AT_ONCE = extract.Policy(backoff=0)


def test_a_sum_with_an_unknown_is_unknown() -> None:
    """Count by count; totals too."""
    known = Usage(1, 2, 3, 4)
    assert known + known == Usage(2, 4, 6, 8)
    assert known + Usage(1, 2) == Usage(2, 4, None, None)
    assert (known + Usage(1, 2)).total_tokens == 6
    assert Usage().total_tokens is None
    assert Usage(0, 0).total_tokens == 0


def test_what_has_no_bill_has_no_price() -> None:
    """Only cached tokens may be untold: then none were, so that the cost is never too low."""
    assert cost("gpt-5.5", Usage(5)) is None
    assert cost("gpt-5.5", Usage(None, 5)) is None
    assert cost("gpt-5.5", Usage(0, 0)) == 0
    assert cost("gpt-5.5", Usage(1_000, 10)) == cost("gpt-5.5", Usage(1_000, 10, 0, 0))


def test_a_reply_without_its_bill_makes_the_sum_unknown(run: Any) -> None:
    """Not zero, not the other replies' sum; a failure that cost nothing leaves it as it is."""
    extraction = run(ScriptedEngine([NO_BILL, GOOD]), Name, "text", model="gpt-5.5")
    assert extraction.usage == Usage()
    assert extraction.cost is None
    assert extraction.to_dict()["usage"]["input_tokens"] is None
    extraction = run(ScriptedEngine([ServerFailed("502"), GOOD]), Name, "text", model="gpt-5.5", policy=AT_ONCE)
    assert extraction.usage == GOOD.usage
    assert isinstance(extraction.cost, Decimal)


def test_a_stream_that_died_has_cost_something(watch: Any) -> None:
    """Text had come and no bill: what it cost is unknown."""
    dead = Broken('{"na', ConnectionFailed("the stream broke off", failure=Failure(partial='{"na')))
    _, extraction = watch(ScriptedEngine([dead, GOOD]), "stream", Name, model="gpt-5.5", policy=AT_ONCE)
    assert [a.cost is None for a in extraction.attempts] == [True, False]
    assert extraction.cost is None
    assert extraction.usage == Usage()


def test_limits_say_what_they_do_not_know(run: Any) -> None:
    """Tokens are estimated, and that is said; money cannot be kept, and that is said."""
    with pytest.raises(BudgetExceeded, match="estimated") as caught:
        run(ScriptedEngine([NO_BILL]), Name, "text " * 200, policy=extract.Policy(tokens=50))
    assert caught.value.limit == "tokens"
    with pytest.raises(BudgetExceeded, match="without its bill"):
        run(ScriptedEngine([NO_BILL]), Name, "text", model="gpt-5.5", policy=extract.Policy(money=1))
    with pytest.raises(BudgetExceeded) as caught:
        run(ScriptedEngine([BAD]), Name, "text", policy=extract.Policy(tokens=120))
    assert "estimated" not in str(caught.value)
