"""The CSV layout of OpenCoesione: projects of the cohesion policy, their subjects and places."""

from collections.abc import Mapping
from pathlib import Path

import ibis
import ibis.expr.types as ir

from trebbo.engine.warehouse import cells
from trebbo.engine.warehouse.archives import Archive, Member
from trebbo.engine.warehouse.contracts import FileRefused, Problem, Settings
from trebbo.engine.warehouse.landing import (
    DELIMITERS,
    Landed,
    Source,
    found_columns,
    header,
    land_sheets,
)
from trebbo.engine.warehouse.landing import cells as header_cells
from trebbo.engine.warehouse.layouts import left_out as why
from trebbo.engine.warehouse.layouts.contracts import Kept, Steps, step
from trebbo.engine.warehouse.sheets import Sheet, sheet

PROJECTS = sheet(
    "progetti",
    is_required=True,
    needs=(
        "COD_LOCALE_PROGETTO",
        "OC_TITOLO_PROGETTO|DPS_TITOLO_PROGETTO",
        "FINANZ_TOTALE_PUBBLICO",
    ),
    may_have=(
        "OC_SINTESI_PROGETTO",
        "OC_LINK|LINK",
        "OC_DESCRIZIONE_PROGRAMMA|DPS_DESCRIZIONE_PROGRAMMA",
        "FONDO_COMUNITARIO|QSN_FONDO_COMUNITARIO",
        "OC_COD_TEMA_SINTETICO",
        "OC_TEMA_SINTETICO|DPS_TEMA_SINTETICO",
        "CUP_DESCR_SETTORE",
        "DESCR_PROCED_ATTIVAZIONE",
        "FINANZ_PRIVATO",
        "OC_FINANZ_TOT_PUB_NETTO|DPS_FINANZ_TOT_PUB_NETTO",
        "OC_DATA_INIZIO_PREVISTA|DPS_DATA_INIZIO_PREVISTA",
        "OC_DATA_INIZIO_EFFETTIVA|OC_DATA_INIZIO_PROGETTO|DPS_DATA_INIZIO_EFFETTIVA",
        "OC_DATA_FINE_PREVISTA|OC_DATA_FINE_PROGETTO_PREVISTA|DPS_DATA_FINE_PREVISTA",
        "OC_DATA_FINE_EFFETTIVA|OC_DATA_FINE_PROGETTO_EFFETTIVA|DPS_DATA_FINE_EFFETTIVA",
        "OC_STATO_PROGETTO",
    ),
)
SUBJECTS = sheet(
    "soggetti",
    is_required=True,
    needs=(
        "COD_LOCALE_PROGETTO",
        "SOGG_COD_RUOLO",
        "OC_CODICE_FISCALE_SOGG|DPS_CODICE_FISCALE_SOGG",
        "OC_DENOMINAZIONE_SOGG|DPS_DENOMINAZIONE_SOGG",
    ),
    may_have=(
        "SOGG_DESCR_RUOLO",
        "SOGG_PROGR_RUOLO",
        "COD_FORMA_GIURIDICA_SOGG",
        "COD_COMUNE_SEDE_SOGG",
        "INDIRIZZO_SOGG",
        "CAP_SOGG",
        "DESCR_DIMENSIONE_SOGG",
    ),
)
PLACES = sheet(
    "localizzazioni",
    needs=("COD_LOCALE_PROGETTO", "COD_REGIONE", "COD_PROVINCIA", "COD_COMUNE", "DEN_COMUNE"),
)
SHEETS = (SUBJECTS, PLACES, PROJECTS)

# The roles of the official dictionary: 2 is who carries the project out, 4 who builds it.
ROLES = {"1": "programmer", "2": "implementer", "3": "beneficiary", "4": "implementer"}
SMALL = ("micro", "piccola", "media")
TAX_CODE_OF_BODY = "^[0-9]{11}$"


class OpenCoesione:
    """Brings projects and the bodies behind them to the declared tables; never persons."""

    name = "opencoesione"

    def land(self, source: Source) -> list[Landed]:
        """See `contracts.Layout`. A single file is completed by those beside it."""
        return land_sheets(source, members(source.archive, source.folder))

    def conform(self, landed: Mapping[str, ir.Table], kept: Kept) -> Steps:
        """See `contracts.Layout`. A subject without the tax code of a body counts as a person.

        The official files leave out the tax codes of persons; their names are not kept either.
        """
        projects, subjects = landed[PROJECTS.name], landed[SUBJECTS.name]
        yield step("checked_progetti", _checked_projects, projects)
        yield step("project", _projects, projects, kept("checked_progetti"))
        yield step("checked_soggetti", _checked_subjects, subjects, kept("project"))
        checked = kept("checked_soggetti")
        yield step("participation", _participations, subjects, checked)
        towns = _towns(landed[PLACES.name]) if PLACES.name in landed else None
        yield step("body", _bodies, subjects, checked, towns)
        yield step("body_name", _names, subjects, checked)
        yield step("body_identifier", _identifiers, kept("body"))
        if PLACES.name in landed:
            yield step(
                "checked_localizzazioni", _checked_places, landed[PLACES.name], kept("project")
            )
        yield step("left_out", _left_out, landed, kept)


def looks_like(archive: Archive, member: Member, declared: Sheet) -> bool:
    """Whether most of a sheet's required columns stand in the header, however they are parted."""
    line = header(archive, member, "latin-1")
    needed = {column.name for column in declared.columns if column.is_required}
    most = max(
        len(needed & set(found_columns(declared, header_cells(line, delimiter))))
        for delimiter in DELIMITERS
    )
    return most * 2 > len(needed)


def members(archive: Archive, folder: Path) -> dict[Sheet, tuple[Archive, Member]]:
    """The sheets of an archive, or of a file and those that lie beside it, by their headers."""
    archives = [archive]
    if len(archive.members) == 1:
        archives += [
            Archive(file, Settings(folder))
            for file in sorted(archive.path.parent.iterdir())
            if file != archive.path
            and file.is_file()
            and file.name.casefold().startswith(tuple(one.name for one in SHEETS))
        ]
    found: dict[Sheet, tuple[Archive, Member]] = {}
    for one in archives:
        for member in one.members:
            for declared in SHEETS:
                if declared not in found and looks_like(one, member, declared):
                    found[declared] = (one, member)
                    break
    for declared in SHEETS:
        if declared.is_required and declared not in found:
            raise FileRefused(
                Problem.MISSING_FILE, file=archive.path.name, member=f"{declared.name}.csv"
            )
    return found


def _checked_projects(landed: ir.Table) -> ir.Table:
    rows = why.again(landed.select("row", key=cells.key(landed.COD_LOCALE_PROGETTO)), "key")
    return rows.select(
        "row",
        "key",
        reason=why.first_of((rows.key.isnull(), why.NO_KEY), (rows.is_again, why.REPEATED)),
    )


def _kept(landed: ir.Table, checked: ir.Table) -> ir.Table:
    found = checked.filter(checked.reason.isnull()).drop("reason")
    return landed.inner_join(found, "row")


def _projects(landed: ir.Table, checked: ir.Table) -> ir.Table:
    rows = _kept(landed, checked)
    public = cells.amount(rows.FINANZ_TOTALE_PUBBLICO)
    private = cells.amount(rows.FINANZ_PRIVATO)
    nothing = ibis.null("string")
    return rows.select(
        key=rows.key,
        acronym=nothing,
        title=cells.text(rows.OC_TITOLO_PROGETTO),
        objective=cells.prose(rows.OC_SINTESI_PROGETTO),
        status=cells.text(rows.OC_STATO_PROGETTO),
        start_date=ibis.coalesce(
            cells.day(rows.OC_DATA_INIZIO_EFFETTIVA), cells.day(rows.OC_DATA_INIZIO_PREVISTA)
        ),
        end_date=ibis.coalesce(
            cells.day(rows.OC_DATA_FINE_EFFETTIVA), cells.day(rows.OC_DATA_FINE_PREVISTA)
        ),
        signature_date=ibis.null("date"),
        total_cost=cells.not_zero(public + private.fill_null(0)),
        contribution=ibis.coalesce(cells.amount(rows.OC_FINANZ_TOT_PUB_NETTO), public),
        programme=cells.text(rows.OC_DESCRIZIONE_PROGRAMMA),
        scheme=cells.text(rows.DESCR_PROCED_ATTIVAZIONE),
        legal_basis=cells.text(rows.FONDO_COMUNITARIO),
        topic=cells.text(rows.OC_COD_TEMA_SINTETICO),
        topic_title=cells.text(rows.OC_TEMA_SINTETICO),
        keywords=cells.text(rows.CUP_DESCR_SETTORE),
        website=cells.text(rows.OC_LINK),
    )


def _checked_subjects(landed: ir.Table, projects: ir.Table) -> ir.Table:
    tax_code = landed.OC_CODICE_FISCALE_SOGG.re_replace(cells.BLANKS, "")
    is_body = tax_code.re_search(TAX_CODE_OF_BODY).fill_null(cells.NO)
    words = landed.SOGG_DESCR_RUOLO.lower()
    code = landed.SOGG_COD_RUOLO.strip()
    rows = landed.select(
        "row",
        project_key=cells.key(landed.COD_LOCALE_PROGETTO),
        key=is_body.ifelse(tax_code, ibis.null("string")),
        role=ibis.cases(
            (words.contains("programma"), "programmer"),
            (words.contains("benefic") | words.contains("destinat"), "beneficiary"),
            *((code == theirs, ours) for theirs, ours in ROLES.items()),
            else_="other",
        ),
    )
    known = projects.select(known_key=projects.key, start=projects.start_date)
    rows = rows.left_join(known, rows.project_key == known.known_key)
    rows = why.again(rows, "project_key", "key", "role")
    return rows.select(
        "row",
        "project_key",
        "key",
        "role",
        "start",
        reason=why.first_of(
            (rows.project_key.isnull(), why.NO_KEY),
            (rows.key.isnull(), why.NATURAL_PERSON),
            (rows.known_key.isnull(), why.NO_PROJECT),
            (rows.is_again, why.REPEATED),
        ),
    )


def _participations(landed: ir.Table, checked: ir.Table) -> ir.Table:
    rows = _kept(landed.drop("COD_LOCALE_PROGETTO"), checked)
    return rows.select(
        project_key=rows.project_key,
        scheme=ibis.literal("tax_code"),
        body_key=rows.key,
        role=rows.role,
        position=cells.whole(rows.SOGG_PROGR_RUOLO).fill_null(0),
        contribution=ibis.null("decimal(16, 2)"),
        total_cost=ibis.null("decimal(16, 2)"),
        is_ended=cells.NO,
    )


def _towns(places: ir.Table) -> ir.Table:
    """The name of each municipality that the places of projects name, by its nine-digit code."""
    code = (
        places.COD_REGIONE.strip().lpad(3, "0")
        + places.COD_PROVINCIA.strip().lpad(3, "0")
        + places.COD_COMUNE.strip().lpad(3, "0")
    )
    rows = places.select(town_code=code, town=cells.text(places.DEN_COMUNE))
    rows = rows.filter(rows.town.notnull(), rows.town_code.re_search("^[0-9]{9}$"))
    return rows.group_by("town_code").aggregate(town=rows.town.min())


def _bodies(landed: ir.Table, checked: ir.Table, towns: ir.Table | None) -> ir.Table:
    parts = _kept(landed, checked)
    rows = why.best(parts, "key", parts.start.cast("string"), parts.project_key)
    if towns is None:
        rows = rows.mutate(town=ibis.null("string"))
    else:
        rows = rows.left_join(
            towns, rows.COD_COMUNE_SEDE_SOGG.strip().lpad(9, "0") == towns.town_code
        )
    size = rows.DESCR_DIMENSIONE_SOGG.lower()
    nothing = ibis.null("string")
    return rows.select(
        scheme=ibis.literal("tax_code"),
        key=rows.key,
        name=ibis.coalesce(cells.text(rows.OC_DENOMINAZIONE_SOGG), rows.key),
        short_name=nothing,
        vat_number=nothing,
        tax_code=rows.key,
        activity=cells.text(rows.COD_FORMA_GIURIDICA_SOGG),
        is_sme=ibis.cases(
            (ibis.or_(*(size.contains(word) for word in SMALL)), True),
            (size.contains("grande"), False),
            else_=ibis.null("boolean"),
        ),
        country=ibis.literal("IT"),
        nuts=nothing,
        town=rows.town,
        postcode=cells.text(rows.CAP_SOGG),
        address=cells.text(rows.INDIRIZZO_SOGG),
        website=nothing,
        latitude=ibis.null("float64"),
        longitude=ibis.null("float64"),
        is_active=ibis.null("boolean"),
    )


def _names(landed: ir.Table, checked: ir.Table) -> ir.Table:
    rows = _kept(landed, checked)
    return (
        rows.select(
            scheme=ibis.literal("tax_code"),
            key=rows.key,
            name=cells.text(rows.OC_DENOMINAZIONE_SOGG),
            kind=ibis.literal("legal"),
            language=ibis.literal("it"),
        )
        .filter(lambda t: t.name.notnull())
        .distinct()
    )


def _identifiers(bodies: ir.Table) -> ir.Table:
    return bodies.select("scheme", "key", register=ibis.literal("tax_code"), value=bodies.tax_code)


def _checked_places(landed: ir.Table, projects: ir.Table) -> ir.Table:
    rows = landed.select("row", key=cells.key(landed.COD_LOCALE_PROGETTO))
    known = projects.select(known_key=projects.key)
    rows = rows.left_join(known, rows.key == known.known_key)
    return rows.select(
        "row",
        "key",
        reason=why.first_of(
            (rows.key.isnull(), why.NO_KEY), (rows.known_key.isnull(), why.NO_PROJECT)
        ),
    )


def _left_out(landed: Mapping[str, ir.Table], kept: Kept) -> ir.Table:
    projects, subjects = kept("checked_progetti"), kept("checked_soggetti")
    with_parts = kept("participation").select(key="project_key").distinct()
    alone = projects.filter(projects.reason.isnull()).anti_join(with_parts, "key")
    # Of a subject the line names the project alone: it may be a person.
    shown = subjects.select("row", "reason", key=subjects.project_key)
    parts = [
        why.told(projects, PROJECTS.name, projects.reason),
        why.told(alone, PROJECTS.name, why.NO_PARTICIPANTS),
        why.unreadable(
            _kept(landed[PROJECTS.name], projects),
            PROJECTS.name,
            FINANZ_TOTALE_PUBBLICO=why.AMOUNT,
            FINANZ_PRIVATO=why.AMOUNT,
            OC_FINANZ_TOT_PUB_NETTO=why.AMOUNT,
            OC_DATA_INIZIO_PREVISTA=why.DAY,
            OC_DATA_INIZIO_EFFETTIVA=why.DAY,
            OC_DATA_FINE_PREVISTA=why.DAY,
            OC_DATA_FINE_EFFETTIVA=why.DAY,
        ),
        why.told(shown, SUBJECTS.name, shown.reason),
    ]
    if PLACES.name in landed:
        places = kept("checked_localizzazioni")
        parts.append(why.told(places, PLACES.name, places.reason))
    return ibis.union(*parts)
