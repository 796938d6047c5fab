"""The page on which a profile is edited, part by part, and two people's changes are compared."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.forms import ChoiceField, Form, MultipleChoiceField
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from trebbo.ecosystem.organisations import actions, forms, queries
from trebbo.ecosystem.organisations.actions import ItemText, ProfileConflict
from trebbo.ecosystem.organisations.choices import ItemSection, ProfileType
from trebbo.ecosystem.organisations.models import Organisation, Seat, Technopole, Unit
from trebbo.ecosystem.organisations.queries import ProfilePage
from trebbo.ecosystem.organisations.views.registration import show_refusal
from trebbo.kernel import audit
from trebbo.kernel.access import Viewer, signed_in, viewer_of
from trebbo.kernel.errors import Refusal
from trebbo.kernel.pages import Difference
from trebbo.kernel.text import in_language

Make = Callable[[Viewer, ProfilePage, QueryDict | None, QueryDict], Form]
Act = Callable[[Viewer, ProfilePage, dict[str, Any]], object]


@dataclass(frozen=True, slots=True)
class Task:
    """One thing that a part of the page lets a person do, with the form for it."""

    do: str
    title: str | Promise
    button: str | Promise
    make: Make
    act: Act


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the page: its forms, and what can be done to rows of its tables."""

    key: str
    label: str | Promise
    tasks: tuple[Task, ...]
    rows: Mapping[str, Act] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Choice(Difference):
    """A difference, with which of the two is proposed."""

    keep: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """A form as the page draws it."""

    task: Task
    form: Form
    differences: tuple[Choice, ...] = ()
    conflict: ProfileConflict | None = None


@signed_in
def profile_edit(request: HttpRequest, slug: str) -> HttpResponse:
    """Edit a profile, one part at a time; the address says which."""
    viewer = viewer_of(request)
    known = get_object_or_404(queries.visible_profiles(viewer=viewer), slug=slug)
    if known.type == ProfileType.CLUSTER:
        return redirect(reverse("cluster_edit", args=[slug]))
    page = queries.profile_page(ProfileType(known.type), slug, viewer=viewer)
    if page is None:
        raise Http404
    if not page.may_edit:
        raise PermissionDenied
    parts = parts_of(page)
    part = parts.get(request.GET.get("part", ""), next(iter(parts.values())))
    do = request.POST.get("do", "")
    if do in part.rows:
        return _row(request, page, part, part.rows[do])
    sheets = []
    for task in part.tasks:
        sheet = _answer(request, viewer, page, task) if do == task.do else None
        if sheet is None and do == task.do:
            messages.success(request, _("Saved."))
            return redirect(_address(page, part))
        sheets.append(sheet or Sheet(task, task.make(viewer, page, None, request.GET)))
    context = {"page": page, "profile": page.profile, "parts": parts, "part": part}
    clash = any(sheet.conflict for sheet in sheets)
    return render(
        request,
        "organisations/profile_edit.html",
        {**context, "sheets": sheets},
        status=409 if clash else 200,
    )


def parts_of(page: ProfilePage) -> dict[str, Part]:
    """The parts that this profile has for this person."""
    parts = [IDENTITY, WORDS, LISTS, FIELDS, SEATS, NAMES]
    if isinstance(page.profile, Organisation):
        parts.append(FACTS)
    if page.may_accredit and not isinstance(page.profile, Technopole):
        parts.append(ACCREDITATION)
    return {part.key: part for part in parts}


def _address(page: ProfilePage, part: Part) -> str:
    return f"{reverse('profile_edit', args=[page.profile.slug])}?part={part.key}"


def _row(request: HttpRequest, page: ProfilePage, part: Part, act: Act) -> HttpResponse:
    form = forms.RowForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("This is not a day: write it like 2026-12-31."))
        return redirect(_address(page, part))
    try:
        act(viewer_of(request), page, form.cleaned_data)
    except Refusal as refusal:
        messages.error(request, refusal.message)
    except ObjectDoesNotExist as error:
        raise Http404 from error
    else:
        messages.success(request, _("Saved."))
    return redirect(_address(page, part))


def _answer(request: HttpRequest, viewer: Viewer, page: ProfilePage, task: Task) -> Sheet | None:
    """What to show for a form that was sent; nothing where it was done."""
    data = _with_choices(request.POST, task.make(viewer, page, None, request.GET))
    form = task.make(viewer, page, data, request.GET)
    if "find" in data or not form.is_valid():
        return Sheet(task, form)
    try:
        task.act(viewer, page, form.cleaned_data)
    except ProfileConflict as conflict:
        data["version"] = str(conflict.version)
        fresh = task.make(viewer, page, data, request.GET)
        fresh.is_valid()
        present = task.make(viewer, page, None, request.GET)
        return Sheet(task, fresh, _differences(conflict, fresh, present), conflict)
    except Refusal as refusal:
        show_refusal(form, refusal)
        return Sheet(task, form)
    return None


def _with_choices(posted: QueryDict, present: Form) -> QueryDict:
    """What was typed, with the other person's value where the person chose it."""
    data = posted.copy()
    for name, bound in present.fields.items():
        if posted.get(f"keep-{name}") != "theirs":
            continue
        value = present.initial.get(name, "")
        if isinstance(bound, forms.PairsField):
            data.setlist(f"{name}_it", [pair.it for pair in value])
            data.setlist(f"{name}_en", [pair.en for pair in value])
        elif isinstance(bound, MultipleChoiceField):
            data.setlist(name, list(value))
        else:
            data[name] = "" if value is None else str(value)
    return data


def _differences(conflict: ProfileConflict, typed: Form, present: Form) -> tuple[Choice, ...]:
    """The fields of the form that somebody else changed, with both values in words."""
    differences = []
    for name, bound in typed.fields.items():
        audited = "fields" if name == "fields_chosen" else name
        other = conflict.others.get(audited)
        mine = _in_words(bound, typed.cleaned_data.get(name))
        theirs = _in_words(bound, present.initial.get(name))
        if other is None or mine == theirs:
            continue
        before = _in_words(bound, other.before)
        untouched = other.whole and mine == before
        keep = "theirs" if untouched else "mine"
        differences.append(Choice(name, str(bound.label), theirs, mine, keep))
    return tuple(differences)


def _in_words(bound: Any, value: Any) -> str:
    value = audit.in_page_language(value)
    if value is None:
        return ""
    if isinstance(bound, forms.PairsField) and not isinstance(value, str):
        return "; ".join(in_language(pair.it, pair.en) for pair in value)
    if isinstance(bound, MultipleChoiceField) and not isinstance(value, str):
        labels = dict(_flat(bound))
        return "; ".join(labels.get(str(key), str(key)) for key in value)
    if isinstance(bound, ChoiceField):
        return dict(_flat(bound)).get(str(value), str(value)) if value else ""
    return str(value)


def _flat(bound: ChoiceField) -> list[tuple[str, str]]:
    flat: list[tuple[str, str]] = []
    for key, label in list(bound.choices):  # type: ignore[arg-type]
        entries = label if isinstance(label, list) else [(key, label)]
        flat.extend((str(one), str(words)) for one, words in entries)
    return flat


# --- Identity and words.


def _identity(viewer: Viewer, page: ProfilePage, data: QueryDict | None, get: QueryDict) -> Form:
    profile = page.profile
    initial: dict[str, Any] = {
        name: getattr(profile, name)
        for name in ("version", "name", "name_en", "acronym", "website", "visibility")
    }
    if isinstance(profile, Organisation):
        for name in ("tax_code", "vat_number", "certified_email"):
            initial[name] = getattr(profile, name)
        initial["legal_form"] = profile.legal_form_id
        initial["sector"] = profile.sector_id
        return forms.OrganisationForm(data, initial=initial, viewer=viewer)
    if isinstance(profile, Unit):
        initial.update(kind=profile.kind, technopole=profile.technopole_id)
        return forms.UnitForm(data, initial=initial, viewer=viewer)
    if isinstance(profile, Technopole):
        initial["manager"] = profile.manager.name if profile.manager else ""
    return forms.TechnopoleForm(data, initial=initial, viewer=viewer)


def _save_identity(viewer: Viewer, page: ProfilePage, values: dict[str, Any]) -> None:
    for name in ("legal_form", "sector", "technopole"):
        if name in values:
            values[f"{name}_id"] = values.pop(name) or None
    if "manager" in values:
        manager = values.pop("manager")
        values["manager_id"] = manager.pk if manager else None
    actions.edit_profile(actor=viewer, profile_id=page.profile.pk, **values)


def _words(viewer: Viewer, page: ProfilePage, data: QueryDict | None, get: QueryDict) -> Form:
    names = ("version", "description_it", "description_en", "notes_it", "notes_en")
    initial = {name: getattr(page.profile, name) for name in names}
    return forms.WordsForm(data, initial=initial)


def _save_words(viewer: Viewer, page: ProfilePage, values: dict[str, Any]) -> None:
    actions.edit_profile(actor=viewer, profile_id=page.profile.pk, **values)


IDENTITY = Part(
    "identity",
    gettext_lazy("Identity"),
    (
        Task(
            "save_identity",
            gettext_lazy("Identity"),
            gettext_lazy("Save"),
            _identity,
            _save_identity,
        ),
    ),
)
WORDS = Part(
    "words",
    gettext_lazy("Words"),
    (Task("save_words", gettext_lazy("Words"), gettext_lazy("Save"), _words, _save_words),),
)


# --- Lists and fields.


def _lists(viewer: Viewer, page: ProfilePage, data: QueryDict | None, get: QueryDict) -> Form:
    initial: dict[str, Any] = {"version": page.profile.version}
    for part in page.lists:
        initial[part.section.value] = [ItemText(item.text_it, item.text_en) for item in part.items]
    return forms.ListsForm(data, initial=initial)


def _save_lists(viewer: Viewer, page: ProfilePage, values: dict[str, Any]) -> None:
    sections = {section: values[section.value] or [] for section in ItemSection}
    actions.replace_lists(
        actor=viewer, profile_id=page.profile.pk, lists=sections, version=values["version"]
    )


def _fields(viewer: Viewer, page: ProfilePage, data: QueryDict | None, get: QueryDict) -> Form:
    present = [str(concept.pk) for concept in page.fields]
    chosen = data.getlist("fields_chosen") if data is not None else present
    find = data.get("words", "") if data is not None else ""
    return forms.FieldsForm(
        data,
        initial={"version": page.profile.version, "fields_chosen": present},
        viewer=viewer,
        chosen=chosen,
        find=find,
    )


def _save_fields(viewer: Viewer, page: ProfilePage, values: dict[str, Any]) -> None:
    actions.set_fields(
        actor=viewer,
        profile_id=page.profile.pk,
        concept_ids=[int(key) for key in values["fields_chosen"]],
        version=values["version"],
    )


LISTS = Part(
    "lists",
    gettext_lazy("Competences, equipment, services"),
    (
        Task(
            "save_lists",
            gettext_lazy("Competences, equipment, services"),
            gettext_lazy("Save"),
            _lists,
            _save_lists,
        ),
    ),
)
FIELDS = Part(
    "fields",
    gettext_lazy("Fields"),
    (Task("save_fields", gettext_lazy("Fields"), gettext_lazy("Save"), _fields, _save_fields),),
)


# --- Seats.


def _seat_of(page: ProfilePage, key: str) -> Seat | None:
    return next((s for s in (*page.seats, *page.past_seats) if str(s.pk) == key), None)


def _seat(viewer: Viewer, page: ProfilePage, data: QueryDict | None, get: QueryDict) -> Form:
    seat = _seat_of(page, (data or get).get("seat", ""))
    initial: dict[str, Any] = {}
    if seat is not None:
        initial = {
            name: getattr(seat, name)
            for name in ("label", "address", "postcode", "valid_from", "valid_until", "is_main")
        }
        initial.update(seat=seat.pk, municipality=seat.municipality_id)
        if seat.precision == "exact":
            initial.update(latitude=seat.latitude, longitude=seat.longitude)
    return forms.SeatForm(data, initial=initial, viewer=viewer)


def _save_seat(viewer: Viewer, page: ProfilePage, values: dict[str, Any]) -> None:
    seat_id = values.pop("seat")
    values["municipality_id"] = values.pop("municipality") or None
    if seat_id is None:
        actions.add_seat(actor=viewer, profile_id=page.profile.pk, **values)
        return
    if _seat_of(page, str(seat_id)) is None:
        raise Http404
    actions.change_seat(actor=viewer, seat_id=seat_id, **values)


def _end_seat(viewer: Viewer, page: ProfilePage, values: dict[str, Any]) -> None:
    actions.end_seat(
        actor=viewer, seat_id=values["row"], valid_until=values["valid_until"] or viewer.today
    )


SEATS = Part(
    "seats",
    gettext_lazy("Seats"),
    (Task("save_seat", gettext_lazy("Seat"), gettext_lazy("Save the seat"), _seat, _save_seat),),
    {"end_seat": _end_seat},
)


# --- Names and identifiers.


def _name(viewer: Viewer, page: ProfilePage, data: QueryDict | None, get: QueryDict) -> Form:
    return forms.NameForm(data)


def _identifier(viewer: Viewer, page: ProfilePage, data: QueryDict | None, get: QueryDict) -> Form:
    return forms.IdentifierForm(data)


NAMES = Part(
    "names",
    gettext_lazy("Other names and identifiers"),
    (
        Task(
            "add_name",
            gettext_lazy("Add another name"),
            gettext_lazy("Add the name"),
            _name,
            lambda viewer, page, values: actions.add_other_name(
                actor=viewer, profile_id=page.profile.pk, **values
            ),
        ),
        Task(
            "add_identifier",
            gettext_lazy("Add an identifier"),
            gettext_lazy("Add the identifier"),
            _identifier,
            lambda viewer, page, values: actions.add_identifier(
                actor=viewer, profile_id=page.profile.pk, **values
            ),
        ),
    ),
    {
        "remove_name": lambda viewer, page, values: actions.remove_other_name(
            actor=viewer, other_name_id=values["row"]
        ),
        "remove_identifier": lambda viewer, page, values: actions.remove_identifier(
            actor=viewer, identifier_id=values["row"]
        ),
    },
)


# --- Kind, size and ties of an organisation.


def _kind(viewer: Viewer, page: ProfilePage, data: QueryDict | None, get: QueryDict) -> Form:
    initial = {"kind": page.kind.kind if page.kind else "", "valid_from": viewer.today}
    return forms.KindForm(data, initial=initial)


def _size(viewer: Viewer, page: ProfilePage, data: QueryDict | None, get: QueryDict) -> Form:
    return forms.SizeForm(data, initial={"year": viewer.today.year - 1})


def _parent(viewer: Viewer, page: ProfilePage, data: QueryDict | None, get: QueryDict) -> Form:
    return forms.ParentForm(data, viewer=viewer)


def _add_parent(viewer: Viewer, page: ProfilePage, values: dict[str, Any]) -> None:
    parent = values.pop("parent")
    actions.add_parent(actor=viewer, child_id=page.profile.pk, parent_id=parent.pk, **values)


def _end_parent(viewer: Viewer, page: ProfilePage, values: dict[str, Any]) -> None:
    actions.end_parent(
        actor=viewer,
        parentage_id=values["row"],
        valid_until=values["valid_until"] or viewer.today,
    )


FACTS = Part(
    "facts",
    gettext_lazy("Kind, size and ties"),
    (
        Task(
            "set_kind",
            gettext_lazy("State the kind"),
            gettext_lazy("Save the kind"),
            _kind,
            lambda viewer, page, values: actions.set_kind(
                actor=viewer, organisation_id=page.profile.pk, **values
            ),
        ),
        Task(
            "state_size",
            gettext_lazy("State the size"),
            gettext_lazy("Save the size"),
            _size,
            lambda viewer, page, values: actions.state_size(
                actor=viewer, organisation_id=page.profile.pk, **values
            ),
        ),
        Task(
            "add_parent",
            gettext_lazy("Add a parent organisation"),
            gettext_lazy("Add the tie"),
            _parent,
            _add_parent,
        ),
    ),
    {"end_parent": _end_parent},
)


# --- Accreditation.


def _accreditation(
    viewer: Viewer, page: ProfilePage, data: QueryDict | None, get: QueryDict
) -> Form:
    return forms.AccreditationForm(data)


def _accredit(viewer: Viewer, page: ProfilePage, values: dict[str, Any]) -> None:
    values["note_it"], values["note_en"] = values.pop("notes_it"), values.pop("notes_en")
    actions.accredit(actor=viewer, profile_id=page.profile.pk, **values)


def _end_accreditation(viewer: Viewer, page: ProfilePage, values: dict[str, Any]) -> None:
    actions.end_accreditation(
        actor=viewer,
        accreditation_id=values["row"],
        valid_until=values["valid_until"] or viewer.today,
    )


ACCREDITATION = Part(
    "accreditation",
    gettext_lazy("Accreditation"),
    (
        Task(
            "accredit",
            gettext_lazy("Record an accreditation"),
            gettext_lazy("Save the accreditation"),
            _accreditation,
            _accredit,
        ),
    ),
    {"end_accreditation": _end_accreditation},
)
