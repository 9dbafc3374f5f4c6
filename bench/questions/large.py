"""What does one call cost whose answer has 100 kB?"""

from __future__ import annotations

from bench.questions import call
from bench.rounds import Step, gateway, measure
from bench.tables import Target, table, verdicts

__all__ = ["PEERS", "ask"]

PEERS = call.PEERS
STEPS = [
    Step("sync", "sync", size=100_000, calls=20, warmup=4),
    Step("async", "async", size=100_000, calls=20, warmup=4),
]
TARGETS = [
    Target(f"{step.label}: at most 1/2 of instructor", ("ours", step.label), ("instructor-json", step.label), 1 / 2)
    for step in STEPS
]


def ask(peers: list[str], rounds: int) -> str:
    """Measure and lay out."""
    with gateway() as host:
        figures = measure(peers, STEPS, rounds, host)
    labels = [step.label for step in STEPS]
    return f"{table(figures, peers, labels)}\n\n{verdicts(figures, TARGETS)}"
