"""The migrations say what the models say."""

import pytest
from django.core.management import call_command


@pytest.mark.django_db
def test_no_model_has_moved_away_from_its_migrations() -> None:
    """A change of a model comes with its migration (the command exits where one is missing)."""
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
