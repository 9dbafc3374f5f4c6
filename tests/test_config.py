"""Where address and key come from: every place, their order, and what is said when one of them is broken."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from extract.config import BASE_URL, Settings, resolve
from extract.errors import ConfigError, Unauthorized

KEY = "runapi_verysecretkey0123456789"
LISTED = """
custom_providers:
  - name: runapi
    base_url: "https://runapi.ai/v1"
    key_env: MY_KEY
    api_mode: chat_completions
model:
  provider: custom:runapi
  default: gpt-5.5
"""
MAPPED = """
_config_version: 33
providers:
  runapi:
    name: RunAPI Gateway
    {url}: "https://gateway.example/v1/"
    {key}
    transport: chat_completions
    {model}
    extra_headers: {{X-Client-Request-Id: "${{WHO}}"}}
    extra_body: {{service_tier: flex}}
  hidden: {{enabled: false, api: "https://hidden.example/v1", api_key: k}}
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An empty home directory."""
    return tmp_path


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def config_file(home: Path, value: Any) -> Path:
    return write(home / ".config/runapi/config.json", value if isinstance(value, str) else json.dumps(value))


def hermes(home: Path, text: str) -> Path:
    return write(home / ".hermes/config.yaml", text)


def find(home: Path, environ: dict[str, str] | None = None, **arguments: Any) -> Settings:
    return resolve(environ=environ or {}, home=home, **arguments)


def test_order_of_places(home: Path) -> None:
    """Argument before environment before file; each of key and address on its own."""
    config_file(home, {"api_key": "file", "base_url": "https://file.example/v1"})
    environ = {"RUNAPI_API_KEY": "shell", "RUNAPI_BASE_URL": "https://shell.example/v1"}
    found = [
        find(home, environ, api_key="argument", base_url="https://argument.example/v1"),
        find(home, environ, api_key="argument"),
        find(home, environ),
        find(home, {"RUNAPI_API_KEY": "shell"}),
        find(home),
    ]
    assert [(settings.api_key, settings.base_url.split(".")[0]) for settings in found] == [
        ("argument", "https://argument"),
        ("argument", "https://shell"),
        ("shell", "https://shell"),
        ("shell", "https://file"),
        ("file", "https://file"),
    ]
    assert found[3].sources == {"api_key": "environment", "base_url": str(home / ".config/runapi/config.json")}


@pytest.mark.parametrize("value", [{"api_key": KEY}, {"apiKey": KEY}, {"apiKey": KEY, "baseUrl": BASE_URL}])
def test_runapis_own_file_in_both_spellings(home: Path, value: dict[str, str]) -> None:
    """Snake case and camel case; the address is RunAPI's unless said."""
    config_file(home, value)
    settings = find(home)
    assert (settings.api_key, settings.base_url) == (KEY, BASE_URL)


def test_the_key_stays_out_of_reprs(home: Path) -> None:
    """Nor are headers shown, which may hold one too."""
    assert KEY not in repr(find(home, api_key=KEY))


def test_no_key_names_every_way(home: Path) -> None:
    """One error, all the ways out."""
    with pytest.raises(Unauthorized) as caught:
        find(home)
    for way in ("RUNAPI_API_KEY", "api_key=", "config.json", 'provider="custom:runapi"'):
        assert way in str(caught.value)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
def test_loopback_wants_a_key_too(home: Path, host: str) -> None:
    """And says that any word will do."""
    with pytest.raises(Unauthorized, match="any word will do"):
        find(home, base_url=f"http://{host}:8080/v1")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("https://runapi.ai", "https://runapi.ai/v1"),
        ("https://runapi.ai/", "https://runapi.ai/v1"),
        ("https://runapi.ai/v1/", "https://runapi.ai/v1"),
        ("https://runapi.ai/v1/chat/completions", "https://runapi.ai/v1"),
        ("http://127.0.0.1:8080/openai/v1", "http://127.0.0.1:8080/openai/v1"),
        (" https://runapi.ai/v1\n", "https://runapi.ai/v1"),
    ],
)
def test_addresses_are_tidied(home: Path, given: str, expected: str) -> None:
    """RunAPI's own tools keep the address without /v1; that works here too."""
    assert find(home, api_key=KEY, base_url=given).base_url == expected


@pytest.mark.parametrize(
    "url",
    [
        "runapi.ai/v1",
        "ftp://runapi.ai",
        "https://",
        "http://[::1",
        "https://a b/v1",
        "https://x:y/v1",
        "https://user:pw@runapi.ai/v1",
        "https://runapi.ai/v1?key=1",
        "https://runapi.ai:99999/v1",
    ],
)
def test_addresses_that_are_none(home: Path, url: str) -> None:
    """A typed error at once, not a failed connection later; a password in it is not repeated."""
    with pytest.raises(ConfigError, match="base_url") as caught:
        find(home, api_key=KEY, base_url=url)
    assert "pw" not in str(caught.value)


@pytest.mark.parametrize("key", ["two words", "line\nbreak", "schlüssel"])
def test_keys_that_cannot_travel(home: Path, key: str) -> None:
    """Said before a header breaks, and without quoting it."""
    with pytest.raises(ConfigError) as caught:
        find(home, api_key=key)
    assert key not in str(caught.value)


@pytest.mark.parametrize("text", ["{", "[]", '{"api_key": 7}', "\x00"])
def test_a_broken_file_is_named(home: Path, text: str) -> None:
    """The message has its path."""
    path = config_file(home, text)
    with pytest.raises(ConfigError) as caught:
        find(home)
    assert str(path) in str(caught.value)


def test_a_broken_file_nobody_needs_is_left_alone(home: Path) -> None:
    """Key and address are known already."""
    config_file(home, "{")
    assert find(home, {"RUNAPI_BASE_URL": BASE_URL}, api_key=KEY).api_key == KEY


@pytest.mark.parametrize("name", ["runapi", "custom:runapi", "Custom:RunAPI"])
def test_hermes_provider_in_a_list(home: Path, name: str) -> None:
    """The shape RunAPI's guide prints; the model comes along."""
    hermes(home, LISTED)
    settings = find(home, {"MY_KEY": KEY, "RUNAPI_API_KEY": "other"}, provider=name)
    assert (settings.api_key, settings.base_url, settings.model) == (KEY, BASE_URL, "gpt-5.5")


@pytest.mark.parametrize("url", ["api", "base_url", "url"])
@pytest.mark.parametrize("key", ["key_env", "api_key_env", "keyEnv", "apiKeyEnv"])
@pytest.mark.parametrize("model", ["default_model", "model"])
def test_hermes_provider_in_a_map(home: Path, url: str, key: str, model: str) -> None:
    """The current shape with every alias; headers and body extras are kept, variables put in."""
    hermes(home, MAPPED.format(url=url, key=f"{key}: MY_KEY", model=f"{model}: gpt-5.4"))
    settings = find(home, {"MY_KEY": KEY, "WHO": "me"}, provider="custom:runapi")
    assert (settings.api_key, settings.base_url, settings.model) == (KEY, "https://gateway.example/v1", "gpt-5.4")
    assert (settings.headers, settings.body) == ({"X-Client-Request-Id": "me"}, {"service_tier": "flex"})


def test_hermes_provider_is_found_by_its_long_name(home: Path) -> None:
    """Spaces count as dashes."""
    hermes(home, MAPPED.format(url="api", key="api_key: inline", model=""))
    assert find(home, provider="custom:runapi-gateway").api_key == "inline"


@pytest.mark.parametrize(
    ("shape", "environ", "expected"),
    [
        ("map", {"MY_KEY": "variable"}, "variable"),
        ("map", {}, "inline"),
        ("list", {"MY_KEY": "variable"}, "inline"),
    ],
)
def test_hermes_inline_key_or_variable(home: Path, shape: str, environ: dict[str, str], expected: str) -> None:
    """In the map the variable wins, in the list the inline key."""
    entry = "{name: r, url: 'https://g.example/v1', key_env: MY_KEY, api_key: inline}"
    hermes(home, f"providers: {{r: {entry}}}" if shape == "map" else f"custom_providers: [{entry}]")
    assert find(home, environ, provider="r").api_key == expected


def test_hermes_key_by_host_and_unset_variables(home: Path) -> None:
    """An unexpanded ``${NAME}`` is no key; the host's own variable is the last resort."""
    hermes(home, "custom_providers: [{name: r, base_url: 'https://api.runapi.ai/v1', api_key: '${NOT_SET}'}]")
    assert find(home, {"RUNAPI_API_KEY": KEY}, provider="r").api_key == KEY
    with pytest.raises(Unauthorized, match="provider 'r'"):
        find(home, provider="r")


def test_hermes_dotenv_wins_over_the_shell(home: Path) -> None:
    """As Hermes itself does it; quotes, comments and export included."""
    hermes(home, LISTED)
    write(home / ".hermes/.env", f"# keys\nOTHER=1\nexport MY_KEY='{KEY}' # the real one\n")
    assert find(home, {"MY_KEY": "shell"}, provider="runapi").api_key == KEY


def test_hermes_home_may_be_elsewhere(home: Path) -> None:
    """HERMES_HOME names the directory."""
    write(home / "elsewhere/config.yaml", LISTED)
    environ = {"MY_KEY": KEY, "HERMES_HOME": str(home / "elsewhere")}
    assert find(home, environ, provider="runapi").api_key == KEY


def test_a_named_provider_wins_over_the_environment_and_loses_to_arguments(home: Path) -> None:
    """The shell's RUNAPI_BASE_URL does not redirect a provider's key."""
    hermes(home, LISTED)
    environ = {"MY_KEY": KEY, "RUNAPI_BASE_URL": "https://evil.example/v1"}
    assert find(home, environ, provider="runapi").base_url == BASE_URL
    assert (
        find(home, environ, provider="runapi", base_url="http://mine.example/v1").base_url == "http://mine.example/v1"
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (None, "HERMES_HOME"),
        ("a: [", "not YAML"),
        ("- a", "no mapping"),
        ("providers: {other: {api: x}}", "name one of: other"),
        ("providers: 7", "add it there"),
        ("providers: {runapi: {api: 'https://x.example', enabled: false}}", "no provider named"),
        ("providers: {runapi: {api_key: k}}", "names no address"),
        ("providers: {runapi: {api: 7}}", "not text"),
        ("providers: {runapi: {api: 'https://x.example', api_mode: anthropic_messages}}", "anthropic_messages"),
        ("providers: {runapi: {api: 'https://x.example', api_key: k, extra_headers: [1]}}", "extra_headers"),
    ],
)
def test_what_can_be_wrong_with_a_provider(home: Path, text: str | None, told: str) -> None:
    """Each is a ConfigError that names the file and what to do."""
    if text is not None:
        hermes(home, text)
    with pytest.raises(ConfigError) as caught:
        find(home, provider="custom:runapi")
    assert told in str(caught.value)
    assert "config.yaml" in str(caught.value)
    assert caught.value.advice


def test_the_extra_for_yaml_is_missing(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Said with what to install; everything else goes on without it."""
    monkeypatch.setitem(sys.modules, "yaml", None)
    hermes(home, LISTED)
    with pytest.raises(ConfigError, match="pip install"):
        find(home, provider="runapi")
    assert find(home, {"RUNAPI_API_KEY": KEY}).api_key == KEY


def test_nothing_is_written(home: Path) -> None:
    """Configuration of other programs is read only."""
    hermes(home, LISTED)
    before = sorted(home.rglob("*"))
    find(home, {"MY_KEY": KEY}, provider="runapi")
    assert sorted(home.rglob("*")) == before
