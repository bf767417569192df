"""What every page of a draft needs: the draft, who sees it in which revision, and how a change is saved."""

from dataclasses import dataclass

from flask import render_template, request
from flask_login import current_user

from questionnaires.condition_rows import COMPARISONS, from_expression
from questionnaires.model import Questionnaire
from questionnaires.shape import tidy
from surveyapp.models import QuestionnaireDraft
from surveyapp.queries import drafts as stored
from surveyapp.services import drafts
from surveyapp.web.design.drafts import reach
from surveyapp.wording import ANSWER_TYPES

#: field -> texts, as a browser posts them
Fields = dict[str, list[str]]
#: which language, and which part of the texts, the page of translations shows
VIEW = ("ngon-ngu", "thieu", "phan")
#: fields of every form that say nothing about the questionnaire
OWN = {"csrf_token", "revision", "act", "cua-toi", "den", *VIEW}


@dataclass(frozen=True)
class Held:
    draft: QuestionnaireDraft
    form: Questionnaire

    @property
    def may_edit(self) -> bool:
        return self.draft.state == "draft"


def held(draft_id: int) -> Held:
    draft = stored.draft(draft_id)
    return Held(draft, stored.parsed(draft.document))


def revision_seen() -> int:
    """The revision that the posted page was made from; what cannot be read is older than all."""
    given = request.form.get("revision", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 9 else 0


def autosaving() -> bool:
    return request.headers.get("X-Autosave") == "1"


def posted() -> Fields:
    """What was typed, in one form of letters and line ends."""
    return {name: [tidy(text.replace("\r\n", "\n")) for text in texts]
            for name, texts in request.form.lists() if name not in OWN}


def view() -> dict[str, str]:
    return {name: request.form[name] for name in VIEW if request.form.get(name)}


def save(draft_id: int, edit: drafts.Edit, what: str) -> QuestionnaireDraft:
    return drafts.save(draft_id, edit, revision_seen(), current_user.id, what, autosaving())


def page(template: str, shown: Held, status: int = 200, **more):
    """A page of a draft, with what all of them show."""
    draft = shown.draft
    return render_template(
        f"design/drafts/{template}", draft=draft, form=shown.form, may_edit=shown.may_edit, lacks=stored.lacks(draft.document),
        # worked out only by the pages that show it
        looks=lambda: stored.looks(draft.document),
        types=ANSWER_TYPES,
        can_undo=stored.undo_leads_to(draft) is not None, can_redo=stored.redo_leads_to(draft) is not None,
        condition_words=lambda expression, current=None: in_words(shown.form, expression, current), **more), status


def in_words(form: Questionnaire, expression: str, current: str | None = None) -> str:
    """“Đã đến?” là “Có”, và ...; nothing where the condition is not made of rows."""
    kinds = reach.kinds_of_all(form, current)
    rows = from_expression(expression, kinds)
    if rows is None:
        return ""
    said = []
    for row in rows.rows:
        question = form.question(current if row.question == "." and current else row.question)
        label = question.label.in_language(form.default_language) or question.name
        asked = "câu trả lời" if row.question == "." else f"“{label}”"
        comparison = COMPARISONS[row.comparison]
        value = next((each.label.in_language(form.default_language) for each in question.choices or ()
                      if each.name == row.value), "") or row.value
        said.append(f"{asked} {comparison.said(kinds[row.question])}" + (f" “{value}”" if value else ""))
    return (" và " if rows.joiner == "and" else " hoặc ").join(said)
