"""Processor time of the server for one complete response: 30 questions on 5 pages, each page stored before the reply.

    python -m benchmarks.form [--responses 200] [--clients 1,8,32] [--databases sqlite,postgresql]

The server is `surveyapp serve` with all its processes; respondents are other processes that speak HTTP (respondent.py): from
the link of a counter's QR code through consent, five pages and the review to the receipt. Processor time is what /proc says of
the server's processes and, apart, of PostgreSQL's: it depends less than seconds by the clock on what else the machine does.

Afterwards every sealed response is compared, cell by cell, with what its respondent sent; then the processes are killed while
forms are half filled in, and every page that was acknowledged must be there. Any difference: exit code 1.
"""

import argparse
import contextlib
import hashlib
import hmac
import json
import multiprocessing
import os
import re
import signal
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urljoin

import psycopg

from benchmarks import respondent
from benchmarks.respondent import ON_A_PAGE, PAGES, REASONS, UNITS, Visit
from surveyapp import create_app
from surveyapp.command_line import today
from surveyapp.extensions import make_engine
from surveyapp.migrations import upgrade
from surveyapp.services import campaigns, frameworks, questionnaires, units
from surveyapp.services.collect import plain_code
from surveyapp.services.receipts import receipt_hash
from tests import servers

SECRET = "benchmark"
#: a tuned LimeSurvey 6.4, the same questions, the same kind of machine: seconds of processor for a response
REFERENCE = 0.21
#: bytes that may come through the wire, compressed: the first page with all that it needs, and the whole way
FIRST_PAGE, WHOLE_WAY = 60_000, 150_000
CLIENT_PROCESSES = 4
LEFT_AFTER, LEFT = 3, 24
WARM_UP = 16
TICK = os.sysconf("SC_CLK_TCK")


# -- what is asked -------------------------------------------------------------------------------------------------


def questionnaire() -> str:
    def one(number: int) -> str:
        kind = respondent.type_of(number)
        name = f"q{number:02}"
        more = ", constraint: '. >= 1 and . <= 50', hint: Ghi một số từ 1 đến 50." if kind == "integer" else ""
        if name == respondent.FOLLOWS:
            more = f", relevant: \"${{{respondent.FOLLOWED}}} != 'dont_know'\""
        if kind != "text":
            more += ", required: yes"
        return (f"      - {{type: {kind}, name: {name}, "
                f"label: Nội dung thứ {number + 1} của việc phục vụ tại cơ quan mà Ông/Bà đã đến{more}}}\n")

    words = ("Rất không hài lòng", "Không hài lòng", "Bình thường", "Hài lòng", "Rất hài lòng")
    levels = "".join(f'    - {{name: "{name}", label: {word}}}\n' for name, word in zip("12345", words, strict=True))
    reasons = "".join(f"    - {{name: r{reason}, label: Điều cần cải thiện thứ {reason + 1}}}\n" for reason in range(REASONS))
    pages = "".join(
        f"  - name: p{page}\n    label: Phần {page + 1}\n    hint: Xin chọn mức phù hợp nhất với Ông/Bà.\n    questions:\n"
        + "".join(one(number) for number in range(page * ON_A_PAGE, (page + 1) * ON_A_PAGE)) for page in range(PAGES))
    told = "Ý kiến của Ông/Bà giúp cải thiện việc phục vụ của các cơ quan trong tỉnh; phiếu không ghi họ tên."
    return (f"form_id: bench\nversion: '1'\ntitle: Phiếu khảo sát\nrespondent_groups: [citizens]\nrates: one_unit\n"
            f"consent: {{purpose: {told}, data: {told}, controller: {told}, rights: {told}, contact: {told}}}\n"
            f"choices:\n  level:\n{levels}    - {{name: dont_know, label: Không biết, missing: dont_know}}\n"
            f"  reason:\n{reasons}pages:\n{pages}")


FRAMEWORK = """
unit_group: bench
year: 2024
name: x
rounding: {places: 2, mode: half_even}
bands: [{name: A, at_least: 50}, {name: B, at_least: 0}]
declared: {areas: 1, criteria: 1, appraised_points: 0, survey_points: 100}
coefficients: {five: {'5': 1, '4': 0.75, '3': 0.5, '2': 0.25, '1': 0}}
defaults: {dont_know: exclude, minimum_n: 1, below_minimum: spread}
areas:
  - code: '1'
    name: x
    criteria:
      - {code: '1.1', name: x, kind: survey, max_points: 100,
         rule: {sources: [{group: citizens, share: 1, questionnaire: bench, question: q00, coefficients: five}]}}
"""


def prepare(url: str, folder: Path) -> None:
    engine = make_engine(url)
    upgrade(engine)
    engine.dispose()
    with create_app(DATABASE_URL=url, DATA_FOLDER=folder, SECRET_KEY=SECRET).app_context():
        units.import_unit_groups("code,name\nbench,Sở và cơ quan\n".encode(), "groups.csv")
        lines = "".join(f"u{i:02},Cơ quan số {i},bench,,2020-01-01,,\n" for i in range(UNITS))
        units.import_units(f"code,name,unit_group,parent,valid_from,valid_to,successors\n{lines}".encode(), "units.csv")
        questionnaires.import_questionnaire(questionnaire().encode(), "bench.yaml")
        frameworks.import_framework(FRAMEWORK.encode(), "framework.yaml")
        first, last = today() - timedelta(1), today() + timedelta(2)
        campaigns.import_campaign(
            f"code: BENCH\nname: Đợt đo\nyear: 2024\nopens_on: {first}\ncloses_on: {last}\nquestionnaires: {{bench: '1'}}\n"
            f"frameworks: [bench]\nrates: {{citizens: [bench]}}\n".encode(), "campaign.yaml")
        campaigns.open_campaign("BENCH", today())


# -- the server and its processor time -----------------------------------------------------------------------------


@contextlib.contextmanager
def served(url: str, folder: Path) -> Iterator[tuple[int, int]]:
    """(process id, port) of `surveyapp serve`."""
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "DATABASE_URL": url, "SURVEYAPP_DATA": str(folder), "SECRET_KEY": SECRET}
    server = subprocess.Popen([sys.executable, "-m", "surveyapp.commands", "serve", "--port", str(port)],
                              env=environment, stdout=subprocess.DEVNULL)
    try:
        for _ in range(300):
            with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=60):
                break
            time.sleep(0.2)
        yield server.pid, port
    finally:
        server.terminate()
        server.wait(60)


def tree(process: int) -> list[int]:
    """A process and those under it."""
    found = [process]
    for each in found:
        with contextlib.suppress(OSError):
            found += map(int, Path(f"/proc/{each}/task/{each}/children").read_text().split())
    return found


def processor(process: int | None) -> float:
    """Seconds of processor that a process and those under it have used, with those that have ended."""
    ticks = 0
    for each in tree(process) if process else ():
        with contextlib.suppress(OSError):
            ticks += sum(map(int, Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()[11:15]))
    return ticks / TICK


# -- what is stored ------------------------------------------------------------------------------------------------


def stored(url: str) -> list[dict]:
    """Every response, read past our own code."""
    query = "SELECT state, unit_code, answers, pages_stored, receipt_hash, access_hash FROM responses"
    names = ("state", "unit", "answers", "pages", "receipt", "access")
    if url.startswith("sqlite"):
        with contextlib.closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
            return [dict(zip(names, (state, unit, json.loads(answers), json.loads(pages), *rest), strict=True))
                    for state, unit, answers, pages, *rest in connection.execute(query)]
    with psycopg.connect(url) as connection:
        return [dict(zip(names, row, strict=True)) for row in connection.execute(query)]


def differences(told: list[Visit], rows: list[dict]) -> list[str]:
    """What a respondent was told to be stored, and is not stored so."""
    by_hash = {row["receipt"] or row["access"]: row for row in rows}
    found = [visit.fault for visit in told if visit.fault]
    for visit in (visit for visit in told if not visit.fault):
        mine = respondent.answers(visit.number)
        key = receipt_hash(visit.receipt)
        if visit.code:
            mine = {name: value for name, value in mine.items() if int(name[1:]) < LEFT_AFTER * ON_A_PAGE}
            key = hmac.new(SECRET.encode(), b"draft:" + plain_code(visit.code).encode(), hashlib.sha256).hexdigest()
        row = by_hash.pop(key, None)
        if row is None or row["state"] != ("draft" if visit.code else "sealed"):
            found.append(f"respondent {visit.number}: lost")
            continue
        if row["unit"] != f"u{visit.number % UNITS:02}":
            found.append(f"respondent {visit.number}: unit {row['unit']}")
        found += [f"respondent {visit.number}, {name}: sent {mine.get(name)!r}, stored {row['answers'].get(name)!r}"
                  for name in {**mine, **row["answers"]} if mine.get(name) != row["answers"].get(name)]
    return found + [f"a response that nobody sent: {row}" for row in by_hash.values()]


# -- measuring -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cell:
    """Per response: seconds of processor of the server and of the database."""

    server: float
    database: float
    seconds: float
    pages: list[float]

    @property
    def all(self) -> float:
        return self.server + self.database

    def __str__(self) -> str:
        cuts = statistics.quantiles(self.pages, n=100)
        p50, p95, p99 = (1000 * cuts[at - 1] for at in (50, 95, 99))
        return (f"{self.all:.4f} s of processor per response (server {self.server:.4f}, database {self.database:.4f}); "
                f"by the clock {1 / self.seconds:.1f} responses/s, page p50 {p50:.0f} p95 {p95:.0f} p99 {p99:.0f} ms")


def answer(port: int, numbers: range, clients: int, pages: int = PAGES) -> tuple[float, list[Visit]]:
    """Respondents in processes of their own; (seconds by the clock, what each was told)."""
    processes = min(clients, CLIENT_PROCESSES)
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        parts = pool.starmap(respondent.visits, [
            (port, list(numbers[part::processes]), clients // processes, pages) for part in range(processes)])
    return max(part[1] for part in parts) - min(part[0] for part in parts), [each for part in parts for each in part[2]]


def weigh(port: int, number: int, faults: list[str]) -> tuple[int, int, Visit]:
    """Compressed bytes of the first page with what it needs, and of the whole way of somebody who was never here."""
    browser = respondent.Browser(port)
    page = browser.go(respondent.link(number))
    needed = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)
    for path in needed:
        reply = browser.fetch(path)
        if ".css" in path:
            # faces for Khmer are fetched by pages in Khmer
            needed += [urljoin(path, each) for each in re.findall(r'url\("([^"]+)"\)', reply.text) if "Khmer" not in each]
        if "immutable" not in reply.headers.get("cache-control", ""):
            faults.append(f"{path} is not kept by the browser for good")
    browser.close()
    first = sum(len(reply.raw) for _path, reply in browser.seen)
    told, rest = respondent.visit(port, number)
    way = first + sum(len(reply.raw) for path, reply in rest.seen[2:])
    return first, way, told


def measure(kind: str, url: str, folder: Path, postmaster: int | None, clients: list[int], responses: int,
            faults: list[str]) -> list[Cell]:
    cells, told, next_number = [], [], 0
    with served(url, folder) as (server, port):
        print(f"{kind} (load of the machine before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors):")
        first, way, visit = weigh(port, next_number, faults)
        told.append(visit)
        print(f"  compressed: first page cold {first / 1000:.1f} kB (limit {FIRST_PAGE / 1000:.0f}), "
              f"whole way {way / 1000:.1f} kB (limit {WHOLE_WAY / 1000:.0f})")
        if first > FIRST_PAGE or way > WHOLE_WAY:
            faults.append(f"{kind}: too heavy")
        told += answer(port, range(1, WARM_UP), 4)[1]
        next_number = WARM_UP
        for at_once in clients:
            before = processor(server), processor(postmaster)
            seconds, here = answer(port, range(next_number, next_number + responses), at_once)
            used = processor(server) - before[0], processor(postmaster) - before[1]
            next_number += responses
            told += here
            cells.append(Cell(used[0] / responses, used[1] / responses, seconds / responses,
                              [each for visit in here for each in visit.seconds]))
            print(f"  {at_once:2} at once: {cells[-1]}")
            sys.stdout.flush()
        told += answer(port, range(next_number, next_number + LEFT), 8, LEFT_AFTER)[1]
        for process in tree(server):
            os.kill(process, signal.SIGKILL)
    found = differences(told, stored(url))
    print(f"  {len(told) - LEFT:,} sealed responses and {LEFT} forms left half-way in a killed server compared, cell by cell: "
          f"{len(found)} differences")
    faults += [f"{kind}: {each}" for each in found]
    return cells


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--responses", type=int, default=200, help="in each cell")
    parser.add_argument("--clients", default="1,8,32")
    parser.add_argument("--databases", default="sqlite,postgresql")
    chosen = parser.parse_args()
    clients = [int(each) for each in chosen.clients.split(",")]
    cells, faults = [], []
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as until_the_end:
        for kind in chosen.databases.split(","):
            place = Path(folder) / kind
            place.mkdir()
            url, postmaster = f"sqlite:///{place}/surveyapp.sqlite", None
            if kind == "postgresql":
                prefix = until_the_end.enter_context(servers.postgresql(durable=True))
                with psycopg.connect(f"{prefix}/postgres", autocommit=True) as connection:
                    connection.execute("CREATE DATABASE bench_form TEMPLATE template0")
                    data = connection.execute("SHOW data_directory").fetchone()[0]
                url, postmaster = f"{prefix}/bench_form", int((Path(data) / "postmaster.pid").read_text().split()[0])
            prepare(url, place)
            cells += measure(kind, url, place, postmaster, clients, chosen.responses, faults)
    for each in faults[:20]:
        print(each, file=sys.stderr)
    worst = max(each.all for each in cells)
    print(f"bench-form: {worst:.3f} s of processor per complete response in the worst cell "
          f"(reference: {REFERENCE} s, LimeSurvey 6.4 tuned)")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
