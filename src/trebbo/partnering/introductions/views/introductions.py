"""Pages of introductions: a new one, one with its steps, and all that can be done with it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from trebbo.ecosystem.organisations.models import Profile
from trebbo.ecosystem.organisations.policies import view_profile
from trebbo.kernel.access import Viewer, signed_in, viewer_of
from trebbo.kernel.errors import Refusal
from trebbo.kernel.pages import add_refusal, key_of
from trebbo.partnering.introductions import actions
from trebbo.partnering.introductions.choices import IntroductionState
from trebbo.partnering.introductions.forms import (
    ColleagueForm,
    DeclineForm,
    IntroduceForm,
    MeetingForm,
    OutcomeForm,
    WordsForm,
)
from trebbo.partnering.introductions.models import Introduction
from trebbo.partnering.introductions.queries import introductions as queries
from trebbo.partnering.introductions.queries import kept
from trebbo.partnering.introductions.queries.ideas import idea_behind

FORMS: dict[str, type[Form]] = {
    "decline": DeclineForm,
    "pass_on": ColleagueForm,
    "meeting": MeetingForm,
    "outcome": OutcomeForm,
    "withdraw": WordsForm,
}
Act = Callable[[Viewer, int, dict[str, Any]], str]


@signed_in
@require_http_methods(["GET", "POST"])
def introduce(request: HttpRequest, ask_id: int, slug: str) -> HttpResponse:
    """Write an introduction of who asks to a body, and send it or keep it as a draft."""
    viewer = viewer_of(request)
    page = kept.kept_ask(ask_id, viewer=viewer)
    if page is None or not page.may_edit_shortlist:
        raise Http404
    profile = get_object_or_404(view_profile.filter(viewer, Profile.objects.all()), slug=slug)
    choices = _choices(profile, viewer)
    initial = {"contact": choices[0][0] if choices else "", "language": viewer.language}
    form = IntroduceForm(request.POST or None, people=choices, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.draft_introduction(
                actor=viewer, ask_id=ask_id, profile_id=profile.pk, **_contact_of(form)
            )
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            return _sent_or_kept(request, made)
    context = {
        "ask": page.ask,
        "profile": profile,
        "form": form,
        "asks_itself": page.may_edit,
    }
    status = 400 if form.errors else 200
    return render(request, "introductions/introduce.html", context, status=status)


@signed_in
@require_http_methods(["GET", "POST"])
def introduction(request: HttpRequest, introduction_id: int) -> HttpResponse:
    """One introduction: how it stands, what happened, and what the viewer can do next."""
    viewer = viewer_of(request)
    page = _page(introduction_id, viewer)
    present = page.introduction
    name = request.POST.get("do", "") if request.method == "POST" else ""
    forms = _forms(request, name, present)
    refusal: Refusal | None = None
    if name:
        try:
            if words := _act(request, name, present.pk, forms.get(name)):
                messages.success(request, words)
                # Who passed it on may no longer see it.
                seen = queries.visible_introductions(viewer=viewer).filter(pk=present.pk)
                return redirect(present if seen.exists() else "my_asks")
        except Refusal as caught:
            refusal = caught
            if name in forms:
                add_refusal(forms[name], caught)
            page = _page(introduction_id, viewer)
    return _show(request, page, forms, refusal)


@signed_in
@require_http_methods(["GET", "POST"])
def introduction_edit(request: HttpRequest, introduction_id: int) -> HttpResponse:
    """Change a draft, or send it."""
    viewer = viewer_of(request)
    page = _page(introduction_id, viewer)
    one = page.introduction
    if not page.may_manage or one.state != IntroductionState.DRAFT or one.profile is None:
        raise Http404
    choices = _choices(one.profile, viewer)
    known = str(one.contact_id) if str(one.contact_id) in dict(choices) else ""
    typed_here = not known and (viewer.is_office or one.owner_id == viewer.person_id)
    initial = {
        "contact": known,
        "name": one.contact_name if typed_here else "",
        "email": one.contact_email if typed_here else "",
        "language": one.contact_language,
        "words": one.words,
    }
    form = IntroduceForm(request.POST or None, people=choices, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            changed = actions.change_introduction(
                actor=viewer,
                introduction_id=one.pk,
                version=key_of(request.POST.get("version", "")),
                **_contact_of(form),
            )
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            return _sent_or_kept(request, changed)
    context = {
        "ask": one.ask,
        "profile": one.profile,
        "form": form,
        "introduction": one,
        "asks_itself": page.is_asker,
    }
    status = 400 if form.errors else 200
    return render(request, "introductions/introduce.html", context, status=status)


def _choices(profile: Profile, viewer: Viewer) -> list[tuple[str, str]]:
    people = queries.people_to_ask(profile.pk, viewer=viewer)
    return [(str(person.pk), str(person)) for person in people]


def _sent_or_kept(request: HttpRequest, made: Introduction) -> HttpResponse:
    """Send it where that was pressed; where that is refused, it is kept as a draft."""
    if request.POST.get("then") != "send":
        messages.success(request, _("The introduction is kept as a draft."))
        return redirect(made)
    try:
        sent = actions.send_introduction(
            actor=viewer_of(request), introduction_id=made.pk, version=made.version
        )
    except Refusal as refusal:
        messages.warning(request, refusal.message)
        messages.success(request, _("The introduction is kept as a draft."))
    else:
        messages.success(request, _sent_words(sent))
    return redirect(made)


def _sent_words(sent: Introduction) -> str:
    if sent.state == IntroductionState.PROPOSED:
        return _("Sent to who asks: once they agree, the other side is asked.")
    return _("Sent: %(name)s is asked now.") % {"name": sent.contact_name}


def _page(introduction_id: int, viewer: Viewer) -> queries.IntroductionPage:
    page = queries.introduction_page(introduction_id, viewer=viewer)
    if page is None:
        raise Http404
    return page


def _forms(request: HttpRequest, name: str, present: Introduction) -> dict[str, Form]:
    """The forms of the page; the one that was sent holds what was typed."""
    initial: dict[str, dict[str, Any]] = {
        "meeting": {"at": present.meeting_at, "place": present.meeting_place},
        "pass_on": {"language": present.contact_language},
    }
    return {
        key: form(request.POST if key == name else None, prefix=key, initial=initial.get(key))
        for key, form in FORMS.items()
    }


def _act(request: HttpRequest, name: str, introduction_id: int, form: Form | None) -> str:
    """Do what was pressed, and say so; nothing where its form says what is wrong."""
    act = ACTS.get(name)
    if act is None:
        raise Http404
    if form is not None and not form.is_valid():
        return ""
    version = {"version": key_of(request.POST.get("version", ""))}
    return act(viewer_of(request), introduction_id, form.cleaned_data if form else version)


def _show(
    request: HttpRequest,
    page: queries.IntroductionPage,
    forms: dict[str, Form],
    refusal: Refusal | None,
) -> HttpResponse:
    viewer = viewer_of(request)
    if page.reads_text and page.introduction.contact_id == viewer.person_id:
        actions.note_reading(actor=viewer, ask=page.introduction.ask)
    context = {
        "page": page,
        "introduction": page.introduction,
        "ask": page.introduction.ask,
        "idea": idea_behind(page.introduction, viewer=viewer),
        "forms": forms,
        "refusal": refusal,
    }
    wrong = any(form.errors for form in forms.values())
    status = refusal.status if refusal else 400 if wrong else 200
    return render(request, "introductions/introduction.html", context, status=status)


def _contact_of(form: Form) -> dict[str, Any]:
    """What the form says of the contact, as the actions take it."""
    typed = form.cleaned_data
    if typed["contact"]:
        return {"words": typed["words"], "contact_id": int(typed["contact"])}
    return {
        "words": typed["words"],
        "contact_name": typed["name"],
        "contact_email": typed["email"],
        "contact_language": typed["language"],
    }


def _send(viewer: Viewer, key: int, typed: dict[str, Any]) -> str:
    sent = actions.send_introduction(actor=viewer, introduction_id=key, version=typed["version"])
    return _sent_words(sent)


def _consent(viewer: Viewer, key: int, typed: dict[str, Any]) -> str:
    actions.consent_to_introduction(actor=viewer, introduction_id=key)
    return _("You agreed: the other side is asked now.")


def _withdraw(viewer: Viewer, key: int, typed: dict[str, Any]) -> str:
    actions.withdraw_introduction(actor=viewer, introduction_id=key, words=typed["words"])
    return _("The introduction is withdrawn.")


def _take_over(viewer: Viewer, key: int, typed: dict[str, Any]) -> str:
    actions.take_over_introduction(actor=viewer, introduction_id=key)
    return _("You look after this introduction now.")


def _accept(viewer: Viewer, key: int, typed: dict[str, Any]) -> str:
    actions.accept_introduction(actor=viewer, introduction_id=key)
    return _("You accepted: each of you now knows how to reach the other.")


def _decline(viewer: Viewer, key: int, typed: dict[str, Any]) -> str:
    actions.decline_introduction(actor=viewer, introduction_id=key, **typed)
    return _("You declined, and nobody will ask again about this.")


def _pass_on(viewer: Viewer, key: int, typed: dict[str, Any]) -> str:
    actions.pass_on_introduction(actor=viewer, introduction_id=key, **typed)
    return _("Your colleague is asked now.")


def _meeting(viewer: Viewer, key: int, typed: dict[str, Any]) -> str:
    actions.arrange_meeting(actor=viewer, introduction_id=key, **typed)
    return _("The meeting is arranged: both get it for their calendars.")


def _call_off(viewer: Viewer, key: int, typed: dict[str, Any]) -> str:
    actions.call_off_meeting(actor=viewer, introduction_id=key)
    return _("The meeting is called off.")


def _met(viewer: Viewer, key: int, typed: dict[str, Any]) -> str:
    actions.record_meeting(actor=viewer, introduction_id=key)
    return _("It is noted that you met.")


def _outcome(viewer: Viewer, key: int, typed: dict[str, Any]) -> str:
    actions.record_outcome(actor=viewer, introduction_id=key, **typed)
    return _("Thank you: it is noted what came of it.")


ACTS: dict[str, Act] = {
    "send": _send,
    "consent": _consent,
    "withdraw": _withdraw,
    "take_over": _take_over,
    "accept": _accept,
    "decline": _decline,
    "pass_on": _pass_on,
    "meeting": _meeting,
    "call_off": _call_off,
    "met": _met,
    "outcome": _outcome,
}
