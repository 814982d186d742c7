"""What an enterprise answers to a planned visit: it suits, another day, not this time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.accounts import queries as people
from app.accounts import service as accounts
from app.accounts.queries import absences
from app.accounts.roles import guest
from app.core import clock, locale
from app.core.errors import Gone, Invalid, NotFound, check_version
from app.core.i18n import N_
from app.notifications import service as outbox
from app.visits import queries
from app.visits.calendar import Month, days_to_choose
from app.visits.models import Answer, VisitPlan
from app.visits.service import plans
from app.visits.service.owning import hold
from app.workdays import queries as workdays

RULE = "visit-answered"
LONGEST = 300
CONFIRMED = N_("{target}说{day_on}可以去走访")
OTHER_DAY = N_("{target}请改到{asked_on}去走访（原定{day_on}）")
DECLINED = N_("{target}说{day_on}不用去走访了")
SUBJECTS = {
    Answer.CONFIRMED: CONFIRMED,
    Answer.OTHER_DAY: OTHER_DAY,
    Answer.DECLINED: DECLINED,
}


@dataclass(frozen=True, slots=True)
class Answered:
    """What the enterprise says: `day` where it asks for another one."""

    answer: Answer
    day: date | None = None
    words: str = ""


def answer(token: str, given: Answered, *, version: int | None) -> None:
    """Write down what the holder of a link says, let it take effect, and tell the visitors.

    Raises Gone where the link opens nothing any more, Stale where somebody answered meanwhile.
    """
    found = queries.invitation(token)
    if found is None:
        raise NotFound(N_("没有找到这个链接，请核对地址是否完整。"))
    hold(found.task.linkage)
    if not found.is_open:
        raise Gone(N_("这个链接已经不能回复了，请看页面上的说明。"))
    check_version(found.plan.version, version)
    words = given.words.strip()
    if len(words) > LONGEST:
        raise Invalid(N_("最多写 {n} 个字，请缩短一些。"), field="words", n=LONGEST)
    day = _day(found.plan, given)
    party = [found.plan, *found.together]
    told = _told(found.plan, given, day, words)
    for one in party if given.answer is Answer.DECLINED else party[:1]:
        one.answer, one.answered_at = given.answer, clock.now()
        one.answer_words, one.answer_on = words, day
    _take_effect(found.plan, party, given.answer, day)
    _log(found.plan, given.answer, day, words)
    _tell(party, told, given.answer)


def _day(plan: VisitPlan, given: Answered) -> date | None:
    """Return the day that is asked for; raise Invalid where nobody could come then."""
    if given.answer is not Answer.OTHER_DAY:
        return None
    calendar = workdays.calendar_of(plan.tenant_id)
    month = Month.read(plan.task.period)
    if given.day is None or given.day not in days_to_choose(month, clock.today(), calendar):
        raise Invalid(N_("请从列出的工作日里选一天。"), field="day")
    if given.day == plan.planned_on:
        raise Invalid(N_("就是原来定的那一天；如果可以，请选“这天可以”。"), field="day")
    return given.day


def _take_effect(
    plan: VisitPlan, party: Sequence[VisitPlan], said: Answer, day: date | None
) -> None:
    if said is Answer.OTHER_DAY and day is not None:
        plans.begin(plan.task, day, by=None)
    elif said is Answer.DECLINED:
        for one in reversed(party):  # guests before their host, so that none is left to host
            plans.end(one)
            one.task.planned_on = None


def _told(plan: VisitPlan, given: Answered, day: date | None, words: str) -> dict[str, Any]:
    tenant = people.tenant(plan.tenant_id)
    return {
        "tenant": tenant.name,
        "target": plan.task.target_name,
        "day_on": plan.planned_on.isoformat(),
        "asked_on": day.isoformat() if day else "",
        "day": _written(plan.planned_on),
        "asked": _written(day) if day else "",
        "answer": given.answer.label,
        "words": words,
        "n": 1,
        "is_late": day is not None and day > Month.read(plan.task.period).last,
        "is_declined": given.answer is Answer.DECLINED,
        "is_demo": tenant.is_demo,
    }


def _tell(party: Sequence[VisitPlan], told: dict[str, Any], said: Answer) -> None:
    """Tell everybody who wanted to go, and who stands in for them, in the inbox and by mail."""
    first = party[0]
    meant = [id_ for one in party for id_ in queries.people_of(one.task.linkage)]
    for user_id in dict.fromkeys([*meant, *absences.deputies_of(meant)]):
        outbox.remind(
            user_id,
            tenant_id=first.tenant_id,
            rule=RULE,
            period=f"{first.id}/{first.version}/{said.value}",
            subject=SUBJECTS[said],
            context=told,
            inbox=("target", "day_on", "asked_on"),
            link="/visits/mine",
        )


def _log(plan: VisitPlan, said: Answer, day: date | None, words: str) -> None:
    firm = guest(plan.tenant_id, queries.firm_of(plan.task.linkage))
    told = {"target": plan.task.target_name, "answer": said, "day": day, "words": words}
    accounts.log(firm, N_("企业回复走访"), "visit_task", plan.task_id, after=told)


def _written(day: date) -> str:
    return f"{day.month}月{day.day}日（{locale.WEEKDAYS[day.weekday()]}）"
