"""Pages on how bodies wish to be shown in asks, and on the offices' floors."""

from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from trebbo.kernel.access import Viewer, office, signed_in, viewer_of
from trebbo.kernel.errors import Refusal
from trebbo.kernel.pages import add_refusal, key_of
from trebbo.partnering.introductions import actions
from trebbo.partnering.introductions.forms import FloorForm, PreferencesForm, SilenceForm
from trebbo.partnering.introductions.queries import preferences
from trebbo.partnering.introductions.queries.preferences import Preferences
from trebbo.partnering.introductions.queries.silence import own_silence


@signed_in
@require_http_methods(["GET", "POST"])
def ask_preferences(request: HttpRequest, slug: str) -> HttpResponse:
    """Say whether and when a body is shown in asks, and from whom it is kept apart."""
    viewer = viewer_of(request)
    said = preferences.preferences_of(slug, viewer=viewer)
    if said is None:
        raise Http404
    initial = {
        "is_silent": said.is_silent,
        "no_capacity_until": said.no_capacity_until,
        "most_a_month": said.most_a_month,
    }
    saves = request.POST.get("do") == "save"
    form = PreferencesForm(request.POST if saves else None, initial=initial)
    refusal = None
    if request.method == "POST" and (not saves or form.is_valid()):
        try:
            messages.success(request, _say(request, viewer, said, form))
        except Refusal as told:
            refusal = told
            if saves:
                add_refusal(form, told)
        else:
            return redirect("ask_preferences", slug)
    words = request.GET.get("find", "")
    without = [said.profile.pk, *(pair.other_id for pair in said.kept_apart)]
    context = {
        "said": said,
        "profile": said.profile,
        "form": form,
        "refusal": None if saves else refusal,
        "find": words,
        "named": preferences.profiles_named(words, viewer=viewer, without=without),
    }
    status = refusal.status if refusal else 400 if form.errors else 200
    return render(request, "introductions/ask_preferences.html", context, status=status)


@signed_in
@require_http_methods(["GET", "POST"])
def my_silence(request: HttpRequest) -> HttpResponse:
    """Say how one wishes to be asked in person, and by whom not."""
    viewer = viewer_of(request)
    said = own_silence(viewer=viewer)
    saves = request.POST.get("do") == "save"
    initial = {
        "is_silent": bool(said and said.is_silent),
        "most_a_month": said.most_a_month if said else None,
    }
    form = SilenceForm(request.POST if saves else None, initial=initial)
    refusal = None
    if request.method == "POST" and (not saves or form.is_valid()):
        try:
            _keep_silence(request, viewer, form)
        except Refusal as told:
            refusal = told
            if saves:
                add_refusal(form, told)
        else:
            messages.success(request, _("Saved."))
            return redirect("my_silence")
    words = request.GET.get("find", "")
    away = list(said.not_for.order_by("sort_name")) if said else []
    without = [other.pk for other in away]
    context = {
        "form": form,
        "refusal": None if saves else refusal,
        "away": away,
        "find": words,
        "named": preferences.profiles_named(words, viewer=viewer, without=without),
    }
    status = refusal.status if refusal else 400 if form.errors else 200
    return render(request, "introductions/my_silence.html", context, status=status)


@office
@require_http_methods(["GET", "POST"])
def ask_floors(request: HttpRequest) -> HttpResponse:
    """The least shares of the first places, as the viewer's offices set them."""
    viewer = viewer_of(request)
    sets = request.POST.get("do") == "set"
    form = FloorForm(
        request.POST if sets else None,
        offices=preferences.floor_offices(viewer=viewer),
        provinces=preferences.province_choices(viewer=viewer),
    )
    if request.POST.get("do") == "remove":
        actions.remove_floor(actor=viewer, floor_id=key_of(request.POST.get("floor", "")))
        messages.success(request, _("The floor is removed."))
        return redirect("ask_floors")
    if sets and form.is_valid():
        try:
            _set_floor(viewer, form.cleaned_data)
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("The floor is set."))
            return redirect("ask_floors")
    context = {"form": form, "floors": preferences.visible_floors(viewer=viewer)}
    status = 400 if form.errors else 200
    return render(request, "introductions/ask_floors.html", context, status=status)


def _say(request: HttpRequest, viewer: Viewer, said: Preferences, form: Form) -> str:
    profile_id, other_id = said.profile.pk, key_of(request.POST.get("other", ""))
    do = request.POST.get("do", "")
    if do == "apart":
        pair = actions.keep_apart(actor=viewer, profile_id=profile_id, other_id=other_id)
        return _("%(name)s is kept apart.") % {"name": pair.other.title}
    if do == "together":
        actions.end_keep_apart(actor=viewer, profile_id=profile_id, other_id=other_id)
        return _("No longer kept apart.")
    if do != "save":
        raise Http404
    typed = form.cleaned_data
    if typed["no_capacity_until"] != said.no_capacity_until:
        until = typed["no_capacity_until"]
        actions.set_no_capacity_until(actor=viewer, profile_id=profile_id, until=until)
    if typed["most_a_month"] != said.most_a_month:
        most = typed["most_a_month"]
        actions.set_most_a_month(actor=viewer, profile_id=profile_id, most=most)
    if typed["is_silent"] != said.is_silent:
        actions.set_silent(actor=viewer, profile_id=profile_id, is_silent=typed["is_silent"])
    return _("Saved.")


def _keep_silence(request: HttpRequest, viewer: Viewer, form: Form) -> None:
    do = request.POST.get("do", "")
    if do == "save":
        actions.set_own_silence(actor=viewer, **form.cleaned_data)
    elif do in ("away", "near"):
        other_id = key_of(request.POST.get("other", ""))
        actions.stay_away_from(actor=viewer, profile_id=other_id, stays_away=do == "away")
    else:
        raise Http404


def _set_floor(viewer: Viewer, typed: dict[str, Any]) -> None:
    kind, _dash, key = typed["office"].partition("-")
    actions.set_floor(
        actor=viewer,
        group=typed["group"],
        share=typed["share"],
        value=typed["value"],
        cluster_id=int(key) if kind == "cluster" else None,
        network_id=int(key) if kind == "network" else None,
    )
