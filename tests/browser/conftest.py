"""A real server in this process and the system's Chromium in front of it."""

import contextlib
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from werkzeug.serving import make_server

from tests import factories
from tests.conftest import app_on
from tests.surveyapp.staff_client import PASSWORD

CHROMIUM = "/usr/bin/chromium"
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 800}
ARGUMENTS = ["--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking",
             "--disable-component-update", "--disable-sync",
             # there is no graphics card: drawing in the browser's own process costs half of drawing in one beside it
             "--disable-gpu", "--disable-software-rasterizer", "--in-process-gpu"]
#: what else may depend on colours: the rest of a page is the same in the dark
CONTRAST = {"runOnly": ["color-contrast"]}
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def pytest_collection_modifyitems(items) -> None:
    """A file's tests share a server: they run in one process."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.xdist_group(item.path.stem))


@dataclass(frozen=True)
class LiveServer:
    app: Flask
    url: str


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": ARGUMENTS}


def press(target) -> None:
    """Clicks what leads to another page, and comes back when that page is there: a click alone does not wait for it."""
    with target.page.expect_navigation():
        target.click()


def answer_all(page) -> int:
    """Chooses the first of all choices wherever none is chosen yet, page by page; returns the number of pages."""
    pages = 0
    while "/trang/" in page.url:
        chosen = set(page.locator("main input[type=radio]:checked").evaluate_all("all => all.map((each) => each.name)"))
        for radio in page.locator("main input[type=radio]").all():
            name = radio.get_attribute("name")
            if name not in chosen:
                radio.check()
                chosen.add(name)
        if page.locator("#a-visits").count():
            page.fill("#a-visits", "2")
        press(page.locator("main form button.button"))
        pages += 1
        assert pages < 30
    return pages


@contextlib.contextmanager
def served(template: Path, folder: Path, fill: Callable[[], object]) -> Iterator[LiveServer]:
    """A server on a fresh SQLite database that `fill` puts its data into."""
    shutil.copy(template, folder / "live.sqlite")
    with app_on(f"sqlite:///{folder / 'live.sqlite'}", folder, testing=False) as app:
        with app.app_context():
            fill()
        server = make_server("127.0.0.1", 0, app, threaded=True)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield LiveServer(app, f"http://127.0.0.1:{server.server_port}")
        server.shutdown()
        thread.join()


@pytest.fixture
def sign_in(browser, server):
    """Staff on a page of their own; `server` is the one of the test's file."""
    contexts = []

    def signed_in(name: str, size=DESK, **more):
        context = browser.new_context(viewport=size, base_url=server.url, **more)
        contexts.append(context)
        page = context.new_page()
        page.goto("/dang-nhap")
        page.get_by_label("Tên đăng nhập").fill(name)
        page.get_by_label("Mật khẩu").fill(PASSWORD)
        press(page.get_by_role("button", name="Đăng nhập"))
        return page

    yield signed_in
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def live_server(sqlite_template, tmp_path_factory):
    """With the small province of `factories` and an open campaign THU2026 in it."""
    forms = ("citizen", "official", "business", "everything", "kinds")
    with served(sqlite_template, tmp_path_factory.mktemp("live"), lambda: factories.province(forms=forms)) as server:
        yield server


@pytest.fixture(scope="session")
def violations():
    """What axe finds on a page, as short lines; nothing is what every page must give."""
    axe = Axe()

    def look(page, options=MappingProxyType({})) -> list[str]:
        found = axe.run(page, options={"resultTypes": ["violations"], **options}).response["violations"]
        return [f"{page.url}: {each['id']}: {node['target']} {node.get('failureSummary', '')}"
                for each in found for node in each["nodes"]]

    return look


@pytest.fixture(scope="session")
def violations_in_the_dark(violations):
    """What axe finds about the colours of the page in front of it once its reader prefers a dark screen."""

    def look(page) -> list[str]:
        page.emulate_media(color_scheme="dark")
        found = violations(page, CONTRAST)
        page.emulate_media(color_scheme="light")
        return [f"in the dark: {each}" for each in found]

    return look
