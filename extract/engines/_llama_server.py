"""The child process: settings on stdin, a llama.cpp server's address on stdout; ends when stdin closes.

Run by path, not imported: it loads nothing of this package. The first line of stdin is JSON (the key must not show in
the process list); after it stdin stays open as a leash, so that the server never outlives whoever started it.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from typing import Any

THREADS = 8
"""More threads than this make a model of this size no faster."""


def main() -> None:
    """Serve until stdin closes."""
    # Running a file by path puts its folder in front: the engines are none of the server's modules.
    sys.path.pop(0)
    # Ctrl-C at a terminal reaches the whole group: what it means is for the parent to say.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    settings = json.loads(sys.stdin.readline())
    # Whatever llama.cpp prints belongs to stderr: stdout carries one line, ours.
    answer = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    server = _serve(settings)
    answer.write(json.dumps({"address": server.listening_address}) + "\n")
    answer.close()
    _leash()


def _serve(settings: dict[str, Any]) -> Any:
    import xllamacpp  # type: ignore[import-untyped, unused-ignore]  # noqa: PLC0415 - an extra, only in this process

    llama: Any = xllamacpp  # it says nothing of its types
    params = llama.CommonParams()
    params.model.path = settings["path"]
    params.model_alias = {settings["name"]}
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [settings["key"]]
    params.n_ctx = settings["context_tokens"]
    # Four slots were no faster than one, and not deterministic.
    params.n_parallel = 1
    params.n_gpu_layers = 0
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = _threads()
    # The slot's own cache keeps the common prefix; a second one would grow to 8 GB.
    params.cache_ram_mib = 0
    params.ui = False
    # Errors only: more would write documents into a log.
    params.verbosity = 1
    return llama.Server(params)


def _threads() -> int:
    try:
        cores = len(os.sched_getaffinity(0))
    except AttributeError:
        cores = os.cpu_count() or 1
    return min(cores, THREADS)


def _leash() -> None:
    while os.read(0, 4096):
        pass
    # The server's threads are busy with an answer nobody waits for: no orderly farewell.
    os._exit(0)


if __name__ == "__main__":
    main()
