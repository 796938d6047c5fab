"""The part of a profile's own page that says what open data knows of it."""

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from trebbo.ecosystem.clusters.models import Cluster
from trebbo.ecosystem.evidence import queries
from trebbo.ecosystem.organisations.choices import ProfileType
from trebbo.ecosystem.organisations.models import Profile
from trebbo.kernel.access import viewer_of

WHO_TAKES_PART = (ProfileType.ORGANISATION, ProfileType.UNIT)
FIELDS_SHOWN, PROJECTS_SHOWN, PARTNERS_SHOWN = 8, 5, 5


def evidence_section(request: HttpRequest, profile: Profile) -> SafeString:
    """What an organisation or unit did, or what a cluster's members did together, as HTML."""
    if isinstance(profile, Cluster):
        return _of_cluster(request, profile)
    return _of_profile(request, profile) if profile.type in WHO_TAKES_PART else SafeString("")


def _of_profile(request: HttpRequest, profile: Profile) -> SafeString:
    viewer = viewer_of(request)
    evidence = queries.profile_evidence(profile, viewer=viewer)
    # The profile's page has read this right already; without it the section says less.
    may_speak = bool(vars(profile).get("may_edit"))
    if not evidence and not may_speak:
        return SafeString("")
    context = {
        "profile": profile,
        "viewer": viewer,
        "evidence": evidence,
        "may_speak": may_speak,
        "fields": evidence.fields[:FIELDS_SHOWN],
        "latest": evidence.parts[:PROJECTS_SHOWN],
        "partners": queries.partners_of(profile, viewer=viewer, most=PARTNERS_SHOWN)
        if evidence.parts
        else (),
    }
    return render_to_string("evidence/_profile_evidence.html", context, request=request)


def _of_cluster(request: HttpRequest, cluster: Cluster) -> SafeString:
    viewer = viewer_of(request)
    evidence = queries.summary_of(cluster, viewer=viewer)
    if not evidence:
        return SafeString("")
    context = {"cluster": cluster, "viewer": viewer, "evidence": evidence}
    return render_to_string("evidence/_cluster_evidence.html", context, request=request)
