"""What the flagged questionnaires change: every figure with all of them and without the flagged. Nothing is deleted."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.design import SurveyDesign
from analysis.estimates import Domains, Estimates, domains_of, numbers_of
from analysis.intervals import symmetric
from analysis.response_quality.flags import Flag
from analysis.variance import DesignError

FIGURES = ("estimate", "standard_error", "ci_low", "ci_high", "n")


@dataclass(frozen=True, eq=False)
class WithAndWithout:
    """Means of k items in D domains over all, over those not left out, and their difference (without minus all).

    difference, standard_error, ci_low, ci_high: (k, D), in the items' units; df: the smaller of the two means'.
    left_out: (n,) rows with at least `at_least` flags; flags: as given. The frame and the design are as they were.
    """

    everyone: Estimates
    without: Estimates
    difference: np.ndarray
    standard_error: np.ndarray
    ci_low: np.ndarray
    ci_high: np.ndarray
    df: np.ndarray
    flags: tuple[Flag, ...]
    left_out: np.ndarray
    at_least: int
    domains: Domains

    def table(self) -> pd.DataFrame:
        """One row per item and domain: item, the domain columns, estimate, standard_error, ci_low, ci_high and n, each
        with the suffix _all or _without, then difference, its standard_error, ci_low, ci_high, df, and n_left_out."""
        parts = {"all": self.everyone.table(), "without": self.without.table()}
        labels = ["item", *(name for name, _ in self.everyone.domain_labels)]
        table = parts["all"][labels].copy()
        for suffix, part in parts.items():
            for figure in FIGURES:
                table[f"{figure}_{suffix}"] = part[figure]
        for figure in ("difference", "standard_error", "ci_low", "ci_high", "df"):
            table[figure] = getattr(self, figure).ravel()
        table["n_left_out"] = table["n_all"] - table["n_without"]
        return table

    def counts(self) -> pd.DataFrame:
        """One row per flag and domain, then "any" and "left out": flag, the domain columns, n (respondents), known (with a
        value), flagged, share (flagged of n; NaN where n is 0). A respondent without a domain is in no row."""
        flagged = np.column_stack([flag.flagged for flag in self.flags])
        known = ~np.isnan(np.column_stack([flag.value for flag in self.flags]))
        names = [flag.name for flag in self.flags] + ["any", "left out"]
        marks = [*flagged.T, flagged.any(axis=1), self.left_out]
        knowns = [*known.T, known.any(axis=1), known.any(axis=1)]
        code, count = self.domains.code, self.domains.count
        inside = code >= 0
        rows = []
        for name, mark, some in zip(names, marks, knowns, strict=True):
            n, with_value, hit = (np.bincount(code[inside & mask], minlength=count) for mask in (inside, some, mark))
            share = np.divide(hit, n, out=np.full(count, np.nan), where=n > 0)
            rows.append(pd.DataFrame({"flag": name, **{by: list(labels) for by, labels in self.domains.labels}, "n": n,
                                      "known": with_value, "flagged": hit, "share": share}))
        return pd.concat(rows, ignore_index=True)

    def combinations(self) -> pd.DataFrame:
        """One row per combination of flags that occurs, the most frequent first: flags (names joined by " + ", "" for none),
        number (how many flags), n (respondents of the whole frame)."""
        flagged = np.column_stack([flag.flagged for flag in self.flags])
        found, n = np.unique(flagged, axis=0, return_counts=True)
        names = [" + ".join(flag.name for flag, on in zip(self.flags, row, strict=True) if on) for row in found]
        table = pd.DataFrame({"flags": names, "number": found.sum(axis=1), "n": n})
        return table.sort_values(["n", "number", "flags"], ascending=[False, True, True], ignore_index=True)


def with_and_without(design: SurveyDesign, items: str | Sequence[str], flags: Sequence[Flag],
                     by: str | Sequence[str] | None = None, at_least: int = 1, missing: str = "fail",
                     confidence: float = 0.95) -> WithAndWithout:
    """Weighted means over all respondents and over those with fewer than `at_least` flags, and how sure the difference is.

    The kept ones are a domain of the full design: PSUs that lose everybody count with zero. The difference of the two means
    over nested domains has the linearised score w (1 - f)(y - mean_without) / sum w (1 - f) - w (y - mean_all) / sum w, f = 1
    for who is left out; its variance therefore holds their covariance, as SurveyDesign.covariance_of gives it. Exactly 0 with
    standard error 0 where nobody with an answer is left out; NaN where nobody is kept. Interval: t with the smaller degrees of
    freedom of the two means. The flags are taken as given; that they depend on the sample is not in the standard error.
    items: numeric columns, in their units; flags: made from the design's frame; by, missing, confidence: as SurveyDesign.mean.
    Raises DesignError: no flag, two of one name, a flag from another frame, at_least out of range, an item that is also a
    domain, otherwise as SurveyDesign.mean.
    Source: Binder (1983); Särndal, Swensson, Wretman (1992) 5.6, 5.8; R survey::svytotal of the parts, svycontrast.
    """
    names = [items] if isinstance(items, str) else list(items)
    both = set(names) & set([by] if isinstance(by, str) else by or ())
    if both:
        raise DesignError(f"columns that are both an item and a domain: {', '.join(sorted(both))}")
    left_out = _left_out(design, flags, at_least)
    everyone = design.mean(names, by, missing, confidence)
    domains = domains_of(design.frame, by, missing)
    answers = {name: numbers_of(design.frame, name, slice(None)) for name in names}
    valid = {name: ~np.isnan(values) for name, values in answers.items()}
    if missing == "exclude_rows":
        valid = dict.fromkeys(names, np.logical_and.reduce(list(valid.values())))
    frame = design.frame.copy(deep=False)
    for name in names:
        frame[name] = np.where(valid[name] & ~left_out, answers[name], np.nan)
    every_row = np.arange(len(frame))
    without = design.observe(frame, every_row).mean(names, by, "exclude", confidence)
    same = without.n == everyone.n
    difference = np.where(same & (everyone.n > 0), 0.0, without.estimate - everyone.estimate)
    for name, center_all, center_without in zip(names, everyone.estimate, without.estimate, strict=True):
        frame[name] = (_over_its_weight(design, domains, answers[name], valid[name] & ~left_out, center_without)
                       - _over_its_weight(design, domains, answers[name], valid[name], center_all))
    # The total of a linearised score is an estimate of 0 whose variance is that of the difference, by domain.
    error = design.observe(frame, every_row).total(names, by, missing, confidence).standard_error
    error = np.where(np.isnan(difference), np.nan, np.where(same, 0.0, error))
    # Where the kept lie in few PSUs their error is hardly known, however many PSUs there were.
    df = np.minimum(everyone.df, without.df)
    arrays = [difference, error, *symmetric(difference, error, df, confidence), df]
    for array in (*arrays, left_out):
        array.flags.writeable = False
    return WithAndWithout(everyone, without, *arrays, tuple(flags), left_out, at_least, domains)


def _over_its_weight(design: SurveyDesign, domains: Domains, answers: np.ndarray, mask: np.ndarray,
                     mean: np.ndarray) -> np.ndarray:
    """(y - mean) / sum w of the rows in `mask`, each in its domain; 0 elsewhere. Times w it is the score of the mean."""
    result = np.zeros(answers.size)
    row = np.flatnonzero(mask & (domains.code >= 0) & (design.weights > 0))
    code = domains.code[row]
    weight = np.bincount(code, weights=design.weights[row], minlength=domains.count)
    result[row] = (answers[row] - mean[code]) / weight[code]
    return result


def _left_out(design: SurveyDesign, flags: Sequence[Flag], at_least: int) -> np.ndarray:
    if not flags or len({flag.name for flag in flags}) < len(flags):
        raise DesignError("give at least one flag, and each under a name of its own")
    astray = [flag.name for flag in flags if not flag.index.equals(design.frame.index)]
    if astray:
        raise DesignError(f"flags made from other rows than the design's: {', '.join(astray)}; make them from design.frame")
    if not 1 <= at_least <= len(flags):
        raise DesignError(f"at_least must lie between 1 and the {len(flags)} flags, not {at_least!r}")
    return np.sum([flag.flagged for flag in flags], axis=0) >= at_least
