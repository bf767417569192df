"""Units, frameworks, questionnaires, campaigns, samples, responses, scores, accounts, audit, jobs."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('accounts',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('username', sa.String(length=80), nullable=False),
    sa.Column('display_name', sa.String(length=300), nullable=False),
    sa.Column('role', sa.String(length=80), nullable=False),
    sa.Column('password_hash', sa.String(length=200), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.CheckConstraint("role IN ('designer', 'analyst', 'administrator')", name=op.f('ck_accounts_role_known')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_accounts')),
    sa.UniqueConstraint('username', name=op.f('uq_accounts_username'))
    )
    op.create_table('campaigns',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=80), nullable=False),
    sa.Column('name', sa.String(length=300), nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('opens_on', sa.Date(), nullable=False),
    sa.Column('closes_on', sa.Date(), nullable=False),
    sa.Column('state', sa.String(length=80), nullable=False),
    sa.CheckConstraint("state IN ('draft', 'open', 'closed')", name=op.f('ck_campaigns_state_known')),
    sa.CheckConstraint('closes_on >= opens_on', name=op.f('ck_campaigns_closes_after_it_opens')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_campaigns')),
    sa.UniqueConstraint('code', name=op.f('uq_campaigns_code'))
    )
    op.create_table('login_failures',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('who_hash', sa.String(length=64), nullable=False),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_login_failures'))
    )
    op.create_index('ix_login_failures_who_at', 'login_failures', ['who_hash', 'at'], unique=False)
    op.create_table('published_figures',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('series', sa.String(length=80), nullable=False),
    sa.Column('code', sa.String(length=80), nullable=False),
    sa.Column('name', sa.String(length=300), nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('percent', sa.BigInteger(), nullable=True),
    sa.Column('rank', sa.Integer(), nullable=True),
    sa.Column('note', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_published_figures')),
    sa.UniqueConstraint('series', 'code', 'year', name=op.f('uq_published_figures_series_code_year'))
    )
    op.create_table('questionnaire_versions',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('form_id', sa.String(length=80), nullable=False),
    sa.Column('version', sa.String(length=80), nullable=False),
    sa.Column('document', sa.Text(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('imported_at', sa.DateTime(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_questionnaire_versions')),
    sa.UniqueConstraint('form_id', 'version', name=op.f('uq_questionnaire_versions_form_id_version'))
    )
    op.create_table('unit_groups',
    sa.Column('code', sa.String(length=80), nullable=False),
    sa.Column('name', sa.String(length=300), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('code', name=op.f('pk_unit_groups'))
    )
    op.create_table('audit_entries',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=True),
    sa.Column('action', sa.String(length=80), nullable=False),
    sa.Column('subject', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_audit_entries_account_id_accounts')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_entries'))
    )
    op.create_table('campaign_questionnaires',
    sa.Column('campaign_id', sa.Integer(), nullable=False),
    sa.Column('questionnaire_version_id', sa.Integer(), nullable=False),
    sa.Column('form_id', sa.String(length=80), nullable=False),
    sa.ForeignKeyConstraint(['campaign_id'], ['campaigns.id'], name=op.f('fk_campaign_questionnaires_campaign_id_campaigns')),
    sa.ForeignKeyConstraint(['questionnaire_version_id'], ['questionnaire_versions.id'], name=op.f('fk_campaign_questionnaires_questionnaire_version_id_questionnaire_versions')),
    sa.PrimaryKeyConstraint('campaign_id', 'questionnaire_version_id', name=op.f('pk_campaign_questionnaires')),
    sa.UniqueConstraint('campaign_id', 'form_id', name=op.f('uq_campaign_questionnaires_campaign_id_form_id'))
    )
    op.create_table('framework_documents',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('unit_group', sa.String(length=80), nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('document', sa.Text(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('imported_at', sa.DateTime(), nullable=False),
    sa.CheckConstraint('revision >= 1', name=op.f('ck_framework_documents_revision_positive')),
    sa.ForeignKeyConstraint(['unit_group'], ['unit_groups.code'], name=op.f('fk_framework_documents_unit_group_unit_groups')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_framework_documents')),
    sa.UniqueConstraint('unit_group', 'year', 'revision', name=op.f('uq_framework_documents_unit_group_year_revision')),
    sa.UniqueConstraint('unit_group', 'year', 'sha256', name=op.f('uq_framework_documents_unit_group_year_sha256'))
    )
    op.create_table('jobs',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=80), nullable=False),
    sa.Column('arguments', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('state', sa.String(length=80), nullable=False),
    sa.Column('done', sa.Integer(), nullable=False),
    sa.Column('total', sa.Integer(), nullable=False),
    sa.Column('message', sa.Text(), nullable=False),
    sa.Column('result_file', sa.Text(), nullable=True),
    sa.Column('account_id', sa.Integer(), nullable=True),
    sa.Column('made_at', sa.DateTime(), nullable=False),
    sa.Column('ended_at', sa.DateTime(), nullable=True),
    sa.CheckConstraint("state IN ('waiting', 'running', 'done', 'failed')", name=op.f('ck_jobs_state_known')),
    sa.CheckConstraint('done <= total', name=op.f('ck_jobs_done_within_total')),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_jobs_account_id_accounts')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_jobs'))
    )
    op.create_table('rating_scopes',
    sa.Column('campaign_id', sa.Integer(), nullable=False),
    sa.Column('respondent_group', sa.String(length=80), nullable=False),
    sa.Column('unit_group', sa.String(length=80), nullable=False),
    sa.ForeignKeyConstraint(['campaign_id'], ['campaigns.id'], name=op.f('fk_rating_scopes_campaign_id_campaigns')),
    sa.ForeignKeyConstraint(['unit_group'], ['unit_groups.code'], name=op.f('fk_rating_scopes_unit_group_unit_groups')),
    sa.PrimaryKeyConstraint('campaign_id', 'respondent_group', 'unit_group', name=op.f('pk_rating_scopes'))
    )
    op.create_table('score_runs',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('campaign_id', sa.Integer(), nullable=False),
    sa.Column('made_at', sa.DateTime(), nullable=False),
    sa.Column('dataset_sha256', sa.String(length=64), nullable=False),
    sa.Column('frameworks_sha256', sa.String(length=64), nullable=False),
    sa.Column('appraised_sha256', sa.String(length=64), nullable=False),
    sa.Column('result_sha256', sa.String(length=64), nullable=False),
    sa.Column('code_version', sa.String(length=80), nullable=False),
    sa.Column('policy', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('responses', sa.Integer(), nullable=False),
    sa.Column('ratings', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['campaign_id'], ['campaigns.id'], name=op.f('fk_score_runs_campaign_id_campaigns')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_score_runs'))
    )
    op.create_index(op.f('ix_score_runs_campaign_id'), 'score_runs', ['campaign_id'], unique=False)
    op.create_table('strata',
    sa.Column('campaign_id', sa.Integer(), nullable=False),
    sa.Column('respondent_group', sa.String(length=80), nullable=False),
    sa.Column('code', sa.String(length=80), nullable=False),
    sa.Column('population', sa.Integer(), nullable=False),
    sa.CheckConstraint('population > 0', name=op.f('ck_strata_population_positive')),
    sa.ForeignKeyConstraint(['campaign_id'], ['campaigns.id'], name=op.f('fk_strata_campaign_id_campaigns')),
    sa.PrimaryKeyConstraint('campaign_id', 'respondent_group', 'code', name=op.f('pk_strata'))
    )
    op.create_table('units',
    sa.Column('code', sa.String(length=80), nullable=False),
    sa.Column('name', sa.String(length=300), nullable=False),
    sa.Column('group_code', sa.String(length=80), nullable=False),
    sa.Column('parent_code', sa.String(length=80), nullable=True),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('valid_to', sa.Date(), nullable=True),
    sa.CheckConstraint('parent_code IS NULL OR parent_code <> code', name=op.f('ck_units_not_its_own_parent')),
    sa.CheckConstraint('valid_to IS NULL OR valid_to > valid_from', name=op.f('ck_units_valid_to_after_valid_from')),
    sa.ForeignKeyConstraint(['group_code'], ['unit_groups.code'], name=op.f('fk_units_group_code_unit_groups')),
    sa.ForeignKeyConstraint(['parent_code'], ['units.code'], name=op.f('fk_units_parent_code_units')),
    sa.PrimaryKeyConstraint('code', name=op.f('pk_units'))
    )
    op.create_index(op.f('ix_units_group_code'), 'units', ['group_code'], unique=False)
    op.create_index(op.f('ix_units_parent_code'), 'units', ['parent_code'], unique=False)
    op.create_table('answer_counts',
    sa.Column('run_id', sa.Integer(), nullable=False),
    sa.Column('unit_code', sa.String(length=80), nullable=False),
    sa.Column('respondent_group', sa.String(length=80), nullable=False),
    sa.Column('form_id', sa.String(length=80), nullable=False),
    sa.Column('question', sa.String(length=80), nullable=False),
    sa.Column('answer', sa.String(length=80), nullable=False),
    sa.Column('missing', sa.String(length=80), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('n', sa.Integer(), nullable=False),
    sa.Column('weighted', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['run_id'], ['score_runs.id'], name=op.f('fk_answer_counts_run_id_score_runs')),
    sa.ForeignKeyConstraint(['unit_code'], ['units.code'], name=op.f('fk_answer_counts_unit_code_units')),
    sa.PrimaryKeyConstraint('run_id', 'unit_code', 'respondent_group', 'form_id', 'question', 'answer', name=op.f('pk_answer_counts'))
    )
    op.create_table('appraised_points',
    sa.Column('campaign_id', sa.Integer(), nullable=False),
    sa.Column('unit_code', sa.String(length=80), nullable=False),
    sa.Column('leaf_code', sa.String(length=80), nullable=False),
    sa.Column('self_scored', sa.BigInteger(), nullable=True),
    sa.Column('appraised', sa.BigInteger(), nullable=False),
    sa.CheckConstraint('appraised >= 0', name=op.f('ck_appraised_points_appraised_not_negative')),
    sa.CheckConstraint('self_scored >= 0', name=op.f('ck_appraised_points_self_scored_not_negative')),
    sa.ForeignKeyConstraint(['campaign_id'], ['campaigns.id'], name=op.f('fk_appraised_points_campaign_id_campaigns')),
    sa.ForeignKeyConstraint(['unit_code'], ['units.code'], name=op.f('fk_appraised_points_unit_code_units')),
    sa.PrimaryKeyConstraint('campaign_id', 'unit_code', 'leaf_code', name=op.f('pk_appraised_points'))
    )
    op.create_table('campaign_frameworks',
    sa.Column('campaign_id', sa.Integer(), nullable=False),
    sa.Column('framework_id', sa.Integer(), nullable=False),
    sa.Column('unit_group', sa.String(length=80), nullable=False),
    sa.ForeignKeyConstraint(['campaign_id'], ['campaigns.id'], name=op.f('fk_campaign_frameworks_campaign_id_campaigns')),
    sa.ForeignKeyConstraint(['framework_id'], ['framework_documents.id'], name=op.f('fk_campaign_frameworks_framework_id_framework_documents')),
    sa.ForeignKeyConstraint(['unit_group'], ['unit_groups.code'], name=op.f('fk_campaign_frameworks_unit_group_unit_groups')),
    sa.PrimaryKeyConstraint('campaign_id', 'framework_id', name=op.f('pk_campaign_frameworks')),
    sa.UniqueConstraint('campaign_id', 'unit_group', name=op.f('uq_campaign_frameworks_campaign_id_unit_group'))
    )
    op.create_table('invitations',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('campaign_id', sa.Integer(), nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('form_id', sa.String(length=80), nullable=False),
    sa.Column('respondent_group', sa.String(length=80), nullable=False),
    sa.Column('unit_code', sa.String(length=80), nullable=True),
    sa.Column('stratum', sa.String(length=80), nullable=False),
    sa.Column('psu', sa.String(length=80), nullable=False),
    sa.Column('weight', sa.BigInteger(), nullable=False),
    sa.Column('spent', sa.Boolean(), nullable=False),
    sa.CheckConstraint('weight > 0', name=op.f('ck_invitations_weight_positive')),
    sa.ForeignKeyConstraint(['campaign_id'], ['campaigns.id'], name=op.f('fk_invitations_campaign_id_campaigns')),
    sa.ForeignKeyConstraint(['unit_code'], ['units.code'], name=op.f('fk_invitations_unit_code_units')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_invitations')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_invitations_token_hash'))
    )
    op.create_index(op.f('ix_invitations_campaign_id'), 'invitations', ['campaign_id'], unique=False)
    op.create_table('leaf_scores',
    sa.Column('run_id', sa.Integer(), nullable=False),
    sa.Column('unit_code', sa.String(length=80), nullable=False),
    sa.Column('leaf_code', sa.String(length=80), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('area_code', sa.String(length=80), nullable=False),
    sa.Column('leaf_name', sa.Text(), nullable=False),
    sa.Column('kind', sa.String(length=80), nullable=False),
    sa.Column('max_points', sa.BigInteger(), nullable=False),
    sa.Column('self_scored', sa.BigInteger(), nullable=True),
    sa.Column('points', sa.BigInteger(), nullable=True),
    sa.Column('points_exact', sa.Text(), nullable=True),
    sa.Column('status', sa.String(length=80), nullable=False),
    sa.Column('se', sa.Float(), nullable=True),
    sa.Column('low', sa.Float(), nullable=True),
    sa.Column('high', sa.Float(), nullable=True),
    sa.Column('design_effect', sa.Float(), nullable=True),
    sa.Column('ratings', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['run_id'], ['score_runs.id'], name=op.f('fk_leaf_scores_run_id_score_runs')),
    sa.ForeignKeyConstraint(['unit_code'], ['units.code'], name=op.f('fk_leaf_scores_unit_code_units')),
    sa.PrimaryKeyConstraint('run_id', 'unit_code', 'leaf_code', name=op.f('pk_leaf_scores'))
    )
    op.create_table('responses',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('campaign_id', sa.Integer(), nullable=False),
    sa.Column('questionnaire_version_id', sa.Integer(), nullable=False),
    sa.Column('respondent_group', sa.String(length=80), nullable=False),
    sa.Column('unit_code', sa.String(length=80), nullable=True),
    sa.Column('stratum', sa.String(length=80), nullable=False),
    sa.Column('psu', sa.String(length=80), nullable=False),
    sa.Column('weight', sa.BigInteger(), nullable=False),
    sa.Column('mode', sa.String(length=80), nullable=False),
    sa.Column('language', sa.String(length=80), nullable=False),
    sa.Column('state', sa.String(length=80), nullable=False),
    sa.Column('answers', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('pages_stored', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('access_hash', sa.String(length=64), nullable=True),
    sa.Column('receipt_hash', sa.String(length=64), nullable=True),
    sa.Column('sealed_on', sa.Date(), nullable=True),
    sa.CheckConstraint("(state = 'draft') = (access_hash IS NOT NULL)", name=op.f('ck_responses_only_a_draft_can_be_reopened')),
    sa.CheckConstraint("(state = 'draft') = (receipt_hash IS NULL)", name=op.f('ck_responses_a_receipt_when_sealed')),
    sa.CheckConstraint("(state = 'draft') = (sealed_on IS NULL)", name=op.f('ck_responses_a_date_when_sealed')),
    sa.CheckConstraint("mode IN ('web', 'paper', 'interview', 'phone', 'import')", name=op.f('ck_responses_mode_known')),
    sa.CheckConstraint("state IN ('draft', 'sealed', 'withdrawn')", name=op.f('ck_responses_state_known')),
    sa.CheckConstraint('weight > 0', name=op.f('ck_responses_weight_positive')),
    sa.ForeignKeyConstraint(['campaign_id'], ['campaigns.id'], name=op.f('fk_responses_campaign_id_campaigns')),
    sa.ForeignKeyConstraint(['questionnaire_version_id'], ['questionnaire_versions.id'], name=op.f('fk_responses_questionnaire_version_id_questionnaire_versions')),
    sa.ForeignKeyConstraint(['unit_code'], ['units.code'], name=op.f('fk_responses_unit_code_units')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_responses')),
    sa.UniqueConstraint('access_hash', name=op.f('uq_responses_access_hash')),
    sa.UniqueConstraint('receipt_hash', name=op.f('uq_responses_receipt_hash'))
    )
    op.create_index('ix_responses_campaign_state', 'responses', ['campaign_id', 'state'], unique=False)
    op.create_index(op.f('ix_responses_questionnaire_version_id'), 'responses', ['questionnaire_version_id'], unique=False)
    op.create_index(op.f('ix_responses_unit_code'), 'responses', ['unit_code'], unique=False)
    op.create_table('satisfaction_scores',
    sa.Column('run_id', sa.Integer(), nullable=False),
    sa.Column('unit_code', sa.String(length=80), nullable=False),
    sa.Column('respondent_group', sa.String(length=80), nullable=False),
    sa.Column('factor', sa.String(length=80), nullable=False),
    sa.Column('measure', sa.String(length=80), nullable=False),
    sa.Column('value', sa.Float(), nullable=False),
    sa.Column('se', sa.Float(), nullable=True),
    sa.Column('low', sa.Float(), nullable=True),
    sa.Column('high', sa.Float(), nullable=True),
    sa.Column('n', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['run_id'], ['score_runs.id'], name=op.f('fk_satisfaction_scores_run_id_score_runs')),
    sa.ForeignKeyConstraint(['unit_code'], ['units.code'], name=op.f('fk_satisfaction_scores_unit_code_units')),
    sa.PrimaryKeyConstraint('run_id', 'unit_code', 'respondent_group', 'factor', 'measure', name=op.f('pk_satisfaction_scores'))
    )
    op.create_table('source_scores',
    sa.Column('run_id', sa.Integer(), nullable=False),
    sa.Column('unit_code', sa.String(length=80), nullable=False),
    sa.Column('leaf_code', sa.String(length=80), nullable=False),
    sa.Column('respondent_group', sa.String(length=80), nullable=False),
    sa.Column('form_id', sa.String(length=80), nullable=False),
    sa.Column('question', sa.String(length=80), nullable=False),
    sa.Column('share', sa.String(length=80), nullable=False),
    sa.Column('effective_share', sa.Text(), nullable=False),
    sa.Column('mean_exact', sa.Text(), nullable=True),
    sa.Column('ratings', sa.Integer(), nullable=False),
    sa.Column('minimum_n', sa.Integer(), nullable=False),
    sa.Column('coefficients', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.ForeignKeyConstraint(['run_id'], ['score_runs.id'], name=op.f('fk_source_scores_run_id_score_runs')),
    sa.ForeignKeyConstraint(['unit_code'], ['units.code'], name=op.f('fk_source_scores_unit_code_units')),
    sa.PrimaryKeyConstraint('run_id', 'unit_code', 'leaf_code', 'respondent_group', 'form_id', 'question', name=op.f('pk_source_scores'))
    )
    op.create_table('unit_scores',
    sa.Column('run_id', sa.Integer(), nullable=False),
    sa.Column('unit_code', sa.String(length=80), nullable=False),
    sa.Column('unit_group', sa.String(length=80), nullable=False),
    sa.Column('unit_name', sa.String(length=300), nullable=False),
    sa.Column('status', sa.String(length=80), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('self_scored', sa.BigInteger(), nullable=True),
    sa.Column('appraised', sa.BigInteger(), nullable=True),
    sa.Column('appraised_max', sa.BigInteger(), nullable=False),
    sa.Column('survey', sa.BigInteger(), nullable=True),
    sa.Column('survey_exact', sa.Text(), nullable=True),
    sa.Column('survey_max', sa.BigInteger(), nullable=False),
    sa.Column('survey_se', sa.Float(), nullable=True),
    sa.Column('survey_low', sa.Float(), nullable=True),
    sa.Column('survey_high', sa.Float(), nullable=True),
    sa.Column('design_effect', sa.Float(), nullable=True),
    sa.Column('degrees_of_freedom', sa.Float(), nullable=True),
    sa.Column('respondents', sa.Integer(), nullable=False),
    sa.Column('total', sa.BigInteger(), nullable=True),
    sa.Column('total_exact', sa.Text(), nullable=True),
    sa.Column('total_low', sa.Float(), nullable=True),
    sa.Column('total_high', sa.Float(), nullable=True),
    sa.Column('percent', sa.BigInteger(), nullable=True),
    sa.Column('band', sa.String(length=80), nullable=True),
    sa.Column('rank', sa.Integer(), nullable=True),
    sa.Column('rank_low', sa.Integer(), nullable=True),
    sa.Column('rank_high', sa.Integer(), nullable=True),
    sa.Column('margins', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.ForeignKeyConstraint(['run_id'], ['score_runs.id'], name=op.f('fk_unit_scores_run_id_score_runs')),
    sa.ForeignKeyConstraint(['unit_code'], ['units.code'], name=op.f('fk_unit_scores_unit_code_units')),
    sa.ForeignKeyConstraint(['unit_group'], ['unit_groups.code'], name=op.f('fk_unit_scores_unit_group_unit_groups')),
    sa.PrimaryKeyConstraint('run_id', 'unit_code', name=op.f('pk_unit_scores'))
    )
    op.create_index(op.f('ix_unit_scores_unit_group'), 'unit_scores', ['unit_group'], unique=False)
    op.create_table('unit_successions',
    sa.Column('predecessor_code', sa.String(length=80), nullable=False),
    sa.Column('successor_code', sa.String(length=80), nullable=False),
    sa.CheckConstraint('predecessor_code <> successor_code', name=op.f('ck_unit_successions_not_its_own_successor')),
    sa.ForeignKeyConstraint(['predecessor_code'], ['units.code'], name=op.f('fk_unit_successions_predecessor_code_units')),
    sa.ForeignKeyConstraint(['successor_code'], ['units.code'], name=op.f('fk_unit_successions_successor_code_units')),
    sa.PrimaryKeyConstraint('predecessor_code', 'successor_code', name=op.f('pk_unit_successions'))
    )


def downgrade() -> None:
    op.drop_table('unit_successions')
    op.drop_index(op.f('ix_unit_scores_unit_group'), table_name='unit_scores')
    op.drop_table('unit_scores')
    op.drop_table('source_scores')
    op.drop_table('satisfaction_scores')
    op.drop_index(op.f('ix_responses_unit_code'), table_name='responses')
    op.drop_index(op.f('ix_responses_questionnaire_version_id'), table_name='responses')
    op.drop_index('ix_responses_campaign_state', table_name='responses')
    op.drop_table('responses')
    op.drop_table('leaf_scores')
    op.drop_index(op.f('ix_invitations_campaign_id'), table_name='invitations')
    op.drop_table('invitations')
    op.drop_table('campaign_frameworks')
    op.drop_table('appraised_points')
    op.drop_table('answer_counts')
    op.drop_index(op.f('ix_units_parent_code'), table_name='units')
    op.drop_index(op.f('ix_units_group_code'), table_name='units')
    op.drop_table('units')
    op.drop_table('strata')
    op.drop_index(op.f('ix_score_runs_campaign_id'), table_name='score_runs')
    op.drop_table('score_runs')
    op.drop_table('rating_scopes')
    op.drop_table('jobs')
    op.drop_table('framework_documents')
    op.drop_table('campaign_questionnaires')
    op.drop_table('audit_entries')
    op.drop_table('unit_groups')
    op.drop_table('questionnaire_versions')
    op.drop_table('published_figures')
    op.drop_index('ix_login_failures_who_at', table_name='login_failures')
    op.drop_table('login_failures')
    op.drop_table('campaigns')
    op.drop_table('accounts')
