"""Nothing is lost between our files and workbooks."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from documents import yaml_reader
from questionnaires import document
from questionnaires.library import shipped
from questionnaires.model import Questionnaire
from questionnaires.xlsform import reader, tables, writer
from tests.questionnaires.questionnaire_samples import questionnaires

FILES = {**shipped(), "vi-du": (Path(__file__).parents[3] / "docs/vi-du/phieu.yaml").read_bytes()}


def through_a_workbook(questionnaire: Questionnaire) -> Questionnaire:
    return reader.read(writer.write(questionnaire), "phieu.xlsx").questionnaire


@pytest.mark.parametrize("name", FILES)
def test_a_shipped_questionnaire_comes_back_as_it_was(name):
    given_ = document.load(FILES[name], name)
    imported = reader.read(writer.write(given_), f"{name}.xlsx")
    assert imported.questionnaire == given_
    assert document.dump(imported.questionnaire) == document.dump(given_)
    assert not imported.remarks
    assert not imported.faults()


@given(questionnaires())
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_any_questionnaire_comes_back_as_it_was(questionnaire):
    back = through_a_workbook(questionnaire)
    assert back == questionnaire
    assert yaml_reader.read(document.dump(back).encode(), "x").data == yaml_reader.read(document.dump(questionnaire).encode(), "x").data
    assert tables.tables(back) == tables.tables(questionnaire)
