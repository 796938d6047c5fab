"""Pictures are read from their head before they are decoded, and written anew."""

import io
import struct
import zlib
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, PngImagePlugin

from trebbo.kernel.uploads import (
    LONGEST_SIDE,
    UploadRefused,
    UploadTooLarge,
    checked_document,
    checked_picture,
)


def file(content: bytes, name: str = "foto.jpg") -> SimpleUploadedFile:
    """A file as a browser sends it, whatever type it claims."""
    return SimpleUploadedFile(name, content, content_type="image/jpeg")


def drawn(kind: str, size: tuple[int, int] = (40, 20), mode: str = "RGB", **kept: Any) -> bytes:
    """A picture whose left half is black and whose right half is white or clear."""
    inked = "RGBA" if mode == "RGBA" else "RGB"
    picture = Image.new(inked, size)
    picture.paste(Image.new(inked, (size[0] // 2, size[1]), "white"), (size[0] // 2, 0))
    out = io.BytesIO()
    picture.convert(mode).save(out, kind, **kept)
    return out.getvalue()


def bomb(side: int) -> bytes:
    """A PNG of a few bytes whose head says that it is `side` × `side` pixels."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        )

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 1000)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("kind", "ending", "content_type"),
    [
        ("JPEG", ".jpg", "image/jpeg"),
        ("PNG", ".png", "image/png"),
        ("WEBP", ".webp", "image/webp"),
    ],
)
def test_a_picture_keeps_its_kind_whatever_its_name_says(
    kind: str, ending: str, content_type: str
) -> None:
    passed = checked_picture(file(drawn(kind), "C:\\Foto\\banco ottico.exe"))
    assert passed.name == f"banco ottico{ending}"
    assert passed.content_type == content_type
    assert Image.open(io.BytesIO(passed.content)).format == kind
    assert (passed.width, passed.height) == (40, 20)


def test_a_large_picture_becomes_smaller_and_keeps_its_proportions() -> None:
    passed = checked_picture(file(drawn("JPEG", (4000, 1000))))
    assert (passed.width, passed.height) == (LONGEST_SIDE, LONGEST_SIDE // 4)


def test_what_cameras_and_programs_add_is_gone_and_the_picture_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by a quarter
    exif[0x010F] = "Fotocamera di prova"
    exif.get_ifd(0x8825)[1] = "N"
    passed = checked_picture(file(drawn("JPEG", exif=exif, comment=b"segreto")))
    kept = Image.open(io.BytesIO(passed.content))
    assert (passed.width, passed.height) == kept.size == (20, 40)
    assert dict(kept.getexif()) == {}
    assert b"segreto" not in passed.content
    assert b"Fotocamera" not in passed.content


def test_words_within_a_png_are_gone_and_what_is_clear_stays_clear() -> None:
    words = PngImagePlugin.PngInfo()
    words.add_text("Author", "segreto")
    passed = checked_picture(file(drawn("PNG", mode="RGBA", pnginfo=words) + b"<script>"))
    assert b"segreto" not in passed.content
    assert b"<script>" not in passed.content
    assert Image.open(io.BytesIO(passed.content)).getpixel((0, 0)) == (0, 0, 0, 0)


@pytest.mark.parametrize("mode", ["1", "L", "P", "I;16", "LA"])
def test_any_way_of_keeping_colours_is_read(mode: str) -> None:
    passed = checked_picture(file(drawn("PNG", mode=mode) if mode != "I;16" else _deep()))
    kept = Image.open(io.BytesIO(passed.content)).convert("RGB")
    assert kept.getpixel((39, 5)) == (255, 255, 255)


def _deep() -> bytes:
    out = io.BytesIO()
    Image.new("I;16", (40, 20), 65_535).save(out, "PNG")
    return out.getvalue()


def test_colours_for_print_become_colours_for_screens() -> None:
    out = io.BytesIO()
    Image.new("CMYK", (40, 20)).save(out, "JPEG")
    passed = checked_picture(file(out.getvalue()))
    assert Image.open(io.BytesIO(passed.content)).mode == "RGB"


@pytest.mark.parametrize(
    "content",
    [
        b"MZ\x90\x00\x03",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"\xff\xd8\xff\xe0" + b"\x00" * 200,
        b"\x89PNG\r\n\x1a\n" + b"\x00" * 200,
        drawn("PNG")[:60],
        drawn("JPEG")[:200],
        drawn("GIF", mode="L"),
        drawn("WEBP")[:40],
    ],
)
def test_a_picture_that_is_none_is_refused_in_words(content: bytes) -> None:
    with pytest.raises(UploadRefused) as caught:
        checked_picture(file(content))
    assert list(caught.value.fields) == ["file"]


@pytest.mark.parametrize("side", [6_400, 9_500, 20_000, 60_000, 2**31 - 1])
def test_a_picture_that_would_swell_is_never_decoded(side: int) -> None:
    with pytest.raises(UploadRefused) as caught:
        checked_picture(file(bomb(side), "foto.png"))
    assert "40" in caught.value.message or side > 60_000


def test_an_empty_file_and_one_of_eleven_megabytes_are_refused() -> None:
    with pytest.raises(UploadRefused):
        checked_picture(file(b""))
    with pytest.raises(UploadTooLarge):
        checked_picture(file(b"\0" * 11_000_000))
    with pytest.raises(UploadTooLarge):
        checked_document(file(b"%PDF-" + b"\0" * 11_000_000, "a.pdf"))
