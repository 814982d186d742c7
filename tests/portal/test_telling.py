"""An enterprise tells a problem by itself: a number and a code at once, and no text is lost."""

import re
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, text

from app.accounts.models import Tenant, User
from app.accounts.roles import Actor, Role, guest
from app.attachments.models import Attachment
from app.core import clock, links
from app.core.audit import AuditRow
from app.core.db import Base, db
from app.core.transactions import transaction
from app.enterprises.models import Enterprise
from app.portal.models import TellingState
from app.portal.queries import doors, pace
from app.tickets import policy
from app.tickets.models import CommonProblem, CommonState, Ticket, TicketEvent
from app.tickets.workflow.states import Event, Source, Status
from tests import make
from tests.portal.visitor import FIRM, Visitor, hidden_of, photo, tellings, tickets, written

ClientFor = Callable[[User | Actor], FlaskClient]


@pytest.fixture
def firm(app: Flask) -> Enterprise:
    del app
    tenant = make.the_tenant()
    make.category("其他", code="99")
    make.category("道路", code="07")
    return make.enterprise(FIRM, short_name="霁溪小筑", tenant=tenant)


def code(subject: str, tenant_id: int, *, lasts: timedelta = timedelta(days=30)) -> str:
    with transaction():
        link = links.make("tell", subject, tenant_id=tenant_id, lasts=lasts)
        return links.token_of(link)


def count(model: type[Base]) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_what_is_told_waits_to_be_accepted_and_has_a_number_and_a_code(visitor: Visitor) -> None:
    answer = visitor.tell()

    assert answer.status_code == 303
    receipt = visitor.client.get(answer.headers["Location"])
    (ticket,) = tickets()
    assert ticket.status is Status.PENDING_ACCEPTANCE
    assert ticket.source is Source.SELF_SERVICE
    assert ticket.number in receipt.text
    assert ticket.query_code in receipt.text
    assert "/follow" in receipt.text
    assert ticket.created_by_id is None
    assert ticket.contact_phone == "14200000001"


def test_the_telephone_lies_encrypted(visitor: Visitor) -> None:
    visitor.tell()

    db.session.rollback()
    stored = db.session.execute(text("SELECT contact_phone FROM tickets")).scalar_one()
    assert b"14200000001" not in bytes(stored)


def test_the_history_says_that_the_enterprise_handed_it_in(visitor: Visitor) -> None:
    visitor.tell()

    db.session.rollback()
    event = db.session.scalars(select(TicketEvent)).one()
    assert event.actor_id is None
    assert event.actor_role is Role.ENTERPRISE_USER
    assert event.ip == "192.0.2.1"
    assert db.session.scalars(select(AuditRow.subject)).all().count("ticket") == 1


@pytest.mark.parametrize("name", ["霁溪小筑", "霁溪小筑餐饮 有限公司"])
def test_a_name_is_matched_to_the_one_firm_that_is_called_so(visitor: Visitor, name: str) -> None:
    visitor.tell(enterprise_name=name)

    assert tickets()[0].enterprise.name == FIRM


def test_brackets_may_be_typed_either_way(visitor: Visitor) -> None:
    made = make.enterprise("明岫（霁川）食品")

    visitor.tell(enterprise_name="明岫(霁川)食品")

    assert [one.enterprise_id for one in tickets()] == [made.id]


def test_a_name_that_two_firms_have_is_left_to_the_office(visitor: Visitor) -> None:
    make.enterprise("另一家", short_name="霁溪小筑")

    visitor.tell(enterprise_name="霁溪小筑")

    assert tickets() == []
    assert tellings()[0].state is TellingState.HELD


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ""),
        ("title", "长" * 51),
        ("description", "太短"),
        ("description", "长" * 2001),
        ("enterprise_name", ""),
        ("contact_name", ""),
        ("contact_name", "长" * 41),
        ("contact_phone", ""),
        ("contact_phone", "不告诉您"),
        ("contact_phone", "123"),
        ("no_secrets", None),
        ("category_id", "2147483000"),
        ("category_id", "abc"),
        ("idempotency_key", "x"),
    ],
)
def test_what_is_missing_or_wrong_is_said_and_nothing_typed_is_lost(
    visitor: Visitor, field: str, value: str | None
) -> None:
    answer = visitor.tell(**{field: value})

    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    for name in ("wish", "description", "title"):
        if name != field:
            assert written()[name] in answer.text
    assert tickets() == []
    assert tellings() == []


def test_another_townships_category_is_refused(visitor: Visitor) -> None:
    foreign = make.category(tenant=make.tenant())
    token = code(f"tenant:{make.the_tenant().id}", make.the_tenant().id)

    answer = visitor.tell(f"/tell/{token}", category_id=str(foreign.id))

    assert answer.status_code == 422
    assert tickets() == []


def test_files_come_with_it(visitor: Visitor) -> None:
    visitor.tell(files=[photo("一.png"), photo("二.png")])

    (ticket,) = tickets()
    kept = db.session.scalars(select(Attachment)).all()
    assert [(one.name, one.ticket_id, one.added_by_id) for one in kept] == [
        ("一.png", ticket.id, None),
        ("二.png", ticket.id, None),
    ]


@pytest.mark.parametrize(
    "sent",
    [
        [(BytesIO(b"MZ"), "病毒.exe")],
        [(BytesIO(b"<html>"), "照片.png")],
        [(BytesIO(b""), "空.png")],
    ],
)
def test_a_file_of_the_wrong_sort_is_refused_by_its_name(
    visitor: Visitor, sent: list[tuple[BytesIO, str]]
) -> None:
    name = sent[0][1]
    fresh = [(BytesIO(one.getvalue()), called) for one, called in sent]

    answer = visitor.tell(files=fresh)

    assert answer.status_code == 422
    assert name in answer.text
    assert tickets() == []


def test_more_files_than_five_are_refused(visitor: Visitor) -> None:
    answer = visitor.tell(files=[photo(f"{n}.png") for n in range(6)])

    assert answer.status_code == 422
    assert tickets() == []


def test_sent_twice_it_is_told_once(visitor: Visitor) -> None:
    form = visitor.open() | written()
    visitor.clock.shift(60)

    first, second = visitor.post("/tell", form), visitor.post("/tell", form)

    assert first.status_code == second.status_code == 303
    assert len(tickets()) == len(tellings()) == 1
    assert tickets()[0].number in visitor.client.get(second.headers["Location"]).text


def test_somebody_else_who_sends_the_form_again_changes_nothing(
    visitor: Visitor, client_for: ClientFor
) -> None:
    form = visitor.open() | written()
    visitor.clock.shift(60)
    visitor.post("/tell", form)
    signed_in = client_for(make.actor(Role.LIAISON))

    answer = signed_in.post("/tell", data=form)

    assert answer.status_code == 409
    assert len(tickets()) == 1


def test_a_form_of_another_code_is_shown_again_and_takes_nothing(visitor: Visitor) -> None:
    token = code(f"tenant:{make.the_tenant().id}", make.the_tenant().id)
    form = visitor.open() | written()
    visitor.clock.shift(60)

    answer = visitor.post(f"/tell/{token}", form)

    assert answer.status_code == 422
    assert tickets() == []
    assert visitor.post(f"/tell/{token}", hidden_of(answer) | written()).status_code == 422


@pytest.mark.parametrize("carried", ["", "1.0.x", "x", "9" * 40 + ".0.y", "１.0.y"])
def test_a_forged_time_is_shown_again_with_its_text(visitor: Visitor, carried: str) -> None:
    answer = visitor.tell(issued=carried)

    assert answer.status_code == 422
    assert "放得太久了" in answer.text
    assert written()["title"] in answer.text
    assert tickets() == []


def test_what_comes_too_fast_is_shown_again_and_goes_through_a_little_later(
    visitor: Visitor,
) -> None:
    fast = visitor.tell(after=pace.FASTEST - 1)
    assert fast.status_code == 422
    assert "提交得太快了" in fast.text
    assert written()["description"] in fast.text
    assert tickets() == []

    visitor.clock.shift(pace.FASTEST)
    later = visitor.post("/tell", hidden_of(fast) | written())

    assert later.status_code == 303
    assert len(tickets()) == 1


def test_what_lay_open_too_long_is_shown_again_and_goes_through(visitor: Visitor) -> None:
    old = visitor.tell(after=pace.LONGEST + 1)
    assert old.status_code == 422
    assert "放得太久了" in old.text

    visitor.clock.shift(10)

    assert visitor.post("/tell", hidden_of(old) | written()).status_code == 303
    assert len(tickets()) == 1


def test_a_code_of_a_firm_fixes_the_firm(visitor: Visitor, firm: Enterprise) -> None:
    token = code(f"enterprise:{firm.id}", firm.tenant_id)

    page = visitor.client.get(f"/tell/{token}")
    visitor.tell(f"/tell/{token}", enterprise_name="别的企业")

    assert FIRM in page.text
    assert 'name="enterprise_name"' not in page.text
    assert [one.enterprise_id for one in tickets()] == [firm.id]


def test_an_officers_card_says_who_brought_it(visitor: Visitor) -> None:
    officer = make.user(Role.LIAISON, name="席沐阳")
    token = code(f"user:{officer.id}", officer.tenant_id)

    visitor.tell(f"/tell/{token}")

    assert [one.brought_by_id for one in tellings()] == [officer.id]
    event = db.session.scalars(select(TicketEvent)).one()
    assert "席沐阳" in event.comment


def test_the_card_of_somebody_who_left_opens_nothing(visitor: Visitor) -> None:
    officer = make.user(Role.LIAISON, is_active=False)
    token = code(f"user:{officer.id}", officer.tenant_id)

    assert visitor.client.get(f"/tell/{token}").status_code == 410


def test_a_code_that_was_forged_revoked_renewed_or_is_too_old_takes_nothing(
    visitor: Visitor,
) -> None:
    tenant_id = make.the_tenant().id
    subject = f"tenant:{tenant_id}"
    short = code(subject, tenant_id, lasts=timedelta(minutes=5))
    revoked = code(subject, tenant_id)
    with transaction():
        links.revoke(tenant_id=tenant_id, purpose="tell", subject=subject)
    with transaction():
        link = links.make("tell", subject, tenant_id=tenant_id, lasts=timedelta(days=9))
        renewed = links.token_of(link)
        links.renew(link)
    other = links.make("visit", subject, tenant_id=tenant_id, lasts=timedelta(days=9))
    foreign = links.token_of(other)
    db.session.commit()
    visitor.clock.shift(600)

    expected = {short: 410, revoked: 410, renewed: 410, foreign: 404, "1-1-x": 404, "x": 404}
    for token, status in expected.items():
        shown = visitor.client.get(f"/tell/{token}")
        sent = visitor.post(f"/tell/{token}", written(issued=pace.issued("1")))
        assert (shown.status_code, sent.status_code) == (status, status), token
        assert "/tell" in shown.text
    assert tickets() == []


def test_with_two_townships_the_bare_address_asks_for_a_code(visitor: Visitor) -> None:
    make.tenant()

    assert visitor.client.get("/tell").status_code == 404
    assert visitor.post("/tell", written()).status_code == 404
    assert tickets() == []


def test_looking_changes_nothing(visitor: Visitor, statements: list[str]) -> None:
    token = code(f"tenant:{make.the_tenant().id}", make.the_tenant().id)
    statements.clear()

    for path in ("/tell", f"/tell/{token}", "/tell/done", "/tell/answers?at=1&q=停车位被占"):
        visitor.client.get(path)
        visitor.client.head(path)

    assert not [one for one in statements if not one.lstrip().startswith(("SELECT", "PRAGMA"))]


def test_whoever_sends_every_form_as_it_is_found_changes_nothing(visitor: Visitor) -> None:
    form = visitor.open()
    visitor.clock.shift(60)

    answer = visitor.post("/tell", form)

    assert answer.status_code == 422
    assert tickets() == []
    assert tellings() == []


def test_the_receipt_is_for_the_browser_that_told_it_and_for_an_hour(
    app: Flask, visitor: Visitor
) -> None:
    visitor.tell()
    (ticket,) = tickets()
    stranger = app.test_client().get("/tell/done")
    visitor.clock.shift(3601)
    later = visitor.client.get("/tell/done")

    for answer in (stranger, later):
        assert answer.status_code == 410
        assert ticket.number not in answer.text
        assert "/follow" in answer.text


def test_what_is_told_about_officials_is_for_the_named_few_from_the_start(
    visitor: Visitor,
) -> None:
    kind = make.category("服务效能与作风", code="19", confidential=True)

    visitor.tell(category_id=str(kind.id))

    assert tickets()[0].confidential


def common(title: str, state: CommonState, **more: str) -> CommonProblem:
    made = CommonProblem(
        tenant_id=make.the_tenant().id,
        number=f"GX-{title}"[:24],
        title=title,
        state=state,
        created_at=clock.now(),
        **more,
    )
    db.session.add(made)
    db.session.commit()
    return made


def test_answers_that_were_published_are_offered_while_typing(visitor: Visitor) -> None:
    common("园区门前停车位被施工占用", CommonState.PUBLISHED, answer="十月底完工后恢复。")
    common("停车位被占用的第二批", CommonState.OPEN)

    found = visitor.client.get("/tell/answers?at=1&q=停车位被施工占用").text

    assert "十月底完工后恢复。" in found
    assert "停车位被占用的第二批" in found
    assert "<html" not in found


def test_without_scripts_a_button_looks_and_keeps_what_was_typed(visitor: Visitor) -> None:
    common("园区门前停车位被施工占用", CommonState.PUBLISHED, answer="十月底完工后恢复。")

    found = visitor.tell(look="1", title="停车位被施工占用", no_secrets=None)

    assert found.status_code == 200
    assert "十月底完工后恢复。" in found.text
    assert written()["description"] in found.text
    assert tickets() == []


def test_no_ticket_of_anybody_and_nothing_confidential_is_offered(visitor: Visitor) -> None:
    make.ticket(title="停车位被施工占用的别家企业")
    hidden = common("停车位被施工占用的限知问题", CommonState.PUBLISHED, answer="限知答复")
    make.ticket(title="限知件", common_id=hidden.id, confidential=True)
    other = make.tenant()
    foreign = common("停车位被施工占用的别镇问题", CommonState.PUBLISHED, answer="别镇答复")
    foreign.tenant_id = other.id
    drafted = common("停车位被施工占用的草稿", CommonState.OPEN, answer="还没有公布的答复")
    db.session.commit()

    found = visitor.client.get("/tell/answers?at=1&q=停车位被施工占用").text

    assert drafted.title in found
    for word in ("别家企业", "限知", "别镇", "还没有公布的答复"):
        assert word not in found


def test_before_the_form_it_says_what_is_not_for_here_and_whom_to_call(visitor: Visitor) -> None:
    page = visitor.client.get("/tell").text

    before = page[: page.index("data-tell")]
    for number in ("110", "119", "120", "12368", "12388"):
        assert f'href="tel:{number}"' in before
    for word in ("涉密", "诉讼", "仲裁", "行政复议", "纪检监察", "信访"):
        assert word in before


def test_the_first_load_is_under_150_kb_and_from_here_alone(visitor: Visitor) -> None:
    page = visitor.client.get("/tell")
    loaded, waiting = {"/tell": len(page.data)}, set(_sources(page.text))
    while waiting:
        path = waiting.pop().split("#")[0]
        if path in loaded:
            continue
        content = visitor.client.get(path).data
        loaded[path] = len(content)
        if path.endswith(".js"):
            here = Path(path).parent
            imported = re.findall(rb'from "\./([\w.]+)"', content)
            waiting |= {f"{here}/{name.decode()}" for name in imported}

    assert all(path.startswith("/") and not path.startswith("//") for path in loaded)
    assert any(path.endswith("answers.js") for path in loaded)
    assert sum(loaded.values()) < 150_000, loaded


def _sources(page: str) -> list[str]:
    found = re.findall(r'<(?:link|script|img|use)\b[^>]*(?:href|src)="([^"]+)"', page)
    assert found
    return found


def test_categories_speak_english_where_they_can_and_chinese_else(visitor: Visitor) -> None:
    make.category("融资金融", code="01", name_en="Loans and finance")
    visitor.client.set_cookie("bihuan-language", "en")

    english = visitor.client.get("/tell").text
    visitor.client.set_cookie("bihuan-language", "zh")
    chinese = visitor.client.get("/tell").text

    assert ">Loans and finance</option>" in english
    assert ">道路</option>" in english
    assert ">融资金融</option>" in chinese
    assert "Loans and finance" not in chinese


def test_the_page_speaks_english_too(visitor: Visitor) -> None:
    page = visitor.client.get("/tell", headers={"Accept-Language": "en"})

    assert '<html lang="en"' in page.text


def test_the_tenant_may_set_the_days_of_acceptance(visitor: Visitor) -> None:
    with transaction():
        db.session.scalars(select(Tenant)).one().settings = {"acceptance_workdays": 3}

    assert "3 个工作日" in visitor.client.get("/tell").text


def test_a_guest_hands_in_for_their_own_firm_only(visitor: Visitor) -> None:
    visitor.tell()
    ticket = db.session.scalars(select(Ticket)).one()
    other = make.enterprise()

    assert policy.is_concerned(guest(ticket.tenant_id, ticket.enterprise_id), ticket, Event.SUBMIT)
    for firm_id in (None, other.id):
        stranger = guest(ticket.tenant_id, firm_id)
        assert not policy.is_concerned(stranger, ticket, Event.SUBMIT)


def test_a_door_is_found_by_the_name_of_no_firm() -> None:
    assert doors.plain_name(" 明岫（霁川） 食品 ") == "明岫(霁川)食品"
