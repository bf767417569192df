"""Printed figures of earlier years: shown as printed, recomputed beside, discrepancies listed, nothing overwritten."""

from decimal import Decimal

import pytest

from surveyapp.charts import WIDE, of_history
from surveyapp.queries import history as past
from surveyapp.services import history


@pytest.fixture
def shown(app_context):
    history.load_shipped()
    return past.read()


def test_the_nine_means_and_bands_come_out_as_printed(shown):
    assert len(shown.means) == 9
    assert all(mean.agrees for mean in shown.means)
    assert next(mean for mean in shown.means if mean.code == "1").recomputed == Decimal("86.40")
    assert shown.bands == {"A": 1, "B": 3, "C": 3, "D": 2}


def test_series_are_as_printed_with_the_unreadable_cell_empty(shown):
    assert list(shown.years) == [2016, 2017, 2018, 2019, 2020, 2021]
    values = [value for series in shown.groups for value in series.values.values()]
    assert values.count(None) == 1
    assert shown.all_units.values[2021] == Decimal("80.48")
    assert shown.province[-1].rank == 18


def test_discrepancies_keep_both_figures(shown):
    pairs = {(one.reported, one.recomputed) for one in shown.discrepancies}
    assert (Decimal("73.28"), Decimal("73.44")) in pairs
    assert (Decimal("79.60"), Decimal("79.26")) in pairs


def test_notes_are_in_vietnamese(shown):
    assert shown.province[0].note == "đọc từ biểu đồ, chưa chắc thứ tự các năm"


def test_charts_draw_with_and_without_figures(shown):
    for chart in of_history.charts(shown).values():
        assert chart.draw(WIDE).startswith(b"<?xml")


def test_without_figures_nothing_is_drawn(app_context):
    assert of_history.charts(past.read()) == {}
