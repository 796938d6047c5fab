"""What a calendar feed tells: bookings, as far as its person may see them at that moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Prefetch, Q, QuerySet
from django.utils.translation import gettext as _

from trebbo.ecosystem.accounts.queries import viewer_for
from trebbo.ecosystem.organisations.models import Profile
from trebbo.ecosystem.organisations.policies import view_profile
from trebbo.kernel import signed_links
from trebbo.kernel.access import Viewer
from trebbo.kernel.errors import Refusal
from trebbo.sharing.resources.choices import HOLDING, BookingState
from trebbo.sharing.resources.models import Booking, Feed, Resource
from trebbo.sharing.resources.policies import answer_bookings, view_booking, view_resource

PURPOSE = "bookings.feed"
PAST = timedelta(days=90)
"""How long bookings stay in a feed after their end."""
CANCELLED_FOR = timedelta(days=30)
"""How long a feed tells that a booking is off."""
MOST_ENTRIES = 5_000
TOOK_PLACE = (BookingState.ACCEPTED, BookingState.USED, BookingState.NO_SHOW)
TENTATIVE = (BookingState.REQUESTED, BookingState.PROPOSED)
OFF = (
    BookingState.DECLINED,
    BookingState.WITHDRAWN,
    BookingState.CANCELLED,
    BookingState.LAPSED,
)


class FeedClosed(Refusal):
    """The feed was closed by its person, or its person is gone."""

    status = 410

    def __init__(self) -> None:
        super().__init__(_("This calendar feed was closed. Remove it from your calendar."))


@dataclass(frozen=True, slots=True)
class Entry:
    """One event of a feed. `status` is CONFIRMED, TENTATIVE or CANCELLED.

    `resource` stands for what is held, which can be one that is booked together with it. `who`
    asked, blank where it is one's own; all but the times is blank where it is only busy (`is_open`
    false).
    """

    uid: str
    starts_at: datetime
    ends_at: datetime
    status: str
    sequence: int
    changed_at: datetime
    created_at: datetime
    resource: Resource
    who: str
    path: str
    is_open: bool
    state: str


@dataclass(frozen=True, slots=True)
class FeedTold:
    """A feed with its name, the language of its person, and its events by time."""

    name: str
    entries: Sequence[Entry]


@dataclass(frozen=True, slots=True)
class FeedRow:
    """A feed of a person's list: `token` is the end of its address."""

    feed: Feed
    token: str


def feed_told(token: str, *, viewer: Viewer) -> FeedTold:
    """What the feed of a token tells at `viewer.now`, for the eyes of the person who opened it.

    Refuses a token that is none, and (FeedClosed) a feed that was closed. `viewer` is whoever
    fetches it: a calendar, which has signed in nowhere.
    """
    key = signed_links.read_lasting(PURPOSE, token)
    rows = Feed.objects.select_related("person", "resource__profile", "profile")
    feed = rows.filter(key=key).first()
    if feed is None or feed.closed_at is not None or not feed.person.is_active:
        raise FeedClosed
    eyes = viewer_for(feed.person, now=viewer.now, language=viewer.language)
    if feed.resource is not None:
        return _of_resources(feed.resource.name, [feed.resource], eyes)
    if feed.profile is not None:
        return _of_body(feed.profile, eyes)
    return FeedTold(_("My bookings"), _own(eyes))


def my_feeds(*, viewer: Viewer) -> list[FeedRow]:
    """The viewer's open feeds, the latest first."""
    if not viewer.signed_in:
        return []
    rows = Feed.objects.filter(person=viewer.person_id, closed_at__isnull=True)
    rows = rows.select_related("person", "resource", "profile").order_by("-created_at", "-pk")
    return [FeedRow(one, signed_links.sign_lasting(PURPOSE, one.key)) for one in rows]


def bodies_with_resources(*, viewer: Viewer) -> list[Profile]:
    """The bodies for which the viewer acts that have resources, themselves or in their units."""
    acted = Profile.objects.filter(pk__in=list(viewer.mandates))
    own = Q(pk__in=Resource.objects.values("profile"))
    units = Q(pk__in=Resource.objects.values("profile__as_unit__organisation"))
    return list(acted.filter(own | units).order_by("name"))


def _of_body(profile: Profile, eyes: Viewer) -> FeedTold:
    if not view_profile.allows(eyes, profile):
        return FeedTold("", [])
    rows = Resource.objects.select_related("profile")
    rows = rows.filter(Q(profile=profile) | Q(profile__as_unit__organisation=profile.pk))
    return _of_resources(profile.name, list(rows.order_by("pk")), eyes)


def _of_resources(name: str, resources: list[Resource], eyes: Viewer) -> FeedTold:
    """Bookings that hold these resources, with those that hold them together with another."""
    keys = view_resource.filter(eyes, Resource.objects.filter(pk__in=[r.pk for r in resources]))
    seen = set(keys.values_list("pk", flat=True))
    shown = {one.pk: one for one in resources if one.pk in seen}
    if not shown:
        return FeedTold("", [])
    held = Q(resource__in=shown) | Q(resource__booked_with__in=shown)
    linked = Prefetch("resource__booked_with", queryset=Resource.objects.filter(pk__in=shown))
    rows = _timely(Booking.objects.filter(held).distinct(), eyes)
    bookings = list(rows.prefetch_related(linked))
    told, owned = _open(bookings, eyes), _answered(bookings, eyes)
    entries = []
    for booking in bookings:
        resource = shown.get(booking.resource_id) or booking.resource.booked_with.all()[0]
        entries.append(_entry(booking, resource, eyes, told, owned))
    return FeedTold(name, entries)


def _own(eyes: Viewer) -> list[Entry]:
    """What the person asked for and may still read: not for a body that was left meanwhile."""
    asked = view_booking.filter(eyes, Booking.objects.filter(person=eyes.person_id))
    bookings = list(_timely(asked, eyes))
    told = {one.pk for one in bookings}
    return [_entry(one, one.resource, eyes, told, set()) for one in bookings]


def _timely(rows: QuerySet[Booking], eyes: Viewer) -> QuerySet[Booking]:
    """Bookings that hold or held their slot, and for a while those that do so no more."""
    standing = Q(state__in=[*TOOK_PLACE, *TENTATIVE])
    off = Q(state__in=OFF, changed_at__gt=eyes.now - CANCELLED_FOR)
    rows = rows.filter(standing | off, ends_at__gt=eyes.now - PAST)
    rows = rows.select_related("resource__profile", "person", "profile")
    return rows.order_by("starts_at", "pk")[:MOST_ENTRIES]


def _open(bookings: list[Booking], eyes: Viewer) -> set[int]:
    """Those of which the person may read more than that the resource is busy."""
    rows = view_booking.filter(eyes, Booking.objects.filter(pk__in=[one.pk for one in bookings]))
    return set(rows.values_list("pk", flat=True))


def _answered(bookings: list[Booking], eyes: Viewer) -> set[int]:
    """The resources for whose owner the person answers."""
    keys = {one.resource_id for one in bookings}
    rows = answer_bookings.filter(eyes, Resource.objects.filter(pk__in=keys))
    return set(rows.values_list("pk", flat=True))


def _entry(
    booking: Booking, resource: Resource, eyes: Viewer, told: set[int], owned: set[int]
) -> Entry:
    is_open = booking.pk in told
    mine = booking.person_id == eyes.person_id and booking.resource_id not in owned
    return Entry(
        uid=booking.uid,
        starts_at=booking.starts_at,
        ends_at=booking.ends_at,
        status=_status(booking.state),
        sequence=booking.version,
        changed_at=booking.changed_at,
        created_at=booking.created_at,
        resource=resource,
        who=_who(booking) if is_open and not mine else "",
        path=booking.get_absolute_url() if is_open else "",
        is_open=is_open,
        state=booking.get_state_display() if is_open and booking.state not in HOLDING else "",
    )


def _who(booking: Booking) -> str:
    return " · ".join(str(one) for one in (booking.profile, booking.person) if one)


def _status(state: str) -> str:
    if state in OFF:
        return "CANCELLED"
    return "TENTATIVE" if state in TENTATIVE else "CONFIRMED"
