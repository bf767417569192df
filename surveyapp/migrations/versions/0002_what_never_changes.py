"""Triggers: sealed answers, asked questionnaires, frameworks and score runs never change, whoever holds the connection."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

#: name, table, event, condition under which the change is refused
RULES = [
    ("sealed_response_unchanged", "responses", "UPDATE",
     "OLD.state <> 'draft' AND NOT (OLD.state = 'sealed' AND NEW.state = 'withdrawn' AND {empty})"),
    ("sealed_response_kept", "responses", "DELETE", "OLD.state <> 'draft'"),
    ("asked_questionnaire_unchanged", "questionnaire_versions", "UPDATE",
     "EXISTS (SELECT 1 FROM responses WHERE questionnaire_version_id = OLD.id)"),
    ("framework_unchanged", "framework_documents", "UPDATE", "1 = 1"),
    *((f"{table}_{end}", table, event, "1 = 1")
      for table in ("score_runs", "unit_scores", "leaf_scores", "source_scores", "answer_counts", "satisfaction_scores")
      for event, end in (("UPDATE", "unchanged"), ("DELETE", "kept"))),
    ("audit_entry_kept", "audit_entries", "UPDATE", "1 = 1"),
    ("audit_entry_never_deleted", "audit_entries", "DELETE", "1 = 1"),
]


def upgrade() -> None:
    postgresql = op.get_bind().dialect.name == "postgresql"
    for name, table, event, condition in RULES:
        refused_when = condition.format(empty="NEW.answers = '{}'::jsonb" if postgresql else "NEW.answers = '{}'")
        for statement in (_postgresql if postgresql else _sqlite)(name, table, event, refused_when):
            op.get_bind().exec_driver_sql(statement)


def _sqlite(name: str, table: str, event: str, condition: str) -> list[str]:
    return [f"CREATE TRIGGER {name} BEFORE {event} ON {table} WHEN {condition} "
            f"BEGIN SELECT RAISE(ABORT, '{name}'); END"]


def _postgresql(name: str, table: str, event: str, condition: str) -> list[str]:
    returned = "OLD" if event == "DELETE" else "NEW"
    return [
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {condition} THEN RAISE EXCEPTION '{name}' USING ERRCODE = 'integrity_constraint_violation'; END IF; "
        f"RETURN {returned}; END $$",
        f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()",
    ]


def downgrade() -> None:
    postgresql = op.get_bind().dialect.name == "postgresql"
    for name, table, _event, _condition in RULES:
        if postgresql:
            op.execute(f"DROP TRIGGER {name} ON {table}")
            op.execute(f"DROP FUNCTION {name}()")
        else:
            op.execute(f"DROP TRIGGER {name}")
