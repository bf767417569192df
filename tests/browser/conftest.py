"""A real server in this process and the system's Chromium in front of it."""

import shutil
import threading
from dataclasses import dataclass

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from werkzeug.serving import make_server

from surveyapp import create_app
from surveyapp.extensions import db
from tests import factories

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking",
             "--disable-component-update", "--disable-sync"]


@dataclass(frozen=True)
class LiveServer:
    app: Flask
    url: str


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": ARGUMENTS}


@pytest.fixture(scope="session")
def live_server(sqlite_template, tmp_path_factory):
    """Serves on SQLite, with the small province of `factories` and an open campaign THU2026 in it."""
    folder = tmp_path_factory.mktemp("live")
    shutil.copy(sqlite_template, folder / "live.sqlite")
    app = create_app(DATABASE_URL=f"sqlite:///{folder / 'live.sqlite'}", DATA_FOLDER=folder, SECRET_KEY="test",
                     ARGON2={"time_cost": 1, "memory_cost": 8, "parallelism": 1})
    with app.app_context():
        factories.province(forms=("citizen", "official", "business", "everything"))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield LiveServer(app, f"http://127.0.0.1:{server.server_port}")
    server.shutdown()
    thread.join()
    with app.app_context():
        db.dispose()


@pytest.fixture(scope="session")
def violations():
    """What axe finds on a page, as short lines; nothing is what every page must give."""
    axe = Axe()

    def look(page) -> list[str]:
        found = axe.run(page).response["violations"]
        return [f"{page.url}: {each['id']}: {node['target']} {node.get('failureSummary', '')}"
                for each in found for node in each["nodes"]]

    return look
