"""Questionnaires are made in the browser: drafts, every state they were in, and approval by a second person."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

DRAFTS, REVISIONS = "questionnaire_drafts", "questionnaire_draft_revisions"


def upgrade() -> None:
    op.create_table(
        DRAFTS,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("form_id", sa.String(length=80), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("origin", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=80), nullable=False),
        *_who_and_when("created", nullable=False),
        *_who_and_when("updated", nullable=False),
        sa.Column("based_on", sa.Integer(), nullable=True),
        *_who_and_when("submitted", nullable=True),
        sa.Column("sent_back_by", sa.Integer(), nullable=True),
        sa.Column("sent_back_reason", sa.Text(), nullable=True),
        *_who_and_when("approved", nullable=True),
        sa.Column("version_id", sa.Integer(), nullable=True),
        *[_account(DRAFTS, f"{act}_by") for act in ("created", "updated", "submitted", "sent_back", "approved")],
        *[sa.ForeignKeyConstraint([column], ["questionnaire_versions.id"],
                                  name=op.f(f"fk_{DRAFTS}_{column}_questionnaire_versions")) for column in ("based_on", "version_id")],
        _check(DRAFTS, "state_known", "state IN ('draft', 'in_review', 'published')"),
        _check(DRAFTS, "submitted_until_sent_back",
               "(state = 'draft') = (submitted_by IS NULL) AND (state = 'draft') = (submitted_at IS NULL)"),
        _check(DRAFTS, "published_when_approved",
               "(state = 'published') = (approved_by IS NOT NULL) AND (state = 'published') = (approved_at IS NOT NULL) "
               "AND (state = 'published') = (version_id IS NOT NULL)"),
        _check(DRAFTS, "approved_by_another",
               "approved_by IS NULL OR (approved_by <> submitted_by AND approved_by <> updated_by)"),
        _check(DRAFTS, "revision_counts_up", "revision >= 1 AND origin >= 1 AND origin <= revision"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{DRAFTS}")))
    op.create_table(
        REVISIONS,
        sa.Column("draft_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        *_who_and_when("made", nullable=False),
        sa.Column("what", sa.String(length=300), nullable=False),
        sa.Column("origin", sa.Integer(), nullable=False),
        sa.Column("parent", sa.Integer(), nullable=True),
        sa.Column("autosaved", sa.Boolean(), nullable=False),
        _account(REVISIONS, "made_by"),
        sa.ForeignKeyConstraint(["draft_id"], [f"{DRAFTS}.id"], name=op.f(f"fk_{REVISIONS}_draft_id_{DRAFTS}")),
        _check(REVISIONS, "from_something_older", "origin <= revision AND (parent IS NULL OR parent < revision)"),
        sa.PrimaryKeyConstraint("draft_id", "revision", name=op.f(f"pk_{REVISIONS}")))


def _who_and_when(act: str, nullable: bool) -> list[sa.Column]:
    return [sa.Column(f"{act}_by", sa.Integer(), nullable=nullable), sa.Column(f"{act}_at", sa.DateTime(), nullable=nullable)]


def _account(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], ["accounts.id"], name=op.f(f"fk_{table}_{column}_accounts"))


def _check(table: str, name: str, rule: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}"))


def downgrade() -> None:
    op.drop_table(REVISIONS)
    op.drop_table(DRAFTS)
