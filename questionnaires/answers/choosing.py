"""What the answer types with choices have in common."""

from questionnaires.model import Choice, Question


def find(question: Question, name: str) -> Choice | None:
    return next((choice for choice in question.choices or () if choice.name == name), None)


def label(question: Question, name: str, language: str) -> str:
    """What the respondent saw; a name that the list no longer has is shown as it is rather than lost."""
    choice = find(question, name)
    return (choice.label.in_language(language) if choice else "") or name


def is_missing(question: Question, name: str) -> bool:
    choice = find(question, name)
    return choice is not None and choice.missing is not None
