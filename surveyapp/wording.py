"""What codes are called where a person reads them: respondent groups, modes, states. Results' words: result_wording.py."""

#: who answers, in the order of the programme
RESPONDENT_GROUPS = {
    "citizens": "người dân",
    "officials": "cán bộ, công chức, viên chức",
    "leaders": "lãnh đạo",
    "delegates": "đại biểu Hội đồng nhân dân",
    "businesses": "doanh nghiệp",
}
#: how an answer came in
MODES = {
    "web": "trên mạng",
    "paper": "phiếu giấy",
    "interview": "phỏng vấn trực tiếp",
    "phone": "qua điện thoại",
    "import": "nhập từ tệp",
}
CAMPAIGN_STATES = {"draft": "đang chuẩn bị", "open": "đang mở", "closed": "đã đóng"}
RESPONSE_STATES = {"draft": "đang điền", "sealed": "đã gửi", "withdrawn": "đã rút lại"}
#: kinds of answers; a kind that is not named here is shown by its code
ANSWER_TYPES = {"select_one": "Chọn một", "select_multiple": "Chọn nhiều", "integer": "Số nguyên", "decimal": "Số thập phân",
                "text": "Chữ tự do", "date": "Ngày", "note": "Lời dẫn", "rating_matrix": "Bảng đánh giá nhiều đơn vị",
                "rank": "Xếp thứ tự", "range": "Số trên thang", "time": "Giờ trong ngày", "acknowledge": "Xác nhận",
                "calculate": "Giá trị tính ra", "geopoint": "Vị trí", "image": "Ảnh", "file": "Tệp"}
LANGUAGES = {"vi": "Tiếng Việt", "km": "ភាសាខ្មែរ", "en": "English"}


def respondent_group_name(code: str) -> str:
    """A group that this version does not know (a province may ask others) is shown by its code."""
    return RESPONDENT_GROUPS.get(code, code)


def mode_name(code: str) -> str:
    return MODES.get(code, code)


def campaign_state_name(code: str) -> str:
    return CAMPAIGN_STATES.get(code, code)
