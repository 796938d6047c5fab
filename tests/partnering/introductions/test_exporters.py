"""The dossier of an ask, read back as a reader's programs do."""

import io
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from pypdf import PdfReader

from trebbo.kernel.tabular import LONGEST_CELL
from trebbo.partnering.introductions.exporters import (
    NEED_SHOWN,
    Dossier,
    DossierReason,
    DossierRow,
    dossier_pdf,
    dossier_xlsx,
    file_name,
)

PROJECT = "https://cordis.europa.eu/project/id/101112233/results-of-the-project"
PAGE = "https://trebbo.example/it/organisations/romagna-tech-faenza/"
HOSTILE = '#read("/etc/hosts") $x^2$ *b* _i_ = @ref `raw` <script>alert(1)</script> \\ // /* ~ é “”'
REASONS = (
    DossierReason("Competence: fatigue in hydrogen", 31.25, False, ()),
    DossierReason(
        "Funded project HySTRENGTH",
        18.0,
        True,
        (("HySTRENGTH", PROJECT), ("Programme", f"{PROJECT}/programme")),
    ),
)


def row(rank: int = 1, **changes: Any) -> DossierRow:
    """A body of the shortlist."""
    whole = DossierRow(
        rank=rank,
        name="Romagna Tech",
        address=PAGE,
        what="Innovation centre, Faenza",
        points=92.45,
        reasons=REASONS,
        missing=("No ATEX certification is known",),
        note="Called on 12 November.",
        standing="added by the broker",
    )
    return replace(whole, **changes)


def dossier(**changes: Any) -> Dossier:
    """A dossier with one body."""
    whole = Dossier(
        title="Hydrogen valves",
        need="Who can test valves with hydrogen?\nUp to 350 bar.",
        wishes=("Near Imola",),
        asked_by="Clust-ER Energia",
        made_at=datetime(2026, 11, 28, 23, 5, tzinfo=UTC),
        ranking="Words and evidence",
        rows=(row(),),
        left_out=("12 companies: outside the territory.",),
        notice="Synthetic demonstration data.",
        language="en",
    )
    return replace(whole, **changes)


def pages(made: Dossier) -> PdfReader:
    """The PDF as a reader opens it."""
    return PdfReader(io.BytesIO(dossier_pdf(made)))


def words(made: Dossier) -> str:
    """All that the PDF says, with single spaces."""
    text = " ".join(page.extract_text() for page in pages(made).pages)
    return " ".join(text.replace("\u200b", "").split())


def addresses(made: Dossier) -> set[str]:
    """Where the PDF's links lead outside."""
    noted = (note.get_object() for page in pages(made).pages for note in page.get("/Annots", ()))
    return {note["/A"]["/URI"] for note in noted if "/URI" in note.get("/A", {})}


def book(made: Dossier) -> Workbook:
    """The spreadsheet as another library reads it."""
    return load_workbook(io.BytesIO(dossier_xlsx(made)))


def cells(made: Dossier) -> Iterator[Any]:
    """Every cell with something in it."""
    for sheet in book(made):
        for line in sheet.iter_rows():
            yield from (cell for cell in line if cell.value is not None)


def test_the_page_says_what_was_asked_and_who_answers() -> None:
    """In the order in which one reads it."""
    said = words(dossier())
    wanted = (
        "Hydrogen valves",
        "Clust-ER Energia",
        "29 November 2026, 00:05",
        "Words and evidence",
        "Who can test valves with hydrogen? Up to 350 bar.",
        "Near Imola",
        "Romagna Tech",
        "Innovation centre, Faenza · added by the broker",
        "Competence: fatigue in hydrogen",
        "Funded project HySTRENGTH (may be out of date)",
        "No ATEX certification is known",
        "Called on 12 November.",
        "12 companies: outside the territory.",
    )
    assert [said.find(part) for part in wanted] == sorted(said.find(part) for part in wanted)
    assert all(part in said for part in wanted)
    assert said.endswith("Synthetic demonstration data. 1 / 1")


def test_the_page_leads_to_bodies_and_projects() -> None:
    """Long addresses arrive whole."""
    assert addresses(dossier()) == {PAGE, PROJECT, f"{PROJECT}/programme"}


def test_the_page_is_fit_for_screen_readers() -> None:
    """Tagged, by PDF/UA, with its title, its language and a bookmark for each body."""
    made = dossier(language="it", rows=tuple(row(rank) for rank in range(1, 4)))
    reader = pages(made)
    root = reader.trailer["/Root"]
    assert (root["/Lang"], root["/MarkInfo"]["/Marked"]) == ("it-IT", True)
    assert reader.metadata is not None
    assert reader.metadata.title == "Hydrogen valves"
    assert b"pdfuaid:part" in root["/Metadata"].get_data()
    titles = [mark["/Title"] for mark in reader.outline if isinstance(mark, dict)]
    bodies = [
        [mark["/Title"] for mark in marks] for marks in reader.outline if isinstance(marks, list)
    ]
    assert (len(titles), bodies) == (4, [["Romagna Tech"] * 3])


def test_numbers_are_written_as_the_reader_writes_them() -> None:
    """A half is rounded up, as on the pages."""
    made = dossier(need="x" * 4_000)
    english, italian = words(made), words(replace(made, language="it"))
    assert ("92.5 points" in english, "31.3" in english, "4,000" in english) == (True,) * 3
    assert ("92,5" in italian, "31,3" in italian, "4.000" in italian) == (True,) * 3
    assert "29 novembre 2026, 00:05" in italian.casefold()


def test_a_long_need_is_cut_and_says_so() -> None:
    """In the PDF and in the spreadsheet."""
    whole, longer = dossier(need="y" * NEED_SHOWN), dossier(need="y" * (NEED_SHOWN + 1))
    assert "cut here" not in words(whole)
    assert "these are the first 3,000 of 3,001 characters" in words(longer)
    assert words(longer).count("y" * 20) == NEED_SHOWN // 20
    told = [cell.value for cell in cells(longer)]
    assert "y" * NEED_SHOWN + "…" in told
    assert "The text was cut here: these are the first 3,000 of 3,001 characters." in told


def test_what_people_write_is_never_markup() -> None:
    """Neither Typst nor HTML: every field comes out as it was typed."""
    made = dossier(
        title=HOSTILE,
        need=HOSTILE,
        wishes=(HOSTILE,),
        asked_by=HOSTILE,
        ranking=HOSTILE,
        rows=(
            row(
                name=HOSTILE,
                what=HOSTILE,
                reasons=(DossierReason(HOSTILE, 1, False, ((HOSTILE, PROJECT),)),),
                missing=(HOSTILE,),
                note=HOSTILE,
                standing=HOSTILE,
            ),
        ),
        left_out=(HOSTILE,),
        notice=HOSTILE,
    )
    assert words(made).count(HOSTILE) == 14


@settings(max_examples=20, deadline=None)
@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=400))
def test_any_plain_text_comes_out_whole(note: str) -> None:
    """Letter by letter."""
    assert note in words(dossier(need="", rows=(row(note=note),))).replace(" ", "")


def test_text_that_cannot_be_printed_does_no_harm() -> None:
    """NUL, half an emoji, marks that turn a line around; an emoji for which there is no font."""
    bad = "one\x00two \ud83d three \u202efour 🚀 日本 five"
    made = dossier(title=bad, need=bad, rows=(row(name=bad, note=bad, address=f"{PAGE}\ud83d"),))
    said = words(made)
    assert said.count("one two") == said.count("five") >= 4
    assert "one two   three  four 🚀 日本 five" in [cell.value for cell in cells(made)]


def test_a_word_of_ten_thousand_letters_stays_on_the_page() -> None:
    """It breaks, and none of it is lost."""
    reader = pages(dossier(rows=(row(note="W" * 10_000),)))
    lines = [line for page in reader.pages for line in page.extract_text().splitlines()]
    long = [line.replace("\u200b", "") for line in lines if "WW" in line]
    assert sum(line.count("W") for line in long) == 10_000
    assert max(map(len, long)) <= 60


@pytest.mark.parametrize("language", ["it", "en"])
def test_nobody_on_the_shortlist(language: Any) -> None:
    """The page and the spreadsheet still say what was asked."""
    made = dossier(rows=(), wishes=(), left_out=(), notice="", asked_by="", language=language)
    assert "Who can test valves" in words(made)
    shortlist, reasons, _asked = book(made)
    assert (shortlist.max_row, reasons.max_row) == (1, 1)


def test_only_addresses_of_the_web_are_links() -> None:
    """Others, and endless ones, are left as words."""
    links = (("a", "javascript:alert(1)"), ("b", f"https://x.example/{'a' * 3_000}"), ("c", ""))
    one = row(address="file:///etc/hosts", reasons=(DossierReason("r", 1, False, links),))
    made = dossier(rows=(one,))
    assert addresses(made) == set()
    assert [cell.value for cell in cells(made) if cell.hyperlink] == []
    assert {"a", "b", "file:///etc/hosts"} <= {cell.value for cell in cells(made)}


def test_the_sheets() -> None:
    """One row a body, one row a reason, and what was asked."""
    shortlist, reasons, asked = book(dossier())
    assert [cell.value for cell in shortlist[2]] == [
        1,
        "Romagna Tech",
        "Innovation centre, Faenza",
        92.45,
        "Competence: fatigue in hydrogen\nFunded project HySTRENGTH",
        "No ATEX certification is known",
        "Called on 12 November.",
        "added by the broker",
        PAGE,
    ]
    assert shortlist["I2"].hyperlink.target == PAGE
    assert [[cell.value for cell in line] for line in reasons.iter_rows(min_row=2)] == [
        [1, "Romagna Tech", "Competence: fatigue in hydrogen", 31.25, "No", None, None],
        [1, "Romagna Tech", "Funded project HySTRENGTH", 18, "Yes", "HySTRENGTH", "Programme"],
    ]
    assert reasons["F3"].hyperlink.target == PROJECT
    told = [line[1].value for line in asked.iter_rows(min_row=2)]
    assert told == [
        "Hydrogen valves",
        "Who can test valves with hydrogen?\nUp to 350 bar.",
        "Near Imola",
        "Clust-ER Energia",
        datetime(2026, 11, 29, 0, 5),  # noqa: DTZ001 – a spreadsheet knows no time zones
        "Words and evidence",
        "12 companies: outside the territory.",
        "Synthetic demonstration data.",
    ]


def test_the_sheets_are_ready_to_read() -> None:
    """A bold heading that stays in sight, filters, columns wide enough, wrapped text."""
    for sheet in book(dossier()):
        assert sheet.freeze_panes == "A2"
        assert all(cell.font.bold and cell.value for cell in sheet[1])
        filled = [cell for line in sheet.iter_rows() for cell in line if cell.value is not None]
        assert all(cell.alignment.wrap_text for cell in filled)
        assert sheet.column_dimensions["B"].width > 30
    shortlist, _reasons, asked = book(dossier(language="it"))
    assert shortlist.auto_filter.ref == "A1:I2"
    assert (shortlist["D2"].number_format, asked["B6"].number_format[:6]) == ("0.0", "[$-410")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "\r="])
def test_text_is_never_a_formula(start: str) -> None:
    """Whatever it begins with; nor does it become one when the cell is edited."""
    text = f'{start}HYPERLINK("https://x.example";"x")'
    made = dossier(
        title=text, need=text, wishes=(text,), rows=(row(name=text, note=text, missing=(text,)),)
    )
    found = [cell for cell in cells(made) if "HYPERLINK" in str(cell.value)]
    assert len(found) == 8
    assert {cell.data_type for cell in found} == {"s"}
    assert all(cell.quotePrefix for cell in found)


def test_a_cell_holds_what_a_spreadsheet_can() -> None:
    """The rest is cut, and the dots say so."""
    made = dossier(rows=(row(note="🚀" * 40_000),))
    long = [cell.value for cell in cells(made) if "🚀" in str(cell.value)]
    assert long == ["🚀" * (LONGEST_CELL - 1) + "…"]


def test_words_that_look_like_escapes_stay_words() -> None:
    """A spreadsheet writes odd letters as _x0041_."""
    raw = dossier_xlsx(dossier(title="_x0041_"))
    assert "_x0041_" in [cell.value for cell in load_workbook(io.BytesIO(raw)).worksheets[2]["B"]]


def test_fifty_bodies_take_little_time() -> None:
    """Their numbers and pages agree."""
    made = dossier(rows=tuple(row(rank, note="Called. " * 40) for rank in range(1, 51)))
    begun = time.perf_counter()
    reader = pages(made)
    dossier_xlsx(made)
    assert time.perf_counter() - begun < 8
    last = len(reader.pages)
    assert reader.pages[-1].extract_text().rstrip().endswith(f"{last} / {last}")
    assert book(made).worksheets[1].max_row == 101


def test_the_typeface_is_the_sites() -> None:
    """Not one that the machine happens to have."""
    fonts = {
        str(font.get_object()["/BaseFont"]).split("+")[-1].split("-")[0]
        for page in pages(dossier()).pages
        for font in page["/Resources"]["/Font"].values()
    }
    assert fonts == {"TitilliumWeb"}


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Hydrogen valves", "hydrogen-valves-2026-11-29.pdf"),
        ("../È \x00 qualità: <50%>\r\n", "e-qualita-50-2026-11-29.pdf"),
        ("日本 🚀", "dossier-2026-11-29.pdf"),
        ("w" * 300, f"{'w' * 60}-2026-11-29.pdf"),
    ],
)
def test_the_files_name(title: str, name: str) -> None:
    """Plain letters, the day in Italy."""
    assert file_name(dossier(title=title), "pdf") == name
