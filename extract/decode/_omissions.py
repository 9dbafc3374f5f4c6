"""A few words in, whether they stand for values that the writer left out: dots, "47 more items", "and so on"."""

from __future__ import annotations

import re
from typing import Final, Literal

NO_WORDS: Final = " \t\r\n,;}])`"
"""What stands around words between two values."""

Where = Literal["value", "item", "comment", "around"]

DOTS: Final = r"(?:\.{3,}|[…⋯⋮])"
"""What a writer puts for values that are not given."""

_ITEMS = (
    r"(?:items?|rows?|entr(?:y|ies)|lines?|line items?|records?|elements?|objects?|results?|products?|positions?"
    r"|transactions?|members?|keys?|fields?|properties|ones?|of them|of these|of the same)\b"
)
_GONE = r"(?:omitted|elided|abbreviated|truncated|shortened|skipped|snip(?:ped)?|left out|not shown|cut off)\b"
_LEFT_OUT = rf"(?:{_GONE}|(?:go here|here|follow|for brevity|as above|the same|likewise)\b)"
_END = r"[\s.…)\]>*/-]*\Z"
_AND = r"(?:(?:and|plus|with|then|or)\s+)?"
_SOME = "(?:many|several|some|a few)"
_REST = "others?|similar|additional|further|rest|remainder|remaining"
_ETC = (
    r"etc|et cetera|et al|usw|u\.s\.w|etcétera|und so weiter|et ainsi de suite|y así sucesivamente|以此类推|等等|省略"
)
# Each is looked for where the words begin, after dots, brackets and the marks of a comment.
_SAYS_ANYWHERE: Final = (
    rf"(?:(?:and|plus|with|or|{_SOME})\s+){{1,2}}(?:more|others)\b{_END}",
    rf"{_AND}the\s+(?:rest|remainder|others)\b{_END}",
    r"(?:more|others|the rest)\s*(?:\.{3,}|…)",
    rf"(?:{_ETC}){_END}",
    rf"(?:\w+\s+){{0,4}}?{_ITEMS}\s+(?:[\w–-]+\s+){{0,4}}?{_GONE}",
)
_SAYS_SO: Final = (
    *_SAYS_ANYWHERE,
    rf"{_AND}(?:another|a further)?\s*\d[\d.,]*\s+(?:more|others?|further|additional|similar|remaining)\b",
    rf"{_AND}(?:{_SOME} |the |all |any )?(?:more|remaining|(?:rest|remainder) of)(?: the)?\s+(?:\w+\s+){{0,3}}{_ITEMS}",
    rf"{_AND}(?:the |all )?(?:\d[\d.,]*\s+)?(?:{_REST}|more)\b[\w\s,-]{{0,60}}?\b{_LEFT_OUT}",
    r"and so (?:on|forth)\b",
    rf"(?:\w+\s+){{0,6}}?(?:{_GONE}|cut)\s+for\s+(?:brevity|clarity|space|length|readability)\b",
    rf"(?:repeat|continue)(?:s|d|ed)?\s+(?:(?:for|with|like|until|through|to)\b.{{0,40}})?{_ITEMS}",
    r"(?:the\s+)?same\s+(?:pattern|structure|format|for)\b",
)
_WORDS = re.compile(rf"[\s.…⋯⋮(\[<*-]*(?:{'|'.join(_SAYS_SO)})", re.IGNORECASE)
_ARE = r"(?:(?:are|is|were|was|have been|has been)\s+)?"
_GONE_NOW = (
    rf"(?:{_GONE}|(?:follow|go here|here)\b{_END}|for brevity\b|(?:follow|in|with)\s+the\s+same\b|similar\b{_END})"
)
_COUNT = r"\d[\d.,]*"
_THEY_ARE = rf"{_ARE}(?:\w+\s+)?{_GONE_NOW}"
_MORE = "(?:more|others?|further|additional|similar|remaining)"
_MORE_OF = "(?:more|remaining|other|(?:rest|remainder) of)"
_WERE_SHOWN = r"(?:are|is|were|was)\s+(?:shown|listed|included|given)\b"
# Comments and the words around an answer speak of many things: "2 more in stock", "the remaining lines are footers".
_SAYS_PLAINLY: Final = (
    *_SAYS_ANYWHERE,
    rf"{_AND}(?:another\s+|a further\s+)?{_COUNT}\s+{_MORE}(?:\s+(?:of\s+)?(?:the\s+)?(?:\w+\s+)?{_ITEMS})?{_END}",
    rf"(?:and|plus|with)\s+(?:another\s+)?{_COUNT}\s+{_MORE}(?:\s+\w+)?{_END}",
    rf"{_AND}{_COUNT}\s+{_MORE}\s+(?:[\w-]+\s+){{0,4}}?{_ARE}{_GONE_NOW}",
    rf"{_AND}(?:{_SOME} |the |all |any )?{_MORE_OF}(?: the)?\s+(?:\w+\s+){{0,3}}?{_ITEMS}(?:{_END}|\s+{_THEY_ARE})",
    rf"{_AND}(?:the |all )?(?:{_COUNT}\s+)?(?:{_REST})\b(?:\s+[\w-]+){{0,5}}?\s+{_THEY_ARE}",
    rf"and so (?:on|forth)\b[\w\s,-]{{0,40}}{_END}",
    rf"(?:\w+\s+){{0,6}}?(?:{_GONE}|cut)\s+(?:here\b|for\s+(?:brevity|clarity|space|length|readability)\b)",
    rf"(?:repeat|continue)(?:s|d|ed)?\s+(?:(?:for|with|like|until|through|to|in)\b.{{0,40}})?(?:{_ITEMS}|the rest\b)",
    r"(?:the\s+)?same\s+(?:pattern|structure|format)\s+(?:for|continues|repeats|applies|as above)\b",
    rf"(?:the\s+)?same\s+for\s+(?:the\s+|all\s+)?(?:{_REST}|{_ITEMS})",
    rf"(?:I|we)(?:['’]ve|\s+have)?\s+{_GONE}\s+(?:(?:the|all)\s+)?(?:{_COUNT}\s+)?(?:{_REST}|other|following|last|list)\b",
    rf"(?:only|showing)\s+(?:only\s+)?the\s+first\s+[\w-]+(?:\s+\w+){{0,3}}?\s+{_WERE_SHOWN}",
    rf"showing\s+(?:only\s+)?(?:the\s+)?first\s+[\w-]+(?:\s+\w+){{0,3}}{_END}",
    rf"(?:the\s+)?(?:output|list|answer|response|table|array)\s+(?:is|was|has been)\s+{_GONE}",
)
_PLAIN_WORDS = re.compile(rf"[\s(\[<*-]*(?:{'|'.join(_SAYS_PLAINLY)})", re.IGNORECASE)
_BEGINS_WITH_DOTS = re.compile(r"[\s(\[<{*-]*(?:\.{2}|[…⋯⋮])")
# Rows that tell nothing may be left out.
_OF_NOTHING = re.compile(
    r"\b(?:blank|duplicates?|duplicated|head(?:er|ing)s?|foot(?:er|note)s?|unused|irrelevant|optional|spaces?|total)\b",
    re.IGNORECASE,
)
_ONLY_DOTS = re.compile(r"[\s.…⋯⋮]+\Z")
_THREE = re.compile(rf"\s*{DOTS}\s*\Z")
_AFTER_DOTS = re.compile(
    rf"\s*{DOTS}[\s(]*(?:and|more|rest|the rest|remaining|others?|similar|same|repeat|continue|additional|further"
    r"|omitted|truncated|etc|\d[\d.,]*\s+[a-z])",
    re.IGNORECASE,
)
_ONE_WORD = re.compile(rf"[\s(\[<*-]*(?:the\s+)?(?:(?:list|array|output|rest)\s+)?{_GONE}{_END}", re.IGNORECASE)
_DENIED = re.compile(
    r"\b(?:no|not(?! shown)|none|never|without|nothing|n't|null|empty|unknown|missing)\b", re.IGNORECASE
)
_MARKS = re.compile(r"\A(?://+|#+!?|/\*+|<!--)\s*|\s*(?:\*+/|-->)\Z")
_FIELDS = re.compile(r"\b(?:fields?|keys?|properties|details?|information|text|document|pages?)\b", re.IGNORECASE)
_HINT = re.compile(
    r"\.\.|[.…⋯⋮]\s*\Z|…|more|other|rest|remain|simil|addit|furth|omit|elid|abbrev|trunc|short|skip|snip|left out"
    r"|not shown|first|and so|etc|et |usw|u\.s|und so|así|以此|等等|省略|repeat|contin|same|cut ",
    re.IGNORECASE,
)
# Words that stand for others are few.
_LONGEST = 200


def leaves_out(words: str, where: Where) -> bool:
    """Tell whether words stand for values that are not there.

    Args:
        words: What stands in the text, with the marks of a comment or without.
        where: As what: a ``value`` of an object, an ``item`` of a list, a ``comment``, or ``around`` the whole value.
            The last two hold words of every kind, so they are believed less.
    """
    # Comments and texts of any length come here, again and again: nothing may look through a long one.
    if len(words) > 2 * _LONGEST or _HINT.search(words) is None:
        return False
    said = words.strip()
    if where == "comment":
        said = _MARKS.sub("", said)
    if where == "around":
        said = said.lstrip(NO_WORDS).partition("\n")[0]
    if len(said) > _LONGEST and where != "around":
        return False
    said = said[:_LONGEST]
    if _ONLY_DOTS.match(said):
        return where in ("value", "item") or _THREE.match(said) is not None
    if where == "value":
        return said[:1] in ".…⋯⋮" and _WORDS.match(said) is not None
    # What ends in a colon announces what comes.
    if _DENIED.search(said) or said.endswith(":"):
        return False
    if where == "item":
        return any(each.match(said) for each in (_WORDS, _ONE_WORD, _AFTER_DOTS))
    if _BEGINS_WITH_DOTS.match(said) is None:
        plainly = _PLAIN_WORDS.match(said) is not None and _OF_NOTHING.search(said) is None
        return plainly and (where == "comment" or _is_of_items(said))
    return _WORDS.match(said) is not None or (where == "comment" and _AFTER_DOTS.match(said) is not None)


def _is_of_items(said: str) -> bool:
    """Whether words after an answer speak of what it lists; a model also says which fields it did not find."""
    return said[:1] == "(" or _FIELDS.search(said) is None
