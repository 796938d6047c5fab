"""The audit trail: labels and keys, no foreign keys, so that nothing blocks a deletion."""

from typing import ClassVar

from django.db import models


class AuditLine(models.Model):
    """One thing that one person did to one object, written in the action's own transaction."""

    at = models.DateTimeField(db_index=True)
    actor_id = models.BigIntegerField(null=True, db_index=True)
    actor_label = models.CharField(max_length=300)
    verb = models.CharField(max_length=60)
    subject_type = models.CharField(max_length=60)
    subject_id = models.BigIntegerField()
    subject_label = models.CharField(max_length=300)
    changes = models.JSONField(default=dict)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["subject_type", "subject_id", "-at"], name="audit_subject")
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor_label}: {self.verb} {self.subject_label}"
