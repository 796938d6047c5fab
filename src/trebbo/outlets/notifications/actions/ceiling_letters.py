"""Says to who acts for an owner that economic use of a resource nears its ceiling."""

from django.template.defaultfilters import floatformat
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from trebbo.kernel.access import Viewer
from trebbo.outlets.notifications.actions.letters import Letter
from trebbo.sharing.resources.models import Resource
from trebbo.sharing.resources.queries.ledger import Ledger, figures

PASSED = "passed"


def ceiling_letter(resource: Resource, year: int, level: str, *, viewer: Viewer) -> Letter:
    """The letter with the figures of the moment, in the language that is active."""
    [found] = figures([resource], year, viewer=viewer, records=False)
    facts = {"resource": resource.name, "owner": resource.profile.title, "year": str(year)}
    if level == PASSED:
        return Letter(
            _("Ceiling passed: economic use of %(resource)s in %(year)s") % facts,
            (
                _(
                    "Economic use of %(resource)s at %(owner)s in %(year)s has passed the ceiling "
                    "up to which it counts as ancillary under the State aid rules for research."
                )
                % facts,
                *_shares(found),
                _("The hours, and how they were counted, are in the ledger:"),
            ),
        )
    return Letter(
        _("Near the ceiling: economic use of %(resource)s in %(year)s") % facts,
        (
            _(
                "Economic use of %(resource)s at %(owner)s in %(year)s comes near the ceiling up "
                "to which it counts as ancillary under the State aid rules for research."
            )
            % facts,
            *_shares(found),
            _("Look at what is still to come before you accept more. The ledger:"),
        ),
    )


def _shares(found: Ledger) -> tuple[str, ...]:
    """What is recorded, what it comes to with what is booked, and the ceiling, in per cent."""
    if found.share is None or found.forecast_share is None or found.ceiling is None:
        return ()
    facts = {
        "share": number_format(found.share, 2),
        "forecast": number_format(found.forecast_share, 2),
        "ceiling": floatformat(found.ceiling.percent, -2),
    }
    words = _(
        "Recorded: %(share)s %% of the yearly capacity; with what is booked: %(forecast)s %%. "
        "The ceiling is %(ceiling)s %%."
    )
    return (words % facts,)
