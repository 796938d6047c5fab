"""News from the skills, sent on commit, ids only."""

from django.dispatch import Signal

competences_changed = Signal()
"""The competences that a body offers or seeks changed. Arguments: `profile_id`."""

training_changed = Signal()
"""The training that a body offers changed. Arguments: `profile_id`."""
