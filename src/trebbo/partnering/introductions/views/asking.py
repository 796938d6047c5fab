"""The page on which a person asks who can help."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.vary import vary_on_headers

from trebbo.kernel.access import Viewer, public, viewer_of
from trebbo.kernel.errors import Refusal
from trebbo.partnering.introductions import queries
from trebbo.partnering.introductions.choices import EXAMPLES


@public
@vary_on_headers("HX-Request", "HX-Target")
def ask(request: HttpRequest) -> HttpResponse:
    """Answer the question in the address, with reasons; htmx may ask for the answer alone."""
    question = queries.Question.from_address(request.GET)
    viewer = viewer_of(request)
    context: dict[str, object] = {
        "question": question,
        "examples": EXAMPLES,
        "askers": queries.askers_to_choose(viewer=viewer),
    }
    status = 200
    try:
        if question.outside == "only":
            context["outside"] = queries.outside(question, viewer=viewer)
        elif question.text or question.filters or question.like:
            context["answer"] = queries.answer(question, viewer=viewer)
    except Refusal as refusal:
        context["refusal"], status = refusal, refusal.status
    if question.outside == "also" and "answer" in context:
        context |= _below(question, viewer)
    part = bool(request.htmx) and request.htmx.target == "answer"  # type: ignore[attr-defined]
    template = "introductions/_swap.html" if part else "introductions/ask.html"
    return render(request, template, context, status=status)


def _below(question: queries.Question, viewer: Viewer) -> dict[str, object]:
    """The bodies outside the network, for below its answer, which does not depend on them."""
    try:
        return {"outside": queries.outside(question, viewer=viewer)}
    except Refusal as refusal:
        return {"outside_refusal": refusal}
