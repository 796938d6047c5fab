"""What people type about accounts."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import LoginForm, SignupForm
from allauth.core import context
from django import forms
from django.utils.translation import gettext_lazy as _

from trebbo.ecosystem.accounts.choices import MandateRole

LANGUAGES = [("it", _("Italian")), ("en", _("English"))]


class SignIn(LoginForm):  # type: ignore[misc]
    """Signs in with address and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("E-mail address")
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)


class InvitedSignup(SignupForm):  # type: ignore[misc]
    """Opens the account of the address that was invited, and of no other."""

    field_order = ("email", "name", "password1", "password2")

    name = forms.CharField(
        label=_("Name and surname"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        invitation = get_adapter().invitation_of(context.request)
        self.invited = invitation.email if invitation else ""
        self.fields["email"].label = _("E-mail address")
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)
        self.fields["email"].initial = self.invited
        self.fields["email"].help_text = _("The address to which the invitation was sent.")
        self.fields["email"].widget.attrs["readonly"] = True

    def clean_email(self) -> str:
        """The invited address; a changed one is refused."""
        email: str = super().clean_email()
        if email.lower() != self.invited.lower():
            raise forms.ValidationError(_("The account is opened for the address invited."))
        return email


class InviteForm(forms.Form):
    """Invites a colleague."""

    email = forms.EmailField(
        label=_("E-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )
    role = forms.ChoiceField(label=_("Role"), choices=MandateRole.choices)
    language = forms.ChoiceField(label=_("Language of the message"), choices=LANGUAGES)


class AccountForm(forms.Form):
    """One's own name and language."""

    name = forms.CharField(
        label=_("Name and surname"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    language = forms.ChoiceField(
        label=_("Language"),
        choices=LANGUAGES,
        help_text=_("Messages are written in this language."),
    )
