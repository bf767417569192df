"""The server: gunicorn for pages and one worker for long work, started together, ended together."""

import contextlib
import signal
import socket
import subprocess
import sys
import time

from surveyapp.jobs import worker_command

WEB_WORKERS = 2
WEB_THREADS = 4
#: a worker that fell over is started again, but not in a tight loop
PAUSE = 2.0


def port_is_free(host: str, port: int) -> bool:
    with contextlib.closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def web_command(host: str, port: int) -> list[str]:
    """Threads, because gthread gives a connection one only when it has sent something: browsers open idle ones ahead."""
    return [
        sys.executable, "-m", "gunicorn", "--bind", f"{host}:{port}",
        "--worker-class", "gthread", "--workers", str(WEB_WORKERS), "--threads", str(WEB_THREADS),
        "--timeout", "60", "--preload", "--no-control-socket", "--log-level", "warning", "surveyapp:create_app()"]


def serve(host: str, port: int) -> int:
    """Until told to stop; the exit code is gunicorn's."""
    stopping = False

    def stop(_signal, _frame) -> None:
        nonlocal stopping
        stopping = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    # their own groups: Ctrl-C reaches this process only, which then ends both in order
    web = subprocess.Popen(web_command(host, port), start_new_session=True)
    worker = subprocess.Popen(worker_command(), start_new_session=True)
    worker_began = time.monotonic()
    try:
        while not stopping and web.poll() is None:
            if worker.poll() is not None and time.monotonic() - worker_began > PAUSE:
                worker, worker_began = subprocess.Popen(worker_command(), start_new_session=True), time.monotonic()
            time.sleep(0.2)
    finally:
        for process in (web, worker):
            _end(process)
    return 0 if stopping else web.returncode or 0


def _end(process: subprocess.Popen) -> None:
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
