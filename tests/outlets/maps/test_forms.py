"""What an address says about the map, and what it is told when it says nonsense."""

import pytest
from django.http import QueryDict
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from trebbo.outlets.maps.forms import (
    WindowRefused,
    demanded_window,
    filters_from,
    page_from,
    window_from,
)
from trebbo.outlets.maps.gateway import Window


def window(bbox: str, zoom: str = "8") -> Window | None:
    """The window of an address with these two parameters."""
    parameters = QueryDict(mutable=True)
    parameters["bbox"], parameters["zoom"] = bbox, zoom
    return window_from(parameters)


def test_reads_west_south_east_north_and_zoom() -> None:
    assert window("9.1,43.7,12.9,45.25", "11") == Window(9.1, 43.7, 12.9, 45.25, zoom=11)
    assert window("-180,-90,180,90", "0") == Window(-180, -90, 180, 90, zoom=0)


@pytest.mark.parametrize(
    "bbox",
    [
        "Modena",
        "9,43,12",
        "9,43,12,45,46",
        "nan,nan,nan,nan",
        "NaN,43,12,45",
        "inf,43,12,45",
        "1e308,43,12,45",
        "9999999999,43,12,45",
        "9,43,12,",
        "٩,43,12,45",
        "1_0,43,12,45",
        "9 ,43,12,45",
        "9,43,12,45;drop table",
        "\x00,43,12,45",
        "9" * 5_000,
    ],
)
def test_an_area_that_cannot_be_read_says_how_to_write_it(bbox: str) -> None:
    with override("en"), pytest.raises(WindowRefused, match="four numbers") as refused:
        window(bbox)
    assert refused.value.status == 400
    with override("it"), pytest.raises(WindowRefused, match="quattro numeri"):
        window(bbox)


@pytest.mark.parametrize(
    "bbox", ["181,43,182,45", "9,91,12,92", "12,43,9,45", "9,45,12,43", "44,9,45,200"]
)
def test_an_area_that_does_not_exist_says_why(bbox: str) -> None:
    with override("en"), pytest.raises(WindowRefused, match="does not exist"):
        window(bbox)
    with override("it"), pytest.raises(WindowRefused, match="non esiste"):
        window(bbox)


@pytest.mark.parametrize("zoom", ["-1", "21", "8.5", "nan", "", "999999999", "٨"])
def test_a_zoom_that_does_not_exist_is_refused(zoom: str) -> None:
    with override("en"), pytest.raises(WindowRefused, match="whole number from 0 to 20"):
        window("9,43,12,45", zoom)


@given(st.text(), st.text())
def test_any_text_is_a_window_or_a_refusal(bbox: str, zoom: str) -> None:
    try:
        found = window(bbox, zoom)
    except WindowRefused:
        return
    assert found is None or -180 <= found.west <= found.east <= 180


def test_the_data_demand_an_area() -> None:
    with override("en"), pytest.raises(WindowRefused, match="Which area"):
        demanded_window(QueryDict(""))


def test_filters_have_the_directorys_names_and_keep_only_what_is_named() -> None:
    parameters = QueryDict("kind=sme&kind=university&province=MO&cluster=&other=1&accredited=yes")
    assert filters_from(parameters) == {
        "kind": ("sme", "university"),
        "province": ("MO",),
        "accredited": ("yes",),
    }


def test_filters_are_cut_when_there_are_too_many() -> None:
    many = QueryDict("&".join(f"kind=k{number}" for number in range(100)))
    assert len(filters_from(many)["kind"]) == 20


@pytest.mark.parametrize(
    ("written", "page"), [("3", 3), ("0", 1), ("-2", 1), ("x", 1), ("٣", 1), ("9" * 50, 1)]
)
def test_a_page_that_makes_no_sense_is_the_first(written: str, page: int) -> None:
    parameters = QueryDict(mutable=True)
    parameters["page"] = written
    assert page_from(parameters) == page
