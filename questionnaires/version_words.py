"""What changed between two versions, in Vietnamese sentences, and the findings that keep a silent break from publication."""

from collections.abc import Iterator, Mapping, Set
from types import MappingProxyType

from questionnaires.findings import Finding
from questionnaires.model import Questionnaire
from questionnaires.shape import shorten
from questionnaires.version_changes import Change
from questionnaires.versions import Comparison, QuestionComparison

COMPARABLE: Mapping[str, str] = MappingProxyType(
    {"yes": "so sánh được", "with_care": "so sánh cần thận trọng", "broken": "không so sánh được"}
)
FATES: Mapping[str, str] = MappingProxyType({"added": "câu mới", "removed": "không còn hỏi"})
_SUBJECTS: Mapping[str, str] = MappingProxyType({"page": "trang", "group": "nhóm", "list": "danh sách", "question": "câu"})
_KEYS: Mapping[str, str] = MappingProxyType(
    {
        "label": "câu chữ",
        "hint": "lời giải thích",
        "constraint_message": "câu báo khi sai",
        "required_message": "câu báo khi bỏ trống",
        "title": "tên phiếu",
        "description": "mô tả",
        "minutes": "số phút dự kiến",
        "collects": "những gì phiếu thu thêm",
        "form_id": "mã phiếu",
    }
)
#: kind of change -> what happened; `{choice}`, `{key}`, `{language}` and `{other}` are the change's own
_WHAT: Mapping[str, str] = MappingProxyType(
    {
        "wording": "đổi {key}",
        "spelling": "sửa chính tả hoặc dấu câu của {key}",
        "translation": "đổi bản dịch ({language}) của {key}",
        "hint": "đổi {key}",
        "message": "đổi {key}",
        "choice_added": "thêm phương án {choice}",
        "choice_removed": "bỏ phương án {choice}",
        "choice_moved": "đổi thứ tự phương án {choice}",
        "choice_relabelled": "đổi nhãn phương án {choice}",
        "choice_missing": "đổi việc phương án {choice} có được tính hay không",
        "choice_exclusive": "đổi việc phương án {choice} có được chọn cùng phương án khác hay không",
        "missing_moved": "đổi chỗ phương án không tính điểm ({choice})",
        "choice_spelling": "sửa chính tả hoặc dấu câu ở nhãn phương án {choice}",
        "choice_translation": "đổi bản dịch ({language}) của nhãn phương án {choice}",
        "choice_attributes": "đổi thuộc tính của phương án {choice}",
        "list": "dùng danh sách phương án khác",
        "type": "đổi loại câu hỏi",
        "parameters": "đổi {key}",
        "choice_order": "đổi cách xếp thứ tự phương án",
        "missing_kinds": "đổi các lựa chọn không trả lời",
        "calculation": "đổi cách tính",
        "calculated_from_broken": "tính từ câu {other}, câu này không so sánh được",
        "constraint": "đổi điều kiện của câu trả lời",
        "default": "đổi giá trị điền sẵn",
        "appearance": "đổi cách trình bày",
        "factor": "đổi yếu tố hài lòng được đo",
        "asked_if": "đổi điều kiện được hỏi",
        "choice_filter": "đổi cách lọc phương án",
        "repeat": "đổi số lần hỏi lặp lại",
        "depends_on_broken": "được hỏi tùy theo câu {other}, câu này không so sánh được",
        "required": "đổi việc bắt buộc trả lời",
        "position": "đổi chỗ trong phiếu",
        "page": "chuyển sang trang khác",
        "group": "chuyển sang nhóm khác",
        "condition_form": "viết lại điều kiện, nghĩa không đổi",
        "condition_around": "đổi điều kiện được hỏi",
        "rates": "đổi việc đánh giá một hay nhiều đơn vị",
        "respondent_groups": "đổi nhóm đối tượng trả lời",
        "default_language": "đổi ngôn ngữ mặc định",
        "languages": "đổi các ngôn ngữ của phiếu",
        "setting": "đổi {key}",
        "consent": "đổi lời thông báo trước khi trả lời",
        "extra": "đổi cột ghi thêm",
        "added": "mới có",
        "removed": "không còn",
        "moved": "đổi chỗ",
        "renamed": "đổi tên",
        "guessed_rename": "có lẽ đổi tên (đoán theo nội dung giống hệt; nếu đúng, khai ở renames)",
    }
)


def what(change: Change) -> str:
    """What happened, without where."""
    return _WHAT[change.what].format(
        choice=f"“{shorten(change.choice)}”", key=_KEYS.get(change.key, change.key), language=change.language,
        other=f"“{change.other}”")


def sentence(change: Change) -> str:
    """`danh sách “muc_do”: bỏ phương án “3”`"""
    where = f"{_SUBJECTS[change.subject]} “{change.name}”" if change.subject in _SUBJECTS else "cả phiếu"
    return f"{where}: {what(change)}"


def reasons(question: QuestionComparison) -> tuple[str, ...]:
    """Why its answers cannot be set beside the earlier ones without a thought; what is not its own says where it is."""
    return tuple(dict.fromkeys(
        what(change) if change.subject == "question" else sentence(change) for change in question.reasons))


def undeclared(comparison: Comparison, apart_from: Set[str] = frozenset()) -> Iterator[Finding]:
    """A series that breaks in silence, at its question in the new version."""
    for question in comparison.undeclared:
        if question.name in apart_from:
            continue
        broken = QuestionComparison(question.name, question.old_name, question.fate,
                                    tuple(each for each in question.changes if each.comparable == "broken"))
        yield Finding(
            _path(comparison.new, question.name),
            f"Câu trả lời của “{question.name}” không còn so sánh được với phiên bản {comparison.old.version}: "
            f"{'; '.join(reasons(broken))}.",
            f"Khai lý do ở cuối tệp, dưới breaks_series: viết {question.name}: lý do. Hoặc đặt tên mới cho câu hỏi, "
            "hoặc giữ nguyên như phiên bản trước.")


def idle(comparison: Comparison) -> tuple[str, ...]:
    """Breaks that are declared where nothing broke: worth a second look, no fault."""
    told = []
    for name in comparison.idle:
        question = comparison.question(name)
        if question is None or question.fate == "removed":
            told.append(f"breaks_series nêu “{shorten(name)}”, nhưng phiếu không có câu hỏi này.")
        elif question.fate == "added":
            told.append(f"breaks_series nêu “{name}”, nhưng phiên bản {comparison.old.version} chưa hỏi câu này.")
        else:
            told.append(f"breaks_series nêu “{name}”, nhưng câu này vẫn so sánh được với phiên bản {comparison.old.version}.")
    return tuple(told)


def _path(questionnaire: Questionnaire, name: str) -> tuple[str | int, ...]:
    return next(("pages", page_index, "questions", index)
                for page_index, page in enumerate(questionnaire.pages)
                for index, question in enumerate(page.questions) if question.name == name)
