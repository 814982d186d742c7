"""letters that are let go of, and what categories are called in English

Revision ID: 0019
Revises: 0018
Create Date: 2026-11-30 10:20:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0019'
down_revision = '0018'
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table('tellings', schema=None) as batch_op:
        batch_op.add_column(sa.Column('emptied_at', sa.DateTime(), nullable=True))
    # Who wrote stands in the ticket.
    op.execute("UPDATE tellings SET contact_name = '', contact_phone = NULL WHERE state = 'released'")


def downgrade():
    with op.batch_alter_table('tellings', schema=None) as batch_op:
        batch_op.drop_column('emptied_at')
