"""What differs between two questionnaires, told by names: pages, questions and lists that came, went or changed."""

from collections.abc import Mapping
from dataclasses import dataclass, fields

from questionnaires.model import Questionnaire


@dataclass(frozen=True)
class NameChanges:
    """Of one kind of thing; the names in the order of the questionnaire."""

    kind: str
    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)


def compare(old: Questionnaire, new: Questionnaire) -> tuple[NameChanges, ...]:
    """Kinds without a difference are left out."""
    kinds = (
        ("settings", _settings(old), _settings(new)),
        ("pages", _pages(old), _pages(new)),
        ("questions", {each.name: each for each in old.questions}, {each.name: each for each in new.questions}),
        ("choices", {each.name: each for each in old.choice_lists}, {each.name: each for each in new.choice_lists}),
    )
    return tuple(found for kind, before, after in kinds if (found := _compared(kind, before, after)))


def _settings(form: Questionnaire) -> dict[str, object]:
    apart = ("pages", "choice_lists", "version", "extra")
    return {each.name: getattr(form, each.name) for each in fields(form) if each.name not in apart}


def _pages(form: Questionnaire) -> dict[str, object]:
    """A page is the same as long as its own words, its condition and the order of its questions are."""
    return {page.name: (page.label, page.hint, page.relevant, page.within, tuple(each.name for each in page.questions))
            for page in form.pages}


def _compared(kind: str, before: Mapping[str, object], after: Mapping[str, object]) -> NameChanges:
    return NameChanges(
        kind,
        added=tuple(name for name in after if name not in before),
        removed=tuple(name for name in before if name not in after),
        changed=tuple(name for name in after if name in before and before[name] != after[name]),
    )
