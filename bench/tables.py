"""Figures in, the printed table and the verdicts on the targets out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.rounds import Figures

__all__ = ["Target", "judge", "markdown", "table", "verdicts"]


@dataclass(frozen=True)
class Target:
    """A bound on a ratio of two medians.

    Args:
        what: In words.
        above: Peer and label of the numerator.
        below: The same of the denominator.
        bound: The largest ratio that is good enough.
    """

    what: str
    above: tuple[str, str]
    below: tuple[str, str]
    bound: float


def table(figures: Figures, peers: Sequence[str], labels: Sequence[str], reference: str = "ours") -> str:
    """Lay out CPU per call (scaled) with the ratio to the reference, a row a peer; notes below for what is missing."""
    rows = [["CPU per call", *labels]]
    notes: dict[str, None] = {}
    for peer in peers:
        row = [peer]
        for label in labels:
            value, ratio = figures.median(peer, label), figures.ratio((peer, label), (reference, label))
            if value is None:
                why = figures.absent.get((peer, label), "not measured")
                row.append(why if why.startswith(">") else "–")
                if why not in ("no such way", "not measured") and not why.startswith(">"):
                    notes[f"{peer}, {label}: {why}"] = None
            else:
                row.append(f"{_time(value)}" + (f"  ×{ratio:.2f}" if ratio is not None else ""))
        rows.append(row)
    return "\n".join([markdown(rows), *(["", *notes] if notes else [])])


def verdicts(figures: Figures, targets: Sequence[Target], more: Sequence[list[str]] = ()) -> str:
    """Say of each target whether it is met; ``more`` are ready rows."""
    rows = [["target", "found", "bound", "verdict"]]
    for target in targets:
        ratio = figures.ratio(target.above, target.below)
        if ratio is None:
            why = next((figures.absent[key] for key in (target.above, target.below) if key in figures.absent), "")
            rows.append([target.what, "–", f"≤ {target.bound:.3g}", f"not measured ({why[:60] or 'peer left out'})"])
            continue
        rows.append([target.what, f"{ratio:.3f}", f"≤ {target.bound:.3g}", judge(ratio, target.bound)])
    return markdown([*rows, *more])


def judge(value: float, bound: float) -> str:
    """Either ``ok`` or ``NOT MET``."""
    return "ok" if value <= bound else "NOT MET"


def _time(seconds: float) -> str:
    return f"{seconds * 1e6:,.0f} µs" if seconds < 0.01 else f"{seconds * 1e3:,.0f} ms"


def markdown(rows: list[list[str]]) -> str:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)
