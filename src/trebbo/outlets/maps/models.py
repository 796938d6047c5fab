"""What the map has to read again: it holds no facts of its own."""

from typing import ClassVar

from django.db import models


class MapChange(models.Model):
    """A profile changed; every process that holds the map's table reads it again.

    No foreign key: a profile that is gone must leave the map too.
    """

    profile_id = models.BigIntegerField()
    at = models.DateTimeField(db_index=True)

    class Meta:
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return f"{self.profile_id} {self.at:%Y-%m-%d %H:%M}"
