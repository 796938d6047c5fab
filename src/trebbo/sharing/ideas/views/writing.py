"""Pages on which an idea is written, changed, and opened to its readers."""

from dataclasses import fields
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.forms import BooleanField
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.formats import date_format, number_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from trebbo.ecosystem.clusters.actions import Opening
from trebbo.ecosystem.clusters.policies import circles_to_choose
from trebbo.ecosystem.organisations.queries import field_choices
from trebbo.kernel.access import Viewer, signed_in, viewer_of
from trebbo.kernel.errors import NotAllowed, Refusal
from trebbo.kernel.pages import THEIRS, Difference, add_refusal, key_of, paginate
from trebbo.kernel.text import one_line
from trebbo.sharing.ideas import actions, queries
from trebbo.sharing.ideas.actions.words import paragraphs
from trebbo.sharing.ideas.forms import (
    IdeaCircleForm,
    IdeaForm,
    NewIdeaForm,
    PersonForm,
    TermsForm,
    initial_of,
)
from trebbo.sharing.ideas.models import Idea


@signed_in
@require_http_methods(["GET", "POST"])
def idea_new(request: HttpRequest) -> HttpResponse:
    """Write a challenge or a project idea: first what it is and its words, then who reads it."""
    viewer = viewer_of(request)
    bodies = [(str(one.pk), one.title) for one in queries.bodies_to_write_for(viewer=viewer)]
    brokers = [(str(one.pk), one.title) for one in queries.brokers_to_choose(viewer=viewer)]
    if not bodies or not brokers:
        return render(request, "ideas/idea_new.html", {"nobody": True})
    typed = request.POST if request.method == "POST" else None
    first = {"kind": request.GET.get("kind", "challenge"), "names_owner": True}
    start = NewIdeaForm(typed, bodies=bodies, brokers=brokers, initial=first)
    form = _idea_form(viewer, typed, initial=first)
    looked_up = typed is not None and "look_up" in typed
    if typed is not None and not looked_up and start.is_valid() and form.is_valid():
        try:
            written = actions.write_idea(
                actor=viewer,
                kind=start.cleaned_data["kind"],
                body_id=key_of(start.cleaned_data["body"]),
                broker_id=key_of(start.cleaned_data["broker"]),
                words=_words(form.cleaned_data),
            )
        except actions.IdeaRefused as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("The draft is saved. Say who may read it."))
            return redirect("idea_readers", written.pk)
    status = 400 if not looked_up and typed is not None else 200
    return render(request, "ideas/idea_new.html", {"start": start, "form": form}, status=status)


@signed_in
@require_http_methods(["GET", "POST"])
def idea_edit(request: HttpRequest, idea_id: int) -> HttpResponse:
    """Change the words, also when two people do so at once."""
    viewer = viewer_of(request)
    page = _page_to_edit(idea_id, viewer)
    present = initial_of(page.idea)
    typed = _with_theirs(request.POST, present) if request.method == "POST" else None
    looked_up = typed is not None and "look_up" in typed
    form = _idea_form(viewer, typed, initial=present)
    version = key_of(typed.get("version", "")) if typed is not None else page.idea.version
    differences: list[Difference] = []
    status = 200
    if typed is not None and not looked_up:
        status = 400
        if form.is_valid():
            try:
                words = _words(form.cleaned_data)
                actions.change_idea(actor=viewer, idea_id=idea_id, version=version, words=words)
            except actions.IdeaChanged as conflict:
                differences = _differences(viewer, words, conflict.present)
                version, status = conflict.version, conflict.status
            except actions.IdeaRefused as refusal:
                add_refusal(form, refusal)
            else:
                messages.success(request, _("Saved."))
                return redirect("idea", idea_id)
    context = {
        "idea": page.idea,
        "form": form,
        "version": version,
        "clash": status == actions.IdeaChanged.status,
        "differences": differences,
    }
    return render(request, "ideas/idea_edit.html", context, status=status)


@signed_in
@require_http_methods(["GET", "POST"])
def idea_readers(request: HttpRequest, idea_id: int) -> HttpResponse:
    """Who may read an idea by circle, terms and name, and who had it before them."""
    viewer = viewer_of(request)
    readers = queries.readers_of_idea(idea_id, viewer=viewer)
    if readers is None:
        raise Http404
    do = request.POST.get("do", "") if request.method == "POST" else ""
    forms = _reader_forms(request, do, readers, viewer)
    form = forms.get(do)
    status = 200
    if do and (form is None or form.is_valid()):
        try:
            messages.success(request, _open(viewer, readers.idea, do, form, request))
        except Refusal as refusal:
            if form is None or isinstance(refusal, NotAllowed | actions.IdeaChanged):
                raise
            add_refusal(form, refusal)
            status = refusal.status
        else:
            return redirect("idea_readers", idea_id)
    elif form is not None:
        status = 400
    context = {
        "readers": readers,
        "idea": readers.idea,
        "page_obj": paginate(readers.readings, request),
        "accepted": paginate(readers.acceptances, request, name="accepted"),
        **forms,
    }
    return render(request, "ideas/idea_readers.html", context, status=status)


def _idea_form(viewer: Viewer, typed: QueryDict | None, *, initial: dict[str, Any]) -> IdeaForm:
    chosen = typed.getlist("topics") if typed is not None else initial.get("topics", [])
    words = typed.get("words", "")[:200] if typed is not None else ""
    topics = field_choices(viewer=viewer, chosen=chosen, words=words)
    if typed is not None and "look_up" in typed:
        shown = {name: typed.get(name, "") for name in typed} | {"topics": chosen}
        shown["names_owner"] = "names_owner" in typed
        return IdeaForm(initial=shown, topics=topics)
    return IdeaForm(typed, initial=initial, topics=topics)


def _words(typed: dict[str, Any]) -> actions.IdeaWords:
    names = {one.name for one in fields(actions.IdeaWords)} - {"field_ids", "partners"}
    given = {name: typed[name] for name in names}
    return actions.IdeaWords(
        **given,
        field_ids=tuple(int(key) for key in typed["topics"]),
        partners=typed["partners"],
    )


def _with_theirs(sent: QueryDict, present: dict[str, Any]) -> QueryDict:
    """What was sent; where the person takes what somebody else wrote, that as the form has it."""
    typed, kept = sent.copy(), IdeaForm(initial=present)
    for bound in kept:
        if not typed.get(f"{THEIRS}{bound.name}"):
            continue
        value = bound.field.widget.format_value(bound.value())
        if isinstance(bound.field, BooleanField):
            typed.setlist(bound.name, ["on"] if present[bound.name] else [])
        else:
            typed.setlist(bound.name, value if isinstance(value, list) else [value or ""])
    return typed


def _differences(
    viewer: Viewer, mine: actions.IdeaWords, present: dict[str, Any]
) -> list[Difference]:
    """What somebody else wrote meanwhile, beside what is typed here, both as people say it."""
    found = []
    for name, theirs in present.items():
        there, here = (_in_words(viewer, name, one) for one in (theirs, getattr(mine, name)))
        if there != here:
            field = "topics" if name == "field_ids" else name
            label = str(IdeaForm.base_fields[field].label)
            found.append(Difference(field, label, theirs=there, mine=here))
    return found


def _in_words(viewer: Viewer, name: str, value: Any) -> str:
    if name == "field_ids":
        chosen = field_choices(viewer=viewer, chosen=map(str, value), words="")
        return "\n".join(str(label) for _key, label in chosen)
    if name == "partners":
        return "\n".join(" | ".join(filter(None, map(one_line, pair))) for pair in value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return date_format(localtime(value), "SHORT_DATETIME_FORMAT")
    if isinstance(value, Decimal):
        return number_format(value, 2, force_grouping=True)
    return paragraphs(str(value or ""))


def _page_to_edit(idea_id: int, viewer: Viewer) -> queries.IdeaPage:
    page = queries.idea_page(idea_id, viewer=viewer)
    if page is None:
        raise Http404
    if not page.may_edit:
        raise PermissionDenied
    return page


def _reader_forms(
    request: HttpRequest, do: str, readers: queries.IdeaReaders, viewer: Viewer
) -> dict[str, Any]:
    shown, terms = readers.idea, readers.terms
    offered = circles_to_choose(viewer, shown)
    initial = {
        "circle": shown.circle,
        "teaser_circle": shown.teaser_circle,
        "network": str(shown.network_id or ""),
        "cluster": str(shown.cluster_id or ""),
        "chain": str(shown.value_chain_id or ""),
    }
    return {
        "opening": IdeaCircleForm(
            request.POST if do == "opening" else None,
            initial=initial,
            offered={
                "network": [(str(row.pk), str(row)) for row in offered.networks],
                "cluster": [(str(row.pk), str(row)) for row in offered.clusters],
                "chain": [(str(row.pk), str(row)) for row in offered.chains],
            },
        ),
        "terms": TermsForm(
            request.POST if do == "terms" else None,
            initial={
                "text_it": terms.text_it if terms else "",
                "text_en": terms.text_en if terms else "",
            },
        ),
        "naming": PersonForm(request.POST if do == "naming" else None),
    }


def _open(viewer: Viewer, shown: Idea, do: str, form: Any, request: HttpRequest) -> str:
    typed = form.cleaned_data if form else {}
    version = key_of(request.POST.get("version", ""))
    if do == "opening":
        actions.open_idea(
            actor=viewer,
            idea_id=shown.pk,
            version=version,
            opening=Opening(
                circle=typed["circle"],
                teaser=shown.teaser,
                teaser_circle=typed["teaser_circle"],
                network_id=key_of(typed["network"]),
                cluster_id=key_of(typed["cluster"]),
                value_chain_id=key_of(typed["chain"]),
            ),
        )
        return _("Saved: it holds from now on.")
    if do == "terms":
        actions.write_terms(actor=viewer, idea_id=shown.pk, version=version, **typed)
        return _("The terms are saved.")
    if do == "naming":
        reader = actions.name_idea_reader(actor=viewer, idea_id=shown.pk, email=typed["email"])
        return _("%(name)s may read it now.") % {"name": reader.person}
    if do == "remove":
        reader_id = key_of(request.POST.get("reader", ""))
        actions.remove_idea_reader(actor=viewer, idea_id=shown.pk, reader_id=reader_id)
        return _("This person may no longer read it.")
    raise Http404
