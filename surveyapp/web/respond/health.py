"""For whoever watches over the server: the process answers and reaches its database."""

from sqlalchemy import text

from surveyapp.extensions import db
from surveyapp.web.respond import pages


@pages.get("/healthz")
def healthz():
    db.session.execute(text("SELECT 1"))
    return {"status": "ok"}
