"""News of resources, sent on commit with ids only."""

from django.dispatch import Signal

resource_changed = Signal()
"""What the catalogue says of a body's resources changed; `profile_id`."""

booking_stepped = Signal()
"""Something happened to a booking; `step_id`."""

ceiling_neared = Signal()
"""Economic use of a resource came near its ceiling or passed it; `resource_id`, `year`, `level`."""
