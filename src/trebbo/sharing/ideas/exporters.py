"""The ideas that an office follows, as a spreadsheet."""

from collections.abc import Iterator
from datetime import date, datetime

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from trebbo.kernel.tabular import Book, Cell
from trebbo.sharing.ideas.queries.pipeline import Pipeline


def pipeline_xlsx(pipeline: Pipeline) -> bytes:
    """One row an idea, in the page's language."""
    book = Book(_("Ideas"), get_language() or "it")
    book.sheet(_("Ideas")).fill(_heads(), _rows(pipeline))
    return book.content()


def _rows(pipeline: Pipeline) -> Iterator[tuple[Cell, ...]]:
    for idea in pipeline.rows:
        yield (
            idea.pk,
            idea.title,
            idea.get_kind_display(),
            idea.body.title,
            idea.get_state_display(),
            _day(idea.since),
            str(idea.readiness or ""),
            idea.trl,
            idea.answer_count,
            _day(idea.published_at),
            idea.expires_date,
            idea.get_outcome_display() if idea.outcome else "",
            idea.outcome_reason,
        )


def _day(moment: datetime | None) -> date | None:
    return timezone.localtime(moment).date() if moment else None


def _heads() -> tuple[str, ...]:
    return (
        _("Number"),
        _("Title"),
        _("What it is"),
        _("Body"),
        _("State"),
        _("Since"),
        _("Readiness level"),
        _("TRL"),
        _("Answers"),
        _("Published on"),
        _("Expires"),
        _("Outcome"),
        _("Why"),
    )
