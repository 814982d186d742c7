"""words of the office, choices of a person

Revision ID: 0011
Revises: 0010
Create Date: 2026-11-30 03:00:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('office_wordings',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('rule', sa.String(length=40), nullable=False),
    sa.Column('subject', sa.String(length=120), nullable=False),
    sa.Column('heading', sa.String(length=80), nullable=False),
    sa.Column('opening', sa.Text(), nullable=False),
    sa.Column('button', sa.String(length=20), nullable=False),
    sa.Column('closing', sa.Text(), nullable=False),
    sa.Column('is_used', sa.Boolean(), nullable=False),
    sa.Column('changed_by_id', sa.Integer(), nullable=True),
    sa.Column('changed_at', sa.DateTime(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['changed_by_id'], ['users.id'], name=op.f('fk_office_wordings_changed_by_id')),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_office_wordings_tenant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_office_wordings')),
    sa.UniqueConstraint('tenant_id', 'rule', name=op.f('uq_office_wordings_tenant_id_rule'))
    )
    op.create_table('reminder_choices',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('by_sms', sa.Boolean(), nullable=False),
    sa.Column('off', sa.JSON(), nullable=False),
    sa.Column('changed_at', sa.DateTime(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_reminder_choices_tenant_id')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_reminder_choices_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reminder_choices')),
    sa.UniqueConstraint('user_id', name=op.f('uq_reminder_choices_user_id'))
    )
    with op.batch_alter_table('reminder_choices', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_reminder_choices_tenant_id'), ['tenant_id'], unique=False)


def downgrade():
    op.drop_table('reminder_choices')
    op.drop_table('office_wordings')
