"""Settings, from the environment only: where the data lies, which database, how sessions are kept."""

import os
import secrets
from datetime import timedelta
from pathlib import Path


def data_folder() -> Path:
    """Where everything that must survive lies: the embedded database, the secret key, exports. Default: `var` here."""
    return Path(os.environ.get("SURVEYAPP_DATA", "var")).resolve()


def settings() -> dict:
    folder = data_folder()
    return {
        "DATA_FOLDER": folder,
        "DATABASE_URL": os.environ.get("DATABASE_URL") or f"sqlite:///{folder / 'surveyapp.sqlite'}",
        "SECRET_KEY": os.environ.get("SECRET_KEY") or _kept_secret(folder / "secret_key"),
        "MAX_CONTENT_LENGTH": 32_000_000,
        "MAX_FORM_MEMORY_SIZE": 2_000_000,
        "MAX_FORM_PARTS": 5_000,
        "SESSION_COOKIE_NAME": "khaosat",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": os.environ.get("SURVEYAPP_HTTPS") == "1",
        "PERMANENT_SESSION_LIFETIME": timedelta(hours=8),
        "WTF_CSRF_TIME_LIMIT": None,
        "BABEL_DEFAULT_LOCALE": "vi",
        "BABEL_DEFAULT_TIMEZONE": "Asia/Ho_Chi_Minh",
        "ARGON2": {"time_cost": 3, "memory_cost": 65_536, "parallelism": 4},
        "LOGIN_FAILURES_ALLOWED": 5,
        "LOGIN_WINDOW": timedelta(minutes=15),
    }


def _kept_secret(path: Path) -> str:
    """The key that signs cookies and derives access hashes; made once, readable by its owner only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text()
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_hex(32))
    return path.read_text()
