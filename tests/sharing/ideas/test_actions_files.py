"""Files are small, of a known kind, what their names say, and free of what others had deleted."""

import time
import tracemalloc
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.factories.ideas import AttachedFileFactory
from tests.factories.organisations import NOW
from tests.sharing.ideas.documents import (
    EXE,
    HTML,
    JPEG,
    PDF,
    PNG,
    archive,
    damaged,
    lying_about_size,
    office,
    upload,
)
from tests.sharing.ideas.market_place import Market, at, days, now, trail
from trebbo.kernel.access import visitor
from trebbo.kernel.errors import NotAllowed
from trebbo.kernel.uploads import LARGEST_DOCUMENT
from trebbo.sharing.ideas import actions
from trebbo.sharing.ideas.actions.files import MOST_FILES
from trebbo.sharing.ideas.models import AttachedFile, Idea

pytestmark = pytest.mark.django_db

MEGABYTE = 1_000_000


@pytest.fixture
def market() -> Market:
    """People and bodies."""
    return Market()


@pytest.fixture
def idea(market: Market) -> Idea:
    """A draft."""
    return market.write()


def attach(market: Market, idea: Idea, file: SimpleUploadedFile, **given: Any) -> AttachedFile:
    """Attached by the keeper, if by nobody else."""
    facts = {"actor": market.keeper, **given}
    return actions.attach_file(idea_id=idea.pk, upload=file, **facts)


def told(market: Market, idea: Idea, file: SimpleUploadedFile) -> actions.IdeaRefused:
    """The refusal of a file; nothing is kept of it."""
    with pytest.raises(actions.IdeaRefused) as caught:
        attach(market, idea, file)
    assert set(caught.value.fields) == {"file"}
    assert not AttachedFile.objects.exists()
    return caught.value


@contextmanager
def little_memory(most: int) -> Iterator[None]:
    """Fails where more bytes than `most` were held at once."""
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < most
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("name", "content", "content_type"),
    [
        ("a.pdf", PDF, "application/pdf"),
        ("a.png", PNG, "image/png"),
        ("a.JPG", JPEG, "image/jpeg"),
        ("a.jpeg", JPEG, "image/jpeg"),
        ("a.txt", "perché < 7\n".encode(), "text/plain; charset=utf-8"),
        ("a.csv", "\ufeffa;b\n".encode(), "text/csv; charset=utf-8"),
        ("a.docx", office(".docx"), None),
        ("a.xlsx", office(".xlsx"), None),
        ("a.pptx", office(".pptx"), None),
        ("a.odt", office(".odt"), None),
        ("a.ods", office(".ods"), None),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_clean_files_are_kept_byte_for_byte(
    market: Market, idea: Idea, name: str, content: bytes, content_type: str | None
) -> None:
    file = attach(market, idea, upload(name, content), actor=at(market.keeper, days(1)))
    file.refresh_from_db()
    assert (bytes(file.content), file.size) == (content, len(content))
    assert (file.attached_at, file.attached_by_id) == (days(1), market.keeper.person_id)
    if content_type:
        assert file.content_type == content_type
    assert "html" not in file.content_type


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("programma.pdf", EXE),
        ("programma.txt", EXE),
        ("pagina.png", HTML),
        ("immagine.jpg", PNG),
        ("immagine.png", JPEG),
        ("archivio.docx", archive({"a.txt": "a"})),
        ("archivio.odt", archive({"content.xml": "<x/>"})),
        ("foglio.docx", office(".xlsx")),
        ("lettera.xlsx", office(".docx")),
        ("foglio.odt", office(".ods")),
        ("macro.docx", archive({"word/document.xml": "", "word/vbaProject.bin": ""})),
        ("testo.docx", b"PK\x03\x04 and no more"),
        ("testo.xlsx", PDF),
        ("rotto.docx", damaged(office(".docx", "x" * 900))),
        ("bzip2.docx", archive({"word/document.xml": "a"}, packing=zipfile.ZIP_BZIP2)),
        ("lzma.docx", archive({"word/document.xml": "a"}, packing=zipfile.ZIP_LZMA)),
        ("nullo.csv", b"a;b\x00"),
        ("latino.txt", "perché".encode("latin-1")),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_file_that_is_not_what_its_name_says_is_refused_in_words(
    market: Market, idea: Idea, name: str, content: bytes
) -> None:
    refusal = told(market, idea, upload(name, content))
    assert (refusal.status, name.rpartition(".")[2] in refusal.message) == (400, True)


@pytest.mark.parametrize(
    "name", ["a.exe", "a.html", "a.svg", "a.zip", "a.docm", "a", "pdf", "a.pdf.js"]
)
def test_kinds_that_are_not_known_are_refused_with_those_that_are(
    market: Market, idea: Idea, name: str
) -> None:
    assert "docx" in told(market, idea, upload(name, PDF)).message


@pytest.mark.parametrize("name", ["a.pdf", "a.txt", "a.docx"])
def test_an_empty_file_is_refused(market: Market, idea: Idea, name: str) -> None:
    told(market, idea, upload(name, b""))


MARKED = {
    "inserted": office(".docx", '<w:ins w:id="1">nuovo</w:ins>'),
    "deleted": office(".docx", '<w:del w:id="1"><w:delText>segreto</w:delText></w:del>'),
    "moved": office(".docx", '<w:moveFrom w:id="1">qui</w:moveFrom>'),
    "commented": office(".docx", word__comments='<w:comment w:id="0">nota</w:comment>'),
    "deleted in a header": office(".docx", word__header1='<w:del w:id="1">segreto</w:del>'),
    "deleted in a footnote": office(".docx", word__footnotes='<w:del w:id="1">segreto</w:del>'),
}
MARKED_ODT = {
    "deleted": office(
        ".odt", '<text:tracked-changes><text:changed-region text:id="a"/></text:tracked-changes>'
    ),
    "commented": office(".odt", "<office:annotation>nota</office:annotation>"),
}


@pytest.mark.parametrize("how", MARKED)
def test_tracked_changes_and_comments_of_a_docx_are_refused_in_words(
    market: Market, idea: Idea, how: str
) -> None:
    assert "commenti" in _in_any_language(told(market, idea, upload("a.docx", MARKED[how])))


@pytest.mark.parametrize("how", MARKED_ODT)
def test_tracked_changes_and_comments_of_an_odt_are_refused_in_words(
    market: Market, idea: Idea, how: str
) -> None:
    assert "commenti" in _in_any_language(told(market, idea, upload("a.odt", MARKED_ODT[how])))


def _in_any_language(refusal: actions.IdeaRefused) -> str:
    return refusal.message.replace("comments", "commenti")


def test_a_document_that_merely_could_have_marks_is_clean(market: Market, idea: Idea) -> None:
    words = "<w:t>insert &lt;w:del and w:ins</w:t><w:instrText/><w:delInstr/>"
    attach(market, idea, upload("a.docx", office(".docx", words, word__comments="<w:comments/>")))
    attach(market, idea, upload("a.odt", office(".odt", "<text:tracked-changes/>")))
    assert AttachedFile.objects.count() == 2


def test_a_document_that_unpacks_to_too_much_is_never_unpacked(market: Market, idea: Idea) -> None:
    bomb = office(".docx", "x" * (LARGEST_DOCUMENT + 1))
    in_parts = office(".docx", **{f"word__header{n}": "x" * 6 * MEGABYTE for n in range(9)})
    for content in (bomb, in_parts):
        assert len(content) < MEGABYTE
        with little_memory(5 * MEGABYTE):
            assert told(market, idea, upload("bomba.docx", content)).status == 413


def test_a_document_that_lies_about_what_it_unpacks_to_takes_no_memory(
    market: Market, idea: Idea
) -> None:
    liar = lying_about_size(office(".docx", "x" * 60 * MEGABYTE), 100)
    with little_memory(5 * MEGABYTE):
        told(market, idea, upload("bomba.docx", liar))


class Untouched(SimpleUploadedFile):
    """A file that says how large it is, and must not be read."""

    def __init__(self, size: int) -> None:
        super().__init__("grande.pdf", PDF)
        self.size = size

    def read(self, *_size: Any) -> bytes:
        """Nobody should come here."""
        raise AssertionError("it was read")


@pytest.mark.parametrize("size", [10 * MEGABYTE + 1, 11 * MEGABYTE, 500 * MEGABYTE])
def test_a_file_that_is_too_large_is_refused_without_reading_it(
    market: Market, idea: Idea, size: int
) -> None:
    start = time.process_time()
    refusal = told(market, idea, Untouched(size))
    assert (refusal.status, "10" in refusal.message) == (413, True)
    assert time.process_time() - start < 1


def test_a_file_larger_than_it_says_is_refused_and_ten_megabytes_fit(
    market: Market, idea: Idea
) -> None:
    larger = upload("a.pdf", PDF.ljust(10 * MEGABYTE + 1))
    larger.size = 1
    assert told(market, idea, larger).status == 413
    assert attach(market, idea, upload("a.pdf", PDF.ljust(10 * MEGABYTE))).size == 10 * MEGABYTE


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\ada\\segreti.txt", "segreti.txt"),
        ("a\x00b\r\nSet-Cookie: x.txt", "a b Set-Cookie: x.txt"),
        ("fatt\u202egnp.txt", "fatt gnp.txt"),
        ("è" * 400 + ".txt", "è" * 150 + ".txt"),
        ("nome.con.punti.TXT", "nome.con.punti.txt"),
        ("\u200b.txt", "file.txt"),
    ],
)
def test_a_name_is_only_a_name(market: Market, idea: Idea, name: str, kept: str) -> None:
    file = upload("a.txt", b"a")
    file._name = name  # type: ignore[attr-defined]  # past what Django itself takes away
    assert attach(market, idea, file).name == kept


def test_ten_files_fit_on_an_idea_and_ten_on_each_answer(market: Market) -> None:
    idea = market.open()
    answer = market.answer(idea)
    AttachedFileFactory.create_batch(MOST_FILES, idea=idea)
    with pytest.raises(actions.IdeaRefused) as caught:
        attach(market, idea, upload("a.txt", b"a"))
    assert set(caught.value.fields) == {"file"}
    of_answer = {"actor": market.lab_person, "answer_id": answer.pk}
    for _number in range(MOST_FILES):
        attach(market, idea, upload("a.txt", b"a"), **of_answer)
    with pytest.raises(actions.IdeaRefused):
        attach(market, idea, upload("a.txt", b"a"), **of_answer)
    assert AttachedFile.objects.count() == 2 * MOST_FILES


def test_who_may_attach_and_take_away(market: Market) -> None:
    idea = market.open("public")
    answer = market.answer(idea)
    of_idea = attach(market, idea, upload("a.txt", b"a"))
    of_answer = attach(
        market, idea, upload("a.txt", b"a"), actor=market.lab_person, answer_id=answer.pk
    )
    for viewer in (market.office, market.firm_person, visitor(NOW)):
        for file, key in ((of_idea, None), (of_answer, answer.pk)):
            with pytest.raises(NotAllowed):
                attach(market, idea, upload("a.txt", b"a"), actor=viewer, answer_id=key)
            with pytest.raises(NotAllowed):
                actions.remove_file(actor=viewer, file_id=file.pk)
    with pytest.raises(NotAllowed):
        attach(market, idea, upload("a.txt", b"a"), answer_id=answer.pk)
    with pytest.raises(NotAllowed):
        actions.remove_file(actor=market.keeper, file_id=of_answer.pk)
    with pytest.raises(NotAllowed):  # the answer is of another idea
        attach(
            market, market.open(), upload("a", b""), actor=market.lab_person, answer_id=answer.pk
        )
    assert actions.remove_file(actor=market.keeper, file_id=of_idea.pk)
    assert not actions.remove_file(actor=market.keeper, file_id=of_idea.pk)
    assert actions.remove_file(actor=market.lab_person, file_id=of_answer.pk)


def test_the_files_of_an_answer_end_with_its_words(market: Market) -> None:
    idea = market.open(deadline_at=days(1))
    answer = market.answer(idea)
    given = {"actor": at(market.lab_person, days(1)), "answer_id": answer.pk}
    file = attach(market, idea, upload("a.txt", b"a"), **given)
    late = at(market.lab_person, days(1.1))
    with pytest.raises(actions.TooLate):
        attach(market, idea, upload("a.txt", b"a"), actor=late, answer_id=answer.pk)
    with pytest.raises(actions.TooLate):
        actions.remove_file(actor=late, file_id=file.pk)
    actions.decide_answer(
        actor=market.keeper, answer_id=answer.pk, accept=True, reply="", version=answer.version
    )
    with pytest.raises(actions.IdeaRefused):
        attach(market, idea, upload("a.txt", b"a"), **given)


def test_a_closed_idea_takes_no_file_and_gives_one_back(market: Market) -> None:
    idea = market.open()
    file = attach(market, idea, upload("a.txt", b"a"))
    market.close(idea)
    with pytest.raises(actions.IdeaRefused):
        attach(market, idea, upload("a.txt", b"a"))
    assert actions.remove_file(actor=market.keeper, file_id=file.pk)


def test_the_trail_has_a_files_number_and_not_its_name(market: Market, idea: Idea) -> None:
    file = attach(market, idea, upload("Valvola segreta.txt", b"a"))
    number = file.pk
    actions.remove_file(actor=market.keeper, file_id=number)
    changes = [line.changes for line in trail(now(idea))[-2:]]
    assert changes == [{"file": [None, number]}, {"file": [number, None]}]


def test_who_left_attaches_nothing(market: Market, idea: Idea) -> None:
    left = replace(market.keeper, mandates={})
    with pytest.raises(NotAllowed):
        attach(market, idea, upload("a.txt", b"a"), actor=left)
