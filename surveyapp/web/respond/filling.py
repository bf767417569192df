"""The questions, page by page. Each page is stored before the reply; going back and changing is always possible."""

from collections.abc import Mapping, Sequence

from flask import abort, redirect, request, url_for

from questionnaires import routing
from surveyapp.errors import AlreadyHandedIn
from surveyapp.queries.responses import Draft
from surveyapp.services import collect
from surveyapp.web.clock import today
from surveyapp.web.respond import files, in_hand, languages, pages, showing, visits
from surveyapp.web.respond.handing_in import receipt_of

#: fields of the form that are no answers
OWN_FIELDS = {"csrf_token", "then", "language", "action", visits.FIELD}


@pages.get("/phieu/<mark>")
def form(mark: str):
    entry = in_hand.held(mark)
    if entry is None:
        return showing.not_in_hand()
    if entry.handed_in:
        return redirect(url_for("respond.receipt", mark=mark))
    if entry.campaign:
        return redirect(url_for("respond.consent", mark=mark))
    return redirect(showing.where_left(_draft(entry), mark))


@pages.route("/phieu/<mark>/trang/<name>", methods=["GET", "POST"])
def page(mark: str, name: str):
    entry = in_hand.held(mark)
    if entry is None:
        return showing.not_in_hand()
    if entry.handed_in or entry.campaign:
        return redirect(url_for("respond.form", mark=mark))
    try:
        return _store(entry, mark, name) if request.method == "POST" else _show(entry, mark, name)
    except AlreadyHandedIn:
        if receipt_of(entry, mark):
            return redirect(url_for("respond.receipt", mark=mark))
        raise


def _show(entry: in_hand.Entry, mark: str, name: str, typed: Mapping[str, Sequence[str]] | None = None):
    """The page; with what was typed on it where only its language was switched."""
    draft = _draft(entry)
    try:
        routing.at(draft.questionnaire, name)
    except KeyError:
        abort(404)
    if page := showing.question_page(draft, mark, name, typed, appeared="them" in request.args):
        return page
    gone = 1 if routing.gone(draft.questionnaire, draft.answers, name) else None
    return redirect(showing.where_left(draft, mark, gone=gone))


def _store(entry: in_hand.Entry, mark: str, name: str):
    typed = {field: texts for field, texts in request.form.lists() if field not in OWN_FIELDS}
    if request.form.get("action") == "language":
        return _show(entry, mark, name, typed)
    try:
        result, draft = collect.store_page(entry.code, name, typed, languages.current(), today(), visits.visit(mark, name),
                                           files.sent())
    except KeyError:
        abort(404)
    languages.offer(draft.questionnaire)
    if result.gone:
        return showing.question_page(draft, mark, name, typed), 409
    if request.form.get("then") == "later":
        return redirect(url_for("respond.later", mark=mark))
    then = "review" if request.args.get("then") == "review" else None
    if result.removed:
        return redirect(showing.where_left(draft, mark))
    unseen = [fault for fault in result.faults if fault.field in result.appeared]
    if result.appeared and len(unseen) == len(result.faults):
        return redirect(url_for("respond.page", mark=mark, name=name, them=1, then=then))
    if result.faults:
        return showing.question_page(draft, mark, name, typed, result.faults), 422
    if result.back:  # other pages of the item lost their answers
        return redirect(showing.where_left(draft, mark))
    after = routing.page_after(draft.questionnaire, draft.answers, name, today()) if result.added or not then else None
    return redirect(url_for("respond.page", mark=mark, name=after.key, then=then) if after
                    else url_for("respond.review", mark=mark))


def _draft(entry: in_hand.Entry) -> Draft:
    """The form in hand, shown in a language that it speaks."""
    draft = collect.draft(entry.code)
    languages.offer(draft.questionnaire)
    return draft
