"""What is to be drawn: stages, methods, sizes. A plan is data; `draw` carries it out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from analysis.sampling.canonical import plain, sort_key, text_of
from analysis.sampling.selection import METHODS
from analysis.variance import DesignError

SIZES = ("sum", "constant")
SHORTFALLS = ("fail", "take_all")


@dataclass(frozen=True)
class Stage:
    """One stage: `n` units of column `unit`, in each stratum of each unit drawn before.

    n: one number for every stratum, or stratum -> number. method: srs | systematic | sampford | tille | pps_systematic.
    size: column of the size measure for the methods by size (None: rows of the frame); size_of_unit: "sum" adds the column up
    over the unit's rows, "constant" takes the value that all its rows bear. strata: column, or None. sort: columns that
    order the units for the systematic methods, ascending; then by id. shortfall: what happens where there are fewer than n
    units: "fail", or "take_all". Raises DesignError on values outside these.
    """

    unit: str
    n: int | Mapping[object, int]
    method: str = "srs"
    size: str | None = None
    size_of_unit: str = "sum"
    strata: str | None = None
    sort: tuple[str, ...] = ()
    shortfall: str = "fail"

    def __post_init__(self) -> None:
        object.__setattr__(self, "sort", tuple(self.sort))
        if self.method not in METHODS:
            raise DesignError(f"stage {self.unit!r}: method must be one of {', '.join(METHODS)}, not {self.method!r}")
        method = METHODS[self.method]
        if self.size is not None and not method.by_size:
            raise DesignError(f"stage {self.unit!r}: method {self.method} does not draw by size; leave size out")
        if self.sort and not method.ordered:
            raise DesignError(f"stage {self.unit!r}: only systematic methods have a sort")
        if self.size_of_unit not in SIZES or self.shortfall not in SHORTFALLS:
            raise DesignError(f"stage {self.unit!r}: size_of_unit must be sum or constant, shortfall fail or take_all")
        if isinstance(self.n, Mapping):
            if self.strata is None or not self.n:
                raise DesignError(f"stage {self.unit!r}: n by stratum needs a strata column and at least one stratum")
            texts = [text_of(name) for name in self.n]
            if "" in texts or len(set(texts)) < len(texts):
                raise DesignError(f"stage {self.unit!r}: n names a stratum twice, or a missing one")
        for count in self.n.values() if isinstance(self.n, Mapping) else [self.n]:
            if isinstance(count, bool) or not count >= 1 or count != int(count):
                raise DesignError(f"stage {self.unit!r}: n must be a whole number of at least 1, not {count!r}; "
                                  "leave out of the frame what is not to be drawn from")

    def wanted(self) -> dict[str, int] | None:
        """n by the stratum's canonical text; None when it is one number."""
        return {text_of(name): int(count) for name, count in self.n.items()} if isinstance(self.n, Mapping) else None

    def as_document(self) -> dict[str, object]:
        """Plain values for JSON; n by stratum as pairs, in canonical order."""
        n = self.n
        if isinstance(n, Mapping):
            pairs = sorted(n.items(), key=lambda pair: sort_key(text_of(pair[0])))
            n = [[plain(name), int(count)] for name, count in pairs]
        return {"unit": self.unit, "n": n if isinstance(n, list) else int(n), "method": self.method, "size": self.size,
                "size_of_unit": self.size_of_unit, "strata": self.strata, "sort": list(self.sort), "shortfall": self.shortfall}


@dataclass(frozen=True)
class Plan:
    """Stages from the first to the last, whose `unit` is the id of a row; `reserves`: units in the ordered reserve list of
    each group (stratum and parent) of the last stage."""

    stages: tuple[Stage, ...]
    reserves: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "stages", tuple(self.stages))
        if not self.stages or isinstance(self.reserves, bool) or not self.reserves >= 0 or self.reserves != int(self.reserves):
            raise DesignError("a plan needs at least one stage, and reserves must be a whole number of at least 0")
        units = [stage.unit for stage in self.stages]
        if len(set(units)) < len(units):
            raise DesignError(f"a column is the unit of two stages: {', '.join(units)}")

    @property
    def id(self) -> str:
        return self.stages[-1].unit

    def columns(self) -> tuple[str, ...]:
        """Every column of the frame that decides the draw, each once."""
        listed: list[str] = [self.id]
        for stage in self.stages:
            listed += [stage.unit, *(name for name in (stage.strata, stage.size) if name), *stage.sort]
        return tuple(dict.fromkeys(listed))

    def size_columns(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(stage.size for stage in self.stages if stage.size))

    def as_document(self) -> dict[str, object]:
        return {"stages": [stage.as_document() for stage in self.stages], "reserves": int(self.reserves)}

    @classmethod
    def from_document(cls, document: Mapping[str, object]) -> "Plan":
        """The plan that `as_document` wrote. Raises DesignError, KeyError or TypeError when it is no such document."""
        stages = []
        for written in document["stages"]:
            n = written["n"]
            pairs = isinstance(n, Sequence)
            stages.append(Stage(**{**written, "n": dict(n) if pairs else n}))
        return cls(tuple(stages), document["reserves"])


def stratified(unit: str, strata: str, n: int | Mapping[object, int], method: str = "srs", reserves: int = 0) -> Plan:
    """A plan of one stage: n of the rows of each stratum; n as `Allocation.by_stratum` gives it, or one number."""
    return Plan((Stage(unit, n, method, strata=strata),), reserves)
