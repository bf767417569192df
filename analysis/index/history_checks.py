"""What the programme's figures give when they are computed again, and where they contradict each other.

Nothing is overwritten: the reported figure stays, the recomputed one stands beside it, and the note says what can be known.
"""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from analysis.index.bands import band_of
from analysis.index.history import Component, History, Series
from analysis.index.rounding import Rounding, round_once

#: How the programme rounds: 86.405 is printed as 86.40.
AS_PRINTED = Rounding(2, "half_even")


@dataclass(frozen=True)
class ComponentMean:
    """The mean of a component's years: exact, rounded as declared, and as the programme prints it."""

    code: str
    name: str
    years: int
    exact: Fraction
    recomputed: Decimal
    reported: Decimal
    band: str
    reported_band: str

    @property
    def agrees(self) -> bool:
        return self.recomputed == self.reported and self.band == self.reported_band


@dataclass(frozen=True)
class Discrepancy:
    """A figure the programme gives, the one its own tables give (None: they cannot give one), and what that means.

    `possible`: the lowest and highest value the tables allow, where they allow a range. `what` and `note` are Vietnamese.
    """

    what: str
    reported: Decimal | None
    recomputed: Decimal | None
    note: str
    possible: tuple[Decimal, Decimal] | None = None


def component_means(history: History, rounding: Rounding = AS_PRINTED) -> tuple[ComponentMean, ...]:
    """Mean over the years of each component: sum of yearly percentages / number of years, rounded once; its band from the
    rounded mean, as the programme bands what it prints. Units: percent."""
    return tuple(_component_mean(component, history, rounding) for component in history.components)


def band_counts(means: tuple[ComponentMean, ...]) -> dict[str, int]:
    """How many components are in each band, by the recomputed mean."""
    counts: dict[str, int] = {}
    for mean in means:
        counts[mean.band] = counts.get(mean.band, 0) + 1
    return dict(sorted(counts.items()))


def discrepancies(history: History, rounding: Rounding = AS_PRINTED) -> tuple[Discrepancy, ...]:
    """Everything in the tables that is unreadable, does not add up, or contradicts something else in them."""
    return (
        *_unreadable(history),
        *_components(history, rounding),
        *_means_in_the_text(history, rounding),
        *_all_units_against_groups(history),
        *_province_against_components(history),
        *_gain_since_the_first(history),
        *_framework_sums(history),
    )


def mean_of(series: Series) -> Fraction:
    """Exact mean of the years that can be read. Raises ValueError when none can."""
    known = series.known()
    if not known:
        raise ValueError(f"no readable year in {series.code}")
    return sum(map(Fraction, known), Fraction(0)) / len(known)


def _component_mean(component: Component, history: History, rounding: Rounding) -> ComponentMean:
    exact = mean_of(component.series)
    rounded = round_once(exact, rounding)
    return ComponentMean(component.series.code, component.series.name, len(component.series.known()), exact, rounded,
                         component.reported_mean, band_of(rounded, history.bands), component.reported_band)


def _unreadable(history: History) -> list[Discrepancy]:
    return [
        Discrepancy(f"Trung bình nhóm “{series.name}” năm {year}", None, None,
                    "Ô này không đọc được trong bản quét của Đề án. Để trống, không ước đoán.")
        for series in history.groups for year, percent in series.yearly if percent is None
    ]


def _components(history: History, rounding: Rounding) -> list[Discrepancy]:
    return [
        Discrepancy(f"Trung bình nhiều năm của thành phần {mean.code} “{mean.name}”", mean.reported, mean.recomputed,
                    f"Đề án ghi {_percent(mean.reported)} (loại {mean.reported_band}); tính lại từ {mean.years} năm được "
                    f"{_percent(mean.recomputed)} (loại {mean.band}).")
        for mean in component_means(history, rounding) if not mean.agrees
    ]


def _means_in_the_text(history: History, rounding: Rounding) -> list[Discrepancy]:
    province = Series("province", "tỉnh", tuple((one.year, one.percent) for one in history.province))
    unsure = [str(one.year) for one in history.province if "uncertain" in one.confidence]
    from_chart = (f" Các trị số {unsure[0]}–{unsure[-1]} đọc từ biểu đồ, chưa chắc thứ tự các năm; "
                  "trung bình không phụ thuộc thứ tự." if unsure else "")
    found = []
    for key, series, what, extra in (
        ("all_units_mean_2016_2021", history.all_units, "Trung bình Chỉ số của toàn bộ các đơn vị", ""),
        ("province_mean_2016_2021", province, "Trung bình Chỉ số cải cách hành chính của tỉnh", from_chart),
    ):
        reported = history.statements.get(key)
        recomputed = round_once(mean_of(series), rounding)
        if reported is not None and reported != recomputed:
            years = [year for year, _ in series.yearly]
            found.append(Discrepancy(
                f"{what}, {years[0]}–{years[-1]}", reported, recomputed,
                f"Phần lời ghi {_percent(reported)}; trung bình cộng của {len(years)} trị số từng năm trong Đề án là "
                f"{_percent(recomputed)}.{extra} Giữ trị số Đề án đã ghi, nêu trị số tính lại bên cạnh."))
    return found


def _all_units_against_groups(history: History) -> list[Discrepancy]:
    """A mean of all units lies between the lowest and the highest group mean, whatever the size of the groups."""
    found = []
    for year, reported in history.all_units.yearly:
        values = {series.name: series.in_year(year) for series in history.groups}
        known = {name: value for name, value in values.items() if value is not None}
        if reported is None or not known:
            continue
        low, high = min(known.values()), max(known.values())
        absent = sorted(name for name, value in values.items() if value is None)
        possible = None
        if not low <= reported <= high:
            note = _outside_the_groups(year, reported, low, high, absent)
            possible = None if absent else (low, high)
        elif len(known) > 1 and (same := [name for name, value in known.items() if value == reported]):
            note = _same_as_a_group(reported, low, high, same[0], absent)
        else:
            continue
        what = f"Trung bình toàn bộ các đơn vị năm {year} so với trung bình các nhóm"
        found.append(Discrepancy(what, reported, None, note, possible))
    return found


def _outside_the_groups(year: int, reported: Decimal, low: Decimal, high: Decimal, absent: list[str]) -> str:
    beyond = "cao hơn nhóm cao nhất" if reported > high else "thấp hơn nhóm thấp nhất"
    start = (f"Trung bình các nhóm năm {year} nằm trong khoảng {_percent(low)} đến {_percent(high)}; "
             f"trị số chung {_percent(reported)} {beyond}")
    if absent:
        return f"{start}, chỉ có thể đúng nếu do nhóm không có số liệu ({', '.join(absent)})."
    return (f"{start}. Dù mỗi nhóm có bao nhiêu đơn vị, trung bình của các đơn vị thuộc những nhóm này không thể nằm ngoài "
            "khoảng ấy: hoặc có trị số in sai, hoặc trị số chung được tính trên tập hợp đơn vị khác.")


def _same_as_a_group(reported: Decimal, low: Decimal, high: Decimal, group: str, absent: list[str]) -> str:
    start = f"Trị số chung {_percent(reported)} trùng khít với trung bình nhóm “{group}”"
    if low < high and reported in (low, high):
        end = "cao nhất" if reported == high else "thấp nhất"
        unless = f", trừ khi do nhóm không có số liệu ({', '.join(absent)})" if absent else ""
        return (f"{start}, là nhóm {end} (các nhóm từ {_percent(low)} đến {_percent(high)}). Trung bình gồm cả các nhóm khác "
                f"không thể bằng đúng trị số của nhóm ấy{unless}.")
    return f"{start}; có thể Đề án ghi trị số của nhóm này thay cho trung bình chung, nhưng không đủ số liệu để khẳng định."


def _province_against_components(history: History) -> list[Discrepancy]:
    """The province's index is a weighted mean of its components, so it lies between the lowest and the highest."""
    found = []
    for one in history.province:
        values = [v for c in history.components if (v := c.series.in_year(one.year)) is not None]
        if values and not min(values) <= one.percent <= max(values):
            found.append(Discrepancy(
                f"Chỉ số của tỉnh năm {one.year} so với các thành phần", one.percent, None,
                f"Các thành phần năm {one.year} nằm trong khoảng {_percent(min(values))} đến {_percent(max(values))}; "
                f"Chỉ số chung {_percent(one.percent)} nằm ngoài khoảng ấy.", (min(values), max(values))))
    return found


def _gain_since_the_first(history: History) -> list[Discrepancy]:
    """Only the first year of the table is known, not the first assessment the text speaks of."""
    if len(history.province) < 2:
        return []
    first, last = history.province[0], history.province[-1]
    chart = ", đọc từ biểu đồ" if "chart" in first.confidence else ""
    found = []
    gain = history.statements.get("province_gain_points")
    if gain is not None and gain != last.percent - first.percent:
        found.append(Discrepancy(
            "Mức tăng Chỉ số của tỉnh so với lần đánh giá đầu tiên", gain, last.percent - first.percent,
            f"Phần lời ghi tăng {_vi(gain)} điểm, tức lần đầu là {_percent(last.percent - gain)}; so với trị số năm "
            f"{first.year} trong bảng ({_percent(first.percent)}{chart}) thì tăng {_vi(last.percent - first.percent)} điểm. "
            "Đề án không cho biết lần đầu là năm nào, nên không kết luận được trị số nào sai."))
    steps = history.statements.get("province_gain_ranks")
    if steps is not None and None not in (first.rank_of_63, last.rank_of_63) and steps != first.rank_of_63 - last.rank_of_63:
        found.append(Discrepancy(
            "Số bậc tăng của tỉnh so với lần đánh giá đầu tiên", steps, Decimal(first.rank_of_63 - last.rank_of_63),
            f"Phần lời ghi tăng {_vi(steps)} bậc; từ hạng {first.rank_of_63} năm {first.year} lên hạng {last.rank_of_63} "
            f"năm {last.year} là {first.rank_of_63 - last.rank_of_63} bậc. Đề án không cho biết lần đầu là năm nào, nên không "
            "kết luận được trị số nào sai."))
    return found


def _framework_sums(history: History) -> list[Discrepancy]:
    found = []
    for facts in history.frameworks:
        whole = facts.appraised_points + facts.survey_points
        if whole != 100:
            found.append(Discrepancy(f"Tổng điểm bộ chỉ số “{facts.name}”", Decimal(100), whole,
                                     f"Điểm thẩm định và điểm điều tra cộng lại được {_vi(whole)}, không phải 100."))
        if facts.code != "province":
            continue
        for what, declared, present in (
            ("lĩnh vực", facts.areas, len(history.province_areas)),
            ("tiêu chí", facts.criteria, sum(area.criteria for area in history.province_areas)),
            ("tiêu chí thành phần", facts.sub_criteria, sum(area.sub_criteria for area in history.province_areas)),
        ):
            if declared != present:
                found.append(Discrepancy(f"Số {what} của bộ chỉ số cấp tỉnh", Decimal(declared), Decimal(present),
                                         f"Đề án ghi {declared} {what}; cộng theo lĩnh vực được {present}."))
    return found


def _vi(value: Decimal) -> str:
    return format(value, "f").replace(".", ",")


def _percent(value: Decimal) -> str:
    return f"{_vi(value)}\u00a0%"
