"""What people type about an introduction: whom to ask, an answer, a date, an outcome."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from trebbo.partnering.introductions.choices import (
    AskLanguage,
    DeclineReason,
    IntroductionState,
    OutcomeKind,
)

SOMEBODY_ELSE = ""
OUTCOMES = [
    *OutcomeKind.choices,
    (IntroductionState.NOTHING.value, IntroductionState.NOTHING.label),
]


class WordsForm(forms.Form):
    """A few words beside a decision."""

    words = forms.CharField(
        label=_("In your own words"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class ColleagueForm(forms.Form):
    """Somebody named with an address."""

    name = forms.CharField(label=_("Name of the person"), max_length=150)
    email = forms.EmailField(
        label=_("E-mail"), error_messages={"invalid": _("This is not an e-mail address.")}
    )
    language = forms.ChoiceField(label=_("Language of the message"), choices=AskLanguage.choices)


class IntroduceForm(forms.Form):
    """Whom to ask of a body, and the words that go with it."""

    contact = forms.ChoiceField(label=_("Who is asked"), required=False, widget=forms.RadioSelect)
    name = forms.CharField(label=_("Name of the person"), required=False, max_length=150)
    email = forms.EmailField(
        label=_("E-mail"),
        required=False,
        error_messages={"invalid": _("This is not an e-mail address.")},
    )
    language = forms.ChoiceField(
        label=_("Language of the message"), choices=AskLanguage.choices, required=False
    )
    words = forms.CharField(
        label=_("Why you bring them together"),
        required=False,
        help_text=_(
            "It stands in the message to who is asked. The text of the need does not: they read "
            "it on its page."
        ),
        widget=forms.Textarea(attrs={"rows": 5}),
    )

    def __init__(self, *args: Any, people: Iterable[tuple[str, Any]], **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["contact"]
        choices = [*people, (SOMEBODY_ELSE, _("Somebody else, named below"))]
        if isinstance(field, forms.ChoiceField):
            field.choices = choices
        if len(choices) == 1:
            field.widget = forms.HiddenInput()

    def clean(self) -> dict[str, Any]:
        """Whoever is named below needs a name and an address, unless nobody is named yet."""
        typed: dict[str, Any] = super().clean() or self.cleaned_data
        chosen, offered = typed.get("contact"), len(self.fields["contact"].choices) > 1  # type: ignore[attr-defined]
        named = bool(typed.get("name")) + bool(typed.get("email"))
        if not chosen and (named == 1 or (offered and not named)) and "email" not in self.errors:
            words = _("Choose a person, or write a name and an address.")
            self.add_error("name" if not typed.get("name") else "email", words)
        return typed


class DeclineForm(WordsForm):
    """A no with its reason."""

    reason = forms.ChoiceField(
        label=_("Why not"),
        choices=DeclineReason.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a reason from the list.")},
    )
    field_order = ("reason", "words")


class MeetingForm(forms.Form):
    """When and where they meet."""

    at = forms.DateTimeField(
        label=_("When"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
        error_messages={"invalid": _("This is not a moment: write it like 2026-12-31 15:00.")},
    )
    place = forms.CharField(
        label=_("Where"), required=False, help_text=_("A place, or the address of a video call.")
    )


class OutcomeForm(WordsForm):
    """What came of it."""

    outcome = forms.ChoiceField(
        label=_("What came of it"),
        choices=OUTCOMES,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what came of it from the list.")},
    )
    field_order = ("outcome", "words")
