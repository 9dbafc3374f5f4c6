"""Does a number's check digit hold? A text and a kind in; true, false, or None where there is nothing to check, out."""

from __future__ import annotations

import re
import unicodedata
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["KINDS", "holds"]


def holds(kind: str, text: str) -> bool | None:
    """Verify a check digit.

    Spaces, dots, slashes and dashes of any kind between the characters do not count, nor does what a document writes
    before or behind the number: its name (``ISBN-13:``, ``VAT No.``, ``MWST``), or GS1's ``(01)``.
    """
    plain = unicodedata.normalize("NFKC", text).upper().strip()
    bare = _NAMED_BEHIND.sub("", _NAMED.sub("", plain))
    return KINDS[kind](_BETWEEN.sub("", bare))


_NUMBER = r"(?:[\s.]*(?:NO|NR|N°|NUMBER|NUMMER|NUM|ID|IDNR|ID[-\s]?NR|REG|CODE))*"
_NAMED = re.compile(
    r"\A(?:(?:IBAN|LEI|(?:ISBN|EAN|GTIN|UPC|GLN)(?:[-\s]?(?:8|10|12|13|14)(?=[\s:]))?"
    rf"|(?:EU[-\s])?(?:VAT|MWST|TVA|BTW|P\.?\s?IVA|U?ST(?=[-\s.]|ID))[-\s]?{_NUMBER})[\s.:#]*(?=[\dA-Z(])|\(01\)\s*)+"
)
_NAMED_BEHIND = re.compile(r"\s+(?:MWST|TVA|IVA|VAT)\Z")
# U+2010 to U+2015 are dashes, U+2212 a minus, U+00AD a hyphen that may not show.
_BETWEEN = re.compile(r"[\s./_\-\u00AD\u2010-\u2015\u2212\u00B7\u200B]")


def _iban(text: str) -> bool:
    """ISO 13616: the first four characters go to the end, letters become numbers, the rest of 97 is 1."""
    if not re.fullmatch(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}", text):
        return False
    return _mod_97(text[4:] + text[:4]) == 1


def _lei(text: str) -> bool:
    """ISO 17442: 20 characters, as a number with the rest 1 of 97."""
    return re.fullmatch(r"[A-Z0-9]{18}[0-9]{2}", text) is not None and _mod_97(text) == 1


def _mod_97(text: str) -> int:
    return int("".join(str(int(char, 36)) for char in text)) % 97


def _luhn(text: str) -> bool:
    """ISO/IEC 7812, cards and SIREN: every second digit from the right doubled, the digit sum ends in 0."""
    if not re.fullmatch(r"[0-9]{2,40}", text):
        return False
    doubled = (int(char) * (1 + i % 2) for i, char in enumerate(reversed(text)))
    return sum(number // 10 + number % 10 for number in doubled) % 10 == 0


def _isbn(text: str) -> bool:
    """ISO 2108: ten characters weighted 10 to 1 divisible by 11, or a GTIN that starts with 978 or 979."""
    if re.fullmatch(r"[0-9]{9}[0-9X]", text):
        return sum((10 - i) * (10 if char == "X" else int(char)) for i, char in enumerate(text)) % 11 == 0
    return text.startswith(("978", "979")) and len(text) == 13 and _gtin(text)  # noqa: PLR2004 - digits of an ISBN-13


def _gtin(text: str) -> bool:
    """GS1: 8, 12, 13 or 14 digits, weighted 1 and 3 from the right, divisible by 10."""
    if not re.fullmatch(r"[0-9]{8}|[0-9]{12,14}", text):
        return False
    return sum(int(char) * (3 if i % 2 else 1) for i, char in enumerate(reversed(text))) % 10 == 0


def _vat(text: str) -> bool | None:
    """VAT numbers of the countries whose rule is in the table; None for the others."""
    rule = _VAT.get(text[:2])
    if rule is None:
        return None if re.fullmatch(r"[A-Z]{2}[A-Z0-9+*]{2,13}", text) else False
    shape, test = rule
    return re.fullmatch(shape, text[2:]) is not None and test(text[2:])


def _vat_de(digits: str) -> bool:
    """ISO 7064 MOD 11,10."""
    rest = 10
    for char in digits[:-1]:
        rest = ((int(char) + rest) % 10 or 10) * 2 % 11
    return (11 - rest) % 10 == int(digits[-1])


def _uid(text: str) -> bool:
    """eCH-0097, the Swiss business number: eight digits weighted, the rest of 11 taken from 11."""
    total = sum(int(char) * weight for char, weight in zip(text[1:9], (5, 4, 3, 2, 7, 6, 5, 4), strict=True))
    return -total % 11 == int(text[9])


_VAT: Mapping[str, tuple[str, Callable[[str], bool]]] = MappingProxyType(
    {
        "BE": (r"[01][0-9]{9}", lambda digits: 97 - int(digits[:8]) % 97 == int(digits[8:])),
        "CH": (r"E[0-9]{9}", _uid),
        "DE": (r"[1-9][0-9]{8}", _vat_de),
        "FR": (r"[0-9]{11}", lambda digits: (12 + 3 * (int(digits[2:]) % 97)) % 97 == int(digits[:2])),
        "IT": (r"[0-9]{11}", _luhn),
        "LU": (r"[0-9]{8}", lambda digits: int(digits[:6]) % 89 == int(digits[6:])),
    }
)

KINDS: Mapping[str, Callable[[str], bool | None]] = MappingProxyType(
    {"ean": _gtin, "gtin": _gtin, "iban": _iban, "isbn": _isbn, "lei": _lei, "luhn": _luhn, "vat": _vat}
)
"""The kinds of check digits: GTIN (EAN, UPC), IBAN, ISBN, LEI, Luhn (cards), VAT (BE, CH, DE, FR, IT, LU)."""
