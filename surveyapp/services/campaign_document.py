"""A campaign's YAML document to what it declares, every part checked against what is stored; all faults at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from analysis.index.checks import suggest
from documents import yaml_reader
from documents.faults import FaultList
from documents.yaml_reader import Document
from surveyapp.models import FrameworkDocument, QuestionnaireVersion
from surveyapp.models.campaigns import KEEP_UNFINISHED_DAYS
from surveyapp.queries import frameworks, questionnaires, units
from surveyapp.services.cells import CODE, has_control_characters, read_day, shown

KEYS = ("code", "name", "year", "opens_on", "closes_on", "questionnaires", "frameworks", "rates")
OPTIONAL = ("keep_unfinished_days",)
LONGEST_KEPT = 365


@dataclass(frozen=True)
class Declared:
    code: str
    name: str
    year: int
    opens_on: date
    closes_on: date
    #: after `closes_on`
    keep_unfinished_days: int
    #: form -> the version that is asked
    questionnaires: Mapping[str, QuestionnaireVersion]
    #: unit group -> the framework that scores it
    frameworks: Mapping[str, FrameworkDocument]
    #: respondent group -> unit groups
    rates: Mapping[str, tuple[str, ...]]


def load(source: bytes, name: str) -> Declared:
    """Raises Faults."""
    document = yaml_reader.read(source, name)
    faults = FaultList()
    declared = _Reader(document, faults).declared()
    faults.refuse_if_any()
    return declared


class _Reader:
    def __init__(self, document: Document, faults: FaultList):
        self.document = document
        self.faults = faults
        self.data: dict[str, Any] = {}

    def declared(self) -> Declared | None:
        if not isinstance(self.document.data, dict):
            self.fault((), "Tệp không phải là các cặp khóa: giá trị.", f"Viết các khóa: {', '.join(KEYS)}.")
            return None
        self.data = self.document.data
        for key in self.data:
            if key not in KEYS + OPTIONAL:
                self.fault((key,), f"Không biết khóa “{shown(key)}”.", suggest(key[:80], KEYS + OPTIONAL))
        for key in KEYS:
            if key not in self.data:
                self.fault((), f"Thiếu khóa “{key}”.", f"Thêm “{key}: …”.")
        code, title, year = self.code(), self.title(), self.year()
        opens_on, closes_on = self.day("opens_on"), self.day("closes_on")
        if opens_on and closes_on and closes_on < opens_on:
            self.fault(("closes_on",), f"Ngày kết thúc {closes_on} trước ngày bắt đầu {opens_on}.", "Sửa một trong hai ngày.")
        kept = self.keep_unfinished_days()
        asked = self.questionnaires()
        scored_by = self.frameworks(year)
        rates = self.rates(asked)
        if len(self.faults):
            return None
        return Declared(code, title, year, opens_on, closes_on, kept, asked, scored_by, rates)

    def fault(self, path: tuple, reason: str, mend: str) -> None:
        self.faults.add(self.document.place(*path), reason, mend)

    # -- single values ---------------------------------------------------------------------------------------------

    def text(self, key: str) -> str | None:
        """The text of a key; None where there is none, told unless the key itself is missing (which was told)."""
        if key not in self.data:
            return None
        value = self.data[key]
        if not isinstance(value, str) or not value.strip():
            self.fault((key,), f"“{key}” phải là chữ và không để trống.", f"Ghi nội dung cho “{key}”.")
            return None
        return " ".join(value.split(" ")).strip()

    def code(self) -> str | None:
        text = self.text("code")
        if text is not None and not CODE.fullmatch(text):
            self.fault(("code",), f"Mã “{shown(text)}” không đúng dạng.",
                       "Dùng chữ cái không dấu, chữ số, dấu chấm, gạch ngang, gạch dưới; tối đa 80 ký tự.")
        return text

    def title(self) -> str | None:
        text = self.text("name")
        if text is not None and (len(text) > 300 or has_control_characters(text)):
            self.fault(("name",), "Tên dài quá 300 ký tự, hoặc có xuống dòng hay ký tự điều khiển.",
                       "Viết tên trên một dòng, ngắn lại.")
        return text

    def year(self) -> int | None:
        text = self.text("year")
        if text is None:
            return None
        if len(text) != 4 or not text.isascii() or not text.isdecimal() or not 1990 <= int(text) <= 2200:
            self.fault(("year",), f"“{shown(text)}” không phải là năm.", "Ghi năm được chấm điểm, ví dụ 2024.")
            return None
        return int(text)

    def day(self, key: str) -> date | None:
        text = self.text(key)
        if text is None:
            return None
        day = read_day(text)
        if day is None:
            self.fault((key,), f"“{shown(text)}” không phải là ngày.", "Viết năm-tháng-ngày, ví dụ 2024-11-30.")
        return day

    def keep_unfinished_days(self) -> int | None:
        text = self.text("keep_unfinished_days")
        if text is None:
            return None if "keep_unfinished_days" in self.data else KEEP_UNFINISHED_DAYS
        if not text.isascii() or not text.isdecimal() or len(text) > 3 or int(text) > LONGEST_KEPT:
            self.fault(("keep_unfinished_days",), f"“{shown(text)}” không phải là số ngày từ 0 đến {LONGEST_KEPT}.",
                       f"Ghi số ngày giữ phiếu chưa gửi sau closes_on, ví dụ {KEEP_UNFINISHED_DAYS}.")
            return None
        return int(text)

    # -- what the campaign brings together -------------------------------------------------------------------------

    def questionnaires(self) -> dict[str, QuestionnaireVersion]:
        found: dict[str, QuestionnaireVersion] = {}
        data = self.mapping("questionnaires", 'mã phiếu: "phiên bản", ví dụ citizen: "2024.1"')
        for form_id, version in data.items():
            path = ("questionnaires", form_id)
            if not isinstance(version, str) or not version.strip():
                self.fault(path, f"Thiếu phiên bản của phiếu “{shown(form_id)}”.", f'Viết {shown(form_id)}: "phiên bản".')
                continue
            known = questionnaires.versions(form_id) if CODE.fullmatch(form_id) else []
            row = questionnaires.find(form_id, version) if version in known else None
            if row is not None:
                found[form_id] = row
            elif known:
                self.fault(path, f"Phiếu “{form_id}” không có phiên bản “{shown(version)}”.",
                           f"Chọn một trong: {', '.join(known)}; hoặc nhập phiên bản đó trước.")
            else:
                forms = [each.form_id for each in questionnaires.newest()]
                self.fault(path, f"Không có phiếu “{shown(form_id)}”.", suggest(form_id[:80], forms) or "Nhập phiếu này trước.")
        return found

    def frameworks(self, year: int | None) -> dict[str, FrameworkDocument]:
        names = self.words(("frameworks",), self.data.get("frameworks"), "nhóm đơn vị, ví dụ [department, district]",
                           "frameworks" in self.data)
        if year is None:
            return {}
        of_year = frameworks.newest_of_year(year)
        found: dict[str, FrameworkDocument] = {}
        for index, group in names:
            if group in of_year:
                found[group] = of_year[group]
            else:
                self.fault(("frameworks", index), f"Không có bộ chỉ số năm {year} cho nhóm đơn vị “{shown(group)}”.",
                           suggest(group[:80], of_year) or "Nhập bộ chỉ số này trước.")
        return found

    def rates(self, asked: Mapping[str, QuestionnaireVersion]) -> dict[str, tuple[str, ...]]:
        """Who rates whom: every group is asked by a questionnaire, every questionnaire has a group that is named here."""
        answering = {form_id: questionnaires.parsed(version).respondent_groups for form_id, version in asked.items()}
        known_groups = {group for groups in answering.values() for group in groups}
        unit_groups = units.group_names()
        found: dict[str, tuple[str, ...]] = {}
        data = self.mapping("rates", "nhóm đối tượng: [nhóm đơn vị, ...], ví dụ citizens: [district, commune]")
        for group, listed in data.items():
            path = ("rates", group)
            if asked and group not in known_groups:
                self.fault(path, f"Không phiếu nào của đợt dành cho nhóm đối tượng “{shown(group)}”.",
                           suggest(group[:80], known_groups) or "Thêm phiếu cho nhóm này.")
            names = self.words(path, listed, "nhóm đơn vị", True)
            for index, unit_group in names:
                if unit_group not in unit_groups:
                    self.fault((*path, index), f"Không có nhóm đơn vị “{shown(unit_group)}”.",
                               suggest(unit_group[:80], unit_groups) or "Nhập nhóm đơn vị này trước.")
            found[group] = tuple(unit_group for _, unit_group in names)
        for form_id, groups in answering.items():
            if data and not set(groups) & set(data):
                self.fault(("rates",), f"Phiếu “{form_id}” không có ai trả lời: chưa nêu nhóm nào trong {', '.join(groups)}.",
                           "Thêm một nhóm vào rates, hoặc bỏ phiếu này khỏi đợt.")
        return found

    def mapping(self, key: str, wanted: str) -> dict[str, Any]:
        if key not in self.data:
            return {}
        value = self.data[key]
        if not isinstance(value, dict) or not value:
            self.fault((key,), f"“{key}” phải gồm các cặp {wanted}.", "Kiểm tra thụt lề; xem ví dụ trong tài liệu định dạng.")
            return {}
        return value

    def words(self, path: tuple, value: Any, wanted: str, present: bool) -> list[tuple[int, str]]:
        """The words of a list with their places in it; the list has at least one, each once."""
        if not present:
            return []
        if not isinstance(value, list) or not value or not all(isinstance(word, str) and word.strip() for word in value):
            self.fault(path, f"Chỗ này phải là danh sách {wanted}.", "Viết các mã trong ngoặc vuông, cách nhau bằng dấu phẩy.")
            return []
        for index, word in enumerate(value):
            if word in value[:index]:
                self.fault((*path, index), f"“{shown(word)}” viết hai lần.", "Giữ lại một lần.")
        return list(enumerate(value))
