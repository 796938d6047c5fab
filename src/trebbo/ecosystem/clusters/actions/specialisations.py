"""Specialisations of the territory, and published figures about anything in this area."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from functools import partial

from django.db import IntegrityError, transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from trebbo.ecosystem.clusters.actions.facts import FactRefused
from trebbo.ecosystem.clusters.choices import (
    FigureKind,
    FigureQualifier,
    FigureUnit,
    SpecialisationKind,
)
from trebbo.ecosystem.clusters.events import membership_changed
from trebbo.ecosystem.clusters.models import (
    Cluster,
    Figure,
    Network,
    Specialisation,
    SpecialisationPlace,
    ValueChain,
)
from trebbo.ecosystem.clusters.policies import (
    coordinate_network,
    manage_cluster,
    manage_specialisation,
    manage_value_chain,
)
from trebbo.ecosystem.organisations.choices import Standing
from trebbo.ecosystem.organisations.models import Profile
from trebbo.ecosystem.vocabularies.models import Concept, Municipality, Territory
from trebbo.kernel.access import Viewer
from trebbo.kernel.audit import record


class SpecialisationRefused(FactRefused):
    """The specialisation cannot be named or filled as asked."""


class FigureRefused(FactRefused):
    """The figure cannot be recorded as it was given."""


@transaction.atomic
def name_specialisation(
    *,
    actor: Viewer,
    slug: str,
    kind: str = SpecialisationKind.DISTRICT,
    name_it: str,
    name_en: str,
    territory: Territory,
    description_it: str = "",
    description_en: str = "",
    municipalities: Iterable[Municipality] = (),
    fields: Iterable[Concept] = (),
    source: str = "",
    standing: str = Standing.VERIFIED,
) -> Specialisation:
    """Name a district or sector of the territory, with its towns and fields (an agency)."""
    manage_specialisation.demand(actor, Specialisation(), _agency_only())
    words = SpecialisationRefused.unless_fitting(
        Specialisation,
        name_it=name_it,
        name_en=name_en,
        description_it=description_it,
        description_en=description_en,
        source=source,
    )
    if Specialisation.objects.filter(slug=slug).exists():
        message = _("This address is taken.")
        raise SpecialisationRefused(message, {"slug": message})
    specialisation = Specialisation.objects.create(
        slug=slug, kind=kind, territory=territory, standing=standing, **words
    )
    specialisation.municipalities.set(municipalities)
    specialisation.fields.set(fields)
    record(actor=actor, verb="name_specialisation", subject=specialisation)
    return specialisation


def place_in_specialisation(
    *,
    actor: Viewer,
    specialisation: Specialisation,
    profile: Profile,
    valid_from: date | None = None,
    valid_until: date | None = None,
    evidence_it: str = "",
    evidence_en: str = "",
    source: str = "",
    standing: str = Standing.VERIFIED,
) -> SpecialisationPlace:
    """Say that an organisation or unit belongs to a specialisation, and why; each once."""
    manage_specialisation.demand(actor, specialisation, _agency_only())
    SpecialisationRefused.unless_ordered(valid_from, valid_until)
    words = SpecialisationRefused.unless_fitting(
        SpecialisationPlace, evidence_it=evidence_it, evidence_en=evidence_en, source=source
    )
    try:
        with transaction.atomic():
            place = SpecialisationPlace.objects.create(
                specialisation=specialisation,
                profile=profile,
                valid_from=valid_from,
                valid_until=valid_until,
                standing=standing,
                **words,
            )
            record(
                actor=actor,
                verb="place_in_specialisation",
                subject=specialisation,
                changes={"member": (None, profile)},
            )
            transaction.on_commit(
                partial(membership_changed.send, sender=SpecialisationPlace, profile_id=profile.pk)
            )
    except IntegrityError as error:
        message = _("%(name)s is already there.") % {"name": profile.title}
        raise SpecialisationRefused(message, {"profile": message}) from error
    return place


@transaction.atomic
def record_figure(
    *,
    actor: Viewer,
    about: Network | Cluster | ValueChain | Specialisation,
    label_it: str,
    label_en: str,
    amount: Decimal | int,
    unit: str = FigureUnit.COUNT,
    qualifier: str = FigureQualifier.EXACTLY,
    as_of: str = "",
    kind: str = FigureKind.FIGURE,
    kinds: Iterable[str] = (),
    note_it: str = "",
    note_en: str = "",
    position: int = 0,
    source: str = "",
    standing: str = Standing.VERIFIED,
) -> Figure:
    """Quote a published number as of a year or day ("2022", "2022-12-31"; blank where not known).

    Figures with the same English label at several dates become a line; those of kind `composition`
    become bars, and name the kinds of bodies that they cover. Refuses a negative amount.
    """
    _demand_right(actor, about)
    words = FigureRefused.unless_fitting(
        Figure,
        label_it=label_it,
        label_en=label_en,
        as_of=as_of,
        kinds="|".join(kinds),
        note_it=note_it,
        note_en=note_en,
        source=source,
    )
    if amount < 0:
        message = _("A published figure cannot be negative.")
        raise FigureRefused(message, {"amount": message})
    figure = Figure.objects.create(
        network=about if isinstance(about, Network) else None,
        cluster=about if isinstance(about, Cluster) else None,
        value_chain=about if isinstance(about, ValueChain) else None,
        specialisation=about if isinstance(about, Specialisation) else None,
        measure=slugify(words["label_en"])[:200],
        amount=Decimal(amount),
        unit=unit,
        qualifier=qualifier,
        kind=kind,
        position=position,
        standing=standing,
        **words,
    )
    record(
        actor=actor,
        verb="record_figure",
        subject=about.profile_ptr if isinstance(about, Cluster) else about,
        changes={"figure": (None, f"{figure.label}: {figure.value} ({figure.as_of})")},
    )
    return figure


def _demand_right(actor: Viewer, about: Network | Cluster | ValueChain | Specialisation) -> None:
    if isinstance(about, Network):
        coordinate_network.demand(actor, about, _agency_only())
    elif isinstance(about, Cluster):
        manage_cluster.demand(actor, about, _("Only the office of the cluster records figures."))
    elif isinstance(about, ValueChain):
        manage_value_chain.demand(
            actor, about, _("Only the office or the chair records figures of a value chain.")
        )
    else:
        manage_specialisation.demand(actor, about, _agency_only())


def _agency_only() -> str:
    return _("Only the agency of a network can do this.")
