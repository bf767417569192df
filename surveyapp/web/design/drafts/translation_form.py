"""All texts of a questionnaire side by side in two languages, a few dozen at a time."""

from typing import Any

from flask import request

from questionnaires.model import Questionnaire
from questionnaires.rewriting import Key, Placed, texts, with_texts
from questionnaires.unfinished import PARTS
from surveyapp.web.design.drafts.form_page import FormPage
from surveyapp.web.design.drafts.saving import Fields

AT_A_TIME = 40
_KINDS = {"title": "Tên phiếu", "description": "Mô tả phiếu", "consent": "Lời đồng ý", "choices": "Phương án", "pages": "Trang",
          "questions": "Câu", "groups": "Nhóm"}


def coverage(form: Questionnaire) -> dict[str, tuple[int, int]]:
    """Language -> (texts there are in it, texts there are at all)."""
    written = [each.text for each in texts(form) if each.text]
    return {code: (sum(bool(text.by_language.get(code)) for text in written), len(written)) for code in form.languages}


def _field(key: Key) -> str:
    return "t:" + "/".join(key)


def _words(form: Questionnaire, field: str) -> str:
    return _key_words(tuple(field.removeprefix("t:").split("/")))


def _key_words(key: Key) -> str:
    """“Tiêu đề trang visit”, “Phương án yes (yes_no)”, “Câu visits: giải thích”."""
    kind, part = _KINDS.get(key[0], key[0]), PARTS.get(key[-1], key[-1])
    if len(key) == 1:
        return kind
    if key[0] == "choices":
        return f"{kind} {key[2]} ({key[1]})"
    name = " ".join((kind, *key[1:-1]))
    return {"pages": f"Tiêu đề trang {key[1]}"}.get(key[0], name) if key[-1] == "label" else f"{name}: {part}"


def _languages(form: Questionnaire) -> tuple[str, str]:
    """The language to translate from, and the one to write."""
    others = [code for code in form.languages if code != form.default_language]
    wanted = request.values.get("ngon-ngu", "")
    return form.default_language, wanted if wanted in others else (others[0] if others else "")


def _fields(form: Questionnaire, _name: str) -> Fields:
    language = _languages(form)[1]
    return {_field(each.key): [each.text.by_language.get(language, "")] for each in texts(form) if each.text}


def _change(form: Questionnaire, name: str, fields: Fields) -> tuple[Questionnaire, str]:
    language = _languages(form)[1]
    if not language:
        return form, name
    words = {tuple(field.removeprefix("t:").split("/")): each[0] for field, each in fields.items() if field.startswith("t:")}
    return with_texts(form, language, words), name


def _more(form: Questionnaire, _name: str) -> dict[str, Any]:
    source, language = _languages(form)
    missing_only = request.values.get("thieu") == "1"
    rows: list[Placed] = [each for each in texts(form) if each.text
                          and not (missing_only and each.text.by_language.get(language))]
    given = request.values.get("phan", "1")
    last = max(1, -(-len(rows) // AT_A_TIME))
    part = min(int(given), last) if given.isascii() and given.isdigit() and len(given) < 5 and int(given) else 1
    return {"source": source, "target": language, "missing_only": missing_only, "part": part, "last": last,
            "coverage": coverage(form), "key_words": _key_words, "field_of": _field,
            "rows": rows[(part - 1) * AT_A_TIME : part * AT_A_TIME] if language else []}


TRANSLATIONS = FormPage("translations.html", "Sửa bản dịch", _fields, _change, _words, _more, whole=False)
