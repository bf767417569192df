"""The tables as the migrations make them are the tables that the models describe, on both databases."""

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from surveyapp.extensions import db
from surveyapp.models import Base


def test_migrations_and_models_agree(app_context):
    with db.engine.connect() as connection:
        migration = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(migration, Base.metadata) == []
