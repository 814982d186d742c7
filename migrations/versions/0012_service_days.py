"""service days

Revision ID: 0012
Revises: 0011
Create Date: 2026-11-30 02:30:22.158812

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('service_days',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Enum('service', 'reception', name='kind', native_enum=False, length=32), nullable=False),
    sa.Column('state', sa.Enum('announced', 'held', 'cancelled', name='state', native_enum=False, length=32), nullable=False),
    sa.Column('held_on', sa.Date(), nullable=False),
    sa.Column('begins_at', sa.Time(), nullable=False),
    sa.Column('ends_at', sa.Time(), nullable=False),
    sa.Column('place', sa.String(length=120), nullable=False),
    sa.Column('host_id', sa.Integer(), nullable=False),
    sa.Column('focus', sa.String(length=120), nullable=False),
    sa.Column('notes', sa.Text(), nullable=False),
    sa.Column('is_online', sa.Boolean(), nullable=False),
    sa.Column('online_how', sa.String(length=200), nullable=False),
    sa.Column('capacity', sa.Integer(), nullable=True),
    sa.Column('slot_minutes', sa.Integer(), nullable=True),
    sa.Column('inviting', sa.Enum('none', 'linked', 'chosen', name='inviting', native_enum=False, length=32), nullable=False),
    sa.Column('exception_reason', sa.String(length=120), nullable=False),
    sa.Column('cancel_reason', sa.String(length=200), nullable=False),
    sa.Column('created_by_id', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('held_at', sa.DateTime(), nullable=True),
    sa.Column('finished_at', sa.DateTime(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['created_by_id'], ['users.id'], name=op.f('fk_service_days_created_by_id')),
    sa.ForeignKeyConstraint(['host_id'], ['users.id'], name=op.f('fk_service_days_host_id')),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_service_days_tenant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_service_days'))
    )
    with op.batch_alter_table('service_days', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_service_days_host_id'), ['host_id'], unique=False)
        batch_op.create_index('ix_service_days_tenant_day', ['tenant_id', 'held_on', 'state'], unique=False)

    op.create_table('service_day_units',
    sa.Column('day_id', sa.Integer(), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['day_id'], ['service_days.id'], name=op.f('fk_service_day_units_day_id')),
    sa.ForeignKeyConstraint(['unit_id'], ['org_units.id'], name=op.f('fk_service_day_units_unit_id')),
    sa.PrimaryKeyConstraint('day_id', 'unit_id', name=op.f('pk_service_day_units'))
    )
    with op.batch_alter_table('service_day_units', schema=None) as batch_op:
        batch_op.create_index('ix_service_day_units_unit_id', ['unit_id'], unique=False)

    op.create_table('service_day_invitations',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('day_id', sa.Integer(), nullable=False),
    sa.Column('enterprise_id', sa.Integer(), nullable=False),
    sa.Column('told_at', sa.DateTime(), nullable=True),
    sa.ForeignKeyConstraint(['day_id'], ['service_days.id'], name=op.f('fk_service_day_invitations_day_id')),
    sa.ForeignKeyConstraint(['enterprise_id'], ['enterprises.id'], name=op.f('fk_service_day_invitations_enterprise_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_service_day_invitations')),
    sa.UniqueConstraint('day_id', 'enterprise_id', name=op.f('uq_service_day_invitations_day_id_enterprise_id'))
    )
    with op.batch_alter_table('service_day_invitations', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_service_day_invitations_enterprise_id'), ['enterprise_id'], unique=False)

    op.create_table('service_day_appointments',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('day_id', sa.Integer(), nullable=False),
    sa.Column('enterprise_id', sa.Integer(), nullable=True),
    sa.Column('firm_name', sa.String(length=120), nullable=False),
    sa.Column('contact_name', sa.String(length=40), nullable=False),
    sa.Column('contact_phone', sa.LargeBinary(), nullable=True),
    sa.Column('topic', sa.String(length=200), nullable=False),
    sa.Column('slot', sa.Time(), nullable=True),
    sa.Column('is_online', sa.Boolean(), nullable=False),
    sa.Column('origin', sa.Enum('office', 'liaison', 'enterprise', 'walk_in', name='origin', native_enum=False, length=32), nullable=False),
    sa.Column('state', sa.Enum('booked', 'came', 'released', name='booking', native_enum=False, length=32), nullable=False),
    sa.Column('visit_id', sa.Integer(), nullable=True),
    sa.Column('made_by_id', sa.Integer(), nullable=True),
    sa.Column('made_at', sa.DateTime(), nullable=False),
    sa.Column('came_at', sa.DateTime(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("enterprise_id IS NOT NULL OR firm_name != ''", name=op.f('ck_service_day_appointments_some_firm')),
    sa.ForeignKeyConstraint(['day_id'], ['service_days.id'], name=op.f('fk_service_day_appointments_day_id')),
    sa.ForeignKeyConstraint(['enterprise_id'], ['enterprises.id'], name=op.f('fk_service_day_appointments_enterprise_id')),
    sa.ForeignKeyConstraint(['made_by_id'], ['users.id'], name=op.f('fk_service_day_appointments_made_by_id')),
    sa.ForeignKeyConstraint(['visit_id'], ['visits.id'], name=op.f('fk_service_day_appointments_visit_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_service_day_appointments'))
    )
    with op.batch_alter_table('service_day_appointments', schema=None) as batch_op:
        batch_op.create_index('ix_service_day_appointments_day', ['day_id', 'state', 'slot'], unique=False)
        batch_op.create_index(batch_op.f('ix_service_day_appointments_enterprise_id'), ['enterprise_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_service_day_appointments_visit_id'), ['visit_id'], unique=False)

    op.create_table('service_day_problems',
    sa.Column('ticket_id', sa.Integer(), nullable=False),
    sa.Column('day_id', sa.Integer(), nullable=False),
    sa.Column('appointment_id', sa.Integer(), nullable=False),
    sa.Column('answer', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['appointment_id'], ['service_day_appointments.id'], name=op.f('fk_service_day_problems_appointment_id')),
    sa.ForeignKeyConstraint(['day_id'], ['service_days.id'], name=op.f('fk_service_day_problems_day_id')),
    sa.ForeignKeyConstraint(['ticket_id'], ['tickets.id'], name=op.f('fk_service_day_problems_ticket_id')),
    sa.PrimaryKeyConstraint('ticket_id', name=op.f('pk_service_day_problems'))
    )
    with op.batch_alter_table('service_day_problems', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_service_day_problems_appointment_id'), ['appointment_id'], unique=False)
        batch_op.create_index('ix_service_day_problems_day', ['day_id', 'ticket_id'], unique=False)


def downgrade():
    op.execute("UPDATE messages SET state = 'skipped', next_try_at = NULL WHERE state = 'queued' AND (rule LIKE 'R11%' OR rule LIKE 'service-day%')")
    op.drop_table('service_day_problems')
    op.drop_table('service_day_appointments')
    op.drop_table('service_day_invitations')
    op.drop_table('service_day_units')
    op.drop_table('service_days')
