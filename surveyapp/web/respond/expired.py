"""A form sent from a page that got too old: the cookie is gone, or the page's token no longer fits. Nothing typed is lost."""

from flask import redirect, render_template, request, session, url_for
from flask_wtf.csrf import CSRFError

from surveyapp.errors import AlreadyHandedIn
from surveyapp.services import collect
from surveyapp.web.clock import today
from surveyapp.web.respond import in_hand, languages, pages, showing
from surveyapp.web.respond.filling import OWN_FIELDS
from surveyapp.wording import LANGUAGES

#: of a lost page: before the names of the answers that it carries along, so that none is taken for a field of the page itself
KEPT = "kept:"


@pages.errorhandler(CSRFError)
def token_does_not_fit(_error: CSRFError):
    mark, name = (request.view_args or {}).get("mark", ""), (request.view_args or {}).get("name", "")
    typed = {field: texts for field, texts in request.form.lists() if field not in OWN_FIELDS}
    entry = in_hand.held(mark) if mark else None
    if entry is None:
        if request.form.get("language") in LANGUAGES:
            session["language"] = request.form["language"]
            languages.use(session["language"])
        kept = {KEPT + field: [showing.displayable(text) for text in texts] for field, texts in typed.items()} if name else {}
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
    typed = {field.removeprefix(KEPT): texts for field, texts in request.form.lists() if field.startswith(KEPT)}
    try:
        result, draft = collect.store_page(code, name, typed, languages.current(), today())
    except (KeyError, AlreadyHandedIn):
        return None
    in_hand.keep(in_hand.Entry(code))
    languages.offer(draft.questionnaire)
    if result.gone:
        return showing.question_page(draft, mark, name, typed), 409
    if result.faults:
        return showing.question_page(draft, mark, name, typed, result.faults), 422
    return redirect(url_for("respond.page", mark=mark, name=name))
