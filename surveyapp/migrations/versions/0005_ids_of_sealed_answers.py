"""Which answers a campaign has is read from an index alone: scoring asks it at every run."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_responses_campaign_id_state", "responses", ["campaign_id", "id", "state"])


def downgrade() -> None:
    op.drop_index("ix_responses_campaign_id_state", table_name="responses")
