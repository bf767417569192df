"""A questionnaire -> the cells of its workbook, sheet by sheet: the normal form.

What a reader of XLSForm makes of a row by itself is not written: a page that only holds one question (or one table) and says
nothing more than it is left out, as in ODK. Everything else that XLSForm cannot say stands in columns with the prefix `par_`.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from questionnaires.model import CONSENT_PARTS, Group, Page, Question, Questionnaire, Text
from questionnaires.shape import BOOLEANS, tidy
from questionnaires.xlsform import types
from questionnaires.xlsform.cells import is_computed
from questionnaires.xlsform.columns import KNOWN, understood
from questionnaires.xlsform.languages import spelled
from questionnaires.xlsform.pages import FIELD_LIST, TABLE_LIST, head_of, loose_label, page_name

Cells = dict[str, str]
_WORD = re.compile(r"[^\s=,;]+")
#: what ODK takes as a name of an attribute, or as a picture or sound of a choice
_ATTRIBUTE = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*|(media::)?(image|audio|video|big-image)(::[^:]+)?")


@dataclass(frozen=True)
class Table:
    name: str
    columns: tuple[str, ...]
    rows: tuple[Mapping[str, str], ...]


def tables(questionnaire: Questionnaire) -> tuple[Table, Table, Table]:
    languages = questionnaire.languages
    return (
        _table("survey", ("type", "name", "label"), languages, list(_Survey(questionnaire).rows())),
        _table("choices", ("list_name", "name", "label"), languages, list(_choices(questionnaire))),
        _table("settings", ("form_title", "form_id", "version", "default_language"), languages, [_settings(questionnaire)]),
    )


def _table(name: str, always: Sequence[str], languages: Sequence[str], rows: list[Cells]) -> Table:
    """The columns in the order of `columns.py`, those of a text in the order of the languages, then the writer's own."""
    ordered = []
    for field, translated in KNOWN[name].items():
        names = [_header(field, language) for language in languages] if translated else [field]
        ordered += [each for each in names if field in always or any(each in row for row in rows)]
    rest = dict.fromkeys(header for row in rows for header in row if header not in ordered)
    return Table(name, (*ordered, *rest), tuple(rows))


def _header(field: str, language: str) -> str:
    return f"{field}::{spelled(language)}"


def _text(field: str, text: Text) -> Cells:
    return {_header(field, language): words for language, words in text.by_language.items() if words}


def _filled(**cells: str) -> Cells:
    return {field: text for field, text in cells.items() if text}


def _by_key(**mappings: Mapping[str, str]) -> Cells:
    """Mappings of questions to words, each as JSON in a column."""
    return {column: json.dumps(dict(values), ensure_ascii=False) for column, values in mappings.items() if values}


def _own(sheet: str, values: Mapping[str, str], json_column: str) -> Cells:
    """Columns of the writer's own; what could not be read back from a column of its name stands in one column as JSON."""
    plain = {key: text for key, text in values.items() if _stands_as_column(sheet, key, text)}
    rest = {key: text for key, text in values.items() if key not in plain}
    return plain | ({json_column: json.dumps(rest, ensure_ascii=False)} if rest else {})


def _stands_as_column(sheet: str, key: str, text: str) -> bool:
    readable = key == " ".join(tidy(key).split()) and understood(sheet, key) is None and bool(text) and text == tidy(text)
    return readable and bool(key) and (sheet != "choices" or bool(_ATTRIBUTE.fullmatch(key)))


def _settings(questionnaire: Questionnaire) -> Cells:
    default = questionnaire.default_language
    title = dict(questionnaire.title.by_language)
    return {
        **_filled(
            form_title=title.pop(default, ""),
            form_id=questionnaire.form_id,
            version=questionnaire.version,
            default_language=spelled(default),
            par_respondent_groups=" ".join(questionnaire.respondent_groups),
            par_rates=questionnaire.rates,
            par_minutes="" if questionnaire.minutes is None else str(questionnaire.minutes),
            par_collects=" ".join(questionnaire.collects),
            par_machine_drafted=" ".join(questionnaire.machine_drafted),
        ),
        **_text("par_title", Text(title)),
        **_text("par_description", questionnaire.description),
        **{
            header: words
            for part in CONSENT_PARTS
            for header, words in _text(f"par_consent_{part}", getattr(questionnaire.consent, part)).items()
        },
        **_by_key(par_breaks_series=questionnaire.breaks_series, par_renames=questionnaire.renames),
        **_own("settings", questionnaire.extra, "par_extra"),
    }


def _choices(questionnaire: Questionnaire) -> Iterator[Cells]:
    for choices in questionnaire.choice_lists:
        for choice in choices:
            yield {
                **_filled(
                    list_name=choices.name,
                    name=choice.name,
                    par_missing=choice.missing or "",
                    par_exclusive="yes" if choice.exclusive else "",
                ),
                **_text("label", choice.label),
                **_own("choices", choice.attributes, "par_attributes"),
            }


class _Survey:
    def __init__(self, questionnaire: Questionnaire):
        self._questionnaire = questionnaire
        self._names = Counter(
            name.lower()
            for name in (
                *_group_names(questionnaire),
                *(page.name for page in questionnaire.pages),
                *(question.name for question in questionnaire.questions),
            )
        )
        self._given: set[str] = set()

    def rows(self) -> Iterator[Cells]:
        yield from self._pages(self._questionnaire.pages, 0)

    def _pages(self, pages: Sequence[Page], depth: int) -> Iterator[Cells]:
        for group, members in groupby(pages, lambda page: page.within[depth] if len(page.within) > depth else None):
            if group is None:
                yield from self._run(list(members))
            else:
                yield from self._group_of_pages(group, list(members), depth + 1)

    def _run(self, pages: list[Page]) -> Iterator[Cells]:
        before: list[Question] | None = None
        for page in pages:
            if self._is_loose(page, before):
                before = list(page.questions)
                yield from map(_question, page.questions)
                continue
            before = None
            yield from self._page(page)

    def _is_loose(self, page: Page, before: list[Question] | None) -> bool:
        """Whether the questions alone are read as this page, given the loose page right before it."""
        if not page.questions or any(question.within for question in page.questions):
            return False
        unseen = [question.type in types.UNSEEN for question in page.questions]
        if before is not None and (unseen[0] or all(question.type in types.UNSEEN for question in before)):
            return False
        return (
            unseen.count(False) <= 1
            and self._adds_nothing(page, head_of(page.questions).name)
            and page.label == loose_label(page.questions, self._questionnaire.languages)
            and not (page.hint or page.relevant or page.extra)
        )

    def _adds_nothing(self, page: Page, name: str) -> bool:
        """The page bears the name that it gets by itself, and nothing else bears it."""
        return page.name == page_name(name) and self._names[page.name.lower()] == 1

    def _page(self, page: Page) -> Iterator[Cells]:
        first = page.questions[0].within[:1] if page.questions else ()
        table = first[0] if first and all(question.within[:1] == first for question in page.questions) else None
        if (
            table
            and TABLE_LIST in table.appearance.split()
            and table == Group(table.name, appearance=table.appearance)
            and (self._adds_nothing(page, table.name))
        ):
            yield {
                **self._begin("group", table.name),
                **_words(page),
                "appearance": table.appearance,
                **_own("survey", page.extra, "par_extra"),
            }
            yield from self._questions(page.questions, 1)
        else:
            extra = dict(page.extra)
            words = extra.get("appearance", "").split()
            if words and extra["appearance"] == " ".join(words) and not {FIELD_LIST, TABLE_LIST} & set(words):
                del extra["appearance"]
            else:
                words = []
            yield {
                **self._begin("group", page.name),
                **_words(page),
                "appearance": " ".join([FIELD_LIST, *words]),
                **_own("survey", extra, "par_extra"),
            }
            yield from self._questions(page.questions, 0)
        yield {"type": "end group"}

    def _group_of_pages(self, group: Group, pages: list[Page], depth: int) -> Iterator[Cells]:
        kind = "repeat" if group.repeat else "group"
        page = pages[0]
        is_page = (
            group.repeat is not None
            and FIELD_LIST in group.appearance.split()
            and len(pages) == 1
            and len(page.within) == depth
            and self._adds_nothing(page, group.name)
            and page.label == group.label
            and not (page.hint or page.relevant or page.extra)
        )
        yield self._group(
            group, "appearance" if is_page or not {FIELD_LIST, TABLE_LIST} & set(group.appearance.split()) else "par_appearance"
        )
        yield from self._questions(page.questions, 0) if is_page else self._pages(pages, depth)
        yield {"type": f"end {kind}"}

    def _questions(self, questions: Sequence[Question], depth: int) -> Iterator[Cells]:
        for group, members in groupby(
            questions, lambda question: question.within[depth] if len(question.within) > depth else None
        ):
            if group is None:
                yield from map(_question, members)
            else:
                yield self._group(group, "appearance")
                yield from self._questions(list(members), depth + 1)
                yield {"type": "end group"}

    def _group(self, group: Group, appearance: str) -> Cells:
        repeat = {}
        if group.repeat:
            repeat = _filled(repeat_count=group.repeat.count, par_most=str(group.repeat.most))
        return {
            **self._begin("repeat" if group.repeat else "group", group.name),
            **_words(group),
            **_filled(**{appearance: group.appearance}),
            **repeat,
            **_own("survey", group.extra, "par_extra"),
        }

    def _begin(self, kind: str, name: str) -> Cells:
        """A page may be called like a question in it; in XLSForm `${name}` could then mean either, so the group is renamed."""
        if self._names[name.lower()] == 1:
            return {"type": f"begin {kind}", "name": name}
        made, number = f"{name[:50]}_group", 1
        while made.lower() in self._names or made.lower() in self._given:
            number += 1
            made = f"{name[:50]}_group{number}"
        self._given.add(made.lower())
        return {"type": f"begin {kind}", "name": made, "par_name": name}


def _words(of: Page | Group) -> Cells:
    return {**_text("label", of.label), **_text("hint", of.hint), **_filled(relevant=of.relevant)}


def _question(question: Question) -> Cells:
    spelled_type = f"{question.type} {question.choices.name}" if question.choices else question.type
    shared = question.type in types.SHARED
    extra = dict(question.extra)
    required = "yes" if question.required and shared else ""
    if not question.required and "required" in extra and _stays_undecided(extra["required"]):
        required = extra.pop("required")
    default = question.default
    if not default and is_computed(kept := extra.get("default", "")) and kept == tidy(kept):
        default = extra.pop("default")
    parameters, odd = _parameters(question.parameters)
    return {
        "type": spelled_type if shared else "note",
        **_filled(name=question.name, par_type="" if shared else spelled_type),
        **_text("label", question.label),
        **_text("hint", question.hint),
        **_text("required_message", question.required_message),
        **_text("constraint_message", question.constraint_message),
        **_filled(
            required=required,
            par_required="yes" if question.required and not shared else "",
            relevant=question.relevant,
            constraint=question.constraint,
            choice_filter=question.choice_filter,
            calculation=question.calculation,
            default="" if is_computed(question.default) else default,
            par_default=question.default if is_computed(question.default) else "",
            parameters=parameters,
            par_parameters=odd,
            appearance=question.appearance,
            par_missing=" ".join(question.missing),
            par_factor=question.factor,
        ),
        **_own("survey", extra, "par_extra"),
    }


def _stays_undecided(text: str) -> bool:
    """A condition of `required`, as it came from an XLSForm and goes back to it."""
    return bool(text) and text == tidy(text) and text.lower() not in BOOLEANS and not set("‘’“”") & set(text)


def _parameters(values: Mapping[str, str]) -> tuple[str, str]:
    plain = all(_WORD.fullmatch(key) and key == key.lower() and _WORD.fullmatch(text) for key, text in values.items())
    if plain:
        return " ".join(f"{key}={text}" for key, text in values.items()), ""
    return "", json.dumps(dict(values), ensure_ascii=False)


def _group_names(questionnaire: Questionnaire) -> set[str]:
    return {group.name for holder in (*questionnaire.pages, *questionnaire.questions) for group in holder.within}
