"""Says the review of a composition in sentences and tables, for its page and for its document."""

from collections.abc import Iterable, Mapping, Sized
from datetime import date
from typing import Literal

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from trebbo.kernel.tabular import Linked
from trebbo.sharing.skills.exporters import Cell, ReviewPart, ReviewTold
from trebbo.sharing.skills.queries import Cover, Offer, Review
from trebbo.sharing.skills.queries.skills_map_counts import SOLID_FROM, STRONG_FROM
from trebbo.sharing.skills.queries.skills_map_rows import MOST_POINTS, NETWORK, TEAM_FROM
from trebbo.sharing.skills.views.charts import number

MOST_ROWS = 30
"""The most rows of a table; a sentence says how many more there are."""

MINUS = "\N{MINUS SIGN}"

Links = Mapping[int, Linked]


def told(review: Review, links: Links, *, language: Literal["it", "en"]) -> ReviewTold:
    """The whole review in the present language."""
    moment = review.made_at.replace(microsecond=0)
    made = date_format(timezone.localtime(moment), "DATETIME_FORMAT")
    synthetic = _("Some of these competences are synthetic, for demonstration.")
    return ReviewTold(
        title=_("Critical review of the composition: %(name)s") % {"name": review.place.name},
        place=review.place,
        facts=(
            (_("As of"), _day(review.place.day)),
            (_("Compared with"), _day(review.then)),
            (_("Made on"), made),
            (_("Made for"), review.made_by or _("a visitor, with what everybody may see")),
            *([(_("Notice"), synthetic)] if review.map.synthetic else []),
        ),
        parts=(
            _composition(review, links),
            _strengths(review, links),
            _only_one(review, links),
            _gaps(review, links),
            _matches(review, links),
            _freshness(review),
            _change(review),
        ),
        rules=(
            *rules(),
            _(
                "For the comparison, competences without a first day count from the day on which "
                "they were written down; memberships without one count on both days."
            ),
        ),
        notice=synthetic if review.map.synthetic else "",
        made_at=moment,
        language=language,
    )


def rules() -> tuple[str, ...]:
    """How all this is counted, in plain words."""
    return (
        _(
            "A body is an organisation: its units count with it, and nobody counts twice in a "
            "field. Members are those with an active or suspended membership; candidates are not."
        ),
        _(
            "Strength is from 1 to %(most)s for each body: its level (basic 1, good 2, expert 3, "
            "reference 4; not said counts as basic), one more for evidence behind it, one more "
            "where it is confirmed today, one more from %(team)s people on. What is only inferred "
            "and nobody confirmed counts 1. The strength of a field is the sum over its bodies."
        )
        % {"most": MOST_POINTS, "team": TEAM_FROM},
        _(
            "An offer is solid from %(solid)s points. A field is strong with %(strong)s or more "
            "bodies whose offer is solid."
        )
        % {"solid": SOLID_FROM, "strong": STRONG_FROM},
        _(
            "A gap is something sought of which no body of the place offers just that or "
            "something narrower."
        ),
        _("Only what the reader may see is counted."),
    )


def _composition(review: Review, links: Links) -> ReviewPart:
    bodies = review.map.bodies
    counts = {"count": number(bodies), "name": review.place.name}
    sentences = [
        ngettext(
            "%(count)s body belongs to %(name)s.", "%(count)s bodies belong to %(name)s.", bodies
        )
        % counts,
        ngettext(
            "%(count)s of them offers a competence.",
            "%(count)s of them offer a competence.",
            review.map.with_offers,
        )
        % {"count": number(review.map.with_offers)},
        _("On %(day)s there were %(count)s.")
        % {"day": _day(review.then), "count": number(review.bodies_then)},
    ]
    for words, keys in ((_("New since then"), review.joined), (_("Gone since then"), review.left)):
        names = [links[key].words for key in keys[:MOST_ROWS] if key in links]
        if names:
            more = len(keys) - len(names)
            rest = f" (+ {number(more)})" if more else ""
            sentences.append(f"{words}: {', '.join(names)}{rest}.")
    rows = tuple(
        (_said(name), _figure(count), _said(_percent(count, bodies)))
        for _key, name, count in review.map.families
    )
    head = (_("Kind"), _("Bodies"), _("Share"))
    return ReviewPart("composition", _("Who there is"), _joined(sentences), head, rows, _at(1, 2))


def _strengths(review: Review, links: Links) -> ReviewPart:
    strong = sorted(review.map.covered(Cover.STRONG), key=lambda line: -line.points)
    offered = sum(1 for line in review.map.fields if line.bodies)
    sentence = ngettext(
        "%(count)s of %(all)s fields on offer is strong.",
        "%(count)s of %(all)s fields on offer are strong.",
        len(strong),
    ) % {"count": number(len(strong)), "all": number(offered)}
    rows = tuple(
        (
            _said(line.label),
            *map(_figure, (line.bodies, line.solid, line.points)),
            _names(line.top, links),
        )
        for line in strong[:MOST_ROWS]
    )
    head = (_("Field"), _("Bodies"), _("Solid"), _("Strength"), _("Strongest"))
    sentences = (sentence, *_more(strong))
    return ReviewPart("strengths", _("What is strong"), sentences, head, rows, _at(1, 2, 3))


def _only_one(review: Review, links: Links) -> ReviewPart:
    single = review.map.covered(Cover.ONE)
    sentence = ngettext(
        "%(count)s field depends on one body: if it leaves, nobody of the place offers it.",
        "%(count)s fields depend on one body: if it leaves, nobody of the place offers them.",
        len(single),
    ) % {"count": number(len(single))}
    rows = tuple(
        (
            *(_said(line.label), _names(line.top, links), _figure(line.points)),
            _names(line.others, links),
        )
        for line in single[:MOST_ROWS]
    )
    head = (_("Field"), _("The only body"), _("Strength"), _("Elsewhere in the network"))
    return ReviewPart(
        "only-one", _("What depends on one body"), (sentence, *_more(single)), head, rows, _at(2)
    )


def _gaps(review: Review, links: Links) -> ReviewPart:
    gaps = review.map.gaps
    if not gaps:
        sentence = _("Everything that is sought here is offered here, or nothing is sought.")
    else:
        filled = sum(1 for one in gaps if one.elsewhere)
        sentence = ngettext(
            "%(count)s competence is sought and nobody of the place offers it.",
            "%(count)s competences are sought and nobody of the place offers them.",
            len(gaps),
        ) % {"count": number(len(gaps))}
        rest = _("The network around it could fill %(count)s of them.")
        if review.place.kind != NETWORK:
            sentence = f"{sentence} {rest % {'count': number(filled)}}"
    rows = tuple(
        (_said(one.label), _names(one.top_seekers, links), _names(one.top_elsewhere, links))
        for one in gaps[:MOST_ROWS]
    )
    head = (_("Sought"), _("Who seeks it"), _("Who in the network could fill it"))
    return ReviewPart("gaps", _("What is missing"), (sentence, *_more(gaps)), head, rows)


def _matches(review: Review, links: Links) -> ReviewPart:
    found = review.map.matches
    sentence = ngettext(
        "%(count)s competence is both sought and offered here by different bodies.",
        "%(count)s competences are both sought and offered here by different bodies.",
        len(found),
    ) % {"count": number(len(found))}
    rows = tuple(
        (_said(one.label), _names(one.top_seekers, links), _names(one.top_offers, links))
        for one in found[:MOST_ROWS]
    )
    head = (_("Sought"), _("Who seeks it"), _("Who offers it"))
    heading = _("Who could be introduced to whom")
    return ReviewPart("matches", heading, (sentence, *_more(found)), head, rows)


def _freshness(review: Review) -> ReviewPart:
    drawn = review.map
    counts = {
        "all": number(drawn.offers),
        "confirmed": number(drawn.confirmed),
        "old": number(drawn.offers - drawn.confirmed - drawn.never),
        "never": number(drawn.never),
    }
    sentences = [
        _(
            "Of %(all)s competences on offer %(confirmed)s are confirmed today, %(old)s were "
            "confirmed once and have to be again, %(never)s never were."
        )
        % counts,
        ngettext(
            "Evidence stands behind %(count)s.", "Evidence stands behind %(count)s.",
            drawn.evidenced,
        )
        % {"count": number(drawn.evidenced)},
    ]  # fmt: skip
    weak = sorted(review.unconfirmed, key=lambda line: (-line.bodies, line.label))
    if weak:
        sentences.append(
            ngettext(
                "In %(count)s field nothing is confirmed:",
                "In %(count)s fields nothing is confirmed:",
                len(weak),
            )
            % {"count": number(len(weak))}
        )
    rows = tuple(
        (
            _said(line.label),
            *map(_figure, (line.bodies, line.inferred, line.bodies - line.evidence)),
        )
        for line in weak[:MOST_ROWS]
    )
    head = (_("Field"), _("Bodies"), _("Only inferred"), _("Without evidence"))
    heading = _("What is old or not confirmed")
    said = (*_joined(sentences), *_more(weak))
    return ReviewPart("freshness", heading, said, head, rows, _at(1, 2, 3))


def _change(review: Review) -> ReviewPart:
    sentences = [
        _("Since %(day)s more bodies offer something in %(gained)s fields, fewer in %(lost)s.")
        % {
            "day": _day(review.then),
            "gained": number(len(review.gained)),
            "lost": number(len(review.lost)),
        }
    ]
    for words, found in ((_("New gaps"), review.opened), (_("Gaps closed"), review.closed)):
        if found:
            sentences.append(f"{words}: {', '.join(one.label for one in found[:MOST_ROWS])}.")
    changes = [*review.gained, *review.lost]
    rows = tuple(
        (
            _said(one.label),
            *map(_figure, (one.before, one.now)),
            _said(f"{one.now - one.before:+d}".replace("-", MINUS)),
        )
        for one in changes[:MOST_ROWS]
    )
    head = (_("Field"), _("Bodies then"), _("Bodies now"), _("More or fewer"))
    said = (*sentences, *_more(changes))
    return ReviewPart("change", _("What changed in a year"), said, head, rows, _at(1, 2, 3))


def _more(
    found: Sized,
) -> tuple[str, ...]:
    more = len(found) - MOST_ROWS
    if more <= 0:
        return ()
    words = ngettext(
        "The table shows the first %(shown)s; %(count)s more is in the spreadsheet of the map.",
        "The table shows the first %(shown)s; %(count)s more are in the spreadsheet of the map.",
        more,
    )
    return (words % {"shown": MOST_ROWS, "count": number(more)},)


def _joined(sentences: Iterable[str]) -> tuple[str, ...]:
    return (" ".join(sentences),)


def _at(*columns: int) -> frozenset[int]:
    return frozenset(columns)


def _said(words: str) -> Cell:
    return (Linked(words),)


def _figure(count: int) -> Cell:
    return (Linked(number(count)),)


def _names(offers: Iterable[Offer], links: Links) -> Cell:
    return tuple(links[offer.profile] for offer in offers if offer.profile in links)


def _percent(count: int, whole: int) -> str:
    return f"{number(round(100 * count / whole))} %" if whole else "–"


def _day(day: date) -> str:
    return date_format(day, "DATE_FORMAT")
