"""Saved views: filters of the register under a name, one's own and shared ones."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from app.core.errors import NotFound
from app.core.http import reader, submitted
from app.core.i18n import N_
from app.tickets import policy
from app.tickets.forms import register
from app.tickets.forms.saved import RemoveForm, ViewForm
from app.tickets.models import SavedView
from app.tickets.queries import saved
from app.tickets.service import saved as service
from app.tickets.views.blueprint import bp


@bp.get("/views")
def views() -> ResponseReturnValue:
    """List one's own saved views and the shared ones."""
    _check_inside()
    return _list(RemoveForm())


@bp.get("/views/new")
def new_view() -> ResponseReturnValue:
    """Ask for the name of the filter that stands in the address."""
    _check_inside()
    return _page(ViewForm(query=register.cleaned(request.args)), _("保存筛选"))


@bp.post("/views/new")
def create_view() -> ResponseReturnValue:
    """Keep the filter under its name."""
    _check_inside()
    form = ViewForm()
    form.query.data = _cleaned(form.query.data)

    def work() -> str:
        view = service.save_view(
            form.name.data or "",
            form.query.data or "",
            is_shared=form.is_shared.data,
            actor=current_user,
        )
        return address(view)

    return submitted(
        form, work, page=lambda: _page(form, _("保存筛选")), flash=_("筛选已保存，在台账上方。")
    )


@bp.get("/views/<int:view_id>")
def view(view_id: int) -> ResponseReturnValue:
    """Show the form that renames one's own saved view; somebody else's leads to its list."""
    found = saved.saved_view(view_id, viewer=current_user)
    if not saved.is_changed_by(found, reader()):
        return redirect(address(found))
    return _page(ViewForm(obj=found, version=found.version), _("改名和共享"))


@bp.post("/views/<int:view_id>")
def change_view(view_id: int) -> ResponseReturnValue:
    """Rename a saved view, or share it."""
    saved.saved_view(view_id, viewer=current_user)
    form = ViewForm()

    def work() -> str:
        service.change_view(
            saved.saved_view(view_id, viewer=current_user),
            form.name.data or "",
            is_shared=form.is_shared.data,
            version=form.version.data,
            actor=current_user,
        )
        return url_for(".views")

    def page() -> str:
        now = saved.saved_view(view_id, viewer=current_user)
        form.renew(now.version)  # who reads the sentence has seen how it is now
        form.query.data = now.query
        return _page(form, _("改名和共享"))

    return submitted(form, work, page=page, flash=_("已保存。"))


@bp.post("/views/<int:view_id>/removal")
def remove_view(view_id: int) -> ResponseReturnValue:
    """Delete a saved view."""
    form = RemoveForm()

    def work() -> str:
        found = saved.saved_view(view_id, viewer=current_user)
        service.remove_view(found, actor=current_user)
        return url_for(".views")

    return submitted(form, work, page=lambda: _list(form), flash=_("筛选已删掉。"))


def address(kept: SavedView) -> str:
    """Return the address of the register with this filter."""
    return url_for(".index") + (f"?{kept.query}" if kept.query else "")


def _cleaned(query: str | None) -> str:
    return register.cleaned(register.parsed(query))


def _page(form: ViewForm, title: str) -> str:
    return render_template(
        "tickets/view.html", form=form, title=title, asked=register.described(form.query.data)
    )


def _list(refused: RemoveForm) -> str:
    """Render the list; each row has a form, and so a key, of its own."""
    viewer = reader()
    rows = [
        (one, saved.is_changed_by(one, viewer), saved.is_removed_by(one, viewer))
        for one in saved.saved_views(viewer=viewer)
    ]
    return render_template(
        "tickets/views.html",
        views=[(one, changes, RemoveForm() if removes else None) for one, changes, removes in rows],
        address=address,
        refused=refused,
    )


def _check_inside() -> None:
    if policy.is_outside(reader()):
        raise NotFound(N_("没有找到这个页面，可能已被移走，或者不在您能看的范围内。"))
