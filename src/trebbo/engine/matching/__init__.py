"""Matching: from a need to those who can meet it, ranked by evidence, with what each fact adds."""

from trebbo.engine.matching.contracts import Body, Evidence, Member, Need, Work, area_of

__all__ = ["Body", "Evidence", "Member", "Need", "Work", "area_of"]
