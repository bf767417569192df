"""What a reader should take from a figure, in one Vietnamese sentence; never surer than the interval allows."""

from collections.abc import Sequence

from surveyapp.formatters import figure, number
from surveyapp.queries.score_rows import AnswerRow, GroupRow, Run, SatisfactionRow, UnitResult, UnitRow
from surveyapp.result_wording import FACTORS, named

#: with fewer answers than this nothing is said of the group, only how few there are
FEW = 10


def confidence_words(run: Run) -> str:
    return f"{number(run.confidence * 100, 0)}\u00a0%"


def rank_words(unit: UnitRow) -> str:
    """`hạng 3, chắc chắn trong khoảng 2–7`"""
    if unit.rank is None:
        return "chưa xếp hạng"
    if unit.rank_low is None or unit.rank_high is None:
        return f"hạng {unit.rank}, chưa tính được khoảng"
    if unit.rank_low == unit.rank_high:
        return f"hạng {unit.rank}, chắc chắn"
    return f"hạng {unit.rank}, chắc chắn trong khoảng {unit.rank_low}–{unit.rank_high}"


def unit_position(unit: UnitRow, group: GroupRow) -> str:
    if unit.rank is None:
        return f"{unit.unit_name} chưa được xếp hạng: {(unit.note or 'chưa đủ số liệu').rstrip('.')}"
    if unit.rank_low is None or unit.rank_high is None:
        return f"{unit.unit_name} xếp hạng {unit.rank}/{len(group.ranked)}"
    if unit.rank_low == unit.rank_high:
        return f"{unit.unit_name} chắc chắn xếp hạng {unit.rank}/{len(group.ranked)}"
    return (f"{unit.unit_name} xếp hạng {unit.rank}/{len(group.ranked)}, chắc chắn trong khoảng "
            f"{unit.rank_low}–{unit.rank_high}")


def group_order(group: GroupRow) -> str:
    if not group.ranked:
        return f"{group.name}: chưa đơn vị nào đủ số liệu để xếp hạng"
    first = [unit for unit in group.ranked if unit.rank == 1]
    leaders = first[0].unit_name if len(first) == 1 else f"{len(first)} đơn vị cùng"
    could_lead = [unit for unit in group.ranked if unit.rank_low == 1 or unit.rank == 1]
    if len(could_lead) == 1:
        return f"{leaders} chắc chắn đứng đầu trong {len(group.ranked)} đơn vị được xếp hạng"
    return f"{leaders} có điểm cao nhất, nhưng {len(could_lead)} đơn vị có thể thực sự đứng đầu"


def group_ranks(group: GroupRow) -> str:
    if not group.ranked:
        return f"{group.name}: chưa đơn vị nào được xếp hạng"
    sure = sum(unit.rank_low is not None and unit.rank_low == unit.rank_high for unit in group.ranked)
    if sure == len(group.ranked):
        return f"Thứ hạng của cả {sure} đơn vị đều chắc chắn"
    if not sure:
        return f"Chưa đơn vị nào trong {len(group.ranked)} đơn vị có thứ hạng chắc chắn; mỗi đơn vị chỉ biết trong một khoảng"
    return f"{sure} trên {len(group.ranked)} đơn vị có thứ hạng chắc chắn; các đơn vị còn lại chỉ biết trong một khoảng"


def areas(result: UnitResult) -> str:
    losing = [(area.max_points - area.points, area) for area in result.areas if area.points is not None]
    if not losing:
        return "Chưa có lĩnh vực nào đủ điểm"
    lost, area = max(losing, key=lambda pair: pair[0])
    if not lost:
        return "Đạt điểm tối đa ở các lĩnh vực đã có điểm"
    return f"Mất nhiều điểm nhất ở lĩnh vực “{area.name}”: {figure(lost)} trên {figure(area.max_points)} điểm"


def factors(rows: Sequence[SatisfactionRow], who: str) -> str:
    """Best and worst factor of one group by one measure, among those that enough have answered; says so when the
    intervals overlap."""
    if rows and max(row.n for row in rows) < FEW:
        return f"Mức độ hài lòng của {who}: chỉ {max(row.n for row in rows)} người trả lời, chưa đủ để nhận xét"
    single = [row for row in rows if row.factor != "overall" and row.n >= FEW]
    if len(single) < 2:
        return f"Mức độ hài lòng của {who}"
    best, worst = max(single, key=lambda row: row.value), min(single, key=lambda row: row.value)
    sentence = (f"{who.capitalize()} hài lòng nhất về “{named(FACTORS, best.factor)}”, ít nhất về "
                f"“{named(FACTORS, worst.factor)}”")
    overlap = None in (best.low, worst.high) or best.low <= worst.high
    return f"{sentence}; chênh lệch còn trong sai số" if overlap else sentence


def distribution(rows: Sequence[tuple[str, Sequence[AnswerRow]]], who: str) -> str:
    """Where the worst answer and the one next to it are chosen most."""
    shares = []
    for label, answers in rows:
        total = sum(answer.n for answer in answers)
        if total >= FEW and len(answers) > 3:
            shares.append((sum(answer.n for answer in answers[:2]) / total, label, total))
    if not shares:
        return f"Trả lời của {who}: chưa đủ lượt để nhận xét"
    share, label, total = max(shares)
    asked, how_many = label.rstrip(" ?."), f"{number(share * 100, 0)}\u00a0% (n\u00a0=\u00a0{total})"
    return f"{who.capitalize()} đánh giá thấp nhiều nhất ở câu “{asked}”: {how_many}"
