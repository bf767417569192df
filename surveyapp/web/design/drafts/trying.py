"""A draft walked through as a respondent: the real order, conditions and checks. The answers live in the page, nowhere else.

Every step reads all answers again from what the page sends back, so nothing in it is trusted, and nothing is stored.
"""

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import flask_babel
from flask import g, render_template, request

from questionnaires import expressions, routing
from questionnaires.answers import Units, type_of
from questionnaires.expressions import ExpressionError
from questionnaires.model import Page, Questionnaire
from surveyapp.web.account import allowed
from surveyapp.web.design import pages, preview
from surveyapp.web.design.drafts import saving
from surveyapp.web.design.drafts.overview import showable
from surveyapp.web.respond import showing

#: before the names of fields of other pages, which travel along
CARRIED = "f:"
#: the page's own fields; no question can have such a name
OWN = {"csrf_token", "_at", "_then", "_lang", "_seen"}


@dataclass(frozen=True)
class _Walk:
    """The form, who is rated in it, all that was typed so far, and what can be read of that as answers."""

    form: Questionnaire
    units: Units
    typed: dict[str, list[str]]
    answers: dict[str, Any]


@pages.route("/nhap/<int(max=2147483647):draft_id>/chay-thu", methods=["GET", "POST"])
@allowed("designer")
def draft_try(draft_id: int):
    shown = saving.held(draft_id)
    form = showable(shown.form)
    broken = _broken(form)
    if broken or not form.questions:
        return saving.page("try_not_yet.html", shown, broken=broken)
    language = request.values.get("_lang", "")
    g.language = language if language in form.languages else form.default_language
    flask_babel.refresh()
    walk = _walk(form)
    at, then = request.form.get("_at", ""), request.form.get("_then", "")
    if request.method == "GET" or then == "lai" or form.page(at) is None and at != "het":
        return _start(draft_id, walk)
    if then == "dau":
        return _show(draft_id, walk, form.page(at))
    if then == "truoc":
        return _show(draft_id, walk, routing.page_before(form, walk.answers, None if at == "het" else at))
    if at == "het":
        return _end(draft_id, walk)
    result = routing.check_page(form, at, walk.typed, walk.answers, walk.units)
    plan = next((each for each in routing.plan(form, walk.answers) if each.page.name == at), None)
    seen = request.form.getlist("_seen")
    appeared = {question.name for question in plan.questions if question.name not in seen} if plan else set()
    if result.faults:
        only_new = all(each.field.partition(":")[0] in appeared for each in result.faults)
        return _show(draft_id, walk, form.page(at), () if only_new else result.faults, appeared=only_new)
    return _show(draft_id, walk, routing.page_after(form, walk.answers, at))


def _walk(form: Questionnaire) -> _Walk:
    given = {name: [showing.displayable(each) for each in texts] for name, texts in request.form.lists() if name not in OWN}
    carried = {name.removeprefix(CARRIED): texts for name, texts in given.items() if name.startswith(CARRIED)}
    typed = carried | {name: texts for name, texts in given.items() if not name.startswith(CARRIED)}
    units = preview.UNITS if form.rates == "many_units" else ()
    answers: dict[str, Any] = {}
    for question in form.questions:
        mine = {field: typed[field] for field in type_of(question).fields(question, units) if field in typed}
        parsed = type_of(question).parse(question, mine, units)
        if not parsed.faults and parsed.value is not None:
            answers[question.name] = parsed.value
    return _Walk(form, units, typed, answers)


def _start(draft_id: int, walk: _Walk):
    return _page("try_start.html", draft_id, _Walk(walk.form, walk.units, {}, {}),
                 first=routing.page_after(walk.form, {}, None))


def _show(draft_id: int, walk: _Walk, page: Page | None, faults=(), appeared: bool = False):
    if page is None:
        return _end(draft_id, walk)
    plan = routing.plan(walk.form, walk.answers)
    at = next((index for index, each in enumerate(plan) if each.page.name == page.name), None)
    if at is None:
        return _start(draft_id, walk)
    questions = plan[at].questions
    wrong = [showing.in_words(fault, questions, _stand_in(walk)) for fault in faults]
    body = _page("try_page.html", draft_id, walk, page=page, questions=questions, wrong=wrong, appeared=appeared,
                 has_back=at > 0,
                 wrong_by_field={each.field: each.message for each in wrong}, left=len(plan) - at - 1,
                 own={field for question in page.questions for field in type_of(question).fields(question, walk.units)})
    return body, 422 if faults else 200


def _end(draft_id: int, walk: _Walk):
    """All that was answered, what is still needed, and which pages and questions this respondent never saw."""
    plan = routing.plan(walk.form, walk.answers)
    seen = {question.name for each in plan for question in each.questions}
    lines = {question.name: type_of(question).describe(question, walk.answers.get(question.name), g.language, walk.units)
             for each in plan for question in each.questions if type_of(question).asks}
    return _page("try_end.html", draft_id, walk, plan=plan, lines=lines, own=set(),
                 hidden=[question for question in walk.form.questions if question.name not in seen],
                 unanswered=routing.unanswered(walk.form, walk.answers, walk.units))


def _page(template: str, draft_id: int, walk: _Walk, **more) -> str:
    return render_template(
        f"design/drafts/{template}", draft_id=draft_id, form=walk.form, typed=walk.typed, lang=g.language, carried=CARRIED,
        template=lambda question: f"answers/{type_of(question).template}", draft=_stand_in(walk), languages=[],
        language_links={}, **more)


def _stand_in(walk: _Walk) -> SimpleNamespace:
    """What the templates of answers ask of a respondent's form."""
    return SimpleNamespace(units=walk.units, grouped_units=[("Đơn vị mẫu", walk.units)])


def _broken(form: Questionnaire) -> list[str]:
    """Conditions that cannot be evaluated: with them there is no walking through."""
    found = []
    for page in form.pages:
        sources = [(page.name, page.relevant)] + [
            (question.name, each) for question in page.questions for each in (question.relevant, question.constraint)]
        for name, source in sources:
            try:
                if source:
                    expressions.compile(source)
            except ExpressionError as error:
                found.append(f"{name}: {error.reason}")
    return found
