"""An item of a list in, whether it only fills in for others out: ``"..."``, ``"and 45 more"``, a row of dots."""

from __future__ import annotations

import html
import re
from functools import cached_property
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from extract.typing import JSON

__all__ = ["SIGNS", "Fillers", "may_fill_in"]

# Every repetition is bounded, so that no answer of blanks or dots takes long.
_SPACE = r"\s{1,8}"
_DOTS = r"(?:\.{3,24}|…|\\u2026)"
_OPENS = r"[\s(\[<{-]{0,24}"
_ENDS = r"[\s)\]>}.…-]{0,24}"
_NUMBER = r"\d[\d.,]{0,12}"
_MANY = rf"(?:{_NUMBER}|[Mm]any|[Ss]everal|[Ss]ome|[Aa] few){_SPACE}"
_AND = rf"(?:[Aa]nd|[Pp]lus|[Ww]ith|\+|&|und|et|y|e){_SPACE}"
_NOUN = (
    rf"(?:{_SPACE}(?:of\s(?:the\s)?|line\s)?(?:items?|rows?|entr(?:y|ies)|lines?|records?|elements?|objects?|results?"
    r"|products?|positions?|transactions?|members?|them|these|the same))"
)
_GONE = r"(?:[Oo]mitted|elided|abbreviated|[Tt]runcated|skipped|snipped|left out|not shown|follow|go here)"
_WAS_GONE = rf"(?:{_SPACE}(?:are\s|is\s)?{_GONE}(?:\s(?:for|here)(?:\s\w{{1,20}})?)?)"
_REST = (
    r"(?:[Tt]he\s)?(?:[Mm]ore|[Oo]thers?|[Rr]est|[Rr]emainder|[Rr]emaining|[Aa]dditional|further|similar|weitere|autres"
    r"|otros|más|altri)"
    rf"(?:{_SPACE}{_NUMBER})?"
)
_FILLS: Final = "|".join(
    (
        rf"{_OPENS}{_DOTS}[\s.…)\]>}}]{{0,24}}",
        rf"{_OPENS}(?:{_DOTS}\s{{0,8}})?{_AND}{_MANY}(?:more|others?){_NOUN}?{_WAS_GONE}?{_ENDS}",
        rf"{_OPENS}(?:{_DOTS}\s{{0,8}})?{_MANY}(?:more|other){_NOUN}{_WAS_GONE}?{_ENDS}",
        rf"{_OPENS}(?:{_DOTS}\s{{0,8}})?[Aa]nd{_SPACE}(?:more|others){_ENDS}",
        rf"{_OPENS}{_DOTS}[\s(\[]{{0,8}}(?:and{_SPACE}so{_SPACE}(?:on|forth)|etc|usw){_ENDS}",
        rf"{_OPENS}{_DOTS}[\s(\[]{{0,8}}(?:{_AND})?(?:{_MANY})?{_REST}{_NOUN}?{_WAS_GONE}?{_ENDS}",
        rf"{_OPENS}{_DOTS}[\s(\[]{{0,8}}{_GONE}{_ENDS}",
        rf"{_OPENS}(?:{_REST}{_NOUN}?|{_NUMBER}{_NOUN}){_SPACE}(?:are\s|is\s)?omitted(?:\sfor\s\w{{1,20}})?{_ENDS}",
    )
)
_TEXT = re.compile(_FILLS)
_QUOTED = re.compile(f'"(?:{_FILLS})"')
SIGNS: Final = ("…", "\\", "...", " more", " other", "omitted")
"""One of these stands in every answer with a text that fills in; most have none, and are not looked through."""

_ONLY_DOTS = re.compile(r"[\s.…()\[\]<>{}]+")
_ONE_MARK = re.compile(r"[\s(\[<{]*(?:\.{3}|…)[\s)\]>}]*")
# Dots that stand by themselves, as in a form; those behind a word ("read more…") leave off a sentence.
_DOTTED = re.compile(r"(?<![\w.])(?:\.{2,}|\.\s\.\s\.|…|&hellip;)")
_DOT_SIGN = re.compile(r"\.{2,}|…")
_LONGEST = 120
_TAG = re.compile(r"<[^<>]{0,400}>")
_NO_WORD = re.compile(r"\W+")
_LEADS = re.compile(r"\A (?:(?:and|plus|with|the) )*")
_DIGITS = re.compile(r"\d+")
# Numbers up to it are also written as words.
_SPELLED = 100
_NUMERALS: Final = {
    1: "one another ein eine einen une un uno una jeden jedna один одна ett en et bir",
    2: "two zwei deux dos due twee dois duas dwa dwie dwoje два две två to iki couple",
    3: "three drei trois tres tre drie três trzy troje три трое üç",
    4: "four vier quatre cuatro quattro quatro cztery четыре fyra fire dört",
    5: "five fünf cinq cinco cinque vijf pięć пять fem beş",
    6: "six sechs seis sei zes sześć шесть sex seks altı",
    7: "seven sieben sept siete sette zeven sete siedem семь sju syv yedi",
    8: "eight acht huit ocho otto oito osiem восемь åtta otte sekiz",
    9: "nine neun neuf nueve nove negen dziewięć девять nio ni dokuz",
    10: "ten zehn dix diez dieci tien dez dziesięć десять tio ti on",
    11: "eleven elf onze once undici jedenaście одиннадцать elva elleve",
    12: "twelve zwölf douze doce dodici twaalf doze dwanaście двенадцать tolv dozen",
}
_WORD = rf"(?!(?:{'|'.join(' '.join(_NUMERALS.values()).split())}|and|und|et|y|e|plus|with) )[^\W\d]+"
"""A word that may be a number, or stand between one and the word for others: none of the numbers above."""
_FURTHER = (
    r"(?:more|others?|further|additional|remaining|weiter\w*|ander\w*|mehr|autres?|otr[oa]s?|más|altr[ie]|outr[oa]s?"
    r"|mais|meer|fler|andra|flere|andre|inn[ey]\w*|więcej|други\w*|ещё|еще|daha|diğer|其他|他)"
)
# "And others" without a number, as documents say it.
_OTHERS = re.compile(
    r" (?:and (?:many )?(?:others|more)|et al(?:ii|ia)?|u a|u v a|und (?:viele )?(?:andere|weitere|mehr)\w*"
    r"|y (?:otr[oa]s|más)|et (?:d )?autres|e (?:altr[ie]|outr[oa]s)|en (?:anderen?|meer)|m fl|med flera|och andra"
    r"|og andre|i (?:inni|inne)|и др(?:угие)?|ve (?:diğerleri|başkaları)|vb) |(?:等|ほか|など|外)"
)
_SAYS_OTHERS = re.compile(r" (?:(?:many|several|some|a few) )?(?:others|more) ")
_ETC = re.compile(r"(?:etc|et cetera|usw|(?:and )?so (?:on|forth)|und so weiter)\W*")
_BEFORE_LAST = re.compile(r"\A.*[,;\n]", re.DOTALL)
_AND_SO_ON = re.compile(r" (?:etc|et cetera|usw|u s w|und so weiter|and so (?:on|forth)|u a|ecc|и т д) ")


def may_fill_in(text: str) -> bool:
    """Tell whether the text of an answer in JSON holds a text that may fill in for items."""
    return any(map(text.__contains__, SIGNS)) and _QUOTED.search(text) is not None


class Fillers:
    """What fills in for items of a list, told from what the document says and the type names.

    Args:
        document: What the answer was read from; what stands there fills in for nothing.
        schema: The wire schema; a value that it names fills in for nothing either.
    """

    def __init__(self, document: str, schema: JSON) -> None:
        self._document = document
        self._schema = schema

    def text(self, said: object) -> bool:
        """Tell whether a text fills in for items."""
        if not isinstance(said, str) or len(said) > _LONGEST or _TEXT.fullmatch(said) is None:
            return False
        return said not in self._named and not self._in_document(said)

    def item(self, item: object) -> bool:
        """Tell whether an item does: such a text, or a row with one in it and nothing but blanks beside."""
        if isinstance(item, str):
            only_dots = _ONLY_DOTS.fullmatch(item) is not None
            return self.text(item) and (not only_dots or _ONE_MARK.fullmatch(item) is not None)
        if not isinstance(item, dict):
            return False
        # Nearly every row has a value that is no filler, and needs no look at the document.
        rest = [value for value in item.values() if not _is_blank(value)]
        return bool(rest) and all(map(self.text, rest))

    def dots(self, said: object) -> bool:
        """Tell whether a text is dots that do not stand in the document."""
        return isinstance(said, str) and _ONLY_DOTS.fullmatch(said) is not None and self.text(said)

    def ends_open(self, said: str) -> bool:
        """Tell whether several in one text end in words for more ("Ann, Ben, etc.") that the document has not."""
        last = _BEFORE_LAST.sub("", said).strip(" []()<>")
        return self.text(said) or self.text(last) or (_ETC.fullmatch(last) is not None and not self._in_document(last))

    @cached_property
    def _named(self) -> frozenset[str]:
        named: list[JSON] = []
        work = [self._schema]
        while work:
            here = work.pop()
            if isinstance(here, dict):
                enum = here.get("enum")
                named += (here.get("const"), *(enum if isinstance(enum, list) else ()))
                work.extend(here.values())
            elif isinstance(here, list):
                work.extend(here)
        return frozenset(each for each in named if isinstance(each, str))

    @cached_property
    def _words(self) -> str:
        return _folded(_TAG.sub(" ", html.unescape(self._document)))

    def _in_document(self, said: str) -> bool:
        if _ONLY_DOTS.fullmatch(said):
            return _DOTTED.search(self._document) is not None
        words = _LEADS.sub(" ", _folded(said))
        if words in self._words:
            return True
        number = _DIGITS.search(words)
        if number is None and _SAYS_OTHERS.fullmatch(words):
            return _OTHERS.search(self._words) is not None
        if number is None:
            return _ETC.fullmatch(words.strip()) is not None and _AND_SO_ON.search(self._words) is not None
        # "and 3 others" may well be how the document's "und drei weitere" is told in English.
        count = number.group()
        ways = [count, *_NUMERALS.get(int(count), "").split()]
        if int(count) <= _SPELLED:
            ways.append(rf"{_AND}{_WORD}(?: {_WORD})?")
        further = rf" (?:{'|'.join(ways)}) (?:{_WORD} ){{0,2}}{_FURTHER} "
        # Where no blanks stand between words, the number has the word for others right before it.
        return re.search(rf"{further}|(?:ほか|他に?|另外?|还有){count}(?!\d)", self._words) is not None


def _folded(text: str) -> str:
    return f" {_NO_WORD.sub(' ', text).strip().casefold()} "


def _is_blank(value: object) -> bool:
    """Whether a value tells nothing: null, false, zero, none of several, a text without a letter or a number."""
    if not isinstance(value, str):
        return not value
    return not any(sign.isalnum() and sign != "0" for sign in value) and _DOT_SIGN.search(value) is None
