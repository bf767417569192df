"""A draft keeps what of the file that it began from did not come along as it was."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    kind = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
    op.add_column("questionnaire_drafts", sa.Column("import_remarks", kind, nullable=True))


def downgrade() -> None:
    op.drop_column("questionnaire_drafts", "import_remarks")
