"""The server as it really runs: gunicorn with its workers, in processes of their own."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import pytest

from surveyapp import serving

HOST = "127.0.0.1"
LIMIT = 30


def free_port() -> int:
    with contextlib.closing(socket.socket()) as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


def page(port: int, timeout: float = 5) -> tuple[int, str]:
    with urllib.request.urlopen(f"http://{HOST}:{port}/", timeout=timeout) as answer:
        return answer.status, answer.read().decode()


@pytest.fixture
def server(sqlite_template, tmp_path):
    shutil.copy(sqlite_template, tmp_path / "surveyapp.sqlite")
    port = free_port()
    program = f"import sys; from surveyapp.serving import serve; sys.exit(serve({HOST!r}, {port}))"
    process = subprocess.Popen([sys.executable, "-c", program],
                               env={**os.environ, "SURVEYAPP_DATA": str(tmp_path), "DATABASE_URL": ""})
    began = time.monotonic()
    while serving.port_is_free(HOST, port):
        assert process.poll() is None
        assert time.monotonic() - began < LIMIT, "no server"
        time.sleep(0.1)
    yield process, port
    process.kill() if process.poll() is None else None


def test_idle_connections_keep_nobody_waiting(server):
    """Browsers open connections ahead and say nothing on them."""
    _process, port = server
    with contextlib.ExitStack() as idle:
        for _ in range(4 * serving.WEB_WORKERS * serving.WEB_THREADS):
            idle.enter_context(contextlib.closing(socket.create_connection((HOST, port))))
        for _ in range(6):
            status, text = page(port)
            assert status == 200
            assert "<h1" in text


def test_told_to_stop_it_ends_in_order_and_frees_the_port(server):
    process, port = server
    assert page(port)[0] == 200
    process.send_signal(signal.SIGTERM)
    assert process.wait(LIMIT) == 0
    assert serving.port_is_free(HOST, port)
