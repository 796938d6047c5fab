"""Pages of the evidence."""

from trebbo.ecosystem.evidence.views.bodies import body, body_register, funded_project
from trebbo.ecosystem.evidence.views.clusters import cluster_evidence
from trebbo.ecosystem.evidence.views.imports import (
    import_,
    import_forget,
    import_progress,
    import_report,
    import_resume,
    import_stop,
    imports,
)
from trebbo.ecosystem.evidence.views.links import link_decide, link_split, links
from trebbo.ecosystem.evidence.views.profiles import (
    field_say,
    participation_say,
    profile_evidence,
)
from trebbo.ecosystem.evidence.views.sections import evidence_section

__all__ = [
    "body",
    "body_register",
    "cluster_evidence",
    "evidence_section",
    "field_say",
    "funded_project",
    "import_",
    "import_forget",
    "import_progress",
    "import_report",
    "import_resume",
    "import_stop",
    "imports",
    "link_decide",
    "link_split",
    "links",
    "participation_say",
    "profile_evidence",
]
