"""A survey of LimeSurvey as a draft questionnaire: a group becomes a page, a table a grid; what has no counterpart is told."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from documents.faults import Fault
from documents.yaml_reader import Path
from questionnaires import checks
from questionnaires.limesurvey import conditions, tables
from questionnaires.limesurvey import survey as lime
from questionnaires.limesurvey.names import Names
from questionnaires.limesurvey.questions import QuestionReader
from questionnaires.limesurvey.words import WordReader
from questionnaires.model import Consent, Page, Question, Questionnaire, Text
from questionnaires.xlsform.result import Remark, Remarks

ASSUMED_GROUP, ASSUMED_VERSION = "citizens", "1"
_DRAFT = (
    "LimeSurvey không có phần này: làm bản nháp (soạn phiếu trên trang, bắt đầu từ tệp; "
    "hoặc lệnh check questionnaire --draft), viết phần này vào bản nháp."
)
#: texts of a survey that are shown after the last question or sent by mail
_NOT_SHOWN = {
    "surveyls_endtext": "lời kết",
    "surveyls_url": "địa chỉ chuyển đến khi xong",
    "surveyls_policy_error": "lời nhắc đồng ý",
}


@dataclass(frozen=True)
class ImportedSurvey:
    """A draft: it says what the survey says, whether or not that may be asked. `faults` judges it."""

    questionnaire: Questionnaire
    remarks: tuple[Remark, ...]
    file: str
    #: path in the model -> where it stands in the survey
    places: Mapping[Path, str] = field(repr=False, default_factory=dict)

    def faults(self) -> tuple[Fault, ...]:
        """What the checks say of it, each at its question; what no survey has, with the way to go on."""
        return tuple(
            Fault(self.place(each.path), each.reason, _DRAFT if each.path[:1] == ("consent",) else each.mend)
            for each in checks.check(self.questionnaire)
        )

    def place(self, path: Path) -> str:
        for length in range(len(path), 0, -1):
            if path[:length] in self.places:
                return f"{self.file}, {self.places[path[:length]]}"
        return f"{self.file}, phần chung ({'.'.join(map(str, path[:2]))})" if path else self.file


def is_survey(source: bytes, name: str) -> bool:
    """Whether a file that somebody hands in comes from LimeSurvey, the right kind or not."""
    return name.lower().endswith((tables.SUFFIX, *tables.OTHER_FILES)) or b"<LimeSurveyDocType>" in source[:2_000]


def read(source: bytes, name: str) -> ImportedSurvey:
    """Raises Faults where the file is no survey structure."""
    return _Reader(lime.read(source, name), name).imported()


class _Reader:
    def __init__(self, survey: lime.Survey, file: str):
        self._survey, self._file = survey, file
        self._remarks = Remarks()
        self._names = Names(survey)
        self._words = WordReader(survey.languages, self._names, self._remarks, file)
        self._questions = QuestionReader(self._names, self._words)
        self._places: dict[Path, str] = {
            ("title",): "tên khảo sát",
            ("description",): "mô tả",
            ("languages",): "ngôn ngữ của khảo sát",
            ("consent", "purpose"): "lời chào",
            ("consent", "data"): "thông báo về dữ liệu (policy notice)",
        }

    def imported(self) -> ImportedSurvey:
        survey, words = self._survey, self._words
        consent = self._consent()
        for code, reason in self._names.renamed:
            words.assume(f"câu {code}", reason)
        pages = tuple(self._pages())
        self._tell_what_is_assumed()
        lists = self._questions.lists
        self._places |= {("choices", name): place for name, place in lists.places.items()}
        questionnaire = Questionnaire(
            form_id=f"survey_{survey.id}"
            if survey.id.isascii() and survey.id.isdecimal() and len(survey.id) < 20
            else "survey",
            version=ASSUMED_VERSION,
            title=words.read(survey.said.get("surveyls_title", {}), "tên khảo sát"),
            description=words.read(survey.said.get("surveyls_description", {}), "mô tả"),
            consent=consent,
            respondent_groups=(ASSUMED_GROUP,),
            rates="one_unit",
            pages=pages,
            choice_lists=lists.all(),
            languages=survey.languages,
            default_language=survey.language,
        )
        return ImportedSurvey(questionnaire, self._remarks.all(), self._file, MappingProxyType(self._places))

    def _consent(self) -> Consent:
        said, words = self._survey.said, self._words
        words.assume(
            "",
            "Lời chào được đưa vào consent.purpose, thông báo về dữ liệu vào consent.data.",
            "Đọc lại và viết các phần còn thiếu của lời thông báo (consent).",
        )
        return Consent(
            words.read(said.get("surveyls_welcometext", {}), "lời chào"),
            words.read(said.get("surveyls_policy_notice", {}), "thông báo về dữ liệu"),
            Text(),
            Text(),
            Text(),
        )

    def _tell_what_is_assumed(self) -> None:
        survey, words = self._survey, self._words
        for sentence in survey.left_out:
            words.tell("", sentence)
        if shown := [what for column, what in _NOT_SHOWN.items() if survey.said.get(column)]:
            words.tell("", f"Khảo sát có {', '.join(shown)}; phiếu ở đây không có.")
        words.tell("", "Cấu hình của LimeSurvey (giao diện, thư mời, thời hạn, lưu IP, mã mời…) không được đưa vào.")
        if looks := ", ".join(sorted(self._questions.looks)):
            words.tell("", f"Thuộc tính chỉ nói về dáng vẻ, thống kê của câu hỏi không được đưa vào: {looks}.")
        if survey.format in ("S", "A"):
            words.assume("", "Khảo sát không chia trang theo nhóm câu hỏi.", "Ở đây mỗi nhóm là một trang.")
        words.assume(
            "",
            f"Phiếu dành cho nhóm “{ASSUMED_GROUP}”, đánh giá một đơn vị, phiên bản {ASSUMED_VERSION}.",
            "Sửa respondent_groups, rates, version nếu cần.",
        )

    def _pages(self) -> Iterator[Page]:
        at = 0
        for number, group in enumerate(self._survey.groups, 1):
            place = f"nhóm {number}"
            if group.shuffled:
                self._words.tell(place, f"Thứ tự ngẫu nhiên của nhóm (“{group.shuffled[:40]}”) không được đưa vào.")
            relevant = self._words.expression(group.relevance, place, "điều kiện của nhóm")
            questions = tuple(self._asked(group, at))
            if not questions:
                self._words.tell(place, "Nhóm không còn câu hỏi nào nên bị bỏ.")
                continue
            self._places["pages", at] = place
            yield Page(
                self._names.free(f"page_{number}"),
                self._words.read(group.words, place),
                questions,
                self._words.read(group.description, f"{place}, mô tả"),
                relevant,
            )
            at += 1

    def _asked(self, group: lime.Group, page: int) -> Iterator[Question]:
        position = 0
        for question in group.questions:
            place = f"câu {question.code}"
            own = self._condition(question, place)
            for each in self._questions.read(question):
                self._places["pages", page, "questions", position] = place
                self._places |= {("groups", within.name): place for within in each.within}
                position += 1
                yield replace(each, relevant=self._words.joined([own, each.relevant], place, "điều kiện"))

    def _condition(self, question: lime.Question, place: str) -> str:
        """Where there is a table of conditions, newer versions of LimeSurvey write it as `relevance` too."""
        if question.conditions:
            made = self._words.conditions(lambda: conditions.as_expression(question.conditions, self._names), place)
            if made:
                return made
        return self._words.expression(question.row.get("relevance", ""), place, "điều kiện")
