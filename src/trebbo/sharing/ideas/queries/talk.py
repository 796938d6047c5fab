"""Reads the discussion of an idea: what was said, whom to mention, which chains can endorse."""

from django.db.models import Q, QuerySet

from trebbo.ecosystem.accounts.models import Person
from trebbo.ecosystem.clusters.models import ValueChain
from trebbo.ecosystem.clusters.policies import manage_value_chain
from trebbo.kernel.access import Viewer
from trebbo.sharing.ideas.models import Comment, Idea


def comments_on(idea: Idea, *, viewer: Viewer) -> QuerySet[Comment]:
    """What was said, the first first; call it for ideas that the viewer reads."""
    rows = Comment.objects.filter(idea=idea, hidden_at=None)
    return rows.select_related("quotes", "author").prefetch_related("mentions").order_by("at", "pk")


def people_to_mention(idea: Idea, *, viewer: Viewer) -> QuerySet[Person]:
    """People who take part: who keeps it, and who spoke before."""
    spoke = Comment.objects.filter(idea=idea, hidden_at=None).values("author")
    takes_part = Q(pk=idea.keeper_id or 0) | Q(pk__in=spoke)
    rows = Person.objects.filter(takes_part, is_active=True)
    return rows.exclude(pk=viewer.person_id or 0).order_by("name", "pk")


def chains_to_endorse(*, viewer: Viewer) -> QuerySet[ValueChain]:
    """The value chains for which the viewer can say that they stand behind an idea."""
    rows = ValueChain.objects.select_related("cluster")
    return manage_value_chain.filter(viewer, rows).order_by("name_it", "pk")
