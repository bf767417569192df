"""R beside us: one R process for the run answers what its `survey` and `psych` packages say about the same random data."""

import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, settings

HERE = Path(__file__).parent

#: Cases per test; `make referee` raises it, `make test` runs this smaller round.
CASES = int(os.environ.get("REFEREE_CASES", "10"))
settings.register_profile("referee", max_examples=CASES, deadline=None, derandomize=True, database=None,
                          suppress_health_check=list(HealthCheck))
referee = settings.get_profile("referee")


class RError(Exception):
    """R refused: what it said."""


class R:
    """Functions of the *.R files in this folder, called with plain Python values, arrays and frames (as lists of columns)."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(["Rscript", "--vanilla", str(HERE / "session.R"), str(HERE)], text=True,
                                         stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def __call__(self, function: str, **arguments):
        request = {"do": function, "with": {name: _plain(value) for name, value in arguments.items()}}
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the R process has ended")
        answer = json.loads(line)
        if "error" in answer:
            raise RError(answer["error"])
        return answer["ok"]

    def close(self) -> None:
        self._process.stdin.close()
        self._process.wait(timeout=30)


def _plain(value):
    if isinstance(value, pd.DataFrame):
        return {name: _plain(value[name].to_numpy()) for name in value}
    if isinstance(value, np.ndarray):
        return [_plain(one) for one in value.tolist()]
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    return None if isinstance(value, float) and not np.isfinite(value) else value


@pytest.fixture(scope="session")
def r():
    process = R()
    yield process
    process.close()


class Differences:
    """The largest relative difference seen, by topic; printed at the end of the run."""

    largest: dict[str, tuple[float, int]] = {}

    def agree(self, topic: str, ours, theirs, tolerance: float, scale: float | None = None) -> None:
        """Fails unless |ours - theirs| <= tolerance * max(|theirs|, scale); both NaN (None from R) agree.

        scale: the size below which a figure counts as rounding noise, by default 1e-6 of the largest of `theirs`.
        """
        ours = np.asarray(ours, dtype=float).ravel()
        theirs = np.array([np.nan if one is None else one for one in np.ravel(np.asarray(theirs, dtype=object))], dtype=float)
        assert ours.shape == theirs.shape, f"{topic}: {ours.shape} figures here, {theirs.shape} in R"
        assert (np.isnan(ours) == np.isnan(theirs)).all(), f"{topic}: {ours} here, {theirs} in R"
        known = ~np.isnan(theirs)
        if not known.any():
            return
        floor = 1e-6 * np.abs(theirs[known]).max() if scale is None else scale
        size = np.maximum(np.abs(theirs[known]), max(floor, 1e-300))
        worst = float(np.max(np.abs(ours[known] - theirs[known]) / size))
        before, count = self.largest.get(topic, (0.0, 0))
        self.largest[topic] = (max(before, worst), count + 1)
        assert worst <= tolerance, f"{topic}: relative difference {worst:.3g}\nours   {ours}\ntheirs {theirs}"


@pytest.fixture(scope="session")
def differences():
    return Differences()


def pytest_sessionfinish(session):
    """A worker of a parallel run hands its findings on."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["referee"] = Differences.largest


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node):
    for topic, (worst, count) in getattr(node, "workeroutput", {}).get("referee", {}).items():
        before, counted = Differences.largest.get(topic, (0.0, 0))
        Differences.largest[topic] = (max(before, worst), counted + count)


def pytest_terminal_summary(terminalreporter):
    if Differences.largest:
        terminalreporter.section("referee: largest relative difference from R")
        for topic, (worst, count) in sorted(Differences.largest.items()):
            terminalreporter.write_line(f"{topic:<48} {worst:.1e}  in {count} comparisons")
