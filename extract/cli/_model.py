"""Embedded models on the command line: fetch, list, remove."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from extract.cli._console import stderr
from extract.engines import installed, pull as fetch, remove as delete

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["pull", "remove", "show"]
