"""Writes down who of the staff did what. Never a respondent's doing: what is not written cannot be traced."""

from datetime import UTC, datetime

from surveyapp.extensions import db
from surveyapp.models import AuditEntry

#: action -> how the log reads it out
ACTIONS = {
    "login": "Đăng nhập",
    "logout": "Đăng xuất",
    "create_account": "Tạo tài khoản",
    "change_role": "Đổi vai trò",
    "deactivate_account": "Khóa tài khoản",
    "activate_account": "Mở lại tài khoản",
    "reset_password": "Đặt lại mật khẩu",
    "change_password": "Đổi mật khẩu của mình",
    "import_units": "Nhập đơn vị",
    "import_unit_groups": "Nhập nhóm đơn vị",
    "import_history": "Nhập số liệu các năm trước",
    "import_questionnaire": "Nhập phiếu khảo sát",
    "begin_draft": "Bắt đầu bản nháp phiếu",
    "edit_draft": "Sửa bản nháp phiếu",
    "undo_draft": "Hoàn tác trong bản nháp phiếu",
    "redo_draft": "Làm lại trong bản nháp phiếu",
    "submit_draft": "Gửi duyệt bản nháp phiếu",
    "send_back_draft": "Trả lại bản nháp phiếu",
    "approve_draft": "Duyệt và phát hành phiếu",
    "discard_draft": "Bỏ bản nháp phiếu",
    "import_framework": "Nhập bộ chỉ số",
    "import_campaign": "Tạo đợt điều tra",
    "open_campaign": "Mở đợt điều tra",
    "close_campaign": "Đóng đợt điều tra",
    "import_responses": "Nhập phiếu trả lời",
    "import_appraised": "Nhập điểm thẩm định",
    "import_strata": "Nhập khung mẫu",
    "make_invitations": "Tạo đường dẫn mời",
    "erase_unfinished": "Xóa câu trả lời của phiếu chưa gửi",
    "score": "Chấm điểm",
    "export": "Xuất kết quả",
    "internal_csv": "Tải bảng nội bộ",
    "attachment": "Tải tệp người trả lời gửi",
    "province_pdf": "Lập báo cáo toàn tỉnh",
    "unit_pdf": "Lập báo cáo đơn vị",
    "all_files": "Lập gói kết quả",
    "campaign_forms": "Lập phiếu giấy và sổ mã",
    "questionnaire_files": "Xuất tệp của phiếu",
}


def record(account_id: int | None, action: str, subject: str = "") -> None:
    """One finished act, kept for good (a trigger refuses to change or delete it). `subject`: a code or name, no answers."""
    session = db.writing()
    note(account_id, action, subject)
    session.commit()


def note(account_id: int | None, action: str, subject: str = "") -> None:
    """The same as a part of what its caller commits: done and written down, or neither."""
    db.session.add(AuditEntry(at=datetime.now(UTC).replace(tzinfo=None), account_id=account_id, action=action,
                              subject=subject[:500]))
