"""What is printed on every paper form, whatever it asks; Khmer and English are drafts until a person has checked them."""

from collections.abc import Mapping
from types import MappingProxyType

_VI = {
    "instructions": "Cách điền",
    "how": "Xin đánh dấu X vào ô trước câu trả lời của Ông/Bà, hoặc viết vào chỗ trống. Nếu đánh nhầm, tô kín ô "
           "đó rồi đánh dấu ô khác. "
           "Câu có dấu * xin đừng bỏ trống. Các mã chữ nhỏ dành cho người nhập liệu.",
    "minutes": "Trả lời mất khoảng {n} phút.",
    "draft": "Bản dịch do máy dịch nháp, chưa có người kiểm tra.",
    "consent": "Trước khi trả lời",
    "purpose": "Mục đích", "data": "Dữ liệu lưu giữ", "controller": "Đơn vị chịu trách nhiệm",
    "rights": "Quyền của Ông/Bà", "contact": "Liên hệ",
    "agree": "Tôi đã đọc, hoặc được đọc cho nghe, phần trên và đồng ý trả lời. (Không đồng ý thì xin để trống và "
           "trả lại phiếu.)",
    "office": "Dành cho người nhập liệu", "receipt": "Số phiếu", "answered_on": "Ngày trả lời", "entered_by": "Người nhập",
    "group": "Người trả lời thuộc nhóm", "unit": "Đơn vị được đánh giá", "unit_code": "Mã đơn vị", "unit_name": "Tên đơn vị",
    "only_if": "Chỉ trả lời nếu {x}.", "only_if_written": "Chỉ trả lời khi: {x}",
    "go_on": "chuyển đến câu {n}", "go_to_end": "hết phần này", "must": "Yêu cầu: {x}.", "must_written": "Yêu cầu: {x}",
    "one": "Chọn một ô.", "several": "Có thể chọn nhiều ô.", "alone": "nếu chọn ô này thì không chọn ô khác",
    "filtered": "Chỉ chọn phương án phù hợp với câu trả lời trước.",
    "time": "Lần {n}", "times": "Mỗi lần điền một phần; dùng tờ thêm nếu không đủ chỗ.", "question": "Nội dung",
    "code": "Mã để nhập", "day": "ngày", "month": "tháng", "year": "năm", "hour": "giờ", "minute": "phút",
    "rank": "Ghi số thứ tự vào ô: 1 là quan trọng nhất; mỗi số chỉ dùng một lần.", "acknowledge": "Tôi đã đọc và xác nhận",
    "range": "Khoanh một số.", "thanks": "Xin cảm ơn Ông/Bà.", "page": "Trang", "version": "phiên bản",
    "dont_know": "Không biết", "not_familiar": "Chưa tiếp xúc",
    "refused": "Không muốn trả lời", "not_applicable": "Không áp dụng",
}
_KM = {
    "instructions": "របៀបបំពេញ",
    "how": "សូមគូសសញ្ញា X ក្នុងប្រអប់នៅមុខចម្លើយរបស់លោកអ្នក ឬសរសេរក្នុងកន្លែងទំនេរ។ បើគូសខុស "
           "សូមផាត់ប្រអប់នោះឱ្យពេញ រួចគូសប្រអប់ផ្សេង។ "
           "សំណួរដែលមានសញ្ញា * សូមកុំទុកទទេ។ លេខកូដអក្សរតូចសម្រាប់អ្នកបញ្ចូលទិន្នន័យ។",
    "minutes": "ការឆ្លើយចំណាយពេលប្រហែល {n} នាទី។",
    "draft": "ការបកប្រែព្រាងដោយម៉ាស៊ីន មិនទាន់មានអ្នកពិនិត្យ។",
    "consent": "មុនពេលឆ្លើយ",
    "purpose": "គោលបំណង", "data": "ទិន្នន័យដែលរក្សាទុក", "controller": "អ្នកទទួលខុសត្រូវ",
    "rights": "សិទ្ធិរបស់លោកអ្នក", "contact": "ទំនាក់ទំនង",
    "agree": "ខ្ញុំបានអាន ឬមានគេអានឱ្យស្តាប់ ផ្នែកខាងលើ ហើយយល់ព្រមឆ្លើយ។ (បើមិនយល់ព្រម សូមទុកទទេ ហើយប្រគល់កម្រងសំណួរវិញ។)",
    "office": "សម្រាប់អ្នកបញ្ចូលទិន្នន័យ", "receipt": "លេខកម្រងសំណួរ", "answered_on": "ថ្ងៃឆ្លើយ", "entered_by": "អ្នកបញ្ចូល",
    "group": "អ្នកឆ្លើយស្ថិតក្នុងក្រុម", "unit": "ស្ថាប័នដែលត្រូវវាយតម្លៃ",
    "unit_code": "លេខកូដស្ថាប័ន", "unit_name": "ឈ្មោះស្ថាប័ន",
    "only_if": "ឆ្លើយតែប្រសិនបើ {x}។", "only_if_written": "ឆ្លើយតែនៅពេល៖ {x}",
    "go_on": "ទៅសំណួរទី {n}", "go_to_end": "ចប់ផ្នែកនេះ", "must": "លក្ខខណ្ឌ៖ {x}។", "must_written": "លក្ខខណ្ឌ៖ {x}",
    "one": "ជ្រើសប្រអប់តែមួយ។", "several": "អាចជ្រើសប្រអប់ច្រើន។", "alone": "បើជ្រើសប្រអប់នេះ មិនជ្រើសប្រអប់ផ្សេងទេ",
    "filtered": "ជ្រើសតែជម្រើសដែលត្រូវនឹងចម្លើយមុន។",
    "time": "លើកទី {n}", "times": "បំពេញមួយផ្នែកសម្រាប់មួយលើក។ បើមិនគ្រប់ សូមប្រើក្រដាសបន្ថែម។", "question": "ខ្លឹមសារ",
    "code": "លេខកូដបញ្ចូល", "day": "ថ្ងៃ", "month": "ខែ", "year": "ឆ្នាំ", "hour": "ម៉ោង", "minute": "នាទី",
    "rank": "សរសេរលេខលំដាប់ក្នុងប្រអប់៖ លេខ 1 សំខាន់ជាងគេ។ លេខនីមួយៗប្រើតែម្តង។", "acknowledge": "ខ្ញុំបានអាន ហើយបញ្ជាក់",
    "range": "គូសរង្វង់លេខមួយ។", "thanks": "សូមអរគុណ។", "page": "ទំព័រ", "version": "កំណែ",
    "dont_know": "មិនដឹង", "not_familiar": "មិនធ្លាប់ទាក់ទង", "refused": "មិនចង់ឆ្លើយ", "not_applicable": "មិនពាក់ព័ន្ធ",
}
_EN = {
    "instructions": "How to fill in this form",
    "how": "Mark the box beside your answer with an X, or write in the space. If you mark a wrong box, fill it "
           "completely and mark "
           "another. Please do not leave questions with * blank. The small codes are for data entry.",
    "minutes": "It takes about {n} minutes.",
    "draft": "This translation was drafted by a machine and has not been checked by a person.",
    "consent": "Before you answer",
    "purpose": "Purpose", "data": "What is kept",
    "controller": "Who is responsible", "rights": "Your rights", "contact": "Contact",
    "agree": "I have read the above, or had it read to me, and agree to answer. (If you do not agree, leave this "
           "blank and hand the form "
             "back.)",
    "office": "For data entry", "receipt": "Form number", "answered_on": "Day of the answers", "entered_by": "Entered by",
    "group": "Respondent group", "unit": "Agency that is rated",
    "unit_code": "Code of the agency", "unit_name": "Name of the agency",
    "only_if": "Answer only if {x}.", "only_if_written": "Answer only when: {x}",
    "go_on": "go to question {n}", "go_to_end": "end of this part", "must": "Required: {x}.", "must_written": "Required: {x}",
    "one": "Mark one box.", "several": "You may mark several boxes.", "alone": "if you mark this box, mark no other",
    "filtered": "Choose only what fits your earlier answer.",
    "time": "Time {n}", "times": "One part for each time; use another sheet where there are not enough.", "question": "Subject",
    "code": "Code to enter", "day": "day", "month": "month", "year": "year", "hour": "hour", "minute": "minute",
    "rank": "Write an order into the boxes: 1 is the most important; use each number once.",
    "acknowledge": "I have read and confirm this",
    "range": "Circle one number.", "thanks": "Thank you.", "page": "Page", "version": "version",
    "dont_know": "Don’t know", "not_familiar": "Not familiar",
    "refused": "Prefer not to say", "not_applicable": "Not applicable",
}

PAPER_WORDS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {"vi": MappingProxyType(_VI), "km": MappingProxyType(_KM), "en": MappingProxyType(_EN)})


def paper_words(language: str) -> Mapping[str, str]:
    return PAPER_WORDS.get(language, PAPER_WORDS["vi"])
