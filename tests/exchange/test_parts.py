"""A type too large for one wire schema is asked for in parts, and comes back as one value."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from pydantic import BaseModel, create_model

import extract
from extract.testing import ScriptedEngine

FIELDS = 6_000
Wide: type[BaseModel] = create_model("Wide", **{f"f{n:04}": (int, ...) for n in range(FIELDS)})  # type: ignore[call-overload]


def answer(request: Any) -> dict[str, int]:
    """Answer whatever part is asked for: each field's number."""
    return {key: int(key[1:]) for key in request.format.schema["properties"]}


def test_parts_are_asked_one_after_the_other_and_joined(run: Any) -> None:
    """Every request obeys the limit, the value is whole, and the report says why there were several."""
    engine = ScriptedEngine(answer)
    extraction = run(engine, Wide, "text")
    assert extraction.value.model_dump() == {f"f{n:04}": n for n in range(FIELDS)}
    assert [a.kind for a in extraction.attempts] == ["ask", "part"]
    assert all(len(request.format.schema["properties"]) <= 5_000 for request in engine.requests)
    assert any("exceeds a limit" in note for note in extraction.notes)


def test_a_part_that_fails_is_asked_for_again_alone(run: Any) -> None:
    """What the other parts brought is kept."""
    extraction = run(ScriptedEngine([answer, "nonsense", answer]), Wide, "text")
    assert [a.kind for a in extraction.attempts] == ["ask", "part", "reask"]
    assert extraction.value.model_dump()["f5999"] == 5_999


def test_a_bad_cell_of_the_joined_value_is_mended(run: Any) -> None:
    """After the join the way is the usual one."""

    def bad(request: Any) -> dict[str, Any]:
        return {**answer(request), "f5999": "many"}

    engine = ScriptedEngine([answer, bad, answer])
    extraction = run(engine, Wide, "text")
    assert [a.kind for a in extraction.attempts] == ["ask", "part", "mend"]
    assert list(engine.requests[2].format.schema["properties"]) == ["f5999"]
    assert extraction.value.model_dump()["f5999"] == 5_999


def test_parts_that_never_come_exhaust_the_reasks(run: Any) -> None:
    """The limit on reasks holds for parts too."""
    with pytest.raises(extract.Exhausted) as caught:
        run(ScriptedEngine([answer, "no", "no", "no"]), Wide, "text")
    assert len(caught.value.attempts) == 4


def test_a_huge_choice_is_checked_here_and_asked_again_with_the_nearest(run: Any) -> None:
    """2,000 values do not fit a strict enum: the wire takes text, and a near miss is told its neighbours, not all."""
    codes = [f"CODE-{n:04}-{'abcdefgh'[n % 8]}" for n in range(2_000)]

    class Coded(BaseModel):
        note: str
        code: Literal[tuple(codes)]  # type: ignore[valid-type]

    def mend(request: Any) -> dict[str, str]:
        said = request.messages[-1].content
        assert "CODE-1234-c" in said
        assert len(said) < 2_000
        return dict.fromkeys(request.format.schema["properties"], "CODE-1234-c")

    extraction = run(ScriptedEngine([{"note": "x", "code": "CODE 1234c?"}, mend]), Coded, "the code is CODE-1234-c")
    assert extraction.value.code == "CODE-1234-c"
    assert [a.kind for a in extraction.attempts] == ["ask", "mend"]
