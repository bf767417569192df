"""Time per page and class of device, for forms that declare it; withdrawing a form erases them together with its answers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TRIGGER = "sealed_response_unchanged"
#: as in 0002, and withdrawn means: this is empty too
REFUSED_WHEN = ("OLD.state <> 'draft' AND NOT (OLD.state = 'sealed' AND NEW.state = 'withdrawn' AND {empty} "
                "AND NEW.paradata IS NULL)")
REFUSED_BEFORE = "OLD.state <> 'draft' AND NOT (OLD.state = 'sealed' AND NEW.state = 'withdrawn' AND {empty})"


def upgrade() -> None:
    kind = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
    op.add_column("responses", sa.Column("paradata", kind, nullable=True))
    _renew_trigger(REFUSED_WHEN)


def downgrade() -> None:
    _renew_trigger(REFUSED_BEFORE)
    op.drop_column("responses", "paradata")


def _renew_trigger(condition: str) -> None:
    bind = op.get_bind()
    if bind.dialect.name == "postgresql":
        refused = condition.format(empty="NEW.answers = '{}'::jsonb")
        bind.exec_driver_sql(
            f"CREATE OR REPLACE FUNCTION {TRIGGER}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF {refused} THEN RAISE EXCEPTION '{TRIGGER}' USING ERRCODE = 'integrity_constraint_violation'; END IF; "
            "RETURN NEW; END $$")
        return
    bind.exec_driver_sql(f"DROP TRIGGER {TRIGGER}")
    refused = condition.format(empty="NEW.answers = '{}'")
    bind.exec_driver_sql(f"CREATE TRIGGER {TRIGGER} BEFORE UPDATE ON responses WHEN {refused} "
                         f"BEGIN SELECT RAISE(ABORT, '{TRIGGER}'); END")
