"""Fills an empty registry with the demonstration: real facts, through the actions people use."""

import calendar
import csv
from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from importlib.resources import files
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from django.utils import timezone

from trebbo.demo import evidence, personas
from trebbo.ecosystem.clusters.actions.memberships import admit_member, propose_candidate
from trebbo.ecosystem.clusters.actions.networks import (
    add_label,
    edit_network,
    found_cluster,
    found_network,
    recognise_cluster,
)
from trebbo.ecosystem.clusters.actions.specialisations import (
    name_specialisation,
    place_in_specialisation,
    record_figure,
)
from trebbo.ecosystem.clusters.actions.value_chains import (
    appoint_chair_body,
    open_value_chain,
    succeed_value_chain,
)
from trebbo.ecosystem.clusters.choices import FigureKind, MembershipState
from trebbo.ecosystem.clusters.models import Cluster, Network, Specialisation, ValueChain
from trebbo.ecosystem.organisations.actions.facts import accredit, state_size
from trebbo.ecosystem.organisations.actions.identifiers import add_identifier
from trebbo.ecosystem.organisations.actions.profiles import (
    ItemText,
    add_other_name,
    replace_items,
    set_fields,
)
from trebbo.ecosystem.organisations.actions.registration import (
    register_organisation,
    register_technopole,
    register_unit,
)
from trebbo.ecosystem.organisations.actions.seats import add_seat
from trebbo.ecosystem.organisations.choices import ItemSection, NameKind, Standing
from trebbo.ecosystem.organisations.models import Organisation, Profile, Technopole
from trebbo.ecosystem.vocabularies.actions import load_vocabularies
from trebbo.ecosystem.vocabularies.models import Concept, Municipality, Territory
from trebbo.kernel.access import Viewer, installation
from trebbo.kernel.errors import Refusal
from trebbo.partnering.introductions.actions import gather_news

FACTS = files("trebbo.demo") / "facts"
NETWORK = "clust-er"
Row = dict[str, str]


def is_built() -> bool:
    """Whether the registry already holds a network, and its evidence."""
    return Network.objects.exists() and evidence.is_there()


def build() -> bool:
    """Build the demonstration in two transactions, the registry and its evidence: each whole.

    Does nothing where both are there already; whether it built. The caller builds the search
    index afterwards.
    """
    if is_built():
        return False
    now = timezone.now()
    with gather_news(actor=installation(now)):
        if not Network.objects.exists():
            _build_registry(now)
        network = Network.objects.order_by("pk").first()
        # After the registry has been committed: news of its profiles shall not ask anybody to look
        # again who is who, one profile after the other.
        if network is not None and not evidence.is_there():
            agency = personas.create_agency(network_id=network.pk, now=now)
            evidence.bring_in(actor=agency, said=list(rows("evidence_statements")))
    return True


@transaction.atomic
def _build_registry(now: datetime) -> None:
    load_vocabularies(actor=installation(now))
    network = _found_network(installation(now))
    agency = personas.create_agency(network_id=network.pk, now=now)
    _Builder(agency, network).build()
    personas.create_personas(actor=agency)


def rows(table: str) -> Iterator[Row]:
    """The rows of one fact file."""
    with (FACTS / f"{table}.csv").open(encoding="utf-8") as file:
        yield from csv.DictReader(file)


def leave_out_if_refused(write: Callable[..., object], *what: Any) -> None:
    """Write something, whole or not at all: what cannot be done is left out.

    In a demonstration in which somebody has changed mandates or removed a profile, it shall not
    prevent the next start.
    """
    try:
        with transaction.atomic():
            write(*what)
    except (Refusal, ObjectDoesNotExist, LookupError):
        return


def first_day(text: str) -> date | None:
    """The first day of "2017", "2017-05" or "2017-05-30"; None for a blank."""
    if not text:
        return None
    year, month, day = (*(int(part) for part in text.split("-")), 1, 1)[:3]
    return date(year, month, day)


def last_day(text: str) -> date | None:
    """The last day of "2024", "2024-02" or "2024-02-10"; None for a blank."""
    if not text:
        return None
    parts = [int(part) for part in text.split("-")]
    year, month = parts[0], parts[1] if len(parts) > 1 else 12
    day = parts[2] if len(parts) > 2 else calendar.monthrange(year, month)[1]
    return date(year, month, day)


def _split(cell: str) -> list[str]:
    return [part.strip() for part in cell.split("|") if part.strip()]


def _sourced(row: Row) -> dict[str, Any]:
    return {"source": row["source"], "standing": row["verified"] or Standing.VERIFIED}


def _pair(row: Row, name: str, called: str = "") -> dict[str, Any]:
    called = called or name
    return {f"{called}_it": row[f"{name}_it"], f"{called}_en": row[f"{name}_en"]}


def _found_network(actor: Viewer) -> Network:
    row = next(row for row in rows("networks") if row["key"] == NETWORK)
    return found_network(
        actor=actor,
        slug=row["key"],
        territory=Territory.objects.get(code=row["territory"]),
        **_pair(row, "name"),
        **_pair(row, "description"),
        **_sourced(row),
    )


class _Builder:
    """Writes the fact files one after the other, as a person of the agency."""

    def __init__(self, actor: Viewer, network: Network) -> None:
        self.actor = actor
        self.network = network
        self.fields = {
            concept.code: concept.pk
            for concept in Concept.objects.filter(scheme__code="euroscivoc")
        }
        self.towns = dict(Municipality.objects.values_list("name", "istat_code"))
        self.organisations: dict[str, Organisation] = {}
        self.technopoles: dict[str, Technopole] = {}
        self.profiles: dict[str, Profile] = {}
        self.clusters: dict[str, Cluster] = {}
        self.chains: dict[tuple[str, str], ValueChain] = {}
        self.specialisations: dict[str, Specialisation] = {}

    def build(self) -> None:
        """Write everything, what others refer to first."""
        steps: tuple[tuple[str, Callable[[Row], None]], ...] = (
            ("organisations", self._organisation),
            ("technopoles", self._technopole),
            ("units", self._unit),
            ("clusters", self._cluster),
            ("recognitions", self._recognition),
            ("cluster_labels", self._label),
            ("value_chains", self._value_chain),
            ("value_chain_successions", self._succession),
            ("memberships", self._membership),
            ("value_chain_roles", self._chain_role),
            ("value_chain_composition", self._composition),
            ("value_chain_figures", self._chain_figure),
            ("cluster_figures", self._cluster_figure),
            ("network_figures", self._network_figure),
            ("district", self._specialisation),
            ("sectors", self._specialisation),
            ("district_figures", self._district_figure),
            ("sector_figures", self._sector_figure),
            ("district_organisations", self._district_organisation),
        )
        for table, write in steps:
            for row in rows(table):
                write(row)
        coordinator = next(row for row in rows("networks") if row["key"] == NETWORK)["coordinator"]
        edit_network(actor=self.actor, network=self.network, agency=self.organisations[coordinator])

    # --- The registry.

    def _organisation(self, row: Row) -> None:
        organisation = register_organisation(
            actor=self.actor,
            slug=row["key"],
            name=row["legal_name"],
            name_en=row["name_en"],
            kind=row["kind"],
            kind_source=row["source"],
            kind_standing=row["kind_verified"] or Standing.VERIFIED,
            tax_code=row["tax_code"],
            vat_number=row["vat_number"],
            website=row["website"],
            **_pair(row, "description"),
            **_pair(row, "notes"),
            **_sourced(row),
        )
        self.organisations[row["key"]] = organisation
        self._common(organisation, row)
        for name in _split(row["other_names"]):
            add_other_name(
                actor=self.actor, profile_id=organisation.pk, name=name, kind=NameKind.SHORT
            )
        for scheme in ("pic", "ror"):
            if row[scheme]:
                add_identifier(
                    actor=self.actor,
                    profile_id=organisation.pk,
                    scheme=scheme,
                    value=row[scheme],
                    source=row["identifiers_source"] or row["source"],
                )
        if row["size_class"]:
            state_size(
                actor=self.actor,
                organisation_id=organisation.pk,
                size=row["size_class"],
                source=row["source"],
                standing=row["size_verified"] or Standing.VERIFIED,
            )

    def _common(self, profile: Profile, row: Row) -> None:
        """Seat and fields, which every profile of the fact files may have."""
        self.profiles[row["key"]] = profile
        if row["istat_code"]:
            add_seat(
                actor=self.actor,
                profile_id=profile.pk,
                municipality_id=row["istat_code"],
                is_main=True,
                **_sourced(row),
            )
        if row.get("fields"):
            set_fields(
                actor=self.actor,
                profile_id=profile.pk,
                concept_ids=[self.fields[code] for code in _split(row["fields"])],
            )

    def _items(self, profile: Profile, row: Row, column: str, section: ItemSection) -> None:
        pairs = zip(_split(row[f"{column}_it"]), _split(row[f"{column}_en"]), strict=True)
        items = [ItemText(italian, english) for italian, english in pairs]
        if items:
            replace_items(
                actor=self.actor,
                profile_id=profile.pk,
                section=section,
                items=items,
                **_sourced(row),
            )

    def _technopole(self, row: Row) -> None:
        manager = self.organisations.get(row["manager"])
        technopole = register_technopole(
            actor=self.actor,
            code=row["code"],
            slug=row["key"],
            name=row["name_it"],
            name_en=row["name_en"],
            manager_id=manager.pk if manager else None,
            website=row["website"],
            **_pair(row, "notes", "description"),
            **_sourced(row),
        )
        self.technopoles[row["code"]] = technopole
        self._common(technopole, row)
        self._items(technopole, row, "focus", ItemSection.COMPETENCE)
        for label in _split(row["other_seats"]):
            town = next((code for name, code in self.towns.items() if name in label), "")
            add_seat(
                actor=self.actor,
                profile_id=technopole.pk,
                municipality_id=town or row["istat_code"],
                label=label,
                **_sourced(row),
            )

    def _unit(self, row: Row) -> None:
        first, *others = _split(row["parents"])
        host = self.technopoles.get(row["technopole"])
        notes = _pair(row, "notes")
        for language, with_ in (("it", "Insieme a"), ("en", "Together with")):
            names = ", ".join(self.organisations[key].name for key in others)
            parts = [notes[f"notes_{language}"], row[f"parent_note_{language}"]]
            parts.append(f"{with_}: {names}." if names else "")
            notes[f"notes_{language}"] = " ".join(part for part in parts if part)
        unit = register_unit(
            actor=self.actor,
            organisation_id=self.organisations[first].pk,
            slug=row["key"],
            name=row["name_it"],
            name_en=row["name_en"],
            acronym=row["acronym"],
            kind=row["kind"],
            technopole_id=host.pk if host else None,
            **notes,
            **_sourced(row),
        )
        self._common(unit, row)
        self._items(unit, row, "competences", ItemSection.COMPETENCE)
        self._items(unit, row, "equipment", ItemSection.EQUIPMENT)
        self._items(unit, row, "services", ItemSection.SERVICE)
        if row["accreditation"] != "unknown":
            accredit(
                actor=self.actor,
                profile_id=unit.pk,
                valid_from=first_day(row["accredited_from"]),
                valid_until=last_day(row["accredited_until"]),
                source=row["source"],
                standing=row["verified"]
                if row["accreditation"] == "accredited"
                else Standing.PARTLY,
                **_pair(row, "accreditation_note", "note"),
            )

    # --- Clusters and value chains.

    def _cluster(self, row: Row) -> None:
        cluster = found_cluster(
            actor=self.actor,
            network=self.network,
            slug=row["key"],
            code=row["code"],
            name=row["name_it"],
            name_en=row["name_en"],
            territory=Territory.objects.get(code=row["territory"]),
            founded_year=int(row["founded"]) if row["founded"] else None,
            website=row["website"],
            statute_url=row["statute_url"],
            **_pair(row, "field"),
            **_pair(row, "status"),
            **_pair(row, "description"),
            **_pair(row, "notes"),
            **_sourced(row),
        )
        self.clusters[row["code"]] = cluster
        self._common(cluster, row)
        if row["pic"]:
            add_identifier(
                actor=self.actor,
                profile_id=cluster.pk,
                scheme="pic",
                value=row["pic"],
                source=row["identifiers_source"],
            )

    def _recognition(self, row: Row) -> None:
        text = row["act_date"]
        recognise_cluster(
            actor=self.actor,
            cluster=self.clusters[row["cluster"]],
            authority=self.organisations[row["authority"]],
            act=row["act"],
            act_date=first_day(text) if text.count("-") == 2 else None,
            act_year=int(text[:4]) if text and text.count("-") < 2 else None,
            valid_from=first_day(row["valid_from"]),
            valid_until=last_day(row["valid_until"]),
            **_pair(row, "notes", "note"),
            **_sourced(row),
        )

    def _label(self, row: Row) -> None:
        add_label(
            actor=self.actor,
            cluster=self.clusters[row["cluster"]],
            name=row["name"],
            year=int(row["year"]),
            issuer=row["issuer"],
            valid_until=last_day(row["valid_until"]),
            **_pair(row, "notes", "note"),
            **_sourced(row),
        )

    def _value_chain(self, row: Row) -> None:
        cluster = self.clusters[row["cluster"]]
        self.chains[row["cluster"], row["code"]] = open_value_chain(
            actor=self.actor,
            cluster=cluster,
            code=row["code"],
            slug=f"{cluster.slug}-{row['code'].lower()}",
            valid_from=first_day(row["valid_from"]),
            valid_until=last_day(row["valid_until"]),
            **_pair(row, "name"),
            **_pair(row, "aim"),
            **_pair(row, "notes"),
            **_sourced(row),
        )

    def _succession(self, row: Row) -> None:
        succeed_value_chain(
            actor=self.actor,
            predecessor=self.chains[row["cluster"], row["predecessor"]],
            successor=self.chains[row["cluster"], row["successor"]],
            kind=row["kind"],
            **_pair(row, "note"),
            **_sourced(row),
        )

    def _membership(self, row: Row) -> None:
        admit = admit_member if row["state"] == MembershipState.ACTIVE else propose_candidate
        admit(
            actor=self.actor,
            cluster=self.clusters[row["cluster"]],
            profile=self.profiles[row["member"]],
            category=row["category"],
            valid_from=first_day(row["valid_from"]),
            **_pair(row, "evidence"),
            **_sourced(row),
        )

    def _chain_role(self, row: Row) -> None:
        appoint_chair_body(
            actor=self.actor,
            value_chain=self.chains[row["cluster"], row["value_chain"]],
            profile=self.profiles[row["member"]],
            role=row["role"],
            on=first_day(row["valid_from"]),
            **_sourced(row),
        )

    # --- Published figures.

    def _figure(self, row: Row, about: Network | Cluster | ValueChain | Specialisation) -> None:
        record_figure(
            actor=self.actor,
            about=about,
            amount=Decimal(row["value"]),
            unit=row["unit"],
            qualifier=row["qualifier"],
            as_of=row["as_of"],
            **_pair(row, "label"),
            **(_pair(row, "notes", "note") if "notes_it" in row else {}),
            **_sourced(row),
        )

    def _composition(self, row: Row) -> None:
        record_figure(
            actor=self.actor,
            about=self.chains[row["cluster"], row["value_chain"]],
            amount=int(row["count"]),
            as_of=row["as_of"],
            kind=FigureKind.COMPOSITION,
            kinds=_split(row["kinds"]),
            **_pair(row, "label"),
            **_pair(row, "notes", "note"),
            **_sourced(row),
        )

    def _chain_figure(self, row: Row) -> None:
        self._figure(row, self.chains[row["cluster"], row["value_chain"]])

    def _cluster_figure(self, row: Row) -> None:
        self._figure(row, self.clusters[row["cluster"]])

    def _network_figure(self, row: Row) -> None:
        if row["network"] == NETWORK:
            self._figure(row, self.network)

    def _district_figure(self, row: Row) -> None:
        self._figure(row, self.specialisations[row["district"]])

    def _sector_figure(self, row: Row) -> None:
        self._figure(row, self.specialisations[row["sector"]])

    # --- Specialisations of the territory.

    def _specialisation(self, row: Row) -> None:
        towns = _split(row.get("municipalities", ""))
        self.specialisations[row["key"]] = name_specialisation(
            actor=self.actor,
            slug=row["key"],
            kind=row["kind"],
            territory=Territory.objects.get(code=row["territory"]),
            municipalities=Municipality.objects.filter(pk__in=towns),
            fields=Concept.objects.filter(
                pk__in=[self.fields[code] for code in _split(row["fields"])]
            ),
            **_pair(row, "name"),
            **_pair(row, "description"),
            **_sourced(row),
        )

    def _district_organisation(self, row: Row) -> None:
        place_in_specialisation(
            actor=self.actor,
            specialisation=self.specialisations[row["district"]],
            profile=self.profiles[row["organisation"]],
            **_pair(row, "evidence"),
            **_sourced(row),
        )
