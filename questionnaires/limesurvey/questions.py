"""One question of a survey -> the questions that it becomes here: one, or one for each part of a table."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from questionnaires.limesurvey import attributes
from questionnaires.limesurvey import survey as lime
from questionnaires.limesurvey.choice_lists import ListReader, heading_of
from questionnaires.limesurvey.constraints import ConstraintReader
from questionnaires.limesurvey.expression import Untranslatable
from questionnaires.limesurvey.names import EQUATION, LEFT_OUT, Names, as_list, columns_of, is_boxes, is_hidden
from questionnaires.limesurvey.words import WordReader
from questionnaires.model import ChoiceList, Group, Question, Text
from questionnaires.xlsform.pages import OTHER

GRID = "table-list"
_COMMENT = {"vi": "Nhận xét", "km": "មតិ", "en": "Comment"}


class QuestionReader:
    def __init__(self, names: Names, words: WordReader) -> None:
        self._names, self._words = names, words
        self.lists = ListReader(names, words)
        self._constraints = ConstraintReader(words)
        #: attributes that only say how LimeSurvey draws, of all questions
        self.looks: set[str] = set()

    def read(self, question: lime.Question) -> Iterator[Question]:
        place = f"câu {question.code}"
        if question.type not in _READERS:
            what = LEFT_OUT.get(question.type, f"câu loại “{question.type[:20]}”")
            self._words.tell(place, f"Không nhận {what}.")
        elif is_hidden(question):
            self._words.tell(
                place, "Câu này bị ẩn trong LimeSurvey nên không được đưa vào.", "Dùng relevant, hoặc calculate, nếu cần."
            )
        else:
            self._tell_what_stays(question, place)
            yield from _READERS[question.type](self, question, self._base(question, place), place)

    def _base(self, question: lime.Question, place: str) -> Question:
        """What all that it becomes have in common; of an equation nothing is shown."""
        if question.type == EQUATION:
            return Question(self._names.of(question), "calculate", Text())
        return Question(
            self._names.of(question),
            "text",
            self._words.read(question.words, place),
            self._words.read(question.help, f"{place}, hướng dẫn"),
            required=question.row.get("mandatory") == "Y",
        )

    def _tell_what_stays(self, question: lime.Question, place: str) -> None:
        self.looks |= {name for name in question.attributes if name in attributes.LOOKS}
        if rest := "; ".join([*filter(None, [attributes.rest(question)]), *self._constraints.unused(question)]):
            self._words.tell(place, f"Thuộc tính không được đưa vào: {rest}.")
        if question.row.get("mandatory") == "S":
            self._words.tell(place, "Câu nhắc trả lời nhưng không bắt buộc (soft mandatory).", "Ở đây câu không bắt buộc.")
        if question.row.get("encrypted") == "Y":
            self._words.tell(place, "Câu trả lời được mã hóa trong LimeSurvey; ở đây thì không.")
        if question.script:
            self._words.tell(place, "Câu có mã JavaScript riêng.")
        if question.other and not as_list(question, 0):
            self._words.tell(place, "Loại câu này không có phương án khác (other).")
        orders = {question.attribute("answer_order"), question.attribute("subquestion_order")}
        if (question.switched_on("random_order") or "random" in orders) and not _lists_choices(question):
            self._words.tell(place, "Thứ tự ngẫu nhiên của các dòng không được đưa vào.")
        if "alphabetical" in orders:
            self._words.tell(place, "Sắp theo vần không được đưa vào; ở đây theo thứ tự trong tệp.")
        theme = question.row.get("question_theme_name", "")
        if theme and theme not in attributes.THEMES:
            self._words.tell(
                place,
                f"Câu dùng giao diện riêng “{theme[:60]}” của LimeSurvey; ở đây hiện như loại gốc.",
                "Xem lại nhãn của các phương án." if theme.startswith("image_select") else "",
            )
        if question.type not in "MP" and question.attribute("exclude_all_others"):
            self._words.tell(place, "Dòng loại trừ các dòng khác (exclude_all_others) không được đưa vào.")

    # -- by type -------------------------------------------------------------------------------------------------------

    def one_choice(self, question: lime.Question, base: Question, place: str) -> Iterator[Question]:
        self._tell_filter(question, place)
        asked = replace(
            base,
            type="select_one",
            choices=self.lists.of_answers(question, place),
            parameters=_order(question),
            appearance="minimal" if question.type == "!" else "",
            default=self._default(question, place, codes=self._names.codes(question)),
        )
        yield self._checked(asked, question, place)
        yield from self._specify(question, f"${{{base.name}}} = '{OTHER}'", place)
        if question.type == "O":
            yield Question(self._names.of(question, "comment"), "text", self._words.own(_COMMENT, f"{place}, nhận xét"))

    def several_choices(self, question: lime.Question, base: Question, place: str) -> Iterator[Question]:
        self._tell_filter(question, place)
        for part in question.parts[0]:
            if part.relevance not in ("", "1"):
                self._words.tell(
                    f"{place}, phương án {part.code}",
                    "Điều kiện riêng của phương án không được đưa vào.",
                    "Dùng choice_filter.",
                )
        marked = [
            self._names.choice(question, 0, part.code)
            for part in question.parts[0]
            if self._default(question, place, part.id) == "Y"
        ]
        asked = replace(
            base,
            type="select_multiple",
            choices=self.lists.of_parts(question, place),
            parameters=_order(question),
            default=" ".join(marked),
        )
        yield self._checked(asked, question, place)
        if question.type == "P":
            for part in question.parts[0]:
                yield Question(
                    self._names.of(question, f"{part.code}comment"),
                    "text",
                    _both(self._words.own(_COMMENT, f"{place}, nhận xét"), self._part_label(part, base, place)),
                    relevant=f"selected(${{{base.name}}}, '{self._names.choice(question, 0, part.code)}')",
                )
        yield from self._specify(question, f"selected(${{{base.name}}}, '{OTHER}')", place)

    def _specify(self, question: lime.Question, condition: str, place: str) -> Iterator[Question]:
        if question.other:
            yield Question(
                self._names.of(question, OTHER),
                "decimal" if question.switched_on("other_numbers_only") else "text",
                self.lists.other_label(question, place),
                required=question.switched_on("other_comment_mandatory"),
                relevant=condition,
                default=self._default(question, place, special=OTHER),
            )

    def ranking(self, question: lime.Question, base: Question, place: str) -> Iterator[Question]:
        self._tell_filter(question, place)
        if any(part.relevance not in ("", "1") for part in question.parts[0]):
            self._words.tell(place, "Điều kiện của từng phương án xếp hạng không được đưa vào.")
        if question.answers[0]:
            self._words.assume(place, "Câu xếp hạng ở đây đòi xếp mọi phương án.", "Nếu chỉ chọn vài cái: select_multiple.")
        yield replace(base, type="rank", choices=self.lists.of_answers(question, place), parameters=_order(question))

    def typed(self, question: lime.Question, base: Question, place: str) -> Iterator[Question]:
        kind = _typed_as(question)
        if question.type == "D" and kind == "date" and (asked := question.attribute("date_format")):
            if any(mark in asked.lower() for mark in ("hh", "h:")):
                self._words.tell(place, "Câu hỏi cả ngày và giờ; ở đây chỉ hỏi ngày.", "Thêm một câu loại time.")
            elif "d" not in asked.lower():
                self._words.tell(
                    place, f"Câu chỉ hỏi “{asked[:20]}”; ở đây hỏi cả ngày.", "Dùng câu loại text nếu không cần ngày."
                )
        yield self._checked(replace(base, type=kind, default=self._default(question, place)), question, place)

    def note(self, question: lime.Question, base: Question, place: str) -> Iterator[Question]:
        yield replace(base, type="note", required=False)

    def computed(self, question: lime.Question, base: Question, place: str) -> Iterator[Question]:
        # what LimeSurvey reckons stands in the attribute, or in the question itself; in which language is all the same
        written = question.attribute("equation") or next(iter(question.words.values()), "")
        value = self._words.equation(written, place)
        if not value:
            self._names.leave_out(question)
            return
        if not question.switched_on("hidden"):
            self._words.tell(
                place, "Kết quả tính được không hiện ra như trong LimeSurvey.", "Nhắc lại bằng ${…} trong một lời dẫn."
            )
        yield replace(base, calculation=value)

    def parts(self, question: lime.Question, base: Question, place: str) -> Iterator[Question]:
        """One question for each part, under the heading of the whole."""
        choices = self.lists.of_answers(question, place) if question.type not in "QK" else None
        group = self._group(f"{base.name}_group", base.label, base.hint, choices)
        for at, part in enumerate(question.parts[0]):
            where = f"{place}, dòng {part.code}"
            yield self._checked(
                replace(
                    base,
                    name=self._names.of(question, part.code),
                    type="select_one" if choices else _typed_as(question),
                    choices=choices,
                    label=self._part_label(part, base, place),
                    hint=Text(),
                    parameters=_scale(question),
                    default=self._default(question, where, part.id),
                    within=(group,),
                    relevant=self._part_condition(question, part, where),
                ),
                question,
                where,
                at == len(question.parts[0]) - 1,
            )

    def cells(self, question: lime.Question, base: Question, place: str) -> Iterator[Question]:
        """One question for each row and column; the columns one below the other."""
        if is_boxes(question):
            yield from self._boxes(question, base, place)
            return
        columns = columns_of(question)
        for number, column in enumerate(columns):
            choices = self.lists.of_answers(question, place, number) if question.type == "1" else None
            heading = _both(base.label, heading_of(question, column, self._words, place))
            group = self._group(f"{base.name}_{column}_group", heading, base.hint, choices)
            for at, part in enumerate(question.parts[0]):
                where = f"{place}, dòng {part.code}, cột {column}"
                yield self._checked(
                    replace(
                        base,
                        name=self._names.of(question, f"{part.code}_{column}"),
                        type="select_one" if choices else _typed_as(question),
                        choices=choices,
                        label=self._part_label(part, base, place),
                        hint=Text(),
                        within=(group,),
                        relevant=self._part_condition(question, part, where),
                    ),
                    question,
                    where,
                    at == len(question.parts[0]) - 1 and number == len(columns) - 1,
                )

    def _boxes(self, question: lime.Question, base: Question, place: str) -> Iterator[Question]:
        """A table of boxes: each row asks for several of the columns."""
        choices = self.lists.of_parts(question, place, 1)
        group = self._group(f"{base.name}_group", base.label, base.hint, None)
        for part in question.parts[0]:
            yield replace(
                base,
                name=self._names.of(question, part.code),
                type="select_multiple",
                choices=choices,
                label=self._part_label(part, base, place),
                hint=Text(),
                within=(group,),
                relevant=self._part_condition(question, part, f"{place}, dòng {part.code}"),
            )

    # -- pieces --------------------------------------------------------------------------------------------------------

    def _group(self, name: str, label: Text, hint: Text, choices: ChoiceList | None) -> Group:
        return Group(self._names.free(name), label, hint, appearance=GRID if choices else "")

    def _part_label(self, part: lime.Part, base: Question, place: str) -> Text:
        return self._words.read(part.words, f"{place}, dòng {part.code}") or base.label

    def _checked(self, asked: Question, question: lime.Question, place: str, last: bool = True) -> Question:
        constraint, message = self._constraints.of(question, place, asked.name, last)
        return replace(asked, constraint=constraint, constraint_message=message)

    def _part_condition(self, question: lime.Question, part: lime.Part, place: str) -> str:
        own = self._words.expression(part.relevance, place, "điều kiện")
        return self._words.joined([own, self._filter(question, part, place)], place, "điều kiện")

    def _filter(self, question: lime.Question, part: lime.Part, place: str) -> str:
        """array_filter: a row is asked where the choice of the same code was marked in an earlier question."""
        source = question.attribute("array_filter")
        if not source:
            return ""
        try:
            return self._names.named(f"{source}_{part.code}").written() if ";" not in source else ""
        except Untranslatable:
            self._words.tell(place, f"Không chuyển được array_filter “{source[:60]}”.", "Viết lại bằng relevant.")
            return ""

    def _tell_filter(self, question: lime.Question, place: str) -> None:
        if source := question.attribute("array_filter"):
            self._words.tell(
                place, f"Lọc phương án theo câu “{source[:60]}” (array_filter) không được đưa vào.", "Dùng choice_filter."
            )

    def _default(
        self, question: lime.Question, place: str, part: str = "", special: str = "", codes: Mapping[str, str] | None = None
    ) -> str:
        said = question.defaults.get((part, special), {})
        value = said.get(self._words.languages[0]) or said.get("") or next(iter(said.values()), "")
        if "{" in value:
            self._words.tell(place, f"Giá trị điền sẵn “{value[:60]}” là biểu thức nên không được đưa vào.")
            return ""
        return (codes or {}).get(value, value)


def _lists_choices(question: lime.Question) -> bool:
    return question.type in "L!OMPR"


def _order(question: lime.Question) -> Mapping[str, str]:
    orders = ("random_order", "answer_order", "subquestion_order")
    shuffled = question.switched_on(orders[0]) or "random" in map(question.attribute, orders[1:])
    return {"randomize": "true"} if shuffled else {}


def _both(first: Text, second: Text) -> Text:
    """Two texts as one, in the languages of the first."""
    return Text(
        {
            language: f"{words} – {more}" if (more := second.by_language.get(language)) else words
            for language, words in first.by_language.items()
        }
    )


def _is_slider(question: lime.Question) -> bool:
    return question.type == "K" and question.switched_on("slider_layout")


def _scale(question: lime.Question) -> Mapping[str, str]:
    """A slider of LimeSurvey runs from 0 to 100 unless told otherwise."""
    if not _is_slider(question):
        return {}
    standard = {"slider_min": "0", "slider_max": "100", "slider_accuracy": "1"}
    given = {name: question.attribute(name) or value for name, value in standard.items()}
    return {"start": given["slider_min"], "end": given["slider_max"], "step": given["slider_accuracy"]}


def _typed_as(question: lime.Question) -> str:
    if question.type == "D":
        asked = question.attribute("date_format").lower()
        return "time" if "h" in asked and not set(asked) & set("dy") else "date"
    if _is_slider(question):
        return "range"
    if question.type in "NK:":
        return "integer" if question.switched_on("num_value_int_only") or _picks_numbers(question) else "decimal"
    return "decimal" if question.type in "SQ;" and question.switched_on("numbers_only") else "text"


def _picks_numbers(question: lime.Question) -> bool:
    """A table of numbers to choose from, which goes up by whole steps."""
    return (
        question.type == ":" and not question.switched_on("input_boxes") and "." not in question.attribute("multiflexible_step")
    )


_READERS: Mapping[str, Callable[..., Iterator[Question]]] = {
    **dict.fromkeys("L!OYG5", QuestionReader.one_choice),
    **dict.fromkeys("MP", QuestionReader.several_choices),
    **dict.fromkeys("STUND", QuestionReader.typed),
    **dict.fromkeys("ABCEFHQK", QuestionReader.parts),
    **dict.fromkeys(":;1", QuestionReader.cells),
    "R": QuestionReader.ranking,
    "X": QuestionReader.note,
    "*": QuestionReader.computed,
}
