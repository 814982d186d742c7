"""the plan of a visit

Revision ID: 0008
Revises: 0007
Create Date: 2026-11-30 03:00:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None

ANSWERS = ('confirmed', 'other_day', 'declined')


def upgrade():
    op.create_table('visit_plans',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('task_id', sa.Integer(), nullable=False),
    sa.Column('planned_on', sa.Date(), nullable=False),
    sa.Column('made_by_id', sa.Integer(), nullable=True),
    sa.Column('made_at', sa.DateTime(), nullable=False),
    sa.Column('reason', sa.String(length=200), nullable=False),
    sa.Column('host_id', sa.Integer(), nullable=True),
    sa.Column('before_on', sa.Date(), nullable=True),
    sa.Column('ended_at', sa.DateTime(), nullable=True),
    sa.Column('told_at', sa.DateTime(), nullable=True),
    sa.Column('link_id', sa.Integer(), nullable=True),
    sa.Column('answer', sa.Enum(*ANSWERS, name='answer', native_enum=False, length=32), nullable=True),
    sa.Column('answered_at', sa.DateTime(), nullable=True),
    sa.Column('answer_words', sa.String(length=300), nullable=False),
    sa.Column('answer_on', sa.Date(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['host_id'], ['visit_plans.id'], name=op.f('fk_visit_plans_host_id')),
    sa.ForeignKeyConstraint(['link_id'], ['public_links.id'], name=op.f('fk_visit_plans_link_id')),
    sa.ForeignKeyConstraint(['made_by_id'], ['users.id'], name=op.f('fk_visit_plans_made_by_id')),
    sa.ForeignKeyConstraint(['task_id'], ['visit_tasks.id'], name=op.f('fk_visit_plans_task_id')),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_visit_plans_tenant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_visit_plans'))
    )
    with op.batch_alter_table('visit_plans', schema=None) as batch_op:
        batch_op.create_index('ix_visit_plans_task_id', ['task_id', 'id'], unique=False)
        batch_op.create_index('ix_visit_plans_host_id', ['host_id'], unique=False)
        batch_op.create_index('ix_visit_plans_link_id', ['link_id'], unique=False)
        batch_op.create_index('uq_visit_plans_task_id', ['task_id'], unique=True, sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))
        batch_op.create_index('ix_visit_plans_to_tell', ['tenant_id', 'planned_on'], unique=False, sqlite_where=sa.text('told_at IS NULL AND ended_at IS NULL'), postgresql_where=sa.text('told_at IS NULL AND ended_at IS NULL'))


def downgrade():
    op.drop_table('visit_plans')
