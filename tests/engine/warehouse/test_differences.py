"""What two snapshots differ in, against the obvious comparison of two dictionaries."""

from typing import Any

import pyarrow as pa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.engine.warehouse.conftest import Store
from trebbo.engine.warehouse import changes

SCHEMA = pa.schema({"key": pa.string(), "role": pa.string(), "title": pa.string(), "n": pa.int64()})
ROWS = st.dictionaries(
    st.tuples(st.sampled_from("abcdef"), st.sampled_from("xy")),
    st.tuples(
        st.one_of(st.none(), st.sampled_from(["", "t", "T"])), st.one_of(st.none(), st.just(1))
    ),
    max_size=12,
)
Rows = dict[tuple[str, str], tuple[str | None, int | None]]


def _listed(rows: Rows) -> list[dict[str, Any]]:
    return [
        {"key": key, "role": role, "title": title, "n": n}
        for (key, role), (title, n) in rows.items()
    ]


def _compared(store: Store, new: Rows, old: Rows | None) -> tuple[set[Any], set[Any], set[Any]]:
    now = store.keep("thing", _listed(new), SCHEMA)
    was = None if old is None else store.keep("thing", _listed(old), SCHEMA)
    found = changes(store.warehouse, "thing", ("key", "role"), now, was)
    told = (
        {tuple(row.values()) for row in store.rows(found.added)},
        {
            ((row["key"], row["role"]), (row["old_title"], row["old_n"]), (row["title"], row["n"]))
            for row in store.rows(found.changed)
        },
        {tuple(row.values()) for row in store.rows(found.removed)},
    )
    store.warehouse.drop(now)
    if was:
        store.warehouse.drop(was)
    return told


def _expected(new: Rows, old: Rows) -> tuple[set[Any], set[Any], set[Any]]:
    return (
        {(*key, *new[key]) for key in new.keys() - old.keys()},
        {(key, old[key], new[key]) for key in new.keys() & old.keys() if new[key] != old[key]},
        old.keys() - new.keys(),
    )


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(new=ROWS, old=ROWS)
def test_every_pair_of_snapshots(duck: Store, new: Rows, old: Rows) -> None:
    """A cell that becomes or stops being blank is a change; blank and blank are not."""
    assert _compared(duck, new, old) == _expected(new, old)


def test_one_pair_on_each_store(store: Store) -> None:
    """Added, changed, the same, the same blank, and gone."""
    old: Rows = {("a", "x"): ("t", 1), ("b", "x"): (None, None), ("c", "x"): ("t", None)}
    new: Rows = {("a", "x"): ("T", 1), ("b", "x"): (None, None), ("a", "y"): (None, 1)}
    assert _compared(store, new, old) == _expected(new, old)


def test_all_is_new_where_there_was_nothing(store: Store) -> None:
    """The first edition only adds."""
    assert _compared(store, {("a", "x"): ("t", 1)}, None) == ({("a", "x", "t", 1)}, set(), set())
