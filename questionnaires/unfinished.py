"""What is still missing or wrong in a questionnaire that is being made, in words for people who never see its file."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from documents.yaml_reader import Path
from questionnaires.advice import KINDS, advise_unfinished
from questionnaires.answers import type_of
from questionnaires.checks import check, questions_with_paths
from questionnaires.findings import Advice, Finding
from questionnaires.model import Questionnaire
from questionnaires.shape import shorten

#: the last key of a path, as the designer's pages call it
PARTS: Mapping[str, str] = MappingProxyType(
    {
        "form_id": "mã phiếu",
        "version": "phiên bản",
        "title": "tên phiếu",
        "description": "mô tả",
        "languages": "ngôn ngữ",
        "default_language": "ngôn ngữ mặc định",
        "machine_drafted": "ngôn ngữ do máy dịch nháp",
        "respondent_groups": "nhóm đối tượng",
        "rates": "đánh giá một hay nhiều đơn vị",
        "minutes": "thời gian trả lời",
        "collects": "dữ liệu thu thập thêm",
        "label": "câu chữ",
        "hint": "giải thích",
        "relevant": "điều kiện hiện",
        "constraint": "điều kiện của câu trả lời",
        "constraint_message": "câu báo khi trả lời sai điều kiện",
        "required_message": "câu báo khi chưa trả lời",
        "required": "bắt buộc",
        "choice_filter": "lọc phương án",
        "calculation": "công thức",
        "count": "số lần hỏi",
        "most": "số lần nhiều nhất",
        "parameters": "tham số",
        "appearance": "cách hiển thị",
        "default": "giá trị ban đầu",
        "missing": "loại không có câu trả lời",
        "factor": "yếu tố hài lòng",
        "type": "loại câu hỏi",
        "name": "tên",
        "questions": "câu hỏi",
        "purpose": "mục đích",
        "data": "dữ liệu lưu giữ",
        "controller": "đơn vị chịu trách nhiệm",
        "rights": "quyền của người trả lời",
        "contact": "liên hệ",
    }
)
#: what to do, where the words for writers of files would not help
_MENDS: Mapping[tuple[str, ...], str] = MappingProxyType(
    {
        ("respondent_groups",): "Chọn nhóm ở trang Cài đặt.",
        ("minutes",): "Ghi số phút từ 1 đến 120 ở trang Cài đặt, hoặc để trống.",
        ("required",): "Bỏ dấu “Bắt buộc”.",
        ("constraint_message",): "Thêm điều kiện của câu trả lời, hoặc xóa câu báo.",
    }
)
_PLAIN = (
    (re.compile(r"rates: one_unit"), "“một đơn vị”"),
    (re.compile(r"rates: many_units"), "“nhiều đơn vị”"),
    (re.compile(r"missing: dont_know"), "loại “không biết”"),
    (re.compile(r"missing: not_familiar"), "loại “chưa tiếp xúc”"),
    (re.compile(r"\brating_matrix\b"), "“bảng đánh giá nhiều đơn vị”"),
    (re.compile(r"\bselect_one\b"), "“chọn một”"),
    (re.compile(r"\b(khỏi|trong|vào) languages\b"), r"\1 các ngôn ngữ của phiếu"),
    (re.compile(r"\bkhóa required\b"), "dấu bắt buộc"),
    (re.compile(r"\b(khóa )?constraint_message\b"), "câu báo lỗi"),
    (re.compile(r"\b(khóa )?constraint\b"), "điều kiện của câu trả lời"),
    (re.compile(r"\bfactor\b"), "yếu tố hài lòng"),
    (re.compile(r"\brelevant\b"), "điều kiện hiện"),
    (re.compile(r"\b(bỏ|Bỏ) required\b"), r"\1 dấu bắt buộc"),
    (re.compile(r"\bở consent\b"), "ở lời đồng ý"),
    (re.compile(r"\bGhi most từ\b"), "Ghi số lần nhiều nhất từ"),
    (re.compile(r": đặt repeat ở cấp trang"), ", không gồm câu hỏi của một trang"),
)


_NAMED = re.compile(r"^Câu “[^”]*”: ")


@dataclass(frozen=True)
class Lack:
    """One thing to do: where it is for a person, what, how; and the page, question or list that it belongs to."""

    where: str
    reason: str
    mend: str
    #: ("pages", name), ("groups", name), ("questions", name), ("choices", list), ("consent",), ("settings",)
    belongs_to: tuple[str, ...]
    #: only another language's words are missing: the page of translations shows all of these together
    untranslated: bool = False


@dataclass(frozen=True)
class Look:
    """One thing worth a second look; it keeps nobody from publishing. `page` is the page it stands on, or ""."""

    about: str
    where: str
    reason: str
    mend: str
    belongs_to: tuple[str, ...]
    page: str


def looks(form: Questionnaire, faults: tuple[Finding, ...] | None = None) -> tuple[Look, ...]:
    """`faults` are those of the checks, where somebody has them already."""
    return tuple(_look(form, each) for each in advise_unfinished(form, check(form) if faults is None else faults))


def _look(form: Questionnaire, advice: Advice) -> Look:
    where, belongs_to = _place(form, advice.path)
    # what stands beside its place need not name it once more
    reason = _NAMED.sub("", _plain(advice.reason))
    page = form.pages[advice.path[1]].name if advice.path[0] == "pages" and len(advice.path) > 1 else ""
    return Look(KINDS[advice.kind], where, reason[:1].upper() + reason[1:], _plain(advice.mend), belongs_to, page)


def lacks(form: Questionnaire, faults: tuple[Finding, ...] | None = None) -> tuple[Lack, ...]:
    """Everything that keeps it from being published; nothing means that `document.load` takes it."""
    without_list = (
        Finding((*path, "type"), "Chưa chọn danh sách phương án.", "Chọn một danh sách, hoặc thêm danh sách mới.")
        for path, _, question in questions_with_paths(form)
        if type_of(question).takes_choices and question.choices is None
    )
    return in_words(form, (*(check(form) if faults is None else faults), *without_list))


def in_words(form: Questionnaire, findings: Iterable[Finding]) -> tuple[Lack, ...]:
    return tuple(_in_words(form, each) for each in findings)


def _in_words(form: Questionnaire, finding: Finding) -> Lack:
    where, belongs_to = _place(form, finding.path)
    keys = [each for each in finding.path if isinstance(each, str)]
    part = PARTS.get(str(finding.path[-1]), "") or PARTS.get(str(finding.path[-2]) if len(finding.path) > 1 else "", "")
    absent = re.match(r"Thiếu bản dịch: (.*)\.", finding.reason)
    untranslated = bool(absent) and form.default_language not in absent[1].split(", ")
    at_top = keys[-1:] if len(keys) == 1 or keys[-1] in ("required", "constraint_message") and not absent else []
    mend = _MENDS.get(tuple(at_top)) or _plain(finding.mend)
    reason = _plain(finding.reason)
    quoted = re.fullmatch(r"Thiếu nội dung của “(\w+)”\.", reason)
    if quoted:
        reason = f"Chưa viết {PARTS.get(quoted[1], quoted[1])}."
    return Lack(f"{where}: {part}" if part and where.lower() != part else where, reason, mend, belongs_to, untranslated)


def _place(form: Questionnaire, path: Path) -> tuple[str, tuple[str, ...]]:
    if path[0] == "pages" and len(path) > 1 and isinstance(path[1], int) and path[1] < len(form.pages):
        page = form.pages[path[1]]
        words = f"Trang {path[1] + 1}"
        if len(path) > 3 and isinstance(path[3], int) and path[3] < len(page.questions):
            question = page.questions[path[3]]
            label = question.label.in_language(form.default_language) or question.name
            return f"{words}, câu {path[3] + 1} “{shorten(label)}”", ("questions", question.name)
        label = page.label.in_language(form.default_language) or page.name
        return f"{words} “{shorten(label)}”", ("pages", page.name)
    if path[0] == "choices" and len(path) > 1:
        words = f"Danh sách “{path[1]}”"
        return (f"{words}, phương án {path[2] + 1}" if len(path) > 2 and isinstance(path[2], int) else words), (
            "choices", str(path[1]))
    if path[0] in ("breaks_series", "renames") and len(path) > 1:
        known = form.question(str(path[1])) is not None
        return f"Câu “{path[1]}”, so với phiên bản trước", ("questions", str(path[1])) if known else ("pages",)
    if path[0] == "groups" and len(path) > 1:
        name = str(path[1])
        group = next((each for each in form.groups if each.name == name), None)
        label = group.label.in_language(form.default_language) if group else ""
        return f"Nhóm “{shorten(label or name)}”", ("groups", name) if group else ("pages",)
    if path[0] == "consent":
        return "Lời đồng ý", ("consent",)
    if path[0] == "pages":
        return "Các trang", ("pages",)
    return "Cài đặt", ("settings",)


def _plain(words: str) -> str:
    for pattern, said in _PLAIN:
        words = pattern.sub(said, words)
    return words
