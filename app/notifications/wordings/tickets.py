"""What the letters about enterprises' problems say: the urges of a day, and R6 to R9."""

from app.core.i18n import N_
from app.notifications.wordings.wording import Wording

_ROW = {
    "no": 1,
    "title": "进厂小桥限重",
    "number": "QS20260928-0002",
    "enterprise": "塑岭管业",
    "unit": "规划建设办公室",
    "due": "10月9日 17:30",
    "state": "今天到期",
    "colour": "yellow",
}

URGED = Wording(
    rule="urge-digest",
    label=N_("临期催办"),
    to=N_("承办人、承办单位负责人"),
    template="urged",
    subject="【{{tenant}}营商办】{{n}}件企业问题临期，请抓紧办理（{{name}}同志）",
    heading="{{n}} 件企业问题临期",
    opening="下面 {{n}} 件企业问题快到办理期限，请抓紧办理；办不完的，按规定提前申请延期。",
    button="看我的待办",
    sample={"n": 1, "rows": [_ROW]},
)

R6 = Wording(
    rule="R6",
    label=N_("每周企业问题摘要"),
    to=N_("承办单位负责人"),
    template="week",
    subject="【{{tenant}}营商办】{{unit}}本周企业问题摘要：{{told}}",
    heading="{{unit}}：{{told}}",
    opening="这是本单位今天手里的企业问题：{{told}}。请先安排签收和超期的。",
    button="看本单位的待办",
    more={"unit": N_("单位名称"), "told": N_("各类几件，一句话")},
    sample={
        "n": 3,
        "unit": "规划建设办公室",
        "told": "待签收 1 件，超期 1 件，挂账待复核 1 件",
        "groups": [
            {"label": "待签收", "light": "", "n": 1, "rows": [{**_ROW, "state": "10月8日前签收"}]},
            {
                "label": "超期",
                "light": "red",
                "n": 1,
                "rows": [{**_ROW, "state": "超期 2 个工作日", "colour": "red"}],
            },
            {
                "label": "挂账待复核",
                "light": "",
                "n": 1,
                "rows": [{**_ROW, "state": "10月20日复核", "colour": ""}],
            },
        ],
    },
    may_be_off=True,
)

R7 = Wording(
    rule="R7",
    label=N_("每日到期"),
    to=N_("承办人"),
    template="due",
    subject="【{{tenant}}营商办】企业问题{{told}}，请今天办理（{{name}}同志）",
    heading="{{told}}",
    opening="下面 {{n}} 件企业问题今天到期或者已经超期，请今天办理；办不完的，请写明进展。",
    button="看我的待办",
    more={"told": N_("今天到期和超期各几件，一句话")},
    sample={"n": 1, "told": "今天到期 1 件", "rows": [_ROW]},
    may_be_off=True,
)

R8 = Wording(
    rule="R8",
    label=N_("回访待办"),
    to=N_("回访人：联络员、包联领导，没有的由交办员"),
    template="calls",
    subject="【{{tenant}}营商办】要回访的企业问题{{n}}件（{{name}}同志）",
    heading="要回访 {{n}} 件",
    opening="下面 {{n}} 件企业问题已经答复，请问企业解决没有、满意不满意。电话请在系统里看。",
    button="看要回访的",
    sample={"n": 1, "rows": [{**_ROW, "tried": 1, "state": "10月12日前回访"}]},
    may_be_off=True,
)

R9 = Wording(
    rule="R9",
    label=N_("挂账复核"),
    to=N_("主办单位负责人、营商办"),
    template="review",
    subject="【{{tenant}}营商办】{{n}}件挂账的企业问题快到复核日",
    heading="{{n}} 件挂账快到复核日",
    opening=(
        "下面 {{n}} 件挂账的企业问题快到复核日。请看等的条件有没有具备：具备的重启办理，"
        "没有具备的由营商办主任续期；到复核日没有续期的，自动重启。"
    ),
    button="看挂账的企业问题",
    sample={
        "n": 1,
        "rows": [
            {
                **_ROW,
                "state": "10月20日复核，还有 10 个工作日",
                "condition": "规划",
                "plan": "等镇国土空间规划批复后再办",
            }
        ],
    },
)

ALL = (URGED, R6, R7, R8, R9)
