"""Files that people hand in: small, of a known kind, what they say they are; pictures made new."""

import io
import re
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from trebbo.kernel.errors import Refusal
from trebbo.kernel.text import one_line

LARGEST_FILE = 10_000_000
OFFICE_PARTS = {
    ".docx": "word/document.xml",
    ".xlsx": "xl/workbook.xml",
    ".pptx": "ppt/presentation.xml",
    ".odt": "content.xml",
    ".ods": "content.xml",
}
SIGNATURES = {".pdf": b"%PDF-", ".png": b"\x89PNG\r\n\x1a\n", ".jpg": b"\xff\xd8\xff"}
CONTENT_TYPES = {
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".txt": "text/plain; charset=utf-8",
    ".csv": "text/csv; charset=utf-8",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ".odt": "application/vnd.oasis.opendocument.text",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
}
TRACKED = {
    ".docx": (b"<w:ins ", b"<w:del ", b"<w:moveFrom ", b"<w:comment "),
    ".odt": (b"<text:changed-region", b"<office:annotation"),
}
"""What stands in a document's parts where it holds tracked changes or comments."""
WORDS_OF_DOCX = re.compile(
    r"word/(?:document|comments|footnotes|endnotes|header\d*|footer\d*)\.xml"
)
LARGEST_DOCUMENT = 50_000_000
DAMAGED = (KeyError, NotImplementedError, RuntimeError, OSError, EOFError, ValueError, zlib.error)
"""What reading an archive that is none, or is damaged or locked, comes to."""


PICTURES = {"JPEG": ".jpg", "MPO": ".jpg", "PNG": ".png", "WEBP": ".webp"}
"""What Pillow may open, and how the names of what is kept end."""
WRITTEN = {".jpg": "JPEG", ".png": "PNG", ".webp": "WEBP"}
MOST_PIXELS = 40_000_000
LONGEST_SIDE = 1600
BOMBS = (Image.DecompressionBombError, Image.DecompressionBombWarning)
SPOILT = (*DAMAGED, UnidentifiedImageError, SyntaxError, IndexError, MemoryError)
"""What opening or decoding a picture that is none, or is damaged, comes to."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that passed: its tidied name, its type and its bytes; a picture's size in pixels."""

    name: str
    content_type: str
    content: bytes
    width: int | None = None
    height: int | None = None


class UploadRefused(Refusal):
    """The file is of a kind that is not taken, or not what it says it is."""


class UploadTooLarge(UploadRefused):
    """The file is larger than may be handed in."""

    status = 413

    def __init__(self, most_bytes: int = LARGEST_FILE) -> None:
        told = _("A file may have at most %(limit)s MB.")
        words = told % {"limit": number_format(most_bytes // 1_000_000)}
        super().__init__(words, {"file": words})


def checked_document(upload: "UploadedFile[Any]") -> Upload:
    """A document of at most LARGEST_FILE bytes, as it was handed in.

    Refuses a kind that is not known, content that is not what the name says, and a document that
    still holds tracked changes or comments: others would read what was deleted.
    """
    content = _content(upload)
    ending = _ending(upload.name or "")
    _demand_is_what_it_says(ending, content)
    return Upload(_name(upload.name or "", ending), CONTENT_TYPES[ending], content)


def checked_picture(upload: "UploadedFile[Any]") -> Upload:
    """A picture of at most LARGEST_FILE bytes and MOST_PIXELS, written anew.

    It is turned upright, no side is longer than LONGEST_SIDE, and nothing is left of what cameras
    and programs add: where it was taken, by whom, what it showed before. How many pixels it has is
    read from its head, so that one that would swell is never decoded. Refuses what is no picture.
    """
    content = _content(upload)
    if not content:
        raise _refused(_("The file is empty."))
    try:
        with Image.open(io.BytesIO(content), formats=("JPEG", "PNG", "WEBP")) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise _too_many_pixels()
            ending = PICTURES[opened.format or ""]
            picture = _upright_and_small(opened)
    except BOMBS as error:
        raise _too_many_pixels() from error
    except SPOILT as error:
        told = _("This is not a picture that can be read: JPEG, PNG and WebP can.")
        raise _refused(told) from error
    kept = io.BytesIO()
    picture.save(kept, WRITTEN[ending], quality=85)
    name = _name(upload.name or "", ending)
    kind = f"image/{WRITTEN[ending].lower()}"
    return Upload(name, kind, kept.getvalue(), picture.width, picture.height)


def _upright_and_small(opened: Image.Image) -> Image.Image:
    """The picture as it is looked at, on a fresh sheet: only pixels come along."""
    opened.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
    picture: Image.Image = opened
    if opened.mode.startswith("I"):  # 16 bits for a pixel
        picture = opened.point(lambda value: value / 256).convert("L")
    picture = picture.convert("RGBA" if opened.has_transparency_data else "RGB")
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    picture = ImageOps.exif_transpose(picture)
    sheet = Image.new(picture.mode, picture.size)
    sheet.paste(picture)
    return sheet


def _too_many_pixels() -> UploadRefused:
    told = _("The picture is too large: at most %(limit)s million pixels. Make it smaller first.")
    return _refused(told % {"limit": MOST_PIXELS // 1_000_000})


def _content(upload: "UploadedFile[Any]") -> bytes:
    if (upload.size or 0) > LARGEST_FILE:
        raise UploadTooLarge
    content: bytes = upload.read(LARGEST_FILE + 1)
    if len(content) > LARGEST_FILE:
        raise UploadTooLarge
    return content


def _ending(name: str) -> str:
    ending = PurePath(name).suffix.lower()
    ending = ".jpg" if ending == ".jpeg" else ending
    if ending not in CONTENT_TYPES:
        kinds = ", ".join(sorted(known.removeprefix(".") for known in CONTENT_TYPES))
        told = _("Files of this kind cannot be attached. These can: %(kinds)s.") % {"kinds": kinds}
        raise _refused(told)
    return ending


def _name(name: str, ending: str) -> str:
    stem = one_line(PurePath(name.replace("\\", "/")).stem)[:150] or _("file")
    return f"{stem}{ending}"


def _demand_is_what_it_says(ending: str, content: bytes) -> None:
    if not content:
        raise _refused(_("The file is empty."))
    if ending in OFFICE_PARTS:
        _demand_office_document(ending, content)
    elif ending in SIGNATURES:
        if not content.startswith(SIGNATURES[ending]):
            raise _other_than_said(ending)
    elif not _is_text(content):
        raise _other_than_said(ending)


def _demand_office_document(ending: str, content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as document:
            document.getinfo(OFFICE_PARTS[ending])
            if not _is_of_kind(ending, document):
                raise _other_than_said(ending)
            is_marked = ending in TRACKED and _is_marked(ending, document)
    except (*DAMAGED, zipfile.BadZipFile) as error:
        raise _other_than_said(ending) from error
    if is_marked:
        raise _refused(
            _(
                "This document holds tracked changes or comments, which others would read: accept "
                "or reject them, save it, and attach it again."
            ),
        )


def _is_of_kind(ending: str, document: zipfile.ZipFile) -> bool:
    """Whether an OpenDocument says its kind, and another holds no macros."""
    if ending.startswith(".od"):
        return _part(document, "mimetype") == CONTENT_TYPES[ending].encode()
    return not any(name.lower().endswith("vbaproject.bin") for name in document.namelist())


def _is_marked(ending: str, document: zipfile.ZipFile) -> bool:
    parts = {OFFICE_PARTS[ending]}
    if ending == ".docx":
        parts |= {name for name in document.namelist() if WORDS_OF_DOCX.fullmatch(name)}
    if sum(document.getinfo(part).file_size for part in parts) > LARGEST_DOCUMENT:
        raise UploadTooLarge
    return any(
        mark in words
        for words in (_part(document, part) for part in sorted(parts))
        for mark in TRACKED[ending]
    )


def _part(document: zipfile.ZipFile, name: str) -> bytes:
    """A part of a document; one that unpacks to more than LARGEST_DOCUMENT is never unpacked.

    What it says of its own size is not trusted: it is read in steps, and only as the formats pack.
    """
    part = document.getinfo(name)
    if part.file_size > LARGEST_DOCUMENT:
        raise UploadTooLarge
    if part.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise zipfile.BadZipFile
    with document.open(part) as opened:
        return opened.read(part.file_size + 1)


def _is_text(content: bytes) -> bool:
    try:
        return "\x00" not in content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False


def _refused(words: str) -> UploadRefused:
    return UploadRefused(words, {"file": words})


def _other_than_said(ending: str) -> UploadRefused:
    told = _("This is not a %(kind)s file, although its name says so.")
    return _refused(told % {"kind": ending.removeprefix(".")})
