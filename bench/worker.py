"""Runs inside a peer's own environment: does the steps of a plan and prints what each cost, one JSON line a step."""

from __future__ import annotations

import asyncio
import gc
import importlib
import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

from bench.answers import FIRST_FIELD

__all__ = ["Unsupported"]

CALIBRATION_LOOP = 200_000
LOOP = asyncio.new_event_loop()


class Unsupported(Exception):
    """The peer has no such way of asking; the message says why."""


def main() -> None:
    """Take ``{"adapter", "options", "steps"}`` from the first argument."""
    plan = json.loads(sys.argv[1])
    adapter = importlib.import_module(f"bench.peers.{plan['adapter']}")
    for step in plan["steps"]:
        print(json.dumps({"label": step["label"], "started": True}), flush=True)
        try:
            outcome = _measure(adapter, plan["options"], step)
        except Unsupported as reason:
            outcome = {"absent": str(reason)}
        except Exception as error:
            outcome = {"error": f"{type(error).__name__}: {error}".replace(str(Path.cwd()), ".")[:200]}
        print(json.dumps({"label": step["label"], **outcome}), flush=True)


def _measure(adapter: Any, options: dict[str, Any], step: dict[str, Any]) -> dict[str, Any]:
    peer = adapter.Adapter(step["url"], **options)
    way = WAYS[step["way"]]
    if not hasattr(peer, way.method):
        raise Unsupported("no such way")
    before = _calibrate()
    figures = way.run(peer, step)
    # The loop is timed on both sides, for the machine is shared and its speed drifts.
    figures["loop"] = (before + _calibrate()) / 2
    figures["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return figures


def _calibrate() -> float:
    best = float("inf")
    for _ in range(3):
        begin = time.process_time()
        total = 0
        for number in range(CALIBRATION_LOOP):
            total += number % 7
        best = min(best, time.process_time() - begin)
    return best


def _cpu() -> float:
    """User and system seconds of this process, all its threads included."""
    return time.process_time()


class _Way:
    def __init__(self, method: str, run: Any) -> None:
        self.method, self.run = method, run


def _sync(peer: Any, step: dict[str, Any]) -> dict[str, Any]:
    call = peer.call
    for _ in range(step["warmup"]):
        _check(call(), step)
    gc.collect()
    begin, cpu = time.monotonic(), _cpu()
    for _ in range(step["calls"]):
        last = call()
    figures = {"cpu": (_cpu() - cpu) / step["calls"], "wall": time.monotonic() - begin}
    _check(last, step)
    return figures


def _async(peer: Any, step: dict[str, Any]) -> dict[str, Any]:
    async def one(times: int) -> Any:
        last = None
        for _ in range(times):
            last = await peer.call_async()
        return last

    async def all_() -> dict[str, Any]:
        width = step.get("width", 1)
        warm = max(1, step["warmup"] // width)
        for last in await asyncio.gather(*(one(warm) for _ in range(width))):
            _check(last, step)
        gc.collect()
        each = max(1, step["calls"] // width)
        begin, cpu = time.monotonic(), _cpu()
        answers = await asyncio.gather(*(one(each) for _ in range(width)))
        wall = time.monotonic() - begin
        figures = {"cpu": (_cpu() - cpu) / (each * width), "wall": wall, "rate": each * width / wall}
        for last in answers:
            _check(last, step)
        if hasattr(peer, "aclose"):
            await peer.aclose()
        return figures

    return _run(all_())


def _stream(peer: Any, step: dict[str, Any]) -> dict[str, Any]:
    seen = _Seen(step)
    for _ in range(step["warmup"]):
        for partial in peer.stream():
            seen.warm(partial)
    gc.collect()
    cpu = _cpu()
    for _ in range(step["calls"]):
        for partial in peer.stream():
            seen.add(partial)
    return seen.figures((_cpu() - cpu) / step["calls"])


def _stream_async(peer: Any, step: dict[str, Any]) -> dict[str, Any]:
    async def all_() -> dict[str, Any]:
        seen = _Seen(step)
        for _ in range(step["warmup"]):
            async for partial in peer.stream_async():
                seen.warm(partial)
        gc.collect()
        cpu = _cpu()
        for _ in range(step["calls"]):
            async for partial in peer.stream_async():
                seen.add(partial)
        figures = seen.figures((_cpu() - cpu) / step["calls"])
        if hasattr(peer, "aclose"):
            await peer.aclose()
        return figures

    return _run(all_())


class _Seen:
    """What is remembered of a stream's partials; only the last of them is held."""

    def __init__(self, step: dict[str, Any]) -> None:
        self.step, self.last, self.count, self.times, self.first = step, None, 0, [], None
        self.add = self.timed if step["paced"] else self.counted
        # Steps run from small to large, so that growth of the peak belongs to this one.
        self.base = _resident()

    def warm(self, partial: Any) -> None:
        self.last = partial

    def counted(self, partial: Any) -> None:
        self.last = partial
        self.count += 1

    def timed(self, partial: Any) -> None:
        self.counted(partial)
        self.times.append(time.monotonic())
        if self.first is None and _number(partial) == FIRST_FIELD:
            self.first = self.times[-1]

    def figures(self, cpu: float) -> dict[str, Any]:
        _check(self.last, self.step)
        partials = self.count / self.step["calls"]
        return {
            "cpu": cpu,
            "partials": partials,
            "grown_mb": _resident() - self.base,
            "times": self.times,
            "first": self.first,
        }


def _number(partial: Any) -> Any:
    """The invoice's first field, in whatever shape the peer hands partials over."""
    for holder in (partial, getattr(partial, "value", None)):
        found = holder.get("number") if isinstance(holder, dict) else getattr(holder, "number", None)
        if found is not None:
            return getattr(found, "value", found)
    return None


WAYS = {
    "sync": _Way("call", _sync),
    "async": _Way("call_async", _async),
    "stream": _Way("stream", _stream),
    "stream_async": _Way("stream_async", _stream_async),
}


def _run(work: Any) -> dict[str, Any]:
    """Run in one event loop for the whole process: some peers keep a connection pool beyond an adapter's life."""
    return LOOP.run_until_complete(work)


def _resident() -> float:
    """Peak resident memory so far, in MB; steps run from small to large, so its growth belongs to the step."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _check(answer: Any, step: dict[str, Any]) -> None:
    """A cheap answer that is wrong is worth nothing: every peer must come to the same invoice."""
    if isinstance(answer, bytearray):  # reading only: the bytes of the events
        found, expected = bytes(answer[-8:]), b"[DONE]\n\n"
    elif isinstance(answer, int):  # reading only: the number of characters
        found, expected = answer, step["characters"]
    else:
        whole = getattr(answer, "value", answer)
        rows = whole["lines"] if isinstance(whole, dict) else whole.lines
        found, expected = len(rows), step["lines"]
    if found != expected:
        raise AssertionError(f"{found} came, {expected} expected")


if __name__ == "__main__":
    # The adapters raise `bench.worker.Unsupported`, which must be this module's class.
    sys.modules["bench.worker"] = sys.modules["__main__"]
    main()
