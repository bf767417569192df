"""Names of columns: the spellings that XLSForm takes, and ours with the prefix `par_` for what it cannot say."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from questionnaires.model import CONSENT_PARTS
from questionnaires.xlsform.languages import code_of

#: columns of a sheet that we understand -> whether there may be one per language
SURVEY: Mapping[str, bool] = {
    "type": False,
    "name": False,
    "label": True,
    "hint": True,
    "required": False,
    "required_message": True,
    "relevant": False,
    "constraint": False,
    "constraint_message": True,
    "appearance": False,
    "default": False,
    "calculation": False,
    "choice_filter": False,
    "parameters": False,
    "repeat_count": False,
    "disabled": False,
    "par_type": False,
    "par_name": False,
    "par_required": False,
    "par_appearance": False,
    "par_default": False,
    "par_factor": False,
    "par_missing": False,
    "par_most": False,
    "par_parameters": False,
    "par_extra": False,
}
CHOICES: Mapping[str, bool] = {
    "list_name": False,
    "name": False,
    "label": True,
    "par_missing": False,
    "par_exclusive": False,
    "par_attributes": False,
}
SETTINGS: Mapping[str, bool] = {
    "form_title": False,
    "form_id": False,
    "version": False,
    "default_language": False,
    "par_title": True,
    "par_description": True,
    "par_respondent_groups": False,
    "par_rates": False,
    "par_minutes": False,
    "par_collects": False,
    "par_machine_drafted": False,
    "par_breaks_series": False,
    "par_renames": False,
    **{f"par_consent_{part}": True for part in CONSENT_PARTS},
    "par_extra": False,
}
KNOWN: Mapping[str, Mapping[str, bool]] = {"survey": SURVEY, "choices": CHOICES, "settings": SETTINGS}

_ALIASES: Mapping[str, Mapping[str, str]] = {
    "survey": {
        "caption": "label",
        "relevance": "relevant",
        "constraining_message": "constraint_message",
        "jr:constraintmsg": "constraint_message",
        "requiredmsg": "required_message",
        "jr:requiredmsg": "required_message",
        "calculate": "calculation",
        "command": "type",
        "tag": "name",
        "value": "name",
        "count": "repeat_count",
        "jr:count": "repeat_count",
    },
    "choices": {"caption": "label", "value": "name", "listname": "list_name"},
    "settings": {"set_form_title": "form_title", "title": "form_title", "set_form_id": "form_id", "id_string": "form_id"},
}
#: columns that mean nothing without a sheet that is left out
WITHOUT_THEIR_SHEET = frozenset({"save_to"})
#: columns of choices that an ODK client shows as pictures or plays
MEDIA = re.compile(r"(media::?)?(image|audio|video|big-image)(::?.+)?", re.IGNORECASE)
#: where XForms keeps a property; `bind::relevant` is `relevant`
_HOLDERS = ("bind", "control", "body")


@dataclass(frozen=True)
class Column:
    """A column that we understand: which, and for texts the language (none: the form's default language)."""

    field: str
    language: str | None = None


def understood(sheet: str, header: str) -> Column | None:
    """None for a column that has no meaning here."""
    known, aliases = KNOWN[sheet], _ALIASES[sheet]
    parts = _parts(header)
    if parts[0].lower() in _HOLDERS and len(parts) > 1:
        parts = parts[1:]
    field = _snake(parts[0])
    field = aliases.get(field, field)
    if field not in known or len(parts) > (2 if known[field] else 1) or not all(parts):
        return None
    return Column(field, code_of(parts[1]) if len(parts) > 1 else None)


def _parts(header: str) -> list[str]:
    if "::" in header:
        return [part.strip() for part in header.split("::")]
    parts = [part.strip() for part in header.split(":")]
    for at, part in enumerate(parts[:-1]):
        if part == "jr":
            return [*parts[:at], f"jr:{parts[at + 1]}", *parts[at + 2 :]]
    return parts


def _snake(word: str) -> str:
    return "_".join(word.split()).lower()
