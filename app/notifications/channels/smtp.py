"""A mail server."""

import smtplib
import ssl
from dataclasses import dataclass

from app.notifications.channels.composing import composed
from app.notifications.channels.letters import Letter


@dataclass(frozen=True, slots=True)
class SmtpChannel:
    """Hands each letter to a mail server. `security` is starttls, tls or none."""

    host: str
    port: int
    security: str
    user: str
    password: str
    timeout: float

    def send(self, letter: Letter) -> None:
        """Deliver `letter`; raise where the server does not take it."""
        message = composed(letter)
        with self._connected() as server:
            if self.user:
                server.login(self.user, self.password)
            server.send_message(message)

    def _connected(self) -> smtplib.SMTP:
        if self.security == "tls":
            return smtplib.SMTP_SSL(
                self.host, self.port, timeout=self.timeout, context=ssl.create_default_context()
            )
        server = smtplib.SMTP(self.host, self.port, timeout=self.timeout)
        if self.security == "starttls":
            try:
                server.starttls(context=ssl.create_default_context())
            except BaseException:
                server.close()
                raise
        return server
