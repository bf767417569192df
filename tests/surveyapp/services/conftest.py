"""The worked example of docs/vi-du, brought in through the services, and small helpers to write faulty files."""

from datetime import date
from pathlib import Path

import pytest

from documents.faults import Faults
from surveyapp.services import campaigns, frameworks, questionnaires, units

EXAMPLE = Path(__file__).parents[3] / "docs/vi-du"
TODAY = date(2024, 10, 15)


def example(name: str) -> bytes:
    return (EXAMPLE / name).read_bytes()


def table(*lines: str) -> bytes:
    return "\n".join(lines).encode()


def faults_of(call, *arguments) -> list[str]:
    """What a person is told, one text per fault."""
    with pytest.raises(Faults) as refused:
        call(*arguments)
    return [str(fault) for fault in refused.value.faults]


@pytest.fixture
def prepared(app_context):
    """Units, questionnaire, framework and campaign of the example; the campaign is a draft."""
    units.import_unit_groups(example("nhom-don-vi.csv"), "nhom-don-vi.csv")
    units.import_units(example("don-vi.csv"), "don-vi.csv")
    questionnaires.import_questionnaire(example("phieu.yaml"), "phieu.yaml")
    frameworks.import_framework(example("khung.yaml"), "khung.yaml")
    return campaigns.import_campaign(example("dot.yaml"), "dot.yaml")


@pytest.fixture
def opened(prepared):
    campaigns.open_campaign(prepared.code, TODAY)
    return prepared
