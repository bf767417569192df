"""A form sent from a page that got too old: the cookie is gone, or the page's token no longer fits. Nothing typed is lost."""

from flask import redirect, render_template, request, url_for
from flask_wtf.csrf import CSRFError

from surveyapp.errors import AlreadyHandedIn
from surveyapp.services import collect
from surveyapp.web.clock import today
from surveyapp.web.respond import in_hand, languages, pages, showing, visits

#: what a lost page carries along beside the answers
KEPT_FIELDS = {"code", "csrf_token", "kept_mark", "kept_page", "then", visits.FIELD}


@pages.errorhandler(CSRFError)
def token_does_not_fit(_error: CSRFError):
    mark, name = (request.view_args or {}).get("mark", ""), (request.view_args or {}).get("name", "")
    typed = {field: texts for field, texts in request.form.lists() if field not in KEPT_FIELDS}
    entry = in_hand.held(mark) if mark else None
    if entry is None:
        kept = {field: [showing.displayable(text) for text in texts] for field, texts in typed.items()} if name else {}
        return render_template("respond/lost.html", kept=kept, kept_mark=mark, kept_page=name), 400
    if name and not (entry.campaign or entry.handed_in):
        try:
            draft = collect.draft(entry.code)
        except AlreadyHandedIn:
            return redirect(url_for("respond.form", mark=mark))
        languages.offer(draft.questionnaire)
        if page := showing.question_page(draft, mark, name, typed, expired=True):
            return page, 400
    return render_template("respond/expired.html", again=request.path), 400


def store_kept(code: str):
    """After a lost page: the code is back, so what the page carried along is stored. None where it carried nothing."""
    mark, name = request.form.get("kept_mark", ""), request.form.get("kept_page", "")
    if not name or mark != in_hand.mark_of(code):
        return None
    typed = {field: texts for field, texts in request.form.lists() if field not in KEPT_FIELDS}
    try:
        collect.store_page(code, name, typed, languages.current(), today())
    except (KeyError, AlreadyHandedIn):
        return None
    in_hand.keep(in_hand.Entry(code))
    return redirect(url_for("respond.page", mark=mark, name=name))
