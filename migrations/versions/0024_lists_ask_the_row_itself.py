"""a ticket knows whether a note waits, and in which round its enterprise was heard last

Revision ID: 0024
Revises: 0023
Create Date: 2026-11-30 16:50:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0024'
down_revision = '0023'
branch_labels = None
depends_on = None

TICKETS = sa.table(
    'tickets',
    sa.column('id', sa.Integer),
    sa.column('note_waits', sa.Boolean),
    sa.column('heard_in', sa.Integer),
)
NOTES = sa.table(
    'supervision_notes', sa.column('ticket_id', sa.Integer), sa.column('answered_at', sa.DateTime)
)
REVISITS = sa.table(
    'revisits',
    sa.column('ticket_id', sa.Integer),
    sa.column('round', sa.Integer),
    sa.column('reached', sa.Boolean),
)
BEFORE = [
    'tenant_id',
    'status',
    'move_due_at',
    'id',
    'round',
    'confidential',
    'return_count',
    'next_review_on',
    'complexity',
    'category_id',
]


def upgrade():
    op.add_column(
        'tickets', sa.Column('note_waits', sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.add_column('tickets', sa.Column('heard_in', sa.Integer(), nullable=True))
    waiting = sa.select(NOTES.c.ticket_id).where(NOTES.c.answered_at.is_(None))
    op.execute(TICKETS.update().where(TICKETS.c.id.in_(waiting)).values(note_waits=True))
    heard = REVISITS.c.reached.is_(True)
    last = sa.select(sa.func.max(REVISITS.c.round)).where(REVISITS.c.ticket_id == TICKETS.c.id, heard)
    op.execute(
        TICKETS.update()
        .where(TICKETS.c.id.in_(sa.select(REVISITS.c.ticket_id).where(heard)))
        .values(heard_in=last.scalar_subquery())
    )
    op.create_index(
        'ix_tickets_note_waits',
        'tickets',
        ['tenant_id', 'is_open', 'due_at', 'id', 'is_running', 'warn_on', 'confidential'],
        sqlite_where=sa.text('note_waits IS 1'),
        postgresql_where=sa.text('note_waits IS true'),
    )
    op.drop_index('ix_tickets_status', table_name='tickets')
    op.create_index('ix_tickets_status', 'tickets', [*BEFORE, 'heard_in'])


def downgrade():
    op.drop_index('ix_tickets_status', table_name='tickets')
    op.create_index('ix_tickets_status', 'tickets', BEFORE)
    op.drop_index('ix_tickets_note_waits', table_name='tickets')
    with op.batch_alter_table('tickets', schema=None) as batch_op:
        batch_op.drop_column('heard_in')
        batch_op.drop_column('note_waits')
