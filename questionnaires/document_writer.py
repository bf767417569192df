"""A questionnaire as the YAML document that loads as the same one."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from documents import yaml_writer
from questionnaires.model import CONSENT_PARTS, Choice, Group, Page, Question, Questionnaire


def dump(questionnaire: Questionnaire) -> str:
    """The document that loads as the same questionnaire."""
    return yaml_writer.write(_plain(questionnaire))


def _plain(questionnaire: Questionnaire) -> dict[str, Any]:
    return _without_empty(
        {
            "form_id": questionnaire.form_id,
            "version": questionnaire.version,
            "title": dict(questionnaire.title.by_language),
            "description": dict(questionnaire.description.by_language),
            "languages": list(questionnaire.languages),
            "default_language": questionnaire.default_language,
            "machine_drafted": list(questionnaire.machine_drafted),
            "respondent_groups": list(questionnaire.respondent_groups),
            "rates": questionnaire.rates,
            "minutes": questionnaire.minutes,
            "collects": list(questionnaire.collects),
            "consent": {key: dict(getattr(questionnaire.consent, key).by_language) for key in CONSENT_PARTS},
            "choices": {
                each.name: [_plain_choice(choice) for choice in each] for each in questionnaire.choice_lists
            },
            "pages": _nested(questionnaire.pages, 0, "pages", _plain_page),
            "breaks_series": dict(questionnaire.breaks_series),
            "renames": dict(questionnaire.renames),
            "extra": dict(questionnaire.extra),
        }
    )


def _nested(items: Sequence[Page] | Sequence[Question], depth: int, key: str, plain) -> list[dict[str, Any]]:
    """Neighbours that stand in the same group, at this depth of their chains, written inside it."""
    written: list[dict[str, Any]] = []
    for group, members in groupby(items, lambda item: item.within[depth] if len(item.within) > depth else None):
        if group is None:
            written += [plain(item) for item in members]
        else:
            written.append(_plain_group(group) | {key: _nested(list(members), depth + 1, key, plain)})
    return written


def _plain_group(group: Group) -> dict[str, Any]:
    repeat = {"count": group.repeat.count, "most": group.repeat.most} if group.repeat else {}
    # the key says what it is, so it stands there even while the name is missing
    return {"repeat" if group.repeat else "group": group.name} | _without_empty(
        {
            "label": dict(group.label.by_language),
            "hint": dict(group.hint.by_language),
            "relevant": group.relevant,
            "appearance": group.appearance,
            **repeat,
            "extra": dict(group.extra),
        }
    )


def _plain_choice(choice: Choice) -> dict[str, Any]:
    return _without_empty(
        {
            "name": choice.name,
            "label": dict(choice.label.by_language),
            "missing": choice.missing,
            "exclusive": choice.exclusive,
            "attributes": dict(choice.attributes),
        }
    )


def _plain_page(page: Page) -> dict[str, Any]:
    return _without_empty(
        {
            "name": page.name,
            "label": dict(page.label.by_language),
            "hint": dict(page.hint.by_language),
            "relevant": page.relevant,
            "questions": _nested(page.questions, 0, "questions", _plain_question),
            "extra": dict(page.extra),
        }
    )


def _plain_question(question: Question) -> dict[str, Any]:
    return _without_empty(
        {
            "type": f"{question.type} {question.choices.name}" if question.choices else question.type,
            "name": question.name,
            "label": dict(question.label.by_language),
            "hint": dict(question.hint.by_language),
            "required": question.required,
            "required_message": dict(question.required_message.by_language),
            "relevant": question.relevant,
            "constraint": question.constraint,
            "constraint_message": dict(question.constraint_message.by_language),
            "choice_filter": question.choice_filter,
            "calculation": question.calculation,
            "default": question.default,
            "parameters": dict(question.parameters),
            "appearance": question.appearance,
            "missing": list(question.missing),
            "factor": question.factor,
            "extra": dict(question.extra),
        }
    )


def _without_empty(mapping: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in mapping.items() if value not in (None, "", [], {}, False)}
