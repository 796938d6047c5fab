"""News from the clusters, sent on commit, ids only."""

from django.dispatch import Signal

membership_changed = Signal()
"""A membership of a cluster or value chain began, changed or ended. Arguments: `profile_id`."""
