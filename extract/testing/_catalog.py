"""What the stand-in's gateway knows: its models, who takes which endpoint, effort and sampling, and who is gone.

Facts: the gateway's published change log up to 2026-09-30 and OpenAI's model pages as of 2026-11. The real list moves;
the stand-in takes further names (``StandIn(models=[...])``) and treats them as the newest mini model.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

CHAT, RESPONSES = "/v1/chat/completions", "/v1/responses"

_EFFORTS = ("none", "low", "medium", "high", "xhigh")
_BOTH = frozenset({CHAT, RESPONSES})


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One model's abilities.

    ``sampling`` says when temperature and its kin are taken; without ``keeps_state`` the Responses endpoint answers 409
    to what would need memory between requests.
    """

    effort: str | None = "none"
    efforts: tuple[str, ...] = _EFFORTS
    sampling: Literal["always", "at-none", "never"] = "at-none"
    endpoints: frozenset[str] = _BOTH
    max_input: int = 272_000
    max_output: int = 128_000
    keeps_state: bool = True

    @property
    def reasons(self) -> bool:
        """True for models that know reasoning effort (and refuse ``max_tokens``)."""
        return self.effort is not None


MINI = Model()
_LARGE = 1_050_000
_THINKING = Model(effort="medium", efforts=(*_EFFORTS, "max"), max_input=_LARGE)
_FORGETTING = replace(_THINKING, keeps_state=False)
_ALWAYS_THINKING = Model(effort="medium", efforts=(*_EFFORTS[1:], "max"), sampling="never", max_input=_LARGE)

MODELS: dict[str, Model] = {
    "gpt-5.5": Model(effort="medium", max_input=_LARGE),
    "gpt-5.4": Model(max_input=_LARGE),
    "gpt-5.4-mini": MINI,
    "gpt-5.4-nano": MINI,
    "gpt-5.2": Model(endpoints=frozenset({CHAT})),
    "gpt-5-pro": Model(effort="high", efforts=("high",), sampling="never", endpoints=frozenset({RESPONSES})),
    "gpt-4o-mini": Model(effort=None, efforts=(), sampling="always", max_input=128_000, max_output=16_384),
    "gpt-5.6-luna": _FORGETTING,
    "gpt-5.6-sol": _FORGETTING,
    "gpt-5.6-terra": _FORGETTING,
    "gpt-6-sol": _THINKING,
    "gpt-6-luna": _THINKING,
    "gpt-6-astra": _ALWAYS_THINKING,
    "gpt-6.1-sol": _ALWAYS_THINKING,
}

RETIRED: dict[str, tuple[str, str]] = {
    "gpt-5.3-codex": ("2026-09-28", "gpt-5.6-sol"),
    "gpt-5.3-codex-spark": ("2026-09-14", "gpt-5.6-sol"),
    "gpt-5.2-pro": ("2026-08-11", "gpt-5.5"),
    "gpt-5.4-pro": ("2026-09-28", "gpt-5.5"),
    "gpt-5.5-pro": ("2026-09-28", "gpt-5.5"),
}
"""Model → (day of its retirement, its successor); the gateway answers 410."""
