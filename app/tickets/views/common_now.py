"""What to do first with a common problem, and what else may be done."""

from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext as _

from app.accounts.roles import Actor
from app.tickets.models import CommonState
from app.tickets.queries.common import Listed
from app.tickets.service import common as service


@dataclass(frozen=True, slots=True)
class Card:
    """The card on top of the page; `press` is the endpoint of a button in place of a link."""

    title: str
    text: str = ""
    tone: str = ""
    url: str = ""
    verb: str = ""
    icon: str = "arrow-right"
    press: str = ""


def cards(one: Listed, viewer: Actor) -> list[Card]:
    """Return what waits for the viewer, the first thing first; there is always one card."""
    found = [*_of_unit(one, viewer), *_of_office(one, viewer)]
    return found or [_nothing(one)]


def _of_unit(one: Listed, viewer: Actor) -> list[Card]:
    common = one.common
    if service.may_publish(common, viewer) and one.handled:
        return [
            Card(
                _("发布统一答复"),
                _("%(n)s 件在办；发布后逐件提交营商办审核，办不成的会逐件说明。", n=one.handled),
                verb=_("发布统一答复"),
                icon="megaphone",
                press=".common_publish",
            )
        ]
    if common.published_at and service.may_draft(common, viewer):
        return [
            Card(
                _("统一答复要改"),
                _("审核退回了，或引用的文件已失效；改好后再由负责人发布，退回的各件一起重新提交。"),
                url="#answer",
                verb=_("改答复"),
                icon="pencil",
            )
        ]
    if service.may_draft(common, viewer) and not common.answer:
        return [
            Card(
                _("起草统一答复"),
                _("一个答复用于归进来的每一件；由起草人以外的负责人发布。"),
                url="#answer",
                verb=_("起草"),
                icon="pencil",
            )
        ]
    return []


def _of_office(one: Listed, viewer: Actor) -> list[Card]:
    common = one.common
    if not service.is_keeper(viewer) or common.state is CommonState.ENDED:
        return []
    if common.lead_unit_id is None:
        return [
            Card(
                _("先定牵头单位"),
                _("定了才能一起交办、统一答复。"),
                url=url_for(".common_edit", common_id=common.id),
                verb=_("定牵头单位"),
                icon="diagram-3",
            )
        ]
    if one.to_dispatch:
        return [
            Card(
                _("%(n)s 件等着交办", n=one.to_dispatch),
                _("一起交给牵头单位，每一件各自计时。"),
                verb=_("一起交办"),
                icon="send",
                press=".common_dispatch",
            )
        ]
    if one.open_members:
        return []
    ending = Card(
        _("都办完了"),
        _("每一件都办结或另有结果。现在可以结束；过了可以重启的日子会自己结束。"),
        verb=_("结束"),
        icon="check2-circle",
        press=".common_end",
    )
    return [ending] if one.members else [_nothing(one), ending]


def _nothing(one: Listed) -> Card:
    if one.common.state is CommonState.ENDED:
        return Card(_("这个共性问题已经结束"), tone="done")
    if not one.members:
        return Card(
            _("等企业问题归进来"),
            _("在企业问题的页面上选“归入共性问题”。"),
            tone="done",
        )
    return Card(
        _("%(n)s 件，在办 %(m)s 件", n=one.members, m=one.open_members),
        _("现在没有等您办的。"),
        tone="done",
    )
