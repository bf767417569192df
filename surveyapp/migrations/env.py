"""Run by alembic inside the connection (and its transaction) that `upgrade` hands over."""

from alembic import context

from surveyapp.models import Base

context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata)
context.run_migrations()
