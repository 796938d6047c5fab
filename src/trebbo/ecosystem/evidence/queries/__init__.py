"""What a viewer can read of the evidence."""

from trebbo.ecosystem.evidence.queries.bodies import (
    BodyPage,
    ProjectPage,
    body_page,
    cluster_of_office,
    municipality_named,
    project_page,
)
from trebbo.ecosystem.evidence.queries.clusters import (
    ClusterEvidence,
    ClusterFigures,
    Cover,
    cluster_evidence,
    cover_lines,
    outside_lines,
    shared_lines,
    summary_of,
)
from trebbo.ecosystem.evidence.queries.comparing import Compared
from trebbo.ecosystem.evidence.queries.coverage import count_evidence
from trebbo.ecosystem.evidence.queries.links import (
    Review,
    holders,
    last_decision,
    links_in,
    listed_links,
    participations_to_give,
    review_of,
    split_link_of,
)
from trebbo.ecosystem.evidence.queries.names import proposed_name
from trebbo.ecosystem.evidence.queries.partners import (
    Partner,
    PartnerPlace,
    partner_counts,
    partners_of,
    provinces_of,
)
from trebbo.ecosystem.evidence.queries.parts import Part
from trebbo.ecosystem.evidence.queries.profiles import (
    Filters,
    ProfileEvidence,
    given_to_units,
    part_of,
    profile_evidence,
    with_evidence,
)

__all__ = [
    "BodyPage",
    "ClusterEvidence",
    "ClusterFigures",
    "Compared",
    "Cover",
    "Filters",
    "Part",
    "Partner",
    "PartnerPlace",
    "ProfileEvidence",
    "ProjectPage",
    "Review",
    "body_page",
    "cluster_evidence",
    "cluster_of_office",
    "count_evidence",
    "cover_lines",
    "given_to_units",
    "holders",
    "last_decision",
    "links_in",
    "listed_links",
    "municipality_named",
    "outside_lines",
    "part_of",
    "participations_to_give",
    "partner_counts",
    "partners_of",
    "profile_evidence",
    "project_page",
    "proposed_name",
    "provinces_of",
    "review_of",
    "shared_lines",
    "split_link_of",
    "summary_of",
    "with_evidence",
]
