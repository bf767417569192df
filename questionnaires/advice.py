"""Everything worth a second look before a questionnaire is published. Advice stops nobody; faults are in checks.py."""

from collections.abc import Iterable

from questionnaires.advice_burden import (
    USUAL,
    Timing,
    advise_on_drafts,
    advise_on_length,
    advise_on_pages,
    advise_on_unequal_clicks,
)
from questionnaires.advice_scales import advise_on_scales
from questionnaires.advice_words import advise_on_words
from questionnaires.answers import type_of
from questionnaires.findings import Advice, Finding
from questionnaires.model import Questionnaire
from questionnaires.rule_checks import advise_on_rules

#: what each kind of advice is about, for people
KINDS: dict[str, str] = {
    "unequal_clicks": "Mức tốt và mức xấu tốn công khác nhau",
    "leading": "Câu hỏi dẫn dắt",
    "two_things": "Một câu hỏi hai nội dung",
    "negation": "Câu hỏi phủ định",
    "unbalanced_scale": "Thang lệch",
    "no_dont_know": "Thang không có “Không biết”",
    "scale_directions": "Các thang ngược chiều nhau",
    "personal_required": "Bắt buộc dữ liệu cá nhân",
    "personal_text": "Ô tự điền hỏi dữ liệu cá nhân",
    "always_shown": "Điều kiện hiện không có tác dụng",
    "constraint_always": "Ràng buộc không có tác dụng",
    "not_checked": "Điều kiện không kiểm tra hết được",
    "too_long": "Phiếu dài",
    "minutes_differ": "Số phút ghi trên phiếu",
    "full_page": "Trang nhiều câu",
    "many_choices": "Danh sách dài",
    "long_choice": "Nhãn dài",
    "machine_drafted": "Bản dịch nháp",
}

#: a fault in one of these, and nobody can say what is shown to whom
_DECIDING = frozenset({"name", "type", "relevant", "constraint", "choice_filter", "calculation", "count", "most"})


def advise(questionnaire: Questionnaire, timing: Timing = USUAL) -> tuple[Advice, ...]:
    """For a questionnaire without faults; the gravest kinds first, otherwise in the order of the document."""
    return _sorted([*_on_what_leads_where(questionnaire), *_on_each_part(questionnaire, timing)])


def advise_unfinished(questionnaire: Questionnaire, findings: Iterable[Finding], timing: Timing = USUAL) -> tuple[Advice, ...]:
    """While it is being made; `findings` are its faults. Where answers lead is looked at once that can be worked out."""
    unclear = any(_DECIDING.intersection(finding.path) for finding in findings) or any(
        type_of(question).takes_choices and not question.choices for question in questionnaire.questions)
    leads = [] if unclear else _on_what_leads_where(questionnaire)
    return _sorted([*leads, *_on_each_part(questionnaire, timing)])


def _on_what_leads_where(questionnaire: Questionnaire) -> list[Advice]:
    return [*advise_on_unequal_clicks(questionnaire), *advise_on_rules(questionnaire)]


def _on_each_part(questionnaire: Questionnaire, timing: Timing) -> list[Advice]:
    return [
        *advise_on_words(questionnaire),
        *advise_on_scales(questionnaire),
        *advise_on_length(questionnaire, timing),
        *advise_on_pages(questionnaire),
        *advise_on_drafts(questionnaire),
    ]


def _sorted(found: list[Advice]) -> tuple[Advice, ...]:
    order = list(KINDS)
    return tuple(sorted(found, key=lambda each: order.index(each.kind)))
