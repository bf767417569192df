"""How sure a place is, in Vietnamese sentences for pages, reports and files; a run that does not know says nothing."""

from surveyapp.formatters import number
from surveyapp.queries.score_rows import GroupRow, NeighbourRow, Run, ScenarioRow, UnitResult, UnitRow
from surveyapp.takeaways import rank_words

SURE, UNSURE = "chắc chắn khác nhau", "chưa đủ chắc chắn là khác nhau"


def probability(share: float) -> str:
    """`84 %`; never 0 % or 100 %, for sampling error is not all that may be wrong."""
    if share < 0.005:
        return "dưới\u00a01\u00a0%"
    if share >= 0.995:
        return "trên\u00a099\u00a0%"
    return percent(share)


def percent(share: float) -> str:
    return f"{number(share * 100, 0)}\u00a0%"


def p_value(p: float) -> str:
    return "dưới\u00a00,001" if p < 0.0005 else number(p, 3)


def span(low: int, high: int) -> str:
    return f"{low}" if low == high else f"{low}–{high}"


def band_words(unit: UnitRow) -> str:
    """`xếp loại B: 84 %`"""
    return "" if unit.band_probability is None else f"xếp loại {unit.band}: {probability(unit.band_probability)}"


def place_words(unit: UnitRow) -> str:
    """`hạng 4, chắc chắn trong khoảng 3–9; xếp loại B: 84 %`"""
    return "; ".join(filter(None, (rank_words(unit), band_words(unit))))


def short_words(unit: UnitRow) -> str:
    """`hạng 4 (3–9)`"""
    return f"hạng {unit.rank} ({span(unit.rank_low, unit.rank_high)})"


def pair_words(pair: NeighbourRow) -> str:
    return SURE if pair.differs else UNSURE


def neighbours(group: GroupRow) -> str:
    """How many neighbours are surely apart, as one sentence."""
    if not group.neighbours:
        return ""
    sure = sum(pair.differs for pair in group.neighbours)
    pairs = len(group.neighbours)
    if sure == pairs:
        return f"Cả {pairs} cặp đơn vị liền kề đều {SURE}."
    return f"Trong {pairs} cặp đơn vị liền kề, {sure} cặp {SURE}, {pairs - sure} cặp {UNSURE}."


def first_places(run: Run, group: GroupRow) -> str:
    """Who may be among the first, and who surely is: right for all units at once."""
    known = [unit for unit in group.ranked if unit.rank_all_low is not None]
    if run.top is None or not known or run.top >= len(group.ranked):
        return ""
    may = sum(unit.rank_all_low <= run.top for unit in known)
    surely = [unit.unit_name for unit in known if unit.rank_all_high <= run.top]
    sentence = f"Có thể thực sự thuộc {run.top} hạng đầu: {may} đơn vị; chắc chắn thuộc {run.top} hạng đầu: "
    return sentence + (f"{', '.join(surely)}." if surely else "chưa đơn vị nào.")


def other_rules(run: Run, group: GroupRow) -> str:
    """How many units keep their rank whatever scenario is taken."""
    known = [unit for unit in group.ranked if unit.rank_stays is not None]
    if not known:
        return ""
    kept = sum(unit.rank_stays == 1 for unit in known)
    return (f"Nếu quy tắc tính khác đi, với cùng những câu trả lời: {kept} trên {len(known)} đơn vị giữ nguyên hạng trong mọi "
            "phương án đã thử.")


def scenario_words(row: ScenarioRow, run: Run) -> str:
    step = "" if run.share_step is None else f" {number(run.share_step * 100, 0)} điểm phần trăm"
    return {
        "without_group": f"bỏ nhóm {row.group_name}",
        "equal_shares": "các nhóm có tỷ trọng bằng nhau",
        "more_share": f"tăng tỷ trọng nhóm {row.group_name}{step}",
        "less_share": f"giảm tỷ trọng nhóm {row.group_name}{step}",
        "linear": "hệ số các mức trả lời cách đều nhau",
    }.get(row.scenario, row.scenario)


def of_unit(run: Run, result: UnitResult) -> list[str]:
    """All that is known of how sure the unit's place is, one sentence each."""
    return [*_ranks(run, result.unit), *_bands(result.unit), *_beside(result), *_rules(run, result)]


def _ranks(run: Run, unit: UnitRow):
    if unit.rank_low is not None and unit.rank_all_low is not None:
        own, every = _inside(unit.rank_low, unit.rank_high), _inside(unit.rank_all_low, unit.rank_all_high)
        yield (f"Với độ tin cậy {percent(run.confidence)}, xét riêng đơn vị này thì hạng thật {own}; xét mọi đơn vị của nhóm "
               f"cùng lúc thì {'vẫn ' if own == every else ''}{every}.")
    if unit.rank_expected is not None:
        first = "" if run.top is None else f"{probability(unit.top_probability)} số lần thuộc {run.top} hạng đầu, "
        yield (f"Mô phỏng sai số chọn mẫu {number(run.policy.get('draws'), 0)} lần: hạng trung bình "
               f"{number(unit.rank_expected, 1)}, hạng ở giữa {unit.rank_median}; {first}"
               f"{probability(unit.upper_half_probability)} số lần thuộc nửa trên của nhóm.")


def _inside(low: int, high: int) -> str:
    return f"là {low}" if low == high else f"nằm trong khoảng {low}–{high}"


def _bands(unit: UnitRow):
    if unit.band_probabilities:
        shares = "; ".join(f"{each['band']}: {probability(each['probability'])}" for each in unit.band_probabilities)
        yield f"Xác suất xếp từng loại, chỉ tính sai số chọn mẫu: {shares}. Xếp loại chính thức là {unit.band}."


def _beside(result: UnitResult):
    code = result.unit.unit_code
    for pair in result.group.neighbours:
        if code in (pair.unit_code, pair.next_unit_code):
            where, other = (("trên", pair.unit_name) if code == pair.next_unit_code else ("dưới", pair.next_unit_name))
            yield (f"Liền {where} là {other}: chênh lệch {number(pair.difference)} điểm phần trăm, sai số chuẩn "
                   f"{number(pair.se)}; {pair_words(pair)}.")


def _rules(run: Run, result: UnitResult):
    unit, tried = result.unit, [row for row in result.scenarios if row.rank is not None]
    if unit.rank_best is None or not tried:
        return
    stays = f"giữ nguyên hạng trong {percent(unit.rank_stays)} số phương án"
    if unit.rank_best == unit.rank_worst == unit.rank:
        yield f"Nếu quy tắc tính khác đi ({len(tried)} phương án), hạng vẫn là {unit.rank}."
        return
    sentence = (f"Nếu quy tắc tính khác đi ({len(tried)} phương án, cùng những câu trả lời), hạng là "
                f"{span(unit.rank_best, unit.rank_worst)}; {stays}.")
    if unit.rank_worst > unit.rank:
        worst = next(row for row in tried if row.rank == unit.rank_worst)
        sentence += f" Hạng thấp nhất, {unit.rank_worst}, khi {scenario_words(worst, run)}."
    if unit.rank_best < unit.rank:
        best = next(row for row in tried if row.rank == unit.rank_best)
        sentence += f" Hạng cao nhất, {unit.rank_best}, khi {scenario_words(best, run)}."
    yield sentence
