"""How the questions of a page stand on it: groups as sections with a heading, a group of like questions as one grid, and what
the page is called."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from questionnaires.answers import type_of
from questionnaires.model import ChoiceList, Group, Page, Question, Text

#: XLSForm's appearance of a group whose questions share their choices
GRID = "table-list"


@dataclass(frozen=True)
class Section:
    """A group of questions, with what stands in it, in order."""

    group: Group
    content: "tuple[Question | Section, ...]"

    @property
    def grid(self) -> ChoiceList | None:
        """The choices of its columns, where it is to be a grid and its questions can be the rows of one."""
        rows = [each for each in self.content if isinstance(each, Question)]
        if GRID not in self.group.appearance.split() or not 1 < len(rows) == len(self.content):
            return None
        alike = all(type_of(row).row_of_grid and row.choices == rows[0].choices for row in rows)
        return rows[0].choices if alike else None


def laid_out(questions: Sequence[Question]) -> tuple[Question | Section, ...]:
    """Questions that apply on one page, those that nobody sees left out, each within its groups."""
    return _nested([question for question in questions if type_of(question).shown], 0)


def _nested(questions: Sequence[Question], depth: int) -> tuple[Question | Section, ...]:
    found: list[Question | Section] = []
    for group, members in groupby(questions, lambda each: each.within[depth] if len(each.within) > depth else None):
        if group is None:
            found += members
        else:
            found.append(Section(group, _nested(list(members), depth + 1)))
    return tuple(found)


def takes_its_questions_title(page: Page) -> bool:
    """A page that asks one thing needs no title of its own, and one that only tells none at all."""
    return sum(type_of(question).asks for question in page.questions) <= 1


def title_question(page: Page) -> Question | None:
    """The question whose label is the page's title, because the page has none and asks nothing else."""
    asking = [question for question in page.questions if type_of(question).asks]
    return asking[0] if not page.label and len(asking) == 1 else None


def title_of(page: Page) -> Text:
    """What the page is called in lists; empty for one without a title that only tells."""
    question = title_question(page)
    return question.label if question else page.label
