"""Languages of columns: `label::Tiếng Việt (vi)`, `label::vi`, `label::Vietnamese` all mean vi."""

import re

#: code -> the name that we write
NAMES = {
    "vi": "Tiếng Việt",
    "km": "Khmer",
    "en": "English",
    "fr": "Français",
    "zh": "中文",
    "lo": "Lao",
    "th": "ไทย",
    "es": "Español",
    "pt": "Português",
    "ar": "العربية",
    "ru": "Русский",
    "ko": "한국어",
    "ja": "日本語",
}
#: what else people write, in small letters
_CODES = {name.lower(): code for code, name in NAMES.items()} | {
    "vietnamese": "vi",
    "tieng viet": "vi",
    "tiếng khmer": "km",
    "cambodian": "km",
    "ខ្មែរ": "km",
    "ភាសាខ្មែរ": "km",
    "tiếng anh": "en",
    "french": "fr",
    "chinese": "zh",
    "thai": "th",
    "spanish": "es",
    "portuguese": "pt",
    "arabic": "ar",
    "russian": "ru",
    "korean": "ko",
    "japanese": "ja",
}
_IN_BRACKETS = re.compile(r"\(\s*([A-Za-z]{2,3})(-[A-Za-z0-9]{2,8})?\s*\)$")
_BARE = re.compile(r"([A-Za-z]{2,3})(-[A-Za-z0-9]{2,8})?")


def code_of(spelled: str) -> str:
    """The language's code; what names no language we know stays as it was written, for the checks to tell."""
    found = _IN_BRACKETS.search(spelled) or _BARE.fullmatch(spelled)
    if found and spelled.lower() not in _CODES:
        return found[1].lower() + (found[2] or "")
    return _CODES.get(spelled.lower(), spelled)


def spelled(code: str) -> str:
    return f"{NAMES[code]} ({code})" if code in NAMES else code
