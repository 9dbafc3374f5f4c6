"""Peers and steps in, figures out: interleaved rounds, a process per peer and round, one loopback gateway for all."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING, Any

from bench import environments
from bench.answers import answer, lines
from bench.peers import PEERS

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Figures", "Step", "gateway", "measure"]

NOMINAL_LOOP = 0.0063
"""CPU seconds of the calibration loop that figures are scaled to, so that rounds of different speed can be compared."""


@dataclass(frozen=True)
class Step:
    """One thing a worker does: ``calls`` times, after ``warmup`` times.

    Args:
        way: ``sync``, ``async``, ``stream`` or ``stream_async``.
        size: Bytes of the answer.
        delay: Milliseconds before the answer.
        pace: Milliseconds between the events of a stream.
        cap: Seconds after which the worker is stopped.
    """

    label: str
    way: str
    size: int
    calls: int
    warmup: int = 1
    width: int = 1
    delay: int = 0
    pace: int = 0
    cap: float = 60.0


@dataclass
class Figures:
    """What was measured: ``(peer, label)`` → one dict a round; and why something was not."""

    found: dict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=dict)
    absent: dict[tuple[str, str], str] = field(default_factory=dict)

    def median(self, peer: str, label: str, name: str = "cpu") -> float | None:
        """Take the median over the rounds; CPU is scaled to the nominal calibration loop."""
        rounds = self.found.get((peer, label))
        if not rounds:
            return None
        scale = (lambda r: NOMINAL_LOOP / r["loop"]) if name == "cpu" else (lambda _: 1.0)
        return median(r[name] * scale(r) for r in rounds if name in r)

    def ratio(self, above: tuple[str, str], below: tuple[str, str]) -> float | None:
        """Divide two medians."""
        over, under = self.median(*above), self.median(*below)
        return over / under if over is not None and under else None


@contextmanager
def gateway() -> Iterator[str]:
    """Run the loopback gateway in a process of its own; yield its address."""
    command = [sys.executable, "-m", "bench.server"]
    with subprocess.Popen(
        command, cwd=environments.ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        finally:
            process.terminate()


def measure(peers: list[str], steps: list[Step], rounds: int, host: str) -> Figures:
    """Run every peer once a round, in turn, and collect what its workers print."""
    figures = Figures()
    for number in range(rounds):
        # Rotated, so that no peer always comes after the same neighbour.
        for peer in peers[number % len(peers) :] + peers[: number % len(peers)]:
            todo = [step for step in steps if (peer, step.label) not in figures.absent]
            if todo:
                print(f"  round {number + 1}/{rounds}: {peer}", file=sys.stderr)
                _work(peer, todo, host, figures)
    return figures


def _work(peer: str, steps: list[Step], host: str, figures: Figures) -> None:
    try:
        interpreter = environments.python(peer)
    except environments.Missing as reason:
        figures.absent.update({(peer, step.label): str(reason) for step in steps})
        return
    while steps:
        steps = _worker(peer, str(interpreter), steps, host, figures)


def _worker(peer: str, interpreter: str, steps: list[Step], host: str, figures: Figures) -> list[Step]:
    """Run one worker; return the steps it left undone that are still worth trying."""
    chosen = PEERS[peer]
    plan = {"adapter": chosen.adapter, "options": chosen.options, "steps": [_order(step, host) for step in steps]}
    process = subprocess.Popen(
        [interpreter, "-m", "bench.worker", json.dumps(plan)],
        cwd=environments.ROOT,
        env={**_clean(), "PYTHONPATH": str(environments.ROOT), "BENCH_URL": host, "BAML_LOG": "off"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    errors: list[str] = []
    drain = threading.Thread(target=lambda: errors.extend(process.stderr or ()), daemon=True)
    drain.start()
    done, why = _collect(peer, process, {step.label: step for step in steps}, figures, host)
    process.kill()
    process.wait()
    drain.join(1)
    left = [step for step in steps if step.label not in done]
    if not left:
        return []
    # What stopped the worker at this step stops it at the larger ones too.
    stuck = [step for step in left if step is left[0] or (step.way == left[0].way and step.size > left[0].size)]
    reason = why or (errors[-1].strip() if errors else "the worker died")
    figures.absent.update({(peer, step.label): reason for step in stuck})
    return [step for step in left if step not in stuck]


def _collect(
    peer: str, process: subprocess.Popen[str], steps: dict[str, Step], figures: Figures, host: str
) -> tuple[set[str], str]:
    """Read a worker's lines until it ends or is stopped; return the labels done, and why it was stopped."""
    done: set[str] = set()
    stopped: list[str] = []
    timer = threading.Timer(0, lambda: None)
    assert process.stdout is not None
    for line in process.stdout:
        outcome = json.loads(line)
        label = outcome.pop("label")
        timer.cancel()
        if "started" in outcome:
            timer = threading.Timer(steps[label].cap, _stop, (process, steps[label], stopped))
            timer.start()
            continue
        done.add(label)
        if why := outcome.get("absent") or outcome.get("error"):
            figures.absent[peer, label] = why
            continue
        if steps[label].pace:
            with urllib.request.urlopen(f"{host}/timings") as reply:
                outcome["timings"] = json.load(reply)
        figures.found.setdefault((peer, label), []).append(outcome)
    timer.cancel()
    return done, "".join(stopped)


def _stop(process: subprocess.Popen[str], step: Step, stopped: list[str]) -> None:
    stopped.append(f"> {step.cap:g} s")
    process.kill()


def _order(step: Step, host: str) -> dict[str, Any]:
    return {
        "label": step.label,
        "way": step.way,
        "url": f"{host}/{step.size}/{step.delay}/{step.pace}/v1",
        "calls": step.calls,
        "warmup": step.warmup,
        "width": step.width,
        "paced": bool(step.pace),
        "lines": lines(step.size),
        "characters": len(answer(step.size)),
    }


def _clean() -> dict[str, str]:
    """The environment without anything that could send a peer elsewhere or make it log."""
    drop = ("OPENAI_", "RUNAPI_", "LANGCHAIN_", "LANGSMITH_", "LOGFIRE_", "PYTHON")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(drop) and not k.lower().endswith("_proxy")}
    return {**kept, "NO_PROXY": "127.0.0.1"}
