"""The pages of training: the list for everybody, and the form of who offers it."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from trebbo.ecosystem.organisations.choices import Visibility
from trebbo.kernel import sheets
from trebbo.kernel.access import Viewer, public, signed_in, viewer_of
from trebbo.kernel.errors import NotAllowed, Refusal
from trebbo.kernel.pages import Difference, add_refusal, key_of, paginate, show_sheet
from trebbo.sharing.skills import actions, queries
from trebbo.sharing.skills.actions.training import RULES, present_offer
from trebbo.sharing.skills.choices import TrainingKind
from trebbo.sharing.skills.forms import TrainingForm
from trebbo.sharing.skills.views.stating import demanded_profile

LABELS: dict[str, str | Promise] = {
    "kind": gettext_lazy("Kind of training"),
    "title_it": gettext_lazy("Title in Italian"),
    "title_en": gettext_lazy("Title in English"),
    "description_it": gettext_lazy("Description in Italian"),
    "description_en": gettext_lazy("Description in English"),
    "hours": gettext_lazy("Hours"),
    "places": gettext_lazy("Number of places"),
    "apply_by": gettext_lazy("Apply by"),
    "valid_from": gettext_lazy("First day"),
    "valid_until": gettext_lazy("Last day"),
    "address": gettext_lazy("Web address"),
    "visibility": gettext_lazy("Who sees it"),
    "field_ids": gettext_lazy("Fields"),
}
LISTS = {"kind": TrainingKind, "visibility": Visibility}
DAYS = {"apply_by", "valid_from", "valid_until"}


@require_safe
@public
def skills_training(request: HttpRequest) -> HttpResponse:
    """Courses, masters, seminars and work-based places of all bodies."""
    viewer, typed = viewer_of(request), request.GET
    kind = typed.get("kind", "")
    wanted = queries.TrainingWanted(
        words=typed.get("q", "")[:100],
        kind=kind if kind in TrainingKind.values else "",
        only_open="open" in typed,
    )
    page = paginate(queries.training_list(wanted, viewer=viewer), request)
    rows = [(offer, offer.open_on(viewer.today)) for offer in page]
    context = {"wanted": wanted, "page_obj": page, "rows": rows, "kinds": TrainingKind.choices}
    return render(request, "skills/skills_training.html", context)


@signed_in
@require_http_methods(["GET", "POST"])
def training_new(request: HttpRequest, slug: str) -> HttpResponse:
    """Offer training to people."""
    viewer = viewer_of(request)
    profile = demanded_profile(slug, viewer)
    typed = request.POST if request.method == "POST" else None
    form = _form(viewer, typed, {})
    if typed is not None and "find" not in typed and form.is_valid():
        try:
            offer = actions.offer_training(actor=viewer, profile_id=profile.pk, **_typed(form))
        except Refusal as refusal:
            _tell(form, refusal)
        else:
            messages.success(request, _("“%(name)s” is on offer.") % {"name": offer.title})
            return redirect("profile_skills", slug)
    return _show(request, {"profile": profile, "form": form})


@signed_in
@require_http_methods(["GET", "POST"])
def training_edit(request: HttpRequest, slug: str, training_id: int) -> HttpResponse:
    """Change an offer of training; who saves second is shown what the other changed."""
    viewer = viewer_of(request)
    profile = demanded_profile(slug, viewer)
    offer = queries.offer_of(profile, training_id, viewer=viewer)
    if offer is None:
        raise Http404
    present = present_offer(offer)
    context: dict[str, Any] = {"profile": profile, "offer": offer, "version": offer.version}
    if request.method != "POST":
        context |= {"form": _form(viewer, None, _initial(present)), "seen": sheets.marks(present)}
        return _show(request, context)
    typed = request.POST
    form = _form(viewer, typed, {})
    context |= {
        "form": form,
        "version": key_of(typed.get("version", "")),
        "seen": {name: typed.get(f"seen-{name}", "") for name in LABELS},
    }
    if "find" in typed or not form.is_valid():
        return _show(request, context)
    changes = sheets.changed(typed, sheets.taken(typed, _typed(form), present))
    try:
        try:
            _save(viewer, training_id, context["version"], changes)
        except actions.TrainingChanged as conflict:
            compared = _compared(conflict, changes, typed, viewer)
            if compared["differences"]:
                return _show(request, context | compared)
            # What the two changed does not meet: both hold.
            _save(viewer, training_id, conflict.version, changes)
    except Refusal as refusal:
        _tell(form, refusal)
        return _show(request, context)
    messages.success(request, _("Saved."))
    return redirect("profile_skills", slug)


def _save(viewer: Viewer, training_id: int, version: int, changes: dict[str, Any]) -> None:
    actions.change_training(actor=viewer, training_id=training_id, version=version, **changes)


def _compared(
    conflict: actions.TrainingChanged, changes: dict[str, Any], typed: QueryDict, viewer: Viewer
) -> dict[str, Any]:
    theirs = conflict.present

    def told(name: str, value: Any) -> str:
        return _told(name, value, viewer)

    differences: list[Difference] = sheets.differences(typed, changes, theirs, LABELS, told)
    return {
        "form": _form(viewer, None, _initial({**theirs, **changes})),
        "seen": sheets.marks(theirs),
        "version": conflict.version,
        "clash": True,
        "differences": differences,
    }


def _show(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    return show_sheet(request, "skills/training_edit.html", context)


def _form(viewer: Viewer, typed: QueryDict | None, initial: dict[str, Any]) -> TrainingForm:
    if typed is None:
        chosen, words = [str(key) for key in initial.get("fields_taught", ())], ""
    else:
        chosen, words = typed.getlist("fields_taught"), typed.get("words", "")
    concepts = queries.concept_choices(viewer=viewer, chosen=chosen, words=words)
    return TrainingForm(typed, initial=initial, concepts=concepts)


def _typed(form: TrainingForm) -> dict[str, Any]:
    said = form.cleaned_data
    fields = tuple(sorted(said.get("fields_taught", ())))
    return {**{name: said[name] for name in RULES}, "field_ids": fields}


def _initial(present: dict[str, Any]) -> dict[str, Any]:
    return {**present, "fields_taught": list(present["field_ids"])}


def _told(name: str, value: Any, viewer: Viewer) -> str:
    if value in (None, "", ()):
        return ""
    if name == "field_ids":
        chosen = queries.concept_choices(viewer=viewer, chosen=value, words="")
        return "; ".join(label for _key, label in chosen)
    if name in LISTS:
        return str(LISTS[name](value).label)
    return date_format(value, "SHORT_DATE_FORMAT") if name in DAYS else str(value)


def _tell(form: TrainingForm, refusal: Refusal) -> None:
    if isinstance(refusal, NotAllowed):
        raise refusal
    fields = {
        "fields_taught" if name == "fields" else name: w for name, w in refusal.fields.items()
    }
    add_refusal(form, Refusal(refusal.message, fields))
