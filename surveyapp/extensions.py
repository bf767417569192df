"""What the shell shares and holds no data of its own: the database, login, CSRF, languages."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from flask import Flask, current_app, g
from flask_babel import Babel
from flask_login import LoginManager
from flask_wtf import CSRFProtect
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.orm import Session

csrf = CSRFProtect()
login = LoginManager()
babel = Babel()

#: execution option: this transaction will write, so SQLite takes its write lock at the start and never half-way
WRITES = {"surveyapp_writes": True}
_opening = Lock()


class Database:
    """One engine a process (opened after the fork), one session an application context."""

    def init_app(self, app: Flask) -> None:
        app.extensions["surveyapp_database"] = None
        app.teardown_appcontext(self._close)

    @property
    def engine(self) -> Engine:
        extensions = current_app.extensions
        with _opening:
            if extensions["surveyapp_database"] is None:
                extensions["surveyapp_database"] = make_engine(current_app.config["DATABASE_URL"])
        return extensions["surveyapp_database"]

    @property
    def session(self) -> Session:
        if "database_session" not in g:
            g.database_session = Session(self.engine, expire_on_commit=False)
        return g.database_session

    def writing(self) -> Session:
        """The session, its transaction begun as one that writes. The first thing a service does before it changes data."""
        session = self.session
        if not session.in_transaction():
            session.connection(execution_options=WRITES)
        return session

    @contextmanager
    def own_session(self) -> Iterator[Session]:
        """A session apart from the request's: progress of long work, which must be seen while the work goes on."""
        with Session(self.engine, expire_on_commit=False) as session:
            session.connection(execution_options=WRITES)
            yield session

    def _close(self, _error: BaseException | None) -> None:
        session = g.pop("database_session", None)
        if session is not None:
            session.close()

    def dispose(self) -> None:
        engine = current_app.extensions.get("surveyapp_database")
        if engine is not None:
            engine.dispose()
            current_app.extensions["surveyapp_database"] = None


def make_engine(url: str) -> Engine:
    """An engine that behaves alike on SQLite and PostgreSQL: foreign keys on, durable, real transactions."""
    if url.startswith("postgresql://"):
        url = url.replace("postgresql://", "postgresql+psycopg://", 1)
    if not url.startswith("sqlite"):
        return create_engine(url, pool_pre_ping=True)
    engine = create_engine(url, connect_args={"timeout": 30})
    event.listen(engine, "connect", _sqlite_connected)
    event.listen(engine, "begin", _sqlite_begin)
    return engine


def _sqlite_connected(connection, _record) -> None:
    connection.isolation_level = None  # the driver would otherwise begin transactions by guessing from the statement
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA busy_timeout=30000")
    cursor.close()


def _sqlite_begin(connection) -> None:
    writes = connection.get_execution_options().get("surveyapp_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


db = Database()
