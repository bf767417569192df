"""One question of a survey -> the questions that it becomes here: one, or one for each part of a table."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace

from questionnaires.limesurvey import survey as lime
from questionnaires.limesurvey.names import OTHER, Names, name_of
from questionnaires.limesurvey.words import WordReader
from questionnaires.model import Choice, ChoiceList, Group, Question, Text
from questionnaires.xlsform.result import Remarks

GRID = "table-list"
#: attributes that only say how LimeSurvey draws a question or its statistics
_LOOKS = frozenset(
    {
        "answer_width",
        "category_separator",
        "cssclass",
        "display_columns",
        "display_rows",
        "display_type",
        "dropdown_dates",
        "dropdown_prefix",
        "hide_tip",
        "input_size",
        "label_input_columns",
        "location_mapheight",
        "page_break",
        "placeholder",
        "printable_help",
        "public_statistics",
        "repeat_headings",
        "save_as_default",
        "scale_export",
        "showpopups",
        "slider_layout",
        "statistics_graphtype",
        "statistics_showgraph",
        "statistics_showmap",
        "text_input_columns",
        "text_input_width",
        "theme_template",
        "time_limit_action",
        "use_dropdown",
        "keep_aspect",
        "choice_input_columns",
        "alphasort",
        "other_position",
        "numbers_only",
        "thousands_separator",
        "reverse",
        "prefix",
        "suffix",
        "subquestion_width",
        "random_group",
        "clear_default",
        "multiflexible_checkbox",
        "image",
    }
)
_NO_EFFECT = frozenset({"", "0", "N", "1;"})

_YES_NO = {"vi": ("Có", "Không"), "en": ("Yes", "No")}
_GENDER = {"vi": ("Nữ", "Nam"), "en": ("Female", "Male")}
_SURE = {"vi": ("Có", "Không chắc", "Không"), "en": ("Yes", "Uncertain", "No")}
_TREND = {"vi": ("Tăng", "Như cũ", "Giảm"), "en": ("Increase", "Same", "Decrease")}
#: types whose answers stand in no table -> list, codes, labels by language
_FIXED: Mapping[str, tuple[str, tuple[str, ...], Mapping[str, tuple[str, ...]]]] = {
    "Y": ("yes_no", ("Y", "N"), _YES_NO),
    "G": ("gender", ("F", "M"), _GENDER),
    "C": ("yes_uncertain_no", ("Y", "U", "N"), _SURE),
    "E": ("increase_same_decrease", ("I", "S", "D"), _TREND),
    "5": ("points5", tuple("12345"), {}),
    "A": ("points5", tuple("12345"), {}),
    "B": ("points10", tuple(map(str, range(1, 11))), {}),
}
_LEFT_OUT = {"I": "câu chọn ngôn ngữ (phiếu ở đây có nút đổi ngôn ngữ)", "|": "câu tải tệp lên (cần collects: [files])"}


class QuestionReader:
    def __init__(self, names: Names, words: WordReader, remarks: Remarks, file: str, known_types: Collection[str]) -> None:
        self._names, self._words, self._remarks, self._file, self._known = names, words, remarks, file, known_types
        self._lists: dict[str, ChoiceList] = {}

    def lists(self) -> tuple[ChoiceList, ...]:
        return tuple(self._lists.values())

    def read(self, question: lime.Question) -> Iterator[Question]:
        place = f"câu {question.code}"
        if question.type in _LEFT_OUT or question.type not in _READERS:
            what = _LEFT_OUT.get(question.type, f"câu loại “{question.type}”")
            self._tell(place, f"Không nhận {what}.")
            return
        if question.attribute("hidden") == "1" and question.type != "*":
            self._tell(place, "Câu này bị ẩn trong LimeSurvey.", "Ở đây câu không được đưa vào; dùng relevant nếu cần ẩn.")
            return
        self._tell_attributes(question, place)
        yield from _READERS[question.type](self, question, self._base(question, place), place)

    # -- what all have in common ---------------------------------------------------------------------------------------

    def _base(self, question: lime.Question, place: str) -> Question:
        if question.mandatory == "S":
            self._tell(place, "Câu nhắc trả lời nhưng không bắt buộc (soft mandatory).", "Ở đây câu không bắt buộc.")
        if question.type == "*":
            return Question(name_of(question), "calculate", Text())
        constraint, message = self._constraint(question, place)
        return Question(
            name_of(question),
            "text",
            self._words.read(question.words, place),
            self._words.read(question.help, f"{place}, hướng dẫn"),
            required=question.mandatory == "Y",
            constraint=constraint,
            constraint_message=message,
        )

    def _constraint(self, question: lime.Question, place: str) -> tuple[str, Text]:
        own = question.attribute("em_validation_q") or question.attribute("em_validation_sq")
        parts = [self._words.expression(own, place, "điều kiện kiểm tra", question.code)] if own else []
        for attribute, written in _LIMITS.items():
            value = question.attribute(attribute)
            if value and (value.lstrip("-").replace(".", "", 1).isdecimal()):
                parts.append(written.format(value))
            elif value:
                self._tell(place, f"Không chuyển được giới hạn {attribute} = “{value[:60]}”.", "Viết lại bằng constraint.")
        tip = question.attributes.get("em_validation_q_tip", {})
        found = " and ".join(part for part in parts if part)
        return found, self._words.read(tip, f"{place}, lời nhắc") if found else Text()

    def _tell_attributes(self, question: lime.Question, place: str) -> None:
        known = _LOOKS | _LIMITS.keys() | _USED
        strange = sorted(
            name
            for name, values in question.attributes.items()
            if name not in known and not set(values.values()) <= _NO_EFFECT
        )
        if strange:
            self._tell(place, f"Không dùng thuộc tính: {', '.join(strange)}.")

    def _tell(self, place: str, reason: str, mend: str = "") -> None:
        self._remarks.add("left_out", f"{self._file}, {place}", reason, mend)

    # -- lists of choices ----------------------------------------------------------------------------------------------

    def _list(self, question: lime.Question, scale: int, place: str) -> ChoiceList:
        if question.type in _FIXED:
            name, codes, labels = _FIXED[question.type]
            made = ChoiceList(
                name,
                tuple(
                    Choice(
                        code,
                        Text(
                            {language: labels[language][at] for language in self._words.languages if language in labels}
                            or {self._words.languages[0]: labels["en"][at] if labels else code}
                        ),
                    )
                    for at, code in enumerate(codes)
                ),
            )
        else:
            made = ChoiceList(
                f"{name_of(question)}_answers{'' if not scale else scale + 1}",
                tuple(
                    Choice(answer.code, self._words.read(answer.words, f"{place}, phương án {answer.code}"))
                    for answer in question.answers[scale]
                ),
            )
        return self._lists.setdefault(made.name, made)

    def _with_other(self, question: lime.Question, found: ChoiceList, place: str) -> ChoiceList:
        if not question.other:
            return found
        said = self._words.read(question.attributes.get("other_replace_text", {}), f"{place}, khác") or Text(
            {language: "Khác" if language == "vi" else "Other" for language in self._words.languages}
        )
        made = replace(found, choices=(*found.choices, Choice(OTHER, said)))
        self._lists[made.name] = made
        return made

    def _specify(self, question: lime.Question, base: Question, condition: str) -> Iterator[Question]:
        if question.other:
            yield Question(
                f"{base.name}_{OTHER}",
                "text",
                next(each.label for each in base.choices if each.name == OTHER),
                required=question.attribute("other_comment_mandatory") == "1",
                relevant=condition,
                within=base.within,
            )

    # -- by type -------------------------------------------------------------------------------------------------------

    def one_choice(self, question: lime.Question, base: Question, place: str) -> Iterator[Question]:
        choices = self._with_other(question, self._list(question, 0, place), place)
        asked = replace(
            base,
            type="select_one",
            choices=choices,
            parameters=_order(question),
            appearance="minimal" if question.type == "!" else "",
        )
        yield asked
        yield from self._specify(question, asked, f"${{{base.name}}} = '{OTHER}'")
        if question.type == "O":
            yield Question(
                f"{base.name}_comment",
                "text",
                Text({language: "Nhận xét" if language == "vi" else "Comment" for language in self._words.languages}),
            )

    def several_choices(self, question: lime.Question, base: Question, place: str) -> Iterator[Question]:
        alone = set(question.attribute("exclude_all_others").split(";"))
        made = ChoiceList(
            f"{base.name}_choices",
            tuple(
                Choice(
                    part.code, self._words.read(part.words, f"{place}, phương án {part.code}"), exclusive=part.code in alone
                )
                for part in question.parts[0]
            ),
        )
        self._lists[made.name] = made
        self._tell_rules_of_parts(question, place)
        if question.type == "P":
            self._tell(place, "Ô nhận xét của từng phương án không được đưa vào.", "Thêm câu hỏi chữ nếu cần.")
        counted = [
            f"count-selected(.) {sign} {question.attribute(name)}"
            for name, sign in (("min_answers", ">="), ("max_answers", "<="))
            if question.attribute(name).isdecimal()
        ]
        asked = replace(
            base,
            type="select_multiple",
            choices=self._with_other(question, made, place),
            parameters=_order(question),
            constraint=" and ".join([*([base.constraint] if base.constraint else []), *counted]),
        )
        yield asked
        yield from self._specify(question, asked, f"selected(${{{base.name}}}, '{OTHER}')")

    def ranking(self, question: lime.Question, base: Question, place: str) -> Iterator[Question]:
        if "rank" not in self._known:
            self._tell(place, "Không nhận câu xếp hạng.")
            return
        if question.attribute("max_answers") or question.attribute("min_answers"):
            self._tell(place, "Giới hạn số phương án được xếp không được đưa vào.", "Ở đây mọi phương án đều được xếp.")
        yield replace(base, type="rank", choices=self._list(question, 0, place), parameters=_order(question))

    def typed(self, question: lime.Question, base: Question, place: str) -> Iterator[Question]:
        yield replace(base, type=_typed_as(question))

    def computed(self, question: lime.Question, base: Question, place: str) -> Iterator[Question]:
        written = next(iter(question.words.values()), "").strip()
        value = self._words.expression(written.removeprefix("{").removesuffix("}"), place, "công thức")
        if value:
            yield replace(base, calculation=value)

    def note(self, question: lime.Question, base: Question, place: str) -> Iterator[Question]:
        yield replace(base, type="note", required=False, constraint="", constraint_message=Text())

    def parts(self, question: lime.Question, base: Question, place: str) -> Iterator[Question]:
        """One question for each part, under the heading of the whole."""
        choices = self._list(question, 0, place) if question.type not in "QK" else None
        group = Group(f"{base.name}_group", base.label, base.hint, appearance=GRID if choices else "")
        for part in question.parts[0]:
            yield replace(
                base,
                name=f"{base.name}_{part.code}",
                type="select_one" if choices else _typed_as(question),
                choices=choices,
                label=self._words.read(part.words, f"{place}, dòng {part.code}"),
                hint=Text(),
                within=(group,),
                relevant=self._words.expression(part.relevance, f"{place}, dòng {part.code}", "điều kiện"),
            )

    def cells(self, question: lime.Question, base: Question, place: str) -> Iterator[Question]:
        """One question for each row and column."""
        lists = [self._list(question, scale, place) if question.answers[scale] else None for scale in (0, 1)]
        columns = [(column.code, self._words.read(column.words, place)) for column in question.parts[1]] or [
            (str(scale + 1), self._words.read(question.attributes.get(f"dualscale_header{'AB'[scale]}", {}), place))
            for scale in (0, 1)
        ]
        for at, (code, heading) in enumerate(columns):
            choices = lists[at] if question.type == "1" else None
            group = Group(
                f"{base.name}_{code}_group", _both(base.label, heading), base.hint, appearance=GRID if choices else ""
            )
            for part in question.parts[0]:
                yield replace(
                    base,
                    name=f"{base.name}_{part.code}_{code}",
                    type="select_one" if choices else _typed_as(question),
                    choices=choices,
                    label=self._words.read(part.words, f"{place}, dòng {part.code}"),
                    hint=Text(),
                    within=(group,),
                )

    def _tell_rules_of_parts(self, question: lime.Question, place: str) -> None:
        for part in question.parts[0]:
            if part.relevance not in ("", "1"):
                self._tell(
                    f"{place}, phương án {part.code}",
                    "Điều kiện riêng của phương án không được đưa vào.",
                    "Dùng choice_filter.",
                )


def _both(first: Text, second: Text) -> Text:
    return Text(
        {
            language: f"{words} – {more}" if (more := second.by_language.get(language)) else words
            for language, words in first.by_language.items()
        }
    )


def _order(question: lime.Question) -> Mapping[str, str]:
    shuffled = question.attribute("random_order") == "1" or question.attribute("answer_order") == "random"
    return {"randomize": "true"} if shuffled else {}


def _typed_as(question: lime.Question) -> str:
    if question.type in "NK:":
        return "integer" if question.attribute("num_value_int_only") == "1" else "decimal"
    return "date" if question.type == "D" else "text"


_LIMITS = {
    "min_num_value_n": ". >= {}",
    "max_num_value_n": ". <= {}",
    "maximum_chars": "string-length(.) <= {}",
    "multiflexible_min": ". >= {}",
    "multiflexible_max": ". <= {}",
}
_USED = frozenset(
    {
        "em_validation_q",
        "em_validation_sq",
        "em_validation_q_tip",
        "em_validation_sq_tip",
        "exclude_all_others",
        "hidden",
        "min_answers",
        "max_answers",
        "num_value_int_only",
        "other_replace_text",
        "other_comment_mandatory",
        "random_order",
        "answer_order",
        "dualscale_headerA",
        "dualscale_headerB",
    }
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
