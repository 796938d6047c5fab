"""The page on which a body looks after its competences and training, and decides suggestions."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers

from trebbo.ecosystem.organisations.models import Profile
from trebbo.kernel.access import Viewer, signed_in, viewer_of
from trebbo.kernel.errors import Refusal
from trebbo.kernel.pages import key_of
from trebbo.sharing.skills import actions, queries
from trebbo.sharing.skills.choices import Decision
from trebbo.sharing.skills.models import Suggestion
from trebbo.sharing.skills.views.stating import demanded_profile

Act = Callable[[Viewer, Profile, QueryDict], str]


@signed_in
@require_http_methods(["GET", "POST"])
@vary_on_headers("HX-Request")
def profile_skills(request: HttpRequest, slug: str) -> HttpResponse:
    """What the body offers and seeks, what is suggested, and what can be done about each."""
    viewer = viewer_of(request)
    profile = demanded_profile(slug, viewer)
    if request.method == "POST":
        act = ACTS.get(request.POST.get("do", ""))
        if act is None:
            raise Http404
        try:
            messages.success(request, act(viewer, profile, request.POST))
        except Refusal as refusal:
            messages.error(request, refusal.message)
        return redirect("profile_skills", slug)
    at = key_of(request.GET.get("at", ""))
    part = _is_part(request)
    context = {**_queue(viewer, profile, at), "profile": profile, "swapped": part}
    if part:
        return render(request, "skills/_review.html", context)
    context |= {
        "stated": queries.stated_by(profile, viewer=viewer),
        "training": queries.training_of(profile, viewer=viewer),
        "past_training": queries.past_training(profile, viewer=viewer),
    }
    return render(request, "skills/profile_skills.html", context)


@signed_in
@require_POST
@vary_on_headers("HX-Request")
def suggestion_decide(request: HttpRequest, slug: str, suggestion_id: int) -> HttpResponse:
    """Accept, refuse or take back; the next suggestion comes at once."""
    viewer = viewer_of(request)
    profile = demanded_profile(slug, viewer)
    decide = DECISIONS.get(request.POST.get("decision", ""))
    if decide is None:
        raise Http404
    at = key_of(request.POST.get("at", ""))
    refusal: Refusal | None = None
    try:
        suggestion = decide(viewer, suggestion_id)
    except actions.SkillsRefused as refused:
        refusal = refused
    else:
        at = suggestion.pk if suggestion.decision == Decision.WAITING else at
    if _is_part(request):
        context = {**_queue(viewer, profile, at), "profile": profile, "refusal": refusal}
        context |= {"stated": queries.stated_by(profile, viewer=viewer), "swapped": True}
        return render(request, "skills/_review.html", context)
    if refusal:
        messages.error(request, refusal.message)
    address = reverse("profile_skills", args=[slug])
    return redirect(f"{address}?at={at}#review" if at else f"{address}#review")


def _is_part(request: HttpRequest) -> bool:
    return bool(request.htmx) and request.htmx.target == "review"  # type: ignore[attr-defined]


def _queue(viewer: Viewer, profile: Profile, at: int) -> dict[str, Any]:
    """The suggestions that wait, the one that is looked at, and its neighbours."""
    waiting = list(queries.waiting_suggestions(profile, viewer=viewer))
    keys = [one.pk for one in waiting]
    place = keys.index(at) if at in keys else 0
    after = keys[place + 1] if place + 1 < len(keys) else None
    before = keys[place - 1] if place else None
    return {
        "waiting": waiting,
        "present": waiting[place] if waiting else None,
        "place": place + 1,
        "before": before,
        "after": after,
        "next_at": after or before or "",
        "last": queries.last_suggestion(profile, viewer=viewer),
    }


def _accept(viewer: Viewer, suggestion_id: int) -> Suggestion:
    return actions.decide_suggestion(
        actor=viewer, suggestion_id=suggestion_id, decision=Decision.ACCEPTED
    )


def _refuse(viewer: Viewer, suggestion_id: int) -> Suggestion:
    return actions.decide_suggestion(
        actor=viewer, suggestion_id=suggestion_id, decision=Decision.REFUSED
    )


def _undo(viewer: Viewer, suggestion_id: int) -> Suggestion:
    return actions.undo_suggestion(actor=viewer, suggestion_id=suggestion_id)


DECISIONS = {"accept": _accept, "refuse": _refuse, "undo": _undo}


def _confirm(viewer: Viewer, profile: Profile, typed: QueryDict) -> str:
    one = key_of(typed.get("competence", ""))
    count = actions.confirm_competences(
        actor=viewer, profile_id=profile.pk, competence_ids=[one] if one else None
    )
    words = ngettext(
        "%(count)s competence is confirmed for a year.",
        "%(count)s competences are confirmed for a year.",
        count,
    )
    return words % {"count": count}


def _end(viewer: Viewer, profile: Profile, typed: QueryDict) -> str:
    actions.end_competence(
        actor=viewer,
        competence_id=key_of(typed.get("competence", "")),
        last_day=_day(typed),
        mistake="mistake" in typed,
    )
    return _("Removed.") if "mistake" in typed else _("It is over, and stays in the history.")


def _end_training(viewer: Viewer, profile: Profile, typed: QueryDict) -> str:
    actions.end_training(
        actor=viewer,
        training_id=key_of(typed.get("training", "")),
        last_day=_day(typed),
        mistake="mistake" in typed,
    )
    return _("Removed.") if "mistake" in typed else _("It is over, and stays in the history.")


def _suggest(viewer: Viewer, profile: Profile, typed: QueryDict) -> str:
    count = actions.suggest_competences(actor=viewer, profile_id=profile.pk)
    if not count:
        return _("Nothing new was found in the projects and the text of the profile.")
    words = ngettext(
        "%(count)s new suggestion waits for a decision.",
        "%(count)s new suggestions wait for a decision.",
        count,
    )
    return words % {"count": count}


def _day(typed: QueryDict) -> date | None:
    words = typed.get("last_day", "").strip()
    if not words:
        return None
    try:
        day = parse_date(words)
    except ValueError:
        day = None
    if day is None:
        raise actions.SkillsRefused(_("This is not a date: write it like 2026-12-31."))
    return day


ACTS: dict[str, Act] = {
    "confirm": _confirm,
    "end": _end,
    "end_training": _end_training,
    "suggest": _suggest,
}
