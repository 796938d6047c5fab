"""What a circle may be: checked once, for everything that is opened to one."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext as _

from trebbo.ecosystem.clusters.choices import Circle
from trebbo.ecosystem.clusters.models import Circled
from trebbo.ecosystem.clusters.policies import circles_to_choose
from trebbo.kernel.access import Viewer
from trebbo.kernel.errors import Refusal
from trebbo.kernel.text import one_line

LONGEST_TEASER = 300


class CircleRefused(Refusal):
    """The circle cannot be that."""


@dataclass(frozen=True, slots=True)
class Opening:
    """To whom something is to be opened; the teaser's circle is the text's where it is blank."""

    circle: str
    teaser: str = ""
    teaser_circle: str = ""
    network_id: int | None = None
    cluster_id: int | None = None
    value_chain_id: int | None = None


def checked_opening(
    *, actor: Viewer, opening: Opening, chosen: Circled | None = None
) -> dict[str, Any]:
    """The columns of `Circled` that `opening` asks for; `chosen` is what was opened before.

    Refuses a circle that there is not, a teaser for a narrower circle or without words, and a
    network, cluster or chain that is neither the actor's nor chosen already.
    """
    inner = _circle("circle", opening.circle)
    outer = _circle("teaser_circle", opening.teaser_circle or opening.circle)
    words = one_line(opening.teaser)
    if len(words) > LONGEST_TEASER:
        told = _("At most %(limit)s characters fit here.") % {"limit": LONGEST_TEASER}
        raise CircleRefused(told, {"teaser": told})
    if not outer.is_as_wide_as(inner):
        told = _("The teaser is for a circle as wide as that of the text, or wider.")
        raise CircleRefused(told, {"teaser_circle": told})
    if outer != inner and not words:
        told = _("Write the teaser that the wider circle is to read.")
        raise CircleRefused(told, {"teaser": told})
    offered = circles_to_choose(actor, chosen)
    circles = (inner, outer)
    return {
        "circle": inner,
        "teaser": words,
        "teaser_circle": outer,
        "network": _one_of(offered.networks, opening.network_id, Circle.NETWORK, circles),
        "cluster": _one_of(offered.clusters, opening.cluster_id, Circle.CLUSTER, circles),
        "value_chain": _one_of(offered.chains, opening.value_chain_id, Circle.CHAIN, circles),
    }


def _circle(field: str, value: str) -> Circle:
    if value not in Circle.values:
        words = _("Choose a circle from the list.")
        raise CircleRefused(words, {field: words})
    return Circle(value)


def _one_of(rows: Any, key: int | None, needed_by: Circle, circles: tuple[Circle, ...]) -> Any:
    """The network, cluster or chain that a circle means; None where no circle does."""
    if needed_by not in circles:
        return None
    found: Model | None = rows.filter(pk=key or 0).first()
    if found is None:
        words = _("Say which one: choose it from the list.")
        raise CircleRefused(words, {needed_by.value: words})
    return found
