"""Static files: read once, compressed once, at addresses that change with their content so that a browser keeps what it has."""

import gzip
import hashlib
import mimetypes
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from flask import Flask, Response, abort, current_app, request

YEAR, WEEK = 31_536_000, 604_800
#: the one sheet that every page links, and the files it is made of, in this order
SHEET = "css/site.css"
SHEETS = ("fonts", "tokens", "page", "components", "forms", "answers")
#: what is worth compressing; fonts are compressed already
COMPRESSED = {".css", ".js", ".svg", ".txt"}
mimetypes.add_type("font/woff2", ".woff2")


@dataclass(frozen=True)
class Asset:
    name: str
    content: bytes

    @cached_property
    def mark(self) -> str:
        return hashlib.sha256(self.content).hexdigest()[:10]

    @cached_property
    def compressed(self) -> bytes:
        """Empty where the file is sent as it is."""
        return gzip.compress(self.content, 9, mtime=0) if Path(self.name).suffix in COMPRESSED else b""

    @cached_property
    def type(self) -> str:
        return mimetypes.guess_type(self.name)[0] or "application/octet-stream"


def init_app(app: Flask) -> None:
    app.extensions["surveyapp_assets"] = _read(Path(app.static_folder))
    app.jinja_env.globals["asset"] = asset
    app.view_functions["static"] = _serve
    app.after_request(_keep)


def asset(name: str) -> str:
    mark = current_app.extensions["surveyapp_assets"][name].mark
    return f"{request.script_root}{current_app.static_url_path}/{name}?v={mark}"


def _read(folder: Path) -> dict[str, Asset]:
    files = {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
    assets = {name: Asset(name, content) for name, content in files.items()}
    sheet = b"".join(assets[f"css/{part}.css"].content for part in SHEETS)
    assets[SHEET] = Asset(SHEET, re.sub(
        rb'url\("\.\./(fonts/[^"]+)"\)',
        lambda found: b'url("../%s?v=%s")' % (found[1], assets[found[1].decode()].mark.encode()), sheet))
    return assets


def _serve(filename: str) -> Response:
    found = current_app.extensions["surveyapp_assets"].get(filename) or abort(404)
    small = found.compressed and request.accept_encodings["gzip"] > 0
    response = Response(found.compressed if small else found.content, content_type=found.type)
    if small:
        response.content_encoding = "gzip"
    if found.compressed:
        response.vary.add("Accept-Encoding")
    response.set_etag(f"{found.mark}-gzip" if small else found.mark)
    return response.make_conditional(request)


def _keep(response: Response) -> Response:
    if request.endpoint == "static" and response.status_code in (200, 304):
        kept = f"max-age={YEAR}, immutable" if "v" in request.args else f"max-age={WEEK}"
        response.headers["Cache-Control"] = f"public, {kept}"
    return response
