"""What belongs to the questionnaire as a whole: settings, the words of consent; and the texts of one page."""

from typing import Any, get_args

from questionnaires import editing, group_editing
from questionnaires.model import CONSENT_PARTS, Collects, Consent, Group, Questionnaire, Rates, Text
from surveyapp.web.design.drafts.form_page import FormPage, one, put, said, taken
from surveyapp.web.design.drafts.group_form import repeated
from surveyapp.web.design.drafts.saving import Fields
from surveyapp.wording import LANGUAGES, RESPONDENT_GROUPS

WORDS = {"title": "Tên phiếu", "description": "Mô tả", "form_id": "Mã phiếu", "version": "Phiên bản",
         "groups": "Nhóm đối tượng",
         "other_groups": "Nhóm khác", "rates": "Đánh giá", "minutes": "Số phút", "languages": "Ngôn ngữ",
         "default_language": "Ngôn ngữ mặc định", "machine_drafted": "Ngôn ngữ do máy dịch nháp", "collects": "Thu thập thêm",
         "label": "Tiêu đề trang", "hint": "Lời dẫn", "name": "Tên trang"}
COLLECTS = {"location": "vị trí (nơi trả lời)", "files": "tệp (ảnh, tài liệu)", "paradata": "thời gian trả lời từng trang"}
CONSENT = {"purpose": ("Mục đích", "Hỏi để làm gì, kết quả dùng vào việc gì."),
           "data": ("Dữ liệu lưu giữ", "Lưu những gì, trong bao lâu; không lưu những gì."),
           "controller": ("Đơn vị chịu trách nhiệm", "Cơ quan nào tổ chức và chịu trách nhiệm về dữ liệu."),
           "rights": ("Quyền của người trả lời", "Tự nguyện, xem, sửa, xóa, rút lại bằng mã biên nhận."),
           "contact": ("Liên hệ", "Gọi hoặc viết cho ai: số điện thoại, thư điện tử.")}


def _settings(form: Questionnaire, _name: str) -> Fields:
    others = [group for group in form.respondent_groups if group not in RESPONDENT_GROUPS]
    fields: Fields = {
        "form_id": [form.form_id], "version": [form.version], "rates": [form.rates], "other_groups": [", ".join(others)],
        "groups": [group for group in form.respondent_groups if group in RESPONDENT_GROUPS],
        "minutes": ["" if form.minutes is None else str(form.minutes)], "languages": list(form.languages),
        "default_language": [form.default_language], "machine_drafted": list(form.machine_drafted),
        "collects": list(form.collects)}
    put(fields, "title", form.title, form)
    put(fields, "description", form.description, form)
    return fields


def _set(form: Questionnaire, name: str, fields: Fields) -> tuple[Questionnaire, str]:
    minutes = one(fields, "minutes")
    if minutes and not (minutes.isascii() and minutes.isdigit() and len(minutes) < 6):
        editing.refuse("Số phút", f"“{minutes[:40]}” không phải là số phút.", "Ghi số nguyên từ 1 đến 120, hoặc để trống.")
    others = [each.strip() for each in one(fields, "other_groups").split(",") if each.strip()]
    ticked = [group for group in (*RESPONDENT_GROUPS, *form.respondent_groups) if group in fields.get("groups", ())]
    languages = [each for each in dict.fromkeys((*form.languages, *LANGUAGES)) if each in fields.get("languages", ())]
    if not languages:
        editing.refuse("Ngôn ngữ", "Chưa chọn ngôn ngữ nào.", "Chọn ít nhất một ngôn ngữ.")
    default = one(fields, "default_language", form.default_language)
    form = editing.change_settings(
        form, title=taken(fields, "title", form.title, form), description=taken(fields, "description", form.description, form),
        form_id=one(fields, "form_id", form.form_id), version=one(fields, "version", form.version)[:80],
        rates=_among(one(fields, "rates", form.rates), get_args(Rates)), minutes=int(minutes) if minutes else None,
        respondent_groups=tuple(dict.fromkeys([*ticked, *others])), languages=tuple(languages), default_language=default,
        machine_drafted=tuple(each for each in languages if each in fields.get("machine_drafted", ())),
        collects=tuple(each for each in get_args(Collects) if each in fields.get("collects", ())))
    return form, name


def _among(given: str, allowed: tuple[str, ...]) -> Any:
    if given not in allowed:
        editing.refuse("Đánh giá", "Giá trị này không dùng được.", "Chọn một trong các mục đã cho.")
    return given


def _consent(form: Questionnaire, _name: str) -> Fields:
    fields: Fields = {}
    for part in CONSENT_PARTS:
        put(fields, part, getattr(form.consent, part), form)
    return fields


def _agree(form: Questionnaire, name: str, fields: Fields) -> tuple[Questionnaire, str]:
    parts = {part: taken(fields, part, getattr(form.consent, part), form) for part in CONSENT_PARTS}
    return editing.change_settings(form, consent=Consent(**parts)), name


def _page(form: Questionnaire, name: str) -> Fields:
    page = editing.page_of(form, name)
    fields: Fields = {"name": [page.name]}
    put(fields, "label", page.label, form)
    put(fields, "hint", page.hint, form)
    return fields


def _change_page(form: Questionnaire, name: str, fields: Fields) -> tuple[Questionnaire, str]:
    page = editing.page_of(form, name)
    form = editing.change_page(form, name, label=taken(fields, "label", page.label, form),
                               hint=taken(fields, "hint", page.hint, form))
    if one(fields, "button") == "nhom":
        label = taken(fields, "new", Text(), form)
        form, made = group_editing.add_group(form, one(fields, "new-first"), one(fields, "new-last"),
                                             label.in_language(form.default_language), name)
        form = group_editing.change_group(form, made, label=label)
    new = one(fields, "name", name)
    return editing.rename_page(form, name, new), new


def _groups(form: Questionnaire, name: str) -> list[Group]:
    """Those of a page's questions, each once."""
    page = editing.page_of(form, name)
    return list({group.name: group for question in page.questions for group in question.within}.values())


SETTINGS = FormPage(
    "settings.html", "Sửa cài đặt", _settings, _set, lambda form, field: said(field, WORDS),
    lambda form, name: {"all_groups": RESPONDENT_GROUPS, "collectable": COLLECTS, "named_languages": [
        (code, LANGUAGES.get(code, code)) for code in dict.fromkeys((*LANGUAGES, *form.languages))]})
CONSENT_PAGE = FormPage(
    "consent.html", "Sửa lời đồng ý", _consent, _agree,
    lambda form, field: said(field, {part: words for part, (words, _hint) in CONSENT.items()}),
    lambda form, name: {"parts": CONSENT})
PAGE = FormPage("page.html", "Sửa trang", _page, _change_page, lambda form, field: said(field, WORDS),
                lambda form, name: {"page": editing.page_of(form, name), "groups": _groups(form, name),
                                    "repeated": lambda group: repeated(form, group)})
