"""Gives a linked profile the identifier by which the evidence knows it, and takes it back."""

from collections import defaultdict
from collections.abc import Iterable

from django.db import transaction
from django.db.models import Q
from django.utils import translation

from trebbo.ecosystem.evidence.choices import GIVEN_BY_LINK, PUBLISHERS, Dataset
from trebbo.ecosystem.evidence.models import Import, Link
from trebbo.ecosystem.organisations.actions.changes import touch
from trebbo.ecosystem.organisations.actions.identifiers import IdentifierRefused, identifier_value
from trebbo.ecosystem.organisations.choices import IdentifierScheme, Standing
from trebbo.ecosystem.organisations.models import Identifier, Profile
from trebbo.kernel.access import Viewer


@transaction.atomic
def give_identifiers(*, actor: Viewer, links: Iterable[Link]) -> int:
    """Give each linked profile its body's PIC or ROR, from the dataset and edition that tells it.

    An identifier that some profile holds already is left where it is, and so is one that is not
    of its register's form. Returns how many were given.
    """
    known = {link.body_id: link for link in links}
    rows = Link.objects.filter(pk__in=[link.pk for link in known.values()], profile__isnull=False)
    wanted: dict[int, list[Identifier]] = defaultdict(list)
    for link in rows.select_related("body__last_import").order_by("pk"):
        identifier = _identifier(link)
        if identifier is not None:
            wanted[identifier.profile_id].append(identifier)
    taken = _taken(one for given in wanted.values() for one in given)
    profiles = Profile.objects.in_bulk(list(wanted))
    given = 0
    for profile_id, identifiers in wanted.items():
        new = [one for one in identifiers if (one.scheme, one.value) not in taken]
        if not new:
            continue
        taken |= {(one.scheme, one.value) for one in new}
        Identifier.objects.bulk_create(new, ignore_conflicts=True)
        touch(
            actor=actor,
            profile=profiles[profile_id],
            verb="give_identifier",
            changes={"identifier": ("", new if len(new) > 1 else new[0])},
        )
        given += len(new)
    return given


@transaction.atomic
def take_identifiers_back(*, actor: Viewer, links: Iterable[Link]) -> int:
    """Take from the profiles the identifiers that these links gave; returns how many."""
    endings = Q(pk__in=())
    for link in links:
        endings |= Q(profile=link.profile_id, source__endswith=f"{GIVEN_BY_LINK}{link.pk}")
    rows = list(Identifier.objects.filter(endings).select_related("profile"))
    for identifier in rows:
        touch(
            actor=actor,
            profile=identifier.profile,
            verb="take_identifier_back",
            changes={"identifier": (identifier, "")},
        )
    Identifier.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return len(rows)


def _identifier(link: Link) -> Identifier | None:
    body = link.body
    if body.scheme not in IdentifierScheme.values or link.profile_id is None:
        return None
    scheme = IdentifierScheme(body.scheme)
    try:
        value = identifier_value(scheme, body.key)
    except IdentifierRefused:
        return None
    return Identifier(
        profile_id=link.profile_id,
        scheme=scheme,
        value=value,
        source=f"{_edition(body.last_import)}{GIVEN_BY_LINK}{link.pk}",
        standing=Standing.VERIFIED if link.decided_at else Standing.INFERRED,
    )


def _edition(imported: Import) -> str:
    """The dataset and its edition, as sources of the registry name them: in English."""
    with translation.override("en"):
        dataset = Dataset(imported.dataset)
        words = f"{PUBLISHERS[dataset].name}: {dataset.label}"
    day = imported.edition_date
    return f"{words}, edition of {day:%Y-%m-%d}" if day else words


def _taken(identifiers: Iterable[Identifier]) -> set[tuple[str, str]]:
    values: dict[str, set[str]] = defaultdict(set)
    for one in identifiers:
        values[one.scheme].add(one.value)
    condition = Q(pk__in=())
    for scheme, among in values.items():
        condition |= Q(scheme=scheme, value__in=among)
    return set(Identifier.objects.filter(condition).values_list("scheme", "value"))
