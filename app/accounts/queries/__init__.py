"""Reads: who is signed in, people, units, tenants, the audit log."""

from app.accounts.queries.audit import (
    SUBJECTS,
    AuditFilter,
    actions,
    audit_rows,
    names_of,
)
from app.accounts.queries.people import (
    UserFilter,
    actor_for,
    enterprise_named,
    enterprise_names,
    holding,
    holdings_of,
    search_users,
    user,
    users_with_role,
)
from app.accounts.queries.sessions import (
    Held,
    LockRules,
    SignedIn,
    by_username,
    folded,
    lock_rules,
    open_link,
    signed_in,
    token_hash,
)
from app.accounts.queries.units import own_tenant, tenant, tenants, unit, units, units_with_people

__all__ = [
    "SUBJECTS",
    "AuditFilter",
    "Held",
    "LockRules",
    "SignedIn",
    "UserFilter",
    "actions",
    "actor_for",
    "audit_rows",
    "by_username",
    "enterprise_named",
    "enterprise_names",
    "folded",
    "holding",
    "holdings_of",
    "lock_rules",
    "names_of",
    "open_link",
    "own_tenant",
    "search_users",
    "signed_in",
    "tenant",
    "tenants",
    "token_hash",
    "unit",
    "units",
    "units_with_people",
    "user",
    "users_with_role",
]
