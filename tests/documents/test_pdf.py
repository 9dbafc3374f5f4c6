"""PDFs: their text, their pages, and what a bad one costs (never the caller's process)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from extract.documents import Limits, read
from extract.errors import DocumentError

HERE = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("EXTRACT_SHARED_DATA", HERE.parent / "shared" / "data")) / "invoices-pdf"


def pdf(*pages: str, encrypt: bool = False) -> bytes:
    """Write a PDF of one line a page; an empty line makes a page without text."""
    objects = [b"<</Type/Catalog/Pages 2 0 R>>"]
    kids = " ".join(f"{4 + 2 * n} 0 R" for n in range(len(pages)))
    objects += [f"<</Type/Pages/Count {len(pages)}/Kids[{kids}]>>".encode()]
    objects += [b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"]
    for number, line in enumerate(pages):
        content = f"BT /F1 12 Tf 72 700 Td ({line}) Tj ET".encode() if line else b""
        objects.append(
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents {5 + 2 * number} 0 R"
            f"/Resources<</Font<</F1 3 0 R>>>>>>".encode()
        )
        objects.append(b"<</Length %d>>stream\n%s\nendstream" % (len(content), content))
    body = b"%PDF-1.7\n"
    for number, item in enumerate(objects, 1):
        body += b"%d 0 obj\n%s\nendobj\n" % (number, item)
    lock = b"/Encrypt<</Filter/Standard/V 1/R 2/O(%s)/U(%s)/P -4>>/ID[(a)(a)]" % (b"o" * 32, b"u" * 32)
    return body + b"trailer<</Size %d/Root 1 0 R%s>>\n%%%%EOF" % (len(objects) + 1, lock if encrypt else b"")


def test_text_and_page_offsets() -> None:
    """Each page's text is found again by its offset."""
    document = read(pdf("Invoice A-17", "Total 12.50"))
    assert document.text == "Invoice A-17\n\nTotal 12.50"
    assert document.pages == (0, 14)
    assert (document.page_text(2), document.page_at(document.text.index("12.50"))) == ("Total 12.50", 2)
    assert (document.media_type, document.encoding) == ("application/pdf", None)


def test_a_tables_columns_stay_apart() -> None:
    """A gap wider than the letters are high is a column's, and stays wider than a word's space."""
    row = "Rye flour) Tj 200 0 Td (4) Tj 60 0 Td (86.00"
    assert read(pdf(row)).text == "Rye flour   4   86.00"


def test_sections_stay_apart() -> None:
    """An empty line's height between two lines is kept as one; a plain new line is not more than that."""
    lines = "Tea 3.50) Tj 0 -14 Td (Scone 4.00) Tj 0 -40 Td (Total 7.50"
    assert read(pdf(lines)).text == "Tea 3.50\nScone 4.00\n\nTotal 7.50"


def test_pages_without_text_are_named() -> None:
    """A scanned page among others is left out, and said."""
    document = read(pdf("one", "", "three"))
    assert document.notes == ("no text on page(s) 2: pictures are not read",)
    assert (document.page_text(2), document.page_text(3)) == ("", "three")


def test_a_scan_is_refused_with_the_reason() -> None:
    """No text at all: the error says that OCR is not there yet."""
    with pytest.raises(DocumentError, match="without text: a scan") as caught:
        read(pdf("", ""))
    assert "OCR" in caught.value.advice


def test_a_locked_pdf_says_so() -> None:
    """A password is named as the reason."""
    with pytest.raises(DocumentError, match="locked with a password"):
        read(pdf("secret", encrypt=True))


def test_too_many_pages_are_refused() -> None:
    """The bound on pages holds before they are parsed."""
    with pytest.raises(DocumentError, match="PDF of 3 pages; at most 2"):
        read(pdf("a", "b", "c"), limits=Limits(pages=2))


def test_a_parser_that_runs_out_of_memory_does_not_take_us_down() -> None:
    """PDFium aborts its process when memory ends; that process is not ours."""
    with pytest.raises(DocumentError, match=r"brought its parser down|more memory"):
        read(pdf("a"), limits=Limits(memory=10_000_000))


def test_rubbish_before_the_mark_is_forgiven() -> None:
    """Some producers write a header line first; viewers accept it, so do we."""
    assert read(b"\r\n\r\n" + pdf("hello")).text == "hello"


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data folder is not next to the repository")
def test_real_invoices_have_text_on_every_page() -> None:
    """PDFs nobody here made: each gives text, and offsets in order."""
    for path in sorted(SHARED.glob("*.pdf"))[:6]:
        document = read(path)
        assert document.pages[0] == 0
        assert list(document.pages) == sorted(set(document.pages))
        assert any(word in document.text for word in ("Rechnung", "Facture", "Invoice", "RECHNUNG", "FACTURE")), (
            path.name
        )
