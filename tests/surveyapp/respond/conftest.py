import pytest
from sqlalchemy import select

from surveyapp.extensions import db
from surveyapp.models import Response
from tests import factories
from tests.surveyapp.respond.browsing import Browser


@pytest.fixture
def campaign(app):
    """An open campaign with every form. No context is kept: each request has its own, as in life."""
    with app.app_context():
        return factories.province(forms=("citizen", "official", "business", "everything", "kinds"))


@pytest.fixture
def visitor(app, campaign):
    return Browser(app)


@pytest.fixture
def other_visitor(app, campaign):
    return Browser(app)


@pytest.fixture
def stored(app):
    """What the database holds of all forms, right now."""

    def look() -> list[Response]:
        with app.app_context():
            return list(db.session.scalars(select(Response)))

    return look
