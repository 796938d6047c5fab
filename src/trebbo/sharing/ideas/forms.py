"""What people type about challenges, project ideas and their answers."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from trebbo.ecosystem.clusters.choices import Circle
from trebbo.kernel.money import MoneyField
from trebbo.sharing.ideas.choices import HIGHEST_TRL, IdeaKind, IdeaOutcome
from trebbo.sharing.ideas.models import Criterion, Idea

Choices = Iterable[tuple[str, Any]]
ROLE_MARK = "|"


def _text(label: Any, rows: int = 6, help_text: Any = "") -> forms.CharField:
    area = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, required=False, help_text=help_text, widget=area)


def _line(label: Any, help_text: Any = "") -> forms.CharField:
    return forms.CharField(label=label, required=False, help_text=help_text)


def _amount(label: Any) -> MoneyField:
    wrong = _("This is not an amount: write it like 12.500,00 or 12500.")
    return MoneyField(
        label=label,
        required=False,
        localize=True,
        max_digits=12,
        decimal_places=2,
        error_messages={"invalid": wrong, "max_digits": wrong, "max_whole_digits": wrong},
    )


class RolesField(forms.CharField):
    """Partners sought: one role a line, in Italian, and after a bar in English."""

    widget = forms.Textarea(attrs={"rows": 4})

    def to_python(self, value: Any) -> Any:
        """Pairs of Italian and English."""
        lines = (line for line in (super().to_python(value) or "").splitlines() if line.strip())
        pairs = [line.partition(ROLE_MARK) for line in lines]
        return tuple((italian.strip(), english.strip()) for italian, _mark, english in pairs)

    def prepare_value(self, value: Any) -> Any:
        """The pairs as lines."""
        if isinstance(value, str):
            return value
        return "\n".join(f" {ROLE_MARK} ".join(filter(None, pair)) for pair in value or ())


@dataclass(frozen=True, slots=True)
class Part:
    """Some fields of a long form under a heading."""

    title: Any
    bounds: list[forms.BoundField]
    is_first: bool = False

    @property
    def is_open(self) -> bool:
        """Whether its fields are shown at first: something is written in one, or wrong."""
        quiet = {"names_owner"}
        said = any(bound.value() for bound in self.bounds if bound.name not in quiet)
        return self.is_first or said or any(bound.errors for bound in self.bounds)


class IdeaForm(forms.Form):
    """The words of a challenge or a project idea, in Italian, in English, or in both."""

    PARTS: ClassVar = (
        (_("In Italian"), ("title_it", "text_it", "good_answer_it")),
        (_("In English"), ("title_en", "text_en", "good_answer_en")),
        (
            _("For those who read only the teaser"),
            ("teaser_title_it", "teaser_it", "teaser_title_en", "teaser_en", "names_owner"),
        ),
        (
            _("Facts"),
            ("deadline_at", "trl", "budget", "funding_sought", "reward_it", "reward_en"),
        ),
        (_("Fields and partners"), ("topics", "words", "partners")),
    )

    title_it = _line(_("Title"))
    title_en = _line(_("Title (English)"))
    text_it = _text(_("The whole text"), 10)
    text_en = _text(_("The whole text (English)"), 10)
    good_answer_it = _text(_("What a good answer looks like"), 4)
    good_answer_en = _text(_("What a good answer looks like (English)"), 4)
    teaser_title_it = _line(
        _("Title of the teaser"), _("It tells nobody's secret. Blank: only a number is shown.")
    )
    teaser_title_en = _line(_("Title of the teaser (English)"))
    teaser_it = _text(_("Teaser"), 3, _("Up to 300 characters that tell nobody's secret."))
    teaser_en = _text(_("Teaser (English)"), 3)
    names_owner = forms.BooleanField(label=_("The teaser says whose idea it is"), required=False)
    deadline_at = forms.DateTimeField(
        label=_("Deadline for answers"),
        required=False,
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%d/%m/%Y %H:%M"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text=_("Italian time (Europe/Rome)."),
        error_messages={"invalid": _("This is not a moment: write it like 31/12/2026 12:00.")},
    )
    trl = forms.TypedChoiceField(
        label=_("Technology readiness level (TRL)"), required=False, coerce=int, empty_value=None
    )
    budget = _amount(_("Budget (euro)"))
    funding_sought = _amount(_("Funding sought (euro)"))
    reward_it = _line(_("Reward"))
    reward_en = _line(_("Reward (English)"))
    topics = forms.MultipleChoiceField(
        label=_("Fields"), required=False, widget=forms.CheckboxSelectMultiple
    )
    words = _line(_("Find more fields"), _("Type words and press “Look up”."))
    partners = RolesField(
        label=_("Partners sought"),
        required=False,
        help_text=_("One role a line; after a bar in English: laboratorio di prova | test house"),
    )

    def __init__(self, *args: Any, topics: Choices = (), **options: Any) -> None:
        super().__init__(*args, **options)
        levels = [("", _("Not said")), *((str(one), str(one)) for one in range(1, HIGHEST_TRL + 1))]
        self._offer("trl", levels)
        self._offer("topics", topics)

    def parts(self) -> list[Part]:
        """The fields under their headings; the first is open, others where they say something."""
        parts = [Part(title, [self[name] for name in names]) for title, names in self.PARTS]
        return [replace(parts[0], is_first=True), *parts[1:]]

    def _offer(self, name: str, choices: Choices) -> None:
        field = self.fields[name]
        if isinstance(field, forms.ChoiceField):
            field.choices = list(choices)


class NewIdeaForm(forms.Form):
    """What it is, whose, and which office checks it."""

    kind = forms.ChoiceField(
        label=_("What is it?"), choices=IdeaKind.choices, widget=forms.RadioSelect
    )
    body = forms.ChoiceField(label=_("For which body"))
    broker = forms.ChoiceField(
        label=_("Checked by the office of"),
        help_text=_("The office reads it before it is published, and can help to find partners."),
    )

    def __init__(self, *args: Any, bodies: Choices, brokers: Choices, **options: Any) -> None:
        super().__init__(*args, **options)
        for name, choices in (("body", bodies), ("broker", brokers)):
            field = self.fields[name]
            if isinstance(field, forms.ChoiceField):
                field.choices = list(choices)


class IdeaCircleForm(forms.Form):
    """The circles; the words of the teaser are the idea's own."""

    circle = forms.ChoiceField(label=_("Who may read the whole text"), choices=Circle.choices)
    teaser_circle = forms.ChoiceField(label=_("Who may read the teaser"), choices=Circle.choices)
    network = forms.ChoiceField(label=_("Which network"), required=False)
    cluster = forms.ChoiceField(label=_("Which cluster"), required=False)
    chain = forms.ChoiceField(label=_("Which value chain"), required=False)

    def __init__(self, *args: Any, offered: dict[str, Choices], **options: Any) -> None:
        super().__init__(*args, **options)
        for name, choices in offered.items():
            field = self.fields[name]
            if isinstance(field, forms.ChoiceField):
                field.choices = [("", _("Only where the circle is one")), *choices]


class TermsForm(forms.Form):
    """Terms of confidentiality."""

    text_it = _text(_("Terms"), 8, _("Leave both blank to ask for no terms."))
    text_en = _text(_("Terms (English)"), 8)


class PersonForm(forms.Form):
    """A person, by address."""

    email = forms.EmailField(
        label=_("E-mail of a person with an account"),
        error_messages={"invalid": _("This is not an e-mail address.")},
    )


class AnswerForm(forms.Form):
    """An answer for a body, perhaps in a role."""

    body = forms.ChoiceField(label=_("For which body"))
    role = forms.TypedChoiceField(
        label=_("In which role"), required=False, coerce=int, empty_value=None
    )
    text = forms.CharField(label=_("Answer"), widget=forms.Textarea(attrs={"rows": 10}))

    def __init__(self, *args: Any, bodies: Choices, roles: Choices, **options: Any) -> None:
        super().__init__(*args, **options)
        offered = [("", _("No role in particular")), *roles]
        for name, choices in (("body", list(bodies)), ("role", offered)):
            field = self.fields[name]
            if isinstance(field, forms.ChoiceField):
                field.choices = choices
        if len(offered) == 1:
            del self.fields["role"]


class DecisionForm(forms.Form):
    """What the owner says to an answer."""

    reply = _text(_("What you say to them"), 3, _("They read it with the decision."))


class CloseForm(forms.Form):
    """How an idea ended."""

    outcome = forms.ChoiceField(
        label=_("Outcome"),
        choices=[pair for pair in IdeaOutcome.choices if pair[0] != IdeaOutcome.EXPIRED],
    )
    reason = _line(_("Why"))


class NoteForm(forms.Form):
    """A few words with a step."""

    note = _line(_("A few words"))


class OfficialForm(forms.Form):
    """The official answer."""

    official_answer = _text(_("Official answer, with the reason"), 6)


class CommentForm(forms.Form):
    """Something said in the discussion."""

    text = forms.CharField(
        label=_("Take part in the discussion"), widget=forms.Textarea(attrs={"rows": 4})
    )
    mentions = forms.TypedMultipleChoiceField(
        label=_("Call the attention of"),
        required=False,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, people: Choices, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["mentions"]
        if isinstance(field, forms.ChoiceField):
            field.choices = list(people)
        if not field.choices:  # type: ignore[attr-defined]
            del self.fields["mentions"]


class DeclarationForm(forms.Form):
    """Whether a reviewer has a conflict of interest."""

    in_conflict = forms.TypedChoiceField(
        label=_("Do you have a conflict of interest with the idea or with a body that answers?"),
        choices=[("no", _("No, I declare that I have none")), ("yes", _("Yes, I have one"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    declaration = _line(_("Which one"))


class ScoreForm(forms.Form):
    """Points for each criterion of an idea."""

    def __init__(
        self, *args: Any, criteria: Iterable[Criterion], most: int, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        for criterion in criteria:
            self.fields[f"points_{criterion.pk}"] = forms.TypedChoiceField(
                label=f"{criterion.label} ({criterion.weight} %)",
                choices=[(str(points), str(points)) for points in range(most + 1)],
                coerce=int,
                widget=forms.RadioSelect,
            )

    def points(self) -> dict[int, int]:
        """The points by criterion."""
        return {
            int(name.removeprefix("points_")): value for name, value in self.cleaned_data.items()
        }


class CriteriaForm(forms.Form):
    """Criteria with their weights: one a line."""

    criteria = forms.CharField(
        label=_("Criteria"),
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("One a line: weight | name in Italian | name in English. 100 in all."),
    )


class FileForm(forms.Form):
    """A file to attach."""

    file = forms.FileField(
        label=_("Attach a file"),
        help_text=_("Up to 10 MB: PDF, pictures, text, or office documents without macros."),
        error_messages={
            "required": _("Choose a file first."),
            "empty": _("The file is empty."),
        },
    )


class ReadinessForm(forms.Form):
    """The level of an idea."""

    level = forms.ChoiceField(label=_("Readiness level"), required=False)
    note = _line(_("A few words"))

    def __init__(self, *args: Any, levels: Choices, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["level"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [("", _("Not said")), *levels]


class ScaleForm(forms.Form):
    """A cluster's scale: one level a line."""

    levels = forms.CharField(
        label=_("Levels"),
        widget=forms.Textarea(attrs={"rows": 10}),
        required=False,
        help_text=_("One a line: number | name in Italian | name in English."),
    )


def initial_of(idea: Idea) -> dict[str, Any]:
    """What the form of an idea shows at first."""
    names = [name for name in IdeaForm.base_fields if name not in {"topics", "words", "partners"}]
    shown = {name: getattr(idea, name) for name in names}
    shown["topics"] = [str(key) for key in idea.fields.values_list("pk", flat=True)]
    shown["partners"] = [(one.role_it, one.role_en) for one in idea.partners_sought.all()]
    return shown
