"""Reports as tagged PDF (PDF/UA-1): for the province and for one unit. The same run gives the same bytes.

They leave the house: what they show of answers and satisfaction is what `published` lets out."""

from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path

from flask import current_app

from surveyapp import certainty_words, quality_words, takeaways
from surveyapp.charts import PAGE, of_quality, of_run
from surveyapp.charts.of_run import Chart
from surveyapp.queries import asked, published, quality, scores, series, summaries, targets
from surveyapp.queries.score_rows import Run, by_factor
from surveyapp.result_wording import MEASURES, TABLES
from surveyapp.services import printing
from surveyapp.wording import RESPONDENT_GROUPS

STYLE = Path(__file__).parent.parent / "static" / "css" / "report.css"


def province_pdf(run_id: int) -> bytes:
    run = scores.run_of(run_id)
    words = asked.of_campaign(run.campaign_id)
    groups = scores.groups(run, words)
    of_groups = summaries.of_groups(run, groups, words, published.of_run(run).behind_means(groups))
    forms = quality.of_run(run, groups, words)
    return _pdf("reports/province.html", run, words=words, groups=groups, summaries=of_groups,
                targets=targets.of_run(run, groups), crossed=series.crossed(run), quality=forms,
                quality_charts=of_quality.of_groups(run, groups, forms),
                charts={group.code: of_run.of_group(run, group) for group in groups},
                satisfaction_charts={summary.group.code: _satisfaction_charts(run, summary) for summary in of_groups})


def unit_pdf(run_id: int, unit_code: str) -> bytes:
    run = scores.run_of(run_id)
    words = asked.of_campaign(run.campaign_id)
    result = published.of_run(run).result(scores.unit_result(run, unit_code, words), words)
    forms = quality.of_run(run, (result.group,), words)
    return _pdf("reports/unit.html", run, words=words, groups=(result.group,), group=result.group, result=result,
                quality=forms, effect=forms.of_unit(unit_code),
                unit=result.unit, charts=of_run.of_unit(run, result), questions=of_run.questions(result),
                without_chart=of_run.without_chart(result),
                target=targets.of_unit(run, result.unit), crossed=series.crossed(run))


def _satisfaction_charts(run: Run, summary: summaries.GroupSummary) -> list[Chart]:
    cells = sorted({row.respondent_group for row in summary.satisfaction})
    return [of_run.satisfaction_chart(run, rows, measure, cell) for cell in cells for measure in MEASURES
            if (rows := [row for row in summary.satisfaction if row.respondent_group == cell and row.measure == measure])]


def _pdf(template: str, run: Run, **shown) -> bytes:
    text = current_app.jinja_env.get_template(template).render(
        run=run, takeaways=takeaways, certainty=certainty_words, quality_words=quality_words,
        respondent_groups=RESPONDENT_GROUPS, picture=_picture, by_factor=by_factor, **TABLES, **shown)
    return printing.pdf(text, STYLE, _identifier(run, shown))


def _identifier(run: Run, shown: Mapping) -> bytes:
    unit = shown.get("unit")
    return f"{run.result_sha256[:24]}{'' if unit is None else unit.unit_code}".encode()


def _picture(chart: Chart) -> str:
    return "data:image/svg+xml;base64," + b64encode(chart.draw(PAGE)).decode()
