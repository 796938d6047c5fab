"""The part of a profile's own page that leads to its ideas, or to those of a cluster's members."""

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from trebbo.ecosystem.clusters.models import Cluster
from trebbo.ecosystem.clusters.policies import manage_cluster
from trebbo.ecosystem.organisations.choices import ProfileType
from trebbo.ecosystem.organisations.models import Profile
from trebbo.kernel.access import viewer_of

WITH_IDEAS = (ProfileType.ORGANISATION, ProfileType.UNIT, ProfileType.CLUSTER)


def ideas_section(request: HttpRequest, profile: Profile) -> SafeString:
    """The way to the published ideas of a body or of a cluster, as HTML.

    Profiles' pages are at the limit of what they may ask the database: the list has its own page.
    """
    if profile.type not in WITH_IDEAS:
        return SafeString("")
    is_cluster = isinstance(profile, Cluster)
    runs = isinstance(profile, Cluster) and manage_cluster.allows(viewer_of(request), profile)
    context = {"profile": profile, "is_cluster": is_cluster, "runs": runs}
    return render_to_string("ideas/_profile_ideas.html", context, request=request)
