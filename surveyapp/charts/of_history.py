"""Charts of the printed figures of earlier years. They carry no intervals: none were printed."""

from collections.abc import Mapping
from functools import partial

from surveyapp.charts.lines import Series, line_chart
from surveyapp.charts.of_run import Chart
from surveyapp.formatters import number
from surveyapp.queries.history import Past, PrintedSeries

SOURCE = "Nguồn: Đề án cải thiện Chỉ số CCHC, số liệu như đã in; nguồn không công bố khoảng tin cậy. n: không công bố."


def charts(past: Past) -> Mapping[str, Chart]:
    found = []
    province = {figure.year: float(figure.percent) for figure in past.province if figure.percent is not None}
    if len(province) > 1:
        found.append(_chart("tinh", _change("Chỉ số CCHC của tỉnh", province), [Series("Tỉnh", province)],
                            "Chỉ số CCHC cấp tỉnh (%)"))
    groups = [*past.groups, *([past.all_units] if past.all_units else [])]
    if groups:
        first = past.all_units.known if past.all_units else groups[0].known
        found.append(_chart("nhom", _change("Trung bình toàn bộ các đơn vị", first), _lines(groups),
                            "Chỉ số CCHC trung bình theo nhóm đơn vị (%)"))
    components = [line for line in _lines(past.components) if len(line.values) > 1]
    if components:
        year = max(year for line in components for year in line.values)
        lowest = min((line for line in components if year in line.values), key=lambda line: line.values[year])
        title = f"“{lowest.label}” thấp nhất năm {year}: {number(lowest.values[year])}\u00a0%"
        found.append(_chart("thanh-phan", title, components,
                            "Chỉ số thành phần cấp tỉnh (%); thành phần chỉ có số liệu một năm xem ở bảng"))
    return {chart.name: chart for chart in found}


def _lines(series: list[PrintedSeries]) -> list[Series]:
    return [Series(one.name, one.known) for one in series if one.known]


def _chart(name: str, title: str, lines: list[Series], subtitle: str) -> Chart:
    return Chart(name, title, f"Biểu đồ đường theo năm, {len(lines)} chuỗi. {title}.", subtitle, SOURCE,
                 partial(line_chart, series=lines))


def _change(what: str, values: Mapping[int, float]) -> str:
    first, last = min(values), max(values)
    change = values[last] - values[first]
    return f"{what} {'tăng' if change >= 0 else 'giảm'} {number(abs(change))} điểm phần trăm từ năm {first} đến năm {last}"
