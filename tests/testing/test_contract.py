"""The stand-in's contract over real HTTP: what it refuses and in which words, what it lets through."""

from __future__ import annotations

import http.client
import json
import ssl
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from extract.testing import StandIn

CASES = json.loads((Path(__file__).parents[1] / "cases" / "standin_contract.json").read_text(encoding="utf-8"))
BODY = {"model": "gpt-5.4-mini", "messages": [{"role": "user", "content": "hello"}]}
CHAT = "/v1/chat/completions"


@pytest.fixture(scope="module")
def server():
    with StandIn() as running:
        yield running


def call(server, method, path, body=None, headers=None):
    """Return status, headers and parsed body of one raw HTTP exchange."""
    connection = http.client.HTTPConnection(urlsplit(server.base_url).netloc, timeout=60)
    try:
        given = {"authorization": f"Bearer {server.api_key}"} if headers is None else headers
        connection.request(method, path, body if body is None or isinstance(body, bytes) else json.dumps(body), given)
        reply = connection.getresponse()
        return reply.status, dict(reply.getheaders()), json.loads(reply.read())
    finally:
        connection.close()


@pytest.mark.parametrize("case", CASES, ids=[case["why"] for case in CASES])
def test_bodies_are_judged_as_published(server, case):
    """Each body gets the status, code, param and words of the contract."""
    status, _, body = call(server, "POST", CHAT, {**BODY, **case["body"]})
    assert status == case["status"]
    if status != 200:
        assert (body["error"]["code"], body["error"]["param"]) == (case["code"], case["param"])
        assert body["error"]["type"] == "invalid_request_error"
        assert case["message"] in body["error"]["message"]


@pytest.mark.parametrize(
    ("headers", "code"),
    [({}, None), ({"authorization": "Bearer wrong"}, "invalid_api_key"), ({"x-api-key": "wrong"}, "invalid_api_key")],
)
def test_wrong_keys_are_refused_without_being_quoted(server, headers, code):
    """No key or another key is 401, and the body does not repeat what came."""
    status, _, body = call(server, "POST", CHAT, BODY, headers)
    assert (status, body["error"]["code"]) == (401, code)
    assert "wrong" not in json.dumps(body)


@pytest.mark.parametrize("name", ["authorization", "x-api-key"])
def test_both_published_key_headers_are_taken(server, name):
    """Bearer and x-api-key open the door alike."""
    value = f"Bearer {server.api_key}" if name == "authorization" else server.api_key
    assert call(server, "POST", CHAT, BODY, {name: value})[0] == 200


@pytest.mark.parametrize("path", ["/v1/models", "/v1/models/gpt-5.5", "/v1/models?limit=1"])
def test_models_are_listed_to_all_but_a_wrong_key(server, path):
    """Without a key the list is open, as published; a key that is given is checked, as everywhere."""
    assert call(server, "GET", path, headers={})[0] == 200
    assert call(server, "GET", path)[0] == 200
    status, _, body = call(server, "GET", path, headers={"authorization": "Bearer wrong"})
    assert (status, body["error"]["code"]) == (401, "invalid_api_key")


def test_models_are_listed_without_a_key(server):
    """GET /v1/models is an OpenAI list, open to all; one model can be asked for."""
    status, _, body = call(server, "GET", "/v1/models", headers={})
    names = [card["id"] for card in body["data"]]
    assert (status, body["object"]) == (200, "list")
    assert "gpt-5.4-mini" in names
    assert "gpt-5.3-codex" not in names
    assert call(server, "GET", "/v1/models/gpt-5.5", headers={})[2]["id"] == "gpt-5.5"
    assert call(server, "GET", "/v1/models/nothing", headers={})[0] == 404


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/v1/models", 404),
        ("GET", "/v1/modelships", 404),
        ("POST", "/v1/models", 405),
        ("POST", "/api/show", 404),
        ("GET", "/", 404),
        ("POST", "/v1/embeddings", 404),
        ("GET", CHAT, 405),
    ],
)
def test_other_paths_are_refused_cleanly(server, method, path, status):
    """What the stand-in does not serve is a JSON error, not a broken connection."""
    found, headers, body = call(server, method, path)
    assert found == status
    assert headers["content-type"] == "application/json"
    assert body["error"]["message"]


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b"[]", b"null", b'"text"'])
def test_bodies_that_are_no_json_object_are_refused(server, body):
    """Broken, deep or non-object bodies are 400 and nothing else happens."""
    status, _, reply = call(server, "POST", CHAT, body)
    assert status == 400
    assert "could not parse the JSON body" in reply["error"]["message"]


def test_whoever_speaks_tls_is_told_at_once(server):
    """An address with https:// by mistake ends in an error, not in a long wait."""
    connection = http.client.HTTPSConnection(urlsplit(server.base_url).netloc, timeout=60)
    with pytest.raises(ssl.SSLError):
        connection.request("GET", "/v1/models")
    connection.close()


def test_a_prompt_beyond_the_models_window_is_refused(server):
    """A prompt over the input limit is context_length_exceeded."""
    long = {**BODY, "messages": [{"role": "user", "content": "x" * 1_200_000}]}
    status, _, body = call(server, "POST", CHAT, long)
    assert (status, body["error"]["code"]) == (400, "context_length_exceeded")


def test_request_ids_are_given_and_echoed(server):
    """Every reply carries an id of its own, and the caller's id comes back."""
    key = {"authorization": f"Bearer {server.api_key}"}
    first = call(server, "POST", CHAT, BODY, {**key, "X-Client-Request-Id": "mine-1"})[1]
    second = call(server, "POST", CHAT, BODY, key)[1]
    assert first["x-request-id"] != second["x-request-id"]
    assert first["x-client-request-id"] == "mine-1"
    assert "x-client-request-id" not in second


def test_further_models_can_be_named():
    """Names given to the stand-in are known and listed; retired ones come back to life."""
    with StandIn(models=["house-model", "gpt-5.3-codex"]) as server:
        assert call(server, "POST", CHAT, {**BODY, "model": "house-model"})[0] == 200
        assert call(server, "POST", CHAT, {**BODY, "model": "gpt-5.3-codex"})[0] == 200
        assert call(server, "GET", "/v1/models/house-model", headers={})[0] == 200


def test_bodies_beyond_the_size_limit_are_refused():
    """A body over max_body is 413, told before it is read."""
    with StandIn(max_body=1000) as server:
        connection = http.client.HTTPConnection(urlsplit(server.base_url).netloc, timeout=60)
        connection.putrequest("POST", CHAT)
        connection.putheader("content-length", "1001")
        connection.endheaders()
        assert connection.getresponse().status == 413
        connection.close()
