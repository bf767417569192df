"""How long responses are kept that were never handed in, and that what was erased of them is gone for good."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    bind = op.get_bind()  # with their conditions at once: SQLite adds none to a table that is there
    bind.exec_driver_sql(
        "ALTER TABLE campaigns ADD COLUMN keep_unfinished_days INTEGER NOT NULL DEFAULT 30 "
        "CONSTRAINT ck_campaigns_unfinished_for_a_year_at_most CHECK (keep_unfinished_days BETWEEN 0 AND 365)")
    bind.exec_driver_sql(
        "ALTER TABLE responses ADD COLUMN erased_on DATE "
        "CONSTRAINT ck_responses_erased_is_empty CHECK (erased_on IS NULL OR (state = 'draft' AND answers = '{}'))")


def downgrade() -> None:
    op.drop_column("responses", "erased_on")
    op.drop_column("campaigns", "keep_unfinished_days")
