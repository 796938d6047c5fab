"""Organisations, their units and the Technopoles: identity, seats, facts and freshness."""
