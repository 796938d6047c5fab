"""The CSV layout of CORDIS: projects of FP7, Horizon 2020 and Horizon Europe."""

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from trebbo.engine.warehouse import cells
from trebbo.engine.warehouse.landing import Landed, Source, land_sheets
from trebbo.engine.warehouse.layouts import left_out as why
from trebbo.engine.warehouse.layouts.contracts import Kept, Steps, named_members, step
from trebbo.engine.warehouse.sheets import sheet

PROJECT = sheet(
    "project",
    "project.csv",
    "projects.csv",
    is_required=True,
    needs=("id", "title", "startDate", "endDate", "ecMaxContribution", "frameworkProgramme"),
    may_have=(
        "acronym",
        "status",
        "totalCost",
        "legalBasis",
        "topics",
        "ecSignatureDate",
        "fundingScheme",
        "objective",
        "keywords",
        "contentUpdateDate",
    ),
)
ORGANISATION = sheet(
    "organization",
    "organization.csv",
    "organisation.csv",
    "organizations.csv",
    "organisations.csv",
    is_required=True,
    needs=("projectID", "organisationID|organizationID", "name", "country", "role"),
    may_have=(
        "ecContribution",
        "netEcContribution",
        "totalCost",
        "vatNumber",
        "shortName",
        "SME",
        "activityType",
        "street",
        "postCode",
        "city",
        "nutsCode",
        "geolocation",
        "organizationURL|organisationURL",
        "order",
        "endOfParticipation",
        "active",
    ),
)
FIELDS = sheet(
    "euroscivoc",
    "euroscivoc.csv",
    needs=("projectID", "euroSciVocCode"),
    may_have=("euroSciVocPath", "euroSciVocTitle"),
)
TOPICS = sheet("topics", "topics.csv", needs=("projectID", "topic"), may_have=("title",))
LEGAL_BASIS = sheet(
    "legalbasis", "legalbasis.csv", needs=("projectID", "legalBasis"), may_have=("title",)
)
LINKS = sheet("weblink", "weblink.csv", needs=("projectID", "physUrl"), may_have=("type",))

ROLES = {
    "coordinator": "coordinator",
    "participant": "participant",
    "thirdparty": "third_party",
    "associatedpartner": "associated",
    "partner": "associated",
    "internationalpartner": "international",
    "beneficiary": "beneficiary",
    "hostinstitution": "beneficiary",
}
PERSON_ROLES = ("principalinvestigator",)
# What some bodies write where they have no VAT number.
NO_VAT = ("MISSING", "NOTAPPLICABLE", "NOVAT", "NONE", "NULL", "VATEXEMPT")

# The sheets that say more of a project, and the column that says it.
DETAILS = {
    FIELDS.name: "euroSciVocCode",
    TOPICS.name: "topic",
    LEGAL_BASIS.name: "legalBasis",
    LINKS.name: "physUrl",
}


class Cordis:
    """Brings the sheets of a CORDIS zip to the declared tables."""

    name = "cordis"
    sheets = (PROJECT, ORGANISATION, FIELDS, TOPICS, LEGAL_BASIS, LINKS)

    def land(self, source: Source) -> list[Landed]:
        """See `contracts.Layout`."""
        return land_sheets(source, named_members(source.archive, self.sheets))

    def conform(self, landed: Mapping[str, ir.Table], kept: Kept) -> Steps:
        """See `contracts.Layout`. Of a key that comes again the first row is kept.

        A body is as its most recent project tells it; what it gets is the net contribution, which
        counts nothing twice where third parties take part.
        """
        projects, parts = landed[PROJECT.name], landed[ORGANISATION.name]
        yield step("checked_project", _checked_projects, projects)
        checked = kept("checked_project")
        yield step("project", _projects, projects, checked, landed)
        yield step("checked_organization", _checked_parts, parts, kept("project"))
        checked = kept("checked_organization")
        yield step("participation", _participations, parts, checked)
        yield step("body", _bodies, parts, checked)
        yield step("body_name", _names, parts, checked)
        yield step("body_identifier", _identifiers, kept("body"))
        details = [name for name in DETAILS if name in landed]
        for name in details:
            yield step(
                f"checked_{name}", _checked_details, landed[name], kept("project"), DETAILS[name]
            )
        if FIELDS.name in details:
            yield step(
                "project_field", _fields, landed[FIELDS.name], kept(f"checked_{FIELDS.name}")
            )
        yield step("left_out", _left_out, landed, kept, details)


def _kept(landed: ir.Table, checked: ir.Table) -> ir.Table:
    """The landed rows that stay, with the key, and the role, that checking found."""
    found = checked.filter(checked.reason.isnull()).drop("reason")
    return landed.drop(*(set(landed.columns) & set(found.columns) - {"row"})).inner_join(
        found, "row"
    )


def _checked_projects(landed: ir.Table) -> ir.Table:
    """Of each row the key, and why it is left out if it is."""
    rows = why.again(landed.select("row", key=cells.key(landed.id)), "key")
    return rows.select(
        "row",
        "key",
        reason=why.first_of((rows.key.isnull(), why.NO_KEY), (rows.is_again, why.REPEATED)),
    )


def _projects(rows: ir.Table, checked: ir.Table, landed: Mapping[str, ir.Table]) -> ir.Table:
    kept = _kept(rows, checked)
    kept = kept.mutate(topic=cells.text(kept.topics), legal_basis=cells.text(kept.legalBasis))
    contribution = cells.amount(kept.ecMaxContribution)
    table = kept.select(
        key=kept.key,
        acronym=cells.text(kept.acronym),
        title=cells.text(kept.title),
        objective=cells.prose(kept.objective),
        status=cells.text(kept.status),
        start_date=cells.day(kept.startDate),
        end_date=cells.day(kept.endDate),
        signature_date=cells.day(kept.ecSignatureDate),
        # A lump sum has no cost of its own: the files write nought.
        total_cost=cells.not_zero(cells.amount(kept.totalCost)),
        contribution=contribution,
        programme=cells.text(kept.frameworkProgramme),
        scheme=cells.text(kept.fundingScheme),
        legal_basis=kept.legal_basis,
        topic=kept.topic,
        keywords=cells.text(kept.keywords),
    )
    table = _beside(table, "topic", "topic_title", landed.get(TOPICS.name), "topic")
    table = _beside(table, "legal_basis", "basis", landed.get(LEGAL_BASIS.name), "legalBasis")
    table = table.mutate(
        legal_basis=table.basis.isnull().ifelse(
            table.legal_basis, table.legal_basis + " " + table.basis
        )
    )
    return _website(table, landed)


def _beside(
    table: ir.Table, code: str, name: str, titles: ir.Table | None, titles_code: str
) -> ir.Table:
    """The table with the column `name`: the title that another sheet gives to its `code`."""
    if titles is None:
        return table.mutate(**{name: ibis.null("string")})
    other = titles.select(
        other_key=cells.key(titles.projectID),
        other_code=cells.text(titles[titles_code]),
        words=cells.text(titles.title),
        row=titles.row,
    )
    other = other.group_by("other_key", "other_code").aggregate(words=other.words.argmin(other.row))
    joined = table.left_join(other, [table.key == other.other_key, table[code] == other.other_code])
    return joined.mutate(**{name: joined.words}).drop("other_key", "other_code", "words")


def _website(table: ir.Table, landed: Mapping[str, ir.Table]) -> ir.Table:
    if "weblink" not in landed:
        return table.mutate(website=ibis.null("string"))
    links = landed["weblink"]
    links = links.select(
        other_key=cells.key(links.projectID),
        website=cells.text(links.physUrl),
        kind=links.type.strip().lower(),
        row=links.row,
    )
    links = links.filter(
        links.website.re_search("^https?://"), (links.kind == "relatedwebsite").fill_null(cells.YES)
    )
    links = links.group_by("other_key").aggregate(website=links.website.argmin(links.row))
    return table.left_join(links, table.key == links.other_key).drop("other_key")


def _checked_parts(landed: ir.Table, projects: ir.Table) -> ir.Table:
    """Of each row of organisations its keys, role, its project's start, and why it is left out."""
    word = landed.role.re_replace(r"[^A-Za-z]+", "").lower()
    rows = landed.select(
        "row",
        project_key=cells.key(landed.projectID),
        key=cells.key(landed.organisationID),
        role_word=word,
        role=ibis.cases(*((word == ours, theirs) for ours, theirs in ROLES.items()), else_="other"),
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
            (rows.project_key.isnull() | rows.key.isnull(), why.NO_KEY),
            (rows.role_word.isin(PERSON_ROLES), why.NATURAL_PERSON),
            (rows.known_key.isnull(), why.NO_PROJECT),
            (rows.is_again, why.REPEATED),
        ),
    )


def _participations(landed: ir.Table, checked: ir.Table) -> ir.Table:
    kept = _kept(landed, checked)
    return kept.select(
        project_key=kept.project_key,
        scheme=ibis.literal("pic"),
        body_key=kept.key,
        role=kept.role,
        position=cells.whole(kept.order).fill_null(0),
        contribution=ibis.coalesce(
            cells.amount(kept.netEcContribution), cells.amount(kept.ecContribution)
        ),
        total_cost=cells.not_zero(cells.amount(kept.totalCost)),
        is_ended=cells.yes(kept.endOfParticipation).fill_null(cells.NO),
    )


def _bodies(landed: ir.Table, checked: ir.Table) -> ir.Table:
    """One row for each body: from its latest project that names it, by start and then by number."""
    named = landed.select("row", has_name=landed.name.strip().length() > 0)
    parts = checked.filter(checked.reason.isnull()).inner_join(named, "row")
    latest = why.best(
        parts,
        "key",
        parts.has_name.fill_null(cells.NO).ifelse("1", "0"),
        parts.start.cast("string"),
        parts.project_key.lpad(20, "0"),
    )
    kept = landed.inner_join(latest.select("row", "key"), "row")
    latitude, longitude = cells.place(kept.geolocation)
    vat = cells.code(kept.vatNumber, 20)
    return kept.select(
        scheme=ibis.literal("pic"),
        key=kept.key,
        name=ibis.coalesce(cells.text(kept.name), kept.key),
        short_name=cells.text(kept.shortName),
        vat_number=vat.isin(NO_VAT).ifelse(ibis.null("string"), vat),
        tax_code=ibis.null("string"),
        activity=cells.text(kept.activityType),
        is_sme=cells.yes(kept.SME),
        country=cells.country(kept.country),
        nuts=cells.code(kept.nutsCode, 10),
        town=cells.text(kept.city),
        postcode=cells.text(kept.postCode),
        address=cells.text(kept.street),
        website=cells.text(kept.organizationURL),
        latitude=latitude,
        longitude=longitude,
        is_active=cells.yes(kept.active),
    )


def _names(landed: ir.Table, checked: ir.Table) -> ir.Table:
    kept = _kept(landed, checked)
    legal = kept.select(key=kept.key, name=kept.name, kind=ibis.literal("legal")).distinct()
    short = kept.select(key=kept.key, name=kept.shortName, kind=ibis.literal("short")).distinct()
    names = legal.union(short)
    names = names.mutate(name=cells.text(names.name))
    names = names.filter(names.name.notnull()).distinct()
    return names.mutate(scheme=ibis.literal("pic"), language=ibis.null("string"))


def _identifiers(bodies: ir.Table) -> ir.Table:
    vat = bodies.select("scheme", "key", register=ibis.literal("vat"), value=bodies.vat_number)
    sites = bodies.select(
        "scheme", "key", register=ibis.literal("domain"), value=cells.domain(bodies.website)
    )
    rows = vat.union(sites)
    return rows.filter(rows.value.notnull())


def _checked_details(landed: ir.Table, projects: ir.Table, cell: str) -> ir.Table:
    """Rows that say something of a project: what, and why they are left out if they are."""
    rows = landed.select("row", key=cells.key(landed.projectID), what=cells.text(landed[cell]))
    known = projects.select(known_key=projects.key)
    rows = rows.left_join(known, rows.key == known.known_key)
    rows = why.again(rows, "key", "what")
    return rows.select(
        "row",
        "key",
        "what",
        reason=why.first_of(
            (rows.key.isnull() | rows.what.isnull(), why.NO_KEY),
            (rows.known_key.isnull(), why.NO_PROJECT),
            (rows.is_again, why.REPEATED),
        ),
    )


def _fields(landed: ir.Table, checked: ir.Table) -> ir.Table:
    kept = _kept(landed, checked)
    return kept.select(
        project_key=kept.key,
        code=cells.last_step(kept.what),
        path=kept.what,
        title=cells.text(kept.euroSciVocTitle),
        title_path=cells.text(kept.euroSciVocPath),
    ).filter(lambda t: t.code.notnull())


def _left_out(landed: Mapping[str, ir.Table], kept: Kept, details: list[str]) -> ir.Table:
    checked, parts = kept("checked_project"), kept("checked_organization")
    with_parts = kept("participation").select(key="project_key").distinct()
    alone = checked.filter(checked.reason.isnull()).anti_join(with_parts, "key")
    projects = _kept(landed["project"], checked)
    organisations = _kept(landed["organization"], parts)
    return ibis.union(
        why.told(checked, PROJECT.name, checked.reason),
        why.told(alone, PROJECT.name, why.NO_PARTICIPANTS),
        why.unreadable(
            projects,
            PROJECT.name,
            totalCost=why.AMOUNT,
            ecMaxContribution=why.AMOUNT,
            startDate=why.DAY,
            endDate=why.DAY,
            ecSignatureDate=why.DAY,
        ),
        why.told(parts, ORGANISATION.name, parts.reason, parts.project_key),
        why.unreadable(
            organisations,
            ORGANISATION.name,
            ecContribution=why.AMOUNT,
            netEcContribution=why.AMOUNT,
            totalCost=why.AMOUNT,
            country=why.COUNTRY,
            geolocation=why.PLACE,
        ),
        *(
            why.told(rows, name, rows.reason, rows.what)
            for name in details
            for rows in [kept(f"checked_{name}")]
        ),
    )
