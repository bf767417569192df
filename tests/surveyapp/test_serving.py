"""The server as it really runs: a parent, its processes for pages and its worker."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from surveyapp import serving

pytestmark = pytest.mark.xdist_group("serving")  # several servers at once would wait for each other

HOST = "127.0.0.1"
#: seconds; a busy machine needs many to start its processes, a page that is kept waiting for good never comes
LIMIT = 90


def free_port() -> int:
    with contextlib.closing(socket.socket()) as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


def page(port: int, timeout: float = LIMIT) -> tuple[int, str]:
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
    process.kill()
    process.wait()
    began = time.monotonic()
    while not serving.port_is_free(HOST, port):
        assert time.monotonic() - began < LIMIT, "its processes outlive it"
        time.sleep(0.1)


def test_idle_connections_keep_nobody_waiting(server):
    """Browsers open connections ahead and say nothing on them."""
    _process, port = server
    with contextlib.ExitStack() as idle:
        for _ in range(100):
            idle.enter_context(contextlib.closing(socket.create_connection((HOST, port))))
        for _ in range(6):
            status, text = page(port)
            assert status == 200
            assert "<h1" in text


def test_a_request_that_never_ends_keeps_nobody_waiting(server):
    _process, port = server
    with contextlib.ExitStack() as slow:
        for _ in range(20):
            client = slow.enter_context(contextlib.closing(socket.create_connection((HOST, port))))
            client.sendall(b"POST /tiep-tuc HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\ncode=")
        for _ in range(6):
            assert page(port)[0] == 200


def test_a_process_that_fell_over_is_started_again(server):
    process, port = server
    assert page(port)[0] == 200
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    before = children.read_text().split()
    assert len(before) == serving.WEB_PROCESSES + 1
    for child in before:
        os.kill(int(child), signal.SIGKILL)
    assert page(port)[0] == 200
    assert not set(before) & set(children.read_text().split())


def test_told_to_stop_it_ends_in_order_and_frees_the_port(server):
    process, port = server
    assert page(port)[0] == 200
    process.send_signal(signal.SIGTERM)
    assert process.wait(LIMIT) == 0
    assert serving.port_is_free(HOST, port)
