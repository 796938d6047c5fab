"""Tests of the small pieces: icons, badges, notes, fields, pages."""

import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import translation

from trebbo.ecosystem.organisations.choices import Standing
from trebbo.ecosystem.organisations.models import Profile
from trebbo.kernel.access import visitor

NOW = datetime(2026, 6, 15, 12, tzinfo=ZoneInfo("Europe/Rome"))


def drawn(source: str, **context: object) -> str:
    """The HTML of a piece, in one line."""
    html = Template("{% load trebbo %}" + source).render(
        Context({"viewer": visitor(NOW), **context})
    )
    return " ".join(html.split())


def words(html: str) -> str:
    """What a reader sees of it."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_icon_is_decorative_unless_titled() -> None:
    """Screen readers skip an icon that repeats what stands beside it."""
    assert 'aria-hidden="true"' in drawn('{% icon "it-search" %}')
    titled = drawn('{% icon "it-search" title=words %}', words="<Cerca>")
    assert "<title>&lt;Cerca&gt;</title>" in titled
    assert "aria-hidden" not in titled


def test_verified_facts_have_no_badge() -> None:
    """Only what is not simply verified says how sure it is."""
    assert drawn("{% standing fact %}", fact=Profile(standing=Standing.VERIFIED)) == ""


@pytest.mark.parametrize("standing", [s for s in Standing if s != Standing.VERIFIED])
def test_other_facts_say_how_sure_they_are(standing: Standing) -> None:
    """The badge says it in words, not by colour."""
    html = drawn("{% standing fact %}", fact=Profile(standing=standing, source='"x"'))
    assert words(html) == f"Grado di certezza: {standing.label}"
    assert "&quot;x&quot;" in html


@pytest.mark.parametrize(
    ("due", "label", "note"),
    [
        (None, "Mai confermato", "Nessuno, per conto dell'ente"),
        (NOW.date(), "Confermato", ""),
        (NOW.date() - timedelta(days=1), "Da confermare", "da confermare entro il 14 giugno 2026"),
        (NOW.date() - timedelta(days=90), "Da confermare", "da confermare entro il 17 marzo 2026"),
        (NOW.date() - timedelta(days=91), "Non aggiornato", "possono non essere aggiornati"),
    ],
)
def test_freshness_is_said_in_words(due: date | None, label: str, note: str) -> None:
    """The badge and the note change on the right day."""
    profile = Profile(confirmed_at=NOW - timedelta(days=400) if due else None, due_date=due)
    badge = words(drawn("{% freshness profile %}", profile=profile))
    assert badge.startswith(str(profile.freshness_on(NOW.date()).label))
    assert ("confermato il" in badge) == (due is not None)
    said = words(drawn("{% stale_note profile %}", profile=profile))
    assert (note.replace("'", "&#x27;") in said or note in said) if note else said == ""


@pytest.mark.parametrize(
    ("italian", "english", "page", "language", "note"),
    [
        ("Sì", "Yes", "it", "", ""),
        ("Sì", "Yes", "en", "", ""),
        ("Sì", "", "it", "", ""),
        ("Sì", "", "en", "it", "in Italian only"),
        ("", "Yes", "it", "en", "solo in inglese"),
        ("", "Yes", "en", "", ""),
        ("", "", "it", "", ""),
    ],
)
def test_a_text_that_is_there_in_the_other_language_only_says_so(
    italian: str, english: str, page: str, language: str, note: str
) -> None:
    """Its language is an attribute for screen readers and a note for everybody."""
    profile = Profile(description_it=italian, description_en=english)
    source = '{% language_of profile "description" as other %}[{{ other }}]{% only_in other %}'
    with translation.override(page):
        html = drawn(source, profile=profile)
    assert html.startswith(f"[{language}]")
    assert words(html).removeprefix(f"[{language}]").strip() == note


class Sample(forms.Form):
    """A form with the kinds of field that differ in markup."""

    town = forms.CharField(label="Comune", help_text="Come da Istat")
    kind = forms.ChoiceField(label="Tipo", choices=[("a", "A")], required=False)
    both = forms.MultipleChoiceField(
        label="Entrambi", choices=[("a", "A"), ("b", "B")], widget=forms.CheckboxSelectMultiple
    )
    agreed = forms.BooleanField(label="Accetto")


def test_fields_tie_help_and_errors_to_the_input() -> None:
    """What helps and what is wrong is read together with the field."""
    html = drawn("{% field form.town %}", form=Sample({"town": ""}))
    assert 'aria-describedby="id_town_helptext id_town_error"' in html
    assert 'id="id_town_helptext"' in html
    assert 'id="id_town_error"' in html
    assert 'aria-invalid="true"' in html
    assert '<label for="id_town">' in html
    assert "(obbligatorio)" in html
    assert 'class="form-control"' in html


def test_optional_fields_and_choices() -> None:
    """Optional fields carry no mark, choices stand in a fieldset with its legend."""
    form = Sample()
    assert "(obbligatorio)" not in drawn("{% field form.kind %}", form=form)
    assert 'class="form-select"' in drawn("{% field form.kind %}", form=form)
    several = drawn("{% field form.both %}", form=form)
    assert several.count("<input") == several.count("<label") == 2
    assert "<legend>Entrambi" in several
    assert "form-control" not in drawn("{% field form.agreed %}", form=form)


def test_the_summary_links_to_each_wrong_field() -> None:
    """On top of the form, every error leads to its field."""
    form = Sample({"both": ["a"], "agreed": "on"})
    form.add_error(None, "Nel complesso <no>")
    html = drawn("{{ form }}", form=form)
    assert '<a href="#id_town">Comune</a>' in html
    assert "Nel complesso &lt;no&gt;" in html
    assert "Ci sono 2 problemi:" in html
    assert html.index("trebbo-errors") < html.index('name="town"')
    assert "trebbo-errors" not in drawn("{{ form }}", form=Sample())


def test_pagination_keeps_the_rest_of_the_address() -> None:
    """Links to other pages carry the filters; a list of one page has none."""
    request = RequestFactory().get("/it/directory/?q=a%26b&kind=sme&kind=other&page=7")
    page = Paginator(range(100), 10).get_page(7)
    html = drawn("{% pagination page_obj %}", page_obj=page, request=request)
    assert 'href="?q=a%26b&amp;kind=sme&amp;kind=other&amp;page=8"' in html
    assert html.count('aria-current="page"') == 1
    assert (
        drawn(
            "{% pagination page_obj %}",
            page_obj=Paginator(range(3), 10).get_page(1),
            request=request,
        )
        == ""
    )
