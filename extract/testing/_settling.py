"""An answer in, a settled reply out: its text within the token limit, its usage counted."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias

from extract.testing._answers import answer
from extract.testing._scripted import CHARACTERS_PER_TOKEN, tokens
from extract.typing import Reply, Usage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from extract.testing._asked import Asked

Plain: TypeAlias = "str | Mapping[str, Any] | list[Any] | Reply"

REASONING = {"none": 0, "low": 16, "medium": 64, "high": 192, "xhigh": 448, "max": 1024}
"""Reasoning tokens each effort spends: made up, but always the same."""
CACHED_FROM, CACHED_STEP = 1024, 128
MAX_REMEMBERED = 4096


class Settling:
    """Makes replies, and remembers what it needs for that: answers made up before, beginnings seen before.

    Args:
        seed: Decides the answers that are made up.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._made: dict[str, str] = {}
        self._beginnings: set[int] = set()

    def made_up(self, asked: Asked) -> str:
        """Make up an answer that fits the request's schema."""
        key = json.dumps(asked.answer_schema)
        if key not in self._made:
            _bound(self._made)
            self._made[key] = json.dumps(self._fitting(asked.answer_schema), ensure_ascii=False)
        return self._made[key]

    def _fitting(self, schema: dict[str, Any] | None) -> Any:
        try:
            return {"answer": "made up"} if schema is None else answer(schema, self._seed)
        except (TypeError, ValueError, AttributeError, LookupError, ArithmeticError) as error:
            # Loose schemas are not checked beforehand, so anything may be in them.
            raise ValueError("no answer can be made up for this schema; script one") from error

    def settled(self, asked: Asked, given: Plain) -> Reply:
        """Make a reply of an answer; one that brings its own usage is left as it is."""
        if isinstance(given, Reply) and given.usage is not None:
            return given
        text = given if isinstance(given, str) else None
        reply = (
            given
            if isinstance(given, Reply)
            else Reply(text=json.dumps(given, ensure_ascii=False) if text is None else text)
        )
        reasoning = REASONING.get(asked.effort or "none", 0)
        room = None if asked.limit is None else max(0, asked.limit - reasoning)
        if room is not None and tokens(len(reply.text)) > room:
            reply = replace(reply, text=reply.text[: room * CHARACTERS_PER_TOKEN], finish="length")
        output = reasoning + tokens(len(reply.refusal or reply.text))
        output = output if asked.limit is None else min(output, asked.limit)
        usage = Usage(asked.prompt_tokens, output, self._cached(asked), min(reasoning, output))
        return replace(reply, usage=usage)

    def _cached(self, asked: Asked) -> int:
        """Count cached input: from 1,024 tokens on, in steps of 128, once the same beginning has been seen."""
        if asked.prompt_tokens < CACHED_FROM:
            return 0
        beginning = hash(asked.conversation[: CACHED_FROM * CHARACTERS_PER_TOKEN])
        known = beginning in self._beginnings
        _bound(self._beginnings)
        self._beginnings.add(beginning)
        return asked.prompt_tokens // CACHED_STEP * CACHED_STEP if known else 0


def _bound(memory: dict[str, str] | set[int]) -> None:
    if len(memory) >= MAX_REMEMBERED:
        memory.clear()
