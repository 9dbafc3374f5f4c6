"""What does one call cost whose answer has 500 bytes: sync, async, and with 64 in flight?"""

from __future__ import annotations

from bench.rounds import Step, gateway, measure
from bench.tables import Target, table, verdicts

__all__ = ["PEERS", "ask"]

PEERS = [
    "ours",
    "floor",
    "openai-create",
    "openai-parse",
    "instructor-json",
    "instructor-tools",
    "baml",
    "pydantic-ai",
    "langchain",
]
STEPS = [
    Step("sync", "sync", size=500, calls=200, warmup=30),
    Step("async", "async", size=500, calls=200, warmup=30),
    Step("async ×64", "async", size=500, calls=384, warmup=64, width=64),
]
RIVALS = (("baml", 1.0, "no more than BAML"), ("instructor-json", 1 / 6, "at most 1/6 of instructor"))
TARGETS = [
    Target(f"{step.label}: {words}", ("ours", step.label), (rival, step.label), bound)
    for rival, bound, words in RIVALS
    for step in STEPS
]


def ask(peers: list[str], rounds: int) -> str:
    """Measure and lay out."""
    with gateway() as host:
        figures = measure(peers, STEPS, rounds, host)
    labels = [step.label for step in STEPS]
    return f"{table(figures, peers, labels)}\n\n{verdicts(figures, TARGETS)}"
