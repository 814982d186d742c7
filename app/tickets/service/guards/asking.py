"""Small questions that many guards ask of what was given."""

from enum import Enum
from typing import TypeVar

from app.core.errors import Invalid
from app.core.i18n import N_

Code = TypeVar("Code", bound=Enum)
Value = TypeVar("Value")

LONGEST = 2000  # characters of a text


def given(value: Value | None, field: str, message: str) -> Value:
    """Return `value`, or raise Invalid with `message` at `field` where it is missing."""
    if value is None or value in ("", ()):
        raise Invalid(message, field=field)
    return value


def text(value: str, field: str, *, least: int = 1) -> str:
    """Return `value` without outer space, or say how many characters it lacks or has too many."""
    words = value.strip()
    if len(words) < least:
        if not words:
            raise Invalid(N_("请填写，至少 {least} 个字。"), field=field, least=least)
        raise Invalid(
            N_("至少 {least} 个字，还差 {lack} 个字。"),
            field=field,
            least=least,
            lack=least - len(words),
        )
    if len(words) > LONGEST:
        raise Invalid(N_("最多 {most} 个字，请删减后再提交。"), field=field, most=LONGEST)
    return words


def code(value: str, codes: type[Code], field: str = "reason") -> Code:
    """Return the member of `codes` that `value` names, or ask to choose one."""
    try:
        return codes(value)
    except ValueError:
        raise Invalid(N_("请从列表中选一个。"), field=field) from None


def ticked(value: bool, field: str, message: str) -> None:  # noqa: FBT001 - it asks about a tick
    """Raise Invalid with `message` at `field` unless the box is ticked."""
    if not value:
        raise Invalid(message, field=field)
