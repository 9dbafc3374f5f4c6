"""A model file in, the address of a running llama.cpp server out: one child process per model, shared and leashed."""

from __future__ import annotations

import atexit
import collections
import contextlib
import importlib.util
import io
import json
import os
import secrets
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from extract.engines._llama_turn import Turn
from extract.errors import ConfigError, ConnectionFailed

__all__ = ["Launch", "Running", "Shared", "borrow", "give_back", "require_extra"]

STARTUP = 180.0
"""Seconds until a server that says nothing is given up; a cold disk needs most of them."""
FAREWELL = 5.0
TAIL = 12

_PROGRAM = Path(__file__).with_name("_llama_server.py")
_NO_EXTRA = "pip install 'typed-extract[local]'"
# What the child's last words mean; the first that occurs counts.
_ADVICE = (
    ("No module named 'xllamacpp'", _NO_EXTRA),
    ("libgomp", "install the system's OpenMP library: libgomp1 on Debian and Ubuntu, libgomp elsewhere"),
    ("bad_alloc", "there is too little memory; take a smaller model, or fewer context_tokens"),
    ("", "check that the file is a whole GGUF model: `extract model remove NAME`, then `extract model pull NAME`"),
)


@dataclass(frozen=True, slots=True)
class Launch:
    """What makes two servers the same one."""

    path: Path
    name: str
    context_tokens: int


@dataclass(frozen=True, slots=True, eq=False)
class Running:
    """A server that answers."""

    address: str
    key: str = field(repr=False)
    process: subprocess.Popen[bytes] = field(repr=False)

    def died(self, wait: float = 0.0) -> int | None:
        """Tell the exit code of a server that has ended; None while it runs.

        Args:
            wait: Seconds to give a server that may just be ending.
        """
        try:
            return self.process.wait(wait) if wait else self.process.poll()
        except subprocess.TimeoutExpired:
            return None

    def stop(self) -> None:
        """End the server: let go of the leash, then insist."""
        _close(self.process.stdin, self.process.stdout)
        if self.died(FAREWELL) is None:
            self.process.kill()
            self.process.wait()


class Shared:
    """One model's server, for whoever uses that model in this process. Started on demand, again after a crash."""

    def __init__(self, launch: Launch) -> None:
        self.launch = launch
        self.users = 0
        self.turn = Turn()
        self._lock = threading.Lock()
        self._running: Running | None = None

    def running(self) -> Running:
        """Find the running server, or start one; takes seconds then.

        Raises:
            ConfigError: When it does not start: the extra, a system library or a whole model file is missing.
            ConnectionFailed: When it takes too long to start.
        """
        with self._lock:
            if self._running is not None and self._running.died() is not None:
                self._running.stop()
                self._running = None
            if self._running is None:
                self._running = _start(self.launch)
            return self._running

    def stop(self) -> None:
        """End the server, if one runs."""
        with self._lock:
            running, self._running = self._running, None
        if running is not None:
            running.stop()

    def disown(self) -> None:
        """Let go of a server that belongs to the parent process, and of whatever its threads held."""
        running, self._running = self._running, None
        self._lock, self.turn = threading.Lock(), Turn()
        if running is not None:
            # It is no child of this process: there is nothing to wait for. Kept, because a thread of the parent's reads
            # its pipes: whoever closes them here waits for that thread's lock for ever.
            running.process.returncode = 0
            _DISOWNED.append(running)
            _close(running.process.stdin)


_SHARED: dict[Launch, Shared] = {}
_DISOWNED: list[Running] = []
_LOCK = threading.Lock()


def borrow(launch: Launch) -> Shared:
    """Take part in a model's server; :func:`give_back` must follow."""
    with _LOCK:
        shared = _SHARED.setdefault(launch, Shared(launch))
        shared.users += 1
        return shared


def give_back(shared: Shared) -> None:
    """Leave a model's server; the last to leave ends it."""
    with _LOCK:
        shared.users -= 1
        last = shared.users <= 0 and _SHARED.get(shared.launch) is shared
        if last:
            del _SHARED[shared.launch]
    if last:
        shared.stop()


def require_extra() -> None:
    """Make sure that the extra is installed.

    Raises:
        ConfigError: When it is not.
    """
    if importlib.util.find_spec("xllamacpp") is None:
        raise ConfigError("the extra `local` is not installed: no module named xllamacpp", advice=_NO_EXTRA)


def _start(launch: Launch) -> Running:
    key = secrets.token_urlsafe(24)
    # Waiting threads that spin starve a busy machine: 0.4 instead of 12 tokens a second.
    environment = {**os.environ, "OMP_WAIT_POLICY": "passive"}
    process = subprocess.Popen(  # noqa: S603 - our own file, our own interpreter
        [sys.executable, str(_PROGRAM)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
    )
    tail: collections.deque[str] = collections.deque(maxlen=TAIL)
    drain = threading.Thread(target=_drain, args=(process.stderr, tail), daemon=True)
    drain.start()
    late = threading.Timer(STARTUP, process.kill)
    late.start()
    started = time.monotonic()
    try:
        answer = _introduced(process, launch, key)
    except BaseException:
        process.kill()
        _close(process.stdin, process.stdout)
        raise
    finally:
        late.cancel()
    if answer is None:
        code = process.wait()
        _close(process.stdin, process.stdout)
        drain.join(FAREWELL)
        raise _failed(launch, code, "\n".join(tail), late=time.monotonic() - started >= STARTUP)
    return Running(answer["address"], key, process)


def _introduced(process: subprocess.Popen[bytes], launch: Launch, key: str) -> dict[str, Any] | None:
    """Tell the child what to serve and read its address; None when it ends without one."""
    settings = {
        "path": str(launch.path),
        "name": launch.name,
        "key": key,
        "context_tokens": launch.context_tokens,
    }
    assert process.stdin is not None  # noqa: S101 - for the type checker
    assert process.stdout is not None  # noqa: S101
    try:
        process.stdin.write(json.dumps(settings).encode() + b"\n")
        process.stdin.flush()
    except OSError:
        return None
    line = process.stdout.readline()
    found: dict[str, Any] | None = json.loads(line) if line else None
    return found


def _drain(pipe: IO[bytes] | None, tail: collections.deque[str]) -> None:
    # Read to the end for as long as the child lives: a full pipe would stop it.
    with pipe or io.BytesIO() as lines:
        for line in lines:
            tail.append(line.decode(errors="replace").rstrip())


def _failed(launch: Launch, code: int, tail: str, *, late: bool) -> ConfigError | ConnectionFailed:
    if late:
        return ConnectionFailed(
            f"the server of {launch.name} was not ready within {STARTUP:.0f} s",
            advice="the machine is very busy or out of memory; try again, or take a smaller model",
        )
    advice = next(advice for sign, advice in _ADVICE if sign in tail)
    return ConfigError(f"the server of {launch.name} did not start (exit code {code}):\n{tail}", advice=advice)


def _close(*pipes: IO[bytes] | None) -> None:
    for pipe in pipes:
        # What was left to write has no reader any more.
        with contextlib.suppress(OSError):
            if pipe is not None:
                pipe.close()


@atexit.register
def _stop_all() -> None:
    with _LOCK:
        left = list(_SHARED.values())
        _SHARED.clear()
    for shared in left:
        shared.stop()


def _forget() -> None:
    """A forked process must neither hold its parent's servers on their leash nor end them; it starts its own."""
    # Whoever held the lock stayed in the parent.
    globals()["_LOCK"] = threading.Lock()
    for shared in _SHARED.values():
        shared.disown()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
