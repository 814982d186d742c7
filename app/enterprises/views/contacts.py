"""The people of an enterprise whom one may call."""

from flask import flash, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from app.core.http import submitted
from app.core.transactions import transaction
from app.enterprises import policy, queries, service
from app.enterprises.forms import ContactForm, RemovalForm
from app.enterprises.models import Enterprise, EnterpriseContact
from app.enterprises.views.blueprint import bp
from app.enterprises.views.files import page_of


@bp.get("/enterprises/<int:enterprise_id>/contacts/new")
def new_contact(enterprise_id: int) -> ResponseReturnValue:
    """Show the form for a new person."""
    enterprise = queries.get(enterprise_id, viewer=current_user)
    policy.require_edit(current_user, enterprise)
    return _page(ContactForm(), enterprise)


@bp.post("/enterprises/<int:enterprise_id>/contacts/new")
def add_contact(enterprise_id: int) -> ResponseReturnValue:
    """Add a person to the file."""
    enterprise = queries.get(enterprise_id, viewer=current_user)
    form = ContactForm()

    def work() -> str:
        service.add_contact(enterprise, form.given(), actor=current_user)
        return url_for(".detail", enterprise_id=enterprise.id, _anchor="contacts")

    response = submitted(
        form, work, page=lambda: _page(form, enterprise), flash=_("联系人已添加。")
    )
    _warn(form)
    return response


@bp.get("/enterprises/<int:enterprise_id>/contacts/<int:contact_id>")
def contact(enterprise_id: int, contact_id: int) -> ResponseReturnValue:
    """Show a person as a form; their number is not in it."""
    found = queries.contact(contact_id, enterprise_id=enterprise_id, viewer=current_user)
    policy.require_edit(current_user, found.enterprise)
    form = ContactForm(obj=found)
    form.phone.data = ""
    return _page(form, found.enterprise, found)


@bp.post("/enterprises/<int:enterprise_id>/contacts/<int:contact_id>")
def save_contact(enterprise_id: int, contact_id: int) -> ResponseReturnValue:
    """Change a person."""
    found = queries.contact(contact_id, enterprise_id=enterprise_id, viewer=current_user)
    form = ContactForm()

    def work() -> str:
        version = form.version.data
        service.edit_contact(found, form.given(), version=version, actor=current_user)
        return url_for(".detail", enterprise_id=enterprise_id, _anchor="contacts")

    def page() -> str:
        return _page(form, found.enterprise, found)

    response = submitted(form, work, page=page, flash=_("联系人已保存。"))
    _warn(form)
    return response


@bp.get("/enterprises/<int:enterprise_id>/contacts/<int:contact_id>/removal")
def contact_removal(enterprise_id: int, contact_id: int) -> ResponseReturnValue:
    """Say what it means to take a person out of the file."""
    found = queries.contact(contact_id, enterprise_id=enterprise_id, viewer=current_user)
    policy.require_edit(current_user, found.enterprise)
    return _removal_page(RemovalForm(obj=found), found)


@bp.post("/enterprises/<int:enterprise_id>/contacts/<int:contact_id>/removal")
def remove_contact(enterprise_id: int, contact_id: int) -> ResponseReturnValue:
    """Take a person out of the file."""
    found = queries.contact(contact_id, enterprise_id=enterprise_id, viewer=current_user)
    form = RemovalForm()

    def work() -> str:
        service.remove_contact(found, version=form.version.data, actor=current_user)
        return url_for(".detail", enterprise_id=enterprise_id, _anchor="contacts")

    return submitted(form, work, page=lambda: _removal_page(form, found), flash=_("联系人已移除。"))


@bp.post("/enterprises/<int:enterprise_id>/contacts/<int:contact_id>/phone")
def reveal(enterprise_id: int, contact_id: int) -> ResponseReturnValue:
    """Show the page with the whole number of one person; the audit log knows of it.

    There is no redirect: the number must not lie in an address or in a cookie.
    """
    found = queries.contact(contact_id, enterprise_id=enterprise_id, viewer=current_user)
    with transaction():
        number = service.reveal_phone(found, actor=current_user)
    return page_of(found.enterprise, revealed={contact_id: number})


def _page(
    form: ContactForm, enterprise: Enterprise, contact: EnterpriseContact | None = None
) -> str:
    if contact is not None and form.version.data not in {None, contact.version}:
        form.renew(contact.version)
    return render_template(
        "enterprises/contact.html", form=form, enterprise=enterprise, contact=contact
    )


def _removal_page(form: RemovalForm, contact: EnterpriseContact) -> str:
    form.renew(contact.version)
    return render_template(
        "enterprises/contact_removal.html",
        form=form,
        contact=contact,
        enterprise=contact.enterprise,
    )


def _warn(form: ContactForm) -> None:
    """Say what is odd about a number that was saved all the same."""
    doubt = service.phone_doubt(form.phone.data or "")
    if doubt and not form.errors:
        flash(_(doubt), "warning")
