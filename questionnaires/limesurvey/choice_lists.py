"""Choice lists of a survey: of its own answers, and those that LimeSurvey has built in."""

from collections.abc import Mapping

from questionnaires.limesurvey import survey as lime
from questionnaires.limesurvey.names import Names, as_list, columns_of
from questionnaires.limesurvey.words import WordReader
from questionnaires.model import Choice, ChoiceList, Text
from questionnaires.xlsform.pages import OTHER, OTHER_LABELS

_YES, _NO = {"vi": "Có", "km": "បាទ/ចាស", "en": "Yes"}, {"vi": "Không", "km": "ទេ", "en": "No"}
_POINTS = {str(point): {"en": str(point)} for point in range(1, 11)}
#: type -> list, code -> label by language
_FIXED: Mapping[str, tuple[str, Mapping[str, Mapping[str, str]]]] = {
    "Y": ("yes_no", {"Y": _YES, "N": _NO}),
    "G": (
        "gender",
        {"F": {"vi": "Nữ", "km": "ស្រី", "en": "Female"}, "M": {"vi": "Nam", "km": "ប្រុស", "en": "Male"}},
    ),
    "C": (
        "yes_uncertain_no",
        {"Y": _YES, "U": {"vi": "Không chắc", "km": "មិនប្រាកដ", "en": "Uncertain"}, "N": _NO},
    ),
    "E": (
        "increase_same_decrease",
        {
            "I": {"vi": "Tăng", "km": "កើនឡើង", "en": "Increase"},
            "S": {"vi": "Như cũ", "km": "ដដែល", "en": "Same"},
            "D": {"vi": "Giảm", "km": "ថយចុះ", "en": "Decrease"},
        },
    ),
    "5": ("points5", {code: _POINTS[code] for code in "12345"}),
    "A": ("points5", {code: _POINTS[code] for code in "12345"}),
    "B": ("points10", _POINTS),
}


class ListReader:
    def __init__(self, names: Names, words: WordReader) -> None:
        self._names, self._words = names, words
        self._lists: dict[str, ChoiceList] = {}
        #: list -> where it stands in the survey
        self.places: dict[str, str] = {}

    def all(self) -> tuple[ChoiceList, ...]:
        return tuple(self._lists.values())

    def of_answers(self, question: lime.Question, place: str, scale: int = 0) -> ChoiceList:
        """The list of the type, or that of the question's own answers."""
        if question.type in _FIXED:
            return self._built_in(*_FIXED[question.type], place)
        choices = tuple(
            Choice(
                self._names.choice(question, scale, answer.code),
                self._words.read(answer.words, f"{place}, phương án {answer.code}"),
            )
            for answer in question.answers[scale]
        )
        return self._keep(question, f"answers{scale + 1 if scale else ''}", choices, place)

    def of_parts(self, question: lime.Question, place: str, scale: int = 0) -> ChoiceList:
        """The parts themselves are what can be marked."""
        alone = {code.strip() for code in question.attribute("exclude_all_others").split(";")}
        choices = tuple(
            Choice(
                self._names.choice(question, scale, part.code),
                self._words.read(part.words, f"{place}, phương án {part.code}"),
                exclusive=part.code in alone,
            )
            for part in question.parts[scale]
        )
        return self._keep(question, "choices", choices, place)

    def _keep(self, question: lime.Question, ending: str, choices: tuple[Choice, ...], place: str) -> ChoiceList:
        if question.other and as_list(question, 0):
            choices = (*choices, Choice(OTHER, self.other_label(question, place)))
        return self._add(ChoiceList(f"{self._names.of(question)}_{ending}", choices), place)

    def other_label(self, question: lime.Question, place: str) -> Text:
        replaced = question.attributes.get("other_replace_text", {})
        said = self._words.read(replaced, f"{place}, khác") if replaced else Text()
        return said or self._words.own(OTHER_LABELS, f"{place}, khác")

    def _built_in(self, name: str, labels: Mapping[str, Mapping[str, str]], place: str) -> ChoiceList:
        if name in self._lists:
            return self._lists[name]
        numbers = labels.keys() <= _POINTS.keys()
        languages = self._words.languages
        choices = tuple(
            Choice(
                code, Text(dict.fromkeys(languages, code)) if numbers else self._words.own(said, f"{place}, phương án {code}")
            )
            for code, said in labels.items()
        )
        return self._add(ChoiceList(name, choices), place)

    def _add(self, made: ChoiceList, place: str) -> ChoiceList:
        self.places[made.name] = f"{place}, các phương án"
        return self._lists.setdefault(made.name, made)


def heading_of(question: lime.Question, column: str, words: WordReader, place: str) -> Text:
    """Of one column of a table."""
    columns = columns_of(question)
    if question.type == "1":
        return words.read(
            question.attributes.get(f"dualscale_header{'AB'[columns.index(column)]}", {}), f"{place}, cột {column}"
        )
    return words.read(question.parts[1][columns.index(column)].words, f"{place}, cột {column}")
