"""what enterprises said stays as they said it

Revision ID: 0021
Revises: 0020
Create Date: 2026-11-30 09:50:00.000000

"""
from alembic import op


# revision identifiers, used by Alembic.
revision = '0021'
down_revision = '0020'
branch_labels = None
depends_on = None

#: What was asked, said, drawn by lot and said again. Nothing of it is filled in later.
TABLES = ('rating_requests', 'revisits', 'spot_draws', 'spot_checks', 'spot_calls')
BELONGED = 'OLD.revisit_id IS NOT NULL'
BELONGS = 'NEW.revisit_id IS NOT NULL'
#: Of attachments only the pictures of a rating are kept, and none becomes one later.
PICTURES = {'update': f'{BELONGED} OR {BELONGS}', 'delete': BELONGED}


def _on_postgresql():
    return op.get_bind().dialect.name == "postgresql"


def _keep(table, when=None):
    """Let rows of `table` be added, never changed or deleted, whoever asks.

    `when` says for each verb which rows that holds for, where it is not all.
    """
    if _on_postgresql():
        op.execute(
            f"CREATE FUNCTION keep_{table}() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN RAISE EXCEPTION '{table} is append-only'; END $$"
        )
    for verb in ('update', 'delete'):
        condition = f" WHEN ({when[verb]})" if when else ""
        made = f"CREATE TRIGGER keep_{table}_{verb} BEFORE {verb} ON {table} FOR EACH ROW{condition}"
        if _on_postgresql():
            op.execute(f"{made} EXECUTE FUNCTION keep_{table}()")
        else:
            op.execute(f"{made} BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END")


def _let_go(table):
    on = f" ON {table}" if _on_postgresql() else ""
    for verb in ('update', 'delete'):
        op.execute(f"DROP TRIGGER keep_{table}_{verb}{on}")
    if _on_postgresql():
        op.execute(f"DROP FUNCTION keep_{table}()")


def upgrade():
    for table in TABLES:
        _keep(table)
    _keep('attachments', PICTURES)


def downgrade():
    _let_go('attachments')
    for table in TABLES:
        _let_go(table)
