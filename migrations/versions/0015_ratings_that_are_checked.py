"""ratings that say who answered, and are checked at random

Revision ID: 0015
Revises: 0014
Create Date: 2026-11-30 07:00:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None

MISSED = ('no_answer', 'wrong_number', 'refused', 'later', 'other')


def _missed():
    return sa.Enum(*MISSED, name='missed', native_enum=False, length=32)


def upgrade():
    with op.batch_alter_table('revisits', schema=None) as batch_op:
        batch_op.add_column(sa.Column('missed', _missed(), nullable=True))
        batch_op.add_column(sa.Column('said_by', sa.String(length=60), server_default='', nullable=False))
        batch_op.add_column(sa.Column('said_by_post', sa.String(length=60), server_default='', nullable=False))
        batch_op.add_column(sa.Column('reasons', sa.JSON(), server_default='[]', nullable=False))
        batch_op.add_column(sa.Column('closes', sa.Boolean(), server_default=sa.false(), nullable=False))
    # The rating of a ticket that its revisit closed is the last one that was heard. What is in
    # the archive already is not called again, and stays out of the draw.
    op.execute(
        "UPDATE revisits SET closes = true WHERE id IN ("
        "SELECT max(r.id) FROM revisits r JOIN tickets t ON t.id = r.ticket_id"
        " WHERE r.reached AND t.closing = 'revisited' AND t.status = 'closed' GROUP BY r.ticket_id)"
    )
    with op.batch_alter_table('revisits', schema=None) as batch_op:
        batch_op.alter_column('said_by', server_default=None)
        batch_op.alter_column('said_by_post', server_default=None)
        batch_op.alter_column('reasons', server_default=None)
        batch_op.alter_column('closes', server_default=None)

    op.create_table('spot_draws',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.Column('seed', sa.String(length=64), nullable=False),
    sa.Column('percent', sa.Integer(), nullable=False),
    sa.Column('decided', sa.Integer(), nullable=False),
    sa.Column('chosen', sa.Integer(), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_spot_draws_tenant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_spot_draws'))
    )
    with op.batch_alter_table('spot_draws', schema=None) as batch_op:
        batch_op.create_index('ix_spot_draws_tenant_id', ['tenant_id', 'id'], unique=False)

    op.create_table('spot_checks',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('draw_id', sa.Integer(), nullable=False),
    sa.Column('ticket_id', sa.Integer(), nullable=False),
    sa.Column('revisit_id', sa.Integer(), nullable=False),
    sa.Column('chosen', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['draw_id'], ['spot_draws.id'], name=op.f('fk_spot_checks_draw_id')),
    sa.ForeignKeyConstraint(['revisit_id'], ['revisits.id'], name=op.f('fk_spot_checks_revisit_id')),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_spot_checks_tenant_id')),
    sa.ForeignKeyConstraint(['ticket_id'], ['tickets.id'], name=op.f('fk_spot_checks_ticket_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_spot_checks')),
    sa.UniqueConstraint('revisit_id', name=op.f('uq_spot_checks_revisit_id'))
    )
    with op.batch_alter_table('spot_checks', schema=None) as batch_op:
        batch_op.create_index('ix_spot_checks_chosen', ['tenant_id', 'chosen', 'id'], unique=False)
        batch_op.create_index('ix_spot_checks_draw_id', ['draw_id', 'id'], unique=False)
        batch_op.create_index('ix_spot_checks_ticket_id', ['ticket_id'], unique=False)

    op.create_table('spot_calls',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('check_id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=False),
    sa.Column('channel', sa.Enum('phone', 'on_site', 'online', 'link', name='contactchannel', native_enum=False, length=32), nullable=False),
    sa.Column('reached', sa.Boolean(), nullable=False),
    sa.Column('missed', _missed(), nullable=True),
    sa.Column('said_by', sa.String(length=60), nullable=False),
    sa.Column('said_by_post', sa.String(length=60), nullable=False),
    sa.Column('solved', sa.Enum('yes', 'partial', 'no', name='solved', native_enum=False, length=32), nullable=True),
    sa.Column('result_score', sa.Integer(), nullable=True),
    sa.Column('attitude_score', sa.Integer(), nullable=True),
    sa.Column('contacted', sa.Boolean(), nullable=True),
    sa.Column('reasons', sa.JSON(), nullable=False),
    sa.Column('words', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['by_id'], ['users.id'], name=op.f('fk_spot_calls_by_id')),
    sa.ForeignKeyConstraint(['check_id'], ['spot_checks.id'], name=op.f('fk_spot_calls_check_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_spot_calls'))
    )
    with op.batch_alter_table('spot_calls', schema=None) as batch_op:
        batch_op.create_index('ix_spot_calls_check_id', ['check_id', 'id'], unique=False)


def downgrade():
    op.drop_table('spot_calls')
    op.drop_table('spot_checks')
    op.drop_table('spot_draws')
    with op.batch_alter_table('revisits', schema=None) as batch_op:
        batch_op.drop_column('closes')
        batch_op.drop_column('reasons')
        batch_op.drop_column('said_by_post')
        batch_op.drop_column('said_by')
        batch_op.drop_column('missed')
