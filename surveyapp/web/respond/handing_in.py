"""Leaving a form for later, looking over all of it, handing it in exactly once, the receipt."""

from dataclasses import replace

from flask import redirect, render_template, request, url_for

from surveyapp.errors import AlreadyHandedIn, FormIncomplete, LinkUnknown
from surveyapp.services import collect
from surveyapp.services.receipts import new_receipt
from surveyapp.web.clock import today
from surveyapp.web.respond import in_hand, languages, pages, showing


@pages.get("/phieu/<mark>/de-sau")
def later(mark: str):
    entry = in_hand.held(mark)
    if entry is None:
        return showing.not_in_hand()
    if entry.handed_in or entry.campaign:
        return redirect(url_for("respond.form", mark=mark))
    draft = collect.draft(entry.code)
    languages.offer(draft.questionnaire)
    return render_template("respond/later.html", draft=draft, mark=mark, code=entry.code)


@pages.route("/phieu/<mark>/xem-lai", methods=["GET", "POST"])
def review(mark: str):
    entry = in_hand.held(mark)
    if entry is None:
        return showing.not_in_hand()
    if entry.handed_in or entry.campaign:
        return redirect(url_for("respond.form", mark=mark))
    try:
        return _hand_in(entry, mark) if request.method == "POST" else _look_over(entry, mark)
    except AlreadyHandedIn:
        if receipt_of(entry, mark):
            return redirect(url_for("respond.receipt", mark=mark))
        raise


def _look_over(entry: in_hand.Entry, mark: str, insist: bool = False):
    draft = collect.draft(entry.code)
    languages.offer(draft.questionnaire)
    if not entry.receipt:
        in_hand.keep(replace(entry, receipt=new_receipt()))
    return showing.review_page(draft, mark, insist)


def _hand_in(entry: in_hand.Entry, mark: str):
    try:
        receipt_code = collect.seal(entry.code, today(), entry.receipt or None)
    except FormIncomplete:
        return _look_over(entry, mark, insist=True), 422
    in_hand.keep(replace(entry, receipt=receipt_code, handed_in=True))
    return redirect(url_for("respond.receipt", mark=mark))


def receipt_of(entry: in_hand.Entry, mark: str) -> str:
    """The receipt of a form that turns out to be handed in, by another tab or by a click whose answer got lost."""
    try:
        collect.find_sealed(entry.receipt)
    except LinkUnknown:
        return ""
    in_hand.keep(replace(entry, handed_in=True))
    return entry.receipt


@pages.get("/phieu/<mark>/bien-nhan")
def receipt(mark: str):
    entry = in_hand.held(mark)
    if entry is None:
        return showing.not_in_hand()
    if not entry.handed_in:
        return redirect(url_for("respond.form", mark=mark))
    return render_template("respond/receipt.html", mark=mark, receipt=entry.receipt, today=today())


@pages.post("/phieu/<mark>/xong")
def finish(mark: str):
    """Take the form's code and receipt out of this browser: the next person at the desk finds nothing."""
    in_hand.forget(mark)
    return redirect(url_for("respond.home"))
