"""A questionnaire -> the bytes of an .xlsx workbook that `reader.read` reads as the same questionnaire."""

from datetime import UTC, datetime
from io import BytesIO

import xlsxwriter

from questionnaires.model import Questionnaire
from questionnaires.xlsform.tables import Table, tables

#: every cell is a text: nothing is computed, nothing becomes a link or a number
_TEXT_ONLY = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
#: the same questionnaire gives the same bytes; a workbook would otherwise hold the time at which it was made
_MADE = datetime(2000, 1, 1, tzinfo=UTC)
_WIDTH = {"type": 28, "name": 24, "list_name": 18}
_TEXT_WIDTH, _OTHER_WIDTH = 44, 20


def write(questionnaire: Questionnaire) -> bytes:
    file = BytesIO()
    book = xlsxwriter.Workbook(file, _TEXT_ONLY)
    book.set_properties({"title": questionnaire.title.in_language(questionnaire.default_language)[:255], "created": _MADE})
    heading = book.add_format(
        {"bold": True, "bg_color": "#E8EEF4", "border": 1, "text_wrap": True, "valign": "top", "num_format": "@"}
    )
    text = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
    for table in tables(questionnaire):
        _sheet(book, table, heading, text)
    book.close()
    return file.getvalue()


def _sheet(book: xlsxwriter.Workbook, table: Table, heading, text) -> None:
    sheet = book.add_worksheet(table.name)
    sheet.freeze_panes(1, 2 if table.name != "settings" else 0)
    for column, header in enumerate(table.columns):
        sheet.set_column(column, column, _WIDTH.get(header, _TEXT_WIDTH if "::" in header else _OTHER_WIDTH), text)
        sheet.write_string(0, column, header, heading)
    for number, row in enumerate(table.rows, start=1):
        for column, header in enumerate(table.columns):
            # Excel holds 32,767 characters in a cell; xlsxwriter says -2 and would leave the rest out
            if row.get(header) and sheet.write_string(number, column, row[header], text):
                raise ValueError(f"{table.name}, row {number + 1}, {header}: too long for a cell")
