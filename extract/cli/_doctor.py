"""What is installed, configured and reachable, on one page; never the key itself."""

from __future__ import annotations

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
    headers = {"Authorization": f"Bearer {settings.api_key}"} if with_key else {}
    request = urllib.request.Request(f"{settings.base_url}/models", headers=headers)  # noqa: S310 — config allows http(s) only
    try:
        with urllib.request.build_opener(_NoRedirects).open(request, timeout=_TIMEOUT) as answer:
            return Finding(True, f"reachable: yes ({answer.status})")
    except urllib.error.HTTPError as error:
        error.close()
        return _answered(error.code, with_key=with_key)
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        return Finding(False, f"reachable: no ({reason})", "offline? behind a proxy? --engine local needs no network")


def _answered(status: int, *, with_key: bool) -> Finding:
    if status in {401, 403} and with_key:
        return Finding(False, f"reachable: yes, but the key is not accepted ({status})", "check the key")
    return Finding(None if status < 500 else False, f"reachable: it answers with {status}")  # noqa: PLR2004


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
