"""The HTTP clients under the SDK: bounds, encodings, proxies, and what they leave out."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import json
import logging
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from extract.engines import RunAPI, _transport
from extract.engines._errors import unreachable
from extract.errors import ConnectionFailed, RequestRejected, ServerFailed, TimedOut
from extract.typing import Message, Parameters, Reply, Request

ROOT = Path(__file__).resolve().parents[2]


def request(**parameters: Any) -> Request:
    return Request(model="gpt-5.4-mini", messages=(Message("user", "Hi."),), parameters=Parameters(**parameters))


@pytest.fixture(params=["sync", "aiohttp", "async"])
def send(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Send over each of the three wires."""
    if request.param == "sync":
        return lambda engine, asked: engine.send(asked)
    if request.param == "async":
        # As if the extra were not installed.
        monkeypatch.setitem(sys.modules, "aiohttp", None)

    def send_async(engine: RunAPI, asked: Request) -> Reply:
        async def run() -> Reply:
            async with engine:
                return await engine.send_async(asked)

        return asyncio.run(run())

    return send_async


@pytest.fixture
def engine(gateway: Any) -> Any:
    """The engine, pointed at the server on loopback."""
    with RunAPI(api_key="key", base_url=gateway.base_url) as made:
        yield made


@pytest.fixture
def lone(request: pytest.FixtureRequest) -> Any:
    """A port where nobody speaks HTTP: every connection gets the same bytes, or none, and is closed."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = server.accept()
                    with connection:
                        connection.recv(10_000)
                        connection.sendall(request.param)

        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)


PLAIN = b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n"
ALERT = b"\x15\x03\x01\x00\x02\x02\x46"
UNREACHABLE = [
    ("https", PLAIN, "http://, or another port"),
    ("http", ALERT, "write https://"),
    ("http", b"", "write https://"),
    ("http", b"SSH-2.0-x\r\n", "write https://"),
]


@pytest.mark.parametrize(("scheme", "lone", "said"), UNREACHABLE, ids=range(len(UNREACHABLE)), indirect=["lone"])
def test_a_wrong_scheme_is_guessed(send: Any, scheme: str, lone: int, said: str) -> None:
    """From what the connection's error says; the address is named."""
    with RunAPI(api_key="key", base_url=f"{scheme}://127.0.0.1:{lone}/v1") as engine:
        with pytest.raises(ConnectionFailed) as caught:
            send(engine, request(timeout=20))
        assert said in caught.value.advice
        assert f"{scheme}://127.0.0.1:{lone}/v1" in caught.value.advice


@pytest.mark.parametrize(
    ("url", "said"),
    [("http://127.0.0.1:9/v1", "nothing listens"), ("http://no-such-host.invalid/v1", "no host is known")],
)
def test_an_address_where_nobody_is(send: Any, url: str, said: str) -> None:
    """A closed port, and a name that nobody has."""
    with RunAPI(api_key="key", base_url=url) as engine:
        with pytest.raises(ConnectionFailed) as caught:
            send(engine, request(timeout=20))
        assert said in caught.value.advice


def test_no_connection_is_no_slow_answer(send: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where not even a connection comes about, more time would not help."""
    monkeypatch.setattr(_transport, "_CONNECT", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        engine = RunAPI(api_key="key", base_url=f"https://127.0.0.1:{silent.getsockname()[1]}/v1")
        with engine, pytest.raises(ConnectionFailed, match="no connection within") as caught:
            send(engine, request(timeout=20))
    assert "address" in caught.value.advice


def test_an_untrusted_certificate_is_named() -> None:
    """As OpenSSL words it."""
    told = "ConnectError [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate"
    assert "SSL_CERT_FILE" in unreachable(told, "https://x/v1")


def test_an_ordinary_reply(gateway: Any, engine: RunAPI, send: Any) -> None:
    """Each wire brings the same."""
    gateway.answer_text("{}")
    assert send(engine, request()).text == "{}"


def test_no_more_headers_than_needed(gateway: Any, engine: RunAPI, send: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing about this machine, and nothing out of OpenAI's own variables."""
    monkeypatch.setenv("OPENAI_ORG_ID", "org")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "project")
    gateway.answer_text("{}")
    send(engine, request())
    assert set(gateway.seen[0].headers) - {"connection"} == {
        "host",
        "accept",
        "accept-encoding",
        "authorization",
        "content-length",
        "content-type",
        "user-agent",
    }


def test_an_encoded_reply_is_decoded(gateway: Any, engine: RunAPI, send: Any) -> None:
    """Even though none was asked for."""
    body = gzip.compress(json.dumps({"choices": [{"message": {"content": "text"}}]}).encode())
    gateway.answer(body, headers={"content-encoding": "gzip"})
    assert send(engine, request()).text == "text"


def test_chunked_replies(gateway: Any, engine: RunAPI, send: Any) -> None:
    """Without a length."""
    body = b'{"choices": [{"message": {"content": "text"}}]}'
    head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
    gateway.answer_raw(head + b"".join(b"1\r\n%c\r\n" % sign for sign in body) + b"0\r\n\r\n")
    assert send(engine, request()).text == "text"


@pytest.mark.parametrize("encoded", [False, True])
def test_a_reply_beyond_the_limit(gateway: Any, engine: RunAPI, send: Any, encoded: bool) -> None:  # noqa: FBT001
    """One typed error, not retried; a small body that unfolds into a large one counts as large."""
    body = b" " * (_transport.LIMIT + 1)
    headers = {"content-encoding": "gzip"} if encoded else {}
    gateway.answer(gzip.compress(body) if encoded else body, headers=headers)
    with pytest.raises(ServerFailed, match="larger than 32 MiB") as caught:
        send(engine, request())
    assert not caught.value.retryable


def test_a_trickle_ends_in_time(gateway: Any, engine: RunAPI, send: Any) -> None:
    """The limit is for the whole reply, not for each read."""
    pieces = [item for _ in range(40) for item in (b" ", 0.05)]
    gateway.answer_raw(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n", *pieces)
    with pytest.raises(TimedOut):
        send(engine, request(timeout=0.5))


@pytest.mark.parametrize("headers", [{"X-Bad": "line\r\nbreak"}, {"X-Bad": "smile 😀"}, {"X Bad\n": "x"}])
def test_headers_that_cannot_travel(gateway: Any, engine: RunAPI, send: Any, headers: dict[str, str]) -> None:
    """The request is at fault, not the network."""
    gateway.answer_text("{}")
    with pytest.raises(RequestRejected, match="cannot be sent"):
        send(engine, request(extra_headers=headers))


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy"])
def test_proxies_of_the_environment_are_used(
    gateway: Any, send: Any, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """A host that does not exist is reached through one that does."""
    monkeypatch.setenv(name, gateway.base_url.removesuffix("/v1"))
    gateway.answer_text("{}")
    with RunAPI(api_key="key", base_url="http://gateway.invalid/v1") as engine:
        assert send(engine, request()).text == "{}"
    assert gateway.seen[0].line == "POST http://gateway.invalid/v1/chat/completions HTTP/1.1"


def test_connections_are_kept(gateway: Any, engine: RunAPI) -> None:
    """And opened anew after close()."""
    gateway.answer_text("{}")
    for _ in range(3):
        engine.send(request())
    engine.close()
    engine.send(request())
    assert gateway.connections == 2


def test_one_engine_for_many_threads_and_loops(gateway: Any, engine: RunAPI) -> None:
    """Threads share it, and so do event loops one after the other."""
    gateway.answer_text("{}")
    replies: list[Reply] = []
    threads = [threading.Thread(target=lambda: replies.append(engine.send(request()))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    async def many() -> None:
        replies.extend(await asyncio.gather(*[engine.send_async(request()) for _ in range(8)]))

    asyncio.run(many())
    asyncio.run(many())
    assert [reply.text for reply in replies] == ["{}"] * 24


def test_cancelling_leaves_nothing_behind(gateway: Any, engine: RunAPI) -> None:
    """A task given up in mid-request does not spoil the next one."""
    gateway.answer_text("{}")
    gateway.answer_raw(5.0, b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
    gateway.answer_text("{}")

    async def run() -> Reply:
        async with engine:
            await engine.send_async(request())
            given_up = asyncio.create_task(engine.send_async(request()))
            while len(gateway.seen) < 2:  # noqa: ASYNC110 - the server is another thread's
                await asyncio.sleep(0.01)
            given_up.cancel()
            with pytest.raises(asyncio.CancelledError):
                await given_up
            return await engine.send_async(request())

    assert asyncio.run(run()).text == "{}"


def test_an_engine_nobody_closes_says_nothing(gateway: Any) -> None:
    """Several loops one after the other, then the interpreter's end: not a word on stderr."""
    gateway.answer_text("{}")
    script = f"""
import asyncio
from extract.engines import RunAPI
from extract.typing import Message, Request
engine = RunAPI(api_key="key", base_url={gateway.base_url!r})
request = Request(model="gpt-5.4-mini", messages=(Message("user", "Hi."),))
for _ in range(3):
    print(asyncio.run(engine.send_async(request)).text)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.stdout.split(), done.stderr) == (["{}"] * 3, "")


def test_neither_key_nor_prompt_is_logged(gateway: Any, send: Any, caplog: pytest.LogCaptureFixture) -> None:
    """Not by any library on the way, with everything switched on."""
    caplog.set_level(logging.DEBUG)
    gateway.answer({"error": {"message": "no"}}, 400)
    gateway.answer_text("{}")
    own = Parameters(extra_headers={"X-Own": "Confidential header"})
    asked = Request(model="gpt-5.4-mini", messages=(Message("user", "Confidential document."),), parameters=own)
    with RunAPI(api_key="runapi_verysecret", base_url=gateway.base_url) as engine:
        with pytest.raises(RequestRejected):
            send(engine, asked)
        send(engine, asked)
    assert gateway.seen[1].headers["x-own"] == "Confidential header"
    assert "verysecret" not in caplog.text
    assert "Confidential" not in caplog.text
