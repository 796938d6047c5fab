"""Choosing a persona: only where the demonstration is on, and only made-up people."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from trebbo.demo.personas import BY_KEY, PERSONAS
from trebbo.ecosystem.accounts.models import Person
from trebbo.kernel.access import public

BACKEND = "django.contrib.auth.backends.ModelBackend"


@public
def personas(request: HttpRequest) -> HttpResponse:
    """All personas, each with what it may do and a button that looks through its eyes."""
    context = {"personas": PERSONAS, "next": _safe(request, request.GET.get("next", ""))}
    return render(request, "demo/personas.html", context)


@require_POST
@public
def become(request: HttpRequest, key: str) -> HttpResponse:
    """Sign in as a persona, or out as the visitor, and go on where the person was."""
    persona = BY_KEY.get(key)
    if persona is None or not settings.DEMO:
        raise Http404
    onward = _safe(request, request.POST.get("next", "")) or reverse("home")
    if not persona.name:
        logout(request)
        return redirect(onward)
    person = Person.objects.filter(email=persona.email, is_synthetic=True).first()
    if person is None:
        messages.error(request, _("The demonstration has not been filled yet."))
        return redirect("personas")
    login(request, person, backend=BACKEND)
    return redirect(onward)


def _safe(request: HttpRequest, address: str) -> str:
    """The address if it leads to a page of this installation, otherwise nothing."""
    own = url_has_allowed_host_and_scheme(
        address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return address if own else ""
