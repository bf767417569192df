"""The ways in: the home page, open links and QR codes, personal links, an access code; then consent."""

import unicodedata

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _

from questionnaires.model import Questionnaire
from surveyapp.errors import LinkUnknown, NotFound
from surveyapp.models import Campaign, Invitation
from surveyapp.queries import campaigns, questionnaires, responses, units
from surveyapp.services import collect
from surveyapp.web.clock import today
from surveyapp.web.respond import expired, in_hand, languages, pages, showing

#: a longer list of units gets a search field
MANY_UNITS = 12


@pages.get("/")
def home():
    offered = []
    for campaign in campaigns.open_now(today()):
        offered.append((campaign, responses.forms_asked(campaign)))
    return render_template("respond/home.html", offered=offered)


@pages.get("/k/<campaign_code>/<form_id>")
def open_link(campaign_code: str, form_id: str):
    """Asks for what the address does not say yet: the respondent group, then the unit; then goes on to consent."""
    campaign, form = _asked(campaign_code, form_id)
    groups = responses.groups_asked(campaign, form)
    if not groups:
        raise NotFound(f"“{campaign.name}” không dùng phiếu này.")
    group = groups[0] if len(groups) == 1 else request.args.get("group", "")
    if group not in groups:
        pressed = "group" in request.args or "next" in request.args
        page = render_template("respond/group.html", form=form, groups=groups, unit=request.args.get("unit", ""),
                               missing=pressed)
        return page, 422 if pressed else 200
    unit = request.args.get("unit", "") if form.rates == "one_unit" else ""
    if form.rates == "one_unit" and not campaigns.rates(campaign, group, unit):
        return _choose_unit(campaign, form, group, unknown=bool(unit))
    entry = in_hand.Entry(collect.new_access_code(), campaign.code, form.form_id, group, unit)
    return redirect(url_for("respond.consent", mark=in_hand.keep(entry)))


def _asked(campaign_code: str, form_id: str) -> tuple[Campaign, Questionnaire]:
    campaign = campaigns.by_code(campaign_code)
    _version_id, form = questionnaires.asked(campaign, form_id)
    languages.offer(form)
    collect.refuse_unless_answering(campaign, today())
    return campaign, form


def _choose_unit(campaign: Campaign, form: Questionnaire, group: str, unknown: bool):
    grouped = responses.grouped_units(campaign, group)
    sought = request.args.get("q", "").strip()[:100]
    shown = [(name, [unit for unit in members if _plain(sought) in _plain(unit.name)]) for name, members in grouped]
    page = render_template(
        "respond/unit.html", campaign=campaign, form=form, group=group, sought=sought, unknown=unknown,
        grouped=[(name, members) for name, members in shown if members],
        searchable=sum(len(members) for _name, members in grouped) > MANY_UNITS)
    return page, 404 if unknown else 200


def _plain(text: str) -> str:
    """Without marks and capitals: who types "so noi vu" finds "Sở Nội vụ"."""
    parts = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return "".join(each for each in parts if not unicodedata.combining(each))


@pages.get("/p/<token>")
def personal_link(token: str):
    return _go_on(token)


@pages.route("/tiep-tuc", methods=["GET", "POST"])
def resume():
    """Go on by the access code."""
    if request.method == "GET":
        return render_template("respond/resume.html", code="", message="")
    code = request.form.get("code", "")[:200]
    if not code.strip():
        return render_template("respond/resume.html", code="", message=_("Xin nhập mã tiếp tục.")), 422
    try:
        kept = expired.store_kept(code)
        return kept or _go_on(code)
    except LinkUnknown:
        message = _("Không tìm thấy phiếu nào với mã này. Xin kiểm tra lại từng ký tự. "
                    "Phiếu đã gửi hoặc đã hết hạn thì không mở lại được.")
        return render_template("respond/resume.html", code=showing.displayable(code), message=message), 404


def _go_on(code: str):
    found = collect.resume(code)
    if isinstance(found, Invitation):
        campaign = responses.campaign_of(found)
        collect.refuse_unless_answering(campaign, today())
        entry = in_hand.Entry(code, campaign.code, found.form_id, found.respondent_group, found.unit_code or "")
        return redirect(url_for("respond.consent", mark=in_hand.keep(entry)))
    collect.refuse_unless_answering(found.campaign, today())
    return redirect(showing.where_left(found, in_hand.keep(in_hand.Entry(code))))


@pages.route("/phieu/<mark>/dong-y", methods=["GET", "POST"])
def consent(mark: str):
    """What, why, who, which rights. Nothing is stored before somebody agreed, and nothing at all if not."""
    entry = in_hand.held(mark)
    if entry is None:
        return showing.not_in_hand()
    if not entry.campaign:
        return redirect(url_for("respond.form", mark=mark))
    if request.method == "POST" and request.form.get("consent") == "yes":
        draft = collect.start(entry.campaign, entry.form_id, entry.group, entry.unit or None, entry.code,
                              languages.current(), today())
        in_hand.keep(in_hand.Entry(entry.code))
        return redirect(showing.where_left(draft, mark))
    if request.method == "POST" and request.form.get("consent") == "no":
        in_hand.forget(mark)
        return redirect(url_for("respond.declined"))
    campaign, form = _asked(entry.campaign, entry.form_id)
    unit = units.by_code(entry.unit) if entry.unit else None
    page = render_template("respond/consent.html", campaign=campaign, form=form, unit=unit, group=entry.group, mark=mark,
                           missing=request.method == "POST")
    return page, 422 if request.method == "POST" else 200


@pages.get("/da-tu-choi")
def declined():
    return render_template("respond/declined.html")
