"""What became of each sampled case, and the response, cooperation, refusal and contact rates of a survey."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass

import numpy as np
import pandas as pd

from analysis.variance import DesignError

#: AAPOR's final categories, in the order of their codes.
CATEGORIES = ("I", "P", "R", "NC", "O", "UH", "UO", "NE")

#: First digits of an AAPOR code -> category; later digits only say more. The longest fit counts.
PREFIXES = {
    "1.1": "I", "1.2": "P", "2.1": "R", "2.2": "NC", "2.3": "O", "2.9": "O", "3.1": "UH",
    "3.2": "UO", "3.3": "UO", "3.4": "UO", "3.9": "UO", **{f"4.{digit}": "NE" for digit in range(1, 10)},
}


@dataclass(frozen=True)
class Dispositions:
    """Cases (or their summed weights) by final category: complete I, partial P, refusal and break-off R, non-contact NC, other
    eligible O; of unknown eligibility: whether there is such a household or address UH, anything else UO; not eligible NE."""

    complete: float = 0
    partial: float = 0
    refusal: float = 0
    non_contact: float = 0
    other: float = 0
    unknown_household: float = 0
    unknown_other: float = 0
    not_eligible: float = 0

    def __post_init__(self) -> None:
        if not all(np.isfinite(count) and count >= 0 for count in astuple(self)):
            raise DesignError("counts of dispositions must be numbers of at least 0")

    @classmethod
    def from_codes(cls, codes: Iterable[str], weights: Sequence[float] | None = None) -> "Dispositions":
        """Count the cases by their AAPOR codes (text: "1.1", "2.10", "2.112"), or add up their weights.

        Raises DesignError with every row that has no known code, or a weight that is missing or below 0.
        """
        listed = list(codes)
        weight = np.ones(len(listed)) if weights is None else np.asarray(weights, dtype=float)
        if weight.shape != (len(listed),) or not (np.isfinite(weight) & (weight >= 0)).all():
            raise DesignError(f"weights must hold one number of at least 0 for each of the {len(listed)} cases")
        position, faults = np.zeros(len(listed), dtype=np.int64), []
        for row, code in enumerate(listed):
            try:
                position[row] = CATEGORIES.index(category(code))
            except DesignError as error:
                faults.append(f"row {row + 1}: {error}")
        if faults:
            raise DesignError("; ".join(faults))
        return cls(*np.bincount(position, weights=weight, minlength=len(CATEGORIES)).tolist())

    @property
    def eligible(self) -> float:
        """Cases known to be eligible: I + P + R + NC + O."""
        return self.complete + self.partial + self.refusal + self.non_contact + self.other

    @property
    def unknown(self) -> float:
        """Cases of unknown eligibility: UH + UO."""
        return self.unknown_household + self.unknown_other

    def eligibility_share(self) -> float:
        """e by proportional allocation: eligible / (eligible + not eligible), among the cases that are known; NaN if none is.

        An estimate to declare and give reasons for, not a truth: AAPOR asks for the best available evidence.
        Source: Smith (2009) A Revised Review of Methods to Estimate the Status of Cases with Unknown Eligibility; CASRO (1982).
        """
        return _over(self.eligible, self.eligible + self.not_eligible)

    def rates(self, e: float) -> "OutcomeRates":
        """All outcome rates, shares from 0 to 1, NaN where nothing stands below the line. With U = UH + UO:

        RR1, RR2   I, I+P over I+P+R+NC+O + U;      RR3, RR4 over I+P+R+NC+O + e U;    RR5, RR6 over I+P+R+NC+O
        COOP1, COOP2   I, I+P over I+P+R+O;         COOP3, COOP4 over I+P+R
        REF1, REF2, REF3   R over the denominators of RR1, RR3, RR5
        CON1, CON2, CON3   I+P+R+O over the denominators of RR1, RR3, RR5

        e: share of the cases of unknown eligibility that are eligible, from 0 to 1 (see eligibility_share); NaN when it is not
        known: then the rates that need it are NaN, unless U = 0.
        Raises DesignError outside. Source: AAPOR (2023) Standard Definitions, 10th ed., outcome rates.
        """
        if e < 0 or e > 1:
            raise DesignError(f"e must lie from 0 to 1, not {e!r}")
        done, contacted = self.complete + self.partial, self.complete + self.partial + self.refusal + self.other
        every, known = self.eligible + self.unknown, self.eligible
        estimated = known + e * self.unknown if self.unknown else known
        willing = done + self.refusal
        rates = {
            "RR1": (self.complete, every), "RR2": (done, every), "RR3": (self.complete, estimated),
            "RR4": (done, estimated), "RR5": (self.complete, known), "RR6": (done, known),
            "COOP1": (self.complete, contacted), "COOP2": (done, contacted),
            "COOP3": (self.complete, willing), "COOP4": (done, willing),
            "REF1": (self.refusal, every), "REF2": (self.refusal, estimated), "REF3": (self.refusal, known),
            "CON1": (contacted, every), "CON2": (contacted, estimated), "CON3": (contacted, known),
        }
        return OutcomeRates(e, rates)


@dataclass(frozen=True)
class OutcomeRates:
    """`parts`: rate -> (numerator, denominator), cases or weights; `e` as declared."""

    e: float
    parts: Mapping[str, tuple[float, float]]

    def __getitem__(self, rate: str) -> float:
        return _over(*self.parts[rate])

    def table(self) -> pd.DataFrame:
        """One row per rate: rate, numerator, denominator, value."""
        return pd.DataFrame([(rate, *parts, self[rate]) for rate, parts in self.parts.items()],
                            columns=["rate", "numerator", "denominator", "value"])


def category(code: str) -> str:
    """The final category of an AAPOR code. Raises DesignError: not text of the form d.d, d.dd or d.ddd, or not known to AAPOR;
    a code as broad as "2.0" is none."""
    if not isinstance(code, str) or not re.fullmatch(r"[1-4]\.\d{1,3}", code.strip()):
        raise DesignError(f"{code!r} is no AAPOR code; write it as text, like '1.1', '2.10' or '2.112'")
    found = PREFIXES.get(code.strip()[:3])
    if found is None:
        raise DesignError(f"{code!r} is no final AAPOR code; its first two digits must be one of {', '.join(PREFIXES)}")
    return found


def rates_by(frame: pd.DataFrame, code: str, by: str | Sequence[str], e: float | None,
             weights: str | None = None) -> pd.DataFrame:
    """One row per combination of the `by` columns, sorted: the columns, cases, the eight categories, e and the sixteen rates.

    e: one share for all, or None for each group's own eligibility_share.
    Raises DesignError as Dispositions. A row with a missing `by` is an error: every sampled case belongs somewhere.
    """
    names = [by] if isinstance(by, str) else list(by)
    if frame[names].isna().to_numpy().any():
        raise DesignError(f"missing values in {', '.join(names)}: every sampled case must belong to a group")
    Dispositions.from_codes(frame[code])
    rows = []
    for key, part in frame.groupby(names, sort=True, observed=True):
        counts = Dispositions.from_codes(part[code], None if weights is None else part[weights].to_numpy())
        share = counts.eligibility_share() if e is None else e
        rates = counts.rates(share)
        rows.append({**dict(zip(names, key, strict=True)), "cases": len(part),
                     **dict(zip(CATEGORIES, astuple(counts), strict=True)), "e": share,
                     **{rate: rates[rate] for rate in rates.parts}})
    return pd.DataFrame(rows)


def _over(numerator: float, denominator: float) -> float:
    return numerator / denominator if denominator > 0 else float("nan")
