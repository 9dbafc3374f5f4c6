"""Bytes in, text out: which encoding they are in, and whether they are text at all."""

from __future__ import annotations

import codecs

__all__ = ["NotText", "decode_text"]

# The longer mark first: UTF-32's little-endian mark begins with UTF-16's.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_PRINTED_CONTROLS = frozenset("\t\n\r\f\v\x1b\x85")
_CONTROL_SHARE = 0.02
_SAMPLE = 65_536


class NotText(ValueError):
    """The bytes are not text in any encoding we know."""


def decode_text(data: bytes, declared: str | None = None) -> tuple[str, str, str | None]:
    r"""Read bytes as text.

    Args:
        data: The bytes, not empty.
        declared: An encoding the source itself names (a mail's charset, a page's meta tag).

    Returns:
        The text with ``\n`` line ends, the encoding, and a note when the encoding was a guess.

    Raises:
        NotText: When no encoding gives text.
    """
    for encoding in _candidates(data, declared):
        try:
            text = data.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
        return _settle(text), encoding, None
    # Undefined in cp1252 are five bytes only; a file with them is still far more often text than not.
    text = data.decode("cp1252", errors="replace")
    return _settle(text), "cp1252", "not valid UTF-8; read as Windows-1252, so accented letters may be wrong"


def _candidates(data: bytes, declared: str | None) -> list[str]:
    marked = [encoding for mark, encoding in _MARKS if data.startswith(mark)]
    if marked:
        return marked[:1]
    wide = _wide(data[:_SAMPLE])
    return [name for name in (wide, declared, "utf-8") if name]


def _wide(sample: bytes) -> str | None:
    """UTF-16 without a mark: in mostly Latin text every second byte is zero."""
    pairs = len(sample) // 2
    if pairs < 4:  # noqa: PLR2004 — too little to judge by
        return None
    low, high = sample[0 : pairs * 2 : 2].count(0), sample[1 : pairs * 2 : 2].count(0)
    if high > pairs * 0.6 and low < pairs * 0.1:
        return "utf-16-le"
    if low > pairs * 0.6 and high < pairs * 0.1:
        return "utf-16-be"
    return None


def _settle(text: str) -> str:
    sample = text[:_SAMPLE]
    controls = sum(1 for c in sample if (c < " " or c in {"\x7f", "�"}) and c not in _PRINTED_CONTROLS)
    if "\x00" in sample or controls > len(sample) * _CONTROL_SHARE:
        raise NotText
    return text.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff")
