"""The skills of the demonstration: what facts and projects give real bodies, and made-up wishes."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from trebbo.demo import personas
from trebbo.demo.builder import Row, leave_out_if_refused, rows
from trebbo.demo.marks import marked
from trebbo.demo.personas import persona_viewer
from trebbo.ecosystem.clusters.models import Membership
from trebbo.ecosystem.organisations.choices import ProfileType, Standing
from trebbo.ecosystem.organisations.models import Profile
from trebbo.ecosystem.vocabularies.models import Concept
from trebbo.kernel.access import Viewer, installation
from trebbo.partnering.introductions.actions import gather_news
from trebbo.sharing.skills import actions
from trebbo.sharing.skills.choices import Decision, Direction, Origin
from trebbo.sharing.skills.models import Competence, Suggestion
from trebbo.sharing.skills.queries import fields_of_projects

BY_PROJECTS = "CORDIS, Publications Office of the European Union"
MOST_BY_PROJECTS, PROJECTS_NAMED = 8, 5
ACCEPTED, REFUSED = 3, 1
"""Of the suggestions to each body for which a persona acts; the others wait."""
SEPARATOR = "|"


def are_there() -> bool:
    """Whether any body has a competence: one of these, or of whoever looked around since."""
    return Competence.objects.exists()


def bring_in(now: datetime | None = None) -> None:
    """State what facts and projects give the laboratories and members, and what personas wish.

    Nobody of the real bodies said any of it: what is inferred says so, is confirmed by nobody and
    names its source; the rest is synthetic and says so. Bodies for which a persona acts have it
    suggested instead. The caller builds the search index afterwards.
    """
    moment = now or timezone.now()
    with gather_news(actor=installation(moment)), transaction.atomic():
        filler = _Filler(moment)
        for profile in _laboratories_and_members():
            leave_out_if_refused(filler.infer, profile)
        for profile_id in filler.led:
            leave_out_if_refused(filler.suggest, profile_id)
        for table, write in (("skills_sought", filler.seek), ("training", filler.offer)):
            for row in rows(table):
                leave_out_if_refused(write, row)


def _laboratories_and_members() -> QuerySet[Profile]:
    """The profiles for which nobody acts yet."""
    member = Exists(Membership.objects.filter(profile=OuterRef("pk")))
    wanted = Q(type=ProfileType.UNIT) | (Q(type=ProfileType.ORGANISATION) & Q(member))
    return Profile.objects.filter(wanted, mandates__isnull=True).order_by("pk")


class _Filler:
    """States competences one body after the other, as the agency or as the persona of a row."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.led = {
            profile.pk: persona.key
            for persona in personas.PERSONAS
            for slug, _role in persona.mandates
            for profile in Profile.objects.filter(slug=slug)
        }

    @cached_property
    def agency(self) -> Viewer:
        """The agency; where its account is gone, what it would do is left out."""
        return persona_viewer(personas.AGENCY.key, now=self.now)

    def infer(self, profile: Profile) -> None:
        """What the published fields of a body and its funded projects say that it can do."""
        for concept_id, told in _inferred(profile, self.agency):
            actions.state_competence(
                actor=self.agency,
                profile_id=profile.pk,
                concept_id=concept_id,
                direction=Direction.OFFERED,
                standing=Standing.INFERRED,
                confirm=False,
                **told,
            )

    def suggest(self, profile_id: int) -> None:
        """A persona accepts some of what is suggested and refuses some; the rest waits."""
        actions.suggest_competences(actor=installation(self.now), profile_id=profile_id)
        waiting = Suggestion.objects.filter(profile=profile_id).order_by("-score", "pk")
        actor = self._actor(self.led[profile_id])
        chosen = list(waiting.values_list("pk", flat=True)[: ACCEPTED + REFUSED])
        for place, key in enumerate(chosen):
            decision = Decision.ACCEPTED if place < ACCEPTED else Decision.REFUSED
            actions.decide_suggestion(actor=actor, suggestion_id=key, decision=decision)
        made = Competence.objects.filter(profile=profile_id, direction=Direction.OFFERED)
        made.update(standing=Standing.SYNTHETIC)

    def seek(self, row: Row) -> None:
        """A persona says what its body looks for."""
        field = row["field"]
        concepts = Concept.objects.filter(scheme__code="euroscivoc")
        actions.state_competence(
            actor=self._actor(row["persona"]),
            profile_id=Profile.objects.get(slug=row["profile"]).pk,
            concept_id=concepts.get(code=field).pk if field else None,
            term_it=row["term_it"],
            term_en=row["term_en"],
            direction=Direction.SOUGHT,
            level=int(row["level"]),
            note_it=marked(row["note_it"]),
            note_en=marked(row["note_en"], "en"),
            source=row["source"],
            standing=Standing.SYNTHETIC,
        )

    def offer(self, row: Row) -> None:
        """A persona offers training to people."""
        codes = list(filter(None, row["fields"].split(SEPARATOR)))
        concepts = Concept.objects.filter(scheme__code="euroscivoc", code__in=codes)
        actions.offer_training(
            actor=self._actor(row["persona"]),
            profile_id=Profile.objects.get(slug=row["profile"]).pk,
            field_ids=concepts.values_list("pk", flat=True),
            kind=row["kind"],
            title_it=marked(row["title_it"]),
            title_en=marked(row["title_en"], "en"),
            description_it=marked(row["description_it"]),
            description_en=marked(row["description_en"], "en"),
            hours=int(row["hours"]) if row["hours"] else None,
            places=int(row["places"]) if row["places"] else None,
            valid_from=self._day(row["starts_days"]),
            valid_until=self._day(row["ends_days"]),
            apply_by=self._day(row["apply_days"]),
            source=row["source"],
            standing=Standing.SYNTHETIC,
        )

    def _actor(self, key: str) -> Viewer:
        return persona_viewer(key, now=self.now)

    def _day(self, days: str) -> date:
        return self.agency.today + timedelta(days=int(days))


def _inferred(profile: Profile, viewer: Viewer) -> Iterator[tuple[int, dict[str, Any]]]:
    """Concepts with what they rest on: projects, the most first; then the body's own fields."""
    projects: dict[int, list[int]] = {}
    for told in fields_of_projects(profile, viewer=viewer):
        projects.setdefault(told.concept_id, []).append(told.project_id)
    most = sorted(projects, key=lambda key: (-len(projects[key]), key))[:MOST_BY_PROJECTS]
    for key in most:
        proofs = actions.Proofs(projects=tuple(projects[key][:PROJECTS_NAMED]))
        yield key, {"origin": Origin.EVIDENCE, "source": BY_PROJECTS, "proofs": proofs}
    for concept in profile.fields.order_by("pk"):
        if concept.pk not in most:
            yield concept.pk, {"origin": Origin.TEXT, "source": profile.source}
