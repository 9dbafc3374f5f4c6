"""Which sources become documents, and what each bad one is told."""

from __future__ import annotations

import io
import sys
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extract.documents import Document, Limits, read
from extract.errors import ConfigError, DocumentError

TEXTS = [
    ("plain.txt", b"Total 12.50", "Total 12.50", "text/plain", "utf-8"),
    ("notes.md", b"# Hello\n\n- a", "# Hello\n\n- a", "text/markdown", "utf-8"),
    ("data.json", b'{"a": 1}', '{"a": 1}', "application/json", "utf-8"),
    ("bom.txt", b"\xef\xbb\xbfCaf\xc3\xa9", "Café", "text/plain", "utf-8-sig"),
    ("wide.txt", "Café 1".encode("utf-16"), "Café 1", "text/plain", "utf-16"),
    ("wide-no-mark.txt", "Invoice A-17".encode("utf-16-le"), "Invoice A-17", "text/plain", "utf-16-le"),
    ("windows.txt", "Müller, 5 €".encode("cp1252"), "Müller, 5 €", "text/plain", "cp1252"),
    ("about.md", b"The mark is %PDF-1.7 there", "The mark is %PDF-1.7 there", "text/markdown", "utf-8"),
    ("named-wrongly.pdf", b"Total 12.50", "Total 12.50", "text/plain", "utf-8"),
    ("page.txt", "<html><body>Café".encode("utf-16"), "Café", "text/html", "utf-16"),
    ("lines.txt", b"a\r\nb\rc\n", "a\nb\nc\n", "text/plain", "utf-8"),
    ("no-suffix", "日本語の請求書".encode(), "日本語の請求書", "text/plain", "utf-8"),
]


@pytest.mark.parametrize("case", TEXTS, ids=[case[0] for case in TEXTS])
def test_text_is_read_in_its_encoding(tmp_path: Path, case: tuple[str, bytes, str, str, str]) -> None:
    """Every common encoding gives the same characters, and the one used is on record."""
    name, data, text, media_type, encoding = case
    path = tmp_path / name
    path.write_bytes(data)
    document = read(path)
    assert (document.text, document.media_type, document.encoding) == (text, media_type, encoding)
    assert (document.name, document.source) == (name, path)


def test_a_guessed_encoding_is_noted() -> None:
    """Windows-1252 is a guess, so the reader hears of it."""
    assert "Windows-1252" in read("Grüße".encode("cp1252")).notes[0]
    assert read("Grüße".encode()).notes == ()


@pytest.mark.parametrize(
    "source",
    [b"Total 12.50", io.BytesIO(b"Total 12.50"), io.StringIO("Total 12.50")],
    ids=["bytes", "binary file", "text file"],
)
def test_sources_in_memory(source: object) -> None:
    """Bytes and open files are read like files on disk."""
    document = read(source, name="given.txt")  # type: ignore[arg-type]
    assert (document.text, document.name, document.source) == ("Total 12.50", "given.txt", None)


def test_the_text_stays_out_of_the_repr() -> None:
    """A document in a log line must not spill its content."""
    assert "secret" not in repr(read(b"secret salary"))


REFUSED = [
    ("empty", b"", "zero bytes", "give text"),
    ("blank", b" \n\t\n", "holds no text", "give text"),
    ("png", b"\x89PNG\r\n\x1a\n\x00\x00", "PNG picture", "OCR"),
    ("jpeg", b"\xff\xd8\xff\xe0\x00", "JPEG picture", "OCR"),
    ("webp", b"RIFF\x00\x00\x00\x00WEBPVP8 ", "WebP picture", "OCR"),
    ("docx", b"PK\x03\x04\x14\x00\x06\x00", "ZIP archive", "export"),
    ("doc", b"\xd0\xcf\x11\xe0\xa1\xb1", "old Office", "export"),
    ("rtf", b"{\\rtf1 hello}", "RTF", "export"),
    ("gzip", b"\x1f\x8b\x08\x00", "gzip", "unpack"),
    ("junk", bytes(range(256)) * 8, "not text", "give text"),
    ("program", b"\x7fELF\x02\x01\x01\x00", "program", "give text"),
    ("broken pdf", b"%PDF-1.7\nthis is no PDF", "cannot be parsed", "save it anew"),
    ("tags only", b"<html><body><script>x=1</script></body></html>", "holds no text", "give text"),
]


@pytest.mark.parametrize(("data", "found", "advice"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED])
def test_what_cannot_be_read_says_what_it_is_and_what_to_do(
    tmp_path: Path, data: bytes, found: str, advice: str
) -> None:
    """One typed error that names the path, what was found and the way out."""
    path = tmp_path / "given.bin"
    path.write_bytes(data)
    with pytest.raises(DocumentError) as caught:
        read(path)
    assert str(path) in str(caught.value)
    assert found in caught.value.message
    assert advice in caught.value.advice


def test_paths_that_are_no_files(tmp_path: Path) -> None:
    """Missing, a directory, and a path no system accepts are told apart."""
    with pytest.raises(DocumentError, match="does not exist"):
        read(tmp_path / "nowhere.txt")
    with pytest.raises(DocumentError, match="is a directory"):
        read(tmp_path)
    with pytest.raises(DocumentError, match="cannot be read"):
        read("a\0b")


def test_objects_that_are_no_source() -> None:
    """A wrong type and a closed file are the caller's mistakes, said as such."""
    with pytest.raises(DocumentError, match="found int, expected a path"):
        read(12)  # type: ignore[call-overload, arg-type]
    closed = io.BytesIO(b"x")
    closed.close()
    with pytest.raises(DocumentError, match="cannot be read"):
        read(closed)


def test_size_is_bounded_before_it_is_in_memory(tmp_path: Path) -> None:
    """A file over the limit is refused, and never read whole."""
    path = tmp_path / "large.txt"
    path.write_bytes(b"x" * 5_000_000)
    tracemalloc.start()
    with pytest.raises(DocumentError, match=r"larger than 0\.1 MB"):
        read(path, limits=Limits(size=100_000))
    assert tracemalloc.get_traced_memory()[1] < 2_000_000
    tracemalloc.stop()


def test_a_missing_extra_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the extra, the error is the command that adds it."""
    for name, data in (("pypdfium2", b"%PDF-1.7"), ("selectolax", b"<html>hi</html>")):
        monkeypatch.setitem(sys.modules, name, None)
        with pytest.raises(ConfigError, match=r"typed-extract\[documents\]"):
            read(data)


def test_mail_shows_headers_body_and_names_attachments() -> None:
    """A mail's headers matter; what was not read is said."""
    mail = (
        b"From: Ada <ada@example.org>\r\nTo: bob@example.org\r\nSubject: =?utf-8?q?Rechnung_f=C3=BCr_M=C3=A4rz?=\r\n"
        b'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n'
        b"--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>Total <b>5</b> EUR</p>\r\n"
        b'--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename="a.pdf"\r\n\r\nx\r\n--b--\r\n'
    )
    document = read(mail)
    assert document.media_type == "message/rfc822"
    assert "Subject: Rechnung für März" in document.text
    assert "Total 5 EUR" in document.text
    assert document.notes == ("attachment a.pdf was not read",)


@settings(deadline=None, max_examples=150)
@given(st.one_of(st.binary(max_size=300), st.text(max_size=200).map(lambda t: t.encode("utf-8"))))
def test_any_bytes_give_a_document_or_one_typed_error(data: bytes) -> None:
    """Whatever comes in, nothing but a DocumentError comes out beside a document with text."""
    try:
        document = read(data)
    except DocumentError:
        return
    assert document.text.strip()


def test_pages_are_found_by_offset() -> None:
    """An offset leads to its page; outside the text, and without pages, to none."""
    document = Document("first\n\nsecond", pages=(0, 7))
    assert [document.page_at(o) for o in (0, 6, 7, 13, 14, -1)] == [1, 1, 2, 2, None, None]
    assert (document.page_text(1), document.page_text(2)) == ("first", "second")
    assert Document("x").page_at(0) is None
    with pytest.raises(IndexError):
        document.page_text(3)
