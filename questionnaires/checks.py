"""Every fault of meaning of a questionnaire, all at once: names, lists, what belongs together.

Texts are checked in text_checks.py, conditions in expression_checks.py. All of them take the model, so a questionnaire
from any kind of file or from the designer is judged alike.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from documents.yaml_reader import Path
from questionnaires.answers import type_of
from questionnaires.expression_checks import check_expressions
from questionnaires.findings import Finding
from questionnaires.group_checks import check_groups
from questionnaires.model import ChoiceList, Page, Question, Questionnaire
from questionnaires.naming import CHOICE_NAME, NAME, NAME_MEND, RESERVED_NAMES
from questionnaires.rule_checks import check_rules
from questionnaires.shape import did_you_mean, shorten
from questionnaires.text_checks import check_languages, check_texts

MAX_PAGES = 100
MAX_QUESTIONS = 500
MAX_CHOICES = 200
MAX_MINUTES = 120

FACTORS = ("access", "procedures", "staff", "result", "feedback")
FACTOR_LEVELS = 5

_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,29}")


def check(questionnaire: Questionnaire) -> tuple[Finding, ...]:
    checks: tuple[Callable[[Questionnaire], Iterator[Finding]], ...] = (
        _check_identity,
        check_languages,
        check_texts,
        _check_choice_lists,
        _check_pages,
        check_groups,
        _check_questions,
        _check_who_is_rated,
        check_expressions,
        check_rules,
    )
    return tuple(finding for each in checks for finding in each(questionnaire))


def _check_identity(questionnaire: Questionnaire) -> Iterator[Finding]:
    yield from _check_name(("form_id",), questionnaire.form_id, "Mã phiếu")
    if not _VERSION.fullmatch(questionnaire.version):
        yield Finding(
            ("version",),
            f"Phiên bản “{shorten(questionnaire.version)}” không đúng dạng.",
            'Dùng chữ không dấu, số, dấu chấm hoặc gạch nối, tối đa 30 ký tự, ví dụ "2024.1".',
        )
    groups = questionnaire.respondent_groups
    if not groups:
        yield Finding(
            ("respondent_groups",),
            "Chưa ghi phiếu dành cho nhóm đối tượng nào.",
            "Viết ví dụ respondent_groups: [citizens].",
        )
    for index, group in enumerate(groups):
        yield from _check_name(("respondent_groups", index), group, "Mã nhóm đối tượng")
    yield from _repeated(groups, lambda index: ("respondent_groups", index), "Nhóm đối tượng")
    if questionnaire.minutes is not None and not 1 <= questionnaire.minutes <= MAX_MINUTES:
        yield Finding(
            ("minutes",),
            f"Thời gian trả lời {questionnaire.minutes} phút không hợp lý.",
            f"Ghi số phút từ 1 đến {MAX_MINUTES}, hoặc bỏ khóa này.",
        )


def _check_choice_lists(questionnaire: Questionnaire) -> Iterator[Finding]:
    for choices in questionnaire.choice_lists:
        path: Path = ("choices", choices.name)
        yield from _check_name(path, choices.name, "Tên danh sách phương án")
        if not 2 <= len(choices.choices) <= MAX_CHOICES:
            yield Finding(
                path,
                f"Danh sách “{choices.name}” có {len(choices.choices)} phương án.",
                f"Mỗi danh sách cần từ 2 đến {MAX_CHOICES} phương án.",
            )
        for index, choice in enumerate(choices):
            if not CHOICE_NAME.fullmatch(choice.name):
                yield Finding(
                    (*path, index, "name"),
                    f"Mã phương án “{shorten(choice.name)}” không đúng dạng.",
                    "Chỉ dùng chữ không dấu, số, “_”, “-” và “.”, không có dấu cách, tối đa 60 ký tự.",
                )
        yield from _repeated(choices.names, _choice_path(path), "Mã phương án")


def _choice_path(path: Path) -> Callable[[int], Path]:
    return lambda index: (*path, index, "name")


def _check_pages(questionnaire: Questionnaire) -> Iterator[Finding]:
    pages = questionnaire.pages
    if not pages:
        yield Finding(("pages",), "Phiếu không có trang nào.", "Thêm ít nhất một trang có câu hỏi.")
    if len(pages) > MAX_PAGES:
        yield Finding(("pages",), f"Phiếu có {len(pages)} trang.", f"Gộp lại còn tối đa {MAX_PAGES} trang.")
    for index, page in enumerate(pages):
        yield from _check_name(("pages", index, "name"), page.name, "Tên trang")
        if not page.questions:
            yield Finding(
                ("pages", index, "questions"),
                f"Trang “{shorten(page.name)}” không có câu hỏi.",
                "Thêm câu hỏi hoặc bỏ trang này.",
            )
    yield from _repeated([page.name for page in pages], lambda index: ("pages", index, "name"), "Tên trang")


def _check_questions(questionnaire: Questionnaire) -> Iterator[Finding]:
    placed = list(questions_with_paths(questionnaire))
    if len(placed) > MAX_QUESTIONS:
        yield Finding(
            ("pages",), f"Phiếu có {len(placed)} câu hỏi.", f"Giảm còn tối đa {MAX_QUESTIONS} câu hỏi."
        )
    if placed and not any(type_of(question).asks for _, _, question in placed):
        yield Finding(
            ("pages",), "Phiếu chỉ có lời dẫn, không có câu hỏi nào để trả lời.", "Thêm ít nhất một câu hỏi."
        )
    repeated = {question.name for page in questionnaire.pages if page.repeat for question in page.questions}
    for path, _, question in placed:
        yield from _check_name((*path, "name"), question.name, "Tên câu hỏi")
        if question.name.lower() in RESERVED_NAMES:
            yield Finding(
                (*path, "name"),
                f"Tên “{question.name}” dành riêng cho hệ thống.",
                f"Đổi thành tên khác, ví dụ {question.name}_answer.",
            )
        yield from _check_what_fits_the_type(path, question)
        yield from _check_what_is_collected(path, question, questionnaire)
        yield from _check_factor(path, question)
        if question.factor and question.name in repeated:
            yield Finding((*path, "factor"), "Câu hỏi trong nhóm lặp có nhiều câu trả lời, không đo được yếu tố hài lòng.",
                          "Bỏ factor, hoặc đưa câu hỏi ra ngoài nhóm lặp.")
    yield from _repeated(
        [question.name for _, _, question in placed], lambda index: (*placed[index][0], "name"), "Tên câu hỏi"
    )


def questions_with_paths(questionnaire: Questionnaire) -> Iterator[tuple[Path, Page, Question]]:
    for page_index, page in enumerate(questionnaire.pages):
        for index, question in enumerate(page.questions):
            yield ("pages", page_index, "questions", index), page, question


def _check_what_fits_the_type(path: Path, question: Question) -> Iterator[Finding]:
    answer_type = type_of(question)
    if question.required and not answer_type.asks:
        yield Finding(
            (*path, "required"),
            "Lời dẫn không có gì để trả lời, nên không thể bắt buộc.",
            "Bỏ khóa required.",
        )
    if question.constraint and not answer_type.in_expressions:
        yield Finding(
            (*path, "constraint"),
            f"Loại “{question.type}” không dùng được constraint.",
            "Bỏ khóa constraint.",
        )
    if question.constraint_message and not question.constraint:
        yield Finding(
            (*path, "constraint_message"),
            "Có constraint_message mà không có constraint.",
            "Thêm constraint, hoặc bỏ constraint_message.",
        )
    if question.calculation and answer_type.asks:
        yield Finding(
            (*path, "calculation"),
            f"Loại “{question.type}” hỏi người trả lời, nên không có giá trị tính sẵn.",
            "Đổi thành type: calculate, hoặc bỏ calculation.",
        )
    if question.choice_filter and not answer_type.takes_choices:
        yield Finding(
            (*path, "choice_filter"),
            f"Loại “{question.type}” không có danh sách phương án để lọc.",
            "Bỏ khóa choice_filter.",
        )
    for key, reason, mend in answer_type.check(question):
        yield Finding((*path, key), reason, mend)


def _check_what_is_collected(path: Path, question: Question, questionnaire: Questionnaire) -> Iterator[Finding]:
    needed = type_of(question).collects
    if needed and needed not in questionnaire.collects:
        yield Finding(
            (*path, "type"),
            f"Loại “{question.type}” thu thập thêm dữ liệu mà phiếu không khai báo.",
            f"Nói rõ điều đó trong consent rồi thêm {needed} vào collects, hoặc dùng loại khác.",
        )


def _check_factor(path: Path, question: Question) -> Iterator[Finding]:
    if not question.factor:
        return
    place = (*path, "factor")
    if question.factor not in FACTORS:
        yield Finding(
            place,
            f"Không có yếu tố hài lòng “{shorten(question.factor)}”.",
            did_you_mean(question.factor, FACTORS),
        )
    if not type_of(question).rates_on_scale:
        yield Finding(
            place,
            f"Loại “{question.type}” không đo được yếu tố hài lòng.",
            "Dùng select_one với thang năm mức, hoặc bỏ factor.",
        )
    elif question.choices and len(question.choices.substantive) != FACTOR_LEVELS:
        yield Finding(
            place,
            f"Thang “{question.choices.name}” có {len(question.choices.substantive)} mức; "
            f"câu hỏi đo yếu tố hài lòng cần đúng {FACTOR_LEVELS} mức.",
            "Dùng thang năm mức; phương án “không biết” phải có missing: dont_know.",
        )
    elif question.choices and _descends(question.choices.substantive):
        yield Finding(
            place,
            f"Thang “{question.choices.name}” xếp từ mức cao xuống mức thấp; mức hài lòng tính theo thứ tự của thang "
            "nên kết quả sẽ bị đảo ngược.",
            "Xếp các phương án từ mức thấp nhất (1) đến mức cao nhất (5).",
        )


def _descends(codes: Sequence[str]) -> bool:
    """Codes that are whole numbers, each smaller than the one before."""
    return all(code.isdecimal() for code in codes) and all(int(a) > int(b) for a, b in pairwise(codes))


def _check_who_is_rated(questionnaire: Questionnaire) -> Iterator[Finding]:
    matrices = [
        (path, question)
        for path, _, question in questions_with_paths(questionnaire)
        if type_of(question).rates_many_units
    ]
    for path, question in matrices:
        if questionnaire.rates == "one_unit":
            yield Finding(
                (*path, "type"),
                f"Câu “{shorten(question.name)}” đánh giá nhiều đơn vị, nhưng phiếu ghi rates: one_unit.",
                "Đổi thành rates: many_units, hoặc dùng select_one.",
            )
        if question.choices and not _offers_not_familiar(question.choices):
            yield Finding(
                (*path, "type"),
                f"Thang “{question.choices.name}” không có phương án “chưa tiếp xúc”.",
                "Thêm vào danh sách một phương án có missing: not_familiar.",
            )
    if questionnaire.rates == "many_units" and questionnaire.pages and not matrices:
        yield Finding(
            ("rates",),
            "Phiếu ghi rates: many_units nhưng không có câu rating_matrix nào.",
            "Thêm câu hỏi loại rating_matrix, hoặc đổi thành rates: one_unit.",
        )


def _offers_not_familiar(choices: ChoiceList) -> bool:
    return any(choice.missing == "not_familiar" for choice in choices)


def _check_name(path: Path, name: str, what: str) -> Iterator[Finding]:
    if not NAME.fullmatch(name):
        yield Finding(
            path, f"{what} “{shorten(name)}” không đúng dạng." if name else f"{what} còn trống.", NAME_MEND
        )


def _repeated(names: Sequence[str], path_of: Callable[[int], Path], what: str) -> Iterator[Finding]:
    """Every repetition after the first; `Staff` repeats `staff`, since spreadsheets and databases may not tell them apart."""
    counted: Counter[str] = Counter()
    for index, name in enumerate(names):
        counted[name.lower()] += 1
        if name and counted[name.lower()] > 1:
            yield Finding(path_of(index), f"{what} “{shorten(name)}” bị trùng.", "Đổi thành một tên khác.")
