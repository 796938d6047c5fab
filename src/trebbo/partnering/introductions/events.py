"""News from the asks, sent on commit, ids only."""

from django.dispatch import Signal

ask_kept = Signal()
"""An ask was kept, changed or closed. Arguments: `ask_id`."""

ask_shared = Signal()
"""Who an ask is shared with changed. Arguments: `ask_id`."""

shortlist_changed = Signal()
"""The shortlist of an ask changed: by a run, or by a person. Arguments: `ask_id`."""

preference_changed = Signal()
"""How a profile wishes to be shown in asks changed. Arguments: `profile_id`."""

introduction_stepped = Signal()
"""Something happened to an introduction. Arguments: `introduction_id`, `step_id`."""

introductions_ticked = Signal()
"""The clock did something to many introductions at once. Arguments: `step_ids`."""
