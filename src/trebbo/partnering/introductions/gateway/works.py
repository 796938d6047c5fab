"""What the registry and the evidence know of who did what with whom, as matching reads it."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from django.db.models import QuerySet

from trebbo.ecosystem.evidence.choices import Dataset, ParticipationRole
from trebbo.ecosystem.evidence.models import Body as OutsideBody
from trebbo.ecosystem.evidence.models import FundedProject, Participation
from trebbo.ecosystem.evidence.policies import see_participation
from trebbo.ecosystem.evidence.queries.words import outside_bodies
from trebbo.ecosystem.organisations.choices import Kind, SizeClass, UnitKind
from trebbo.ecosystem.organisations.models import KindPeriod, Seat, SizePeriod, Unit, holding_on
from trebbo.engine.matching import Body, Evidence, Member, Work, area_of
from trebbo.kernel.access import visitor
from trebbo.partnering.introductions.gateway.bodies import key_of_body
from trebbo.partnering.introductions.gateway.profiles import indexed_profiles, key_of

BATCH = 2_000
LEADS = (ParticipationRole.COORDINATOR, ParticipationRole.BENEFICIARY)
ACTIVITY = {
    Kind.UNIVERSITY: "HES",
    Kind.RESEARCH_CENTRE: "REC",
    Kind.RAT_LABORATORY: "REC",
    Kind.LARGE_COMPANY: "PRC",
    Kind.SME: "PRC",
    Kind.COMPANY: "PRC",
    Kind.HEALTH_FACILITY: "PUB",
    Kind.PUBLIC_AUTHORITY: "PUB",
    Kind.AGENCY: "PUB",
    UnitKind.LABORATORY: "REC",
    UnitKind.DEPARTMENT: "HES",
    UnitKind.INNOVATION_CENTRE: "REC",
}
"""Kinds of the registry as CORDIS codes activities; all others are OTH."""
SMALL = (SizeClass.MICRO, SizeClass.SMALL, SizeClass.MEDIUM)


def evidence_on(today: date) -> Evidence:
    """All that everybody may know, as of `today`."""
    return Evidence((*_profiles(today), *_outside()), tuple(_works()))


def parts_of(profile_ids: Collection[int]) -> dict[str, dict[str, bool]]:
    """For each of these profiles its works, True where it leads."""
    found: dict[str, dict[str, bool]] = {key_of(pk): {} for pk in profile_ids}
    for project, profile, _body, role in _rows(_present().filter(profile__in=list(profile_ids))):
        works = found[key_of(profile)]
        works[str(project)] = works.get(str(project), False) or role in LEADS
    return found


def _present() -> QuerySet[Participation]:
    rows = Participation.objects.filter(gone_import=None, project__gone_import=None)
    return see_participation.filter(visitor(), rows)


def _rows(rows: QuerySet[Participation]) -> Iterator[tuple[Any, ...]]:
    plain = rows.order_by("project_id", "pk")
    return plain.values_list("project_id", "profile_id", "body_id", "role").iterator(
        chunk_size=BATCH
    )


def _profiles(today: date) -> Iterator[Body]:
    now = holding_on(today)
    kinds: dict[int, str] = dict(
        KindPeriod.objects.filter(now).values_list("organisation_id", "kind")
    )
    kinds |= dict(Unit.objects.values_list("pk", "kind"))
    sizes = dict(SizePeriod.objects.order_by("year").values_list("organisation_id", "size"))
    seats = _seats(today)
    for pk in indexed_profiles().order_by("pk").values_list("pk", flat=True):
        kind, size = kinds.get(pk, ""), sizes.get(pk, "")
        province, latitude, longitude = seats.get(pk, ("", None, None))
        yield Body(
            key=key_of(pk),
            kind=ACTIVITY.get(kind, "OTH") if kind else "",  # type: ignore[call-overload]
            is_sme=size in SMALL if size else True if kind == Kind.SME else None,
            country="IT" if province else "",
            province=province,
            latitude=latitude,
            longitude=longitude,
        )


def _seats(today: date) -> Mapping[int, tuple[str, float | None, float | None]]:
    """For each profile the NUTS code of its main seat's province, and where it is."""
    rows = Seat.objects.filter(holding_on(today)).order_by("is_main", "pk")
    return {
        profile: (territory or "", latitude or town_latitude, longitude or town_longitude)
        for profile, territory, latitude, longitude, town_latitude, town_longitude in (
            rows.values_list(
                "profile_id",
                "municipality__province__territory__code",
                "latitude",
                "longitude",
                "municipality__latitude",
                "municipality__longitude",
            )
        )
    }


def _outside() -> Iterator[Body]:
    rows: QuerySet[OutsideBody, tuple[Any, ...]] = (
        outside_bodies()
        .order_by("pk")
        .values_list("pk", "activity", "is_sme", "country", "nuts", "latitude", "longitude")
    )
    for pk, activity, is_sme, country, nuts, latitude, longitude in rows.iterator(BATCH):
        yield Body(key_of_body(pk), activity, is_sme, country, nuts, latitude, longitude)


def _works() -> Iterator[Work]:
    members: dict[int, list[Member]] = defaultdict(list)
    for project, profile, body, role in _rows(_present()):
        key = key_of(profile) if profile else key_of_body(body)
        members[project].append(Member(key, role in LEADS))
    fields: dict[int, list[str]] = defaultdict(list)
    labels = FundedProject.fields.through.objects.values_list(
        "fundedproject_id", "concept__label_en", "concept__label_it"
    )
    for project, english, italian in labels.iterator(chunk_size=BATCH):
        fields[project] += filter(None, (english, italian))
    for row in FundedProject.objects.filter(gone_import=None).iterator(chunk_size=BATCH):
        day = row.signature_date or row.start_date
        if day and members.get(row.pk):
            yield _work(row, day, members[row.pk], fields[row.pk])


def _work(row: FundedProject, day: date, members: list[Member], fields: Iterable[str]) -> Work:
    return Work(
        key=str(row.pk),
        day=day,
        title=f"{row.acronym} {row.title}".strip(),
        text=f"{row.title}. {row.objective}",
        context=" . ".join(filter(None, (row.topic_title, *fields, row.keywords))),
        language="it" if row.dataset == Dataset.OPENCOESIONE else "en",
        programme=row.legal_basis or row.programme,
        area=area_of(row.topic),
        call=row.topic_title,
        members=tuple(members),
    )
