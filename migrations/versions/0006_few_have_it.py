"""few have it

Revision ID: 0006
Revises: 0005
Create Date: 2026-11-30 02:20:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table('tickets', schema=None) as batch_op:
        batch_op.drop_index('ix_tickets_master_id')
        batch_op.create_index('ix_tickets_master_id', ['master_id'], unique=False, sqlite_where=sa.text('master_id IS NOT NULL'), postgresql_where=sa.text('master_id IS NOT NULL'))
        batch_op.drop_index('ix_tickets_split_from_id')
        batch_op.create_index('ix_tickets_split_from_id', ['split_from_id'], unique=False, sqlite_where=sa.text('split_from_id IS NOT NULL'), postgresql_where=sa.text('split_from_id IS NOT NULL'))
        batch_op.drop_index('ix_tickets_common_id')
        batch_op.create_index('ix_tickets_common_id', ['common_id', 'id'], unique=False, sqlite_where=sa.text('common_id IS NOT NULL'), postgresql_where=sa.text('common_id IS NOT NULL'))
        batch_op.drop_index('ix_tickets_covered_for_id')
        batch_op.create_index('ix_tickets_covered_for_id', ['covered_for_id'], unique=False, sqlite_where=sa.text('covered_for_id IS NOT NULL'), postgresql_where=sa.text('covered_for_id IS NOT NULL'))


def downgrade():
    with op.batch_alter_table('tickets', schema=None) as batch_op:
        batch_op.drop_index('ix_tickets_master_id')
        batch_op.create_index('ix_tickets_master_id', ['master_id'], unique=False)
        batch_op.drop_index('ix_tickets_split_from_id')
        batch_op.create_index('ix_tickets_split_from_id', ['split_from_id'], unique=False)
        batch_op.drop_index('ix_tickets_common_id')
        batch_op.create_index('ix_tickets_common_id', ['common_id', 'id'], unique=False)
        batch_op.drop_index('ix_tickets_covered_for_id')
        batch_op.create_index('ix_tickets_covered_for_id', ['covered_for_id'], unique=False)
