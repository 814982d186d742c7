"""Role × route: what every page answers to every role, and that what is confidential shows nowhere.

`TABLE` is the expectation, a line for each route and method, a letter for each role in the order
of `COLUMNS`. Whoever adds a route adds its line: the test that fails prints it as the product
answers today, to be judged before it is copied.

    o  answered: shown, carried out, or the form is shown again with what is wrong
    f  forbidden (403)      n  not found (404)      l  sent to sign in (302 or 401)

A route about a ticket is asked for several tickets. Its line holds for an ordinary one, a second
line (`…@other`) for one of another unit; what is confidential to the viewer, or another tenant's,
is answered like a ticket that does not exist.
"""

from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from itertools import count

import pytest
from flask import Flask, url_for
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from app.accounts.models import OrgUnit
from app.accounts.roles import PEOPLE, Actor, Role
from app.core.db import db
from app.core.transactions import transaction
from app.enterprises.models import Enterprise, Linkage
from app.tickets import service as tickets
from app.tickets.models import Category, Ticket
from app.tickets.workflow.states import Event, Status
from tests import make, remembered
from tests.office import Office, open_office

Browse = Callable[[Actor], FlaskClient]

COLUMNS = PEOPLE  # and last, without a role: whoever is not signed in
TITLE = "窗口人员态度生硬多次推诿"
WORDS = "企业三次上门办证都被推到别的窗口，没有人说明缺什么。"
METHODS = ("GET", "POST")
ASSETS = {"static", "bootstrap.static"}
#: What ends the session or changes the role with which one asks.
UNASKED = {"accounts.sign_out", "accounts.act_as"}
NOWHERE = "2147483000"  # an id that nothing has
#: What stands in an address where it names a thing; made by `World`, or the same for all.
FIXED: dict[str, str] = {
    "day": "2026-10-01",
    "year": "2026",
    "token": "none",
    "name": "urged",
    "period": "2026-08",
    "kind": "financing",
    "whose": "tenant",
    "rule": "R1",
}
NAMES = {"accounts.trail": "people", "tickets.bulk": "accept", "tickets.do_bulk": "accept"}
SHELF = "documents"  # of the library
#: Pages that other pages lead to with something in the address.
ALSO_ASKED = (
    "/tickets?view=all",
    "/tickets?view=all&sort=newest&page=1",
    "/tickets?q=态度生硬",
    "/tickets?mine=1",
    "/tickets?view=open&light=green",
    "/visits?page=1",
    "/admin/audit?subject=ticket",
    "/tickets/{waiting}/steps/accept",
    "/tickets/{waiting}/steps/merge",
    "/tickets/{waiting}",
    "/inbox",
)

# The order:      sys aud chi lea dir dis hea han lia sup vil ent out
TABLE: dict[str, str] = {
    "GET accounts.audit": "foffffffffffl",
    "GET accounts.audit_csv": "foffffffffffl",
    "GET accounts.confirm_end": "offfffffffffl",
    "GET accounts.confirm_reset": "offfffffffffl",
    "GET accounts.confirm_state": "offfffffffffl",
    "GET accounts.login": "ooooooooooooo",
    "GET accounts.new_unit": "offfffffffffl",
    "GET accounts.new_user": "offfffffffffl",
    "GET accounts.parameters": "offfffffffffl",
    "GET accounts.password": "ooooooooooool",
    "GET accounts.start": "ooooooooooooo",
    "GET accounts.trail": "offfffffffffl",
    "GET accounts.unit": "offfffffffffl",
    "GET accounts.units": "offfffffffffl",
    "GET accounts.user": "offfffffffffl",
    "GET accounts.users": "offfffffffffl",
    "GET catalogue.edit": "offfofffffffl",
    "GET catalogue.index": "offfofffffffl",
    "GET catalogue.new": "offfofffffffl",
    "GET demo.travel": "nnnnnnnnnnnnl",
    "GET desk.absence": "nnnnnnnnnnnnl",
    "GET desk.absences": "ooooooooooool",
    "GET desk.calendar": "ooooooooooool",
    "GET desk.calendar_feed": "nnnnnnnnnnnnn",
    "GET desk.components": "ooooooooooool",
    "GET desk.healthz": "ooooooooooooo",
    "GET desk.help_page": "ooooooooooool",
    "GET desk.index": "ooooooooooool",
    "GET desk.settings": "ooooooooooool",
    "GET enterprises.contact": "nnffoonnffnfl",
    "GET enterprises.contact_removal": "nnffoonnffnfl",
    "GET enterprises.detail": "nnoooonnoonol",
    "GET enterprises.edit": "nnffoonnffnfl",
    "GET enterprises.edit_project": "nnfnoonnnfnnl",
    "GET enterprises.index": "ooooooooooool",
    "GET enterprises.linkage": "nnffoonnffnfl",
    "GET enterprises.new": "ffffooffffffl",
    "GET enterprises.new_contact": "nnffoonnffnfl",
    "GET enterprises.new_project": "ffffooffffffl",
    "GET enterprises.new_year": "nnffoonnffnfl",
    "GET enterprises.project": "nnonoonnnonnl",
    "GET enterprises.project_linkage": "nnfnoonnnfnnl",
    "GET enterprises.projects": "ooooooooooool",
    "GET enterprises.year": "nnffoonnffnfl",
    "GET letters.confirm_default": "offfofffffffl",
    "GET letters.edit": "offfofffffffl",
    "GET letters.index": "offfofffffffl",
    "GET letters.sent": "offfofffffffl",
    "GET letters.sheet": "offfofffffffl",
    "GET library.answers": "ofooooooooffl",
    "GET library.index": "ofooooooooffl",
    "GET library.kept": "nfnnnnnnnnffl",
    "GET library.new": "offfooffffffl",
    "GET notifications.index": "ooooooooooool",
    "GET notifications.outbox": "offfooffffffl",
    "GET portal.follow": "ooooooooooooo",
    "GET portal.followed": "nnnnnnnnnnnnn",
    "GET portal.followed_file": "nnnnnnnnnnnnn",
    "GET portal.withdrawal": "nnnnnnnnnnnnn",
    "GET reports.deliveries": "ffofoofffoffl",
    "GET reports.digest": "ffooofffffffl",
    "GET reports.index": "ffoooofffoffl",
    "GET reports.month": "ffnnnnfffnffl",
    "GET notifications.outbox_again": "offfooffffffl",
    "GET notifications.outbox_new_robot": "offfooffffffl",
    "GET notifications.outbox_resend": "nfffnnffffffl",
    "GET notifications.outbox_robot": "nfffnnffffffl",
    "GET notifications.outbox_robots": "offfooffffffl",
    "GET notifications.outbox_settings": "offfooffffffl",
    "GET notifications.outbox_sms": "offfooffffffl",
    "GET notifications.outbox_unreached": "offfooffffffl",
    "GET portal.rate_mine": "nnnnnnnnnnnnl",
    "GET portal.rate_mine@other": "nnnnnnnnnnnnl",
    "GET portal.rating": "nnnnnnnnnnnnn",
    "GET portal.card_sheet": "ffffnnffffffl",
    "GET portal.confirm_renewal": "ffffooffffffl",
    "GET portal.confirm_revocation": "ffffooffffffl",
    "GET portal.held": "ffffooffffffl",
    "GET portal.held_file": "ffffnnffffffl",
    "GET portal.letter": "ffffnnffffffl",
    "GET portal.look_for_answers": "ooooooooooooo",
    "GET portal.poster": "ffffooffffffl",
    "GET portal.poster_code": "ffffnnffffffl",
    "GET portal.poster_sheet": "ffffnnffffffl",
    "GET portal.posters": "fffoooffofffl",
    "GET portal.tell": "nnnnnnnnnnnnn",
    "GET portal.tell_by_code": "nnnnnnnnnnnnn",
    "GET portal.told": "ooooooooooooo",
    "GET servicedays.appointment": "nnfnooffofnnl",
    "GET servicedays.confirm_cancel": "nnfnooffffnnl",
    "GET servicedays.confirm_hold": "nnfnooffffnnl",
    "GET servicedays.detail": "nnonoooooonnl",
    "GET servicedays.edit": "nnfnooffffnnl",
    "GET servicedays.index": "ooooooooooool",
    "GET servicedays.invitation": "nnnnnnnnnnnnn",
    "GET servicedays.new": "ffffooffffffl",
    "GET servicedays.new_appointment": "nnfnooffofnnl",
    "GET servicedays.notice": "nnonoooooonnl",
    "GET servicedays.problems": "nnfnfoffofnnl",
    "GET servicedays.reception": "nnfnooffofnnl",
    "GET servicedays.results": "nnonoooooonnl",
    "GET servicedays.sheet": "nnonoooooonnl",
    "GET operations.timetable": "offfofffffffl",
    "GET tickets.attachment": "nnnnnnnnnnnnl",
    "GET tickets.attachment@other": "nnnnnnnnnnnnl",
    "GET tickets.bulk": "nnnnnonnnnnnl",
    "GET tickets.common": "nnnnnnnnnnnnl",
    "GET tickets.common_edit": "nnnnnnnnnnnnl",
    "GET tickets.common_join": "nnffooffffnfl",
    "GET tickets.common_join@other": "nnffoonnffnfl",
    "GET tickets.common_leave": "nnnnnnnnnnnnl",
    "GET tickets.common_leave@other": "nnnnnnnnnnnnl",
    "GET tickets.common_new": "ffffooffffffl",
    "GET tickets.commons": "ooooooooooool",
    "GET tickets.detail": "nnoooooooonol",
    "GET tickets.detail@other": "nnoooonnoonol",
    "GET tickets.edit": "nnffffffffnfl",
    "GET tickets.edit@other": "nnffffnnffnfl",
    "GET tickets.export_page": "ooooooooooonl",
    "GET tickets.file_for_enterprise": "nnnnnnnnnnnnl",
    "GET tickets.file_for_enterprise@other": "nnnnnnnnnnnnl",
    "GET tickets.follow_links": "nnffooffffnfl",
    "GET tickets.follow_links@other": "nnffoonnffnfl",
    "GET tickets.index": "ooooooooooool",
    "GET tickets.new": "fffofoffoffol",
    "GET tickets.new_view": "ooooooooooonl",
    "GET tickets.note": "nnnooooonnnnl",
    "GET tickets.note@other": "nnnnnnnnnnnnl",
    "GET tickets.proposal": "nnnnnnnnnnnnl",
    "GET tickets.proposal@other": "nnnnnnnnnnnnl",
    "GET reports.ratings": "ffofoooofoffl",
    "GET tickets.revisits": "fffoooffofffl",
    "GET tickets.spot_check": "ffffnnffffffl",
    "GET tickets.spot_checks": "ffffooffffffl",
    "GET tickets.spot_draw": "ffffnnffffffl",
    "POST tickets.record_spot_check": "ffffnnffffffl",
    "POST tickets.revisit_phone": "nnoooooooonol",
    "POST tickets.revisit_phone@other": "nnoooonnoonol",
    "POST tickets.show_file": "nnnnnnnnnnnnl",
    "POST tickets.show_file@other": "nnnnnnnnnnnnl",
    "POST tickets.spot_check_phone": "ffffnnffffffl",
    "GET tickets.step": "nnoooofffonfl",
    "GET tickets.step@other": "nnoooonnfonfl",
    "GET tickets.supervision": "ffoooofffoffl",
    "GET tickets.view": "nnnnnnnnnnnnl",
    "GET tickets.views": "ooooooooooonl",
    "GET visits.coverage": "ffooooffooffl",
    "GET visits.campaign": "ffooooffooffl",
    "GET visits.campaigns": "ffooooffooffl",
    "GET visits.detail": "nnoooonnoonnl",
    "GET visits.edit_village": "nnfnoonnnfnnl",
    "GET visits.exemption": "nnfooonnofnnl",
    "GET visits.exemptions": "ooooooooooool",
    "GET visits.file": "nnnnnnnnnnnnl",
    "GET visits.handover": "ffffnnffffffl",
    "GET visits.handover_new": "ffffooffffffl",
    "GET visits.handover_preview": "ffffnnffffffl",
    "GET visits.handover_undo": "ffffnnffffffl",
    "GET visits.handovers": "ffffooffffffl",
    "GET visits.index": "ooooooooooool",
    "GET visits.invitation": "nnnnnnnnnnnnn",
    "GET visits.mine": "ooooooooooool",
    "GET visits.need": "nnoooonnoonnl",
    "GET visits.needs": "ffooooffooffl",
    "GET visits.new": "fffoooffofffl",
    "GET visits.new_campaign": "ffffooffffffl",
    "GET visits.new_village": "fffoooffffffl",
    "GET visits.plan": "nnfooonnofnnl",
    "GET visits.policies": "ffooooffooffl",
    "GET visits.promise": "nnoooonnoonnl",
    "GET visits.quotas": "ffooooffooffl",
    "GET visits.rules": "ooooooooooool",
    "GET visits.villages": "ffooooffooffl",
    "GET workdays.confirm": "ofooooooooffl",
    "GET workdays.day": "ofooooooooffl",
    "GET workdays.enter": "ofooooooooffl",
    "GET workdays.index": "ofooooooooffl",
    "POST accounts.begin": "ooooooooooooo",
    "POST accounts.change_password": "ooooooooooool",
    "POST accounts.change_state": "offfffffffffl",
    "POST accounts.create_unit": "offfffffffffl",
    "POST accounts.create_user": "offfffffffffl",
    "POST accounts.edit_unit": "offfffffffffl",
    "POST accounts.edit_user": "offfffffffffl",
    "POST accounts.end_role": "offfffffffffl",
    "POST accounts.give_role": "offfffffffffl",
    "POST accounts.preferences": "ooooooooooooo",
    "POST accounts.reset_password": "offfffffffffl",
    "POST accounts.set_office_phone": "offfffffffffl",
    "POST accounts.set_parameters": "offfffffffffl",
    "POST accounts.sign_in": "ooooooooooooo",
    "POST catalogue.add": "offfofffffffl",
    "POST catalogue.put_into_use": "offfofffffffl",
    "POST catalogue.save": "offfofffffffl",
    "POST demo.go": "nnnnnnnnnnnnl",
    "POST desk.end_absence": "nnnnnnnnnnnnl",
    "POST desk.give_calendar": "ooooooooooool",
    "POST desk.note_absence": "ooooooooooool",
    "POST desk.save_reminders": "ooooooooooool",
    "POST desk.save_settings": "ooooooooooool",
    "POST desk.take_calendar": "ooooooooooool",
    "POST enterprises.add_contact": "nnoooonnoonol",
    "POST enterprises.change_linkage": "nnffoonnffnfl",
    "POST enterprises.create": "ffffooffffffl",
    "POST enterprises.create_project": "ffffooffffffl",
    "POST enterprises.end_linkage": "nnffoonnffnfl",
    "POST enterprises.remove_contact": "nnffoonnffnfl",
    "POST enterprises.reveal": "nnoonnnnoonol",
    "POST enterprises.save": "nnffoonnffnfl",
    "POST enterprises.save_contact": "nnoonnnnoonol",
    "POST enterprises.save_project": "nnfnoonnnfnnl",
    "POST enterprises.save_year": "nnoooonnoonol",
    "POST enterprises.start_linkage": "nnffoonnffnfl",
    "POST enterprises.start_project_linkage": "nnfnoonnnfnnl",
    "POST letters.restore_default": "offfofffffffl",
    "POST letters.save": "offfofffffffl",
    "POST letters.send_test": "offfofffffffl",
    "POST letters.try_words": "offfofffffffl",
    "POST library.add": "offfooffffffl",
    "POST library.save": "nfnnnnnnnnffl",
    "POST library.withdraw": "nfnnnnnnnnffl",
    "POST notifications.mark_read": "nnnnnnnnnnnnl",
    "POST notifications.open_message": "nnnnnnnnnnnnl",
    "POST notifications.outbox_add_robot": "offfooffffffl",
    "POST notifications.outbox_save_robot": "nfffnnffffffl",
    "POST notifications.outbox_save_sms": "offfooffffffl",
    "POST notifications.outbox_send_all": "nfffnnffffffl",
    "POST notifications.outbox_try_mail": "offfooffffffl",
    "POST notifications.outbox_try_robot": "nfffnnffffffl",
    "POST notifications.outbox_try_sms": "offfooffffffl",
    "POST notifications.read_all": "ooooooooooool",
    "POST notifications.send_again": "nfffnnffffffl",
    "POST portal.go_on": "nnnnnnnnnnnnn",
    "POST portal.leave": "ooooooooooooo",
    "POST portal.open_ticket": "ooooooooooooo",
    "POST portal.supplement": "nnnnnnnnnnnnn",
    "POST portal.withdraw": "nnnnnnnnnnnnn",
    "POST reports.confirm": "ffooofffffffl",
    "POST reports.direct": "ffoonfffffffl",
    "POST reports.direct@other": "ffoonfffffffl",
    "POST servicedays.book": "nnfnooffofnnl",
    "POST portal.discard": "ffffnnffffffl",
    "POST portal.letter_phone": "ffffnnffffffl",
    "POST portal.make_code": "ffffooffffffl",
    "POST portal.release": "ffffnnffffffl",
    "POST portal.release_to": "ffffnnffffffl",
    "POST portal.release_to_new": "ffffnnffffffl",
    "POST portal.renew_code": "ffffooffffffl",
    "POST portal.restore": "ffffnnffffffl",
    "POST portal.revoke_code": "ffffooffffffl",
    "POST portal.send": "nnnnnnnnnnnnn",
    "POST portal.send_by_code": "nnnnnnnnnnnnn",
    "POST servicedays.book_self": "nnnnnnnnnnnnn",
    "POST servicedays.cancel": "nnfnooffffnnl",
    "POST servicedays.create": "ffffooffffffl",
    "POST servicedays.hold": "nnfnooffffnnl",
    "POST servicedays.move": "nnfnooffofnnl",
    "POST servicedays.receive": "nnfnfoffofnnl",
    "POST servicedays.release": "nnfnooffofnnl",
    "POST servicedays.release_self": "nnnnnnnnnnnnn",
    "POST servicedays.reveal": "nnfnooffofnnl",
    "POST servicedays.save": "nnfnooffffnnl",
    "POST servicedays.sign_in": "nnfnooffofnnl",
    "POST servicedays.walk_in": "nnfnooffofnnl",
    "POST tickets.change_view": "nnnnnnnnnnnnl",
    "POST tickets.common_add": "ffffooffffffl",
    "POST tickets.common_dispatch": "nnnnnnnnnnnnl",
    "POST tickets.common_draft": "nnnnnnnnnnnnl",
    "POST tickets.common_end": "nnnnnnnnnnnnl",
    "POST tickets.common_joined": "nnffooffffnfl",
    "POST tickets.common_joined@other": "nnffoonnffnfl",
    "POST tickets.common_left": "nnnnnnnnnnnnl",
    "POST tickets.common_left@other": "nnnnnnnnnnnnl",
    "POST tickets.common_publish": "nnnnnnnnnnnnl",
    "POST tickets.common_save": "nnnnnnnnnnnnl",
    "POST tickets.create": "fffofoffoffol",
    "POST tickets.create_view": "ooooooooooonl",
    "POST tickets.decide": "nnnnnnnnnnnnl",
    "POST tickets.decide@other": "nnnnnnnnnnnnl",
    "POST tickets.do_bulk": "nnnnnonnnnnnl",
    "POST tickets.export": "ooooooooooonl",
    "POST tickets.phone": "nnoooooooonol",
    "POST tickets.phone@other": "nnoooonnoonol",
    "POST tickets.presence": "nnoooooooonfl",
    "POST tickets.presence@other": "nnoooonnoonfl",
    "POST tickets.remove_file": "nnffffffffnfl",
    "POST tickets.remove_file@other": "nnffffnnffnfl",
    "POST tickets.remove_view": "nnnnnnnnnnnnl",
    "POST tickets.revoke_links": "nnffooffffnfl",
    "POST tickets.revoke_links@other": "nnffoonnffnfl",
    "POST tickets.save": "nnffffffffnfl",
    "POST tickets.save@other": "nnffffnnffnfl",
    "POST tickets.take_step": "nnoooofffonfl",
    "POST tickets.take_step@other": "nnoooonnfonfl",
    "POST tickets.withdraw": "nnnnnnnnnnnnl",
    "POST tickets.withdraw@other": "nnnnnnnnnnnnl",
    "POST portal.rate": "nnnnnnnnnnnnn",
    "POST visits.answer": "nnnnnnnnnnnnn",
    "POST visits.cancel_plan": "nnfooonnofnnl",
    "POST visits.join": "nnfnnnnnnfnnl",
    "POST visits.leave": "nnfooonnofnnl",
    "POST visits.add_files": "nnffoonnofnnl",
    "POST visits.ask_exemption": "nnoooonnoonnl",
    "POST visits.begin_campaign": "ffffooffffffl",
    "POST visits.count_households": "fffoooffffffl",
    "POST visits.decide_exemption": "nnoooonnoonnl",
    "POST visits.end_campaign": "ffffooffffffl",
    "POST visits.follow_need": "nnffoonnffnnl",
    "POST visits.move_campaign": "ffffooffffffl",
    "POST visits.handover_arrange": "ffffnnffffffl",
    "POST visits.handover_ask": "offfffffffffl",
    "POST visits.handover_call_off": "ffffnnffffffl",
    "POST visits.record": "fffoooffofffl",
    "POST visits.change_village": "nnfnoonnnfnnl",
    "POST visits.record_village": "fffoooffffffl",
    "POST visits.reveal": "nnoonnnnoonnl",
    "POST visits.save_plan": "nnoooonnoonnl",
    "POST visits.settle_promise": "nnfooonnofnnl",
    "POST workdays.save_confirm": "ofooooooooffl",
    "POST workdays.save_day": "ofooooooooffl",
    "POST workdays.save_enter": "ofooooooooffl",
}


@dataclass
class World:
    """A township with four tickets, and somebody of each role who is none of the named few."""

    office: Office
    viewers: dict[Role, Actor]
    ids: dict[str, dict[str, str]]  # by kind of ticket: what stands in addresses about it
    number: str
    waiting: int  # a ticket of the same enterprise that nobody has accepted


def build() -> World:
    """Make the township. The confidential ticket has a title and words of its own."""
    return remembered.once("world", _build)


def _build() -> World:
    office = open_office()
    office.walk_to(Status.IN_PROGRESS)
    ordinary = office.ticket_id
    secret = _confidential(office)
    other = make.ticket(
        enterprise=db.session.get_one(Enterprise, office.enterprise_id),
        lead_unit_id=office.other_unit_id,
    )
    waiting = make.ticket(
        Status.PENDING_ACCEPTANCE,
        enterprise=db.session.get_one(Enterprise, office.enterprise_id),
        title=TITLE[:-2],
        category_id=db.session.get_one(Ticket, secret).category_id,
    )
    far = make.tenant("别处镇")
    elsewhere = make.ticket(tenant=far)
    number = db.session.get_one(Ticket, secret).number or "none"
    things = _things(office)
    return World(
        office=office,
        viewers=latecomers(office),
        ids={
            kind: things | {"ticket_id": str(ticket_id)}
            for kind, ticket_id in (
                ("ordinary", ordinary),
                ("confidential", secret),
                ("other", other.id),
                ("elsewhere", elsewhere.id),
                ("nowhere", NOWHERE),
            )
        },
        number=number,
        waiting=waiting.id,
    )


def _confidential(office: Office) -> int:
    """Walk a confidential ticket to the unit; it has a file and a note."""
    kind = Category(tenant_id=office.tenant_id, code="19", name="服务效能与作风", confidential=True)
    with transaction():
        db.session.add(kind)
    words = {"title": TITLE, "description": WORDS, "category_id": kind.id}
    office.open(Role.DISPATCHER, **words)
    office.take(Event.SUBMIT, Role.DISPATCHER)
    office.take(Event.ACCEPT, Role.DISPATCHER)
    office.take(Event.DISPATCH, Role.DISPATCHER)
    office.take(Event.SIGN, Role.DEPT_HEAD)
    with transaction():
        tickets.urge(office.ticket, "请抓紧", actor=office.people[Role.OFFICE_DIRECTOR])
    return office.ticket_id


def latecomers(office: Office) -> dict[Role, Actor]:
    """Return one of each role who may not know of the confidential ticket, but the enterprise."""
    unit = db.session.get_one(OrgUnit, office.unit_id)
    fresh = {
        Role.CHIEF: make.actor(Role.CHIEF),
        Role.OFFICE_DIRECTOR: make.actor(Role.OFFICE_DIRECTOR),
        Role.DISPATCHER: office.more["second dispatcher"],
        Role.DEPT_HEAD: make.actor(Role.DEPT_HEAD, unit=unit),
    }
    return office.people | fresh


def _things(office: Office) -> dict[str, str]:
    """Return the ids of what pages are about besides tickets."""
    firm = db.session.get_one(Enterprise, office.enterprise_id)
    contact, project = make.contact(enterprise=firm), make.project()
    link = db.session.scalars(db.select(Linkage)).first()
    assert link
    visit, task = make.visit(linkage=link), make.task(linkage=link)
    person = make.user(Role.SUPERVISOR)
    holding = person.roles[0]
    here = db.session.get_one(OrgUnit, office.unit_id)
    day = make.service_day(units=[here])
    appointment = make.appointment(day=day, enterprise=firm)
    return {
        "enterprise_id": str(firm.id),
        "contact_id": str(contact.id),
        "project_id": str(project.id),
        "linkage_id": str(link.id),
        "visit_id": str(visit.id),
        "village_visit_id": str(make.village_visit().id),
        "campaign_id": str(make.campaign().id),
        "need_id": str(make.need(visit=visit).id),
        "promise_id": str(make.promise(visit=visit).id),
        "task_id": str(task.id),
        "user_id": str(person.id),
        "holding_id": str(holding.id),
        "unit_id": str(office.other_unit_id),
        "category_id": str(office.category_id),
        "day_id": str(day.id),
        "appointment_id": str(appointment.id),
        "attachment_id": "1",
        "proposal_id": "1",
        "message_id": "1",
    }


@pytest.fixture
def world(app: Flask) -> World:
    del app  # the database must be there
    return build()


def routes(app: Flask) -> Iterator[tuple[Rule, str]]:
    """Return every rule with each method that it takes."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.endpoint):
        if rule.endpoint not in ASSETS | UNASKED:
            yield from ((rule, method) for method in METHODS if method in (rule.methods or ()))


def lines_of(rule: Rule, method: str) -> list[tuple[str, str]]:
    """Return the lines that a rule may have in the table, each with its kind of ticket."""
    base = f"{method} {rule.endpoint}"
    if "ticket_id" not in rule.arguments:
        return [(base, "ordinary")]
    return [(base, "ordinary"), (f"{base}@other", "other")]


def address(app: Flask, rule: Rule, method: str, ids: dict[str, str]) -> str:
    """Return an address of `rule`; of what nobody made it names the one with the id 1."""
    values = {name: ids.get(name, FIXED.get(name, "1")) for name in rule.arguments}
    if rule.endpoint in NAMES:
        values["name"] = NAMES[rule.endpoint]
    elif rule.endpoint.startswith("library.") and "name" in values:
        values["name"] = SHELF
    with app.test_request_context():
        return url_for(rule.endpoint, _method=method, **values)


_PLACES = count(1)


def from_elsewhere() -> dict[str, str]:
    """Return an address that nobody asked from: a place that guesses at links is locked out."""
    return {"REMOTE_ADDR": str(IPv4Address("10.0.0.0") + next(_PLACES))}


@dataclass
class Reader:
    """A browser that asks for each page once: what is read stays as it was read first."""

    browser: FlaskClient
    pages: dict[str, TestResponse] = field(default_factory=dict)

    def open(self, method: str, url: str) -> TestResponse:
        if method != "GET":
            return self.browser.open(url, method=method, environ_overrides=from_elsewhere())
        if url not in self.pages:
            self.pages[url] = self.browser.get(url, environ_overrides=from_elsewhere())
        return self.pages[url]


def ask(reader: Reader, method: str, url: str) -> str:
    """Return the letter of what is answered."""
    answer = reader.open(method, url)
    if answer.status_code == 401 or "/login" in (answer.location or ""):
        return "l"
    assert answer.status_code < 500, f"{method} {url}: {answer.status_code}"
    return {403: "f", 404: "n"}.get(answer.status_code, "o")


def asked(
    app: Flask, world: World, reader: Reader, only: Container[str] | None = None
) -> dict[str, str]:
    """Return the letter of each line for one reader; what reads first, then what writes."""
    found = {}
    for wanted in METHODS:
        for rule, method in routes(app):
            for line, kind in lines_of(rule, method):
                if method == wanted and (only is None or line in only):
                    url = address(app, rule, method, world.ids[kind])
                    found[line] = ask(reader, method, url)
    return found


def test_the_table_has_a_line_for_every_route_and_no_other(
    app: Flask, world: World, client_for: Browse
) -> None:
    there = {line for rule, method in routes(app) for line, _ in lines_of(rule, method)}
    missing = there - set(TABLE)
    columns = [client_for(world.viewers[role]) for role in COLUMNS] + [app.test_client()]

    letters = [asked(app, world, Reader(each), missing) for each in columns] if missing else []
    proposed = "\n".join(
        f'    "{line}": "{"".join(each[line] for each in letters)}",' for line in sorted(missing)
    )

    assert not missing, f"judge and add to TABLE:\n{proposed}"
    assert set(TABLE) == there
    assert {len(line) for line in TABLE.values()} == {len(COLUMNS) + 1}


@pytest.mark.parametrize("role", [*COLUMNS, None])
def test_every_route_answers_each_role_as_the_table_says_and_tells_nothing_confidential(
    app: Flask, world: World, client_for: Browse, role: Role | None
) -> None:
    reader = Reader(client_for(world.viewers[role]) if role else app.test_client())

    if role is not Role.ENTERPRISE_USER:  # whose own ticket it is
        assert telling(app, world, reader, named=role is not Role.AUDIT_ADMIN) == []
    assert hidden_and_known(app, world, reader, role) == []
    place = COLUMNS.index(role) if role else len(COLUMNS)
    answers = asked(app, world, reader, TABLE)
    expected = {line: TABLE[line][place] for line in answers}
    assert {line: got for line, got in answers.items() if got != expected[line]} == {}


def test_another_enterprise_sees_nothing_confidential(
    app: Flask, world: World, client_for: Browse
) -> None:
    stranger = make.actor(Role.ENTERPRISE_USER, enterprise_id=make.enterprise().id)

    assert telling(app, world, Reader(client_for(stranger))) == []


def telling(app: Flask, world: World, reader: Reader, *, named: bool = True) -> list[str]:
    """Return the pages that tell something confidential; its number counts where `named`."""
    words = [TITLE, WORDS] + ([world.number] if named else [])
    pages = [
        address(app, rule, method, ids)
        for rule, method in routes(app)
        if method == "GET"
        for ids in (world.ids.values() if "ticket_id" in rule.arguments else [world.ids["other"]])
    ]
    pages += [each.format(waiting=world.waiting) for each in ALSO_ASKED]
    shown = {url: reader.open("GET", url).get_data(as_text=True) for url in dict.fromkeys(pages)}
    return [url for url, text in shown.items() if any(word in text for word in words)]


def hidden_and_known(
    app: Flask, world: World, reader: Reader, role: Role | None
) -> list[tuple[str, dict[str, str]]]:
    """Return the routes that answer a hidden ticket otherwise than one that is not there."""
    hidden = ["elsewhere"] if role is Role.ENTERPRISE_USER else ["elsewhere", "confidential"]
    differing = []
    for rule, method in routes(app):
        if "ticket_id" in rule.arguments:
            letters = {
                kind: ask(reader, method, address(app, rule, method, world.ids[kind]))
                for kind in (*hidden, "nowhere")
            }
            if len(set(letters.values())) > 1 or "o" in letters.values():
                differing.append((f"{method} {rule.endpoint}", letters))
    return differing


@pytest.mark.parametrize("role", [Role.OFFICE_DIRECTOR, Role.CHIEF, Role.DISPATCHER])
def test_the_named_few_see_it_where_they_see_the_others(
    world: World, client_for: Browse, role: Role
) -> None:
    browser = client_for(world.office.people[role])

    page = browser.get(f"/tickets/{world.ids['confidential']['ticket_id']}").text
    register = browser.get("/tickets?view=all").text

    assert TITLE in page
    assert "限知" in page
    assert TITLE in register
    assert TITLE in browser.get(f"/tickets?q={TITLE}").text
