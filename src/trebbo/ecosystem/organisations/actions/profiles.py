"""Editing a profile's words, lists and fields, and confirming that they are still true."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, NamedTuple, TypedDict, Unpack

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Model
from django.utils.translation import gettext as _

from trebbo.ecosystem.organisations.actions import identifiers
from trebbo.ecosystem.organisations.actions.changes import (
    announce,
    demand_edit,
    locked_profile,
    save_profile,
    touch,
)
from trebbo.ecosystem.organisations.actions.registration import sort_name
from trebbo.ecosystem.organisations.actions.wording import (
    WordsRefused,
    email_address,
    label,
    long_text,
    refuse,
    short_text,
    website_address,
)
from trebbo.ecosystem.organisations.choices import (
    ItemSection,
    NameKind,
    ProfileType,
    Standing,
    UnitKind,
    Visibility,
)
from trebbo.ecosystem.organisations.models import (
    Organisation,
    OtherName,
    Profile,
    ProfileItem,
    Technopole,
    Unit,
)
from trebbo.ecosystem.vocabularies.models import Concept
from trebbo.kernel import audit
from trebbo.kernel.access import Viewer

MOST_ITEMS = 200
MOST_FIELDS = 40
FIELDS_SCHEME = "euroscivoc"


class ProfileChanges(TypedDict, total=False):
    """The fields of a profile that can be edited; those left out stay as they are.

    The last ones belong to one type of profile each; references are given by id.
    """

    name: str
    name_en: str
    acronym: str
    description_it: str
    description_en: str
    notes_it: str
    notes_en: str
    website: str
    visibility: str
    source: str
    standing: str
    legal_form_id: int | None
    sector_id: int | None
    tax_code: str
    vat_number: str
    certified_email: str
    kind: str
    technopole_id: int | None
    manager_id: int | None


class ItemText(NamedTuple):
    """A competence, piece of equipment or service; one of the two languages may be blank."""

    it: str
    en: str


def _reference(field: str, model: type[Model]) -> Callable[[Any], Any]:
    def read(key: Any) -> Any:
        if key in (None, ""):
            return None
        found = model._default_manager.filter(pk=key).first()
        if found is None:
            raise refuse(field, _("%(field)s: choose from the list.") % {"field": label(field)})
        return found

    return read


COMMON: Mapping[str, Callable[[Any], Any]] = {
    "name": lambda text: short_text("name", text, required=True),
    "name_en": lambda text: short_text("name_en", text),
    "acronym": lambda text: short_text("acronym", text, limit=60),
    "description_it": lambda text: long_text("description_it", text),
    "description_en": lambda text: long_text("description_en", text),
    "notes_it": lambda text: long_text("notes_it", text),
    "notes_en": lambda text: long_text("notes_en", text),
    "website": website_address,
    "visibility": Visibility,
    "source": lambda text: short_text("source", text, limit=1000),
    "standing": Standing,
}
OWN: Mapping[str, tuple[type[Profile], Mapping[str, Callable[[Any], Any]]]] = {
    ProfileType.ORGANISATION: (
        Organisation,
        {
            "legal_form_id": _reference("legal_form", Concept),
            "sector_id": _reference("sector", Concept),
            "tax_code": identifiers.tax_code,
            "vat_number": identifiers.vat_number,
            "certified_email": lambda text: email_address("certified_email", text),
        },
    ),
    ProfileType.UNIT: (
        Unit,
        {"kind": UnitKind, "technopole_id": _reference("technopole", Technopole)},
    ),
    ProfileType.TECHNOPOLE: (Technopole, {"manager_id": _reference("manager", Organisation)}),
    ProfileType.CLUSTER: (Profile, {}),
}


@transaction.atomic
def edit_profile(
    *, actor: Viewer, profile_id: int, version: int, **changes: Unpack[ProfileChanges]
) -> Profile:
    """Change words and data of a profile that the person read in `version`.

    Returns the profile as it is now, in its own type. Refuses words that do not fit, wrong or
    taken numbers, and (`ProfileConflict`) fields that somebody else changed meanwhile.
    """
    base = locked_profile(profile_id)
    demand_edit(actor, base)
    model, own = OWN[base.type]
    profile = base if model is Profile else model._default_manager.get(pk=profile_id)
    values = _clean(changes, {**COMMON, **own})
    identifiers.refuse_duplicates(
        actor,
        tax_code=values.get("tax_code", ""),
        vat_number=values.get("vat_number", ""),
        besides=profile_id,
    )
    try:
        with transaction.atomic():
            saved = save_profile(actor=actor, profile=profile, values=values, version=version)
    except IntegrityError as error:
        raise WordsRefused(
            _("Another organisation has just taken the same tax code or VAT number.")
        ) from error
    if "name" in values:
        Profile.objects.filter(pk=profile_id).update(sort_name=sort_name(values["name"]))
    return saved


@transaction.atomic
def confirm_profile(*, actor: Viewer, profile_id: int) -> Profile:
    """Say that everything is still true; it holds for `CONFIRMATION_DAYS` days from today.

    A profile without an owner gets the one who confirms it.
    """
    profile = locked_profile(profile_id)
    demand_edit(actor, profile)
    before = profile.due_date
    profile.confirmed_at = actor.now
    profile.due_date = actor.today + timedelta(days=settings.CONFIRMATION_DAYS)
    if profile.owner_id is None:
        profile.owner_id = actor.person_id
    profile.save(update_fields=["confirmed_at", "due_date", "owner"])
    audit.record(
        actor=actor,
        verb="confirm_profile",
        subject=profile,
        changes={"due_date": (before, profile.due_date)},
    )
    announce(profile.pk)
    return profile


@transaction.atomic
def set_fields(
    *, actor: Viewer, profile_id: int, concept_ids: Iterable[int], version: int | None = None
) -> Profile:
    """Say in which EuroSciVoc fields the body works, instead of those said before.

    Refuses other concepts and more than `MOST_FIELDS`.
    """
    profile = locked_profile(profile_id)
    demand_edit(actor, profile)
    wanted = set(concept_ids)
    rows = Concept.objects.filter(pk__in=wanted, scheme__code=FIELDS_SCHEME)
    found = list(rows.order_by("position", "pk"))
    if len(found) != len(wanted):
        raise refuse("fields", _("Choose the fields from the list."))
    if len(found) > MOST_FIELDS:
        raise refuse("fields", _("Choose at most %(limit)s fields.") % {"limit": MOST_FIELDS})
    before = list(profile.fields.order_by("position", "pk"))
    if {concept.pk for concept in before} == wanted:
        return profile
    changes = {"fields": (before, found)}
    touch(actor=actor, profile=profile, verb="set_fields", changes=changes, version=version)
    profile.fields.set(found)
    profile.refresh_from_db(fields=["version", "changed_at"])
    return profile


@transaction.atomic
def replace_items(
    *,
    actor: Viewer,
    profile_id: int,
    section: str,
    items: Sequence[ItemText | tuple[str, str]],
    source: str = "",
    standing: str = Standing.VERIFIED,
    version: int | None = None,
) -> Profile:
    """Put a list (competences, equipment, services) in place of the one before, in this order.

    Items that stay keep their source and standing, new ones get those given; blank pairs and
    repetitions are left out. Refuses more than `MOST_ITEMS`.
    """
    profile = locked_profile(profile_id)
    demand_edit(actor, profile)
    _replace(
        actor,
        profile,
        {ItemSection(section): items},
        source=short_text("source", source, limit=1000),
        standing=Standing(standing),
        version=version,
    )
    return profile


@transaction.atomic
def replace_lists(
    *,
    actor: Viewer,
    profile_id: int,
    lists: Mapping[ItemSection, Sequence[ItemText | tuple[str, str]]],
    version: int,
) -> Profile:
    """Put several lists in place of those before, all or none; see `replace_items`."""
    profile = locked_profile(profile_id)
    demand_edit(actor, profile)
    _replace(actor, profile, lists, source="", standing=Standing.VERIFIED, version=version)
    return profile


@transaction.atomic
def add_other_name(*, actor: Viewer, profile_id: int, name: str, kind: str) -> OtherName:
    """Give the profile another name by which people know it; refuses one it has already."""
    profile = locked_profile(profile_id)
    demand_edit(actor, profile)
    words = short_text("other_name", name, required=True)
    if words == profile.name or profile.other_names.filter(name=words).exists():
        raise refuse("name", _("The profile already has this name."))
    other = OtherName.objects.create(profile=profile, name=words, kind=NameKind(kind))
    touch(actor=actor, profile=profile, verb="add_other_name", changes={"other_name": ("", words)})
    return other


@transaction.atomic
def remove_other_name(*, actor: Viewer, other_name_id: int) -> None:
    """Take away a name by which nobody knows the body."""
    other = OtherName.objects.select_related("profile").get(pk=other_name_id)
    demand_edit(actor, other.profile)
    touch(
        actor=actor,
        profile=other.profile,
        verb="remove_other_name",
        changes={"other_name": (other.name, "")},
    )
    other.delete()


def _clean(changes: Mapping[str, Any], rules: Mapping[str, Callable[[Any], Any]]) -> dict[str, Any]:
    """The values to write, by attribute; all refusals at once, each tied to its field."""
    values: dict[str, Any] = {}
    refusals: dict[str, str] = {}
    for name, typed in changes.items():
        if name not in rules:
            raise TypeError(f"a profile of this type has no {name}")
        try:
            values[name.removesuffix("_id")] = rules[name](typed)
        except (
            WordsRefused,
            identifiers.TaxCodeRefused,
            identifiers.VatNumberRefused,
        ) as refusal:
            refusals.update(refusal.fields)
    if refusals:
        raise WordsRefused(next(iter(refusals.values())), refusals)
    return values


def _replace(
    actor: Viewer,
    profile: Profile,
    lists: Mapping[ItemSection, Sequence[ItemText | tuple[str, str]]],
    *,
    source: str,
    standing: Standing,
    version: int | None,
) -> None:
    """Write the lists that differ from those before, as one change."""
    rows = list(profile.items.order_by("position", "pk"))
    known = {part: [row for row in rows if row.section == part] for part in lists}
    wanted = {part: _clean_items(part, items) for part, items in lists.items()}
    changes = {
        part.value: (known[part], [ProfileItem(text_it=text.it, text_en=text.en) for text in texts])
        for part, texts in wanted.items()
        if [_pair(row) for row in known[part]] != texts
    }
    if not changes:
        return
    touch(actor=actor, profile=profile, verb="replace_items", changes=changes, version=version)
    for part, texts in wanted.items():
        kept = {_pair(row): row for row in known[part]}
        gone = [row.pk for row in known[part] if _pair(row) not in texts]
        ProfileItem.objects.filter(pk__in=gone).delete()
        for position, text in enumerate(texts):
            row = kept.get(text) or ProfileItem(
                profile=profile,
                section=part,
                text_it=text.it,
                text_en=text.en,
                source=source,
                standing=standing,
            )
            row.position = position
            row.save()
    profile.refresh_from_db(fields=["version", "changed_at"])


def _pair(row: ProfileItem) -> ItemText:
    return ItemText(row.text_it, row.text_en)


def _clean_items(
    section: ItemSection, items: Sequence[ItemText | tuple[str, str]]
) -> list[ItemText]:
    wanted = list(
        dict.fromkeys(
            ItemText(short_text(section, it), short_text(section, en)) for it, en in items
        )
    )
    wanted = [text for text in wanted if text.it or text.en]
    if len(wanted) > MOST_ITEMS:
        raise refuse(section, _("A list holds at most %(limit)s entries.") % {"limit": MOST_ITEMS})
    return wanted
