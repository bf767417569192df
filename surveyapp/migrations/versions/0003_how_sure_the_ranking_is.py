"""Score runs say how sure their order is: more columns of unit_scores (NULL in older runs), neighbours, other rules."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

COLUMNS = {
    "rank_all_low": sa.Integer, "rank_all_high": sa.Integer, "rank_expected": sa.Float, "rank_median": sa.Integer,
    "top_probability": sa.Float, "upper_half_probability": sa.Float,
    "band_probabilities": lambda: sa.JSON().with_variant(postgresql.JSONB(), "postgresql"),
    "rank_best": sa.Integer, "rank_worst": sa.Integer, "rank_stays": sa.Float,
}
TABLES = ("neighbour_differences", "rank_scenarios")
#: what happens to a row of a run, and the end of the name of the trigger that refuses it
EVENTS = (("UPDATE", "unchanged"), ("DELETE", "kept"))


def upgrade() -> None:
    for name, kind in COLUMNS.items():
        op.add_column("unit_scores", sa.Column(name, kind(), nullable=True))
    op.create_table(
        "neighbour_differences",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("unit_code", sa.String(length=80), nullable=False),
        sa.Column("next_unit_code", sa.String(length=80), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("difference", sa.Float(), nullable=False),
        sa.Column("se", sa.Float(), nullable=False),
        sa.Column("p", sa.Float(), nullable=False),
        sa.Column("p_holm", sa.Float(), nullable=False),
        sa.Column("differs", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["score_runs.id"], name=op.f("fk_neighbour_differences_run_id_score_runs")),
        sa.ForeignKeyConstraint(["run_id", "unit_code"], ["unit_scores.run_id", "unit_scores.unit_code"],
                                name=op.f("fk_neighbour_differences_upper")),
        sa.ForeignKeyConstraint(["run_id", "next_unit_code"], ["unit_scores.run_id", "unit_scores.unit_code"],
                                name=op.f("fk_neighbour_differences_next")),
        sa.PrimaryKeyConstraint("run_id", "unit_code", name=op.f("pk_neighbour_differences")))
    op.create_table(
        "rank_scenarios",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("unit_code", sa.String(length=80), nullable=False),
        sa.Column("scenario", sa.String(length=80), nullable=False),
        sa.Column("respondent_group", sa.String(length=80), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["score_runs.id"], name=op.f("fk_rank_scenarios_run_id_score_runs")),
        sa.ForeignKeyConstraint(["run_id", "unit_code"], ["unit_scores.run_id", "unit_scores.unit_code"],
                                name=op.f("fk_rank_scenarios_unit")),
        sa.PrimaryKeyConstraint("run_id", "unit_code", "scenario", "respondent_group", name=op.f("pk_rank_scenarios")))
    for table in TABLES:
        for event, end in EVENTS:
            for statement in _refusing(f"{table}_{end}", table, event):
                op.get_bind().exec_driver_sql(statement)


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
    for name in reversed(COLUMNS):
        op.drop_column("unit_scores", name)
