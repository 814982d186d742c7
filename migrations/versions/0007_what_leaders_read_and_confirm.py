"""what leaders read and confirm

Revision ID: 0007
Revises: 0006
Create Date: 2026-11-30 03:00:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('digests',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('rule', sa.Enum('weekly', 'monthly-leaders', name='rule', native_enum=False, length=32), nullable=False),
    sa.Column('period', sa.String(length=10), nullable=False),
    sa.Column('item_count', sa.Integer(), nullable=False),
    sa.Column('why_not', sa.String(length=100), nullable=False),
    sa.Column('promised_at', sa.DateTime(), nullable=False),
    sa.Column('matters_until', sa.DateTime(), nullable=False),
    sa.Column('reminded_at', sa.DateTime(), nullable=True),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_digests_tenant_id')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_digests_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_digests')),
    sa.UniqueConstraint('tenant_id', 'rule', 'period', 'user_id', name=op.f('uq_digests_tenant_id_rule_period_user_id'))
    )
    with op.batch_alter_table('digests', schema=None) as batch_op:
        batch_op.create_index('ix_digests_newest', ['tenant_id', 'id'], unique=False)
        batch_op.create_index('ix_digests_user_id', ['user_id', 'id'], unique=False)

    op.create_table('digest_marks',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('digest_id', sa.Integer(), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=False),
    sa.Column('is_deputy', sa.Boolean(), nullable=False),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.Column('directive_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['by_id'], ['users.id'], name=op.f('fk_digest_marks_by_id')),
    sa.ForeignKeyConstraint(['digest_id'], ['digests.id'], name=op.f('fk_digest_marks_digest_id')),
    sa.ForeignKeyConstraint(['directive_id'], ['leader_directives.id'], name=op.f('fk_digest_marks_directive_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_digest_marks'))
    )
    with op.batch_alter_table('digest_marks', schema=None) as batch_op:
        batch_op.create_index('ix_digest_marks_digest_id', ['digest_id', 'id'], unique=False)
        batch_op.create_index('uq_digest_marks_reading', ['digest_id', 'by_id'], unique=True, sqlite_where=sa.text('directive_id IS NULL'), postgresql_where=sa.text('directive_id IS NULL'))

    op.create_table('report_snapshots',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('period', sa.String(length=7), nullable=False),
    sa.Column('cutoff_at', sa.DateTime(), nullable=False),
    sa.Column('frozen_at', sa.DateTime(), nullable=False),
    sa.Column('content', sa.JSON(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_report_snapshots_tenant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_report_snapshots')),
    sa.UniqueConstraint('tenant_id', 'period', name=op.f('uq_report_snapshots_tenant_id_period'))
    )


def downgrade():
    op.drop_table('report_snapshots')
    op.drop_table('digest_marks')
    op.drop_table('digests')
