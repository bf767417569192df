"""A PostgreSQL server of our own, started from the system's binaries and thrown away."""

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

#: a database is some 300 files, and every test gets its own
IN_MEMORY, ENOUGH = "/dev/shm", 2_000_000_000


@contextlib.contextmanager
def postgresql(durable: bool = False) -> Iterator[str]:
    """URL prefix of the server; TEST_POSTGRESQL_URL names one that is there already. Tests need no durable one."""
    if url := os.environ.get("TEST_POSTGRESQL_URL"):
        yield url.rstrip("/")
        return
    binaries = max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    in_memory = not durable and os.access(IN_MEMORY, os.W_OK) and shutil.disk_usage(IN_MEMORY).free > ENOUGH
    folder = Path(tempfile.mkdtemp(prefix="surveyapp-postgresql-", dir=IN_MEMORY if in_memory else None))
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    become = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if become:
        shutil.chown(folder, "postgres")

    def run(*command: str) -> None:
        subprocess.run([*become, *command], check=True, cwd=folder, stdout=subprocess.DEVNULL)

    run(str(binaries / "initdb"), "-D", f"{folder}/data", "-U", "postgres", "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8")
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1"
    if not durable:
        options += " -c fsync=off -c full_page_writes=off -c max_wal_size=128MB"
    run(str(binaries / "pg_ctl"), "-D", f"{folder}/data", "-l", f"{folder}/log", "-o", options, "-w", "start")
    try:
        yield f"postgresql://postgres@127.0.0.1:{port}"
    finally:
        run(str(binaries / "pg_ctl"), "-D", f"{folder}/data", "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)
