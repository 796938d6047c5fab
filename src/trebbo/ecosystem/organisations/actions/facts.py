"""Dated facts about an organisation: kind, size, parents, accreditation."""

from datetime import date, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from trebbo.ecosystem.organisations.actions.changes import demand_edit, locked_profile, touch
from trebbo.ecosystem.organisations.actions.wording import check_period, short_text
from trebbo.ecosystem.organisations.choices import Kind, ParentageKind, SizeClass, Standing
from trebbo.ecosystem.organisations.gateway import computed_size
from trebbo.ecosystem.organisations.models import (
    Accreditation,
    KindPeriod,
    Organisation,
    Parentage,
    Profile,
    SizePeriod,
)
from trebbo.ecosystem.organisations.policies import accredit_profile
from trebbo.kernel.access import Viewer
from trebbo.kernel.errors import Refusal

FIRST_YEAR = 1990


class FactRefused(Refusal):
    """The fact contradicts itself or another fact."""


@transaction.atomic
def set_kind(
    *,
    actor: Viewer,
    organisation_id: int,
    kind: str,
    valid_from: date | None = None,
    source: str = "",
    standing: str = Standing.VERIFIED,
) -> KindPeriod:
    """Say what kind of body the organisation is from a day (today's if not given) on.

    The kind before holds until the day before; the same day again corrects it. Refuses a day
    before the present kind began.
    """
    organisation = _organisation(actor, organisation_id)
    wanted = Kind(kind)
    present = organisation.kinds.filter(valid_until__isnull=True).first()
    if present is not None and present.kind == wanted:
        return present
    start = valid_from if present is None else (valid_from or actor.today)
    before = present.kind if present else ""
    fact = KindPeriod(
        organisation=organisation,
        kind=wanted,
        valid_from=start,
        source=short_text("source", source, limit=1000),
        standing=Standing(standing),
    )
    if present is not None and start is not None:
        _close_kind(present, start)
    fact.save()
    touch(actor=actor, profile=organisation, verb="set_kind", changes={"kind": (before, wanted)})
    return fact


@transaction.atomic
def state_size(
    *,
    actor: Viewer,
    organisation_id: int,
    year: int | None = None,
    size: str = "",
    headcount: Decimal | None = None,
    turnover: Decimal | None = None,
    balance: Decimal | None = None,
    source: str = "",
    standing: str = Standing.VERIFIED,
) -> SizePeriod:
    """State the size class in a year: computed from the figures, or as `source` says.

    `headcount` is in annual work units, money in euro (Recommendation 2003/361/EC, Annex,
    article 2). Figures of the same year are replaced. Refuses figures below zero, a class that
    the figures contradict, and a class with neither figures nor source.
    """
    organisation = _organisation(actor, organisation_id)
    _check_year(actor, year)
    figures = {"headcount": headcount, "turnover": turnover, "balance": balance}
    fact = organisation.sizes.filter(year=year).first()
    before = fact.size if fact else ""
    fact = fact or SizePeriod(organisation=organisation, year=year)
    fact.source = short_text("source", source, limit=1000)
    fact.size = _agreed_size(size, figures, fact.source)
    fact.headcount, fact.turnover, fact.balance = headcount, turnover, balance
    fact.standing = Standing(standing)
    fact.save()
    changes = {"size": (before, fact.size), "year": ("", year)}
    touch(actor=actor, profile=organisation, verb="state_size", changes=changes)
    return fact


@transaction.atomic
def add_parent(
    *,
    actor: Viewer,
    child_id: int,
    parent_id: int,
    kind: str,
    valid_from: date | None = None,
    valid_until: date | None = None,
    source: str = "",
    standing: str = Standing.VERIFIED,
) -> Parentage:
    """Say that one organisation belongs to another.

    Refuses an organisation as its own ancestor, a repetition, and an end before the start.
    """
    child = _organisation(actor, child_id)
    parent = Organisation.objects.get(pk=parent_id)
    check_period(valid_from, valid_until)
    if child.pk in _with_ancestors(parent.pk):
        message = _("“%(parent)s” already belongs to “%(child)s”: it cannot also be above it.")
        if child.pk == parent.pk:
            message = _("An organisation cannot belong to itself.")
        words = message % {"parent": parent.title, "child": child.title}
        raise FactRefused(words, {"parent": words})
    if Parentage.objects.filter(child=child, parent=parent, kind=kind).exists():
        words = _("This tie is already recorded.")
        raise FactRefused(words, {"parent": words})
    fact = Parentage.objects.create(
        child=child,
        parent=parent,
        kind=ParentageKind(kind),
        valid_from=valid_from,
        valid_until=valid_until,
        source=short_text("source", source, limit=1000),
        standing=Standing(standing),
    )
    touch(actor=actor, profile=child, verb="add_parent", changes={"parent": ("", parent)})
    return fact


@transaction.atomic
def end_parent(*, actor: Viewer, parentage_id: int, valid_until: date) -> Parentage:
    """Say when an organisation ceased to belong to another; the fact stays in its history."""
    fact = Parentage.objects.select_related("child", "parent").get(pk=parentage_id)
    demand_edit(actor, fact.child)
    check_period(fact.valid_from, valid_until)
    fact.valid_until = valid_until
    fact.save(update_fields=["valid_until"])
    changes = {"parent": (fact.parent, ""), "valid_until": ("", valid_until)}
    touch(actor=actor, profile=fact.child, verb="end_parent", changes=changes)
    return fact


@transaction.atomic
def accredit(
    *,
    actor: Viewer,
    profile_id: int,
    valid_from: date | None = None,
    valid_until: date | None = None,
    act: str = "",
    note_it: str = "",
    note_en: str = "",
    source: str = "",
    standing: str = Standing.VERIFIED,
) -> Accreditation:
    """Record that a body is accredited in the High Technology Network; for the agency.

    Unknown dates stay blank. Refuses an end before the start.
    """
    profile = locked_profile(profile_id)
    _demand_accredit(actor, profile)
    check_period(valid_from, valid_until)
    fact = Accreditation.objects.create(
        profile=profile,
        valid_from=valid_from,
        valid_until=valid_until,
        act=short_text("act", act, limit=200),
        note_it=short_text("notes_it", note_it, limit=500),
        note_en=short_text("notes_en", note_en, limit=500),
        source=short_text("source", source, limit=1000),
        standing=Standing(standing),
    )
    changes = {"valid_from": ("", valid_from), "valid_until": ("", valid_until)}
    touch(actor=actor, profile=profile, verb="accredit", changes=changes)
    return fact


@transaction.atomic
def end_accreditation(*, actor: Viewer, accreditation_id: int, valid_until: date) -> Accreditation:
    """Say until when an accreditation holds; for the agency."""
    fact = Accreditation.objects.select_related("profile").get(pk=accreditation_id)
    _demand_accredit(actor, fact.profile)
    check_period(fact.valid_from, valid_until)
    changes = {"valid_until": (fact.valid_until, valid_until)}
    fact.valid_until = valid_until
    fact.save(update_fields=["valid_until"])
    touch(actor=actor, profile=fact.profile, verb="end_accreditation", changes=changes)
    return fact


def _organisation(actor: Viewer, organisation_id: int) -> Organisation:
    """The organisation, held for a change, if the actor may make one."""
    demand_edit(actor, locked_profile(organisation_id))
    return Organisation.objects.get(pk=organisation_id)


def _demand_accredit(actor: Viewer, profile: Profile) -> None:
    accredit_profile.demand(actor, profile, _("Only the agency records accreditations."))


def _close_kind(present: KindPeriod, start: date) -> None:
    """End the kind before, or give way to a correction of the same day."""
    if present.valid_from == start:
        present.delete()
        return
    if present.valid_from is not None and present.valid_from > start:
        words = _("The present kind began on %(day)s: choose a later day.") % {
            "day": present.valid_from.isoformat()
        }
        raise FactRefused(words, {"valid_from": words})
    present.valid_until = start - timedelta(days=1)
    present.save(update_fields=["valid_until"])


def _check_year(actor: Viewer, year: int | None) -> None:
    if year is not None and not FIRST_YEAR <= year <= actor.today.year:
        words = _("The year must be between %(first)s and %(last)s.") % {
            "first": FIRST_YEAR,
            "last": actor.today.year,
        }
        raise FactRefused(words, {"year": words})


def _agreed_size(size: str, figures: dict[str, Decimal | None], source: str) -> SizeClass:
    """The class that follows from the figures, or the stated one where they do not decide."""
    for name, figure in figures.items():
        if figure is not None and figure < 0:
            words = _("A figure cannot be below zero.")
            raise FactRefused(words, {name: words})
    stated = SizeClass(size) if size else None
    people = figures["headcount"]
    found = (
        None if people is None else computed_size(people, figures["turnover"], figures["balance"])
    )
    if found is not None and stated not in (None, found):
        words = _("These figures make it a different class: %(size)s.") % {"size": found.label}
        raise FactRefused(words, {"size": words})
    if found is not None:
        return found
    if stated is None:
        words = _(
            "The figures are too few to tell the class: "
            "give the people and the turnover or the balance."
        )
        raise FactRefused(words, {"headcount": words})
    if not source:
        words = _("Say where the size class comes from.")
        raise FactRefused(words, {"source": words})
    return stated


def _with_ancestors(organisation_id: int) -> set[int]:
    """The organisation and all above it, however far."""
    found: set[int] = set()
    level = {organisation_id}
    while level:
        found |= level
        above = Parentage.objects.filter(child__in=level).values_list("parent", flat=True)
        level = set(above) - found
    return found
