"""Documents as programs write them, built in memory: clean, marked, lying and swollen."""

import io
import struct
import zipfile
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from trebbo.kernel.uploads import CONTENT_TYPES, OFFICE_PARTS

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 20
JPEG = b"\xff\xd8\xff\xe0" + b"\x00" * 20
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n"
EXE = b"MZ\x90\x00\x03\x00\x00\x00\x04\x00"
HTML = b"<!doctype html><script>alert(1)</script>"


def upload(name: str, content: bytes) -> SimpleUploadedFile:
    """A file as a browser sends it, whatever type it claims."""
    return SimpleUploadedFile(name, content, content_type="application/pdf")


def archive(parts: dict[str, bytes | str], **kept: Any) -> bytes:
    """A ZIP archive of these parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", kept.get("packing", zipfile.ZIP_DEFLATED)) as packed:
        for name, content in parts.items():
            packed.writestr(name, content)
    return out.getvalue()


def office(ending: str, words: str = "<w:t>Testo</w:t>", **more: bytes | str) -> bytes:
    """An office document of a kind; `more` are further parts, `__` standing for a slash."""
    parts: dict[str, bytes | str] = {OFFICE_PARTS[ending]: f"<x>{words}</x>"}
    if ending.startswith(".od"):
        parts["mimetype"] = CONTENT_TYPES[ending]
    else:
        parts["[Content_Types].xml"] = "<Types/>"
    parts |= {f"{name.replace('__', '/')}.xml": content for name, content in more.items()}
    return archive(parts)


def damaged(content: bytes) -> bytes:
    """The archive with the bytes of its first part spoilt."""
    with zipfile.ZipFile(io.BytesIO(content)) as whole:
        first = whole.infolist()[0]
    start = first.header_offset + len(first.FileHeader())
    return content[:start] + b"\xff" * 8 + content[start + 8 :]


def lying_about_size(content: bytes, size: int) -> bytes:
    """The archive, whose parts say in its directory that they unpack to `size` bytes."""
    spoilt = bytearray(content)
    at = spoilt.find(b"PK\x01\x02")
    while at >= 0:
        struct.pack_into("<L", spoilt, at + 24, size)
        at = spoilt.find(b"PK\x01\x02", at + 4)
    return bytes(spoilt)
