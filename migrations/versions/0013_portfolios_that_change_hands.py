"""portfolios that change hands, and schedulers that say that they live

Revision ID: 0013
Revises: 0012
Create Date: 2026-11-30 03:00:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table('linkages', schema=None) as batch_op:
        batch_op.add_column(sa.Column('origin_id', sa.Integer(), nullable=True))
        batch_op.create_foreign_key(batch_op.f('fk_linkages_origin_id'), 'linkages', ['origin_id'], ['id'])
        batch_op.create_index('ix_linkages_origin_id', ['origin_id'], unique=False)

    op.create_table('handovers',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('seat', sa.Enum('leader', 'liaison', name='seat', native_enum=False, length=32), nullable=False),
    sa.Column('giver_id', sa.Integer(), nullable=False),
    sa.Column('successor_id', sa.Integer(), nullable=False),
    sa.Column('from_on', sa.Date(), nullable=False),
    sa.Column('is_whole', sa.Boolean(), nullable=False),
    sa.Column('reason', sa.String(length=200), nullable=False),
    sa.Column('office_phone', sa.String(length=30), nullable=False),
    sa.Column('noted_by_id', sa.Integer(), nullable=True),
    sa.Column('noted_at', sa.DateTime(), nullable=False),
    sa.Column('carried_out_at', sa.DateTime(), nullable=True),
    sa.Column('cancelled_at', sa.DateTime(), nullable=True),
    sa.Column('cancelled_by_id', sa.Integer(), nullable=True),
    sa.Column('problem', sa.String(length=200), nullable=False),
    sa.Column('result', sa.JSON(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['cancelled_by_id'], ['users.id'], name=op.f('fk_handovers_cancelled_by_id')),
    sa.ForeignKeyConstraint(['giver_id'], ['users.id'], name=op.f('fk_handovers_giver_id')),
    sa.ForeignKeyConstraint(['noted_by_id'], ['users.id'], name=op.f('fk_handovers_noted_by_id')),
    sa.ForeignKeyConstraint(['successor_id'], ['users.id'], name=op.f('fk_handovers_successor_id')),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_handovers_tenant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_handovers'))
    )
    with op.batch_alter_table('handovers', schema=None) as batch_op:
        batch_op.create_index('ix_handovers_giver_id', ['giver_id'], unique=False)
        batch_op.create_index('ix_handovers_tenant', ['tenant_id', 'from_on', 'id'], unique=False)
        batch_op.create_index('ix_handovers_waiting', ['from_on'], unique=False, sqlite_where=sa.text('carried_out_at IS NULL AND cancelled_at IS NULL'), postgresql_where=sa.text('carried_out_at IS NULL AND cancelled_at IS NULL'))

    op.create_table('handover_items',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('handover_id', sa.Integer(), nullable=False),
    sa.Column('enterprise_id', sa.Integer(), nullable=True),
    sa.Column('project_id', sa.Integer(), nullable=True),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('old_linkage_id', sa.Integer(), nullable=True),
    sa.Column('new_linkage_id', sa.Integer(), nullable=True),
    sa.CheckConstraint('(enterprise_id IS NULL) != (project_id IS NULL)', name=op.f('ck_handover_items_one_target')),
    sa.ForeignKeyConstraint(['enterprise_id'], ['enterprises.id'], name=op.f('fk_handover_items_enterprise_id')),
    sa.ForeignKeyConstraint(['handover_id'], ['handovers.id'], name=op.f('fk_handover_items_handover_id')),
    sa.ForeignKeyConstraint(['new_linkage_id'], ['linkages.id'], name=op.f('fk_handover_items_new_linkage_id')),
    sa.ForeignKeyConstraint(['old_linkage_id'], ['linkages.id'], name=op.f('fk_handover_items_old_linkage_id')),
    sa.ForeignKeyConstraint(['project_id'], ['key_projects.id'], name=op.f('fk_handover_items_project_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_handover_items'))
    )
    with op.batch_alter_table('handover_items', schema=None) as batch_op:
        batch_op.create_index('ix_handover_items_handover_id', ['handover_id'], unique=False)

    op.create_table('scheduler_beats',
    sa.Column('scheduler', sa.String(length=120), nullable=False),
    sa.Column('begun_at', sa.DateTime(), nullable=False),
    sa.Column('beat_at', sa.DateTime(), nullable=False),
    sa.PrimaryKeyConstraint('scheduler', name=op.f('pk_scheduler_beats'))
    )


def downgrade():
    op.drop_table('scheduler_beats')
    op.drop_table('handover_items')
    op.drop_table('handovers')
    with op.batch_alter_table('linkages', schema=None) as batch_op:
        batch_op.drop_index('ix_linkages_origin_id')
        batch_op.drop_constraint(batch_op.f('fk_linkages_origin_id'), type_='foreignkey')
        batch_op.drop_column('origin_id')
