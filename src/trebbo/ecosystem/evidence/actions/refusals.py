"""What people are told when an import cannot be done."""

from trebbo.ecosystem.evidence.gateway.warehouse import Interrupted as ImportInterrupted
from trebbo.ecosystem.evidence.queries.imports import words_of_problem as words_of
from trebbo.kernel.errors import Refusal

__all__ = ["ImportInterrupted", "ImportRefused", "words_of"]


class ImportRefused(Refusal):
    """The file cannot be imported, or not now; nothing of it is visible."""
