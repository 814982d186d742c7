"""What may be attached, what is refused, and what is left of a picture."""

import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from PIL import Image
from PIL.ExifTags import Base as Tag

from app.accounts.roles import Role
from app.attachments import queries, service
from app.attachments.models import Attachment
from app.attachments.service.contents import MAX_SIZE, clean_name
from app.core import clock, files
from app.core.audit import AuditRow
from app.core.db import db
from app.core.errors import Invalid, NotAllowed
from app.core.transactions import transaction
from app.visits.models import Mode, Visit
from tests import make
from tests.attachments import files as real

pytestmark = pytest.mark.usefixtures("app")


def prepare(name: str, content: bytes) -> service.Prepared:
    return service.prepare(name, BytesIO(content))


def kept(prepared: service.Prepared) -> bytes:
    return files.path_of(prepared.sha256).read_bytes()


def visit_of_somebody() -> int:
    visit = Visit(
        tenant_id=make.the_tenant().id,
        number="ZF20260921-0001",
        enterprise_id=make.enterprise().id,
        visited_on=clock.today(),
        mode=Mode.ON_SITE,
        counts=True,
        recorded_by_id=make.user(Role.LIAISON).id,
        recorded_at=clock.now(),
    )
    db.session.add(visit)
    db.session.commit()
    return visit.id


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("厂房 照片.jpg", real.jpeg(), "image/jpeg"),
        ("厂房.JPEG", real.jpeg(mode="L"), "image/jpeg"),
        ("印刷.jpg", real.jpeg(mode="CMYK"), "image/jpeg"),
        ("截图.png", real.png(), "image/png"),
        ("图表.png", real.png(mode="P"), "image/png"),
        ("灰度.png", real.png(mode="I;16"), "image/png"),
        ("合同.pdf", real.pdf(), "application/pdf"),
        ("情况说明.docx", real.docx(), None),
        ("用工需求表.xlsx", real.xlsx(), None),
    ],
)
def test_what_the_office_sends_is_kept_under_its_chinese_name(
    name: str, content: bytes, media_type: str | None
) -> None:
    prepared = prepare(name, content)

    assert prepared.name == name
    assert prepared.size == len(kept(prepared))
    assert media_type is None or prepared.media_type == media_type
    if "openxml" in prepared.media_type:
        assert kept(prepared) == content, "an Office file is kept byte for byte"


def test_position_maker_and_comment_of_a_photo_are_gone_and_it_stands_upright() -> None:
    photo = real.jpeg(size=(80, 40))
    with Image.open(BytesIO(photo)) as before:
        assert before.getexif().get_ifd(real.GPS), "the photo tells where it was taken"

    content = kept(prepare("照片.jpg", photo))

    with Image.open(BytesIO(content)) as after:
        assert dict(after.getexif()) == {}
        assert after.getexif().get_ifd(real.GPS) == {}
        assert after.size == (40, 80)
        assert "comment" not in after.info
        assert Tag.Orientation not in after.getexif()
    assert b"secret" not in content
    assert b"Somebody" not in content


def test_a_photo_of_a_good_camera_is_made_smaller() -> None:
    content = kept(prepare("照片.jpg", real.jpeg(size=(6000, 3000))))

    with Image.open(BytesIO(content)) as after:
        assert max(after.size) == 4096


def test_what_hides_behind_a_picture_is_gone() -> None:
    hidden = b"<script>alert(1)</script>" + real.archive({"a.exe": b"MZ"})

    for name, picture in (("a.jpg", real.jpeg()), ("a.png", real.png())):
        content = kept(prepare(name, picture + hidden))

        assert b"<script>" not in content
        assert not zipfile.is_zipfile(BytesIO(content))


def test_a_see_through_palette_stays_see_through() -> None:
    out = BytesIO()
    Image.new("P", (4, 4)).save(out, "PNG", transparency=0)

    with Image.open(BytesIO(kept(prepare("a.png", out.getvalue())))) as after:
        assert after.info == {"transparency": 0} | after.info
        assert after.convert("RGBA").getpixel((0, 0))[3] == 0


DAMAGED = real.docx()[:200] + b"\xff" * 40 + real.docx()[240:]


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("空.pdf", b"", "是空的"),
        ("程序.exe", b"MZ", "只收 jpg、png、pdf、docx、xlsx"),
        ("画.svg", b"<svg/>", "只收"),
        ("网页.html", b"<html>", "只收"),
        ("旧.doc", b"\xd0\xcf\x11\xe0", "只收"),
        ("宏.docm", real.docx(), "只收"),
        ("没有扩展名", b"abc", "只收"),
        (".jpg", real.jpeg(), "只收"),
        ("", b"abc", "只收"),
        ("照片.jpg.exe", real.jpeg(), "只收"),
        ("照片.jpg", real.png(), "扩展名不符"),
        ("照片.png", real.jpeg(), "扩展名不符"),
        ("照片.jpg", b"<html><script>", "扩展名不符"),
        ("照片.jpg", b"\xff\xd8\xff\xe0 no picture", "不是能打开的图片"),
        ("照片.jpg", real.jpeg(size=(800, 800))[:900], "不是能打开的图片"),
        ("照片.png", real.png()[:40], "不是能打开的图片"),
        ("合同.pdf", b"\n%PDF-1.7", "扩展名不符"),
        ("合同.pdf", b"<script>%PDF-1.7", "扩展名不符"),
        ("说明.docx", real.pdf(), "扩展名不符"),
        ("说明.docx", real.xlsx(), "扩展名不符"),
        ("表.xlsx", real.docx(), "扩展名不符"),
        ("说明.docx", real.archive({"a.txt": b"a"}), "扩展名不符"),
        ("说明.docx", b"MZ" + real.docx(), "扩展名不符"),
        ("说明.docx", b"\xd0\xcf\x11\xe0 a locked one", "扩展名不符"),
        ("说明.docx", real.docx()[:-40], "已损坏或加了密码"),
        ("说明.docx", b"PK\x03\x04", "已损坏或加了密码"),
        ("说明.docx", DAMAGED, "已损坏或加了密码"),
        ("说明.docx", real.docx({"word/vbaProject.bin": b"x"}), "带有宏"),
        ("说明.docx", real.docx({"word/VBAPROJECT.BIN": b"x"}), "带有宏"),
        ("说明.docx", real.docx(types=real.MACRO_TYPE), "带有宏"),
        ("表.xlsx", real.xlsx({"xl/vbaProject.bin": b"x"}), "带有宏"),
    ],
)
def test_what_is_not_what_it_says_is_refused_by_name(
    app: Flask, name: str, content: bytes, sentence: str
) -> None:
    with pytest.raises(Invalid, match=sentence) as refusal:
        prepare(name, content)

    assert refusal.value.field == "files"
    assert f"“{clean_name(name) or '—'}”" in str(refusal.value)
    assert [path for path in Path(app.config["FILES_FOLDER"]).rglob("*") if path.is_file()] == []


def test_twenty_megabytes_are_taken_and_one_byte_more_is_not() -> None:
    filled = real.pdf().ljust(MAX_SIZE, b"\n")

    assert prepare("合同.pdf", filled).size == 20 * 1024 * 1024
    with pytest.raises(Invalid, match="超过 20 MB"):
        prepare("合同.pdf", filled + b"\n")


def test_an_office_file_that_would_fill_the_disk_is_refused() -> None:
    megabytes = b"\0" * (1024 * 1024)
    bomb = real.docx({f"word/{n}.xml": megabytes for n in range(201)})
    assert len(bomb) < 1024 * 1024

    with pytest.raises(Invalid, match="展开后太大"):
        prepare("说明.docx", bomb)


def test_an_office_file_of_too_many_parts_is_refused() -> None:
    parts = {f"xl/{n}.xml": b"" for n in range(5000)}

    with pytest.raises(Invalid, match="展开后太大"):
        prepare("表.xlsx", real.xlsx(parts))


def test_an_office_file_that_lies_about_its_size_is_refused() -> None:
    honest = real.docx({"word/large.xml": b"\0" * 100_000})
    lying = honest.replace((100_000).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    assert lying != honest

    with pytest.raises(Invalid, match="已损坏或加了密码"):
        prepare("说明.docx", lying)


def test_an_office_file_that_is_locked_or_packed_oddly_is_refused() -> None:
    locked = bytearray(real.docx())
    for begin in (b"PK\x03\x04", b"PK\x01\x02"):
        at = locked.index(begin) + (6 if begin.endswith(b"\x04") else 8)
        locked[at] |= 1
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("[Content_Types].xml", b"<Types/>")
        archive.writestr("word/document.xml", b"<document/>")

    for content in (bytes(locked), out.getvalue()):
        with pytest.raises(Invalid, match="已损坏或加了密码"):
            prepare("说明.docx", content)


@pytest.mark.parametrize("size", [(7000, 6000), (50_000, 50_000)])
def test_a_picture_of_too_many_pixels_is_refused_before_it_is_unpacked(
    size: tuple[int, int],
) -> None:
    with pytest.raises(Invalid, match="像素太多"):
        prepare("照片.png", real.endless_png(*size))


@pytest.mark.parametrize(
    ("given", "cleaned"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("..\\..\\windows\\a.pdf", "a.pdf"),
        ("C:\\Users\\我\\合同.pdf", "合同.pdf"),
        ("/合同.pdf", "合同.pdf"),
        ("合\x00同\r\n.pdf", "合同.pdf"),
        ("合同\u202efdp.exe.pdf", "合同fdp.exe.pdf"),
        ("  合同　 （终稿） .pdf", "合同 （终稿）.pdf"),
        ("...合同.pdf", "合同.pdf"),
        ('a<b>:"|?*.pdf', "a_b______.pdf"),
        ("cafe\u0301.pdf", "café.pdf"),
        ("厂" * 300 + ".docx", "厂" * 95 + ".docx"),
        ("a." + "x" * 300, "x" * 100),
        ("..", ""),
        ("/", ""),
    ],
)
def test_names_keep_their_chinese_and_lose_what_is_dangerous(given: str, cleaned: str) -> None:
    assert clean_name(given) == cleaned
    assert len(clean_name(given)) <= 100


def test_an_attachment_belongs_to_its_visit_and_is_in_the_audit_log() -> None:
    actor = make.actor()
    visit_id = visit_of_somebody()
    prepared = prepare("照片.jpg", real.jpeg())

    with transaction():
        service.attach(prepared, visit_id=visit_id, actor=actor)

    [found] = queries.belonging_to(visit_id=visit_id, viewer=actor)
    assert (found.name, found.added_by_id) == ("照片.jpg", actor.user_id)
    logged = db.session.scalars(db.select(AuditRow).order_by(AuditRow.id.desc())).first()
    assert logged
    assert (logged.action, logged.subject_id) == ("上传附件", found.id)


def test_ten_files_may_belong_to_one_thing_and_no_eleventh() -> None:
    actor, visit_id = make.actor(), visit_of_somebody()
    prepared = prepare("合同.pdf", real.pdf())

    with transaction():
        for _ in range(10):
            service.attach(prepared, visit_id=visit_id, actor=actor)
    with pytest.raises(Invalid, match="最多 10 个"), transaction():
        service.attach(prepared, visit_id=visit_id, actor=actor)

    assert queries.count(visit_id=visit_id) == 10


def test_only_the_one_who_added_a_file_may_take_it_away() -> None:
    mine, other, visit_id = make.actor(), make.actor(), visit_of_somebody()
    with transaction():
        added = service.attach(prepare("合同.pdf", real.pdf()), visit_id=visit_id, actor=mine)
    added_id = added.id

    with pytest.raises(NotAllowed), transaction():
        service.remove(db.session.get_one(Attachment, added_id), actor=other)
    assert queries.count(visit_id=visit_id) == 1

    with transaction():
        service.remove(db.session.get_one(Attachment, added_id), actor=mine)
    assert queries.count(visit_id=visit_id) == 0
