"""Documents and a field's name in, what a small model may write there out: the names, towns, addresses they have.

A small model copies on past the end of what was asked for: the street with the name, the town with its postal code.
Where the field says which kind of thing it wants, and things of that kind are told by their looks, the answer is held
to those the documents have. Fields that may want a text of the model's own, such as a summary, are left alone.
"""

from __future__ import annotations

import re
from itertools import islice, pairwise
from typing import TYPE_CHECKING, TypeAlias

from extract.engines._local_candidates import DAY
from extract.engines._local_labels import words_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

__all__ = ["Things", "kind_of"]

MOST: Mapping[str, int] = {"name": 3000, "someone": 3000}
MOST_OF_OTHERS = 60
"""More alternatives than this are no help to a model, and a burden to the grammar; names begin alike."""

LONGEST, LONGEST_PERSON, LONGEST_TOWN = 9, 4, 4
"""Words of a name, of a person's that has a comma, and of a town's."""

LONGEST_SHORT = 4
"""Letters of a word that is taken for shortened, when a dot follows."""

_KINDS = {
    "email": "email mail",
    "address of the web": "website url homepage webpage link linkedin",
    "phone": "phone telephone tel mobile fax cellphone",
    "iban": "iban",
    "postal code": "zip postcode zipcode plz",
    "town": "city town",
    "street": "street",
    "currency": "currency",
    "name": (
        "name surname person firm company employer organisation organization organiser organizer institution agency "
        "authority bank insurer seller vendor supplier merchant store shop retailer dealer buyer customer client "
        "purchaser payer payee beneficiary recipient addressee sender consignee shipper landlord tenant lessor lessee "
        "guest host hotel venue restaurant studio school university college hospital clinic practice pharmacy "
        "laboratory lab doctor physician dentist patient teacher instructor trainer speaker performer artist author "
        "driver passenger traveller traveler holder owner member applicant candidate claimant policyholder insured "
        "reporter attendee participant student pupil child parent representative manager cashier issuer publisher "
        "manufacturer brand provider operator airline contractor employee witness"
    ),
}
_KIND = {word: kind for kind, words in _KINDS.items() for word in words.split()}
_BY = re.compile(r"(?:signed|issued|sold|prepared|taught|approved|organi[sz]ed|ordered|billed)_by$")
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_ABOUT = re.compile(r"(?:the )?(?:full )?(?:(name)s? of|([a-z]+)(?: who| that| which)) |(who) ", re.IGNORECASE)

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_WEB = re.compile(
    r"(?<![@\w.-])(?:https?://[^\s<>\"'()]+|(?:www\.)?(?:[a-z0-9-]+\.)+[a-z]{2,8}(?![\w@.-])(?:/[^\s<>\"'()]*)?)",
    re.IGNORECASE,
)
_PHONE = re.compile(
    r"(?<![\w.,/-])(?:\+|\(|0|[1-9])[\d()](?:[ ()./-]{0,2}\d){4,14}(?:,? (?:x|ext\.?) ?\d{1,5})?(?![\w,])"
)
_DATE_LIKE = re.compile(r"\d{1,4}[-./]\d{1,2}[-./]\d{2,4}")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?\b")
_POSTAL = re.compile(
    r"(?<![\w.,/-])(?:[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}|[A-Z]\d[A-Z] ?\d[A-Z]\d|[A-Z]\d[\dW] [A-Z\d]{4}"
    r"|\d{4} ?[A-Z]{2}(?![A-Z])|(?:[A-Z]{1,2}-)?\d{4,6}(?:-\d{3,4})?"
    r"|\d{2}-\d{3}|\d{3}-\d{4}|\d{3} \d{2,3})(?![\w.,/-]*\d)(?!\w)"
)
_CODES = (
    "AED ARS AUD BGN BRL CAD CHF CLP CNY COP CZK DKK EGP EUR GBP HKD HUF IDR ILS INR ISK JPY KES KRW MXN MYR NGN NOK "
    "NZD PEN PHP PLN RON RSD RUB SAR SEK SGD THB TRY TWD UAH USD VND ZAR"
)
_CODE = re.compile(rf"(?<![A-Za-z])(?:{'|'.join(_CODES.split())})(?![A-Za-z])")
_SIGNS = {
    "€": "EUR",
    "£": "GBP",
    "$": "USD",
    "₹": "INR",
    "¥": "JPY",
    "₺": "TRY",
    "₪": "ILS",
    "₩": "KRW",
    "zł": "PLN",
    "Kč": "CZK",
}
_SIGNS_OF_COUNTRIES = {
    "A$": "AUD",
    "AU$": "AUD",
    "C$": "CAD",
    "CA$": "CAD",
    "NZ$": "NZD",
    "HK$": "HKD",
    "S$": "SGD",
    "R$": "BRL",
    "US$": "USD",
}
_SIGN = re.compile(r"(?:\b(?:AU|A|CA|C|NZ|HK|S|R|US))?\$|zł\b|Kč\b|[€£₹¥₺₪₩]")

_APART = re.compile(r"\n|\t| {2,}|[|()<>\[\];*•·：\"\\]|[.]{3,}|[_=-]{2,}|: | [-–—] |(?<=\w):$", re.MULTILINE)
_GAP = re.compile(r" {2,}|\t| *\| *|[ .]*[.]{3,}[ .]*|(?<=:) ")
_NUMBER = re.compile(r"\d\D?\d\D?\d\D?\d|^(?:no|nr|number)\.?$", re.IGNORECASE)
_OF_ADDRESS = re.compile(rf"^ ?\d|\s\d+ ?[a-zA-Z]?$|{_POSTAL.pattern}")
_IDENTIFIER = re.compile(
    r"(?<!\S)(?:[^\W\d_]+\.? ){0,2}(?:no|nr|number)\b\.?:?|(?<!\S)(?-i:[A-Z]{1,3}) \d{2,}(?!\w)", re.IGNORECASE
)
_BETWEEN = (
    "and und et y e i og och of the de la le les du des del della di da do dos das van von der den dem zu zum zur am "
    "an auf im in for für to at sur sous"
)
_BETWEEN_NAMES = frozenset(_BETWEEN.split())
_SIDES = {"from": frozenset({"sender", "reporter"}), "to": frozenset({"recipient", "addressee"})}
_APARTMENT = re.compile(r"(?:flat|apt|apartment|unit|suite|room|floor)\b", re.IGNORECASE)
_UNSPACED = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u4e00-\u9fff]")
_STREET = re.compile(r"\d{1,4} ?[a-zA-Z]?(?:[-/]\d{1,4})?(?![\d\w])")
_FORM_OF_ADDRESS = re.compile(
    r"(?:m(?:rs?|s|iss|x|me|lle|essrs)|dear|herrn?|frau|sr|sra|srta|señora?|sig|signora?|dhr|mevr)\.?,?", re.IGNORECASE
)
_LEGAL = frozenset({"inc", "ltd", "llc", "llp", "gmbh", "ag", "sa", "plc", "corp", "co", "lp", "nv", "bv"})
_SPECIAL = re.compile(r"[.^$*+?()\[\]{}|\\]")
_OF_WORDS = frozenset({"name", "someone", "town", "street"})
_SURE = frozenset({"email", "address of the web", "phone", "iban"})
_END = ""
_Node: TypeAlias = "dict[str, _Node]"


class Things:
    """What stands in documents, by kind, as patterns."""

    def __init__(self, documents: str) -> None:
        self._documents = documents
        self._patterns: dict[str, str | None] = {}

    def pattern(self, kind: str, field: str = "") -> str | None:
        """Say how the things of a kind are written; None leaves it open, and empty means that there is none.

        Args:
            kind: What :func:`kind_of` said.
            field: Its name; a name that stands behind these very words is the one that is meant.
        """
        if kind == "name" and field:
            labelled = "\n".join(_labelled(self._documents, words_of(field) - {"name"}))
            found = list(dict.fromkeys(islice(_names(labelled), MOST["name"])))
            if found:
                return _trie(found)
            kind = "someone" if _is_someone(field) else kind
        if kind not in self._patterns:
            most = MOST.get(kind, MOST_OF_OTHERS)
            found = list(dict.fromkeys(islice(_FINDERS[kind](self._documents), 2 * most)))
            if kind in _OF_WORDS and _UNSPACED.search(self._documents):
                self._patterns[kind] = None
            elif not found:
                self._patterns[kind] = "" if kind in _SURE else None
            else:
                self._patterns[kind] = _trie(found) if len(found) <= most else None
        return self._patterns[kind]


def kind_of(name: str, told: str) -> str:
    """Say by a field's name, or the beginning of its description, which kind of thing it asks for; else nothing."""
    words = [word.lower() for word in _WORDS.findall(name)]
    last = words[-1] if words else ""
    if last == "code" and words[-2:-1] in (["postal"], ["zip"], ["post"]):
        return "postal code"
    if last == "code" and words[-2:-1] == ["currency"]:
        return "currency"
    kind = _KIND.get(last) or _KIND.get(last.removesuffix("s"))
    if kind or _BY.search(name.lower()):
        return kind or "name"
    about = _ABOUT.match(told)
    if about is None:
        return ""
    return "name" if about[1] or about[3] else _named(about[2].lower())


def _named(word: str) -> str:
    return "name" if _KIND.get(word) == "name" else ""


def _emails(documents: str) -> Iterator[str]:
    return (found[0] for found in _EMAIL.finditer(documents))


def _webs(documents: str) -> Iterator[str]:
    return (found[0].rstrip(".,;:") for found in _WEB.finditer(_EMAIL.sub(" ", documents)))


def _phones(documents: str) -> Iterator[str]:
    return (found[0] for found in _PHONE.finditer(documents) if not _DATE_LIKE.search(found[0]))


def _ibans(documents: str) -> Iterator[str]:
    return (found[0] for found in _IBAN.finditer(documents))


def _postal_codes(documents: str) -> Iterator[str]:
    return (found[0] for found in _POSTAL.finditer(documents))


def _currencies(documents: str) -> Iterator[str]:
    yield from (found[0] for found in _CODE.finditer(documents))
    for found in _SIGN.finditer(documents):
        yield _SIGNS_OF_COUNTRIES.get(found[0]) or _SIGNS[found[0]]


def _streets(documents: str) -> Iterator[str]:
    for part in _parts(documents):
        if (
            not _APARTMENT.match(part)
            and _STREET.search(part)
            and re.search(r"[^\W\d_]{3}", part)
            and not _POSTAL.search(part)
        ):
            yield part


def _towns(documents: str) -> Iterator[str]:
    for part in _parts(documents):
        bare = _POSTAL.sub(",", part)
        if not _STREET.search(bare):
            runs = _runs(bare.replace(",", " , ").split(), LONGEST_TOWN)
            yield from (" ".join(words) for words in runs if "," not in words)


def _names(documents: str) -> Iterator[str]:
    for cell in _cells(documents):
        # Beside a comma, a part that begins or ends with a number, or has a postal code, belongs to an address.
        for part in [part for part in cell.split(",") if not _OF_ADDRESS.search(part)] if _is_split(cell) else [cell]:
            for words in _runs(part.split(), LONGEST):
                if _is_one_name(words):
                    yield from _ends(" ".join(words))


def _is_split(cell: str) -> bool:
    return "," in cell and any(_OF_ADDRESS.search(part) for part in cell.split(","))


def _someones(documents: str) -> Iterator[str]:
    """Names of persons and organisations: no days, no words of a sentence, and not a number behind them."""
    for name in _names(_IDENTIFIER.sub("\n", DAY.sub("\n", documents))):
        words = name.split()
        if not any(word[0].islower() and word.rstrip(",") not in _BETWEEN_NAMES for word in words[1:-1]) and (
            len(words) == 1 or not (words[-1][0].islower() or re.fullmatch(r"\d{3,}", words[-1]))
        ):
            yield name


def _is_someone(field: str) -> bool:
    words = [word.lower() for word in _WORDS.findall(field)]
    if words[-1] == "name":
        return words[:-1] != [] and _KIND.get(words[-2]) == "name"
    return True


def _labelled(documents: str, words: frozenset[str]) -> Iterator[str]:
    """What stands on the lines behind a label of just these words."""
    for line in documents.splitlines() if words else ():
        cells = [cell for cell in _GAP.split(line.strip()) if cell.strip(" :.")]
        for label, value in pairwise(cells):
            said = words_of(label) - {"name"} or _SIDES.get(label.strip(" :").lower(), frozenset())
            alone = label.rstrip().endswith(":") or len(cells) == len((label, value))
            if alone and (said == words or (words <= said and not words_of(label))):
                yield value


def _cells(documents: str) -> Iterator[str]:
    """The documents in pieces that belong together: no gap, bracket or colon inside."""
    return (cell for cell in (part.strip(" ,") for part in _APART.split(documents)) if cell)


def _parts(documents: str) -> Iterator[str]:
    return (part.strip(" .") for cell in _cells(documents) for part in cell.split(",") if part.strip(" ."))


def _runs(words: list[str], most: int) -> Iterator[list[str]]:
    """Every run of words that may be a name: it begins with a capital, or where the cell begins."""
    for first, word in enumerate(words):
        if _FORM_OF_ADDRESS.fullmatch(word) or not word[:1].isalnum() or (first and word[0].islower()):
            continue
        for end in range(first + 1, min(len(words), first + most) + 1):
            if words[end - 1].strip(".,&-"):
                yield words[first:end]


def _is_one_name(words: list[str]) -> bool:
    """A comma stands in a name behind a surname, or before a legal form; else something new begins there."""
    surname = (
        words[0].removesuffix(",").isalpha() and len(words) <= LONGEST_PERSON and not re.search(r"\d", " ".join(words))
    )
    if re.fullmatch(r"\d+", words[0]) or any(_NUMBER.search(word) for word in words):
        return False
    return all(
        not word.endswith(",") or (surname and at == 0) or after.replace(".", "").rstrip(",").lower() in _LEGAL
        for at, (word, after) in enumerate(pairwise(words))
    )


def _ends(text: str) -> Iterator[str]:
    bare = text.rstrip(".,;:!?")
    yield bare
    # The dot of S.p.A. and Ltd. belongs to the name, the one of a sentence does not.
    last = bare.rsplit(" ", 1)[-1]
    if text.startswith(bare + ".") and (len(last) <= LONGEST_SHORT or "." in last):
        yield bare + "."


_FINDERS: Mapping[str, Callable[[str], Iterator[str]]] = {
    "email": _emails,
    "address of the web": _webs,
    "phone": _phones,
    "iban": _ibans,
    "postal code": _postal_codes,
    "town": _towns,
    "street": _streets,
    "currency": _currencies,
    "name": _names,
    "someone": _someones,
}


def _trie(texts: Iterable[str]) -> str:
    """Write texts as a pattern in which each beginning stands once: that leaves a grammar fewer ways to follow."""
    root: _Node = {}
    for text in texts:
        at = root
        for letter in text:
            at = at.setdefault(letter, {})
        at[_END] = {}
    return _branches(root)


def _branches(node: _Node) -> str:
    ways = [_way(letter, after) for letter, after in node.items() if letter != _END]
    joined = f"({'|'.join(ways)})"
    return f"{joined}?" if _END in node else joined


def _way(letter: str, after: _Node) -> str:
    chain = letter
    while len(after) == 1 and _END not in after:
        ((letter, after),) = after.items()
        chain += letter
    return _plain(chain) + (_branches(after) if after.keys() - {_END} else "")


def _plain(text: str) -> str:
    # A solidus stays bare: where a pattern escapes it, the server drops the pattern without a word.
    return _SPECIAL.sub(r"\\\g<0>", text)
