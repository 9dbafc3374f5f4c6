"""What does a streamed answer cost in 4-character deltas, does the cost stay linear, and how soon is the first partial?"""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

from bench.answers import FIRST_FIELD_END
from bench.rounds import Step, gateway, measure
from bench.tables import Target, judge, markdown, table, verdicts

if TYPE_CHECKING:
    from bench.rounds import Figures

__all__ = ["PEERS", "ask"]

PEERS = [
    "ours",
    "ours-values",
    "reading",
    "reading-events",
    "openai-create",
    "openai-parse",
    "instructor-json",
    "baml",
    "pydantic-ai",
    "langchain",
]
WAYS = {"sync": "stream", "async": "stream_async"}
STEPS = [
    Step(f"{kb} kB {name}", way, size=kb * 1000, calls=calls, warmup=1, cap=40)
    for kb, calls in ((2, 5), (10, 3), (50, 2), (100, 2))
    for name, way in WAYS.items()
]
PACED = [Step(f"paced {name}", way, size=500, calls=1, warmup=1, pace=10, cap=20) for name, way in WAYS.items()]
MEMORY = 10.0
"""Megabytes that a stream of 100 kB may add to the peak."""
DELAY = 0.030


def _targets() -> list[Target]:
    both = []
    for name in WAYS:
        small, half, full = (("ours", f"{kb} kB {name}") for kb in (10, 50, 100))
        both += [
            Target(f"{name}: 100 kB at most 2.2 × 50 kB", full, half, 2.2),
            # Both read through the SDK's own client: httpx2 when synchronous, aiohttp when asynchronous. The first
            # keeps the bytes and looks at none of them; the second splits the events and takes the text out of each,
            # as whoever wants to use them must.
            Target(f"{name}: 100 kB at most 1.3 × receiving the bytes", full, ("reading", full[1]), 1.3),
            Target(f"{name}: 100 kB at most 1.3 × reading the events", full, ("reading-events", full[1]), 1.3),
            Target(f"{name}: 100 kB at most 1/6 of create(stream=True)", full, ("openai-create", full[1]), 1 / 6),
            Target(f"{name}: 10 kB at most 1/30 of create_partial", small, ("instructor-json", small[1]), 1 / 30),
        ]
    return both


def ask(peers: list[str], rounds: int) -> str:
    """Measure and lay out. Rivals that need longer than the cap are stopped, once."""
    with gateway() as host:
        figures = measure(peers, [*PACED, *STEPS], rounds, host)
    parts = [table(figures, peers, [step.label for step in STEPS if step.label.endswith(f" {name}")]) for name in WAYS]
    return "\n\n".join([*parts, _paced(figures, peers), verdicts(figures, _targets(), _plain(figures))])


def _paced(figures: Figures, peers: list[str]) -> str:
    rows = [
        ["an event every 10 ms", "partials", "before the end", "first field after its bytes", "peak added by 100 kB"]
    ]
    for peer in peers:
        for name in WAYS:
            found = figures.found.get((peer, f"paced {name}"))
            if not found:
                continue
            ends = [
                sum(moment < run["timings"][-1][1] for moment in run["times"]) for run in found if run["timings"]
            ] or [0]
            lag, grown = _lag(figures, peer, name), figures.median(peer, f"100 kB {name}", "grown_mb")
            rows.append(
                [
                    f"{peer} {name}",
                    f"{median(run['partials'] for run in found):.0f}",
                    f"{median(ends):.0f}",
                    "–" if lag is None else f"{lag * 1000:.1f} ms",
                    "–" if grown is None else f"{grown:.1f} MB",
                ]
            )
    return markdown(rows)


def _lag(figures: Figures, peer: str, name: str) -> float | None:
    """Seconds from handing the first field's last byte to the socket until a partial shows the field."""
    lags = []
    for run in figures.found.get((peer, f"paced {name}"), []):
        sent = next((moment for characters, moment in run["timings"] if characters >= FIRST_FIELD_END), None)
        if sent is not None and run["first"] is not None:
            lags.append(run["first"] - sent)
    return median(lags) if lags else None


def _plain(figures: Figures) -> list[list[str]]:
    """The targets that are no ratios."""
    rows = []
    for name in WAYS:
        grown, lag = figures.median("ours", f"100 kB {name}", "grown_mb"), _lag(figures, "ours", name)
        for what, value, bound, unit in (
            (f"{name}: peak memory added by 100 kB", grown, MEMORY, "MB"),
            (f"{name}: first partial after its bytes", None if lag is None else lag * 1000, DELAY * 1000, "ms"),
        ):
            found, verdict = ("–", "not measured") if value is None else (f"{value:.1f} {unit}", judge(value, bound))
            rows.append([what, found, f"≤ {bound:g} {unit}", verdict])
    return rows
