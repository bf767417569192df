"""Taking an answer back by its receipt: asks once more, then erases."""

from flask import redirect, render_template, request, session, url_for
from flask_babel import gettext as _

from surveyapp.errors import LinkUnknown
from surveyapp.services import collect
from surveyapp.web.respond import pages, showing


@pages.route("/rut-lai", methods=["GET", "POST"])
def withdraw():
    if request.method == "GET":
        return render_template("respond/withdraw.html", receipt="", message="")
    receipt = request.form.get("receipt", "")[:200]
    if not receipt.strip():
        return render_template("respond/withdraw.html", receipt="", message=_("Xin nhập mã biên nhận.")), 422
    try:
        found = collect.find_sealed(receipt)
    except LinkUnknown:
        message = _("Không có phiếu nào đã gửi với mã biên nhận này. Xin kiểm tra lại từng ký tự.")
        return render_template("respond/withdraw.html", receipt=showing.displayable(receipt), message=message), 404
    if found.state == "withdrawn":
        return redirect(url_for("respond.withdrawn"))
    session["withdrawing"] = receipt
    return redirect(url_for("respond.confirm_withdrawal"))


@pages.route("/rut-lai/xac-nhan", methods=["GET", "POST"])
def confirm_withdrawal():
    receipt = session.get("withdrawing")
    if receipt is None:
        return redirect(url_for("respond.withdraw"))
    if request.method == "GET":
        return render_template("respond/confirm_withdrawal.html", receipt=showing.displayable(receipt))
    collect.withdraw(receipt)
    session.pop("withdrawing")
    return redirect(url_for("respond.withdrawn"))


@pages.get("/rut-lai/xong")
def withdrawn():
    return render_template("respond/withdrawn.html")
