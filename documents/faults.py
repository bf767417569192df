"""One fault in what somebody gave us, and the exception that carries all of them at once."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """Where, what is wrong, and what to do about it: three short Vietnamese sentences for the person who can mend it."""

    place: str
    reason: str
    mend: str

    def __str__(self) -> str:
        return f"{self.place}: {self.reason} Cách sửa: {self.mend}"


class Faults(ValueError):
    """Input was refused as a whole; nothing of it was kept."""

    def __init__(self, faults: Iterable[Fault]):
        self.faults = tuple(faults)
        if not self.faults:
            raise ValueError("Faults needs at least one fault")
        super().__init__("\n".join(str(fault) for fault in self.faults))


class FaultList:
    """Collects faults while a document is checked, and refuses at the end: all at once, never only the first."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def add(self, place: str, reason: str, mend: str) -> None:
        self._faults.append(Fault(place, reason, mend))

    def extend(self, faults: Iterable[Fault]) -> None:
        self._faults.extend(faults)

    def __len__(self) -> int:
        return len(self._faults)

    def __iter__(self):
        return iter(self._faults)

    def refuse_if_any(self) -> None:
        if self._faults:
            raise Faults(self._faults)
