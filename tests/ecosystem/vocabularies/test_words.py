"""Words that mean the same in both languages: who writes them, what is refused, what survives."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.test import Client
from django.utils import translation
from pytest_django import DjangoAssertNumQueries

from tests.factories.accounts import ClusterRoleFactory, NetworkRoleFactory, PersonFactory
from tests.factories.organisations import NOW, agency_person, person
from trebbo.ecosystem.accounts.models import Person
from trebbo.ecosystem.vocabularies import gateway
from trebbo.ecosystem.vocabularies.actions import (
    WordsChanged,
    WordsRefused,
    add_words,
    change_words,
    load_vocabularies,
    remove_words,
    use_words_again,
)
from trebbo.ecosystem.vocabularies.actions.word_checks import LONGEST_PHRASE
from trebbo.ecosystem.vocabularies.events import vocabularies_loaded
from trebbo.ecosystem.vocabularies.models import WordPair, phrases_of
from trebbo.kernel.access import Viewer, installation, visitor
from trebbo.kernel.errors import NotAllowed
from trebbo.kernel.models import AuditLine

pytestmark = pytest.mark.django_db

PAGE = "/it/vocabularies/words/"
NEW = f"{PAGE}new/"
OFFICES = {
    "agency": agency_person(),
    "manager": person(clusters={1: frozenset({"manager"})}),
    "installation": installation(NOW),
}
OTHERS = {
    "visitor": visitor(NOW),
    "region": person(networks={1: frozenset({"region"})}),
    "board": person(clusters={1: frozenset({"board"})}),
    "representative": person(mandates={1: frozenset({"representative"})}),
}


def published(**words: str) -> WordPair:
    """A pair of the product's table."""
    pair = WordPair(
        **{
            "code": "bone",
            "phrases_it_published": "osso|ossa",
            "phrases_en_published": "bone",
            **words,
        }
    )
    pair.put_together()
    pair.save()
    return pair


def own(italian: str = "impalcatura ossea", english: str = "bone scaffold") -> WordPair:
    """A pair that an office added."""
    return add_words(actor=agency_person(), italian=italian, english=english)


@contextmanager
def told() -> Iterator[list[str]]:
    """How often the areas above hear that there are other words."""
    heard: list[str] = []

    def hear(**_: object) -> None:
        heard.append("words")

    vocabularies_loaded.connect(hear)
    try:
        yield heard
    finally:
        vocabularies_loaded.disconnect(hear)


@pytest.mark.parametrize("viewer", OFFICES.values(), ids=OFFICES)
def test_offices_write_words(
    viewer: Viewer, django_capture_on_commit_callbacks: Callable[..., object]
) -> None:
    """One phrase a line or between bars, each once; with a line in the trail; others hear of it."""
    with told() as heard, django_capture_on_commit_callbacks(execute=True):
        pair = add_words(
            actor=viewer,
            italian=" impalcatura\tossea \n\nscaffold osseo|Impalcatura ossea",
            english="bone scaffold",
        )
    pair.refresh_from_db()
    assert pair.italian == ("impalcatura ossea", "scaffold osseo")
    assert pair.phrases_it == pair.phrases_it_kept == "impalcatura ossea|scaffold osseo"
    assert (pair.code, pair.phrases_en, pair.is_own) == ("bone-scaffold", "bone scaffold", True)
    line = AuditLine.objects.get(verb="add_words")
    assert line.changes["phrases_en"] == ["", "bone scaffold"]
    assert line.subject_label == "impalcatura ossea, scaffold osseo = bone scaffold"
    assert heard == ["words"]


@pytest.mark.parametrize("viewer", OTHERS.values(), ids=OTHERS)
def test_others_write_none(viewer: Viewer) -> None:
    """Neither new words nor changes, and nothing is left out for anybody."""
    pair = published()
    with pytest.raises(NotAllowed):
        add_words(actor=viewer, italian="a capo", english="new line")
    with pytest.raises(NotAllowed):
        change_words(actor=viewer, pair_id=pair.pk, italian="osseo", english="", version=1)
    with pytest.raises(NotAllowed):
        remove_words(actor=viewer, pair_id=pair.pk, version=1)
    with pytest.raises(NotAllowed):
        use_words_again(actor=viewer, pair_id=pair.pk, version=1)
    assert list(WordPair.objects.values_list("phrases_it", "version")) == [("osso|ossa", 1)]
    assert not AuditLine.objects.exists()


MANY = "\n".join(f"parola{n}" for n in range(gateway.MOST_PHRASES))


@pytest.mark.parametrize(
    ("italian", "english", "fields", "words"),
    [
        ("", "bone", {"italian"}, "almeno un'espressione"),
        ("osso", " | \n", {"english"}, "almeno un'espressione"),
        ("x" * (LONGEST_PHRASE + 1), "bone", {"italian"}, "80 caratteri; questa ne ha 81"),
        ("osso", "bone\nof the", {"english"}, "«of the»"),
        ("della|osso", "the", {"italian", "english"}, "«della»"),
        ("osso", "+++", {"english"}, "«+++»"),
        (MANY, "word", set(), "24 espressioni fra le due lingue; questa ne ha 25"),
    ],
)
def test_what_is_refused(italian: str, english: str, fields: set[str], words: str) -> None:
    """In words, at the side it concerns; nothing is written."""
    with pytest.raises(WordsRefused) as refused:
        add_words(actor=agency_person(), italian=italian, english=english)
    assert set(refused.value.fields) == fields
    assert words in " ".join([refused.value.message, *refused.value.fields.values()])
    assert not WordPair.objects.exists()


def test_the_longest_and_the_most_are_taken() -> None:
    """At the limits, not below."""
    own(italian="x" * LONGEST_PHRASE, english="letter")
    own(italian=MANY.rpartition("\n")[0], english="word")
    assert WordPair.objects.count() == 2


@pytest.mark.parametrize(
    ("italian", "english"),
    [("ossa", "bones"), ("OSSO\ncosa nuova", "new thing\nthe Bone")],
)
def test_a_pair_that_is_there_is_named(italian: str, english: str) -> None:
    """However its words end: searches would find no difference."""
    published()
    with pytest.raises(WordsRefused, match="La coppia «osso = bone» lo dice già"):
        add_words(actor=agency_person(), italian=italian, english=english)
    own("osso", "blade bone")  # one side alone may mean two things
    assert WordPair.objects.count() == 2


def test_of_a_pair_left_out_that_is_said() -> None:
    """It can be used again; writing it anew is not the way."""
    pair = published()
    remove_words(actor=agency_person(), pair_id=pair.pk, version=1)
    with pytest.raises(WordsRefused, match="esclusa dalle ricerche"):
        add_words(actor=agency_person(), italian="osso", english="bone")


def test_a_pair_may_grow_but_not_into_another() -> None:
    """What two pairs shared before is not held against either."""
    first, second = own("lama", "blade"), own("lama", "slipper")
    with pytest.raises(WordsRefused, match="lama = slipper"):
        change_words(
            actor=agency_person(),
            pair_id=first.pk,
            italian="lama",
            english="blade\nslippers",
            version=1,
        )
    WordPair.objects.filter(pk=second.pk).update(phrases_en_kept="slipper|blade")
    pair = change_words(
        actor=agency_person(), pair_id=first.pk, italian="lama\nfilo", english="blade", version=1
    )
    assert (pair.phrases_it, pair.version) == ("lama|filo", 2)
    assert AuditLine.objects.get(verb="change_words").changes == {
        "phrases_it": ["lama", "lama|filo"]
    }


def test_codes_are_made_of_the_first_english_phrase() -> None:
    """Different for each pair, and there also where nothing can be made."""
    assert own("lama", "llama").code == "llama"
    assert own("altra", "LLAMA").code == "llama-2"
    assert own("骨頭", "骨").code == "words"
    long = " ".join(["biocompatibility"] * 4)
    assert len(own("lunga", long).code) <= 80


def test_the_product_s_pair_keeps_its_phrases() -> None:
    """An office adds beside them; nothing changes where it types what is there."""
    pair = published()
    after = change_words(
        actor=agency_person(),
        pair_id=pair.pk,
        italian="osseo\nOsso",
        english="",
        version=1,
    )
    assert (after.phrases_it, after.phrases_it_kept) == ("osso|ossa|osseo", "osseo")
    assert after.phrases_it_published == "osso|ossa"
    same = change_words(
        actor=agency_person(), pair_id=pair.pk, italian="osseo", english="BONE", version=2
    )
    assert same.version == 2
    assert AuditLine.objects.count() == 1
    back = change_words(actor=agency_person(), pair_id=pair.pk, italian="", english="", version=2)
    assert (back.phrases_it, back.phrases_it_kept) == ("osso|ossa", "")


def test_an_office_s_pair_needs_both_sides() -> None:
    """Also once it is there."""
    pair = own()
    with pytest.raises(WordsRefused) as refused:
        change_words(actor=agency_person(), pair_id=pair.pk, italian="", english="x1", version=1)
    assert set(refused.value.fields) == {"italian"}


def test_removing_and_leaving_out() -> None:
    """Of the offices' a pair goes; of the product's it is left out, and can come back."""
    pair, added = published(), own()
    remove_words(actor=agency_person(), pair_id=added.pk, version=1)
    assert list(WordPair.objects.all()) == [pair]
    remove_words(actor=agency_person(), pair_id=pair.pk, version=1)
    pair.refresh_from_db()
    assert (pair.phrases_it, pair.phrases_en, pair.is_left_out) == ("", "", True)
    assert pair.italian == ("osso", "ossa")
    use_words_again(actor=agency_person(), pair_id=pair.pk, version=2)
    pair.refresh_from_db()
    assert (pair.phrases_it, pair.is_left_out, pair.version) == ("osso|ossa", False, 3)
    verbs = AuditLine.objects.order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["add_words", "remove_words", "leave_out_words", "use_words_again"]


def test_who_comes_second_is_told_what_the_other_did() -> None:
    """A change tells who and what; after a removal there is nothing left to change."""
    pair = own()
    change_words(
        actor=agency_person(), pair_id=pair.pk, italian="impalcatura", english="frame", version=1
    )
    with pytest.raises(WordsChanged, match=r"Agency.* impalcatura = frame") as refused:
        change_words(actor=agency_person(), pair_id=pair.pk, italian="x", english="y", version=1)
    assert refused.value.pair is not None
    with pytest.raises(WordsChanged):
        remove_words(actor=agency_person(), pair_id=pair.pk, version=1)
    remove_words(actor=agency_person(), pair_id=pair.pk, version=2)
    with pytest.raises(WordsChanged, match="qualcuno ha tolto") as refused:
        change_words(actor=agency_person(), pair_id=pair.pk, italian="x", english="y", version=2)
    assert refused.value.pair is None


def test_loading_the_product_s_table_leaves_the_offices_words_alone() -> None:
    """Their pairs, their phrases in the product's, and what they left out; the rest is mended."""
    load_vocabularies(actor=installation(NOW))
    added = own()
    extended = WordPair.objects.get(code="bone")
    left = WordPair.objects.get(code="biobank")
    phrases = extended.phrases_it
    change_words(actor=agency_person(), pair_id=extended.pk, italian="osteo", english="", version=1)
    remove_words(actor=agency_person(), pair_id=left.pk, version=1)
    WordPair.objects.filter(code="app").update(phrases_it="?", phrases_it_published="?")
    load_vocabularies(actor=installation(NOW))
    for pair in (added, extended, left):
        pair.refresh_from_db()
    assert added.phrases_it == "impalcatura ossea"
    assert extended.phrases_it == f"{phrases}|osteo"
    assert (left.is_left_out, left.phrases_it) == (True, "")
    assert WordPair.objects.get(code="app").italian == ("app mobile", "applicazione mobile")


def test_phrases_of_a_text() -> None:
    """However they are separated; each once, in order."""
    assert phrases_of("uno|due\r\ntre\n|DUE | quattro  e cinque") == (
        "uno",
        "due",
        "tre",
        "quattro e cinque",
    )
    assert phrases_of(" |\n ") == ()


def test_meaning_of_a_phrase() -> None:
    """As searches read it: endings, order, accents and stop words do not count."""
    assert gateway.meaning_of("Rigenerazione dell'òsso", "it") == gateway.meaning_of(
        "osso, rigenerazioni", "it"
    )
    assert gateway.meaning_of("the", "en") == ()
    assert gateway.meaning_of("", "it") == ()


def test_the_page_adds(sign_in: Callable[[Person], Client]) -> None:
    """And lists what was added, for the offices and by its words."""
    published()
    client = sign_in(ClusterRoleFactory().person)
    assert NEW in client.get(PAGE).content.decode()
    typed = {"italian": "impalcatura ossea", "english": "bone scaffold\nbone scaffolds"}
    answer = client.post(NEW, typed, follow=True)
    page = answer.content.decode()
    assert "«impalcatura ossea = bone scaffold» è salvata." in page
    assert "bone scaffold, bone scaffolds" in page
    for query, count in (
        ({}, 2),
        ({"shown": "ours"}, 1),
        ({"shown": "left_out"}, 0),
        ({"words": "OSSA"}, 1),
        ({"words": "scaffold"}, 1),
        ({"words": "%", "shown": "<b>", "page": "x"}, 0),
    ):
        assert client.get(PAGE, query).context["page_obj"].paginator.count == count


def test_the_page_says_what_is_wrong_and_loses_nothing(
    sign_in: Callable[[Person], Client],
) -> None:
    """In the language of the page."""
    client = sign_in(NetworkRoleFactory().person)
    typed = {"italian": "impalcatura", "english": "the"}
    for language, words in (("it", "Le ricerche ignorano «the»"), ("en", "Searches pass over")):
        with translation.override(language):
            answer = client.post(f"/{language}/vocabularies/words/new/", typed)
        page = answer.content.decode()
        assert answer.status_code == 400
        assert words in page
        assert "impalcatura</textarea>" in page


def test_the_page_changes_leaves_out_and_takes_back(sign_in: Callable[[Person], Client]) -> None:
    """With what the product says beside it, and who did what."""
    pair = published()
    address = f"{PAGE}{pair.pk}/"
    client = sign_in(NetworkRoleFactory().person)
    assert "osso, ossa" in client.get(address).content.decode()
    typed = {"italian": "osseo", "english": "", "version": 1}
    assert client.post(address, typed).status_code == 302
    page = client.get(address).content.decode()
    assert "osseo</textarea>" in page
    assert "ha modificato parole che le ricerche capiscono" in page
    answer = client.post(f"{address}remove/", {"version": 2}, follow=True)
    assert "è esclusa dalle ricerche" in answer.content.decode()
    assert "un ufficio le ha escluse" in client.get(address).content.decode()
    answer = client.post(f"{address}again/", {"version": 3}, follow=True)
    assert "Le ricerche capiscono di nuovo" in answer.content.decode()
    added = own()
    answer = client.post(f"{PAGE}{added.pk}/remove/", {"version": 1}, follow=True)
    assert "«impalcatura ossea = bone scaffold» è tolta." in answer.content.decode()


def test_two_people_at_the_page(sign_in: Callable[[Person], Client]) -> None:
    """The second sees both versions, and may then save; also where the pair is gone."""
    pair = own()
    address = f"{PAGE}{pair.pk}/"
    client = sign_in(NetworkRoleFactory().person)
    change_words(
        actor=agency_person(), pair_id=pair.pk, italian="del collega", english="b", version=1
    )
    answer = client.post(address, {"italian": "raspa", "english": "gauge", "version": 1})
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "Nel frattempo Agency ha modificato questa coppia" in page
    assert "del collega = b" in page
    assert "raspa</textarea>" in page
    version = answer.context["form"]["version"].value()
    again = {"italian": "raspa", "english": "gauge", "version": version}
    assert client.post(address, again).status_code == 302
    assert client.post(f"{address}remove/", {"version": "x"}).status_code == 400
    remove_words(actor=agency_person(), pair_id=pair.pk, version=3)
    answer = client.post(address, {"italian": "altra raspa", "english": "gauge", "version": 3})
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "altra raspa</textarea>" in page
    assert f'action="{NEW}"' in page
    assert client.get(address).status_code == 404


def test_who_opens_the_pages(client: Client, sign_in: Callable[[Person], Client]) -> None:
    """Visitors sign in first, others are refused; the link stands where the labels' stands."""
    pair = published()
    addresses = [PAGE, NEW, f"{PAGE}{pair.pk}/", f"{PAGE}upload/", f"{PAGE}download/"]
    posted = [f"{PAGE}{pair.pk}/remove/", f"{PAGE}{pair.pk}/again/", f"{PAGE}upload/confirm/"]
    assert PAGE not in client.get("/it/vocabularies/").content.decode()
    for address in addresses:
        assert client.get(address).status_code == 302
    for address in posted:
        assert client.post(address).status_code == 302
    others = sign_in(PersonFactory())
    for address in addresses:
        assert others.get(address).status_code == 403
    for address in posted:
        assert others.post(address).status_code == 403
    for role in (ClusterRoleFactory(), NetworkRoleFactory()):
        office = sign_in(role.person)
        assert f'href="{PAGE}"' in office.get("/it/vocabularies/").content.decode()
        for address in addresses:
            assert office.get(address).status_code == 200
        for address in posted:
            assert office.get(address).status_code == 405


@pytest.mark.parametrize("rows", [1, 3])
def test_the_number_of_queries_is_fixed(
    sign_in: Callable[[Person], Client],
    django_assert_num_queries: DjangoAssertNumQueries,
    rows: int,
) -> None:
    """However many pairs there are."""
    for row in range(rows):
        published(code=f"bone-{row}", phrases_it_kept=f"osseo{row}")
    office = sign_in(NetworkRoleFactory().person)
    with django_assert_num_queries(5):
        office.get(PAGE)
    with django_assert_num_queries(4):
        office.get(f"{PAGE}download/")
