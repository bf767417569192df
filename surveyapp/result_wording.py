"""What results are called where a person reads them: one table for pages, PDF and files."""

#: satisfaction factors (SIPAS) in their order; "overall" is all of them together
FACTORS = {
    "access": "Tiếp cận dịch vụ",
    "procedures": "Thủ tục hành chính",
    "staff": "Công chức giải quyết công việc",
    "result": "Kết quả giải quyết",
    "feedback": "Tiếp nhận, giải quyết phản ánh, kiến nghị",
    "overall": "Chung cả năm yếu tố",
}
#: the two measures of satisfaction; each figure says which it is
MEASURES = {
    "top_two": "Tỷ lệ hài lòng và rất hài lòng (%)",
    "mean_100": "Điểm hài lòng trung bình (thang 0–100)",
}
#: why there is no answer; none of them is ever a zero
MISSING = {
    "dont_know": "không biết",
    "not_familiar": "chưa tiếp xúc",
    "refused": "từ chối trả lời",
    "not_applicable": "không áp dụng",
    "blank": "để trống",
}
UNIT_STATUSES = {
    "ok": "Đủ số liệu",
    "incomplete": "Thiếu điểm thẩm định",
    "insufficient": "Chưa đủ lượt đánh giá",
}
LEAF_STATUSES = {
    "ok": "Đủ số liệu",
    "spread": "Chia lại tỷ trọng",
    "insufficient": "Chưa đủ lượt đánh giá",
    "incomplete": "Thiếu điểm thẩm định",
}
LEAF_KINDS = {"appraised": "Thẩm định", "survey": "Điều tra xã hội học"}
LONELY_PSU = {
    "adjust": "lấy độ lệch so với trung bình chung khi một tầng chỉ có một đơn vị mẫu",
    "remove": "bỏ qua phương sai của tầng chỉ có một đơn vị mẫu",
    "certainty": "coi tầng chỉ có một đơn vị mẫu là chọn chắc chắn",
    "fail": "từ chối tính khi một tầng chỉ có một đơn vị mẫu",
    "average": "dùng phương sai trung bình của các tầng khác khi một tầng chỉ có một đơn vị mẫu",
}


FILES = {
    "don-vi.csv": "Mỗi đơn vị một dòng: điểm, khoảng tin cậy, hạng, khoảng thứ hạng, xếp loại, sai số đạt được",
    "tieu-chi.csv": "Mỗi đơn vị × tiêu chí một dòng: điểm, sai số chuẩn, n",
    "phan-bo.csv": "Số lượt của từng câu trả lời, theo đơn vị và nhóm đối tượng; không biết và để trống ghi riêng",
    "nguon-diem.csv": "Phần của từng nhóm đối tượng trong mỗi tiêu chí điều tra: tỷ trọng, trung bình, số lượt",
    "hai-long.csv": "Mức độ hài lòng theo yếu tố, hai thước đo ghi riêng, kèm khoảng tin cậy",
    "lan-cham.csv": "Lượt chấm: ngày, cỡ mẫu, chính sách tính và các mã băm",
    "lien-ke.csv": "Hai đơn vị liền kề: chênh lệch, sai số chuẩn, có chắc chắn khác nhau không",
    "xep-loai.csv": "Xác suất của từng loại, mỗi đơn vị × loại một dòng",
    "do-nhay.csv": "Độ nhạy: hạng của từng đơn vị nếu quy tắc tính khác đi",
    "chat-luong.csv": "Chất lượng phiếu: điểm điều tra và hạng của từng đơn vị khi bỏ các phiếu có dấu hiệu",
    "dau-hieu.csv": "Từng dấu hiệu cần xem lại phiếu: đơn vị × phiếu × dấu hiệu, số lượt phiếu và giá trị",
}
#: what stands in the place of a figure that is not published, and the one note about it
HIDDEN = "…"
HIDDEN_NOTE = "“…”: không công bố, để không ai suy ra được câu trả lời của một người."
FEW_ANSWERED = "ít người trả lời"
ROUNDING = {"half_even": "nửa về chữ số chẵn", "half_up": "nửa làm tròn lên"}
JOB_KINDS = {
    "score": "Chấm điểm",
    "province_pdf": "Lập báo cáo toàn tỉnh (PDF)",
    "unit_pdf": "Lập báo cáo đơn vị (PDF)",
    "all_files": "Lập toàn bộ báo cáo và bảng (ZIP)",
    "campaign_forms": "Lập phiếu giấy và sổ mã (ZIP)",
}
JOB_STATES = {"waiting": "đang chờ đến lượt", "running": "đang làm", "done": "đã xong", "failed": "không làm được"}
#: for templates, on screen and on paper
TABLES = {
    "factors": FACTORS, "measures": MEASURES, "missing_kinds": MISSING, "unit_statuses": UNIT_STATUSES,
    "leaf_statuses": LEAF_STATUSES, "leaf_kinds": LEAF_KINDS, "lonely_psu_words": LONELY_PSU, "files": FILES,
    "rounding_words": ROUNDING, "hidden": HIDDEN, "hidden_note": HIDDEN_NOTE, "few_answered": FEW_ANSWERED,
}


def named(table: dict[str, str], code: str) -> str:
    """The name where there is one; a code that this version does not know is shown as it is."""
    return table.get(code, code)
