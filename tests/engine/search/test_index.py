"""What every index promises, on examples that can be checked by hand."""

from dataclasses import replace
from datetime import date

import pytest

from tests.engine.search.examples import (
    BOLOGNA,
    GAZETTEER,
    LABORATORIES,
    LEXICON,
    MIRANDOLA,
    asked,
    keys,
    laboratory,
    matches,
)
from trebbo.engine.search import (
    DistanceReason,
    Document,
    FreshnessReason,
    Part,
    Point,
    Query,
    Results,
    SearchIndex,
)


def ask(index: SearchIndex, query: Query) -> Results:
    return index.search(query, LEXICON, GAZETTEER)


@pytest.fixture
def filled(index: SearchIndex) -> SearchIndex:
    assert index.replace_all(LABORATORIES) == len(LABORATORIES)
    return index


def test_both_languages_find_the_same(filled: SearchIndex) -> None:
    italian = ask(filled, asked("biomateriali per rigenerazione ossea"))
    english = ask(filled, asked("biomaterials for bone regeneration"))
    assert set(keys(italian.hits)) == set(keys(english.hits)) == {"unit:bone", "unit:scaffold"}
    assert [concept.english for concept in italian.understood.concepts] == [
        "biomaterials",
        "bone regeneration",
    ]
    assert italian.understood.dropped == ("per",)


def test_a_translation_is_a_reason_and_shows_the_words_as_written(filled: SearchIndex) -> None:
    hits = ask(filled, asked("biomaterials for bone regeneration")).hits
    bone = next(hit for hit in hits if hit.key == "unit:bone")
    assert {(reason.meeting, reason.found, reason.part) for reason in matches(bone)} == {
        ("synonym", ("biomateriali",), "competences"),
        ("synonym", ("rigenerazione", "osseo"), "competences"),
    }
    scaffold = next(hit for hit in hits if hit.key == "unit:scaffold")
    assert {reason.meeting for reason in matches(scaffold)} == {"direct"}
    assert scaffold.score > bone.score


def test_near_mirandola_comes_first_with_the_distance(filled: SearchIndex) -> None:
    results = ask(filled, asked("who tests medical devices near Mirandola"))
    assert results.understood.place == MIRANDOLA
    assert set(keys(results.hits)[:2]) == {"unit:top", "unit:mab"}
    assert keys(results.hits)[2] == "unit:device"
    first, third = results.hits[0], results.hits[2]
    assert first.distance_km == pytest.approx(0.0, abs=0.01)
    assert third.distance_km == pytest.approx(58.9, abs=1.0)
    away = next(reason for reason in third.reasons if isinstance(reason, DistanceReason))
    assert (away.place, away.point) == ("Mirandola", "Parma")
    assert 0.25 < away.factor < 0.5


def test_toxicity_near_modena(filled: SearchIndex) -> None:
    results = ask(filled, asked("laboratori per test di tossicità vicino a Modena"))
    assert keys(results.hits)[0] == "unit:top"
    assert results.understood.place is not None
    assert results.understood.place.kind == "municipality"


def test_score_is_text_times_the_factors_and_the_shares_add_up(filled: SearchIndex) -> None:
    for hit in ask(filled, asked("laboratory testing of medical devices near Mirandola")).hits:
        factor = 1.0
        for reason in hit.reasons:
            if isinstance(reason, DistanceReason | FreshnessReason):
                factor *= reason.factor
        assert hit.score == pytest.approx(hit.text_score * factor)
        assert sum(reason.share for reason in matches(hit)) == pytest.approx(hit.text_score)


def test_a_radius_limits_and_the_facets_count_within_it(filled: SearchIndex) -> None:
    results = ask(filled, asked("laboratori entro 30 km da Mirandola"))
    assert set(keys(results.hits)) == {"unit:top", "unit:mab"}
    assert results.total == 2
    assert results.facets == {"kind": (("laboratory", 2),), "province": (("MO", 2),)}


def test_a_province_puts_those_inside_at_the_place(filled: SearchIndex) -> None:
    results = ask(filled, asked("medical devices in provincia di Modena"))
    assert set(keys(results.hits)[:2]) == {"unit:top", "unit:mab"}
    away = next(reason for reason in results.hits[0].reasons if isinstance(reason, DistanceReason))
    assert (away.inside, away.factor) == (True, 1.0)


def test_values_of_a_facet_are_alternatives_and_facets_add_up(filled: SearchIndex) -> None:
    both = asked(filters={"province": ("MO", "BO"), "kind": ("laboratory",)})
    assert ask(filled, both).facets["province"] == (("MO", 2), ("BO", 1))
    none = asked(filters={"province": ("MO",), "kind": ("university",)})
    assert ask(filled, none).total == 0
    assert ask(filled, asked(filters={"province": ()})).total == len(LABORATORIES)


def test_no_text_is_every_document_by_title(filled: SearchIndex) -> None:
    results = ask(filled, asked("  "))
    assert [hit.title for hit in results.hits] == [
        "CIPACK",
        "Device Test Centre",
        "Laboratorio Tessuti",
        "MAB Microscopy and Cell Biology",
        "Scaffold Lab",
        "TOP Toxicology and Proteomics",
    ]
    page = ask(filled, asked(limit=2, offset=4))
    assert [hit.title for hit in page.hits] == ["Scaffold Lab", "TOP Toxicology and Proteomics"]
    assert (page.total, ask(filled, asked(offset=1_000_000)).hits) == (6, ())


def test_title_order_ignores_case_and_accents_and_holds_after_changes(index: SearchIndex) -> None:
    def named(title: str) -> Document:
        return laboratory(f"unit:{title}", title, BOLOGNA, "BO", italian="prova")

    index.replace_all(named(title) for title in ("Zeta", "beta", "Èlite"))
    index.put([named("alfa"), named("Gamma"), named("eliseo")])
    index.put([named("Eco")])
    expected = ["alfa", "beta", "Eco", "eliseo", "Èlite", "Gamma", "Zeta"]
    for query in (asked(), asked("prova", order="title")):
        assert [hit.title for hit in ask(index, query).hits] == expected


def test_put_replaces_and_remove_takes_out(filled: SearchIndex) -> None:
    moved = replace(LABORATORIES[0], parts=(Part("name", "TOP oleodinamica", "it", "A"),))
    filled.put([moved])
    filled.remove(["unit:pack", "unit:unknown"])
    assert filled.count() == len(LABORATORIES) - 1
    assert keys(ask(filled, asked("oleodinamica")).hits) == ["unit:top"]
    assert keys(ask(filled, asked("proteomics")).hits) == []
    assert ask(filled, asked("imballaggio")).total == 0
    assert ask(filled, asked()).facets["kind"] == (("laboratory", 5),)


def test_replace_all_forgets_what_was_there_and_keeps_the_last_of_a_key(index: SearchIndex) -> None:
    index.replace_all(LABORATORIES)
    first = laboratory("unit:x", "Prima", BOLOGNA, "BO", italian="sensori")
    last = laboratory("unit:x", "Seconda", BOLOGNA, "BO", italian="sensori")
    assert index.replace_all([first, last]) == 1
    assert [hit.title for hit in ask(index, asked("sensori")).hits] == ["Seconda"]
    assert index.count() == 1


def test_a_failed_rebuild_leaves_the_old_index(filled: SearchIndex) -> None:
    def failing() -> object:
        yield LABORATORIES[0]
        raise RuntimeError("the source broke off")

    with pytest.raises(RuntimeError, match="broke off"):
        filled.replace_all(failing())  # type: ignore[arg-type]
    assert filled.count() == len(LABORATORIES)
    assert ask(filled, asked("imballaggio")).total == 1


def test_only_the_audience_sees_a_document(index: SearchIndex) -> None:
    secret = replace(LABORATORIES[0], audiences=frozenset({"cluster:1", "org:7"}))
    nobody = replace(LABORATORIES[1], audiences=frozenset())
    index.replace_all([secret, nobody, LABORATORIES[5]])
    query = asked("medical devices")
    assert keys(ask(index, query).hits) == ["unit:device"]
    assert ask(index, query).facets["province"] == (("PR", 1),)
    member = replace(query, audiences=frozenset({"org:7"}))
    assert keys(ask(index, member).hits) == ["unit:top"]
    assert ask(index, replace(query, audiences=frozenset())).total == 0


def test_freshness_lowers_a_little_and_says_so(index: SearchIndex) -> None:
    days = {
        "confirmed": (date(2026, 1, 1), date(2026, 12, 1)),
        "due": (date(2025, 1, 1), date(2026, 5, 1)),
        "stale": (date(2024, 1, 1), date(2025, 1, 1)),
        "never": (None, None),
    }
    index.replace_all(
        replace(
            laboratory(f"unit:{state}", "Sensori", BOLOGNA, "BO"),
            confirmed_on=confirmed,
            due_on=due,
        )
        for state, (confirmed, due) in days.items()
    )
    hits = ask(index, asked("sensori")).hits
    assert {hit.key: hit.freshness for hit in hits} == {f"unit:{state}": state for state in days}
    assert keys(hits)[:2] == ["unit:confirmed", "unit:due"]
    assert hits[0].text_score == pytest.approx(hits[3].text_score)
    assert 0.9 * hits[0].score < hits[3].score < hits[0].score


def test_the_nearest_of_several_seats_counts(index: SearchIndex) -> None:
    seats = (Point(45.6, 9.1, "Far"), Point(MIRANDOLA.latitude, MIRANDOLA.longitude, "Here"))
    index.replace_all([*LABORATORIES, replace(LABORATORIES[5], key="unit:two", points=seats)])
    results = ask(index, asked("tests on medical devices near Mirandola"))
    two = next(hit for hit in results.hits if hit.key == "unit:two")
    assert two.distance_km == pytest.approx(0.0, abs=0.01)
    assert next(r for r in two.reasons if isinstance(r, DistanceReason)).point == "Here"


def test_what_is_near_is_not_lost_among_very_many_matches(index: SearchIndex) -> None:
    far = [
        laboratory(f"unit:{number}", "Prova prova prova", BOLOGNA, "BO", italian="prova prova")
        for number in range(1500)
    ]
    near = laboratory("unit:near", "Officina", MIRANDOLA, "MO", italian="collaudo e verniciatura")
    index.replace_all([*far, near])
    results = ask(index, asked("prova vicino a Mirandola", limit=5))
    assert results.total == 1501
    assert keys(results.hits)[0] == "unit:near"


def test_a_long_profile_is_indexed_and_found(index: SearchIndex) -> None:
    text = " ".join(f"parola{number}x" for number in range(15_000))
    long = replace(LABORATORIES[0], parts=(Part("description", text, "it", "C"),))
    index.replace_all([long, *LABORATORIES[1:]])
    assert keys(ask(index, asked("parola77x")).hits) == ["unit:top"]


def test_a_long_question_is_cut_and_says_so(filled: SearchIndex) -> None:
    results = ask(filled, asked(" ".join(f"parola{number}" for number in range(500)) + " test"))
    assert results.understood.truncated
    assert len(results.understood.words) == 64
    assert ask(filled, asked("x" * 5_000)).total == 0


@pytest.mark.parametrize(
    "text",
    [
        '"',
        "AND OR NOT",
        "*:*",
        "name:top AND (",
        "a' OR 1=1 --",
        "\0\ud800",
        "%_\\",
        "!&|<->",
        "\U0001d54b\U0001d546\u2119",
    ],
)
def test_operators_are_words(filled: SearchIndex, text: str) -> None:
    results = ask(filled, asked(text, filters={"kind": ("\0\ud800",), "no'ne": ("x",)}))
    assert results.total == 0
    assert ask(filled, asked(text)).total <= len(LABORATORIES)


def test_words_that_only_ask_find_nothing_but_names(filled: SearchIndex) -> None:
    assert ask(filled, asked("chi può aiutare?")).total == 0
    filled.put([laboratory("unit:can", "CAN", BOLOGNA, "BO")])
    assert keys(ask(filled, asked("can")).hits) == ["unit:can"]


def test_a_place_alone_lists_the_nearest_first(filled: SearchIndex) -> None:
    results = ask(filled, asked("chi può aiutare vicino a Mirandola"))
    assert results.total == len(LABORATORIES)
    assert set(keys(results.hits)[:2]) == {"unit:top", "unit:mab"}
    assert keys(results.hits)[2] == "unit:bone"


def test_check_tells_how_many(filled: SearchIndex) -> None:
    status = filled.check()
    assert (status.state, status.documents) == ("ready", len(LABORATORIES))
