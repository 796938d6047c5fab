"""Signed, expiring links, each for one purpose only."""

from typing import Any

from django.core import signing
from django.utils.translation import gettext as _

from trebbo.kernel.errors import Refusal


class LinkRefused(Refusal):
    """The link was altered, belongs to another purpose, or is too old."""


def sign(purpose: str, value: Any) -> str:
    """A token that carries `value` and is good for `purpose` alone."""
    return signing.dumps(value, salt=f"trebbo.{purpose}", compress=True)


def read(purpose: str, token: str, *, max_age_seconds: int) -> Any:
    """The value inside a token made for `purpose` no longer than `max_age_seconds` ago."""
    try:
        return signing.loads(token, salt=f"trebbo.{purpose}", max_age=max_age_seconds)
    except signing.SignatureExpired as error:
        raise LinkRefused(_("This link has expired. Ask for a new one.")) from error
    except signing.BadSignature as error:
        raise LinkRefused(_("This link is not valid. Copy it whole from the message.")) from error
