"""News from the evidence, sent on commit, ids only."""

from django.dispatch import Signal

evidence_published = Signal()
"""An import is visible. Arguments: `import_id`."""

evidence_changed = Signal()
"""What the evidence says of a profile changed: links, statements. Arguments: `profile_id`."""
