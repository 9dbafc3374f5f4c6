"""PDF bytes in, text and page offsets out, parsed in a process of its own with limits on it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from extract.documents._confined import parse_confined
from extract.documents._pdf_form import field_lines, is_xfa
from extract.errors import ConfigError, DocumentError

if TYPE_CHECKING:
    from extract.documents._limits import Limits

__all__ = ["PdfText", "parse_pdf", "pdf_to_text"]

_PASSWORD_NEEDED = 4  # FPDF_ERR_PASSWORD
_BETWEEN_PAGES = "\n\n"
_COLUMN_GAP = "   "
_FORM = "Filled in:\n"
_REFUSALS = {
    "encrypted": ("is a PDF locked with a password", "remove the password and try again"),
    "broken": (
        "begins like a PDF but cannot be parsed as one",
        "open it in a viewer and save it anew, or get the original",
    ),
    "memory": (
        "is a PDF that needs more memory than its parser may take",
        "raise Limits(memory=…) if you trust the file",
    ),
}


@dataclass(frozen=True, slots=True)
class PdfText:
    """A PDF's text, the offset of each page in it, and what could not be read."""

    text: str
    pages: tuple[int, ...]
    notes: tuple[str, ...]


def pdf_to_text(data: bytes, label: str, limits: Limits) -> PdfText:
    """Take the text out of a PDF, and what is filled into its form; text is never recognised from pictures.

    Raises:
        ConfigError: When the extra ``documents`` is not installed.
        DocumentError: When the file is locked, broken, too large, has no text, or brings the parser down.
    """
    if find_spec("pypdfium2") is None:
        raise ConfigError(
            "reading PDF needs pypdfium2, which is not installed",
            advice="pip install 'typed-extract[documents]'",
        )
    answer = parse_confined("PDF", data, label, limits)
    error = answer.get("error")
    if error == "pages":
        raise DocumentError(
            f"is a PDF of {answer['pages']} pages; at most {limits.pages} are read",
            source=label,
            limit="pages",
            advice="split it, or raise Limits(pages=…)",
        )
    if error:
        message, advice = _REFUSALS[error]
        raise DocumentError(message, source=label, limit="memory" if error == "memory" else "", advice=advice)
    return _joined(answer, label)


def parse_pdf(data: bytes, most_pages: int) -> dict[str, Any]:
    """Be the parser inside the child process.

    Returns:
        ``texts``: every page's text, None where a page is broken; ``forms``: the lines of every page's fields;
        ``xfa``: whether there is a form that cannot be read.
    """
    import pypdfium2  # type: ignore[import-untyped]  # noqa: PLC0415 — optional; and only after the limits are in place

    try:
        pdf = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        return {"error": "encrypted" if getattr(error, "err_code", None) == _PASSWORD_NEEDED else "broken"}
    with suppress(pypdfium2.PdfiumError):  # a broken form must not cost the text
        pdf.init_forms()
    if len(pdf) > most_pages:
        return {"error": "pages", "pages": len(pdf)}
    texts: list[str | None] = []
    forms: list[list[str]] = []
    for number in range(len(pdf)):
        text, lines = None, []
        with suppress(pypdfium2.PdfiumError):  # one broken page must not cost the others
            page = pdf[number]
            text, lines = _spaced(page.get_textpage()), field_lines(pdf, page)
            page.close()
        texts.append(text)
        forms.append(lines)
    return {"texts": texts, "forms": forms, "xfa": is_xfa(pdf)}


def _spaced(page: Any) -> str:
    """Give back what PDFium leaves out between characters: a table's column gaps, and the space between sections."""
    import pypdfium2.raw as pdfium  # type: ignore[import-untyped]  # noqa: PLC0415 — inside the child process

    text: str = page.get_text_range()
    characters = [chr(pdfium.FPDFText_GetUnicode(page, index)) for index in range(page.count_chars())]
    if "".join(characters) != text:
        # The boxes below go by PDFium's own index; where that is not the text's, the text stays as it is.
        return text
    for index in range(2, len(characters) - 1):
        if characters[index] == " ":
            _, bottom, right, top = page.get_charbox(index - 1, loose=True)
            left, *_ = page.get_charbox(index + 1, loose=True)
            # A word's space is a quarter of the letters' height, a justified line's seldom more than half.
            if left - right > top - bottom > 0:
                characters[index] = _COLUMN_GAP
        elif characters[index] == "\n":
            _, bottom, _, top = page.get_charbox(index - 2, loose=True)  # before \r\n
            below = page.get_charbox(index + 1, loose=True)[3]
            if bottom - below > top - bottom > 0:
                characters[index] = "\n\n"
    return "".join(characters)


def _joined(answer: dict[str, Any], label: str) -> PdfText:
    pages: list[int] = []
    pieces: list[str] = []
    empty: list[str] = []
    offset = 0
    for number, (raw, form) in enumerate(zip(answer["texts"], answer["forms"], strict=True), 1):
        text = _clean(raw or "")
        if not text.strip():
            empty.append(str(number))
        piece = _clean("\n".join(filter(None, (text, _FORM + "\n".join(form) if form else ""))))
        pages.append(offset)
        pieces.append(piece)
        offset += len(piece) + len(_BETWEEN_PAGES)
    if not any(piece.strip() for piece in pieces):
        raise DocumentError(
            f"is a PDF of {len(pieces)} page(s) without text: a scan, or pictures only",
            source=label,
            advice="reading text from pictures (OCR) is not there yet; run an OCR tool that adds a text layer first",
        )
    notes = [f"no text on page(s) {', '.join(empty)}: pictures are not read"] if empty else []
    if answer["xfa"]:
        notes.append("the form in it is XFA: what is filled in may be missing; print it to PDF to have it read")
    return PdfText(_BETWEEN_PAGES.join(pieces), tuple(pages), tuple(notes))


def _clean(text: str) -> str:
    # PDFium marks a word broken over two lines with U+FFFE (or U+0002 in older builds), and pads with NUL.
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\ufffe", "-").replace("\x02", "-")
    return "\n".join(line.rstrip() for line in text.replace("\x00", "").split("\n")).strip("\n")
