"""Promises, closed problems, needs and policies: what a visit leaves, and what the next asks."""

from collections.abc import Callable
from datetime import date, timedelta
from html import unescape

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import event, func, select

from app.accounts.models import User
from app.accounts.roles import Actor, Role
from app.core import clock
from app.core.db import db
from app.core.errors import DomainError, Invalid, NotAllowed, NotFound, Stale
from app.core.transactions import transaction
from app.library import service as library
from app.library.service import DocumentDraft
from app.notifications.models import Message
from app.tickets.models import Ticket
from app.tickets.workflow.states import Status
from app.visits import queries, service
from app.visits.models import (
    FinancingNeed,
    LaborNeed,
    NeedState,
    PolicyPush,
    Promise,
    PromiseState,
    Recheck,
    StillFine,
    Visit,
)
from app.visits.service import Asked, FinancingDraft, LaborDraft, Tick
from tests import make
from tests.visits.town import Town, go_to, open_town

ClientFor = Callable[[User | Actor], FlaskClient]
D = date.fromisoformat


@pytest.fixture
def town(app: object) -> Town:
    del app
    return open_town()


def count(model: type) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def the_promise(town: Town, **more: str) -> Promise:
    town.record(visited_on=D("2026-09-02"), promises="送政策上门", **more)
    return db.session.scalars(select(Promise).order_by(Promise.id.desc()).limit(1)).one()


def closed_ticket(town: Town, **more: object) -> Ticket:
    firm = town.linkage.enterprise
    assert firm
    ticket = make.ticket(
        Status.CLOSED, enterprise=firm, title="夜间停电没有通知", closed_at=clock.now(), **more
    )
    with transaction():  # whose it is to know of
        ticket = db.session.get_one(Ticket, ticket.id)
        ticket.liaison_id, ticket.submitted_by_id = town.liaison_id, town.liaison_id
    return db.session.get_one(Ticket, ticket.id)


# ---- promises ----


def test_each_line_is_a_promise_with_the_day_of_all(town: Town) -> None:
    visit = town.record(promises="送政策上门\n\n  月底前回电话  ", promises_due_on=D("2026-09-30"))

    assert [(one.text, one.due_on, one.state) for one in visit.promises] == [
        ("送政策上门", D("2026-09-30"), PromiseState.OPEN),
        ("月底前回电话", D("2026-09-30"), PromiseState.OPEN),
    ]


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"promises": "\n".join("一二三四五六七八九十一")}, "promises"),
        ({"promises": "长" * 301}, "promises"),
        ({"promises": "回电话", "promises_due_on": D("2026-09-20")}, "promises_due_on"),
    ],
)
def test_promises_that_cannot_be_kept_track_of_are_refused(
    town: Town, more: dict[str, object], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        town.record(**more)

    assert refused.value.field == field
    assert count(Visit) == 0


def test_the_next_form_asks_first_what_became_of_it(town: Town, client_for: ClientFor) -> None:
    town.generate()
    make.promise(state=PromiseState.KEPT)  # so that ids and places differ
    promise = the_promise(town)

    page = unescape(client_for(town.liaison).get(f"/visits/new?task={town.task().id}").text)

    assert "答应过：送政策上门" in page
    assert page.index("答应过：送政策上门") < page.index('id="target"')
    assert f'name="ticks-{promise.id}-answer"' in page  # a kept draft answers for no other
    for word in ("已兑现", "还没有", "兑现不了", "没问到"):
        assert word in page


@pytest.mark.parametrize(
    ("answer", "note", "state"),
    [
        ("kept", "", PromiseState.KEPT),
        ("open", "等县里批", PromiseState.OPEN),
        ("not_kept", "政策变了，当面说明过", PromiseState.NOT_KEPT),
        ("", "", PromiseState.OPEN),
    ],
)
def test_the_next_visit_says_how_a_promise_stands(
    town: Town, client_for: ClientFor, answer: str, note: str, state: PromiseState
) -> None:
    promise = the_promise(town)
    data = town.form() | {
        "ticks-0-subject_id": str(promise.id),
        "ticks-0-answer": answer,
        "ticks-0-note": note,
    }

    assert client_for(town.liaison).post("/visits/new", data=data).status_code == 303

    db.session.rollback()
    found = db.session.get_one(Promise, promise.id)
    assert (found.state, found.note) == (state, note)
    assert found.asked_visit_id == (2 if answer else None)
    assert found.asked_by_id == (town.liaison_id if answer else None)
    still = queries.open_promises_of(enterprise_id=town.linkage.enterprise_id)
    assert [one.id for one in still] == ([promise.id] if state is PromiseState.OPEN else [])


def test_what_cannot_be_kept_is_explained_and_what_was_typed_stays(
    town: Town, client_for: ClientFor
) -> None:
    promise = the_promise(town)
    data = town.form(opinions="冷链订单增加") | {
        "ticks-0-subject_id": str(promise.id),
        "ticks-0-answer": "not_kept",
        "ticks-0-note": "",
    }

    answer = client_for(town.liaison).post("/visits/new", data=data)

    assert answer.status_code == 422
    page = unescape(answer.text)
    assert 'href="#ticks-0-note"' in page
    assert "请写明原因和怎么向企业说明的" in page
    assert "冷链订单增加" in page
    assert count(Visit) == 1


def test_another_target_brings_its_own_questions_and_drops_the_others(
    town: Town, client_for: ClientFor
) -> None:
    promise = the_promise(town)
    other = make.linkage(liaison=db.session.get_one(User, town.liaison_id))
    make.visit(linkage=other, promises="带银行一起来")
    data = town.form(target=f"e{other.enterprise_id}") | {
        "look": "1",
        "ticks-0-subject_id": str(promise.id),
        "ticks-0-answer": "kept",
    }

    page = client_for(town.liaison).post("/visits/new", data=data).text

    assert "带银行一起来" in page
    assert "送政策上门" not in page
    assert count(Visit) == 2


def test_a_promise_to_another_firm_is_not_ticked_here(town: Town) -> None:
    other = make.promise(visit=make.visit())

    with pytest.raises(Invalid) as refused:
        town.record(ticks=(Tick(other.id, PromiseState.KEPT),))

    assert refused.value.field == "target"
    assert db.session.get_one(Promise, other.id).is_open


def test_what_a_colleague_settled_meanwhile_stays_settled(town: Town) -> None:
    promise = the_promise(town)
    with transaction():
        service.settle(
            db.session.get_one(Promise, promise.id),
            PromiseState.KEPT,
            "电话说过了",
            version=None,
            actor=town.leader,
        )

    town.record(ticks=(Tick(promise.id, PromiseState.OPEN, "还在办"),))

    found = db.session.get_one(Promise, promise.id)
    assert (found.state, found.note) == (PromiseState.KEPT, "电话说过了")


def test_a_promise_is_settled_between_visits_once(town: Town) -> None:
    promise = the_promise(town)

    def say(state: PromiseState, actor: Actor, version: int | None = None) -> None:
        with transaction():
            found = db.session.get_one(Promise, promise.id)
            service.settle(found, state, "说明过", version=version, actor=actor)

    with pytest.raises(NotAllowed):
        say(PromiseState.KEPT, make.actor(Role.CHIEF))
    with pytest.raises(NotFound):
        say(PromiseState.KEPT, make.actor(Role.DISPATCHER, tenant=make.tenant("别的镇")))
    with pytest.raises(Invalid):
        say(PromiseState.UNTRACKED, town.liaison)
    say(PromiseState.OPEN, town.liaison, version=1)
    with pytest.raises(Stale):
        say(PromiseState.KEPT, town.leader, version=1)
    say(PromiseState.KEPT, town.leader, version=2)
    with pytest.raises(DomainError, match="已经有结果"):
        say(PromiseState.NOT_KEPT, town.liaison)

    assert db.session.get_one(Promise, promise.id).asked_by_id == town.leader_id


# ---- problems that were closed ----


def test_a_problem_closed_since_the_last_visit_is_asked_about_once(
    town: Town, client_for: ClientFor
) -> None:
    town.generate()
    town.record(visited_on=D("2026-09-02"))
    ticket = closed_ticket(town)
    browser = client_for(town.liaison)
    assert (
        "办结的问题：夜间停电没有通知"
        in browser.get(f"/visits/new?enterprise={town.linkage.enterprise_id}").text
    )

    data = town.form() | {
        "asked-0-subject_id": str(ticket.id),
        "asked-0-answer": "fine",
    }
    answer = browser.post("/visits/new", data=data)

    assert answer.status_code == 303
    db.session.rollback()
    (row,) = db.session.scalars(select(Recheck)).all()
    assert (row.ticket_id, row.answer) == (ticket.id, StillFine.FINE)
    assert "解决了，没再出现" in browser.get(answer.location).text
    assert queries.closed_since(ticket.enterprise_id, D("2026-09-02"), viewer=town.liaison) == []


def test_what_came_back_says_how_and_the_office_is_told_without_its_words(town: Town) -> None:
    ticket = closed_ticket(town)
    back = Asked(ticket.id, StillFine.BACK, place="asked-0")
    with pytest.raises(Invalid) as refused:
        town.record(asked=(back,))
    assert refused.value.field == "asked-0-note"

    town.record(asked=(Asked(ticket.id, StillFine.BACK, "昨晚又停了"),))

    (message,) = db.session.scalars(select(Message).where(Message.rule == "problem-came-back"))
    assert message.recipient_id == town.clerk.user_id
    assert message.link == f"/tickets/{ticket.id}"
    assert ticket.title not in str(message.context)


def test_the_ticket_s_own_page_tells_what_was_said_of_it_on_a_later_visit(
    town: Town, client_for: ClientFor
) -> None:
    ticket = closed_ticket(town)

    visit = town.record(asked=(Asked(ticket.id, StillFine.BACK, "昨晚又停了"),))

    page = client_for(town.clerk).get(f"/tickets/{ticket.id}").text
    assert "走访时再问" in page
    assert "企业说：又出现了" in page
    assert f"走访 {visit.number}" in page
    assert "昨晚又停了" in page
    assert ticket.status is Status.CLOSED


def test_what_was_closed_before_the_last_visit_is_not_asked_about(
    town: Town, frozen_clock: time_machine.Traveller
) -> None:
    ticket = closed_ticket(town)
    frozen_clock.shift(timedelta(days=3))
    town.record()

    today = clock.today()
    assert queries.closed_since(ticket.enterprise_id, today, viewer=town.liaison) == []


def test_what_few_may_know_of_is_never_asked_about(town: Town) -> None:
    ticket = closed_ticket(town, confidential=True)

    assert queries.closed_since(ticket.enterprise_id, None, viewer=town.liaison) == []
    with pytest.raises(DomainError):
        town.record(asked=(Asked(ticket.id, StillFine.FINE),))
    assert count(Recheck) == 0


def test_a_problem_of_another_firm_is_not_asked_about_here(town: Town) -> None:
    ticket = make.ticket(Status.CLOSED, closed_at=clock.now())

    with pytest.raises(DomainError):
        town.record(actor=town.clerk, asked=(Asked(ticket.id, StillFine.FINE),))

    assert count(Recheck) == 0


# ---- what was solved on the spot ----


def test_a_problem_solved_on_the_spot_is_closed_by_the_office_with_what_was_done(
    town: Town, client_for: ClientFor
) -> None:
    done = "当场联系供电所，半小时内恢复了供电。"
    data = town.form(has_problems="yes") | town.written(0, done_on_site=done)

    assert client_for(town.liaison).post("/visits/new", data=data).status_code == 303

    ticket = db.session.scalars(select(Ticket)).one()
    assert ticket.done_on_site == done
    office = client_for(town.clerk)
    assert f"走访时当场解决：</b>{done}" in office.get(f"/tickets/{ticket.id}").text
    assert done in office.get(f"/tickets/{ticket.id}/steps/accept").text
    taken = office.post(
        f"/tickets/{ticket.id}/steps/accept",
        data={
            "idempotency_key": "a" * 32,
            "version": str(ticket.version),
            "category_id": str(town.category_id),
            "urgency": "normal",
            "complexity": "simple",
            "duplicates_checked": "y",
        },
    )
    assert taken.status_code == 303
    form = office.get(f"/tickets/{ticket.id}/steps/close_on_site").text
    assert f">{done}</textarea>" in form.replace("\r\n", "").replace("\n", "")
    assert 'checked id="outcome-0"' in form
    db.session.rollback()
    ticket = db.session.scalars(select(Ticket)).one()
    closed = office.post(
        f"/tickets/{ticket.id}/steps/close_on_site",
        data={
            "idempotency_key": "b" * 32,
            "version": str(ticket.version),
            "outcome": "resolved",
            "reply": done,
        },
    )
    assert closed.status_code == 303
    db.session.rollback()
    ticket = db.session.scalars(select(Ticket)).one()
    assert (ticket.status, ticket.direct_handled) == (Status.PENDING_REVISIT, True)


# ---- needs ----


def test_one_visit_hears_of_several_needs(town: Town, client_for: ClientFor) -> None:
    data = town.form() | {
        "financing-0-amount_wan": "300",
        "financing-0-term": "一年",
        "financing-0-purpose": "采购原料",
        "financing-1-amount_wan": "50.5",
        "labor-0-headcount": "12",
        "labor-0-posts": "司机",
        "labor-1-headcount": "",
    }

    answer = client_for(town.liaison).post("/visits/new", data=data)

    assert answer.status_code == 303
    money = db.session.scalars(select(FinancingNeed).order_by(FinancingNeed.id)).all()
    hands = db.session.scalars(select(LaborNeed)).all()
    assert [(n.amount_wan, n.purpose) for n in money] == [(300, "采购原料"), (50.5, "")]
    assert [(n.headcount, n.posts, n.state) for n in hands] == [(12, "司机", NeedState.SURVEYED)]
    assert {n.enterprise_id for n in (*money, *hands)} == {town.linkage.enterprise_id}


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"financing-0-amount_wan": "-1"}, "要在"),
        ({"financing-0-purpose": "采购原料"}, "请写明要多少万元"),
        ({"labor-0-headcount": "0"}, "要在"),
        ({"labor-0-posts": "司机"}, "请写明要多少人"),
    ],
)
def test_a_need_without_its_number_is_not_lost_without_a_word(
    town: Town, client_for: ClientFor, wrong: dict[str, str], sentence: str
) -> None:
    answer = client_for(town.liaison).post("/visits/new", data=town.form() | wrong)

    assert answer.status_code == 422
    assert sentence in answer.text
    assert count(Visit) == 0


def test_a_button_gives_one_more_need_and_takes_one_away(town: Town, client_for: ClientFor) -> None:
    browser = client_for(town.liaison)
    data = town.form() | {"labor-0-headcount": "12", "labor-0-posts": "司机"}

    more = browser.post("/visits/new", data=data | {"add-labor": "1"}).text
    assert "labor-1-headcount" in more
    fewer = browser.post("/visits/new", data=data | {"remove-labor": "0"}).text

    assert "labor-0-headcount" in fewer
    assert "司机" not in fewer.split("labor-0-posts")[1][:200]


def test_the_office_follows_a_need_until_it_is_met(town: Town) -> None:
    town.record(financing=(FinancingDraft(300),), labor=(LaborDraft(5),))

    def follow(state: NeedState, to: str = "", actor: Actor | None = None) -> None:
        with transaction():
            need = db.session.scalars(select(FinancingNeed)).one()
            service.follow_need(
                need, state, reported_to=to, note="", version=None, actor=actor or town.clerk
            )

    with pytest.raises(NotAllowed):
        follow(NeedState.REPORTED, "县金融局", town.liaison)
    with pytest.raises(Invalid) as refused:
        follow(NeedState.REPORTED)
    assert refused.value.field == "reported_to"
    follow(NeedState.REPORTED, "县金融局")
    follow(NeedState.MET)

    need = db.session.scalars(select(FinancingNeed)).one()
    assert (need.state, need.reported_to) == (NeedState.MET, "县金融局")
    sums = queries.need_sums("financing", viewer=town.clerk)
    assert (sums[NeedState.MET].firms, sums[NeedState.MET].amount) == (1, 300)
    assert (sums[None].firms, sums[None].amount) == (1, 300)
    assert sums[NeedState.SURVEYED].firms == 0


def test_firms_are_counted_once_however_many_needs_they_have(town: Town) -> None:
    town.record(financing=(FinancingDraft(300), FinancingDraft(200)))
    make.need(amount_wan=100.0)

    total = queries.need_sums("financing", viewer=town.clerk)[None]

    assert (total.firms, total.amount) == (2, 600)
    mine = queries.need_sums("financing", viewer=town.liaison)[None]
    assert (mine.firms, mine.amount) == (1, 500)


def test_needs_are_listed_and_changed_on_their_pages(town: Town, client_for: ClientFor) -> None:
    town.record(financing=(FinancingDraft(300, "一年", "采购原料"),))
    office = client_for(town.clerk)

    page = office.get("/visits/needs").text
    assert "300 万元" in page
    assert "1 家" in page
    data = {"idempotency_key": "a" * 32, "version": "1", "state": "reported", "reported_to": "县局"}
    assert office.post("/visits/needs/financing/1", data=data).status_code == 303
    assert "县局" in office.get("/visits/needs?state=reported").text
    assert "采购原料" not in office.get("/visits/needs?state=met").text
    stale = office.post(
        "/visits/needs/financing/1", data=data | {"idempotency_key": "b" * 32, "state": "met"}
    )
    assert stale.status_code == 409
    assert office.get("/visits/needs/nonsense/1").status_code == 404
    firm = office.get(f"/enterprises/{town.linkage.enterprise_id}").text
    assert "融资 300 万元" in firm


# ---- policies ----


def document(title: str = "用电保障办法", **more: date) -> int:
    with transaction():
        made = library.add(DocumentDraft(title, **more), actor=make.actor(Role.DISPATCHER))
        return made.id


def test_the_reach_of_a_policy_is_how_many_firms_were_told(
    town: Town, client_for: ClientFor
) -> None:
    power, funds = document(), document("奖补办法")
    data = town.form(document_ids=[str(power)])
    browser = client_for(town.liaison)
    assert "用电保障办法" in browser.get("/visits/new").text
    assert browser.post("/visits/new", data=data).status_code == 303
    town.record(document_ids=(power, funds))
    other = make.linkage()
    town.record(actor=town.clerk, enterprise_id=other.enterprise_id, document_ids=(power,))

    found = list(db.session.scalars(queries.documents_explained(viewer=town.clerk)))
    reach = queries.reach_of(found, viewer=town.clerk)

    assert (reach[power].firms, reach[power].times) == (2, 3)
    assert (reach[funds].firms, reach[funds].times) == (1, 1)
    assert count(PolicyPush) == 4
    assert "奖补办法" in client_for(town.clerk).get("/visits/policies").text


def test_only_a_policy_that_holds_is_explained(town: Town) -> None:
    ended = document(valid_to=D("2026-09-20"))

    with pytest.raises(Invalid) as refused:
        town.record(document_ids=(ended,))

    assert refused.value.field == "document_ids"
    go_on = town.record(document_ids=())
    assert go_on.id


def test_the_form_costs_the_same_however_much_is_asked(
    town: Town, client_for: ClientFor, frozen_clock: time_machine.Traveller
) -> None:
    go_to(frozen_clock, "2026-09-22")
    browser = client_for(town.liaison)
    statements: list[str] = []

    def counted() -> int:
        address = f"/visits/new?enterprise={town.linkage.enterprise_id}"
        browser.get(address)
        statements.clear()
        assert browser.get(address).status_code == 200
        return len(statements)

    event.listen(db.engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    town.record(promises="一件")
    few = counted()
    for place in range(5):
        town.record(promises=f"第{place}件\n又一件")
        closed_ticket(town)
        document(f"第{place}号")

    assert counted() <= few
