"""What each job of the timetable does, and when, in the words of the office. Pure."""

from app.core.i18n import N_

#: A job that is not listed is shown under its own name.
JOBS = {
    "turn-absences": N_("外出开始和结束，代理人接办和交还岗位"),
    "cover-absences": N_("外出的人手上的事交给代理人，回来交还"),
    "hand-on-readers": N_("限知件的知情人都换岗时，由现任的接上"),
    "carry-out-handovers": N_("到日子的工作移交"),
    "generate-tasks": N_("生成本月走访任务"),
    "close-overdue-tasks": N_("标出逾期没有走访的"),
    "resume-due": N_("挂账到期的重启办理"),
    "draw-spot-checks": N_("从新办结的评价里随机抽取要再问一次的"),
    "close-unanswered": N_("发了链接一直没有回应的，回访未果办结"),
    "tell-unreached": N_("请企业评价的信送不到的，请回访人打电话"),
    "ask-for-ratings": N_("答复审核通过后请企业评价，没有评价的再请一次"),
    "archive-old": N_("办结满期限的归档"),
    "end-common": N_("都办完的共性问题结束"),
    "tidy-accounts": N_("清理过期的登录和失败记录"),
    "tidy-tickets": N_("清理谁开着哪一页的记录"),
    "tidy-guesses": N_("清理过期的查询码输错记录"),
    "empty-letters": N_("清除不收的来信里的原话和联系方式"),
    "forget-forms": N_("清理 30 天前提交过的表单记号"),
    "forget-runs": N_("清理 90 天前的运行记录"),
    "sweep-files": N_("清理没有人用的附件"),
    "anchor-audit": N_("把审计日志的链尾记到数据库外面"),
    "vacate-seats": N_("调离的人手上的事交回单位"),
    "recompute-due": N_("节假日公布后重算期限"),
    "remind-co-tasks": N_("提醒要交协办意见的单位"),
    "climb-ladder": N_("临期催办、超期发通知和督办单"),
    "mail-urges": N_("把临期催办发成邮件"),
    "remind-r1": N_("月初走访任务提醒"),
    "remind-unfinished": N_("月中和月末的走访提醒"),
    "remind-integrity": N_("节前廉政提醒"),
    "remind-week": N_("每周企业问题摘要"),
    "remind-due": N_("每日到期提醒"),
    "remind-calls": N_("回访待办提醒"),
    "remind-reviews": N_("挂账复核提醒"),
    "invite-firms": N_("告诉企业要来走访"),
    "announce-service-days": N_("服务日预告"),
    "finish-service-days": N_("服务日的问题都办结了，告诉接待领导"),
    "freeze-month": N_("冻结上月数据，生成月报草稿"),
    "send-weekly": N_("每周要领导定的"),
    "send-monthly": N_("每月要领导定的"),
    "send-r10": N_("月报草稿送营商办主任"),
    "remind-unread": N_("还没有确认已阅的，提醒一次"),
    "read-bounces": N_("读退信，标出有问题的地址"),
    "auto-sign": N_("到期没有签收的自动签收"),
    "deliver-messages": N_("发送排队的邮件和短信"),
}
EVERY_MINUTE = N_("每分钟")
DAILY = N_("每天 {time}")
HOURLY = N_("每小时第 {minute} 分")
BETWEEN = N_("每天 {first} 点到 {last} 点，第 {minute} 分")
OTHERWISE = N_("按时刻表 {when}")


def when(crontab: str) -> tuple[str, dict[str, str]]:
    """Return when a line of the timetable runs, as a text and what its names stand for."""
    minute, hour, *rest = crontab.split()
    if crontab == "* * * * *":
        return EVERY_MINUTE, {}
    if rest == ["*", "*", "*"] and minute.isdigit():
        if hour == "*":
            return HOURLY, {"minute": minute}
        if hour.isdigit():
            return DAILY, {"time": f"{int(hour)}:{int(minute):02}"}
        first, dash, last = hour.partition("-")
        if dash and first.isdigit() and last.isdigit():
            return BETWEEN, {"first": first, "last": last, "minute": minute}
    return OTHERWISE, {"when": crontab}
