"""A survey of LimeSurvey as a draft questionnaire: a group becomes a page, a table a grid; what has no counterpart is told."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from documents.faults import Fault
from documents.yaml_reader import Path
from questionnaires import checks
from questionnaires.answers import REGISTRY
from questionnaires.limesurvey import survey as lime
from questionnaires.limesurvey.names import Names, conditions_as_expression
from questionnaires.limesurvey.questions import QuestionReader
from questionnaires.limesurvey.words import WordReader
from questionnaires.model import Consent, Page, Questionnaire, Text
from questionnaires.xlsform.result import Remark, Remarks

ASSUMED_GROUP = "citizens"
SUFFIX = ".lss"


@dataclass(frozen=True)
class ImportedSurvey:
    """A draft: it says what the survey says, whether or not that may be asked. `faults` judges it."""

    questionnaire: Questionnaire
    remarks: tuple[Remark, ...]
    file: str
    #: path in the model -> where it stands in the survey
    places: Mapping[Path, str] = field(repr=False, default_factory=dict)

    def faults(self) -> tuple[Fault, ...]:
        return tuple(Fault(self.place(each.path), each.reason, each.mend) for each in checks.check(self.questionnaire))

    def place(self, path: Path) -> str:
        for length in range(len(path), 0, -1):
            if path[:length] in self.places:
                return f"{self.file}, {self.places[path[:length]]}"
        return f"{self.file}, phần chung ({path[0]})" if path else self.file


def is_survey(source: bytes, name: str) -> bool:
    return name.lower().endswith(SUFFIX) or b"<LimeSurveyDocType>" in source[:2_000]


def read(source: bytes, name: str, known_types: Collection[str] = REGISTRY) -> ImportedSurvey:
    """Raises Faults where the file is no survey structure."""
    return _Reader(lime.read(source, name), name, known_types).imported()


class _Reader:
    def __init__(self, survey: lime.Survey, file: str, known_types: Collection[str]):
        self._survey, self._file = survey, file
        self._remarks = Remarks()
        self._names = Names(survey)
        self._words = WordReader(survey.languages, self._names, self._remarks, file)
        self._questions = QuestionReader(self._names, self._words, self._remarks, file, known_types)
        self._places: dict[Path, str] = {}

    def imported(self) -> ImportedSurvey:
        survey, words = self._survey, self._words
        pages = tuple(self._pages())
        for other in survey.others:
            self._remarks.add("left_out", self._file, f"Khảo sát có {other}, phiếu ở đây không có.")
        if survey.format != "G":
            self._remarks.add(
                "assumed", self._file, "Khảo sát không chia trang theo nhóm câu hỏi.", "Ở đây mỗi nhóm là một trang."
            )
        self._remarks.add(
            "assumed",
            self._file,
            f"Phiếu dành cho nhóm “{ASSUMED_GROUP}”, đánh giá một đơn vị.",
            "Sửa respondent_groups và rates nếu cần.",
        )
        welcome = words.read(survey.welcome, "lời chào")
        questionnaire = Questionnaire(
            form_id=f"survey_{survey.id}" if survey.id.isdecimal() else "survey",
            version="1",
            title=words.read(survey.title, "tên khảo sát"),
            description=words.read(survey.description, "mô tả"),
            consent=Consent(welcome, Text(), Text(), Text(), Text()),
            respondent_groups=(ASSUMED_GROUP,),
            rates="one_unit",
            pages=pages,
            choice_lists=self._questions.lists(),
            languages=survey.languages,
            default_language=survey.language,
        )
        return ImportedSurvey(questionnaire, self._remarks.all(), self._file, MappingProxyType(self._places))

    def _pages(self) -> Iterator[Page]:
        at = 0
        for number, group in enumerate(self._survey.groups, 1):
            place = f"nhóm {number}"
            questions = tuple(self._read(group, at))
            if not questions:
                self._remarks.add("left_out", f"{self._file}, {place}", "Nhóm không còn câu hỏi nào.")
                continue
            self._places["pages", at] = place
            yield Page(
                f"page_{number}",
                self._words.read(group.words, place),
                questions,
                self._words.read(group.description, f"{place}, mô tả"),
                self._words.expression(group.relevance, place, "điều kiện"),
            )
            at += 1

    def _read(self, group: lime.Group, page: int):
        position = 0
        for question in group.questions:
            place = f"câu {question.code}"
            own = self._words.expression(question.relevance, place, "điều kiện")
            if not own and question.conditions:
                own = conditions_as_expression(question.conditions, self._names, self._remarks, f"{self._file}, {place}")
            for each in self._questions.read(question):
                both = [part for part in (own, each.relevant) if part]
                relevant = " and ".join(f"({part})" for part in both) if len(both) > 1 else "".join(both)
                self._places["pages", page, "questions", position] = place
                position += 1
                yield replace(each, relevant=relevant)
