"""what a visit leaves behind

Revision ID: 0009
Revises: 0008
Create Date: 2026-11-30 03:00:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None

OUTCOME = sa.Enum('visited', 'by_phone', 'declined', 'stopped', 'not_found', 'closed_down', name='visitoutcome', native_enum=False, length=32)
THEME = sa.Enum('livelihood', 'market', 'projects', 'archives', 'scale_up', name='theme', native_enum=False, length=32)
FIRM = 'COALESCE(v.enterprise_id, (SELECT p.enterprise_id FROM key_projects p WHERE p.id = v.project_id))'
MOVED = (
    # What counted until now, by the only rule there was.
    "UPDATE visits SET counts = (mode IN ('on_site', 'on_site_office', 'service_day'))",
    # A campaign was a word on its visits: it ran from the first of them to the last.
    """INSERT INTO campaigns (tenant_id, name, from_on, to_on, is_active, created_at, version)
    SELECT tenant_id, campaign, MIN(visited_on), MAX(visited_on), TRUE, MIN(recorded_at), 1
    FROM visits WHERE campaign <> '' GROUP BY tenant_id, campaign""",
    """UPDATE visits SET campaign_id = (SELECT c.id FROM campaigns c
    WHERE c.tenant_id = visits.tenant_id AND c.name = visits.campaign) WHERE campaign <> ''""",
    # What was promised before a later visit on the spot was forgotten then; the rest still stands.
    """INSERT INTO promises (tenant_id, visit_id, text, state, note, version)
    SELECT v.tenant_id, v.id, v.promises, CASE WHEN EXISTS (
        SELECT 1 FROM visits w WHERE w.counts AND w.visited_on > v.visited_on
        AND (w.enterprise_id = v.enterprise_id OR w.project_id = v.project_id)
    ) THEN 'untracked' ELSE 'open' END, '', 1
    FROM visits v WHERE v.promises <> '' ORDER BY v.id""",
    f"""INSERT INTO financing_needs (tenant_id, visit_id, enterprise_id, amount_wan, term, purpose,
        state, reported_to, note, changed_at, version)
    SELECT v.tenant_id, v.id, {FIRM}, v.financing_need_wan, '', '', 'surveyed', '', '', v.recorded_at, 1
    FROM visits v WHERE v.financing_need_wan > 0 ORDER BY v.id""",
    f"""INSERT INTO labor_needs (tenant_id, visit_id, enterprise_id, headcount, posts,
        state, reported_to, note, changed_at, version)
    SELECT v.tenant_id, v.id, {FIRM}, v.labor_need, '', 'surveyed', '', '', v.recorded_at, 1
    FROM visits v WHERE v.labor_need > 0 ORDER BY v.id""",
)
PUT_BACK = (
    "UPDATE visits SET campaign = COALESCE((SELECT c.name FROM campaigns c WHERE c.id = campaign_id), '')",
    "UPDATE visits SET financing_need_wan = (SELECT SUM(n.amount_wan) FROM financing_needs n WHERE n.visit_id = visits.id)",
    "UPDATE visits SET labor_need = (SELECT SUM(n.headcount) FROM labor_needs n WHERE n.visit_id = visits.id)",
)


def upgrade():
    op.create_table('campaigns',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('from_on', sa.Date(), nullable=False),
    sa.Column('to_on', sa.Date(), nullable=False),
    sa.Column('is_active', sa.Boolean(), nullable=False),
    sa.Column('created_by_id', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['created_by_id'], ['users.id'], name=op.f('fk_campaigns_created_by_id')),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_campaigns_tenant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_campaigns')),
    sa.UniqueConstraint('tenant_id', 'name', name=op.f('uq_campaigns_tenant_id_name'))
    )
    op.create_table('household_counts',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('leader_id', sa.Integer(), nullable=False),
    sa.Column('period', sa.String(length=7), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('changed_by_id', sa.Integer(), nullable=False),
    sa.Column('changed_at', sa.DateTime(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['changed_by_id'], ['users.id'], name=op.f('fk_household_counts_changed_by_id')),
    sa.ForeignKeyConstraint(['leader_id'], ['users.id'], name=op.f('fk_household_counts_leader_id')),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_household_counts_tenant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_household_counts')),
    sa.UniqueConstraint('leader_id', 'period', name=op.f('uq_household_counts_leader_id_period'))
    )
    with op.batch_alter_table('household_counts', schema=None) as batch_op:
        batch_op.create_index('ix_household_counts_tenant', ['tenant_id', 'period'], unique=False)

    op.create_table('village_visits',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('leader_id', sa.Integer(), nullable=False),
    sa.Column('village_id', sa.Integer(), nullable=False),
    sa.Column('visited_on', sa.Date(), nullable=False),
    sa.Column('findings', sa.Text(), nullable=False),
    sa.Column('recorded_by_id', sa.Integer(), nullable=False),
    sa.Column('recorded_at', sa.DateTime(), nullable=False),
    sa.ForeignKeyConstraint(['leader_id'], ['users.id'], name=op.f('fk_village_visits_leader_id')),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['users.id'], name=op.f('fk_village_visits_recorded_by_id')),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_village_visits_tenant_id')),
    sa.ForeignKeyConstraint(['village_id'], ['org_units.id'], name=op.f('fk_village_visits_village_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_village_visits'))
    )
    with op.batch_alter_table('village_visits', schema=None) as batch_op:
        batch_op.create_index('ix_village_visits_leader', ['leader_id', 'visited_on'], unique=False)
        batch_op.create_index('ix_village_visits_tenant', ['tenant_id', 'visited_on', 'id'], unique=False)
        batch_op.create_index('ix_village_visits_village_id', ['village_id'], unique=False)

    op.create_table('financing_needs',
    sa.Column('amount_wan', sa.Numeric(precision=14, scale=2, asdecimal=False), nullable=False),
    sa.Column('term', sa.String(length=40), nullable=False),
    sa.Column('purpose', sa.String(length=100), nullable=False),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('visit_id', sa.Integer(), nullable=False),
    sa.Column('state', sa.Enum('surveyed', 'reported', 'matched', 'met', name='needstate', native_enum=False, length=32), nullable=False),
    sa.Column('reported_to', sa.String(length=80), nullable=False),
    sa.Column('note', sa.String(length=200), nullable=False),
    sa.Column('changed_at', sa.DateTime(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('enterprise_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['enterprise_id'], ['enterprises.id'], name=op.f('fk_financing_needs_enterprise_id')),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_financing_needs_tenant_id')),
    sa.ForeignKeyConstraint(['visit_id'], ['visits.id'], name=op.f('fk_financing_needs_visit_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_financing_needs'))
    )
    with op.batch_alter_table('financing_needs', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_financing_needs_enterprise_id'), ['enterprise_id'], unique=False)
        batch_op.create_index('ix_financing_needs_tenant', ['tenant_id', 'state'], unique=False)
        batch_op.create_index(batch_op.f('ix_financing_needs_visit_id'), ['visit_id'], unique=False)

    op.create_table('labor_needs',
    sa.Column('headcount', sa.Integer(), nullable=False),
    sa.Column('posts', sa.String(length=100), nullable=False),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('visit_id', sa.Integer(), nullable=False),
    sa.Column('state', sa.Enum('surveyed', 'reported', 'matched', 'met', name='needstate', native_enum=False, length=32), nullable=False),
    sa.Column('reported_to', sa.String(length=80), nullable=False),
    sa.Column('note', sa.String(length=200), nullable=False),
    sa.Column('changed_at', sa.DateTime(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('enterprise_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['enterprise_id'], ['enterprises.id'], name=op.f('fk_labor_needs_enterprise_id')),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_labor_needs_tenant_id')),
    sa.ForeignKeyConstraint(['visit_id'], ['visits.id'], name=op.f('fk_labor_needs_visit_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_labor_needs'))
    )
    with op.batch_alter_table('labor_needs', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_labor_needs_enterprise_id'), ['enterprise_id'], unique=False)
        batch_op.create_index('ix_labor_needs_tenant', ['tenant_id', 'state'], unique=False)
        batch_op.create_index(batch_op.f('ix_labor_needs_visit_id'), ['visit_id'], unique=False)

    op.create_table('policy_pushes',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('visit_id', sa.Integer(), nullable=False),
    sa.Column('document_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['document_id'], ['policy_documents.id'], name=op.f('fk_policy_pushes_document_id')),
    sa.ForeignKeyConstraint(['visit_id'], ['visits.id'], name=op.f('fk_policy_pushes_visit_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_policy_pushes')),
    sa.UniqueConstraint('visit_id', 'document_id', name=op.f('uq_policy_pushes_visit_id_document_id'))
    )
    with op.batch_alter_table('policy_pushes', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_policy_pushes_document_id'), ['document_id'], unique=False)

    op.create_table('promises',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('visit_id', sa.Integer(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=True),
    sa.Column('state', sa.Enum('open', 'kept', 'not_kept', 'untracked', name='promisestate', native_enum=False, length=32), nullable=False),
    sa.Column('note', sa.String(length=200), nullable=False),
    sa.Column('asked_at', sa.DateTime(), nullable=True),
    sa.Column('asked_by_id', sa.Integer(), nullable=True),
    sa.Column('asked_visit_id', sa.Integer(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['asked_by_id'], ['users.id'], name=op.f('fk_promises_asked_by_id')),
    sa.ForeignKeyConstraint(['asked_visit_id'], ['visits.id'], name=op.f('fk_promises_asked_visit_id')),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_promises_tenant_id')),
    sa.ForeignKeyConstraint(['visit_id'], ['visits.id'], name=op.f('fk_promises_visit_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_promises'))
    )
    with op.batch_alter_table('promises', schema=None) as batch_op:
        batch_op.create_index('ix_promises_tenant', ['tenant_id', 'state'], unique=False)
        batch_op.create_index('ix_promises_visit_id', ['visit_id', 'id'], unique=False)

    op.create_table('rechecks',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('visit_id', sa.Integer(), nullable=False),
    sa.Column('ticket_id', sa.Integer(), nullable=False),
    sa.Column('answer', sa.Enum('fine', 'back', name='stillfine', native_enum=False, length=32), nullable=False),
    sa.Column('note', sa.String(length=200), nullable=False),
    sa.ForeignKeyConstraint(['ticket_id'], ['tickets.id'], name=op.f('fk_rechecks_ticket_id')),
    sa.ForeignKeyConstraint(['visit_id'], ['visits.id'], name=op.f('fk_rechecks_visit_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_rechecks')),
    sa.UniqueConstraint('visit_id', 'ticket_id', name=op.f('uq_rechecks_visit_id_ticket_id'))
    )
    with op.batch_alter_table('rechecks', schema=None) as batch_op:
        batch_op.create_index('ix_rechecks_ticket_id', ['ticket_id'], unique=False)

    with op.batch_alter_table('tickets', schema=None) as batch_op:
        batch_op.add_column(sa.Column('done_on_site', sa.Text(), server_default='', nullable=False))

    with op.batch_alter_table('visits', schema=None) as batch_op:
        batch_op.add_column(sa.Column('outcome', OUTCOME, nullable=False, server_default='visited'))
        batch_op.add_column(sa.Column('counts', sa.Boolean(), nullable=True))
        batch_op.add_column(sa.Column('theme', THEME, nullable=True))
        batch_op.add_column(sa.Column('campaign_id', sa.Integer(), nullable=True))
    for statement in MOVED:
        op.execute(statement)
    with op.batch_alter_table('visits', schema=None) as batch_op:
        batch_op.alter_column('outcome', existing_type=OUTCOME, server_default=None)
        batch_op.alter_column('counts', existing_type=sa.Boolean(), nullable=False)
        batch_op.create_index('ix_visits_campaign_id', ['campaign_id'], unique=False)
        batch_op.create_foreign_key(batch_op.f('fk_visits_campaign_id'), 'campaigns', ['campaign_id'], ['id'])
        batch_op.drop_column('labor_need')
        batch_op.drop_column('financing_need_wan')
        batch_op.drop_column('promises')
        batch_op.drop_column('campaign')


def downgrade():
    with op.batch_alter_table('visits', schema=None) as batch_op:
        batch_op.add_column(sa.Column('campaign', sa.String(length=60), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('promises', sa.Text(), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('financing_need_wan', sa.Numeric(precision=14, scale=2, asdecimal=False), nullable=True))
        batch_op.add_column(sa.Column('labor_need', sa.Integer(), nullable=True))
    for statement in PUT_BACK:
        op.execute(statement)
    _put_promises_back()
    with op.batch_alter_table('visits', schema=None) as batch_op:
        batch_op.alter_column('campaign', existing_type=sa.String(length=60), server_default=None)
        batch_op.alter_column('promises', existing_type=sa.Text(), server_default=None)
        batch_op.drop_constraint(batch_op.f('fk_visits_campaign_id'), type_='foreignkey')
        batch_op.drop_index('ix_visits_campaign_id')
        batch_op.drop_column('campaign_id')
        batch_op.drop_column('theme')
        batch_op.drop_column('counts')
        batch_op.drop_column('outcome')

    with op.batch_alter_table('tickets', schema=None) as batch_op:
        batch_op.drop_column('done_on_site')

    with op.batch_alter_table('rechecks', schema=None) as batch_op:
        batch_op.drop_index('ix_rechecks_ticket_id')

    op.drop_table('rechecks')
    with op.batch_alter_table('promises', schema=None) as batch_op:
        batch_op.drop_index('ix_promises_visit_id')
        batch_op.drop_index('ix_promises_tenant')

    op.drop_table('promises')
    with op.batch_alter_table('policy_pushes', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_policy_pushes_document_id'))

    op.drop_table('policy_pushes')
    with op.batch_alter_table('labor_needs', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_labor_needs_visit_id'))
        batch_op.drop_index('ix_labor_needs_tenant')
        batch_op.drop_index(batch_op.f('ix_labor_needs_enterprise_id'))

    op.drop_table('labor_needs')
    with op.batch_alter_table('financing_needs', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_financing_needs_visit_id'))
        batch_op.drop_index('ix_financing_needs_tenant')
        batch_op.drop_index(batch_op.f('ix_financing_needs_enterprise_id'))

    op.drop_table('financing_needs')
    with op.batch_alter_table('village_visits', schema=None) as batch_op:
        batch_op.drop_index('ix_village_visits_village_id')
        batch_op.drop_index('ix_village_visits_tenant')
        batch_op.drop_index('ix_village_visits_leader')

    op.drop_table('village_visits')
    with op.batch_alter_table('household_counts', schema=None) as batch_op:
        batch_op.drop_index('ix_household_counts_tenant')

    op.drop_table('household_counts')
    op.drop_table('campaigns')


def _put_promises_back():
    """Write the promises of each visit into one text again, one a line."""
    bind = op.get_bind()
    texts = {}
    for visit_id, words in bind.execute(sa.text('SELECT visit_id, text FROM promises ORDER BY id')):
        texts.setdefault(visit_id, []).append(words)
    put = sa.text('UPDATE visits SET promises = :words WHERE id = :visit_id')
    for visit_id, lines in texts.items():
        bind.execute(put, {'words': '\n'.join(lines), 'visit_id': visit_id})
