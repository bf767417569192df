"""What the pages of a form need to be shown: where its respondent left off, the answers as typed, the faults in words."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import render_template, url_for
from flask_babel import gettext as _

from questionnaires import layout, routing
from questionnaires.answers import AnswerFault, choosing, numbers, type_of
from questionnaires.model import Question
from surveyapp.queries.responses import Draft
from surveyapp.services import collect
from surveyapp.web import asking
from surveyapp.web.respond import languages

#: more than this of one answer is not shown again
LONGEST_SHOWN = 10_000


@dataclass(frozen=True)
class Wrong:
    """One fault as the page shows it: beside its field, and in the summary with a link to the field."""

    field: str
    anchor: str
    label: str
    message: str
    #: the same without the mend, for the summary
    short: str = ""


def where_left(draft: Draft, mark: str) -> str:
    """The address of the first page that is not done yet; of the review when all are."""
    faulty = {name for name, _faults in collect.faults_by_page(draft)}
    for each in routing.plan(draft.questionnaire, draft.answers):
        if each.page.name in faulty or each.page.name not in draft.response.pages_stored:
            return url_for("respond.page", mark=mark, name=each.page.name)
    return url_for("respond.review", mark=mark)


def question_page(draft: Draft, mark: str, name: str, typed: Mapping[str, Sequence[str]] | None = None,
                  faults: Iterable[AnswerFault] = (), appeared: bool = False, expired: bool = False) -> str:
    """The page of a form, with what is stored or, if given, with what was typed."""
    plan = routing.plan(draft.questionnaire, draft.answers)
    at = next(index for index, each in enumerate(plan) if each.page.name == name)
    questions = plan[at].questions
    lang = languages.current()
    shown = collect.as_posted(questions, draft.answers, draft.units, lang)
    if name not in draft.response.pages_stored:
        open_ones = [question for question in questions if draft.answers.get(question.name) is None]
        shown |= asking.defaults(open_ones, draft.units, lang)
    if typed is not None:
        fields = {field for question in questions for field in type_of(question).fields(question, draft.units)}
        shown = {field: [displayable(text) for text in typed[field]] for field in fields if field in typed}
    wrong = [_in_words(fault, questions, draft) for fault in faults]
    return render_template(
        "respond/page.html", draft=draft, mark=mark, typed=shown, wrong=wrong,
        wrong_by_field={each.field: each.message for each in wrong}, left=len(plan) - at - 1, lang=lang,
        appeared=appeared, expired=expired, back=plan[at - 1].page.name if at else None,
        **asking.on_page(plan[at].page, questions))


def review_page(draft: Draft, mark: str, insist: bool = False) -> str:
    lang = languages.current()
    plan = routing.plan(draft.questionnaire, draft.answers)
    faulty = dict(collect.faults_by_page(draft))
    answers = {
        question.name: _said(question, draft.answers.get(question.name), draft, lang)
        for each in plan for question in each.questions if type_of(question).asks
    }
    missing = [(each.page, [_in_words(fault, each.questions, draft) for fault in faulty[each.page.name]])
               for each in plan if each.page.name in faulty]
    return render_template("respond/review.html", draft=draft, mark=mark, plan=plan, answers=answers, missing=missing,
                           faulty=faulty, insist=insist, lang=lang, title_of=layout.title_of)


def _said(question: Question, value: Any, draft: Draft, lang: str) -> tuple[str, ...]:
    """An answer in words; words of our own in the language of the page."""
    own = type_of(question).own_words(value)
    return (_(own),) if own else type_of(question).describe(question, value, lang, draft.units)


def not_in_hand():
    """This browser does not hold the code of the form any more (or never did)."""
    return render_template("respond/lost.html", kept={}, kept_mark="", kept_page=""), 403


def displayable(text: str) -> str:
    """What was typed, fit for a page: no characters that HTML forbids, and no megabyte of them."""
    return "".join(each for each in text[:LONGEST_SHOWN] if each in "\n\t" or unicodedata.category(each) not in ("Cc", "Cs"))


def _in_words(fault: AnswerFault, questions: Sequence[Question], draft: Draft) -> Wrong:
    lang = languages.current()
    question = next(each for each in questions if fault.field == each.name or fault.field.startswith(f"{each.name}:"))
    fields = type_of(question).fields(question, draft.units)
    label = type_of(question).part_label(question, fault.field, lang, draft.units) or question.label.in_language(lang)
    # what is wrong with a question as a whole leads to its first field
    field = fault.field if fault.field in fields else fields[0] if fields and fault.field == question.name else ""
    anchor = f"a-{field}" if field else f"q-{question.name}"
    if fault.kind == "constraint" and question.constraint_message:
        return Wrong(fault.field, anchor, label, question.constraint_message.in_language(lang))
    values = dict(fault.values)
    if "choice" in values:
        values["choice"] = next((choosing.label(question, choice.name, lang) for choice in question.choices or ()
                                 if choice.label.in_language("vi") == values["choice"]), values["choice"])
    values |= {name: numbers.written(values[name], lang) for name in ("least", "most", "start", "step") if name in values}
    if said := values.get("said"):
        values["said"] = _(said)
    sentences = (_(fault.reason), _(fault.mend))
    reason, mend = (text % values if values else text for text in sentences)
    # twenty units of a table need not all repeat how to answer: the question's hint says it
    return Wrong(fault.field, anchor, label, reason if fault.kind == "required_unit" else f"{reason} {mend}", reason)


