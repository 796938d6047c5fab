"""News from the vocabularies, sent on commit."""

from django.dispatch import Signal

vocabularies_loaded = Signal()
"""The vocabularies were loaded anew, or an office changed labels or words. No arguments."""
