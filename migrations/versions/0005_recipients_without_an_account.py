"""recipients without an account

Revision ID: 0005
Revises: 0004
Create Date: 2026-11-30 02:00:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None

OLD = 'uq_messages_tenant_id_rule_period_recipient_id_channel'
NEW = 'uq_messages_tenant_id_rule_period_recipient_key_channel'


def upgrade():
    op.create_table('public_links',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('purpose', sa.String(length=32), nullable=False),
    sa.Column('subject', sa.String(length=60), nullable=False),
    sa.Column('serial', sa.Integer(), nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('made_at', sa.DateTime(), nullable=False),
    sa.Column('expires_at', sa.DateTime(), nullable=False),
    sa.Column('used_at', sa.DateTime(), nullable=True),
    sa.Column('revoked_at', sa.DateTime(), nullable=True),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_public_links_tenant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_public_links'))
    )
    with op.batch_alter_table('public_links', schema=None) as batch_op:
        batch_op.create_index('ix_public_links_subject', ['tenant_id', 'purpose', 'subject'], unique=False)
        batch_op.create_index(batch_op.f('ix_public_links_token_hash'), ['token_hash'], unique=False)

    with op.batch_alter_table('messages', schema=None) as batch_op:
        batch_op.add_column(sa.Column('recipient_key', sa.String(length=40), nullable=True))
    op.execute("UPDATE messages SET recipient_key = 'user:' || recipient_id")
    with op.batch_alter_table('messages', schema=None) as batch_op:
        batch_op.alter_column('recipient_key', existing_type=sa.String(length=40), nullable=False)
        batch_op.alter_column('recipient_id', existing_type=sa.Integer(), nullable=True)
        batch_op.add_column(sa.Column('outsider_name', sa.String(length=80), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('outsider_address', sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column('public_link_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('matters_until', sa.DateTime(), nullable=True))
        batch_op.create_foreign_key(batch_op.f('fk_messages_public_link_id'), 'public_links', ['public_link_id'], ['id'])
        batch_op.create_index(batch_op.f('ix_messages_public_link_id'), ['public_link_id'], unique=False)
        batch_op.drop_column('template')
        batch_op.drop_constraint(OLD, type_='unique')
        batch_op.create_unique_constraint(NEW, ['tenant_id', 'rule', 'period', 'recipient_key', 'channel'])
    with op.batch_alter_table('messages', schema=None) as batch_op:
        batch_op.alter_column('outsider_name', existing_type=sa.String(length=80), server_default=None)

    op.create_table('deliveries',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('message_id', sa.Integer(), nullable=False),
    sa.Column('attempt', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.Column('is_sent', sa.Boolean(), nullable=False),
    sa.Column('answer', sa.String(length=500), nullable=False),
    sa.ForeignKeyConstraint(['message_id'], ['messages.id'], name=op.f('fk_deliveries_message_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_deliveries'))
    )
    with op.batch_alter_table('deliveries', schema=None) as batch_op:
        batch_op.create_index('ix_deliveries_message_id', ['message_id', 'id'], unique=False)


def downgrade():
    op.drop_table('deliveries')
    op.execute("DELETE FROM messages WHERE recipient_id IS NULL")
    with op.batch_alter_table('messages', schema=None) as batch_op:
        batch_op.drop_constraint(NEW, type_='unique')
        batch_op.create_unique_constraint(OLD, ['tenant_id', 'rule', 'period', 'recipient_id', 'channel'])
        batch_op.drop_index(batch_op.f('ix_messages_public_link_id'))
        batch_op.drop_constraint(batch_op.f('fk_messages_public_link_id'), type_='foreignkey')
        batch_op.add_column(sa.Column('template', sa.String(length=60), nullable=False, server_default=''))
        batch_op.drop_column('matters_until')
        batch_op.drop_column('public_link_id')
        batch_op.drop_column('outsider_address')
        batch_op.drop_column('outsider_name')
        batch_op.alter_column('recipient_id', existing_type=sa.Integer(), nullable=False)
        batch_op.drop_column('recipient_key')
    with op.batch_alter_table('messages', schema=None) as batch_op:
        batch_op.alter_column('template', existing_type=sa.String(length=60), server_default=None)
    op.drop_table('public_links')
