"""Relation × route: who enters, reads, prints, exports or finds what an enterprise said, by HTTP.

`TABLE` is the expectation, a line for each route that tells of a rating or takes one, a letter for
each relation to it in the order of `COLUMNS`. A route that is not listed tells nothing of a rating
to anybody, and writes none down: every other route is asked as well, so that one which is added
needs a line here as soon as it has to do with a rating.

Every route that changes anything is asked as well, with what an enterprise says for a form: it
stands in `TABLE`, or in `CANNOT` if it has nothing to do with a rating. Whatever is asked, every
row that tells of a rating stays as it was.

    o  the whole rating is shown, or may be entered
    s  sums of units are told that hold this rating, and nothing of it alone
    t  reasons, or sums that do not hold it or lead to nobody: no word, score, picture or name
    -  answered, and nothing of a rating is told
    f  forbidden (403)      n  not found (404)      l  sent to sign in (302 or 401)
"""

import io
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus

import pytest
from flask import Flask, url_for
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from app.accounts.models import OrgUnit, RoleHolding, User
from app.accounts.roles import Actor, Role, guest
from app.attachments import service as attachments
from app.attachments.models import Attachment
from app.core import links
from app.core.db import db
from app.core.transactions import transaction
from app.tickets import policy
from app.tickets.models import (
    CoTask,
    CoTaskState,
    Dispatch,
    RatingRequest,
    Revisit,
    SpotCall,
    SpotCheck,
    SpotDraw,
    Ticket,
    TicketEvent,
)
from app.tickets.service import StepInput, spot_checks
from app.tickets.workflow.codes import ContactChannel
from app.tickets.workflow.states import Event, Solved, Status
from tests import make, remembered
from tests.attachments.files import jpeg
from tests.office import Office
from tests.test_scope import ASSETS, UNASKED, address
from tests.tickets.asking import answer_again, ask, asked_office, set_rules, token

Browse = Callable[[Actor], FlaskClient]

WORDS = "限高架原样立在门口，绕了三里地"
AGAIN = "再问一次也还是要绕路"
SAID_BY = "晁守田"
ONCE = "蔺从前"  # who handled before
REASON = "限高架还没有拆"
PICTURE = "门口的限高架.jpg"
SCORES = ("结果 1 分", "态度 2 分", "非常不满意")
#: What the page of ratings says of its sums: to a unit, and to the office.
SUMS = ("还不能显示：回答的不到", "承办单位只看得到本单位的合计")
FORM = 'name="result_score"'
ANSWERS = {
    "reached": "yes",
    "channel": "phone",
    "solved": "yes",
    "result_score": "4",
    "attitude_score": "5",
    "words": "代填的话",
    "reason": "beyond_policy",
    "evidence": "企业要求超出了现行政策的规定，已经当面说明。",
    "statement": "企业来电说限高架又立起来了，要求重新办理。",
    "comment": "代填的原因",
    "decision": "approve",
}
#: The routes that change something and have nothing to do with a rating, by the blueprint whose
#: they are: they are asked, and may neither tell of a rating nor touch one.
CANNOT: dict[str, str] = {
    "accounts": (
        "begin change_password change_state create_unit create_user edit_unit edit_user "
        "end_role give_role preferences reset_password set_office_phone set_parameters "
        "sign_in"
    ),
    "catalogue": "add put_into_use save",
    "demo": "go",
    "desk": ("end_absence give_calendar note_absence save_reminders save_settings take_calendar"),
    "enterprises": (
        "add_contact change_linkage create create_project end_linkage remove_contact "
        "reveal save save_contact save_project save_year start_linkage "
        "start_project_linkage"
    ),
    "letters": "restore_default save send_test try_words",
    "library": "add save withdraw",
    "notifications": (
        "mark_read open_message outbox_add_robot outbox_save_robot outbox_save_sms "
        "outbox_send_all outbox_try_mail outbox_try_robot outbox_try_sms read_all "
        "send_again"
    ),
    "portal": (
        "discard go_on leave letter_phone make_code open_ticket release release_to "
        "release_to_new renew_code restore revoke_code send send_by_code supplement "
        "withdraw"
    ),
    "reports": "confirm direct",
    "servicedays": (
        "book book_self cancel create hold move receive release release_self reveal save "
        "sign_in walk_in"
    ),
    "tickets": (
        "change_view common_add common_dispatch common_draft common_end common_joined "
        "common_left common_publish common_save create create_view do_bulk remove_file "
        "remove_view revoke_links save"
    ),
    "visits": (
        "add_files answer ask_exemption begin_campaign cancel_plan change_village "
        "count_households decide_exemption end_campaign follow_need handover_arrange "
        "handover_ask handover_call_off join leave move_campaign record record_village "
        "reveal save_plan settle_promise"
    ),
    "workdays": "save_confirm save_day save_enter",
}
ASKED = ("GET", "POST", "PUT", "PATCH", "DELETE")
CHANGING = frozenset(ASKED) - {"GET"}
#: What an answer must leave as it was: all rows that tell of a rating, or of who is asked again.
RATINGS = (RatingRequest, Revisit, SpotDraw, SpotCheck, SpotCall)
#: Whatever is called so has to do with a rating, and has a line also where nothing is told.
CALLED = ("rating", "rate", "revisit", "spot_", "tickets.attachment")
STEPS = (
    Event.REVISIT_CLOSE,
    Event.REVISIT_REWORK,
    Event.CLOSE_UNREACHABLE,
    Event.CLOSE_UNSATISFIED,
    Event.REOPEN,
)
STANDS_IN = "dispatcher standing in for the handler"
STANDS_IN_CO = "dispatcher standing in for the head of a co-unit"
COLUMNS = (
    "handler",
    "handler, as a dispatcher",
    "handler once, now a dispatcher",
    "head of the lead unit",
    "member of the lead unit",
    "liaison of the lead unit",
    "dispatcher, also of the lead unit",
    "head of a co-unit",
    "member of a co-unit",
    "dispatcher, also of a co-unit",
    "head of the former lead unit",
    STANDS_IN,
    "dispatcher",
    "director",
    "chief",
    "supervisor",
    "leader",
    "liaison",
    "firm",
    "another firm",
    "another township",
    "system administrator",
    "auditor",
    "holder of the link",
    "stranger",
    STANDS_IN_CO,
    "director, also of the lead unit",
    "auditor, also of the lead unit",
    "head of a unit without a part",
    "dispatcher, also of a unit without a part",
)
OF_PROPOSALS = ("tickets.proposal", "tickets.decide", "tickets.withdraw")
WITHOUT_ACCOUNT = ("holder of the link", "stranger")

TABLE: dict[str, str] = {
    "GET accounts.audit": "ffffffffffffffffffffff-llff-ff",
    "GET accounts.audit_csv": "ffffffffffffffffffffff-llff-ff",
    "GET desk.index": "------------oo---------ll----o",
    "GET notifications.index": "tt-tt-t---------t------ll-tt--",
    "GET portal.rate_mine": "nnnnnnnnnnnnnnnnnnonnnnllnnnnn",
    "GET portal.rating": "ffffffffffffffffffoffffonfffff",
    "GET reports.ratings": "tttttfttttttssssfffftffllttfts",
    "GET tickets.attachment": "nnnnnnnnnnnnooooooonnnnllnnnno",
    "GET tickets.file_for_enterprise": "nnnnnnnnnnnnooooooonnnnllnnnno",
    "POST tickets.show_file": "nnnnnnnnnnnnooooooonnnnllnnnno",
    "GET tickets.detail": "ttttnnttttntooooooonnnnllttnno",
    "GET tickets.proposal": "----nn----n-oooooonnnnnll--nno",
    "GET tickets.revisits": "f--ff--ff-f---ff--ff-ffll--ff-",
    "GET tickets.spot_check": "fnnfffnffnfnooffffffnffllnnffo",
    "GET tickets.spot_checks": "f--fff-ff-f-ooffffff-ffll--ffo",
    "GET tickets.spot_draw": "fnnfffnffnfn--ffffffnffllnnff-",
    "GET tickets.step close_unreachable": "ffffnnffffnf-fff--fnnnnllffnn-",
    "GET tickets.step close_unsatisfied": "ffffnnffffnffofffffnnnnllffnnf",
    "GET tickets.step reopen": "ffffnnffffnfoffffffnnnnllffnno",
    "GET tickets.step revisit_close": "ffffnnffffnfooffoofnnnnllffnno",
    "GET tickets.step revisit_rework": "ffffnnffffnfooffoofnnnnllffnno",
    "POST portal.rate": "ffffffffffffffffffoffffonfffff",
    "POST tickets.decide": "ffffnnffffnfffofffnnnnnllffnnf",
    "POST tickets.export": "------------------nn---ll-----",
    "POST tickets.phone": "ttttnnttttntooooooonnnnllttnno",
    "POST tickets.presence": "----nn----n-------fnnnnll--nn-",
    "POST tickets.record_spot_check": "fnnfffnffnfnooffffffnffllnnffo",
    "POST tickets.revisit_phone": "ffffnnffffnfooffoofnnnnllffnno",
    "POST tickets.spot_check_phone": "fnnfffnffnfnooffffffnffllnnffo",
    "POST tickets.take_step close_unreachable": "ffffnnffffnf-fff--fnnnnllffnn-",
    "POST tickets.take_step close_unsatisfied": "ffffnnffffnffofffffnnnnllffnnf",
    "POST tickets.take_step reopen": "ffffnnffffnfoffffffnnnnllffnno",
    "POST tickets.take_step revisit_close": "ffffnnffffnfoooooofnnnnllffnno",
    "POST tickets.take_step revisit_rework": "ffffnnffffnfoooooofnnnnllffnno",
    "POST tickets.withdraw": "ffffnnffffnff-ffffnnnnnllffnnf",
}


@dataclass
class Town:
    """A township in which one problem was rated badly, one was asked about again, one waits."""

    people: dict[str, Actor]
    ids: dict[str, str]  # what stands in addresses
    tokens: dict[str, str]  # of the links that the enterprise holds
    of_step: dict[str, int]  # the ticket at which a step could be taken
    unit: str  # the one that is rated
    rows: int  # of ratings, and of second calls

    def ticket_of(self, line: "Line") -> int:
        """Return the ticket that a line is asked for."""
        return self.of_step.get(line.step or line.rule.endpoint, int(self.ids["ticket_id"]))

    def rating(self, line: "Line", *, key: str) -> dict[str, str]:
        """Return what somebody sends who writes down a rating, by whatever form."""
        version = db.session.get_one(Ticket, self.ticket_of(line)).version
        db.session.rollback()
        return ANSWERS | {"version": str(version), "idempotency_key": key}

    def tells(self, text: str) -> str:
        """Return the letter of a page that was answered."""
        check = f"/tickets/spot-checks/{self.ids['check_id']}"
        whole = (WORDS, AGAIN, SAID_BY, PICTURE, *SCORES, FORM, f'{check}"', f"{check}/phone")
        if any(one in text for one in whole):
            return "o"
        if f'scope="row">{self.unit}<' in text:
            return "s"
        return "t" if any(one in text for one in (REASON, *SUMS)) else "-"


@pytest.fixture
def town(app: Flask) -> Town:
    del app  # the database must be there
    town = remembered.once("ratings", build)
    attachments.prepare(PICTURE, io.BytesIO(jpeg()))  # its content lies in a folder of each test
    return town


def build() -> Town:
    """Make the township; every problem in it was handled by the same people."""
    office = asked_office()
    set_rules(office, spot_check_percent=100, rating_delay_workdays=0)
    former = make.unit()
    people = relations(office, former)
    twice = rated_twice(office)
    drawn = called_again(office, waits=False)
    waits = called_again(office, waits=True)
    lifted, asked_for = lifted_rework(office)
    rated = rated_badly(office)
    for one in db.session.scalars(select(Ticket).order_by(Ticket.id)).all():
        also_handled(one, office, former)
    make.absence(person(people["handler"]), person(people[STANDS_IN]))
    make.absence(person(people["head of a co-unit"]), person(people[STANDS_IN_CO]))
    checks = {one.ticket_id: one.id for one in db.session.query(SpotCheck)}
    ask()
    db.session.rollback()
    picture = db.session.scalars(select(Attachment)).one()
    return Town(
        people=people,
        ids={
            "ticket_id": str(rated.id),
            "attachment_id": str(picture.id),
            "check_id": str(checks[waits.id]),
            "draw_id": str(db.session.scalars(select(SpotDraw.id)).first()),
            "enterprise_id": str(office.enterprise_id),
            "unit_id": str(office.unit_id),
            "proposal_id": str(asked_for),
        },
        tokens={"rate": token(), "follow": followed(rated)},
        of_step={
            Event.CLOSE_UNSATISFIED: twice.id,
            Event.REOPEN: drawn.id,
            **dict.fromkeys(OF_PROPOSALS, lifted.id),
        },
        unit=former.name,  # whose dispatch was written down last
        rows=kept(),
    )


def relations(office: Office, former: OrgUnit) -> dict[str, Actor]:
    """Return one person for each relation to the ratings."""
    lead, co = (db.session.get_one(OrgUnit, id_) for id_ in (office.unit_id, office.other_unit_id))
    handler = office.actor(Role.HANDLER)
    far, apart = make.tenant("别处镇"), make.unit()
    return {
        "handler": handler,
        "handler, as a dispatcher": second_seat(handler, Role.DISPATCHER, None),
        "handler once, now a dispatcher": make.actor(Role.DISPATCHER, name=ONCE),
        "head of the lead unit": office.actor(Role.DEPT_HEAD),
        "member of the lead unit": office.more["colleague"],
        "liaison of the lead unit": make.actor(Role.LIAISON, unit=lead),
        "dispatcher, also of the lead unit": seated(Role.HANDLER, lead),
        "head of a co-unit": office.more["other head"],
        "member of a co-unit": office.more["other handler"],
        "dispatcher, also of a co-unit": seated(Role.DEPT_HEAD, co),
        "head of the former lead unit": make.actor(Role.DEPT_HEAD, unit=former),
        STANDS_IN: make.actor(Role.DISPATCHER),
        "dispatcher": office.more["second dispatcher"],
        "director": office.actor(Role.OFFICE_DIRECTOR),
        "chief": office.actor(Role.CHIEF),
        "supervisor": office.actor(Role.SUPERVISOR),
        "leader": office.actor(Role.LEADER),
        "liaison": office.actor(Role.LIAISON),
        "firm": office.actor(Role.ENTERPRISE_USER),
        "another firm": make.actor(Role.ENTERPRISE_USER, enterprise_id=make.enterprise().id),
        "another township": make.actor(Role.DISPATCHER, tenant=far),
        "system administrator": office.actor(Role.SYS_ADMIN),
        "auditor": office.actor(Role.AUDIT_ADMIN),
        STANDS_IN_CO: make.actor(Role.DISPATCHER),
        "director, also of the lead unit": seated(Role.HANDLER, lead, Role.OFFICE_DIRECTOR),
        "auditor, also of the lead unit": seated(Role.DEPT_HEAD, lead, Role.AUDIT_ADMIN),
        "head of a unit without a part": make.actor(Role.DEPT_HEAD, unit=apart),
        "dispatcher, also of a unit without a part": seated(Role.DEPT_HEAD, apart),
    }


def person(actor: Actor) -> User:
    return db.session.get_one(User, actor.user_id)


def second_seat(actor: Actor, role: Role, unit_id: int | None) -> Actor:
    """Give a person a second role, and return them acting in it."""
    with transaction():
        db.session.add(
            RoleHolding(
                tenant_id=actor.tenant_id, user_id=actor.user_id, role=role, unit_id=unit_id
            )
        )
    return Actor(
        tenant_id=actor.tenant_id,
        user_id=actor.user_id,
        role=role,
        name=actor.name,
        unit_id=unit_id,
    )


def seated(role: Role, unit: OrgUnit, first: Role = Role.DISPATCHER) -> Actor:
    """Return a dispatcher, or somebody else above the units, who has another seat in one."""
    found = make.actor(first)
    second_seat(found, role, unit.id)
    return found


def rated_badly(office: Office) -> Ticket:
    """Let a problem be rated, with a picture, handled again, and wait for the next word."""
    ticket = office.walk_to(Status.PENDING_REVISIT)
    say_no(office)
    picture = attachments.prepare(PICTURE, io.BytesIO(jpeg()))
    with transaction():
        attachments.attach(
            picture,
            actor=guest(office.tenant_id, office.enterprise_id),
            ticket_id=ticket.id,
            revisit_id=ticket.revisits[-1].id,
            hidden=True,
        )
    answer_again(office)
    office.revisit(reached=False, solved=None, result_score=None, words=WORDS)
    return office.ticket


def say_no(office: Office) -> None:
    office.revisit(
        solved=Solved.NO,
        result_score=1,
        attitude_score=2,
        comment=REASON,
        words=WORDS,
        said_by=SAID_BY,
        reasons=("not_solved",),
    )


def rated_twice(office: Office) -> Ticket:
    """Let a problem be rated badly in both rounds: it may be closed with a finding."""
    office.walk_to(Status.PENDING_REVISIT)
    say_no(office)
    answer_again(office)
    say_no(office)
    return office.ticket


def lifted_rework(office: Office) -> tuple[Ticket, int]:
    """Let a problem be rated badly twice, and a lifted rework wait for the chief's word."""
    ticket = rated_twice(office)
    asked_for = office.propose(
        Event.REVISIT_REWORK,
        Role.OFFICE_DIRECTOR,
        comment="请领导牵头",
        level=1,
        owner_id=office.actor(Role.LEADER).user_id,
    )
    return ticket, asked_for.id


def called_again(office: Office, *, waits: bool) -> Ticket:
    """Let a problem be closed and drawn; and called again, unless that still waits."""
    office.walk_to(Status.PENDING_REVISIT)
    office.revisit(words=WORDS, said_by=SAID_BY)
    with transaction():
        spot_checks.draw(office.tenant_id)
    if waits:
        return office.ticket
    check = db.session.scalars(select(SpotCheck).order_by(SpotCheck.id.desc())).first()
    assert check
    again = StepInput(channel=ContactChannel.PHONE, solved=Solved.NO, result_score=1, words=AGAIN)
    with transaction():
        spot_checks.record(check, again, actor=office.actor(Role.OFFICE_DIRECTOR))
    return office.ticket


def also_handled(ticket: Ticket, office: Office, former: OrgUnit) -> None:
    """Let a co-unit, a former lead unit and a former handler have had a part in it."""
    once = db.session.scalars(select(User).where(User.name == ONCE)).one()
    with transaction():
        db.session.add(
            CoTask(
                ticket_id=ticket.id,
                dispatch_id=ticket.dispatches[-1].id,
                unit_id=office.other_unit_id,
                state=CoTaskState.ACCEPTED,
                due_at=ticket.submitted_at,
            )
        )
        db.session.add(
            Dispatch(
                ticket_id=ticket.id,
                lead_unit_id=former.id,
                dispatched_at=ticket.submitted_at,
                ended_at=ticket.submitted_at,
                limit_workdays=5,
            )
        )
        db.session.add(
            TicketEvent(
                ticket_id=ticket.id,
                kind=Event.FIRST_CONTACT.value,
                source=Status.IN_PROGRESS,
                target=Status.IN_PROGRESS,
                actor_id=once.id,
                actor_role=Role.HANDLER,
                at=ticket.submitted_at,
            )
        )


def followed(ticket: Ticket) -> str:
    """Return the token of a link by which the enterprise follows a problem."""
    with transaction():
        link = links.make(
            "follow",
            f"ticket:{ticket.id}",
            tenant_id=ticket.tenant_id,
            lasts=timedelta(days=30),
        )
        db.session.flush()  # gives the link the id that its token is made of
        return links.token_of(link)


def kept() -> int:
    """Return how often enterprises were asked, answered and were called again."""
    db.session.rollback()
    return sum(
        db.session.scalar(select(func.count()).select_from(model)) or 0
        for model in (RatingRequest, Revisit, SpotCheck, SpotCall)
    )


def told() -> list[str]:
    """Return all that tells of ratings: their rows and pictures, and what came of them."""
    db.session.rollback()
    found = [
        repr(tuple(row))
        for model in RATINGS
        for row in db.session.execute(select(model.__table__).order_by(model.id))
    ]
    pictures = select(Attachment.id, Attachment.revisit_id, Attachment.sha256)
    tickets = select(Ticket.id, Ticket.round, Ticket.outcome, Ticket.unsatisfied_finding)
    heard = select(TicketEvent.id, TicketEvent.kind, TicketEvent.comment, TicketEvent.payload)
    for rows in (
        pictures.where(Attachment.revisit_id.is_not(None)).order_by(Attachment.id),
        tickets.order_by(Ticket.id),
        heard.where(TicketEvent.kind.in_(policy.HEARD)).order_by(TicketEvent.id),
    ):
        found += [repr(tuple(row)) for row in db.session.execute(rows)]
    db.session.rollback()
    return found


# ---- asking ----


@dataclass(frozen=True)
class Line:
    """A route with one of its methods; of a step, which."""

    rule: Rule
    method: str
    step: str = ""

    def __str__(self) -> str:
        return f"{self.method} {self.rule.endpoint} {self.step}".rstrip()

    @property
    def is_named(self) -> bool:
        return bool(self.step) or any(word in self.rule.endpoint for word in CALLED)


def routes(app: Flask) -> Iterator[tuple[Rule, str]]:
    """Return every rule with each method that it takes; none that ends or changes the seat."""
    for rule in sorted(app.url_map.iter_rules(), key=_place):
        if rule.endpoint not in ASSETS | UNASKED:
            yield from ((rule, method) for method in ASKED if method in (rule.methods or ()))


def _place(rule: Rule) -> tuple[bool, str]:
    """Return when a route is asked: what takes seats and accounts away comes last."""
    return rule.endpoint.startswith("accounts."), rule.endpoint


def lines(app: Flask) -> Iterator[Line]:
    """Return every line that there might be, those that read first."""
    for wanted in ASKED:
        for rule, method in routes(app):
            if method == wanted and rule.endpoint in {"tickets.step", "tickets.take_step"}:
                yield from (Line(rule, method, step.value) for step in STEPS)
            elif method == wanted:
                yield Line(rule, method)


def address_for(app: Flask, town: Town, line: Line, who: str) -> str:
    """Return an address about the rating; whoever does not hold a link has none."""
    ids, rule = {**town.ids, "ticket_id": str(town.ticket_of(line))}, line.rule
    if "token" in rule.arguments and who != "stranger":
        ids["token"] = town.tokens["follow" if "follow" in rule.rule else "rate"]
    if not line.step:
        return address(app, rule, line.method, ids)
    with app.test_request_context():
        return url_for(
            rule.endpoint, _method=line.method, ticket_id=town.ticket_of(line), name=line.step
        )


def letter(town: Town, line: Line, answer: TestResponse) -> str:
    """Return what an answer tells of the rating."""
    where, status = answer.location or "", answer.status_code
    if status == 401 or "/login" in where:
        return "l"
    if status in {403, 404}:
        return "f" if status == 403 else "n"
    offered = line.step and line.method == "GET" and status == HTTPStatus.OK
    asked_for_more = line.method == "POST" and status == 422 and str(line) in TABLE
    if offered or asked_for_more or town.tokens["rate"] in where or answer.mimetype == "image/jpeg":
        return "o"
    return town.tells(read(answer.data))


def read(content: bytes) -> str:
    """Return the text of a page, or of all that a spreadsheet holds."""
    if not content.startswith(b"PK"):
        return content.decode(errors="replace")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return "".join(archive.read(name).decode(errors="replace") for name in archive.namelist())


def browser_of(town: Town, who: str, app: Flask, client_for: Browse) -> FlaskClient:
    return app.test_client() if who in WITHOUT_ACCOUNT else client_for(town.people[who])


def forms(town: Town, line: Line, *, may: bool, key: str) -> list[dict[str, str]]:
    """Return what is sent.

    Whoever may enter a rating sends an empty form, which is asked to be filled; everybody else
    sends a rating, and an empty form as well, for a page that asks for more may tell what was said.
    """
    if line.method == "GET":
        return [{}]
    rating = town.rating(line, key=key)
    if str(line) not in TABLE or (line.rule.endpoint in OF_PROPOSALS and not may):
        return [rating]
    return [{}] if may else [rating, {}]


@dataclass
class Found:
    """What the routes told somebody, and which of them touched a rating."""

    letters: dict[str, str]
    touched: list[str]


def asked(app: Flask, town: Town, sign_in: Callable[[], FlaskClient], who: str) -> Found:
    """Return the letter of each line that is in the table, or that has to do with a rating.

    Whose session a route has ended signs in again. Of several forms the one counts that is told
    most.
    """
    place, browser, before = COLUMNS.index(who), sign_in(), told()
    found = Found({}, [])
    for number, line in enumerate(lines(app)):
        url = address_for(app, town, line, who)
        browser.environ_base["REMOTE_ADDR"] = f"10.0.{number // 250}.{number % 250}"  # no guesser
        got, may = "-", TABLE.get(str(line), "-" * len(COLUMNS))[place] == "o"
        for sent in forms(town, line, may=may, key=f"{number:032}"):
            answer = browser.open(url, method=line.method, data=sent)
            said = letter(town, line, answer)
            if said == "l" and who not in WITHOUT_ACCOUNT:
                browser = sign_in()
                said = letter(town, line, browser.open(url, method=line.method, data=sent))
            if not sent and not may and answer.status_code == 422:  # a form, and beside it what?
                said = town.tells(answer.text.replace(FORM, ""))
            got = said if got == "-" or said in "ots" else got
        if str(line) in TABLE or line.is_named or got in "ots":
            found.letters[str(line)] = got
        if line.method != "GET" and told() != before:
            found.touched.append(str(line))
            before = told()
    return found


@pytest.mark.parametrize("who", COLUMNS)
def test_every_route_tells_and_takes_of_a_rating_what_the_table_says(
    app: Flask, town: Town, client_for: Browse, who: str
) -> None:
    place = COLUMNS.index(who)

    found = asked(app, town, lambda: browser_of(town, who, app, client_for), who)

    assert found.letters == {line: letters[place] for line, letters in TABLE.items()}
    assert found.touched == []
    assert kept() == town.rows


def test_every_route_that_changes_anything_is_placed(app: Flask) -> None:
    changing = {
        rule.endpoint for rule in app.url_map.iter_rules() if (rule.methods or set()) & CHANGING
    }
    in_table = {line.split()[1] for line in TABLE if line.split()[0] in CHANGING}
    apart = {f"{blueprint}.{name}" for blueprint, names in CANNOT.items() for name in names.split()}

    assert changing - in_table - apart - UNASKED == set()  # add it to TABLE, or to CANNOT
    assert apart - changing == set()
    assert in_table & apart == set()


@pytest.mark.parametrize("name", ["tickets.take_step revisit_close", "tickets.record_spot_check"])
def test_what_others_are_refused_is_taken_from_who_may(
    app: Flask, town: Town, client_for: Browse, name: str
) -> None:
    (line,) = (line for line in lines(app) if str(line) == f"POST {name}")
    url = address_for(app, town, line, "dispatcher")

    answer = client_for(town.people["dispatcher"]).post(url, data=town.rating(line, key="e" * 32))

    assert answer.status_code == HTTPStatus.SEE_OTHER
    assert kept() == town.rows + 1
