"""Reads the reports that servers send back about mail they could not deliver (RFC 3464)."""

import email
from dataclasses import dataclass
from email.message import Message

LARGEST_REPORT = 5_000_000


@dataclass(frozen=True, slots=True)
class Report:
    """A mail that came back: its Message-ID, and the words of the server."""

    message_id: str
    words: str


def read_report(content: bytes) -> Report | None:
    """The report inside a message; nothing if it is none, or says that delivery only takes long."""
    message = email.message_from_bytes(content)
    failed = [fields for fields in _recipients(message) if _value(fields, "Action") == "failed"]
    message_id = _original_id(message)
    if not failed or not message_id:
        return None
    words = [_value(failed[0], name) for name in ("Status", "Diagnostic-Code")]
    return Report(message_id, " ".join(filter(None, words)) or "failed")


def _recipients(message: Message) -> list[Message]:
    """The groups of fields about each recipient; the first group is about the message."""
    for part in message.walk():
        if part.get_content_type() == "message/delivery-status":
            groups = part.get_payload()
            return [one for one in groups if isinstance(one, Message)][1:]
    return []


def _original_id(message: Message) -> str:
    for part in message.walk():
        payload = part.get_payload()
        if part.get_content_type() == "message/rfc822" and isinstance(payload, list):
            original = payload[0]
            return _value(original, "Message-ID") if isinstance(original, Message) else ""
        if part.get_content_type() == "text/rfc822-headers" and isinstance(payload, str):
            return _value(email.message_from_string(payload), "Message-ID")
    return ""


def _value(fields: Message, name: str) -> str:
    value = " ".join(str(fields.get(name, "")).split())
    return value.lower() if name == "Action" else value
