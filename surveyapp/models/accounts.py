"""Staff accounts and failed logins."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from surveyapp.models.base import Base, Code, Hash, Name

ROLES = ("designer", "analyst", "administrator")


class Account(Base):
    __tablename__ = "accounts"
    __table_args__ = (CheckConstraint("role IN ('designer', 'analyst', 'administrator')", name="role_known"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(Code, unique=True)
    display_name: Mapped[str] = mapped_column(Name)
    role: Mapped[str] = mapped_column(Code)
    #: argon2
    password_hash: Mapped[str] = mapped_column(String(200))
    active: Mapped[bool] = mapped_column(default=True)


class LoginFailure(Base):
    """One failed login, by the hash of the name that was tried, so that unknown names are throttled alike."""

    __tablename__ = "login_failures"
    __table_args__ = (Index("ix_login_failures_who_at", "who_hash", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    who_hash: Mapped[str] = mapped_column(Hash)
    at: Mapped[datetime]
