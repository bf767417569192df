"""The record of a draw: enough to draw it again and to see whether anything is not what it was."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from analysis.sampling.canonical import plain
from analysis.sampling.draw import ALGORITHM, Draw, Group, draw
from analysis.sampling.frame import FrameRecord, record_frame
from analysis.sampling.plan import Plan
from analysis.variance import DesignError

KIND = "sample-draw"


@dataclass(frozen=True)
class DrawRecord:
    """`algorithm`: version of the drawing code; `selected`: drawn ids in canonical order; `reserves`: (group, id) in the order
    in which they are to be used; `groups`: what each place had and gave, numbered from 1."""

    algorithm: str
    seed: int
    plan: Plan
    frame: FrameRecord
    n: int
    groups: tuple[Group, ...]
    selected: tuple[object, ...]
    reserves: tuple[tuple[int, object], ...]

    def as_document(self) -> dict[str, object]:
        """Plain values only: survives JSON unchanged."""
        groups = [{"stage": g.stage, "parents": list(g.parents), "stratum": g.stratum, "population": g.population, "n": g.n,
                   "size_total": g.size_total} for g in self.groups]
        return {"kind": KIND, "algorithm": self.algorithm, "seed": self.seed, "plan": self.plan.as_document(),
                "frame": self.frame.as_document(), "n": self.n, "groups": groups, "selected": list(self.selected),
                "reserves": [list(pair) for pair in self.reserves]}

    @classmethod
    def from_document(cls, document: Mapping[str, object]) -> "DrawRecord":
        """The record that `as_document` wrote. Raises DesignError when it is no such document."""
        try:
            if document["kind"] != KIND:
                raise DesignError(f"this is {document['kind']!r}, not {KIND!r}")
            written = document["frame"]
            frame = FrameRecord(written["rows"], tuple(written["columns"]), written["sha256"],
                                tuple((name, float(total)) for name, total in written["size_totals"]))
            groups = tuple(Group(**{**group, "parents": tuple(group["parents"])}) for group in document["groups"])
            return cls(document["algorithm"], document["seed"], Plan.from_document(document["plan"]), frame, document["n"],
                       groups, tuple(document["selected"]), tuple((group, case) for group, case in document["reserves"]))
        except (KeyError, TypeError, AttributeError) as error:
            raise DesignError(f"this is no record of a draw: {error}") from error


@dataclass(frozen=True)
class Difference:
    """One thing that is not as recorded. what: algorithm | frame | groups | selected | reserves."""

    what: str
    recorded: object
    found: object


@dataclass(frozen=True)
class Verification:
    """Whether a draw could be repeated; `differences` is empty exactly when it could."""

    differences: tuple[Difference, ...]

    @property
    def matches(self) -> bool:
        return not self.differences


def record_draw(made: Draw, frame: pd.DataFrame, name: str = "khung mẫu") -> DrawRecord:
    """The record of `made`, drawn from `frame`. Raises documents.faults.Faults as `check_frame`."""
    id_column = made.plan.id
    reserves = zip(made.reserves["group"], made.reserves[id_column], strict=True)
    return DrawRecord(ALGORITHM, made.seed, made.plan, record_frame(frame, made.plan, name), len(made.sample), made.groups,
                      tuple(plain(case) for case in made.sample[id_column]),
                      tuple((int(group), plain(case)) for group, case in reserves))


def verify(frame: pd.DataFrame, record: DrawRecord, name: str = "khung mẫu") -> Verification:
    """Draw again from `frame` by the record's plan and seed, and compare all that was recorded.

    The frame's row order does not matter. A frame that has changed, or another version of the drawing code, is told as such
    beside what it led to; recorded and found list only the ids that are not in both, unless only their order differs.
    Raises documents.faults.Faults (a faulty frame), DesignError (the plan no longer fits the frame).
    """
    again = record_draw(draw(frame, record.plan, record.seed, name), frame, name)
    found = []
    if again.algorithm != record.algorithm:
        found.append(Difference("algorithm", record.algorithm, again.algorithm))
    if again.frame != record.frame:
        found.append(Difference("frame", record.frame.as_document(), again.frame.as_document()))
    for what in ("groups", "selected", "reserves"):
        before, now = getattr(record, what), getattr(again, what)
        if before != now:
            had, has = set(before), set(now)
            gone, new = [one for one in before if one not in has], [one for one in now if one not in had]
            found.append(Difference(what, *((gone, new) if gone or new else (list(before), list(now)))))
    if record.n != len(record.selected):
        found.append(Difference("selected", record.n, len(record.selected)))
    return Verification(tuple(found))
