"""What is confidential, and all that hangs on it, is told to nobody but its few: not one word.

The ticket has everything a ticket can have: a file, a note to a colleague, a request, a directive,
an urge, a co-unit, one that was merged into it and one that was split off it. Every page is read,
and every form is sent with its id wherever a form takes one, by somebody of each role.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app import schedule
from app.accounts.roles import PEOPLE, Actor, Role
from app.attachments import service as attachments
from app.attachments.models import Attachment
from app.attachments.service import Prepared
from app.core.audit import AuditRow
from app.core.db import db
from app.core.transactions import transaction
from app.notifications.models import Message
from app.tickets import queries
from app.tickets import service as tickets
from app.tickets.models import Proposal, Ticket, TicketReader
from app.tickets.queries import colleagues
from app.tickets.service import presence
from app.tickets.service.splitting import Part
from app.tickets.workflow.states import Event
from tests import remembered
from tests.office import Office
from tests.test_scope import (
    ALSO_ASKED,
    METHODS,
    TITLE,
    WORDS,
    World,
    address,
    build,
    latecomers,
    routes,
)

Browse = Callable[[Actor], FlaskClient]
KEY = "k" * 32
#: Words that stand in one place each.
NOTED = "谈话安排在周四下午三点"
PLEADED = "当事人请假，要等他回来才能核实"
DIRECTED = "请纪检同志一起把这条线索查清楚"
URGED = "这一件请先办不要等"
FILE = "录音整理稿（窗口推诿）.pdf"
MERGED = "还是那个窗口又一次把人赶走"
PART = "窗口叫号机被人为关停的事"
ALL = (TITLE, WORDS, NOTED, PLEADED, DIRECTED, URGED, FILE, MERGED, PART)


@dataclass
class Hidden:
    """The township, the confidential ticket's id, and all words and numbers that tell of it."""

    world: World
    ticket_id: int
    attachment_id: int
    proposal_id: int
    told: tuple[str, ...]

    @property
    def office(self) -> Office:
        return self.world.office


@pytest.fixture
def hidden(app: Flask) -> Hidden:
    del app  # the database must be there
    return remembered.once("hidden", _hide)


def _hide() -> Hidden:
    world = build()
    office = world.office
    office.ticket_id = int(world.ids["confidential"]["ticket_id"])
    secret = office.ticket
    file = _say_much(office, secret)
    family = [_merged(office, secret), *_split(office)]
    office.ticket_id = secret.id
    world.viewers = latecomers(office)
    numbers = [one.number for one in (secret, *family) if one.number]
    proposal = db.session.scalars(select(Proposal).where(Proposal.ticket_id == secret.id)).one()
    return Hidden(world, secret.id, file, proposal.id, (*ALL, *numbers))


def _say_much(office: Office, secret: Ticket) -> int:
    """Let the few write what they write; return the id of the file."""
    head, chief = office.actor(Role.DEPT_HEAD), office.actor(Role.CHIEF)
    with transaction():
        prepared = Prepared(FILE, "application/pdf", 3, "a" * 64)
        added = attachments.attach(
            prepared, actor=head, ticket_id=secret.id, hidden=tickets.is_for_few(secret)
        )
        tickets.note_attachment(secret, [FILE], actor=head)
        tickets.comment(secret, NOTED, [chief.user_id or 0], actor=head)
        tickets.give_directive(secret, DIRECTED, actor=chief)
        presence.note_presence(secret, actor=head)
        file = added.id
    office.propose(Event.APPROVE_EXTENSION, Role.DEPT_HEAD, comment=PLEADED)
    return file


def _merged(office: Office, secret: Ticket) -> Ticket:
    office.open(Role.DISPATCHER, title=MERGED, description=WORDS, category_id=secret.category_id)
    office.take(Event.SUBMIT, Role.DISPATCHER)
    office.take(Event.MERGE, Role.DISPATCHER, master_id=secret.id, same_matter=True)
    return office.ticket


def _split(office: Office) -> list[Ticket]:
    """Split a ticket of its own kind off another confidential one."""
    words = {"title": MERGED, "description": WORDS, "category_id": office.ticket.category_id}
    office.open(Role.DISPATCHER, **words)
    office.take(Event.SUBMIT, Role.DISPATCHER)
    office.take(Event.ACCEPT, Role.DISPATCHER)
    part = Part(PART, WORDS, office.unit_id, (office.other_unit_id,))
    with transaction():
        made = tickets.split(office.ticket, [part], actor=office.actor(Role.DISPATCHER))
    with transaction():
        tickets.urge(made[0], URGED, actor=office.actor(Role.OFFICE_DIRECTOR))
    return [office.ticket, *made]


def pages(app: Flask, hidden: Hidden) -> Iterator[str]:
    """Return every address that can be read, with the ids of what is hidden and of what is not."""
    world = hidden.world
    here = {"attachment_id": str(hidden.attachment_id), "proposal_id": str(hidden.proposal_id)}
    for rule, method in routes(app):
        if method != "GET":
            continue
        kinds = world.ids.values() if "ticket_id" in rule.arguments else [world.ids["other"]]
        for ids in kinds:
            yield address(app, rule, method, ids)
            yield address(app, rule, method, ids | here)
    yield from (each.format(waiting=world.waiting) for each in ALSO_ASKED)
    for query in (f"ids={hidden.ticket_id}", "all=1&view=all", f"ticket={hidden.ticket_id}"):
        for path in ("/tickets/export", "/tickets/bulk/accept", "/tickets/bulk/urge"):
            yield f"{path}?{query}"
        yield f"/tickets/common/new?{query}"
    for word in (NOTED, MERGED, PART, hidden.world.number):
        yield f"/tickets?view=all&q={word}"


def naming(hidden: Hidden) -> dict[str, str | list[str]]:
    """Return a form that names the hidden ticket wherever a form can name one."""
    here = str(hidden.ticket_id)
    return {
        "idempotency_key": KEY,
        "ids": [here],
        "ticket_id": here,
        "master_id": here,
        "same_matter": "y",
        "comment": "请抓紧办理这一件",
        "query": "view=all",
        "note_id": "1",
        "reader_id": "1",
        "duplicates_checked": "y",
    }


def telling(hidden: Hidden, text: str) -> list[str]:
    return [word for word in hidden.told if word in text]


@pytest.mark.parametrize("role", [one for one in PEOPLE if one is not Role.ENTERPRISE_USER])
def test_no_page_says_a_word_of_it(
    app: Flask, hidden: Hidden, client_for: Browse, role: Role
) -> None:
    browser = client_for(hidden.world.viewers[role])

    said = {
        url: telling(hidden, browser.get(url).get_data(as_text=True))
        for url in dict.fromkeys(pages(app, hidden))
    }

    found = {url: [word for word in words if word not in url] for url, words in said.items()}
    assert {url: words for url, words in found.items() if words} == {}


@pytest.mark.parametrize("role", [one for one in PEOPLE if one is not Role.ENTERPRISE_USER])
def test_no_form_that_names_it_is_answered_with_a_word_of_it(
    app: Flask, hidden: Hidden, client_for: Browse, role: Role
) -> None:
    browser = client_for(hidden.world.viewers[role])
    before = _standing(hidden)
    told = []

    for rule, method in routes(app):
        if method not in METHODS or method == "GET" or rule.endpoint == "accounts.sign_in":
            continue
        for ids in (hidden.world.ids["other"], hidden.world.ids["confidential"]):
            url = address(app, rule, method, ids)
            if rule.endpoint == "tickets.take_step":
                url = f"/tickets/{hidden.world.waiting}/steps/merge"
            answer = browser.post(url, data=naming(hidden) | {"idempotency_key": KEY})
            told += [(url, telling(hidden, answer.get_data(as_text=True)))]
            if _flashes(browser):
                told += [(url, telling(hidden, browser.get("/tickets").text))]

    told += [("/tickets", telling(hidden, browser.get("/tickets").text))]  # after all of them
    assert [one for one in told if one[1]] == []
    assert _standing(hidden) == before


def _flashes(browser: FlaskClient) -> bool:
    """Tell whether the next page says something of what was sent last."""
    with browser.session_transaction() as session:
        return "_flashes" in session


def _standing(hidden: Hidden) -> tuple[object, ...]:
    db.session.rollback()
    ticket = db.session.get_one(Ticket, hidden.ticket_id)
    return ticket.status, ticket.version, ticket.common_id, len(ticket.events)


def test_the_audit_log_keeps_who_did_what_to_it_and_no_word_of_it(hidden: Hidden) -> None:
    rows = db.session.scalars(select(AuditRow).order_by(AuditRow.id)).all()
    of_it = [row for row in rows if (row.subject, row.subject_id) == ("ticket", hidden.ticket_id)]

    done = ["添加附件", "内部备注", "领导批示", "提出", "并入一件"]
    assert [row.action for row in of_it][-5:] == done
    assert all(row.user_id and row.after and row.after["event"] for row in of_it)
    said = [
        (row.action, words)
        for row in rows
        if (words := telling(hidden, f"{row.before}{row.after}{row.reason}"))
    ]
    assert said == []


def test_only_its_few_and_its_enterprise_are_ever_told_whatever_the_timetable_does(
    hidden: Hidden, frozen_clock: time_machine.Traveller
) -> None:
    for _ in range(12):
        frozen_clock.shift(timedelta(days=1))
        schedule.run_due()

    few = {(one.ticket_id, one.user_id) for one in db.session.scalars(select(TicketReader))}
    firm = hidden.office.people[Role.ENTERPRISE_USER].user_id
    kept = db.session.scalars(select(Ticket.id).where(Ticket.confidential))
    links = {f"/tickets/{id_}": id_ for id_ in kept}
    messages = db.session.scalars(select(Message)).all()
    about = [one for one in messages if one.link in links]
    assert len(about) > 12
    for one in about:
        assert one.recipient_id == firm or (links[one.link], one.recipient_id) in few
    for one in messages:
        assert telling(hidden, f"{one.subject}{one.context}") == []


def test_nobody_may_be_spoken_to_of_it_but_its_few(hidden: Hidden) -> None:
    found = {user.id for user in colleagues.who_may_see(hidden.office.ticket)}

    strangers = {viewer.user_id for viewer in hidden.world.viewers.values()}
    assert found
    assert not found & strangers


@pytest.mark.parametrize("role", [Role.DISPATCHER, Role.CHIEF, Role.SUPERVISOR])
def test_it_is_no_twin_and_nothing_like_it(hidden: Hidden, role: Role) -> None:
    viewer = hidden.world.viewers[role]
    waiting = db.session.get_one(Ticket, hidden.world.waiting)

    alike = {one.id for one in queries.similar.similar(waiting, viewer=viewer)}
    twins = {id_ for id_, _ in queries.twins(waiting, viewer=viewer)}
    seen = select(Ticket.id).where(Ticket.confidential.is_(False))
    assert alike | twins <= set(db.session.scalars(seen))


def test_its_file_is_handed_out_under_no_other_ticket(hidden: Hidden, client_for: Browse) -> None:
    browser = client_for(hidden.world.viewers[Role.DISPATCHER])
    ordinary = hidden.world.ids["ordinary"]["ticket_id"]

    assert db.session.get_one(Attachment, hidden.attachment_id).ticket_id == hidden.ticket_id
    for id_ in (ordinary, hidden.ticket_id):
        answer = browser.get(f"/tickets/{id_}/attachments/{hidden.attachment_id}")
        assert answer.status_code == 404
