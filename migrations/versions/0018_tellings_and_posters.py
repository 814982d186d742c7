"""what enterprises tell on the public page, with their files

Revision ID: 0018
Revises: 0017
Create Date: 2026-11-30 07:10:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None

ONE_OF_TWO = '(ticket_id IS NULL) != (visit_id IS NULL)'
ONE_OF_THREE = (
    '(CASE WHEN ticket_id IS NULL THEN 0 ELSE 1 END)'
    ' + (CASE WHEN visit_id IS NULL THEN 0 ELSE 1 END)'
    ' + (CASE WHEN telling_id IS NULL THEN 0 ELSE 1 END) = 1'
)


def upgrade():
    op.create_table('tellings',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.String(length=24), nullable=False),
    sa.Column('query_code', sa.String(length=6), nullable=False),
    sa.Column('state', sa.Enum('taken', 'held', 'released', 'discarded', name='tellingstate', native_enum=False, length=32), nullable=False),
    sa.Column('told_at', sa.DateTime(), nullable=False),
    sa.Column('sent_at', sa.DateTime(), nullable=False),
    sa.Column('enterprise_id', sa.Integer(), nullable=True),
    sa.Column('enterprise_name', sa.String(length=80), nullable=False),
    sa.Column('link_id', sa.Integer(), nullable=True),
    sa.Column('brought_by_id', sa.Integer(), nullable=True),
    sa.Column('title', sa.String(length=50), nullable=False),
    sa.Column('description', sa.Text(), nullable=False),
    sa.Column('wish', sa.Text(), nullable=False),
    sa.Column('category_id', sa.Integer(), nullable=True),
    sa.Column('contact_name', sa.String(length=40), nullable=False),
    sa.Column('contact_phone', sa.LargeBinary(), nullable=True),
    sa.Column('doubts', sa.JSON(), nullable=False),
    sa.Column('ip_key', sa.String(length=64), nullable=False),
    sa.Column('phone_key', sa.String(length=64), nullable=False),
    sa.Column('form_key', sa.String(length=64), nullable=False),
    sa.Column('ticket_id', sa.Integer(), nullable=True),
    sa.Column('settled_at', sa.DateTime(), nullable=True),
    sa.Column('settled_by_id', sa.Integer(), nullable=True),
    sa.Column('settled_why', sa.String(length=200), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['brought_by_id'], ['users.id'], name=op.f('fk_tellings_brought_by_id')),
    sa.ForeignKeyConstraint(['category_id'], ['categories.id'], name=op.f('fk_tellings_category_id')),
    sa.ForeignKeyConstraint(['enterprise_id'], ['enterprises.id'], name=op.f('fk_tellings_enterprise_id')),
    sa.ForeignKeyConstraint(['link_id'], ['public_links.id'], name=op.f('fk_tellings_link_id')),
    sa.ForeignKeyConstraint(['settled_by_id'], ['users.id'], name=op.f('fk_tellings_settled_by_id')),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_tellings_tenant_id')),
    sa.ForeignKeyConstraint(['ticket_id'], ['tickets.id'], name=op.f('fk_tellings_ticket_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_tellings'))
    )
    with op.batch_alter_table('tellings', schema=None) as batch_op:
        batch_op.create_index('ix_tellings_form_key', ['form_key'], unique=True)
        batch_op.create_index('ix_tellings_ip_key', ['ip_key', 'sent_at'], unique=False)
        batch_op.create_index('ix_tellings_number', ['tenant_id', 'number'], unique=True)
        batch_op.create_index('ix_tellings_phone_key', ['phone_key', 'sent_at'], unique=False)
        batch_op.create_index('ix_tellings_tenant_state', ['tenant_id', 'state', 'id'], unique=False)
        batch_op.create_index('ix_tellings_ticket_id', ['ticket_id'], unique=False)

    with op.batch_alter_table('attachments', schema=None) as batch_op:
        batch_op.add_column(sa.Column('telling_id', sa.Integer(), nullable=True))
        batch_op.create_foreign_key(batch_op.f('fk_attachments_telling_id'), 'tellings', ['telling_id'], ['id'])
        batch_op.create_index('ix_attachments_telling_id', ['telling_id'], unique=False)
        batch_op.drop_constraint(batch_op.f('ck_attachments_one_owner'), type_='check')
        batch_op.create_check_constraint(batch_op.f('ck_attachments_one_owner'), ONE_OF_THREE)


def downgrade():
    op.execute('DELETE FROM attachments WHERE telling_id IS NOT NULL')
    with op.batch_alter_table('attachments', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('ck_attachments_one_owner'), type_='check')
        batch_op.drop_index('ix_attachments_telling_id')
        batch_op.drop_constraint(batch_op.f('fk_attachments_telling_id'), type_='foreignkey')
        batch_op.drop_column('telling_id')
        batch_op.create_check_constraint(batch_op.f('ck_attachments_one_owner'), ONE_OF_TWO)
    op.drop_table('tellings')
