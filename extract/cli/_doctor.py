"""What is installed, configured and reachable, on one page; never the key itself."""

from __future__ import annotations

import http.client
import json
import platform
import sys
import urllib.error
import urllib.request
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from rich.markup import escape

from extract.cli._advice import advice_for
from extract.cli._console import stdout
from extract.cli._exit import DONE, FAILED
from extract.errors import ExtractError, Unauthorized

if TYPE_CHECKING:
    from collections.abc import Iterator

    from extract.config import Settings

__all__ = ["examine"]

_TIMEOUT = 5.0
_NO_KEY = "no-key"  # stands in where only the address is of interest; never sent

# Package, what it is for, the extra that brings it; the required ones have none.
_PACKAGES = (
    ("pydantic", "", ""),
    ("openai", "", ""),
    ("instructor", "", ""),
    ("jsonschema", "", ""),
    ("xllamacpp", "embedded models", "local"),
    ("pypdfium2", "PDF", "documents"),
    ("selectolax", "HTML", "documents"),
    ("pyyaml", "Hermes Agent's configuration", "hermes"),
    ("aiohttp", "many requests at once", "fast"),
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the page: whether it is well (None: does not matter), what, and what to do."""

    well: bool | None
    what: str
    advice: str = ""


def examine(*, base_url: str | None, provider: str | None, offline: bool) -> int:
    """Print the page.

    Returns:
        0 when at least one engine can be used, else 1.
    """
    console = stdout()
    gateway = list(_gateway(base_url, provider, offline=offline))
    local = list(_local())
    sections = {
        f"extract {_installed('typed-extract') or '(not installed)'}": list(_machine()),
        "Packages": [_package(*row) for row in _PACKAGES],
        "RunAPI": gateway,
        "Embedded models": local,
    }
    for title, findings in sections.items():
        console.print(f"[bold]{escape(title)}[/]", highlight=False)
        for finding in findings:
            mark = {True: "[green]✓[/]", False: "[red]✗[/]", None: "[dim]·[/]"}[finding.well]
            console.print(f"  {mark} {escape(finding.what)}", highlight=False)
            if finding.advice:
                console.print(f"      → {escape(finding.advice)}", highlight=False)
    usable = {"runapi": all(f.well is not False for f in gateway), "local": all(f.well for f in local)}
    ready = [name for name, well in usable.items() if well]
    console.print(f"[bold]Engines that can be used:[/] {', '.join(ready) or 'none'}", highlight=False)
    return DONE if ready else FAILED


def _machine() -> Iterator[Finding]:
    system = f"{platform.system()} {platform.machine()}"
    yield Finding(None, f"Python {platform.python_version()} on {system}, {sys.executable}")


def _package(name: str, purpose: str, extra: str) -> Finding:
    found = _installed(name)
    what = f"{name} {found or 'not installed'}" + (f" ({purpose})" if purpose else "")
    if found:
        return Finding(True, what)
    return Finding(None if extra else False, what, f"pip install 'typed-extract{f'[{extra}]' if extra else ''}'")


def _installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _gateway(base_url: str | None, provider: str | None, *, offline: bool) -> Iterator[Finding]:
    from extract.config import resolve  # noqa: PLC0415 — reads files, so only here

    try:
        settings: Settings | None = resolve(base_url=base_url, provider=provider)
        key = True
    except Unauthorized as error:
        yield Finding(False, "key: none found", advice_for(error))
        settings, key = _address_only(base_url, provider), False
    except ExtractError as error:
        yield Finding(False, error.message, advice_for(error))
        return
    if settings is None:
        return
    if key:
        yield Finding(True, f"key: present, from {settings.sources.get('api_key', 'somewhere')}")
    yield Finding(True, f"address: {settings.base_url}, from {settings.sources.get('base_url', 'somewhere')}")
    yield Finding(None, "reachable: not tried (--offline)") if offline else _reach(settings, with_key=key)


def _address_only(base_url: str | None, provider: str | None) -> Settings | None:
    from extract.config import resolve  # noqa: PLC0415

    try:
        return resolve(api_key=_NO_KEY, base_url=base_url, provider=provider)
    except ExtractError:
        return None


def _reach(settings: Settings, *, with_key: bool) -> Finding:
    """Look at who answers, and whether the key is taken; no model is asked."""
    try:
        listed = _asked(settings, "/models", None, with_key=with_key)
        if not _tells_all(listed, with_key=with_key):
            return _judged(listed, with_key=with_key)
        # The list may be open to all, or not be there: a question without a model is refused, but by whom it is put.
        refused = _asked(settings, "/chat/completions", b"{}", with_key=True)
    except (OSError, ValueError, http.client.HTTPException) as error:
        from extract.engines import unreachable  # noqa: PLC0415

        reason = getattr(error, "reason", error)
        told = f"{type(reason).__name__} {reason}"
        return Finding(False, f"reachable: no ({reason})", unreachable(told, settings.base_url))
    if refused.status in _KEY_REFUSED | {_NO_CREDITS}:
        return _judged(refused, with_key=True)
    if refused.status in _UNDERSTOOD and isinstance(refused.value, dict):
        return Finding(True, f"reachable: yes ({listed.status}), and it takes the key")
    return _judged(listed, with_key=True)


def _asked(settings: Settings, path: str, body: bytes | None, *, with_key: bool) -> _Answer:
    headers = {**settings.headers, "Content-Type": "application/json"}
    if with_key:
        headers["Authorization"] = f"Bearer {settings.api_key}"
    request = urllib.request.Request(f"{settings.base_url}{path}", data=body, headers=headers)  # noqa: S310 — config allows http(s) only
    try:
        with urllib.request.build_opener(_NoRedirects).open(request, timeout=_TIMEOUT) as answer:
            return _Answer(answer.status, answer.read(_ENOUGH))
    except urllib.error.HTTPError as error:
        with error:
            return _Answer(error.code, error.read(_ENOUGH))


def _tells_all(listed: _Answer, *, with_key: bool) -> bool:
    """Whether the list of models leaves open if the key is taken."""
    return with_key and (listed.lists or listed.status in _NO_LIST)


def _judged(answer: _Answer, *, with_key: bool) -> Finding:
    status = answer.status
    if status in _KEY_REFUSED and with_key:
        return Finding(False, f"reachable: yes, but the key is refused ({status})", "check the key")
    if status == _NO_CREDITS:
        return Finding(False, f"reachable: yes, but the account has no credits ({status})", "top up the account")
    if status in _REDIRECTS:
        return Finding(False, f"reachable: it redirects ({status})", "give the address that it leads to")
    if status in _NO_LIST or (status in _FINE and not answer.lists):
        what = f"it answers with {status}, but is no OpenAI-compatible API ({answer.kind})"
        return Finding(False, f"reachable: {what}", "check the address: RunAPI's ends in /v1")
    if status in _FINE or status == _BUSY or (status in _KEY_REFUSED and not with_key):
        return Finding(True, f"reachable: yes ({status})")
    return Finding(False if status in _FAILED else None, f"reachable: it answers with {status}")


@dataclass(frozen=True, slots=True)
class _Answer:
    """What came back."""

    status: int
    body: bytes

    @property
    def value(self) -> Any:
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None

    @property
    def lists(self) -> bool:
        """Whether it is a list of models."""
        value = self.value
        return self.status in _FINE and isinstance(value, dict) and isinstance(value.get("data"), list)

    @property
    def kind(self) -> str:
        start = self.body[:200].lstrip().lower()
        if not start:
            return "an empty body"
        if start.startswith((b"<!doctype html", b"<html")):
            return "an HTML page"
        return "no JSON" if self.value is None and start != b"null" else "JSON of another kind"


_ENOUGH = 4_000_000
_FINE = range(200, 300)
_REDIRECTS = range(300, 400)
_FAILED = range(500, 600)
_KEY_REFUSED = frozenset({401, 403})
_NO_CREDITS = 402
_BUSY = 429
_NO_LIST = frozenset({404, 405})
_UNDERSTOOD = frozenset({400, 415, 422, 429})
"""How a gateway refuses a question without a model, once it has taken the key."""


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A redirect would carry the key to another host."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def _local() -> Iterator[Finding]:
    from extract.engines import installed  # noqa: PLC0415

    if not _installed("xllamacpp"):
        yield Finding(False, "no server for them: xllamacpp is not installed", "pip install 'typed-extract[local]'")
    models = installed()
    for model in models:
        yield Finding(True, str(model))
    if not models:
        yield Finding(False, "no weights here", "extract model pull")
