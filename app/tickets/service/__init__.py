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
from app.tickets.service.firms import FOLLOW, link_to, may_revoke, subject_of, tell_new_address
from app.tickets.service.firms import revoke as revoke_links
from app.tickets.service.given import StepInput, TicketDraft, Told
from app.tickets.service.handover import hand_over
from app.tickets.service.inviting import ask as ask_for_rating
from app.tickets.service.inviting import call_instead
from app.tickets.service.ladder import climb
from app.tickets.service.meetings import MeetingDraft, hold_meeting
from app.tickets.service.numbering import next_number
from app.tickets.service.offers import Kind, Offer, offers
from app.tickets.service.outside import (
    WhyBack,
    asked_to_withdraw,
    go_on,
    may_supplement,
    may_withdraw,
    supplement,
    waits_for_firm,
)
from app.tickets.service.outside import withdraw as withdraw_outside
from app.tickets.service.passing import pass_on
from app.tickets.service.proposals import decide, propose, withdraw
from app.tickets.service.rating import for_unit, may_answer, may_rate, rate, said
from app.tickets.service.rating import refuse as refuse_rating
from app.tickets.service.readers import is_for_few
from app.tickets.service.recompute import recompute, turn_lights
from app.tickets.service.revisits import revisit
from app.tickets.service.sealing import first_broken as first_broken_seal
from app.tickets.service.showing import against_showing, may_show, show_file
from app.tickets.service.splitting import Part, may_split, split
from app.tickets.service.steps import check_version, hand_in, take
from app.tickets.service.urging import urge
from app.tickets.service.vacating import vacate, vacate_co_task

__all__ = [
    "FOLLOW",
    "Digest",
    "Kind",
    "MeetingDraft",
    "Offer",
    "Part",
    "StepInput",
    "TicketDraft",
    "Told",
    "WhyBack",
    "accept_co_task",
    "add_co_unit",
    "add_reader",
    "against_showing",
    "answer_co_task",
    "answer_directive",
    "answer_supervision",
    "ask_for_rating",
    "asked_to_withdraw",
    "assign_co_handler",
    "assign_handler",
    "begin_calls",
    "begin_due",
    "begin_reviews",
    "begin_week",
    "call_instead",
    "check_version",
    "climb",
    "comment",
    "decide",
    "edit_draft",
    "end_reader",
    "first_broken_seal",
    "for_unit",
    "give_directive",
    "go_on",
    "hand_in",
    "hand_over",
    "hold_meeting",
    "index",
    "is_for_few",
    "link_to",
    "mail_urges",
    "make_confidential",
    "make_open",
    "may_answer",
    "may_rate",
    "may_revoke",
    "may_show",
    "may_split",
    "may_supplement",
    "may_withdraw",
    "next_number",
    "note_attachment",
    "note_recheck",
    "offers",
    "open_ticket",
    "pass_on",
    "propose",
    "rate",
    "recompute",
    "refuse_rating",
    "remind_of",
    "remind_of_co_task",
    "renew_suspension",
    "return_co_task",
    "revisit",
    "revoke_links",
    "said",
    "settle",
    "settle_co_task",
    "settle_person",
    "show_file",
    "split",
    "subject_of",
    "supplement",
    "take",
    "tell_new_address",
    "to_mail",
    "turn_lights",
    "urge",
    "vacate",
    "vacate_co_task",
    "waits_for_firm",
    "waive_co_task",
    "withdraw",
    "withdraw_outside",
]
