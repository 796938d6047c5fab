"""The pages on which a competence is stated and changed, also when two people do so at once."""

from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from trebbo.ecosystem.organisations.choices import Visibility
from trebbo.ecosystem.organisations.models import Profile
from trebbo.kernel import sheets
from trebbo.kernel.access import Viewer, signed_in, viewer_of
from trebbo.kernel.errors import NotAllowed, Refusal
from trebbo.kernel.pages import Difference, add_refusal, key_of, show_sheet
from trebbo.kernel.text import in_language
from trebbo.sharing.skills import actions, queries
from trebbo.sharing.skills.actions.competences import RULES, present_values
from trebbo.sharing.skills.choices import Direction, Level
from trebbo.sharing.skills.forms import CompetenceForm
from trebbo.sharing.skills.models import Competence

LABELS: dict[str, str | Promise] = {
    "direction": gettext_lazy("Offered or sought"),
    "subject": gettext_lazy("Competence"),
    "level": gettext_lazy("Level"),
    "people": gettext_lazy("People who have it"),
    "note_it": gettext_lazy("Note in Italian"),
    "note_en": gettext_lazy("Note in English"),
    "visibility": gettext_lazy("Who sees it"),
    "valid_from": gettext_lazy("From"),
    "valid_until": gettext_lazy("Until"),
    "proofs": gettext_lazy("Evidence"),
}
NO_CONCEPT = ("", gettext_lazy("None of these: in our own words"))
OTHER_ROWS = 40


@dataclass(slots=True)
class Sheet:
    """The form as the page draws it, with what it stands for."""

    profile: Profile
    competence: Competence | None
    form: CompetenceForm
    seen: dict[str, str]
    version: int = 0
    clash: bool = False
    differences: list[Difference] = field(default_factory=list)


@signed_in
@require_http_methods(["GET", "POST"])
def competence_new(request: HttpRequest, slug: str) -> HttpResponse:
    """State a competence that the body offers or seeks."""
    viewer = viewer_of(request)
    profile = demanded_profile(slug, viewer)
    direction = request.GET.get("direction", "")
    blank = {"direction": direction if direction in Direction.values else Direction.OFFERED}
    typed = request.POST if request.method == "POST" else None
    form = _form(profile, viewer, typed, blank)
    if typed is not None and "find" not in typed and form.is_valid():
        try:
            stated = actions.state_competence(
                actor=viewer, profile_id=profile.pk, **_arguments(_typed(form))
            )
        except Refusal as refusal:
            _tell(form, refusal)
        else:
            messages.success(request, _("“%(name)s” is stated.") % {"name": stated.label})
            return redirect("profile_skills", slug)
    return _show(request, Sheet(profile, None, form, {}))


@signed_in
@require_http_methods(["GET", "POST"])
def competence_edit(request: HttpRequest, slug: str, competence_id: int) -> HttpResponse:
    """Change a competence; who saves second is shown what the other changed."""
    viewer = viewer_of(request)
    profile = demanded_profile(slug, viewer)
    competence = queries.competence_of(profile, competence_id, viewer=viewer)
    if request.method == "POST":
        return _change(request, profile, competence_id, competence)
    if competence is None:
        raise Http404
    present = _grouped(present_values(competence, viewer=viewer))
    form = _form(profile, viewer, None, _initial(present))
    return _show(
        request, Sheet(profile, competence, form, sheets.marks(present), competence.version)
    )


def demanded_profile(slug: str, viewer: Viewer) -> Profile:
    """The profile at this address, if the viewer may state its competences."""
    profile = queries.profile_of_skills(slug, viewer=viewer)
    if profile is None:
        raise Http404
    if not vars(profile)["may_state"]:
        raise PermissionDenied
    return profile


def _change(
    request: HttpRequest, profile: Profile, competence_id: int, competence: Competence | None
) -> HttpResponse:
    viewer, typed = viewer_of(request), request.POST
    form = _form(profile, viewer, typed, {})
    version = key_of(typed.get("version", ""))
    seen = {name: typed.get(f"seen-{name}", "") for name in LABELS}
    sheet = Sheet(profile, competence, form, seen, version)
    if "find" in typed or not form.is_valid():
        return _show(request, sheet)
    mine = _typed(form)
    if competence is not None:
        mine = sheets.taken(typed, mine, _grouped(present_values(competence, viewer=viewer)))
    changes = sheets.changed(typed, mine)
    changes["subject"] = mine["subject"]
    try:
        try:
            _save(viewer, profile, competence_id, version, changes)
        except actions.CompetenceChanged as conflict:
            compared = _compared(sheet, conflict, mine, typed, viewer)
            if compared.differences or conflict.competence.pk != competence_id:
                return _show(request, compared)
            # What the two changed does not meet: both hold.
            _save(viewer, profile, competence_id, conflict.version, changes)
    except Refusal as refusal:
        _tell(form, refusal)
        return _show(request, sheet)
    messages.success(request, _("Saved."))
    return redirect("profile_skills", profile.slug)


def _save(
    viewer: Viewer, profile: Profile, competence_id: int, version: int, changes: dict[str, Any]
) -> None:
    actions.change_competence(
        actor=viewer,
        competence_id=competence_id,
        version=version,
        profile_id=profile.pk,
        **_arguments(changes),
    )


def _compared(
    sheet: Sheet,
    conflict: actions.CompetenceChanged,
    mine: dict[str, Any],
    typed: QueryDict,
    viewer: Viewer,
) -> Sheet:
    """The form with what both wrote: theirs where the person changed nothing, else mine."""
    theirs = _grouped(conflict.present)
    changes = sheets.changed(typed, mine)
    values = {**theirs, **changes}
    profile = sheet.profile

    def told(name: str, value: Any) -> str:
        return _told(name, value, profile, viewer)

    return Sheet(
        profile,
        conflict.competence,
        _form(profile, viewer, None, _initial(values)),
        sheets.marks(theirs),
        conflict.version,
        clash=True,
        differences=sheets.differences(typed, changes, theirs, LABELS, told),
    )


def _show(request: HttpRequest, sheet: Sheet) -> HttpResponse:
    address = reverse("competence_new", args=[sheet.profile.slug])
    if sheet.competence is not None:
        address = reverse("competence_edit", args=[sheet.profile.slug, sheet.competence.pk])
    context = {"profile": sheet.profile, "form": sheet.form, "sheet": sheet, "address": address}
    return show_sheet(request, "skills/competence_edit.html", context | {"clash": sheet.clash})


def _form(
    profile: Profile, viewer: Viewer, typed: QueryDict | None, initial: dict[str, Any]
) -> CompetenceForm:
    source = initial if typed is None else typed
    concepts = queries.concept_choices(
        viewer=viewer, chosen=[source.get("concept")], words=str(source.get("words") or "")
    )
    accreditations = queries.own_accreditations(profile, viewer=viewer)
    rows = sum(1 for name in source if name.startswith("other_text_") and source.get(name))
    return CompetenceForm(
        typed,
        initial=initial,
        concepts=[*concepts, NO_CONCEPT] if concepts else [],
        projects=[
            (str(one.pk), one.acronym or one.title)
            for one in queries.own_projects(profile, viewer=viewer)
        ],
        accreditations=[
            (str(one.pk), one.act or one.note or _("Accreditation")) for one in accreditations
        ],
        items=[(str(one.pk), one.text) for one in queries.own_equipment(profile, viewer=viewer)],
        rows=min(rows, OTHER_ROWS),
    )


def _typed(form: CompetenceForm) -> dict[str, Any]:
    """What the form says, in groups that stand or fall together."""
    said = form.cleaned_data
    others = [
        actions.OtherProof(said[f"other_text_{n}"].strip(), said[f"other_link_{n}"].strip())
        for n in form.rows
    ]
    proofs = actions.Proofs(
        tuple(said.get("projects", ())),
        tuple(said.get("accreditations", ())),
        tuple(said.get("items", ())),
        tuple(other for other in others if any(other)),
    )
    subject = (key_of(said["concept"]) or None, said["term_it"], said["term_en"])
    return {
        **{name: said[name] for name in RULES},
        "subject": subject,
        "proofs": proofs.in_order(),
    }


def _grouped(values: dict[str, Any]) -> dict[str, Any]:
    """What is kept, in the same groups."""
    subject = (values["concept_id"], values["term_it"], values["term_en"])
    return {
        **{name: values[name] for name in RULES},
        "subject": subject,
        "proofs": values["proofs"],
    }


def _arguments(grouped: dict[str, Any]) -> dict[str, Any]:
    """The groups as an action takes them."""
    arguments = {name: value for name, value in grouped.items() if name != "subject"}
    concept, term_it, term_en = grouped["subject"]
    return {**arguments, "concept_id": concept, "term_it": term_it, "term_en": term_en}


def _initial(grouped: dict[str, Any]) -> dict[str, Any]:
    """The groups as the form shows them."""
    concept, term_it, term_en = grouped["subject"]
    proofs = grouped["proofs"]
    shown = {name: grouped[name] for name in RULES}
    shown |= {"concept": concept or "", "term_it": term_it, "term_en": term_en}
    shown |= {
        "projects": list(proofs.projects),
        "accreditations": list(proofs.accreditations),
        "items": list(proofs.items),
    }
    for number, other in enumerate(proofs.others, start=1):
        shown |= {f"other_text_{number}": other.text, f"other_link_{number}": other.address}
    return shown


def _told(name: str, value: Any, profile: Profile, viewer: Viewer) -> str:
    """A value in words, to be compared with another."""
    if value in (None, ""):
        return ""
    if name == "subject":
        concept, italian, english = value
        chosen = queries.concept_choices(viewer=viewer, chosen=[concept], words="")
        return chosen[0][1] if chosen else in_language(italian, english)
    if name == "proofs":
        return "; ".join(_proofs_in_words(value, profile, viewer))
    lists = {"direction": Direction, "level": Level, "visibility": Visibility}
    if name in lists:
        return str(lists[name](value).label)
    return date_format(value, "SHORT_DATE_FORMAT") if name.startswith("valid_") else str(value)


def _proofs_in_words(proofs: actions.Proofs, profile: Profile, viewer: Viewer) -> list[str]:
    told = [
        str(one)
        for rows, keys in (
            (queries.own_projects(profile, viewer=viewer), proofs.projects),
            (queries.own_accreditations(profile, viewer=viewer), proofs.accreditations),
            (queries.own_equipment(profile, viewer=viewer), proofs.items),
        )
        if keys
        for one in rows.filter(pk__in=keys)
    ]
    return [*told, *(other.text for other in proofs.others)]


def _tell(form: CompetenceForm, refusal: Refusal) -> None:
    """Put the refusal beside its fields; where none of these is shown, above the form."""
    if isinstance(refusal, NotAllowed):
        raise refusal
    add_refusal(form, refusal)
