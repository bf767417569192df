"""Paper forms and codebooks of a campaign: several PDFs, so they are made in the background."""

from flask import redirect, url_for
from flask_login import current_user

from surveyapp import jobs
from surveyapp.queries import campaigns
from surveyapp.services import audit
from surveyapp.web.account import allowed
from surveyapp.web.fieldwork import pages


@pages.post("/<code>/phieu-giay")
@allowed("analyst")
def make_papers(code: str):
    chosen = campaigns.by_code(code)
    job = jobs.start("campaign_forms", {"campaign_code": chosen.code}, current_user.id)
    audit.record(current_user.id, "campaign_forms", chosen.code)
    return redirect(url_for("results.job", job_id=job.id))
