"""HTML in, text out, with what the layout says kept: headings, lists, table rows, paragraphs."""

from __future__ import annotations

import re
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from extract.documents._confined import parse_confined
from extract.errors import ConfigError, DocumentError

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

    from extract.documents._limits import Limits

__all__ = ["html_to_text", "parse_html"]

# The parser's time grows with the square of the nesting: 20,000 levels 0.5 s, 200,000 two minutes.
# Up to this many characters that cannot hurt; above, the page is parsed in a process of its own.
_SMALL = 100_000

_UNSEEN = frozenset(
    {"script", "style", "noscript", "template", "head", "svg", "iframe", "object", "-comment", "_comment", "!doctype"}
)
_BLOCKS = frozenset(
    re.findall(
        r"\w+",
        "address article aside blockquote body dd div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 "
        "header hr legend li main nav ol p pre section table tbody td tfoot th thead title tr ul caption option",
    )
)
_OPENING = {f"h{level}": "#" * level + " " for level in range(1, 7)} | {"li": "- "}
_CELLS = frozenset({"td", "th"})
_TICKED = frozenset({"checkbox", "radio"})
_NOT_SHOWN = frozenset({"hidden", "password", "submit", "button", "reset", "image"})
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)


def html_to_text(html: str, label: str, limits: Limits) -> str:
    """Turn a page into text a reader of the page would recognise.

    One table row is one line, its cells apart by `` | ``. What a reader cannot see (scripts, styles,
    hidden elements) is left out. What is filled into form fields and pictures' descriptions are kept.

    Raises:
        ConfigError: When the extra ``documents`` is not installed.
        DocumentError: When a large page takes its parser more time or memory than allowed.
    """
    if find_spec("selectolax") is None:
        raise ConfigError(
            "reading HTML needs selectolax, which is not installed",
            advice="pip install 'typed-extract[documents]'",
        )
    if len(html) <= _SMALL:
        return _page_text(html)
    answer = parse_confined("HTML page", html.encode("utf-8", "replace"), label, limits)
    if "error" in answer:
        raise DocumentError(
            "is an HTML page that needs more memory than its parser may take",
            source=label,
            limit="memory",
            advice="raise Limits(memory=…) if you trust the file",
        )
    return str(answer["texts"][0])


def parse_html(data: bytes, _pages: int) -> dict[str, Any]:
    """Be the parser inside the child process."""
    return {"texts": [_page_text(data.decode("utf-8"))]}


def _page_text(html: str) -> str:
    from selectolax.lexbor import LexborHTMLParser  # noqa: PLC0415 — optional, and only pages need it

    page = LexborHTMLParser(html)
    writer = _Writer()
    title = page.css_first("head > title")
    if title is not None:
        writer.words(title.text())
        writer.end_line()
    if page.body is not None:
        _walk(page.body, writer)
    return writer.result()


def _walk(root: LexborNode, writer: _Writer) -> None:
    # A stack of our own: a hostile page nests deeper than Python recurses.
    stack: list[tuple[LexborNode, bool]] = [(root, False)]
    while stack:
        node, leaving = stack.pop()
        if leaving:
            writer.leave(str(node.tag))
            continue
        if node.is_text_node:
            writer.words(node.text_content or "")
            continue
        if _unseen(node):
            continue
        writer.enter(node)
        stack.append((node, True))
        # Of a choice, what was chosen; where nothing was, what there is.
        chosen = node.css("option[selected]") if node.tag == "select" else []
        children = chosen or list(node.iter(include_text=True))
        stack.extend((child, False) for child in reversed(children))


def _unseen(node: LexborNode) -> bool:
    if node.tag in _UNSEEN:
        return True
    attributes = node.attributes
    return "hidden" in attributes or bool(_HIDDEN.search(attributes.get("style") or ""))


class _Writer:
    """Collects words into lines; knows what each element does to the line."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.line: list[str] = []
        self.cells = 0
        self.pre = 0

    def words(self, text: str) -> None:
        if self.pre:
            first, *rest = text.split("\n")
            self.line.append(first)
            for piece in rest:
                self.end_line()
                self.line.append(piece)
        else:
            self.line.append(re.sub(r"\s+", " ", text))

    def enter(self, node: LexborNode) -> None:
        tag = str(node.tag)
        if tag in _CELLS:
            self.line.append(" | " if _has_cell_before(node) else "")
            self.cells += 1
        elif tag == "br":
            self.break_line()
        elif tag == "img":
            self.words(node.attributes.get("alt") or "")
        elif tag == "input":
            self.words(f" {_filled_in(node)} ")
        elif tag in {"tr", "table"}:
            self.end_line()
        elif tag in _BLOCKS:
            self.break_line()
        self.pre += tag == "pre"
        self.line.append(_OPENING.get(tag, ""))

    def leave(self, tag: str) -> None:
        if tag in _CELLS:
            self.cells -= 1
        elif tag in {"tr", "table"}:
            self.end_line()
        elif tag in _BLOCKS:
            self.break_line()
        if tag in {"p", "table", "h1", "h2", "h3", "ul", "ol"} and not self.cells:
            self.lines.append("")
        self.pre -= tag == "pre"

    def break_line(self) -> None:
        # Inside a table cell a new line would tear the row apart.
        if self.cells:
            self.line.append(" ")
        else:
            self.end_line()

    def end_line(self) -> None:
        text = "".join(self.line)
        text = text.rstrip() if self.pre else re.sub(r" {2,}", " ", text).strip()
        self.line = []
        if text:
            self.lines.append(text)

    def result(self) -> str:
        self.end_line()
        return re.sub(r"\n{3,}", "\n\n", "\n".join(self.lines)).strip("\n")


def _filled_in(field: LexborNode) -> str:
    attributes = field.attributes
    kind = (attributes.get("type") or "text").lower()
    if kind in _TICKED:
        return "[x]" if "checked" in attributes else "[ ]"
    return "" if kind in _NOT_SHOWN else attributes.get("value") or ""


def _has_cell_before(node: LexborNode) -> bool:
    before = node.prev
    while before is not None:
        if before.tag in _CELLS:
            return True
        before = before.prev
    return False
