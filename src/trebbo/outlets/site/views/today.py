"""The office's day: what waits, list by list, each with its next action."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from trebbo.ecosystem.organisations.models import Profile
from trebbo.ecosystem.organisations.policies import edit_profile
from trebbo.kernel.access import office, viewer_of
from trebbo.kernel.errors import Refusal
from trebbo.kernel.pages import add_refusal, paginate
from trebbo.outlets.site.forms import ContactForm
from trebbo.outlets.site.queries import ideas as idea_queries
from trebbo.outlets.site.queries import today as queries
from trebbo.partnering.introductions.actions import note_member_contact


@require_safe
@office
def today(request: HttpRequest) -> HttpResponse:
    """What waits for the office today."""
    lists = queries.today(viewer=viewer_of(request))
    context = {"lists": lists, "nothing": not any(one.rows for one in lists)}
    return render(request, "site/today.html", context)


@require_safe
@office
def today_list(request: HttpRequest, name: str) -> HttpResponse:
    """One list of the board, whole."""
    viewer = viewer_of(request)
    rows: Any
    if kind := queries.BY_NAME.get(name):
        heading, action = kind.heading, kind.action
        rows = queries.waiting(name, viewer=viewer)
    elif kind := idea_queries.BY_NAME.get(name):
        heading, action = kind.heading, kind.action
        rows = idea_queries.ideas_waiting(name, viewer=viewer)
    elif name in queries.MEMBERS:
        heading, action = queries.MEMBERS[name]
        rows = queries.members(name, viewer=viewer)
    else:
        raise Http404
    page = paginate(rows, request)
    context = {"name": name, "heading": heading, "action": action, "page_obj": page}
    return render(request, "site/today_list.html", context)


@require_http_methods(["GET", "POST"])
@office
def today_contact(request: HttpRequest, slug: str) -> HttpResponse:
    """Note that somebody of the office spoke with a member."""
    viewer = viewer_of(request)
    profile = get_object_or_404(edit_profile.filter(viewer, Profile.objects.all()), slug=slug)
    form = ContactForm(request.POST or None, initial={"contact_date": viewer.today})
    if request.method == "POST" and form.is_valid():
        try:
            note_member_contact(actor=viewer, profile_id=profile.pk, **form.cleaned_data)
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("The contact is noted."))
            return redirect("today")
    status = 400 if form.errors else 200
    context = {"form": form, "profile": profile}
    return render(request, "site/today_contact.html", context, status=status)
