"""How a letter looks, and how it leaves the house."""

import email
import email.policy
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest
from flask import Flask

from app.notifications import channels
from app.notifications.channels import (
    FolderChannel,
    Letter,
    RobotChannel,
    SmsChannel,
    SmtpChannel,
)
from app.notifications.models import Channel

ROW = {
    "no": 1,
    "name": "塑岭管业",
    "is_project": False,
    "tier": "一般",
    "partner_is": "联络员",
    "partner": "鹿鸣谦",
    "address": "霁川社区集镇北路 18 号",
    "post": "运营经理",
    "last": "9月16日",
    "tickets": [
        {"number": "QS20260928-0002", "title": "进厂小桥限重 <b>10 吨</b>", "status": "办理中"}
    ],
    "promise": "带上施工图",
}
CONTEXT = {
    "tenant": "霁川镇",
    "name": "阮怀青",
    "year": 2026,
    "month": 10,
    "n": 1,
    "n_ent": 1,
    "n_proj": 0,
    "due": "2026年10月30日",
    "due_on": "2026-10-30",
    "mechanism": "霁川镇领导包联企业工作机制",
    "doc_no": "霁营商办〔2026〕2号",
    "rows": [ROW],
    "is_demo": True,
}
LETTER = Letter(
    id=1,
    attempt=1,
    message_id="3f9a" * 8,
    name="阮怀青",
    address="ruan@example.com",
    rule="R1",
    subject="【{tenant}营商办】{year}年{month}月联系走访企业任务提醒（{name}同志，{n}家）",
    context=CONTEXT,
    link="/visits/mine",
    written_at=datetime(2026, 10, 8, 0, 35, tzinfo=UTC),
)


def read(path: Path) -> EmailMessage:
    return email.message_from_bytes(path.read_bytes(), policy=email.policy.default)


def body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content())


# ---- what is written ----


def test_a_mail_says_in_its_subject_how_many_and_whose(app: Flask) -> None:
    del app

    message = channels.composed(LETTER)

    subject = "【霁川镇营商办】2026年10月联系走访企业任务提醒（阮怀青同志，1家）"
    assert message["Subject"] == subject
    assert message["To"] == "阮怀青 <ruan@example.com>"
    assert message["Message-ID"] == f"<{LETTER.message_id}@127.0.0.1>"


def test_text_and_html_say_the_same(app: Flask) -> None:
    del app

    message = channels.composed(LETTER)

    for kind in ("plain", "html"):
        text = body(message, kind)
        for word in ("塑岭管业", "鹿鸣谦", "9月16日", "QS20260928-0002", "带上施工图", "运营经理"):
            assert word in text, (kind, word)
        assert "http://127.0.0.1:8000/visits/mine" in text
        assert "不接受宴请、礼品礼金" in text
        assert "请勿回复" in text


def test_what_a_person_typed_is_text_in_the_html_and_nothing_is_loaded_from_elsewhere(
    app: Flask,
) -> None:
    del app

    html = body(channels.composed(LETTER), "html")

    assert "&lt;b&gt;10 吨&lt;/b&gt;" in html
    for loaded in ("<img", "<script", "<link", "src=", "url("):
        assert loaded not in html


@pytest.mark.parametrize("broken", ["\r\n", "\n", "\r", "\x0b", "\u2028"])
def test_a_name_cannot_add_a_header(app: Flask, broken: str) -> None:
    del app
    name = f"阮怀青{broken}Bcc: all@example.com"

    message = channels.composed(replace(LETTER, name=name, context={**CONTEXT, "name": name}))

    parsed = email.message_from_bytes(message.as_bytes(), policy=email.policy.default)
    assert parsed["Bcc"] is None
    assert len(parsed.get_all("To", [])) == 1


def test_an_address_with_a_line_break_is_refused(app: Flask) -> None:
    del app

    with pytest.raises(ValueError, match="addr_spec"):
        channels.composed(replace(LETTER, address="a@example.com\nBcc: b@example.com"))


def test_the_letter_is_chinese_whatever_the_reader_s_pages_are_in(app: Flask) -> None:
    with app.test_request_context(headers={"Accept-Language": "en"}):
        message = channels.composed(LETTER)

    assert message["Subject"].startswith("【霁川镇营商办】")


# ---- the folder ----


def test_the_folder_gets_one_file_for_a_letter_however_often_it_is_sent(
    app: Flask, tmp_path: Path
) -> None:
    del app
    folder = FolderChannel(tmp_path / "out")

    folder.send(LETTER)
    first = [path.read_bytes() for path in (tmp_path / "out").iterdir()]
    folder.send(replace(LETTER, attempt=2))

    (kept,) = (tmp_path / "out").iterdir()
    assert kept.suffix == ".eml"
    assert LETTER.message_id in kept.name
    assert kept.name.startswith("20261008-0835-R1-")
    assert read(kept)["Subject"] == channels.composed(LETTER)["Subject"]
    assert len(first) == 1


def test_a_letter_that_cannot_be_written_leaves_no_half_of_it(app: Flask, tmp_path: Path) -> None:
    del app
    folder = FolderChannel(tmp_path / "out")

    with pytest.raises(KeyError):
        folder.send(replace(LETTER, rule="no-such-rule"))

    assert list((tmp_path / "out").glob("*.eml")) == []


def test_without_a_mail_server_letters_go_to_the_folder(app: Flask) -> None:
    assert channels.channel(Channel.MAIL) == FolderChannel(Path(app.config["MAIL_FOLDER"]))


def test_with_a_mail_server_letters_go_there(app: Flask) -> None:
    app.config.update(
        SMTP_HOST="mail.example.com", SMTP_PORT="465", SMTP_SECURITY="tls", SMTP_CONNECTIONS="2"
    )

    chosen = channels.channel(Channel.MAIL)

    assert isinstance(chosen, SmtpChannel)
    assert (chosen.host, chosen.port, chosen.security) == ("mail.example.com", 465, "tls")
    assert chosen.lines == 2


def test_each_kind_of_letter_has_its_way_out(app: Flask) -> None:
    app.config["SMS_HOSTS"] = "sms.example.com, other.example.com"

    assert isinstance(channels.channel(Channel.ROBOT), RobotChannel)
    sms = channels.channel(Channel.SMS)
    assert isinstance(sms, SmsChannel)
    assert sms.hosts == {"sms.example.com", "other.example.com"}
