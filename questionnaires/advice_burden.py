"""What a questionnaire costs its respondents: minutes, full pages, and whether a bad answer costs more than a good one."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from documents.yaml_reader import Path
from questionnaires import routing
from questionnaires.advice_scales import is_rated, leanings
from questionnaires.answers import type_of
from questionnaires.checks import questions_with_paths
from questionnaires.findings import Advice
from questionnaires.model import Page, Question, Questionnaire
from questionnaires.reachability import Ways, as_stored

MAX_MINUTES = 10
MAX_ON_A_PAGE = 8


@dataclass(frozen=True)
class Timing:
    """How long reading and answering take.

    Reading: Brysbaert (2019), "How many words do we read per minute?", gives 238 words a minute for silent reading of English
    prose; we take 200, for forms are read with more care and Vietnamese counts syllables as words. Seconds per answer: our
    own round figures, of the order of the response times in web surveys of Yan and Tourangeau (2008), "Fast times and easy
    questions"; replace them by what your own fieldwork measures.
    """

    words_per_minute: float = 200
    seconds: Mapping[str, float] = field(
        default_factory=lambda: MappingProxyType(
            {"select_one": 4, "select_multiple": 8, "integer": 6, "decimal": 6, "date": 10, "text": 25, "rating_matrix": 4}
        )
    )
    #: for a type that is not named
    other_seconds: float = 8
    #: units on a form that rates many
    units: int = 10

    def answering(self, question: Question) -> float:
        answer_type = type_of(question)
        if not answer_type.asks:
            return 0
        times = self.units if answer_type.rates_many_units else 1
        return times * self.seconds.get(question.type, self.other_seconds)


USUAL = Timing()


@dataclass(frozen=True)
class Length:
    """Minutes of the way on which nothing conditional is asked, and of the way on which everything is."""

    shortest: float
    longest: float


def length(questionnaire: Questionnaire, timing: Timing = USUAL) -> Length:
    consent = questionnaire.consent
    words = sum(map(_words, (consent.purpose, consent.data, consent.controller, consent.rights, consent.contact)))
    shortest = longest = words / timing.words_per_minute * 60
    lists_read: set[str] = set()
    for page in questionnaire.pages:
        conditional_page = bool(page.relevant or any(group.relevant for group in page.within))
        for index, question in enumerate(page.questions):
            words = _words(question.label) + _words(question.hint)
            if not index:
                words += _words(page.label) + _words(page.hint)
            if question.choices and question.choices.name not in lists_read:
                # a scale that comes again is known
                lists_read.add(question.choices.name)
                words += sum(_words(choice.label) for choice in question.choices)
            seconds = words / timing.words_per_minute * 60 + timing.answering(question)
            longest += seconds
            if not (conditional_page or question.relevant or any(group.relevant for group in question.within)):
                shortest += seconds
    return Length(shortest / 60, longest / 60)


def _words(text) -> int:
    return len(text.by_language.get("vi", "").split())


def advise_on_length(questionnaire: Questionnaire, timing: Timing = USUAL) -> Iterator[Advice]:
    found, declared = length(questionnaire, timing), questionnaire.minutes
    place: Path = ("minutes",)
    about = _about(found)
    if found.longest > MAX_MINUTES:
        yield Advice(
            place,
            f"Phiếu mất {about} phút; quá {MAX_MINUTES} phút thì nhiều người bỏ dở hoặc chọn cho xong.",
            "Bỏ câu không dùng để tính điểm hay để quyết định việc gì; gộp câu trùng ý.",
            "too_long",
        )
    if declared and not found.shortest / 2 <= declared <= found.longest * 1.5 + 1:
        yield Advice(
            place,
            f"Phiếu ghi {declared} phút nhưng ước tính {about} phút; ghi sai thì người trả lời mất lòng tin.",
            "Ghi số phút gần với ước tính, tốt nhất là đo khi thử phiếu.",
            "minutes_differ",
        )


def _about(found: Length) -> str:
    low, high = max(1, round(found.shortest)), max(1, round(found.longest))
    return f"khoảng {low}" if low == high else f"khoảng {low} đến {high}"


def advise_on_pages(questionnaire: Questionnaire) -> Iterator[Advice]:
    for index, page in enumerate(questionnaire.pages):
        single = [question for question in page.questions if type_of(question).asks and not _in_a_grid(page, question)]
        if len(single) > MAX_ON_A_PAGE:
            yield Advice(
                ("pages", index),
                f"Trang “{page.name}” có {len(single)} câu; trên điện thoại phải cuộn dài và dễ bỏ sót.",
                f"Tách thành nhiều trang, mỗi trang không quá {MAX_ON_A_PAGE} câu, hoặc gộp các câu cùng thang thành bảng.",
                "full_page",
            )


def _in_a_grid(page: Page, question: Question) -> bool:
    return any("table-list" in group.appearance for group in (*page.within, *question.within))


#: languages that people here read, in words
LANGUAGES = {"vi": "tiếng Việt", "km": "tiếng Khmer", "en": "tiếng Anh"}


def advise_on_drafts(questionnaire: Questionnaire) -> Iterator[Advice]:
    for index, language in enumerate(questionnaire.machine_drafted):
        yield Advice(
            ("machine_drafted", index),
            f"Bản dịch {LANGUAGES.get(language, f'“{language}”')} do máy dịch nháp, chưa có người kiểm tra.",
            "Nhờ người biết tiếng đọc lại từng câu, rồi bỏ dấu “do máy dịch nháp” của ngôn ngữ này.",
            "machine_drafted",
        )


# -- good and bad answers must cost the same ------------------------------------------------------------------------


@dataclass(frozen=True)
class Extra:
    """What one level of a scale brings on."""

    questions: int = 0
    required: int = 0


def extra_by_level(ways: Ways, question: Question) -> dict[str, Extra]:
    """For each level, the further questions that appear because of it, as routing shows them, all else being equal."""
    levels = question.choices.substantive if question.choices else ()
    found = dict.fromkeys(levels, Extra())
    for follower in ways.hanging_on(question.name):
        answers = ways.witness(follower.name)
        if answers is None or not type_of(follower).asks:
            continue
        small = ways.cut_down_to(follower.name)
        for level in levels:
            if _is_asked(small, as_stored(small, {**answers, question.name: level}), follower):
                found[level] = Extra(found[level].questions + 1, found[level].required + follower.required)
    return found


def _is_asked(questionnaire: Questionnaire, answers: Mapping, question: Question) -> bool:
    plans = routing.plan(questionnaire, answers)
    return any(each.name == question.name for plan in plans for each in plan.questions)


def advise_on_unequal_clicks(questionnaire: Questionnaire) -> Iterator[Advice]:
    rated = [(path, question) for path, _, question in questions_with_paths(questionnaire) if is_rated(question)]
    ways = Ways(questionnaire)
    for path, question in rated:
        if not ways.hanging_on(question.name):
            continue
        extra = extra_by_level(ways, question)
        bad, good = (_of_levels(question, extra, leaning) for leaning in (-1, 1))
        if _most(bad) == _most(good):
            continue
        worse, better = ("chưa tốt", "tốt") if _most(bad) > _most(good) else ("tốt", "chưa tốt")
        more, fewer = sorted((_most(bad), _most(good)), reverse=True)
        otherwise = f"chỉ thêm {_spelled(fewer)}" if fewer[0] else "thì không"
        yield Advice(
            path,
            f"Câu “{question.name}”: ai chấm mức {worse} phải trả lời thêm {_spelled(more)}, ai chấm mức {better} {otherwise}; "
            "người trả lời sẽ chọn mức ít phiền hơn, kết quả bị lệch.",
            "Hỏi thêm ở mọi mức (ví dụ “Vì sao Ông/Bà chọn mức này?”), hoặc không hỏi thêm ở mức nào.",
            "unequal_clicks",
        )


def _of_levels(question: Question, extra: Mapping[str, Extra], leaning: int) -> list[Extra]:
    levels = leanings(question.choices)
    return [extra[name] for name, each in zip(question.choices.substantive, levels, strict=True) if each == leaning]


def _most(extras: Sequence[Extra]) -> tuple[int, int]:
    return max(((each.questions, each.required) for each in extras), default=(0, 0))


def _spelled(cost: tuple[int, int]) -> str:
    questions, required = cost
    return f"{questions} câu" + (f" ({required} câu bắt buộc)" if required else "")
