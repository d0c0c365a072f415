"""The first schema, our functions on PostgreSQL, and the rows that exist once."""

import sqlalchemy as sa
from alembic import op

import smsapp.types
from smsapp.database_functions import POSTGRESQL

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for statement in POSTGRESQL:
            op.execute(statement)
    op.create_table('company',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('industry', sa.String(length=100), nullable=False),
    sa.Column('street', sa.String(length=200), nullable=False),
    sa.Column('postcode', sa.String(length=20), nullable=False),
    sa.Column('city', sa.String(length=100), nullable=False),
    sa.Column('country', sa.String(length=2), nullable=False),
    sa.Column('website', sa.String(length=200), nullable=False),
    sa.Column('phone', sa.String(length=60), nullable=False),
    sa.Column('search_key', sa.Text(), nullable=False),
    sa.Column('created_at', smsapp.types.UtcDateTime(timezone=True), nullable=False),
    sa.Column('updated_at', smsapp.types.UtcDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_company'))
    )
    op.create_index(op.f('ix_company_search_key'), 'company', ['search_key'], unique=False)
    op.create_table('data_revision',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('value', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_data_revision'))
    )
    op.create_table('heartbeat',
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('at', smsapp.types.UtcDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_heartbeat'))
    )
    op.create_table('label',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('key', sa.String(length=60), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_label')),
    sa.UniqueConstraint('key', name=op.f('uq_label_key'))
    )
    op.create_table('quota_account',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('granted', sa.Integer(), nullable=False),
    sa.Column('available', sa.Integer(), nullable=False),
    sa.Column('reserved', sa.Integer(), nullable=False),
    sa.Column('spent', sa.Integer(), nullable=False),
    sa.CheckConstraint('available + reserved + spent = granted', name=op.f('ck_quota_account_adds_up')),
    sa.CheckConstraint('available >= 0 AND reserved >= 0 AND spent >= 0', name=op.f('ck_quota_account_not_negative')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_quota_account'))
    )
    op.create_table('receipt',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('gateway', sa.String(length=20), nullable=False),
    sa.Column('reference', sa.String(length=80), nullable=False),
    sa.Column('delivery_id', sa.BigInteger(), nullable=True),
    sa.Column('attempt', sa.Integer(), nullable=True),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('reason', sa.String(length=40), nullable=True),
    sa.Column('raw', sa.Text(), nullable=False),
    sa.Column('received_at', smsapp.types.UtcDateTime(timezone=True), nullable=False),
    sa.Column('applied_at', smsapp.types.UtcDateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_receipt')),
    sa.UniqueConstraint('gateway', 'reference', 'state', name=op.f('uq_receipt_gateway_reference_state'))
    )
    op.create_index(op.f('ix_receipt_applied_at'), 'receipt', ['applied_at'], unique=False)
    op.create_table('sender_name',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=11), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('created_at', smsapp.types.UtcDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sender_name')),
    sa.UniqueConstraint('name', name=op.f('uq_sender_name_name'))
    )
    op.create_table('settings',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('product_name', sa.String(length=40), nullable=False),
    sa.Column('module_on', sa.Boolean(), nullable=False),
    sa.Column('operator_number', sa.String(length=20), nullable=False),
    sa.Column('billing_rule', sa.String(length=20), nullable=False),
    sa.Column('allowed_countries', sa.JSON(), nullable=False),
    sa.Column('undo_seconds', sa.Integer(), nullable=False),
    sa.Column('gateway', sa.String(length=20), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_settings'))
    )
    op.create_table('user_account',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('login', sa.String(length=80), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('password_hash', sa.String(length=200), nullable=False),
    sa.Column('role', sa.String(length=20), nullable=False),
    sa.Column('language', sa.String(length=5), nullable=False),
    sa.Column('phone', sa.String(length=20), nullable=True),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('created_at', smsapp.types.UtcDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_user_account')),
    sa.UniqueConstraint('login', name=op.f('uq_user_account_login'))
    )
    op.create_table('audience',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('description', sa.Text(), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('archived', sa.Boolean(), nullable=False),
    sa.Column('owner_id', sa.Integer(), nullable=True),
    sa.Column('tree', sa.JSON(), nullable=False),
    sa.Column('created_at', smsapp.types.UtcDateTime(timezone=True), nullable=False),
    sa.Column('updated_at', smsapp.types.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['owner_id'], ['user_account.id'], name=op.f('fk_audience_owner_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audience'))
    )
    op.create_table('block',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('e164', sa.String(length=20), nullable=False),
    sa.Column('reason', sa.String(length=200), nullable=False),
    sa.Column('created_at', smsapp.types.UtcDateTime(timezone=True), nullable=False),
    sa.Column('created_by_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['created_by_id'], ['user_account.id'], name=op.f('fk_block_created_by_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_block')),
    sa.UniqueConstraint('e164', name=op.f('uq_block_e164'))
    )
    op.create_table('contact',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('salutation', sa.String(length=10), nullable=False),
    sa.Column('first_name', sa.String(length=100), nullable=False),
    sa.Column('last_name', sa.String(length=100), nullable=False),
    sa.Column('job_title', sa.String(length=100), nullable=False),
    sa.Column('company_id', sa.Integer(), nullable=True),
    sa.Column('email', sa.String(length=200), nullable=False),
    sa.Column('language', sa.String(length=5), nullable=False),
    sa.Column('birthday', sa.Date(), nullable=True),
    sa.Column('street', sa.String(length=200), nullable=False),
    sa.Column('postcode', sa.String(length=20), nullable=False),
    sa.Column('city', sa.String(length=100), nullable=False),
    sa.Column('country', sa.String(length=2), nullable=False),
    sa.Column('newsletter', sa.Boolean(), nullable=True),
    sa.Column('no_sms', sa.Boolean(), nullable=False),
    sa.Column('no_sms_reason', sa.String(length=200), nullable=False),
    sa.Column('consent', sa.String(length=10), nullable=False),
    sa.Column('consent_on', sa.Date(), nullable=True),
    sa.Column('consent_source', sa.String(length=200), nullable=False),
    sa.Column('letter_greeting', sa.String(length=250), nullable=False),
    sa.Column('search_key', sa.Text(), nullable=False),
    sa.Column('is_sample', sa.Boolean(), nullable=False),
    sa.Column('created_at', smsapp.types.UtcDateTime(timezone=True), nullable=False),
    sa.Column('updated_at', smsapp.types.UtcDateTime(timezone=True), nullable=False),
    sa.CheckConstraint("consent IN ('yes', 'no', 'unknown')", name=op.f('ck_contact_consent')),
    sa.CheckConstraint("salutation IN ('', 'ms', 'mr')", name=op.f('ck_contact_salutation')),
    sa.ForeignKeyConstraint(['company_id'], ['company.id'], name=op.f('fk_contact_company_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_contact'))
    )
    op.create_index(op.f('ix_contact_company_id'), 'contact', ['company_id'], unique=False)
    op.create_index(op.f('ix_contact_email'), 'contact', ['email'], unique=False)
    op.create_index(op.f('ix_contact_search_key'), 'contact', ['search_key'], unique=False)
    op.create_table('import_job',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=True),
    sa.Column('filename', sa.String(length=200), nullable=False),
    sa.Column('path', sa.String(length=100), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('round', sa.Integer(), nullable=False),
    sa.Column('encoding', sa.String(length=40), nullable=False),
    sa.Column('delimiter', sa.String(length=1), nullable=False),
    sa.Column('has_header', sa.Boolean(), nullable=False),
    sa.Column('header', sa.JSON(), nullable=False),
    sa.Column('columns', sa.JSON(), nullable=False),
    sa.Column('company_address', sa.Boolean(), nullable=False),
    sa.Column('mend', sa.String(length=10), nullable=False),
    sa.Column('total', sa.Integer(), nullable=False),
    sa.Column('done', sa.Integer(), nullable=False),
    sa.Column('counts', sa.JSON(), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=True),
    sa.Column('wakes', sa.Integer(), nullable=False),
    sa.Column('error', sa.String(length=40), nullable=True),
    sa.Column('created_at', smsapp.types.UtcDateTime(timezone=True), nullable=False),
    sa.Column('started_at', smsapp.types.UtcDateTime(timezone=True), nullable=True),
    sa.Column('progress_at', smsapp.types.UtcDateTime(timezone=True), nullable=False),
    sa.Column('finished_at', smsapp.types.UtcDateTime(timezone=True), nullable=True),
    sa.CheckConstraint('done <= total', name=op.f('ck_import_job_done_of_total')),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_import_job_user_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_import_job'))
    )
    op.create_index(op.f('ix_import_job_state'), 'import_job', ['state'], unique=False)
    op.create_table('campaign',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('send_key', sa.String(length=64), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('audience_id', sa.Integer(), nullable=True),
    sa.Column('audience_name', sa.String(length=120), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=True),
    sa.Column('user_name', sa.String(length=120), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('sender', sa.String(length=20), nullable=False),
    sa.Column('phone_field', sa.String(length=10), nullable=False),
    sa.Column('options', sa.JSON(), nullable=False),
    sa.Column('rule', sa.String(length=20), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('gateway', sa.String(length=20), nullable=False),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('recipients', sa.Integer(), nullable=False),
    sa.Column('skipped', sa.Integer(), nullable=False),
    sa.Column('messages', sa.Integer(), nullable=False),
    sa.Column('created_at', smsapp.types.UtcDateTime(timezone=True), nullable=False),
    sa.Column('starts_at', smsapp.types.UtcDateTime(timezone=True), nullable=False),
    sa.Column('woken_at', smsapp.types.UtcDateTime(timezone=True), nullable=True),
    sa.Column('handed_over_at', smsapp.types.UtcDateTime(timezone=True), nullable=True),
    sa.Column('closed_at', smsapp.types.UtcDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['audience_id'], ['audience.id'], name=op.f('fk_campaign_audience_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_campaign_user_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_campaign')),
    sa.UniqueConstraint('send_key', name=op.f('uq_campaign_send_key'))
    )
    op.create_index(op.f('ix_campaign_audience_id'), 'campaign', ['audience_id'], unique=False)
    op.create_index(op.f('ix_campaign_state'), 'campaign', ['state'], unique=False)
    op.create_table('confirmation',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('audience_id', sa.Integer(), nullable=False),
    sa.Column('recipients', sa.LargeBinary(), nullable=False),
    sa.Column('created_at', smsapp.types.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['audience_id'], ['audience.id'], name=op.f('fk_confirmation_audience_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_confirmation_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_confirmation'))
    )
    op.create_index(op.f('ix_confirmation_created_at'), 'confirmation', ['created_at'], unique=False)
    op.create_table('contact_label',
    sa.Column('contact_id', sa.Integer(), nullable=False),
    sa.Column('label_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['contact_id'], ['contact.id'], name=op.f('fk_contact_label_contact_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['label_id'], ['label.id'], name=op.f('fk_contact_label_label_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('contact_id', 'label_id', name=op.f('pk_contact_label'))
    )
    op.create_index(op.f('ix_contact_label_label_id'), 'contact_label', ['label_id'], unique=False)
    op.create_table('draft',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('audience_id', sa.Integer(), nullable=False),
    sa.Column('sender_id', sa.Integer(), nullable=True),
    sa.Column('phone_field', sa.String(length=10), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('include_fixed_line', sa.Boolean(), nullable=False),
    sa.Column('leave_empty', sa.JSON(), nullable=False),
    sa.Column('updated_at', smsapp.types.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['audience_id'], ['audience.id'], name=op.f('fk_draft_audience_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['sender_id'], ['sender_name.id'], name=op.f('fk_draft_sender_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_draft_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_draft')),
    sa.UniqueConstraint('user_id', 'audience_id', name=op.f('uq_draft_user_id_audience_id'))
    )
    op.create_table('import_number',
    sa.Column('import_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('field', sa.String(length=10), nullable=False),
    sa.Column('line', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=201), nullable=False),
    sa.Column('raw', sa.String(length=100), nullable=False),
    sa.Column('country', sa.String(length=2), nullable=False),
    sa.ForeignKeyConstraint(['import_id'], ['import_job.id'], name=op.f('fk_import_number_import_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('import_id', 'number', 'field', name=op.f('pk_import_number'))
    )
    op.create_table('import_row',
    sa.Column('import_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('line', sa.Integer(), nullable=False),
    sa.Column('outcome', sa.String(length=10), nullable=False),
    sa.Column('contact_id', sa.Integer(), nullable=True),
    sa.Column('reason', sa.String(length=30), nullable=True),
    sa.Column('detail', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['import_id'], ['import_job.id'], name=op.f('fk_import_row_import_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('import_id', 'number', name=op.f('pk_import_row'))
    )
    op.create_index('ix_import_row_outcome', 'import_row', ['import_id', 'outcome', 'number'], unique=False)
    op.create_table('phone_number',
    sa.Column('contact_id', sa.Integer(), nullable=False),
    sa.Column('field', sa.String(length=10), nullable=False),
    sa.Column('raw', sa.String(length=100), nullable=False),
    sa.Column('e164', sa.String(length=20), nullable=True),
    sa.Column('kind', sa.String(length=20), nullable=True),
    sa.Column('country', sa.String(length=3), nullable=True),
    sa.Column('problem', sa.String(length=20), nullable=True),
    sa.CheckConstraint("field IN ('mobile', 'work', 'home')", name=op.f('ck_phone_number_field')),
    sa.CheckConstraint('(e164 IS NULL) <> (problem IS NULL)', name=op.f('ck_phone_number_e164_or_problem')),
    sa.ForeignKeyConstraint(['contact_id'], ['contact.id'], name=op.f('fk_phone_number_contact_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('contact_id', 'field', name=op.f('pk_phone_number'))
    )
    op.create_index(op.f('ix_phone_number_e164'), 'phone_number', ['e164'], unique=False)
    op.create_index('ix_phone_number_field_e164', 'phone_number', ['field', 'e164'], unique=False)
    op.create_table('summary',
    sa.Column('key', sa.String(length=64), nullable=False),
    sa.Column('audience_id', sa.Integer(), nullable=False),
    sa.Column('figures', sa.JSON(), nullable=False),
    sa.Column('joint', sa.LargeBinary(), nullable=False),
    sa.Column('computed_at', smsapp.types.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['audience_id'], ['audience.id'], name=op.f('fk_summary_audience_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_summary'))
    )
    op.create_index(op.f('ix_summary_audience_id'), 'summary', ['audience_id'], unique=False)
    op.create_table('campaign_event',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('campaign_id', sa.Integer(), nullable=False),
    sa.Column('at', smsapp.types.UtcDateTime(timezone=True), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['campaign_id'], ['campaign.id'], name=op.f('fk_campaign_event_campaign_id')),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_campaign_event_user_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_campaign_event'))
    )
    op.create_index(op.f('ix_campaign_event_campaign_id'), 'campaign_event', ['campaign_id'], unique=False)
    op.create_table('delivery',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('campaign_id', sa.Integer(), nullable=False),
    sa.Column('contact_id', sa.Integer(), nullable=True),
    sa.Column('name', sa.String(length=250), nullable=False),
    sa.Column('number', sa.String(length=20), nullable=False),
    sa.Column('country', sa.String(length=3), nullable=True),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('billed', sa.Integer(), nullable=False),
    sa.Column('parts', sa.Integer(), nullable=False),
    sa.Column('encoding', sa.String(length=4), nullable=False),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('owner', sa.String(length=40), nullable=True),
    sa.Column('lease_until', smsapp.types.UtcDateTime(timezone=True), nullable=True),
    sa.Column('attempt', sa.Integer(), nullable=False),
    sa.Column('submitted_at', smsapp.types.UtcDateTime(timezone=True), nullable=True),
    sa.Column('not_before', smsapp.types.UtcDateTime(timezone=True), nullable=True),
    sa.Column('gateway_ref', sa.String(length=80), nullable=True),
    sa.Column('reason', sa.String(length=40), nullable=True),
    sa.Column('changed_at', smsapp.types.UtcDateTime(timezone=True), nullable=False),
    sa.Column('accepted_at', smsapp.types.UtcDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['campaign_id'], ['campaign.id'], name=op.f('fk_delivery_campaign_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_delivery')),
    sa.UniqueConstraint('campaign_id', 'number', name=op.f('uq_delivery_campaign_id_number'))
    )
    op.create_index('ix_delivery_campaign_state', 'delivery', ['campaign_id', 'state', 'id'], unique=False)
    op.create_index(op.f('ix_delivery_contact_id'), 'delivery', ['contact_id'], unique=False)
    op.create_index('ix_delivery_gateway_ref', 'delivery', ['gateway_ref'], unique=False, sqlite_where=sa.text('gateway_ref IS NOT NULL'), postgresql_where=sa.text('gateway_ref IS NOT NULL'))
    op.create_index('ix_delivery_lease_until', 'delivery', ['lease_until'], unique=False, sqlite_where=sa.text('lease_until IS NOT NULL'), postgresql_where=sa.text('lease_until IS NOT NULL'))
    op.create_table('ledger_entry',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('at', smsapp.types.UtcDateTime(timezone=True), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('messages', sa.Integer(), nullable=False),
    sa.Column('available', sa.Integer(), nullable=False),
    sa.Column('reserved', sa.Integer(), nullable=False),
    sa.Column('spent', sa.Integer(), nullable=False),
    sa.Column('reason', sa.String(length=200), nullable=False),
    sa.Column('campaign_id', sa.Integer(), nullable=True),
    sa.Column('user_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['campaign_id'], ['campaign.id'], name=op.f('fk_ledger_entry_campaign_id')),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_ledger_entry_user_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ledger_entry'))
    )
    op.create_index(op.f('ix_ledger_entry_campaign_id'), 'ledger_entry', ['campaign_id'], unique=False)
    op.create_table('skip',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('campaign_id', sa.Integer(), nullable=False),
    sa.Column('contact_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=250), nullable=False),
    sa.Column('raw_number', sa.String(length=100), nullable=True),
    sa.Column('reason', sa.String(length=20), nullable=False),
    sa.Column('detail', sa.String(length=250), nullable=True),
    sa.Column('twin_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['campaign_id'], ['campaign.id'], name=op.f('fk_skip_campaign_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_skip'))
    )
    op.create_index('ix_skip_campaign_reason', 'skip', ['campaign_id', 'reason'], unique=False)
    op.create_table('evidence',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('delivery_id', sa.Integer(), nullable=False),
    sa.Column('at', smsapp.types.UtcDateTime(timezone=True), nullable=False),
    sa.Column('attempt', sa.Integer(), nullable=False),
    sa.Column('owner', sa.String(length=40), nullable=True),
    sa.Column('kind', sa.String(length=30), nullable=False),
    sa.Column('detail', sa.JSON(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['delivery_id'], ['delivery.id'], name=op.f('fk_evidence_delivery_id')),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_evidence_user_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_evidence'))
    )
    op.create_index(op.f('ix_evidence_delivery_id'), 'evidence', ['delivery_id'], unique=False)
    op.execute(
        "INSERT INTO settings (id, product_name, module_on, operator_number, billing_rule,"
        " allowed_countries, undo_seconds, gateway)"
        " VALUES (1, 'Kurzpost', false, '', 'characters_160', '[\"DE\", \"AT\", \"CH\", \"FI\"]', 30, 'simulator')"
    )
    op.execute("INSERT INTO quota_account (id, granted, available, reserved, spent) VALUES (1, 0, 0, 0, 0)")
    op.execute("INSERT INTO data_revision (id, value) VALUES (1, 0)")


def downgrade() -> None:
    op.drop_index(op.f('ix_evidence_delivery_id'), table_name='evidence')
    op.drop_table('evidence')
    op.drop_index('ix_skip_campaign_reason', table_name='skip')
    op.drop_table('skip')
    op.drop_index(op.f('ix_ledger_entry_campaign_id'), table_name='ledger_entry')
    op.drop_table('ledger_entry')
    op.drop_index('ix_delivery_lease_until', table_name='delivery', sqlite_where=sa.text('lease_until IS NOT NULL'), postgresql_where=sa.text('lease_until IS NOT NULL'))
    op.drop_index('ix_delivery_gateway_ref', table_name='delivery', sqlite_where=sa.text('gateway_ref IS NOT NULL'), postgresql_where=sa.text('gateway_ref IS NOT NULL'))
    op.drop_index(op.f('ix_delivery_contact_id'), table_name='delivery')
    op.drop_index('ix_delivery_campaign_state', table_name='delivery')
    op.drop_table('delivery')
    op.drop_index(op.f('ix_campaign_event_campaign_id'), table_name='campaign_event')
    op.drop_table('campaign_event')
    op.drop_index(op.f('ix_summary_audience_id'), table_name='summary')
    op.drop_table('summary')
    op.drop_index('ix_phone_number_field_e164', table_name='phone_number')
    op.drop_index(op.f('ix_phone_number_e164'), table_name='phone_number')
    op.drop_table('phone_number')
    op.drop_index('ix_import_row_outcome', table_name='import_row')
    op.drop_table('import_row')
    op.drop_table('import_number')
    op.drop_table('draft')
    op.drop_index(op.f('ix_contact_label_label_id'), table_name='contact_label')
    op.drop_table('contact_label')
    op.drop_index(op.f('ix_confirmation_created_at'), table_name='confirmation')
    op.drop_table('confirmation')
    op.drop_index(op.f('ix_campaign_state'), table_name='campaign')
    op.drop_index(op.f('ix_campaign_audience_id'), table_name='campaign')
    op.drop_table('campaign')
    op.drop_index(op.f('ix_import_job_state'), table_name='import_job')
    op.drop_table('import_job')
    op.drop_index(op.f('ix_contact_search_key'), table_name='contact')
    op.drop_index(op.f('ix_contact_email'), table_name='contact')
    op.drop_index(op.f('ix_contact_company_id'), table_name='contact')
    op.drop_table('contact')
    op.drop_table('block')
    op.drop_table('audience')
    op.drop_table('user_account')
    op.drop_table('settings')
    op.drop_table('sender_name')
    op.drop_index(op.f('ix_receipt_applied_at'), table_name='receipt')
    op.drop_table('receipt')
    op.drop_table('quota_account')
    op.drop_table('label')
    op.drop_table('heartbeat')
    op.drop_table('data_revision')
    op.drop_index(op.f('ix_company_search_key'), table_name='company')
    op.drop_table('company')
