"""The vocabularies."""
