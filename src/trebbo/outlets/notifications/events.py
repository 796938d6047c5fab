"""News from the mail, sent on commit."""

from django.dispatch import Signal

mail_written = Signal()
"""A mail was written and can be sent at once. No arguments."""

notice_held = Signal()
"""A notice waits for the next digest. No arguments."""
