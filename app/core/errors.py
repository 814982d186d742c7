"""What a service may refuse, and with which HTTP status an edge says so."""

from app.core.i18n import N_


class DomainError(Exception):
    """A rule of the business said no.

    The message is for the user: a text marked for translation, with `str.format` names
    for `values`. `field` names the form field that it speaks of, where there is one.
    """

    status = 409

    def __init__(self, message: str, *, field: str = "", **values: object) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.values = values

    def __str__(self) -> str:
        return self.message.format(**self.values)


class Stale(DomainError):
    """Someone else changed the thing since the actor last saw it."""


class NotAllowed(DomainError):
    """The actor may not do this."""

    status = 403


class NotFound(DomainError):
    """There is no such thing, or the viewer may not know of it."""

    status = 404


class Invalid(DomainError):
    """What was given does not meet a rule; `field` says where."""

    status = 422


class Gone(DomainError):
    """A link that was used, or is too old."""

    status = 410


class TooMany(DomainError):
    """It was tried too often; later it may work."""

    status = 429


class Busy(DomainError):
    """More came at once than can be borne; in a moment it will work."""

    status = 503


def check_version(held: int, seen: int | None) -> None:
    """Raise Stale where a thing at version `held` was read at another one.

    None means that nobody read it: the demo, a job, an import.
    """
    if seen is not None and seen != held:
        raise Stale(N_("刚才有人改过这条记录，请对照最新内容后再提交。"))
