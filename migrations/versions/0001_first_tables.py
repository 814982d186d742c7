"""first tables

Revision ID: 0001
Revises: 
Create Date: 2026-11-23 23:53:49.503651

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def _keep(table):
    """Let rows of `table` be added, never changed or deleted, whoever asks."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"CREATE FUNCTION keep_{table}() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN RAISE EXCEPTION '{table} is append-only'; END $$"
        )
        op.execute(
            f"CREATE TRIGGER keep_{table} BEFORE UPDATE OR DELETE ON {table}"
            f" FOR EACH ROW EXECUTE FUNCTION keep_{table}()"
        )
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER keep_{table}_{verb.lower()} BEFORE {verb} ON {table}"
            f" BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )


def upgrade():
    op.create_table('audit_heads',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('last_id', sa.Integer(), nullable=False),
    sa.Column('hash', sa.String(length=64), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_heads'))
    )
    op.create_table('audit_rows',
    sa.Column('id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=True),
    sa.Column('role', sa.String(length=32), nullable=False),
    sa.Column('ip', sa.String(length=64), nullable=False),
    sa.Column('action', sa.String(length=64), nullable=False),
    sa.Column('subject', sa.String(length=40), nullable=False),
    sa.Column('subject_id', sa.Integer(), nullable=True),
    sa.Column('before', sa.JSON(), nullable=True),
    sa.Column('after', sa.JSON(), nullable=True),
    sa.Column('reason', sa.String(length=500), nullable=False),
    sa.Column('previous_hash', sa.String(length=64), nullable=False),
    sa.Column('hash', sa.String(length=64), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_rows'))
    )
    with op.batch_alter_table('audit_rows', schema=None) as batch_op:
        batch_op.create_index('ix_audit_rows_tenant_at', ['tenant_id', 'at'], unique=False)
        batch_op.create_index('ix_audit_rows_tenant_subject', ['tenant_id', 'subject', 'subject_id'], unique=False)

    op.create_table('counters',
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('series', sa.String(length=40), nullable=False),
    sa.Column('value', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('tenant_id', 'series', name=op.f('pk_counters'))
    )
    op.create_table('done_once',
    sa.Column('key', sa.String(length=64), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=True),
    sa.Column('location', sa.String(length=500), nullable=False),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_done_once'))
    )
    op.create_table('job_runs',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('job', sa.String(length=60), nullable=False),
    sa.Column('slot', sa.String(length=40), nullable=False),
    sa.Column('started_at', sa.DateTime(), nullable=False),
    sa.Column('leased_until', sa.DateTime(), nullable=False),
    sa.Column('finished_at', sa.DateTime(), nullable=True),
    sa.Column('token', sa.String(length=32), nullable=False),
    sa.Column('error', sa.String(length=500), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_job_runs')),
    sa.UniqueConstraint('job', 'slot', name=op.f('uq_job_runs_job_slot'))
    )
    with op.batch_alter_table('job_runs', schema=None) as batch_op:
        batch_op.create_index('ix_job_runs_started_at', ['started_at'], unique=False)

    op.create_table('login_failures',
    sa.Column('name_hash', sa.String(length=64), nullable=False),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.Column('last_at', sa.DateTime(), nullable=False),
    sa.Column('locked_until', sa.DateTime(), nullable=True),
    sa.PrimaryKeyConstraint('name_hash', name=op.f('pk_login_failures'))
    )
    op.create_table('tenants',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('parent_id', sa.Integer(), nullable=True),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('is_demo', sa.Boolean(), nullable=False),
    sa.Column('settings', sa.JSON(), nullable=False),
    sa.Column('calendar_stamp', sa.String(length=32), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['parent_id'], ['tenants.id'], name=op.f('fk_tenants_parent_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_tenants')),
    sa.UniqueConstraint('name', name=op.f('uq_tenants_name'))
    )
    with op.batch_alter_table('tenants', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_tenants_parent_id'), ['parent_id'], unique=False)

    op.create_table('demo_clocks',
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('shift_seconds', sa.Integer(), nullable=False),
    sa.Column('beat_at', sa.DateTime(), nullable=False),
    sa.Column('loaded_at', sa.DateTime(), nullable=True),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_demo_clocks_tenant_id')),
    sa.PrimaryKeyConstraint('tenant_id', name=op.f('pk_demo_clocks'))
    )
    op.create_table('one_time_links',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('purpose', sa.String(length=32), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('expires_at', sa.DateTime(), nullable=False),
    sa.Column('used_at', sa.DateTime(), nullable=True),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_one_time_links_tenant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_one_time_links')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_one_time_links_token_hash'))
    )
    op.create_table('special_days',
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('kind', sa.Enum('holiday', 'makeup', name='daykind', native_enum=False, length=32), nullable=False),
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_special_days_tenant_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'day', name=op.f('pk_special_days'))
    )
    op.create_table('users',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('username', sa.String(length=40), nullable=False),
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('post', sa.String(length=60), nullable=False),
    sa.Column('email', sa.String(length=120), nullable=False),
    sa.Column('phone', sa.LargeBinary(), nullable=True),
    sa.Column('password_hash', sa.String(length=255), nullable=False),
    sa.Column('must_change_password', sa.Boolean(), nullable=False),
    sa.Column('is_active', sa.Boolean(), nullable=False),
    sa.Column('language', sa.String(length=12), nullable=False),
    sa.Column('theme', sa.String(length=8), nullable=False),
    sa.Column('large_type', sa.Boolean(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_users_tenant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_users')),
    sa.UniqueConstraint('username', name=op.f('uq_users_username'))
    )
    with op.batch_alter_table('users', schema=None) as batch_op:
        batch_op.create_index('ix_users_tenant_name', ['tenant_id', 'name'], unique=False)

    op.create_table('calendar_years',
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('source', sa.String(length=80), nullable=False),
    sa.Column('confirmed_at', sa.DateTime(), nullable=False),
    sa.Column('confirmed_by_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['confirmed_by_id'], ['users.id'], name=op.f('fk_calendar_years_confirmed_by_id')),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_calendar_years_tenant_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'year', name=op.f('pk_calendar_years'))
    )
    op.create_table('messages',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('rule', sa.String(length=40), nullable=False),
    sa.Column('period', sa.String(length=60), nullable=False),
    sa.Column('recipient_id', sa.Integer(), nullable=False),
    sa.Column('channel', sa.Enum('inbox', 'mail', name='channel', native_enum=False, length=32), nullable=False),
    sa.Column('subject', sa.String(length=200), nullable=False),
    sa.Column('template', sa.String(length=60), nullable=False),
    sa.Column('context', sa.JSON(), nullable=False),
    sa.Column('link', sa.String(length=200), nullable=False),
    sa.Column('message_id', sa.String(length=120), nullable=False),
    sa.Column('state', sa.Enum('queued', 'sent', 'failed', 'skipped', name='messagestate', native_enum=False, length=32), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('next_try_at', sa.DateTime(), nullable=True),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('sent_at', sa.DateTime(), nullable=True),
    sa.Column('read_at', sa.DateTime(), nullable=True),
    sa.Column('last_error', sa.String(length=500), nullable=False),
    sa.ForeignKeyConstraint(['recipient_id'], ['users.id'], name=op.f('fk_messages_recipient_id')),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_messages_tenant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_messages')),
    sa.UniqueConstraint('tenant_id', 'rule', 'period', 'recipient_id', 'channel', name=op.f('uq_messages_tenant_id_rule_period_recipient_id_channel'))
    )
    with op.batch_alter_table('messages', schema=None) as batch_op:
        batch_op.create_index('ix_messages_due', ['next_try_at'], unique=False, sqlite_where=sa.text("state = 'queued'"), postgresql_where=sa.text("state = 'queued'"))
        batch_op.create_index('ix_messages_recipient', ['recipient_id', 'channel', 'read_at'], unique=False)

    op.create_table('org_units',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('kind', sa.Enum('leading_group', 'office', 'dept', 'vertical', 'village', 'county_dept', name='unitkind', native_enum=False, length=32), nullable=False),
    sa.Column('control', sa.Enum('town', 'vertical', 'county', name='control', native_enum=False, length=32), nullable=False),
    sa.Column('in_charge_id', sa.Integer(), nullable=True),
    sa.Column('sort_order', sa.Integer(), nullable=False),
    sa.Column('is_active', sa.Boolean(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['in_charge_id'], ['users.id'], name=op.f('fk_org_units_in_charge_id')),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_org_units_tenant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_org_units')),
    sa.UniqueConstraint('tenant_id', 'name', name=op.f('uq_org_units_tenant_id_name'))
    )
    with op.batch_alter_table('org_units', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_org_units_in_charge_id'), ['in_charge_id'], unique=False)

    op.create_table('categories',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('parent_id', sa.Integer(), nullable=True),
    sa.Column('code', sa.String(length=8), nullable=False),
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('items', sa.String(length=300), nullable=False),
    sa.Column('lead_unit_id', sa.Integer(), nullable=True),
    sa.Column('up_units', sa.String(length=200), nullable=False),
    sa.Column('complexity', sa.Enum('consult', 'simple', 'complex', 'hard', name='complexity', native_enum=False, length=32), nullable=False),
    sa.Column('urgency', sa.Enum('normal', 'urgent', 'critical', name='urgency', native_enum=False, length=32), nullable=False),
    sa.Column('quantity', sa.String(length=20), nullable=False),
    sa.Column('rejects', sa.Boolean(), nullable=False),
    sa.Column('guidance', sa.String(length=300), nullable=False),
    sa.Column('sort_order', sa.Integer(), nullable=False),
    sa.Column('is_active', sa.Boolean(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['lead_unit_id'], ['org_units.id'], name=op.f('fk_categories_lead_unit_id')),
    sa.ForeignKeyConstraint(['parent_id'], ['categories.id'], name=op.f('fk_categories_parent_id')),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_categories_tenant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_categories')),
    sa.UniqueConstraint('tenant_id', 'code', name=op.f('uq_categories_tenant_id_code'))
    )
    with op.batch_alter_table('categories', schema=None) as batch_op:
        batch_op.create_index('ix_categories_parent_id', ['parent_id'], unique=False)

    op.create_table('enterprises',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('short_name', sa.String(length=40), nullable=False),
    sa.Column('pinyin', sa.String(length=80), nullable=False),
    sa.Column('uscc', sa.String(length=18), nullable=True),
    sa.Column('uscc_confirmed', sa.Boolean(), nullable=False),
    sa.Column('org_type', sa.Enum('company', 'sole', 'cooperative', 'other', name='orgtype', native_enum=False, length=32), nullable=False),
    sa.Column('registration_type', sa.String(length=3), nullable=False),
    sa.Column('industry_code', sa.String(length=4), nullable=False),
    sa.Column('industry', sa.String(length=80), nullable=False),
    sa.Column('established_on', sa.Date(), nullable=True),
    sa.Column('registered_capital_wan', sa.Numeric(precision=14, scale=2, asdecimal=False), nullable=True),
    sa.Column('legal_rep', sa.String(length=40), nullable=False),
    sa.Column('address', sa.String(length=200), nullable=False),
    sa.Column('village_id', sa.Integer(), nullable=True),
    sa.Column('park', sa.String(length=80), nullable=False),
    sa.Column('longitude', sa.Numeric(precision=9, scale=6, asdecimal=False), nullable=True),
    sa.Column('latitude', sa.Numeric(precision=9, scale=6, asdecimal=False), nullable=True),
    sa.Column('operation', sa.Enum('running', 'stopped', 'dormant', 'building', 'deregistered', name='operation', native_enum=False, length=32), nullable=False),
    sa.Column('scale', sa.Enum('industry', 'trade', 'catering', 'service', 'construction', 'real_estate', 'below', name='scale', native_enum=False, length=32), nullable=False),
    sa.Column('near_scale', sa.Boolean(), nullable=False),
    sa.Column('size_class', sa.String(length=2), nullable=False),
    sa.Column('tier', sa.Enum('key', 'general', name='tier', native_enum=False, length=32), nullable=False),
    sa.Column('qualifications', sa.String(length=200), nullable=False),
    sa.Column('main_products', sa.String(length=200), nullable=False),
    sa.Column('notes', sa.Text(), nullable=False),
    sa.Column('figures_confidential', sa.Boolean(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_enterprises_tenant_id')),
    sa.ForeignKeyConstraint(['village_id'], ['org_units.id'], name=op.f('fk_enterprises_village_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_enterprises')),
    sa.UniqueConstraint('tenant_id', 'name', name=op.f('uq_enterprises_tenant_id_name')),
    sa.UniqueConstraint('tenant_id', 'uscc', name=op.f('uq_enterprises_tenant_id_uscc'))
    )
    with op.batch_alter_table('enterprises', schema=None) as batch_op:
        batch_op.create_index('ix_enterprises_tenant_pinyin', ['tenant_id', 'pinyin'], unique=False)
        batch_op.create_index('ix_enterprises_tenant_village', ['tenant_id', 'village_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_enterprises_village_id'), ['village_id'], unique=False)

    op.create_table('category_co_units',
    sa.Column('category_id', sa.Integer(), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['category_id'], ['categories.id'], name=op.f('fk_category_co_units_category_id')),
    sa.ForeignKeyConstraint(['unit_id'], ['org_units.id'], name=op.f('fk_category_co_units_unit_id')),
    sa.PrimaryKeyConstraint('category_id', 'unit_id', name=op.f('pk_category_co_units'))
    )
    op.create_table('enterprise_contacts',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('enterprise_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('post', sa.String(length=60), nullable=False),
    sa.Column('phone', sa.LargeBinary(), nullable=True),
    sa.Column('email', sa.String(length=120), nullable=False),
    sa.Column('is_primary', sa.Boolean(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['enterprise_id'], ['enterprises.id'], name=op.f('fk_enterprise_contacts_enterprise_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_enterprise_contacts'))
    )
    with op.batch_alter_table('enterprise_contacts', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_enterprise_contacts_enterprise_id'), ['enterprise_id'], unique=False)

    op.create_table('enterprise_years',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('enterprise_id', sa.Integer(), nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('revenue_wan', sa.Numeric(precision=14, scale=2, asdecimal=False), nullable=True),
    sa.Column('output_wan', sa.Numeric(precision=14, scale=2, asdecimal=False), nullable=True),
    sa.Column('tax_wan', sa.Numeric(precision=14, scale=2, asdecimal=False), nullable=True),
    sa.Column('employees', sa.Integer(), nullable=True),
    sa.Column('fixed_investment_wan', sa.Numeric(precision=14, scale=2, asdecimal=False), nullable=True),
    sa.Column('power_kwh', sa.Numeric(precision=14, scale=2, asdecimal=False), nullable=True),
    sa.Column('source', sa.String(length=80), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['enterprise_id'], ['enterprises.id'], name=op.f('fk_enterprise_years_enterprise_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_enterprise_years')),
    sa.UniqueConstraint('enterprise_id', 'year', name=op.f('uq_enterprise_years_enterprise_id_year'))
    )
    op.create_table('key_projects',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('stage', sa.String(length=40), nullable=False),
    sa.Column('investment_yi', sa.Numeric(precision=10, scale=2, asdecimal=False), nullable=True),
    sa.Column('address', sa.String(length=200), nullable=False),
    sa.Column('enterprise_id', sa.Integer(), nullable=True),
    sa.Column('is_active', sa.Boolean(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['enterprise_id'], ['enterprises.id'], name=op.f('fk_key_projects_enterprise_id')),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_key_projects_tenant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_key_projects')),
    sa.UniqueConstraint('tenant_id', 'name', name=op.f('uq_key_projects_tenant_id_name'))
    )
    with op.batch_alter_table('key_projects', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_key_projects_enterprise_id'), ['enterprise_id'], unique=False)

    op.create_table('role_holdings',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('role', sa.Enum('sys_admin', 'audit_admin', 'chief', 'leader', 'office_director', 'dispatcher', 'dept_head', 'handler', 'liaison', 'supervisor', 'village_officer', 'enterprise_user', 'system', name='role', native_enum=False, length=32), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=True),
    sa.Column('enterprise_id', sa.Integer(), nullable=True),
    sa.Column('is_active', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['enterprise_id'], ['enterprises.id'], name=op.f('fk_role_holdings_enterprise_id')),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_role_holdings_tenant_id')),
    sa.ForeignKeyConstraint(['unit_id'], ['org_units.id'], name=op.f('fk_role_holdings_unit_id')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_role_holdings_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_role_holdings')),
    sa.UniqueConstraint('user_id', 'role', 'unit_id', 'enterprise_id', name=op.f('uq_role_holdings_user_id_role_unit_id_enterprise_id'))
    )
    with op.batch_alter_table('role_holdings', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_role_holdings_enterprise_id'), ['enterprise_id'], unique=False)
        batch_op.create_index('ix_role_holdings_tenant_role_unit', ['tenant_id', 'role', 'unit_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_role_holdings_unit_id'), ['unit_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_role_holdings_user_id'), ['user_id'], unique=False)

    op.create_table('linkages',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('leader_id', sa.Integer(), nullable=False),
    sa.Column('liaison_id', sa.Integer(), nullable=True),
    sa.Column('enterprise_id', sa.Integer(), nullable=True),
    sa.Column('project_id', sa.Integer(), nullable=True),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('valid_to', sa.Date(), nullable=True),
    sa.Column('per_month', sa.Integer(), nullable=False),
    sa.Column('tier', sa.Enum('key', 'general', name='tier', native_enum=False, length=32), nullable=False),
    sa.Column('doc_no', sa.String(length=60), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('created_by_id', sa.Integer(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint('(enterprise_id IS NULL) != (project_id IS NULL)', name=op.f('ck_linkages_one_target')),
    sa.ForeignKeyConstraint(['created_by_id'], ['users.id'], name=op.f('fk_linkages_created_by_id')),
    sa.ForeignKeyConstraint(['enterprise_id'], ['enterprises.id'], name=op.f('fk_linkages_enterprise_id')),
    sa.ForeignKeyConstraint(['leader_id'], ['users.id'], name=op.f('fk_linkages_leader_id')),
    sa.ForeignKeyConstraint(['liaison_id'], ['users.id'], name=op.f('fk_linkages_liaison_id')),
    sa.ForeignKeyConstraint(['project_id'], ['key_projects.id'], name=op.f('fk_linkages_project_id')),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_linkages_tenant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_linkages'))
    )
    with op.batch_alter_table('linkages', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_linkages_enterprise_id'), ['enterprise_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_linkages_project_id'), ['project_id'], unique=False)
        batch_op.create_index('ix_linkages_tenant_leader', ['tenant_id', 'leader_id'], unique=False)
        batch_op.create_index('ix_linkages_tenant_liaison', ['tenant_id', 'liaison_id'], unique=False)

    op.create_table('sign_ins',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('holding_id', sa.Integer(), nullable=True),
    sa.Column('begun_at', sa.DateTime(), nullable=False),
    sa.Column('seen_at', sa.DateTime(), nullable=False),
    sa.Column('ended_at', sa.DateTime(), nullable=True),
    sa.Column('ip', sa.String(length=64), nullable=False),
    sa.Column('browser', sa.String(length=200), nullable=False),
    sa.ForeignKeyConstraint(['holding_id'], ['role_holdings.id'], name=op.f('fk_sign_ins_holding_id')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_sign_ins_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sign_ins')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_sign_ins_token_hash'))
    )
    with op.batch_alter_table('sign_ins', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_sign_ins_user_id'), ['user_id'], unique=False)

    op.create_table('visits',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.String(length=24), nullable=False),
    sa.Column('enterprise_id', sa.Integer(), nullable=True),
    sa.Column('project_id', sa.Integer(), nullable=True),
    sa.Column('visited_on', sa.Date(), nullable=False),
    sa.Column('began_at', sa.Time(), nullable=True),
    sa.Column('ended_at', sa.Time(), nullable=True),
    sa.Column('mode', sa.Enum('on_site', 'on_site_office', 'service_day', 'phone', 'online', name='mode', native_enum=False, length=32), nullable=False),
    sa.Column('leader_present', sa.Boolean(), nullable=False),
    sa.Column('persons_met', sa.String(length=200), nullable=False),
    sa.Column('running', sa.Enum('normal', 'partly', 'stopped', name='running', native_enum=False, length=32), nullable=False),
    sa.Column('orders', sa.String(length=200), nullable=False),
    sa.Column('output_wan', sa.Numeric(precision=14, scale=2, asdecimal=False), nullable=True),
    sa.Column('revenue_wan', sa.Numeric(precision=14, scale=2, asdecimal=False), nullable=True),
    sa.Column('employees', sa.Integer(), nullable=True),
    sa.Column('policies', sa.Text(), nullable=False),
    sa.Column('financing_need_wan', sa.Numeric(precision=14, scale=2, asdecimal=False), nullable=True),
    sa.Column('labor_need', sa.Integer(), nullable=True),
    sa.Column('opinions', sa.Text(), nullable=False),
    sa.Column('solved_on_site', sa.Text(), nullable=False),
    sa.Column('suggestions', sa.Text(), nullable=False),
    sa.Column('promises', sa.Text(), nullable=False),
    sa.Column('confirmed_by_firm', sa.Boolean(), nullable=False),
    sa.Column('campaign', sa.String(length=60), nullable=False),
    sa.Column('late_entry', sa.Boolean(), nullable=False),
    sa.Column('recorded_by_id', sa.Integer(), nullable=False),
    sa.Column('recorded_at', sa.DateTime(), nullable=False),
    sa.CheckConstraint('(enterprise_id IS NULL) != (project_id IS NULL)', name=op.f('ck_visits_one_target')),
    sa.ForeignKeyConstraint(['enterprise_id'], ['enterprises.id'], name=op.f('fk_visits_enterprise_id')),
    sa.ForeignKeyConstraint(['project_id'], ['key_projects.id'], name=op.f('fk_visits_project_id')),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['users.id'], name=op.f('fk_visits_recorded_by_id')),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_visits_tenant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_visits')),
    sa.UniqueConstraint('tenant_id', 'number', name=op.f('uq_visits_tenant_id_number'))
    )
    with op.batch_alter_table('visits', schema=None) as batch_op:
        batch_op.create_index('ix_visits_enterprise', ['enterprise_id', 'visited_on'], unique=False)
        batch_op.create_index('ix_visits_project', ['project_id', 'visited_on'], unique=False)
        batch_op.create_index('ix_visits_tenant_day', ['tenant_id', 'visited_on', 'id'], unique=False)

    op.create_table('tickets',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.String(length=24), nullable=True),
    sa.Column('query_code', sa.String(length=6), nullable=False),
    sa.Column('status', sa.Enum('draft', 'pending_acceptance', 'pending_dispatch', 'pending_sign', 'in_progress', 'pending_review', 'pending_revisit', 'suspended', 'closed', 'archived', 'rejected', 'merged', 'cancelled', name='status', native_enum=False, length=32), nullable=False),
    sa.Column('is_open', sa.Boolean(), nullable=False),
    sa.Column('is_running', sa.Boolean(), nullable=False),
    sa.Column('round', sa.Integer(), nullable=False),
    sa.Column('enterprise_id', sa.Integer(), nullable=False),
    sa.Column('contact_name', sa.String(length=40), nullable=False),
    sa.Column('contact_phone', sa.LargeBinary(), nullable=True),
    sa.Column('title', sa.String(length=50), nullable=False),
    sa.Column('description', sa.Text(), nullable=False),
    sa.Column('wish', sa.Text(), nullable=False),
    sa.Column('category_id', sa.Integer(), nullable=True),
    sa.Column('subcategory_id', sa.Integer(), nullable=True),
    sa.Column('source', sa.Enum('visit', 'service_day', 'campaign', 'self_service', 'phone', 'hotline', 'province', 'superior', 'directive', 'department', 'congress', 'other', name='source', native_enum=False, length=32), nullable=False),
    sa.Column('campaign', sa.String(length=60), nullable=False),
    sa.Column('visit_id', sa.Integer(), nullable=True),
    sa.Column('external_system', sa.String(length=60), nullable=False),
    sa.Column('external_no', sa.String(length=60), nullable=False),
    sa.Column('external_due_at', sa.DateTime(), nullable=True),
    sa.Column('leader_directive', sa.Boolean(), nullable=False),
    sa.Column('no_secrets', sa.Boolean(), nullable=False),
    sa.Column('complained_unit_id', sa.Integer(), nullable=True),
    sa.Column('urgency', sa.Enum('normal', 'urgent', 'critical', name='urgency', native_enum=False, length=32), nullable=False),
    sa.Column('complexity', sa.Enum('consult', 'simple', 'complex', 'hard', name='complexity', native_enum=False, length=32), nullable=True),
    sa.Column('limit_workdays', sa.Integer(), nullable=True),
    sa.Column('created_by_id', sa.Integer(), nullable=True),
    sa.Column('submitted_by_id', sa.Integer(), nullable=True),
    sa.Column('lead_unit_id', sa.Integer(), nullable=True),
    sa.Column('handler_id', sa.Integer(), nullable=True),
    sa.Column('leader_id', sa.Integer(), nullable=True),
    sa.Column('liaison_id', sa.Integer(), nullable=True),
    sa.Column('escalation_owner_id', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('submitted_at', sa.DateTime(), nullable=True),
    sa.Column('accepted_at', sa.DateTime(), nullable=True),
    sa.Column('dispatched_at', sa.DateTime(), nullable=True),
    sa.Column('signed_at', sa.DateTime(), nullable=True),
    sa.Column('signed_late', sa.Boolean(), nullable=False),
    sa.Column('first_contact_at', sa.DateTime(), nullable=True),
    sa.Column('reply_submitted_at', sa.DateTime(), nullable=True),
    sa.Column('replied_at', sa.DateTime(), nullable=True),
    sa.Column('on_time', sa.Boolean(), nullable=True),
    sa.Column('suspended_at', sa.DateTime(), nullable=True),
    sa.Column('closed_at', sa.DateTime(), nullable=True),
    sa.Column('closed_by_id', sa.Integer(), nullable=True),
    sa.Column('closing', sa.Enum('revisited', 'unsatisfied', 'unreachable', name='closing', native_enum=False, length=32), nullable=True),
    sa.Column('archived_at', sa.DateTime(), nullable=True),
    sa.Column('acceptance_due_at', sa.DateTime(), nullable=True),
    sa.Column('dispatch_due_at', sa.DateTime(), nullable=True),
    sa.Column('sign_due_at', sa.DateTime(), nullable=True),
    sa.Column('contact_due_at', sa.DateTime(), nullable=True),
    sa.Column('due_at', sa.DateTime(), nullable=True),
    sa.Column('original_due_at', sa.DateTime(), nullable=True),
    sa.Column('warn_on', sa.Date(), nullable=True),
    sa.Column('rework_due_at', sa.DateTime(), nullable=True),
    sa.Column('interim_due_at', sa.DateTime(), nullable=True),
    sa.Column('review_due_at', sa.DateTime(), nullable=True),
    sa.Column('revisit_due_at', sa.DateTime(), nullable=True),
    sa.Column('next_review_on', sa.Date(), nullable=True),
    sa.Column('saved_workdays', sa.Integer(), nullable=True),
    sa.Column('move_due_at', sa.DateTime(), nullable=True),
    sa.Column('escalation_level', sa.Integer(), nullable=False),
    sa.Column('extension_count', sa.Integer(), nullable=False),
    sa.Column('return_count', sa.Integer(), nullable=False),
    sa.Column('review_reject_count', sa.Integer(), nullable=False),
    sa.Column('reopened_count', sa.Integer(), nullable=False),
    sa.Column('renewal_count', sa.Integer(), nullable=False),
    sa.Column('direct_handled', sa.Boolean(), nullable=False),
    sa.Column('outcome', sa.Enum('resolved', 'partial', 'explained', 'referred_up', name='outcome', native_enum=False, length=32), nullable=True),
    sa.Column('quantities', sa.JSON(), nullable=False),
    sa.Column('reply_text', sa.Text(), nullable=False),
    sa.Column('unsatisfied_finding', sa.String(length=32), nullable=False),
    sa.Column('master_id', sa.Integer(), nullable=True),
    sa.Column('snapshot_hash', sa.String(length=64), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['category_id'], ['categories.id'], name=op.f('fk_tickets_category_id')),
    sa.ForeignKeyConstraint(['closed_by_id'], ['users.id'], name=op.f('fk_tickets_closed_by_id')),
    sa.ForeignKeyConstraint(['complained_unit_id'], ['org_units.id'], name=op.f('fk_tickets_complained_unit_id')),
    sa.ForeignKeyConstraint(['created_by_id'], ['users.id'], name=op.f('fk_tickets_created_by_id')),
    sa.ForeignKeyConstraint(['enterprise_id'], ['enterprises.id'], name=op.f('fk_tickets_enterprise_id')),
    sa.ForeignKeyConstraint(['escalation_owner_id'], ['users.id'], name=op.f('fk_tickets_escalation_owner_id')),
    sa.ForeignKeyConstraint(['handler_id'], ['users.id'], name=op.f('fk_tickets_handler_id')),
    sa.ForeignKeyConstraint(['lead_unit_id'], ['org_units.id'], name=op.f('fk_tickets_lead_unit_id')),
    sa.ForeignKeyConstraint(['leader_id'], ['users.id'], name=op.f('fk_tickets_leader_id')),
    sa.ForeignKeyConstraint(['liaison_id'], ['users.id'], name=op.f('fk_tickets_liaison_id')),
    sa.ForeignKeyConstraint(['master_id'], ['tickets.id'], name=op.f('fk_tickets_master_id')),
    sa.ForeignKeyConstraint(['subcategory_id'], ['categories.id'], name=op.f('fk_tickets_subcategory_id')),
    sa.ForeignKeyConstraint(['submitted_by_id'], ['users.id'], name=op.f('fk_tickets_submitted_by_id')),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_tickets_tenant_id')),
    sa.ForeignKeyConstraint(['visit_id'], ['visits.id'], name=op.f('fk_tickets_visit_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_tickets')),
    sa.UniqueConstraint('tenant_id', 'number', name=op.f('uq_tickets_tenant_id_number'))
    )
    with op.batch_alter_table('tickets', schema=None) as batch_op:
        batch_op.create_index('ix_tickets_category', ['tenant_id', 'category_id', 'id'], unique=False)
        batch_op.create_index('ix_tickets_creator', ['created_by_id', 'status'], unique=False)
        batch_op.create_index('ix_tickets_due', ['tenant_id', 'is_running', 'due_at', 'warn_on'], unique=False)
        batch_op.create_index('ix_tickets_enterprise', ['enterprise_id', 'id'], unique=False)
        batch_op.create_index('ix_tickets_handler', ['handler_id', 'status'], unique=False)
        batch_op.create_index('ix_tickets_lead_unit', ['tenant_id', 'lead_unit_id', 'status', 'move_due_at', 'id'], unique=False)
        batch_op.create_index('ix_tickets_leader', ['leader_id', 'status'], unique=False)
        batch_op.create_index('ix_tickets_liaison', ['liaison_id', 'status'], unique=False)
        batch_op.create_index('ix_tickets_master_id', ['master_id'], unique=False)
        batch_op.create_index('ix_tickets_newest', ['tenant_id', 'id'], unique=False)
        batch_op.create_index('ix_tickets_open', ['tenant_id', 'is_open', 'move_due_at', 'id'], unique=False)
        batch_op.create_index('ix_tickets_status', ['tenant_id', 'status', 'move_due_at', 'id', 'round'], unique=False)
        batch_op.create_index('ix_tickets_submitter', ['submitted_by_id', 'id'], unique=False)
        batch_op.create_index('ix_tickets_visit_id', ['visit_id'], unique=False)

    op.create_table('visit_tasks',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('linkage_id', sa.Integer(), nullable=False),
    sa.Column('period', sa.String(length=7), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('planned_on', sa.Date(), nullable=True),
    sa.Column('state', sa.Enum('planned', 'done', 'overdue', 'exempt', 'cancelled', name='taskstate', native_enum=False, length=32), nullable=False),
    sa.Column('visit_id', sa.Integer(), nullable=True),
    sa.Column('liaison_only', sa.Boolean(), nullable=False),
    sa.Column('exempt_ground', sa.Enum('stopped', 'moved', 'asked', 'disaster', name='exemptground', native_enum=False, length=32), nullable=True),
    sa.Column('exempt_reason', sa.String(length=200), nullable=False),
    sa.Column('exempt_asked_by_id', sa.Integer(), nullable=True),
    sa.Column('exempt_asked_at', sa.DateTime(), nullable=True),
    sa.Column('exempt_decided_by_id', sa.Integer(), nullable=True),
    sa.Column('exempt_decided_at', sa.DateTime(), nullable=True),
    sa.Column('exempt_answer', sa.String(length=200), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['exempt_asked_by_id'], ['users.id'], name=op.f('fk_visit_tasks_exempt_asked_by_id')),
    sa.ForeignKeyConstraint(['exempt_decided_by_id'], ['users.id'], name=op.f('fk_visit_tasks_exempt_decided_by_id')),
    sa.ForeignKeyConstraint(['linkage_id'], ['linkages.id'], name=op.f('fk_visit_tasks_linkage_id')),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_visit_tasks_tenant_id')),
    sa.ForeignKeyConstraint(['visit_id'], ['visits.id'], name=op.f('fk_visit_tasks_visit_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_visit_tasks')),
    sa.UniqueConstraint('linkage_id', 'period', 'seq', name=op.f('uq_visit_tasks_linkage_id_period_seq'))
    )
    with op.batch_alter_table('visit_tasks', schema=None) as batch_op:
        batch_op.create_index('ix_visit_tasks_tenant_period', ['tenant_id', 'period', 'state'], unique=False)
        batch_op.create_index('ix_visit_tasks_visit_id', ['visit_id'], unique=False)

    op.create_table('visit_visitors',
    sa.Column('visit_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_visit_visitors_user_id')),
    sa.ForeignKeyConstraint(['visit_id'], ['visits.id'], name=op.f('fk_visit_visitors_visit_id')),
    sa.PrimaryKeyConstraint('visit_id', 'user_id', name=op.f('pk_visit_visitors'))
    )
    with op.batch_alter_table('visit_visitors', schema=None) as batch_op:
        batch_op.create_index('ix_visit_visitors_user_id', ['user_id'], unique=False)

    op.create_table('attachments',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('ticket_id', sa.Integer(), nullable=True),
    sa.Column('visit_id', sa.Integer(), nullable=True),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('media_type', sa.String(length=80), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('added_by_id', sa.Integer(), nullable=False),
    sa.Column('added_at', sa.DateTime(), nullable=False),
    sa.CheckConstraint('(ticket_id IS NULL) != (visit_id IS NULL)', name=op.f('ck_attachments_one_owner')),
    sa.ForeignKeyConstraint(['added_by_id'], ['users.id'], name=op.f('fk_attachments_added_by_id')),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_attachments_tenant_id')),
    sa.ForeignKeyConstraint(['ticket_id'], ['tickets.id'], name=op.f('fk_attachments_ticket_id')),
    sa.ForeignKeyConstraint(['visit_id'], ['visits.id'], name=op.f('fk_attachments_visit_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_attachments'))
    )
    with op.batch_alter_table('attachments', schema=None) as batch_op:
        batch_op.create_index('ix_attachments_ticket_id', ['ticket_id'], unique=False)
        batch_op.create_index('ix_attachments_visit_id', ['visit_id'], unique=False)

    op.create_table('dispatches',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ticket_id', sa.Integer(), nullable=False),
    sa.Column('lead_unit_id', sa.Integer(), nullable=False),
    sa.Column('is_request', sa.Boolean(), nullable=False),
    sa.Column('dispatched_at', sa.DateTime(), nullable=False),
    sa.Column('dispatched_by_id', sa.Integer(), nullable=True),
    sa.Column('limit_workdays', sa.Integer(), nullable=False),
    sa.Column('return_locked', sa.Boolean(), nullable=False),
    sa.Column('ended_at', sa.DateTime(), nullable=True),
    sa.Column('returned', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['dispatched_by_id'], ['users.id'], name=op.f('fk_dispatches_dispatched_by_id')),
    sa.ForeignKeyConstraint(['lead_unit_id'], ['org_units.id'], name=op.f('fk_dispatches_lead_unit_id')),
    sa.ForeignKeyConstraint(['ticket_id'], ['tickets.id'], name=op.f('fk_dispatches_ticket_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_dispatches'))
    )
    with op.batch_alter_table('dispatches', schema=None) as batch_op:
        batch_op.create_index('ix_dispatches_lead_unit_id', ['lead_unit_id'], unique=False)
        batch_op.create_index('ix_dispatches_ticket_id', ['ticket_id'], unique=False)

    op.create_table('proposals',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('ticket_id', sa.Integer(), nullable=False),
    sa.Column('event', sa.Enum('submit', 'accept', 'reject', 'request_supplement', 'merge', 'close_on_site', 'dispatch', 'sign', 'auto_sign', 'approve_return', 'reassign', 'first_contact', 'progress_note', 'approve_extension', 'escalate', 'approve_suspension', 'resume', 'submit_reply', 'return_reply', 'approve_reply', 'revisit_close', 'revisit_rework', 'close_unsatisfied', 'close_unreachable', 'reopen', 'archive', 'cancel', 'discard', name='event', native_enum=False, length=32), nullable=False),
    sa.Column('state', sa.Enum('pending', 'checked', 'approved', 'refused', 'withdrawn', 'lapsed', name='proposalstate', native_enum=False, length=32), nullable=False),
    sa.Column('payload', sa.JSON(), nullable=False),
    sa.Column('comment', sa.Text(), nullable=False),
    sa.Column('asked_by_id', sa.Integer(), nullable=False),
    sa.Column('asked_role', sa.Enum('sys_admin', 'audit_admin', 'chief', 'leader', 'office_director', 'dispatcher', 'dept_head', 'handler', 'liaison', 'supervisor', 'village_officer', 'enterprise_user', 'system', name='role', native_enum=False, length=32), nullable=False),
    sa.Column('asked_at', sa.DateTime(), nullable=False),
    sa.Column('decide_due_at', sa.DateTime(), nullable=True),
    sa.Column('checked_by_id', sa.Integer(), nullable=True),
    sa.Column('checked_at', sa.DateTime(), nullable=True),
    sa.Column('decided_by_id', sa.Integer(), nullable=True),
    sa.Column('decided_at', sa.DateTime(), nullable=True),
    sa.Column('decision', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['asked_by_id'], ['users.id'], name=op.f('fk_proposals_asked_by_id')),
    sa.ForeignKeyConstraint(['checked_by_id'], ['users.id'], name=op.f('fk_proposals_checked_by_id')),
    sa.ForeignKeyConstraint(['decided_by_id'], ['users.id'], name=op.f('fk_proposals_decided_by_id')),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_proposals_tenant_id')),
    sa.ForeignKeyConstraint(['ticket_id'], ['tickets.id'], name=op.f('fk_proposals_ticket_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_proposals'))
    )
    with op.batch_alter_table('proposals', schema=None) as batch_op:
        batch_op.create_index('ix_proposals_tenant_state', ['tenant_id', 'state', 'event'], unique=False)
        batch_op.create_index('ix_proposals_ticket_id', ['ticket_id'], unique=False)
        batch_op.create_index('uq_proposals_open', ['ticket_id', 'event'], unique=True, sqlite_where=sa.text("state IN ('pending', 'checked')"), postgresql_where=sa.text("state IN ('pending', 'checked')"))

    op.create_table('replies',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ticket_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('round', sa.Integer(), nullable=False),
    sa.Column('outcome', sa.Enum('resolved', 'partial', 'explained', 'referred_up', name='outcome', native_enum=False, length=32), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('basis', sa.Text(), nullable=False),
    sa.Column('drafted_by_id', sa.Integer(), nullable=True),
    sa.Column('signed_off_by_id', sa.Integer(), nullable=True),
    sa.Column('submitted_at', sa.DateTime(), nullable=False),
    sa.Column('is_final', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['drafted_by_id'], ['users.id'], name=op.f('fk_replies_drafted_by_id')),
    sa.ForeignKeyConstraint(['signed_off_by_id'], ['users.id'], name=op.f('fk_replies_signed_off_by_id')),
    sa.ForeignKeyConstraint(['ticket_id'], ['tickets.id'], name=op.f('fk_replies_ticket_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_replies')),
    sa.UniqueConstraint('ticket_id', 'number', name=op.f('uq_replies_ticket_id_number'))
    )
    op.create_table('revisits',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ticket_id', sa.Integer(), nullable=False),
    sa.Column('round', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.Column('channel', sa.Enum('phone', 'on_site', 'online', 'link', name='contactchannel', native_enum=False, length=32), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=True),
    sa.Column('reached', sa.Boolean(), nullable=False),
    sa.Column('contacted', sa.Boolean(), nullable=True),
    sa.Column('solved', sa.Enum('yes', 'partial', 'no', name='solved', native_enum=False, length=32), nullable=True),
    sa.Column('attitude_score', sa.Integer(), nullable=True),
    sa.Column('result_score', sa.Integer(), nullable=True),
    sa.Column('words', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['by_id'], ['users.id'], name=op.f('fk_revisits_by_id')),
    sa.ForeignKeyConstraint(['ticket_id'], ['tickets.id'], name=op.f('fk_revisits_ticket_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_revisits'))
    )
    with op.batch_alter_table('revisits', schema=None) as batch_op:
        batch_op.create_index('ix_revisits_ticket_id', ['ticket_id', 'id'], unique=False)

    op.create_table('supervision_notes',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ticket_id', sa.Integer(), nullable=False),
    sa.Column('level', sa.Enum('blue', 'orange', 'red', name='notelevel', native_enum=False, length=32), nullable=False),
    sa.Column('of_due_at', sa.DateTime(), nullable=False),
    sa.Column('raised_at', sa.DateTime(), nullable=False),
    sa.Column('raised_by_id', sa.Integer(), nullable=True),
    sa.Column('answer_due_at', sa.DateTime(), nullable=False),
    sa.Column('answer', sa.Text(), nullable=False),
    sa.Column('answered_at', sa.DateTime(), nullable=True),
    sa.Column('answered_by_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['answered_by_id'], ['users.id'], name=op.f('fk_supervision_notes_answered_by_id')),
    sa.ForeignKeyConstraint(['raised_by_id'], ['users.id'], name=op.f('fk_supervision_notes_raised_by_id')),
    sa.ForeignKeyConstraint(['ticket_id'], ['tickets.id'], name=op.f('fk_supervision_notes_ticket_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_supervision_notes')),
    sa.UniqueConstraint('ticket_id', 'level', 'of_due_at', name=op.f('uq_supervision_notes_ticket_id_level_of_due_at'))
    )
    op.create_table('ticket_events',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ticket_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('about', sa.String(length=32), nullable=False),
    sa.Column('source', sa.Enum('draft', 'pending_acceptance', 'pending_dispatch', 'pending_sign', 'in_progress', 'pending_review', 'pending_revisit', 'suspended', 'closed', 'archived', 'rejected', 'merged', 'cancelled', name='status', native_enum=False, length=32), nullable=False),
    sa.Column('target', sa.Enum('draft', 'pending_acceptance', 'pending_dispatch', 'pending_sign', 'in_progress', 'pending_review', 'pending_revisit', 'suspended', 'closed', 'archived', 'rejected', 'merged', 'cancelled', name='status', native_enum=False, length=32), nullable=False),
    sa.Column('actor_id', sa.Integer(), nullable=True),
    sa.Column('actor_role', sa.Enum('sys_admin', 'audit_admin', 'chief', 'leader', 'office_director', 'dispatcher', 'dept_head', 'handler', 'liaison', 'supervisor', 'village_officer', 'enterprise_user', 'system', name='role', native_enum=False, length=32), nullable=False),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.Column('ip', sa.String(length=64), nullable=False),
    sa.Column('comment', sa.Text(), nullable=False),
    sa.Column('payload', sa.JSON(), nullable=False),
    sa.Column('due_before', sa.DateTime(), nullable=True),
    sa.Column('due_after', sa.DateTime(), nullable=True),
    sa.Column('for_enterprise', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['actor_id'], ['users.id'], name=op.f('fk_ticket_events_actor_id')),
    sa.ForeignKeyConstraint(['ticket_id'], ['tickets.id'], name=op.f('fk_ticket_events_ticket_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ticket_events'))
    )
    with op.batch_alter_table('ticket_events', schema=None) as batch_op:
        batch_op.create_index('ix_ticket_events_actor_id', ['actor_id'], unique=False)
        batch_op.create_index('ix_ticket_events_ticket_id', ['ticket_id', 'id'], unique=False)

    op.create_table('urges',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ticket_id', sa.Integer(), nullable=False),
    sa.Column('step', sa.String(length=16), nullable=False),
    sa.Column('on', sa.Date(), nullable=False),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.Column('of_due_at', sa.DateTime(), nullable=True),
    sa.Column('by_id', sa.Integer(), nullable=True),
    sa.Column('words', sa.String(length=500), nullable=False),
    sa.ForeignKeyConstraint(['by_id'], ['users.id'], name=op.f('fk_urges_by_id')),
    sa.ForeignKeyConstraint(['ticket_id'], ['tickets.id'], name=op.f('fk_urges_ticket_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_urges')),
    sa.UniqueConstraint('ticket_id', 'step', 'on', name=op.f('uq_urges_ticket_id_step_on'))
    )
    with op.batch_alter_table('urges', schema=None) as batch_op:
        batch_op.create_index('ix_urges_ticket_due', ['ticket_id', 'of_due_at'], unique=False)

    op.create_table('co_tasks',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ticket_id', sa.Integer(), nullable=False),
    sa.Column('dispatch_id', sa.Integer(), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('state', sa.Enum('open', 'submitted', 'waived', name='cotaskstate', native_enum=False, length=32), nullable=False),
    sa.Column('due_at', sa.DateTime(), nullable=False),
    sa.Column('opinion', sa.Text(), nullable=False),
    sa.Column('answered_at', sa.DateTime(), nullable=True),
    sa.Column('answered_by_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['answered_by_id'], ['users.id'], name=op.f('fk_co_tasks_answered_by_id')),
    sa.ForeignKeyConstraint(['dispatch_id'], ['dispatches.id'], name=op.f('fk_co_tasks_dispatch_id')),
    sa.ForeignKeyConstraint(['ticket_id'], ['tickets.id'], name=op.f('fk_co_tasks_ticket_id')),
    sa.ForeignKeyConstraint(['unit_id'], ['org_units.id'], name=op.f('fk_co_tasks_unit_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_co_tasks'))
    )
    with op.batch_alter_table('co_tasks', schema=None) as batch_op:
        batch_op.create_index('ix_co_tasks_ticket_id', ['ticket_id'], unique=False)
        batch_op.create_index('ix_co_tasks_unit_state', ['unit_id', 'state'], unique=False)

    op.create_table('due_history',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ticket_id', sa.Integer(), nullable=False),
    sa.Column('event_id', sa.Integer(), nullable=True),
    sa.Column('clock', sa.Enum('acceptance', 'dispatch', 'sign', 'contact', 'handle', 'interim', 'review', 'revisit', 'co_task', name='clock', native_enum=False, length=32), nullable=False),
    sa.Column('before', sa.DateTime(), nullable=True),
    sa.Column('due_at', sa.DateTime(), nullable=True),
    sa.Column('reason', sa.Enum('started', 'external', 'reassigned', 'extended', 'escalated', 'resumed', 'reply_returned', 'rework', 'reopened', 'void', 'calendar_update', name='duereason', native_enum=False, length=32), nullable=False),
    sa.Column('counted_from', sa.DateTime(), nullable=True),
    sa.Column('workdays', sa.Integer(), nullable=True),
    sa.Column('confirmed', sa.Boolean(), nullable=False),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.ForeignKeyConstraint(['event_id'], ['ticket_events.id'], name=op.f('fk_due_history_event_id')),
    sa.ForeignKeyConstraint(['ticket_id'], ['tickets.id'], name=op.f('fk_due_history_ticket_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_due_history'))
    )
    with op.batch_alter_table('due_history', schema=None) as batch_op:
        batch_op.create_index('ix_due_history_ticket_id', ['ticket_id', 'id'], unique=False)
        batch_op.create_index('ix_due_history_unconfirmed', ['ticket_id'], unique=False, sqlite_where=sa.text('NOT confirmed'), postgresql_where=sa.text('NOT confirmed'))
    op.execute(sa.text("INSERT INTO audit_heads (id, last_id, hash) VALUES (1, 0, '" + "0" * 64 + "')"))
    # The search index is no model: FTS5 on SQLite, a tsvector with GIN on PostgreSQL.
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE TABLE search_index ("
            " subject_id INTEGER PRIMARY KEY REFERENCES tickets (id), grams TSVECTOR NOT NULL)"
        )
        op.execute("CREATE INDEX ix_search_index_grams ON search_index USING gin (grams)")
    else:
        op.execute("CREATE VIRTUAL TABLE search_index USING fts5(grams)")
    _keep("audit_rows")
    _keep("ticket_events")
    _keep("due_history")


def downgrade():
    op.execute("DROP TABLE search_index")
    postgresql = op.get_bind().dialect.name == "postgresql"

    with op.batch_alter_table('due_history', schema=None) as batch_op:
        batch_op.drop_index('ix_due_history_unconfirmed', sqlite_where=sa.text('NOT confirmed'), postgresql_where=sa.text('NOT confirmed'))
        batch_op.drop_index('ix_due_history_ticket_id')

    op.drop_table('due_history')
    with op.batch_alter_table('co_tasks', schema=None) as batch_op:
        batch_op.drop_index('ix_co_tasks_unit_state')
        batch_op.drop_index('ix_co_tasks_ticket_id')

    op.drop_table('co_tasks')
    with op.batch_alter_table('urges', schema=None) as batch_op:
        batch_op.drop_index('ix_urges_ticket_due')

    op.drop_table('urges')
    with op.batch_alter_table('ticket_events', schema=None) as batch_op:
        batch_op.drop_index('ix_ticket_events_ticket_id')
        batch_op.drop_index('ix_ticket_events_actor_id')

    op.drop_table('ticket_events')
    op.drop_table('supervision_notes')
    with op.batch_alter_table('revisits', schema=None) as batch_op:
        batch_op.drop_index('ix_revisits_ticket_id')

    op.drop_table('revisits')
    op.drop_table('replies')
    with op.batch_alter_table('proposals', schema=None) as batch_op:
        batch_op.drop_index('uq_proposals_open', sqlite_where=sa.text("state IN ('pending', 'checked')"), postgresql_where=sa.text("state IN ('pending', 'checked')"))
        batch_op.drop_index('ix_proposals_ticket_id')
        batch_op.drop_index('ix_proposals_tenant_state')

    op.drop_table('proposals')
    with op.batch_alter_table('dispatches', schema=None) as batch_op:
        batch_op.drop_index('ix_dispatches_ticket_id')
        batch_op.drop_index('ix_dispatches_lead_unit_id')

    op.drop_table('dispatches')
    with op.batch_alter_table('attachments', schema=None) as batch_op:
        batch_op.drop_index('ix_attachments_visit_id')
        batch_op.drop_index('ix_attachments_ticket_id')

    op.drop_table('attachments')
    with op.batch_alter_table('visit_visitors', schema=None) as batch_op:
        batch_op.drop_index('ix_visit_visitors_user_id')

    op.drop_table('visit_visitors')
    with op.batch_alter_table('visit_tasks', schema=None) as batch_op:
        batch_op.drop_index('ix_visit_tasks_visit_id')
        batch_op.drop_index('ix_visit_tasks_tenant_period')

    op.drop_table('visit_tasks')
    with op.batch_alter_table('tickets', schema=None) as batch_op:
        batch_op.drop_index('ix_tickets_visit_id')
        batch_op.drop_index('ix_tickets_submitter')
        batch_op.drop_index('ix_tickets_status')
        batch_op.drop_index('ix_tickets_open')
        batch_op.drop_index('ix_tickets_newest')
        batch_op.drop_index('ix_tickets_master_id')
        batch_op.drop_index('ix_tickets_liaison')
        batch_op.drop_index('ix_tickets_leader')
        batch_op.drop_index('ix_tickets_lead_unit')
        batch_op.drop_index('ix_tickets_handler')
        batch_op.drop_index('ix_tickets_enterprise')
        batch_op.drop_index('ix_tickets_due')
        batch_op.drop_index('ix_tickets_creator')
        batch_op.drop_index('ix_tickets_category')

    op.drop_table('tickets')
    with op.batch_alter_table('visits', schema=None) as batch_op:
        batch_op.drop_index('ix_visits_tenant_day')
        batch_op.drop_index('ix_visits_project')
        batch_op.drop_index('ix_visits_enterprise')

    op.drop_table('visits')
    with op.batch_alter_table('sign_ins', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_sign_ins_user_id'))

    op.drop_table('sign_ins')
    with op.batch_alter_table('linkages', schema=None) as batch_op:
        batch_op.drop_index('ix_linkages_tenant_liaison')
        batch_op.drop_index('ix_linkages_tenant_leader')
        batch_op.drop_index(batch_op.f('ix_linkages_project_id'))
        batch_op.drop_index(batch_op.f('ix_linkages_enterprise_id'))

    op.drop_table('linkages')
    with op.batch_alter_table('role_holdings', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_role_holdings_user_id'))
        batch_op.drop_index(batch_op.f('ix_role_holdings_unit_id'))
        batch_op.drop_index('ix_role_holdings_tenant_role_unit')
        batch_op.drop_index(batch_op.f('ix_role_holdings_enterprise_id'))

    op.drop_table('role_holdings')
    with op.batch_alter_table('key_projects', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_key_projects_enterprise_id'))

    op.drop_table('key_projects')
    op.drop_table('enterprise_years')
    with op.batch_alter_table('enterprise_contacts', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_enterprise_contacts_enterprise_id'))

    op.drop_table('enterprise_contacts')
    op.drop_table('category_co_units')
    with op.batch_alter_table('enterprises', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_enterprises_village_id'))
        batch_op.drop_index('ix_enterprises_tenant_village')
        batch_op.drop_index('ix_enterprises_tenant_pinyin')

    op.drop_table('enterprises')
    with op.batch_alter_table('categories', schema=None) as batch_op:
        batch_op.drop_index('ix_categories_parent_id')

    op.drop_table('categories')
    with op.batch_alter_table('org_units', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_org_units_in_charge_id'))

    op.drop_table('org_units')
    with op.batch_alter_table('messages', schema=None) as batch_op:
        batch_op.drop_index('ix_messages_recipient')
        batch_op.drop_index('ix_messages_due', sqlite_where=sa.text("state = 'queued'"), postgresql_where=sa.text("state = 'queued'"))

    op.drop_table('messages')
    op.drop_table('calendar_years')
    with op.batch_alter_table('users', schema=None) as batch_op:
        batch_op.drop_index('ix_users_tenant_name')

    op.drop_table('users')
    op.drop_table('special_days')
    op.drop_table('one_time_links')
    op.drop_table('demo_clocks')
    with op.batch_alter_table('tenants', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_tenants_parent_id'))

    op.drop_table('tenants')
    op.drop_table('login_failures')
    with op.batch_alter_table('job_runs', schema=None) as batch_op:
        batch_op.drop_index('ix_job_runs_started_at')

    op.drop_table('job_runs')
    op.drop_table('done_once')
    op.drop_table('counters')
    with op.batch_alter_table('audit_rows', schema=None) as batch_op:
        batch_op.drop_index('ix_audit_rows_tenant_subject')
        batch_op.drop_index('ix_audit_rows_tenant_at')

    op.drop_table('audit_rows')
    op.drop_table('audit_heads')
    if postgresql:
        for table in ("audit_rows", "ticket_events", "due_history"):
            op.execute(f"DROP FUNCTION IF EXISTS keep_{table}()")
