"""What the pages of a form need to be shown: where its respondent left off, the answers as typed, the faults in words."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import render_template, url_for
from flask_babel import gettext as _

from questionnaires import offering, routing
from questionnaires.answers import AnswerFault, choosing, numbers, type_of
from questionnaires.model import Page, Question
from surveyapp.queries.responses import Draft
from surveyapp.services import collect
from surveyapp.web import asking
from surveyapp.web.clock import today
from surveyapp.web.respond import blank, files, languages, visits

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
    #: the language of the label where the page speaks another: names of units are Vietnamese
    label_lang: str = ""


@dataclass(frozen=True)
class Line:
    """One line of an answer as the review shows it: what it says and, of several units, about which."""

    words: str
    unit: str = ""


@dataclass(frozen=True)
class Reviewed:
    """One page as the review shows it."""

    plan: routing.PagePlan
    page: Page
    questions: tuple[Question, ...]

    @property
    def key(self) -> str:
        return self.plan.key

    def heading(self, language: str) -> str:
        """The page's title; where it has none, what its one question asks."""
        asked = next(question for question in self.questions if type_of(question).asks)
        title = (self.page.label or asked.label).in_language(language)
        return title if self.plan.time is None else f"{title} ({self.plan.time + 1})"

    def answers(self, draft: Draft) -> Mapping:
        return routing.answers_at(draft.answers, self.plan.page, self.plan.time)


def where_left(draft: Draft, mark: str, **also: object) -> str:
    """The address of the first page that is not done yet; of the review when all are. `also` goes along as arguments."""
    for each in routing.plan(draft.questionnaire, draft.answers, today()):
        if each.key not in draft.response.pages_stored or collect.faults_on(each, draft, today()):
            return url_for("respond.page", mark=mark, name=each.key, **also)
    return url_for("respond.review", mark=mark, **also)


def question_page(draft: Draft, mark: str, name: str, typed: Mapping[str, Sequence[str]] | None = None,
                  faults: Iterable[AnswerFault] = (), appeared: bool = False, expired: bool = False) -> str | None:
    """The page of a form, with what is stored or, if given, with what was typed; None where the form does not ask it now. What
    was typed for an item that was taken away meanwhile is shown too, with a way to bring it back.
    """
    gone = typed is not None and routing.gone(draft.questionnaire, draft.answers, name)
    plan = routing.plan(draft.questionnaire, draft.answers, today())
    at = next((index for index, each in enumerate(plan) if each.key == name), None)
    if at is None and not gone:
        return None
    now, answers = (routing.as_if_back(draft.questionnaire, name, typed, draft.answers, draft.units, today()) if gone
                    else (plan[at], draft.answers))
    questions, lang = _as_asked(now, draft), languages.current()
    answers = routing.answers_at(answers, now.page, now.time)
    shown = collect.as_posted(questions, answers, draft.units, lang)
    if name not in draft.response.pages_stored:
        shown |= asking.defaults([each for each in questions if answers.get(each.name) is None], draft.units, lang)
    if typed is not None:
        fields = {field for question in questions for field in type_of(question).fields(question, draft.units)}
        shown = {field: [displayable(text) for text in typed[field]] for field in fields if field in typed}
    wrong = [in_words(fault, questions, draft) for fault in faults]
    kept = files.kept(questions, answers, draft, lang)
    words = asking.on_page(draft.questionnaire, _page_as_asked(now, draft), questions, lang)
    return render_template(
        "respond/page.html", draft=draft, mark=mark, now=now, typed=shown, wrong=wrong,
        wrong_by_field={each.field: each.message for each in wrong}, left=0 if gone else len(plan) - at - 1, lang=lang,
        appeared=appeared, expired=expired, back=plan[at - 1].key if at else None, gone=gone,
        may_come_back=gone and routing.may_come_back(draft.answers, now.page.repeat),
        opened=visits.stamp(draft.questionnaire, mark, name), files=kept,
        laid_out=None if shown or wrong or kept else blank.laid_out(draft, now, lang, words), **words)


def _as_asked(now: routing.PagePlan, draft: Draft) -> tuple[Question, ...]:
    """The page's questions with the choices, order and texts that this respondent gets; the order hangs on the form's id."""
    known = routing.known(now.time, today())
    return tuple(offering.as_asked(draft.questionnaire, question, now.seen, languages.current(), draft.response.id, known, _)
                 for question in now.questions)


def _page_as_asked(now: routing.PagePlan, draft: Draft) -> Page:
    return offering.page_as_asked(draft.questionnaire, now.page, now.seen, languages.current(), _)


def review_page(draft: Draft, mark: str, insist: bool = False) -> str:
    lang = languages.current()
    planned = routing.plan(draft.questionnaire, draft.answers, today())
    plan = [Reviewed(each, _page_as_asked(each, draft), _as_asked(each, draft))
            for each in planned if any(type_of(question).asks for question in each.questions)]
    faulty = {each.key: faults for each in planned if (faults := collect.faults_on(each, draft, today()))}
    answers = {
        (each.key, question.name): _said(question, each.answers(draft).get(question.name), draft, lang)
        for each in plan for question in each.questions if type_of(question).asks
    }
    missing = [(each, [in_words(fault, each.questions, draft) for fault in faulty[each.key]])
               for each in plan if each.key in faulty]
    return render_template("respond/review.html", draft=draft, mark=mark, plan=plan, answers=answers, missing=missing,
                           faulty=faulty, insist=insist, lang=lang)


def _said(question: Question, value: Any, draft: Draft, lang: str) -> tuple[Line, ...]:
    """An answer in words; words of our own in the language of the page."""
    if own := type_of(question).own_words(value):
        return (Line(_(own)),)
    names = [unit.name for unit in draft.units] if type_of(question).rates_many_units else []
    lines = []
    for words in type_of(question).describe(question, value, lang, draft.units):
        unit = next((name for name in names if words.startswith(f"{name}: ")), "")
        lines.append(Line(words.removeprefix(f"{unit}: ") if unit else words, unit))
    return tuple(lines)


def not_in_hand():
    """This browser does not hold the code of the form any more (or never did)."""
    return render_template("respond/lost.html", kept={}, kept_mark="", kept_page=""), 403


def displayable(text: str) -> str:
    """What was typed, fit for a page: no characters that HTML forbids, and no megabyte of them."""
    return "".join(each for each in text[:LONGEST_SHOWN] if each in "\n\t" or unicodedata.category(each) not in ("Cc", "Cs"))


def in_words(fault: AnswerFault, questions: Sequence[Question], draft: Draft) -> Wrong:
    lang = languages.current()
    question = next(each for each in questions if fault.field == each.name or fault.field.startswith(f"{each.name}:"))
    fields = type_of(question).fields(question, draft.units)
    label = type_of(question).part_label(question, fault.field, lang, draft.units) or question.label.in_language(lang)
    # what is wrong with a question as a whole leads to its first field
    field = fault.field if fault.field in fields else fields[0] if fields and fault.field == question.name else ""
    anchor = f"a-{field}" if field else f"q-{question.name}"
    own = {"constraint": question.constraint_message, "required": question.required_message}.get(fault.kind)
    if own:
        return Wrong(fault.field, anchor, label, own.in_language(lang))
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
    message = reason if fault.kind == "required_unit" else f"{reason} {mend}"
    return Wrong(fault.field, anchor, label, message, reason, "vi" if type_of(question).rates_many_units and field else "")


