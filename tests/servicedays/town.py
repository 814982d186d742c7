"""A township that holds a service day: its people, two units, two enterprises, a day to come."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, time
from threading import Barrier
from typing import Any

import time_machine
from flask import Flask
from sqlalchemy import select

from app.accounts import roles
from app.accounts.models import OrgUnit, Tenant, User
from app.accounts.roles import Actor, Role
from app.core import clock
from app.core.db import db
from app.core.errors import DomainError
from app.core.transactions import transaction
from app.enterprises.models import Enterprise
from app.notifications.models import Channel, Message
from app.servicedays import service
from app.servicedays.models import Appointment, ServiceDay
from app.servicedays.service import AppointmentDraft, DayDraft, Heard, Reception
from app.servicedays.workflow import Booking, Inviting, Kind
from app.tickets.models import Category, Ticket
from app.workdays import service as workdays
from tests import make, remembered

DAY = date(2026, 10, 15)  # a Thursday
TITLE = "进厂小桥限重货车绕行"
WORDS = "桥头立了限重 5 吨的牌子，货车每趟多绕 11 公里。"


@dataclass
class Town:
    """Ids, not rows: each step reads afresh, as a request does."""

    tenant_id: int
    clerk: Actor
    director: Actor
    host: Actor
    in_charge: Actor
    head: Actor
    liaison: Actor
    unit_id: int
    firm_id: int
    other_firm_id: int
    category_id: int
    day_id: int = 0

    @property
    def day(self) -> ServiceDay:
        return db.session.get_one(ServiceDay, self.day_id)

    @property
    def host_id(self) -> int:
        return self.host.user_id or 0

    @property
    def told(self) -> list[int]:
        """The people who are told of the day, in order of their ids."""
        return sorted(one.user_id for one in (self.host, self.in_charge, self.head) if one.user_id)

    def draft(self, **more: Any) -> DayDraft:
        words: dict[str, Any] = {
            "kind": Kind.RECEPTION,
            "held_on": DAY,
            "begins_at": time(9),
            "ends_at": time(11, 30),
            "place": "镇政府二楼会议室",
            "host_id": self.host_id,
            "unit_ids": (self.unit_id,),
            "focus": "工矿企业物流",
        }
        return DayDraft(**(words | more))

    def plan(self, **more: Any) -> ServiceDay:
        with transaction():
            self.day_id = service.open_day(self.draft(**more), actor=self.clerk).id
        return self.day

    def change(self, **more: Any) -> None:
        with transaction():
            service.change_day(self.day, self.draft(**more), actor=self.clerk)

    def cancel(self, reason: str = "领导到县里开会") -> None:
        with transaction():
            service.cancel_day(self.day, reason, actor=self.clerk)

    def book(self, firm_id: int = 0, *, actor: Actor | None = None, **more: Any) -> int:
        words: dict[str, Any] = {
            "enterprise_id": firm_id or self.firm_id,
            "contact_name": "宋主任",
            "contact_phone": "14200001234",
            "topic": "进厂小桥限重",
        }
        draft = AppointmentDraft(**(words | more))
        with transaction():
            return service.book(self.day, draft, actor=actor or self.clerk).id

    def appointment(self, appointment_id: int) -> Appointment:
        db.session.rollback()
        return db.session.get_one(Appointment, appointment_id)

    def sign_in(self, appointment_id: int) -> None:
        with transaction():
            service.sign_in(db.session.get_one(Appointment, appointment_id), actor=self.clerk)

    def heard(self, **more: Any) -> Heard:
        words: dict[str, Any] = {
            "title": TITLE,
            "description": WORDS,
            "category_id": self.category_id,
        }
        return Heard(**(words | more))

    def receive(self, *problems: Heard, actor: Actor | None = None, **more: Any) -> list[int]:
        words: dict[str, Any] = {
            "enterprise_id": None if "appointment_id" in more else self.firm_id,
            "contact_name": "宋主任",
            "no_secrets": True,
            "problems": problems or (self.heard(),),
        }
        with transaction():
            made = service.receive(self.day, Reception(**(words | more)), actor=actor or self.clerk)
            return [ticket.id for ticket in made]

    def hold(self) -> None:
        with transaction():
            service.hold(self.day, actor=self.clerk)


def open_town(**more: Any) -> Town:
    """Make the township, and a day on DAY; `more` is for the day. `plan=False`: no day yet."""
    name = f"town of a service day {sorted(more.items())}"
    return remembered.once(name, lambda: _open_town(**more))


def _open_town(**more: Any) -> Town:
    house = make.the_tenant()
    with transaction():
        tenant = db.session.get_one(Tenant, house.id)
        workdays.seed(tenant, (2025, 2026), actor=roles.system(tenant.id))
        db.session.add(Category(tenant_id=house.id, code="99", name="其他"))
    in_charge, host = (
        make.actor(Role.LEADER, email=f"{name}@example.com", name=words)
        for name, words in (("charge", "虞景澜"), ("host", "栾亦辰"))
    )
    unit = make.unit("规划建设办公室", in_charge_id=in_charge.user_id)
    head = make.actor(Role.DEPT_HEAD, unit=unit, email="head@example.com", name="程望川")
    liaison = make.actor(Role.LIAISON, name="鹿鸣谦")
    firm = make.enterprise("明岫霁川塑岭管业有限公司", short_name="塑岭管业")
    make.contact(enterprise=firm, name="宋主任", email="firm@example.com", is_primary=True)
    other = make.enterprise("明岫霁川速岭物流有限公司", short_name="速岭物流")
    make.linkage(
        enterprise=firm,
        leader=db.session.get_one(User, host.user_id),
        liaison=db.session.get_one(User, liaison.user_id),
        valid_from=date(2026, 1, 1),
    )
    town = Town(
        tenant_id=house.id,
        clerk=make.actor(Role.DISPATCHER, name="沈知夏"),
        director=make.actor(Role.OFFICE_DIRECTOR),
        host=host,
        in_charge=in_charge,
        head=head,
        liaison=liaison,
        unit_id=unit.id,
        firm_id=firm.id,
        other_firm_id=other.id,
        category_id=make.category("交通物流", code="07").id,
    )
    if more.pop("plan", True):
        town.plan(**more)
    return town


def go_to(traveller: time_machine.Traveller, day: str, hour: str = "09:00") -> None:
    """Set the clock."""
    traveller.move_to(clock.at(date.fromisoformat(day), time.fromisoformat(hour)), tick=False)


def messages(rule: str, channel: Channel | None = Channel.MAIL) -> list[Message]:
    """Return what was promised under a rule, by recipient."""
    db.session.rollback()
    found = select(Message).where(Message.rule == rule).order_by(Message.recipient_key, Message.id)
    if channel is not None:
        found = found.where(Message.channel == channel)
    return list(db.session.scalars(found))


def people(rule: str, channel: Channel | None = Channel.MAIL) -> list[int]:
    """Return who was told under a rule, each as often as they were."""
    return sorted(one.recipient_id for one in messages(rule, channel) if one.recipient_id)


def standing(day_id: int) -> list[Appointment]:
    db.session.rollback()
    found = select(Appointment).where(
        Appointment.day_id == day_id, Appointment.state != Booking.RELEASED
    )
    return list(db.session.scalars(found.order_by(Appointment.id)))


def ticket(ticket_id: int) -> Ticket:
    db.session.rollback()
    return db.session.get_one(Ticket, ticket_id)


def firm(name: str = "") -> Enterprise:
    return make.enterprise(name)


def unit(unit_id: int) -> OrgUnit:
    return db.session.get_one(OrgUnit, unit_id)


def at_once(app: Flask, attempt: Callable[[int], object], times: int = 2) -> list[object]:
    """Let several people try at the same moment; return what each got, or was refused with."""
    gate = Barrier(times)

    def one(number: int) -> object:
        with app.app_context():
            gate.wait()
            try:
                with transaction():
                    return attempt(number)
            except DomainError as refusal:
                return refusal
            finally:
                db.session.remove()

    db.session.rollback()
    with ThreadPoolExecutor(times) as pool:
        found = list(pool.map(one, range(times)))
    db.session.rollback()
    return found


LINKED = Inviting.LINKED
CHOSEN = Inviting.CHOSEN
