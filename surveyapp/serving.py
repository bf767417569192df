"""The server: processes for pages and one for long work, started together, kept running, ended together."""

import contextlib
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time

import waitress

from surveyapp import create_app
from surveyapp.jobs import worker_command

WEB_PROCESSES = 2
#: requests at work at once in a process; waitress reads and writes the connections beside them, whatever these wait for
WEB_THREADS = 1
CONNECTIONS = 2_000
BACKLOG = 1_024
#: a process that fell over is started again, but not in a tight loop
PAUSE = 2.0


def port_is_free(host: str, port: int) -> bool:
    with contextlib.closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def serve(host: str, port: int) -> int:
    """Until told to stop (exit code 0): the processes share one listening socket, each is started again when it ends."""
    stopping = False

    def stop(_signal, _frame) -> None:
        nonlocal stopping
        stopping = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    with socket.create_server((host, port), backlog=BACKLOG) as listening:
        commands = [_web_command(listening)] * WEB_PROCESSES + [worker_command()]
        kept = [_Kept(command, listening) for command in commands]
        try:
            while not stopping:
                for each in kept:
                    each.look_after()
                time.sleep(0.2)
        finally:
            for each in kept:
                each.process.terminate()
            for each in kept:
                each.end()
    return 0


def serve_pages(listening_descriptor: int) -> None:
    """One of the processes for pages. A connection costs no thread until its request has arrived whole."""
    signal.signal(signal.SIGTERM, lambda _signal, _frame: sys.exit(0))
    end_with_parent()
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # a request that waits for the one before it is no news
    with socket.socket(fileno=listening_descriptor) as listening:
        app = create_app()
        waitress.serve(
            app, sockets=[listening], threads=WEB_THREADS, connection_limit=CONNECTIONS, backlog=BACKLOG, ident=None,
            asyncore_use_poll=True, max_request_body_size=2 * app.config["MAX_CONTENT_LENGTH"], _quiet=True)


def end_with_parent() -> None:
    """End in order once the process at the other end of standard input is gone, however it went."""

    def watch() -> None:
        while os.read(0, 1):  # not sys.stdin: its lock would be held when the interpreter ends
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()


def _web_command(listening: socket.socket) -> list[str]:
    return [sys.executable, "-m", "surveyapp.commands", "web", "--socket", str(listening.fileno())]


class _Kept:
    """A process that is kept running. It has a group of its own: Ctrl-C reaches `serve` only, which ends all in order."""

    def __init__(self, command: list[str], listening: socket.socket) -> None:
        self._command, self._listening = command, listening
        self._start()

    def _start(self) -> None:
        self.process = subprocess.Popen(
            self._command, stdin=subprocess.PIPE, start_new_session=True, pass_fds=[self._listening.fileno()])
        self._began = time.monotonic()

    def look_after(self) -> None:
        if self.process.poll() is not None and time.monotonic() - self._began > PAUSE:
            self._start()

    def end(self) -> None:
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
