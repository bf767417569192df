"""XLSForm's question types and ours, and what is not taken: why, and what to do about it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

#: ours that XLSForm knows under the same name; any other goes out as a note with its true type in `par_type`
SHARED = frozenset(
    {
        "text",
        "integer",
        "decimal",
        "date",
        "time",
        "note",
        "acknowledge",
        "calculate",
        "range",
        "geopoint",
        "image",
        "file",
        "select_one",
        "select_multiple",
        "rank",
    }
)
#: ours that nobody sees
UNSEEN = frozenset({"calculate"})
#: ours that take several choices
SEVERAL = frozenset({"select_multiple"})
#: ours that XLSForm lets go without a name
NAMELESS = frozenset({"note"})
#: ours behind which a list's name stands
WITH_LIST = frozenset({"select_one", "select_multiple", "rank", "rating_matrix"})

#: what `parameters` may say here; ODK has more, which is kept
PARAMETERS: Mapping[str, frozenset[str]] = {
    "range": frozenset({"start", "end", "step"}),
    **dict.fromkeys(WITH_LIST, frozenset({"randomize"})),
}
#: appearances that change something here; ODK has more, which is kept
APPEARANCES = frozenset({"minimal", "likert"})

_SPELLINGS: Mapping[str, str] = {
    "text": "text",
    "string": "text",
    "q string": "text",
    "add text prompt": "text",
    "integer": "integer",
    "int": "integer",
    "q int": "integer",
    "add integer prompt": "integer",
    "decimal": "decimal",
    "q decimal": "decimal",
    "add decimal prompt": "decimal",
    "date": "date",
    "q date": "date",
    "add date prompt": "date",
    "time": "time",
    "note": "note",
    "q note": "note",
    "add note prompt": "note",
    "acknowledge": "acknowledge",
    "trigger": "acknowledge",
    "q acknowledge": "acknowledge",
    "add acknowledge prompt": "acknowledge",
    "calculate": "calculate",
    "q calculate": "calculate",
    "add calculate prompt": "calculate",
    "range": "range",
    "geopoint": "geopoint",
    "location": "geopoint",
    "gps": "geopoint",
    "q geopoint": "geopoint",
    "q location": "geopoint",
    "add location prompt": "geopoint",
    "image": "image",
    "photo": "image",
    "q image": "image",
    "q picture": "image",
    "add image prompt": "image",
    "add photo prompt": "image",
    "file": "file",
    "add file prompt": "file",
}
_SELECTS: Mapping[str, str] = {
    "select_one": "select_one",
    "select1": "select_one",
    "select one": "select_one",
    "select one from": "select_one",
    "select one using": "select_one",
    "add select one prompt using": "select_one",
    "select_multiple": "select_multiple",
    "select multiple": "select_multiple",
    "select multiple from": "select_multiple",
    "select multiple using": "select_multiple",
    "select all that apply": "select_multiple",
    "select all that apply from": "select_multiple",
    "add select multiple prompt using": "select_multiple",
    "rank": "rank",
    "rating_matrix": "rating_matrix",
}
_COMMAND = "|".join(sorted(map(re.escape, _SELECTS), key=len, reverse=True))
_SELECT = re.compile(rf"({_COMMAND})(?: (\S+))?( or specify other| or_other| or other)?", re.IGNORECASE)
_BEGIN = re.compile(r"(begin|end)[ _](group|repeat|lgroup|looped group|loop)\b(.*)", re.IGNORECASE)

_TRACES = "Kiểu “{type}” tự ghi {what}, có thể truy ra người trả lời; phần mềm không thu thập."
_NO_NEED = "Không cần làm gì; nếu biểu thức nào dùng nó thì sửa biểu thức đó."
#: XLSForm's metadata -> what they write down about a person
METADATA: Mapping[str, str] = {
    **dict.fromkeys(
        ("start", "start time", "get start time", "end", "end time", "get end time", "today", "get today"),
        "thời điểm điền phiếu",
    ),
    **dict.fromkeys(
        (
            "deviceid",
            "device id",
            "get device id",
            "imei",
            "uri:deviceid",
            "simserial",
            "sim id",
            "get sim id",
            "uri:simserial",
            "subscriberid",
            "subscriber id",
            "get subscriber id",
            "uri:subscriberid",
        ),
        "mã thiết bị",
    ),
    **dict.fromkeys(("phonenumber", "phone number", "get phone number", "uri:phonenumber"), "số điện thoại"),
    **dict.fromkeys(("username", "uri:username", "email", "uri:email"), "tên hoặc thư điện tử của người dùng"),
    **dict.fromkeys(("audit", "start-geopoint", "background-geopoint", "background-audio"), "vị trí, thao tác hoặc âm thanh"),
}
#: what XLSForm has beyond that, and the mend
UNSUPPORTED: Mapping[str, str] = {
    "datetime": "Tách thành hai câu: date và time.",
    "date time": "Tách thành hai câu: date và time.",
    "audio": "Dùng text, hoặc file.",
    "video": "Dùng text, hoặc file.",
    "barcode": "Dùng text.",
    "geotrace": "Dùng geopoint.",
    "geoshape": "Dùng geopoint.",
    "osm": "Dùng geopoint.",
    "hidden": "Dùng calculate.",
    "csv-external": "Đưa dữ liệu vào trang tính choices.",
    "xml-external": "Đưa dữ liệu vào trang tính choices.",
    "select_one_external": "Dùng select_one với choice_filter.",
    "select_one_from_file": "Đưa các phương án vào trang tính choices và dùng select_one.",
    "select_multiple_from_file": "Đưa các phương án vào trang tính choices và dùng select_multiple.",
}


@dataclass(frozen=True)
class Begin:
    """A row that opens or closes a group."""

    opens: bool
    kind: str
    rest: str = ""


@dataclass(frozen=True)
class Asked:
    """A row that asks: our type, the list behind it, whether a choice "other" is to be added."""

    type: str
    list_name: str = ""
    or_other: bool = False


@dataclass(frozen=True)
class NotTaken:
    reason: str
    mend: str


def understood(spelled: str) -> Begin | Asked | NotTaken | None:
    """What the type column says; None for a type that XLSForm does not have either."""
    words = " ".join(spelled.split())
    lower = words.lower()
    if found := _BEGIN.fullmatch(words):
        kind = found[2].lower()
        kind = kind if kind in ("group", "loop") else "repeat"
        return Begin(found[1].lower() == "begin", kind, found[3].strip())
    if lower in METADATA:
        return NotTaken(_TRACES.format(type=words, what=METADATA[lower]), _NO_NEED)
    first = lower.split(" ")[0]
    first = "_".join(lower.split(" ")[:4]) if lower.startswith(("select one from file", "select multiple from file")) else first
    if lower in UNSUPPORTED or first in UNSUPPORTED:
        return NotTaken(f"Kiểu “{words}” của XLSForm không dùng được ở đây.", UNSUPPORTED.get(lower) or UNSUPPORTED[first])
    if lower in _SPELLINGS:
        return Asked(_SPELLINGS[lower])
    if found := _SELECT.fullmatch(words):
        if (found[2] or "").startswith("${"):
            return NotTaken(
                "Phương án lấy từ câu trả lời của nhóm lặp không dùng được ở đây.", "Viết các phương án vào trang tính choices."
            )
        return Asked(_SELECTS[found[1].lower()], found[2] or "", bool(found[3]))
    return None


def spellings() -> tuple[str, ...]:
    return ("begin group", "end group", "begin repeat", "end repeat", *sorted(WITH_LIST), *sorted(set(_SPELLINGS.values())))
