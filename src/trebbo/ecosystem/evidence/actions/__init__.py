"""What a person can do with the evidence."""

from trebbo.ecosystem.evidence.actions.attribution import attribute
from trebbo.ecosystem.evidence.actions.carrying import carry_out_import
from trebbo.ecosystem.evidence.actions.deciding import (
    LinkOvertaken,
    LinkRefused,
    accept_link,
    assign_participation,
    give_participations,
    refuse_link,
    split_link,
    undo_decision,
)
from trebbo.ecosystem.evidence.actions.importing import (
    forget_import,
    resume_import,
    start_import,
    stop_import,
)
from trebbo.ecosystem.evidence.actions.linking import link_bodies, link_profiles, link_snapshot
from trebbo.ecosystem.evidence.actions.refusals import ImportInterrupted, ImportRefused
from trebbo.ecosystem.evidence.actions.registering import BodyRefused, register_body
from trebbo.ecosystem.evidence.actions.registers import link_to_ror
from trebbo.ecosystem.evidence.actions.settling import LinkCounts
from trebbo.ecosystem.evidence.actions.statements import (
    Spoken,
    StatementRefused,
    say_of_field,
    say_of_participation,
    take_back,
)
from trebbo.ecosystem.evidence.actions.summaries import refresh_summary

__all__ = [
    "BodyRefused",
    "ImportInterrupted",
    "ImportRefused",
    "LinkCounts",
    "LinkOvertaken",
    "LinkRefused",
    "Spoken",
    "StatementRefused",
    "accept_link",
    "assign_participation",
    "attribute",
    "carry_out_import",
    "forget_import",
    "give_participations",
    "link_bodies",
    "link_profiles",
    "link_snapshot",
    "link_to_ror",
    "refresh_summary",
    "refuse_link",
    "register_body",
    "resume_import",
    "say_of_field",
    "say_of_participation",
    "split_link",
    "start_import",
    "stop_import",
    "take_back",
    "undo_decision",
]
