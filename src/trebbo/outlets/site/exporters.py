"""Rows out: the directory as a table that Italian spreadsheets open as it is."""

import csv
import io
from collections.abc import Callable, Iterable

from django.utils.translation import gettext as _

from trebbo.kernel.access import Viewer
from trebbo.kernel.tabular import harmless
from trebbo.partnering.introductions.queries import Found

BYTE_ORDER_MARK = "\ufeff"
SEPARATOR = ";"


def directory_table(
    found: Iterable[Found], *, viewer: Viewer, absolute: Callable[[str], str]
) -> str:
    """The profiles as CSV: a byte order mark, semicolons, a heading in the page's language.

    `absolute` makes a whole address of a path. A cell that a spreadsheet would take for a formula
    begins with an apostrophe.
    """
    table = io.StringIO()
    table.write(BYTE_ORDER_MARK)
    writer = csv.writer(table, delimiter=SEPARATOR)
    writer.writerow(_heading())
    for one in found:
        row = _row(one, viewer, absolute)
        writer.writerow([harmless(cell) for cell in row])
    return table.getvalue()


def _heading() -> list[str]:
    return [
        _("Name"),
        _("Acronym"),
        _("What it is"),
        _("Kind"),
        _("Organisation"),
        _("Technopole"),
        _("Places"),
        _("Website"),
        _("Freshness"),
        _("Confirmed on"),
        _("How sure"),
        _("Source"),
        _("Page"),
    ]


def _row(found: Found, viewer: Viewer, absolute: Callable[[str], str]) -> list[str]:
    profile = found.profile
    confirmed = profile.confirmed_at
    return [
        profile.title,
        profile.acronym,
        str(profile.get_type_display()),
        found.kind,
        found.owner.title if found.owner else "",
        found.host.title if found.host else "",
        ", ".join(found.towns),
        profile.website,
        str(profile.freshness_on(viewer.today).label),
        confirmed.date().isoformat() if confirmed else "",
        str(profile.get_standing_display()),
        profile.source,
        absolute(profile.get_absolute_url()),
    ]
