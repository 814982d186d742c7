"""attempts that count once their letter has gone out, and files for the enterprise

Revision ID: 0020
Revises: 0019
Create Date: 2026-11-30 09:50:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0020'
down_revision = '0019'
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table('messages', schema=None) as batch_op:
        batch_op.add_column(sa.Column('went_at', sa.DateTime(), nullable=True))

    with op.batch_alter_table('revisits', schema=None) as batch_op:
        batch_op.add_column(sa.Column('message_id', sa.Integer(), nullable=True))
        batch_op.create_foreign_key(batch_op.f('fk_revisits_message_id'), 'messages', ['message_id'], ['id'])
        batch_op.create_index('ix_revisits_message_id', ['message_id'], unique=False)
    # What the timetable sent before is held to the same.
    op.execute(
        'UPDATE revisits SET message_id = (SELECT min(messages.id) FROM messages JOIN rating_requests'
        " ON messages.period = rating_requests.ticket_id || '/' || rating_requests.round || '/' || rating_requests.number"
        " AND messages.rule = CASE rating_requests.number WHEN 1 THEN 'rating' ELSE 'R13' END"
        " WHERE messages.channel <> 'inbox' AND rating_requests.ticket_id = revisits.ticket_id"
        ' AND rating_requests.at = revisits.at)'
        " WHERE channel = 'link' AND by_id IS NULL AND link_id IS NULL AND NOT reached"
    )

    with op.batch_alter_table('rating_requests', schema=None) as batch_op:
        batch_op.alter_column('reply_id', existing_type=sa.Integer(), nullable=True)
        batch_op.drop_column('delivered')

    with op.batch_alter_table('attachments', schema=None) as batch_op:
        batch_op.add_column(sa.Column('for_enterprise', sa.Boolean(), server_default=sa.false(), nullable=False))
    # What a guest sent is the enterprise's own.
    op.execute('UPDATE attachments SET for_enterprise = true WHERE added_by_id IS NULL')
    with op.batch_alter_table('attachments', schema=None) as batch_op:
        batch_op.alter_column('for_enterprise', existing_type=sa.Boolean(), server_default=None)


def downgrade():
    with op.batch_alter_table('attachments', schema=None) as batch_op:
        batch_op.drop_column('for_enterprise')

    # What was answered on the spot has no reply to refer to: it leaves with the column that allowed it.
    op.execute('DELETE FROM rating_requests WHERE reply_id IS NULL')
    with op.batch_alter_table('rating_requests', schema=None) as batch_op:
        batch_op.alter_column('reply_id', existing_type=sa.Integer(), nullable=False)
        batch_op.add_column(sa.Column('delivered', sa.Boolean(), server_default=sa.false(), nullable=False))
    op.execute(
        'UPDATE rating_requests SET delivered = true WHERE EXISTS (SELECT 1 FROM revisits'
        ' WHERE revisits.ticket_id = rating_requests.ticket_id AND revisits.at = rating_requests.at)'
    )
    with op.batch_alter_table('rating_requests', schema=None) as batch_op:
        batch_op.alter_column('delivered', existing_type=sa.Boolean(), server_default=None)

    with op.batch_alter_table('revisits', schema=None) as batch_op:
        batch_op.drop_index('ix_revisits_message_id')
        batch_op.drop_constraint(batch_op.f('fk_revisits_message_id'), type_='foreignkey')
        batch_op.drop_column('message_id')

    with op.batch_alter_table('messages', schema=None) as batch_op:
        batch_op.drop_column('went_at')
