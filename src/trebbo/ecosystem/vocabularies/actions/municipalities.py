"""Brings the municipalities to what Istat's list says; those in use stay, marked when gone."""

from collections.abc import Iterable

from django.db import models
from django.utils.translation import gettext as _

from trebbo.ecosystem.vocabularies.actions.official import LeftOut
from trebbo.ecosystem.vocabularies.actions.official.places import TownRow
from trebbo.ecosystem.vocabularies.models import Municipality, Province

BATCH = 500
WRITTEN = [
    "name", "province", "cadastral_code", "latitude", "longitude", "is_approximate", "is_gone",
]  # fmt: skip
Counts = tuple[int, int, int, int]


def write_municipalities(
    towns: Iterable[TownRow], *, is_older: bool = False
) -> tuple[Counts, list[LeftOut]]:
    """Write what is new or different; how many were added, changed, gone, unchanged.

    A municipality has no coordinates in the list: a new one gets its province's point and is
    marked approximate, or is left out where the province has none. One that went to another
    province keeps its point and whoever is there. A list that `is_older` than what is there only
    adds. Call it inside a transaction.
    """
    return _Writer(is_older=is_older).write(towns)


class _Writer:
    def __init__(self, *, is_older: bool) -> None:
        self.is_older = is_older
        self.present = {town.istat_code: town for town in Municipality.objects.all()}
        self.by_cadastre = {
            town.cadastral_code: town for town in self.present.values() if town.cadastral_code
        }
        self.provinces = {province.code: province for province in Province.objects.all()}
        self.left_out: list[LeftOut] = []
        self.seen: set[str] = set()
        self.pending: list[Municipality] = []
        self.moved: dict[str, str] = {}
        self.added = self.changed = 0

    def write(self, towns: Iterable[TownRow]) -> tuple[Counts, list[LeftOut]]:
        for row in towns:
            self._row(row)
        Municipality.objects.bulk_create(
            self.pending,
            update_conflicts=True,
            unique_fields=["istat_code"],
            update_fields=WRITTEN,
            batch_size=BATCH,
        )
        for old, new in self.moved.items():
            _hand_over(old, new)
        gone: list[str] = []
        if not self.is_older:
            gone = [
                town.istat_code
                for town in self.present.values()
                if town.istat_code not in self.seen | self.moved.keys() and not town.is_gone
            ]
            for start in range(0, len(gone), BATCH):
                Municipality.objects.filter(pk__in=gone[start : start + BATCH]).update(is_gone=True)
        unchanged = len(self.seen) - self.added - self.changed
        return (self.added, self.changed, len(gone), unchanged), self.left_out

    def _row(self, row: TownRow) -> None:
        if row.istat_code in self.seen:
            self._leave(row, _("the same code again: the first was taken"))
            return
        province = self.provinces.get(row.province)
        if province is None:
            self._leave(row, _("its province is not known"))
            return
        known = self.present.get(row.istat_code)
        if known is None and (before := self.by_cadastre.get(row.cadastral_code)):
            if self.is_older:
                reason = _("already there as %(code)s: this list is older")
                self._leave(row, reason % {"code": before.istat_code})
                return
            self.moved[before.istat_code] = row.istat_code
            self._change(row, province, before)
        elif known is None:
            self._add(row, province)
        elif not self.is_older and _differs(known, row):
            self._change(row, province, known)
        else:
            self.seen.add(row.istat_code)

    def _add(self, row: TownRow, province: Province) -> None:
        if province.latitude is None or province.longitude is None:
            self._leave(row, _("neither it nor its province has a point on the map"))
            return
        self.added += 1
        place = (province.latitude, province.longitude, True)
        self._pend(row, province, row.cadastral_code, place)

    def _change(self, row: TownRow, province: Province, before: Municipality) -> None:
        """Bring a municipality to what the list says; its point is kept."""
        self.changed += 1
        place = (before.latitude, before.longitude, before.is_approximate)
        self._pend(row, province, row.cadastral_code or before.cadastral_code, place)

    def _pend(
        self, row: TownRow, province: Province, cadastre: str, place: tuple[float, float, bool]
    ) -> None:
        latitude, longitude, is_approximate = place
        self.seen.add(row.istat_code)
        self.pending.append(
            Municipality(
                istat_code=row.istat_code,
                name=row.name,
                province=province,
                cadastral_code=cadastre,
                latitude=latitude,
                longitude=longitude,
                is_approximate=is_approximate,
            )
        )

    def _leave(self, row: TownRow, reason: str) -> None:
        self.left_out.append(LeftOut(row.row, f"{row.istat_code} {row.name}", reason))


def _differs(known: Municipality, row: TownRow) -> bool:
    return (
        known.is_gone
        or known.name != row.name
        or known.province_id != row.province
        or bool(row.cadastral_code and known.cadastral_code != row.cadastral_code)
    )


def _hand_over(old: str, new: str) -> None:
    """Let everything that stands on the old code stand on the new, and drop the old."""
    for relation in Municipality._meta.get_fields(include_hidden=True):
        if not relation.auto_created or relation.concrete:
            continue
        if relation.one_to_many and isinstance(relation, models.ManyToOneRel):
            name = relation.field.name
            rows = relation.related_model._base_manager.filter(**{name: old})
            rows.update(**{name: new})
    Municipality.objects.filter(pk=old).delete()
