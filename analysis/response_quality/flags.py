"""What every flag looks like: a value for each respondent, the declared threshold, who is beyond it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from analysis.variance import DesignError


@dataclass(frozen=True, eq=False)
class Flag:
    """One sign of a doubtful questionnaire; a sign asks for a look and proves nothing. Arrays (n,) in the frame's order.

    value: NaN where it cannot be known (too few answers, no time recorded), and then never flagged. rule: in words, with
    the declared threshold. answers: how many answers or submissions stand behind the value. details: further columns.
    """

    name: str
    rule: str
    index: pd.Index
    value: np.ndarray
    flagged: np.ndarray
    answers: np.ndarray
    details: Mapping[str, np.ndarray] = field(default_factory=dict)

    def table(self) -> pd.DataFrame:
        """One row per respondent, indexed as the frame: value, flagged, answers and the details. Nothing is rounded."""
        return pd.DataFrame({"value": self.value, "flagged": self.flagged, "answers": self.answers, **self.details},
                            index=self.index)


def raised(name: str, rule: str, index: pd.Index, value: np.ndarray, beyond: np.ndarray, answers: np.ndarray,
           **details: np.ndarray) -> Flag:
    """A Flag whose arrays are read-only and whose unknown values are not flagged."""
    flagged = np.asarray(beyond, dtype=bool) & ~np.isnan(value)
    for array in (value, flagged, answers, *details.values()):
        array.flags.writeable = False
    return Flag(name, rule, index, value, flagged, answers, details)


def check_share(name: str, value: float) -> None:
    """Raise DesignError unless 0 <= value <= 1."""
    if not 0 <= value <= 1:
        raise DesignError(f"{name} must lie between 0 and 1, not {value!r}")
