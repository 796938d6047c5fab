"""Why rows, or cells of them, are left out; and the rows that say so."""

from collections.abc import Callable
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from trebbo.engine.warehouse import cells

# The row is not kept.
NO_KEY = "no_key"
REPEATED = "repeated"
NO_PROJECT = "no_project"
NATURAL_PERSON = "natural_person"
WITHDRAWN = "withdrawn"
BROKEN_ROW = "broken_row"

# The row is kept; something about it is worth a line in the report.
NO_PARTICIPANTS = "no_participants"
BAD_AMOUNT = "bad_amount"
BAD_DATE = "bad_date"
BAD_CODE = "bad_code"
BAD_PLACE = "bad_place"
NOTES = frozenset({NO_PARTICIPANTS, BAD_AMOUNT, BAD_DATE, BAD_CODE, BAD_PLACE})

LONGEST_VALUE = 200


PARTING = "\t"


def first_of(*reasons: tuple[ir.BooleanValue, str]) -> ir.StringValue:
    """The reason of the first condition that holds, null where none does."""
    return ibis.cases(*reasons, else_=ibis.null("string"))


def again(rows: ir.Table, *key: str) -> ir.Table:
    """The rows with `is_again`: whether an earlier row has the same key. Null keys never are."""
    names = {f"same_{name}": rows[name] for name in key}
    firsts = rows.group_by(**names).aggregate(first=rows.row.min(), times=rows.count())
    firsts = firsts.filter(firsts.times > 1)
    joined = rows.left_join(firsts, [rows[name] == firsts[f"same_{name}"] for name in key])
    return joined.mutate(is_again=(joined.row > joined.first).fill_null(cells.NO)).drop(
        "first", "times", *names
    )


def best(rows: ir.Table, key: str, *worth: ir.StringValue) -> ir.Table:
    """One row for each key: the one whose `worth` sorts last, the earliest of equals."""
    # Rows are counted down, so that the earliest is worth most.
    order = (ibis.literal(10**12) - rows.row).cast("string").lpad(13, "0")
    rank = order
    for value in reversed(worth):
        rank = value.fill_null("") + PARTING + rank
    chosen = rows.group_by(key).aggregate(chosen=rows.row.argmax(rank))
    return rows.semi_join(chosen, rows.row == chosen.chosen)


def told(
    rows: ir.Table, sheet: str, reason: ir.StringValue | str, value: ir.StringValue | None = None
) -> ir.Table:
    """Rows of `left_out` for rows with `row` and `key`; those whose reason is null give none.

    They name the sheet; the intake puts the member's own name in its place.
    """
    return (
        rows.select(
            member=ibis.literal(sheet),
            row=rows.row.cast("int64"),
            key=rows.key,
            reason=ibis.literal(reason) if isinstance(reason, str) else reason,
            value=ibis.null("string") if value is None else value.substr(0, LONGEST_VALUE),
        )
    ).filter(lambda t: t.reason.notnull())


@dataclass(frozen=True, slots=True)
class Reading:
    """How cells are read, what they nearly always look like, and what to say of the others."""

    reason: str
    read: Callable[[ir.StringValue], ir.Value]
    usual: str


AMOUNT = Reading(BAD_AMOUNT, cells.amount, cells.USUAL_AMOUNT)
DAY = Reading(BAD_DATE, cells.day, cells.USUAL_DAY)
COUNTRY = Reading(BAD_CODE, cells.country, cells.USUAL_COUNTRY)
PLACE = Reading(BAD_PLACE, lambda cell: cells.place(cell)[0], cells.USUAL_PLACE)


def unreadable(rows: ir.Table, sheet: str, **readings: Reading) -> ir.Table:
    """Rows of `left_out` for cells that hold something and gave no value, by column.

    One pass over the rows, whatever the number of columns.
    """
    odd = rows.filter(
        ibis.or_(
            *(
                ~rows[column].re_search(reading.usual).fill_null(cells.YES)
                for column, reading in readings.items()
            )
        )
    )
    notes = [
        (
            (odd[column].strip().length() > 0).fill_null(cells.NO)
            & reading.read(odd[column]).isnull()
        ).ifelse(
            ibis.literal(f"{reading.reason}{PARTING}{column}: ") + odd[column], ibis.literal("")
        )
        for column, reading in readings.items()
    ]
    said = odd.select("row", "key", note=ibis.array(notes)).unnest("note")
    said = said.filter(said.note != "")
    parting = said.note.find(PARTING)
    return told(
        said, sheet, said.note.substr(0, parting), said.note.substr(parting + 1, LONGEST_VALUE)
    )
