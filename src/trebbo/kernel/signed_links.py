"""Signed links, each for one purpose only: those that expire, and those that last."""

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


def sign_lasting(purpose: str, key: str) -> str:
    """A token that names `key` for `purpose` alone and does not age: what it opens can be closed.

    The same key gives the same token, so that an address stays as it was given out.
    """
    return _lasting(purpose).sign(key)


def read_lasting(purpose: str, token: str) -> str:
    """The key inside a token made by `sign_lasting` for `purpose`."""
    try:
        return _lasting(purpose).unsign(token)
    except signing.BadSignature as error:
        raise LinkRefused(_("This link is not valid. Copy it whole from the message.")) from error


def _lasting(purpose: str) -> signing.Signer:
    return signing.Signer(sep=".", salt=f"trebbo.lasting.{purpose}")
