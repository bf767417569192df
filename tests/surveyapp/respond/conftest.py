import pytest
from sqlalchemy import select

from surveyapp.extensions import db
from surveyapp.models import Campaign, Response
from tests import factories
from tests.surveyapp.respond.browsing import Browser


def every_form() -> None:
    factories.province(forms=("citizen", "official", "business", "everything", "kinds"))


@pytest.fixture(scope="module")
def beforehand():
    """An open campaign with every form."""
    return every_form


@pytest.fixture
def campaign(app):
    """The open campaign. No context is kept: each request has its own, as in life."""
    with app.app_context():
        return db.session.scalars(select(Campaign)).one()


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
