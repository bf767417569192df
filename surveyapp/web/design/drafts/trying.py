"""A draft walked through as a respondent: the real order, conditions and checks. The answers live in the page, nowhere else.

They travel from page to page in a hidden field that the server has signed, so that what comes back is what was read before.
Nothing is stored.
"""

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import flask_babel
from flask import current_app, g, render_template, request
from itsdangerous import BadData, URLSafeSerializer

from questionnaires import layout, offering, routing
from questionnaires.answers import Units, type_of
from questionnaires.expression_checks import check_expressions
from questionnaires.model import Questionnaire
from questionnaires.unfinished import Lack, in_words
from surveyapp.models import QuestionnaireDraft
from surveyapp.services import collect
from surveyapp.web import asking
from surveyapp.web.account import allowed
from surveyapp.web.clock import today
from surveyapp.web.design import pages, preview
from surveyapp.web.design.drafts import saving
from surveyapp.web.design.drafts.overview import showable
from surveyapp.web.respond import showing

#: the page's own fields; no question can have such a name
OWN = {"csrf_token", "_at", "_then", "_lang", "_state"}
#: where the walk is when all pages are behind
END = "het"


@dataclass
class _Walk:
    """One person's way through one state of a draft."""

    draft: QuestionnaireDraft
    form: Questionnaire
    units: Units
    answers: dict[str, Any]
    #: keys of the pages that were handed in
    passed: list[str]

    @property
    def state(self) -> str:
        """What the page carries; worth nothing for another state of the draft."""
        return _signer().dumps([self.draft.id, self.draft.revision, self.answers, self.passed])


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
    walk = _walk(shown.draft, form)
    at, then = request.form.get("_at", ""), request.form.get("_then", "")
    if request.method == "GET" or then == "lai" or walk is None:
        return _start(shown.draft, form, changed=walk is None)
    if then == "dau":
        return _show(walk, routing.page_after(form, walk.answers, None, today()))
    try:
        if then == "truoc":
            return _show(walk, routing.page_before(form, walk.answers, None if at == END else at, today()))
        return _end(walk) if at == END else _hand_in(walk, at)
    except KeyError:  # a page that the form does not have
        return _start(shown.draft, form)


def _walk(draft: QuestionnaireDraft, form: Questionnaire) -> _Walk | None:
    """The walk that the page carries; None where the draft has changed since, or the page was not made here."""
    units = preview.UNITS if form.rates == "many_units" else ()
    if not request.form.get("_state"):
        return _Walk(draft, form, units, {}, [])
    try:
        draft_id, revision, answers, passed = _signer().loads(request.form["_state"])
    except (BadData, ValueError):
        return None
    return _Walk(draft, form, units, answers, passed) if (draft_id, revision) == (draft.id, draft.revision) else None


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.secret_key, salt="chay-thu")


def _hand_in(walk: _Walk, key: str):
    """As a respondent's page is handed in, but for the storing."""
    typed = {name: [showing.displayable(each) for each in texts] for name, texts in request.form.lists() if name not in OWN}
    result = routing.check_page(walk.form, key, typed, walk.answers, walk.units, today())
    walk.answers = {name: value for name, value in {**walk.answers, **result.values}.items() if value is not None}
    if result.removed:
        return _show(walk, routing.page_before(walk.form, walk.answers, key, today()))
    now = next((each for each in routing.plan(walk.form, walk.answers, today()) if each.key == key), None)
    if result.faults and now:
        unseen = [each for each in result.faults if each.field in result.appeared]
        appeared = bool(result.appeared) and len(unseen) == len(result.faults)
        return _show(walk, now, () if appeared else result.faults, None if appeared else typed, appeared)
    walk.passed = [*(each for each in walk.passed if each != key), key]
    return _show(walk, routing.page_after(walk.form, walk.answers, key, today()))


def _start(draft: QuestionnaireDraft, form: Questionnaire, changed: bool = False):
    first = routing.page_after(form, {}, None, today())
    return _page("try_start.html", _Walk(draft, form, (), {}, []), first=first, changed=changed)


def _show(walk: _Walk, now: routing.PagePlan | None, faults=(), typed=None, appeared: bool = False):
    if now is None:
        return _end(walk)
    plan = routing.plan(walk.form, walk.answers, today())
    position = next(index for index, each in enumerate(plan) if each.key == now.key)
    questions = tuple(offering.as_asked(walk.form, question, now.seen, g.language, f"thu-{walk.draft.id}",
                                        routing.known(now.time, today())) for question in now.questions)
    if typed is None:
        answers = routing.answers_at(walk.answers, now.page, now.time)
        typed = collect.as_posted(questions, answers, walk.units, g.language)
        if now.key not in walk.passed:
            blank = [each for each in questions if answers.get(each.name) is None]
            typed |= asking.defaults(blank, walk.units, g.language)
    wrong = [showing.in_words(fault, questions, _stand_in(walk)) for fault in faults]
    page = offering.page_as_asked(walk.form, now.page, now.seen, g.language)
    body = _page("try_page.html", walk, now=now, wrong=wrong, appeared=appeared, has_back=position > 0, typed=typed,
                 wrong_by_field={each.field: each.message for each in wrong}, left=len(plan) - position - 1,
                 **asking.on_page(walk.form, page, questions, g.language))
    return body, 422 if faults else 200


def _end(walk: _Walk):
    """All that was answered, what is still needed, and which questions this respondent never saw."""
    plan = routing.plan(walk.form, walk.answers, today())
    seen = {question.name for each in plan for question in each.questions}
    lines = {(each.key, question.name): type_of(question).describe(
        question, routing.answers_at(walk.answers, each.page, each.time).get(question.name), g.language, walk.units)
        for each in plan for question in each.questions if type_of(question).asks}
    return _page("try_end.html", walk, plan=plan, lines=lines, title_of=layout.title_of,
                 hidden=[each for each in walk.form.questions if each.name not in seen and type_of(each).shown],
                 unanswered=routing.unanswered(walk.form, walk.answers, walk.units, today()))


def _page(file: str, walk: _Walk, **more) -> str:
    return render_template(f"design/drafts/{file}", draft_id=walk.draft.id, form=walk.form, walk=walk, lang=g.language,
                           draft=_stand_in(walk), languages=[], language_links={}, **more)


def _stand_in(walk: _Walk) -> SimpleNamespace:
    """What the templates of answers ask of a respondent's form."""
    return SimpleNamespace(units=walk.units, grouped_units=[("Đơn vị mẫu", walk.units)])


def _broken(form: Questionnaire) -> tuple[Lack, ...]:
    """Conditions that cannot be evaluated: with them there is no walking through."""
    return in_words(form, check_expressions(form))
