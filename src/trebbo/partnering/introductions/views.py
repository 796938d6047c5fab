"""The page on which a person asks who can help."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.vary import vary_on_headers

from trebbo.kernel.access import public, viewer_of
from trebbo.kernel.errors import Refusal
from trebbo.partnering.introductions import queries
from trebbo.partnering.introductions.choices import EXAMPLES


@public
@vary_on_headers("HX-Request", "HX-Target")
def ask(request: HttpRequest) -> HttpResponse:
    """Answer the question in the address, with reasons; htmx may ask for the answer alone."""
    question = queries.Question.from_address(request.GET)
    context: dict[str, object] = {"question": question, "examples": EXAMPLES}
    status = 200
    if question.text or question.filters:
        try:
            context["answer"] = queries.answer(question, viewer=viewer_of(request))
        except Refusal as refusal:
            context["refusal"], status = refusal, refusal.status
    part = bool(request.htmx) and request.htmx.target == "answer"  # type: ignore[attr-defined]
    template = "introductions/_swap.html" if part else "introductions/ask.html"
    return render(request, template, context, status=status)
