"""The programme's targets: met, not met, or (None) not to be known from the figures at hand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from analysis.index.rounding import Rounding, round_once

Percent = Decimal | Fraction | int


@dataclass(frozen=True)
class TargetCheck:
    """One target in one year. `subject` is a unit's name, or None for the province.

    `required` and `actual` are the two figures compared (percentages, exact, or ranks); `met` is None when it cannot be
    known; `explanation` is Vietnamese, for officials.
    """

    target: str
    year: int
    subject: str | None
    required: Percent | None
    actual: Percent | None
    met: bool | None
    explanation: str


@dataclass(frozen=True)
class RankTarget:
    """Among the first `top` of `out_of` provinces in `by_year`; afterwards `step` ranks up each year until `until_year`."""

    top: int
    by_year: int
    step: int
    until_year: int
    out_of: int | None = None


@dataclass(frozen=True)
class NationalRank:
    """The province's rank in a year, out of how many (None: not known)."""

    year: int
    rank: int | None
    out_of: int | None = None


def units_mean_above_province(
    year: int,
    units: Mapping[str, Percent | None],
    province_previous: Percent | None,
    shown: Rounding,
) -> TargetCheck:
    """Mean of the units' percentages in `year`, above the province's own index of the year before.

    Compared exactly (strictly above); `shown` rounds only in the explanation. A unit without a figure (None) could have
    anything from 0 to 100: met is known only if it is the same at both ends.
    Raises ValueError for percentages outside 0 to 100.
    """
    target = "units_mean"
    known = [_percent(value) for value in units.values() if value is not None]
    previous = None if province_previous is None else _percent(province_previous)
    if not known or previous is None:
        gap = "chưa có Chỉ số của đơn vị nào" if not known else f"chưa có Chỉ số của tỉnh năm {year - 1}"
        actual = sum(known) / len(known) if known and len(known) == len(units) else None
        return TargetCheck(target, year, None, previous, actual, None, f"Chưa thể kết luận: {gap}.")
    absent = len(units) - len(known)
    low, high = sum(known) / Fraction(len(units)), (sum(known) + 100 * absent) / Fraction(len(units))
    met = True if low > previous else False if high <= previous else None
    province = f"Chỉ số của tỉnh năm {year - 1} ({_shown_percent(previous, shown)})"
    if not absent:
        verdict = "cao hơn" if met else "bằng" if low == previous else "thấp hơn"
        text = (f"Trung bình của {len(units)} đơn vị năm {year} là {_shown_percent(low, shown)}, {verdict} {province}: "
                f"{'đạt' if met else 'không đạt'}.")
        return TargetCheck(target, year, None, previous, low, met, text)
    start = f"Còn {absent} trên {len(units)} đơn vị chưa có Chỉ số năm {year}"
    reason = {
        True: f"dù các đơn vị ấy chỉ được 0\u00a0%, trung bình vẫn cao hơn {province}: đạt",
        False: f"dù các đơn vị ấy được 100\u00a0%, trung bình vẫn không cao hơn {province}: không đạt",
        None: f"trung bình nằm giữa {_shown_percent(low, shown)} và {_shown_percent(high, shown)}, chưa thể so với {province}",
    }[met]
    return TargetCheck(target, year, None, previous, None, met, f"{start}; {reason}.")


def unit_above_own_previous(
    year: int,
    unit: str,
    current: Percent | None,
    previous: Percent | None,
    shown: Rounding,
    series_break: str | None = None,
) -> TargetCheck:
    """The unit's percentage in `year`, above its own of the year before; compared exactly, strictly above.

    series_break: why the two years cannot be compared (the unit was merged, another framework ...), in Vietnamese without a
    full stop; then met is None whatever the figures. Raises ValueError for percentages outside 0 to 100.
    """
    target = "unit_previous_year"
    now = None if current is None else _percent(current)
    then = None if previous is None else _percent(previous)
    if series_break is not None:
        return TargetCheck(target, year, unit, then, now, None, f"Không so sánh được với năm {year - 1}: {series_break}.")
    if now is None or then is None:
        gap = " và ".join(str(y) for y, value in ((year - 1, then), (year, now)) if value is None)
        return TargetCheck(target, year, unit, then, now, None, f"Chưa thể kết luận: đơn vị chưa có Chỉ số năm {gap}.")
    met = now > then
    verdict = f"tăng {_vi(now - then, shown)}" if met else "không đổi" if now == then else f"giảm {_vi(then - now, shown)}"
    points = "" if now == then else " điểm phần trăm"
    text = (f"Năm {year} đạt {_shown_percent(now, shown)}, {verdict}{points} so với năm {year - 1} "
            f"({_shown_percent(then, shown)}): "
            f"{'đạt' if met else 'không đạt'}.")
    return TargetCheck(target, year, unit, then, now, met, text)


def units_above_own_previous(
    year: int,
    current: Mapping[str, Percent | None],
    previous: Mapping[str, Percent | None],
    shown: Rounding,
    series_breaks: Mapping[str, str] | None = None,
) -> tuple[TargetCheck, ...]:
    """`unit_above_own_previous` for every unit of `current`, in its order."""
    breaks = series_breaks or {}
    return tuple(
        unit_above_own_previous(year, unit, value, previous.get(unit), shown, breaks.get(unit))
        for unit, value in current.items()
    )


def national_rank(ranks: Sequence[NationalRank], target: RankTarget) -> tuple[TargetCheck, ...]:
    """One row per year from target.by_year to target.until_year.

    In by_year: rank <= top. Afterwards: rank <= the year before's - step, but never better than 1 is asked for: who was
    first and stays first has met it. met is None when a rank is missing, or when the number of provinces ranked is known to
    differ from the year before's, or in by_year from the target's own (then ranks do not mean the same).
    Raises ValueError on a repeated year or a rank outside 1 to out_of.
    """
    by_year = {one.year: one for one in ranks}
    if len(by_year) != len(ranks):
        raise ValueError("a year has two ranks")
    for one in ranks:
        if one.rank is not None and (one.rank < 1 or (one.out_of is not None and one.rank > one.out_of)):
            raise ValueError(f"rank {one.rank} of {one.out_of} in {one.year} cannot be")
    rows = [_first_rank(by_year.get(target.by_year), target)]
    for year in range(target.by_year + 1, target.until_year + 1):
        rows.append(_rank_step(year, by_year.get(year - 1), by_year.get(year), target.step))
    return tuple(rows)


def _first_rank(one: NationalRank | None, target: RankTarget) -> TargetCheck:
    if one is None or one.rank is None:
        return TargetCheck("rank", target.by_year, None, target.top, None, None,
                           f"Chưa thể kết luận: chưa có thứ hạng năm {target.by_year} (mục tiêu: trong {target.top} hạng đầu).")
    if _differ(one.out_of, target.out_of):
        text = (f"Không so sánh được: năm {target.by_year} xếp hạng {one.rank}{_out_of(one)}, còn mục tiêu trong {target.top} "
                f"hạng đầu được đặt khi có {target.out_of} tỉnh, thành phố.")
        return TargetCheck("rank", target.by_year, None, target.top, one.rank, None, text)
    met = one.rank <= target.top
    text = (f"Năm {target.by_year} xếp hạng {one.rank}{_out_of(one)}, mục tiêu trong {target.top} hạng đầu: "
            f"{'đạt' if met else 'không đạt'}.")
    return TargetCheck("rank", target.by_year, None, target.top, one.rank, met, text)


def _rank_step(year: int, before: NationalRank | None, now: NationalRank | None, step: int) -> TargetCheck:
    earlier, rank = before and before.rank, now and now.rank
    required = None if earlier is None else max(1, earlier - step)
    if earlier is None or rank is None:
        gap = " và ".join(str(y) for y, value in ((year - 1, earlier), (year, rank)) if value is None)
        return TargetCheck("rank", year, None, required, rank, None, f"Chưa thể kết luận: chưa có thứ hạng năm {gap}.")
    if _differ(before.out_of, now.out_of):
        text = (f"Không so sánh được: năm {year - 1} xếp hạng {earlier}{_out_of(before)}, năm {year} xếp hạng "
                f"{rank}{_out_of(now)}; số tỉnh, thành phố được xếp hạng đã khác.")
        return TargetCheck("rank", year, None, required, rank, None, text)
    met = rank <= required
    way = "tăng" if rank < earlier else "giảm"
    moved = "giữ nguyên hạng" if rank == earlier else f"{way} {abs(earlier - rank)} bậc"
    text = (f"Năm {year} xếp hạng {rank}{_out_of(now)}, {moved} so với năm {year - 1} (hạng {earlier}), mục tiêu hạng "
            f"{required} trở lên: {'đạt' if met else 'không đạt'}.")
    return TargetCheck("rank", year, None, required, rank, met, text)


def _differ(one: int | None, other: int | None) -> bool:
    return one is not None and other is not None and one != other


def _out_of(one: NationalRank) -> str:
    return "" if one.out_of is None else f"/{one.out_of}"


def _percent(value: Percent) -> Fraction:
    if isinstance(value, float):
        raise TypeError("percentages here are exact (Decimal, Fraction, int), not floats")
    exact = Fraction(value)
    if not 0 <= exact <= 100:
        raise ValueError(f"{value} is not a percentage from 0 to 100")
    return exact


def _vi(value: Fraction, shown: Rounding) -> str:
    return str(round_once(value, shown)).replace(".", ",")


def _shown_percent(value: Fraction, shown: Rounding) -> str:
    return f"{_vi(value, shown)}\u00a0%"
