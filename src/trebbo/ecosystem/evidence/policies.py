"""Who may import, decide who is who, and speak for a body about its evidence."""

from django.db.models import Exists, OuterRef, Q

from trebbo.ecosystem.evidence.choices import Verdict
from trebbo.ecosystem.evidence.models import Import, Link, Participation, Statement
from trebbo.ecosystem.organisations.models import Profile
from trebbo.ecosystem.organisations.policies import edit_profile
from trebbo.kernel.access import Viewer
from trebbo.kernel.policies import NOTHING, Grant, Rule

import_evidence: Rule[Import] = Rule("import_evidence")
decide_link: Rule[Link] = Rule("decide_link")
see_participation: Rule[Participation] = Rule("see_participation")
speak_for: Rule[Profile] = edit_profile
"""Who may say whether the evidence about a profile is right: who may edit it."""


def may_import(viewer: Viewer) -> bool:
    """Whether the person may bring files in: offices, the agency, and the installation itself."""
    return viewer.is_office or viewer.is_installation


import_evidence.add(
    Grant(
        "any office",
        lambda viewer, _import: may_import(viewer),
        lambda viewer: ~NOTHING if may_import(viewer) else NOTHING,
    )
)


def _edited(viewer: Viewer, profile: str) -> Exists:
    return Exists(edit_profile.filter(viewer, Profile.objects.filter(pk=OuterRef(profile))))


decide_link.add(
    Grant(
        "an office that looks after the profile",
        lambda viewer, link: (
            viewer.is_office
            and link.profile is not None
            and edit_profile.allows(viewer, link.profile)
        ),
        lambda viewer: (
            Q(profile__isnull=False) & Q(_edited(viewer, "profile"))
            if viewer.is_office
            else NOTHING
        ),
    )
)
decide_link.add(
    Grant(
        "any office, between two registers",
        lambda viewer, link: viewer.is_office and link.profile_id is None,
        lambda viewer: Q(profile__isnull=True) if viewer.is_office else NOTHING,
    )
)


def _hidden(participation: Participation) -> bool:
    return Statement.objects.filter(
        participation=participation.pk, profile=participation.profile_id, verdict=Verdict.HIDDEN
    ).exists()


def _hidden_rows() -> Exists:
    return Exists(
        Statement.objects.filter(
            participation=OuterRef("pk"), profile=OuterRef("profile"), verdict=Verdict.HIDDEN
        )
    )


see_participation.add(
    Grant(
        "not hidden by whose it is",
        lambda _viewer, participation: not _hidden(participation),
        lambda _viewer: ~Q(_hidden_rows()),
    )
)
see_participation.add(
    Grant(
        "looks after whose it is",
        lambda viewer, participation: (
            participation.profile is not None and edit_profile.allows(viewer, participation.profile)
        ),
        lambda viewer: (
            Q(profile__isnull=False) & Q(_edited(viewer, "profile"))
            if viewer.signed_in
            else NOTHING
        ),
    )
)
