"""One change between two versions, and the one table that says what each kind of change means for a series of answers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

#: may the answers of both versions stand in one series?
Comparable = Literal["yes", "with_care", "broken"]
Subject = Literal["form", "page", "group", "list", "question"]

#: kind of change -> what it does to the answers of the questions it touches. A question is as comparable as its worst change.
RULE: Mapping[str, Comparable] = MappingProxyType(
    {
        # words
        "wording": "with_care",
        "spelling": "yes",
        "translation": "yes",
        "hint": "yes",
        "message": "yes",
        # the scale
        "choice_added": "broken",
        "choice_removed": "broken",
        "choice_moved": "broken",
        "choice_relabelled": "broken",
        "choice_missing": "broken",
        "choice_exclusive": "broken",
        "missing_moved": "with_care",
        "choice_spelling": "yes",
        "choice_translation": "yes",
        "choice_attributes": "yes",
        "list": "yes",
        # what is measured
        "type": "broken",
        "parameters": "broken",
        "choice_order": "with_care",
        "missing_kinds": "broken",
        "calculation": "broken",
        "calculated_from_broken": "broken",
        "constraint": "broken",
        "default": "with_care",
        "appearance": "with_care",
        "factor": "with_care",
        # who is asked, and when
        "asked_if": "broken",
        "choice_filter": "broken",
        "repeat": "broken",
        "depends_on_broken": "with_care",
        "required": "with_care",
        "position": "with_care",
        "page": "with_care",
        "group": "with_care",
        "condition_form": "yes",
        "condition_around": "yes",
        # the whole form
        "rates": "broken",
        "respondent_groups": "with_care",
        "default_language": "with_care",
        "languages": "yes",
        "setting": "yes",
        "consent": "yes",
        "extra": "yes",
        # what came, went or has another name
        "added": "yes",
        "removed": "yes",
        "moved": "yes",
        "renamed": "yes",
        "guessed_rename": "with_care",
    }
)
_SEVERITY: Mapping[Comparable, int] = MappingProxyType({"yes": 0, "with_care": 1, "broken": 2})


@dataclass(frozen=True)
class Change:
    """What changed, where: `name` is the subject's new name (the old one where it is gone), `key` the key of the document."""

    what: str
    subject: Subject
    name: str
    key: str = ""
    language: str = ""
    choice: str = ""
    before: str = ""
    after: str = ""
    #: the other question that this one leans on
    other: str = ""

    @property
    def comparable(self) -> Comparable:
        return RULE[self.what]


def worst(changes: Iterable[Change]) -> Comparable:
    return max((change.comparable for change in changes), key=_SEVERITY.__getitem__, default="yes")
