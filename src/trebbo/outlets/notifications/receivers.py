"""Has mail sent when it is written, and digests when they are due."""

from typing import Any

from django.dispatch import receiver
from django.utils import timezone

from trebbo.outlets.notifications.events import mail_written, notice_held
from trebbo.outlets.notifications.tasks import arrange_next, arrange_sending


@receiver(mail_written, dispatch_uid="send_written_mail")
def send_written_mail(**_: Any) -> None:
    """Have the mail sent by a job."""
    arrange_sending()


@receiver(notice_held, dispatch_uid="write_next_digest")
def write_next_digest(**_: Any) -> None:
    """Have the next digests written when they are due."""
    arrange_next(timezone.now())
