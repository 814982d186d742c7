"""What a wording is: the words around the table of one rule's letter. Pure.

`{{ name }}` in a text is filled in from what the letter is about; `names` lists what may stand
there. The table between is the template's.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.core.i18n import N_

#: What every letter knows.
COMMON: Mapping[str, str] = {"tenant": N_("镇名"), "name": N_("收件人姓名"), "n": N_("共几项")}

#: With what a letter about a visit ends.
SERVICE = "走访为服务性质，无事不扰、有求必应；严格落实亲清政商关系要求，不接受宴请、礼品礼金。"


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of one rule's letter, as the office may change them; Chinese, as letters are."""

    rule: str
    label: str  # what the office calls it, marked for translation
    to: str  # who gets it, marked for translation
    template: str  # of its table: mail/<template>.html and .txt
    subject: str
    heading: str  # the one line above everything
    opening: str
    button: str
    closing: str = ""
    more: Mapping[str, str] = field(default_factory=dict)  # placeholder, and what it stands for
    sample: Mapping[str, Any] = field(default_factory=dict)  # what a preview is filled with
    may_be_off: bool = False  # whether a person may do without it

    @property
    def names(self) -> Mapping[str, str]:
        """What may stand between braces, and what it stands for."""
        return {**COMMON, **self.more}
