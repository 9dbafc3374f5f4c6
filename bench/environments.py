"""A peer in, the Python of its own environment out; made on first use under ``bench/.envs``."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from bench.peers import ENVIRONMENTS, PEERS

__all__ = ["ROOT", "Missing", "interpreter", "python", "version"]

ROOT = Path(__file__).parents[1]
HOME = Path(__file__).parent / ".envs"


class Missing(Exception):
    """The peer could not be installed here; the message says why."""


def python(peer: str) -> Path:
    """Find the interpreter of a peer's environment, making the environment if need be.

    Raises:
        Missing: When it cannot be installed.
    """
    return interpreter(PEERS[peer].environment)


def interpreter(name: str) -> Path:
    """Find the interpreter of an environment, making the environment if need be.

    Raises:
        Missing: When it cannot be installed.
    """
    environment, home = ENVIRONMENTS[name], HOME / name
    found, done = home / "bin/python", home / "ready"
    wanted = "\n".join((*environment.packages, *environment.prepare))
    if done.exists() and done.read_text() == wanted:
        return found
    print(f"installing {name} …", file=sys.stderr)
    shutil.rmtree(home, ignore_errors=True)
    _do([sys.executable, "-m", "venv", str(home)], name)
    packages = [package.format(root=ROOT) for package in environment.packages]
    _do([str(found), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages], name)
    if environment.prepare:
        command, *arguments = (word.format(root=ROOT) for word in environment.prepare)
        _do([str(home / "bin" / command), *arguments], name)
    done.write_text(wanted)
    return found


def version(peer: str, distribution: str) -> str:
    """Ask the peer's environment which version of a distribution it has."""
    program = f"from importlib.metadata import version; print(version({distribution!r}))"
    done = subprocess.run([str(python(peer)), "-c", program], capture_output=True, text=True, check=False)
    return done.stdout.strip() or "?"


def _do(command: list[str], name: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Missing(f"{name} cannot be installed: {(done.stderr.strip().splitlines() or ['no reason given'])[-1]}")
