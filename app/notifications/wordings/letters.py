"""The letters that somebody sends to try the way out."""

from app.core.i18n import N_
from app.notifications.wordings.wording import Wording

ALL = (
    Wording(
        rule="test",
        label=N_("测试消息"),
        to=N_("试发的人自己"),
        template="test",
        subject="【{{tenant}}营商办】这是一封测试邮件",
        heading="收到这封邮件，说明邮件发得出去",
        opening="这是在“发送设置”页点“给我发一封测试邮件”发出的，不用回复。",
        button="打开系统",
    ),
)
