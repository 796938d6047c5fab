"""Works out what a cluster's members did together, and keeps it for its pages."""

from django.db import transaction

from trebbo.ecosystem.clusters.models import Cluster
from trebbo.ecosystem.clusters.policies import manage_cluster
from trebbo.ecosystem.evidence.models import ClusterSummary
from trebbo.ecosystem.evidence.queries.coverage import count_evidence
from trebbo.kernel.access import Viewer, visitor
from trebbo.kernel.errors import NotAllowed


@transaction.atomic
def refresh_summary(*, actor: Viewer, cluster_id: int) -> ClusterSummary | None:
    """Count the cluster's evidence anew, as everybody may see it; None if the cluster is gone.

    For the installation's jobs, and for who manages the cluster.
    """
    cluster = Cluster.objects.filter(pk=cluster_id).first()
    if cluster is None:
        return None
    if not actor.is_installation and not manage_cluster.allows(actor, cluster):
        raise NotAllowed("")
    figures = count_evidence(cluster, viewer=visitor(actor.now))
    summary, _new = ClusterSummary.objects.update_or_create(
        cluster=cluster,
        defaults={"worked_out_at": actor.now, "figures": figures.as_json()},
    )
    return summary
