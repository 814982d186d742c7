"""The ways out of the building: a mail server, or a folder of `.eml` files without one."""

from pathlib import Path

from flask import current_app

from app.notifications.channels.composing import composed, filled_in
from app.notifications.channels.folder import FolderChannel
from app.notifications.channels.letters import Channel, Letter
from app.notifications.channels.lines import worded
from app.notifications.channels.smtp import SmtpChannel

__all__ = [
    "Channel",
    "FolderChannel",
    "Letter",
    "SmtpChannel",
    "channel",
    "composed",
    "filled_in",
    "worded",
]


def channel() -> Channel:
    """Return the way out that the settings choose."""
    config = current_app.config
    if not config["SMTP_HOST"]:
        return FolderChannel(Path(config["MAIL_FOLDER"]))
    return SmtpChannel(
        host=config["SMTP_HOST"],
        port=int(config["SMTP_PORT"]),
        security=config["SMTP_SECURITY"],
        user=config["SMTP_USER"],
        password=config["SMTP_PASSWORD"],
        timeout=float(config["SMTP_TIMEOUT"]),
    )
