"""Reads what came of a member's requests, and of those in which a member was asked."""

from dataclasses import dataclass

from django.db.models import Case, Count, IntegerField, Prefetch, Q, QuerySet, Value, When

from trebbo.ecosystem.organisations.models import Profile
from trebbo.ecosystem.organisations.policies import edit_profile
from trebbo.kernel.access import Viewer
from trebbo.partnering.introductions.choices import IntroductionState
from trebbo.partnering.introductions.models import Ask, Introduction
from trebbo.partnering.introductions.policies import view_ask, view_introduction


@dataclass(frozen=True, slots=True)
class Requests:
    """Whose requests; how many introductions they led to by state; who asked the other way."""

    profile: Profile | None
    asks: QuerySet[Ask]
    asked: QuerySet[Introduction]
    by_state: tuple[tuple[str, int], ...]

    @property
    def total(self) -> int:
        """How many introductions the asks led to."""
        return sum(count for _label, count in self.by_state)


def my_requests(*, viewer: Viewer) -> Requests:
    """What the viewer and the bodies they act for asked, and in what they were asked."""
    acts_for = list(viewer.mandates)
    asks = Ask.objects.filter(Q(owner=viewer.person_id or 0) | Q(asker__in=acts_for))
    asked = Introduction.objects.filter(Q(contact=viewer.person_id or 0) | Q(profile__in=acts_for))
    return _requests(asks, asked, viewer, None)


def requests_of(slug: str, *, viewer: Viewer) -> Requests | None:
    """The same of one body, for those who may edit its profile; else None."""
    profile = edit_profile.filter(viewer, Profile.objects.filter(slug=slug)).first()
    if profile is None:
        return None
    asks = Ask.objects.filter(asker=profile)
    asked = Introduction.objects.filter(profile=profile)
    return _requests(asks, asked, viewer, profile)


def _requests(
    asks: QuerySet[Ask],
    asked: QuerySet[Introduction],
    viewer: Viewer,
    profile: Profile | None,
) -> Requests:
    seen = view_introduction.filter(viewer, Introduction.objects.all())
    made = seen.select_related("owner").order_by("-changed_at", "-pk")
    own = view_ask.filter(viewer, asks)
    counted = seen.filter(ask__in=own.values("pk")).order_by().values_list("state")
    states = dict(counted.annotate(Count("pk")))
    waits_first = Case(
        When(state=IntroductionState.ASKED, then=Value(0)),
        default=Value(1),
        output_field=IntegerField(),
    )
    return Requests(
        profile=profile,
        asks=own.select_related("asker", "owner")
        .prefetch_related(Prefetch("introductions", made))
        .order_by("-changed_at", "-pk"),
        asked=view_introduction.filter(viewer, asked)
        .select_related("ask__asker", "profile")
        .order_by(waits_first, "-changed_at", "-pk"),
        by_state=tuple(
            (str(state.label), states[state.value])
            for state in IntroductionState
            if state.value in states
        ),
    )
