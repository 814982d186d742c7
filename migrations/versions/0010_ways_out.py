"""ways out of the building

Revision ID: 0010
Revises: 0009
Create Date: 2026-11-30 03:00:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('resends',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=True),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.ForeignKeyConstraint(['by_id'], ['users.id'], name=op.f('fk_resends_by_id')),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_resends_tenant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_resends'))
    )
    with op.batch_alter_table('resends', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_resends_tenant_id'), ['tenant_id'], unique=False)

    op.create_table('outages',
    sa.Column('channel', sa.Enum('inbox', 'mail', 'sms', 'robot', name='channel', native_enum=False, length=32), nullable=False),
    sa.Column('since', sa.DateTime(), nullable=False),
    sa.Column('last_at', sa.DateTime(), nullable=False),
    sa.Column('reason', sa.String(length=200), nullable=False),
    sa.Column('answer', sa.String(length=500), nullable=False),
    sa.PrimaryKeyConstraint('channel', name=op.f('pk_outages'))
    )

    op.create_table('group_robots',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('platform', sa.Enum('wecom', 'dingtalk', 'feishu', name='platform', native_enum=False, length=32), nullable=False),
    sa.Column('key', sa.LargeBinary(), nullable=True),
    sa.Column('signing_secret', sa.LargeBinary(), nullable=True),
    sa.Column('rules', sa.JSON(), nullable=False),
    sa.Column('is_active', sa.Boolean(), nullable=False),
    sa.Column('rests_until', sa.DateTime(), nullable=True),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_group_robots_tenant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_group_robots')),
    sa.UniqueConstraint('tenant_id', 'name', name=op.f('uq_group_robots_tenant_id_name'))
    )

    op.create_table('sms_gateways',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('url', sa.LargeBinary(), nullable=True),
    sa.Column('method', sa.String(length=4), nullable=False),
    sa.Column('headers', sa.LargeBinary(), nullable=True),
    sa.Column('body_kind', sa.Enum('json', 'form', name='bodykind', native_enum=False, length=32), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('success_path', sa.String(length=80), nullable=False),
    sa.Column('success_value', sa.String(length=80), nullable=False),
    sa.Column('is_active', sa.Boolean(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_sms_gateways_tenant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sms_gateways')),
    sa.UniqueConstraint('tenant_id', name=op.f('uq_sms_gateways_tenant_id'))
    )

    with op.batch_alter_table('messages', schema=None) as batch_op:
        batch_op.add_column(sa.Column('is_claimed', sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column('resend_id', sa.Integer(), nullable=True))
        batch_op.create_foreign_key(batch_op.f('fk_messages_resend_id'), 'resends', ['resend_id'], ['id'])
        batch_op.create_index(batch_op.f('ix_messages_resend_id'), ['resend_id'], unique=False)
        batch_op.create_index('ix_messages_outbox', ['tenant_id', 'state', 'id'], unique=False,
                              sqlite_where=sa.text("channel <> 'inbox'"), postgresql_where=sa.text("channel <> 'inbox'"))
    # What was being sent when this came: its lease is believed.
    op.execute("UPDATE messages SET is_claimed = (attempts > 0) WHERE state = 'queued'")
    with op.batch_alter_table('messages', schema=None) as batch_op:
        batch_op.alter_column('is_claimed', existing_type=sa.Boolean(), server_default=None)

    with op.batch_alter_table('deliveries', schema=None) as batch_op:
        batch_op.add_column(sa.Column('reason', sa.String(length=200), nullable=False, server_default=''))
    with op.batch_alter_table('deliveries', schema=None) as batch_op:
        batch_op.alter_column('reason', existing_type=sa.String(length=200), server_default=None)

    op.create_table('bounces',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('message_id', sa.Integer(), nullable=False),
    sa.Column('notice', sa.String(length=64), nullable=False),
    sa.Column('recipient_key', sa.String(length=40), nullable=False),
    sa.Column('address', sa.LargeBinary(), nullable=True),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.Column('reason', sa.String(length=500), nullable=False),
    sa.ForeignKeyConstraint(['message_id'], ['messages.id'], name=op.f('fk_bounces_message_id')),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_bounces_tenant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_bounces')),
    sa.UniqueConstraint('message_id', 'notice', name=op.f('uq_bounces_message_id_notice'))
    )
    with op.batch_alter_table('bounces', schema=None) as batch_op:
        batch_op.create_index('ix_bounces_tenant_recipient', ['tenant_id', 'recipient_key'], unique=False)

    op.create_table('robot_calls',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('robot_id', sa.Integer(), nullable=False),
    sa.Column('message_id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.ForeignKeyConstraint(['message_id'], ['messages.id'], name=op.f('fk_robot_calls_message_id')),
    sa.ForeignKeyConstraint(['robot_id'], ['group_robots.id'], name=op.f('fk_robot_calls_robot_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_robot_calls'))
    )
    with op.batch_alter_table('robot_calls', schema=None) as batch_op:
        batch_op.create_index('ix_robot_calls_robot_at', ['robot_id', 'at'], unique=False)


def downgrade():
    op.drop_table('robot_calls')
    op.drop_table('bounces')
    with op.batch_alter_table('deliveries', schema=None) as batch_op:
        batch_op.drop_column('reason')
    with op.batch_alter_table('messages', schema=None) as batch_op:
        batch_op.drop_index('ix_messages_outbox', sqlite_where=sa.text("channel <> 'inbox'"), postgresql_where=sa.text("channel <> 'inbox'"))
        batch_op.drop_index(batch_op.f('ix_messages_resend_id'))
        batch_op.drop_constraint(batch_op.f('fk_messages_resend_id'), type_='foreignkey')
        batch_op.drop_column('resend_id')
        batch_op.drop_column('is_claimed')
    op.drop_table('sms_gateways')
    op.drop_table('group_robots')
    op.drop_table('outages')
    op.drop_table('resends')
