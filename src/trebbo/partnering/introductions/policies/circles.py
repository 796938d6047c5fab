"""Who may read the text or the teaser of a need: by circle, by name, or by working on it."""

from django.db.models import Q

from trebbo.ecosystem.clusters.policies import in_circle
from trebbo.kernel.access import Viewer
from trebbo.kernel.policies import NOTHING, Grant, Rule
from trebbo.partnering.introductions.models import Ask, AskReader
from trebbo.partnering.introductions.policies.asks import view_ask

read_text: Rule[Ask] = Rule("read_text")
read_teaser: Rule[Ask] = Rule("read_teaser")

STILL_OPEN = Q(closed_at__isnull=True)


def _in_circle(viewer: Viewer, field: str) -> Q:
    return STILL_OPEN & in_circle(viewer, field)


def _named(viewer: Viewer) -> Q:
    if not viewer.signed_in:
        return NOTHING
    return STILL_OPEN & Q(pk__in=AskReader.objects.filter(person=viewer.person_id).values("ask"))


WORKS_ON_IT: Grant[Ask] = Grant("works on it", view_ask.allows, view_ask.condition)
NAMED: Grant[Ask] = Grant(
    "named as a reader",
    lambda viewer, ask: Ask.objects.filter(_named(viewer), pk=ask.pk).exists(),
    _named,
)
CIRCLE: Grant[Ask] = Grant(
    "in the circle of the text",
    lambda viewer, ask: Ask.objects.filter(_in_circle(viewer, "circle"), pk=ask.pk).exists(),
    lambda viewer: _in_circle(viewer, "circle"),
)
TEASER_CIRCLE: Grant[Ask] = Grant(
    "in the circle of the teaser",
    lambda viewer, ask: Ask.objects.filter(_in_circle(viewer, "teaser_circle"), pk=ask.pk).exists(),
    lambda viewer: _in_circle(viewer, "teaser_circle"),
)
for grant in (WORKS_ON_IT, NAMED, CIRCLE):
    read_text.add(grant)
    read_teaser.add(grant)
read_teaser.add(TEASER_CIRCLE)
