"""Faults of what people read: languages that lack a text, texts that are missing, too long or not fit to be shown."""

import re
import unicodedata
from collections.abc import Iterator

from documents.yaml_reader import Path
from questionnaires.answers import type_of
from questionnaires.answers.text import DIRECTION_MARKS
from questionnaires.findings import Finding
from questionnaires.layout import takes_its_questions_title
from questionnaires.model import CONSENT_PARTS, Questionnaire, Text
from questionnaires.shape import shorten

MAX_LABEL = 1_000
MAX_HINT = 2_000
MAX_CONSENT = 4_000
MAX_LANGUAGES = 20

_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})?")
_CONSENT_MEND = (
    "Người dân phải biết đủ: mục đích, dữ liệu nào, ai chịu trách nhiệm, có quyền gì, liên hệ ở đâu."
)


def check_languages(questionnaire: Questionnaire) -> Iterator[Finding]:
    languages = questionnaire.languages
    if not languages or len(languages) > MAX_LANGUAGES:
        yield Finding(
            ("languages",),
            f"Phiếu khai báo {len(languages)} ngôn ngữ.",
            f"Khai báo từ 1 đến {MAX_LANGUAGES} ngôn ngữ.",
        )
    for index, language in enumerate(languages):
        if not _LANGUAGE.fullmatch(language):
            yield Finding(
                ("languages", index),
                f"Mã ngôn ngữ “{shorten(language)}” không đúng dạng.",
                "Dùng mã hai hoặc ba chữ cái, ví dụ vi, km, en.",
            )
        if language in languages[:index]:
            yield Finding(
                ("languages", index), f"Ngôn ngữ “{shorten(language)}” khai báo hai lần.", "Giữ lại một lần."
            )
    if languages and questionnaire.default_language not in languages:
        yield Finding(
            ("default_language",),
            f"Ngôn ngữ mặc định “{shorten(questionnaire.default_language)}” không có trong languages.",
            "Thêm vào languages, hoặc chọn ngôn ngữ khác.",
        )
    for index, language in enumerate(questionnaire.machine_drafted):
        if language not in languages:
            yield Finding(
                ("machine_drafted", index),
                f"Ngôn ngữ “{shorten(language)}” không có trong languages.",
                "Thêm vào languages, hoặc bỏ khỏi machine_drafted.",
            )


def check_texts(questionnaire: Questionnaire) -> Iterator[Finding]:
    for path, text, limit, needed in _texts(questionnaire):
        if text:
            yield from _check_text(questionnaire, path, text, limit)
        elif needed:
            yield Finding(path, f"Thiếu nội dung của “{path[-1]}”.", needed)


def _check_text(questionnaire: Questionnaire, path: Path, text: Text, limit: int) -> Iterator[Finding]:
    absent = [language for language in questionnaire.languages if not text.by_language.get(language)]
    if absent:
        yield Finding(
            path,
            f"Thiếu bản dịch: {', '.join(absent)}.",
            "Thêm câu cho ngôn ngữ đó, hoặc bỏ ngôn ngữ khỏi languages.",
        )
    for language, words in text.by_language.items():
        place = (*path, language)
        if language not in questionnaire.languages:
            yield Finding(
                place,
                f"Ngôn ngữ “{shorten(language)}” không được khai báo.",
                "Thêm vào languages, hoặc bỏ câu này.",
            )
        if len(words) > limit:
            yield Finding(place, f"Câu dài {len(words)} ký tự.", f"Viết ngắn lại, tối đa {limit} ký tự.")
        if any(_is_unfit(character) for character in words):
            yield Finding(
                place, "Câu có ký tự điều khiển hoặc ký tự đổi chiều chữ.", "Xóa các ký tự này và gõ lại câu."
            )


def _is_unfit(character: str) -> bool:
    return (
        unicodedata.category(character) in ("Cc", "Cs") and character not in "\n\t"
    ) or character in DIRECTION_MARKS


def _texts(questionnaire: Questionnaire) -> Iterator[tuple[Path, Text, int, str]]:
    """Every text with its path, its greatest length, and what to do if it is missing ("" where it may be)."""
    yield ("title",), questionnaire.title, MAX_LABEL, "Viết tên phiếu."
    yield ("description",), questionnaire.description, MAX_HINT, ""
    for part in CONSENT_PARTS:
        yield ("consent", part), getattr(questionnaire.consent, part), MAX_CONSENT, _CONSENT_MEND
    for choices in questionnaire.choice_lists:
        for index, choice in enumerate(choices):
            yield (
                ("choices", choices.name, index, "label"),
                choice.label,
                MAX_LABEL,
                "Viết nhãn của phương án.",
            )
    for group in questionnaire.groups:
        yield ("groups", group.name, "label"), group.label, MAX_LABEL, ""
        yield ("groups", group.name, "hint"), group.hint, MAX_HINT, ""
    for page_index, page in enumerate(questionnaire.pages):
        path: Path = ("pages", page_index)
        of_its_own = "" if takes_its_questions_title(page) else "Viết tiêu đề của trang: trang có nhiều câu hỏi."
        yield (*path, "label"), page.label, MAX_LABEL, of_its_own
        yield (*path, "hint"), page.hint, MAX_HINT, ""
        for index, question in enumerate(page.questions):
            place = (*path, "questions", index)
            yield (*place, "label"), question.label, MAX_LABEL, "Viết câu hỏi." if type_of(question).shown else ""
            yield (*place, "hint"), question.hint, MAX_HINT, ""
            yield (*place, "constraint_message"), question.constraint_message, MAX_HINT, ""
            yield (*place, "required_message"), question.required_message, MAX_HINT, ""
