"""Series of answers over versions of one form: which versions were asked before, and whether a new one may go on."""

from collections.abc import Sequence

from questionnaires import version_lineage, version_words
from questionnaires.findings import Finding
from questionnaires.model import Questionnaire
from questionnaires.versions import Comparison
from surveyapp.models import QuestionnaireVersion
from surveyapp.queries import questionnaires


def between(form_id: str, old: str, new: str) -> list[Questionnaire]:
    """The stored versions from the older to the newer of two that are there, in their order."""
    rows = questionnaires.rows(form_id)
    names = [row.version for row in rows]
    start, end = sorted((names.index(old), names.index(new)))
    return [questionnaires.parsed(row) for row in rows[start:end + 1]]


def comparison(form_id: str, old: str, new: str) -> Comparison:
    return version_lineage.compare_across(between(form_id, old, new))


def silent_breaks(form: Questionnaire) -> list[Finding]:
    """Questions whose series breaks against the version that asked them last, and of which the form says nothing.

    Only versions that were asked have a series; a version in the making may be rewritten as often as one likes.
    """
    earlier = _before(form)
    found: list[Finding] = []
    judged: set[str] = set()
    for position in range(len(earlier) - 1, -1, -1):
        if not questionnaires.is_asked(earlier[position]):
            continue
        compared = version_lineage.compare_across([*_parsed(earlier[position:]), form])
        found += version_words.undeclared(compared, judged)
        judged |= {each.name for each in compared.questions if each.fate == "kept"}
    return found


def remarks(form: Questionnaire) -> tuple[str, ...]:
    """What a designer should look at again, though nothing is wrong: breaks declared where the series goes on."""
    asked = next((row for row in reversed(_before(form)) if questionnaires.is_asked(row)), None)
    if asked is not None:
        return version_words.idle(comparison_with(form, asked))
    return ("breaks_series chưa có tác dụng: chưa phiên bản nào trước đó được hỏi.",) if form.breaks_series else ()


def comparison_with(form: Questionnaire, earlier: QuestionnaireVersion) -> Comparison:
    """A form that need not be stored, against a stored version before it."""
    rows = _before(form)
    start = next(index for index, row in enumerate(rows) if row.version == earlier.version)
    return version_lineage.compare_across([*_parsed(rows[start:]), form])


def _before(form: Questionnaire) -> list[QuestionnaireVersion]:
    order = questionnaires.version_order(form.version)
    return [row for row in questionnaires.rows(form.form_id) if questionnaires.version_order(row.version) < order]


def _parsed(rows: Sequence[QuestionnaireVersion]) -> list[Questionnaire]:
    return [questionnaires.parsed(row) for row in rows]
