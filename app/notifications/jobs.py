"""What the clock does for the outbox."""

import logging

from app.core.transactions import transaction
from app.notifications import channels, queries, service

log = logging.getLogger(__name__)


def deliver_due() -> None:
    """Send every mail that is due. The network stays out of the transactions.

    Several senders at once share the work: each mail is claimed by one of them.
    """
    done: set[int] = set()
    while waiting := [id_ for id_ in queries.due_ids() if id_ not in done]:
        for message_id in waiting:
            done.add(message_id)
            _deliver(message_id)


def _deliver(message_id: int) -> None:
    with transaction():
        letter = service.claim(message_id)
    if letter is None:
        return
    error = ""
    try:
        channels.channel().send(letter)
    except Exception as failure:
        log.exception("Message %s was not sent", message_id)
        error = f"{type(failure).__name__}: {failure}"
    with transaction():
        service.settle(letter, error)
