"""What a page's layout becomes as text."""

from __future__ import annotations

import time

import pytest

from extract.documents import Limits, read
from extract.errors import DocumentError

PAGES = [
    ("rows", "<table><tr><th>Item<th>Price</tr><tr><td>Pen<td>1.50</tr></table>", "Item | Price\nPen | 1.50"),
    ("empty cell", "<table><tr><td>a</td><td></td><td>c</td></tr></table>", "a | | c"),
    ("blocks in a cell", "<table><tr><td><p>Pen</p><p>blue</p><td>1<br>2</tr></table>", "Pen blue | 1 2"),
    ("headings and lists", "<h2>Terms</h2><ul><li>30 days<li>net</ul>", "## Terms\n\n- 30 days\n- net"),
    ("inline", "<p>12<b>.50</b> <i>EUR</i></p>", "12.50 EUR"),
    ("white space", "<p>a\n   b\t c</p><p>d</p>", "a b c\n\nd"),
    ("preformatted", "<pre>a\n   b</pre>", "a\n   b"),
    ("unseen", "<p>seen</p><script>x</script><style>y</style><p hidden>z</p><p style='display: none'>w</p>", "seen"),
    ("fields", "<p>Name <input value='Ada'><input type=hidden value=t><img alt='logo'></p>", "Name Ada logo"),
    (
        "boxes",
        "<p><input type=checkbox checked> smoker <input type=checkbox value=on> driver <input type=radio> m",
        "[x] smoker [ ] driver [ ] m",
    ),
    ("chosen", "Land <select><option>DE<option selected>FR</select> <input type=submit value=Go>", "Land\nFR"),
    ("not chosen", "<select><option>DE<option>FR</select>", "DE\nFR"),
    (
        "a table in a cell",
        "<table><tr><td>a<table><tr><td>b<td>c<tr><td>d<td>e</table><td>f</table>",
        "a\nb | c\nd | e\n| f",
    ),
    ("entities", "<p>M&uuml;ller &amp; S&ouml;hne &euro;5</p>", "Müller & Söhne €5"),
    ("unclosed", "<div><p>one<p>two<div>three", "one\n\ntwo\n\nthree"),
]


@pytest.mark.parametrize(("body", "text"), [p[1:] for p in PAGES], ids=[p[0] for p in PAGES])
def test_layout_is_kept(body: str, text: str) -> None:
    """Rows stay rows, words stay whole, and what nobody sees is gone."""
    assert read(f"<!doctype html><html><body>{body}</body></html>".encode()).text == text


def test_the_title_comes_first() -> None:
    """A page's title is often the only place that names the document."""
    assert read(b"<html><head><title>Invoice 7</title></head><body><p>x</p></body></html>").text == "Invoice 7\nx"


def test_the_charset_a_page_declares_is_used() -> None:
    """A page says in its head how its bytes are to be read."""
    page = '<html><head><meta charset="iso-8859-2"></head><body>Łódź</body></html>'.encode("iso-8859-2")
    assert read(page).text == "Łódź"


def test_a_large_page_is_parsed_apart_and_gives_the_same() -> None:
    """Above a size the parser runs in its own process; the text is the same."""
    rows = "".join(f"<tr><td>item {n}</td><td>{n}.00</td></tr>" for n in range(6_000))
    lines = read(f"<html><body><table>{rows}</table></body></html>".encode()).text.split("\n")
    assert (len(lines), lines[-1]) == (6_000, "item 5999 | 5999.00")


def test_a_page_that_would_take_minutes_is_given_up() -> None:
    """Nesting makes the parser's time explode; the limit holds."""
    page = b"<html><body>" + b"<div>" * 200_000 + b"deep"
    start = time.perf_counter()
    with pytest.raises(DocumentError, match="HTML page"):
        read(page, limits=Limits(seconds=2))
    assert time.perf_counter() - start < 60
