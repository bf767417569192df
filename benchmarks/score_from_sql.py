"""From sealed answers in a database to every score, on both databases, in bounded memory: seconds cold (nothing frozen), with
one day's new answers, and warm (all of them frozen before).

    python -m benchmarks.score_from_sql 20000 200000 [1000000] [--databases sqlite,postgresql] [--memory 650]

200 units, 3 respondent groups, 8 PSUs in each unit and group, 40 items on a scale of five and one several-choice question, on
forms that rate one unit; 40 survey criteria that weigh the three groups. Filling and each run are processes of their own, so
that peak memory is that of scoring and a run has nothing of the run before in memory. The system refuses a run more than
`--memory` MB of data (RLIMIT_DATA), whatever the number of responses: a run that needs more fails.
"""

import argparse
import hashlib
import json
import multiprocessing
import os
import resource
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import date
from itertools import chain
from pathlib import Path

import numpy as np
import psycopg
from sqlalchemy import select, text

from surveyapp import create_app
from surveyapp.extensions import db, make_engine
from surveyapp.migrations import upgrade
from surveyapp.models import Campaign, QuestionnaireVersion
from surveyapp.queries import frozen, ratings
from surveyapp.services import (
    campaigns,
    frameworks,
    freeze,
    layers,
    questionnaires,
    run_certainty,
    run_quality,
    run_rows,
    score,
    units,
)
from tests import servers

GROUPS = ("citizens", "businesses", "officials")
UNITS, PSUS, ITEMS, REASONS = 200, 8, 40, 6
CODE = "BENCH-2024"
AT_A_TIME = 5_000
#: new answers of the day after
DAY = 1_000
#: allocators and threads that set memory aside without using it would be refused it as if they used it
FRUGAL = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "ARROW_IO_THREADS": "1", "ARROW_DEFAULT_MEMORY_POOL": "system",
          "MALLOC_ARENA_MAX": "1"}
#: what is timed inside a run: label -> where it is
STEPS: dict[str, tuple[object, str]] = {
    "ids in SQL": (ratings, "ids"), "check files": (layers.Layer, "is_whole"), "read SQL, write files": (layers, "build"),
    "join small layers": (layers, "merged"), "ids in files": (freeze, "_ids"), "name the set": (freeze, "_name_of_set"),
    "sum parts": (frozen.Frozen, "sums"),
    "points and errors": (score.points, "score"), "signs of forms": (run_quality, "of_run"),
    "without flagged forms": (run_quality, "without_flagged"), "who rated": (run_rows, "raters"),
    "satisfaction": (run_rows, "satisfaction_of_sums"), "answer counts": (run_rows, "answer_counts"),
    "ranks": (run_certainty, "of_group"), "hash of the result": (score, "_hash_of_rows"),
}


def questionnaire() -> str:
    words = "{vi: x}"
    items = "".join(f"      - {{type: select_one level, name: q{i:02}, label: {words}{', factor: staff' if i < 5 else ''}}}\n"
                    for i in range(ITEMS))
    levels = "".join(f'    - {{name: "{level}", label: {words}}}\n' for level in (1, 2, 3, 4, 5))
    reasons = "".join(f"    - {{name: r{reason}, label: {words}}}\n" for reason in range(REASONS))
    return (f"form_id: bench\nversion: '1'\ntitle: {words}\nrespondent_groups: [{', '.join(GROUPS)}]\nrates: one_unit\n"
            f"consent: {{purpose: {words}, data: {words}, controller: {words}, rights: {words}, contact: {words}}}\n"
            f"choices:\n  level:\n{levels}    - {{name: dont_know, label: {words}, missing: dont_know}}\n  reason:\n{reasons}"
            f"pages:\n  - name: one\n    label: {words}\n    questions:\n{items}"
            f"      - {{type: select_multiple reason, name: reasons, label: {words}}}\n")


def framework() -> str:
    leaves = "".join(
        f"      - code: '1.{i + 1}'\n        name: x\n        kind: survey\n        max_points: 2.5\n        rule:\n"
        "          sources:\n" + "".join(
            f"            - {{group: {group}, share: {share}, questionnaire: bench, question: q{i:02}, coefficients: five}}\n"
            for group, share in zip(GROUPS, (0.5, 0.3, 0.2), strict=True)) for i in range(ITEMS))
    return ("unit_group: bench\nyear: 2024\nname: x\nrounding: {places: 2, mode: half_even}\n"
            "bands:\n  - {name: A, at_least: 50}\n  - {name: B, at_least: 0}\n"
            f"declared: {{areas: 1, criteria: {ITEMS}, appraised_points: 0, survey_points: 100}}\n"
            "coefficients:\n  five: {'5': 1, '4': 0.75, '3': 0.5, '2': 0.25, '1': 0}\n"
            "defaults: {dont_know: exclude, minimum_n: 1, below_minimum: spread}\n"
            f"areas:\n  - code: '1'\n    name: x\n    criteria:\n{leaves}")


def prepare() -> tuple[int, int]:
    """Campaign and questionnaire of the benchmark, opened; their ids."""
    day = date(2024, 6, 1)
    units.import_unit_groups(b"code,name\nbench,x\n", "groups.csv")
    lines = "".join(f"u{i:03},Unit {i},bench,,2020-01-01,,\n" for i in range(UNITS))
    units.import_units(f"code,name,unit_group,parent,valid_from,valid_to,successors\n{lines}".encode(), "units.csv")
    questionnaires.import_questionnaire(questionnaire().encode(), "bench.yaml")
    frameworks.import_framework(framework().encode(), "framework.yaml")
    scopes = ", ".join(f"{group}: [bench]" for group in GROUPS)
    campaigns.import_campaign(
        f"code: {CODE}\nname: x\nyear: 2024\nopens_on: {day}\ncloses_on: {day}\nquestionnaires: {{bench: '1'}}\n"
        f"frameworks: [bench]\nrates: {{{scopes}}}\n".encode(), "campaign.yaml")
    campaigns.open_campaign(CODE, day)
    return db.session.scalar(select(Campaign.id)), db.session.scalar(select(QuestionnaireVersion.id))


def rows(n: int, campaign: int, version: int, seed: int) -> Iterator[dict]:
    random = np.random.default_rng(seed)
    names = [f"q{i:02}" for i in range(ITEMS)]
    codes = ["5", "4", "3", "2", "1", "dont_know", None]
    for first in range(0, n, AT_A_TIME):
        size = min(AT_A_TIME, n - first)
        unit, psu, group = (random.integers(0, most, size) for most in (UNITS, PSUS, len(GROUPS)))
        lean = (unit % 7 + psu % 3) / 20
        level = np.clip(random.normal(1.2 + lean[:, None], 1.1, (size, ITEMS)).round(), 0, 4).astype(int)
        other = random.random((size, ITEMS))
        level = np.where(other < 0.03, 5, np.where(other < 0.05, 6, level))
        weight = random.integers(300_000, 3_000_000, size)
        for i in range(size):
            answers = {name: codes[code] for name, code in zip(names, level[i], strict=True) if code != 6}
            answers["reasons"] = [f"r{level[i, 0] % REASONS}", "r5"] if level[i, 0] % REASONS != 5 else ["r5"]
            id_ = uuid.uuid4().hex
            yield {"id": id_, "campaign_id": campaign, "questionnaire_version_id": version,
                   "respondent_group": GROUPS[group[i]],
                   "unit_code": f"u{unit[i]:03}", "stratum": f"u{unit[i]:03}", "psu": f"p{psu[i]}", "weight": int(weight[i]),
                   "mode": "import", "language": "vi", "state": "sealed", "answers": json.dumps(answers), "pages_stored": "[]",
                   "receipt_hash": hashlib.sha256(id_.encode()).hexdigest(), "sealed_on": date(2024, 6, 1)}


def fill(url: str, folder: Path, n: int) -> dict:
    """A database of `n` sealed responses; how long it took, and how large it is in MB."""
    engine = make_engine(url)
    upgrade(engine)
    engine.dispose()
    with create_app(DATABASE_URL=url, DATA_FOLDER=folder, SECRET_KEY="x").app_context():
        campaign, version = prepare()
        db.session.commit()
        started = time.perf_counter()
        insert(rows(n, campaign, version, 1))
        seconds, size = time.perf_counter() - started, "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"
        if db.engine.dialect.name == "postgresql":  # as the server does by itself a minute later
            with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(text("VACUUM ANALYZE responses"))
            size = "SELECT pg_database_size(current_database())"
        return {"seconds": seconds, "size": db.session.scalar(text(size)) / 1e6}


def day_after(url: str, folder: Path, n: int) -> None:
    """`n` responses more."""
    with create_app(DATABASE_URL=url, DATA_FOLDER=folder, SECRET_KEY="x").app_context():
        insert(rows(n, db.session.scalar(select(Campaign.id)), db.session.scalar(select(QuestionnaireVersion.id)), 2))


def insert(made: Iterator[dict]) -> None:
    first = next(made)
    columns, connection = ", ".join(first), db.writing().connection()
    if db.engine.dialect.name == "postgresql":
        with connection.connection.cursor().copy(f"COPY responses ({columns}) FROM STDIN") as copy:
            for row in chain([first], made):
                copy.write_row(list(row.values()))
    else:
        connection.connection.driver_connection.executemany(
            f"INSERT INTO responses ({columns}) VALUES ({', '.join('?' * len(first))})",
            ([*list(row.values())[:-1], "2024-06-01"] for row in chain([first], made)))
    db.session.commit()


def run(url: str, folder: Path, memory: int) -> dict:
    """One score run in `memory` MB: seconds in all (by the clock, and of this process alone) and by step, peak memory in MB."""
    resource.setrlimit(resource.RLIMIT_DATA, (memory * 2**20, memory * 2**20))
    spent: dict[str, float] = {}
    for label, (place, name) in STEPS.items():
        setattr(place, name, _timed(getattr(place, name), label, spent))
    with create_app(DATABASE_URL=url, DATA_FOLDER=folder, SECRET_KEY="x").app_context():
        started, busy = time.perf_counter(), time.process_time()
        made = score.score_campaign(CODE)
        return {"seconds": time.perf_counter() - started, "busy": time.process_time() - busy, "steps": spent,
                "result": made.result_sha256, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def _timed(function: Callable, label: str, spent: dict[str, float]) -> Callable:
    def timed(*arguments, **named):
        started = time.perf_counter()
        try:
            return function(*arguments, **named)
        finally:
            spent[label] = spent.get(label, 0.0) + time.perf_counter() - started

    return timed


def apart(function: Callable, *arguments) -> dict:
    """The function in a new process."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(function, arguments)


def measure(kind: str, server: str, folder: Path, n: int, memory: int) -> dict[str, dict]:
    """The runs on one database by name; printed as they are made."""
    folder.mkdir()
    url = f"sqlite:///{folder}/bench.sqlite"
    if kind == "postgresql":
        url = f"{server}/bench_{n}"
        with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE bench_{n} TEMPLATE template0")
    filled = apart(fill, url, folder, n)
    print(f"{kind} {n:,} responses: filled in {filled['seconds']:.1f} s, {filled['size']:.0f} MB")
    runs = {}
    for label in ("cold", "one day", "warm"):
        if label == "one day":
            apart(day_after, url, folder, DAY)
        one = runs[label] = apart(run, url, folder, memory)
        rest = one["seconds"] - sum(one["steps"].values())
        steps = ", ".join(f"{name} {seconds:.2f}" for name, seconds in {**one["steps"], "rest (rows, writing)": rest}.items()
                          if seconds > 0.005)
        print(f"  {label:7} {one['seconds']:6.2f} s (own processor {one['busy']:6.2f} s), peak {one['peak']:4.0f} of "
              f"{memory} MB: {steps}")
        sys.stdout.flush()
    size = sum(file.stat().st_size for file in (folder / "frozen").rglob("*")) / 1e6
    print(f"  frozen files {size:.0f} MB")
    assert runs["one day"]["result"] == runs["warm"]["result"] != runs["cold"]["result"]
    return runs


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sizes", nargs="*", type=int, default=[20_000, 200_000])
    parser.add_argument("--databases", default="sqlite,postgresql")
    parser.add_argument("--memory", type=int, default=650, help="MB of data that a run may have")
    chosen = parser.parse_args()
    os.environ.update(FRUGAL)  # for the processes that are started from here
    with servers.postgresql() as server, tempfile.TemporaryDirectory() as folder:
        for n in chosen.sizes:
            of_kind = [measure(kind, server, Path(folder) / f"{kind}-{n}", n, chosen.memory)
                       for kind in chosen.databases.split(",")]
            same = all(runs[label]["result"] == of_kind[0][label]["result"] for runs in of_kind for label in runs)
            print(f"  same scores to the last byte on {chosen.databases}: {same}")
    day, cold = (of_kind[-1][label]["busy"] for label in ("one day", "cold"))
    print(f"bench-score-sql: {day:.1f} s of processor with {DAY:,} new answers among {n:,} (reference: {cold:.1f} s cold)")


if __name__ == "__main__":
    main()
