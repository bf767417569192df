"""The margin that a unit's sample achieves counts who rated it, not who was asked."""

from surveyapp.extensions import db
from surveyapp.models import UnitScore
from surveyapp.services import score
from surveyapp.services.responses import import_responses
from tests.surveyapp.services.conftest import table


def test_who_does_not_know_the_unit_does_not_narrow_its_margin(opened):
    import_responses(opened.code, "vi_du", table(
        "receipt,respondent_group,unit,answered_on,thai_do,thoi_gian",
        "X1,citizens,VD-A,2024-10-05,dont_know,dont_know", "X2,citizens,VD-A,2024-10-05,dont_know,4",
        "X3,citizens,VD-A,2024-10-05,3,3", "X4,businesses,VD-A,2024-10-05,dont_know,dont_know"), "tra-loi.csv")
    run = score.score_campaign(opened.code, draws=100)
    unit = db.session.get(UnitScore, (run.id, "VD-A"))
    assert {group: margin["n"] for group, margin in unit.margins.items()} == {"citizens": 2}
