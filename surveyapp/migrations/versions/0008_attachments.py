"""Files that respondents sent in. With their response sealed they stay as they are; withdrawing it lets them go."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

#: name, event, which row's response, the states in which it is refused
RULES = [
    ("attachment_of_a_draft", "INSERT", "NEW", "<> 'draft'"),
    ("sealed_attachment_unchanged", "UPDATE", "OLD", "<> 'draft'"),
    ("attachment_moved_unchanged", "UPDATE", "NEW", "<> 'draft'"),
    ("sealed_attachment_kept", "DELETE", "OLD", "= 'sealed'"),
]


def upgrade() -> None:
    op.create_table(
        "attachments",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("response_id", sa.String(32), nullable=False),
        sa.Column("question", sa.String(80), nullable=False),
        sa.Column("time", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(80), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('jpeg', 'png', 'webp', 'pdf')", name="ck_attachments_kind_known"),
        sa.CheckConstraint("size > 0", name="ck_attachments_something_in_it"),
        sa.CheckConstraint("time >= 0", name="ck_attachments_time_counts_from_one"),
        sa.ForeignKeyConstraint(["response_id"], ["responses.id"], name="fk_attachments_response_id_responses"),
        sa.PrimaryKeyConstraint("id", name="pk_attachments"),
    )
    op.create_index("ix_attachments_response_id", "attachments", ["response_id"])
    bind = op.get_bind()
    for name, event, row, states in RULES:
        refused = f"(SELECT state FROM responses WHERE id = {row}.response_id) {states}"
        if bind.dialect.name == "postgresql":
            bind.exec_driver_sql(
                f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                f"IF {refused} THEN RAISE EXCEPTION '{name}' USING ERRCODE = 'integrity_constraint_violation'; END IF; "
                f"RETURN {'OLD' if event == 'DELETE' else 'NEW'}; END $$")
            bind.exec_driver_sql(f"CREATE TRIGGER {name} BEFORE {event} ON attachments FOR EACH ROW EXECUTE FUNCTION {name}()")
        else:
            bind.exec_driver_sql(f"CREATE TRIGGER {name} BEFORE {event} ON attachments WHEN {refused} "
                                 f"BEGIN SELECT RAISE(ABORT, '{name}'); END")


def downgrade() -> None:
    op.drop_table("attachments")
    if op.get_bind().dialect.name == "postgresql":
        for name, *_ in RULES:
            op.execute(f"DROP FUNCTION {name}()")
