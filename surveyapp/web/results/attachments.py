"""Files that respondents sent in, for analysts only: handed out to be kept, shown on no page, and each time written down."""

from flask import Response, render_template
from flask_login import current_user

from questionnaires.answers.attachments import MEDIA_TYPES
from surveyapp.queries import attachments as stored
from surveyapp.queries import campaigns
from surveyapp.services import attachments as contents
from surveyapp.services import audit
from surveyapp.services.file_contents import NAMES
from surveyapp.web.account.access import allowed
from surveyapp.web.results import pages


@pages.get("/ket-qua/dot/<campaign_code>/tep-da-gui")
@allowed("analyst")
def attachments(campaign_code: str):
    campaign = campaigns.by_code(campaign_code)
    return render_template("results/attachments.html", campaign=campaign, files=stored.of_campaign(campaign), names=NAMES)


@pages.get("/ket-qua/dot/<campaign_code>/tep-da-gui/<identity>")
@allowed("analyst")
def attachment(campaign_code: str, identity: str):
    found = stored.sealed(campaigns.by_code(campaign_code), identity)
    source = contents.content_of(found)
    audit.record(current_user.id, "attachment", f"{found.id}, đợt {campaign_code}")
    return Response(source, mimetype=MEDIA_TYPES[found.kind], headers={
        "Content-Disposition": f'attachment; filename="{found.id}.{found.kind}"',
        # were it opened in a browser after all, nothing in it would run or be fetched
        "Content-Security-Policy": "default-src 'none'; sandbox",
    })
