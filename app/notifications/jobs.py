"""What the clock does for the outbox."""

import logging
import time

from sqlalchemy.exc import DBAPIError

from app.core.db import db
from app.core.transactions import transaction
from app.notifications import channels, queries, service
from app.notifications.channels.lanes import Handed, Lane, Outcomes, gathered
from app.notifications.channels.letters import Unreachable
from app.notifications.channels.mailbox import Notice, mailbox
from app.notifications.models import Channel

log = logging.getLogger(__name__)

CLAIMED = 100  # messages in one transaction
RUN = 120.0  # seconds after which nothing new is begun: the timetable has other work too
PATIENCE = 300.0  # and after which nobody waits for what was begun
WAIT = 0.2
TRIES = (1.0, 2.0, 5.0, 10.0)  # seconds between tries to record what was sent


def deliver_due() -> None:
    """Send what is due on every way out, side by side. The network stays out of the transactions.

    Several senders at once share the work: each message is claimed by one of them. A way out that
    is broken keeps none of the others waiting.
    """
    due = queries.due_channels()
    db.session.rollback()  # nothing is held while letters are on their way
    outcomes = Outcomes()
    lanes = {kind: Lane(channels.channel(kind), outcomes) for kind in due}
    try:
        _work(lanes, outcomes)
    finally:
        for lane in lanes.values():
            lane.close()
    for kind, lane in lanes.items():
        _note(kind, lane)


def read_bounces() -> None:
    """Read the notices of mail that came back, if a mailbox for them is set."""
    box = mailbox()
    if box is None:
        return
    try:
        found = box.work(_noted)
    except Unreachable as failure:
        log.warning("The mailbox for bounces: %s %s", failure.reason, failure.answer)
        return
    if found:
        log.info("%s mails came back", found)


def _work(lanes: dict[Channel, Lane], outcomes: Outcomes) -> None:
    """Feed the lanes and record what they did, until nothing is due or it took too long."""
    hungry, begun = set(lanes), time.monotonic()
    while hungry or not all(lane.is_done for lane in lanes.values()):
        spent = time.monotonic() - begun
        if spent > PATIENCE:
            return
        if spent > RUN:
            hungry.clear()
            for lane in lanes.values():
                lane.stop()
        hungry = {kind for kind in hungry if _feed(kind, lanes[kind])}
        if not all(lane.is_done for lane in lanes.values()):  # there is something to wait for
            _keep(gathered(outcomes, WAIT))


def _feed(kind: Channel, lane: Lane) -> bool:
    """Give a lane what it has room for; return whether to come back with more."""
    if lane.trouble is not None:
        return False
    if not lane.room:
        return True
    with transaction():
        letters = service.claim_due(kind, min(lane.room, CLAIMED))
    lane.feed(letters)
    return bool(letters)


def _keep(handed: list[Handed]) -> None:
    """Record what ended meanwhile. What was sent is not forgotten for a database that restarts."""
    if not handed:
        return
    for pause in TRIES:
        try:
            _record(handed)
            break
        except DBAPIError:
            log.exception("What was sent could not be recorded; it is tried again")
            time.sleep(pause)
    else:
        _record(handed)
    for one in handed:
        one.lane.keep(one)


def _record(handed: list[Handed]) -> None:
    with transaction():
        for one in handed:
            service.keep(one.outcome)


def _note(kind: Channel, lane: Lane) -> None:
    """Note that a way out takes nothing, or that it takes letters again."""
    trouble = lane.trouble
    if trouble is not None:
        log.warning("%s: %s %s", kind.value, trouble.reason, trouble.answer)
        with transaction():
            service.note_outage(kind, trouble.reason, trouble.answer)
    elif lane.has_sent:
        with transaction():
            service.end_outage(kind)


def _noted(notice: Notice) -> bool:
    with transaction():
        return service.note_bounce(notice.message_id, notice=notice.key, reason=notice.reason)
