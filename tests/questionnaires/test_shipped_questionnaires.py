"""What the library ships: no fault, the names the frameworks build on, and every language complete."""

import pytest

from questionnaires import document
from questionnaires.answers import type_of
from questionnaires.library import shipped

NAMES_OTHERS_BUILD_ON = {
    "citizen": "access_place access_equipment access_information procedures_posted procedures_simple procedures_time "
               "procedures_fees staff_attitude staff_listening staff_competence staff_guidance result_on_time "
               "result_correct result_complete feedback_easy feedback_timely feedback_satisfactory online_service "
               "overall_satisfaction",
    "official": "steering legal_documents procedures organisation staff public_finance digital impact",
    "business": "access_information procedures_simple procedures_time informal_costs staff_attitude staff_competence "
                "result_on_time feedback_timely online_service legal_clarity dialogue overall_satisfaction",
}
FILES = shipped()


@pytest.fixture(scope="module", params=FILES)
def questionnaire(request):
    return document.load(FILES[request.param], f"{request.param}.yaml")


def test_the_three_are_there():
    assert set(NAMES_OTHERS_BUILD_ON) <= set(FILES)


def test_a_shipped_file_survives_being_written_and_read(questionnaire):
    written = document.dump(questionnaire)
    assert document.load(written.encode(), "x.yaml") == questionnaire
    assert document.dump(document.load(written.encode(), "x.yaml")) == written


def test_the_names_others_build_on_are_there_and_rate_on_a_scale(questionnaire):
    for name in NAMES_OTHERS_BUILD_ON[questionnaire.form_id].split():
        question = questionnaire.question(name)
        assert question is not None, name
        assert type_of(question).rates_on_scale
        assert question.required


def test_every_scale_lets_a_person_say_that_they_do_not_know(questionnaire):
    for question in questionnaire.questions:
        if question.choices and question.choices.name in ("satisfaction5", "quality4"):
            kinds = [choice.missing for choice in question.choices if choice.missing]
            assert kinds == [{"satisfaction5": "dont_know", "quality4": "not_familiar"}[question.choices.name]]


def test_the_citizens_form_has_the_five_factors_in_three_languages():
    citizen = document.load(FILES["citizen"], "citizen.yaml")
    factors = [question.factor for question in citizen.questions if question.factor]
    assert {factor: factors.count(factor) for factor in factors} == {
        "access": 3, "procedures": 4, "staff": 4, "result": 3, "feedback": 3}
    assert citizen.languages == ("vi", "km", "en")
    assert citizen.machine_drafted == ("km", "en")
    assert citizen.question("access_place").choices.substantive == ("1", "2", "3", "4", "5")


def test_nothing_personal_is_required(questionnaire):
    for question in questionnaire.questions:
        assert question.name != "ethnicity"
        if question.name in ("age_band", "sex", "occupation", "business_size", "sector"):
            assert not question.required


def test_no_condition_looks_at_its_own_page(questionnaire):
    """Without JavaScript a question that appears through an answer beside it would need the page to be shown again."""
    for page in questionnaire.pages:
        for question in page.questions:
            assert not question.relevant
