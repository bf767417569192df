"""Drawing a sample from a frame by a plan: the same seed gives the same sample, in whatever order the rows stand."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.sampling import inclusion
from analysis.sampling import selection as pick
from analysis.sampling.canonical import Chance, plain, text_of
from analysis.sampling.frame import Level, check_frame, levels_of
from analysis.sampling.plan import Plan, Stage
from analysis.variance import DesignError

#: Changes whenever the same seed and frame would give another sample.
ALGORITHM = "1"


@dataclass(frozen=True)
class Group:
    """One place of the draw: stage (from 1), the units above it, stratum; units there, drawn, and the sum of their sizes (their
    number, for methods without size)."""

    stage: int
    parents: tuple[object, ...]
    stratum: object
    population: int
    n: int
    size_total: float


@dataclass(frozen=True, eq=False)
class Draw:
    """A drawn sample.

    `sample`: one row per drawn id, in canonical order: the id; `weight`, the product of 1 / pi over the stages; and for each
    stage k = 1, 2, ...: stratum_k, psu_k (the unit), fpc_k (units in its stratum and parent), pi_k (its chance there); then
    variance_stratum and variance_psu (see `design`) and `group`, the last stage's place. `reserves`: group, order (1 comes
    first) and the same columns without chance and weight: a reserve takes over the weight of the case it replaces.
    Ids are in the frame's own column name.
    """

    plan: Plan
    seed: int
    groups: tuple[Group, ...]
    sample: pd.DataFrame
    reserves: pd.DataFrame

    def design(self) -> dict[str, object]:
        """Arguments for SurveyDesign.from_frame, once the answers have been joined to `sample` by id.

        Without size: strata and fpc of the stages. Some stage by size: no fpc (the first stage counts as drawn with
        replacement, which errs to the safe side), and a first-stage unit that was certain is no draw at all: it becomes a
        stratum, and the units drawn in it its PSUs (variance_stratum, variance_psu). Certain rows of a plan of one stage stay
        among the others, to the safe side too.
        Source: Wolter (2007) Introduction to Variance Estimation, 1.4; Lumley (2010) Complex Surveys, 3.2.
        """
        stages = range(1, len(self.plan.stages) + 1)
        if any(pick.METHODS[stage.method].by_size for stage in self.plan.stages):
            return {"weights": "weight", "strata": "variance_stratum", "psu": ["variance_psu"], "fpc": None}
        return {"weights": "weight", "strata": "stratum_1", "psu": [f"psu_{k}" for k in stages],
                "fpc": [f"fpc_{k}" for k in stages]}


def draw(frame: pd.DataFrame, plan: Plan, seed: int, name: str = "khung mẫu") -> Draw:
    """Draw from `frame` (one row per unit of the last stage) by `plan`.

    At each stage, in each stratum of each unit drawn before, n units with their chances pi: n / N, or by size with
    analysis.sampling.inclusion.inclusion_probabilities (fixed size, certain where pi comes out at 1). Units are taken in
    canonical order; every place has random numbers of its own, from SHA-256 of seed and place.
    name: how faults call the frame. Raises documents.faults.Faults (see check_frame); DesignError: a place with fewer units
    than n under shortfall "fail", a seed that is not a whole number.
    Source: Särndal, Swensson and Wretman (1992) ch. 3 and 4.
    """
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)):
        raise DesignError(f"the seed must be a whole number, not {seed!r}")
    check_frame(frame, plan, name)
    seed, levels = int(seed), levels_of(frame, plan)
    groups: list[Group] = []
    chances = [np.zeros(len(level.labels)) for level in levels]
    counts = [np.zeros(len(level.labels), dtype=np.int64) for level in levels]
    place_of = np.zeros(len(levels[-1].labels), dtype=np.int64)
    reserves: list[tuple[int, np.ndarray]] = []
    above: list[tuple[int, tuple[str, ...], tuple[object, ...]]] = [(0, (), ())]
    for number, (stage, level) in enumerate(zip(plan.stages, levels, strict=True), start=1):
        last, below = number == len(plan.stages), []
        children = _children(level)
        for parent, path, labels in above:
            for code, units in children[parent]:
                stratum = level.strata[code]
                place = ("draw", str(number), *path, text_of(stratum))
                pi, drawn, members = _draw_place(stage, level, units, stratum, seed, place, labels)
                chances[number - 1][members[drawn]] = pi[drawn]
                counts[number - 1][members] = members.size
                groups.append(Group(number, labels, plain(stratum), int(members.size), int(drawn.size),
                                    float(level.size[units].sum())))
                if last:
                    place_of[members] = len(groups)
                    kept = pick.reserves(level.size[members], drawn, plan.reserves, Chance(seed, "reserve", *place))
                    reserves.append((len(groups), members[kept]))
                else:
                    below += [(int(u), (*path, level.texts[u]), (*labels, plain(level.labels[u])))
                              for u in np.sort(members[drawn])]
        above = sorted(below, key=lambda place: place[0])
    sample = _columns(plan, levels, chances, counts, np.flatnonzero(chances[-1] > 0))
    sample["group"] = place_of[np.flatnonzero(chances[-1] > 0)]
    return Draw(plan, seed, tuple(groups), sample, _reserve_table(plan, levels, chances, counts, reserves))


def joint_probabilities(draw_made: Draw, frame: pd.DataFrame, stage: int = 1) -> dict[tuple[object, ...], pd.DataFrame]:
    """Second-order inclusion probabilities among the units drawn at a stage, by place (parents ..., stratum): a square table
    by unit, pi on the diagonal. Units of two places are independent (the product of their pi), given their parents.

    Source: the methods in analysis.sampling.inclusion. Raises DesignError: no such stage.
    """
    if not 1 <= stage <= len(draw_made.plan.stages):
        raise DesignError(f"the plan has stages 1 to {len(draw_made.plan.stages)}, not {stage!r}")
    planned, level = draw_made.plan.stages[stage - 1], levels_of(frame, draw_made.plan)[stage - 1]
    method = pick.METHODS[planned.method]
    drawn = {text_of(value) for value in draw_made.sample[f"psu_{stage}"]}
    tables = {}
    places = iter(group for group in draw_made.groups if group.stage == stage)
    parents = sorted({int(level.parent[u]) for u in range(len(level.labels)) if level.texts[u] in drawn})
    children = _children(level)
    for parent in parents:
        for _, units in children[parent]:
            group = next(places)
            members, pi = _members_and_chances(planned, level, units, group.n)
            joint = method.joint(pi)
            kept = np.array([i for i, u in enumerate(members) if level.texts[u] in drawn])
            labels = [plain(level.labels[members[i]]) for i in kept]
            tables[(*group.parents, group.stratum)] = pd.DataFrame(joint[np.ix_(kept, kept)], index=labels, columns=labels)
    return tables


def _draw_place(stage: Stage, level: Level, units: np.ndarray, stratum: object, seed: int, place: Sequence[str],
                labels: Sequence[object]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Chances of the members of one place, positions of the drawn ones, and the members (units in the order of the draw)."""
    wanted = stage.wanted()
    n = int(stage.n) if wanted is None else wanted[text_of(stratum)]
    if n > units.size:
        if stage.shortfall == "fail":
            where = " > ".join(str(part) for part in (*labels, stratum))
            raise DesignError(f"stage {stage.unit!r}, {where}: {n} wanted, {units.size} there; ask for fewer, or declare "
                              "shortfall='take_all'")
        n = units.size
    members, pi = _members_and_chances(stage, level, units, n)
    drawn = pick.METHODS[stage.method].pick(pi, Chance(seed, *place)) if n < units.size else np.arange(n)
    return pi, drawn, members


def _members_and_chances(stage: Stage, level: Level, units: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray]:
    method = pick.METHODS[stage.method]
    members = units[np.argsort(level.rank[units], kind="stable")] if method.ordered else units
    if method.by_size:
        return members, inclusion.inclusion_probabilities(level.size[members], n)
    return members, np.full(members.size, n / members.size)


def _children(level: Level) -> dict[int, list[tuple[int, np.ndarray]]]:
    """Parent -> (stratum, its units in canonical order), strata in canonical order."""
    order = np.lexsort((level.stratum, level.parent))
    parent, stratum = level.parent[order], level.stratum[order]
    starts = np.flatnonzero(np.concatenate([[True], (np.diff(parent) != 0) | (np.diff(stratum) != 0)]))
    children: dict[int, list[tuple[int, np.ndarray]]] = {}
    for units in np.split(order, starts[1:]):
        children.setdefault(int(level.parent[units[0]]), []).append((int(level.stratum[units[0]]), units))
    return children


def _chain(levels: Sequence[Level], units: np.ndarray) -> list[np.ndarray]:
    """For units of the last stage: their unit at every stage, first to last."""
    chain = [units]
    for level in reversed(levels[1:]):
        chain.insert(0, level.parent[chain[0]])
    return chain


def _columns(plan: Plan, levels: Sequence[Level], chances, counts, units: np.ndarray) -> pd.DataFrame:
    chain = _chain(levels, units)
    columns: dict[str, object] = {plan.id: _labels(levels[-1].labels, units)}
    columns["weight"] = np.prod([1 / chances[k][unit] for k, unit in enumerate(chain)], axis=0)
    for k, (level, unit) in enumerate(zip(levels, chain, strict=True)):
        columns[f"stratum_{k + 1}"] = _labels(level.strata, level.stratum[unit])
        columns[f"psu_{k + 1}"] = _labels(level.labels, unit)
        columns[f"fpc_{k + 1}"] = counts[k][unit]
        columns[f"pi_{k + 1}"] = chances[k][unit]
    certain = (chances[0][chain[0]] == 1) if len(levels) > 1 else np.zeros(units.size, dtype=bool)
    stratum = [f"{a} / {b}" if own else str(a)
               for a, b, own in zip(columns["stratum_1"], columns["psu_1"], certain, strict=True)]
    psu = [f"{a} / {b}" if own else str(a)
           for a, b, own in zip(columns["psu_1"], columns[f"psu_{min(2, len(levels))}"], certain, strict=True)]
    return pd.DataFrame({**columns, "variance_stratum": stratum, "variance_psu": psu})


def _reserve_table(plan: Plan, levels: Sequence[Level], chances, counts, reserves) -> pd.DataFrame:
    units = np.concatenate([kept for _, kept in reserves])
    columns: dict[str, object] = {
        plan.id: _labels(levels[-1].labels, units),
        "group": np.repeat([group for group, _ in reserves], [kept.size for _, kept in reserves]),
        "order": np.concatenate([np.arange(1, kept.size + 1) for _, kept in reserves]),
    }
    for k, (level, unit) in enumerate(zip(levels, _chain(levels, units), strict=True)):
        columns[f"stratum_{k + 1}"] = _labels(level.strata, level.stratum[unit])
        columns[f"psu_{k + 1}"] = _labels(level.labels, unit)
        columns[f"fpc_{k + 1}"] = counts[k][unit]
    return pd.DataFrame(columns)


def _labels(labels: Sequence[object], code: np.ndarray) -> pd.Series:
    return pd.Series([labels[i] for i in code], dtype=object).infer_objects()
