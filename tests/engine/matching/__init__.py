"""Matching: from a need to those who can meet it."""
