"""The part of a body's own page that says where it belongs."""

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from trebbo.ecosystem.clusters import queries
from trebbo.ecosystem.organisations.choices import ProfileType
from trebbo.ecosystem.organisations.models import Profile
from trebbo.kernel.access import viewer_of

WHO_BELONGS = (ProfileType.ORGANISATION, ProfileType.UNIT)


def memberships_section(request: HttpRequest, profile: Profile) -> SafeString:
    """Clusters, value chains and specialisations of an organisation or unit, as HTML."""
    if profile.type not in WHO_BELONGS:
        return SafeString("")
    viewer = viewer_of(request)
    context = {
        "profile": profile,
        "today": viewer.today,
        "viewer": viewer,
        "belonging": queries.belonging_of(profile, viewer=viewer),
    }
    return render_to_string("clusters/_profile_memberships.html", context, request=request)
