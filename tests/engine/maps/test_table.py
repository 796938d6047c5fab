"""The table of places against the obvious way of choosing from a list."""

from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st

from trebbo.engine.maps.contracts import AUDIENCE, Place, Selection, Window
from trebbo.engine.maps.table import PlaceTable

FACTS = [("kind", "sme"), ("kind", "university"), ("province", "MO"), ("province", "BO")]
degrees = st.one_of(st.none(), st.sampled_from([44.0, 44.5, 45.0]), st.floats(43, 46))


@st.composite
def places(draw: st.DrawFn, first_key: int = 1) -> list[Place]:
    """Up to thirty places of up to twelve bodies; places of one body share its name."""
    found = []
    for key in range(first_key, first_key + draw(st.integers(0, 30))):
        body = draw(st.integers(1, 12))
        latitude = draw(degrees)
        found.append(
            Place(
                key=key,
                body=body,
                name=f"name {body % 5}",
                latitude=latitude,
                longitude=None if latitude is None else draw(st.floats(9, 13)),
                facts=draw(st.frozensets(st.sampled_from(FACTS)))
                | {(AUDIENCE, draw(st.sampled_from(["public", "network"])))},
            )
        )
    return found


selections = st.builds(
    Selection,
    audiences=st.frozensets(st.sampled_from(["public", "network", "nobody"])),
    filters=st.fixed_dictionaries(
        {},
        optional={
            "kind": st.lists(st.sampled_from(["sme", "university", "unknown"])).map(tuple),
            "province": st.lists(st.sampled_from(["MO", "BO"])).map(tuple),
        },
    ),
)
windows = st.one_of(
    st.none(),
    st.builds(
        Window,
        st.floats(9, 11),
        st.sampled_from([43.5, 44.0]),
        st.floats(11, 13),
        st.sampled_from([44.0, 44.5, 45.0]),
    ),
)


def obviously_chosen(
    rows: list[Place], selection: Selection, window: Window | None
) -> list[tuple[str, int, int]]:
    """Place by place, as the contract says."""
    return sorted(
        (place.name, place.body, place.key)
        for place in rows
        if any((AUDIENCE, audience) in place.facts for audience in selection.audiences)
        and all(
            not values or any((facet, value) in place.facts for value in values)
            for facet, values in selection.filters.items()
        )
        and (window is None or obviously_inside(place, window))
    )


def obviously_inside(place: Place, window: Window) -> bool:
    """Whether the place is in the window; one without a position is in none."""
    return (
        place.latitude is not None
        and place.longitude is not None
        and window.south <= place.latitude <= window.north
        and window.west <= place.longitude <= window.east
    )


@given(places(), selections, windows)
def test_chooses_what_the_obvious_way_chooses(
    rows: list[Place], selection: Selection, window: Window | None
) -> None:
    table = PlaceTable.of(rows)
    chosen = table.chosen(selection, window)
    expected = obviously_chosen(rows, selection, window)
    assert table.keys[chosen].tolist() == [key for _name, _body, key in expected]
    assert table.bodies_at(chosen).tolist() == list(
        dict.fromkeys(body for _name, body, _key in expected)
    )


@given(places(), selections)
def test_counts_each_body_once_for_each_value(rows: list[Place], selection: Selection) -> None:
    keys = {key for _name, _body, key in obviously_chosen(rows, selection, None)}
    bodies = defaultdict(set)
    for place in rows:
        for facet, value in place.facts:
            if facet == "province" and place.key in keys:
                bodies[value].add(place.body)
    table = PlaceTable.of(rows)
    counts = table.counted("province", table.chosen(selection))
    assert counts == {value: len(found) for value, found in bodies.items()}


@given(places(), places(first_key=1_000), st.sets(st.integers(1, 12)), selections, windows)
def test_a_changed_table_equals_one_made_afresh(
    old: list[Place],
    new: list[Place],
    bodies: set[int],
    selection: Selection,
    window: Window | None,
) -> None:
    arriving = [place for place in new if place.body in bodies]
    afresh = PlaceTable.of([place for place in old if place.body not in bodies] + arriving)
    changed = PlaceTable.of(old).with_bodies(bodies, arriving)
    assert len(changed) == len(afresh)
    assert changed.keys.tolist() == afresh.keys.tolist()
    assert changed.values("kind") == afresh.values("kind")
    chosen = changed.chosen(selection, window).tolist()
    assert chosen == afresh.chosen(selection, window).tolist()
    assert changed.extent(changed.chosen(selection)) == afresh.extent(afresh.chosen(selection))


def test_extent_leaves_out_places_without_a_position() -> None:
    public = frozenset({(AUDIENCE, "public")})
    table = PlaceTable.of(
        [
            Place(1, 1, "a", 44.0, 11.0, public),
            Place(2, 2, "b", 45.0, 10.0, public),
            Place(3, 3, "c", None, None, public),
        ]
    )
    everybody = Selection(frozenset({"public"}))
    assert table.extent(table.chosen(everybody)) == (10.0, 44.0, 11.0, 45.0)
    assert table.extent(table.chosen(Selection(frozenset({"network"})))) is None
