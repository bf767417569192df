"""Campaigns: the list, one campaign's state, opening and closing, how far it has come."""

from datetime import datetime
from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user

from documents.faults import Fault, Faults
from surveyapp.errors import Refused
from surveyapp.formatters import collation_key
from surveyapp.queries import campaigns, fieldwork, frameworks, questionnaires, samples, units
from surveyapp.services import audit
from surveyapp.services import campaigns as running
from surveyapp.web.account import allowed
from surveyapp.web.fieldwork import pages
from surveyapp.web.fieldwork.forms import CampaignForm
from surveyapp.web.fieldwork.progress import GroupProgress, group_progress
from surveyapp.web.uploads import content
from surveyapp.wording import RESPONDENT_GROUPS

#: margins that the progress page can plan for, in percentage points
MARGINS = (3, 5, 7, 10)
HABITUAL_MARGIN = 5


@pages.get("/")
@allowed("analyst")
def index():
    return _index_page(CampaignForm())


@pages.post("/")
@allowed("administrator")
def create():
    form = CampaignForm()
    try:
        campaign = running.import_campaign(*content(form.file.data))
    except Faults as refusal:
        return _index_page(form, refusal.faults)
    audit.record(current_user.id, "import_campaign", campaign.code)
    flash(f"Đã tạo đợt điều tra “{campaign.name}”.", "success")
    return redirect(url_for("fieldwork.campaign", code=campaign.code))


@pages.get("/<code>")
@allowed("analyst")
def campaign(code: str):
    chosen = campaigns.by_code(code)
    versions = questionnaires.of_campaign(chosen.id)
    documents = frameworks.of_campaign(chosen.id)
    states = fieldwork.forms_by_state(chosen.id)
    return render_template(
        "fieldwork/campaign.html", campaign=chosen, today=today(),
        versions=[(version, questionnaires.parsed(version)) for version in versions.values()],
        documents=[(document, frameworks.parsed(document)) for document in documents.values()],
        scopes=scopes(chosen), unit_groups=units.group_names(), states=states,
        erased=fieldwork.erased(chosen.id))


@pages.get("/<code>/tien-do")
@allowed("analyst")
def progress(code: str):
    chosen = campaigns.by_code(code)
    margin = request.args.get("sai-so", default=HABITUAL_MARGIN, type=int)
    margin = margin if margin in MARGINS else HABITUAL_MARGIN
    counts, populations = fieldwork.handed_in(chosen.id), samples.strata(chosen.id)
    groups = [_progress_of(chosen, group, counts, populations, margin / 100) for group in scopes(chosen)]
    return render_template("fieldwork/progress.html", campaign=chosen, groups=groups, margin=margin, margins=MARGINS,
                           states=fieldwork.forms_by_state(chosen.id))


@pages.route("/<code>/mo", methods=["GET", "POST"])
@allowed("administrator")
def open_campaign(code: str):
    return _change_state(code, "open", running.open_campaign, "open_campaign", "Đã mở đợt điều tra.")


@pages.route("/<code>/dong", methods=["GET", "POST"])
@allowed("administrator")
def close_campaign(code: str):
    return _change_state(code, "closed", running.close_campaign, "close_campaign", "Đã đóng đợt điều tra.")


def today():
    """The day in Vietnam, where a campaign opens and closes."""
    return datetime.now(ZoneInfo("Asia/Ho_Chi_Minh")).date()


def scopes(chosen) -> dict[str, list[str]]:
    """Respondent group -> the unit groups it rates, both in the programme's order."""
    found, order = campaigns.rating_scope(chosen.id), list(units.group_names())
    known = [group for group in RESPONDENT_GROUPS if group in found]
    return {group: sorted(found[group], key=order.index) for group in [*known, *sorted(found.keys() - set(known))]}


def _change_state(code: str, target: str, change, action: str, done: str):
    chosen = campaigns.by_code(code)
    faults = ()
    if request.method == "POST":
        try:
            changed = change(code, today())
        except Faults as refusal:
            faults = refusal.faults
        except Refused as refusal:
            faults = [Fault(chosen.name, str(refusal), "Sửa điều này rồi thử lại.")]
        else:
            audit.record(current_user.id, action, code)
            flash(f"{done} {changed.note}".strip(), "success")
            return redirect(url_for("fieldwork.campaign", code=code))
    page = render_template("fieldwork/change_state.html", campaign=chosen, target=target, faults=faults,
                           states=fieldwork.forms_by_state(chosen.id))
    return page, 422 if faults else 200


def _progress_of(chosen, group: str, counts, populations, wanted_margin: float) -> GroupProgress:
    forms = [questionnaires.parsed(version) for version in questionnaires.of_campaign(chosen.id).values()]
    rates_many = any(form.rates == "many_units" and group in form.respondent_groups for form in forms)
    if rates_many:
        names = units.group_names()
        codes = {code for asked, code in populations if asked == group}
        expected, by = {code: names.get(code, code) for code in codes}, "stratum"
    else:
        expected, by = {unit.code: unit.name for unit in campaigns.units_rated_by(chosen, group)}, "unit"
    return group_progress(group, expected, by, counts, populations, wanted_margin, collation_key)


def _index_page(form: CampaignForm, faults=()):
    page = render_template("fieldwork/index.html", campaigns=campaigns.all(), forms=fieldwork.forms_by_campaign(),
                           form=form, faults=faults)
    return page, 422 if faults else 200
