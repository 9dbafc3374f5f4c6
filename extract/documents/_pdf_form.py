"""A page of a PDF in, what is filled into its form out: one line a field. Runs inside the parser's own process."""

from __future__ import annotations

import ctypes
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["field_lines", "is_xfa"]

# PDFium's numbers, by the names of its public headers.
_WIDGET = 20
_UNSEEN = 1 | 2 | 32  # invisible, hidden, no view
_PASSWORD = 1 << 13
_CHECKBOX, _RADIO, _COMBO, _LIST, _TEXT = 2, 3, 4, 5, 6
_BUTTONS = frozenset({_CHECKBOX, _RADIO})
_CHOICES = frozenset({_COMBO, _LIST})
_XFA_FULL = 2
# What a box that is ticked exports when its author gave it no word of its own.
_PLAIN_TICKS = frozenset({"", "yes", "on", "true", "1"})


@dataclass(frozen=True, slots=True)
class _Field:
    """One field as the page shows it; ``ticked`` is None where there is nothing to tick."""

    kind: int
    label: str
    value: str
    ticked: bool | None = None


def is_xfa(pdf: Any) -> bool:
    """Whether the form is kept as XFA, which PDFium does not read."""
    return bool(pdf.get_formtype() == _XFA_FULL)


def field_lines(pdf: Any, page: Any) -> list[str]:
    """Write each field that can be filled in as ``label: value``, in the file's order, a blank one without a value.

    A box is ``label: [x]`` or ``label: [ ]``, followed by its own word where it has one; of radio buttons only the
    chosen one's word is written. Buttons to press, signatures, passwords and fields nobody sees are left out. A form
    in which nothing is filled in gives no line.
    """
    fields = list(_fields(pdf, page)) if pdf.formenv else []
    if not any(field.ticked or (field.ticked is None and field.value) for field in fields):
        return []
    lines: list[str] = []
    chosen = {field.label for field in fields if field.kind == _RADIO and field.ticked}
    for field in fields:
        if field.kind == _RADIO and not field.ticked:
            if field.label not in chosen:
                lines.append(f"{field.label}:")
            continue
        lines.append(_line(field))
    return list(dict.fromkeys(lines))


def _line(field: _Field) -> str:
    if field.kind == _CHECKBOX:
        word = "" if field.value.lower() in _PLAIN_TICKS else field.value
        return f"{field.label}: [{'x' if field.ticked else ' '}] {word}".rstrip()
    first, *further = field.value.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    # A value of several lines stays apart from the next field's label.
    return "\n".join([f"{field.label}: {first}".rstrip(), *(f"  {line}".rstrip() for line in further)])


def _fields(pdf: Any, page: Any) -> Iterator[_Field]:
    import pypdfium2.raw as pdfium  # type: ignore[import-untyped]  # noqa: PLC0415 — inside the child process

    for index in range(pdfium.FPDFPage_GetAnnotCount(page)):
        with _annotation(pdfium, page, index) as widget:
            if pdfium.FPDFAnnot_GetSubtype(widget) != _WIDGET or pdfium.FPDFAnnot_GetFlags(widget) & _UNSEEN:
                continue
            field = _field(pdfium, pdf.formenv, widget)
        if field is not None:
            yield field


@contextmanager
def _annotation(pdfium: Any, page: Any, index: int) -> Iterator[Any]:
    widget = pdfium.FPDFPage_GetAnnot(page, index)
    try:
        yield widget
    finally:
        pdfium.FPDFPage_CloseAnnot(widget)


def _field(pdfium: Any, form: Any, widget: Any) -> _Field | None:
    def told(function: Callable[..., int], *further: Any) -> str:
        return _text(lambda buffer, size: function(form, widget, *further, buffer, size))

    kind = pdfium.FPDFAnnot_GetFormFieldType(form, widget)
    label = told(pdfium.FPDFAnnot_GetFormFieldAlternateName) or told(pdfium.FPDFAnnot_GetFormFieldName)
    label = " ".join(label.split()).rstrip(":") or "field"
    if kind in _BUTTONS:
        ticked = bool(pdfium.FPDFAnnot_IsChecked(form, widget))
        return _Field(kind, label, told(pdfium.FPDFAnnot_GetFormFieldExportValue), ticked)
    if kind in _CHOICES:
        options = range(max(0, pdfium.FPDFAnnot_GetOptionCount(form, widget)))
        chosen = [index for index in options if pdfium.FPDFAnnot_IsOptionSelected(form, widget, index)]
        shown = ", ".join(told(pdfium.FPDFAnnot_GetOptionLabel, index) for index in chosen)
        # A combo box may also take a word of the writer's own.
        return _Field(kind, label, shown or told(pdfium.FPDFAnnot_GetFormFieldValue))
    if kind == _TEXT and not pdfium.FPDFAnnot_GetFormFieldFlags(form, widget) & _PASSWORD:
        return _Field(kind, label, told(pdfium.FPDFAnnot_GetFormFieldValue).strip())
    return None


def _text(ask: Callable[[Any, int], int]) -> str:
    """Get a text the way PDFium gives them: its size first, then UTF-16 with a closing zero."""
    import pypdfium2.raw as pdfium  # noqa: PLC0415

    size = ask(None, 0)
    if size <= 2:  # noqa: PLR2004 — only the closing zero
        return ""
    buffer = ctypes.create_string_buffer(size)
    ask(ctypes.cast(buffer, ctypes.POINTER(pdfium.FPDF_WCHAR)), size)
    return buffer.raw[: size - 2].decode("utf-16-le", "replace")
