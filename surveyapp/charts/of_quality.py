"""Pictures of what the flagged forms change: one for each unit group."""

from collections.abc import Mapping
from functools import partial

from surveyapp import quality_words
from surveyapp.charts.dumbbells import Dumbbell, dumbbell_chart
from surveyapp.charts.of_run import Chart
from surveyapp.formatters import figure, number
from surveyapp.queries.quality import EffectRow, Quality
from surveyapp.queries.score_rows import GroupRow, Run

WITH, WITHOUT = "tính mọi phiếu (chính thức)", "bỏ các phiếu có dấu hiệu"


def of_groups(run: Run, groups: tuple[GroupRow, ...], quality: Quality) -> Mapping[str, Chart]:
    """Unit group -> its picture; none where no unit has survey points."""
    charts = {}
    for group in groups:
        shown = [effect for effect in quality.effects.get(group.code, ()) if effect.unit.survey is not None]
        if shown:
            charts[group.code] = _chart(run, group, shown)
    return charts


def _chart(run: Run, group: GroupRow, shown: list[EffectRow]) -> Chart:
    title = quality_words.most_changed(shown)
    rows = [Dumbbell(effect.unit.unit_name, float(effect.unit.survey), _after(effect), _words(effect))
            for effect in shown]
    forms = sum(effect.forms for effect in shown)
    return Chart(
        group.code, title, f"Biểu đồ điểm điều tra của {len(rows)} đơn vị, tính mọi phiếu và bỏ các phiếu có dấu "
        f"hiệu. {title}.",
        f"{group.name}: điểm điều tra xã hội học",
        f"Nguồn: {run.campaign_name}, lượt chấm số {run.id}. n = {number(forms, 0)} lượt phiếu. Bên phải: điểm chính thức và "
        "phần đổi khi bỏ các phiếu có dấu hiệu; gạch ngang: không nêu hoặc không tính được.",
        partial(dumbbell_chart, rows=rows, before=WITH, after=WITHOUT))


def _after(effect: EffectRow) -> float | None:
    return None if effect.difference is None else float(effect.unit.survey) + effect.difference


def _words(effect: EffectRow) -> str:
    return f"{figure(effect.unit.survey)} ({quality_words.signed(effect.difference)})"
