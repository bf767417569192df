"""What reading a workbook gives: the questionnaire, what did not come along as it was, and where each part of it stands."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from documents.faults import Fault
from documents.yaml_reader import Path
from questionnaires import checks
from questionnaires.model import Questionnaire
from questionnaires.xlsform.lines import Line

#: left_out: not in the questionnaire. kept: without meaning here, comes out again. assumed: what the workbook does not say.
Kind = Literal["left_out", "kept", "assumed"]

#: where settings stand that are called otherwise in the model
_SETTINGS = {
    "title": "form_title",
    "description": "par_description",
    "respondent_groups": "par_respondent_groups",
    "rates": "par_rates",
    "minutes": "par_minutes",
    "collects": "par_collects",
    "machine_drafted": "par_machine_drafted",
    "breaks_series": "par_breaks_series",
    "renames": "par_renames",
}
_FIELDS = {
    "count": "repeat_count",
    "most": "par_most",
    "factor": "par_factor",
    "missing": "par_missing",
    "exclusive": "par_exclusive",
}


#: how the checks say that an expression or a text speaks of a question that is not there
_SPOKEN_OF = re.compile(r"(?:Không có câu hỏi|Câu chữ nhắc đến) “(?:\$\{)?([^”}]+)")


@dataclass(frozen=True)
class Remark:
    kind: Kind
    place: str
    reason: str
    mend: str

    def __str__(self) -> str:
        return f"{self.place}: {self.reason} {self.mend}".strip()


class Remarks:
    """Collects remarks while a workbook is read."""

    def __init__(self) -> None:
        self._remarks: list[Remark] = []

    def add(self, kind: Kind, place: str, reason: str, mend: str = "") -> None:
        self._remarks.append(Remark(kind, place, reason, mend))

    def all(self) -> tuple[Remark, ...]:
        return tuple(self._remarks)


@dataclass(frozen=True)
class Imported:
    """A draft: it says what the workbook says, whether or not that may be asked. `faults` judges it."""

    questionnaire: Questionnaire
    remarks: tuple[Remark, ...]
    file: str
    #: path in the model -> the row it stands in; () is the row of settings
    lines: Mapping[Path, Line] = field(repr=False, default_factory=dict)
    #: question that was left out -> its row
    left_out: Mapping[str, int] = field(repr=False, default_factory=dict)

    def faults(self) -> tuple[Fault, ...]:
        """What the checks say of it, each at its sheet, row and column."""
        return tuple(
            Fault(self.place(finding.path), finding.reason, self._mend_of_what_is_gone(finding.reason) or finding.mend)
            for finding in checks.check(self.questionnaire)
        )

    def _mend_of_what_is_gone(self, reason: str) -> str:
        """The checks guess at a misspelt name; here it is known to have been left out."""
        spoken_of = _SPOKEN_OF.match(reason)
        row = self.left_out.get(spoken_of[1]) if spoken_of else None
        return f"Câu đó (dòng {row}) đã bị bỏ, xem danh sách những gì bị bỏ: sửa hoặc xóa chỗ nhắc đến nó." if row else ""

    def place(self, path: Path) -> str:
        if path[:1] == ("languages",):
            return f"{self.file}, tên các cột theo ngôn ngữ"
        for length in range(len(path), 0, -1):
            if path[:length] in self.lines:
                return self._in(self.lines[path[:length]], path[length:], _FIELDS)
        if path[:1] in (("pages",), ("choices",)):
            return f"{self.file}, trang tính {'survey' if path[0] == 'pages' else 'choices'}"
        if path[:1] == ("consent",):
            path = (f"par_consent_{path[1]}", *path[2:]) if len(path) > 1 else ("par_consent_purpose",)
        if () in self.lines:
            return self._in(self.lines[()], path, _SETTINGS)
        return f"{self.file}, trang tính settings (chưa có), cột {_SETTINGS.get(str(path[0]), path[0])}"

    def _in(self, line: Line, rest: Path, names: Mapping[str, str]) -> str:
        language = str(rest[1]) if len(rest) > 1 and isinstance(rest[1], str) else None
        return (
            line.place(names.get(str(rest[0]), str(rest[0])), language) if rest and isinstance(rest[0], str) else line.place()
        )
