"""What is odd is held and answered all the same; the office lets it in, or does not take it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from sqlalchemy import select, text

from app.accounts.models import User
from app.accounts.roles import Actor, Role
from app.attachments.models import Attachment
from app.core import clock, http, locale
from app.core.audit import AuditRow
from app.core.db import db
from app.core.errors import Invalid, NotAllowed, NotFound, Stale
from app.core.transactions import transaction
from app.notifications.models import Message
from app.portal.models import Doubt, Telling, TellingState
from app.portal.queries import limits
from app.portal.queries import tellings as queries
from app.portal.service import clearing
from app.tickets.workflow.states import Status
from tests import make
from tests.portal.visitor import FIRM, Visitor, hidden_of, photo, tellings, tickets, written

ClientFor = Callable[[User | Actor], FlaskClient]
KEY = "d" * 32


def rules(**settings: int) -> None:
    with transaction():
        make.the_tenant().settings = settings


def held(visitor: Visitor, **more: object) -> Telling:
    visitor.tell(**({"enterprise_name": "没有这家"} | more))
    return tellings()[-1]


@pytest.mark.parametrize(
    ("odd", "doubt"),
    [
        ({"website": "http://x.example"}, Doubt.TRAP),
        ({"description": "请看 https://spam.example/ 上的优惠贷款广告"}, Doubt.LINKS),
        ({"title": "贷款 www.spam.com"}, Doubt.LINKS),
        ({"wish": "加我 spam.com 聊一聊"}, Doubt.LINKS),
        ({"enterprise_name": "没有这家"}, Doubt.UNKNOWN_FIRM),
    ],
)
def test_what_is_odd_is_held_and_has_a_number_and_a_code_all_the_same(
    visitor: Visitor, odd: dict[str, str], doubt: Doubt
) -> None:
    answer = visitor.tell(**odd)

    assert answer.status_code == 303
    receipt = visitor.client.get(answer.headers["Location"])
    (telling,) = tellings()
    assert tickets() == []
    assert telling.state is TellingState.HELD
    assert telling.reasons == [doubt]
    assert telling.number in receipt.text
    assert telling.query_code in receipt.text
    assert queries.held(telling.number, telling.query_code) == telling
    assert queries.held(telling.number, "x") is None


def test_what_is_too_fast_twice_is_held(visitor: Visitor) -> None:
    fast = visitor.tell(after=1)
    again = visitor.post("/tell", hidden_of(fast) | written())

    assert again.status_code == 303
    assert tellings()[0].reasons == [Doubt.HASTY]
    assert tickets() == []


def test_the_last_within_the_limit_of_a_place_is_taken_and_the_next_is_held(
    visitor: Visitor,
) -> None:
    rules(tell_per_place=3, tell_per_phone=50)

    for n in range(4):
        visitor.tell(contact_phone=f"1420000000{n}")

    assert [one.state for one in tellings()] == [TellingState.TAKEN] * 3 + [TellingState.HELD]
    assert tellings()[-1].reasons == [Doubt.MANY_HERE]


def test_all_addresses_of_one_household_are_one_place(app: Flask, visitor: Visitor) -> None:
    rules(tell_per_place=2, tell_per_phone=50)

    for n in range(3):
        Visitor(app, visitor.clock, ip=f"2001:db8:1:2::{n}").tell()
    Visitor(app, visitor.clock, ip="2001:db8:1:3::1").tell()

    states = [one.state for one in tellings()]
    assert states == [TellingState.TAKEN] * 2 + [TellingState.HELD, TellingState.TAKEN]


def test_another_place_and_another_hour_are_counted_anew(app: Flask, visitor: Visitor) -> None:
    rules(tell_per_place=1, tell_per_phone=50)
    visitor.tell()
    elsewhere = Visitor(app, visitor.clock, ip="192.0.2.2")
    elsewhere.tell()
    visitor.clock.shift(limits.HOUR)

    visitor.tell()

    assert [one.state for one in tellings()] == [TellingState.TAKEN] * 3


def test_the_last_within_the_limit_of_a_telephone_is_taken_and_the_next_is_held(
    app: Flask, visitor: Visitor
) -> None:
    rules(tell_per_phone=2)

    for n in range(3):
        Visitor(app, visitor.clock, ip=f"192.0.2.{n}").tell()

    assert [one.state for one in tellings()] == [TellingState.TAKEN] * 2 + [TellingState.HELD]
    assert tellings()[-1].reasons == [Doubt.MANY_PHONE]


def test_far_too_much_from_one_place_is_refused_with_its_text(visitor: Visitor) -> None:
    rules(tell_refused=2)
    visitor.tell()
    visitor.tell()

    refused = visitor.tell()

    assert refused.status_code == 429
    assert written()["description"] in refused.text
    assert len(tellings()) == 2


def test_limits_can_be_switched_off_to_measure(app: Flask, visitor: Visitor) -> None:
    rules(tell_per_place=1, tell_per_phone=1, tell_refused=1)
    app.config["TELL_LIMITS"] = False

    for _ in range(3):
        visitor.tell()

    assert len(tickets()) == 3


def test_what_comes_at_the_same_moment_is_counted_too(app: Flask, visitor: Visitor) -> None:
    rules(tell_per_place=2, tell_per_phone=50)
    forms = [Visitor(app, visitor.clock).open() | written() for _ in range(4)]
    visitor.clock.shift(60)
    db.session.remove()
    gate = Barrier(len(forms))

    def send(form: dict[str, str]) -> int:
        gate.wait()
        return app.test_client().post("/tell", data=form).status_code

    with ThreadPoolExecutor(len(forms)) as pool:
        answers = list(pool.map(send, forms))

    assert answers == [303] * 4
    states = [one.state for one in tellings()]
    assert states.count(TellingState.TAKEN) == 2
    assert len({one.number for one in tellings()}) == 4


def test_neither_the_address_nor_the_telephone_lies_open(visitor: Visitor) -> None:
    telling = held(visitor)

    row = repr(dict(db.session.execute(text("SELECT * FROM tellings")).mappings().one()))
    assert "192.0.2.1" not in row
    assert "14200000001" not in row
    assert telling.contact_phone == "14200000001"


def test_the_office_hears_of_what_is_held(visitor: Visitor) -> None:
    dispatcher = make.user(Role.DISPATCHER)
    make.user(Role.HANDLER)

    telling = held(visitor)

    told = db.session.scalars(select(Message)).all()
    assert [(one.recipient_id, one.link) for one in told] == [
        (dispatcher.id, f"/tellings/{telling.id}")
    ]


def test_let_in_it_is_a_ticket_that_waits_since_it_was_told(visitor: Visitor) -> None:
    actor = make.actor(Role.DISPATCHER)
    telling = held(visitor)
    told_at, number, code = telling.told_at, telling.number, telling.query_code
    visitor.clock.shift(timedelta(hours=30))

    with transaction():
        clearing.release(db.session.get_one(Telling, telling.id), FIRM, version=None, actor=actor)

    (ticket,) = tickets()
    assert ticket.status is Status.PENDING_ACCEPTANCE
    assert (ticket.number, ticket.query_code) == (number, code)
    assert ticket.submitted_at == told_at
    due = clock.local(ticket.acceptance_due_at)
    assert due.date() == clock.local(told_at).date() + timedelta(days=1)
    assert ticket.title == written()["title"]
    assert tellings()[0].state is TellingState.RELEASED
    assert queries.held(number, code) is None
    assert "核实来信后登记" in db.session.scalars(select(AuditRow.action)).all()


def test_number_and_code_say_that_it_is_looked_at_until_it_is_a_ticket(visitor: Visitor) -> None:
    actor = make.actor(Role.DISPATCHER)
    waiting = held(visitor)
    asked = {"number": waiting.number, "code": waiting.query_code, "idempotency_key": KEY}
    ask = visitor.client.post

    while_held = ask("/follow", data=asked)
    wrong = ask("/follow", data=asked | {"code": f"{(int(waiting.query_code) + 1) % 10**6:06}"})
    with transaction():
        telling = queries.get(waiting.id, viewer=actor)
        clearing.discard(telling, "不是企业", version=None, actor=actor)
    discarded = ask("/follow", data=asked)

    assert "正在核实" in while_held.text
    assert wrong.status_code == 422
    assert waiting.number not in wrong.text.replace(f'value="{waiting.number}"', "")
    assert "没有登记" in discarded.text
    assert "不是企业" not in discarded.text  # what the office says to itself


def test_its_files_go_with_it(visitor: Visitor, client_for: ClientFor) -> None:
    actor = make.actor(Role.OFFICE_DIRECTOR)
    telling = held(visitor, files=[photo("围挡.png")])
    one = db.session.scalars(select(Attachment)).one()
    assert (one.telling_id, one.ticket_id) == (telling.id, None)
    shown = client_for(actor).get(f"/tellings/{telling.id}/files/{one.id}")
    assert shown.status_code == 200

    with transaction():
        clearing.release(db.session.get_one(Telling, telling.id), FIRM, version=None, actor=actor)

    db.session.rollback()
    one = db.session.scalars(select(Attachment)).one()
    assert (one.telling_id, one.ticket_id) == (None, tickets()[0].id)


def test_let_in_needs_a_firm_that_is_called_so(visitor: Visitor) -> None:
    actor = make.actor(Role.DISPATCHER)
    telling = held(visitor)

    with pytest.raises(Invalid), transaction():
        clearing.release(
            db.session.get_one(Telling, telling.id), "没有这家", version=None, actor=actor
        )

    assert tickets() == []


def test_not_taken_needs_a_reason_and_can_be_brought_back(visitor: Visitor) -> None:
    actor = make.actor(Role.DISPATCHER)
    telling_id = held(visitor).id

    def now() -> Telling:
        return db.session.get_one(Telling, telling_id)

    with pytest.raises(Invalid), transaction():
        clearing.discard(now(), " ", version=None, actor=actor)
    with transaction():
        clearing.discard(now(), "广告", version=None, actor=actor)
    assert now().is_discarded
    with pytest.raises(Invalid), transaction():
        clearing.release(now(), FIRM, version=None, actor=actor)
    with transaction():
        clearing.bring_back(now(), version=None, actor=actor)
    assert now().is_held
    with pytest.raises(Invalid), transaction():
        clearing.bring_back(now(), version=None, actor=actor)

    logged = db.session.scalars(select(AuditRow.action)).all()
    assert {"不收来信", "恢复来信"} <= set(logged)


def test_the_second_of_two_who_decide_loses(visitor: Visitor) -> None:
    actor = make.actor(Role.DISPATCHER)
    telling = held(visitor)
    seen = telling.version
    with transaction():
        clearing.discard(db.session.get_one(Telling, telling.id), "广告", version=seen, actor=actor)

    with pytest.raises(Stale), transaction():
        clearing.release(db.session.get_one(Telling, telling.id), FIRM, version=seen, actor=actor)

    assert tickets() == []


@pytest.mark.parametrize("role", [Role.LIAISON, Role.HANDLER, Role.CHIEF, Role.ENTERPRISE_USER])
def test_nobody_else_looks_at_it_or_decides(
    visitor: Visitor, client_for: ClientFor, role: Role
) -> None:
    telling = held(visitor)
    actor = make.actor(role)
    client = client_for(actor)

    assert client.get("/tellings").status_code == 403
    assert client.get(f"/tellings/{telling.id}").status_code == 403
    posted = {"idempotency_key": KEY, "why": "广告"}
    assert client.post(f"/tellings/{telling.id}/discard", data=posted).status_code == 403
    with pytest.raises(NotAllowed), transaction():
        clearing.discard(db.session.get_one(Telling, telling.id), "广告", version=None, actor=actor)
    assert tellings()[0].is_held


def test_another_townships_letter_is_not_there(visitor: Visitor) -> None:
    telling = held(visitor)

    with pytest.raises(NotFound):
        queries.get(telling.id, viewer=make.actor(Role.DISPATCHER, tenant=make.tenant()))


def test_what_is_told_about_officials_is_for_the_director(visitor: Visitor) -> None:
    kind = make.category("作风", code="19", confidential=True)
    director, dispatcher = make.actor(Role.OFFICE_DIRECTOR), make.actor(Role.DISPATCHER)

    telling = held(visitor, category_id=str(kind.id))

    assert queries.get(telling.id, viewer=director).id == telling.id
    with pytest.raises(NotFound):
        queries.get(telling.id, viewer=dispatcher)
    told = db.session.scalars(select(Message.recipient_id)).all()
    assert told == [director.user_id]


def test_the_page_lists_each_reason_and_one_button_lets_in(
    visitor: Visitor, client_for: ClientFor
) -> None:
    client = client_for(make.actor(Role.DISPATCHER))
    visitor.tell(website="x")
    page = client.get("/tellings").text
    assert Doubt.TRAP.label in page
    telling = tellings()[0]
    form = {"idempotency_key": KEY, "version": str(telling.version), "enterprise_name": FIRM}

    first = client.post(f"/tellings/{telling.id}/release", data=form)
    second = client.post(f"/tellings/{telling.id}/release", data=form)

    assert first.status_code == second.status_code == 303
    assert first.headers["Location"] == second.headers["Location"]
    assert f'href="/tickets/{tickets()[0].id}"' in client.get(first.headers["Location"]).text
    assert len(tickets()) == 1


def test_the_page_asks_no_more_of_the_database_the_longer_it_is(
    visitor: Visitor, client_for: ClientFor, statements: list[str]
) -> None:
    app_limits = visitor.client.application.config
    app_limits["TELL_LIMITS"] = False
    client = client_for(make.actor(Role.DISPATCHER))
    held(visitor)
    client.get("/tellings")
    statements.clear()
    client.get("/tellings")
    few = len(statements)
    for n in range(5):
        visitor.tell(website="x", enterprise_name=[FIRM, f"没有{n}"][n % 2])
    client.get("/tellings")
    statements.clear()

    client.get("/tellings")

    assert len(statements) == few


def test_the_page_says_until_when_each_must_be_taken_up_the_most_late_first(
    client_for: ClientFor,
) -> None:
    in_time, late = make.telling(), make.telling(told_at=clock.now() - timedelta(days=8))

    page = client_for(make.actor(Role.DISPATCHER)).get("/tellings").text

    assert "2 封来信等核实，1 封超期" in page
    assert page.index(late.number) < page.index(in_time.number)
    assert page.index("超期 4 个工作日") < page.index("剩 1 个工作日")


def test_a_letter_that_is_in_time_alarms_nobody_and_one_that_was_settled_has_no_deadline(
    client_for: ClientFor,
) -> None:
    client = client_for(make.actor(Role.DISPATCHER))
    make.telling()
    gone = make.telling(TellingState.DISCARDED, told_at=clock.now() - timedelta(days=8))

    assert "超期" not in client.get("/tellings").text
    assert "受理期限" not in client.get("/tellings?state=discarded").text
    assert "受理期限" not in client.get(f"/tellings/{gone.id}").text


@pytest.mark.usefixtures("app")
def test_after_one_letter_comes_the_one_that_is_due_next() -> None:
    actor = make.actor(Role.DISPATCHER)
    now = clock.now()
    last, first, middle = (make.telling(told_at=now - timedelta(days=n)) for n in (1, 9, 4))

    following = [queries.after(one.id, viewer=actor) for one in (first, middle, last)]

    assert following == [middle.id, last.id, first.id]


def test_a_letter_is_due_when_the_ticket_is_that_it_becomes(
    visitor: Visitor, client_for: ClientFor
) -> None:
    actor = make.actor(Role.DISPATCHER)
    telling = held(visitor)
    visitor.clock.shift(timedelta(hours=30))
    page = client_for(actor).get(f"/tellings/{telling.id}").text
    asked = {"number": telling.number, "code": telling.query_code, "idempotency_key": KEY}
    told = visitor.client.post("/follow", data=asked).text

    with transaction():
        clearing.release(db.session.get_one(Telling, telling.id), FIRM, version=None, actor=actor)

    due_at = tickets()[0].acceptance_due_at
    assert due_at is not None
    assert f'datetime="{clock.local(due_at).isoformat(timespec="minutes")}"' in page
    assert f"最迟 {locale.moment(due_at)}告诉您" in told


def test_a_letter_that_was_taken_at_once_is_not_among_them(
    visitor: Visitor, client_for: ClientFor
) -> None:
    visitor.tell()
    client = client_for(make.actor(Role.DISPATCHER))

    assert client.get(f"/tellings/{tellings()[0].id}").status_code == 404
    assert client.get("/tellings").status_code == 200


def test_behind_a_proxy_of_ours_each_visitor_is_a_place_of_their_own() -> None:
    seen = []
    for hops in (0, 1):
        other = Flask("other")
        other.config |= {"SECRET_KEY": "x", "PROXY_HOPS": hops}
        http.init_app(other)
        other.add_url_rule("/where", "where", http.public(lambda: request.remote_addr or ""))
        seen.append(other.test_client().get("/where", headers={"X-Forwarded-For": "203.0.113.9"}))

    assert [answer.text for answer in seen] == ["127.0.0.1", "203.0.113.9"]
