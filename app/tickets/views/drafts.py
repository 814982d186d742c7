"""登记企业问题: choosing the enterprise, writing the problem down, handing it in."""

from collections.abc import Sequence

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.accounts.roles import Permission, Role
from app.attachments import queries as attachments
from app.attachments import service as files
from app.attachments.models import Attachment
from app.core.errors import NotAllowed, NotFound
from app.core.forms import differences
from app.core.http import reader, submitted
from app.core.i18n import N_
from app.core.locale import spoken as _
from app.core.paging import paged
from app.core.transactions import transaction
from app.enterprises import queries as enterprises
from app.enterprises.models import Enterprise
from app.tickets import queries
from app.tickets import service as tickets
from app.tickets.forms.draft import DraftForm
from app.tickets.models import Ticket
from app.tickets.queries import choices
from app.tickets.service import StepInput
from app.tickets.views.blueprint import bp
from app.tickets.workflow.states import Event, Source, Status, Urgency

MOST_FOUND = 20  # enterprises that a search shows
MOST_TYPED = 40  # characters of it that are looked at
SOURCES = {Role.ENTERPRISE_USER: Source.SELF_SERVICE, Role.DISPATCHER: Source.PHONE}


@bp.get("/new")
def new() -> ResponseReturnValue:
    """Ask whose problem it is, then what it is."""
    _check_may_open()
    chosen = request.args.get("enterprise", type=int) or current_user.enterprise_id
    if not chosen:
        return _enterprises_page()
    enterprise = enterprises.get(chosen, viewer=current_user)
    contact = enterprises.primary_contact(enterprise.id)
    form = DraftForm(
        enterprise_id=enterprise.id,
        urgency=Urgency.NORMAL,
        source=SOURCES.get(current_user.role, Source.VISIT),
        contact_name=contact.name if contact else "",
        contact_phone=contact.phone if contact else "",
    )
    return _page(form)


@bp.post("/new")
def create() -> ResponseReturnValue:
    """Write the problem down, and hand it in where that button was pressed."""
    _check_may_open()
    form = DraftForm(whose=current_user.user_id)

    def work() -> str:
        write = tickets.hand_in if form.submits else tickets.open_ticket
        return _finish(write(form.draft(), actor=reader()), form)

    return submitted(form, work, page=lambda: _page(form), flash=_done(form))


@bp.get("/<int:ticket_id>/edit")
def edit(ticket_id: int) -> ResponseReturnValue:
    """Show a draft, to be written on."""
    ticket = _own_draft(ticket_id)
    form = DraftForm(obj=ticket)
    form.fill(ticket)
    return _page(form, ticket)


@bp.post("/<int:ticket_id>/edit")
def save(ticket_id: int) -> ResponseReturnValue:
    """Write a draft anew, and hand it in where that button was pressed."""
    ticket = _own_draft(ticket_id)
    form = DraftForm(whose=current_user.user_id, bound_to=f"ticket {ticket.id}")

    def work() -> str:
        tickets.check_version(ticket, form.version.data)
        tickets.edit_draft(ticket, form.draft(ticket), actor=current_user)
        if form.submits:
            tickets.take(ticket, Event.SUBMIT, StepInput(), actor=current_user)
        return _finish(ticket, form)

    def page() -> str:
        return _page(form, queries.get(ticket_id, viewer=current_user))

    return submitted(form, work, page=page, flash=_done(form))


@bp.post("/<int:ticket_id>/attachments/<int:attachment_id>/remove")
def remove_file(ticket_id: int, attachment_id: int) -> ResponseReturnValue:
    """Take a file away from a draft again."""
    ticket = _own_draft(ticket_id)
    with transaction():
        found = attachments.get(attachment_id, viewer=current_user, ticket_id=ticket_id)
        files.remove(found, actor=current_user, hidden=tickets.is_for_few(ticket))
    return _edit_again(ticket_id)


def _own_draft(ticket_id: int) -> Ticket:
    """Return a draft of the person at the screen; what was handed in is read only."""
    ticket = queries.get(ticket_id, viewer=current_user)
    if ticket.created_by_id != current_user.user_id:
        raise NotAllowed(N_("草稿只有起草人能改。"))
    if ticket.status is not Status.DRAFT:
        raise NotAllowed(N_("已经登记的问题不能再改原话。"))
    return ticket


def _check_may_open() -> None:
    if not current_user.may(Permission.TICKET_OPEN):
        raise NotAllowed(N_("您现在的身份不能登记企业问题。"))


def _finish(ticket: Ticket, form: DraftForm) -> str:
    """Add the files, and say where to go."""
    if chosen := form.chosen():
        hidden = tickets.is_for_few(ticket)
        for prepared in chosen:
            files.attach(prepared, ticket_id=ticket.id, actor=current_user, hidden=hidden)
    return url_for(".detail", ticket_id=ticket.id)


def _done(form: DraftForm) -> str:
    if form.submits:
        return str(_("已登记，营商办会在 1 个工作日内受理。"))
    return str(_("草稿已存。写完后再登记。"))


def _edit_again(ticket_id: int) -> ResponseReturnValue:
    return redirect(url_for(".edit", ticket_id=ticket_id), 303)


def _offer(form: DraftForm) -> None:
    form.offer(
        categories=choices.categories(viewer=current_user),
        subcategories=choices.subcategories(viewer=current_user),
        units=choices.units(viewer=current_user),
    )


def _enterprises_page() -> str:
    """Render the search for the enterprise whose problem it is."""
    words = (request.args.get("q") or "").strip()[:MOST_TYPED]
    found = enterprises.search(enterprises.EnterpriseFilter(text=words), viewer=current_user)
    page = paged(found, 1, size=MOST_FOUND)
    return render_template("tickets/enterprise.html", words=words, page=page)


def _page(form: DraftForm, ticket: Ticket | None = None) -> str:
    """Render the draft; where somebody changed it meanwhile, with what is different."""
    _offer(form)
    form.carry_files()
    changed = []
    if ticket and form.version.data is not None and form.version.data != ticket.version:
        changed = differences(form, ticket)
        form.renew(ticket.version)
    return render_template(
        "tickets/draft.html",
        form=form,
        ticket=ticket,
        enterprise=_chosen(form),
        changed=changed,
        supplement=_supplement(ticket),
        attachments=_files(ticket),
        file_url=lambda id_: _file_url(".attachment", ticket, id_),
        remove_url=lambda id_: _file_url(".remove_file", ticket, id_),
    )


def _chosen(form: DraftForm) -> Enterprise | None:
    """Return the enterprise of the form, where it is one that the viewer may know of."""
    if form.enterprise_id.errors or not form.enterprise_id.data:
        return None
    try:
        return enterprises.get(form.enterprise_id.data, viewer=current_user)
    except NotFound:
        return None


def _files(ticket: Ticket | None) -> Sequence[Attachment]:
    if ticket is None:
        return ()
    return attachments.belonging_to(viewer=current_user, ticket_id=ticket.id)


def _file_url(endpoint: str, ticket: Ticket | None, attachment_id: int) -> str:
    ticket_id = ticket.id if ticket else 0
    return url_for(endpoint, ticket_id=ticket_id, attachment_id=attachment_id)


def _supplement(ticket: Ticket | None) -> str:
    """Return what the office asked for when it sent the draft back."""
    if ticket is None or ticket.number is None:
        return ""
    asked = [e for e in ticket.events if e.kind == Event.REQUEST_SUPPLEMENT]
    return str(asked[-1].payload.get("items", "")) if asked else ""
