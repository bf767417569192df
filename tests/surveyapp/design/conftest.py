"""A draft questionnaire and the designer who began it; the library is loaded once, each test has a copy."""

import shutil

import pytest

from surveyapp.extensions import db
from surveyapp.models import QuestionnaireDraft
from surveyapp.services import accounts, drafts, library
from tests.conftest import app_on
from tests.questionnaires.drafts import GROUPED
from tests.surveyapp.design.drafting import signed_in
from tests.surveyapp.staff_client import PASSWORD, StaffClient, make_staff


@pytest.fixture(scope="session")
def with_library(sqlite_template, tmp_path_factory):
    folder = tmp_path_factory.mktemp("drafts")
    shutil.copy(sqlite_template, folder / "drafts.sqlite")
    with app_on(f"sqlite:///{folder / 'drafts.sqlite'}", folder) as app, app.app_context():
        make_staff()
        accounts.create_account("second", "Người thứ hai", "designer", PASSWORD)
        library.load_library()
        db.session.close()
    return folder / "drafts.sqlite"


@pytest.fixture
def app(with_library, tmp_path):
    shutil.copy(with_library, tmp_path / "copy.sqlite")
    with app_on(f"sqlite:///{tmp_path / 'copy.sqlite'}", tmp_path) as app:
        yield app


@pytest.fixture
def draft(app) -> str:
    """The address of a draft of the grouped questionnaire, begun by the designer."""
    with app.app_context():
        designer = db.session.query(QuestionnaireDraft).count() or 1
        return f"/thiet-ke/nhap/{drafts.begin_from_document(GROUPED.encode(), 'g.yaml', designer).id}"


@pytest.fixture
def client(app) -> StaffClient:
    return signed_in(app, "designer")
