"""Who stands in for whom: reserves are used in their drawn order, each with the reason why the case before it failed."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from analysis.sampling.canonical import plain, text_of
from analysis.sampling.draw import Draw
from analysis.variance import DesignError


class ReplacementError(DesignError):
    """This case cannot be replaced."""


@dataclass(frozen=True)
class Replacement:
    """`case` was given up for `reason`; `by`, number `order` on the reserve list of `group`, took its place and weight."""

    case: object
    by: object
    reason: str
    group: int
    order: int

    def as_document(self) -> dict[str, object]:
        return {"case": plain(self.case), "by": plain(self.by), "reason": self.reason, "group": self.group, "order": self.order}


@dataclass(frozen=True, eq=False)
class Replacements:
    """A draw and the log of its replacements so far. `replace` gives a new one; nothing is ever taken back."""

    made: Draw
    log: tuple[Replacement, ...] = ()

    def replace(self, case: object, reason: str, reasons: Sequence[str] | None = None) -> "Replacements":
        """Give up `case` (drawn, or itself a replacement) and take the next reserve of its group.

        reasons: the declared ones, or None for any text. Raises ReplacementError: a case that is not in the field, was replaced
        before, has no reason or one that is not declared; a group whose reserves are used up.
        """
        if not reason.strip() or (reasons is not None and reason not in reasons):
            known = "" if reasons is None else f"; declared are {', '.join(reasons)}"
            raise ReplacementError(f"case {case!r}: give the reason for the replacement, not {reason!r}{known}")
        field = self.field()
        rows = field[[text_of(one) == text_of(case) for one in field[self.made.plan.id]]]
        if rows.empty:
            raise ReplacementError(f"case {case!r} was neither drawn nor taken as a replacement")
        row = rows.iloc[0]
        if row["given_up"]:
            raise ReplacementError(f"case {case!r} has been replaced already")
        waiting = self.waiting(int(row["group"]))
        if waiting.empty:
            raise ReplacementError(f"case {case!r}: the reserves of group {row['group']} are used up")
        following = waiting.iloc[0]
        entry = Replacement(row[self.made.plan.id], following[self.made.plan.id], reason, int(row["group"]),
                            int(following["order"]))
        return Replacements(self.made, (*self.log, entry))

    def waiting(self, group: int) -> pd.DataFrame:
        """Reserves of a group that have not been used, in their order."""
        used = {entry.order for entry in self.log if entry.group == group}
        rows = self.made.reserves[self.made.reserves["group"] == group]
        return rows[~rows["order"].isin(used)].sort_values("order")

    def field(self) -> pd.DataFrame:
        """Every case that was ever to be asked: the columns of `Draw.sample`, stands_for (the drawn case whose place and weight
        it has; itself when drawn), given_up (a later case took its place) and reason. Cases not given up weigh as the draw."""
        id_column = self.made.plan.id
        table = self.made.sample.copy()
        table["stands_for"] = table[id_column]
        rows = {text_of(case): position for position, case in enumerate(table[id_column])}
        lines = table.to_dict("records")
        for line in lines:
            line.update(given_up=False, reason=None)
        reserve = {text_of(line[id_column]): line for line in self.made.reserves.to_dict("records")}
        for entry in self.log:
            before = lines[rows[text_of(entry.case)]]
            before.update(given_up=True, reason=entry.reason)
            own = reserve[text_of(entry.by)]
            rows[text_of(entry.by)] = len(lines)
            lines.append({**before, **{k: v for k, v in own.items() if k in before}, "given_up": False, "reason": None})
        return pd.DataFrame(lines, columns=[*table.columns, "given_up", "reason"])

    def as_document(self) -> list[dict[str, object]]:
        return [entry.as_document() for entry in self.log]
