"""Says whose each participation is: from settled links, and from what people said."""

from collections.abc import Iterable, Iterator
from functools import partial
from itertools import islice

from django.db import transaction
from django.db.models import BigIntegerField, Case, Exists, F, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce

from trebbo.ecosystem.evidence.choices import SETTLED, LinkState
from trebbo.ecosystem.evidence.events import evidence_changed
from trebbo.ecosystem.evidence.models import Link, Participation, Statement
from trebbo.ecosystem.organisations.models import Unit
from trebbo.kernel.access import Viewer

AT_ONCE = 500


@transaction.atomic
def attribute(*, actor: Viewer, body_ids: Iterable[int] | None = None) -> frozenset[int]:
    """Bring `Participation.profile` up to date for these bodies, or for all of them.

    A participation is its body's profile's; where the name stands for several bodies, whose an
    office said; and in both cases of the unit to which the member gave it. Returns the profiles
    that gained or lost something, and sends their news on commit.
    """
    concerned: set[int] = set()
    for chosen in _chosen(body_ids):
        rows = chosen.annotate(whose_now=_whose())
        wrong = rows.filter(
            ~Q(profile=F("whose_now"))
            | Q(profile__isnull=True, whose_now__isnull=False)
            | Q(profile__isnull=False, whose_now__isnull=True)
        )
        before_and_after = list(wrong.values_list("pk", "profile", "whose_now"))
        for pks in _by(AT_ONCE, (pk for pk, _before, _after in before_and_after)):
            Participation.objects.filter(pk__in=pks).update(profile=_whose())
        for _pk, before, after in before_and_after:
            concerned |= {before, after} - {None}
    for profile_id in sorted(concerned):
        transaction.on_commit(
            partial(evidence_changed.send, sender=Participation, profile_id=profile_id)
        )
    return frozenset(concerned)


def _chosen(body_ids: Iterable[int] | None) -> Iterator[QuerySet[Participation]]:
    """The participations to look at; of all bodies, only those with a link or already given."""
    if body_ids is None:
        linked = Link.objects.filter(
            body=OuterRef("body"), state__in=(*SETTLED, LinkState.SPLIT), profile__isnull=False
        )
        yield Participation.objects.filter(Q(Exists(linked)) | Q(profile__isnull=False))
        return
    for ids in _by(AT_ONCE, body_ids):
        yield Participation.objects.filter(body__in=ids)


def _whose() -> Coalesce:
    """Whose the outer participation is, as an expression; null for nobody's."""
    of_body = Link.objects.filter(body=OuterRef("body"), profile__isnull=False)
    settled = of_body.filter(state__in=SETTLED).values("profile")[:1]
    is_split = Exists(of_body.filter(state=LinkState.SPLIT))
    number = BigIntegerField()
    base = Case(When(is_split, then=F("given_to")), default=Subquery(settled), output_field=number)
    # A unit speaks for itself only while its organisation is the one whose the projects are.
    own_unit = Unit.objects.filter(pk=OuterRef("done_by"), organisation=OuterRef("profile"))
    theirs = Link.objects.filter(
        body=OuterRef("participation__body"), profile=OuterRef("profile"), state__in=SETTLED
    )
    given = Statement.objects.filter(
        Exists(own_unit),
        Q(Exists(theirs)) | Q(participation__given_to=F("profile")),
        participation=OuterRef("pk"),
        done_by__isnull=False,
    )
    unit = Subquery(given.order_by("-said_at").values("done_by")[:1], output_field=number)
    return Coalesce(unit, base, output_field=number)


def _by(size: int, ids: Iterable[int]) -> Iterator[list[int]]:
    rest = iter(ids)
    while some := list(islice(rest, size)):
        yield some
