"""What may be attached, and whether a file is what its name says."""

import unicodedata
import zipfile
import zlib
from dataclasses import dataclass
from io import BytesIO
from pathlib import PurePosixPath

from app.core.errors import Invalid
from app.core.i18n import N_

MB = 1024 * 1024
MAX_SIZE = 20 * MB
MAX_UNPACKED = 200 * MB
MAX_ENTRIES = 5000
LONGEST_NAME = 100
LONGEST_LIST = MB  # of the content types of an Office file; real ones have a few kB
FORBIDDEN = frozenset('<>:"|?*')

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
JPEG, PNG, PDF = "image/jpeg", "image/png", "application/pdf"

PACKINGS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})  # what Office uses
LOCKED = 0x1  # flag of an entry that wants a password

FIELD = "files"
BROKEN = N_("“{name}”打不开，可能已损坏或加了密码。")
NOT_WHAT_IT_SAYS = N_("“{name}”的内容和扩展名不符，可能是改过扩展名。请用原来的软件另存后再传。")


@dataclass(frozen=True, slots=True)
class Kind:
    """A sort of file: its type, how it begins, and what an archive of it must hold."""

    media_type: str
    begins: bytes
    holds: str = ""


_JPEG = Kind(JPEG, b"\xff\xd8\xff")
KINDS = {
    "jpg": _JPEG,
    "jpeg": _JPEG,
    "png": Kind(PNG, b"\x89PNG\r\n\x1a\n"),
    "pdf": Kind(PDF, b"%PDF-"),
    "docx": Kind(WORD, b"PK\x03\x04", "word/document.xml"),
    "xlsx": Kind(SHEET, b"PK\x03\x04", "xl/workbook.xml"),
}


def refused(message: str, name: str) -> Invalid:
    """Return the refusal of the file `name`."""
    return Invalid(message, field=FIELD, name=name)


def clean_name(given: str) -> str:
    """Return a file name without folders, control characters and what disks dislike.

    Chinese stays. The extension stays too, also where the name has to be cut.
    """
    last = unicodedata.normalize("NFC", given).replace("\\", "/").rsplit("/", 1)[-1]
    plain = "".join(
        "_" if c in FORBIDDEN else " " if unicodedata.category(c)[0] == "Z" else c
        for c in last
        if unicodedata.category(c)[0] != "C"  # controls, and marks that turn the reading order
    )
    stem, dot, extension = " ".join(plain.split()).strip(". ").rpartition(".")
    if not dot:
        return extension[:LONGEST_NAME]
    stem = stem.strip(". ")[: LONGEST_NAME - len(extension) - 1]
    return f"{stem}.{extension}" if stem else extension[:LONGEST_NAME]


def kind_of(name: str, content: bytes) -> Kind:
    """Return what sort of file this is; raise Invalid where it is none that may be attached."""
    kind = KINDS.get(PurePosixPath(name).suffix.lower().removeprefix("."))
    if kind is None:
        raise refused(N_("“{name}”不能上传，只收 jpg、png、pdf、docx、xlsx。"), name or "—")
    if not content:
        raise refused(N_("“{name}”是空的，请重新选择。"), name)
    if len(content) > MAX_SIZE:
        raise refused(N_("“{name}”超过 20 MB，请压缩或拆开后再传。"), name)
    if not content.startswith(kind.begins):
        raise refused(NOT_WHAT_IT_SAYS, name)
    if kind.holds:
        _check_office(name, content, kind)
    return kind


def _check_office(name: str, content: bytes, kind: Kind) -> None:
    """Look into an Office file; every byte is unpacked once, for its headers may lie."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            _check_packing(name, archive)
            _check_names(name, archive, kind)
            broken = archive.testzip()
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        OSError,
        ValueError,
    ) as error:
        raise refused(BROKEN, name) from error
    if broken:
        raise refused(BROKEN, name)


def _check_packing(name: str, archive: zipfile.ZipFile) -> None:
    entries = archive.infolist()
    if any(entry.compress_type not in PACKINGS or entry.flag_bits & LOCKED for entry in entries):
        raise refused(BROKEN, name)
    if len(entries) > MAX_ENTRIES or sum(entry.file_size for entry in entries) > MAX_UNPACKED:
        raise refused(N_("“{name}”展开后太大，不能上传。"), name)


def _check_names(name: str, archive: zipfile.ZipFile, kind: Kind) -> None:
    names = {entry.filename.lower() for entry in archive.infolist()}
    if "[content_types].xml" not in names or kind.holds not in names:
        raise refused(NOT_WHAT_IT_SAYS, name)
    if any(entry.endswith("vbaproject.bin") for entry in names) or _says_macro(archive):
        raise refused(N_("“{name}”带有宏，不能上传。请另存为不带宏的文件。"), name)


def _says_macro(archive: zipfile.ZipFile) -> bool:
    """Tell whether the list of content types names a macro, under whatever file name."""
    for entry in archive.infolist():
        if entry.filename.lower() == "[content_types].xml":
            with archive.open(entry) as listed:
                text = listed.read(LONGEST_LIST).lower()
            return b"macroenabled" in text or b"vbaproject" in text
    return False
