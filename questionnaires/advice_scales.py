"""Scales that lean: more good levels than bad ones, no way to say "neither" or "I don't know", lists that run opposite ways."""

import re
from collections import Counter
from collections.abc import Iterator

from documents.yaml_reader import Path
from questionnaires.answers import type_of
from questionnaires.findings import Advice
from questionnaires.model import ChoiceList, Question, Questionnaire

MAX_CHOICES = 12
MAX_CHOICE_LABEL = 120
_FEWEST_LEVELS = 3

#: what a level's label says; the first that fits
LEVELS: tuple[tuple[str, int], ...] = (
    (r"bình thường|trung bình|trung lập|trung tính|tạm được|phân vân|không tốt cũng không|lúc có lúc không|vừa phải", 0),
    (r"\bkhông\b|\bchưa\b|\bkém\b|\bxấu\b|\btệ\b|\byếu\b|\bthấp\b|\bchậm\b|\bkhó\b|rườm rà|thất vọng|phản đối", -1),
    (r"hài lòng|\btốt\b|\bkhá\b|\bcao\b|đồng ý|xuất sắc|tuyệt vời|\bđạt\b|\bnhanh\b|\bdễ\b|thuận tiện|đơn giản", 1),
)


def leanings(choices: ChoiceList) -> tuple[int, ...]:
    """-1, 0 or 1 for each level of a scale from bad to good, or from good to bad; nothing for a list that is no such scale."""
    found = []
    for choice in choices:
        if choice.missing is None:
            words = choice.label.by_language.get("vi", "").lower()
            found.append(next((leaning for pattern, leaning in LEVELS if re.search(pattern, words)), None))
    if len(found) < _FEWEST_LEVELS or None in found or not {-1, 1} <= set(found):
        return ()
    return tuple(leaning for leaning in found if leaning is not None)


def is_rated(question: Question) -> bool:
    """Whether its answer is a level from bad to good."""
    return bool(type_of(question).rates_on_scale and question.choices and leanings(question.choices))


def advise_on_scales(questionnaire: Questionnaire) -> Iterator[Advice]:
    used = {question.choices.name: question for question in questionnaire.questions if question.choices}
    scales = {choices.name: leanings(choices) for choices in questionnaire.choice_lists if choices.name in used}
    for choices in questionnaire.choice_lists:
        path: Path = ("choices", choices.name)
        if scales.get(choices.name):
            yield from _advise_on_scale(path, choices, scales[choices.name])
        if choices.name in used and len(choices.choices) > MAX_CHOICES:
            yield Advice(
                path,
                f"Danh sách “{choices.name}” có {len(choices.choices)} phương án; người đọc trên điện thoại khó xem hết.",
                f"Gộp lại còn không quá {MAX_CHOICES} phương án, hoặc hỏi theo hai bước.",
                "many_choices",
            )
        for index, choice in enumerate(choices):
            length = len(choice.label.by_language.get("vi", ""))
            if length > MAX_CHOICE_LABEL:
                yield Advice(
                    (*path, index, "label"),
                    f"Nhãn của phương án “{choice.name}” dài {length} ký tự, chiếm quá nhiều dòng trên điện thoại.",
                    f"Rút xuống dưới {MAX_CHOICE_LABEL} ký tự; phần giải thích đưa vào hint của câu hỏi.",
                    "long_choice",
                )
    yield from _advise_on_directions(scales)


def _advise_on_scale(path: Path, choices: ChoiceList, levels: tuple[int, ...]) -> Iterator[Advice]:
    good, bad = levels.count(1), levels.count(-1)
    if good != bad:
        more, fewer = ("tốt", "xấu") if good > bad else ("xấu", "tốt")
        yield Advice(
            path,
            f"Thang “{choices.name}” có {max(good, bad)} mức {more} mà chỉ có {min(good, bad)} mức {fewer}; "
            f"kết quả nghiêng về phía {more}.",
            "Để số mức tốt và số mức xấu bằng nhau.",
            "unbalanced_scale",
        )
    neither = 0 in levels
    unknown = any(choice.missing for choice in choices)
    if not unknown:
        yield Advice(
            path,
            f"Thang “{choices.name}” không có “Không biết”{'' if neither else ' và không có mức giữa'}; "
            "người không biết phải chọn bừa.",
            "Thêm phương án “Không biết / Không có ý kiến” có missing: dont_know; nó không tính vào điểm.",
            "no_dont_know",
        )


def _advise_on_directions(scales: dict[str, tuple[int, ...]]) -> Iterator[Advice]:
    """Most lists run one way; the ones that run the other way are told."""
    rising = {name: levels.index(-1) < levels.index(1) for name, levels in scales.items() if levels}
    counted = Counter(rising.values())
    if len(counted) < 2:
        return
    usual = counted[True] >= counted[False]
    for name, rises in rising.items():
        if rises != usual:
            order = "từ xấu đến tốt" if rises else "từ tốt đến xấu"
            yield Advice(
                ("choices", name),
                f"Thang “{name}” xếp {order}, các thang khác của phiếu xếp ngược lại; người trả lời nhanh dễ chọn nhầm đầu.",
                "Xếp mọi thang của phiếu theo cùng một chiều.",
                "scale_directions",
            )
