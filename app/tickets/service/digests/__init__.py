"""The letters of a working day about problems: the urges, and R6 to R9.

Source: C2.5, step 1 (mail digest), and the office's reminder rules, C3.3: nobody gets more than
one letter of a rule on a day; no telephone number and no figure of a firm goes into mail, and
of what is confidential only that there is one, to its readers.
"""

from app.tickets.service.digests.daily import begin_calls, begin_due
from app.tickets.service.digests.letters import Digest, remind_of
from app.tickets.service.digests.reviews import begin_reviews
from app.tickets.service.digests.urges import mail_urges, to_mail
from app.tickets.service.digests.week import begin_week

__all__ = [
    "Digest",
    "begin_calls",
    "begin_due",
    "begin_reviews",
    "begin_week",
    "mail_urges",
    "remind_of",
    "to_mail",
]
