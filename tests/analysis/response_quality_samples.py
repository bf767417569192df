"""People with answers, and every flag on them, for the tests of response quality."""

from pathlib import Path

import pandas as pd

from analysis.response_quality import (
    average_run,
    even_odd_consistency,
    longest_run,
    mahalanobis_distance,
    near_clones,
    response_variability,
    straight_lining,
)

REFERENCE = Path(__file__).parent / "reference"
ITEMS = [f"q{j}" for j in range(1, 13)]
SCALES = {f"s{j}": ITEMS[3 * j : 3 * j + 3] for j in range(4)}
PEOPLE = pd.read_csv(REFERENCE / "response_quality_data.csv", index_col="respondent")
VALUES = pd.read_csv(REFERENCE / "response_quality_values.csv", index_col="respondent", skipinitialspace=True)
SOME = {"minimum_answers": 6, "missing": "exclude"}

FLAGS = {
    "straight": lambda frame: straight_lining(frame, ITEMS, share=0.8, **SOME),
    "variability": lambda frame: response_variability(frame, ITEMS, standard_deviation=0.3, **SOME),
    "longest_breaks": lambda frame: longest_run(frame, ITEMS, length=6, gap="breaks", **SOME),
    "longest_skipped": lambda frame: longest_run(frame, ITEMS, length=6, gap="skipped", **SOME),
    "average_breaks": lambda frame: average_run(frame, ITEMS, length=3, gap="breaks", **SOME),
    "average_skipped": lambda frame: average_run(frame, ITEMS, length=3, gap="skipped", **SOME),
    "even_odd": lambda frame: even_odd_consistency(frame, SCALES, consistency=-0.5, minimum_scales=3, missing="exclude"),
    "distance": lambda frame: mahalanobis_distance(frame, ITEMS, chance=0.01, minimum_answers=6, missing="exclude_rows"),
    "distance_gaps": lambda frame: mahalanobis_distance(frame, ITEMS, chance=0.01, shrinkage=0.1, **SOME),
    "nearest": lambda frame: near_clones(frame, ITEMS, share=0.9, minimum_shared=6, within="site", maximum_chance=0.9,
                                         minimum_elsewhere=20, missing="exclude"),
}


def frame_of(*rows, **columns) -> pd.DataFrame:
    data = pd.DataFrame(list(rows), columns=[f"q{j + 1}" for j in range(len(rows[0]))])
    return data.assign(**columns)
