"""Is a number in another unit than its field asks for? Unit words and a description in; a verdict out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["CURRENCIES", "PERCENT", "Asked", "asked_unit", "units_of"]

# One unit a row, with the words for it; a word of several rows may mean each of them.
_MONEY = """
EUR € eur euro euros
USD $ usd us$ dollar dollars
CAD $ cad c$ dollar dollars
AUD $ aud a$ dollar dollars
NZD $ nzd nz$ dollar dollars
HKD $ hkd hk$ dollar dollars
SGD $ sgd s$ dollar dollars
TWD $ twd nt$ dollar dollars
MXN $ mxn mx$
ARS $ ars
CLP $ clp
COP $ cop
GBP £ gbp pound pounds
EGP £ egp pound pounds
CHF chf fr fr. sfr sfr. franken
JPY ¥ jpy yen
CNY ¥ cny rmb
SEK kr kr. sek
NOK kr kr. nok
DKK kr kr. dkk
ISK kr kr. isk
CZK kč czk
PLN zł pln
HUF ft huf
RON lei ron
BGN лв bgn
INR ₹ rs rs. inr
PKR rs rs. pkr
LKR rs rs. lkr
RUB ₽ rub
KRW ₩ krw
TRY ₺ try
UAH ₴ uah
THB ฿ thb
VND ₫ vnd
ILS ₪ ils
PHP ₱ php
BRL r$ brl
PEN pen
ZAR zar
AED aed
SAR sar
QAR qar
KWD kwd
MAD mad
NGN ngn
KES kes
IDR idr
MYR rm myr
BDT bdt
"""
_SHARE = "% % percent prozent pct pct. pour\u00a0cent por\u00a0ciento per\u00a0cent"
_MEASURES = """
kg kg kgs kilogram kilograms kilo kilos
g g gram grams gramm
mg mg milligram milligrams
t t ton tons tonne tonnes
lb lb lbs pound pounds
oz oz ounce ounces
km km kilometer kilometers kilometre kilometres
m m meter meters metre metres
cm cm centimeter centimeters centimetre centimetres
mm mm millimeter millimeters millimetre millimetres
mi mi mile miles
ft ft foot feet
inch inch inches "
l l liter liters litre litres
ml ml milliliter milliliters millilitre millilitres
gal gal gallon gallons
°C °c celsius
°F °f fahrenheit
kWh kwh
MWh mwh
h h hour hours hrs
min min minute minutes mins
s sec second seconds
d day days
"""


def _rows(table: str) -> Iterator[tuple[str, list[str]]]:
    for row in table.strip().splitlines():
        name, *words = row.split(" ")
        yield name, [word.replace("\u00a0", " ") for word in words]


def _words(table: str) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for name, words in _rows(table):
        for word in words:
            found.setdefault(word, set()).add(name)
    return {word: frozenset(names) for word, names in found.items()}


CURRENCIES = _words(_MONEY)
"""Words and signs for money, each with the currencies it may mean."""
PERCENT = _words(_SHARE)
_MEASURED = _words(_MEASURES)
_CODES = frozenset(name for name, _ in _rows(_MONEY))
# In a description "try" and "pen" are words: codes count in capitals, and short words only as signs.
_TOLD = {word: names for word, names in CURRENCIES.items() if word.upper() not in _CODES and len(word) != 2} | {  # noqa: PLR2004
    **PERCENT
}
_ONE_OF_THE_WORDS = "|".join(re.escape(word) for word in sorted(_TOLD, key=len, reverse=True))
_ONE_MEASURE = "|".join(re.escape(word) for word in sorted(_MEASURED, key=len, reverse=True))
_SPOKEN = re.compile(
    rf"(?<!\w)(?P<code>{'|'.join(sorted(_CODES))})(?!\w)"
    rf"|(?<!\w)(?P<word>(?i:{_ONE_OF_THE_WORDS}))(?![^\W\d])"
    rf"|\b(?:in|from|of|than|not)\s+(?P<measure>(?i:{_ONE_MEASURE}))(?![\w/])"
    rf"|(?<=\s)[(\[](?P<bracketed>(?i:{_ONE_MEASURE}))[)\]]"
)
_FROM_OTHERS = re.compile(
    r"\b(?:from|not|never|instead of|rather than|other than|originally|excluding|nicht|statt|aus)\s+"
    r"(?:(?:the|an?|any|in|original)\s+){0,2}\Z",
    re.IGNORECASE,
)
_FOR_EXAMPLE = re.compile(
    r"(?:\be\.?\s?g\b\.?|\bz\.\s?b\.|\bfor (?:example|instance)\b|\bexamples?\b|\bsuch as\b|\blike\b|\busually\b"
    r"|\btypically\b|\bmostly\b|\boften\b)[^;)\n]{0,60}\Z",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Asked:
    """The units that a description names: those a value should have, and those it is told not to have."""

    own: frozenset[str] = frozenset()
    others: frozenset[str] = frozenset()

    def contradicts(self, units: frozenset[str]) -> bool:
        """Say whether a value in one of these units is not what is asked for."""
        if not units or units & self.own:
            return False
        return bool(self.own) or units <= self.others


def units_of(word: str) -> frozenset[str]:
    """The units that a word may mean; none for a word that is not known."""
    found = frozenset[str]()
    for table in (CURRENCIES, PERCENT, _MEASURED):
        found |= table.get(word.casefold(), frozenset())
    return found


def asked_unit(node: Mapping[str, Any]) -> Asked:
    """Read which units the description and the title of a place name."""
    own: frozenset[str] = frozenset()
    others: frozenset[str] = frozenset()
    for told in (str(node.get("description", "")), str(node.get("title", ""))):
        for found in _SPOKEN.finditer(told):
            units = frozenset({found[0]}) if found["code"] else units_of(found[found.lastgroup or 0])
            before = told[: found.start(found.lastgroup or 0)]
            if _FROM_OTHERS.search(before):
                others |= units
            elif not _FOR_EXAMPLE.search(before):
                own |= units
    return Asked(own, others - own)
