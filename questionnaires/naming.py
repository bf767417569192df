"""What a name may be; and names for those who do not want to think of them: made from what is asked, never twice the same."""

import re
import unicodedata
from collections.abc import Iterable

#: what a name may look like; the checks hold every document to it, and a name made here is never refused there
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,59}")
CHOICE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,59}")
NAME_MEND = "Bắt đầu bằng chữ cái không dấu, sau đó chỉ dùng chữ không dấu, số và dấu “_”, tối đa 60 ký tự."
_LONGEST = 30

#: columns of the response files and fields of the web form; a question of that name would be mistaken for them
RESERVED_NAMES = frozenset(
    {
        "action",
        "back",
        "campaign",
        "case",
        "consent",
        "csrf_token",
        "form",
        "form_id",
        "language",
        "mode",
        "next",
        "page",
        "psu",
        "questionnaire",
        "receipt",
        "respondent",
        "respondent_group",
        "response",
        "started_at",
        "stratum",
        "submitted_at",
        "then",
        "token",
        "unit",
        "unit_code",
        "units",
        "version",
        "weight",
    }
)


def fold(words: str) -> str:
    """Small letters without marks, for searching and for names: “Ông/Bà đã đến” -> “ong/ba da den”."""
    plain = unicodedata.normalize("NFD", words.lower().replace("đ", "d"))
    return "".join(each for each in plain if not unicodedata.combining(each))


def name_from(words: str, taken: Iterable[str], otherwise: str) -> str:
    """A free name made of the first words; `otherwise` where they have no letter that a name may have."""
    made = ""
    for piece in re.findall(r"[a-z0-9]+", fold(words)):
        if made and len(made) + len(piece) + 1 > _LONGEST:
            break
        made += ("_" if made else "") + piece
    made = made[:_LONGEST]
    if not made[:1].isalpha():
        made = f"{otherwise}_{made}" if made else otherwise
    return free(made, taken)


def free(name: str, taken: Iterable[str]) -> str:
    """The name itself, or with the first number behind it that nobody has; `Staff` takes `staff` too."""
    used = {each.lower() for each in taken} | RESERVED_NAMES
    number, found = 1, name
    while found.lower() in used:
        number += 1
        found = f"{name[: 59 - len(str(number))]}_{number}"
    return found


def next_version(version: str, taken: Iterable[str]) -> str:
    """2024.1 -> 2024.2, passing over what there is already."""
    used = set(taken)
    found = re.fullmatch(r"(.*?)([0-9]+)", version)
    before, number = (found[1], int(found[2])) if found and len(found[2]) < 9 else (f"{version[:20]}.", 0)
    while f"{before}{number}" in used or f"{before}{number}" == version or number == 0:
        number += 1
    return f"{before}{number}"
