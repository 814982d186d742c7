"""The ways out of the building: mail, text messages, robots of chat groups.

Each way has a module; `lanes` works them side by side. Without a mail server mail is written to a
folder.
"""

from pathlib import Path

from flask import current_app

from app.notifications.channels.composing import composed, filled_in, host
from app.notifications.channels.folder import FolderChannel
from app.notifications.channels.letters import Letter, WayOut
from app.notifications.channels.lines import worded
from app.notifications.channels.robots import RobotChannel
from app.notifications.channels.sms import SmsChannel
from app.notifications.channels.smtp import SmtpChannel
from app.notifications.models import Channel

__all__ = [
    "FolderChannel",
    "Letter",
    "RobotChannel",
    "SmsChannel",
    "SmtpChannel",
    "WayOut",
    "channel",
    "composed",
    "filled_in",
    "host",
    "worded",
]

LONGEST_STEP = 40.0  # seconds: all steps of a letter together must end before its lease does


def channel(kind: Channel) -> WayOut:
    """Return the way out that letters of this kind take, as the settings choose."""
    if kind is Channel.SMS:
        return sms_channel()
    if kind is Channel.ROBOT:
        return RobotChannel()
    config = current_app.config
    if not config["SMTP_HOST"]:
        return FolderChannel(Path(config["MAIL_FOLDER"]))
    return SmtpChannel(
        host=config["SMTP_HOST"],
        port=int(config["SMTP_PORT"]),
        security=config["SMTP_SECURITY"],
        user=config["SMTP_USER"],
        password=config["SMTP_PASSWORD"],
        timeout=min(float(config["SMTP_TIMEOUT"]), LONGEST_STEP),
        lines=max(1, int(config["SMTP_CONNECTIONS"])),
        per_line=max(1, int(config["SMTP_PER_CONNECTION"])),
        pause=1 / rate if (rate := float(config["SMTP_PER_SECOND"] or 0)) > 0 else 0.0,
    )


def sms_channel() -> SmsChannel:
    """Return the way of text messages, with the hosts that the operator allows."""
    listed = str(current_app.config["SMS_HOSTS"]).replace(",", " ").split()
    return SmsChannel(
        hosts=frozenset(host.lower() for host in listed),
        allow_private=bool(current_app.config["SMS_ALLOW_PRIVATE"]),
    )
