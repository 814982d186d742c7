"""Verbs: signing in and out, people and their roles, units, settings; and logging for all."""

from app.accounts.service.audit import log
from app.accounts.service.people import (
    Made,
    UserDraft,
    activate,
    create_user,
    deactivate,
    edit_user,
    end_role,
    give_role,
    prefer,
    reset_password,
)
from app.accounts.service.sessions import (
    Attempt,
    Change,
    act_as,
    change_password,
    check_password,
    end_session,
    end_sessions,
    prepare_change,
    sign_in,
    tidy,
    touch,
)
from app.accounts.service.start import Beginning, begin, make_admin_link
from app.accounts.service.units import (
    UnitDraft,
    create_tenant,
    create_unit,
    edit_unit,
    set_parameters,
)

__all__ = [
    "Attempt",
    "Beginning",
    "Change",
    "Made",
    "UnitDraft",
    "UserDraft",
    "act_as",
    "activate",
    "begin",
    "change_password",
    "check_password",
    "create_tenant",
    "create_unit",
    "create_user",
    "deactivate",
    "edit_unit",
    "edit_user",
    "end_role",
    "end_session",
    "end_sessions",
    "give_role",
    "log",
    "make_admin_link",
    "prefer",
    "prepare_change",
    "reset_password",
    "set_parameters",
    "sign_in",
    "tidy",
    "touch",
]
