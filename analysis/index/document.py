"""A framework's YAML document to the frozen model; every fault of the document at once, with its line and the mend.

The format is described for those who write it in docs/dinh-dang/bo-chi-so.md.
"""

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from analysis.index import checks
from analysis.index.bands import Band
from analysis.index.checks import Coded, PlacedLeaf, PlacedSource, QuestionnaireFacts, completeness, suggest
from analysis.index.framework import Area, Criterion, Declared, Framework, Leaf, Rule, Source
from analysis.index.rounding import MODES, Rounding
from documents.faults import FaultList
from documents.yaml_reader import Document, Path, read

__all__ = ["QuestionnaireFacts", "completeness", "load"]

NUMBER = re.compile(r"[-+]?\d{1,12}(\.\d{1,12})?|[-+]?\d{1,12}/\d{1,12}", re.ASCII)
ZERO_BELOW = re.compile(r"/0+$")
YES_NO = {"yes": True, "true": True, "no": False, "false": False}
LONGEST_NAME = 1000
#: a rule states these itself or takes them from the document's defaults
POLICIES = ("dont_know", "minimum_n", "below_minimum")
COUNTS = ("areas", "criteria", "sub_criteria")
POINTS = ("appraised_points", "survey_points", "total_points")


def load(source: bytes, name: str, questionnaires: Mapping[str, QuestionnaireFacts] | None = None) -> Framework:
    """Read one framework; `name` is how its faults call the file.

    With `questionnaires` (by the name that rules use) the rules are checked against them too.
    Raises Faults with all faults: unreadable YAML alone, otherwise shape (keys, types, numbers) and meaning (codes, points,
    shares, bands, rules) together.
    """
    document = read(source, name)
    faults = FaultList()
    framework = _Loader(document, faults, questionnaires).framework()
    faults.refuse_if_any()
    return framework


class _Loader:
    """Walks the document once; a part that cannot be read becomes None and is left out, its fault is kept."""

    def __init__(self, document: Document, faults: FaultList, questionnaires: Mapping[str, QuestionnaireFacts] | None):
        self.document = document
        self.faults = faults
        self.questionnaires = questionnaires
        self.tables: dict[str, dict[str, Fraction]] = {}
        self.faulty_tables: set[str] = set()
        self.defaults: dict[str, Any] = {}
        self.coded: list[Coded] = []
        self.leaves: list[PlacedLeaf] = []
        self.sources: list[PlacedSource] = []
        self.points_known = True

    # -- the document ----------------------------------------------------------------------------------------------

    def framework(self) -> Framework | None:
        data = self.mapping((), self.document.data, required=("unit_group", "year", "name", "rounding", "bands", "areas"),
                            optional=("source", "illustrative", "declared", "insufficient",
                                      "rescale_appraised_without_survey", "coefficients", "defaults"))
        if data is None:
            return None
        head = {
            "unit_group": self.text((), data, "unit_group"),
            "year": self.integer((), data, "year", 1990, 2200),
            "name": self.text((), data, "name"),
            "source": self.text((), data, "source", default=""),
            "illustrative": self.choice((), data, "illustrative", YES_NO, default=False),
            "insufficient": self.choice((), data, "insufficient", _same("withhold", "rescale"), default="withhold"),
            "rescale_appraised_without_survey":
                self.choice((), data, "rescale_appraised_without_survey", YES_NO, default=False),
        }
        rounding = self.rounding(data.get("rounding"))
        bands = self.bands(data.get("bands"))
        declared, total = self.declared(data.get("declared"))
        self.coefficients(data.get("coefficients"))
        self.read_defaults(data.get("defaults"))
        areas = self.each(("areas",), data.get("areas"), self.area)
        self.check_whole(declared, total)
        if len(self.faults):
            return None
        return Framework(areas=tuple(areas), bands=tuple(bands), rounding=rounding, declared=declared, **head)

    def check_whole(self, declared: Declared, total: Fraction) -> None:
        checks.check_codes(self.document, self.coded, self.faults)
        if self.points_known:  # sums over half-read leaves would only repeat the faults already told
            checks.check_points(self.document, self.leaves, declared, total, self.faults)
        if self.questionnaires is not None:
            checks.check_questionnaires(self.document, self.sources, self.questionnaires, self.faults)

    def rounding(self, data: Any) -> Rounding | None:
        path = ("rounding",)
        fields = data if data is None else self.mapping(path, data, required=("places", "mode"))
        if fields is None:
            return None
        places = self.integer(path, fields, "places", 0, 12)
        mode = self.choice(path, fields, "mode", _same(*MODES))
        return None if places is None or mode is None else Rounding(places, mode)

    def bands(self, data: Any) -> list[Band]:
        bands = [] if data is None else self.each(("bands",), data, self.band)
        if data is not None and isinstance(data, list) and len(bands) == len(data):
            checks.check_bands(self.document, bands, self.faults)
        return bands

    def band(self, path: Path, data: Any) -> Band | None:
        fields = self.mapping(path, data, required=("name", "at_least"))
        if fields is None:
            return None
        name, at_least = self.text(path, fields, "name"), self.number(path, fields, "at_least")
        return None if name is None or at_least is None else Band(name, at_least)

    def declared(self, data: Any) -> tuple[Declared, Fraction]:
        path, total = ("declared",), Fraction(100)
        fields = None if data is None else self.mapping(path, data, optional=(*COUNTS, *POINTS))
        if fields is None:
            return Declared(), total
        values = {key: self.integer(path, fields, key, 0, 100_000) for key in COUNTS if key in fields}
        values |= {key: self.number(path, fields, key) for key in POINTS if key in fields}
        total = values.pop("total_points", None) or total
        return Declared(**values), total

    def coefficients(self, data: Any) -> None:
        if data is None:
            return
        if not isinstance(data, dict) or not data:
            self.wrong_shape(("coefficients",), "một danh sách bảng hệ số, mỗi bảng có tên")
            return
        for name, table in data.items():
            path = ("coefficients", name)
            before = len(self.faults)
            readable = isinstance(table, dict) and table
            if not readable:
                self.wrong_shape(path, "các cặp mã trả lời: hệ số, ví dụ \"5\": 1")
            values = {answer: self.number(path, table, answer) for answer in table} if readable else {}
            for answer, value in values.items():
                if value is not None and not 0 <= value <= 1:
                    self.fault((*path, answer), f"Hệ số {checks.spell(value)} của trả lời “{answer}” nằm ngoài khoảng 0 đến 1.",
                               "Ghi hệ số từ 0 đến 1, ví dụ 0.75 thay cho 75.")
            if len(self.faults) == before:
                self.tables[name] = values
            else:
                self.faulty_tables.add(name)

    def read_defaults(self, data: Any) -> None:
        fields = None if data is None else self.mapping(("defaults",), data, optional=POLICIES)
        if fields is not None:
            self.defaults = self.policies(("defaults",), fields)

    def policies(self, path: Path, fields: dict) -> dict[str, Any]:
        """Whatever of dont_know, minimum_n and below_minimum stands here; None where it stands but cannot be read."""
        found: dict[str, Any] = {}
        if "minimum_n" in fields:
            found["minimum_n"] = self.integer(path, fields, "minimum_n", 1, 1_000_000)
        if "below_minimum" in fields:
            found["below_minimum"] = self.choice(path, fields, "below_minimum", _same("spread", "mark"))
        if fields.get("dont_know") == "exclude":
            found["dont_know"] = "exclude"
        elif "dont_know" in fields:
            value = self.number(path, fields, "dont_know", instead="Viết “exclude” hoặc một hệ số từ 0 đến 1.")
            if value is not None and not 0 <= value <= 1:
                self.fault((*path, "dont_know"), f"Hệ số {checks.spell(value)} nằm ngoài khoảng 0 đến 1.",
                           "Viết “exclude” hoặc một hệ số từ 0 đến 1.")
            found["dont_know"] = value
        return found

    # -- the tree --------------------------------------------------------------------------------------------------

    def area(self, path: Path, data: Any) -> Area | None:
        fields = self.mapping(path, data, required=("code", "name", "criteria"), optional=("lead",))
        if fields is None:
            self.points_known = False
            return None
        code = self.code(path, fields, "")
        name, lead = self.text(path, fields, "name"), self.text(path, fields, "lead", default="")
        if "criteria" not in fields:
            self.points_known = False
            return None
        criteria = self.each((*path, "criteria"), fields["criteria"], lambda at, item: self.criterion(at, item, code))
        return Area(code, name, tuple(criteria), lead)

    def criterion(self, path: Path, data: Any, parent: str) -> Criterion | None:
        fields = self.mapping(path, data, required=("code", "name"), optional=("sub_criteria", "kind", "max_points", "rule"))
        if fields is None:
            self.points_known = False
            return None
        code, name = self.code(path, fields, parent), self.text(path, fields, "name")
        own = [key for key in ("kind", "max_points", "rule") if key in fields]
        if "sub_criteria" not in fields:
            return Criterion(code, name, leaf=self.leaf(path, fields, code, name))
        if own:
            self.points_known = False
            self.fault((*path, own[0]), f"Tiêu chí “{code}” vừa có sub_criteria vừa có {', '.join(own)} của riêng nó.",
                       "Giữ tiêu chí thành phần và chuyển điểm xuống đó, hoặc bỏ sub_criteria.")
        subs = self.each((*path, "sub_criteria"), fields["sub_criteria"],
                         lambda at, item: self.sub_criterion(at, item, code))
        return Criterion(code, name, tuple(subs))

    def sub_criterion(self, path: Path, data: Any, parent: str) -> Leaf | None:
        fields = self.mapping(path, data, required=("code", "name"), optional=("kind", "max_points", "rule"))
        if fields is None:
            self.points_known = False
            return None
        return self.leaf(path, fields, self.code(path, fields, parent), self.text(path, fields, "name"))

    def code(self, path: Path, fields: dict, parent: str) -> str:
        code = self.text(path, fields, "code")
        if code is not None:
            self.coded.append(Coded(path, code, parent))
        return code or ""

    def leaf(self, path: Path, fields: dict, code: str, name: str) -> Leaf | None:
        for key in ("kind", "max_points"):
            if key not in fields:
                self.fault(path, f"Mục “{code}” thiếu “{key}”.", f"Thêm “{key}” cho mục này.")
        kind = self.choice(path, fields, "kind", _same("appraised", "survey"))
        points = self.number(path, fields, "max_points")
        if points is not None and points <= 0:
            self.fault((*path, "max_points"), f"Điểm tối đa {checks.spell(points)} không lớn hơn 0.",
                       "Ghi điểm tối đa lớn hơn 0.")
        rule = self.rule((*path, "rule"), fields["rule"]) if "rule" in fields else None
        if kind == "survey" and "rule" not in fields:
            self.fault(path, f"Mục “{code}” lấy điểm từ điều tra nhưng không có quy tắc tính.",
                       "Thêm “rule” với các nguồn (sources), hoặc đổi kind thành appraised.")
        if kind == "appraised" and "rule" in fields:
            self.fault((*path, "rule"), f"Mục “{code}” là điểm thẩm định nhưng có quy tắc điều tra.",
                       "Bỏ “rule”, hoặc đổi kind thành survey.")
        if kind is None or points is None:
            self.points_known = False
            return None
        leaf = Leaf(code, name, points, kind, rule)
        self.leaves.append(PlacedLeaf(path, leaf))
        return leaf

    def rule(self, path: Path, data: Any) -> Rule | None:
        fields = self.mapping(path, data, required=("sources",), optional=POLICIES)
        if fields is None:
            return None
        policy = self.defaults | self.policies(path, fields)
        for key in POLICIES:
            if key not in policy:
                self.fault(path, f"Quy tắc không có “{key}”.", f"Khai báo “{key}” ở đây hoặc ở “defaults” đầu tệp.")
                policy[key] = None
        if "sources" not in fields:
            return None
        at = (*path, "sources")
        sources = self.each(at, fields["sources"], self.source)
        if sources and len(sources) == len(fields["sources"]):
            checks.check_shares(self.document, at, sources, self.faults)
        return Rule(tuple(sources), **policy)

    def source(self, path: Path, data: Any) -> Source | None:
        fields = self.mapping(path, data, required=("group", "share", "questionnaire", "question", "coefficients"))
        if fields is None:
            return None
        texts = {key: self.text(path, fields, key) for key in ("group", "questionnaire", "question")}
        share, table = self.number(path, fields, "share"), self.text(path, fields, "coefficients")
        if table is not None and table not in self.tables and table not in self.faulty_tables:
            self.fault((*path, "coefficients"), f"Không có bảng hệ số “{table}”.",
                       suggest(table, [*self.tables, *self.faulty_tables]) or "Khai báo bảng này ở “coefficients” đầu tệp.")
        if share is None or None in texts.values() or table is None:
            return None
        source = Source(share=share, coefficients=self.tables.get(table, {}), **texts)
        if table in self.tables:
            self.sources.append(PlacedSource(path, source, table))
        return source

    # -- values ----------------------------------------------------------------------------------------------------

    def fault(self, path: Path, reason: str, mend: str) -> None:
        self.faults.add(self.document.place(*path), reason, mend)

    def wrong_shape(self, path: Path, wanted: str) -> None:
        self.fault(path, f"Chỗ này phải là {wanted}.",
                   "Kiểm tra thụt lề và dấu gạch đầu dòng; xem ví dụ trong tài liệu định dạng.")

    def mapping(self, path: Path, data: Any, required: Sequence[str] = (), optional: Sequence[str] = ()) -> dict | None:
        """The mapping itself when it is one; its unknown and missing keys are told."""
        if not isinstance(data, dict):
            self.wrong_shape(path, f"các cặp khóa: giá trị ({', '.join([*required, *optional])})")
            return None
        known = (*required, *optional)
        unknown = [key for key in data if key not in known]
        for key in unknown:
            self.fault((*path, key), f"Không biết khóa “{key[:60]}”.",
                       suggest(key, [k for k in known if k not in data] or known))
        for key in required:
            if key not in data:
                self.fault(path, f"Thiếu khóa “{key}”.", f"Thêm “{key}: …” ở đây.")
        return data

    def each(self, path: Path, data: Any, read_item) -> list:
        """Every readable item of a list that must not be empty."""
        if data is None:  # the missing key itself has been told
            self.points_known = False
            return []
        if not isinstance(data, list) or not data:
            self.points_known = False
            self.wrong_shape(path, "một danh sách có ít nhất một mục (mỗi mục bắt đầu bằng “- ”)")
            return []
        items = [read_item((*path, index), item) for index, item in enumerate(data)]
        return [item for item in items if item is not None]

    def text(self, path: Path, fields: dict, key: str, default: str | None = None) -> str | None:
        if key not in fields:
            return default
        value = fields[key]
        if not isinstance(value, str) or (not value.strip() and default is None):
            self.fault((*path, key), f"“{key}” phải là chữ và không để trống.", f"Ghi nội dung cho “{key}”.")
            return None
        if len(value) > LONGEST_NAME or "\x00" in value:
            self.fault((*path, key), f"“{key}” dài quá {LONGEST_NAME} ký tự hoặc có ký tự lạ.", "Viết ngắn lại.")
            return None
        return " ".join(value.split())

    def number(self, path: Path, fields: dict, key: str, instead: str = "") -> Fraction | None:
        if key not in fields:
            return None
        value = fields[key]
        if isinstance(value, str) and NUMBER.fullmatch(value) and not ZERO_BELOW.search(value):
            return Fraction(value)
        shown = value[:40] if isinstance(value, str) else "danh sách"
        self.fault((*path, key), f"“{key}” là “{shown}”, không phải là số.",
                   instead or "Viết số với dấu chấm thập phân (1.5) hoặc phân số (1/3).")
        return None

    def integer(self, path: Path, fields: dict, key: str, lowest: int, highest: int) -> int | None:
        if key not in fields:
            return None
        value = fields[key]
        if isinstance(value, str) and re.fullmatch(r"\d{1,9}", value, re.ASCII) and lowest <= int(value) <= highest:
            return int(value)
        shown = value[:40] if isinstance(value, str) else "danh sách"
        self.fault((*path, key), f"“{key}” là “{shown}”, cần số nguyên từ {lowest} đến {highest}.",
                   f"Ghi một số nguyên từ {lowest} đến {highest}.")
        return None

    def choice(self, path: Path, fields: dict, key: str, choices: Mapping[str, Any], default: Any = None) -> Any:
        if key not in fields:
            return default
        value = fields[key]
        if isinstance(value, str) and value in choices:
            return choices[value]
        shown = value[:40] if isinstance(value, str) else "danh sách"
        self.fault((*path, key), f"“{key}” là “{shown}”, không phải một giá trị cho phép.",
                   f"Chọn một trong: {', '.join(choices)}.")
        return None


def _same(*words: str) -> dict[str, str]:
    return {word: word for word in words}
