"""Several versions of one questionnaire in their order: which question is which, and where a series broke on the way."""

from collections.abc import Iterator, Mapping, Sequence

from questionnaires.model import Questionnaire
from questionnaires.versions import Comparison, compare


def compare_across(forms: Sequence[Questionnaire]) -> Comparison:
    """The first and the last of versions in their order; what those between declare holds too."""
    return compare(forms[0], forms[-1], renames_across(forms), breaks_across(forms))


def renames_across(forms: Sequence[Questionnaire]) -> dict[str, str]:
    """Name in the last version -> name in the first, where renames were declared on the way."""
    return {name: old for name, old in _names_back(forms) if old != name}


def breaks_across(forms: Sequence[Questionnaire]) -> dict[str, str]:
    """Name in the last version -> why its series broke after the first: the newest reason, with the version that gives it."""
    found: dict[str, str] = {}
    for position in range(len(forms) - 1, 0, -1):
        form = forms[position]
        for name, there in _names_back(forms[position:]):
            reason = form.breaks_series.get(there, "").strip()
            if reason:
                found.setdefault(name, reason if position == len(forms) - 1 else f"{reason} ({form.version})")
    return found


def columns(forms: Sequence[Questionnaire]) -> list[Mapping[str, str]]:
    """For each version: its question -> the name under which its answers stand in one table of all versions.

    That is the newest name that was declared for it. Where the name went to another question later, the older question stands
    under `name.vVERSION`: its answers must not stand in the other's column. (`name.1` is the first time of a repeat.)
    """
    by_version: list[Mapping[str, str]] = [{} for _ in forms]
    taken: set[str] = set()
    for position in range(len(forms) - 1, -1, -1):
        known: dict[str, str] = {}
        for newer in range(len(forms) - 1, position, -1):
            for name, old in _names_back(forms[position : newer + 1]):
                known.setdefault(old, by_version[newer][name])
        names = [question.name for question in forms[position].questions]
        by_version[position] = {
            name: known.get(name) or (f"{name}.v{forms[position].version}" if name in taken else name) for name in names
        }
        taken |= set(by_version[position].values())
    return by_version


def _names_back(forms: Sequence[Questionnaire]) -> Iterator[tuple[str, str]]:
    """(name in the last version, name in the first), following declared renames."""
    steps = [(form.renames, {old for name, old in form.renames.items() if form.question(name)}) for form in forms[:0:-1]]
    for question in forms[-1].questions:
        name = question.name
        for renames, claimed in steps:
            if name not in renames and name in claimed:
                break  # the older question of this name lives on under another one
            name = renames.get(name, name)
        else:
            yield question.name, name
