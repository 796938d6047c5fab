"""What the registry and the evidence say of profiles, as documents of the search."""

from collections.abc import Iterator
from datetime import date
from itertools import islice

from django.db.models import Prefetch, QuerySet
from django.utils import timezone
from django.utils.translation import override

from trebbo.ecosystem.clusters.models import Cluster, Membership
from trebbo.ecosystem.clusters.policies import IN_THE_CLUSTER
from trebbo.ecosystem.evidence.queries.words import EvidenceWords, profile_words
from trebbo.ecosystem.organisations.choices import (
    ItemSection,
    Kind,
    ProfileType,
    UnitKind,
    Visibility,
)
from trebbo.ecosystem.organisations.models import Organisation, Profile, Technopole, Unit
from trebbo.ecosystem.vocabularies.models import Concept
from trebbo.engine.search import Document, Part, Point
from trebbo.engine.search.contracts import Weight
from trebbo.kernel.access import visitor
from trebbo.partnering.introductions.choices import ACCREDITED_NOW, Facet, PartName
from trebbo.partnering.introductions.gateway.parts import (
    MARK,
    competence_parts,
    evidence_field_parts,
    pair,
    project_parts,
    resource_parts,
    training_parts,
)
from trebbo.sharing.resources.models import Resource
from trebbo.sharing.skills.choices import Direction
from trebbo.sharing.skills.models import Competence, TrainingOffer

BATCH = 1_000
FOUND_TYPES = (
    ProfileType.ORGANISATION,
    ProfileType.UNIT,
    ProfileType.TECHNOPOLE,
    ProfileType.CLUSTER,
)
ITEM_PARTS = {
    ItemSection.COMPETENCE: PartName.COMPETENCE,
    ItemSection.EQUIPMENT: PartName.EQUIPMENT,
    ItemSection.SERVICE: PartName.SERVICE,
}
NOTHING_SAID = EvidenceWords()
NARROWNESS = {Visibility.PUBLIC: 0, Visibility.NETWORK: 1, Visibility.HIDDEN: 2}


def key_of(profile_id: int) -> str:
    """The engine's key of a profile."""
    return f"profile:{profile_id}"


def id_of(key: str) -> int:
    """The profile of an engine's key."""
    return int(key.removeprefix("profile:"))


def indexed_profiles() -> QuerySet[Profile]:
    """The profiles that somebody may find."""
    return Profile.objects.filter(type__in=FOUND_TYPES).exclude(visibility=Visibility.HIDDEN)


def documents(profiles: QuerySet[Profile], today: date) -> Iterator[Document]:
    """The profiles as documents, read in batches so that memory stays small."""
    kinds = _kind_words()
    rows = profiles.select_related(
        "as_organisation",
        "as_unit__organisation",
        "as_unit__technopole",
        "as_technopole__manager",
        "as_cluster",
    ).prefetch_related(
        "other_names",
        "items",
        "fields",
        Prefetch("competences", _offered()),
        Prefetch("training", TrainingOffer.objects.prefetch_related("fields").order_by("pk")),
        Prefetch("resources", Resource.objects.filter(withdrawn_at=None).order_by("pk")),
        "seats__municipality__province",
        "accreditations",
        "memberships__cluster",
        "chains__value_chain__cluster",
        "specialisations__specialisation",
        "as_organisation__kinds",
        "as_organisation__sizes",
        "as_organisation__units",
        "as_technopole__units",
        "as_cluster__value_chains",
    )
    read = rows.order_by("pk").iterator(chunk_size=BATCH)
    while batch := list(islice(read, BATCH)):
        said = profile_words([profile.pk for profile in batch], viewer=visitor())
        for profile in batch:
            yield _document(profile, kinds, today, said.get(profile.pk, NOTHING_SAID))


def _document(
    profile: Profile, kinds: dict[str, tuple[str, str]], today: date, said: EvidenceWords
) -> Document:
    parts = [*_own_parts(profile), *_evidence_parts(profile, said)]
    parts.extend(competence_parts(_competences(profile, said, today)))
    parts.extend(training_parts(_training(profile, today)))
    parts.extend(resource_parts(_resources(profile)))
    facets = {(Facet.TYPE.value, profile.type)}
    for facet, value, more in _context(profile, kinds, today):
        parts.extend(more)
        if value:
            facets.add((facet, value))
    facets |= {(Facet.FUNDED.value, dataset) for dataset in said.datasets}
    confirmed = profile.confirmed_at
    return Document(
        key=key_of(profile.pk),
        title=profile.name,
        parts=tuple(part for part in parts if part.text),
        facets=frozenset(facets),
        audiences=frozenset({profile.visibility}),
        points=tuple(_points(profile, today)),
        confirmed_on=timezone.localtime(confirmed).date() if confirmed else None,
        due_on=profile.due_date,
    )


def _own_parts(profile: Profile) -> Iterator[Part]:
    yield from _names(PartName.NAME, profile, "A")
    others = (other.name for other in profile.other_names.all())
    for text in dict.fromkeys((profile.acronym, *others)):
        if text not in (profile.name, profile.name_en):
            yield Part(PartName.NAME.value, text, "any", "A")
    yield from pair(PartName.DESCRIPTION, profile.description_it, profile.description_en, "C")
    for item in profile.items.all():
        part = ITEM_PARTS[ItemSection(item.section)]
        yield from pair(part, item.text_it, item.text_en, "B")
    for concept in profile.fields.all():
        yield from pair(PartName.FIELD, concept.label_it, concept.label_en, "B")


def _evidence_parts(profile: Profile, said: EvidenceWords) -> Iterator[Part]:
    """Funded projects, and their fields as far as they are not among the profile's own."""
    own = {concept.pk for concept in profile.fields.all()}
    yield from evidence_field_parts(one for one in said.fields if one.concept not in own)
    yield from project_parts(said.projects)


def _offered() -> QuerySet[Competence]:
    """What bodies can do; what they seek is nothing to find them by."""
    rows = Competence.objects.filter(direction=Direction.OFFERED)
    return rows.select_related("concept__scheme", "term").order_by("pk")


def _competences(profile: Profile, said: EvidenceWords, today: date) -> Iterator[Competence]:
    """What the body can do today and whoever finds it may read, as far as it adds something.

    A document is found whole or not at all: what is for a narrower circle than its body is left
    out. A field of the body's own, or of its projects as long as its people have not confirmed it,
    is there already: it counts no more for being said twice.
    """
    own = {concept.pk for concept in profile.fields.all()}
    shown = {one.concept for one in said.fields}
    for one in profile.competences.all():
        if not one.holds_on(today) or _is_narrower(one, profile):
            continue
        known = own if one.confirmed_at else own | shown
        if one.note_it or one.note_en or one.concept_id not in known:
            yield one


def _training(profile: Profile, today: date) -> Iterator[TrainingOffer]:
    """What the body teaches, or will, and whoever finds the body may see."""
    for one in profile.training.all():
        if not one.is_over(today) and not _is_narrower(one, profile):
            yield one


def _resources(profile: Profile) -> Iterator[Resource]:
    """What of the body is in the catalogue and whoever finds the body may see."""
    return (one for one in profile.resources.all() if not _is_narrower(one, profile))


def _is_narrower(one: Competence | TrainingOffer | Resource, profile: Profile) -> bool:
    """Whether what a body says is for a narrower circle than the body itself."""
    return NARROWNESS[Visibility(one.visibility)] > NARROWNESS[Visibility(profile.visibility)]


def _context(
    profile: Profile, kinds: dict[str, tuple[str, str]], today: date
) -> Iterator[tuple[str, str, list[Part]]]:
    """What surrounds a profile, as (facet, value, parts)."""
    yield from _identity(profile, kinds, today)
    yield from _clusters(profile, today)
    for seat in profile.seats.all():
        if seat.municipality and seat.holds_on(today):
            place = seat.municipality
            words = Part(PartName.PLACE.value, f"{place.name} {place.province.name_it}", "any", "D")
            yield Facet.PROVINCE.value, place.province_id, [words]
    for link in profile.specialisations.all():
        if link.holds_on(today):
            named = link.specialisation
            words_of = pair(PartName.SPECIALISATION, named.name_it, named.name_en, "D")
            yield Facet.SPECIALISATION.value, named.slug, words_of
    own = {concept.code for concept in profile.fields.all()}
    for one in profile.competences.all():
        if one.concept and one.is_field_on(today):
            own.add(one.concept.code)
    for code in sorted(own):
        yield Facet.FIELD.value, code, []
    if any(accreditation.holds_on(today) for accreditation in profile.accreditations.all()):
        yield Facet.ACCREDITED.value, ACCREDITED_NOW, []


def _clusters(profile: Profile, today: date) -> Iterator[tuple[str, str, list[Part]]]:
    """The clusters and value chains that a profile belongs to, and a cluster's own."""
    for membership in profile.memberships.all():
        cluster = membership.cluster
        if _goes_on(membership, today) and _may_name(profile, cluster):
            italian = _joined(cluster.name, cluster.field_it)
            english = _joined(cluster.name_en or cluster.name, cluster.field_en)
            yield Facet.CLUSTER.value, cluster.slug, pair(PartName.CLUSTER, italian, english, "D")
    for link in profile.chains.all():
        chain = link.value_chain
        if link.holds_on(today) and _may_name(profile, chain.cluster):
            italian = _joined(chain.name_it, chain.aim_it)
            english = _joined(chain.name_en, chain.aim_en)
            yield Facet.CHAIN.value, chain.slug, pair(PartName.CHAIN, italian, english, "D")
    own: Cluster | None = getattr(profile, "as_cluster", None)
    if own:
        yield "", "", pair(PartName.FIELD, own.field_it, own.field_en, "B")
        for chain in own.value_chains.all():
            if chain.holds_on(today):
                yield "", "", pair(PartName.CHAIN, chain.name_it, chain.name_en, "C")


def _goes_on(membership: Membership, today: date) -> bool:
    """As the rule `memberships_on`: one that will end still counts until its last day."""
    counts = membership.state in IN_THE_CLUSTER or membership.valid_until is not None
    return counts and membership.holds_on(today)


def _may_name(profile: Profile, other: Profile) -> bool:
    """Whether whoever finds the profile may read of the other one."""
    return NARROWNESS[Visibility(other.visibility)] <= NARROWNESS[Visibility(profile.visibility)]


def _identity(
    profile: Profile, kinds: dict[str, tuple[str, str]], today: date
) -> Iterator[tuple[str, str, list[Part]]]:
    """Kind, and the bodies around it: parent organisation, own units, Technopole."""
    for kind in _kinds_on(profile, today):
        yield Facet.KIND.value, kind, pair(PartName.KIND, *kinds[kind], "C")
    yield Facet.SIZE.value, _size(profile), []
    unit: Unit | None = getattr(profile, "as_unit", None)
    technopole: Technopole | None = getattr(profile, "as_technopole", None)
    organisation: Organisation | None = getattr(profile, "as_organisation", None)
    if unit and _may_name(profile, unit.organisation):
        yield "", "", _named(PartName.ORGANISATION, unit.organisation)
    if unit and unit.technopole and _may_name(profile, unit.technopole):
        host = unit.technopole
        yield Facet.TECHNOPOLE.value, host.slug, _named(PartName.TECHNOPOLE, host)
    if technopole and technopole.manager and _may_name(profile, technopole.manager):
        yield "", "", _named(PartName.ORGANISATION, technopole.manager)
    for owner in (organisation, technopole):
        for own in owner.units.all() if owner else ():
            if _may_name(profile, own):
                yield "", "", _named(PartName.UNIT, own)


def _named(part: PartName, body: Profile) -> list[Part]:
    acronym = f" ({body.acronym})" if body.acronym else ""
    return list(_names(part, body, "D", acronym))


def _names(part: PartName, body: Profile, weight: Weight, more: str = "") -> Iterator[Part]:
    """A body's name and its English one; a name is looked for in whatever language."""
    if body.name_en in ("", body.name):
        yield Part(part.value, f"{body.name}{more}", "any", weight)
        return
    for language, name in (("it", body.name), ("en", body.name_en)):
        yield Part(f"{part.value}{MARK}{language}", f"{name}{more}", "any", weight)


def _size(profile: Profile) -> str:
    """The size class last known; blank where none is."""
    if profile.type != ProfileType.ORGANISATION:
        return ""
    sizes = sorted(profile.as_organisation.sizes.all(), key=lambda one: one.year or 0)
    return sizes[-1].size if sizes else ""


def _kinds_on(profile: Profile, today: date) -> list[str]:
    if profile.type == ProfileType.ORGANISATION:
        periods = profile.as_organisation.kinds.all()
        return [period.kind for period in periods if period.holds_on(today)]
    if profile.type == ProfileType.UNIT:
        return [profile.as_unit.kind]
    return [profile.type]


def _kind_words() -> dict[str, tuple[str, str]]:
    """For each kind, all its words in Italian and in English."""
    words: dict[str, tuple[str, str]] = {}
    for choice in (*Kind, *UnitKind, ProfileType.TECHNOPOLE, ProfileType.CLUSTER):
        with override("it"):
            italian = str(choice.label)
        with override("en"):
            english = str(choice.label)
        words[choice.value] = (italian, english)
    # Short for "laboratory" in both languages; as a synonym in questions it would lift those few
    # that have it in their name above all others.
    italian, english = words[UnitKind.LABORATORY]
    words[UnitKind.LABORATORY] = (f"{italian} lab", f"{english} lab")
    for concept in Concept.objects.filter(scheme__code="kinds"):
        italian = f"{concept.label_it} {concept.synonyms_it}".replace("|", " ")
        english = f"{concept.label_en} {concept.synonyms_en}".replace("|", " ")
        words[concept.code] = (italian, english)
    return words


def _points(profile: Profile, today: date) -> Iterator[Point]:
    for seat in profile.seats.all():
        if seat.latitude is not None and seat.longitude is not None and seat.holds_on(today):
            label = seat.municipality.name if seat.municipality else seat.label
            yield Point(seat.latitude, seat.longitude, label)


def _joined(*texts: str) -> str:
    return ": ".join(text for text in texts if text)
