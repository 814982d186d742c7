"""What an enterprise says of an answer, asked twice: nothing is chosen before it chooses."""

from dataclasses import asdict
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField, SelectMultipleField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from app.attachments.forms import KeepingForm, files_field, keep_field
from app.attachments.service import Prepared
from app.core.forms import Form
from app.core.i18n import N_
from app.core.locale import translated
from app.tickets.service import StepInput
from app.tickets.workflow.codes import Discontent, Score
from app.tickets.workflow.states import Solved

MOST_WORDS = 1000
SOLVED = {Solved.YES: N_("解决了"), Solved.PARTIAL: N_("部分解决"), Solved.NO: N_("没有解决")}
YES_NO = {"yes": N_("联系过"), "no": N_("没有联系过")}


def _named(words: dict[Any, str]) -> list[tuple[str, str]]:
    return [(str(code), translated(label)) for code, label in words.items()]


class RatingForm(KeepingForm):
    """The answers, as they are given first."""

    solved = RadioField(_l("这个问题解决了吗"), validators=[InputRequired(_l("请选一个。"))])
    result_score = RadioField(_l("办理结果满意吗"), validators=[InputRequired(_l("请选一个。"))])
    attitude_score = RadioField(_l("服务态度满意吗"), validators=[InputRequired(_l("请选一个。"))])
    contacted = RadioField(_l("办理期间有人与您联系过吗"), validators=[Optional()])
    reasons = SelectMultipleField(
        _l("哪里没有办好"),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        validators=[Optional()],
    )
    comment = TextAreaField(
        _l("要告诉承办单位的话"),
        description=_l("承办单位会看到这句话和上面选的原因，看不到您打的分。"),
        validators=[Length(max=MOST_WORDS)],
    )
    words = TextAreaField(
        _l("还想说什么"),
        description=_l("只有营商办和回访的人看得到，承办单位看不到。"),
        validators=[Length(max=MOST_WORDS)],
    )
    keep = keep_field(_l("已经选好的照片"))
    files = files_field(_l("照片"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - WTForms' own
        super().__init__(*args, **kwargs)
        self.solved.choices = _named(SOLVED)
        self.contacted.choices = _named(YES_NO)
        scale = [(one.value, translated(one.label)) for one in reversed(Score)]
        self.result_score.choices = self.attitude_score.choices = scale
        self.reasons.choices = [(one.value, translated(one.label)) for one in Discontent]

    def given(self) -> StepInput:
        """Return what was answered, in the words of the service."""
        return StepInput(
            solved=Solved(self.solved.data),
            result_score=int(self.result_score.data),
            attitude_score=int(self.attitude_score.data),
            contacted=self.contacted.data == "yes" if self.contacted.data else None,
            reasons=tuple(self.reasons.data or ()),
            comment=_lines(self.comment.data),
            words=_lines(self.words.data),
        )

    def kept(self) -> dict[str, Any]:
        """Return the answers and the files as they are sealed until they are confirmed."""
        return {
            "given": self.given().as_json(),
            "files": [asdict(file) for file in self.chosen()],
        }


class SureForm(Form):
    """The answers once more, sealed: whoever gave them says that they are meant."""

    answers = HiddenField()


def given_of(kept: dict[str, Any]) -> StepInput:
    """Return the answers that were sealed."""
    return StepInput.from_json(kept["given"])


def files_of(kept: dict[str, Any]) -> tuple[Prepared, ...]:
    """Return the files that were sealed: their contents lie where they will stay."""
    return tuple(Prepared(**file) for file in kept["files"])


def filled(given: StepInput) -> dict[str, Any]:
    """Return the fields of a form that says the same, to be changed."""
    contacted = {True: "yes", False: "no", None: None}[given.contacted]
    return {
        "solved": given.solved.value if given.solved else None,
        "result_score": str(given.result_score or ""),
        "attitude_score": str(given.attitude_score or ""),
        "contacted": contacted,
        "reasons": list(given.reasons),
        "comment": given.comment,
        "words": given.words,
    }


def told(given: StepInput) -> list[tuple[str, str]]:
    """Return the answers as questions and words, in the order in which they were asked."""
    score = {int(one.value): one.label for one in Score}
    chosen = [translated(one.label) for one in Discontent if one.value in given.reasons]
    contacted = {True: YES_NO["yes"], False: YES_NO["no"], None: ""}[given.contacted]
    lines = [
        (gettext("这个问题解决了吗"), SOLVED[given.solved] if given.solved else ""),
        (gettext("办理结果满意吗"), score.get(given.result_score or 0, "")),
        (gettext("服务态度满意吗"), score.get(given.attitude_score or 0, "")),
        (gettext("办理期间有人与您联系过吗"), contacted),
    ]
    return [
        *((label, translated(word)) for label, word in lines if word),
        *([(gettext("哪里没有办好"), gettext("、").join(chosen))] if chosen else []),
        *([(gettext("要告诉承办单位的话"), given.comment)] if given.comment else []),
        *([(gettext("还想说什么"), given.words)] if given.words else []),
    ]


def _lines(typed: str | None) -> str:
    return "\n".join((typed or "").strip().splitlines())
