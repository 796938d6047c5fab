"""News from the registry, sent on commit, ids only."""

from django.dispatch import Signal

profile_changed = Signal()
"""A profile, or a fact shown on it, changed. Arguments: `profile_id`."""

profile_removed = Signal()
"""A profile is gone. Arguments: `profile_id`."""
