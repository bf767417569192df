"""Nothing is lost between our files and workbooks."""

from pathlib import Path

import pytest
from hypothesis import given, settings

from documents import yaml_reader
from questionnaires import document
from questionnaires.library import shipped
from questionnaires.model import Questionnaire
from questionnaires.xlsform import reader, tables, writer
from questionnaires.xlsform.sheets import RawSheet, workbook
from tests.questionnaires.questionnaire_samples import KINDS, questionnaires

FILES = {**shipped(), "vi-du": (Path(__file__).parents[3] / "docs/vi-du/phieu.yaml").read_bytes()}


@pytest.mark.parametrize("name", FILES)
def test_a_shipped_questionnaire_comes_back_as_it_was(name):
    given_ = document.load(FILES[name], name)
    imported = reader.read(writer.write(given_), f"{name}.xlsx")
    assert imported.questionnaire == given_
    assert document.dump(imported.questionnaire) == document.dump(given_)
    assert not imported.remarks
    assert not imported.faults()


def in_memory(questionnaire: Questionnaire) -> Questionnaire:
    """Through the tables of a workbook alone: no file, so that many more can be tried."""
    sheets = []
    for table in tables.tables(questionnaire):
        rows = [dict(enumerate(table.columns))]
        rows += [{at: row[header] for at, header in enumerate(table.columns) if row.get(header)} for row in table.rows]
        sheets.append(RawSheet(table.name, tuple(enumerate(rows, start=1))))
    return reader.understand(workbook("phieu.xlsx", sheets), KINDS).questionnaire


@given(questionnaires)
@settings(max_examples=250, deadline=None)
def test_any_questionnaire_comes_back_from_its_tables_as_it_was(questionnaire):
    back = in_memory(questionnaire)
    assert back == questionnaire
    assert tables.tables(back) == tables.tables(questionnaire)


@given(questionnaires)
@settings(max_examples=20, deadline=None)
def test_any_questionnaire_comes_back_from_a_file_as_it_was(questionnaire):
    back = reader.read(writer.write(questionnaire), "phieu.xlsx", KINDS).questionnaire
    assert back == questionnaire
    assert yaml_of(back) == yaml_of(questionnaire)


def yaml_of(questionnaire: Questionnaire):
    """Its document, without regard to the order of columns that have no meaning here."""
    return yaml_reader.read(document.dump(questionnaire).encode(), "x").data
