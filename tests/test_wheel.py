"""A wheel built from the project, installed in a clean environment and started from another folder, serves a page."""

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
UV = Path(sys.executable).parent / "uv"


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run([UV, "build", "--quiet", "--wheel", "--out-dir", folder, ROOT], check=True)
    (wheel,) = folder.glob("*.whl")
    environment = folder / "clean"
    subprocess.run([UV, "venv", "--quiet", "--python", sys.executable, environment], check=True)
    pip = [UV, "pip", "install", "--quiet", "--python", environment / "bin/python"]
    subprocess.run([*pip, "--require-hashes", "-r", ROOT / "requirements.lock"], check=True)
    subprocess.run([*pip, "--no-deps", wheel], check=True)
    return environment / "bin"


def test_the_wheel_serves_a_page_from_another_folder(installed, tmp_path):
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    ours = ("PYTHONPATH", "DATABASE_URL", "SURVEYAPP_DATA")
    environment = {key: value for key, value in os.environ.items() if key not in ours}
    subprocess.run([installed / "surveyapp", "init"], cwd=tmp_path, env=environment, check=True, capture_output=True)
    assert (tmp_path / "var/surveyapp.sqlite").exists()
    server = subprocess.Popen([installed / "surveyapp", "serve", "--port", str(port)], cwd=tmp_path, env=environment,
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        page = _fetch(f"http://127.0.0.1:{port}/", server)
        assert "<h1" in page
        stylesheet = page.split('rel="stylesheet" href="')[1].split('"')[0]
        assert "font" in _fetch(f"http://127.0.0.1:{port}{stylesheet}", server)
    finally:
        server.terminate()
        server.wait(20)


def _fetch(url: str, server: subprocess.Popen) -> str:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert server.poll() is None, server.stderr.read().decode()
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=10) as reply:
            return reply.read().decode()
        time.sleep(0.2)
    raise AssertionError(f"no answer from {url}")
