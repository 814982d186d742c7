"""What can be done with a ticket. Nothing else writes one."""

from app.tickets.service.beside import (
    answer_supervision,
    assign_handler,
    note_attachment,
    note_recheck,
    renew_suspension,
)
from app.tickets.service.co_tasks import (
    accept_co_task,
    add_co_unit,
    answer_co_task,
    assign_co_handler,
    return_co_task,
    waive_co_task,
)
from app.tickets.service.co_tasks import remind as remind_of_co_task
from app.tickets.service.comments import comment
from app.tickets.service.confidential import (
    add_reader,
    end_reader,
    make_confidential,
    make_open,
)
from app.tickets.service.covering import settle, settle_co_task, settle_person
from app.tickets.service.digests import (
    Digest,
    begin_calls,
    begin_due,
    begin_reviews,
    begin_week,
    mail_urges,
    remind_of,
    to_mail,
)
from app.tickets.service.directives import answer_directive, give_directive
from app.tickets.service.drafting import edit_draft, index, open_ticket
from app.tickets.service.given import StepInput, TicketDraft
from app.tickets.service.handover import hand_over
from app.tickets.service.ladder import climb
from app.tickets.service.meetings import MeetingDraft, hold_meeting
from app.tickets.service.offers import Kind, Offer, offers
from app.tickets.service.passing import pass_on
from app.tickets.service.proposals import decide, propose, withdraw
from app.tickets.service.readers import is_for_few
from app.tickets.service.recompute import recompute, turn_lights
from app.tickets.service.revisits import revisit
from app.tickets.service.splitting import Part, may_split, split
from app.tickets.service.steps import check_version, hand_in, take
from app.tickets.service.urging import urge
from app.tickets.service.vacating import vacate, vacate_co_task

__all__ = [
    "Digest",
    "Kind",
    "MeetingDraft",
    "Offer",
    "Part",
    "StepInput",
    "TicketDraft",
    "accept_co_task",
    "add_co_unit",
    "add_reader",
    "answer_co_task",
    "answer_directive",
    "answer_supervision",
    "assign_co_handler",
    "assign_handler",
    "begin_calls",
    "begin_due",
    "begin_reviews",
    "begin_week",
    "check_version",
    "climb",
    "comment",
    "decide",
    "edit_draft",
    "end_reader",
    "give_directive",
    "hand_in",
    "hand_over",
    "hold_meeting",
    "index",
    "is_for_few",
    "mail_urges",
    "make_confidential",
    "make_open",
    "may_split",
    "note_attachment",
    "note_recheck",
    "offers",
    "open_ticket",
    "pass_on",
    "propose",
    "recompute",
    "remind_of",
    "remind_of_co_task",
    "renew_suspension",
    "return_co_task",
    "revisit",
    "settle",
    "settle_co_task",
    "settle_person",
    "split",
    "take",
    "to_mail",
    "turn_lights",
    "urge",
    "vacate",
    "vacate_co_task",
    "waive_co_task",
    "withdraw",
]
