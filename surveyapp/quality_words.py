"""The quality of forms in Vietnamese: what each sign means, by which threshold, and what it changed; for pages and PDF."""

from collections.abc import Mapping
from typing import Any

from surveyapp.formatters import figure, number, whole
from surveyapp.queries.quality import EffectRow, Quality, SignRow

#: sign -> name, and what it means in two sentences
SIGNS = {
    "speed": (
        "Trả lời quá nhanh",
        "Số giây cho mỗi câu trả lời chỉ bằng một phần nhỏ của mức thường gặp (trung vị) ở các phiếu cùng loại. Người đọc "
        "nhanh, người đã quen phiếu cũng trả lời nhanh."),
    "straight_lining": (
        "Trả lời một mức",
        "Mọi câu trong nhóm câu hỏi cùng thang được chọn cùng một mức. Có thể do hài lòng (hoặc không hài lòng) "
        "thật, cũng có thể do không đọc câu hỏi."),
    "low_variability": (
        "Ít thay đổi",
        "Các câu trả lời của cùng một người gần như không khác nhau. Độ lệch chuẩn bằng 0 nghĩa là câu nào cũng trả "
        "lời như nhau."),
    "long_run": (
        "Chuỗi lặp",
        "Nhiều câu liên tiếp có cùng một câu trả lời. Nhóm câu hỏi càng dài thì chuỗi ngẫu nhiên cũng càng dài."),
    "distance": (
        "Khác thường so với số đông",
        "Cả phiếu nằm rất xa mức trung bình của mọi phiếu. Ý kiến hiếm vẫn có thể là ý kiến thật."),
    "duplicate": (
        "Phiếu trùng",
        "Mọi câu trả lời chung đều giống hệt một phiếu khác của cùng đơn vị, trong khi hiếm có phiếu của đơn vị "
        "khác giống như vậy. Hai người có thể thật sự cùng ý kiến, hoặc một người điền nhiều phiếu."),
    "near_clone": (
        "Phiếu gần trùng",
        "Rất giống một phiếu khác của cùng đơn vị, trong khi hiếm có phiếu của đơn vị khác giống như vậy. Phiếu "
        "được chép lại rồi sửa vài câu tạo ra dấu hiệu này; những người cùng cảnh ngộ cũng vậy."),
    "any": (
        "Có ít nhất một dấu hiệu của phiếu",
        "Những phiếu này được bỏ ra trong lần tính thứ hai. Một phiếu có thể có nhiều dấu hiệu, nên số này nhỏ hơn "
        "tổng các dòng trên."),
    "burst": (
        "Nộp dồn",
        "Quá nhiều phiếu của một đơn vị nộp trong một ngày, so với các đơn vị khác. Một buổi phát phiếu tập trung "
        "cũng tạo ra dấu hiệu này, nên không phiếu nào bị bỏ ra vì nó."),
    "even_odd": (
        "Nhất quán chẵn-lẻ",
        "So câu lẻ với câu chẵn cùng đo một yếu tố hài lòng, từ −1 (trái ngược) đến 1 (khớp nhau), lấy trung bình "
        "các phiếu. Với vài yếu tố, giá trị của một phiếu phần lớn do ngẫu nhiên, nên chỉ so giữa các đơn vị và "
        "không bỏ phiếu nào ra."),
    "place": (
        "Ảnh hưởng địa điểm",
        "Phần khác biệt giữa các phiếu đi theo nơi hỏi (đơn vị mẫu sơ cấp): gần 0 là không có, tối đa 1. Người cùng nơi "
        "có thể thật sự giống nhau, nên không phiếu nào bị bỏ ra vì nó."),
}
NO_PROOF = (
    "Dấu hiệu chỉ nhắc cần xem lại phiếu, không chứng minh sai phạm. Không phiếu nào bị xóa hay sửa; điểm chính "
    "thức luôn tính mọi phiếu.")
READ_WITH_CARE = (
    "Số chính thức là số tính mọi phiếu. Phiếu trả lời một mức thường chọn mức cao, nên bỏ chúng ra thường làm điểm "
    "giảm: chênh lệch cho biết điểm dựa vào những phiếu đó bao nhiêu, không phải điểm đúng hơn. Sai số chuẩn là của "
    "chênh lệch.")
CHANGED_RULE = (
    "Khi bỏ các phiếu có dấu hiệu, có nhóm đối tượng không còn đủ số lượt tối thiểu, nên hai số theo hai cách chia "
    "tỷ trọng khác nhau.")
NOT_LOOKED_AT = "Không xét người trả lời về chính đơn vị mình: phiếu không hỏi nơi làm việc."


def name(sign: str) -> str:
    return SIGNS.get(sign, (sign, ""))[0]


def meaning(sign: str) -> str:
    return SIGNS.get(sign, (sign, ""))[1]


def threshold(sign: str, rules: Mapping[str, Any]) -> str:
    """By which declared threshold a form has the sign; "" for a run that does not say."""
    if not rules:
        return ""
    def share(key: str) -> str:
        return f"{_short(rules[key] * 100)}\u00a0%"

    def written() -> str:
        if sign == "speed":  # apart from the others: earlier runs declare nothing of it, and it can be switched off
            return "" if not rules["speed_share"] else (
                f"số giây mỗi câu tối đa {share('speed_share')} trung vị, từ {rules['minimum_answers']} câu; một trang tính "
                f"tối đa {_short(rules['speed_page'])} lần trung vị của trang; cần {rules['speed_forms']} phiếu có thời gian")
        rare = f"mức giống đó có xác suất ngẫu nhiên tối đa {share('clone_chance')}"
        return {
            "straight_lining": f"ít nhất {share('same_share')} số câu trả lời cùng một mức, từ {rules['minimum_answers']} câu",
            "low_variability": f"độ lệch chuẩn tối đa {_short(rules['deviation'])} mức, từ {rules['minimum_answers']} câu",
            "long_run": f"ít nhất {rules['run']} câu liên tiếp",
            "distance": f"xác suất của khoảng cách tối đa {share('distance_chance')}, từ {rules['distance_forms']} phiếu",
            "duplicate": f"giống 100\u00a0% của ít nhất {rules['clone_answers']} câu, và {rare}",
            "near_clone": f"giống ít nhất {share('clone_share')} của ít nhất {rules['clone_answers']} câu, và {rare}",
            "any": "",
            "burst": f"ít nhất {rules['burst_forms']} phiếu một ngày, xác suất tối đa {share('burst_chance')}",
            "even_odd": f"từ {rules['minimum_factors']} yếu tố có ít nhất hai câu",
            "place": "từ hai nơi, mỗi nơi ít nhất hai phiếu",
        }.get(sign, "")

    try:
        return written()
    except KeyError:
        return ""


def timed(quality: Quality) -> str:
    """Of how many forms the time is known, or why of none."""
    if "speed_share" not in quality.rules:
        return "Không xét thời gian trả lời: lượt chấm này lập trước khi phần mềm xem thời gian."
    if not quality.rules["speed_share"]:
        return "Không xét thời gian trả lời: lượt chấm này khai báo như vậy (speed_share là 0)."
    if quality.speed is None:
        return (f"Thời gian trả lời: không đo. Không phiếu nào khai báo giữ thời gian mỗi trang, hoặc chưa đủ "
                f"{quality.rules['speed_forms']} phiếu cùng loại có thời gian. Phiếu không có thời gian không bị coi là nhanh.")
    if quality.speed.forms == quality.any.forms:
        return "Thời gian trả lời đo được ở mọi lượt phiếu."
    return (f"Thời gian trả lời đo được ở {whole(quality.speed.forms)} trên {whole(quality.any.forms)} lượt phiếu. Các lượt "
            "còn lại (phiếu giấy, phiếu nhập từ tệp, phiếu không giữ thời gian) là không đo: không tính là nhanh, cũng không "
            "tính là 0 giây.")


def count(row, least: int) -> str:
    """`12`; `dưới 3` or `không nêu` for what is not shown; a dash for a sign that marks no single form."""
    if row.kept_back:
        return "không nêu"
    return f"dưới {least}" if row.hidden else whole(row.flagged)


def share(row) -> str:
    """`4,6 %`"""
    return "–" if row.share is None else f"{number(row.share * 100, 1)}\u00a0%"


def signed(value: float | None, places: int = 2) -> str:
    """`+0,12`, `−0,30`"""
    if value is None:
        return "–"
    written = number(abs(value), places)
    sign = "" if not written.strip("0,") else "+" if value > 0 else "−"
    return sign + written


def takeaway(quality: Quality) -> str:
    """What the run's forms look like, in one sentence."""
    every = quality.any
    if every is None:
        return "Chưa xem được chất lượng phiếu nào"
    if every.kept_back:
        return f"Số lượt phiếu có dấu hiệu trên {whole(every.forms)} lượt không được nêu, vì từ đó tính ra được một số nhỏ"
    if every.hidden:
        return f"Dưới {quality.minimum_count} trên {whole(every.forms)} lượt phiếu có dấu hiệu cần xem lại"
    if not every.flagged:
        return f"Không lượt phiếu nào trong {whole(every.forms)} lượt có dấu hiệu cần xem lại"
    sentence = f"{share(every)} số lượt phiếu ({whole(every.flagged)} trên {whole(every.forms)}) có dấu hiệu cần xem lại"
    moved, compared = sum(effect.moved for effect in quality.all_effects), len(quality.compared)
    if not compared:
        return sentence
    if not moved:
        return f"{sentence}; bỏ các phiếu đó, không đơn vị nào đổi hạng"
    return f"{sentence}; bỏ các phiếu đó, {moved} đơn vị đổi hạng"


def most_changed(effects) -> str:
    """Whose survey points change most without the flagged forms, as the title of a picture."""
    changed = [effect for effect in effects if effect.difference]
    if not changed:
        return "Điểm điều tra không đổi khi bỏ các phiếu có dấu hiệu"
    most = max(changed, key=lambda effect: (abs(effect.difference), effect.unit_code))
    return (f"Bỏ các phiếu có dấu hiệu, điểm điều tra đổi nhiều nhất ở {most.unit.unit_name}: {signed(most.difference)} điểm "
            f"(sai số chuẩn {number(most.difference_se)})")


def of_unit(effect: EffectRow, quality: Quality) -> list[str]:
    """The quality of one unit's forms, one sentence each."""
    least = quality.minimum_count
    if effect.kept_back:
        return [f"Số lượt phiếu có dấu hiệu trên {whole(effect.forms)} lượt về đơn vị không được nêu, vì từ đó tính ra được "
                "một số nhỏ; điểm khi bỏ các phiếu đó cũng không.", *_timed_here(effect, quality),
                *_whole_signs(effect, quality)]
    if effect.hidden:
        return [f"Dưới {least} trên {whole(effect.forms)} lượt phiếu về đơn vị có dấu hiệu cần xem lại; vì ít quá, điểm khi bỏ "
                "các phiếu đó không được nêu.", *_timed_here(effect, quality), *_whole_signs(effect, quality)]
    marks = "; ".join(f"{name(sign.sign).lower()} {count(sign, least)}" for sign in effect.signs if sign.sign != "burst")
    sentences = [f"{whole(effect.flagged)} trên {whole(effect.forms)} lượt phiếu về đơn vị ({share(effect)}) có dấu hiệu "
                 f"cần xem lại{f': {marks}' if marks else ''}."]
    if effect.difference is not None and effect.flagged:
        sentences.append(
            f"Điểm điều tra {figure(effect.unit.survey)} với mọi phiếu, {figure(effect.survey)} khi bỏ các phiếu đó: chênh "
            f"{signed(effect.difference)} điểm, sai số chuẩn {number(effect.difference_se)}.{changed_rule(effect)}")
        if effect.moved:
            sentences.append(f"Hạng {effect.unit.rank} với mọi phiếu, {effect.rank} khi bỏ các phiếu có dấu hiệu của mọi đơn "
                             "vị.")
    elif effect.flagged:
        sentences.append("Không có điểm điều tra để so: không đủ lượt đánh giá.")
    return [*sentences, *(f"{whole(sign.flagged)} phiếu nộp trong những ngày nộp dồn." for sign in effect.signs
                          if sign.sign == "burst"), *_timed_here(effect, quality), *_whole_signs(effect, quality)]


def _timed_here(effect: EffectRow, quality: Quality) -> list[str]:
    """Where the run knows times, and not those of all of this unit's forms."""
    if quality.speed is None or effect.timed == effect.forms:
        return []
    if not effect.timed:
        return ["Thời gian trả lời của các phiếu về đơn vị: không đo."]
    return [f"Thời gian trả lời đo được ở {whole(effect.timed)} trên {whole(effect.forms)} lượt phiếu về đơn vị; các lượt còn "
            "lại không đo."]


def changed_rule(effect: EffectRow) -> str:
    return f" {CHANGED_RULE}" if effect.changed_rule else ""


def _whole_signs(effect: EffectRow, quality: Quality) -> list[str]:
    return [whole_sign(sign, quality) for sign in effect.of_unit]


def whole_sign(sign: SignRow, quality: Quality) -> str:
    """A sign of the unit as a whole, with its value and, where there is one, its interval."""
    between = "" if sign.low is None or sign.high is None else (
        f", khoảng tin cậy {number(quality.confidence * 100, 0)}\u00a0% từ {signed(sign.low)} đến {signed(sign.high)}")
    return f"{name(sign.sign)}: {signed(sign.value)}{between} ({whole(sign.forms)} phiếu)."


def _short(value: float) -> str:
    """As few decimals as it needs: `0,25`, `90`, `0,01`."""
    return f"{value:.6f}".rstrip("0").rstrip(".").replace(".", ",")
