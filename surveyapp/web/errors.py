"""Errors named in the domain, mapped to pages in one table."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Filled in with the pages."""
