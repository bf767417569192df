"""The questions of a page on which nothing is answered yet: everybody gets the same, so a process lays them out once.

Most pages that go out are such pages, and laying out their questions cost as much as all else about them. What hangs on one
respondent is never kept: answers, faults, texts with earlier answers in them, choices in an order of their own, rated units.
"""

from collections.abc import Mapping
from typing import Any

from flask import render_template
from markupsafe import Markup

from questionnaires.answers import type_of
from questionnaires.routing import PagePlan
from surveyapp.queries.responses import Draft

#: (hash of the questionnaire, page, those of its questions that are asked, language) -> their HTML
_LAID_OUT: dict[tuple, Markup] = {}
MOST_KEPT = 512


def laid_out(draft: Draft, now: PagePlan, language: str, words: Mapping[str, Any]) -> Markup | None:
    """`words`: what the templates need beside answers. None where the page may look otherwise to somebody else."""
    if not now.page.same_for_all or any(
            not question.same_for_all or type_of(question).rates_many_units for question in now.questions):
        return None
    key = (draft.content, now.page.name, tuple(question.name for question in now.questions), language)
    if key not in _LAID_OUT:
        if len(_LAID_OUT) >= MOST_KEPT:
            _LAID_OUT.clear()
        _LAID_OUT[key] = Markup(render_template("components/questions.html", typed={}, wrong_by_field={}, files={},
                                                lang=language, **words))
    return _LAID_OUT[key]
