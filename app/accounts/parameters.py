"""What a tenant may set, with its unit, its bounds and the default of the field's practice.

Source: the parameter page of the office's rules (C9) and the sources named there.
"""

from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from datetime import time
from functools import cache, lru_cache
from typing import Any

from app.core.i18n import N_


def _whole(default: int, label: str, unit: str, low: int, high: int) -> Any:  # noqa: ANN401 - a dataclass field stands for its value
    return field(default=default, metadata={"label": label, "unit": unit, "low": low, "high": high})


def _some(default: tuple[str, ...], label: str, *choices: tuple[str, str]) -> Any:  # noqa: ANN401 - as above
    """Return a field that holds some codes of a fixed list, in the order of the list."""
    return field(default=default, metadata={"label": label, "unit": "", "choices": choices})


WD = N_("个工作日")
WH = N_("个工作小时")
H = N_("小时")
DAYS = N_("天")
TIMES = N_("次")
OF_MONTH = N_("日")
MINUTES = N_("分钟")


@dataclass(frozen=True, slots=True)
class Parameters:
    """The settings of one tenant: a whole number in the unit beside it, or some of a fixed list."""

    visit_per_month: int = _whole(1, N_("每家包联企业每月至少走访"), TIMES, 1, 8)
    project_per_month: int = _whole(1, N_("每个包联项目每月至少走访"), TIMES, 1, 8)
    village_per_week: int = _whole(1, N_("班子成员每周至少入村调研"), TIMES, 0, 7)
    household_per_month: int = _whole(1, N_("班子成员每月至少走访脱贫户、包保户"), TIMES, 0, 60)
    counting_modes: tuple[str, ...] = _some(
        ("on_site", "on_site_office", "service_day"),
        N_("哪些方式算完成走访"),
        ("on_site", N_("上门走访")),
        ("on_site_office", N_("现场办公")),
        ("service_day", N_("企业家接待日")),
        ("phone", N_("电话联系")),
        ("online", N_("线上联系")),
    )
    late_entry_workdays: int = _whole(5, N_("次月补录走访的期限"), WD, 0, 15)
    service_day_of_month: int = _whole(10, N_("服务企业家日默认每月几日"), OF_MONTH, 1, 28)
    service_day_notice: int = _whole(3, N_("服务企业家日提前通知"), WD, 1, 10)
    service_day_answer: int = _whole(5, N_("服务企业家日的问题多久答复"), WD, 1, 30)
    acceptance_workdays: int = _whole(1, N_("受理期限"), WD, 1, 10)
    dispatch_workdays: int = _whole(1, N_("交办期限"), WD, 1, 10)
    sign_workdays: int = _whole(1, N_("签收期限，一般件"), WD, 1, 10)
    sign_urgent_hours: int = _whole(4, N_("签收期限，紧急件"), WH, 1, 24)
    sign_critical_hours: int = _whole(1, N_("签收期限，特急件"), H, 1, 24)
    contact_workdays: int = _whole(1, N_("首次联系企业的期限，一般件"), WD, 1, 10)
    contact_critical_hours: int = _whole(2, N_("首次联系企业的期限，特急件"), H, 1, 24)
    limit_consult: int = _whole(1, N_("办理期限，咨询"), WD, 1, 60)
    limit_simple: int = _whole(5, N_("办理期限，一般（C类）"), WD, 1, 60)
    limit_complex: int = _whole(15, N_("办理期限，复杂（B类）"), WD, 1, 90)
    limit_hard: int = _whole(30, N_("办理期限，疑难（A类）"), WD, 1, 120)
    interim_workdays: int = _whole(10, N_("疑难件阶段性答复的间隔"), WD, 1, 60)
    interim_escalated_workdays: int = _whole(5, N_("提级件阶段性答复的间隔"), WD, 1, 60)
    co_unit_workdays: int = _whole(3, N_("协办意见的期限"), WD, 1, 30)
    return_window_workdays: int = _whole(1, N_("交办后可以退单的时间"), WD, 1, 10)
    extension_lead_workdays: int = _whole(1, N_("到期前最晚提出延期"), WD, 0, 10)
    extension_max_workdays: int = _whole(10, N_("一次延期最多"), WD, 1, 60)
    yellow_short: int = _whole(1, N_("临期提示，期限 5 天以内"), WD, 0, 10)
    yellow_middle: int = _whole(2, N_("临期提示，期限 15 天以内"), WD, 0, 15)
    yellow_long: int = _whole(3, N_("临期提示，期限更长"), WD, 0, 30)
    blue_after: int = _whole(2, N_("超期多久发蓝色督办单"), WD, 1, 30)
    orange_after: int = _whole(4, N_("超期多久发橙色督办单"), WD, 1, 60)
    red_after: int = _whole(6, N_("超期多久发红色督办单"), WD, 1, 90)
    note_answer_workdays: int = _whole(2, N_("督办单答复期限"), WD, 1, 30)
    review_workdays: int = _whole(1, N_("审核期限"), WD, 1, 10)
    reply_return_workdays: int = _whole(1, N_("答复退回后至少还有"), WD, 1, 10)
    revisit_workdays: int = _whole(2, N_("回访期限"), WD, 1, 30)
    revisit_attempts: int = _whole(3, N_("回访未果至少联系"), TIMES, 1, 20)
    revisit_days: int = _whole(2, N_("回访未果至少分在几天"), DAYS, 1, 20)
    rating_delay_workdays: int = _whole(0, N_("审核通过后多久请企业评价"), WD, 0, 5)
    rating_again_days: int = _whole(3, N_("没有评价的多久再请一次"), DAYS, 1, 10)
    rating_repeats: int = _whole(1, N_("没有评价的最多再请"), TIMES, 0, 2)
    spot_check_percent: int = _whole(10, N_("抽查回访的比例"), "%", 0, 100)
    max_round: int = _whole(2, N_("最多办理轮次"), TIMES, 1, 5)
    rework_workdays: int = _whole(5, N_("重办期限"), WD, 1, 60)
    reopen_days: int = _whole(30, N_("办结后可以重启"), DAYS, 1, 365)
    escalation_workdays: int = _whole(10, N_("提级办理的期限"), WD, 1, 90)
    suspension_days: int = _whole(90, N_("挂账复核最长间隔"), DAYS, 1, 365)
    suspension_renewals: int = _whole(3, N_("挂账最多续期"), TIMES, 0, 10)
    resume_workdays: int = _whole(5, N_("挂账重启后至少还有"), WD, 1, 60)
    inbox_days: int = _whole(90, N_("看过的消息多久收进旧消息"), DAYS, 7, 730)
    tell_per_place: int = _whole(
        10, N_("同一网络每小时直接登记的反映最多，超过的先核实"), TIMES, 1, 500
    )
    tell_per_phone: int = _whole(
        5, N_("同一电话每天直接登记的反映最多，超过的先核实"), TIMES, 1, 100
    )
    tell_refused: int = _whole(60, N_("同一网络每小时最多收多少次反映"), TIMES, 1, 2000)
    idle_minutes: int = _whole(30, N_("不操作多久自动退出"), MINUTES, 5, 480)
    lock_failures: int = _whole(5, N_("密码错几次锁定账号"), TIMES, 3, 20)
    lock_minutes: int = _whole(30, N_("账号锁定多久"), MINUTES, 5, 1440)
    morning_from: int = _whole(830, N_("上午上班（时分）"), "", 500, 1200)
    morning_to: int = _whole(1200, N_("上午下班（时分）"), "", 900, 1400)
    afternoon_from: int = _whole(1430, N_("下午上班（时分）"), "", 1200, 1700)
    afternoon_to: int = _whole(1730, N_("下午下班（时分）"), "", 1500, 2200)

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> "Parameters":
        """Return the parameters that `settings` leaves or changes, without unknown names."""
        known = _known()
        held = {n: _held(known[n], value) for n, value in settings.items() if n in known}
        return _of(**held)


@lru_cache(maxsize=1000)
def _of(**held: Any) -> Parameters:  # noqa: ANN401 - what a JSON column keeps
    """Return parameters that hold this: put together once, for every page asks for them."""
    return Parameters(**held)


@cache
def _known() -> Mapping[str, Field[Any]]:
    return {field_.name: field_ for field_ in fields(Parameters)}


def _held(of: Field[Any], value: Any) -> Any:  # noqa: ANN401 - what a JSON column keeps
    """Return a value as its field holds it: what a list does not offer any more is left out."""
    if "choices" not in of.metadata:
        return int(value)
    chosen = set(value)
    return tuple(code for code, _label in of.metadata["choices"] if code in chosen) or of.default


def described() -> tuple[Field[Any], ...]:
    """Return the fields in the order of the page; what is said of them is in `metadata`.

    Label and unit; low and high of a number, or the `choices` of a list.
    """
    return fields(Parameters)


def clock_time(hhmm: int) -> time:
    """Return 830 as 08:30; raise ValueError for what is no time of day."""
    return time(hhmm // 100, hhmm % 100)
