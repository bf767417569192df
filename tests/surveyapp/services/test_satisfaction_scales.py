"""Questions about satisfaction may each have a list of their own: an answer means what that list says, lowest level first."""

import pytest
from sqlalchemy import select

from surveyapp.extensions import db
from surveyapp.models import SatisfactionScore
from surveyapp.services import campaigns, frameworks, questionnaires, score, units
from surveyapp.services.responses import import_responses
from tests.surveyapp.services.conftest import TODAY, example, table

LISTS = """choices:
  so:
    - {name: "1", label: Rất không hài lòng}
    - {name: "2", label: Không hài lòng}
    - {name: "3", label: Bình thường}
    - {name: "4", label: Hài lòng}
    - {name: "5", label: Rất hài lòng}
    - {name: dont_know, label: Không biết, missing: dont_know}
  chu:
    - {name: a, label: Rất không hài lòng}
    - {name: b, label: Không hài lòng}
    - {name: c, label: Bình thường}
    - {name: d, label: Hài lòng}
    - {name: "1", label: Rất hài lòng}
    - {name: dont_know, label: Không biết, missing: dont_know}
"""
QUESTIONS = """      - {type: select_one so, name: tiep_can, label: Tiếp cận, factor: access}
      - {type: select_one chu, name: ket_qua, label: Kết quả, factor: result}
"""


@pytest.fixture
def scored(app_context):
    form = example("phieu.yaml").decode().replace("choices:\n", LISTS) + QUESTIONS
    units.import_unit_groups(example("nhom-don-vi.csv"), "nhom-don-vi.csv")
    units.import_units(example("don-vi.csv"), "don-vi.csv")
    questionnaires.import_questionnaire(form.encode(), "phieu.yaml")
    frameworks.import_framework(example("khung.yaml"), "khung.yaml")
    campaigns.import_campaign(example("dot.yaml"), "dot.yaml")
    campaigns.open_campaign("VIDU-2024", TODAY)
    import_responses("VIDU-2024", "vi_du", table(
        "receipt,respondent_group,unit,answered_on,thai_do,thoi_gian,tiep_can,ket_qua",
        "R1,citizens,VD-A,2024-10-05,4,4,5,1", "R2,citizens,VD-A,2024-10-05,4,4,1,c",
        "R3,citizens,VD-A,2024-10-05,4,4,dont_know,dont_know", "R4,citizens,VD-A,2024-10-05,4,4,,d"), "tra-loi.csv")
    score.score_campaign("VIDU-2024", draws=100)
    return {(row.factor, row.measure): (row.value, row.n) for row in db.session.scalars(select(SatisfactionScore))}


def test_each_list_has_its_own_levels(scored):
    assert scored["access", "top_two"] == (pytest.approx(50), 2)
    assert scored["access", "mean_100"] == (pytest.approx(50), 2)
    assert scored["result", "top_two"] == (pytest.approx(200 / 3), 3)
    assert scored["result", "mean_100"] == (pytest.approx((100 + 50 + 75) / 3), 3)


def test_overall_takes_the_answers_to_all_of_them_together(scored):
    assert scored["overall", "top_two"] == (pytest.approx(60), 3)
    assert scored["overall", "mean_100"] == (pytest.approx((100 + 0 + 100 + 50 + 75) / 5), 3)
