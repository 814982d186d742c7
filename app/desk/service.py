"""What people change about themselves."""

from dataclasses import asdict, dataclass

from app.accounts import service as accounts
from app.accounts.models import User
from app.accounts.roles import Actor
from app.core.db import db
from app.core.errors import NotFound, check_version
from app.core.i18n import N_


@dataclass(frozen=True, slots=True)
class Card:
    """What a person may change about themselves; the rest is the administrator's."""

    post: str = ""
    email: str = ""


def change_card(card: Card, *, version: int | None, actor: Actor) -> None:
    """Keep the actor's own post and address, where mail goes from now on."""
    user = db.session.get(User, actor.user_id) if actor.user_id is not None else None
    if user is None:
        raise NotFound(N_("没有找到您的账号。"))
    check_version(user.version, version)
    before = Card(user.post, user.email)
    if before == card:
        return
    user.post, user.email = card.post, card.email
    accounts.log(
        actor, N_("修改本人资料"), "user", user.id, before=asdict(before), after=asdict(card)
    )
