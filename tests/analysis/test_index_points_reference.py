"""Composite points, their errors and the covariance of units against R's survey: reference/make_index_reference.R."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from index_samples import FIVE, FOUR, framework, rule, source, survey

from analysis.index.points import score
from analysis.index.ratings import Ratings

REFERENCE = Path(__file__).parent / "reference"
EXPECTED = pd.read_csv(REFERENCE / "index_expected.csv").set_index("quantity")
QUESTIONS = {"qa": "citizen.a", "qb": "citizen.b", "qc": "official.c"}
FRAMEWORK = framework(
    survey("1.1", 3, rule(source("citizens", "0.6", "citizen", "a"), source("officials", "0.4", "official", "c"))),
    survey("1.2", 2, rule(source("citizens", 1, "citizen", "b"))))


@pytest.fixture(scope="module")
def scores():
    people = pd.read_csv(REFERENCE / "index_people.csv").astype({"respondent": np.int64, "weight_millionths": np.int64})
    rows = pd.read_csv(REFERENCE / "index_ratings.csv", dtype={"qa": str, "qb": str, "qc": str})
    table = rows[["respondent", "unit"]].astype({"respondent": np.int64})
    for name, column in QUESTIONS.items():
        table[column] = pd.Categorical(rows[name], categories=list(FOUR if name == "qc" else FIVE))
    return score(FRAMEWORK, Ratings(people, table), ["u1", "u2"])


@pytest.mark.parametrize(("quantity", "unit", "leaf"), [
    ("u1", "u1", None), ("u2", "u2", None), ("u1_leaf1", "u1", "1.1"), ("u1_leaf2", "u1", "1.2")])
def test_points_and_standard_errors(scores, quantity, unit, leaf):
    found = scores.leaf(unit, leaf) if leaf else scores.component(unit)
    assert isinstance(found.points, Fraction)
    assert float(found.points) == pytest.approx(EXPECTED.loc[quantity, "estimate"], rel=1e-12)
    assert found.standard_error == pytest.approx(EXPECTED.loc[quantity, "se"], rel=1e-10)


def test_the_difference_of_units_counts_those_who_rated_both(scores):
    contrast = np.array([1.0, -1.0])
    error = np.sqrt(contrast @ scores.covariance @ contrast)
    assert error == pytest.approx(EXPECTED.loc["difference", "se"], rel=1e-10)
    assert scores.covariance[0, 1] != 0


def test_degrees_of_freedom_and_design_effect(scores):
    for unit in ("u1", "u2"):
        assert scores.component(unit).df == EXPECTED.loc[f"df_{unit}", "estimate"]
    assert scores.leaf("u1", "1.2").design_effect == pytest.approx(EXPECTED.loc["deff_u1_leaf2", "estimate"], rel=1e-10)
