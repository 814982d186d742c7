"""an index of the few confidential tickets

Revision ID: 0022
Revises: 0021
Create Date: 2026-11-30 11:25:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0022'
down_revision = '0021'
branch_labels = None
depends_on = None


def upgrade():
    op.create_index(
        'ix_tickets_confidential',
        'tickets',
        ['tenant_id', 'status'],
        sqlite_where=sa.text('confidential IS 1'),
        postgresql_where=sa.text('confidential IS true'),
    )


def downgrade():
    op.drop_index('ix_tickets_confidential', table_name='tickets')
