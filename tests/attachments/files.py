"""Real files to attach, made by hand: what people send, and what somebody else might."""

import struct
import zipfile
import zlib
from io import BytesIO

from PIL import Image

CONTENT_TYPES = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/>{more}</Types>'
)
MACRO_TYPE = (
    '<Override PartName="/word/document.xml" ContentType='
    '"application/vnd.ms-word.document.macroEnabled.main+xml"/>'
)
GPS, ORIENTATION, MAKE = 0x8825, 0x0112, 0x010F
TURNED_RIGHT = 6  # the camera was held on its side


def jpeg(*, size: tuple[int, int] = (80, 40), mode: str = "RGB") -> bytes:
    """Return a photo as a telephone takes it: on its side, with the place and the maker."""
    exif = Image.Exif()
    exif[ORIENTATION] = TURNED_RIGHT
    exif[MAKE] = "Somebody"
    exif[GPS] = {1: "N", 2: (31.0, 52.0, 12.0), 3: "E", 4: (117.0, 17.0, 3.0)}
    out = BytesIO()
    Image.new(mode, size, 200 if mode == "L" else "red" if mode == "RGB" else 0).save(
        out, "JPEG", exif=exif, comment=b"a comment with a secret"
    )
    return out.getvalue()


def png(*, size: tuple[int, int] = (40, 30), mode: str = "RGBA") -> bytes:
    out = BytesIO()
    Image.new(mode, size).save(out, "PNG")
    return out.getvalue()


def endless_png(width: int, height: int) -> bytes:
    """Return a PNG of a few hundred bytes that would unpack to `width` × `height` pixels."""
    lines = zlib.compress(b"\0" * 1000, 9)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", lines), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


def pdf() -> bytes:
    return b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def archive(entries: dict[str, bytes]) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as written:
        for name, content in entries.items():
            written.writestr(name, content)
    return out.getvalue()


def docx(more: dict[str, bytes] | None = None, *, types: str = "") -> bytes:
    return archive(
        {
            "[Content_Types].xml": CONTENT_TYPES.format(more=types).encode(),
            "word/document.xml": "<document>厂房漏雨</document>".encode(),
            **(more or {}),
        }
    )


def xlsx(more: dict[str, bytes] | None = None) -> bytes:
    return archive(
        {
            "[Content_Types].xml": CONTENT_TYPES.format(more="").encode(),
            "xl/workbook.xml": b"<workbook/>",
            **(more or {}),
        }
    )
