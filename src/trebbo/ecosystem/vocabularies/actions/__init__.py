"""Changes to the vocabularies."""

from trebbo.ecosystem.vocabularies.actions.loading import load_vocabularies

__all__ = ["load_vocabularies"]
