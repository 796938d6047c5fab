"""The declared tables of a snapshot: what every dataset is brought to, whoever publishes it."""

import pyarrow as pa

MONEY = pa.decimal128(16, 2)
TEXT, NUMBER, DAY, POINT, YES = pa.string(), pa.int64(), pa.date32(), pa.float64(), pa.bool_()


def _schema(**columns: pa.DataType) -> pa.Schema:
    return pa.schema([pa.field(name, kind) for name, kind in columns.items()])


TABLES: dict[str, pa.Schema] = {
    # A project by its key in the dataset; money in euro; blank text is null.
    "project": _schema(
        key=TEXT,
        acronym=TEXT,
        title=TEXT,
        objective=TEXT,
        status=TEXT,
        start_date=DAY,
        end_date=DAY,
        signature_date=DAY,
        total_cost=MONEY,
        contribution=MONEY,
        programme=TEXT,
        scheme=TEXT,
        legal_basis=TEXT,
        topic=TEXT,
        topic_title=TEXT,
        keywords=TEXT,
        website=TEXT,
    ),
    # A body by its key in a register ("pic", "ror", "tax_code"); one row for each.
    "body": _schema(
        scheme=TEXT,
        key=TEXT,
        name=TEXT,
        short_name=TEXT,
        vat_number=TEXT,
        tax_code=TEXT,
        activity=TEXT,
        is_sme=YES,
        country=TEXT,
        nuts=TEXT,
        town=TEXT,
        postcode=TEXT,
        address=TEXT,
        website=TEXT,
        latitude=POINT,
        longitude=POINT,
        is_active=YES,
    ),
    # Every name of a body. kind: legal, short, label, alias, acronym; language as "it" or null.
    "body_name": _schema(scheme=TEXT, key=TEXT, name=TEXT, kind=TEXT, language=TEXT),
    # Its identifiers elsewhere: vat, grid, isni, wikidata, fundref, domain…
    "body_identifier": _schema(scheme=TEXT, key=TEXT, register=TEXT, value=TEXT),
    # Ties between bodies of one register: parent, child, related, successor, predecessor.
    "body_tie": _schema(scheme=TEXT, key=TEXT, kind=TEXT, other_key=TEXT),
    # A body's part in a project; once for each role.
    "participation": _schema(
        project_key=TEXT,
        scheme=TEXT,
        body_key=TEXT,
        role=TEXT,
        position=NUMBER,
        contribution=MONEY,
        total_cost=MONEY,
        is_ended=YES,
    ),
    # The fields of a project: `code` is the concept's own code, `path` the codes from the root.
    "project_field": _schema(project_key=TEXT, code=TEXT, path=TEXT, title=TEXT, title_path=TEXT),
    # What was not kept, row by row, and why.
    "left_out": _schema(member=TEXT, row=NUMBER, key=TEXT, reason=TEXT, value=TEXT),
}
