"""Official files of the vocabularies, taken in whole, twice, newer, damaged, and by whom."""

import csv
import gzip
import io
import zipfile
from pathlib import Path

import pytest
from django.db.models import Model

from tests.factories.organisations import (
    NOW,
    MunicipalityFactory,
    OrganisationFactory,
    SeatFactory,
    agency_person,
    person,
)
from trebbo.ecosystem.vocabularies.actions import (
    VocabularyRefused,
    VocabularyReport,
    import_vocabulary,
    keep_labels,
    load_vocabularies,
    recognise_vocabulary,
)
from trebbo.ecosystem.vocabularies.events import vocabularies_loaded
from trebbo.ecosystem.vocabularies.models import Concept, Municipality, Scheme
from trebbo.kernel.access import Viewer, installation, visitor
from trebbo.kernel.errors import NotAllowed
from trebbo.kernel.models import AuditLine

pytestmark = pytest.mark.django_db

SKILL = "http://data.europa.eu/esco/skill/"
ISCO = "http://data.europa.eu/esco/isco/C"
JOB = "http://data.europa.eu/esco/occupation/"
SKOS_XL = """<?xml version="1.0" encoding="UTF-8"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
  xmlns:owl="http://www.w3.org/2002/07/owl#"
  xmlns:skos="http://www.w3.org/2004/02/skos/core#"
  xmlns:skosxl="http://www.w3.org/2008/05/skos-xl#">
<skos:ConceptScheme rdf:about="http://data.europa.eu/8mn/euroscivoc/scheme">
  <owl:versionInfo>1.6.0</owl:versionInfo></skos:ConceptScheme>
<skosxl:Label rdf:about="urn:l1"><skosxl:literalForm xml:lang="en">optics</skosxl:literalForm>
</skosxl:Label>
<skosxl:Label rdf:about="urn:l2"><skosxl:literalForm xml:lang="it">ottica</skosxl:literalForm>
</skosxl:Label>
<skos:Concept rdf:about="http://data.europa.eu/8mn/euroscivoc/aaaa">
  <skos:notation>23</skos:notation>
  <skos:prefLabel xml:lang="en">natural sciences</skos:prefLabel>
  <skos:prefLabel xml:lang="it">scienze naturali</skos:prefLabel>
  <skos:prefLabel xml:lang="de">Naturwissenschaften</skos:prefLabel>
</skos:Concept>
<skos:Concept rdf:about="http://data.europa.eu/8mn/euroscivoc/bbbb">
  <skos:notation>/23/251</skos:notation>
  <skosxl:prefLabel rdf:resource="urn:l1"/><skosxl:prefLabel rdf:resource="urn:l2"/>
  <skos:altLabel xml:lang="en">photonics</skos:altLabel>
  <skos:broader rdf:resource="http://data.europa.eu/8mn/euroscivoc/aaaa"/>
</skos:Concept>
</rdf:RDF>
"""
TURTLE = """@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix e: <http://data.europa.eu/8mn/euroscivoc/> .
e:aaaa a skos:Concept ; skos:notation "23" ; skos:prefLabel "natural sciences"@en .
e:bbbb a skos:Concept ; skos:notation "251" ; skos:prefLabel "optics"@en, "ottica"@it ;
  skos:broader e:aaaa .
"""
TOWNS_HEADER = (
    'Codice Comune formato alfanumerico;"Denominazione in \nitaliano";'
    "Sigla automobilistica;Codice Catastale del comune"
)


def table(rows: list[dict[str, str]]) -> str:
    """Rows as comma-separated text."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def esco_tables(language: str = "en", mark: str = "") -> dict[str, str]:
    """A synthetic ESCO of two ISCO groups, two occupations, one group of skills, two skills."""

    def row(uri: str, label: str, **more: str) -> dict[str, str]:
        return {"conceptUri": uri, "preferredLabel": label + mark, "status": "released", **more}

    return {
        f"ISCOGroups_{language}.csv": table(
            [
                row(f"{ISCO}2", "Professionals", altLabels="", code="2"),
                row(f"{ISCO}26", "Legal professionals", altLabels="", code="26"),
            ]
        ),
        f"occupations_{language}.csv": table(
            [
                row(f"{JOB}j1", "judge", altLabels="justice\njudge", iscoGroup="26", code="26.1"),
                row(f"{JOB}j2", "tax judge", altLabels="", iscoGroup="26", code="26.1.4"),
            ]
        ),
        f"skillGroups_{language}.csv": table([row(f"{SKILL}S1", "communicating", altLabels="")]),
        f"skills_{language}.csv": table(
            [
                row(f"{SKILL}s-1", "write reports", altLabels="report\ndraft reports"),
                row(f"{SKILL}s-2", "speak", altLabels=""),
            ]
        ),
        f"broaderRelationsSkillPillar_{language}.csv": table(
            [{"conceptUri": f"{SKILL}s-1", "broaderUri": f"{SKILL}S1"}]
        ),
    }


def zipped(path: Path, tables: dict[str, str]) -> Path:
    """The tables as a zip."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in tables.items():
            archive.writestr(name, text)
    return path


def written(path: Path, text: str, encoding: str = "utf-8") -> Path:
    """The text as a file."""
    path.write_bytes(text.encode(encoding))
    return path


def brought(path: Path, actor: Viewer | None = None) -> VocabularyReport:
    """Import a file as the agency."""
    return import_vocabulary(actor=actor or agency_person(), path=path)


def counts(report: VocabularyReport) -> tuple[int, int, int, int, int]:
    """Added, changed, gone, unchanged, left out."""
    return (report.added, report.changed, report.gone, report.unchanged, len(report.left_out))


def everything() -> list[list[dict[str, object]]]:
    """All rows that an import may touch, and the trail."""
    models: tuple[type[Model], ...] = (Concept, Municipality, Scheme, AuditLine)
    return [list(model._default_manager.order_by("pk").values()) for model in models]


def test_esco_in_english_then_in_italian(tmp_path: Path) -> None:
    """Each language brings its labels and synonyms; codes are the ends of ESCO's addresses."""
    path = zipped(tmp_path / "ESCO_v1.2.0_classification_en_csv.zip", esco_tables())
    assert recognise_vocabulary(path) == "esco"
    assert counts(brought(path)) == (7, 0, 0, 0, 0)
    italian = zipped(tmp_path / "ESCO_v1.2.0_it.zip", esco_tables("it", " (it)"))
    assert counts(brought(italian)) == (0, 7, 0, 0, 0)
    skill = Concept.objects.get(scheme__code="esco_skills", code="s-1")
    assert (skill.label_en, skill.label_it) == ("write reports", "write reports (it)")
    assert skill.synonyms_en == "report|draft reports"
    assert skill.broader is not None
    assert skill.broader.code == "S1"
    judge = Concept.objects.get(scheme__code="esco_occupations", code="j1")
    assert judge.synonyms_en == "justice"
    assert judge.broader == Concept.objects.get(scheme__code="isco", code="26")
    assert Concept.objects.get(code="j2").broader == judge
    assert Scheme.objects.get(code="esco_skills").version_en == "1.2.0"


def test_esco_in_both_languages_at_once(tmp_path: Path) -> None:
    """Tables of both languages in one zip, in a folder of it."""
    both = {**esco_tables(), **esco_tables("it", " (it)")}
    path = zipped(tmp_path / "esco.zip", {f"csv/{name}": text for name, text in both.items()})
    assert counts(brought(path)) == (7, 7, 0, 0, 0)
    skill = Concept.objects.get(code="s-1")
    assert (skill.label_en, skill.label_it) == ("write reports", "write reports (it)")


def test_the_same_file_twice_changes_nothing(tmp_path: Path) -> None:
    """Not a row, not a line in the trail; nor does the same content under other bytes."""
    path = zipped(tmp_path / "ESCO_v1_en_csv.zip", esco_tables())
    brought(path)
    before = everything()
    assert not brought(path).is_new
    assert everything() == before
    again = zipped(tmp_path / "again.zip", {**esco_tables(), "readme.txt": "another file"})
    assert counts(brought(again)) == (0, 0, 0, 7, 0)
    assert AuditLine.objects.count() == len(before[-1])


def test_a_newer_edition_updates_and_keeps_what_is_gone(tmp_path: Path) -> None:
    """A label changes, a concept goes and comes back; whoever points to it keeps it."""
    tables = esco_tables()
    brought(zipped(tmp_path / "ESCO_v1.1.0_en.zip", tables))
    newer = {**tables}
    newer["skills_en.csv"] = tables["skills_en.csv"].replace("write reports", "draft texts")
    newer["occupations_en.csv"] = "\n".join(tables["occupations_en.csv"].split("\n")[:3]) + "\n"
    report = brought(zipped(tmp_path / "ESCO_v1.2.0_en.zip", newer))
    assert counts(report) == (0, 1, 1, 5, 0)
    assert Concept.objects.get(code="s-1").label_en == "draft texts"
    assert list(Concept.objects.filter(is_gone=True).values_list("code", flat=True)) == ["j2"]
    with pytest.raises(VocabularyRefused, match=r"1\.1\.0"):
        brought(zipped(tmp_path / "ESCO_v1.1.0_en.zip", {**tables, "more.txt": "x"}))
    later = brought(zipped(tmp_path / "ESCO_v1.3.0_en.zip", tables))
    assert counts(later) == (0, 2, 0, 5, 0)
    assert not Concept.objects.filter(is_gone=True).exists()


@pytest.mark.parametrize(
    ("name", "text"), [("EuroSciVoc.rdf", SKOS_XL), ("euroscivoc.ttl", TURTLE)]
)
def test_euroscivoc_as_skos(tmp_path: Path, name: str, text: str) -> None:
    """Codes are the last number of the notation; official labels in both languages."""
    path = written(tmp_path / name, text)
    assert recognise_vocabulary(path) == "euroscivoc"
    assert counts(brought(path)) == (2, 0, 0, 0, 0)
    optics = Concept.objects.get(code="251")
    assert (optics.label_it, optics.label_en) == ("ottica", "optics")
    assert optics.broader == Concept.objects.get(code="23")


def test_official_labels_follow_those_of_the_project(tmp_path: Path) -> None:
    """Over the product's own table: codes stay, what the file does not say stays."""
    load_vocabularies(actor=installation(NOW))
    own = Concept.objects.get(scheme__code="euroscivoc", label_en="medical engineering")
    rows = [
        {
            "code_path": "", "code": concept.code, "title_en": concept.label_en,
            "parent_code": concept.broader.code if concept.broader else "", "title_path_en": "",
        }
        for concept in Concept.objects.filter(scheme__code="euroscivoc").select_related("broader")
    ]  # fmt: skip
    rows.append({**rows[0], "code": "99999", "title_en": "new field", "parent_code": own.code})
    path = written(tmp_path / "tree.csv", table(rows))
    assert counts(brought(path)) == (1, 0, 0, 772, 0)
    again = Concept.objects.get(pk=own.pk)
    assert (again.label_it, again.broader_id) == (own.label_it, own.broader_id)
    new = Concept.objects.get(code="99999")
    assert (new.label_it, new.broader) == ("", own)
    load_vocabularies(actor=installation(NOW))
    assert Concept.objects.get(pk=new.pk).broader == own


def test_activities_in_their_language(tmp_path: Path) -> None:
    """ATECO in Italian, packed; NACE in English; rows that are no activity are left out."""
    rows = [
        {"code": "A", "level": "section", "parent": "", "title_it": "AGRICOLTURA"},
        {"code": "01", "level": "division", "parent": "A", "title_it": "Produzioni vegetali"},
        {"code": "Totale", "level": "", "parent": "", "title_it": "Totale"},
        {"code": "01", "level": "division", "parent": "A", "title_it": "Altro"},
        {"code": "02", "level": "division", "parent": "Z", "title_it": "Silvicoltura"},
    ]
    path = tmp_path / "ateco_2025_it.csv.gz"
    path.write_bytes(gzip.compress(table(rows).encode()))
    report = brought(path)
    assert counts(report) == (3, 0, 0, 0, 3)
    assert [(row.row, row.key) for row in report.left_out] == [(4, "Totale"), (5, "01"), (6, "02")]
    assert Concept.objects.get(scheme__code="ateco_2025", code="A").label_it == "Agricoltura"
    nace = [
        {"Order": "1", "Level": "1", "Code": "A", "Parent": "", "Description": "AGRICULTURE"},
        {"Order": "2", "Level": "2", "Code": "01", "Parent": "A", "Description": "Crops\nand"},
    ]
    assert counts(brought(written(tmp_path / "nace.csv", table(nace)))) == (2, 0, 0, 0, 0)
    crops = Concept.objects.get(scheme__code="nace_rev2", code="01")
    assert (crops.label_en, crops.label_it) == ("Crops and", "")


def test_towns_of_istat(tmp_path: Path) -> None:
    """Latin-1, header cells of two lines; a new one stands at its province's point, and says so."""
    known = MunicipalityFactory(cadastral_code="F240")
    province = known.province
    province.latitude, province.longitude = 44.6, 10.9
    province.save()
    lines = [
        TOWNS_HEADER,
        "036022;Mirandola;MO;F240",
        "036040;Forlì di Prova;MO;X999",
        "001001;Agliè;TO;A074",
        ";;;",
        "12;Corto;MO;X998",
    ]
    path = written(tmp_path / "Elenco-comuni-italiani.csv", "\r\n".join(lines), "latin-1")
    assert recognise_vocabulary(path) == "municipalities"
    report = brought(path)
    assert counts(report) == (1, 0, 0, 1, 2)
    new = Municipality.objects.get(istat_code="036040")
    assert (new.name, new.latitude, new.longitude, new.is_approximate) == (
        "Forlì di Prova", 44.6, 10.9, True,
    )  # fmt: skip
    reasons = {row.key: row.reason for row in report.left_out}
    assert reasons == {
        "12": "senza un codice di sei cifre o un nome",
        "001001 Agliè": "la sua provincia non è nota",
    }


def test_a_town_that_moves_to_another_province_takes_its_people_along(tmp_path: Path) -> None:
    """Known by its cadastral code: point and seats stay; a town that is gone stays, marked."""
    town = MunicipalityFactory(cadastral_code="F240")
    gone = MunicipalityFactory(istat_code="036099", name="Sparita", cadastral_code="X001")
    seat = SeatFactory(profile=OrganisationFactory(), municipality=town)
    MunicipalityFactory(
        istat_code="034027",
        name="Parma",
        province__code="PR",
        province__istat_code="034",
        cadastral_code="G337",
    )
    text = f"{TOWNS_HEADER}\n034099;Mirandola sul Secchia;PR;F240\n034027;Parma;PR;G337\n"
    assert counts(brought(written(tmp_path / "comuni.csv", text))) == (0, 1, 1, 1, 0)
    seat.refresh_from_db()
    assert seat.municipality is not None
    assert (seat.municipality.istat_code, seat.municipality.name) == (
        "034099", "Mirandola sul Secchia",
    )  # fmt: skip
    assert (seat.municipality.latitude, seat.municipality.is_approximate) == (44.8873, False)
    assert not Municipality.objects.filter(istat_code="036022").exists()
    assert Municipality.objects.get(pk=gone.pk).is_gone


def test_an_older_list_of_towns_only_adds(tmp_path: Path) -> None:
    """The day in the file's name tells: no name goes back, nobody is marked gone."""
    load_vocabularies(actor=installation(NOW))
    text = f"{TOWNS_HEADER}\n041033;Montecopiolo;PU;F478\n036022;Miràndola;MO;F240\n"
    path = written(tmp_path / "comuni_20200101.csv", text, "cp1252")
    assert counts(brought(path)) == (0, 0, 0, 1, 1)
    assert Municipality.objects.get(istat_code="036022").name == "Mirandola"
    assert not Municipality.objects.filter(is_gone=True).exists()


@pytest.mark.parametrize(
    "viewer",
    [
        visitor(NOW),
        person(networks={1: frozenset({"region"})}),
        person(clusters={1: frozenset({"manager"})}),
        person(mandates={1: frozenset({"representative"})}),
    ],
    ids=["visitor", "region", "manager", "representative"],
)
def test_others_may_not_import(tmp_path: Path, viewer: Viewer) -> None:
    """Only the agency and the installation."""
    path = written(tmp_path / "euroscivoc.ttl", TURTLE)
    with pytest.raises(NotAllowed):
        brought(path, viewer)
    assert not Scheme.objects.exists()


def _truncated(tmp_path: Path) -> Path:
    whole = zipped(tmp_path / "whole_en.zip", esco_tables()).read_bytes()
    path = tmp_path / "ESCO_en.zip"
    path.write_bytes(whole[: len(whole) // 2])
    return path


def _broken_inside(tmp_path: Path) -> Path:
    data = bytearray(zipped(tmp_path / "good_en.zip", esco_tables()).read_bytes())
    data[80:90] = b"\0" * 10
    path = tmp_path / "ESCO_en.zip"
    path.write_bytes(data)
    return path


def _climbing(tmp_path: Path) -> Path:
    return zipped(tmp_path / "ESCO_en.zip", {**esco_tables(), "../../evil.csv": "x"})


def _missing_column(tmp_path: Path) -> Path:
    text = esco_tables()["skills_en.csv"].replace("altLabels", "otherLabels")
    return zipped(tmp_path / "ESCO_en.zip", {**esco_tables(), "skills_en.csv": text})


def _wrong_encoding(tmp_path: Path) -> Path:
    text = "code,level,parent,title_it\nA,section,,Attività\n"
    return written(tmp_path / "ateco.csv", text, "cp1252")


def _open_quote(tmp_path: Path) -> Path:
    text = 'code,level,parent,title_it\nA,section,,"Agricoltura\n'
    return written(tmp_path / "ateco.csv", text)


def _half_rdf(tmp_path: Path) -> Path:
    return written(tmp_path / "half.rdf", SKOS_XL[: len(SKOS_XL) // 2])


def _laughing(tmp_path: Path) -> Path:
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    text = SKOS_XL.replace(
        "<rdf:RDF", f'<!DOCTYPE rdf:RDF [<!ENTITY l0 "ha">{entities}]><rdf:RDF', 1
    ).replace(">Naturwissenschaften<", ">&l11;<")
    return written(tmp_path / "laughing.rdf", text)


def _half_turtle(tmp_path: Path) -> Path:
    return written(tmp_path / "half.ttl", TURTLE.rpartition(".")[0])


def _other_language(tmp_path: Path) -> Path:
    return zipped(tmp_path / "ESCO_fr.zip", esco_tables("fr"))


def _half_gzip(tmp_path: Path) -> Path:
    text = table([{"code": "A", "level": "", "parent": "", "title_it": "x" * 99_999}] * 60)
    path = tmp_path / "ateco.csv.gz"
    packed = gzip.compress(text.encode())
    path.write_bytes(packed[: len(packed) // 2])
    return path


def _empty(tmp_path: Path) -> Path:
    return written(tmp_path / "ateco.csv", "code,level,parent,title_it\n")


def _unknown(tmp_path: Path) -> Path:
    return written(tmp_path / "letters.csv", "a,b\n1,2\n")


def _bomb(tmp_path: Path) -> Path:
    return zipped(tmp_path / "ESCO_en.zip", {"skills_en.csv": "0" * 120_000_000})


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (_truncated, "danneggiato o incompleto"),
        (_broken_inside, "danneggiato o incompleto"),
        (_climbing, "esce dalla sua cartella"),
        (_missing_column, "skills_en.csv non ha la colonna «altLabels»"),
        (_wrong_encoding, "non è in UTF-8"),
        (_open_quote, "virgolette"),
        (_half_rdf, "si interrompe"),
        (_half_turtle, "si interrompe"),
        (_laughing, "molto più"),
        (_other_language, "edizione inglese e quella italiana"),
        (_half_gzip, "danneggiato o incompleto"),
        (_empty, "non ha righe"),
        (_unknown, "nessuno dei vocabolari"),
        (_bomb, "molto più"),
    ],
)
def test_bad_files_are_told_and_change_nothing(tmp_path: Path, make: object, says: str) -> None:
    """In the person's language, with what is wrong; not a row is left behind."""
    path = make(tmp_path)  # type: ignore[operator]
    with pytest.raises(VocabularyRefused) as refused:
        brought(path)
    assert says in refused.value.message
    assert everything() == [[], [], [], []]


def test_a_file_that_broke_off_between_rows_is_not_believed(tmp_path: Path) -> None:
    """A third of the concepts missing is no newer edition."""
    rows = [
        {"code": f"{n:02}", "level": "division", "parent": "", "title_it": f"Attività {n}"}
        for n in range(100)
    ]
    brought(written(tmp_path / "whole.csv", table(rows)))
    with pytest.raises(VocabularyRefused, match="50"):
        brought(written(tmp_path / "half.csv", table(rows[:50])))
    assert not Concept.objects.filter(is_gone=True).exists()


def test_it_can_be_stopped(tmp_path: Path) -> None:
    """Whoever is told of the progress may raise; nothing is written."""
    rows = [{"code": "A", "level": "", "parent": "", "title_it": "x"} for _row in range(5_000)]
    told: list[tuple[int, int]] = []

    def stop(done: int, total: int) -> None:
        told.append((done, total))
        raise KeyboardInterrupt

    path = written(tmp_path / "ateco.csv", table(rows))
    with pytest.raises(KeyboardInterrupt):
        import_vocabulary(actor=agency_person(), path=path, on_progress=stop)
    assert told == [(1_000, 0)]
    assert not Scheme.objects.exists()


def test_labels_of_an_office_survive_editions(tmp_path: Path) -> None:
    """An official label that comes later is kept beside it, and does not take its place."""
    brought(written(tmp_path / "one.ttl", TURTLE))
    concept = Concept.objects.get(code="23")
    keep_labels(actor=agency_person(), labels={concept.pk: "scienze della natura"})
    brought(written(tmp_path / "two.rdf", SKOS_XL))
    concept.refresh_from_db()
    assert (concept.label_it, concept.label_it_kept, concept.label_it_published) == (
        "scienze della natura", "scienze della natura", "scienze naturali",
    )  # fmt: skip


def test_searches_hear_of_new_words_once_they_are_there(
    tmp_path: Path, django_capture_on_commit_callbacks: object
) -> None:
    """On commit, and only where something changed."""
    heard: list[object] = []

    def hear(**_news: object) -> None:
        heard.append(1)

    vocabularies_loaded.connect(hear)
    path = written(tmp_path / "euroscivoc.ttl", TURTLE)
    for _time in range(2):
        with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
            brought(path)
    vocabularies_loaded.disconnect(hear)
    assert heard == [1]


def test_the_official_files(open_data: Path) -> None:
    """As published: everything in, the second time nothing new; codes and point stay."""
    load_vocabularies(actor=installation(NOW))
    before = dict(Concept.objects.values_list("pk", "code"))
    expected = {
        "esco/ESCO_v1.1.1_classification_en_csv.zip": (18162, 0, 0, 0, 0),
        "esco/isco_groups_it.csv": (0, 619, 0, 0, 0),
        "vocabularies/euroscivoc_tree_en.csv": (202, 0, 0, 772, 0),
        "vocabularies/ateco_2025_it.csv.gz": (3148, 0, 0, 109, 0),
        "vocabularies/nace_rev2_en.csv": (887, 0, 0, 109, 0),
        "geo/istat_codici_comuni_20200101.csv.gz": (7573, 0, 0, 329, 2),
    }
    assert {name: counts(brought(open_data / name)) for name in expected} == expected
    lines = AuditLine.objects.count()
    for name in expected:
        assert not brought(open_data / name).is_new
    assert AuditLine.objects.count() == lines
    assert dict(Concept.objects.filter(pk__in=before).values_list("pk", "code")) == before
    assert Municipality.objects.filter(is_approximate=False).count() == 331
