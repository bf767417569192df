"""YAML document <-> Questionnaire. docs/dinh-dang/phieu.md describes the format for those who write it by hand."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, get_args

from documents import yaml_reader
from documents.yaml_reader import Path
from questionnaires import checks
from questionnaires.answers import REGISTRY
from questionnaires.document_writer import dump
from questionnaires.findings import Finding
from questionnaires.model import (
    CONSENT_PARTS,
    Choice,
    ChoiceList,
    Collects,
    Consent,
    Group,
    MissingKind,
    Page,
    Question,
    Questionnaire,
    Rates,
    Repeat,
    Text,
)
from questionnaires.shape import ShapeReader, did_you_mean, shorten

__all__ = ["dump", "load", "load_stored", "load_unfinished", "load_with_places"]

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
    "collects",
    "consent",
    "choices",
    "pages",
    "breaks_series",
    "renames",
    "extra",
)
_ROOT_NEEDED = ("form_id", "version", "title", "respondent_groups", "rates", "consent", "pages")
_CHOICE_KEYS = ("name", "label", "missing", "exclusive", "attributes")
_PAGE_KEYS = ("name", "label", "hint", "relevant", "questions", "extra")
#: a group of pages has pages in it, one of questions has questions; `repeat` is a group of pages asked several times
_GROUP_KEYS = ("label", "hint", "relevant", "appearance", "extra")
_REPEAT_KEYS = ("count", "most")
_QUESTION_KEYS = (
    "type",
    "name",
    "label",
    "hint",
    "required",
    "relevant",
    "constraint",
    "constraint_message",
    "required_message",
    "choice_filter",
    "calculation",
    "default",
    "parameters",
    "appearance",
    "missing",
    "factor",
    "extra",
)

#: stands for the type of a question whose type could not be read; the question stays, so that references to it hold
_UNREAD_TYPE = "text"


def load(source: bytes, name: str, also: Callable[[Questionnaire], Iterable[Finding]] | None = None) -> Questionnaire:
    """Raises documents.faults.Faults with every fault of shape and of meaning, each with its place.

    `also` judges a questionnaire that has no fault of its own: whether it fits what is known elsewhere, as earlier versions.
    """
    return load_with_places(source, name, also=also)[0]


def load_stored(source: bytes, name: str) -> Questionnaire:
    """A document that was judged when it came in: checks that are newer than it do not make it unreadable."""
    return load_with_places(source, name, judge=lambda _: ())[0]


def load_with_places(
    source: bytes, name: str, judge=checks.check, also: Callable[[Questionnaire], Iterable[Finding]] | None = None
) -> tuple[Questionnaire, Callable[[Path], str]]:
    """The questionnaire, and what says where in the document a path of it stands. Raises Faults as load does."""
    document = yaml_reader.read(source, name)
    reader = ShapeReader(document)
    builder = _Builder(reader)
    questionnaire = builder.questionnaire(document.data)
    for finding in judge(questionnaire):
        reader.meaning_fault(builder.place_of(questionnaire, finding.path), finding.reason, finding.mend)
    if also and not len(reader.faults):
        for finding in also(questionnaire):
            reader.meaning_fault(builder.place_of(questionnaire, finding.path), finding.reason, finding.mend)
    reader.faults.refuse_if_any()
    return questionnaire, lambda path: document.place(*builder.place_of(questionnaire, path))


def load_unfinished(source: bytes, name: str) -> Questionnaire:
    """What `dump` wrote of a questionnaire that is still being made: what is not there yet is empty."""
    document = yaml_reader.read(source, name)
    return _Builder(ShapeReader(document)).questionnaire(document.data)


class _Builder:
    def __init__(self, reader: ShapeReader):
        self._reader = reader
        self._default_language = "vi"
        self._lists: dict[str, ChoiceList] = {}
        #: where in the document the groups, by name, the pages and the questions, in flat order, stand
        self.places: dict[str, Path] = {}
        self.pages: list[Path] = []
        self.questions: list[Path] = []

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
            pages=tuple(self._pages(root, (), ())),
            choice_lists=tuple(self._lists.values()),
            languages=read.words(root, (), "languages", (self._default_language,)),
            default_language=self._default_language,
            machine_drafted=read.words(root, (), "machine_drafted"),
            minutes=read.whole(root, (), "minutes"),
            description=self._text(root, (), "description"),
            collects=read.words_of(root, (), "collects", get_args(Collects)),
            breaks_series=read.words_by_key(root, (), "breaks_series"),
            renames=read.words_by_key(root, (), "renames"),
            extra=read.words_by_key(root, (), "extra"),
        )

    def place_of(self, questionnaire: Questionnaire, path: Path) -> Path:
        """A path in the model's flat order, or in a group by its name, as a path in the document, where groups nest."""
        if path[:1] == ("groups",) and path[1] in self.places:
            return (*self.places[path[1]], *path[2:])
        if path[:1] != ("pages",) or len(path) < 2 or path[1] >= len(self.pages):
            return path
        if path[2:3] != ("questions",) or len(path) < 4:
            return (*self.pages[path[1]], *path[2:])
        before = sum(len(page.questions) for page in questionnaire.pages[: path[1]])
        return (*self.questions[before + path[3]], *path[4:])

    def _text(self, mapping: dict[str, Any], path: Path, key: str) -> Text:
        return self._reader.text(mapping, path, key, self._default_language)

    def _consent(self, root: dict[str, Any]) -> Consent:
        path: Path = ("consent",)
        parts = self._reader.mapping(root.get("consent", {}), path, CONSENT_PARTS)
        return Consent(**{key: self._text(parts, path, key) for key in CONSENT_PARTS})

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
            read.words_by_key(choice, path, "attributes"),
        )

    def _pages(self, mapping: dict[str, Any], path: Path, within: tuple[Group, ...]) -> Iterator[Page]:
        """The pages of a list in which groups of pages may stand; read in order, so that places come out in order."""
        for place, item in self._reader.items(mapping, path, "pages", "trang"):
            kind = next((kind for kind in ("group", "repeat") if isinstance(item, dict) and kind in item), "")
            if kind:
                group = self._group(item, place, kind, "pages")
                self.places[group.name] = place
                yield from self._pages(item, place, (*within, group))
            else:
                yield self._page(item, place, within)

    def _questions(self, mapping: dict[str, Any], path: Path, within: tuple[Group, ...]) -> Iterator[Question]:
        for place, item in self._reader.items(mapping, path, "questions", "câu hỏi"):
            if isinstance(item, dict) and "group" in item:
                group = self._group(item, place, "group", "questions")
                self.places[group.name] = place
                yield from self._questions(item, place, (*within, group))
            else:
                yield self._question(item, place, within)

    def _group(self, data: dict[str, Any], path: Path, kind: str, inside: str) -> Group:
        read = self._reader
        known = (kind, *_GROUP_KEYS, *(_REPEAT_KEYS if kind == "repeat" else ()), inside)
        group = read.mapping(data, path, known, (kind, inside))
        repeat = Repeat(read.word(group, path, "count"), read.whole(group, path, "most") or Repeat.most)
        return Group(
            name=read.word(group, path, kind),
            label=self._text(group, path, "label"),
            hint=self._text(group, path, "hint"),
            relevant=read.word(group, path, "relevant"),
            appearance=read.word(group, path, "appearance"),
            repeat=repeat if kind == "repeat" else None,
            extra=read.words_by_key(group, path, "extra"),
        )

    def _page(self, data: Any, path: Path, within: tuple[Group, ...]) -> Page:
        read = self._reader
        page = read.mapping(data, path, _PAGE_KEYS, ("name", "questions"))
        self.pages.append(path)
        return Page(
            name=read.word(page, path, "name"),
            label=self._text(page, path, "label"),
            questions=tuple(self._questions(page, path, ())),
            hint=self._text(page, path, "hint"),
            relevant=read.word(page, path, "relevant"),
            within=within,
            extra=read.words_by_key(page, path, "extra"),
        )

    def _question(self, data: Any, path: Path, within: tuple[Group, ...]) -> Question:
        read = self._reader
        answer_type = REGISTRY.get(data.get("type")) if isinstance(data, dict) and isinstance(data.get("type"), str) else None
        unlabelled = answer_type is not None and not answer_type.shown
        question = read.mapping(data, path, _QUESTION_KEYS, ("type", "name") if unlabelled else ("type", "name", "label"))
        answer_type, choices = self._type(question, path)
        self.questions.append(path)
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
            required_message=self._text(question, path, "required_message"),
            choice_filter=read.word(question, path, "choice_filter"),
            calculation=read.word(question, path, "calculation"),
            default=read.word(question, path, "default"),
            parameters=read.words_by_key(question, path, "parameters"),
            appearance=read.word(question, path, "appearance"),
            missing=read.words_of(question, path, "missing", get_args(MissingKind)),
            factor=read.word(question, path, "factor"),
            within=within,
            extra=read.words_by_key(question, path, "extra"),
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
