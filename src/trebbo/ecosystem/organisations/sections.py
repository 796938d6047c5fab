"""Where areas above put their own parts of a profile's page; the registry need not know them."""

from collections.abc import Callable
from dataclasses import dataclass, field

from django.http import HttpRequest
from django.utils.safestring import SafeString

from trebbo.ecosystem.organisations.models import Profile

Renderer = Callable[[HttpRequest, Profile], SafeString]


@dataclass(frozen=True, slots=True, order=True)
class Section:
    """A part of a profile's page: sections stand in the order of `position`."""

    position: int
    name: str
    render: Renderer = field(compare=False)


profile_sections: list[Section] = []


def add_profile_section(name: str, render: Renderer, *, position: int) -> None:
    """Put a part on the pages of organisations, units, Technopoles and clusters.

    `render` is given the request and the profile and returns the HTML of one `<section>` with its
    own heading of second level, or nothing where it has nothing to say. Call it when the app is
    ready; a name that is there already is replaced.
    """
    profile_sections[:] = sorted(
        [known for known in profile_sections if known.name != name]
        + [Section(position, name, render)]
    )


def sections_of(request: HttpRequest, profile: Profile) -> list[SafeString]:
    """The parts that areas above have to say about this profile, in order."""
    rendered = (section.render(request, profile) for section in profile_sections)
    return [html for html in rendered if html.strip()]
