"""Pages about one's own account, colleagues and invitations."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from trebbo.ecosystem.accounts import actions, policies, queries
from trebbo.ecosystem.accounts.adapter import SESSION_KEY
from trebbo.ecosystem.accounts.forms import AccountForm, InviteForm
from trebbo.ecosystem.accounts.models import Invitation, Mandate
from trebbo.ecosystem.accounts.tasks import deliver_invitation
from trebbo.kernel.access import public, signed_in, viewer_of
from trebbo.kernel.errors import Refusal
from trebbo.kernel.pages import in_other_language


@signed_in
def my_account(request: HttpRequest) -> HttpResponse:
    """What the person acts for and holds, the name and language, and the way out."""
    viewer = viewer_of(request)
    person = queries.person_of(viewer=viewer)
    form = AccountForm(
        request.POST or None, initial={"name": person.name, "language": person.language}
    )
    if request.method == "POST" and form.is_valid():
        try:
            actions.edit_account(actor=viewer, **form.cleaned_data)
        except Refusal as refusal:
            tell(form, refusal)
        else:
            messages.success(request, _("Your details are saved."))
            language = form.cleaned_data["language"]
            return redirect(in_other_language(reverse("my_account"), language))
    context = {"person": person, "form": form, "holdings": queries.my_holdings(viewer=viewer)}
    return render(request, "accounts/my_account.html", context)


@signed_in
def invite(request: HttpRequest, slug: str) -> HttpResponse:
    """Who acts for a profile, who is invited, and the form that invites another."""
    viewer = viewer_of(request)
    profile = queries.profile_with_colleagues(slug, viewer=viewer)
    if profile is None:
        raise Http404
    form = InviteForm(request.POST or None, initial={"role": "editor", "language": viewer.language})
    if request.method == "POST" and form.is_valid():
        try:
            invitation = actions.invite_colleague(
                actor=viewer, profile_id=profile.pk, **form.cleaned_data
            )
        except Refusal as refusal:
            tell(form, refusal)
        else:
            deliver_invitation.enqueue(invitation.pk, origin=request.build_absolute_uri("/"))
            messages.success(
                request,
                _("An invitation is on its way to %(email)s.") % {"email": invitation.email},
            )
            return redirect("invite", slug=slug)
    context = {
        "profile": profile,
        "form": form,
        "may_invite": policies.invite_colleague.allows(viewer, profile),
        "colleagues": queries.people_acting_for(profile.pk, viewer=viewer),
        "invitations": queries.open_invitations(profile.pk, viewer=viewer),
    }
    return render(request, "accounts/invite.html", context)


@require_POST
@signed_in
def revoke_invitation(request: HttpRequest, key: int) -> HttpResponse:
    """Withdraw an invitation."""
    rows = Invitation.objects.select_related("profile")
    invitation = get_object_or_404(rows, pk=key)
    actions.revoke_invitation(actor=viewer_of(request), invitation_id=key)
    messages.success(
        request, _("The invitation of %(email)s is withdrawn.") % {"email": invitation.email}
    )
    return redirect("invite", slug=invitation.profile.slug)


@require_POST
@signed_in
def end_mandate(request: HttpRequest, key: int) -> HttpResponse:
    """End a colleague's mandate, or one's own."""
    viewer = viewer_of(request)
    mandate = get_object_or_404(Mandate.objects.select_related("profile", "person"), pk=key)
    own = mandate.person_id == viewer.person_id
    actions.end_mandate(actor=viewer, mandate_id=key)
    facts = {"person": mandate.person, "profile": mandate.profile}
    messages.success(request, _("%(person)s no longer acts for %(profile)s.") % facts)
    return redirect("my_account") if own else redirect("invite", slug=mandate.profile.slug)


@public
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """An invitation as its receiver sees it: sign in, open an account, or accept."""
    viewer = viewer_of(request)
    found = actions.read_invitation(actor=viewer, token=token)
    if request.method == "POST" and viewer.signed_in:
        as_other = request.POST.get("as_other") == "yes"
        mandate = actions.accept_invitation(actor=viewer, token=token, as_other=as_other)
        request.session.pop(SESSION_KEY, None)
        facts = {"profile": mandate.profile}
        messages.success(request, _("From now on you act for %(profile)s.") % facts)
        return redirect("my_account")
    if request.method == "POST":
        request.session[SESSION_KEY] = token
        return redirect("account_signup")
    context: dict[str, Any] = {
        "invitation": found,
        "known": queries.should_sign_in(found, viewer=viewer),
        "own": queries.owns_address(found.email, viewer=viewer),
    }
    return render(request, "accounts/invitation.html", context)


def tell(form: Any, refusal: Refusal) -> None:
    """Put a refusal's messages on the form that caused it."""
    fields = {name: words for name, words in refusal.fields.items() if name in form.fields}
    for name, words in fields.items():
        form.add_error(name, words)
    if not fields:
        form.add_error(None, refusal.message)
