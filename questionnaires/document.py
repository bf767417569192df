"""YAML document <-> Questionnaire. docs/dinh-dang/phieu.md describes the format for those who write it by hand."""

from typing import Any, get_args

from documents import yaml_reader, yaml_writer
from documents.yaml_reader import Path
from questionnaires import checks
from questionnaires.answers import REGISTRY
from questionnaires.model import (
    Choice,
    ChoiceList,
    Consent,
    MissingKind,
    Page,
    Question,
    Questionnaire,
    Rates,
    Text,
)
from questionnaires.shape import ShapeReader, did_you_mean, shorten

_ROOT_KEYS = (
    "form_id",
    "version",
    "title",
    "description",
    "languages",
    "default_language",
    "machine_drafted",
    "respondent_groups",
    "rates",
    "minutes",
    "consent",
    "choices",
    "pages",
)
_ROOT_NEEDED = ("form_id", "version", "title", "respondent_groups", "rates", "consent", "pages")
_CONSENT_KEYS = ("purpose", "data", "controller", "rights", "contact")
_CHOICE_KEYS = ("name", "label", "missing", "exclusive")
_PAGE_KEYS = ("name", "label", "hint", "relevant", "questions")
_QUESTION_KEYS = (
    "type",
    "name",
    "label",
    "hint",
    "required",
    "relevant",
    "constraint",
    "constraint_message",
    "factor",
)

#: stands for the type of a question whose type could not be read; the question stays, so that references to it hold
_UNREAD_TYPE = "text"


def load(source: bytes, name: str) -> Questionnaire:
    """Raises documents.faults.Faults with every fault of shape and of meaning, each with its place."""
    document = yaml_reader.read(source, name)
    reader = ShapeReader(document)
    questionnaire = _Builder(reader).questionnaire(document.data)
    for finding in checks.check(questionnaire):
        reader.meaning_fault(finding.path, finding.reason, finding.mend)
    reader.faults.refuse_if_any()
    return questionnaire


class _Builder:
    def __init__(self, reader: ShapeReader):
        self._reader = reader
        self._default_language = "vi"
        self._lists: dict[str, ChoiceList] = {}

    def questionnaire(self, data: Any) -> Questionnaire:
        read = self._reader
        root = read.mapping(data, (), _ROOT_KEYS, _ROOT_NEEDED)
        self._default_language = read.word(root, (), "default_language", "vi") or "vi"
        self._lists = self._choice_lists(root)
        return Questionnaire(
            form_id=read.word(root, (), "form_id"),
            version=read.word(root, (), "version"),
            title=self._text(root, (), "title"),
            consent=self._consent(root),
            respondent_groups=read.words(root, (), "respondent_groups"),
            rates=read.one_of(root, (), "rates", get_args(Rates)) or "one_unit",
            pages=tuple(self._page(item, path) for path, item in read.items(root, (), "pages", "trang")),
            choice_lists=tuple(self._lists.values()),
            languages=read.words(root, (), "languages", (self._default_language,)),
            default_language=self._default_language,
            machine_drafted=read.words(root, (), "machine_drafted"),
            minutes=read.whole(root, (), "minutes"),
            description=self._text(root, (), "description"),
        )

    def _text(self, mapping: dict[str, Any], path: Path, key: str) -> Text:
        return self._reader.text(mapping, path, key, self._default_language)

    def _consent(self, root: dict[str, Any]) -> Consent:
        path: Path = ("consent",)
        parts = self._reader.mapping(root.get("consent", {}), path, _CONSENT_KEYS)
        return Consent(**{key: self._text(parts, path, key) for key in _CONSENT_KEYS})

    def _choice_lists(self, root: dict[str, Any]) -> dict[str, ChoiceList]:
        lists = root.get("choices", {})
        if not isinstance(lists, dict):
            self._reader.fault(
                ("choices",),
                "“choices” phải gồm các danh sách có tên.",
                "Viết tên danh sách, rồi các phương án.",
            )
            return {}
        return {
            name: ChoiceList(
                name,
                tuple(
                    self._choice(item, path)
                    for path, item in self._reader.items(lists, ("choices",), name, "phương án")
                ),
            )
            for name in lists
        }

    def _choice(self, data: Any, path: Path) -> Choice:
        read = self._reader
        choice = read.mapping(data, path, _CHOICE_KEYS, ("name", "label"))
        return Choice(
            read.word(choice, path, "name"),
            self._text(choice, path, "label"),
            read.one_of(choice, path, "missing", get_args(MissingKind)) or None,
            read.truth(choice, path, "exclusive"),
        )

    def _page(self, data: Any, path: Path) -> Page:
        read = self._reader
        page = read.mapping(data, path, _PAGE_KEYS, ("name", "label", "questions"))
        return Page(
            name=read.word(page, path, "name"),
            label=self._text(page, path, "label"),
            questions=tuple(
                self._question(item, place) for place, item in read.items(page, path, "questions", "câu hỏi")
            ),
            hint=self._text(page, path, "hint"),
            relevant=read.word(page, path, "relevant"),
        )

    def _question(self, data: Any, path: Path) -> Question:
        read = self._reader
        question = read.mapping(data, path, _QUESTION_KEYS, ("type", "name", "label"))
        answer_type, choices = self._type(question, path)
        return Question(
            name=read.word(question, path, "name"),
            type=answer_type,
            label=self._text(question, path, "label"),
            hint=self._text(question, path, "hint"),
            required=read.truth(question, path, "required"),
            relevant=read.word(question, path, "relevant"),
            constraint=read.word(question, path, "constraint"),
            constraint_message=self._text(question, path, "constraint_message"),
            choices=choices,
            factor=read.word(question, path, "factor"),
        )

    def _type(self, question: dict[str, Any], path: Path) -> tuple[str, ChoiceList | None]:
        """`select_one satisfaction5` -> the answer type's name and the list."""
        place = (*path, "type")
        name, _, list_name = self._reader.word(question, path, "type").partition(" ")
        list_name = list_name.strip()
        if not name:
            self._reader.fault(place, "Chưa ghi loại câu hỏi.", f"Các loại dùng được: {', '.join(REGISTRY)}.")
            return _UNREAD_TYPE, None
        if name not in REGISTRY:
            self._reader.fault(
                place, f"Không biết loại câu hỏi “{shorten(name)}”.", did_you_mean(name, tuple(REGISTRY))
            )
            return _UNREAD_TYPE, None
        if not REGISTRY[name].takes_choices:
            if list_name:
                self._reader.fault(
                    place, f"Loại “{name}” không dùng danh sách phương án.", f"Viết type: {name}."
                )
            return name, None
        if list_name not in self._lists:
            self._reader.fault(
                place,
                f"Không có danh sách phương án “{shorten(list_name)}”."
                if list_name
                else f"Loại “{name}” cần tên danh sách phương án.",
                self._known_lists(list_name),
            )
        return name, self._lists.get(list_name)

    def _known_lists(self, wanted: str) -> str:
        return did_you_mean(wanted, tuple(self._lists)) if self._lists else "Thêm danh sách vào “choices”."


def dump(questionnaire: Questionnaire) -> str:
    """The document that loads as the same questionnaire."""
    return yaml_writer.write(_plain(questionnaire))


def _plain(questionnaire: Questionnaire) -> dict[str, Any]:
    return _without_empty(
        {
            "form_id": questionnaire.form_id,
            "version": questionnaire.version,
            "title": dict(questionnaire.title.by_language),
            "description": dict(questionnaire.description.by_language),
            "languages": list(questionnaire.languages),
            "default_language": questionnaire.default_language,
            "machine_drafted": list(questionnaire.machine_drafted),
            "respondent_groups": list(questionnaire.respondent_groups),
            "rates": questionnaire.rates,
            "minutes": questionnaire.minutes,
            "consent": {key: dict(getattr(questionnaire.consent, key).by_language) for key in _CONSENT_KEYS},
            "choices": {
                each.name: [_plain_choice(choice) for choice in each] for each in questionnaire.choice_lists
            },
            "pages": [_plain_page(page) for page in questionnaire.pages],
        }
    )


def _plain_choice(choice: Choice) -> dict[str, Any]:
    return _without_empty(
        {
            "name": choice.name,
            "label": dict(choice.label.by_language),
            "missing": choice.missing,
            "exclusive": choice.exclusive,
        }
    )


def _plain_page(page: Page) -> dict[str, Any]:
    return _without_empty(
        {
            "name": page.name,
            "label": dict(page.label.by_language),
            "hint": dict(page.hint.by_language),
            "relevant": page.relevant,
            "questions": [_plain_question(each) for each in page.questions],
        }
    )


def _plain_question(question: Question) -> dict[str, Any]:
    return _without_empty(
        {
            "type": f"{question.type} {question.choices.name}" if question.choices else question.type,
            "name": question.name,
            "label": dict(question.label.by_language),
            "hint": dict(question.hint.by_language),
            "required": question.required,
            "relevant": question.relevant,
            "constraint": question.constraint,
            "constraint_message": dict(question.constraint_message.by_language),
            "factor": question.factor,
        }
    )


def _without_empty(mapping: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in mapping.items() if value not in (None, "", [], {}, False)}
