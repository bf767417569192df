"""Score runs tell the quality of the forms: signs by unit, scores without the flagged forms, the hash of the days looked at."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TABLES = ("quality_signs", "quality_effects")
#: what happens to a row of a run, and the end of the name of the trigger that refuses it
EVENTS = (("UPDATE", "unchanged"), ("DELETE", "kept"))


def upgrade() -> None:
    op.add_column("score_runs", sa.Column("days_sha256", sa.String(length=64), nullable=True))
    op.create_table(
        "quality_signs",
        *_of_a_unit(),
        sa.Column("form_id", sa.String(length=80), nullable=False),
        sa.Column("sign", sa.String(length=80), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("forms", sa.Integer(), nullable=False),
        sa.Column("flagged", sa.Integer(), nullable=True),
        sa.Column("value", sa.Float(), nullable=True),
        sa.Column("low", sa.Float(), nullable=True),
        sa.Column("high", sa.Float(), nullable=True),
        *_constraints("quality_signs", "form_id", "sign"))
    op.create_table(
        "quality_effects",
        *_of_a_unit(),
        sa.Column("forms", sa.Integer(), nullable=False),
        sa.Column("flagged", sa.Integer(), nullable=False),
        sa.Column("survey", sa.BigInteger(), nullable=True),
        sa.Column("status", sa.String(length=80), nullable=False),
        sa.Column("changed_rule", sa.Boolean(), nullable=False),
        sa.Column("difference", sa.Float(), nullable=True),
        sa.Column("difference_se", sa.Float(), nullable=True),
        sa.Column("rank", sa.Integer(), nullable=True),
        *_constraints("quality_effects"))
    for table in TABLES:
        for event, end in EVENTS:
            for statement in _refusing(f"{table}_{end}", table, event):
                op.get_bind().exec_driver_sql(statement)


def _of_a_unit() -> list[sa.Column]:
    return [sa.Column("run_id", sa.Integer(), nullable=False), sa.Column("unit_code", sa.String(length=80), nullable=False)]


def _constraints(table: str, *more_of_the_key: str) -> list[sa.Constraint]:
    return [
        sa.ForeignKeyConstraint(["run_id"], ["score_runs.id"], name=op.f(f"fk_{table}_run_id_score_runs")),
        sa.ForeignKeyConstraint(["run_id", "unit_code"], ["unit_scores.run_id", "unit_scores.unit_code"],
                                name=op.f(f"fk_{table}_unit")),
        sa.CheckConstraint("flagged <= forms", name=op.f(f"ck_{table}_flagged_among_the_forms")),
        sa.PrimaryKeyConstraint("run_id", "unit_code", *more_of_the_key, name=op.f(f"pk_{table}")),
    ]


def _refusing(name: str, table: str, event: str) -> list[str]:
    if op.get_bind().dialect.name != "postgresql":
        return [f"CREATE TRIGGER {name} BEFORE {event} ON {table} BEGIN SELECT RAISE(ABORT, '{name}'); END"]
    return [
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"RAISE EXCEPTION '{name}' USING ERRCODE = 'integrity_constraint_violation'; END $$",
        f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()",
    ]


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
        if op.get_bind().dialect.name == "postgresql":
            for _event, end in EVENTS:
                op.execute(f"DROP FUNCTION {table}_{end}()")
    op.drop_column("score_runs", "days_sha256")
