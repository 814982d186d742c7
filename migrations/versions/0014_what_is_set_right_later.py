"""what is set right later

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


def upgrade():
    with op.batch_alter_table('village_visits', schema=None) as batch_op:
        batch_op.add_column(sa.Column('changed_by_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('changed_at', sa.DateTime(), nullable=True))
        batch_op.add_column(sa.Column('version', sa.Integer(), nullable=False, server_default='1'))
        batch_op.create_foreign_key(batch_op.f('fk_village_visits_changed_by_id'), 'users', ['changed_by_id'], ['id'])

    with op.batch_alter_table('village_visits', schema=None) as batch_op:
        batch_op.alter_column('version', server_default=None)


def downgrade():
    with op.batch_alter_table('village_visits', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_village_visits_changed_by_id'), type_='foreignkey')
        batch_op.drop_column('version')
        batch_op.drop_column('changed_at')
        batch_op.drop_column('changed_by_id')
