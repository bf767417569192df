"""Real parts for every test: a migrated SQLite file and a migrated database on a PostgreSQL server of our own."""

import contextlib
import os
import shutil
import uuid
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from hypothesis import settings

from surveyapp import create_app
from surveyapp.extensions import db, make_engine
from surveyapp.migrations import upgrade
from tests import servers

#: The same examples at every run, so that a change is judged by what it changed; HYPOTHESIS_PROFILE=explore tries new ones.
settings.register_profile("same", derandomize=True, database=None, deadline=None)
settings.register_profile("explore", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))

CHEAP_ARGON2 = {"time_cost": 1, "memory_cost": 8, "parallelism": 1}


def pytest_make_parametrize_id(val, argname) -> str | None:
    """A long text is no name: megabytes of hostile input would go with every message between processes."""
    return f"{argname} of {len(val)}" if isinstance(val, str | bytes) and len(val) > 80 else None


@pytest.fixture(scope="session")
def postgresql_server():
    """URL prefix of a PostgreSQL server, started for this run from the system's binaries and thrown away after it."""
    with servers.postgresql() as url:
        yield url


@pytest.fixture(scope="session")
def postgresql_template(postgresql_server):
    _create(postgresql_server, "migrated")
    engine = make_engine(f"{postgresql_server}/migrated")
    upgrade(engine)
    engine.dispose()
    return "migrated"


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory):
    path = tmp_path_factory.mktemp("sqlite") / "migrated.sqlite"
    engine = make_engine(f"sqlite:///{path}")
    upgrade(engine)
    with engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("BEGIN")
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def filled():
    """Databases that hold something, by their kind and what filled them."""
    return {}


@pytest.fixture(scope="module")
def beforehand() -> Callable[[], object] | None:
    """Fills the databases of a module's tests, within a context: once for each kind, and every test gets a copy."""
    return None


@pytest.fixture
def sqlite_url(sqlite_template, filled, beforehand, tmp_path, tmp_path_factory):
    template = sqlite_template
    if beforehand:
        if ("sqlite", beforehand) not in filled:
            folder = tmp_path_factory.mktemp("filled")
            shutil.copy(sqlite_template, folder / "filled.sqlite")
            _fill(f"sqlite:///{folder / 'filled.sqlite'}", folder, beforehand)
            filled["sqlite", beforehand] = folder / "filled.sqlite"
        template = filled["sqlite", beforehand]
    path = tmp_path / "test.sqlite"
    shutil.copy(template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgresql_url(postgresql_server, postgresql_template, filled, beforehand, tmp_path_factory):
    template = postgresql_template
    if beforehand:
        if ("postgresql", beforehand) not in filled:
            name = f"filled_{uuid.uuid4().hex}"
            _create(postgresql_server, name, postgresql_template)
            _fill(f"{postgresql_server}/{name}", tmp_path_factory.mktemp("filled"), beforehand)
            filled["postgresql", beforehand] = name
        template = filled["postgresql", beforehand]
    name = f"test_{uuid.uuid4().hex}"
    _create(postgresql_server, name, template)
    yield f"{postgresql_server}/{name}"
    with psycopg.connect(f"{postgresql_server}/postgres", autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request):
    """A migrated database of the test's own; every test that uses it runs on both kinds."""
    return request.getfixturevalue(f"{request.param}_url")


def _create(server: str, name: str, template: str = "template0") -> None:
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")


def _fill(url: str, folder: Path, beforehand: Callable[[], object]) -> None:
    with app_on(url, folder) as app, app.app_context():
        beforehand()


@contextlib.contextmanager
def app_on(database_url: str, folder: Path, testing: bool = True):
    app = create_app(DATABASE_URL=database_url, DATA_FOLDER=folder, SECRET_KEY="test", TESTING=testing, ARGON2=CHEAP_ARGON2)
    yield app
    with app.app_context():
        db.dispose()


@pytest.fixture
def app(database_url, tmp_path):
    with app_on(database_url, tmp_path) as app:
        yield app


@pytest.fixture
def app_context(app):
    """An application context, for tests that call services and queries."""
    with app.app_context():
        yield app
