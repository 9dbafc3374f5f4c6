"""PDFs that are forms: what is filled in is part of the text, page by page."""

from __future__ import annotations

import pytest

from extract.documents import read
from extract.errors import DocumentError

NAME = "/FT/Tx/T(name)"
CASES = [
    ("text", [f"{NAME}/V(Ada Lovelace)"], ["name: Ada Lovelace"]),
    ("its tooltip is its label", [f"{NAME}/TU(Full name:)/V(Ada)"], ["Full name: Ada"]),
    ("other letters", [f"{NAME}/V<FEFF004C00F3006400FA>"], ["name: Lódú"]),
    (
        "several lines",
        [f"{NAME}/Ff 4096/V(1 Mill Road\\rBath)", "/FT/Tx/T(b)/V(2)"],
        ["name: 1 Mill Road\n  Bath", "b: 2"],
    ),
    ("left blank", [NAME, "/FT/Tx/T(b)/V(2)"], ["name:", "b: 2"]),
    ("ticked", ["/FT/Btn/T(smoker)/V/Yes/AS/Yes", "/FT/Btn/T(driver)/V/Off/AS/Off"], ["smoker: [x]", "driver: [ ]"]),
    ("a box with a word", ["/FT/Btn/T(plan)/V/Gold/AS/Gold"], ["plan: [x] Gold"]),
    ("choice", ["/FT/Ch/Ff 131072/T(land)/Opt[[(de)(Germany)][(fr)(France)]]/V(fr)"], ["land: France"]),
    ("own word", ["/FT/Ch/Ff 393216/T(land)/Opt[(Germany)(France)]/V(Malta)"], ["land: Malta"]),
    ("list", ["/FT/Ch/Ff 2097152/T(days)/Opt[(Mon)(Tue)(Wed)]/V[(Mon)(Wed)]"], ["days: Mon, Wed"]),
    ("unseen", [f"{NAME}/V(Ada)", "/FT/Tx/T(h)/F 2/V(hidden)", "/FT/Tx/T(p)/Ff 8192/V(secret)"], ["name: Ada"]),
    ("buttons", [f"{NAME}/V(Ada)", "/FT/Btn/Ff 65536/T(send)", "/FT/Sig/T(sign)"], ["name: Ada"]),
]


def form(*fields: str, text: str = "Intake", xfa: bool = False) -> bytes:
    """Write a PDF of one page with a line of text and these fields."""
    kids = " ".join(f"{6 + n} 0 R" for n in range(len(fields)))
    content = f"BT /F1 12 Tf 72 700 Td ({text}) Tj ET" if text else ""
    packet = "/NeedsRendering true" if xfa else ""
    objects = [
        f"<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[{kids}]{'/XFA(x)' if xfa else ''}>>{packet}>>",
        "<</Type/Pages/Count 1/Kids[4 0 R]>>",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        (
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 5 0 R/Annots[{kids}]"
            "/Resources<</Font<</F1 3 0 R>>>>>>"
        ),
        f"<</Length {len(content)}>>stream\n{content}\nendstream",
    ]
    for number, field in enumerate(fields):
        states = [word for word in ("Yes", "Gold", "male", "female") if f"/{word}" in field] or ["Yes"]
        looks = "".join(f"/{word} 3 0 R" for word in ("Off", *states))
        shown = f"/AP<</N<<{looks}>>>>" if "/FT/Btn" in field or "/Parent" in field else ""
        top = 600 - 30 * number
        objects.append(f"<</Type/Annot/Subtype/Widget/Rect[72 {top} 300 {top + 20}]{shown}{field}>>")
    body = "%PDF-1.7\n" + "".join(f"{n} 0 obj\n{item}\nendobj\n" for n, item in enumerate(objects, 1))
    return f"{body}trailer<</Size {len(objects) + 1}/Root 1 0 R>>\n%%EOF".encode("latin-1")


@pytest.mark.parametrize(("fields", "lines"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_what_is_filled_in_follows_the_pages_text(fields: list[str], lines: list[str]) -> None:
    """One line a field, in the form's order, labelled as the reader of the form sees it."""
    assert read(form(*fields)).text == "\n".join(["Intake", "Filled in:", *lines])


def test_of_radio_buttons_the_chosen_one_is_told() -> None:
    """One line for the group; without a value while nothing is chosen."""
    group = "/FT/Btn/Ff 49152/T(sex)/V/female"
    buttons = [f"{group}/AS/Off/MK<</CA(male)>>/AP<</N<</male 3 0 R/Off 3 0 R>>>>", f"{group}/AS/female"]
    assert "sex: female" in read(form(*buttons)).text
    none = [button.replace("/V/female", "/V/Off").replace("/AS/female", "/AS/Off") for button in buttons]
    assert read(form("/FT/Tx/T(a)/V(1)", *none)).text.endswith("a: 1\nsex:")


def test_a_blank_form_is_its_printed_text() -> None:
    """Where nothing is filled in there is nothing to tell."""
    assert read(form(NAME, "/FT/Btn/T(smoker)/V/Off/AS/Off")).text == "Intake"


def test_a_scanned_form_that_was_filled_in_is_read() -> None:
    """The page is a picture, the fields are not; that the picture was not read is noted."""
    document = read(form(f"{NAME}/V(Ada)", text=""))
    assert document.text == "Filled in:\nname: Ada"
    assert document.notes == ("no text on page(s) 1: pictures are not read",)
    with pytest.raises(DocumentError, match="a scan"):
        read(form(NAME, text=""))


def test_a_form_that_cannot_be_read_is_noted() -> None:
    """XFA keeps the values where PDFium does not look."""
    [note] = read(form(xfa=True)).notes
    assert "XFA" in note


def test_fields_belong_to_their_page_and_come_out_alike_each_time() -> None:
    """The page's offsets hold the fields, too."""
    data = form(f"{NAME}/V(Ada)")
    document = read(data)
    assert document.page_at(document.text.index("Ada")) == 1
    assert read(data) == document
