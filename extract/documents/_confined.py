"""How a hostile file is kept from taking the caller down: a process of its own for its parser, with limits on it."""

from __future__ import annotations

import json
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

from extract.errors import DocumentError

if TYPE_CHECKING:
    from collections.abc import Callable

    from extract.documents._limits import Limits

__all__ = ["parse_confined"]

_PARSERS = {
    "PDF": "extract.documents._pdf:parse_pdf",
    "HTML page": "extract.documents._html:parse_html",
}
# The child sees the caller's sys.path, so that it finds this package wherever the caller found it.
_START = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from extract.documents._confined import main; main()"


def parse_confined(kind: str, data: bytes, label: str, limits: Limits) -> dict[str, Any]:
    """Run the parser of ``kind`` on ``data`` in a child process; about 70 ms for a short PDF.

    Returns:
        What the parser answered: ``{"texts": […]}``, or ``{"error": word, …}``.

    Raises:
        DocumentError: When the child does not come back in time, or not at all.
    """
    import subprocess  # noqa: PLC0415 - slow to import, and only PDFs and large pages need it

    bounds = [str(bound) for bound in (limits.seconds, limits.memory, limits.pages)]
    command = [sys.executable, "-c", _START, json.dumps(sys.path), kind, *bounds]
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=limits.seconds, check=False)  # noqa: S603 — our own code
    except subprocess.TimeoutExpired:
        raise DocumentError(
            f"is a {kind} whose parser was not done after {limits.seconds} s",
            source=label,
            limit="seconds",
            advice="raise Limits(seconds=…) if you trust the file; hostile files do this on purpose",
        ) from None
    try:
        answer: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        raise DocumentError(
            f"is a {kind} that brought its parser down (exit code {done.returncode})",
            source=label,
            advice="open it in a viewer and save it anew; hostile files do this on purpose",
        ) from None
    return answer


def main() -> None:
    """Be the child: ``argv`` is search path, kind, seconds, bytes, pages; the file comes on stdin."""
    kind, (seconds, memory, pages) = sys.argv[2], map(int, sys.argv[3:6])
    _confine(seconds, memory)
    module, name = _PARSERS[kind].split(":")
    parse: Callable[[bytes, int], dict[str, Any]] = getattr(import_module(module), name)
    try:
        answer = parse(sys.stdin.buffer.read(), pages)
    except MemoryError:
        answer = {"error": "memory"}
    sys.stdout.write(json.dumps(answer))


def _confine(seconds: int, memory: int) -> None:
    try:
        import resource  # noqa: PLC0415 — not on Windows; there only the caller's clock limits us
    except ImportError:
        return
    bounds = {resource.RLIMIT_CPU: seconds, resource.RLIMIT_AS: memory, resource.RLIMIT_CORE: 0}
    for what, bound in bounds.items():
        hard = resource.getrlimit(what)[1]
        bound = bound if hard == resource.RLIM_INFINITY else min(bound, hard)  # noqa: PLW2901 — never above what we are allowed
        resource.setrlimit(what, (bound, hard))
