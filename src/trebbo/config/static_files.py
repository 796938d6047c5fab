"""Gathers the static files into the folder that the server sends them from, when they changed."""

import hashlib
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command


def _stamp() -> Path:
    return Path(settings.STATIC_ROOT).with_suffix(".stamp")


def fingerprint() -> str:
    """A digest of every static file's name, size and date, as the finders see them."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list([]):
            state = Path(storage.path(name)).stat()
            digest.update(f"{name}\0{state.st_size}\0{state.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def up_to_date() -> bool:
    """Whether the folder holds what the packages hold."""
    stamp = _stamp()
    return stamp.exists() and stamp.read_text(encoding="ascii") == fingerprint()


def collect() -> bool:
    """Gather the files anew if anything changed; whether there was anything to do."""
    if up_to_date():
        return False
    _stamp().unlink(missing_ok=True)
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    _stamp().write_text(fingerprint(), encoding="ascii")
    return True
