"""Districts and sectors: where, who, and the published figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet

from trebbo.ecosystem.clusters.models import Specialisation, SpecialisationPlace
from trebbo.ecosystem.clusters.queries.composition import described
from trebbo.ecosystem.clusters.queries.figures import Figures, figures_where
from trebbo.ecosystem.organisations.models import holding_on
from trebbo.ecosystem.organisations.policies import seen_by
from trebbo.ecosystem.vocabularies.models import Concept, Municipality
from trebbo.kernel.access import Viewer


@dataclass(frozen=True, slots=True)
class SpecialisationPage:
    """What the page of a district or sector shows; `places` is unpaged, by name."""

    specialisation: Specialisation
    towns: Sequence[Municipality]
    fields: Sequence[Concept]
    places: QuerySet[Any]
    figures: Figures


def visible_places(*, viewer: Viewer) -> QuerySet[SpecialisationPlace]:
    """Today's places of profiles that the viewer may see."""
    return SpecialisationPlace.objects.filter(holding_on(viewer.today), seen_by(viewer, "profile"))


def named_specialisations(*, viewer: Viewer) -> QuerySet[Any]:
    """All districts and sectors, with how many bodies the viewer may see in each (`bodies`)."""
    places = visible_places(viewer=viewer)
    return (
        Specialisation.objects.select_related("territory")
        .annotate(bodies=Count("places", filter=Q(places__in=places)))
        .order_by("kind", "name_it")
    )


def specialisation_page(slug: str, *, viewer: Viewer) -> SpecialisationPage:
    """The district or sector in four queries; raises `Specialisation.DoesNotExist`."""
    specialisation = Specialisation.objects.select_related("territory").get(slug=slug)
    places = visible_places(viewer=viewer).filter(specialisation=specialisation)
    return SpecialisationPage(
        specialisation=specialisation,
        towns=list(specialisation.municipalities.order_by("name")),
        fields=list(specialisation.fields.order_by("position", "pk")),
        places=described(places, day=viewer.today)
        .select_related("profile")
        .order_by("profile__sort_name", "pk"),
        figures=figures_where(Q(specialisation=specialisation)),
    )
