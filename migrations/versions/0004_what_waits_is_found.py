"""what waits is found

Revision ID: 0004
Revises: 0003
Create Date: 2026-11-24 05:05:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table('proposals', schema=None) as batch_op:
        batch_op.drop_index('ix_proposals_tenant_state')
        batch_op.create_index('ix_proposals_waiting', ['tenant_id', 'decided_at', 'event'], unique=False)

    with op.batch_alter_table('tickets', schema=None) as batch_op:
        batch_op.drop_index('ix_tickets_status')
        batch_op.create_index('ix_tickets_status', ['tenant_id', 'status', 'move_due_at', 'id', 'round', 'confidential', 'return_count', 'next_review_on', 'complexity', 'category_id'], unique=False)

    asked = sa.text('exempt_asked_at IS NOT NULL')
    with op.batch_alter_table('visit_tasks', schema=None) as batch_op:
        batch_op.create_index('ix_visit_tasks_to_exempt', ['tenant_id', 'exempt_decided_at'], unique=False, sqlite_where=asked, postgresql_where=asked)


def downgrade():
    with op.batch_alter_table('visit_tasks', schema=None) as batch_op:
        batch_op.drop_index('ix_visit_tasks_to_exempt')

    with op.batch_alter_table('tickets', schema=None) as batch_op:
        batch_op.drop_index('ix_tickets_status')
        batch_op.create_index('ix_tickets_status', ['tenant_id', 'status', 'move_due_at', 'id', 'round', 'confidential'], unique=False)

    with op.batch_alter_table('proposals', schema=None) as batch_op:
        batch_op.drop_index('ix_proposals_waiting')
        batch_op.create_index('ix_proposals_tenant_state', ['tenant_id', 'state', 'event'], unique=False)
