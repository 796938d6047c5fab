"""Pages that show a profile, its history, and the list of Technopoles."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from trebbo.ecosystem.organisations import actions, queries
from trebbo.ecosystem.organisations.choices import ProfileType
from trebbo.ecosystem.organisations.policies import edit_profile, may_register_technopole
from trebbo.ecosystem.organisations.sections import sections_of
from trebbo.kernel.access import public, signed_in, viewer_of
from trebbo.kernel.pages import paginate


@public
def organisation(request: HttpRequest, slug: str) -> HttpResponse:
    """An organisation with its facts, units and ties."""
    return _page(request, ProfileType.ORGANISATION, slug)


@public
def unit(request: HttpRequest, slug: str) -> HttpResponse:
    """A department, laboratory or centre."""
    return _page(request, ProfileType.UNIT, slug)


@public
def technopole(request: HttpRequest, slug: str) -> HttpResponse:
    """A Technopole with the laboratories that it hosts."""
    return _page(request, ProfileType.TECHNOPOLE, slug)


@public
def technopoles(request: HttpRequest) -> HttpResponse:
    """All Technopoles of the region."""
    viewer = viewer_of(request)
    context = {
        "technopoles": queries.technopole_rows(viewer=viewer),
        "may_register": may_register_technopole(viewer),
    }
    return render(request, "organisations/technopoles.html", context)


@signed_in
@require_POST
def profile_confirm(request: HttpRequest, slug: str) -> HttpResponse:
    """Say that everything is still true."""
    viewer = viewer_of(request)
    profile = get_object_or_404(queries.visible_profiles(viewer=viewer), slug=slug)
    actions.confirm_profile(actor=viewer, profile_id=profile.pk)
    messages.success(request, _("Thank you: the profile is confirmed as of today."))
    return redirect(profile.get_absolute_url())


@signed_in
def profile_history(request: HttpRequest, slug: str) -> HttpResponse:
    """Who changed what, for those who look after the profile."""
    viewer = viewer_of(request)
    profile = get_object_or_404(queries.visible_profiles(viewer=viewer), slug=slug)
    if not edit_profile.allows(viewer, profile):
        raise PermissionDenied
    page = paginate(queries.audit_lines(profile, viewer=viewer), request)
    context = {
        "profile": profile,
        "lines": queries.history_lines(page.object_list, viewer=viewer),
        "page_obj": page,
    }
    return render(request, "organisations/profile_history.html", context)


def _page(request: HttpRequest, type_: ProfileType, slug: str) -> HttpResponse:
    page = queries.profile_page(type_, slug, viewer=viewer_of(request))
    if page is None:
        raise Http404
    context = {
        "page": page,
        "profile": page.profile,
        "sections": sections_of(request, page.profile),
    }
    return render(request, f"organisations/{type_}.html", context)
