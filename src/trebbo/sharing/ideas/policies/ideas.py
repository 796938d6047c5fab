"""Who may see, keep, check, read and answer an idea."""

from collections.abc import Callable

from django.db.models import Exists, OuterRef, Q

from trebbo.ecosystem.clusters.models import Cluster
from trebbo.ecosystem.clusters.policies import in_circle, manage_cluster
from trebbo.ecosystem.organisations.models import Profile
from trebbo.ecosystem.organisations.policies import edit_profile, representing
from trebbo.kernel.access import Viewer
from trebbo.kernel.policies import NOTHING, Grant, Rule
from trebbo.sharing.ideas.choices import PUBLISHED, TAKES_ANSWERS, IdeaOutcome, IdeaState
from trebbo.sharing.ideas.models import Idea, IdeaReader, Reviewer, TermsAcceptance

edit_idea: Rule[Idea] = Rule("edit_idea")
check_idea: Rule[Idea] = Rule("check_idea")
accept_terms: Rule[Idea] = Rule("accept_terms")
read_idea: Rule[Idea] = Rule("read_idea")
see_idea: Rule[Idea] = Rule("see_idea")
answer_idea: Rule[Idea] = Rule("answer_idea")
was_open_to: Rule[Idea] = Rule("was_open_to")
"""Who may be told that an idea is over, because they could read it while it was not."""


def grant(name: str, rows: Callable[[Viewer], Q]) -> Grant[Idea]:
    """A reason that is decided by the rows alone: circles follow from many tables."""
    return Grant(
        name,
        lambda viewer, idea: Idea.objects.filter(rows(viewer), pk=idea.pk).exists(),
        rows,
    )


def acts_for(viewer: Viewer, body: str = "body") -> Q:
    """The bodies for which somebody speaks: by mandate, or as who represents a unit's owner."""
    own = Q(**{f"{body}__in": list(viewer.mandates)})
    of_unit = "as_unit" if body == "pk" else f"{body}__as_unit"  # no relation is followed from pk
    return own | Q(**{f"{of_unit}__organisation__in": representing(viewer)})


def _works_on_it(viewer: Viewer) -> Q:
    """Ideas of own bodies; and kept ones, while the keeper may still write for the body."""
    own = acts_for(viewer)
    if not (viewer.signed_in and viewer.is_office):
        return own
    bodies = edit_profile.filter(viewer, Profile.objects.all())
    return own | Q(keeper=viewer.person_id, body__in=bodies.values("pk"))


def _checks_it(viewer: Viewer) -> Q:
    if not viewer.is_office:
        return NOTHING
    offices = manage_cluster.filter(viewer, Cluster.objects.all())
    return ~Q(state=IdeaState.DRAFT) & Q(broker__in=offices.values("pk"))


def _open_to_circles() -> Q:
    return Q(state__in=PUBLISHED) & ~Q(outcome=IdeaOutcome.WITHDRAWN)


def _reached(viewer: Viewer) -> Q:
    condition = in_circle(viewer)
    if viewer.signed_in:
        named = IdeaReader.objects.filter(person=viewer.person_id)
        reviews = Reviewer.objects.filter(person=viewer.person_id).exclude(in_conflict=True)
        condition |= Q(pk__in=named.values("idea")) | Q(pk__in=reviews.values("idea"))
    return condition


def _in_text_circle(viewer: Viewer) -> Q:
    return _open_to_circles() & _reached(viewer)


def _accepted_terms(viewer: Viewer) -> Q:
    """Ideas without terms, or whose present terms the viewer has accepted."""
    accepted = TermsAcceptance.objects.filter(
        person=viewer.person_id or 0,
        terms__idea=OuterRef("pk"),
        terms__version=OuterRef("terms_version"),
    )
    return Q(terms_version=0) | Q(Exists(accepted))


def _would_read(viewer: Viewer) -> Q:
    """Ideas that are over and that the viewer reads, or would, had they not been withdrawn."""
    return Q(state=IdeaState.CLOSED) & _reached(viewer) & _accepted_terms(viewer)


def _reads(viewer: Viewer) -> Q:
    return _in_text_circle(viewer) & _accepted_terms(viewer)


def _answers(viewer: Viewer) -> Q:
    may_read = _reads(viewer) | _works_on_it(viewer) | _checks_it(viewer)
    if not viewer.mandates:
        return NOTHING
    return Q(state__in=TAKES_ANSWERS) & may_read


WORKS_ON_IT = grant("works on it", _works_on_it)
CHECKS_IT = grant("the office that checks it, once handed over", _checks_it)

edit_idea.add(WORKS_ON_IT)
check_idea.add(CHECKS_IT)
for rule in (read_idea, see_idea):
    rule.add(WORKS_ON_IT)
    rule.add(CHECKS_IT)
accept_terms.add(
    grant(
        "in the circle of the text, with an account",
        lambda viewer: _in_text_circle(viewer) if viewer.signed_in else NOTHING,
    )
)
read_idea.add(grant("in the circle of the text, terms accepted", _reads))
see_idea.add(grant("in the circle of the text", _in_text_circle))
see_idea.add(
    grant(
        "in the circle of the teaser",
        lambda viewer: _open_to_circles() & in_circle(viewer, "teaser_circle"),
    )
)
was_open_to.add(grant("in the circle of the text, terms accepted, before it ended", _would_read))
answer_idea.add(grant("reads it while it takes answers, and acts for a body", _answers))
