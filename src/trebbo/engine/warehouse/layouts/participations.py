"""Horizon 2020 participations by PIC, with a table of names where one lies beside them."""

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from trebbo.engine.warehouse import cells
from trebbo.engine.warehouse.archives import Archive
from trebbo.engine.warehouse.contracts import Settings
from trebbo.engine.warehouse.landing import Landed, Source, land_sheets
from trebbo.engine.warehouse.layouts import left_out as why
from trebbo.engine.warehouse.layouts.contracts import Kept, Steps, step
from trebbo.engine.warehouse.layouts.cordis import ROLES
from trebbo.engine.warehouse.sheets import sheet

PARTICIPATIONS = sheet(
    "participations",
    needs=("rcn", "role", "pic", "type", "contribution", "country"),
    may_have=("start_date", "end_date", "max_contribution", "total_cost"),
    delimiter=",",
    is_required=True,
)
NAMES = sheet(
    "names",
    "pic_names_union.csv.gz",
    "pic_names_union.csv",
    needs=("pic", "name"),
    may_have=("country", "city", "nutsCode", "vatNumber"),
    delimiter=",",
)


class Participations:
    """Brings participations without titles, and names if there are any, to the declared tables."""

    name = "participations"

    def land(self, source: Source) -> list[Landed]:
        """See `contracts.Layout`. The names are looked for in the folder of the file."""
        members = {PARTICIPATIONS: (source.archive, source.archive.members[0])}
        for file in NAMES.files:
            if (beside := source.archive.path.with_name(file)).is_file():
                names = Archive(beside, Settings(source.folder))
                members[NAMES] = (names, names.members[0])
                break
        return land_sheets(source, members)

    def conform(self, landed: Mapping[str, ir.Table], kept: Kept) -> Steps:
        """See `contracts.Layout`. A project is what its first row says of it."""
        landed = {name: _without_words_for_nothing(rows) for name, rows in landed.items()}
        rows = landed[PARTICIPATIONS.name]
        yield step("checked_participations", _checked, rows)
        checked = kept("checked_participations")
        yield step("project", _projects, rows, checked)
        yield step("participation", _participations, rows, checked)
        if NAMES.name in landed:
            yield step("checked_names", _checked_names, landed[NAMES.name])
            names = landed[NAMES.name].inner_join(
                kept("checked_names").filter(lambda t: t.reason.isnull()).drop("reason"), "row"
            )
        else:
            names = _no_names(rows)
        yield step("body", _bodies, rows, checked, names)
        yield step("body_name", _names, kept("body"))
        yield step("body_identifier", _identifiers, kept("body"))
        yield step("left_out", _left_out, landed, kept)


def _without_words_for_nothing(rows: ir.Table) -> ir.Table:
    """The rows with null where the file, made by a statistics program, writes "NA"."""
    texts = [column for column in rows.columns if column != "row"]
    return rows.mutate(**{column: rows[column].nullif("NA") for column in texts})


def _checked(landed: ir.Table) -> ir.Table:
    rows = landed.select(
        "row",
        project_key=cells.key(landed.rcn),
        key=cells.key(landed.pic),
        role=_role(landed.role),
        start=cells.day(landed.start_date),
    )
    rows = why.again(rows, "project_key", "key", "role")
    return rows.select(
        "row",
        "project_key",
        "key",
        "role",
        "start",
        reason=why.first_of(
            (rows.project_key.isnull() | rows.key.isnull(), why.NO_KEY),
            (rows.is_again, why.REPEATED),
        ),
    )


def _role(cell: ir.StringValue) -> ir.StringValue:
    word = cell.re_replace(r"[^A-Za-z]+", "").lower()
    return ibis.cases(*((word == ours, theirs) for ours, theirs in ROLES.items()), else_="other")


def _kept(landed: ir.Table, checked: ir.Table) -> ir.Table:
    found = checked.filter(checked.reason.isnull()).drop("reason")
    return landed.drop("role").inner_join(found, "row")


def _projects(landed: ir.Table, checked: ir.Table) -> ir.Table:
    kept = _kept(landed, checked)
    first = kept.group_by("project_key").aggregate(chosen=kept.row.min())
    rows = kept.semi_join(first, kept.row == first.chosen)
    nothing = ibis.null("string")
    return rows.select(
        key=rows.project_key,
        acronym=nothing,
        title=nothing,
        objective=nothing,
        status=nothing,
        start_date=rows.start,
        end_date=cells.day(rows.end_date),
        signature_date=ibis.null("date"),
        total_cost=cells.not_zero(cells.amount(rows.total_cost)),
        contribution=cells.amount(rows.max_contribution),
        programme=ibis.literal("H2020"),
        scheme=nothing,
        legal_basis=nothing,
        topic=nothing,
        topic_title=nothing,
        keywords=nothing,
        website=nothing,
    )


def _participations(landed: ir.Table, checked: ir.Table) -> ir.Table:
    kept = _kept(landed, checked)
    return kept.select(
        project_key=kept.project_key,
        scheme=ibis.literal("pic"),
        body_key=kept.key,
        role=kept.role,
        position=ibis.literal(0),
        contribution=cells.amount(kept.contribution),
        total_cost=ibis.null("decimal(16, 2)"),
        is_ended=cells.NO,
    )


def _checked_names(landed: ir.Table) -> ir.Table:
    rows = landed.select("row", key=cells.key(landed.pic), what=cells.text(landed.name))
    rows = why.again(rows, "key")
    return rows.select(
        "row",
        "key",
        reason=why.first_of(
            (rows.key.isnull() | rows.what.isnull(), why.NO_KEY), (rows.is_again, why.REPEATED)
        ),
    )


def _no_names(landed: ir.Table) -> ir.Table:
    columns = ("name", "country", "city", "nutsCode", "vatNumber")
    return landed.select(
        "row", key=landed.pic, **dict.fromkeys(columns, ibis.null("string"))
    ).filter(cells.NO)


def _bodies(landed: ir.Table, checked: ir.Table, names: ir.Table) -> ir.Table:
    parts = _kept(landed, checked)
    latest = why.best(parts, "key", parts.start.cast("string"), parts.project_key.lpad(20, "0"))
    known = names.select(
        known_key=names.key,
        name=cells.text(names.name),
        named_country=cells.country(names.country),
        town=cells.text(names.city),
        nuts=cells.code(names.nutsCode, 10),
        vat_number=cells.code(names.vatNumber, 20),
    )
    rows = latest.left_join(known, latest.key == known.known_key)
    nothing = ibis.null("string")
    return rows.select(
        scheme=ibis.literal("pic"),
        key=rows.key,
        name=ibis.coalesce(rows.name, rows.key),
        short_name=nothing,
        vat_number=rows.vat_number,
        tax_code=nothing,
        activity=cells.text(rows.type),
        is_sme=ibis.null("boolean"),
        country=ibis.coalesce(cells.country(rows.country), rows.named_country),
        nuts=rows.nuts,
        town=rows.town,
        postcode=nothing,
        address=nothing,
        website=nothing,
        latitude=ibis.null("float64"),
        longitude=ibis.null("float64"),
        is_active=ibis.null("boolean"),
    )


def _names(bodies: ir.Table) -> ir.Table:
    named = bodies.filter(bodies.name != bodies.key)
    return named.select(
        "scheme", "key", "name", kind=ibis.literal("legal"), language=ibis.null("string")
    )


def _identifiers(bodies: ir.Table) -> ir.Table:
    known = bodies.filter(bodies.vat_number.notnull())
    return known.select("scheme", "key", register=ibis.literal("vat"), value=known.vat_number)


def _left_out(landed: Mapping[str, ir.Table], kept: Kept) -> ir.Table:
    checked = kept("checked_participations")
    rows = _kept(landed[PARTICIPATIONS.name], checked)
    parts = [
        why.told(checked, PARTICIPATIONS.name, checked.reason, checked.project_key),
        why.unreadable(
            rows,
            PARTICIPATIONS.name,
            contribution=why.AMOUNT,
            max_contribution=why.AMOUNT,
            total_cost=why.AMOUNT,
            start_date=why.DAY,
            end_date=why.DAY,
            country=why.COUNTRY,
        ),
    ]
    if NAMES.name in landed:
        names = kept("checked_names")
        parts.append(why.told(names, NAMES.name, names.reason))
    return ibis.union(*parts)
