"""What the letters about visits say: R1 to R5, and R12 before holidays."""

from typing import Any

from app.core.i18n import N_
from app.notifications.wordings.wording import SERVICE, Wording

_RECAP: dict[str, Any] = {
    "past": 9,
    "missed": [
        {
            "no": 1,
            "name": "塑岭管业",
            "is_project": False,
            "tier": "重点",
            "partner_is": "联络员",
            "partner": "鹿鸣谦",
        }
    ],
    "late_until": "10月14日",
}

R1 = Wording(
    rule="R1",
    label=N_("月初任务提醒"),
    to=N_("包联领导、联络员"),
    template="r1",
    subject="【{{tenant}}营商办】{{year}}年{{month}}月联系走访企业任务提醒（{{name}}同志，{{n}}家）",
    heading="{{month}} 月走访 {{n}} 家，{{due_day}}前完成",
    opening=(
        "按照《{{mechanism}}》{% if doc_no %}（{{doc_no}}）{% endif %}，"
        "您本月联系走访对象共{{n}}家（企业{{n_ent}}家、重点项目{{n_proj}}个），"
        "请于{{due}}前完成上门走访并在系统登记。"
    ),
    button="看本月走访和登记",
    closing=SERVICE,
    more={
        "year": N_("年"),
        "month": N_("月"),
        "n_ent": N_("其中企业几家"),
        "n_proj": N_("其中重点项目几个"),
        "due": N_("完成期限"),
        "due_day": N_("完成期限，不带年份"),
        "mechanism": N_("机制文件名称"),
        "doc_no": N_("机制文件发文字号"),
    },
    sample={
        **_RECAP,
        "year": 2026,
        "month": 10,
        "n": 1,
        "n_ent": 1,
        "n_proj": 0,
        "due": "2026年10月30日",
        "due_day": "10月30日",
        "mechanism": "领导包联企业工作机制",
        "doc_no": "霁营商办〔2026〕2号",
        "service_days": ["服务企业家日：10月12日（周一）14:30–17:00，便民服务中心二楼，宓采薇接待"],
        "rows": [
            {
                "no": 1,
                "name": "塑岭管业",
                "is_project": False,
                "tier": "重点",
                "partner_is": "联络员",
                "partner": "鹿鸣谦",
                "address": "霁川社区集镇北路 18 号",
                "post": "运营经理",
                "last": "9月16日",
                "tickets": [],
                "promise": "带上施工图",
            }
        ],
    },
)

_LEFT_NAMES = {
    "year": N_("年"),
    "month": N_("月"),
    "whose": N_("您，或者全镇（给营商办的一份）"),
    "left": N_("还剩几个工作日，一句话"),
    "due_day": N_("完成期限，不带年份"),
}
_LEFT_SAMPLE: dict[str, Any] = {
    "year": 2026,
    "month": 10,
    "n": 1,
    "whose": "您",
    "left": "还剩 11 个工作日",
    "due_day": "10月30日",
    "light": "",
    "rows": [
        {
            "no": 1,
            "name": "塑岭管业",
            "is_project": False,
            "tier": "重点",
            "partner_is": "联络员",
            "partner": "鹿鸣谦",
            "planned": "10月20日",
        }
    ],
    "everybody": [],
    "all_n": 3,
    "unlisted": 0,
}
_LEFT_SUBJECT = (
    "【{{tenant}}营商办】{{month}}月{{whose}}还有{{n}}家没有走访，{{left}}（{{name}}同志）"
)
_NEAR_SAMPLE = {
    **_LEFT_SAMPLE,
    "light": "临期",
    "left": "还剩 5 个工作日",
    "everybody": [
        {"leader": "宓采薇", "n": 1, "targets": "塑岭管业（联络员 鹿鸣谦）"},
        {"leader": "席沐阳", "n": 2, "targets": "速岭物流、冷链仓储中心（项目）"},
    ],
}

R2 = Wording(
    rule="R2",
    label=N_("月中提醒"),
    to=N_("还有走访任务没完成的包联领导、联络员"),
    template="unfinished",
    subject=_LEFT_SUBJECT,
    heading="还有 {{n}} 家没有走访，{{left}}",
    opening="{{month}}月已经过半，{{whose}}还有{{n}}家没有走访。请在{{due_day}}前上门走访并登记。",
    button="看没走访的和登记",
    closing=SERVICE,
    more=_LEFT_NAMES,
    sample=_LEFT_SAMPLE,
)

R3 = Wording(
    rule="R3",
    label=N_("走访倒计时"),
    to=N_("还有走访任务没完成的包联领导、联络员，抄送营商办"),
    template="unfinished",
    subject=_LEFT_SUBJECT,
    heading="还有 {{n}} 家没有走访，{{left}}",
    opening=(
        "{{month}}月的走访快到期了，{{whose}}还有{{n}}家没有走访。"
        "请在{{due_day}}前上门走访并登记；企业停产、搬迁或者书面提出不用去的，请申请免访。"
    ),
    button="看没走访的和登记",
    closing=SERVICE,
    more=_LEFT_NAMES,
    sample=_NEAR_SAMPLE,
)

R4 = Wording(
    rule="R4",
    label=N_("走访最后提醒"),
    to=N_("还有走访任务没完成的包联领导、联络员，抄送营商办"),
    template="unfinished",
    subject=_LEFT_SUBJECT,
    heading="还有 {{n}} 家没有走访，{{left}}",
    opening=(
        "{{month}}月的走访到{{due_day}}为止，{{whose}}还有{{n}}家没有走访。"
        "到时没有走访的记为逾期，次月初汇总报送。"
    ),
    button="看没走访的和登记",
    closing=SERVICE,
    more=_LEFT_NAMES,
    sample={**_NEAR_SAMPLE, "left": "还剩 1 个工作日"},
)

R5 = Wording(
    rule="R5",
    label=N_("逾期与汇总"),
    to=N_("有逾期的包联领导、联络员，营商办主任，镇主要负责同志"),
    template="r5",
    subject="【{{tenant}}营商办】{{past_year}}年{{past}}月走访情况：{{told}}（{{name}}同志）",
    heading="{{past}} 月走访：{{told}}",
    opening="{{past}}月的走访已经截止：{{told}}。",
    button="看走访情况",
    more={
        "past_year": N_("上月的年"),
        "past": N_("上月"),
        "told": N_("完成和逾期情况，一句话"),
    },
    sample={
        **_RECAP,
        "past_year": 2026,
        "told": "完成 44 / 46，逾期 2 家",
        "n": 1,
        "all_missed": [{"leader": "宓采薇", "n": 2, "targets": "塑岭管业、速岭物流"}],
        "unlisted": 0,
        "summary": [
            {"label": "走访任务", "value": "完成 44 / 46（95.7%）"},
            {"label": "走访覆盖", "value": "44 / 46（95.7%）"},
            {"label": "逾期没有走访", "value": "塑岭管业、速岭物流"},
            {"label": "收集问题", "value": "9 件"},
            {"label": "其中已解决", "value": "5 件"},
        ],
    },
)

R12 = Wording(
    rule="R12",
    label=N_("节前廉政提醒"),
    to=N_("全体走访人员：镇主要负责同志、包联领导、联络员、营商办"),
    template="integrity",
    subject="【{{tenant}}营商办】{{holidays}}前廉政提醒（{{name}}同志）",
    heading="{{holidays}}前廉政提醒",
    opening=(
        "{{holidays}}快到了（{{begins}}）。请严格落实亲清政商关系要求，走访企业时做到：\n"
        "· 不收受企业礼品、礼金、消费卡和各类有价证券；\n"
        "· 不接受企业宴请和旅游、健身、娱乐等安排；\n"
        "· 不向企业推销商品、摊派费用、报销票据；\n"
        "· 不借企业车辆，不在企业办私事；\n"
        "· 不以走访名义开展检查，不打扰企业正常生产经营。"
    ),
    button="看走访八不准",
    closing="遇到推不掉的礼品礼金，请当天上交并报告营商办。祝您节日平安。",
    more={"holidays": N_("哪个节"), "begins": N_("从哪天起放假；还没有放假通知的会注明")},
    sample={"holidays": "国庆节", "begins": "10月1日起放假"},
)

ALL = (R1, R2, R3, R4, R5, R12)
