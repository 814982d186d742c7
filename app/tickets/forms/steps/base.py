"""What the form of every step has in common."""

from dataclasses import fields
from enum import Enum
from typing import Any, ClassVar

from app.core.forms import Form
from app.tickets.queries.choices import Need, Options
from app.tickets.service import StepInput

GIVEN = frozenset(field.name for field in fields(StepInput))


class StepForm(Form):
    """What is asked with one step. The attributes are the words of its page.

    `consequence` names what cannot be undone; then the button is a grave one. `needs` are
    the lists that its page shows; where the service `judges` what was chosen from them, they
    are not read to carry the step out.
    """

    needs: ClassVar[frozenset[Need]] = frozenset()
    judges: ClassVar[bool] = True
    unmarked: ClassVar[frozenset[str]] = frozenset()  # that may be wanted, and may be left empty
    icon: ClassVar[str] = "check2"
    verb: ClassVar[str] = ""  # of the button; empty: the name of the step
    lead: ClassVar[str] = ""  # a sentence above the form
    consequence: ClassVar[str] = ""

    def offer(self, options: Options) -> None:
        """Take the lists to choose from."""

    def given(self) -> StepInput:
        """Return what was typed, in the words of the service."""
        typed: dict[str, Any] = {
            f.short_name: _plain(f.data) for f in self if f.short_name in GIVEN
        }
        return StepInput(**{name: value for name, value in typed.items() if value is not None})

    @property
    def questions(self) -> list[Any]:
        """The fields that people see, in their order."""
        hidden = {"version", "idempotency_key", "csrf_token"}
        return [field for field in self if field.short_name not in hidden]


def _plain(value: object) -> object:
    if isinstance(value, str) and not isinstance(value, Enum):  # a code stays the code it is
        return value.strip()
    return tuple(value) if isinstance(value, list) else value
