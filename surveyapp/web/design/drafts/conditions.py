"""The guided editor: a condition put together from rows. Adding a row and taking one away stores nothing yet."""

from flask import abort, request

from documents.faults import Fault, Faults
from questionnaires import condition_rows, expressions
from questionnaires.condition_rows import Row, Rows
from surveyapp.queries import drafts as stored
from surveyapp.web.account import allowed
from surveyapp.web.design import pages
from surveyapp.web.design.drafts import forms, saving
from surveyapp.web.design.drafts.condition_form import CONDITIONS, Condition
from surveyapp.web.design.drafts.form_page import one
from surveyapp.web.design.drafts.saving import Fields

MOST_ROWS = 20
#: comparisons that look at how many were chosen take their value from another field than those that look at which
COUNTS = {"count_at_least", "count_at_most"}


@pages.route(
    "/nhap/<int(max=2147483647):draft_id>/dieu-kien/<any('hien-cau', 'hien-trang', 'hien-nhom', 'tra-loi'):kind>/<name>",
    methods=["GET", "POST"])
@pages.route("/nhap/<int(max=2147483647):draft_id>/dieu-kien/<any('hien-nhom'):kind>/", methods=["GET", "POST"],
             defaults={"name": ""})
@allowed("designer")
def draft_condition(draft_id: int, kind: str, name: str):
    shown, condition = saving.held(draft_id), CONDITIONS[kind]
    try:
        expression = condition.expression(shown.form, name)
    except Faults:
        return _store_late(draft_id, kind, name) if request.method == "POST" else abort(404)
    kinds = condition.kinds(shown.form, name)
    if request.method == "GET":
        return _page(shown, kind, name, condition, condition_rows.from_expression(expression, kinds), expression)
    if "cua-toi" in request.form:
        return _store(shown, kind, name, one(forms.chosen(condition.form_page(), draft_id, name), "expression"))
    fields = saving.posted()
    act, _, number = one(fields, "button").partition(":")
    if act == "chu":
        return _store_text(shown, kind, name, one(fields, "expression"))
    rows = _rows(fields)
    if act == "them" and len(rows.rows) < MOST_ROWS:
        rows = Rows(rows.joiner, (*rows.rows, Row(one(fields, "question"), "")))
    elif act == "bo":
        rows = Rows(rows.joiner, tuple(row for index, row in enumerate(rows.rows) if str(index) != number))
    else:
        try:
            written = condition_rows.to_expression(rows, kinds)
        except Faults as refusal:
            return _page(shown, kind, name, condition, rows, expression, refusal.faults)
        return _store(shown, kind, name, written)
    return _page(shown, kind, name, condition, rows, expression)


def _store(shown: saving.Held, kind: str, name: str, written: str):
    condition = CONDITIONS[kind]
    return forms.store(condition.form_page(), shown.draft.id, kind, name, {"expression": [written]},
                       lambda faults: _page(shown, kind, name, condition, None, written, faults))


def _store_text(shown: saving.Held, kind: str, name: str, written: str):
    """What was written as text is checked at once; whether its questions come before, the overview tells."""
    try:
        if written:
            expressions.compile(written)
    except expressions.ExpressionError as error:
        return _page(shown, kind, name, CONDITIONS[kind], None, written, [Fault("Biểu thức", error.reason, error.mend)])
    return _store(shown, kind, name, written)


def _store_late(draft_id: int, kind: str, name: str):
    """What stood here was removed or renamed since the page was opened: that is told, with what was put together."""
    condition, fields = CONDITIONS[kind], saving.posted()
    seen = stored.revision(draft_id, saving.revision_seen())
    try:
        kinds = condition.kinds(stored.parsed(seen.document), name) if seen else {}
        typed = one(fields, "expression") or one(fields, "toi:expression")
        written = typed or condition_rows.to_expression(_rows(fields), kinds)
    except Faults:
        abort(404)
    return forms.store(condition.form_page(), draft_id, kind, name, {"expression": [written]})


def _rows(fields: Fields) -> Rows:
    rows = []
    for index in range(MOST_ROWS):
        question, comparison = one(fields, f"r{index}-question"), one(fields, f"r{index}-comparison")
        if not question:
            break
        value = one(fields, f"r{index}-count" if comparison in COUNTS else f"r{index}-value")
        rows.append(Row(question, comparison, value.replace(",", ".") if _is_number(value) else value))
    return Rows("or" if one(fields, "joiner") == "or" else "and", tuple(rows))


def _is_number(value: str) -> bool:
    """1,5 as people here write it."""
    whole, comma, part = value.partition(",")
    return bool(comma) and whole.lstrip("-").isdecimal() and part.isdecimal()


def _page(shown: saving.Held, kind: str, name: str, condition: Condition, rows: Rows | None, expression: str, faults=()):
    form = shown.form
    current = condition.current(form, name)
    questions = {question.name: question for question in condition.questions(form, name)}
    if current:
        questions["."] = current
    return saving.page(
        "condition.html", shown, 422 if faults else 200, kind=kind, name=name, condition=condition, rows=rows,
        expression=expression, faults=faults, questions=questions,
        kinds=condition.kinds(form, name), comparisons=condition_rows.COMPARISONS,
        counts=COUNTS, thing=condition.thing(form, name), full=rows is not None and len(rows.rows) >= MOST_ROWS)
