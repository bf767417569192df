"""Errors named in the domain, and those of HTTP, mapped to pages in one table."""

from dataclasses import dataclass, replace

from flask import Flask, current_app, g, render_template, request
from flask_babel import lazy_gettext as _
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from documents.faults import Faults
from surveyapp import errors
from surveyapp.web.respond import languages


@dataclass(frozen=True)
class Page:
    """What somebody reads who met the error. `says_why`: the error's own Vietnamese text is written for them."""

    status: int
    heading: object
    text: object
    says_why: bool = False


EXPIRED = Page(400, _("Trang mở đã lâu, chưa thực hiện được"),
               _("Chưa có gì thay đổi. Xin quay lại trang trước, tải lại trang rồi bấm lần nữa."))
UNREADABLE = Page(400, _("Yêu cầu không hợp lệ"),
                  _("Trình duyệt đã gửi một yêu cầu mà hệ thống không đọc được. Xin quay lại và thử lần nữa."))
PAGES: dict[type[Exception], Page] = {
    errors.AlreadyHandedIn: Page(
        410, _("Phiếu này đã được gửi"),
        _("Mỗi phiếu chỉ gửi được một lần, câu trả lời đã gửi được giữ nguyên."), says_why=True),
    errors.NoLongerThere: Page(
        410, _("Phiếu này không còn mở được"),
        _("Phiếu đã được gửi, hoặc đã hết hạn giữ phiếu chưa gửi nên câu trả lời đã được xóa."), says_why=True),
    errors.FormIncomplete: Page(
        422, _("Phiếu còn thiếu câu trả lời"), _("Xin trả lời các câu còn thiếu rồi gửi lại."), says_why=True),
    errors.CampaignNotOpen: Page(
        403, _("Đợt khảo sát không nhận câu trả lời lúc này"),
        _("Đợt khảo sát chưa bắt đầu hoặc đã kết thúc. Cảm ơn Ông/Bà đã quan tâm."), says_why=True),
    errors.LoginThrottled: Page(
        429, _("Tạm dừng đăng nhập"), _("Có quá nhiều lần đăng nhập sai. Xin thử lại sau."), says_why=True),
    errors.LinkUnknown: Page(
        404, _("Đường dẫn không đúng"),
        _("Không có phiếu nào theo đường dẫn này. Xin kiểm tra lại từng ký tự, hoặc hỏi nơi đã đưa đường dẫn."), says_why=True),
    errors.NotFound: Page(404, _("Không tìm thấy"), _("Địa chỉ này không dẫn đến nội dung nào."), says_why=True),
    errors.Refused: Page(409, _("Chưa thực hiện được"), _("Một quy định không cho phép việc này."), says_why=True),
    Faults: Page(422, _("Dữ liệu gửi lên có lỗi"), _("Chưa lưu gì. Xin sửa các lỗi sau rồi gửi lại.")),
    CSRFError: EXPIRED,
    UnicodeDecodeError: UNREADABLE,
}
STATUSES: dict[int, Page] = {page.status: page for page in (
    UNREADABLE,
    Page(401, _("Cần đăng nhập"), _("Xin đăng nhập để xem trang này.")),
    Page(403, _("Không được phép"), _("Tài khoản này không được dùng trang vừa mở. Xin hỏi người quản trị.")),
    Page(404, _("Không tìm thấy trang"), _("Xin kiểm tra lại địa chỉ, hoặc bắt đầu từ trang đầu.")),
    Page(405, _("Không mở được trang theo cách này"), _("Xin bắt đầu từ trang đầu.")),
    Page(410, _("Không còn nữa"), _("Nội dung của địa chỉ này đã được gỡ.")),
    Page(413, _("Nội dung gửi lên quá lớn"), _("Chưa lưu gì. Xin quay lại và viết ngắn lại, hoặc chọn tệp nhỏ hơn.")),
    Page(429, _("Quá nhiều yêu cầu"), _("Xin đợi một lát rồi thử lại.")),
    Page(500, _("Hệ thống gặp lỗi"),
         _("Lỗi đã được ghi lại. Các câu trả lời đã lưu không bị mất. Xin thử lại sau ít phút.")),
    Page(503, _("Hệ thống tạm ngừng"), _("Xin thử lại sau ít phút.")),
)}


def init_app(app: Flask) -> None:
    for kind in PAGES:
        app.register_error_handler(kind, _named)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unforeseen)


def _named(error: Exception):
    page = next(PAGES[kind] for kind in type(error).__mro__ if kind in PAGES)
    return _shown(page, why=str(error) if page.says_why else "", faults=getattr(error, "faults", ()))


def _http(error: HTTPException):
    if error.code is None or error.code < 400:
        return error
    page = STATUSES.get(error.code) or replace(UNREADABLE, status=error.code)
    body, status = _shown(page)
    kept = {name: value for name, value in error.get_headers() if name in ("Allow", "Retry-After")}
    return body, status, kept


def _unforeseen(error: Exception):
    if current_app.testing or current_app.debug:
        raise error
    current_app.logger.exception("%s %s", request.method, request.endpoint)
    return _shown(STATUSES[500])


def _shown(page: Page, why: str = "", faults=()):
    if "language" not in g and request.blueprint in (None, "respond"):
        languages.choose()
    if g.get("language", "vi") != "vi":
        why = ""  # the error speaks Vietnamese; the page's own words are translated
    return render_template("errors/page.html", page=page, why=why, faults=faults), page.status
