"""Cells are read as an obvious reading in Python reads them, on both stores."""

import re
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.engine.warehouse.conftest import Store
from trebbo.engine.warehouse import cells

SOME = settings(
    max_examples=4,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
DIGITS = st.integers(0, 10**13 - 1).map(str)
CENTS = st.one_of(st.just(""), st.from_regex(r"[.,][0-9]{1,12}", fullmatch=True))
AMOUNTS = st.one_of(
    st.builds("{}{}{}".format, st.sampled_from(["", "-"]), DIGITS, CENTS),
    st.builds(
        lambda n, cents: f"{n:,}".replace(",", ".") + cents,
        st.integers(1_000_000, 10**12 - 1),
        st.from_regex(r"(,[0-9]{1,4})?", fullmatch=True),
    ),
    st.builds("{:,}".format, st.integers(1_000_000, 10**12 - 1)),
    st.text("0123456789.,- €x\t\u00a0", max_size=8),
    st.sampled_from(["", " ", "NA", "1e6", "12.", ".5", "1.234", "1,234", "--1", "1.2.3", "٣"]),
)
DAYS = st.one_of(
    st.dates(date(1850, 1, 1), date(2150, 1, 1)).map(str),
    st.dates(date(1950, 1, 1), date(2080, 1, 1)).map("{:%Y%m%d}".format),
    st.dates(date(1950, 1, 1), date(2080, 1, 1)).map("{:%d/%m/%Y}".format),
    st.dates(date(1950, 1, 1), date(2080, 1, 1)).map("{:%Y-%m-%d 10:00:00}".format),
    st.from_regex(r"(19|20)[0-9]{2}-[01][0-9]-[0-3][0-9]", fullmatch=True),
    st.sampled_from(["", " ", "0000-00-00", "2023-02-29", "2024-02-29", "32/01/2020", "2020-1-1"]),
)


def amount(cell: str) -> Decimal | None:
    """The obvious reading: the last sign parts the cents unless it comes again."""
    plain = re.sub(r"[\s\x00\u00a0\u202f]", "", cell, flags=re.ASCII)
    if re.fullmatch(r"-?[0-9]{1,13}", plain):
        number = plain
    elif re.fullmatch(r"-?[0-9]{1,13}[.,][0-9]{1,20}", plain):
        number = plain.replace(",", ".")
    elif re.fullmatch(r"-?[0-9]{1,3}(\.[0-9]{3}){1,3}(,[0-9]{1,20})?", plain):
        number = plain.replace(".", "").replace(",", ".")
    elif re.fullmatch(r"-?[0-9]{1,3}(,[0-9]{3}){1,3}(\.[0-9]{1,20})?", plain):
        number = plain.replace(",", "")
    else:
        return None
    return Decimal(number).quantize(Decimal("0.01"), ROUND_HALF_UP)


def day(cell: str) -> date | None:
    """The obvious reading of the three ways in which official files write a day."""
    plain = cell.strip()
    for pattern, order in (
        (r"(\d{4})-(\d{2})-(\d{2})([T ].*)?", (1, 2, 3)),
        (r"(\d{4})(\d{2})(\d{2})", (1, 2, 3)),
        (r"(\d{2})/(\d{2})/(\d{4})( .*)?", (3, 2, 1)),
    ):
        if found := re.fullmatch(pattern, plain):
            try:
                read = date(*(int(found[place]) for place in order))
            except ValueError:
                return None
            return read if 1900 <= read.year <= 2099 else None
    return None


def _read(store: Store, written: list[str], reader: object) -> list[object]:
    table = store.warehouse.read_arrow(
        pa.table({"row": list(range(len(written))), "cell": written})
    )
    shown = table.select("row", value=reader(table.cell))  # type: ignore[operator]
    return [row["value"] for row in sorted(store.rows(shown), key=lambda row: row["row"])]


@SOME
@given(written=st.lists(AMOUNTS, min_size=150, max_size=300))
def test_amounts(store: Store, written: list[str]) -> None:
    """Decimal points and commas, thousands, blanks of every kind; cents rounded half up."""
    assert _read(store, written, cells.amount) == [amount(cell) for cell in written]


@SOME
@given(written=st.lists(DAYS, min_size=150, max_size=300))
def test_days(store: Store, written: list[str]) -> None:
    """Only days of the calendar, of the twentieth and the twenty-first century."""
    assert _read(store, written, cells.day) == [day(cell) for cell in written]


@pytest.mark.parametrize(
    ("reader", "expected"),
    [
        (cells.text, {" A\u00a0\u00a0B\n C ": "A B C", "A B": "A B", " \t": None, "a\x00b": "a b"}),
        (cells.prose, {" A\nB  C ": "A\nB  C", "": None}),
        (cells.country, {"EL": "GR", "uk": "GB", " IT ": "IT", "ITA": None, "": None}),
        (
            cells.domain,
            {
                "https://www.Unibo.it/it?x=1": "unibo.it",
                "http://user@h.example:80": "h.example",
                "rizzoli.example": "rizzoli.example",
                "no domain": None,
                "http://localhost": None,
            },
        ),
        (cells.last_step, {"/23/53/373": "373", "23/": "23", "/": None, "": None}),
        (cells.yes, {"true": True, "NO": False, "1": True, "maybe": None, "": None}),
        (cells.whole, {" 12 ": 12, "-1": None, "1.5": None, "": None}),
    ],
)
def test_readings(store: Store, reader: object, expected: dict[str, object]) -> None:
    """What each reading makes of the cells of official files."""
    assert _read(store, list(expected), reader) == list(expected.values())


def test_places(store: Store) -> None:
    """Degrees on Earth, with or without brackets; nought, nought is nowhere."""
    written = ["44.5,11.3", "(44.5, -11.3)", "0,0", "91,0", "0,180", "44.5", "x", ""]
    north = _read(store, written, lambda cell: cells.place(cell)[0])
    east = _read(store, written, lambda cell: cells.place(cell)[1])
    assert list(zip(north, east, strict=True)) == [
        (44.5, 11.3),
        (44.5, -11.3),
        (None, None),
        (None, None),
        (0.0, 180.0),
        (None, None),
        (None, None),
        (None, None),
    ]
