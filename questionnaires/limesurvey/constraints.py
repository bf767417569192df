"""What of a question in a survey becomes a constraint: its own validation, its pattern, and limits given as attributes."""

from collections.abc import Iterator, Mapping

from questionnaires.limesurvey import survey as lime
from questionnaires.limesurvey.attributes import is_number
from questionnaires.limesurvey.expression import Untranslatable, pattern
from questionnaires.limesurvey.names import EQUATION, NOTE, is_boxes
from questionnaires.limesurvey.words import WordReader
from questionnaires.model import Text

_NUMBERS = {"min_num_value_n": ". >= {}", "max_num_value_n": ". <= {}"}
_LENGTH = {"maximum_chars": "string-length(.) <= {}"}
_COUNT = {"min_answers": "count-selected(.) >= {}", "max_answers": "count-selected(.) <= {}"}
_TABLE = {"multiflexible_min": ". >= {}", "multiflexible_max": ". <= {}"}
#: type -> attribute -> how its value limits the answer
_LIMITS: Mapping[str, Mapping[str, str]] = {
    **dict.fromkeys("NK", _NUMBERS | _LENGTH),
    **dict.fromkeys("STUQ;", _LENGTH),
    **dict.fromkeys("MP", _COUNT),
    ":": _TABLE,
    "D": {"date_min": ". >= {}", "date_max": ". <= {}"},
}
#: what LimeSurvey offers in a table of numbers unless it is told otherwise
_TABLE_DEFAULTS = {"multiflexible_min": "1", "multiflexible_max": "10"}
_EVERY_LIMIT = frozenset().union(*_LIMITS.values())


class ConstraintReader:
    def __init__(self, words: WordReader) -> None:
        self._words = words

    def of(self, question: lime.Question, place: str, current: str, last: bool = True) -> tuple[str, Text]:
        """`last`: of several parts, whether this is the last one, which bears what is said of all together."""
        if question.type in (NOTE, EQUATION):
            return "", Text()
        found, names = [], ["em_validation_sq"] + (["em_validation_q"] if last else [])
        tips: dict[str, str] = {}
        for name in names:
            if own := question.attribute(name):
                found.append(self._words.expression(own, place, "điều kiện kiểm tra", current))
                tips = {**question.attributes.get(f"{name}_tip", {}), **tips} if found[-1] else tips
        found += [*self._limits(question, place), self._pattern(question, place)]
        whole = self._words.joined(found, place, "constraint")
        return whole, self._words.read(tips, f"{place}, lời nhắc") if whole and tips else Text()

    def unused(self, question: lime.Question) -> Iterator[str]:
        """Limits that its type does not have here."""
        for name in sorted(_EVERY_LIMIT & question.attributes.keys()):
            if name not in _limits_of(question) and question.attribute(name) not in ("", "0"):
                yield f"{name} = “{question.attribute(name)[:60]}”"

    def _limits(self, question: lime.Question, place: str) -> Iterator[str]:
        for name, written in _limits_of(question).items():
            value = question.attribute(name)
            if not value and question.type == ":" and not question.switched_on("input_boxes"):
                value = _TABLE_DEFAULTS[name]
            if not value or (value == "0" and written in _LENGTH.values()):
                continue
            if question.type == "D":
                day = value[:10]
                if len(day) == 10 and day.replace("-", "").isdecimal() and day[4] == day[7] == "-":
                    yield written.format(f"date('{day}')")
                else:
                    self._words.tell(place, f"Không chuyển được giới hạn {name} = “{value[:60]}”.", "Viết lại bằng constraint.")
            elif is_number(value):
                yield written.format(value)
            elif made := self._words.expression(value.strip().removeprefix("{").removesuffix("}"), place, f"giới hạn {name}"):
                yield written.format(f"({made})")

    def _pattern(self, question: lime.Question, place: str) -> str:
        written = question.row.get("preg", "")
        if not written:
            return ""
        try:
            inside = pattern(written)
            if "'" in inside:
                raise Untranslatable("mẫu có dấu nháy")
            return self._words.joined([f"regex(., '{inside}')"], place, "mẫu kiểm tra (preg)")
        except Untranslatable as error:
            self._words.tell(place, f"Không chuyển được mẫu kiểm tra “{written[:80]}”: {error}.", "Viết lại bằng constraint.")
            return ""


def _limits_of(question: lime.Question) -> Mapping[str, str]:
    return {} if is_boxes(question) else _LIMITS.get(question.type, {})
