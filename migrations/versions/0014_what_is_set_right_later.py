"""what is set right later, and reports that are not

Revision ID: 0014
Revises: 0013
Create Date: 2026-11-30 07:00:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None


def _keep(table):
    """Let rows of `table` be added, never changed or deleted, whoever asks."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"CREATE FUNCTION keep_{table}() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN RAISE EXCEPTION '{table} is append-only'; END $$"
        )
        op.execute(
            f"CREATE TRIGGER keep_{table} BEFORE UPDATE OR DELETE ON {table}"
            f" FOR EACH ROW EXECUTE FUNCTION keep_{table}()"
        )
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER keep_{table}_{verb.lower()} BEFORE {verb} ON {table}"
            f" BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )


def _let_go(table):
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"DROP TRIGGER keep_{table} ON {table}")
        op.execute(f"DROP FUNCTION keep_{table}()")
        return
    for verb in ("update", "delete"):
        op.execute(f"DROP TRIGGER keep_{table}_{verb}")


def upgrade():
    with op.batch_alter_table('village_visits', schema=None) as batch_op:
        batch_op.add_column(sa.Column('changed_by_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('changed_at', sa.DateTime(), nullable=True))
        batch_op.add_column(sa.Column('version', sa.Integer(), nullable=False, server_default='1'))
        batch_op.create_foreign_key(batch_op.f('fk_village_visits_changed_by_id'), 'users', ['changed_by_id'], ['id'])

    with op.batch_alter_table('village_visits', schema=None) as batch_op:
        batch_op.alter_column('version', server_default=None)

    _keep('report_snapshots')


def downgrade():
    _let_go('report_snapshots')
    with op.batch_alter_table('village_visits', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_village_visits_changed_by_id'), type_='foreignkey')
        batch_op.drop_column('version')
        batch_op.drop_column('changed_at')
        batch_op.drop_column('changed_by_id')
