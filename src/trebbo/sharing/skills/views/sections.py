"""The part of a profile's own page that says what the body offers, seeks and teaches."""

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from trebbo.ecosystem.organisations.choices import ProfileType
from trebbo.ecosystem.organisations.models import Profile
from trebbo.kernel.access import viewer_of
from trebbo.sharing.skills import queries


def skills_section(request: HttpRequest, profile: Profile) -> SafeString:
    """Competences and training as HTML; nothing where there are none that the viewer may see."""
    if profile.type == ProfileType.CLUSTER:
        return SafeString("")
    viewer = viewer_of(request)
    stated = queries.skills_on_page(profile, viewer=viewer)
    # The profile's page has read this right already.
    may_state = bool(vars(profile).get("may_edit"))
    if not (stated or may_state):
        return SafeString("")
    context = {"profile": profile, "viewer": viewer, "stated": stated, "may_state": may_state}
    return render_to_string("skills/_profile_skills.html", context, request=request)
