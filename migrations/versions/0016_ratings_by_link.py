"""ratings that enterprises give by a link

Revision ID: 0016
Revises: 0015
Create Date: 2026-11-30 07:20:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('rating_requests',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ticket_id', sa.Integer(), nullable=False),
    sa.Column('reply_id', sa.Integer(), nullable=False),
    sa.Column('link_id', sa.Integer(), nullable=False),
    sa.Column('round', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.Column('delivered', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['link_id'], ['public_links.id'], name=op.f('fk_rating_requests_link_id')),
    sa.ForeignKeyConstraint(['reply_id'], ['replies.id'], name=op.f('fk_rating_requests_reply_id')),
    sa.ForeignKeyConstraint(['ticket_id'], ['tickets.id'], name=op.f('fk_rating_requests_ticket_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_rating_requests')),
    sa.UniqueConstraint('ticket_id', 'round', 'number', name=op.f('uq_rating_requests_ticket_id_round_number'))
    )
    with op.batch_alter_table('rating_requests', schema=None) as batch_op:
        batch_op.create_index('ix_rating_requests_link_id', ['link_id'], unique=False)

    with op.batch_alter_table('revisits', schema=None) as batch_op:
        batch_op.add_column(sa.Column('link_id', sa.Integer(), nullable=True))
        batch_op.create_foreign_key(batch_op.f('fk_revisits_link_id'), 'public_links', ['link_id'], ['id'])

    with op.batch_alter_table('attachments', schema=None) as batch_op:
        batch_op.add_column(sa.Column('revisit_id', sa.Integer(), nullable=True))
        batch_op.create_foreign_key(batch_op.f('fk_attachments_revisit_id'), 'revisits', ['revisit_id'], ['id'])
        batch_op.create_index('ix_attachments_revisit_id', ['revisit_id'], unique=False)
        batch_op.alter_column('added_by_id', existing_type=sa.Integer(), nullable=True)


def downgrade():
    # What a guest attached has nobody to belong to: it leaves with the column that allowed it.
    op.execute('DELETE FROM attachments WHERE added_by_id IS NULL')
    with op.batch_alter_table('attachments', schema=None) as batch_op:
        batch_op.alter_column('added_by_id', existing_type=sa.Integer(), nullable=False)
        batch_op.drop_index('ix_attachments_revisit_id')
        batch_op.drop_constraint(batch_op.f('fk_attachments_revisit_id'), type_='foreignkey')
        batch_op.drop_column('revisit_id')

    with op.batch_alter_table('revisits', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_revisits_link_id'), type_='foreignkey')
        batch_op.drop_column('link_id')
    op.drop_table('rating_requests')
