"""Wordings that bend an answer: plain rules, each in one of the tables below, over the Vietnamese text of a questionnaire."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from questionnaires.advice_scales import is_rated
from questionnaires.answers import type_of
from questionnaires.checks import questions_with_paths
from questionnaires.findings import Advice
from questionnaires.model import Question, Questionnaire

#: what leads a respondent to one answer -> what is wrong with it
LEADING: tuple[tuple[str, str], ...] = (
    (r"có đồng ý (rằng|là|với (ý kiến|nhận định))", "nêu sẵn một ý rồi hỏi có đồng ý không; nhiều người gật theo"),
    (r"có (cảm thấy |thấy )?hài lòng\b(?!.*(mức|thế nào|ra sao|hay không hài lòng)).*không\s*\?", "chỉ nêu phía “hài lòng”"),
    (
        r"có (thấy|cho rằng|nghĩ rằng) .*(tốt|nhanh|thuận tiện|dễ dàng|đơn giản|minh bạch|hiệu quả).*không\s*\?",
        "chỉ nêu phía tốt",
    ),
    (r"tuyệt vời|xuất sắc|vượt bậc|rất đáng khen|ân cần, chu đáo", "có lời khen"),
    (r"yếu kém|tệ hại|quan liêu|nhũng nhiễu|hách dịch", "có lời chê"),
    (
        r"phải chăng|chắc hẳn|hẳn là|lẽ nào|tất nhiên|rõ ràng là|ai cũng biết|như đã biết|không phải là .* sao",
        "đã có sẵn câu trả lời",
    ),
    (r"những (nỗ lực|cố gắng|thành tựu|thành tích) ", "kể công trước khi hỏi"),
)

#: two things that people call by one name: no reason to ask twice
FIXED_PHRASES: tuple[str, ...] = (
    *("tiếp nhận và trả kết quả", "tiếp nhận và giải quyết", "hướng dẫn và trả kết quả", "phản ánh và kiến nghị"),
    *("cán bộ và công chức", "công chức và viên chức", "người dân và doanh nghiệp", "tổ chức và cá nhân", "cá nhân và tổ chức"),
    *("xây dựng và tổ chức thi hành", "chỉ đạo và điều hành", "kiểm tra và giám sát", "đào tạo và bồi dưỡng"),
    *("phí và lệ phí", "quyền và nghĩa vụ", "quyền và lợi ích", "vừa và nhỏ", "nhỏ và vừa", "kinh phí và tài sản công"),
    *("thực hành tiết kiệm và chống lãng phí", "phòng và chống tham nhũng", "phòng, chống tham nhũng và tiêu cực"),
    *("hội đồng nhân dân và ủy ban nhân dân", "nông nghiệp và phát triển nông thôn", "nông nghiệp và môi trường"),
    *("tài nguyên và môi trường", "giáo dục và đào tạo", "khoa học và công nghệ", "thông tin và truyền thông"),
    *("kế hoạch và đầu tư", "lao động - thương binh và xã hội", "thương binh và xã hội", "văn hóa, thể thao và du lịch"),
    *("dân tộc và tôn giáo", "một cửa và một cửa liên thông", "một hoặc nhiều", "ngày và giờ", "ngày và đêm"),
)
JOINING = re.compile(r"\b(và|hoặc|cùng với|cũng như|kèm theo)\b")

NEGATION = re.compile(r"\b(không|chưa|chẳng|đừng)\b")
#: where the words of negation deny nothing: the end of a yes-or-no question, and names
NO_NEGATION = re.compile(
    r"\b(hay|hoặc) (không|chưa)\b|\b(không|chưa)\s*(ạ\s*)?\?|không (gian|khí|quân)\b|hàng không\b|không dùng tiền mặt"
)

#: what the law on personal data names, in words; each with what people call it
PERSONAL: tuple[tuple[str, str], ...] = (
    (r"\bdân tộc\b(?! thiểu số và miền núi)", "dân tộc"),
    (r"\btôn giáo\b", "tôn giáo"),
    (r"số điện thoại|điện thoại (liên hệ|di động)|\bzalo của", "số điện thoại"),
    (r"\bđịa chỉ\b(?! (trang|website|tiếp nhận|cơ quan|của cơ quan))|nơi ở hiện nay|\bsố nhà\b", "địa chỉ"),
    (r"ngày(, tháng, năm| tháng năm)? sinh|\bnăm sinh\b", "ngày sinh"),
    (r"căn cước|\bcccd\b|\bcmnd\b|chứng minh (nhân dân|thư)|số định danh|mã số thuế cá nhân|hộ chiếu", "số định danh cá nhân"),
    (r"\bhọ (và )?tên\b|tên của ông/bà", "họ tên"),
    (r"thư điện tử của|\be-?mail\b", "thư điện tử"),
)
PERSONAL_NAMES: tuple[tuple[str, str], ...] = (
    (r"ethnic|dan_?toc", "dân tộc"),
    (r"religion|ton_?giao", "tôn giáo"),
    (r"phone|dien_?thoai", "số điện thoại"),
    (r"(^|_)address|dia_?chi", "địa chỉ"),
    (r"birth|ngay_?sinh|nam_?sinh", "ngày sinh"),
    (r"cccd|cmnd|identity|(^|_)id_?number", "số định danh cá nhân"),
    (r"full_?name|ho_?(va_?)?ten", "họ tên"),
)


@dataclass(frozen=True)
class _Asked:
    """A question's words, as people read them."""

    question: Question
    label: str

    @property
    def lower(self) -> str:
        return " ".join(self.label.lower().split())


def advise_on_words(questionnaire: Questionnaire) -> Iterator[Advice]:
    for path, _, question in questions_with_paths(questionnaire):
        if not type_of(question).asks:
            continue
        asked = _Asked(question, question.label.by_language.get("vi", ""))
        place = (*path, "label")
        for kind, reason, mend in (*_leading(asked), *_two_things(asked), *_negated(asked), *_personal(asked)):
            yield Advice(place, f"Câu “{question.name}”: {reason}", mend, kind)


def _leading(asked: _Asked) -> Iterator[tuple[str, str, str]]:
    for pattern, why in LEADING:
        found = re.search(pattern, asked.lower)
        if found:
            yield (
                "leading",
                f"câu hỏi dẫn dắt (“{_short(found.group())}”): {why}.",
                "Hỏi trung tính, nêu đủ hai phía, ví dụ “Ông/Bà hài lòng hay không hài lòng ở mức nào về …?”.",
            )
            return


def _two_things(asked: _Asked) -> Iterator[tuple[str, str, str]]:
    if not is_rated(asked.question):
        return
    words = asked.lower
    for phrase in FIXED_PHRASES:
        words = words.replace(phrase, "…")
    found = JOINING.search(words)
    if found:
        yield (
            "two_things",
            f"hai nội dung nối bằng “{found.group()}” nhưng chỉ chấm một mức; người chỉ hài lòng một nửa không biết chọn gì.",
            "Tách thành hai câu, hoặc chỉ hỏi nội dung chính; nếu đây là tên quen dùng của một việc thì giữ nguyên.",
        )


def _negated(asked: _Asked) -> Iterator[tuple[str, str, str]]:
    if not type_of(asked.question).takes_choices:
        return
    words = NO_NEGATION.sub("…", asked.lower)
    if not is_rated(asked.question):
        # "có … không", whatever stands between and after
        words = re.sub(r"\bcó\b(.*?)\bkhông\b", r"có\1…", words)
    found = NEGATION.search(words)
    if found:
        yield (
            "negation",
            f"câu hỏi có từ phủ định “{found.group()}”; trả lời “không” cho câu phủ định dễ bị hiểu ngược.",
            "Viết lại theo hướng khẳng định hoặc trung tính.",
        )


def _personal(asked: _Asked) -> Iterator[tuple[str, str, str]]:
    what = next((told for pattern, told in PERSONAL if re.search(pattern, asked.lower)), "") or next(
        (told for pattern, told in PERSONAL_NAMES if re.search(pattern, asked.question.name.lower())), ""
    )
    if what and asked.question.required:
        yield (
            "personal_required",
            f"bắt buộc trả lời về {what}.",
            "Bỏ required; dữ liệu cá nhân chỉ hỏi khi thật cần, và phải nói rõ lý do ở consent.",
        )
    elif what and not type_of(asked.question).takes_choices:
        yield (
            "personal_text",
            f"ô tự điền hỏi {what}; câu trả lời có thể nhận ra một người.",
            "Bỏ câu này, hoặc hỏi theo nhóm (ví dụ nhóm tuổi); nếu thật cần thì nói rõ lý do ở consent.",
        )


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:40]}…"
