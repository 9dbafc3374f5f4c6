"""Which texts obey a ``format``? One predicate a format, so that none depends on what happens to be installed."""

from __future__ import annotations

import ipaddress
import re
from datetime import date
from functools import cache
from typing import TYPE_CHECKING

from extract.schema._ecma import compiled

if TYPE_CHECKING:
    from collections.abc import Callable

    from jsonschema import FormatChecker

__all__ = ["FORMATS", "format_checker"]

_LABEL, _HOST = 63, 253


@cache
def format_checker(*names: str) -> FormatChecker:
    """Make a checker of these formats, by default of all; those that are not listed are words, as the drafts say."""
    # Imported here: it costs 100 ms, and only schemas without a type need it.
    from jsonschema import FormatChecker  # noqa: PLC0415

    checker = FormatChecker(formats=())
    for name in names or FORMATS:
        checker.checkers[name] = (_on_texts(FORMATS[name]), ())
    return checker


def _on_texts(obeys: Callable[[str], bool]) -> Callable[[object], bool]:
    return lambda value: not isinstance(value, str) or obeys(value)


def _matches(pattern: str) -> Callable[[str], bool]:
    whole = re.compile(pattern, re.ASCII | re.VERBOSE)
    return lambda text: whole.fullmatch(text) is not None


def _is_date(text: str) -> bool:
    if not _DATE.fullmatch(text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _is_time(text: str) -> bool:
    found = _TIME.fullmatch(text)
    if found is None:
        return False
    hour, minute, second, sign, hours, minutes = found.groups()
    away = 0 if sign is None else (int(hours) * 60 + int(minutes)) * (-1 if sign == "+" else 1)
    # A leap second is the last one of a day in UTC.
    return second != "60" or (int(hour) * 60 + int(minute) + away) % 1440 == 1439  # noqa: PLR2004


def _is_date_time(text: str) -> bool:
    return text[10:11] in {"T", "t"} and _is_date(text[:10]) and _is_time(text[11:])


def _is_ip(kind: Callable[[str], object]) -> Callable[[str], bool]:
    def obeys(text: str) -> bool:
        try:
            kind(text)
        except ValueError:
            return False
        return "%" not in text

    return obeys


def _is_hostname(text: str) -> bool:
    return 0 < len(text) <= _HOST and all(_is_label(label) for label in text.split("."))


def _is_label(label: str) -> bool:
    if len(label) > _LABEL or not _NAME.fullmatch(label):
        return False
    if label[2:4] != "--":
        return True
    if label[:2].lower() != "xn":
        return False
    return _is_idn_label(label)


def _is_idn_label(label: str) -> bool:
    try:
        import idna  # noqa: PLC0415 - comes with most HTTP clients; without it such names pass
    except ImportError:
        return True
    try:
        idna.ulabel(label) if label.isascii() else idna.alabel(label)
    except (idna.IDNAError, UnicodeError):
        return False
    return True


def _is_idn_hostname(text: str) -> bool:
    labels = re.split("[.\u3002\uff0e\uff61]", text)
    return len(text) <= _HOST and all(_is_label(each) if each.isascii() else _is_idn_label(each) for each in labels)


def _is_email(text: str) -> bool:
    local, at, domain = text.rpartition("@")
    if not at or not _LOCAL.fullmatch(local):
        return False
    if domain.startswith("[") and domain.endswith("]"):
        inner = domain[1:-1]
        return _is_ipv6(inner[5:]) if inner[:5].lower() == "ipv6:" else _is_ipv4(inner)
    return _is_hostname(domain)


def _is_uri(text: str) -> bool:
    return _URI.fullmatch(text) is not None and _has_good_host(text)


def _is_uri_reference(text: str) -> bool:
    return _is_uri(text) or (_RELATIVE.fullmatch(text) is not None and _has_good_host(text))


def _has_good_host(text: str) -> bool:
    found = re.search(r"\[([^\]]*)\]", text)
    return found is None or found[1][:1] in {"v", "V"} or _is_ipv6(found[1])


def _plain(text: str) -> str:
    """Write the letters that an IRI may hold and a URI may not as if they were encoded."""
    return re.sub("[\u00a0-\ud7ff\uf900-\ufdcf\ufdf0-\uffef\U00010000-\U0010fffd]", "%20", text)


def _is_regex(text: str) -> bool:
    try:
        compiled(text)
    except ValueError:
        return False
    return True


_is_ipv4, _is_ipv6 = _is_ip(ipaddress.IPv4Address), _is_ip(ipaddress.IPv6Address)
_DATE = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(
    r"([01][0-9]|2[0-3]):([0-5][0-9]):([0-5][0-9]|60)(?:\.[0-9]+)?(?:[Zz]|([+-])([01][0-9]|2[0-3]):([0-5][0-9]))"
)
_NAME = re.compile("[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?")
_WORD = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL = re.compile(rf"""{_WORD}(\.{_WORD})*|"([\x20\x21\x23-\x5b\x5d-\x7e]|\\[\x20-\x7e])*\"""")
_CHAR = r"(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})"
_AUTHORITY = r"//(?:(?:[A-Za-z0-9._~!$&'()*+,;=:-]|%[0-9A-Fa-f]{2})*@)?(?:\[[^\]\[]*\]|(?:[A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*)(?::[0-9]*)?"  # noqa: E501
_TAIL = rf"(?:\?(?:{_CHAR}|[/?])*)?(?:\#(?:{_CHAR}|[/?])*)?"
_URI = re.compile(rf"[A-Za-z][A-Za-z0-9+.-]*:(?:{_AUTHORITY}(?:/{_CHAR}*)*|/?(?:{_CHAR}+(?:/{_CHAR}*)*)?){_TAIL}")
_RELATIVE = re.compile(
    rf"(?:{_AUTHORITY}(?:/{_CHAR}*)*|/(?:{_CHAR}+(?:/{_CHAR}*)*)?|(?:(?!:){_CHAR})+(?:/{_CHAR}*)*|){_TAIL}"
)
_VARIABLE = r"(?:[A-Za-z0-9_]|%[0-9A-Fa-f]{2})+(?:\.(?:[A-Za-z0-9_]|%[0-9A-Fa-f]{2})+)*(?:\*|:[1-9][0-9]{0,3})?"
_PART = r"(?:[\x21\x23-\x24\x26-\x3b\x3d\x3f-\x5b\x5d\x5f\x61-\x7a\x7e\x80-\U0010ffff]|%[0-9A-Fa-f]{2})"
_TEMPLATE = re.compile(rf"(?:{_PART}|\{{[+\#./;?&=,!@|]?{_VARIABLE}(?:,{_VARIABLE})*\}})*")

FORMATS: dict[str, Callable[[str], bool]] = {
    "date": _is_date,
    "time": _is_time,
    "date-time": _is_date_time,
    "duration": _matches(
        r"P(?:\d+W|(?=\d|T\d)(?:\d+Y(?:\d+M(?:\d+D)?)?|\d+M(?:\d+D)?|\d+D)?"
        r"(?:T(?:\d+H(?:\d+M(?:\d+S)?)?|\d+M(?:\d+S)?|\d+S))?)"
    ),
    "email": _is_email,
    "idn-email": lambda text: "@" in text,
    "hostname": _is_hostname,
    "idn-hostname": _is_idn_hostname,
    "ipv4": _is_ipv4,
    "ip-address": _is_ipv4,
    "ipv6": _is_ipv6,
    "uri": _is_uri,
    "uri-reference": _is_uri_reference,
    "iri": lambda text: _is_uri(_plain(text)),
    "iri-reference": lambda text: _is_uri_reference(_plain(text)),
    "uri-template": lambda text: _TEMPLATE.fullmatch(text) is not None,
    "json-pointer": _matches(r"(?:/(?:[^~/]|~[01])*)*"),
    "relative-json-pointer": _matches(r"(?:0|[1-9]\d*)(?:\#|(?:/(?:[^~/]|~[01])*)*)"),
    "uuid": _matches(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"),
    "regex": _is_regex,
}
"""What the drafts define; older drafts use some of these names too."""
