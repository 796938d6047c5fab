"""The part of a profile's own page that leads to what of it can be used."""

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from trebbo.ecosystem.organisations.choices import ProfileType
from trebbo.ecosystem.organisations.models import Profile

OWNERS = (ProfileType.ORGANISATION, ProfileType.UNIT)


def resources_section(request: HttpRequest, profile: Profile) -> SafeString:
    """The way to the resources of a body and its units in the catalogue, as HTML.

    Profiles' pages are at the limit of what they may ask the database: the list has its own page.
    """
    if profile.type not in OWNERS:
        return SafeString("")
    # The profile's page has read this right already.
    context = {"profile": profile, "may_offer": bool(vars(profile).get("may_edit"))}
    return render_to_string("resources/_profile_resources.html", context, request=request)
