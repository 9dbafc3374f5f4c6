"""How many calls a second come through when each answer takes 200 ms and 256 are in flight?"""

from __future__ import annotations

from bench.questions import call
from bench.rounds import Step, gateway, measure
from bench.tables import Target, markdown, table, verdicts

__all__ = ["PEERS", "ask"]

PEERS = call.PEERS
LABEL = "256 in flight"
STEPS = [Step(LABEL, "async", size=500, calls=1536, warmup=256, width=256, delay=200, cap=120)]
TARGETS = [
    Target("no more CPU a call than BAML", ("ours", LABEL), ("baml", LABEL), 1.0),
    Target("at most 1/6 of instructor's", ("ours", LABEL), ("instructor-json", LABEL), 1 / 6),
]


def ask(peers: list[str], rounds: int) -> str:
    """Measure and lay out; calls a second are wall time, so they mean something on an idle machine only."""
    with gateway() as host:
        figures = measure(peers, STEPS, rounds, host)
    rates = [["calls/s (wall)", "rate", "of ours"]]
    for peer in peers:
        rate, ours = figures.median(peer, LABEL, "rate"), figures.median("ours", LABEL, "rate")
        share = f"×{rate / ours:.2f}" if rate and ours else "–"
        rates.append([peer, f"{rate:,.0f}" if rate else "–", share])
    return "\n\n".join([table(figures, peers, [LABEL]), markdown(rates), verdicts(figures, TARGETS)])
