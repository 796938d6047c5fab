"""Mail that comes in: reports of mail that came back, and what people write."""

from trebbo.outlets.notifications.importers.messages import (
    Incoming,
    MessageRefused,
    read_message,
)
from trebbo.outlets.notifications.importers.reports import LARGEST_REPORT, Report, read_report

__all__ = [
    "LARGEST_REPORT",
    "Incoming",
    "MessageRefused",
    "Report",
    "read_message",
    "read_report",
]
