"""What is done in the leaders' loop: promising, confirming, directing; and freezing a month."""

from app.reports.service.digests import confirm, direct, promise, remind
from app.reports.service.months import announce, freeze

__all__ = ["announce", "confirm", "direct", "freeze", "promise", "remind"]
