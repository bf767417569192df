"""The sign of speed: which respondents answered a questionnaire's battery in a small share of the usual time.

Times are those of pages (services/paradata.py), of the pages with questions of the battery, and only of forms that say that
they keep them. A page counts where its time was measured and at least one of its questions was answered. It counts at most as a
declared number of its medians: a page that was left open over lunch or gone back to again and again makes nobody's pace
unusual, and hides the speed of other pages no more than as many usual visits do. What lay between closing and resuming a
form is in no time. A form without times (paper, an import, times that could not be measured) is not known to be fast or slow.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.index.sums import Part, RatingSums
from analysis.response_quality import speed
from questionnaires.model import Questionnaire
from surveyapp.queries.frozen import LONGEST, FrozenPart
from surveyapp.services.quality_rules import QualityRules


@dataclass(frozen=True, eq=False)
class Speed:
    """Of each respondent, numbered through all parts: whether the form's speed is known, and whether it was too fast."""

    known: np.ndarray
    fast: np.ndarray


def of_form(form_id: str, form: Questionnaire, sums: RatingSums, files: Sequence[FrozenPart], timed: Sequence[str],
            battery: Sequence[str], rules: QualityRules) -> Speed | None:
    """`files` stand in the order of the sums' parts. None where nothing is measured, or too few forms are."""
    asked = {page.name: [name for question in page.questions if (name := question.name) in battery] for page in form.pages}
    pages = {page: asked[page] for page in timed if asked[page]}
    if not pages or not rules.speed_share or all(file.form_id != form_id for file in files):
        return None
    seconds, answers, mine = _measured(form_id, form, sums, files, pages)
    counted = (seconds >= 0) & (answers > 0)
    for column in range(len(pages)):
        _cap(seconds[:, column], counted[:, column], rules.speed_page)
    frame = pd.DataFrame({"answers": np.where(counted, answers, 0).sum(axis=1),
                          "seconds": np.where(counted, seconds, 0).sum(axis=1)})
    flag = speed(frame, "seconds", "answers", share_of_median=rules.speed_share, minimum_questions=rules.minimum_answers,
                 minimum_group=rules.speed_forms)
    found = Speed(np.zeros(len(mine), dtype=bool), np.zeros(len(mine), dtype=bool))
    found.known[mine], found.fast[mine] = ~np.isnan(flag.value), flag.flagged
    return found if found.known.any() else None


def _cap(seconds: np.ndarray, counted: np.ndarray, times: float) -> None:
    """In whole seconds, in place."""
    if counted.any():
        np.minimum(seconds, min(int(times * np.median(seconds[counted])), LONGEST), out=seconds)


def _measured(form_id: str, form: Questionnaire, sums: RatingSums, files: Sequence[FrozenPart],
              pages: dict[str, list[str]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Seconds (-1: not measured) and answers, (people, pages) of those who filled in this form, and who of all they are."""
    seconds, answers, mine = [], [], []
    for file, part in zip(files, sums.parts(), strict=True):
        own = file.form_id == form_id
        mine.append(np.full(len(part.weight), own))
        if own:
            seconds.append(file.seconds(list(pages)))
            answers.append(np.column_stack(list(_answers(part, form_id, form, sums, pages))))
    return np.concatenate(seconds), np.concatenate(answers), np.concatenate(mine)


def _answers(part: Part, form_id: str, form: Questionnaire, sums: RatingSums,
             pages: dict[str, list[str]]) -> Iterator[np.ndarray]:
    """How many answers each person gave on each page, about all units together; kinds of missing are none."""
    for names in pages.values():
        given = np.zeros(len(part.unit), dtype=np.int16)
        for name in names:
            column, levels = f"{form_id}.{name}", form.question(name).choices.substantive
            is_one = np.array([*(answer in levels for answer in sums.answers[column]), False])
            given += is_one[part.codes[column]]
        yield np.bincount(part.person, weights=given, minlength=len(part.weight)).astype(np.int16)
