"""A source in (path, bytes, file), a :class:`Document` out: its text, and where each page begins."""

from extract.documents._document import Document, any_text
from extract.documents._limits import Limits
from extract.documents._read import read

__all__ = ["Document", "Limits", "any_text", "read"]
