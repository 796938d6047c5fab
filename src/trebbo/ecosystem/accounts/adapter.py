"""Sign-in by invitation: who may open an account, with a password or through OpenID Connect."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_noop

from trebbo.ecosystem.accounts.actions import read_invitation
from trebbo.ecosystem.accounts.models import Invitation, Person
from trebbo.kernel.access import visitor
from trebbo.kernel.errors import Refusal

SESSION_KEY = "invitation"

# Words of the sign-in library's own pages and messages. They stand here so that our catalogue,
# which is read before the library's, says them in the Italian of the other pages.
LIBRARY_WORDS = (
    gettext_noop("Two-Factor Authentication"),
    gettext_noop("Change Password"),
    gettext_noop("Set Password"),
    gettext_noop("Change Email"),
    gettext_noop("Cancel Change"),
    gettext_noop("Make Primary"),
    gettext_noop("Re-send Verification"),
    gettext_noop("Email Verification"),
    gettext_noop("Request Code"),
    gettext_noop("New Recovery Codes Generated"),
    gettext_noop("A new set of Two-Factor Authentication recovery codes has been generated."),
    gettext_noop("Add a Third-Party Account"),
    gettext_noop(
        "You can sign in to your account using any of the following third-party accounts:"
    ),
    gettext_noop("You cannot disconnect your last remaining third-party account."),
)


class InvitedAccounts(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts are opened by invitation only, for the address invited."""

    def invitation_of(self, request: HttpRequest) -> Invitation | None:
        """The invitation, still open, whose link this browser followed."""
        token = request.session.get(SESSION_KEY)
        if not token:
            return None
        try:
            return read_invitation(actor=visitor(timezone.now()), token=token)
        except Refusal:
            return None

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Whether this browser followed an invitation that is still open."""
        return self.invitation_of(request) is not None

    def is_email_verified(self, request: HttpRequest, email: str) -> bool:
        """An invited address is proven: its link was opened, and only its owner received it."""
        invitation = self.invitation_of(request)
        return invitation is not None and invitation.email.lower() == email.lower()

    def save_user(
        self,
        request: HttpRequest,
        user: Person,
        form: Any,
        commit: bool = True,  # noqa: FBT001, FBT002
    ) -> Person:
        """Keep the name typed in the form, and the language of the pages, on the new person."""
        user.name = form.cleaned_data.get("name") or user.name
        user.language = _language()
        saved: Person = super().save_user(request, user, form, commit)
        return saved

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Back to the invitation that brought the person here; otherwise home."""
        if self.invitation_of(request) is not None:
            return reverse("invitation", args=[request.session[SESSION_KEY]])
        request.session.pop(SESSION_KEY, None)
        return str(super().get_login_redirect_url(request))


class InvitedSocialAccounts(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """A first sign-in through a provider needs a known, proven address or an invitation."""

    def can_authenticate_by_email(self, login: SocialLogin, email: str) -> bool:
        """The installation trusts the one provider that it names with proven addresses.

        Only addresses that the provider declares verified ever come here.
        """
        return True

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: Any) -> Person:
        """Keep the name that the provider gives."""
        person: Person = super().populate_user(request, sociallogin, data)
        parts = (data.get("first_name") or "", data.get("last_name") or "")
        person.name = (data.get("name") or " ".join(parts).strip() or person.email)[:150]
        person.language = _language()
        return person


def _language() -> str:
    return "en" if (get_language() or "it").startswith("en") else "it"
