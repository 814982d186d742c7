"""The office words its letters itself: checked, tried out, kept with a reason, and given up."""

import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from email.message import EmailMessage
from html import unescape
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from app.accounts.roles import PEOPLE, Actor, Role
from app.core.audit import AuditRow
from app.core.db import db
from app.core.errors import Invalid, NotAllowed, NotFound, Stale
from app.core.transactions import transaction
from app.notifications import channels, jobs, service
from app.notifications.models import Channel, Message, MessageState, OfficeWording
from app.notifications.service import WordingDraft
from app.notifications.wordings import WORDINGS, Wording
from tests import make
from tests.notifications import test_channels

Browse = Callable[[Actor], FlaskClient]
Sent = Callable[[], list[EmailMessage]]
CONTEXT = {**test_channels.CONTEXT, "due_day": "10月30日"}
DEFAULT = WORDINGS["R1"]
OWN = WordingDraft(
    subject="【{{tenant}}】{{month}}月请走访{{n}}家",
    heading="{{n}} 家，{{due_day}}前走到",
    opening="请您抽空走到。\n文件：{% if doc_no %}{{doc_no}}{% else %}见机制{% endif %}",
    button="去登记",
    closing="",
)
WHY = "按县里的统一说法"
KEEPERS = (Role.SYS_ADMIN, Role.OFFICE_DIRECTOR)


@pytest.fixture
def director(app: Flask) -> Actor:
    del app
    return make.actor(Role.OFFICE_DIRECTOR, name="虞景澜", email="yu@example.com")


def keep(actor: Actor, draft: WordingDraft = OWN, *, version: int | None = None) -> None:
    with transaction():
        service.save_wording("R1", draft, reason=WHY, version=version, actor=actor)


def kept() -> OfficeWording:
    db.session.rollback()
    return db.session.scalars(select(OfficeWording)).one()


def promise(context: Mapping[str, Any] = CONTEXT) -> int:
    person = make.user(email="someone@example.com")
    with transaction():
        service.enqueue(
            person.id,
            tenant_id=person.tenant_id,
            rule="R1",
            period="2026-10",
            channel=Channel.MAIL,
            subject="给{name}",
            context=context,
            link="/visits/mine",
        )
    return person.tenant_id


def told_of_flaws() -> list[Message]:
    db.session.rollback()
    return list(db.session.scalars(select(Message).where(Message.rule == "wording-flaw")))


def body(mail: EmailMessage, kind: str = "plain") -> str:
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content())


# ---- what is kept ----


def test_letters_are_sent_in_the_words_of_their_own_office_and_of_no_other(
    director: Actor, sent: Sent
) -> None:
    elsewhere = make.actor(Role.OFFICE_DIRECTOR, tenant=make.tenant("别处镇"))
    keep(director)
    keep(elsewhere, replace(OWN, subject="别处镇的话"))
    promise()

    jobs.deliver_due()

    (mail,) = sent()
    assert mail["Subject"] == "【霁川镇】10月请走访1家"
    for kind in ("plain", "html"):
        assert "文件：霁营商办〔2026〕2号" in body(mail, kind)
        assert "去登记" in body(mail, kind)
        assert "礼品礼金" not in body(mail, kind)


def test_a_change_is_kept_with_who_when_what_before_and_after_and_why(director: Actor) -> None:
    keep(director)

    row = db.session.scalars(select(AuditRow).order_by(AuditRow.id.desc()).limit(1)).one()
    assert (row.user_id, row.subject, row.reason) == (director.user_id, "wording", WHY)
    assert row.before == asdict(WordingDraft.of(DEFAULT))
    assert row.after == {"of": "月初任务提醒", **asdict(OWN)}
    one = kept()
    assert (one.changed_by_id, one.version, one.is_used) == (director.user_id, 1, True)
    assert one.changed_at


def test_the_default_is_taken_up_again_and_the_version_goes_on(director: Actor, sent: Sent) -> None:
    keep(director)
    with transaction():
        service.restore_default("R1", reason=WHY, version=1, actor=director)
    promise()
    jobs.deliver_due()

    assert sent()[0]["Subject"].startswith("【霁川镇营商办】2026年10月联系走访")
    assert (kept().is_used, kept().version) == (False, 2)
    with pytest.raises(NotFound), transaction():
        service.restore_default("R1", reason=WHY, version=2, actor=director)
    with pytest.raises(Stale):
        keep(director, version=1)
    keep(director, version=2)
    assert kept().is_used


def test_who_types_the_default_words_again_has_none_of_their_own(director: Actor) -> None:
    keep(director)

    keep(director, WordingDraft.of(DEFAULT), version=1)

    assert not kept().is_used


def test_the_second_of_two_is_told_and_overwrites_nothing(director: Actor) -> None:
    keep(director, version=0)

    with pytest.raises(Stale, match="刚才有人改过这封信的用语"):
        keep(director, replace(OWN, button="看一看"), version=0)

    assert kept().button == "去登记"


def test_of_two_who_write_the_first_words_at_once_one_is_told(app: Flask, director: Actor) -> None:
    start, ended = threading.Barrier(2), []

    def write(button: str) -> None:
        with app.app_context():
            start.wait()
            try:
                keep(director, replace(OWN, button=button), version=0)
                ended.append("kept")
            except Stale:
                ended.append("told")
            finally:
                db.session.remove()

    writers = [threading.Thread(target=write, args=(word,)) for word in ("去登记", "去看看")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    assert sorted(ended) == ["kept", "told"]
    assert kept().version == 1


@pytest.mark.parametrize(
    ("part", "text", "sentence"),
    [
        ("subject", "", "请填写"),
        ("subject", "{{due_daay}}前", "没有“{{due_daay}}”这个占位符"),
        ("subject", "一行\n又一行", "只能写一行"),
        ("subject", "长" * 121, "最多 120 个字，现在有 121 个"),
        ("heading", "{% if doc_no %}有{% endif %}", "条件都不成立时这里是空的"),
        ("heading", "长" * 81, "最多 80 个字"),
        ("opening", "{{ ''.__class__ }}", "不能用"),
        ("opening", "{{ cycler }}", "没有“{{cycler}}”这个占位符"),
        ("opening", "{% include 'layout.html' %}", "不能用"),
        ("opening", "{% for x in range(10**9) %}x{% endfor %}", "不能用"),
        ("opening", "{{ n|attr('real') }}", "不能用"),
        ("opening", "{{ n", "没有写完整"),
        ("opening", "长" * 601, "最多 600 个字"),
        ("button", " ", "请填写"),
        ("button", "点这里\r\n还有", "只能写一行"),
        ("closing", "请打 13812345678", "不写电话"),
    ],
)
def test_what_could_not_stand_in_a_letter_is_refused_by_its_field_and_nothing_is_kept(
    director: Actor, part: str, text: str, sentence: str
) -> None:
    with pytest.raises(Invalid) as refused:
        keep(director, replace(OWN, **{part: text}))

    assert refused.value.field == part
    assert sentence in str(refused.value)
    db.session.rollback()
    assert db.session.scalars(select(OfficeWording)).all() == []
    assert db.session.scalars(select(AuditRow)).all() == []


def test_every_refusal_of_a_placeholder_lists_those_that_may_be_used(director: Actor) -> None:
    for text in ("{{x}}", "{{ n + 1 }}", "{% set n = 1 %}", "{{n"):
        with pytest.raises(Invalid) as refused:
            keep(director, replace(OWN, opening=text))
        assert all("{{" + name + "}}" in str(refused.value) for name in DEFAULT.names)


def test_a_change_needs_a_reason_and_a_difference(director: Actor) -> None:
    for reason in ("", " 改 ", "改" * 201):
        with pytest.raises(Invalid) as refused, transaction():
            service.save_wording("R1", OWN, reason=reason, version=None, actor=director)
        assert refused.value.field == "reason"
    with pytest.raises(Invalid, match="没有改动"):
        keep(director, WordingDraft.of(DEFAULT))


@pytest.mark.parametrize("role", [role for role in PEOPLE if role not in KEEPERS])
def test_nobody_but_the_director_and_the_administrator_words_letters(
    app: Flask, role: Role
) -> None:
    del app
    actor = make.actor(role)

    with pytest.raises(NotAllowed):
        keep(actor)
    with pytest.raises(NotAllowed), transaction():
        service.restore_default("R1", reason=WHY, version=None, actor=actor)
    with pytest.raises(NotAllowed), transaction():
        service.send_test("R1", OWN, key="k", actor=actor)


# ---- what fails when it is sent ----


def spoil(**words: str) -> None:
    """Let stored words be what no page of ours would keep."""
    with transaction():
        db.session.execute(update(OfficeWording).values(**words))


@pytest.mark.parametrize(
    "text",
    ["{{ no_longer_known }}", "{{ ''.__class__ }}", "{{ n", "{% for x in 'ab' %}{% endfor %}"],
)
def test_stored_words_that_fail_give_way_to_the_default_and_their_keepers_are_told_once(
    director: Actor, sent: Sent, text: str
) -> None:
    admin, clerk = make.actor(Role.SYS_ADMIN), make.actor(Role.DISPATCHER)
    keep(director)
    spoil(opening=text)
    for _ in range(3):
        promise()

    jobs.deliver_due()

    assert [mail["Subject"][:8] for mail in sent()] == ["【霁川镇营商办】"] * 3
    assert db.session.scalars(
        select(Message.state).where(Message.channel == Channel.MAIL)
    ).all() == ([MessageState.SENT] * 3)
    told = told_of_flaws()
    assert {one.recipient_id for one in told} == {director.user_id, admin.user_id}
    assert len(told) == 2
    assert clerk.user_id not in {one.recipient_id for one in told}
    assert {one.link for one in told} == {"/admin/letters/R1"}


def test_words_that_ask_for_what_this_letter_lacks_give_way_to_the_default(
    director: Actor, sent: Sent
) -> None:
    keep(director)
    promise({name: value for name, value in CONTEXT.items() if name != "due_day"})

    jobs.deliver_due()

    assert sent()[0]["Subject"].startswith("【霁川镇营商办】")
    assert len(told_of_flaws()) == 1


def test_what_a_firm_is_called_is_no_template(director: Actor, sent: Sent) -> None:
    keep(director)
    promise({**CONTEXT, "tenant": "{{ cycler }}", "doc_no": "<b>文</b>"})

    jobs.deliver_due()

    (mail,) = sent()
    assert "{{ cycler }}" in mail["Subject"]
    assert "&lt;b&gt;文&lt;/b&gt;" in body(mail, "html")
    assert told_of_flaws() == []


def test_own_words_cost_no_further_statement_for_each_mail(
    director: Actor, statements: list[str]
) -> None:
    def spent() -> int:
        for _ in range(5):
            promise()
        statements.clear()
        jobs.deliver_due()
        return len(statements)

    default = spent()
    keep(director)

    assert spent() == default
    assert default <= 5 * 4 + 2  # claimed, read, noted, settled; and what is due, twice


# ---- the pages ----


def form_of(browser: FlaskClient, path: str = "/admin/letters/R1", **given: str) -> dict[str, str]:
    page = browser.get(path).text
    hidden = dict(re.findall(r'name="(version|idempotency_key)" value="([^"]*)"', page))
    return {**hidden, **asdict(OWN), "reason": WHY, **given}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_list_says_of_every_letter_to_whom_when_and_whose_words(
    director: Actor, client_for: Browse, language: str
) -> None:
    keep(director)
    browser = client_for(director)
    browser.set_cookie("bihuan-language", language)

    page = browser.get("/admin/letters").text

    assert page.count('href="/admin/letters/') == len(WORDINGS)
    assert "虞景澜" in page
    if language == "zh":
        for one in WORDINGS.values():
            assert one.label in page
            assert one.to in page
            assert one.when in page
        assert "本镇改过" in page


def test_the_page_of_a_letter_lists_its_placeholders_and_their_meaning(
    director: Actor, client_for: Browse
) -> None:
    page = unescape(client_for(director).get("/admin/letters/R1").text)

    for name, word in DEFAULT.names.items():
        assert f'data-bh-insert="{{{{{name}}}}}"' in page
        assert word in page


def test_words_are_saved_from_the_page_once_however_often_it_is_sent(
    director: Actor, client_for: Browse
) -> None:
    browser = client_for(director)
    form = form_of(browser)

    answers = [browser.post("/admin/letters/R1", data=form) for _ in range(2)]

    assert [one.status_code for one in answers] == [303, 303]
    assert [one.location for one in answers] == ["/admin/letters/R1"] * 2
    assert kept().version == 1
    assert "用的是本镇自己的话" in browser.get("/admin/letters/R1").text


def test_a_wrong_placeholder_is_named_by_its_field_and_what_was_typed_stays(
    director: Actor, client_for: Browse
) -> None:
    browser = client_for(director)

    answer = browser.post(
        "/admin/letters/R1",
        data=form_of(browser, heading="{{due_daay}}前", opening="{{ ''.__class__ }}"),
    )

    page = unescape(answer.text)
    assert answer.status_code == 422
    assert 'id="heading-error"' in page
    assert 'id="opening-error"' in page
    assert "没有“{{due_daay}}”这个占位符" in page
    assert 'value="{{due_daay}}前"' in page
    assert db.session.scalars(select(OfficeWording)).all() == []


def test_lines_that_a_browser_ends_in_its_way_are_kept_in_ours(
    director: Actor, client_for: Browse
) -> None:
    browser = client_for(director)

    browser.post("/admin/letters/R1", data=form_of(browser, opening="第一行\r\n第二行\r\n"))

    assert kept().opening == "第一行\n第二行"


def test_of_two_editors_the_second_sees_what_the_first_wrote_beside_their_own(
    director: Actor, client_for: Browse
) -> None:
    first, second = client_for(director), client_for(make.actor(Role.SYS_ADMIN))
    early, late = form_of(first), form_of(second, button="看看去")
    assert first.post("/admin/letters/R1", data=early).status_code == 303

    answer = second.post("/admin/letters/R1", data=late)

    assert answer.status_code == 409
    assert "有人改过这封信的用语" in answer.text
    assert "去登记" in answer.text
    assert 'value="看看去"' in answer.text
    assert kept().button == "去登记"
    again = dict(re.findall(r'name="(version|idempotency_key)" value="([^"]*)"', answer.text))
    assert second.post("/admin/letters/R1", data={**late, **again}).status_code == 303
    assert kept().button == "看看去"


def test_going_back_is_asked_for_with_what_will_change_and_a_reason(
    director: Actor, client_for: Browse
) -> None:
    keep(director)
    browser = client_for(director)

    asked = browser.get("/admin/letters/R1/default").text
    assert "去登记" in asked
    assert DEFAULT.button in asked
    form = form_of(browser, "/admin/letters/R1/default")
    assert browser.post("/admin/letters/R1/default", data={**form, "reason": ""}).status_code == 422
    assert kept().is_used
    assert browser.post("/admin/letters/R1/default", data=form).status_code == 303

    assert not kept().is_used
    assert "用的已经是默认用语" in browser.get("/admin/letters/R1/default").text


def test_the_trail_shows_what_was_changed(director: Actor, client_for: Browse) -> None:
    keep(director)

    page = client_for(director).get("/admin/trail/wordings").text

    for word in ("修改信件用语", "月初任务提醒", "看本月走访和登记", "去登记", WHY):
        assert word in page


# ---- looking at it, and trying it out ----


def test_a_preview_shows_the_words_that_were_typed_and_keeps_nothing(
    director: Actor, client_for: Browse
) -> None:
    browser = client_for(director)

    now = unescape(browser.get("/admin/letters/R1/sheet").text)
    typed = unescape(browser.post("/admin/letters/R1/sheet", data=form_of(browser)).text)

    assert "看本月走访和登记" in now
    assert "【霁川镇】10月请走访1家" in typed
    assert typed.count("去登记") >= 3  # on the phone, on the desk, as text
    assert "塑岭管业" in typed
    assert "虞景澜同志" in typed
    assert db.session.scalars(select(OfficeWording)).all() == []


def test_a_preview_may_be_framed_by_our_pages_alone_and_runs_nothing(
    director: Actor, client_for: Browse
) -> None:
    browser = client_for(director)

    for answer in (
        browser.get("/admin/letters/R1/sheet"),
        browser.post("/admin/letters/R1/sheet", data={}),
        browser.get("/admin/letters/R1/sent"),
    ):
        policy = answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
        for rule in (
            "default-src 'none'",
            "frame-ancestors 'self'",
            "form-action 'none'",
            "sandbox",
        ):
            assert rule in policy
        assert "script" not in policy
        assert "<script" not in answer.text
    page = browser.get("/admin/letters/R1")
    assert " sandbox" in re.findall(r"<iframe[^>]*>", page.text)[0]
    assert "'unsafe-inline'" not in page.headers["Content-Security-Policy"]


def test_markup_in_the_words_is_text_in_the_preview(director: Actor, client_for: Browse) -> None:
    browser = client_for(director)
    form = form_of(browser, opening='</td><script>alert(1)</script>"><img src=x>')

    page = browser.post("/admin/letters/R1/sheet", data=form).text

    assert "<script" not in page
    assert "<img" not in page
    for letter in re.findall(r'srcdoc="([^"]*)"', page):
        assert "<img" not in unescape(letter)
        assert "&lt;img" in unescape(letter)


def test_a_preview_of_wrong_words_says_which_field_and_why(
    director: Actor, client_for: Browse
) -> None:
    browser = client_for(director)

    answer = browser.post(
        "/admin/letters/R1/sheet", data=form_of(browser, heading="{{ range(10**9) }}")
    )

    assert answer.status_code == 422
    assert "大标题：" in answer.text
    assert "不能用" in answer.text


def test_a_test_goes_to_whoever_asks_in_the_words_typed_once_and_keeps_no_words(
    director: Actor, client_for: Browse, sent: Sent
) -> None:
    browser = client_for(director)
    form = form_of(browser)

    answers = [browser.post("/admin/letters/R1/test", data=form) for _ in range(2)]
    jobs.deliver_due()

    assert {one.location for one in answers} == {"/admin/letters/R1/sent"}
    (mail,) = sent()
    assert mail["To"] == "虞景澜 <yu@example.com>"
    assert mail["Subject"] == "（试发）【霁川镇】10月请走访1家"
    assert "去登记" in body(mail, "html")
    db.session.rollback()
    assert db.session.scalars(select(OfficeWording)).all() == []
    assert "试发：月初任务提醒" in browser.get("/outbox?state=sent").text
    browser.post("/admin/letters/R1/test", data={**form, "button": "再试一次"})
    db.session.rollback()
    jobs.deliver_due()
    assert len(sent()) == 2


def test_what_was_tried_out_can_still_be_saved_from_the_same_page(
    director: Actor, client_for: Browse
) -> None:
    browser = client_for(director)
    form = form_of(browser)
    browser.post("/admin/letters/R1/test", data=form)

    assert browser.post("/admin/letters/R1", data=form).status_code == 303

    assert kept().button == "去登记"


def test_who_has_no_address_is_told_to_enter_one_before_a_test(
    app: Flask, client_for: Browse
) -> None:
    del app
    browser = client_for(make.actor(Role.SYS_ADMIN, email=""))

    answer = browser.post("/admin/letters/R1/test", data=form_of(browser))

    assert answer.status_code == 422
    assert "您还没有填邮箱" in answer.text
    assert db.session.scalars(select(Message)).all() == []


def test_a_letter_that_there_is_not_is_not_found(director: Actor, client_for: Browse) -> None:
    browser = client_for(director)

    for path in ("", "/sheet", "/sent", "/default"):
        assert browser.get(f"/admin/letters/R99{path}").status_code == 404
    for path in ("", "/sheet", "/test", "/default"):
        assert browser.post(f"/admin/letters/R99{path}", data={}).status_code == 404


def test_the_list_costs_the_same_however_many_letters_were_changed(
    director: Actor, client_for: Browse, statements: list[str]
) -> None:
    browser = client_for(director)
    browser.get("/admin/letters")
    statements.clear()
    browser.get("/admin/letters")
    before = len(statements)
    keep(director)
    statements.clear()

    browser.get("/admin/letters")

    assert len(statements) == before


def test_a_frame_whose_reader_was_signed_out_says_so_and_is_not_empty(app: Flask) -> None:
    browser = app.test_client()

    framed = browser.get("/admin/letters/R1/sheet", headers={"Sec-Fetch-Dest": "iframe"})
    plain = browser.get("/admin/letters/R1/sheet")

    assert framed.status_code == 401
    assert "登录已过期" in framed.text
    assert framed.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'" in framed.headers["Content-Security-Policy"]
    assert "/login" in plain.location


@pytest.mark.parametrize("wording", list(WORDINGS.values()), ids=lambda one: one.rule)
def test_a_preview_greets_as_the_letter_itself_will(director: Actor, wording: Wording) -> None:
    letter = service.sample_letter(wording.rule, WordingDraft.of(wording), viewer=director)

    part = channels.composed(letter).get_body(("plain",))

    greeting = str(part.get_content()).splitlines()[0] if part else ""
    expected = "宋主任：" if wording.for_enterprise else f"{director.name}同志："
    assert greeting == expected
    assert wording.for_enterprise == ("企业" in wording.to and "包联" not in wording.to)
