"""Everything that can be wrong with an answer, and the one table of words for it.

The Vietnamese sentences are also the gettext msgids of the web pages, so they are complete sentences; what varies stands
in them as %(name)s and its text in `values`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

Kind = Literal[
    "required",
    "required_unit",
    "not_a_choice",
    "exclusive",
    "not_a_number",
    "not_whole",
    "not_a_date",
    "too_long",
    "constraint",
    "control_characters",
    "unknown_unit",
    "repeated",
    "answer_and_missing",
    "not_a_time",
    "out_of_range",
    "off_step",
    "not_ranked",
    "same_rank",
    "not_an_order",
    "half_place",
    "not_a_place",
    "no_files",
    "no_such_file",
    "file_empty",
    "file_too_large",
    "files_too_large",
    "file_of_other_kind",
    "picture_unreadable",
    "picture_too_fine",
]


@dataclass(frozen=True)
class Words:
    reason: str
    mend: str


WORDS: Mapping[Kind, Words] = MappingProxyType(
    {
        "required": Words("Câu hỏi này chưa được trả lời.", "Xin trả lời câu hỏi này."),
        "required_unit": Words(
            "Đơn vị này chưa được đánh giá.",
            "Xin chọn một mức; nếu chưa tiếp xúc với đơn vị, xin chọn phương án “chưa tiếp xúc”.",
        ),
        "not_a_choice": Words(
            "Câu trả lời không nằm trong các phương án.", "Xin chọn một trong các phương án đã cho."
        ),
        "exclusive": Words(
            "Phương án “%(choice)s” không đi cùng phương án khác.",
            "Xin chỉ chọn phương án đó, hoặc bỏ phương án đó.",
        ),
        "not_a_number": Words("Câu trả lời không phải là một số.", "Xin chỉ ghi chữ số, ví dụ 12."),
        "not_whole": Words(
            "Câu trả lời không phải là số nguyên.",
            "Xin ghi số nguyên, không có dấu chấm hay dấu phẩy, ví dụ 12.",
        ),
        "not_a_date": Words(
            "Câu trả lời không phải là một ngày.", "Xin ghi ngày, tháng, năm, ví dụ 23/11/2026."
        ),
        "too_long": Words("Câu trả lời dài quá %(limit)s ký tự.", "Xin viết ngắn lại."),
        "constraint": Words(
            "Câu trả lời không hợp lệ.", "Xin xem lại hướng dẫn của câu hỏi và sửa câu trả lời."
        ),
        "control_characters": Words(
            "Câu trả lời có ký tự điều khiển.", "Xin xóa các ký tự lạ hoặc gõ lại câu trả lời."
        ),
        "unknown_unit": Words(
            "Đơn vị được đánh giá không có trong phiếu này.", "Xin tải lại trang và trả lời lại."
        ),
        "repeated": Words("Câu hỏi này có nhiều câu trả lời khác nhau.", "Xin chỉ giữ lại một câu trả lời."),
        "answer_and_missing": Words(
            "Câu hỏi này vừa có câu trả lời, vừa chọn “%(said)s”.", "Xin xóa câu trả lời, hoặc bỏ lựa chọn đó."
        ),
        "not_a_time": Words(
            "Câu trả lời không phải là giờ trong ngày.", "Xin ghi giờ và phút, ví dụ 8:30 hoặc 14 giờ 15."
        ),
        "out_of_range": Words(
            "Số này nằm ngoài khoảng từ %(least)s đến %(most)s.", "Xin ghi một số trong khoảng đó."
        ),
        "off_step": Words(
            "Số này không có trên thang: bắt đầu từ %(start)s, mỗi bậc %(step)s.", "Xin ghi một số có trên thang."
        ),
        "not_ranked": Words(
            "Nội dung này chưa được xếp thứ tự.", "Xin chọn thứ tự cho mọi nội dung, hoặc để trống tất cả."
        ),
        "same_rank": Words(
            "Thứ tự %(place)s được chọn cho nhiều nội dung.", "Xin cho mỗi nội dung một thứ tự riêng."
        ),
        "not_an_order": Words(
            "Thứ tự phải có đủ các phương án, mỗi phương án một lần.",
            "Xin ghi mã của mọi phương án, từ thứ nhất đến cuối cùng.",
        ),
        "half_place": Words(
            "Vị trí còn thiếu vĩ độ hoặc kinh độ.", "Xin ghi cả hai số, hoặc để trống cả hai."
        ),
        "not_a_place": Words(
            "Câu trả lời không phải là một vị trí.",
            "Xin ghi vĩ độ rồi kinh độ, cách nhau bằng dấu cách, ví dụ 9.6025 105.9739.",
        ),
        "no_files": Words(
            "Tệp không nhập được từ bảng; chỉ người trả lời gửi được tệp, trên trang của phiếu.", "Xin để trống ô này."
        ),
        "no_such_file": Words("Không có tệp này.", "Xin chọn lại tệp."),
        "file_empty": Words("Tệp này rỗng.", "Xin chọn tệp có nội dung."),
        "file_too_large": Words(
            "Tệp này lớn hơn %(limit)s MB.", "Xin chọn tệp nhỏ hơn, hoặc chụp lại với cỡ ảnh nhỏ hơn."
        ),
        "files_too_large": Words(
            "Các tệp của phiếu này cộng lại lớn hơn %(limit)s MB.", "Xin chọn tệp nhỏ hơn, hoặc xóa bớt tệp đã gửi."
        ),
        "file_of_other_kind": Words(
            "Nội dung của tệp này không phải là %(kinds)s.", "Xin chọn tệp thuộc một trong các loại đó."
        ),
        "picture_unreadable": Words("Không đọc được ảnh này.", "Xin chụp lại, hoặc lưu ảnh thành JPEG rồi gửi lại."),
        "picture_too_fine": Words(
            "Ảnh này có hơn %(limit)s triệu điểm ảnh.", "Xin giảm cỡ ảnh, hoặc chụp lại với cỡ ảnh nhỏ hơn."
        ),
    }
)


@dataclass(frozen=True)
class AnswerFault:
    """What is wrong at one form field. For the kind `constraint` the question's own message, if it has one, says more."""

    field: str
    kind: Kind
    reason: str
    mend: str
    #: what fills the %(name)s of `reason` and `mend`: gettext(fault.reason, **fault.values)
    values: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        sentence = f"{self.reason} {self.mend}"
        return sentence % self.values if self.values else sentence


def fault(field: str, kind: Kind, **values: str) -> AnswerFault:
    return AnswerFault(field, kind, WORDS[kind].reason, WORDS[kind].mend, values)
