"""The whole evidence about a profile, and what its people say of it."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from trebbo.ecosystem.evidence import actions, queries
from trebbo.ecosystem.evidence.choices import ParticipationRole, Verdict
from trebbo.ecosystem.evidence.forms import CorrectionForm, RightFieldForm
from trebbo.ecosystem.evidence.queries import Filters, Part, ProfileEvidence
from trebbo.ecosystem.evidence.queries.partners import places_of
from trebbo.ecosystem.evidence.views import charts
from trebbo.ecosystem.organisations.models import Profile
from trebbo.ecosystem.organisations.queries import field_choices
from trebbo.ecosystem.organisations.queries.pages import visible_units
from trebbo.kernel.access import Viewer, public, signed_in, viewer_of
from trebbo.kernel.pages import PAGE_SIZE, add_refusal

PARTNERS_A_PAGE = 50
ONE_CLICK = {"confirm": Verdict.CONFIRMED, "hide": Verdict.HIDDEN}


@public
def profile_evidence(request: HttpRequest, slug: str) -> HttpResponse:
    """Projects, fields and partners of a profile, each with its official record."""
    viewer = viewer_of(request)
    profile = _profile(slug, viewer)
    evidence = queries.profile_evidence(profile, viewer=viewer)
    filters = Filters(
        **{name: request.GET.get(name, "") for name in ("year", "field", "programme", "role")}
    )
    page = Paginator(filters.keep(evidence.parts), PAGE_SIZE).get_page(request.GET.get("page"))
    partners = queries.partners_of(profile, viewer=viewer)
    provinces = queries.provinces_of(partners, viewer=viewer)
    may_speak = _may_speak(profile)
    context = {
        **_context(profile, evidence),
        "filters": filters,
        "choices": _choices(evidence),
        "page_obj": page,
        "rows": _rows(profile, page.object_list, viewer),
        "partners": partners,
        "partners_page": Paginator(partners, PARTNERS_A_PAGE).get_page(request.GET.get("partners")),
        "charts": charts.profile_charts(evidence),
        "maps": [
            drawn
            for drawn in (charts.europe_map(places_of(partners)), charts.italy_map(provinces))
            if drawn
        ],
        "given": queries.given_to_units(profile, viewer=viewer) if may_speak else [],
    }
    return render(request, "evidence/profile_evidence.html", context)


@signed_in
@require_http_methods(["GET", "POST"])
def participation_say(request: HttpRequest, slug: str, participation_id: int) -> HttpResponse:
    """Confirm, hide, correct or take back, for one part in a project."""
    viewer = viewer_of(request)
    profile = _profile(slug, viewer)
    if not _may_speak(profile):
        raise PermissionDenied
    if request.method == "GET" or "correct" in request.POST:
        return _correct_part(request, profile, participation_id)
    words = _("The official record holds again.")
    if "take_back" in request.POST:
        actions.take_back(actor=viewer, profile_id=profile.pk, participation_id=participation_id)
    else:
        spoken = actions.say_of_participation(
            actor=viewer,
            profile_id=profile.pk,
            participation_id=participation_id,
            verdict=_verdict(request),
        )
        words = _thanks(spoken)
    part = queries.part_of(profile, participation_id, viewer=viewer)
    if _asked_by_htmx(request) and part:
        [row] = _rows(profile, [part], viewer)
        context = {"profile": profile, "row": row, "may_speak": True, "said_now": words}
        return render(request, "evidence/_part.html", context)
    return _back(request, profile, words, f"part-{participation_id}")


@signed_in
@require_http_methods(["GET", "POST"])
def field_say(request: HttpRequest, slug: str, concept_id: int) -> HttpResponse:
    """Confirm, hide, correct or take back, for one field."""
    viewer = viewer_of(request)
    profile = _profile(slug, viewer)
    if not _may_speak(profile):
        raise PermissionDenied
    if request.method == "GET" or "correct" in request.POST:
        return _correct_field(request, profile, concept_id)
    words = _("The official record holds again.")
    if "take_back" in request.POST:
        actions.take_back(actor=viewer, profile_id=profile.pk, concept_id=concept_id)
    else:
        spoken = actions.say_of_field(
            actor=viewer,
            profile_id=profile.pk,
            concept_id=concept_id,
            verdict=_verdict(request),
        )
        words = _thanks(spoken)
    if _asked_by_htmx(request):
        evidence = queries.profile_evidence(profile, viewer=viewer)
        context = {**_context(profile, evidence), "said_now": words}
        return render(request, "evidence/_fields.html", context)
    return _back(request, profile, words, "fields")


def _correct_part(request: HttpRequest, profile: Profile, participation_id: int) -> HttpResponse:
    viewer = viewer_of(request)
    part = queries.part_of(profile, participation_id, viewer=viewer)
    if part is None:
        raise Http404
    units = visible_units(viewer=viewer).filter(organisation=profile.pk)
    form = CorrectionForm(
        request.POST if request.method == "POST" else None,
        units=[(str(unit.pk), unit.title) for unit in units],
        initial=_said_before(part),
    )
    if form.is_bound and form.is_valid():
        typed = form.cleaned_data
        try:
            spoken = actions.say_of_participation(
                actor=viewer,
                profile_id=profile.pk,
                participation_id=participation_id,
                verdict=Verdict.CORRECTED,
                role=typed["role"],
                contribution=typed["contribution"],
                done_by=int(typed["done_by"]) if typed.get("done_by") else None,
                note=typed["note"],
            )
        except actions.StatementRefused as refusal:
            add_refusal(form, refusal)
        else:
            return _back(request, profile, _thanks(spoken), f"part-{participation_id}")
    context = {"profile": profile, "part": part, "form": form}
    status = 400 if form.errors else 200
    return render(request, "evidence/participation_say.html", context, status=status)


def _correct_field(request: HttpRequest, profile: Profile, concept_id: int) -> HttpResponse:
    viewer = viewer_of(request)
    evidence = queries.profile_evidence(profile, viewer=viewer)
    told = (told for part in (*evidence.parts, *evidence.hidden) for told in part.fields)
    concept = next((one.concept for one in told if one.concept.pk == concept_id), None)
    if concept is None:
        raise Http404
    words = request.POST.get("words", "") or request.GET.get("words", "")
    chosen = request.POST.get("instead", "")
    choices = field_choices(viewer=viewer, chosen=[chosen], words=words) if words else []
    posted = request.method == "POST"
    form = RightFieldForm(
        request.POST if posted else None, choices=choices, initial={"words": words}
    )
    if posted and form.is_valid():
        try:
            spoken = actions.say_of_field(
                actor=viewer,
                profile_id=profile.pk,
                concept_id=concept_id,
                verdict=Verdict.CORRECTED,
                instead=int(form.cleaned_data["instead"] or 0),
            )
        except actions.StatementRefused as refusal:
            add_refusal(form, refusal)
        else:
            return _back(request, profile, _thanks(spoken), "fields")
    context = {
        "profile": profile,
        "concept": concept,
        "form": form,
        "words": words,
        "found": bool(choices),
    }
    status = 400 if form.errors else 200
    return render(request, "evidence/field_say.html", context, status=status)


def _profile(slug: str, viewer: Viewer) -> Profile:
    profile = queries.with_evidence(slug, viewer=viewer)
    if profile is None:
        raise Http404
    return profile


def _may_speak(profile: Profile) -> bool:
    """As `with_evidence` has read it."""
    return bool(vars(profile)["may_speak"])


def _context(profile: Profile, evidence: ProfileEvidence) -> dict[str, Any]:
    return {"profile": profile, "evidence": evidence, "may_speak": _may_speak(profile)}


def _choices(evidence: ProfileEvidence) -> dict[str, list[tuple[str, str]]]:
    """What the list can be narrowed to."""
    years = sorted({part.year for part in evidence.parts if part.year}, reverse=True)
    fields = sorted(evidence.fields, key=lambda row: row.concept.label.casefold())
    roles = {part.role for part in evidence.parts}
    return {
        "year": [(str(year), str(year)) for year in years],
        "field": [(str(row.concept.pk), row.concept.label) for row in fields],
        "programme": [(name, name) for name, _projects, _money in evidence.programmes],
        "role": [(role.value, str(role.label)) for role in ParticipationRole if role in roles],
    }


def _rows(profile: Profile, parts: Iterable[Part], viewer: Viewer) -> list[dict[str, Any]]:
    """The parts with how many others take part in each project."""
    shown = list(parts)
    counts = queries.partner_counts(profile, [part.project.pk for part in shown], viewer=viewer)
    return [{"part": part, "partners": counts.get(part.project.pk, 0)} for part in shown]


def _said_before(part: Part) -> dict[str, Any]:
    if part.said is None:
        return {}
    said = part.said
    return {
        "role": said.role,
        "contribution": said.contribution,
        "done_by": str(said.done_by or ""),
        "note": said.note,
    }


def _verdict(request: HttpRequest) -> Verdict:
    for name, verdict in ONE_CLICK.items():
        if name in request.POST:
            return verdict
    raise Http404


def _thanks(spoken: actions.Spoken) -> str:
    words = _("Thank you: it stands as you say.")
    if spoken.overtook:
        before = _("%(name)s had said: %(words)s.") % {"name": spoken.by, "words": spoken.before}
        words = f"{words} {before}"
    return words


def _asked_by_htmx(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true"


def _back(request: HttpRequest, profile: Profile, words: str, anchor: str) -> HttpResponse:
    messages.success(request, words)
    address = reverse("profile_evidence", args=[profile.slug])
    page = request.POST.get("page", "")
    query = f"?page={page}" if page.isdigit() and page != "1" else ""
    return redirect(f"{address}{query}#{anchor}")
