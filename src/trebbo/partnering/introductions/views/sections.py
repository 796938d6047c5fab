"""The part of a body's own page that leads to how it is shown in asks."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from trebbo.ecosystem.organisations.models import Profile


def preferences_section(_request: HttpRequest, profile: Profile) -> SafeString:
    """The way to the asking preferences of a profile, for those who may set them, as HTML."""
    # Who may edit the profile may set them, and the profile's page has read that right already.
    if not vars(profile).get("may_edit"):
        return SafeString("")
    return format_html(
        '<section aria-labelledby="in-asks-title"><h2 class="h4" id="in-asks-title">{}</h2>'
        '<p><a href="{}">{}</a></p></section>',
        _("In asks"),
        reverse("ask_preferences", args=[profile.slug]),
        _("Say how it is shown in asks"),
    )
