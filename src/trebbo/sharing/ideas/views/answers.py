"""Pages of answers: giving one, one with its scorecard, all of an idea, files, reviewers."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from trebbo.ecosystem.clusters.models import Cluster
from trebbo.ecosystem.clusters.policies import manage_cluster
from trebbo.kernel.access import Viewer, office, public, signed_in, viewer_of
from trebbo.kernel.errors import NotAllowed, Refusal
from trebbo.kernel.pages import add_refusal, key_of, limited
from trebbo.sharing.ideas import actions, policies, queries
from trebbo.sharing.ideas.choices import MOST_POINTS, CriterionText, ReadingOf
from trebbo.sharing.ideas.forms import (
    AnswerForm,
    CriteriaForm,
    DecisionForm,
    FileForm,
    PersonForm,
    ScaleForm,
    ScoreForm,
)
from trebbo.sharing.ideas.models import AttachedFile, Idea, ReadinessLevel

FORM_ROOM = 100_000
"""Bytes that a form with a file needs beside the file itself."""


@signed_in
@require_http_methods(["GET", "POST"])
def answer_new(request: HttpRequest, idea_id: int) -> HttpResponse:
    """Answer an idea; what was written stays on the page where it comes too late."""
    viewer = viewer_of(request)
    page = queries.idea_page(idea_id, viewer=viewer)
    reads = page is not None and page.shows_text
    typed = request.POST if request.method == "POST" else None
    if not reads and typed is None:
        raise Http404
    bodies = list(queries.bodies_to_answer_for(idea_id, viewer=viewer))
    roles = page.idea.partners_sought.all() if page is not None and reads else ()
    form = AnswerForm(
        typed,
        bodies=[(str(one.pk), one.title) for one in bodies],
        roles=[(str(one.pk), str(one)) for one in roles],
    )
    status = 200
    if typed is not None:
        status = 400
        # Who could read it a moment ago is told why not now, whatever else is wrong.
        if form.is_valid() or not reads:
            try:
                given = actions.give_answer(
                    actor=viewer,
                    idea_id=idea_id,
                    body_id=key_of(form.cleaned_data.get("body", "")),
                    text=form.cleaned_data.get("text", ""),
                    role_id=form.cleaned_data.get("role"),
                )
            except (actions.IdeaRefused, NotAllowed) as refusal:
                if isinstance(refusal, NotAllowed) and page is None:
                    raise Http404 from refusal
                add_refusal(form, refusal)
                status = refusal.status
            else:
                messages.success(request, _("Your answer is with who keeps the idea."))
                return redirect("answer", given.pk)
    context = {
        "idea": page.idea if page else None,
        "reads": reads,
        "form": form,
        "bodies": bodies,
    }
    return render(request, "ideas/answer_new.html", context, status=status)


@signed_in
@require_http_methods(["GET", "POST"])
def answer_edit(request: HttpRequest, answer_id: int) -> HttpResponse:
    """Change an answer while it can be changed."""
    viewer = viewer_of(request)
    page = _page(answer_id, viewer)
    if not page.may_edit:
        raise Http404
    given = page.answer
    roles = [(str(one.pk), str(one)) for one in page.idea.partners_sought.all()]
    initial = {"text": given.text, "role": str(given.role_id or ""), "body": str(given.body_id)}
    bodies = [(str(given.body_id), given.body.title)]
    typed = request.POST if request.method == "POST" else None
    form = AnswerForm(typed, initial=initial, bodies=bodies, roles=roles)
    version, status, theirs = given.version, 200, ""
    if typed is not None:
        version, status = key_of(typed.get("version", "")), 400
        if form.is_valid():
            try:
                actions.change_answer(
                    actor=viewer,
                    answer_id=answer_id,
                    version=version,
                    text=form.cleaned_data["text"],
                    role_id=form.cleaned_data.get("role"),
                )
            except actions.IdeaChanged as conflict:
                add_refusal(form, conflict)
                theirs, version = conflict.present["text"], conflict.version
                status = conflict.status
            except actions.IdeaRefused as refusal:
                add_refusal(form, refusal)
                status = refusal.status
            else:
                messages.success(request, _("Saved."))
                return redirect("answer", answer_id)
    context = {
        "idea": page.idea,
        "answer": given,
        "form": form,
        "version": version,
        "theirs": theirs,
    }
    return render(request, "ideas/answer_edit.html", context, status=status)


@signed_in
@require_http_methods(["GET", "POST"])
def answer(request: HttpRequest, answer_id: int) -> HttpResponse:
    """One answer: its text, its scorecard, and what can be done with it."""
    viewer = viewer_of(request)
    page = _page(answer_id, viewer)
    do = request.POST.get("do", "") if request.method == "POST" else ""
    forms = _answer_forms(request, page, do)
    if not do:
        return _show(request, page, forms)
    form = forms.get(do)
    if form is not None and not form.is_valid():
        return _show(request, page, forms, status=400)
    try:
        messages.success(request, _act_on_answer(viewer, page, do, form, request))
    except Refusal as refusal:
        if form is None or isinstance(refusal, NotAllowed | actions.IdeaChanged):
            raise
        add_refusal(form, refusal)
        return _show(request, page, forms, status=refusal.status)
    return redirect("answer", answer_id)


@signed_in
@require_http_methods(["GET", "POST"])
def answers(request: HttpRequest, idea_id: int) -> HttpResponse:
    """The answers to an idea with their points, who reviews them, and by what."""
    viewer = viewer_of(request)
    page = queries.idea_page(idea_id, viewer=viewer)
    if page is None or not (page.may_edit or page.may_check or page.review):
        raise Http404
    do = request.POST.get("do", "") if request.method == "POST" else ""
    lines = "\n".join(
        f"{one.weight} | {one.label_it} | {one.label_en}" for one in page.idea.criteria.all()
    )
    forms: dict[str, Any] = {
        "naming": PersonForm(request.POST if do == "naming" else None),
        "criteria": CriteriaForm(
            request.POST if do == "criteria" else None, initial={"criteria": lines}
        ),
    }
    form, status = forms.get(do), 200
    if do and (form is None or form.is_valid()):
        try:
            messages.success(request, _review(viewer, page.idea, do, form, request))
        except Refusal as refusal:
            if form is None or isinstance(refusal, NotAllowed | actions.IdeaChanged):
                raise
            add_refusal(form, refusal)
            status = refusal.status
        else:
            return redirect("answers", idea_id)
    elif form is not None:
        status = 400
    context = {
        "page": page,
        "idea": page.idea,
        "answers": queries.answers_to(page.idea, viewer=viewer),
        "reviewers": queries.reviewers_of(page.idea, viewer=viewer),
        "manages": page.may_edit or page.may_check,
        **forms,
    }
    return render(request, "ideas/answers.html", context, status=status)


@limited(actions.LARGEST_FILE + FORM_ROOM)
@signed_in
@require_POST
def idea_files(request: HttpRequest, idea_id: int) -> HttpResponse:
    """Attach a file to an idea, or take one away."""
    return _files(request, "idea", idea_id, idea_id)


@limited(actions.LARGEST_FILE + FORM_ROOM)
@signed_in
@require_POST
def answer_files(request: HttpRequest, answer_id: int) -> HttpResponse:
    """Attach a file to an answer, or take one away."""
    page = _page(answer_id, viewer_of(request))
    return _files(request, "answer", answer_id, page.idea.pk, answer_id)


@require_safe
@public
def file(request: HttpRequest, file_id: int) -> HttpResponse:
    """The bytes of a file, never shown in the page: a browser saves it."""
    viewer = viewer_of(request)
    rows = AttachedFile.objects.select_related("idea")
    found = policies.view_file.filter(viewer, rows).filter(pk=file_id).first()
    if found is None:
        raise Http404
    if found.answer_id is None:
        actions.note_idea_reading(actor=viewer, idea=found.idea, what=ReadingOf.FILE)
    response = HttpResponse(bytes(found.content), content_type=found.content_type)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    disposition = content_disposition_header(as_attachment=True, filename=found.name)
    response.headers["Content-Disposition"] = disposition or "attachment"
    return response


@office
@require_http_methods(["GET", "POST"])
def readiness_scale(request: HttpRequest, slug: str) -> HttpResponse:
    """The scale by which a cluster says how ready a project is."""
    viewer = viewer_of(request)
    cluster = get_object_or_404(manage_cluster.filter(viewer, Cluster.objects.all()), slug=slug)
    levels = ReadinessLevel.objects.filter(cluster=cluster, is_gone=False).order_by("number")
    lines = "\n".join(f"{one.number} | {one.label_it} | {one.label_en}" for one in levels)
    typed = request.POST if request.method == "POST" else None
    form = ScaleForm(typed, initial={"levels": lines})
    status = 200
    if typed is not None and form.is_valid():
        try:
            wanted = _levels(form.cleaned_data["levels"])
            actions.define_readiness(actor=viewer, cluster_id=cluster.pk, levels=wanted)
        except Refusal as refusal:
            if isinstance(refusal, NotAllowed):
                raise
            add_refusal(form, refusal)
            status = refusal.status
        else:
            messages.success(request, _("Saved."))
            return redirect("readiness_scale", slug)
    context = {"cluster": cluster, "form": form, "levels": levels}
    return render(request, "ideas/readiness_scale.html", context, status=status)


def _page(answer_id: int, viewer: Viewer) -> queries.AnswerPage:
    page = queries.answer_page(answer_id, viewer=viewer)
    if page is None:
        raise Http404
    return page


def _show(
    request: HttpRequest, page: queries.AnswerPage, forms: dict[str, Any], status: int = 200
) -> HttpResponse:
    context = {"page": page, "answer": page.answer, "idea": page.idea, "most": MOST_POINTS}
    context |= {"forms": forms, "file_form": FileForm()}
    return render(request, "ideas/answer.html", context, status=status)


def _answer_forms(request: HttpRequest, page: queries.AnswerPage, do: str) -> dict[str, Any]:
    sent = request.POST if request.method == "POST" else None
    scored = [card for card in page.cards if card.own is not None]
    own = {f"points_{card.criterion.pk}": str(card.own) for card in scored}
    return {
        "accept": DecisionForm(sent if do == "accept" else None, auto_id="id_accept_%s"),
        "decline": DecisionForm(sent if do == "decline" else None, auto_id="id_decline_%s"),
        "score": ScoreForm(
            sent if do == "score" else None,
            criteria=[card.criterion for card in page.cards],
            most=MOST_POINTS,
            initial=own,
        ),
    }


def _act_on_answer(
    viewer: Viewer, page: queries.AnswerPage, do: str, form: Any, request: HttpRequest
) -> str:
    answer_id = page.answer.pk
    if do in {"accept", "decline"}:
        actions.decide_answer(
            actor=viewer,
            answer_id=answer_id,
            accept=do == "accept",
            reply=form.cleaned_data["reply"],
            version=key_of(request.POST.get("version", "")),
        )
        return _("Saved: who answered is told.")
    if do == "score":
        actions.score_answer(actor=viewer, answer_id=answer_id, points=form.points())
        return _("Your points are kept.")
    if do == "withdraw":
        actions.withdraw_answer(actor=viewer, answer_id=answer_id)
        return _("The answer is taken back.")
    raise Http404


def _review(viewer: Viewer, shown: Idea, do: str, form: Any, request: HttpRequest) -> str:
    if do == "naming":
        email = form.cleaned_data["email"]
        reviewer = actions.name_reviewer(actor=viewer, idea_id=shown.pk, email=email)
        return _("%(name)s is asked to review the answers.") % {"name": reviewer.person}
    if do == "remove":
        reviewer_id = key_of(request.POST.get("reviewer", ""))
        actions.remove_reviewer(actor=viewer, idea_id=shown.pk, reviewer_id=reviewer_id)
        return _("This person no longer reviews.")
    if do == "criteria":
        actions.set_criteria(
            actor=viewer,
            idea_id=shown.pk,
            version=key_of(request.POST.get("version", "")),
            criteria=_criteria(form.cleaned_data["criteria"]),
        )
        return _("Saved.")
    raise Http404


def _criteria(text: str) -> list[CriterionText]:
    """One criterion a line: weight, Italian, English; a weight that is none counts 0."""
    rows = []
    for line in filter(str.strip, text.splitlines()):
        weight, italian, english = _three(line)
        rows.append(CriterionText(italian, english, key_of(weight)))
    return rows


def _levels(text: str) -> dict[int, tuple[str, str]]:
    levels: dict[int, tuple[str, str]] = {}
    for line in filter(str.strip, text.splitlines()):
        number, italian, english = _three(line)
        if not number.isdecimal() or int(number) in levels:
            told = _("Begin each line with a number of its own: “%(line)s”.")
            words = told % {"line": line[:60]}
            raise actions.IdeaRefused(words, {"levels": words})
        levels[int(number)] = (italian, english)
    return levels


def _three(line: str) -> tuple[str, str, str]:
    parts = [part.strip() for part in line.split("|")] + ["", ""]
    return parts[0], parts[1], parts[2]


def _files(
    request: HttpRequest, page: str, key: int, idea_id: int, answer_id: int | None = None
) -> HttpResponse:
    viewer = viewer_of(request)
    if "remove" in request.POST:
        actions.remove_file(actor=viewer, file_id=key_of(request.POST["remove"]))
        messages.success(request, _("The file is taken away."))
        return redirect(page, key)
    form = FileForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, "; ".join(str(words) for words in form.errors["file"]))
        return redirect(page, key)
    try:
        actions.attach_file(
            actor=viewer, idea_id=idea_id, answer_id=answer_id, upload=form.cleaned_data["file"]
        )
    except actions.IdeaRefused as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("The file is attached."))
    return redirect(page, key)
