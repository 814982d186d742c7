"""nothing is let go

Revision ID: 0002
Revises: 0001
Create Date: 2026-11-24 02:39:53.391847

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('absences',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('deputy_id', sa.Integer(), nullable=False),
    sa.Column('from_on', sa.Date(), nullable=False),
    sa.Column('to_on', sa.Date(), nullable=False),
    sa.Column('reason', sa.String(length=200), nullable=False),
    sa.Column('begun_at', sa.DateTime(), nullable=True),
    sa.Column('ended_at', sa.DateTime(), nullable=True),
    sa.Column('noted_by_id', sa.Integer(), nullable=True),
    sa.Column('noted_at', sa.DateTime(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['deputy_id'], ['users.id'], name=op.f('fk_absences_deputy_id')),
    sa.ForeignKeyConstraint(['noted_by_id'], ['users.id'], name=op.f('fk_absences_noted_by_id')),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_absences_tenant_id')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_absences_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_absences'))
    )
    with op.batch_alter_table('absences', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_absences_deputy_id'), ['deputy_id'], unique=False)
        batch_op.create_index('ix_absences_tenant', ['tenant_id', 'to_on'], unique=False)
        batch_op.create_index('ix_absences_user_id', ['user_id', 'from_on'], unique=False)

    op.create_table('saved_views',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('owner_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('query', sa.String(length=500), nullable=False),
    sa.Column('is_shared', sa.Boolean(), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['owner_id'], ['users.id'], name=op.f('fk_saved_views_owner_id')),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_saved_views_tenant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_saved_views')),
    sa.UniqueConstraint('owner_id', 'name', name=op.f('uq_saved_views_owner_id_name'))
    )
    with op.batch_alter_table('saved_views', schema=None) as batch_op:
        batch_op.create_index('ix_saved_views_tenant_shared', ['tenant_id', 'is_shared'], unique=False)

    op.create_table('canned_answers',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('category_id', sa.Integer(), nullable=True),
    sa.Column('title', sa.String(length=60), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('is_active', sa.Boolean(), nullable=False),
    sa.Column('created_by_id', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['category_id'], ['categories.id'], name=op.f('fk_canned_answers_category_id')),
    sa.ForeignKeyConstraint(['created_by_id'], ['users.id'], name=op.f('fk_canned_answers_created_by_id')),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_canned_answers_tenant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_canned_answers'))
    )
    with op.batch_alter_table('canned_answers', schema=None) as batch_op:
        batch_op.create_index('ix_canned_answers_tenant', ['tenant_id', 'is_active', 'category_id'], unique=False)

    op.create_table('common_problems',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.String(length=24), nullable=False),
    sa.Column('title', sa.String(length=50), nullable=False),
    sa.Column('description', sa.Text(), nullable=False),
    sa.Column('category_id', sa.Integer(), nullable=True),
    sa.Column('lead_unit_id', sa.Integer(), nullable=True),
    sa.Column('state', sa.Enum('open', 'published', 'ended', name='commonstate', native_enum=False, length=32), nullable=False),
    sa.Column('answer', sa.Text(), nullable=False),
    sa.Column('basis', sa.Text(), nullable=False),
    sa.Column('outcome', sa.Enum('resolved', 'partial', 'explained', 'referred_up', name='outcome', native_enum=False, length=32), nullable=True),
    sa.Column('drafted_at', sa.DateTime(), nullable=True),
    sa.Column('drafted_by_id', sa.Integer(), nullable=True),
    sa.Column('published_at', sa.DateTime(), nullable=True),
    sa.Column('published_by_id', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('created_by_id', sa.Integer(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['category_id'], ['categories.id'], name=op.f('fk_common_problems_category_id')),
    sa.ForeignKeyConstraint(['created_by_id'], ['users.id'], name=op.f('fk_common_problems_created_by_id')),
    sa.ForeignKeyConstraint(['drafted_by_id'], ['users.id'], name=op.f('fk_common_problems_drafted_by_id')),
    sa.ForeignKeyConstraint(['lead_unit_id'], ['org_units.id'], name=op.f('fk_common_problems_lead_unit_id')),
    sa.ForeignKeyConstraint(['published_by_id'], ['users.id'], name=op.f('fk_common_problems_published_by_id')),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_common_problems_tenant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_common_problems')),
    sa.UniqueConstraint('tenant_id', 'number', name=op.f('uq_common_problems_tenant_id_number'))
    )
    with op.batch_alter_table('common_problems', schema=None) as batch_op:
        batch_op.create_index('ix_common_problems_tenant_state', ['tenant_id', 'state', 'id'], unique=False)

    op.create_table('policy_documents',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('title', sa.String(length=120), nullable=False),
    sa.Column('doc_no', sa.String(length=60), nullable=False),
    sa.Column('issued_by', sa.String(length=80), nullable=False),
    sa.Column('issued_on', sa.Date(), nullable=True),
    sa.Column('valid_to', sa.Date(), nullable=True),
    sa.Column('summary', sa.Text(), nullable=False),
    sa.Column('link', sa.String(length=300), nullable=False),
    sa.Column('category_id', sa.Integer(), nullable=True),
    sa.Column('is_active', sa.Boolean(), nullable=False),
    sa.Column('created_by_id', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['category_id'], ['categories.id'], name=op.f('fk_policy_documents_category_id')),
    sa.ForeignKeyConstraint(['created_by_id'], ['users.id'], name=op.f('fk_policy_documents_created_by_id')),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_policy_documents_tenant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_policy_documents'))
    )
    with op.batch_alter_table('policy_documents', schema=None) as batch_op:
        batch_op.create_index('ix_policy_documents_category_id', ['category_id'], unique=False)
        batch_op.create_index('ix_policy_documents_tenant', ['tenant_id', 'is_active', 'id'], unique=False)

    op.create_table('joint_meetings',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ticket_id', sa.Integer(), nullable=False),
    sa.Column('return_count', sa.Integer(), nullable=False),
    sa.Column('held_at', sa.DateTime(), nullable=False),
    sa.Column('unit_ids', sa.JSON(), nullable=False),
    sa.Column('lead_unit_id', sa.Integer(), nullable=False),
    sa.Column('conclusion', sa.Text(), nullable=False),
    sa.Column('noted_by_id', sa.Integer(), nullable=True),
    sa.Column('noted_at', sa.DateTime(), nullable=False),
    sa.ForeignKeyConstraint(['lead_unit_id'], ['org_units.id'], name=op.f('fk_joint_meetings_lead_unit_id')),
    sa.ForeignKeyConstraint(['noted_by_id'], ['users.id'], name=op.f('fk_joint_meetings_noted_by_id')),
    sa.ForeignKeyConstraint(['ticket_id'], ['tickets.id'], name=op.f('fk_joint_meetings_ticket_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_joint_meetings'))
    )
    with op.batch_alter_table('joint_meetings', schema=None) as batch_op:
        batch_op.create_index('ix_joint_meetings_ticket_id', ['ticket_id', 'id'], unique=False)

    op.create_table('leader_directives',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('ticket_id', sa.Integer(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=False),
    sa.Column('by_role', sa.Enum('sys_admin', 'audit_admin', 'chief', 'leader', 'office_director', 'dispatcher', 'dept_head', 'handler', 'liaison', 'supervisor', 'village_officer', 'enterprise_user', 'system', name='role', native_enum=False, length=32), nullable=False),
    sa.Column('given_at', sa.DateTime(), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=True),
    sa.Column('due_at', sa.DateTime(), nullable=False),
    sa.Column('answer', sa.Text(), nullable=False),
    sa.Column('answered_at', sa.DateTime(), nullable=True),
    sa.Column('answered_by_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['answered_by_id'], ['users.id'], name=op.f('fk_leader_directives_answered_by_id')),
    sa.ForeignKeyConstraint(['by_id'], ['users.id'], name=op.f('fk_leader_directives_by_id')),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_leader_directives_tenant_id')),
    sa.ForeignKeyConstraint(['ticket_id'], ['tickets.id'], name=op.f('fk_leader_directives_ticket_id')),
    sa.ForeignKeyConstraint(['unit_id'], ['org_units.id'], name=op.f('fk_leader_directives_unit_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_leader_directives'))
    )
    with op.batch_alter_table('leader_directives', schema=None) as batch_op:
        batch_op.create_index('ix_leader_directives_by_id', ['by_id'], unique=False)
        batch_op.create_index('ix_leader_directives_ticket_id', ['ticket_id', 'id'], unique=False)
        batch_op.create_index('ix_leader_directives_waiting', ['tenant_id', 'answered_at', 'due_at'], unique=False)

    op.create_table('presences',
    sa.Column('ticket_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('seen_at', sa.DateTime(), nullable=False),
    sa.ForeignKeyConstraint(['ticket_id'], ['tickets.id'], name=op.f('fk_presences_ticket_id')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_presences_user_id')),
    sa.PrimaryKeyConstraint('ticket_id', 'user_id', name=op.f('pk_presences'))
    )
    op.create_table('ticket_readers',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ticket_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('why', sa.Text(), nullable=False),
    sa.Column('added_by_id', sa.Integer(), nullable=True),
    sa.Column('added_at', sa.DateTime(), nullable=False),
    sa.Column('ended_at', sa.DateTime(), nullable=True),
    sa.ForeignKeyConstraint(['added_by_id'], ['users.id'], name=op.f('fk_ticket_readers_added_by_id')),
    sa.ForeignKeyConstraint(['ticket_id'], ['tickets.id'], name=op.f('fk_ticket_readers_ticket_id')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_ticket_readers_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ticket_readers'))
    )
    with op.batch_alter_table('ticket_readers', schema=None) as batch_op:
        batch_op.create_index('ix_ticket_readers_ticket_id', ['ticket_id'], unique=False)
        batch_op.create_index('ix_ticket_readers_user_id', ['user_id', 'ended_at', 'ticket_id'], unique=False)

    op.create_table('reply_citations',
    sa.Column('reply_id', sa.Integer(), nullable=False),
    sa.Column('document_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['document_id'], ['policy_documents.id'], name=op.f('fk_reply_citations_document_id')),
    sa.ForeignKeyConstraint(['reply_id'], ['replies.id'], name=op.f('fk_reply_citations_reply_id')),
    sa.PrimaryKeyConstraint('reply_id', 'document_id', name=op.f('pk_reply_citations'))
    )
    with op.batch_alter_table('categories', schema=None) as batch_op:
        batch_op.add_column(sa.Column('confidential', sa.Boolean(), server_default=sa.false(), nullable=False))

    with op.batch_alter_table('co_tasks', schema=None) as batch_op:
        batch_op.add_column(sa.Column('handler_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('round', sa.Integer(), server_default='1', nullable=False))
        batch_op.add_column(sa.Column('settled_at', sa.DateTime(), nullable=True))
        batch_op.add_column(sa.Column('settled_by_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('settled_words', sa.Text(), server_default='', nullable=False))
        batch_op.add_column(sa.Column('covered_for_id', sa.Integer(), nullable=True))
        batch_op.create_index('ix_co_tasks_handler_id', ['handler_id', 'state'], unique=False)
        batch_op.create_index('ix_co_tasks_covered_for_id', ['covered_for_id'], unique=False)
        batch_op.create_foreign_key(batch_op.f('fk_co_tasks_covered_for_id'), 'users', ['covered_for_id'], ['id'])
        batch_op.create_foreign_key(batch_op.f('fk_co_tasks_settled_by_id'), 'users', ['settled_by_id'], ['id'])
        batch_op.create_foreign_key(batch_op.f('fk_co_tasks_handler_id'), 'users', ['handler_id'], ['id'])

    with op.batch_alter_table('role_holdings', schema=None) as batch_op:
        batch_op.add_column(sa.Column('absence_id', sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f('ix_role_holdings_absence_id'), ['absence_id'], unique=False)
        batch_op.create_foreign_key(batch_op.f('fk_role_holdings_absence_id'), 'absences', ['absence_id'], ['id'])

    with op.batch_alter_table('supervision_notes', schema=None) as batch_op:
        batch_op.add_column(sa.Column('directive_id', sa.Integer(), nullable=True))
        batch_op.create_foreign_key(batch_op.f('fk_supervision_notes_directive_id'), 'leader_directives', ['directive_id'], ['id'])
        batch_op.create_index('ix_supervision_notes_waiting', ['answer_due_at', 'ticket_id', 'level'], unique=False, sqlite_where=sa.text('answered_at IS NULL'), postgresql_where=sa.text('answered_at IS NULL'))

    with op.batch_alter_table('urges', schema=None) as batch_op:
        batch_op.create_index('ix_urges_on', ['on', 'ticket_id'], unique=False)

    with op.batch_alter_table('tickets', schema=None) as batch_op:
        batch_op.add_column(sa.Column('heard_on', sa.Date(), nullable=True))
        batch_op.add_column(sa.Column('split_from_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('common_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('confidential', sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column('covered_for_id', sa.Integer(), nullable=True))
        batch_op.create_index('ix_tickets_common_id', ['common_id', 'id'], unique=False)
        batch_op.drop_index('ix_tickets_open')
        batch_op.create_index('ix_tickets_open', ['tenant_id', 'is_open', 'move_due_at', 'id', 'confidential'], unique=False)
        batch_op.drop_index('ix_tickets_status')
        batch_op.create_index('ix_tickets_status', ['tenant_id', 'status', 'move_due_at', 'id', 'round', 'confidential'], unique=False)
        batch_op.drop_index('ix_tickets_lead_unit')
        batch_op.create_index('ix_tickets_lead_unit', ['tenant_id', 'lead_unit_id', 'status', 'move_due_at', 'id', 'confidential'], unique=False)
        batch_op.drop_index('ix_tickets_newest')
        batch_op.create_index('ix_tickets_newest', ['tenant_id', 'id', 'number', 'confidential'], unique=False)
        batch_op.drop_index('ix_tickets_due')
        batch_op.create_index('ix_tickets_due', ['tenant_id', 'is_running', 'due_at', 'warn_on', 'confidential'], unique=False)
        batch_op.create_index('ix_tickets_covered_for_id', ['covered_for_id'], unique=False)
        batch_op.create_index('ix_tickets_split_from_id', ['split_from_id'], unique=False)
        batch_op.create_foreign_key(batch_op.f('fk_tickets_split_from_id'), 'tickets', ['split_from_id'], ['id'])
        batch_op.create_foreign_key(batch_op.f('fk_tickets_common_id'), 'common_problems', ['common_id'], ['id'])
        batch_op.create_foreign_key(batch_op.f('fk_tickets_covered_for_id'), 'users', ['covered_for_id'], ['id'])



def downgrade():
    with op.batch_alter_table('tickets', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_tickets_covered_for_id'), type_='foreignkey')
        batch_op.drop_constraint(batch_op.f('fk_tickets_common_id'), type_='foreignkey')
        batch_op.drop_constraint(batch_op.f('fk_tickets_split_from_id'), type_='foreignkey')
        batch_op.drop_index('ix_tickets_split_from_id')
        batch_op.drop_index('ix_tickets_covered_for_id')
        batch_op.drop_index('ix_tickets_common_id')
        batch_op.drop_index('ix_tickets_open')
        batch_op.drop_index('ix_tickets_status')
        batch_op.drop_index('ix_tickets_lead_unit')
        batch_op.drop_index('ix_tickets_newest')
        batch_op.drop_index('ix_tickets_due')
        batch_op.drop_column('covered_for_id')
        batch_op.drop_column('confidential')
        batch_op.create_index('ix_tickets_open', ['tenant_id', 'is_open', 'move_due_at', 'id'], unique=False)
        batch_op.create_index('ix_tickets_status', ['tenant_id', 'status', 'move_due_at', 'id', 'round'], unique=False)
        batch_op.create_index('ix_tickets_lead_unit', ['tenant_id', 'lead_unit_id', 'status', 'move_due_at', 'id'], unique=False)
        batch_op.create_index('ix_tickets_newest', ['tenant_id', 'id'], unique=False)
        batch_op.create_index('ix_tickets_due', ['tenant_id', 'is_running', 'due_at', 'warn_on'], unique=False)
        batch_op.drop_column('common_id')
        batch_op.drop_column('split_from_id')
        batch_op.drop_column('heard_on')

    with op.batch_alter_table('urges', schema=None) as batch_op:
        batch_op.drop_index('ix_urges_on')

    with op.batch_alter_table('supervision_notes', schema=None) as batch_op:
        batch_op.drop_index('ix_supervision_notes_waiting', sqlite_where=sa.text('answered_at IS NULL'), postgresql_where=sa.text('answered_at IS NULL'))
        batch_op.drop_constraint(batch_op.f('fk_supervision_notes_directive_id'), type_='foreignkey')
        batch_op.drop_column('directive_id')

    with op.batch_alter_table('role_holdings', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_role_holdings_absence_id'), type_='foreignkey')
        batch_op.drop_index(batch_op.f('ix_role_holdings_absence_id'))
        batch_op.drop_column('absence_id')

    with op.batch_alter_table('co_tasks', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_co_tasks_handler_id'), type_='foreignkey')
        batch_op.drop_constraint(batch_op.f('fk_co_tasks_covered_for_id'), type_='foreignkey')
        batch_op.drop_index('ix_co_tasks_covered_for_id')
        batch_op.drop_index('ix_co_tasks_handler_id')
        batch_op.drop_column('covered_for_id')
        batch_op.drop_constraint(batch_op.f('fk_co_tasks_settled_by_id'), type_='foreignkey')
        batch_op.drop_column('settled_words')
        batch_op.drop_column('settled_by_id')
        batch_op.drop_column('settled_at')
        batch_op.drop_column('round')
        batch_op.drop_column('handler_id')

    with op.batch_alter_table('categories', schema=None) as batch_op:
        batch_op.drop_column('confidential')

    op.drop_table('reply_citations')
    with op.batch_alter_table('ticket_readers', schema=None) as batch_op:
        batch_op.drop_index('ix_ticket_readers_user_id')
        batch_op.drop_index('ix_ticket_readers_ticket_id')

    op.drop_table('ticket_readers')
    op.drop_table('presences')
    with op.batch_alter_table('leader_directives', schema=None) as batch_op:
        batch_op.drop_index('ix_leader_directives_waiting')
        batch_op.drop_index('ix_leader_directives_ticket_id')
        batch_op.drop_index('ix_leader_directives_by_id')

    op.drop_table('leader_directives')
    with op.batch_alter_table('joint_meetings', schema=None) as batch_op:
        batch_op.drop_index('ix_joint_meetings_ticket_id')

    op.drop_table('joint_meetings')
    with op.batch_alter_table('policy_documents', schema=None) as batch_op:
        batch_op.drop_index('ix_policy_documents_tenant')
        batch_op.drop_index('ix_policy_documents_category_id')

    op.drop_table('policy_documents')
    with op.batch_alter_table('common_problems', schema=None) as batch_op:
        batch_op.drop_index('ix_common_problems_tenant_state')

    op.drop_table('common_problems')
    with op.batch_alter_table('canned_answers', schema=None) as batch_op:
        batch_op.drop_index('ix_canned_answers_tenant')

    op.drop_table('canned_answers')
    with op.batch_alter_table('saved_views', schema=None) as batch_op:
        batch_op.drop_index('ix_saved_views_tenant_shared')

    op.drop_table('saved_views')
    with op.batch_alter_table('absences', schema=None) as batch_op:
        batch_op.drop_index('ix_absences_user_id')
        batch_op.drop_index('ix_absences_tenant')
        batch_op.drop_index(batch_op.f('ix_absences_deputy_id'))

    op.drop_table('absences')
