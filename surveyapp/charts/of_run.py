"""Which charts a score run has, by name: the same for pages and reports."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

from surveyapp import certainty_words, takeaways
from surveyapp.charts.bars import AreaBar, Distribution, area_chart, distribution_chart
from surveyapp.charts.canvas import Format
from surveyapp.charts.intervals import Interval, interval_chart
from surveyapp.charts.ranks import Place, rank_chart
from surveyapp.formatters import figure, number
from surveyapp.queries.score_rows import AnswerRow, GroupRow, Run, SatisfactionRow, UnitResult, UnitRow
from surveyapp.result_wording import FACTORS, MEASURES, named


@dataclass(frozen=True)
class Chart:
    """A chart that can be drawn in any format; `alt` says in words what it shows."""

    name: str
    title: str
    alt: str
    subtitle: str
    source: str
    draw_with: Callable[..., bytes]

    def draw(self, form: Format) -> bytes:
        return self.draw_with(form, self.title, subtitle=self.subtitle, source=self.source)


def of_group(run: Run, group: GroupRow) -> Mapping[str, Chart]:
    return {chart.name: chart for chart in (*_scores(run, group), *_ranks(run, group))}


def of_unit(run: Run, result: UnitResult) -> Mapping[str, Chart]:
    charts = [*_position(run, result), *_areas(run, result), *_satisfaction(run, result), *_answers(run, result)]
    return {chart.name: chart for chart in charts}


def _source(run: Run, *n: int) -> str:
    least, most = number(min(n), 0), number(max(n), 0)
    return (f"Nguồn: {run.campaign_name}, lượt chấm số {run.id}. n = {most if least == most else f'{least}–{most}'}. "
            f"Vạch ngang: khoảng tin cậy {takeaways.confidence_words(run)}.")


def _scores(run: Run, group: GroupRow) -> Iterable[Chart]:
    if not group.ranked:
        return
    title, rows = takeaways.group_order(group), _score_rows(group)
    reference = None if group.mean_percent is None else (float(group.mean_percent), f"trung bình {figure(group.mean_percent)}")
    rated = sum(unit.respondents for unit in group.ranked)
    yield Chart(
        "diem", title, f"Biểu đồ Chỉ số CCHC của {len(rows)} đơn vị kèm khoảng tin cậy. {title}.",
        f"{group.name}: Chỉ số CCHC (% điểm tối đa)",
        f"Nguồn: {run.campaign_name}, lượt chấm số {run.id}. n = {number(rated, 0)} lượt người trả lời. "
        f"Vạch ngang: khoảng tin cậy {takeaways.confidence_words(run)} do chọn mẫu ở phần điều tra.",
        partial(interval_chart, rows=rows, reference=reference))


def _ranks(run: Run, group: GroupRow) -> Iterable[Chart]:
    known = [unit for unit in group.ranked if unit.rank_low is not None and unit.rank_high is not None]
    if not known:
        return
    title = takeaways.group_ranks(group)
    rated = sum(unit.respondents for unit in group.ranked)
    rows = [Place(unit.unit_name, unit.rank, unit.rank_low, unit.rank_high, unit.rank_all_low, unit.rank_all_high,
                  certainty_words.place_words(unit), certainty_words.short_words(unit), differs)
            for unit, differs in zip(known, _differ(group, known), strict=True)]
    yield Chart(
        "hang", title, f"Biểu đồ khoảng thứ hạng của {len(rows)} đơn vị. {title}. {certainty_words.neighbours(group)}".strip(),
        f"{group.name}: thứ hạng và khoảng thứ hạng, hạng 1 ở bên phải",
        f"Nguồn: {run.campaign_name}, lượt chấm số {run.id}. n = {number(rated, 0)} lượt người trả lời. Khoảng thứ hạng với độ "
        f"tin cậy {takeaways.confidence_words(run)}, tính từ sai số chọn mẫu của mọi cặp đơn vị.",
        partial(rank_chart, rows=rows, units=len(group.ranked)))


def _differ(group: GroupRow, known: Sequence[UnitRow]) -> list[bool | None]:
    """Whether each unit surely differs from the one shown below it. Equals may be shown in another order than they were
    compared in, so a pair is found by its ranks; between equals nothing is sure."""
    rank = {unit.unit_code: unit.rank for unit in group.ranked}
    sure = {(rank[pair.unit_code], rank[pair.next_unit_code]): pair.differs for pair in group.neighbours}
    return [*(sure.get((one.rank, other.rank)) for one, other in pairwise(known)), None]


def _position(run: Run, result: UnitResult) -> Iterable[Chart]:
    if result.unit.rank is None:
        return
    title, rows = takeaways.unit_position(result.unit, result.group), _score_rows(result.group, result.unit.unit_code)
    yield Chart("vi-tri", title, f"Vị trí của đơn vị trong nhóm {len(rows)} đơn vị. {title}.",
                f"{result.group.name}: Chỉ số CCHC (% điểm tối đa)", _source(run, result.unit.respondents),
                partial(interval_chart, rows=rows))


def _score_rows(group: GroupRow, marked: str = "") -> list[Interval]:
    return [Interval(unit.unit_name, float(unit.percent), _scaled(unit.total_low, 100 / float(unit.total_max)),
                     _scaled(unit.total_high, 100 / float(unit.total_max)), figure(unit.percent), unit.unit_code == marked)
            for unit in group.ranked]


def _areas(run: Run, result: UnitResult) -> Iterable[Chart]:
    title = takeaways.areas(result)
    rows = [AreaBar(area.name, _share(area.appraised, area.max_points), _share(area.survey, area.max_points),
                    f"{figure(area.points)} / {figure(area.max_points)}") for area in result.areas]
    yield Chart(
        "linh-vuc", title, f"Biểu đồ điểm theo {len(rows)} lĩnh vực, gồm phần thẩm định và phần điều tra. {title}.",
        "Điểm đạt được so với điểm tối đa của từng lĩnh vực",
        f"Nguồn: {run.campaign_name}, lượt chấm số {run.id}. "
        f"n = {number(result.unit.respondents, 0)} người trả lời ở phần điều tra.",
        partial(area_chart, rows=rows))


def _satisfaction(run: Run, result: UnitResult) -> Iterable[Chart]:
    for group in sorted({row.respondent_group for row in result.satisfaction}):
        for measure in MEASURES:
            rows = [row for row in result.satisfaction if row.respondent_group == group and row.measure == measure]
            if rows:
                yield satisfaction_chart(run, rows, measure, group)


def satisfaction_chart(run: Run, rows: list[SatisfactionRow], measure: str, group: str) -> Chart:
    title = takeaways.factors(rows, rows[0].group_name)
    intervals = [
        Interval(named(FACTORS, row.factor), row.value, row.low, row.high, number(row.value, 1), row.factor == "overall")
        for row in rows]
    return Chart(
        f"hai-long-{group}-{measure}", title, f"{MEASURES[measure]} theo yếu tố, kèm khoảng tin cậy. {title}.",
        f"{rows[0].group_name.capitalize()}: {MEASURES[measure]}", _source(run, *(row.n for row in rows)),
        partial(interval_chart, rows=intervals, limits=_tens(rows)))


def _answers(run: Run, result: UnitResult) -> Iterable[Chart]:
    """One chart for each form, respondent group and set of answers; kinds of missing are left to the table, and so are
    questions that rate nothing (age, sector ...)."""
    scored = {(source.form_id, source.question) for source in result.sources}
    blocks: dict[tuple, list[tuple[str, list[AnswerRow]]]] = {}
    for label, answers in questions(result):
        shown = _worst_first([answer for answer in answers if not answer.missing])
        if len(shown) < 2 or not any(answer.n for answer in shown):
            continue
        if not shown[0].factor and (shown[0].form_id, shown[0].question) not in scored:
            continue
        block = (shown[0].form_id, shown[0].respondent_group, tuple(answer.answer_label for answer in shown))
        blocks.setdefault(block, []).append((label, shown))
    for index, ((form_id, group, labels), rows) in enumerate(blocks.items(), 1):
        who = rows[0][1][0].group_name
        title = takeaways.distribution(rows, who)
        bars = [Distribution(label, tuple(answer.n for answer in answers)) for label, answers in rows]
        yield Chart(
            f"tra-loi-{form_id}-{group}-{index}", title, f"Phân bố trả lời của {who} cho {len(rows)} câu hỏi. {title}.",
            f"{who.capitalize()}: tỷ lệ từng trả lời, không kể không biết và để trống",
            f"Nguồn: {run.campaign_name}, lượt chấm số {run.id}. n ghi bên phải từng câu; chưa nhân trọng số.",
            partial(distribution_chart, answers=labels, rows=bars))


def questions(result: UnitResult) -> list[tuple[str, list[AnswerRow]]]:
    """The unit's answers by question and respondent group, in the questionnaire's order."""
    grouped: dict[tuple, list[AnswerRow]] = {}
    for row in result.answers:
        grouped.setdefault((row.form_id, row.question, row.respondent_group), []).append(row)
    return [(rows[0].question_label, rows) for rows in grouped.values()]


def _worst_first(answers: list[AnswerRow]) -> list[AnswerRow]:
    """Codes that are numbers go by their value (a list may begin with the best); others keep the questionnaire's order."""
    if all(answer.answer.isdecimal() for answer in answers):
        return sorted(answers, key=lambda answer: int(answer.answer))
    return answers


def _tens(rows: list[SatisfactionRow]) -> tuple[float, float]:
    """The axis from ten to ten around all intervals, inside 0 to 100."""
    known = [value for row in rows for value in (row.low, row.value, row.high) if value is not None]
    return max(0, min(known) // 10 * 10), min(100, -(-max(known) // 10) * 10)


def _scaled(value: float | None, scale: float) -> float | None:
    return None if value is None else value * scale


def _share(points, max_points) -> float | None:
    return None if points is None or not max_points else float(points / max_points * 100)
