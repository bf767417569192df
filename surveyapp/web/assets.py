"""Addresses of static files that change with their content, so that a browser may keep what it has."""

import hashlib
from functools import cache
from pathlib import Path

from flask import Flask, Response, current_app, request, url_for

YEAR, WEEK = 31_536_000, 604_800


def init_app(app: Flask) -> None:
    app.jinja_env.globals["asset"] = asset
    app.after_request(_keep)


def asset(name: str) -> str:
    return url_for("static", filename=name, v=_mark(Path(current_app.static_folder) / name))


@cache
def _mark(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10]


def _keep(response: Response) -> Response:
    if request.endpoint == "static" and response.status_code in (200, 304):
        kept = f"max-age={YEAR}, immutable" if "v" in request.args else f"max-age={WEEK}"
        response.headers["Cache-Control"] = f"public, {kept}"
    return response
