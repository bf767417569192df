"""Chi-square tests for designs: independence in a two-way table, and given shares of one item."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from analysis import estimates as est
from analysis.design import SurveyDesign
from analysis.model_matrix import Subset
from analysis.tests_of_difference import SINGULAR, answering, wald_statistic
from analysis.variance import DesignError

EMPTY_CELLS = ("fail", "keep")

#: A design effect this small is the rounding of one that is zero: the design leaves these shares no variance.
NO_DESIGN_EFFECT = 1e-12


@dataclass(frozen=True, eq=False)
class ChiSquareTest:
    """Tests of one hypothesis on shares; arrays (tests,) in the order of `tests`.

    shares: weighted shares of the cells, summing to 1; counts: respondents. pearson: n times the weighted Pearson
    statistic, not to be referred to a chi-square by itself. design_effects: the generalised design effects (Rao and
    Scott's deltas), largest first; their mean is the first-order correction.
    """

    shares: pd.DataFrame
    counts: pd.DataFrame
    pearson: float
    design_effects: np.ndarray
    tests: tuple[str, ...]
    statistic: np.ndarray
    df1: np.ndarray
    df2: np.ndarray
    p_value: np.ndarray
    n: int

    def table(self) -> pd.DataFrame:
        """One row per test: test, statistic, df1, df2, p_value. df2 is infinite for a chi-square."""
        return pd.DataFrame({"test": self.tests, "statistic": self.statistic, "df1": self.df1, "df2": self.df2,
                             "p_value": self.p_value})


def independence(design: SurveyDesign, rows: str, columns: str, subset: Subset = None, missing: str = "fail",
                 empty_cells: str = "fail") -> ChiSquareTest:
    """Are the answers in `rows` independent of `columns`? Two-way table of weighted shares p_rc, n respondents.

    X2 = n sum (p_rc - p_r p_c)^2 / (p_r p_c). With C the interaction contrasts, D = diag(p), V the design's covariance of p:
    Delta = (C' D^-1 C / n)^-1 C' D^-1 V D^-1 C, of eigenvalues delta_i, k = (R - 1)(C - 1) of them; nu = PSUs minus strata.
    - first_order: X2 / mean(delta), chi-square with k
    - second_order (Satterthwaite; R's default): F = X2 / sum(delta), F with k0 = (sum delta)^2 / sum(delta^2) and k0 nu
    - wald: Q / k, F with k and nu; Q = Y' V_Y^-1 Y, Y = N_rc - N_r N_c / N of the estimated counts without first row, column
    - adjusted_wald: Q (nu - k + 1) / (k nu), F with k and nu - k + 1
    Values that occur in no row with an answer are no rows or columns. A test that is not defined is NaN (too few PSUs).
    empty_cells: "fail" | "keep" (as R does: an empty cell has no part in D^-1).
    Raises DesignError: missing answers under "fail", one row or column only, an empty cell under "fail".
    Source: Rao and Scott (1984) Ann. Statist. 12, 46-60; Thomas and Rao (1987) JASA 82; Koch, Freeman and Freeman (1975);
    R survey::svychisq, statistic = "Chisq", "F", "Wald", "adjWald".
    """
    if empty_cells not in EMPTY_CELLS:
        raise DesignError(f"empty_cells must be one of {', '.join(EMPTY_CELLS)}, not {empty_cells!r}")
    if rows == columns:
        raise DesignError(f"rows and columns are both {rows!r}: name two columns")
    seen = answering(design, [rows, columns], subset, missing)
    (r, row_names), (c, column_names) = (_levels(seen, name) for name in (rows, columns))
    height, width = len(row_names), len(column_names)
    n = r.size
    counts = np.bincount(r * width + c, minlength=height * width).reshape(height, width)
    if empty_cells == "fail" and (counts == 0).any():
        i, j = np.argwhere(counts == 0)[0]
        raise DesignError(f"no answer with {rows}={row_names[i]!r} and {columns}={column_names[j]!r}; merge values or declare "
                          "empty_cells='keep'")
    whole = seen.weights.sum()
    p = np.bincount(r * width + c, weights=seen.weights, minlength=height * width) / whole
    table = p.reshape(height, width)
    expected = np.outer(table.sum(axis=1), table.sum(axis=0))
    pearson = float(n * ((table - expected) ** 2 / expected).sum())
    cell = np.zeros((n, height * width))
    cell[np.arange(n), r * width + c] = 1.0
    v = seen.covariance_of(seen.weights[:, None] * (cell - p) / whole)
    k, nu = (height - 1) * (width - 1), seen.degrees_of_freedom()
    deltas = _design_effects(p, v, np.kron(_contrasts(height), _contrasts(width)), n)
    total, squares = deltas.sum(), (deltas**2).sum()
    q = _wald(seen, table, cell)
    with np.errstate(divide="ignore", invalid="ignore"):
        k0 = total**2 / squares if squares > 0 else np.nan
        statistic = np.array([pearson * k / total, pearson / total, q / k, q * (nu - k + 1) / (k * nu)])
    statistic[~np.isfinite(statistic)] = np.nan
    df1 = np.array([k, k0, k, k], dtype=float)
    df2 = np.array([np.inf, k0 * nu, nu, nu - k + 1])
    names = ("first_order", "second_order", "wald", "adjusted_wald")
    frames = [pd.DataFrame(one, index=pd.Index(row_names, name=rows), columns=pd.Index(column_names, name=columns))
              for one in (table, counts)]
    return _result(*frames, pearson, deltas, names, statistic, df1, df2, n)


def goodness_of_fit(design: SurveyDesign, item: str, shares: dict[object, float], subset: Subset = None,
                    missing: str = "fail") -> ChiSquareTest:
    """Does `item` have the given shares pi (scaled to sum 1)? X2 = n sum (p_i - pi_i)^2 / pi_i.

    The eigenvalues lambda are those of the covariance of (N_i - N pi_i) / sqrt(N pi_i) with N = sum N_i estimated too,
    on the scale of n. satterthwaite: X2 / s, chi-square with d = (sum lambda)^2 / sum(lambda^2), s = sum(lambda) / d, as R;
    second_order: X2 / sum(lambda), F with d and d nu, nu = PSUs minus strata, which counts the PSUs too.
    Raises DesignError: a share for each value that occurs, above 0, is needed; fewer than two values; missing answers.
    Source: Rao and Scott (1981) JASA 76, 221-230; R survey::svygofchisq.
    """
    pi = np.array(list(shares.values()), dtype=float)
    if pi.size < 2 or not np.isfinite(pi).all() or (pi <= 0).any():
        raise DesignError(f"{item!r}: give at least two shares, each above 0")
    pi /= pi.sum()
    seen = answering(design, [item], subset, missing)
    code = pd.Index(list(shares)).get_indexer(seen.frame[item])
    if (code < 0).any():
        raise DesignError(f"no share is given for {item}={seen.frame[item].iloc[np.flatnonzero(code < 0)[0]]!r}")
    n, whole = code.size, seen.weights.sum()
    counts = np.bincount(code, minlength=pi.size)
    p = np.bincount(code, weights=seen.weights, minlength=pi.size) / whole
    pearson = float(n * ((p - pi) ** 2 / pi).sum())
    cell = np.zeros((n, pi.size))
    cell[np.arange(n), code] = 1.0
    scores = seen.weights[:, None] * (cell - pi - (p - pi) / 2) / np.sqrt(whole * pi)
    values = _without_noise(np.linalg.eigvalsh(seen.covariance_of(scores))[::-1] * n / whole)
    total, squares = values.sum(), (values**2).sum()
    d = total**2 / squares if squares > 0 else np.nan
    scale = total / d if total > 0 else np.nan
    statistic = np.array([pearson / scale, pearson / total if total > 0 else np.nan])
    frames = [pd.DataFrame({"share": p, "expected": pi}, index=pd.Index(list(shares), name=item)),
              pd.DataFrame({"count": counts}, index=pd.Index(list(shares), name=item))]
    return _result(*frames, pearson, values, ("satterthwaite", "second_order"), statistic, np.array([d, d]),
                   np.array([np.inf, d * seen.degrees_of_freedom()]), n)


def _result(shares, counts, pearson, effects, names, statistic, df1, df2, n) -> ChiSquareTest:
    p_value = np.full(len(names), np.nan)
    for i, (value, a, b) in enumerate(zip(statistic, df1, df2, strict=True)):
        if np.isfinite(value) and b >= 1:
            p_value[i] = stats.chi2.sf(value, a) if np.isinf(b) else stats.f.sf(value, a, b)
    for array in (effects, statistic, df1, df2, p_value):
        array.flags.writeable = False
    return ChiSquareTest(shares, counts, pearson, effects, names, statistic, df1, df2, p_value, n)


def _levels(seen: SurveyDesign, name: str) -> tuple[np.ndarray, list[object]]:
    code, labels = est.codes_of(seen.frame, name)
    found, code = np.unique(code, return_inverse=True)
    if found.size < 2:
        raise DesignError(f"{name!r} has one value only ({labels[found[0]]!r}) among the answers: nothing can depend on it")
    return code, [labels[i] for i in found]


def _contrasts(levels: int) -> np.ndarray:
    """Orthonormal contrasts (levels, levels - 1): columns orthogonal to the constant."""
    return np.linalg.qr(np.column_stack([np.ones(levels), np.eye(levels)[:, 1:]]))[0][:, 1:]


def _design_effects(p: np.ndarray, v: np.ndarray, contrasts: np.ndarray, n: int) -> np.ndarray:
    """Eigenvalues of Delta, largest first; NaN where the simple random sample's part has no inverse."""
    weighted = contrasts * np.divide(1.0, p, out=np.zeros_like(p), where=p > 0)[:, None]
    simple, designed = weighted.T @ contrasts / n, weighted.T @ v @ weighted
    values, vectors = np.linalg.eigh(simple)
    if values[0] <= SINGULAR * values[-1]:
        return np.full(values.size, np.nan)
    root = vectors / np.sqrt(values)
    deltas = np.linalg.eigvalsh(root.T @ designed @ root)[::-1]
    return _without_noise(deltas)


def _wald(seen: SurveyDesign, table: np.ndarray, cell: np.ndarray) -> float:
    """Q = Y' V^-1 Y from linearised scores w (I_rc - p_c I_r - p_r I_c + p_r p_c), first row and column left out."""
    height, width = table.shape
    p_row, p_column = table.sum(axis=1), table.sum(axis=0)
    indicator = cell.reshape(-1, height, width)
    in_row, in_column = indicator.sum(axis=2), indicator.sum(axis=1)
    scores = (indicator - in_row[:, :, None] * p_column - in_column[:, None, :] * p_row[:, None]
              + np.outer(p_row, p_column))[:, 1:, 1:].reshape(len(cell), -1)
    y = (table - np.outer(p_row, p_column))[1:, 1:].ravel() * seen.weights.sum()
    scores *= seen.weights[:, None]
    covariance = seen.covariance_of(scores)
    varies = np.diag(covariance) > NO_DESIGN_EFFECT * (scores**2).sum(axis=0)
    return wald_statistic(y, covariance * np.outer(varies, varies))


def _without_noise(effects: np.ndarray) -> np.ndarray:
    return np.where(effects <= NO_DESIGN_EFFECT * max(effects[0], 1.0), 0.0, effects)
