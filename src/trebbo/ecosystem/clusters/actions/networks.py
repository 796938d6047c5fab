"""Networks and clusters: founding, editing, recognition and quality labels."""

from datetime import date
from functools import partial
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from trebbo.ecosystem.clusters.actions.facts import FactRefused
from trebbo.ecosystem.clusters.models import Cluster, Network, QualityLabel, Recognition
from trebbo.ecosystem.clusters.policies import coordinate_network, manage_cluster
from trebbo.ecosystem.organisations.actions import save_profile
from trebbo.ecosystem.organisations.actions.wording import website_address
from trebbo.ecosystem.organisations.choices import ProfileType, Standing
from trebbo.ecosystem.organisations.events import profile_changed
from trebbo.ecosystem.organisations.models import Organisation, Profile
from trebbo.ecosystem.vocabularies.models import Territory
from trebbo.kernel.access import Viewer
from trebbo.kernel.audit import record
from trebbo.kernel.errors import NotAllowed
from trebbo.kernel.text import fold

CLUSTER_FIELDS = (
    "name",
    "name_en",
    "acronym",
    "description_it",
    "description_en",
    "notes_it",
    "notes_en",
    "website",
    "statute_url",
    "field_it",
    "field_en",
    "status_it",
    "status_en",
    "founded_year",
)
"""What the office of a cluster edits on its own page, in the order in which it is shown."""

ADDRESSES = {"website", "statute_url"}
FIRST_YEAR = 1800
"""No association of this kind is older; an earlier year is a slip of the pen."""


class NetworkRefused(FactRefused):
    """The network cannot be founded or changed as asked."""


class ClusterRefused(FactRefused):
    """The cluster cannot be founded or changed as asked."""


@transaction.atomic
def found_network(
    *,
    actor: Viewer,
    slug: str,
    name_it: str,
    name_en: str,
    territory: Territory,
    description_it: str = "",
    description_en: str = "",
    agency: Organisation | None = None,
    source: str = "",
    standing: str = Standing.VERIFIED,
) -> Network:
    """A new network of clusters.

    Founded by the installation, from its command line, or by an agency that already coordinates
    another network. Refuses an address that is taken.
    """
    if not actor.agency_networks and not actor.is_installation:
        raise NotAllowed(_("Only an agency that coordinates a network can found another."))
    if Network.objects.filter(slug=slug).exists():
        raise NetworkRefused(_("This address is taken."), {"slug": _("This address is taken.")})
    words = NetworkRefused.unless_fitting(
        Network,
        name_it=name_it,
        name_en=name_en,
        description_it=description_it,
        description_en=description_en,
        source=source,
    )
    network = Network.objects.create(
        slug=slug, territory=territory, agency=agency, standing=standing, **words
    )
    record(actor=actor, verb="found_network", subject=network)
    return network


@transaction.atomic
def edit_network(*, actor: Viewer, network: Network, **changes: Any) -> Network:
    """Change the names, descriptions, agency, source or standing of a network (its agency only)."""
    coordinate_network.demand(
        actor, network, _("Only the agency of the network can change its page.")
    )
    allowed = {
        "name_it", "name_en", "description_it", "description_en", "agency", "source", "standing",
    }  # fmt: skip
    unknown = set(changes) - allowed
    if unknown:
        raise TypeError(f"not a field of a network: {sorted(unknown)}")
    kept = NetworkRefused.unless_fitting(Network, **changes)
    before = {name: getattr(network, name) for name in kept}
    for name, value in kept.items():
        setattr(network, name, value)
    network.save(update_fields=list(kept))
    record(
        actor=actor,
        verb="edit_network",
        subject=network,
        changes={n: (before[n], kept[n]) for n in kept if before[n] != kept[n]},
    )
    return network


@transaction.atomic
def found_cluster(
    *,
    actor: Viewer,
    network: Network,
    slug: str,
    code: str,
    name: str,
    name_en: str = "",
    acronym: str = "",
    field_it: str = "",
    field_en: str = "",
    territory: Territory | None = None,
    founded_year: int | None = None,
    status_it: str = "",
    status_en: str = "",
    description_it: str = "",
    description_en: str = "",
    notes_it: str = "",
    notes_en: str = "",
    website: str = "",
    statute_url: str = "",
    source: str = "",
    standing: str = Standing.VERIFIED,
) -> Cluster:
    """A new cluster of a network, by its agency; without a territory it takes the network's.

    Refuses a code or address that is taken.
    """
    coordinate_network.demand(
        actor, network, _("Only the agency of the network can add a cluster to it.")
    )
    _demand_free(slug=slug, code=code)
    words = ClusterRefused.unless_fitting(
        Cluster,
        code=code,
        name=name,
        name_en=name_en,
        acronym=acronym,
        field_it=field_it,
        field_en=field_en,
        status_it=status_it,
        status_en=status_en,
        description_it=description_it,
        description_en=description_en,
        notes_it=notes_it,
        notes_en=notes_en,
        website=website_address(website),
        statute_url=website_address(statute_url),
        source=source,
    )
    cluster = Cluster.objects.create(
        type=ProfileType.CLUSTER,
        slug=slug,
        sort_name=fold(words["name"]),
        network=network,
        territory=territory or network.territory,
        founded_year=founded_year,
        standing=standing,
        changed_at=actor.now,
        **words,
    )
    record(actor=actor, verb="found_cluster", subject=cluster.profile_ptr)
    _tell(cluster)
    return cluster


@transaction.atomic
def edit_cluster(*, actor: Viewer, cluster: Cluster, version: int, **changes: Any) -> Cluster:
    """Change what the office writes on its cluster's page (`CLUSTER_FIELDS`).

    `version` is the one that the person saw: if somebody changed one of the same fields meanwhile,
    `ProfileConflict` says what they wrote and nothing is saved.
    """
    manage_cluster.demand(actor, cluster, _("Only the office of the cluster can change its page."))
    unknown = set(changes) - set(CLUSTER_FIELDS)
    if unknown:
        raise TypeError(f"not a field of a cluster's page: {sorted(unknown)}")
    for name in ADDRESSES & set(changes):
        changes[name] = website_address(changes[name])
    kept = ClusterRefused.unless_fitting(Cluster, **changes)
    year = kept.get("founded_year")
    if year is not None and not FIRST_YEAR <= year <= actor.today.year:
        message = _("Give a year between %(first)s and %(last)s.") % {
            "first": FIRST_YEAR,
            "last": actor.today.year,
        }
        raise ClusterRefused(message, {"founded_year": message})
    if "name" in kept:
        kept["sort_name"] = fold(kept["name"])
    present = Cluster.objects.get(pk=cluster.pk)
    save_profile(actor=actor, profile=present, values=kept, version=version, verb="edit_cluster")
    return present


@transaction.atomic
def recognise_cluster(
    *,
    actor: Viewer,
    cluster: Cluster,
    authority: Organisation,
    act: str = "",
    act_date: date | None = None,
    act_year: int | None = None,
    valid_from: date | None = None,
    valid_until: date | None = None,
    note_it: str = "",
    note_en: str = "",
    source: str = "",
    standing: str = Standing.VERIFIED,
) -> Recognition:
    """Record that an authority recognised the cluster; what is not known stays blank.

    Of an old act often only the year is known: `act_year` then stands alone.
    """
    manage_cluster.demand(
        actor, cluster, _("Only the office of the cluster can record a recognition.")
    )
    ClusterRefused.unless_ordered(valid_from, valid_until)
    words = ClusterRefused.unless_fitting(
        Recognition, act=act, note_it=note_it, note_en=note_en, source=source
    )
    recognition = Recognition.objects.create(
        cluster=cluster,
        authority=authority,
        act_date=act_date,
        act_year=act_date.year if act_date else act_year,
        valid_from=valid_from,
        valid_until=valid_until,
        standing=standing,
        **words,
    )
    record(
        actor=actor,
        verb="recognise_cluster",
        subject=cluster.profile_ptr,
        changes={"authority": (None, authority), "act": (None, act), "act_date": (None, act_date)},
    )
    _tell(cluster)
    return recognition


@transaction.atomic
def add_label(
    *,
    actor: Viewer,
    cluster: Cluster,
    name: str,
    year: int,
    issuer: str = "",
    valid_until: date | None = None,
    note_it: str = "",
    note_en: str = "",
    source: str = "",
    standing: str = Standing.VERIFIED,
) -> QualityLabel:
    """Record a quality label that the cluster obtained; each name once."""
    manage_cluster.demand(actor, cluster, _("Only the office of the cluster can record a label."))
    words = ClusterRefused.unless_fitting(
        QualityLabel, name=name, issuer=issuer, note_it=note_it, note_en=note_en, source=source
    )
    try:
        with transaction.atomic():
            label = QualityLabel.objects.create(
                cluster=cluster, year=year, valid_until=valid_until, standing=standing, **words
            )
    except IntegrityError as error:
        message = _("The cluster already has this label.")
        raise ClusterRefused(message, {"name": message}) from error
    record(
        actor=actor,
        verb="add_label",
        subject=cluster.profile_ptr,
        changes={"label": (None, f"{label.name} {label.year}")},
    )
    _tell(cluster)
    return label


def _demand_free(*, slug: str, code: str) -> None:
    taken: dict[str, str] = {}
    if Profile.objects.filter(slug=slug).exists():
        taken["slug"] = _("This address is taken.")
    if Cluster.objects.filter(code=code).exists():
        taken["code"] = _("Another cluster has this code.")
    if taken:
        raise ClusterRefused(next(iter(taken.values())), taken)


def _tell(cluster: Cluster) -> None:
    transaction.on_commit(partial(profile_changed.send, sender=Cluster, profile_id=cluster.pk))
