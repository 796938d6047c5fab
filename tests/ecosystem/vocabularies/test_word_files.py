"""Tables of words, out and in: what a spreadsheet makes of them, row by row."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.ecosystem.vocabularies.test_words import OFFICES, OTHERS, PAGE, own, published
from tests.factories.accounts import ClusterRoleFactory, NetworkRoleFactory
from tests.factories.organisations import NOW, agency_person
from trebbo.ecosystem.accounts.models import Person
from trebbo.ecosystem.vocabularies import importers
from trebbo.ecosystem.vocabularies.actions import (
    WordRow,
    WordsRefused,
    WordsReport,
    change_words,
    import_words,
    load_vocabularies,
    remove_words,
)
from trebbo.ecosystem.vocabularies.exporters import words_table
from trebbo.ecosystem.vocabularies.models import WordPair
from trebbo.kernel.access import Viewer, installation
from trebbo.kernel.errors import NotAllowed
from trebbo.kernel.models import AuditLine

pytestmark = pytest.mark.django_db

UPLOAD = f"{PAGE}upload/"


def taken(text: str, confirmed: str = "") -> WordsReport:
    """What a table brings."""
    rows = importers.word_rows(text)
    return import_words(actor=agency_person(), rows=rows, confirmed=confirmed)


def upload(client: Client, text: str | bytes) -> Any:
    """Send a file from the page."""
    content = text if isinstance(text, bytes) else text.encode()
    file = SimpleUploadedFile("parole.csv", content, content_type="text/csv")
    return client.post(UPLOAD, {"file": file}, follow=True)


@pytest.mark.parametrize(
    "table",
    [
        b"code;phrases_it;phrases_en\nscaffold;impalcatura ossea|scaffold;bone scaffold\n",
        b"code,phrases_it,phrases_en\r\nscaffold,impalcatura ossea|scaffold,bone scaffold\r\n",
        b'\xef\xbb\xbf"phrases_it";"phrases_en"\n"impalcatura ossea|scaffold";"bone scaffold"',
        b"Inglese;Italiano;note;codice\nbone scaffold;impalcatura ossea|scaffold;mah;scaffold\n",
        b'sep=;\nENGLISH;Italian;Concept\nbone scaffold;"impalcatura ossea\n|scaffold";\n;;\n',
        b"phrases_it\tphrases_en\nimpalcatura ossea|scaffold\tbone scaffold\n",
    ],
    ids=["semicolons", "commas", "mark", "italian", "sep", "tabs"],
)
def test_tables_of_every_kind(table: bytes) -> None:
    """With semicolons or commas, with a byte order mark or without, columns in any order."""
    report = taken(importers.text_of(table))
    assert (report.added, report.changed, report.refused, report.is_saved) == (1, 0, [], True)
    pair = WordPair.objects.get()
    assert pair.code in {"scaffold", "bone-scaffold"}
    assert pair.italian == ("impalcatura ossea", "scaffold")
    assert pair.english == ("bone scaffold",)


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (b"", "La prima riga deve dare il nome"),
        (b"italiano;english words\na;b", "Ha: italiano, english words."),
        (b"phrases_it;phrases_en\n;\n", "non ha righe"),
        (b'phrases_it;phrases_en\nlama;"blade\nmore', "vicino alla riga 3"),
        ("phrases_it;phrases_en\nqualità;quality".encode("latin-1"), "non è in UTF-8"),
        ("phrases_it;phrases_en\na;b".encode("utf-16"), "non è in UTF-8"),
        (b"x" * (importers.MOST_BYTES + 1), "1000 kB"),
        (b"phrases_it;phrases_en\n" + b"lama;blade\n" * 5001, "più di 5000 righe"),
    ],
    ids=["empty", "columns", "no rows", "broken", "latin-1", "utf-16", "bytes", "rows"],
)
def test_tables_that_cannot_be_read(table: bytes, words: str) -> None:
    """Say what to do about it."""
    with pytest.raises(WordsRefused, match=words.replace(".", r"\.")):
        importers.word_rows(importers.text_of(table))


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (";;blade", "Italiano: Scrivere almeno un'espressione."),
        (f";{'x' * 81};blade", "80 caratteri"),
        (f";{'|'.join(f'parola{n}' for n in range(24))};blade", "24 espressioni"),
        (";della;blade", "Italiano: Le ricerche ignorano «della»"),
        (";ossa;bones", "La coppia «osso = bone» lo dice già"),
        (";lama;blade;;more", "Più celle"),
        (";lama;blade;x", "La versione è un numero"),
        ("Not a code!;lama;blade", "Un codice è fatto di"),
        ("gone;lama;blade;3", "qualcuno ha tolto"),
        ("bone;osso|osseo;bone;7", "Nel frattempo qualcuno ha modificato questa coppia"),
        ("good;altro;other", "Il codice «good» è già alla riga 2."),
        (";buono;good", "La coppia «buono = good» lo dice già"),
    ],
)
def test_a_bad_row_keeps_all_from_being_saved(row: str, reason: str) -> None:
    """It is named by its line; the good ones are saved once that is confirmed."""
    published()
    text = f"code;phrases_it;phrases_en;version\ngood;buono;good\n\n{row}\n"
    report = taken(text)
    assert [refused.line for refused in report.refused] == [4]
    assert reason in report.refused[0].reason
    assert (report.added, report.changed, report.is_saved) == (1, 0, False)
    assert WordPair.objects.count() == 1
    assert not AuditLine.objects.exists()
    report = taken(text, confirmed=report.seen)
    assert report.is_saved
    assert set(WordPair.objects.values_list("code", flat=True)) == {"bone", "good"}
    assert AuditLine.objects.get().verb == "add_words"


def test_a_confirmation_counts_while_nobody_else_writes() -> None:
    """Otherwise the report comes again."""
    text = "phrases_it;phrases_en\nbuono;good\n;bad\n"
    seen = taken(text).seen
    own()
    again = taken(text, confirmed=seen)
    assert not again.is_saved
    assert taken(text, confirmed=again.seen).is_saved


def test_known_codes_write_the_office_s_phrases_anew() -> None:
    """The product's stay, whether they are repeated or not; what is alike is left alone."""
    pair, added, same = published(), own(), own("lama", "blade")
    report = taken(
        "code;phrases_it;phrases_en\n"
        "bone;osso|osseo;\n"
        "bone-scaffold;scaffold;bone scaffold\n"
        "blade;lama;blade\n"
    )
    assert (report.added, report.changed, report.same) == (0, 2, 1)
    for row in (pair, added, same):
        row.refresh_from_db()
    assert (pair.phrases_it, pair.phrases_it_kept, pair.version) == ("osso|ossa|osseo", "osseo", 2)
    assert (added.phrases_it, added.version) == ("scaffold", 2)
    assert same.version == 1


@pytest.mark.parametrize("viewer", OFFICES.values(), ids=OFFICES)
def test_offices_take_tables_in(viewer: Viewer) -> None:
    """Like any other words."""
    rows = [WordRow(2, italian="lama", english="blade")]
    assert import_words(actor=viewer, rows=rows).is_saved


@pytest.mark.parametrize("viewer", OTHERS.values(), ids=OTHERS)
def test_others_take_none_in(viewer: Viewer) -> None:
    """Not even an empty one."""
    with pytest.raises(NotAllowed):
        import_words(actor=viewer, rows=[])


def test_what_goes_out_comes_in_again() -> None:
    """The whole table of the product, an office's words, formulas; and nothing changes."""
    load_vocabularies(actor=installation(NOW))
    own("=1+1|-lama|+filo;taglio", "@blade|'quoted'|\"sharp\"")
    bone = WordPair.objects.get(code="bone")
    change_words(actor=agency_person(), pair_id=bone.pk, italian="osteo", english="", version=1)
    left = WordPair.objects.get(code="biobank")
    remove_words(actor=agency_person(), pair_id=left.pk, version=1)
    before = list(WordPair.objects.order_by("pk").values())
    table = words_table(WordPair.objects.order_by("code"))
    assert "'=1+1|-lama|+filo;taglio" in table
    report = taken(importers.text_of(table.encode()))
    assert (report.added, report.changed, report.refused) == (0, 0, [])
    assert report.same == len(before)
    assert list(WordPair.objects.order_by("pk").values()) == before


def test_a_table_from_before_a_colleague_s_change() -> None:
    """Only the row that both wrote is refused."""
    pair, other = own(), own("lama", "blade")
    table = words_table(WordPair.objects.order_by("code"))
    change_words(
        actor=agency_person(), pair_id=pair.pk, italian="impalcatura", english="frame", version=1
    )
    table = table.replace("lama", "lama|filo").replace("impalcatura ossea", "scaffold osseo")
    report = taken(table)
    assert report.changed == 1
    assert "Agency ha modificato questa coppia. Ora dice: impalcatura = frame" in (
        report.refused[0].reason
    )
    taken(table, confirmed=report.seen)
    other.refresh_from_db()
    assert other.phrases_it == "lama|filo"


def test_the_page_takes_a_clean_file(sign_in: Callable[[Person], Client]) -> None:
    """At once, and says what it brought."""
    client = sign_in(ClusterRoleFactory().person)
    answer = upload(client, "italiano;inglese\nlama;blade\nfilo;edge\n")
    assert "2 coppie sono aggiunte, 0 coppie sono modificate." in answer.content.decode()
    answer = upload(client, "code;italiano;inglese\nblade;lama;blade\n")
    assert "Tutto ciò che è nel file c&#x27;è già" in answer.content.decode()


def test_the_page_asks_before_it_saves_half_a_file(sign_in: Callable[[Person], Client]) -> None:
    """With every bad row in words; the table is kept for the confirmation."""
    client = sign_in(NetworkRoleFactory().person)
    answer = upload(client, "\ufeffitaliano;inglese\r\n<b>lama</b>;blade\r\n;edge\r\n")
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "Una riga non può essere accettata." in page
    assert "Riga 3" in page
    assert not WordPair.objects.exists()
    confirm = answer.context["confirm"].initial
    own()
    answer = client.post(f"{UPLOAD}confirm/", confirm, follow=True)
    assert answer.status_code == 400
    assert "Nel frattempo qualcuno ha modificato delle parole" in answer.content.decode()
    answer = client.post(f"{UPLOAD}confirm/", answer.context["confirm"].initial, follow=True)
    assert "Una coppia è aggiunta" in answer.content.decode()
    assert "&lt;b&gt;lama&lt;/b&gt;" in answer.content.decode()


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (b"\xff\xfe\x00", "non è in UTF-8"),
        (b"", "Il file è vuoto."),
        (b"a;b\n1;2", "La prima riga deve dare il nome"),
        (b"x" * (importers.MOST_BYTES + 100), "1000 kB"),
    ],
)
def test_the_page_refuses_other_files(
    sign_in: Callable[[Person], Client], file: bytes, words: str
) -> None:
    """In words, at the field; as where nothing is sent, or nonsense is confirmed."""
    client = sign_in(NetworkRoleFactory().person)
    answer = upload(client, file)
    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert "Prima va scelto il file." in client.post(UPLOAD).content.decode()
    assert client.post(f"{UPLOAD}confirm/").status_code == 302
    nonsense = {"table": "x", "confirmed": "y"}
    assert client.post(f"{UPLOAD}confirm/", nonsense).status_code == 400


def test_the_page_hands_out_what_it_lists(sign_in: Callable[[Person], Client]) -> None:
    """As a file that says its day, with what was sought."""
    published()
    own()
    client = sign_in(NetworkRoleFactory().person)
    answer = client.get(f"{PAGE}download/", {"shown": "ours"})
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"].startswith('attachment; filename="trebbo-parole-20')
    assert answer.content.decode() == (
        "\ufeffcode;phrases_it;phrases_en;version\r\n"
        "bone-scaffold;impalcatura ossea;bone scaffold;1\r\n"
    )
