"""What every page shares: its frame, navigation, pagination, forms, refusals in words."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.conf import settings
from django.core.paginator import Page, Paginator
from django.db.models import Model, QuerySet
from django.forms import BaseForm
from django.forms.renderers import DjangoTemplates
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from trebbo.kernel.access import visitor
from trebbo.kernel.errors import Refusal

M = TypeVar("M", bound=Model)
V = TypeVar("V", bound=Callable[..., HttpResponseBase])

PAGE_SIZE = 24
LONGEST_KEY, LARGEST_KEY = 20, 2**63
THEIRS = "theirs-"
"""How the field begins that says: take what the other person wrote."""
LANGUAGE_NAMES = {"it": "Italiano", "en": "English"}

# The mark of the frame leads home. Names of addresses: an area that is not installed simply has no
# entry, and the mailbox is there in the demonstration only.
NAVIGATION = (
    ("ask", _("Ask"), ""),
    ("needs", _("Needs"), ""),
    ("ideas", _("Ideas"), ""),
    ("skills", _("Skills"), ""),
    ("resources", _("Resources"), ""),
    ("directory", _("Directory"), ""),
    ("map", _("Map"), ""),
    ("directory", _("Clusters"), "?type=cluster"),
    ("technopoles", _("Technopoles"), ""),
    ("specialisations", _("Specialisations"), ""),
    ("mailbox", _("Mailbox"), ""),
)
OFFICE_NAVIGATION = (
    ("today", _("Today"), ""),
    ("links", _("Who is who"), ""),
    ("imports", _("Imports"), ""),
    ("audit", _("Audit"), ""),
    ("mail", _("Mail"), ""),
)


class TooLarge(Refusal):
    """More was sent than the address takes."""

    status = 413

    def __init__(self, most_bytes: int) -> None:
        facts = {"limit": most_bytes // 1_000_000}
        super().__init__(gettext("The file is too large: at most %(limit)s MB fit here.") % facts)


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that somebody else changed meanwhile: what they wrote, beside what is typed here."""

    name: str
    label: str
    theirs: str
    mine: str

    @property
    def field(self) -> str:
        """The name of the field that takes theirs."""
        return f"{THEIRS}{self.name}"


class FormRenderer(DjangoTemplates):
    """Renders forms, fields and widgets with Bootstrap Italia's markup."""

    form_template_name = "trebbo/forms/form.html"
    field_template_name = "trebbo/forms/field.html"

    def render(
        self, template_name: str, context: dict[str, Any], request: HttpRequest | None = None
    ) -> str:
        """The HTML of a form part; widgets get the class that the design system asks for."""
        widget = context.get("widget")
        if widget is not None and template_name.startswith("django/forms/widgets/"):
            _dress(widget)
        return super().render(template_name, context, request)


def _dress(widget: dict[str, Any]) -> None:
    kind = widget.get("type") or ("select" if "optgroups" in widget else "text")
    if kind in {"hidden", "checkbox", "radio"}:
        return
    wanted = "form-select" if kind == "select" else "form-control"
    classes = str(widget["attrs"].get("class", "")).split()
    if wanted not in classes:
        widget["attrs"]["class"] = " ".join([*classes, wanted])


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the navigation."""

    label: str
    address: str
    active: bool


@dataclass(frozen=True, slots=True)
class LanguageLink:
    """The present page in one of the languages."""

    code: str
    name: str
    address: str
    active: bool


def page_context(request: HttpRequest) -> dict[str, Any]:
    """Variables that the frame of every page needs."""
    viewer = getattr(request, "viewer", None)
    return {
        "viewer": viewer,
        "demonstration": settings.DEMO,
        "navigation": _navigation(request),
        "languages_of_page": _languages(request),
        "path_and_query": request.get_full_path(),
    }


def in_other_language(address: str, language: str) -> str:
    """The same path and query under the other language's prefix."""
    head, _slash, rest = address.lstrip("/").partition("/")
    if head.partition("?")[0] in LANGUAGE_NAMES:
        return f"/{language}/{rest}"
    return f"/{language}/"


def paginate(
    rows: QuerySet[M], request: HttpRequest, *, size: int = PAGE_SIZE, name: str = "page"
) -> Page[M]:
    """The page of `rows` that the address asks for; nonsense gives the nearest page there is."""
    return Paginator(rows, size).get_page(request.GET.get(name))


def key_of(text: str) -> int:
    """The key that a form or an address sent; 0, which nothing has, where it is none."""
    known = text.isascii() and text.isdigit() and len(text) < LONGEST_KEY
    return int(text) if known and int(text) < LARGEST_KEY else 0


def refuse(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """A page that says what was refused, in words, with the refusal's status."""
    return render(request, "trebbo/refusal.html", {"refusal": refusal}, status=refusal.status)


def add_refusal(form: BaseForm, refusal: Refusal) -> None:
    """Say beside the fields what was refused, and above the form what belongs to no field."""
    for name, words in refusal.fields.items():
        form.add_error(name if name in form.fields else None, words)
    if not refusal.fields:
        form.add_error(None, refusal.message)


def show_sheet(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """A form in which words can be looked up (button `find`, field `words`), with its status.

    `context` has the `form`, and says by `clash` where two people changed the same.
    """
    form, searching = context["form"], "find" in request.POST
    status = 409 if context.get("clash") else 400 if form.errors and not searching else 200
    if searching:
        # Searching is no attempt to save: what is still missing is not yet wrong.
        form.errors.clear()
    return render(request, template, context | {"searched": form["words"].value()}, status=status)


def limited(most_bytes: int) -> Callable[[V], V]:
    """Mark an address that takes uploads: a request larger than `most_bytes` is not even read."""

    def mark(view: V) -> V:
        view.most_bytes = most_bytes  # type: ignore[attr-defined]
        return view

    return mark


class LimitMiddleware:
    """Refuses what is too large for the address before anything reads it; stands before CSRF."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request."""
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], _args: Any, _kwargs: Any
    ) -> HttpResponse | None:
        """The page that says how much fits, where the request announces more."""
        most = getattr(view, "most_bytes", None)
        length = request.META.get("CONTENT_LENGTH") or "0"
        if most is None or not length.isdecimal() or int(length[:LONGEST_KEY]) <= most:
            return None
        return refuse(request, TooLarge(most))


class RefusalMiddleware:
    """Turns a refusal that no view has answered into a page that says it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """The page for a refusal; other errors take their own way."""
        return refuse(request, error) if isinstance(error, Refusal) else None


def _navigation(request: HttpRequest) -> list[Entry]:
    viewer = getattr(request, "viewer", None) or visitor()
    wanted = NAVIGATION + (OFFICE_NAVIGATION if viewer.is_office else ())
    here = request.get_full_path()
    entries = []
    for name, label, query in wanted:
        try:
            address = reverse(name) + query
        except NoReverseMatch:
            continue
        entries.append(Entry(str(label), address, active=_leads_here(address, here)))
    return entries


def _leads_here(address: str, here: str) -> bool:
    path, _mark, query = address.partition("?")
    here_path, _mark, here_query = here.partition("?")
    return path == here_path and (query == here_query if query or "type=" in here_query else True)


def _languages(request: HttpRequest) -> list[LanguageLink]:
    present = (get_language() or "it")[:2]
    address = request.get_full_path()
    return [
        LanguageLink(code, name, in_other_language(address, code), active=code == present)
        for code, name in LANGUAGE_NAMES.items()
    ]
