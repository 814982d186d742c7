"""What a wording is: the words around the table of one rule's letter. Pure.

`{{ name }}` in a text is filled in from what the letter is about; `names` lists what may stand
there. The table between is the template's.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.core.i18n import N_

#: What every letter knows; and what it knows where it counts something.
COMMON: Mapping[str, str] = {"tenant": N_("镇名"), "name": N_("收件人姓名")}
COUNTED: Mapping[str, str] = {"n": N_("共几项")}

#: When a rule's letter is sent; "R5-director" is sent when R5 is.
WHEN: Mapping[str, str] = {
    "R1": N_("每月第一个工作日"),
    "R2": N_("每月 15 日，遇休息日顺延"),
    "R3": N_("月末最后一个工作日之前 5 个工作日"),
    "R4": N_("月末最后一个工作日之前 1 个工作日"),
    "R5": N_("次月第一个工作日"),
    "R6": N_("每周第一个工作日"),
    "R7": N_("每个工作日，有到期的时候"),
    "R8": N_("每个工作日，有待回访的时候"),
    "R9": N_("挂账复核日之前 10 个和 2 个工作日"),
    "R10": N_("每月第三个工作日"),
    "R11": N_("企业家接待日之前 3 个工作日"),
    "R12": N_("节日之前 2 个工作日"),
    "R13": N_("请评价 3 天后还没有评价"),
    "rating": N_("答复审核通过以后"),
    "urge-digest": N_("每个工作日，有问题临期时"),
}
EVENT = N_("有事的时候")

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
    for_enterprise: bool = False  # its reader has no account, and is nobody's 同志

    @property
    def when(self) -> str:
        """When it is sent, marked for translation; what no day brings is brought by an event."""
        return WHEN.get(self.rule) or WHEN.get(self.rule.partition("-")[0], EVENT)

    @property
    def names(self) -> Mapping[str, str]:
        """What may stand between braces, and what it stands for."""
        return {**COMMON, **(COUNTED if "n" in self.sample else {}), **self.more}
