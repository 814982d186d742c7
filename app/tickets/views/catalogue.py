"""The dispatch catalogue, for who keeps it."""

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from app.core.errors import NotFound
from app.core.http import submitted
from app.core.i18n import N_
from app.tickets.forms.catalogue import CategoryForm, EditCategoryForm, UseForm
from app.tickets.models import Category
from app.tickets.queries import catalogue as queries
from app.tickets.service import catalogue as service

USE = "use-"  # before the fields of the second form of a category

bp = Blueprint("catalogue", __name__, url_prefix="/catalogue")


@bp.get("")
def index() -> ResponseReturnValue:
    """Show the whole catalogue."""
    branches = queries.managed(viewer=current_user)
    return render_template(
        "catalogue/index.html",
        branches=branches,
        used=sum(branch.category.is_active for branch in branches),
        open_ended=[branch.category for branch in branches if _is_open_ended(branch)],
    )


@bp.get("/new")
def new() -> ResponseReturnValue:
    """Ask for a new category, below another one where the address says so."""
    parent = _parent()
    form = CategoryForm(
        code=_next_code(parent),
        complexity=parent.complexity if parent else None,
        urgency=parent.urgency if parent else None,
    )
    return _page(form, parent=parent)


@bp.post("/new")
def add() -> ResponseReturnValue:
    """Add a category."""
    parent = _parent()
    form = CategoryForm()
    _offer(form, parent=parent)

    def work() -> str:
        service.add_category(form.given(), parent=parent, actor=current_user)
        return url_for(".index")

    return submitted(
        form, work, page=lambda: _page(form, parent=parent), flash=_("类别已加入目录。")
    )


@bp.get("/<int:category_id>")
def edit(category_id: int) -> ResponseReturnValue:
    """Show one category, to be changed."""
    category = queries.category(category_id, viewer=current_user)
    form = EditCategoryForm(obj=category, co_unit_ids=[unit.id for unit in category.co_units])
    return _page(form, category=category, parent=category.parent)


@bp.post("/<int:category_id>")
def save(category_id: int) -> ResponseReturnValue:
    """Change a category."""
    category = queries.category(category_id, viewer=current_user)
    form = EditCategoryForm()
    _offer(form, category=category, parent=category.parent)

    def work() -> str:
        service.edit_category(
            category,
            form.given(),
            reason=form.reason.data or "",
            version=form.version.data,
            actor=current_user,
        )
        return url_for(".index")

    return submitted(
        form,
        work,
        page=lambda: _page(form, category=category, parent=category.parent),
        flash=_("类别已修改，以后的交办按新的默认值。"),
    )


@bp.post("/<int:category_id>/use")
def put_into_use(category_id: int) -> ResponseReturnValue:
    """Begin or cease to use a category."""
    category = queries.category(category_id, viewer=current_user)
    form = UseForm(prefix=USE)
    in_use = request.form.get("in_use") == "1"

    def work() -> str:
        service.put_into_use(
            category,
            in_use=in_use,
            reason=form.reason.data or "",
            version=form.version.data,
            actor=current_user,
        )
        return url_for(".index")

    edited = EditCategoryForm(
        formdata=None, obj=category, co_unit_ids=[unit.id for unit in category.co_units]
    )
    return submitted(
        form,
        work,
        page=lambda: _page(edited, category=category, parent=category.parent, use=form),
        flash=_("已启用。") if in_use else _("已停用，原有的企业问题不受影响。"),
    )


def _page(
    form: CategoryForm,
    *,
    category: Category | None = None,
    parent: Category | None = None,
    use: UseForm | None = None,
) -> str:
    _offer(form, category=category, parent=parent)
    return render_template(
        "catalogue/category.html",
        form=form,
        category=category,
        parent=parent,
        use=use or _use_form(category),
    )


def _use_form(category: Category | None) -> UseForm | None:
    return UseForm(formdata=None, prefix=USE, version=category.version) if category else None


def _offer(
    form: CategoryForm, *, category: Category | None = None, parent: Category | None = None
) -> None:
    standing = [category.lead_unit, *category.co_units] if category else []
    also = [unit for unit in standing if unit]
    units = queries.units_to_choose(viewer=current_user, also=also)
    form.offer(units, below=parent is not None)


def _parent() -> Category | None:
    parent_id = request.args.get("parent", type=int)
    if parent_id is None:
        queries.managed(viewer=current_user)
        return None
    parent = queries.category(parent_id, viewer=current_user)
    if parent.parent_id is not None:
        raise NotFound(N_("小类下面不能再分小类。"))
    return parent


def _next_code(parent: Category | None) -> str:
    """Return the first code that is free."""
    branches = queries.managed(viewer=current_user)
    codes = {row.code for branch in branches for row in (branch.category, *branch.children)}
    tried = (
        (f"{parent.code}.{n}" for n in range(1, 99))
        if parent
        else (f"{n:02}" for n in range(1, 99))
    )
    return next((code for code in tried if code not in codes), "")


def _is_open_ended(branch: queries.Branch) -> bool:
    """Tell whether problems of this category go to nobody by default."""
    category = branch.category
    if not category.is_active or category.rejects or category.lead_unit:
        return False
    return not branch.children or any(
        child.is_active and not child.lead_unit for child in branch.children
    )
