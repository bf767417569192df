"""Charts as SVG files: text as outlines (shaped, so that Vietnamese and Khmer stand right), the same input the same bytes."""

from surveyapp.charts.bars import AreaBar, Distribution, area_chart, distribution_chart
from surveyapp.charts.canvas import NARROW, PAGE, WIDE, Format
from surveyapp.charts.dumbbells import Dumbbell, dumbbell_chart
from surveyapp.charts.intervals import Interval, interval_chart
from surveyapp.charts.lines import Series, line_chart
from surveyapp.charts.ranks import Place, rank_chart

__all__ = ["NARROW", "PAGE", "WIDE", "AreaBar", "Distribution", "Dumbbell", "Format", "Interval", "Place", "Series",
           "area_chart", "distribution_chart", "dumbbell_chart", "interval_chart", "line_chart", "rank_chart"]
