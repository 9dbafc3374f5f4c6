"""Which kind of source is this, and who turns it into text."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import IO

from extract.documents._document import Document, any_text
from extract.documents._html import html_to_text
from extract.documents._limits import Limits
from extract.documents._mail import looks_like_mail, mail_to_text
from extract.documents._pdf import pdf_to_text
from extract.documents._text import NotText, decode_text
from extract.errors import DocumentError

__all__ = ["read"]

_READABLE = "text, Markdown, HTML, a PDF with text, or a mail (.eml)"
_DEFAULT = Limits()

# First bytes of what cannot be read yet: what to call it, what to do.
_OTHERS = (
    (b"\x89PNG", "a PNG picture", "ocr"),
    (b"\xff\xd8\xff", "a JPEG picture", "ocr"),
    (b"GIF8", "a GIF picture", "ocr"),
    (b"II*\x00", "a TIFF picture", "ocr"),
    (b"MM\x00*", "a TIFF picture", "ocr"),
    (b"BM", "a BMP picture", "ocr"),
    (b"{\\rtf", "an RTF document", "export"),
    (b"\xd0\xcf\x11\xe0", "an old Office document (.doc, .xls)", "export"),
    (b"PK\x03\x04", "a ZIP archive (also .docx, .xlsx, .odt)", "export"),
    (b"PK\x05\x06", "an empty ZIP archive", "export"),
    (b"\x1f\x8b", "gzip-compressed data", "unpack"),
    (b"BZh", "bzip2-compressed data", "unpack"),
    (b"\xfd7zXZ", "xz-compressed data", "unpack"),
    (b"7z\xbc\xaf", "a 7z archive", "unpack"),
    (b"\x7fELF", "a program", "kinds"),
    (b"MZ\x90", "a program", "kinds"),
)
_ADVICE = {
    "ocr": "reading text from pictures (OCR) is not there yet; run an OCR tool first",
    "export": "export it as PDF or text",
    "unpack": "unpack it first",
    "kinds": f"give {_READABLE}",
}
_BY_SUFFIX = {
    ".md": "text/markdown",
    ".markdown": "text/markdown",
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".json": "application/json",
    ".xml": "application/xml",
}
_PAGE = re.compile(
    r"\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*<(!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL
)
_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE)


def read(
    source: str | os.PathLike[str] | bytes | IO[bytes] | IO[str],
    *,
    name: str | None = None,
    limits: Limits = _DEFAULT,
) -> Document:
    """Read a source as a document; its kind is told by its content, the suffix only decides ties.

    Args:
        source: A path (a ``str`` is a path, never the text itself), bytes, or an open file.
        name: What to call it; default the file's name.
        limits: How much is too much.

    Raises:
        DocumentError: When it cannot be read; says what was found, what was expected and what to do.
        ConfigError: When the kind needs the extra ``documents`` and it is not installed.
    """
    path = Path(source) if isinstance(source, (str, os.PathLike)) else None
    label = name or (str(path) if path is not None else _name_of(source))
    data = _from_path(path, limits) if path is not None else _from_memory(source, label, limits)
    if not data:
        raise DocumentError("is empty (zero bytes)", source=label, advice=f"give {_READABLE}")
    short = name or (path.name if path is not None else label)
    suffix = Path(path or label).suffix.lower()
    document = _document(data, _Source(label, short, suffix, path), limits)
    if any_text(document.text) is None:
        raise DocumentError(f"holds no text (kind: {document.media_type})", source=label, advice=f"give {_READABLE}")
    return document


class _Source:
    """What is known of a source beside its bytes."""

    __slots__ = ("label", "path", "short", "suffix")

    def __init__(self, label: str, short: str, suffix: str, path: Path | None) -> None:
        self.label, self.short, self.suffix, self.path = label, short, suffix, path


def _name_of(source: object) -> str:
    named = getattr(source, "name", None)
    return named if isinstance(named, str) else "<bytes>" if isinstance(source, (bytes, bytearray)) else "<file>"


def _from_path(path: Path, limits: Limits) -> bytes:
    label = str(path)
    try:
        if path.is_dir():
            raise DocumentError("is a directory, not a file", source=label, advice="name the files in it")
        with path.open("rb") as file:
            return _bounded(file.read(limits.size + 1), label, limits)
    except FileNotFoundError:
        raise DocumentError("does not exist", source=label, advice="check the path") from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = getattr(error, "strerror", None) or "not a valid path"
        raise DocumentError(
            f"cannot be read: {reason}", source=label, advice="check the path and its permissions"
        ) from error


def _from_memory(source: object, label: str, limits: Limits) -> bytes:
    if isinstance(source, (bytes, bytearray, memoryview)):
        return _bounded(bytes(source), label, limits)
    reader = getattr(source, "read", None)
    if reader is None:
        raise DocumentError(
            f"found {type(source).__name__}, expected a path, bytes or an open file",
            advice="a text goes to a client as str, a file as pathlib.Path, its content as bytes",
        )
    try:
        content = reader(limits.size + 1)
    except UnicodeDecodeError:
        raise DocumentError(
            "was opened as text in an encoding it is not in", source=label, advice="open it with mode 'rb'"
        ) from None
    except (OSError, ValueError) as error:  # ValueError: the file is closed
        raise DocumentError("cannot be read", source=label, advice="check that it is open for reading") from error
    return _bounded(content.encode("utf-8") if isinstance(content, str) else bytes(content), label, limits)


def _bounded(data: bytes, label: str, limits: Limits) -> bytes:
    if len(data) > limits.size:
        raise DocumentError(
            f"is larger than {limits.size / 1e6:g} MB",
            source=label,
            limit="size",
            advice="split it, or raise Limits(size=…)",
        )
    return data


def _document(data: bytes, source: _Source, limits: Limits) -> Document:
    if _is_pdf(data):
        pdf = pdf_to_text(data, source.label, limits)
        return Document(pdf.text, source.short, "application/pdf", source.path, pdf.pages, None, pdf.notes)
    _refuse_others(data, source.label)
    if source.suffix == ".eml" or looks_like_mail(data):
        text, notes = mail_to_text(data, source.label, limits)
        return Document(text, source.short, "message/rfc822", source.path, (), None, notes)
    charset = _CHARSET.search(data[:2048])
    try:
        text, encoding, note = decode_text(data, charset[1].decode("ascii") if charset else None)
    except NotText:
        raise DocumentError("is not text in any known encoding", source=source.label, advice=_ADVICE["kinds"]) from None
    notes = (note,) if note else ()
    if source.suffix in {".html", ".htm", ".xhtml"} or _PAGE.match(text[:4096]):
        return Document(
            html_to_text(text, source.label, limits), source.short, "text/html", source.path, (), encoding, notes
        )
    return Document(text, source.short, _BY_SUFFIX.get(source.suffix, "text/plain"), source.path, (), encoding, notes)


def _is_pdf(data: bytes) -> bool:
    # Some producers write a few bytes of rubbish first; PDF readers look for the mark in the first kilobyte.
    # A text that only speaks of PDF holds no objects.
    return data.lstrip()[:5] == b"%PDF-" or (b"%PDF-" in data[:1024] and b"endobj" in data)


def _refuse_others(data: bytes, label: str) -> None:
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        raise DocumentError(f"is a WebP picture, expected {_READABLE}", source=label, advice=_ADVICE["ocr"])
    for mark, what, advice in _OTHERS:
        # Two-letter marks begin ordinary words too; only with control bytes behind them do they mean a kind.
        if data.startswith(mark) and (len(mark) > 2 or b"\x00" in data[:64]):  # noqa: PLR2004
            raise DocumentError(f"is {what}, expected {_READABLE}", source=label, advice=_ADVICE[advice])
