"""A mail message in (.eml), its headers and body as text out; attachments are named, not read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from extract.documents._html import html_to_text

if TYPE_CHECKING:
    from email.message import EmailMessage

    from extract.documents._limits import Limits

__all__ = ["looks_like_mail", "mail_to_text"]

_SHOWN = ("From", "To", "Cc", "Date", "Subject")
_HEADER = re.compile(rb"^([A-Za-z][A-Za-z0-9-]*):[ \t]", re.MULTILINE)
_TELLING = frozenset({b"mime-version", b"received", b"message-id", b"return-path", b"delivered-to"})


def looks_like_mail(data: bytes) -> bool:
    """Whether the bytes begin with mail headers: From, and one that only machines write."""
    head = data[:8192].replace(b"\r\n", b"\n").split(b"\n\n", 1)[0]
    names = {name.lower() for name in _HEADER.findall(head)}
    return bool(_HEADER.match(head)) and b"from" in names and bool(names & _TELLING)


def mail_to_text(data: bytes, label: str, limits: Limits) -> tuple[str, tuple[str, ...]]:
    """Give the headers a reader sees, then the body; plain text before HTML.

    Returns:
        The text, and a note for every attachment that was left out.
    """
    import email.policy  # noqa: PLC0415 - a tenth of this package's whole import, and only mails need it

    message = email.message_from_bytes(data, policy=email.policy.default)
    lines = [f"{name}: {message[name]}" for name in _SHOWN if message[name]]
    notes = tuple(
        f"attachment {part.get_filename() or '(unnamed)'} was not read" for part in message.iter_attachments()
    )
    return "\n".join([*lines, "", _body(message, label, limits)]), notes


def _body(message: EmailMessage, label: str, limits: Limits) -> str:
    part = message.get_body(preferencelist=("plain", "html"))
    if part is None:
        return ""
    try:
        content = part.get_content()
    except (LookupError, ValueError):  # a charset nobody knows
        raw = part.get_payload(decode=True)
        content = raw.decode("utf-8", errors="replace") if isinstance(raw, bytes) else str(raw)
    text = str(content).replace("\r\n", "\n")
    return html_to_text(text, label, limits) if part.get_content_type() == "text/html" else text
