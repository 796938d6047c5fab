"""Says who is who: bodies of one register linked to those of another, with reasons."""

from trebbo.engine.linkage.affiliations import Towns, entities_of
from trebbo.engine.linkage.contracts import Entity, Linker, Match, Name, Reason, Zone
from trebbo.engine.linkage.linker import StatisticalLinker, affiliation_linker, default_linker
from trebbo.engine.linkage.model import Model, load
from trebbo.engine.linkage.training import Gold, learn_rarity, train

__all__ = [
    "Entity",
    "Gold",
    "Linker",
    "Match",
    "Model",
    "Name",
    "Reason",
    "StatisticalLinker",
    "Towns",
    "Zone",
    "affiliation_linker",
    "default_linker",
    "entities_of",
    "learn_rarity",
    "load",
    "train",
]
