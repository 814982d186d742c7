"""The field in which files are chosen."""

from io import BytesIO
from pathlib import Path

from flask import Flask
from werkzeug.datastructures import MultiDict

from app.attachments.forms import files_field
from app.core import files
from app.core.forms import Row
from tests.attachments import files as real


class Report(Row):
    """A form with files."""

    files = files_field()


def filled(app: Flask, *chosen: tuple[str, bytes]) -> Report:
    data = MultiDict([("files", (BytesIO(content), name)) for name, content in chosen])
    with app.test_request_context(method="POST", data=data):
        form = Report()
        form.validate()
        return form


def test_files_that_pass_are_sound_and_kept(app: Flask) -> None:
    form = filled(app, ("厂房 照片.jpg", real.jpeg()), ("情况说明.docx", real.docx()))

    assert not form.files.errors
    assert [one.name for one in form.files.sound] == ["厂房 照片.jpg", "情况说明.docx"]
    assert all(files.path_of(one.sha256).exists() for one in form.files.sound)


def test_choosing_no_file_is_well(app: Flask) -> None:
    form = filled(app, ("", b""))

    assert not form.files.errors
    assert form.files.sound == ()


def test_each_bad_file_says_why_by_its_name_and_the_sound_one_stays(app: Flask) -> None:
    form = filled(app, ("合同.pdf", real.pdf()), ("程序.exe", b"MZ"), ("照片.jpg", b"not one"))

    assert [one.name for one in form.files.sound] == ["合同.pdf"]
    assert ["程序.exe" in form.files.errors[0], "照片.jpg" in form.files.errors[1]] == [True, True]
    assert len(form.files.errors) == 2


def test_far_more_files_than_ten_are_refused_unread(app: Flask) -> None:
    form = filled(app, *[(f"{n}.pdf", real.pdf()) for n in range(21)])

    assert form.files.errors == ["一次最多 10 个附件，请分开提交。"]
    assert form.files.sound == ()
    assert [path for path in Path(app.config["FILES_FOLDER"]).rglob("*") if path.is_file()] == []
