"""Where to send requests and with which key: arguments, environment and files in, Settings out. Reads, never writes.

Order, for the key and the address each: the argument → a Hermes Agent provider, when one is named → ``RUNAPI_API_KEY``
and ``RUNAPI_BASE_URL`` → RunAPI's own ``~/.config/runapi/config.json`` → for the address, RunAPI itself.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from extract.errors import ConfigError, Unauthorized
from extract.kinds import hold, text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["BASE_URL", "Settings", "resolve"]

BASE_URL = "https://runapi.ai/v1"
"""RunAPI's OpenAI-compatible address."""

_CONFIG_FILE = Path(".config", "runapi", "config.json")
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})

# The spellings Hermes Agent 0.19.0 accepts, in its order of precedence.
_URL_KEYS = ("api", "url", "base_url")
_KEY_ENV_KEYS = ("key_env", "api_key_env", "keyEnv", "apiKeyEnv")
_MODEL_KEYS = ("default_model", "model")
_MODE_KEYS = ("api_mode", "transport")
_MODES = frozenset({"", "chat_completions", "codex_responses", "openai_chat", "openai"})


_KINDS = {
    "api_key": text("runapi_…", private=True),
    "base_url": text(BASE_URL),
    "provider": text("custom:runapi"),
}


@dataclass(frozen=True, slots=True)
class Settings:
    """Where requests go.

    Args:
        base_url: Without a slash at its end; the endpoints' names are put behind it.
        api_key: Never part of a repr.
        model: The model to use when none is asked for; None where nothing names one.
        headers: Sent with every request.
        body: Members of every request's JSON body.
        sources: Where ``api_key``, ``base_url`` and ``model`` were found.
    """

    base_url: str
    api_key: str = field(repr=False)
    model: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: Mapping[str, Any] = field(default_factory=dict, repr=False)
    sources: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Found:
    """What one place knows; empty strings where it knows nothing."""

    source: str
    api_key: str = field(default="", repr=False)
    base_url: str = ""
    model: str = ""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: Mapping[str, Any] = field(default_factory=dict, repr=False)


def resolve(
    *,
    api_key: str | None = None,
    base_url: str | None = None,
    provider: str | None = None,
    environ: Mapping[str, str] | None = None,
    home: Path | None = None,
) -> Settings:
    """Find the gateway's address and key.

    Args:
        api_key: Wins over everything.
        base_url: Likewise. An address without a path gets ``/v1``.
        provider: A provider of Hermes Agent, by name (``"custom:runapi"``, ``"runapi"``); wins over the environment.
        environ: The environment; ``os.environ`` when left out.
        home: The home directory; the user's when left out.

    Raises:
        Unauthorized: When no key is found; names every way to set one.
        ConfigError: When a file cannot be read, the provider is not there, or a value makes no sense.
    """
    hold({"api_key": api_key, "base_url": base_url, "provider": provider}, _KINDS)
    environ = os.environ if environ is None else environ
    home = home or Path.home()
    places = list(_places(_Found("argument", api_key or "", base_url or ""), provider, environ, home))
    address = next(((place.base_url, place.source) for place in places if place.base_url), (BASE_URL, "default"))
    url = _checked_url(*address)
    key, key_source = next(((place.api_key, place.source) for place in places if place.api_key.strip()), ("", ""))
    if not key:
        raise _no_key(url, provider, home / _CONFIG_FILE)
    model, model_source = next(((place.model, place.source) for place in places if place.model), (None, ""))
    sources = {"api_key": key_source, "base_url": address[1]} | ({"model": model_source} if model else {})
    extras = next((place for place in places if place.headers or place.body), None)
    return Settings(
        base_url=url,
        api_key=_checked_key(key.strip(), key_source),
        model=model,
        headers=extras.headers if extras else {},
        body=extras.body if extras else {},
        sources=sources,
    )


def _places(argument: _Found, provider: str | None, environ: Mapping[str, str], home: Path) -> Iterator[_Found]:
    yield argument
    if provider:
        # A named provider is a whole: neither its key nor its address is mixed with another place's.
        yield _hermes(provider, environ, home)
        return
    yield _Found("environment", environ.get("RUNAPI_API_KEY", ""), environ.get("RUNAPI_BASE_URL", ""))
    # A broken file must not stand in the way of someone who does not need it.
    if not (argument.api_key or environ.get("RUNAPI_API_KEY")) or not (
        argument.base_url or environ.get("RUNAPI_BASE_URL")
    ):
        yield _config_file(home / _CONFIG_FILE)


def _config_file(path: Path) -> _Found:
    text = _text(path)
    if text is None:
        return _Found(str(path))
    try:
        value = json.loads(text)
    except ValueError as error:
        where = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
        raise ConfigError(f"{path} is not JSON{where}", advice="mend the file, or delete it") from None
    if not isinstance(value, dict):
        raise ConfigError(f"{path} holds no JSON object", advice='write {"api_key": "…"} into it, or delete it')
    return _Found(
        str(path),
        _string(value, ("api_key", "apiKey"), str(path)),
        _string(value, ("base_url", "baseUrl"), str(path)),
    )


def _hermes(provider: str, environ: Mapping[str, str], home: Path) -> _Found:
    root = _hermes_home(environ, home)
    path = root / "config.yaml"
    # Hermes loads its .env over the shell's variables, so an entry there wins.
    env = {**environ, **_dotenv(root / ".env")}
    config = _expanded(_yaml(path, provider), env)
    wanted = _normal(provider)
    entry, inline_first = _entry(config, wanted, path)
    source = f"{path} (provider {wanted})"
    url = _string(entry, _URL_KEYS, source)
    if not url:
        raise ConfigError(f"{source} names no address", advice="give the provider a base_url")
    mode = _string(entry, _MODE_KEYS, source)
    if mode not in _MODES:
        raise ConfigError(f"{source} speaks {mode!r}", advice="name a provider with api_mode: chat_completions")
    model = _string(entry, _MODEL_KEYS, source) or _default_model(config, wanted)
    return _Found(
        source,
        _hermes_key(entry, url, env, inline_first=inline_first),
        url,
        model,
        {name: str(value) for name, value in _mapping(entry, "extra_headers", source).items()},
        _mapping(entry, "extra_body", source),
    )


def _hermes_home(environ: Mapping[str, str], home: Path) -> Path:
    if environ.get("HERMES_HOME"):
        return Path(environ["HERMES_HOME"]).expanduser()
    if os.name == "nt" and environ.get("LOCALAPPDATA"):
        return Path(environ["LOCALAPPDATA"], "hermes")
    return home / ".hermes"


def _dotenv(path: Path) -> dict[str, str]:
    entries: dict[str, str] = {}
    for line in (_text(path) or "").splitlines():
        name, equals, value = line.strip().removeprefix("export ").partition("=")
        if not equals or name.startswith("#"):
            continue
        value = value.strip()
        if value[:1] in {"'", '"'} and value.find(value[0], 1) > 0:
            value = value[1 : value.find(value[0], 1)]
        else:
            value = value.split(" #", 1)[0].rstrip()
        entries[name.strip()] = value
    return entries


def _yaml(path: Path, provider: str) -> dict[str, Any]:
    text = _text(path)
    if text is None:
        raise ConfigError(
            f"provider {provider!r} is to be found in {path}, which is not there",
            advice="set HERMES_HOME to Hermes Agent's directory, or give key and address instead of a provider",
        )
    try:
        import yaml  # noqa: PLC0415 - an extra, needed by those who name a provider only
    except ImportError:
        raise ConfigError(
            f"{path} is YAML, and PyYAML is not installed", advice="pip install 'typed-extract[hermes]'"
        ) from None
    try:
        value = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" (line {mark.line + 1})" if mark else ""
        raise ConfigError(f"{path} is not YAML{where}", advice="mend the file; hermes doctor checks it") from None
    if not isinstance(value, dict):
        raise ConfigError(f"{path} holds no mapping", advice="add the provider under providers:")
    return value


def _expanded(value: Any, env: Mapping[str, str]) -> Any:
    """Put variables in for ``${NAME}`` in every string; an unknown one stays as it is."""
    if isinstance(value, str):
        return _VARIABLE.sub(lambda match: env.get(match[1], match[0]), value)
    if isinstance(value, dict):
        return {key: _expanded(item, env) for key, item in value.items()}
    return [_expanded(item, env) for item in value] if isinstance(value, list) else value


def _normal(name: str) -> str:
    return name.strip().lower().replace(" ", "-").removeprefix("custom:")


def _entry(config: dict[str, Any], wanted: str, path: Path) -> tuple[dict[str, Any], bool]:
    """Find a provider in either shape; the second value says whether its inline key wins over its variable."""
    named, listed = config.get("providers"), config.get("custom_providers")
    candidates = [
        (str(key), entry, False) for key, entry in (named.items() if isinstance(named, dict) else ()) if _on(entry)
    ] + [("", entry, True) for entry in (listed if isinstance(listed, list) else ()) if _on(entry)]
    for key, entry, inline_first in candidates:
        if wanted in {_normal(key), _normal(str(entry.get("name") or ""))}:
            return entry, inline_first
    names = sorted({_normal(key or str(entry.get("name") or "")) for key, entry, _ in candidates} - {""})
    raise ConfigError(
        f"{path} has no provider named {wanted!r}",
        advice=f"name one of: {', '.join(names)}" if names else "add it there under providers:",
    )


def _on(entry: Any) -> bool:
    return isinstance(entry, dict) and entry.get("enabled") is not False


def _hermes_key(entry: dict[str, Any], url: str, env: Mapping[str, str], *, inline_first: bool) -> str:
    inline = str(entry.get("api_key") or "")
    # A variable nobody has set is no key.
    inline = "" if _VARIABLE.search(inline) else inline
    name = next((str(entry[key]) for key in _KEY_ENV_KEYS if entry.get(key)), "")
    named = env.get(name, "")
    by_host = env.get(_vendor_variable(url), "")
    return (inline or named or by_host) if inline_first else (named or inline or by_host)


def _vendor_variable(url: str) -> str:
    """Derive the variable's name from the host: ``https://runapi.ai/v1`` → ``RUNAPI_API_KEY``."""
    labels = (_host(url) or "").split(".")
    vendor = labels[-2] if len(labels) > 1 else labels[0]
    return re.sub(r"[^A-Z0-9]", "_", vendor.upper()) + "_API_KEY"


def _default_model(config: dict[str, Any], wanted: str) -> str:
    chosen = config.get("model")
    if not isinstance(chosen, dict) or _normal(str(chosen.get("provider") or "")) != wanted:
        return ""
    return str(chosen.get("default") or "")


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise ConfigError(f"{path} cannot be read: {why}", advice="check the file and its permissions") from None


def _string(value: Mapping[str, Any], keys: tuple[str, ...], source: str) -> str:
    for key in keys:
        found = value.get(key)
        if found:
            if not isinstance(found, str):
                raise ConfigError(f"{source}: {key} is {type(found).__name__}, not text", advice=f"put {key} in quotes")
            return found
    return ""


def _mapping(entry: Mapping[str, Any], key: str, source: str) -> dict[str, Any]:
    found = entry.get(key) or {}
    if not isinstance(found, dict):
        raise ConfigError(f"{source}: {key} is {type(found).__name__}, not a mapping", advice=f"mend {key}")
    return {str(name): value for name, value in found.items()}


def _host(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


def _checked_url(url: str, source: str) -> str:
    advice = f"write it like {BASE_URL}"
    try:
        parts = urlsplit(url.strip())
        _ = parts.port
    except ValueError:
        raise ConfigError(f"base_url ({source}) is no address", advice=advice) from None
    if parts.scheme not in {"http", "https"} or not parts.hostname or any(sign.isspace() for sign in url.strip()):
        raise ConfigError(f"base_url ({source}) is no http or https address", advice=advice)
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ConfigError(f"base_url ({source}) holds a user, a query or a fragment", advice=advice)
    path = parts.path.rstrip("/").removesuffix("/chat/completions") or "/v1"
    return f"{parts.scheme}://{parts.netloc}{path}"


def _checked_key(key: str, source: str) -> str:
    # Such a key cannot travel in a header; it is not quoted here, for it may be the real one with a slip.
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise ConfigError(f"the key ({source}) holds spaces or signs that no key has", advice="copy the key once more")
    return key


def _no_key(url: str, provider: str | None, path: Path) -> Unauthorized:
    loopback = " (a server on this machine wants one too; any word will do)" if _host(url) in _LOOPBACK else ""
    if provider:
        return Unauthorized(
            f"no key was found for provider {provider!r} at {url}{loopback}",
            advice="set the variable its key_env names, in the environment or in Hermes' .env; or pass api_key=",
        )
    return Unauthorized(
        f"no key was found for {url}{loopback}",
        advice="set RUNAPI_API_KEY, or pass api_key=, or write "
        f'{{"api_key": "…"}} into {path}, or name a Hermes Agent provider: provider="custom:runapi"',
    )
