"""How replicates of a sample are drawn from its design, or read from columns that came with the data."""

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import linalg

from analysis.design import SurveyDesign
from analysis.design_columns import numbers
from analysis.replicates import ReplicateDesign
from analysis.variance import NOTHING_LEFT_OUT, DesignError, refuse_lonely

METHODS = ("JK1", "JK2", "JKn", "BRR", "Fay", "bootstrap", "successive-difference", "other")

#: Units x replicates up to which a table of replicate factors is built (1.6 GB).
LARGEST_TABLE = 200_000_000


def jackknife_1(design: SurveyDesign, mse: bool = False, adjust_again: bool = True, lost: str = "nan") -> ReplicateDesign:
    """One replicate per PSU, without it; the others times n / (n - 1). Scale (1 - f)(n - 1) / n. One stratum only.

    adjust_again: repeat the design's calibrations and nonresponse adjustments in every replicate. mse, lost: see
    ReplicateDesign. Raises DesignError: several strata, one PSU, a replicate that cannot be calibrated.
    Source: Wolter (2007) 4; R survey::as.svrepdesign(type="JK1").
    """
    if design.plan.psu_count.size != 1:
        raise DesignError(f"JK1 is for one stratum, the design has {design.plan.psu_count.size}; use jackknife_n")
    return jackknife_n(design, mse, adjust_again, lost)


def jackknife_n(design: SurveyDesign, mse: bool = False, adjust_again: bool = True, lost: str = "nan") -> ReplicateDesign:
    """One replicate per PSU, without it; the others of its stratum times n_h / (n_h - 1); rscales (1 - f_h)(n_h - 1) / n_h.

    Lonely PSUs by the design's policy: fail; remove, certainty: no replicate; average: none, and the others count strata /
    usable strata; adjust: a replicate without the stratum, the others times H / (H - 1), rscale (H - 1) / H. Strata drawn
    whole have no replicate. Otherwise as `jackknife_1`. Source: Wolter (2007) 4.5; R survey::as.svrepdesign(type="JKn").
    """
    plan = design.plan
    stratum, strata = plan.psu_stratum, plan.psu_count.size
    left_out = _left_out(plan)
    lonely = (plan.psu_count == 1) & (left_out >= NOTHING_LEFT_OUT)
    if plan.lonely_psu == "fail":
        refuse_lonely(lonely, np.ones(strata, dtype=bool), plan.stratum_names)
    if plan.lonely_psu == "adjust" and lonely.any() and strata == 1:
        raise DesignError("the design has one PSU: it has no replicates")
    dropped = np.flatnonzero((left_out >= NOTHING_LEFT_OUT)[stratum] & (~lonely[stratum] | (plan.lonely_psu == "adjust")))
    _check_size(stratum.size, dropped.size)
    factors = np.ones((stratum.size, dropped.size))
    rscales = np.empty(dropped.size)
    members = [np.flatnonzero(stratum == h) for h in range(strata)]
    for r, i in enumerate(dropped):
        h = stratum[i]
        if lonely[h]:
            factors[:, r] = strata / (strata - 1)
            rscales[r] = (strata - 1) / strata
        else:
            count = plan.psu_count[h]
            factors[members[h], r] = count / (count - 1)
            rscales[r] = left_out[h] * (count - 1) / count
        factors[i, r] = 0.0
    scale = 1.0
    if plan.lonely_psu == "average" and lonely.any():
        scale = strata / (strata - lonely.sum()) if (~lonely).any() else np.nan
    return _replicates(design, factors, scale, rscales, mse, adjust_again, lost)


def balanced_half_samples(design: SurveyDesign, rho: float = 0.0, mse: bool = False, adjust_again: bool = True,
                          lost: str = "nan", ignore_fpc: bool = False) -> ReplicateDesign:
    """Balanced repeated replication (rho = 0) or Fay's method: in each replicate one PSU of each stratum counts 2 - rho, the
    other rho; scale 1 / (R (1 - rho)^2).

    Two PSUs in every stratum. R is the least power of two above the number of strata (Sylvester's Hadamard matrix; R's
    survey may use fewer: linear statistics have the same variance). ignore_fpc: the method has no fpc, drop the design's.
    Raises DesignError. Source: McCarthy (1969); Judkins (1990); R survey::as.svrepdesign(type="BRR" | "Fay").
    """
    plan = design.plan
    if not 0 <= rho < 1:
        raise DesignError(f"rho must be at least 0 and below 1, not {rho!r}")
    odd = np.flatnonzero(plan.psu_count != 2)
    if odd.size:
        shown = ", ".join(f"{plan.stratum_names[h]} ({plan.psu_count[h]})" for h in odd[:5])
        raise DesignError(f"half samples need two PSUs in every stratum; these have another number: {shown}; use jackknife_n "
                          "or rescaling_bootstrap")
    if plan.fraction is not None and not ignore_fpc:
        raise DesignError("half samples cannot use the fpc; declare ignore_fpc=True, or use jackknife_n")
    strata = plan.psu_count.size
    signs = linalg.hadamard(2 ** int(np.ceil(np.log2(strata + 1))))[1 : strata + 1]
    order = np.argsort(plan.psu_stratum, kind="stable")
    second = np.empty(plan.psu_stratum.size, dtype=int)
    second[order] = np.tile([1, -1], strata)
    factors = 1 + (1 - rho) * second[:, None] * signs[plan.psu_stratum]
    count = signs.shape[1]
    return _replicates(design, factors, 1 / (count * (1 - rho) ** 2), np.ones(count), mse, adjust_again, lost)


def rescaling_bootstrap(design: SurveyDesign, replicates: int, seed: int, mse: bool = False, adjust_again: bool = True,
                        lost: str = "nan") -> ReplicateDesign:
    """n_h - 1 PSUs drawn with replacement in each stratum, m_i times PSU i: factor 1 + sqrt(1 - f_h)(n_h m_i / (n_h - 1) - 1).

    Scale 1 / (R - 1). R survey has the same without fpc (as.svrepdesign(type="subbootstrap")) and leaves an fpc out.
    Lonely PSUs: fail, or remove and certainty (factor 1). Raises DesignError.
    Source: Rao and Wu (1988); Rao, Wu, Yue (1992).
    """
    def drawn(rng, count, left_out):
        times = rng.multinomial(count - 1, np.full(count, 1 / count), size=replicates).T
        return 1 + np.sqrt(left_out) * (times * (count / (count - 1)) - 1)

    return _bootstrap(design, replicates, seed, drawn, mse, adjust_again, lost)


def half_sample_bootstrap(design: SurveyDesign, replicates: int, seed: int, mse: bool = False, adjust_again: bool = True,
                          lost: str = "nan") -> ReplicateDesign:
    """m = floor(n_h / 2) PSUs drawn without replacement: factor 1 - a + a n_h / m when drawn, else 1 - a, with
    a = sqrt(m (1 - f_h) / (n_h - m)). First stage. Otherwise as `rescaling_bootstrap`.

    Source: Preston (2009); R survey::as.svrepdesign(type="mrbbootstrap") of one stage.
    """
    def drawn(rng, count, left_out):
        half = count // 2
        kept = rng.permuted(np.tile((np.arange(count) < half)[:, None], replicates), axis=0)
        reach = np.sqrt(half * left_out / (count - half))
        return 1 - reach + reach * (count / half) * kept

    return _bootstrap(design, replicates, seed, drawn, mse, adjust_again, lost)


def stored_replicates(frame: pd.DataFrame, weights: str, replicates: str | Sequence[str], method: str, combined: bool = True,
                      scale: float | None = None, rscales: Sequence[float] | None = None, rho: float | None = None,
                      mse: bool = False, df: int | None = None, lost: str = "nan") -> ReplicateDesign:
    """Replicate weights that came with the data, in columns of the frame: a list, or the letters before their numbers.

    combined: they hold the sampling weight; else they multiply it. method: JK1 (scale (R - 1) / R), JK2 (1), JKn (rscales
    needed), BRR (1 / R), Fay (1 / (R (1 - rho)^2)), bootstrap (1 / (R - 1)), successive-difference (4 / R), other (scale
    needed). scale replaces these, except with BRR and Fay. df: None: rank of the replicate weights minus 1, by domain.
    Raises DesignError: unknown method, no such columns, missing or infinite weights, a scale that is needed.
    Source: R survey::svrepdesign.
    """
    if isinstance(replicates, str):
        named = re.compile(re.escape(replicates) + r"\d+")
        columns = [name for name in frame.columns if isinstance(name, str) and named.fullmatch(name)]
        columns.sort(key=lambda name: int(name[len(replicates):]))
    else:
        columns = list(replicates)
    if len(columns) < 2:
        raise DesignError(f"{replicates!r}: {len(columns)} column(s) of replicate weights; there must be two or more")
    sample = numbers(frame, weights, "weights")
    table = np.column_stack([numbers(frame, name, "replicate weights") for name in columns])
    if not (np.isfinite(table).all() and (sample >= 0).all()):
        raise DesignError("replicate weights must be finite and sampling weights not negative")
    count = len(columns)
    if rscales is not None and np.shape(rscales) != (count,):
        raise DesignError(f"rscales must be {count} numbers, one per replicate")
    rows = len(frame)
    return ReplicateDesign(
        frame, base=np.ones(rows) if combined else sample, unit=np.arange(rows), whole=sample if combined else np.ones(rows),
        factors=table, scale=_scale(method, count, scale, rscales, rho), mse=mse, df=df, lost=lost,
        rscales=np.ones(count) if rscales is None else np.asarray(rscales, dtype=float))


def _scale(method: str, count: int, scale: float | None, rscales: Sequence[float] | None, rho: float | None) -> float:
    if method not in METHODS:
        raise DesignError(f"method must be one of {', '.join(METHODS)}, not {method!r}")
    if method == "JKn" and rscales is None:
        raise DesignError("JKn needs rscales, one per replicate: (1 - f_h)(n_h - 1) / n_h")
    if method == "other" and scale is None:
        raise DesignError("method 'other' needs a scale")
    if method == "Fay" and (rho is None or not 0 <= rho < 1):
        raise DesignError(f"Fay's method needs rho, at least 0 and below 1, not {rho!r}")
    if method in ("BRR", "Fay"):
        return 1 / (count * (1 - (rho or 0.0)) ** 2) if method == "Fay" else 1 / count
    usual = {"JK1": (count - 1) / count, "bootstrap": 1 / (count - 1), "successive-difference": 4 / count}
    return usual.get(method, 1.0) if scale is None else float(scale)


def _left_out(plan) -> np.ndarray:
    return np.ones(plan.psu_count.size) if plan.fraction is None else 1.0 - plan.fraction


def _check_size(units: int, replicates: int) -> None:
    if replicates < 2:
        raise DesignError(f"{replicates} replicate(s): the variance needs two or more")
    if units * replicates > LARGEST_TABLE:
        raise DesignError(f"{units} units x {replicates} replicates are too many to hold; use a bootstrap of fewer replicates")


def _bootstrap(design, replicates: int, seed: int, drawn, mse: bool, adjust_again: bool, lost: str) -> ReplicateDesign:
    plan = design.plan
    _check_size(plan.psu_stratum.size, replicates)
    left_out = _left_out(plan)
    lonely = (plan.psu_count == 1) & (left_out >= NOTHING_LEFT_OUT)
    if plan.lonely_psu == "fail":
        refuse_lonely(lonely, np.ones(lonely.size, dtype=bool), plan.stratum_names)
    if lonely.any() and plan.lonely_psu in ("adjust", "average"):
        raise DesignError(f"a bootstrap cannot do lonely_psu={plan.lonely_psu!r}; declare remove or certainty, or use "
                          "jackknife_n")
    rng = np.random.default_rng(seed)
    factors = np.ones((plan.psu_stratum.size, replicates))
    for h, count in enumerate(plan.psu_count):
        if count > 1:
            factors[plan.psu_stratum == h] = drawn(rng, int(count), max(left_out[h], 0.0))
    return _replicates(design, factors, 1 / (replicates - 1), np.ones(replicates), mse, adjust_again, lost)


def _replicates(design: SurveyDesign, factors, scale, rscales, mse, adjust_again, lost) -> ReplicateDesign:
    """The replicate design of factors per PSU; with calibrated weights each replicate is calibrated again."""
    plan, rows = design.plan, len(design.weights)
    _check_size(plan.psu_stratum.size, rscales.size)
    if design.seen_from is not None:
        people, row = design.seen_from
        return _replicates(people, factors, scale, rscales, mse, adjust_again, lost).observe(design.frame, row)
    if len(design.stages) > 1:
        raise DesignError("replicates are of first-stage units and would leave out the sampling within them; read the design "
                          "without fpc (with replacement covers the later stages)")
    base, unit, whole = design.weights, design.psu, np.ones(plan.psu_stratum.size)
    if design.adjustments and adjust_again:
        base, unit, whole = np.ones(rows), np.arange(rows), design.weights
        factors = _adjusted_again(design, factors)
    return ReplicateDesign(design.frame, base, unit, whole, factors, scale, rscales, mse, psu=design.psu,
                           psu_stratum=plan.psu_stratum, lost=lost)


def _adjusted_again(design: SurveyDesign, factors: np.ndarray) -> np.ndarray:
    """Weights (n, R): from those before the first adjustment, each adjustment repeated in each replicate."""
    _check_size(len(design.weights), factors.shape[1])
    steps = design.adjustments[::-1]
    weights = np.empty((len(design.weights), factors.shape[1]))
    for r in range(factors.shape[1]):
        column = steps[0].before * factors[design.psu, r]
        for step in steps:
            try:
                column = step.reweight(column)
            except DesignError as error:
                raise DesignError(f"replicate {r + 1} of {factors.shape[1]} cannot be weighted as the sample was: {error}"
                                  ) from error
        weights[:, r] = column
    return weights
