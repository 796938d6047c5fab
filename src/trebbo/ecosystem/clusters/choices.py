"""Closed lists: states and categories of membership, successions, specialisations, figures."""

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class MembershipState(TextChoices):
    """Where a membership stands."""

    CANDIDATE = "candidate", _("Candidate")
    ACTIVE = "active", _("Active")
    SUSPENDED = "suspended", _("Suspended")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    EXCLUDED = "excluded", _("Excluded")


class MembershipCategory(TextChoices):
    """What kind of member it is, by the cluster's own statute; unknown stays unknown."""

    UNKNOWN = "unknown", _("Not known")
    FOUNDER = "founder", _("Founder")
    ORDINARY = "ordinary", _("Ordinary")
    SUPPORTER = "supporter", _("Supporter")
    HONORARY = "honorary", _("Honorary")


class ChainRole(TextChoices):
    """What a member is in a value chain."""

    PARTICIPANT = "participant", _("Participant")
    CHAIR = "chair", _("Holds the chair")
    VICE_CHAIR = "vice_chair", _("Holds the vice-chair")


class SuccessionKind(TextChoices):
    """How one value chain became another."""

    CONTINUES = "continues", _("Continues as")
    MERGES = "merges", _("Merges into")
    SPLITS = "splits", _("Splits into")


class SpecialisationKind(TextChoices):
    """What a specialisation of the territory is."""

    DISTRICT = "district", _("District")
    SECTOR = "sector", _("Sector")


class FigureKind(TextChoices):
    """What a published figure is: a number of its own, or one part of a whole."""

    FIGURE = "figure", _("Figure")
    COMPOSITION = "composition", _("Part of the composition")


class FigureQualifier(TextChoices):
    """How exact a published figure is."""

    EXACTLY = "exactly", _("Exactly")
    ABOUT = "about", _("About")
    MORE_THAN = "more_than", _("More than")
    LESS_THAN = "less_than", _("Less than")


class FigureUnit(TextChoices):
    """What a published figure is counted in."""

    COUNT = "count", _("Number")
    EUR = "EUR", _("Euro")
    PERCENT = "percent", _("Per cent")


FIGURE_WORDS: dict[str, str | Promise] = {
    FigureQualifier.EXACTLY: "%(number)s",
    FigureQualifier.ABOUT: _("about %(number)s"),
    FigureQualifier.MORE_THAN: _("more than %(number)s"),
    FigureQualifier.LESS_THAN: _("less than %(number)s"),
}
"""How a figure is said, by how exact it is."""

FIGURE_PATTERNS: dict[str, str | Promise] = {
    FigureUnit.COUNT: "%(number)s",
    FigureUnit.EUR: _("EUR %(number)s"),
    FigureUnit.PERCENT: _("%(number)s %%"),
}
"""How a figure's number is written with its unit."""


class KindGroup(TextChoices):
    """The few families into which a network sorts the kinds of its members."""

    COMPANIES = "companies", _("Companies")
    RESEARCH = "research", _("Research and universities")
    HEALTH = "health", _("Health facilities")
    TRAINING = "training", _("Training bodies")
    OTHER = "other", _("Others")
    NOT_KNOWN = "", _("Kind not known")


STATE_CHANGES: dict[str, tuple[str, ...]] = {
    MembershipState.CANDIDATE: (MembershipState.ACTIVE,),
    MembershipState.ACTIVE: (MembershipState.SUSPENDED,),
    MembershipState.SUSPENDED: (MembershipState.ACTIVE,),
}
"""From each state, the states that a membership may pass to without ending."""

ENDINGS = (MembershipState.WITHDRAWN, MembershipState.EXCLUDED)
"""The states in which a membership can end."""

VERB_LABELS = {
    "found_network": _("founded the network"),
    "edit_network": _("changed the network"),
    "found_cluster": _("founded the cluster"),
    "edit_cluster": _("changed the cluster"),
    "recognise_cluster": _("recorded a recognition"),
    "add_label": _("recorded a quality label"),
    "admit_member": _("admitted a member"),
    "propose_candidate": _("proposed a candidate"),
    "change_membership_state": _("changed the state of a membership"),
    "end_membership": _("ended a membership"),
    "open_value_chain": _("opened the value chain"),
    "edit_value_chain": _("changed the value chain"),
    "close_value_chain": _("closed the value chain"),
    "succeed_value_chain": _("recorded a succession"),
    "join_value_chain": _("recorded who takes part in a value chain"),
    "leave_value_chain": _("recorded who left a value chain"),
    "appoint_chair_body": _("recorded who holds the chair"),
    "name_specialisation": _("named a specialisation"),
    "place_in_specialisation": _("placed an organisation in a specialisation"),
    "record_figure": _("recorded a published figure"),
}
"""What the verbs of the audit trail say about clusters."""


class Circle(TextChoices):
    """Who may read of something, the widest first; who works on it may always."""

    PUBLIC = "public", _("Everybody")
    NETWORK = "network", _("The members of a network")
    CLUSTER = "cluster", _("The members of a cluster")
    CHAIN = "chain", _("A value chain")
    NAMED = "named", _("Named people")

    def is_as_wide_as(self, other: "Circle") -> bool:
        """Whether this circle is the other or a wider one."""
        widest_first = list(Circle)
        return widest_first.index(self) <= widest_first.index(other)
