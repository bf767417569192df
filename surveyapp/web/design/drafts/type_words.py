"""The answer types in plain words, in the order in which they are offered. A type without words here is offered by its name."""

from questionnaires.answers import REGISTRY
from surveyapp.wording import ANSWER_TYPES

#: what a type is good for, in one sentence
EXPLAINED = {
    "select_one": "Người trả lời chọn đúng một phương án trong danh sách, ví dụ mức hài lòng.",
    "select_multiple": "Chọn được nhiều phương án trong danh sách.",
    "rating_matrix": "Một mức cho từng đơn vị được giao trong đợt điều tra; danh sách cần có “chưa tiếp xúc”.",
    "integer": "Gõ một số nguyên, ví dụ số lần.",
    "decimal": "Gõ một số có thể có phần thập phân, ví dụ 1,5 giờ.",
    "text": "Viết tự do vài dòng.",
    "date": "Gõ ngày, tháng, năm.",
    "note": "Chỉ để đọc: lời dẫn, không có câu trả lời.",
    "rank": "Xếp các phương án theo thứ tự.",
    "range": "Chọn một số trên thang, ví dụ từ 0 đến 10; ghi start, end, step ở mục “Thêm”.",
    "time": "Gõ giờ và phút.",
    "acknowledge": "Đánh dấu đã đọc hoặc đồng ý.",
    "calculate": "Không hỏi: giá trị do hệ thống tính theo công thức ở mục “Thêm”.",
    "geopoint": "Vị trí trên bản đồ; lời đồng ý và Cài đặt phải nói rõ.",
    "image": "Gửi một ảnh; lời đồng ý và Cài đặt phải nói rõ.",
    "file": "Gửi một ảnh hoặc tệp PDF; lời đồng ý và Cài đặt phải nói rõ.",
}


def offered() -> list[tuple[str, str, str]]:
    """(type, its words, what it is good for)"""
    known = [name for name in EXPLAINED if name in REGISTRY] + [name for name in REGISTRY if name not in EXPLAINED]
    return [(name, ANSWER_TYPES.get(name, name), EXPLAINED.get(name, "")) for name in known]


GROUPS = offered()
