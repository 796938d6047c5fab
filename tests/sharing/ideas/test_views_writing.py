"""Two people change an idea at once: what is different is shown, and nothing else."""

import re
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from html import unescape
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.factories.vocabularies import ConceptFactory
from tests.sharing.ideas.desk import Desk
from tests.sharing.ideas.test_views import sign_in
from trebbo.ecosystem.vocabularies.models import Concept
from trebbo.sharing.ideas import actions
from trebbo.sharing.ideas.models import Idea

pytestmark = pytest.mark.django_db

DEADLINE = datetime(2030, 12, 31, 12, 0, tzinfo=ZoneInfo("Europe/Rome"))
WORDS = actions.IdeaWords(
    title_it="Titolo",
    text_it="Prima riga.\nSeconda riga.",
    names_owner=True,
    budget=Decimal("12500.50"),
    trl=4,
    deadline_at=DEADLINE,
    partners=(("clinico", "clinician"), ("produttore", "")),
)
SENT = {
    "title_it": "Titolo",
    "text_it": "Prima riga.\r\nSeconda riga.",
    "names_owner": "on",
    "budget": "12.500,50",
    "trl": "4",
    "deadline_at": "2030-12-31T12:00",
    "partners": "clinico | clinician\r\nproduttore",
}


def change(desk: Desk, idea: Idea, **words: Any) -> None:
    """What a colleague saves meanwhile."""
    actions.change_idea(
        actor=desk.as_(desk.hana),
        idea_id=idea.pk,
        version=desk.now(idea).version,
        words=replace(WORDS, **words),
    )


def differences(page: str) -> dict[str, tuple[str, str]]:
    """Theirs and mine, by what the field is called."""
    found = {}
    for part in re.findall(r'<fieldset class="trebbo-difference">(.*?)</fieldset>', page, re.S):
        label, *both = re.findall(r"<legend>(.*?)</legend>|</strong>(.*?)</p>", part, re.S)
        theirs, mine = (" ".join(unescape(re.sub("<[^>]+>", " ", one[1])).split()) for one in both)
        found[unescape(label[0])] = (theirs, mine)
    return found


def two_at_once(sent: dict[str, Any], **theirs: Any) -> tuple[Desk, Idea, Any]:
    """One person has the form open while a colleague saves; then they send theirs."""
    desk = Desk()
    idea = desk.draft()
    change(desk, idea)
    version = desk.now(idea).version
    change(desk, idea, **theirs)
    client = sign_in(desk.hana)
    return desk, idea, client.post(f"/it/ideas/{idea.pk}/edit/", {**sent, "version": version})


def test_what_is_the_same_in_other_marks_is_no_difference() -> None:
    _desk, _idea, answer = two_at_once(SENT, reward_it="Un premio")
    assert answer.status_code == 409
    assert differences(answer.content.decode()) == {"Premio": ("Un premio", "nulla")}


def test_partners_and_fields_are_among_the_differences() -> None:
    chosen = ConceptFactory(scheme__code="euroscivoc", label_it="Biomateriali")
    _desk, _idea, answer = two_at_once(
        {**SENT, "deadline_at": "2030-12-31T18:00", "names_owner": ""},
        partners=(("statistico", ""),),
        field_ids=(chosen.pk,),
    )
    assert answer.status_code == 409
    assert differences(answer.content.decode()) == {
        "L'anteprima dice di chi è l'idea": ("sì", "no"),
        "Scadenza per le risposte": ("31/12/2030, 12:00", "31/12/2030, 18:00"),
        "Partner cercati": ("statistico", "clinico | clinician produttore"),
        "Ambiti": ("Biomateriali", "nulla"),
    }


def test_what_they_wrote_is_taken_where_one_says_so() -> None:
    chosen = ConceptFactory(scheme__code="euroscivoc")
    desk, idea, answer = two_at_once(
        {**SENT, "title_it": "Titolo mio"},
        title_it="Titolo loro",
        text_it="Testo loro.\nSu due righe.",
        names_owner=False,
        budget=None,
        deadline_at=DEADLINE.replace(hour=20),
        partners=(("statistico", "statistician"),),
        field_ids=(chosen.pk,),
    )
    took = ("text_it", "names_owner", "budget", "deadline_at", "partners", "topics")
    again = {
        **SENT,
        "title_it": "Titolo mio",
        "version": desk.now(idea).version,
        **{f"theirs-{name}": "1" for name in took},
    }
    shown = answer.content.decode()
    assert all(f'name="theirs-{name}"' in shown for name in took)
    saved = sign_in(desk.hana).post(f"/it/ideas/{idea.pk}/edit/", again)
    assert saved.status_code == 302
    kept = desk.now(idea)
    assert (kept.title_it, kept.text_it) == ("Titolo mio", "Testo loro.\nSu due righe.")
    assert (kept.names_owner, kept.budget, kept.trl) == (False, None, 4)
    assert kept.deadline_at == DEADLINE.replace(hour=20)
    roles = kept.partners_sought.values_list("role_it", "role_en")
    assert list(roles) == [("statistico", "statistician")]
    assert list(kept.fields.all()) == [Concept.objects.get(pk=chosen.pk)]
