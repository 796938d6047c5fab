"""Pages of ideas: the list, one idea with what can be done, writing it, and who may read it."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from trebbo.kernel.access import public, signed_in, viewer_of
from trebbo.kernel.errors import NotAllowed, Refusal
from trebbo.kernel.pages import add_refusal, key_of, paginate
from trebbo.sharing.ideas import actions, queries
from trebbo.sharing.ideas.choices import IdeaKind, IdeaState
from trebbo.sharing.ideas.forms import (
    CloseForm,
    CommentForm,
    DeclarationForm,
    FileForm,
    NoteForm,
    OfficialForm,
    ReadinessForm,
)
from trebbo.sharing.ideas.queries.ideas import circle_words
from trebbo.sharing.ideas.views.acts import ACTS

STATES_TO_CHOOSE = (
    ("answers", _("Taking answers")),
    (IdeaState.FORMATION.value, IdeaState.FORMATION.label),
    (IdeaState.SUBMITTED.value, IdeaState.SUBMITTED.label),
    (IdeaState.FUNDED.value, IdeaState.FUNDED.label),
    (IdeaState.RUNNING.value, IdeaState.RUNNING.label),
    (IdeaState.CLOSED.value, IdeaState.CLOSED.label),
)


SAID = "said"
"""What the address calls the page of the discussion."""


@require_safe
@public
def ideas(request: HttpRequest) -> HttpResponse:
    """The published ideas that the viewer may see, narrowed as the address says."""
    viewer, asked = viewer_of(request), request.GET
    kind = asked.get("kind", "")
    wanted = queries.Wanted(
        kind=kind if kind in IdeaKind.values else "",
        state=asked.get("state", "") if asked.get("state") in dict(STATES_TO_CHOOSE) else "",
        words=asked.get("words", "")[:200],
        cluster=asked.get("cluster", "")[:120],
        body=asked.get("body", "")[:120],
        trl_from=key_of(asked.get("trl", "")) or None,
    )
    page = paginate(queries.visible_ideas(viewer=viewer, wanted=wanted), request)
    context = {
        "page_obj": page,
        "wanted": wanted,
        "narrowed_to": queries.narrowed_to(wanted, viewer=viewer),
        "without": _without_bodies(asked),
        "kinds": IdeaKind.choices,
        "states": STATES_TO_CHOOSE,
        "trls": range(1, 10),
    }
    return render(request, "ideas/ideas.html", context)


def _without_bodies(asked: QueryDict) -> str:
    """The address of the same list, of all bodies and clusters."""
    rest = asked.copy()
    for name in ("body", "cluster", "page"):
        rest.pop(name, None)
    return f"?{rest.urlencode()}"


@signed_in
@require_safe
def my_ideas(request: HttpRequest) -> HttpResponse:
    """The ideas on which I work, the answers I gave, what I review, what my office has to check."""
    viewer = viewer_of(request)
    context = {
        "page_obj": paginate(queries.my_ideas(viewer=viewer), request),
        "answers_page": paginate(queries.my_answers(viewer=viewer), request, name="answers"),
        "reviews": queries.my_reviews(viewer=viewer)[:50],
        "to_check": queries.ideas_to_check(viewer=viewer)[:50] if viewer.is_office else (),
    }
    return render(request, "ideas/my_ideas.html", context)


@public
@require_http_methods(["GET", "POST"])
def idea(request: HttpRequest, idea_id: int) -> HttpResponse:
    """One idea: its text, and that it was read is written down; or its teaser, or its terms."""
    viewer = viewer_of(request)
    page = queries.idea_page(idea_id, viewer=viewer)
    if page is None:
        raise Http404
    if request.method != "POST":
        if page.shows_text:
            actions.note_idea_reading(actor=viewer, idea=page.idea)
        return _show(request, page)
    do = request.POST.get("do", "")
    act = ACTS.get(do)
    if act is None:
        raise Http404
    forms = _forms(request, page, do)
    form = forms.get(do)
    if form is not None and not form.is_valid():
        return _show(request, page, forms, status=400)
    try:
        told = act(viewer, page.idea, request, form.cleaned_data if form else {})
    except Refusal as refusal:
        if form is None or isinstance(refusal, NotAllowed | actions.IdeaChanged):
            raise
        add_refusal(form, refusal)
        return _show(request, page, forms, status=refusal.status)
    messages.success(request, told)
    # What was done may have taken the page itself away: a draft goes back, a conflict shuts it.
    still_seen = queries.sees_idea(idea_id, viewer=viewer)
    return redirect("idea", idea_id) if still_seen else redirect("my_ideas")


def _show(
    request: HttpRequest,
    page: queries.IdeaPage,
    forms: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    viewer = viewer_of(request)
    shown = page.idea
    comments, quoted = None, None
    if page.shows_text and shown.published_at:
        said = queries.comments_on(shown, viewer=viewer)
        comments = paginate(said, request, name=SAID)
        if SAID not in request.GET:  # the newest, unless one turns the pages back
            comments = comments.paginator.get_page(comments.paginator.num_pages)
        key = key_of(request.POST.get("quotes", "") or request.GET.get("quote", ""))
        quoted = said.filter(pk=key).first() if key else None
    context = {
        "page": page,
        "idea": shown,
        "forms": forms or _forms(request, page, ""),
        "circle": circle_words(shown, shown.circle),
        "comments": comments,
        "quoted": quoted,
        "file_form": FileForm(),
    }
    return render(request, "ideas/idea.html", context, status=status)


def _forms(request: HttpRequest, page: queries.IdeaPage, do: str) -> dict[str, Any]:
    """The forms of the page; the one that was sent is bound."""
    viewer, sent = viewer_of(request), request.POST
    people = []
    if page.may_talk and viewer.signed_in:
        offered = queries.people_to_mention(page.idea, viewer=viewer)
        people = [(str(one.pk), one.name) for one in offered]
    levels = [(str(one.pk), str(one)) for one in page.levels]
    at = {"level": str(page.idea.readiness_id or "")}
    made: dict[str, tuple[Any, dict[str, Any]]] = {
        "return": (NoteForm, {}),
        "advance": (NoteForm, {}),
        "close": (CloseForm, {}),
        "official": (OfficialForm, {"initial": {"official_answer": page.idea.official_answer}}),
        "comment": (CommentForm, {"people": people}),
        "endorse": (NoteForm, {}),
        "declare": (DeclarationForm, {}),
        "readiness": (ReadinessForm, {"levels": levels, "initial": at}),
    }
    return {
        name: form(sent if do == name else None, auto_id=f"id_{name}_%s", **options)
        for name, (form, options) in made.items()
    }
